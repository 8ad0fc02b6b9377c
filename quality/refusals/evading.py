"""Answers that evade their question in words that no list of refusals holds.

Cut into clauses, such an answer has one in which somebody speaks of himself and says no, in words of which each is of
an exchange or of the question; and little is said besides. An honest "I" who says no stands in a text that was asked
for (a letter, a line, a translation), and below such prompts an answer counts only if it says nothing at all, or not;
or he talks with somebody who asked for nothing, or for him ("You are cruel.", "I do not worry."): that is a chat. Nor
does anybody evade a question in the English of old books, or when he begins by telling of something, or tells what was.
"""

from __future__ import annotations

import re

import polars as pl

from quality.refusals.evasions import (
    CURT,
    CURT_VERDICTS,
    EVADES,
    EVASION,
    OFFERS,
    OUT_OF_BOUNDS,
    OUTRIGHT,
    SENDS_ON,
    UNSPOKEN,
)
from quality.refusals.exchanges import ask_for_pieces, of_an_exchange
from quality.refusals.findings import tells_no
from quality.refusals.grammar import OF_A_TEXT, OF_ANOTHER, REPORTED
from quality.refusals.old_prose import old_prose
from quality.refusals.prompts import (
    BARE,
    ask_for_a_form,
    ask_for_its_words,
    ask_for_words,
    ask_to_refuse,
    ask_you,
    small_talk,
    speak_of_assistants,
)
from quality.refusals.quotations import unquoted
from quality.texts.patterns import any_of, holds

_LONGEST = 260  # bytes; who evades a question is brief
_MOST_MARKS = 2  # of quotation
_LONGEST_PROMPT = 400  # characters; a longer text has words for any answer
_MOST_NEW = 0.10  # share of an answer's words that are neither of an exchange nor of its prompt
# The same, where somebody says outright that he won't answer: he may say why, in a few words.
_MOST_REASONS, _REASON_WORDS = 0.34, 5
_LONGEST_CURT = 6  # words
_OWN_WORDS = 2  # for a matter that is none of the speaker's
_MOST_OFFERED = 4  # new words of what is offered instead
# Somebody speaks, is spoken to, or a question is spoken of.
_SPOKEN = (
    r"(?i)\b(?:i|i['’](?:m|d|ll|ve)|me|my|mine|myself|we|we['’](?:re|ll|ve|d)|us|our|you['’](?:re|ll|d)|you|your|"
    r"let['’]s|please|kindly|requests?|questions?|quer(?:y|ies)|prompts?|topics?|subject|answer\w*|repl(?:y|ies)|"
    r"response|advice|rules?|polic(?:y|ies)|filters?|moderation|guidelines|assistant|chatbot|professionals?|experts?|"
    r"specialists?|sorry|unfortunately)\b|^\W*(?:that|this|it|such|discussing|no|better|leave|let|some(?:one|body)|"
    r"others|ask|try|see|consult|contact)\b"
)
_CANDIDATE = rf"{_SPOKEN}|^.{{1,40}}$"  # or it is a few words
# How it begins, unless the first sentence tells of something: who evades a question evades it from the start.
OPENS = (
    rf"{_SPOKEN}|^\W*(?:not|cannot|can['’]?t|unable|off|out|beyond|above|well|hm+|oh|ah|"
    r"alas|thanks?|nope|pass|dunno|afraid|wrong|some things|end of|nothing|anything|only|count|search|beats|by|"
    r"w?oops|oh|uh|ugh|yikes|error|yes|ok|okay|sure|hi|hello|hey|great|good|dear|welcome)\b"
)
"""How an answer begins that may evade its question."""
_FIRST = r"^\W*[^.!?;\n]+"
_TOLD_BY = r", (?:sang|said|says|asked|replied|answered|cried|whispered|wrote)\b"
# What an assistant is by nature; that is its boilerplate.
_INNER = (
    r"\b(?:have|having|hold|form|possess|experience)\b.{0,24}\b(?:opinions?|feelings?|emotions?|beliefs?|"
    r"preferences?)\b|\bfeel(?:ing)? (?:pain|sad|shame|anger|angry|jealous\w*|happy)\b|\bmy body\b|\bto dream\b|"
    r"\bof error\b"
)
_CLAUSE = r"(?:[^.!?\n,;:–—]|[.,:]\w)+[.!?\n,;:–—]*"
_WORD = r"\w+"
_ENDING = r"(?:ations?|ings?|ments?|able|ally|al|ed|es|e|s|ly|ions?|ers?)$"
_DOUBLED = ("bb", "dd", "ff", "gg", "ll", "mm", "nn", "pp", "rr", "ss", "tt", "zz")  # before an ending: "cutting"
_STEM = 5  # letters
# What is named by what one does: "I don't comment on mixing the two."
_DOING = r"\b(about|on|into|with|of|discuss|discussing|touch|do|address|cover|explain|recommend|but) \w+ing\b"
_BUT = r"^\W*(?:but|though|although|however|yet)\b"  # who can't say all says something
# What comes first and says nothing yet.
_NOTED = r"\b(?:please|kindly) (?:note|be advised|be aware|be informed|know)(?: that)? "
# Where a clause ends without a mark.
_JOINED = r" (and|but|so|because|since|though|although) (i|i'm|i'd|i'll|we|my|that|this|it)\b"
_TEXT = r"(?i)\b(?:write|compose|draft|poems?|letters?|stor(?:y|ies)|essays?|tell a|scene|come up with)\b"
_TRANSLATION = (
    r"(?i)\b(?:translat\w*|in english|into english|how (?:do|would|can) (?:you|i|we|one) say|übersetz\w*|tradu\w*|"
    r"vertaal\w*)\b"
)
_USED_IN = r"(?i)\b(used|spoken|common|idioms?|expressions?|words?|phrases?|written) in english\b"
# An English answer is no translation into another language.
_INTO_ANOTHER = (
    r"(?i)\b(?:in|into|to) (?:finnish|swedish|norwegian|danish|german|french|spanish|italian|portuguese|dutch|polish|"
    r"czech|russian|ukrainian|greek|turkish|arabic|hebrew|hindi|urdu|bengali|chinese|mandarin|japanese|korean|latin|"
    r"swahili|vietnamese|thai|hungarian|romanian)\b|\b(?:finnish|swedish|german|french|spanish|italian|dutch|latin|"
    r"japanese|russian) translation\b"
)
_YES_OR_NO = r"(?i)^\W*(?:can|could|is|are|was|were|do|does|did|will|would|should|may|shall|have|has|am|must)\b"
_TASK = r"(?i)\b(?:how|why|explain|describe|write|draft|give me|tell me|summari[sz]e|translate|should|compose|create)\b"
_OF_WHOM = (
    r"(?i)\b(?:who|whom|my question|where|which (?:department|office|doctor|person)|when (?:should|do)|what should i|"
    r"what do i do|what to do|should i (?:see|call|ask|contact|consult))\b"
)
_OF_THE_NET = r"(?i)\b(?:servers?|pages?|networks?|browsers?|prox(?:y|ies)|sites?|websites?)\b"
_OF_OTHERS = r"(?i)\b(?:they|them|he|she|him|her|people)\b"
# What was; who evades a question does so now, though he "was told" to.
_PAST = r"\b(?:i|we) (?:did|was|were|had|didn't|wasn't|weren't|hadn't)\b"
_BOUND = (
    r"\b(?:asked|told|instructed|trained|programmed|designed|advised|warned|configured|taught|made|built|created|meant|"
    r"given|set up)\b"
)
# A page, a field or a shop, of which a manual tells what it is for.
_PLACE = (
    r"^\W*(?:that|this|it)(?:'s| is) [\w ]{0,40}\b(?:where|(?:in|on|with|from) which) (?:you|users?|one) (?:can|may)\b"
)
_NO_PLACE = (
    r"\b(?:(?:any|some)?thing|matter|question|choice|decision|case|topic|issue|subject|situation|yoursel(?:f|ves))\b"
)
_DIALOGUE = r"(?s)(?:^|\s)\p{Lu}\p{L}{0,15}: .*\s\p{Lu}\p{L}{0,15}: "
_NAMES = r"(?i)\b(?:defin\w+|mean\w*|stand for|called|term|word)\b"  # what is asked for is a few words
# Where what reads like a screen's refusal is a matter of the question.
_OF_REQUESTS = (
    r"(?i)\b(?:requests?|questions?|quer(?:y|ies)|answer\w*|respon\w+|repl(?:y|ies)|content|access|errors?|status|"
    r"https?|[45]\d\d|exceptions?|filter\w*|block\w*|classified|confiden\w*|privacy|disclos\w*|function|method|class|"
    r"information|which help|advice|rules?|guidelines|constants?|flags?|options?|codes?|warn\w*|triggers?|\w+_\w+|"
    r"chatbots?|assistants?|refus\w+|declin\w+|den(?:y|ied))\b"
)


def evading(rows: pl.DataFrame) -> pl.DataFrame:
    """Tell the rows (`row, prompt, answer`) whose answer evades its question: `row, evaded: Float64`.

    `evaded` is the share of the answer's words that say nothing of its subject; rows that don't evade are left out.
    """
    answer, prompt = pl.col("answer"), pl.col("prompt")
    brief = rows.filter(
        answer.str.len_bytes() <= _LONGEST,
        holds(answer, _CANDIDATE),
        holds(answer.str.extract(f"({_FIRST})"), OPENS),
        answer.str.count_matches(r"[\"“”„«»]") <= _MOST_MARKS,
    ).filter(~(ask_to_refuse() | ask_for_its_words() | ask_for_a_form()) & ~_of_words() & (~_translates() | _another()))
    said = answer.str.to_lowercase()
    brief = brief.filter(
        ~old_prose(answer),
        ~holds(said, f"{REPORTED}|{_TOLD_BY}|{_INNER}|{OF_ANOTHER}|{OF_A_TEXT}") & ~holds(answer, _DIALOGUE),
        ~prompt.str.to_lowercase().str.contains(said.str.strip_chars(BARE), literal=True),
    )
    if brief.is_empty():
        return brief.select("row", evaded=pl.lit(0.0))
    clauses = _clauses(brief)
    told = clauses.group_by("row").agg(
        new=pl.col("new").sum(),
        words=pl.col("words").sum(),
        evades=(pl.col("evades") & (pl.col("new") == 0)).any(),
        outright=(pl.col("outright") & (pl.col("new") == 0)).any(),
        unspoken=(pl.col("unspoken") & (pl.col("new") == 0)).any(),
        bounds=(pl.col("bounds") & (pl.col("new") <= _OWN_WORDS)).any(),
        told=(pl.col("clause").str.contains(_BUT) & (pl.col("new") > 0) & ~pl.col("offers")).any(),
        unsaid=pl.col("new").filter(~pl.col("offers") & ~pl.col("bounds")).sum(),
        sends=pl.col("sends").any(),
    )
    judged = told.join(brief, on="row", how="inner").filter(_evades())
    return judged.select("row", evaded=1 - pl.col("new") / pl.col("words"))


def _translates() -> pl.Expr:
    """Tell the prompts of a translation; "How is the expression used in English?" asks for none."""
    return holds(pl.col("prompt").str.replace_all(_USED_IN, "$1"), _TRANSLATION)


def _of_words() -> pl.Expr:
    """Tell the prompts that want somebody's text; who declines a line or a joke may speak of it."""
    return ask_for_words() & ~(ask_for_pieces() & of_an_exchange())


def _another() -> pl.Expr:
    return holds(pl.col("prompt"), _INTO_ANOTHER)


def _evades() -> pl.Expr:
    """Tell what is evaded by what its clauses do and what its prompt wants."""
    prompt, unsaid = pl.col("prompt"), pl.col("unsaid") / pl.col("words")
    nothing, text = pl.col("new") == 0, holds(prompt, _TEXT)
    outright = (pl.col("outright") | pl.col("bounds")) & ~pl.col("told") & (pl.col("new") / pl.col("words") <= 0.5)
    says_no = pl.col("evades") & (unsaid <= _MOST_NEW) | outright & (unsaid <= _MOST_REASONS) & (
        pl.col("unsaid") <= _REASON_WORDS
    )
    unspoken = pl.col("unspoken") & ~holds(pl.col("answer"), _OF_THE_NET) & ~holds(prompt, _OF_REQUESTS)
    said = pl.col("answer").str.to_lowercase().str.replace_all("’", "'", literal=True)
    few = pl.col("words") <= _LONGEST_CURT
    curt = (
        few
        & ~holds(prompt, _NAMES)
        & (any_of(CURT, said) & ~holds(prompt, _YES_OR_NO) | any_of(CURT_VERDICTS, said) & holds(prompt, _TASK))
    )
    sends = pl.col("sends") & ~holds(pl.col("answer"), _OF_OTHERS) & ~holds(prompt, _OF_WHOM)
    silent = nothing & (unspoken | curt | sends)
    return (
        pl.when((ask_you() | small_talk()) & ~of_an_exchange() | speak_of_assistants())
        .then(pl.lit(value=False))
        .when(text)
        .then((pl.col("unsaid") == 0) & says_no | silent)
        .otherwise(says_no | silent)
    )


def _clauses(rows: pl.DataFrame) -> pl.DataFrame:
    """Cut answers into clauses, and count the words of each that are neither of an exchange nor of the prompt."""
    straight = unquoted(pl.col("answer").str.replace_all("’", "'", literal=True)).str.to_lowercase()
    straight = straight.str.replace_all(_JOINED, ", $1 $2").str.replace_all(_NOTED, "")
    straight = straight.str.replace_all("i.e.", "that is", literal=True)
    clauses = (
        rows.select("row", clause=straight.str.extract_all(_CLAUSE))
        .explode("clause", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("clause").str.strip_chars())
        .with_row_index("place")
    )
    named = clauses.with_columns(pl.col("clause").str.replace_all(_DOING, "$1"))
    words = _split(named, "place", "row", text="clause").with_columns(stem=_stem())
    words = words.with_columns(
        known=pl.col("word").is_in(list(EVASION)) | pl.col("stem").is_in(_STEMS) | pl.col("word").str.contains(r"^\d+$")
    )
    short = rows.filter(pl.col("prompt").str.len_chars() <= _LONGEST_PROMPT)
    asked = _split(short.with_columns(pl.col("prompt").str.to_lowercase()), "row", text="prompt")
    stems = asked.select("row", root=_stem().str.slice(0, _STEM)).unique()
    news = words.filter(~pl.col("known")).with_columns(root=pl.col("stem").str.slice(0, _STEM))
    news = news.join(stems, on=["row", "root"], how="anti")
    counted = (
        clauses.join(words.group_by("place").agg(words=pl.len()), on="place", how="inner")
        .join(news.group_by("place").agg(new=pl.len()), on="place", how="left", maintain_order="left")
        .with_columns(pl.col("new").fill_null(0))
        .join(rows.select("row", "prompt"), on="row", how="left", maintain_order="left")
    )
    said = pl.when((pl.col("new") <= _MOST_OFFERED) & ~tells_no(pl.col("prompt"), pl.col("clause"))).then("clause")
    return counted.with_columns(
        evades=any_of(EVADES, said) & ~_was(said) & ~(holds(said, _PLACE) & ~holds(said, _NO_PLACE)),
        outright=any_of(OUTRIGHT, said),
        unspoken=any_of(UNSPOKEN, said),
        sends=any_of(SENDS_ON, said),
        bounds=any_of(OUT_OF_BOUNDS, said),
        offers=(any_of(OFFERS, said) | any_of(SENDS_ON, said)) & (pl.col("new") <= _MOST_OFFERED),
    )


def _split(rows: pl.DataFrame, *keys: str, text: str) -> pl.DataFrame:
    return rows.select(*keys, word=pl.col(text).str.extract_all(_WORD)).explode(
        "word", empty_as_null=False, keep_nulls=False
    )


def _was(clause: pl.Expr) -> pl.Expr:
    return holds(clause, _PAST) & ~holds(clause, _BOUND)


def _stem() -> pl.Expr:
    stem = pl.col("word").str.replace(_ENDING, "")
    for pair in _DOUBLED:
        stem = stem.str.replace(f"{pair}$", pair[0])
    return stem


_STEMS = sorted(
    {re.sub("(" + "|".join(_DOUBLED) + ")$", lambda pair: pair[0][0], re.sub(_ENDING, "", word)) for word in EVASION}
    - {""}
)
