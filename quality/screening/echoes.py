"""Answers that say the prompt again and nothing more."""

from difflib import SequenceMatcher, get_close_matches

import polars as pl

from quality.refusals.vocabulary import EXCHANGE
from quality.screening.as_asked import GREETING
from quality.texts.normalise import fold
from quality.texts.patterns import holds

# What forms, mails and chat logs put before or behind a text: "Answer: …", "Q: … A:", "Re: …".
_LABEL = (
    r"(?:the (?:answer|question) is|(?:answer|question|response|reply|prompt|input|output|user|assistant)|q|a|re|fwd?)"
)
_JOINT = rf"^ (?:{_LABEL} )*$"
_LABELS = [rf"^(?:{_LABEL} )+", rf"(?: {_LABEL})+$"]
# What is said about a question rather than in answer to it: "You asked: …", "… is a good question."
_ASIDE = frozenset((
    "a", "about", "above", "again", "am", "an", "and", "answer", "ask", "asked", "asking", "asks", "below", "by",
    "can", "certainly", "could", "course", "excellent", "follows", "for", "gave", "good", "great", "have", "here",
    "i", "input", "instruction", "interesting", "is", "it", "just", "know", "let", "like", "me", "my", "new",
    "next", "now", "of", "oh", "ok", "okay", "original", "please", "prompt", "query", "question", "repeat",
    "request", "requested", "response", "said", "saying", "says", "see", "so", "sure", "text", "thank", "thanks",
    "that", "the", "think", "this", "to", "understand", "user", "very", "want", "wanted", "was", "well", "were",
    "what", "wish", "wonder", "wondering", "would", "you", "your",
))  # fmt: skip
# What answers a question that can be answered by yes or no, and no other. Nor do words of an exchange, if it's several:
# "Sure, here you go: …", "… I will get back to you."
_NODS = frozenset((
    "absolutely", "agreed", "correct", "definitely", "depends", "done", "etc", "exactly", "hmm", "indeed", "nice", "no",
    "nope", "right", "true", "understood", "varies", "yeah", "yep", "yes",
))  # fmt: skip
_IDLE = _ASIDE | _NODS
_EXCHANGED, _FEWEST_EXCHANGED = _IDLE | EXCHANGE, 2
# A word or two before a whole prompt are a label ("Topic: …"), and behind it nothing, where more was asked for.
_LITTLE = 2
_ASKS_FOR_MORE = (
    r"^\W*(?:please |can you |could you |would you )*(?:describe|explain|discuss|elaborate|outline|summari[sz]e|define|"
    r"write|compose|draft|why|how (?:do|does|did|is|are|was|were|can|could|would|should|to))\b"
)
_ASKS_WHETHER = (
    r"(?:^|[.!?:;,…\n]\s*)(?:(?:and|but|so|or|if so|then|please|q|question) )?\W*(?:am|is|are|was|were|be|do|does|"
    r"did|has|have|had|can|could|will|would|shall|should|may|might|must|need|ain't|"
    r"(?:is|are|was|were|do|does|did|has|have|had|ca|could|wo|would|should|must)n['’]t)\b|\b(?:whether|if|or|yes|true|false|correct|right|agree|verify|confirm|"
    r"check|judge|decide)\b"
)
# Who is asked to change the form of a text says its words again: "Add punctuation to this:\nhello how are you".
_OF_FORM = (
    r"(?i)\b(?:punctuat\w*|capitali[sz]\w*|(?:upper|lower|title|sentence)[ -]?case\w*|(?:re)?format(?:ted|ting)?|"
    r"indent\w*|pretty|beautif\w*|minif\w*|spac(?:es|ing)|white ?space|line breaks?|new ?lines?|one per line|bullet\w*|"
    r"commas?|hyphens?|apostrophes?|quotation marks|grammar|proofread\w*|typos?|spelling)\b"
)
# Who is asked for other words, or for a part of a text, says most of its words again.
_OF_WORDING = (
    r"(?i)\b((?:rewrit|rephras|reword|paraphras|correct|edit|fix|translat|spell|chang|convert|replac|remov|delet|insert|"
    r"add|sort|order|arrang|extract|complet|continu|fill|repeat|quot|summari|shorten|simplif|turn|split|tokeni)\w*|"
    r"copy|make|identify|find|choose|select|pick|list|pronounce|say)\b"
)
_LIKE = (0.6, 1.4)  # as long as the prompt
_COVERED = 0.75  # of the prompt's words, in their order
_LONGEST_COMPARED = 1_000  # characters: word for word takes quadratic time
_TYPO = 0.75  # likeness of a word to one of the prompt's
_FEWEST_WORDS = 3  # of a prompt that is told by its words alone, or by its letters
_TIMES = 3  # so often a prompt of two words is said over; `_same` tells what is said twice
_MOST_TIMES = 4  # as long as the prompt, with what is said about it


def echoes(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell answers that repeat the prompt, once or several times, or its end, and say nothing more.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls. Case, spacing, punctuation, labels ("Answer: …"), words about asking
        ("You asked: …") and, where it is not asked whether, a nod or an empty phrase make no
        difference; but where the prompt asks for another form of what it ends with, only the same characters are an
        echo of that.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    texts = pl.DataFrame({"asked": prompts, "said": answers})
    rows = texts.with_columns(pl.all().str.strip_chars()).with_row_index("row")
    last = pl.col("asked").str.extract(r"([^\n]*)\z")
    # Only an answer about as long as the prompt or its last line can be one.
    size = pl.col("said").str.len_bytes()
    longest = _MOST_TIMES * pl.col("asked").str.len_bytes() + 40
    alike = (size <= longest) & (2 * size >= last.str.len_bytes()) & (size > 0)
    # A greeting is returned.
    bare = rows.filter(alike & ~holds(pl.col("asked"), GREETING)).select(
        "row",
        whole=_bare(pl.col("said")),
        prompt=_bare(pl.col("asked")),
        last=_bare(last),
        worded=_of_wording(pl.col("asked"), pl.col("said")),
        lines=pl.col("said").str.contains("\n", literal=True),
        whether=holds(pl.col("asked"), f"(?i){_ASKS_WHETHER}"),
        more=holds(pl.col("asked"), f"(?i){_ASKS_FOR_MORE}") & ~pl.col("asked").str.contains(r"\d\s*$"),
        ended=pl.col("asked").str.contains(r"[.?!。？！]\W*$"),
        formed=holds(pl.col("asked"), _OF_FORM) & ~pl.col("asked").str.ends_with(pl.col("said")),
    )
    found = pl.concat([bare.filter(_same())["row"], _with_asides(bare), _nearly_said(bare)])
    return rows["row"].is_in(found.implode())


def _of_wording(asked: pl.Expr, said: pl.Expr) -> pl.Expr:
    """Tell prompts for other words; who does as told does not say the order again."""
    order = asked.str.extract(_OF_WORDING)
    return order.is_not_null() & ~said.str.contains(order, literal=True).fill_null(value=False)


def _same() -> pl.Expr:
    whole, prompt, size = pl.col("whole"), pl.col("prompt"), pl.col("prompt").str.len_chars()
    # A question of several lines, below a system prompt.
    below = pl.col("lines") & prompt.str.ends_with(pl.lit(" ") + whole)
    # "A dog barks. A dog barks." ("A" may be a label), "Why? Q: Why?"
    between = whole.str.slice(size, whole.str.len_chars() - 2 * size)
    longer = whole.str.len_chars() > 2 * size
    twice = longer & whole.str.starts_with(prompt) & whole.str.ends_with(prompt) & holds(between, _JOINT)
    # "verses 2729" of "verses 27-29": the signs are gone, and the words with them.
    letters = (_letters(whole) == _letters(prompt)) & (prompt.str.count_matches(r"\p{L}{2,}") >= _FEWEST_WORDS)
    ending = ((whole == pl.col("last")) | below) & ~pl.col("formed")
    return ((whole == prompt) | ending | twice | letters) & (whole != "")


def _with_asides(bare: pl.DataFrame) -> pl.Series:
    """Name the rows whose answer is the prompt, however often, and words that answer nothing."""
    words = pl.col("prompt").str.count_matches(r"\S+")
    # In Python: of a column of one text Polars makes a regular expression, which a long one can't be.
    rows = bare.filter(words >= _FEWEST_WORDS - 1)
    kinds = pl.struct("whether", "more", "ended").alias("kind")
    told = rows.select("row", "whole", "prompt", kinds, long=words >= _FEWEST_WORDS)
    found = [
        row
        for row, whole, prompt, kind, long in told.iter_rows()
        if prompt in whole
        and (_is_aside(whole, prompt, **kind) if long else _said_over(whole, prompt, asks=kind["more"]))
    ]
    return pl.Series(found, dtype=rows["row"].dtype)


def _nearly_said(bare: pl.DataFrame) -> pl.Series:
    """Name the rows whose answer begins as the prompt does and goes on so, with a word left out, mistyped or aside.

    What says a word of its own is an answer ("2 + 2 = 4"), and so is what turns the prompt about ("Is it blue?": "It is
    blue").
    """
    whole, prompt = pl.col("whole"), pl.col("prompt")
    first, second = r"^(\S+ )", r"^\S+ (\S+)"
    alike = (whole.str.len_chars() / prompt.str.len_chars()).is_between(*_LIKE)
    # The first word may be the one mistyped.
    begins = pl.any_horizontal(whole.str.extract(word) == prompt.str.extract(word) for word in (first, second))
    short = prompt.str.len_chars() <= _LONGEST_COMPARED
    nods = f" (?:{'|'.join(sorted(_NODS))}|false)$"  # of a prompt that offers them: "True or false: newts fly."
    nodded = pl.col("whether") & holds(whole, nods) & ~holds(prompt, nods)
    suspects = bare.filter(short & alike & begins & ~nodded & ~pl.col("worded") & ~pl.col("formed"))
    rows = suspects.select("row", "whole", "prompt")
    found = [row for row, said, asked in rows.iter_rows() if _nearly(said.split(), asked.split())]
    return pl.Series(found, dtype=rows["row"].dtype)


def _nearly(said: list[str], asked: list[str]) -> bool:
    if len(asked) <= _FEWEST_WORDS:
        return False
    own = [word for word in said if word not in asked and word not in _ASIDE]
    if len(own) > 1:
        return False
    # The last may be cut, and another mistyped; a number is an answer.
    strange = [word for word in own if not (word.isalpha() and get_close_matches(word, asked, 1, _TYPO))]
    if any(word is not said[-1] or not any(w.startswith(word) for w in asked) for word in strange):
        return False
    blocks = SequenceMatcher(None, said, asked, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) + len(own) >= _COVERED * len(asked)


def _is_aside(whole: str, prompt: str, *, whether: bool, more: bool, ended: bool) -> bool:
    rest = _around(whole, prompt)
    if rest is None:
        return False
    if whether:
        return _ASIDE.issuperset(rest)
    behind = not f" {whole}".endswith(f" {prompt}")
    if len(rest) <= _LITTLE and (more if behind else ended):
        return True
    return (_EXCHANGED if len(rest) >= _FEWEST_EXCHANGED else _IDLE).issuperset(rest)


def _said_over(whole: str, prompt: str, *, asks: bool) -> bool:
    """Tell an answer that says a prompt of two words over, or where that asks for more, with words about asking."""
    times, rest = divmod(len(whole) + 1, len(prompt) + 1)
    over = times >= _TIMES and not rest and whole == " ".join([prompt] * times)
    around = _around(whole, prompt) if asks else None
    return over or (around is not None and _ASIDE.issuperset(around))


def _around(whole: str, prompt: str) -> list[str] | None:
    """Return the words around a prompt; None where an answer holds it only within other words."""
    # Each blank twice, so that two prompts in a row have one each.
    apart, wanted = (f" {text.replace(' ', '  ')} " for text in (whole, prompt))
    return apart.replace(wanted, " ").split() if wanted in apart else None


def _letters(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[^\p{L}\p{M}\p{N}]+", "")


def _bare(text: pl.Expr) -> pl.Expr:
    """Fold case and leave words alone, without labels around them."""
    bare = fold(text).str.replace_all(r"[^\p{L}\p{M}\p{N}+*/=<>-]+", " ").str.strip_chars(" *")
    bare = bare.str.replace(r"^- ", "")  # the mark of a list, and no minus
    for label in _LABELS:
        bare = bare.str.replace(label, "")
    return bare.str.strip_chars(" *")
