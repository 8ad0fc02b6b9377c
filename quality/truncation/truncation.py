"""Answers that break off: a stump of a few words ("The", "I th", "Yes, a"), a long text cut in mid-sentence.

A pool of 1,000 answers or more shows what a cut answer of its own looks like: its answers are cut, and the open-ended
ones compared with them and with whole ones (`own_cuts`); how many whole ones the pool gives up draws the line (`line`).

In a smaller one, two things are known of an answer without a full stop: how its end looks beside the ends of the
pool's sentences (`sentence_ends`), and how many answers to prompts of its kind go without. Where hardly any does, one
that does was probably cut; where it is the custom ("positive", "a red panda"), only an end that looks like none tells.
So the share of cut texts is estimated for each kind within its source by expectation maximisation over the likelihood
ratios of its answers (Saerens et al., "Adjusting the outputs of a classifier to new a priori probabilities", 2002), and
gives each answer its probability.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.shingles import stable_hash
from quality.truncation.cut_marks import CLAUSE, HANGING, MARKED, TRAILING
from quality.truncation.elsewhere import ended_elsewhere
from quality.truncation.labels import labels_of_kind
from quality.truncation.line import weighed
from quality.truncation.own_cuts import cut_probabilities
from quality.truncation.sentence_ends import CLOSED, EARLY, SEALED, SentenceEnds, bare_word, learn
from quality.truncation.short_forms import is_short_form

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LABEL_SHARE = 0.03  # an answer that so many rows give is a label
# In small pools too, no English sentence ends here without a full stop.
_NEVER_LAST = ("the", "an", "and", "of", "than", "because", "whose", "their", "our", "your", "my")
_SURE = 0.99  # probability that one that ends so was cut
_FEWEST_USES = 100  # of a rarer word, the pool says nothing to the contrary
_LAST = r"(\S+)\s*\z"
_BEFORE = r"(\S+)\s+\S+\s*\z"
# "World Wide Web", "Louis the Great", "42 B", "x = 3", "ann@example.org": no sentence, and so without a full stop.
_SMALL = "of|the|and|de|la|le|du|von|van|der|di|da|al|in|on|for"
_PART = r"[\"'“‘(\[]*[\p{Lu}\p{Lo}\p{N}&][^\s,:]*"
_NAME = rf"^{_PART}(?:\s+(?:{_SMALL}|{_PART}))*\s+{_PART}\s*$"
_EQUATION = r"[^\s=]{1,12}\s*[=≈<>≤≥]\s*[^\s=]+"
_FORMULA = rf"^{_EQUATION}(?:,?\s+{_EQUATION})*\s*$|^\P{{L}}+$|^\S+(?:@\S+\.|://)\S+\s*$"
# A session with an interpreter or a shell ends in what it printed.
_SESSION = r"(?:\A|\n)[ \t]*(?:>>>|\$|In \[\d+\]:) [^\n]+(?:\n[ \t]*[^\s][^\n]*)*\s*\z"
# An answer that goes by lines (verse, a list, code) ends as its lines do, without a full stop. Where running prose is
# broken into lines, these begin anywhere, in small letters.
_OPEN_LINE = r"[^\s.!?…\x{0964}。．｡！？:]\s*\z"
_MID_SENTENCE = r"\A\p{Ll}"
_FEWEST_LINES = 3
_OPEN_SHARE = 0.8  # of the lines before the last
_MOST_OF_LINE = 10  # words, on average: a line of more is a sentence
# Who offers answers gets one of them: "yes or no", "spam/ham", "(B) …".
_OFFERED = (
    r"\bor\s+[\"'“‘(]?{0}[\"'”’)]?\s*(?:[.,;:?!)\n]|\Z)|\b{0}[\"'”’)]?,?\s+or\b|/\s*{0}\b|\b{0}\s*/|"
    r"(?:^|[\s(]){0}[).:]\s"
)
_MOST_OFFERED, _LONGEST_OFFERED = 3, 100  # words, and characters: to look for one takes quadratic time
# A letter ends in a name below its farewell, and a function in what it returns.
_FAREWELL = (
    r"regards|sincerely|faithfully|truly|yours|wishes|love|best|thanks|hugs|cheers|respectfully|grüßen?|grüssen?|"
    r"cordialement|saludos|saluti|cumprimentos|groeten"
)
_SIGNED = rf"(?i)\n\W*(?:\w+ ){{0,3}}(?:{_FAREWELL})(?: \w+){{0,2}},[ \t]*(?:\n\s*[^\n]{{1,50}}){{1,4}}\s*\z"
_RETURNS = r"\n[ \t]+return [^\n]*[\w)\]]\s*\z"
_KIND = r"^\W*(\w+\W+\w+)"  # the first words of a prompt
_SORTS = ("brief", "trailing", "worded")  # of answers, whose customs may differ
_FEWEST_OF_KIND = 30  # rarer kinds are taken together
# No pool has more cut answers of one kind than one in twenty; where more go without a full stop, that's the custom.
_MOST_CUT = 0.05
_MOST_CUT_TRAILING = 0.3  # of the answers that end in dots
# Of cut and of whole answers: who leaves out one full stop in two hundred slips, who leaves out more has a custom.
_SLIP, _CUSTOM = (2, 1), (1, 2)
_SLIP_SHARE = 0.005
_FEWEST_FOR_CUSTOM = 1_000
_MOST_LOG_ODDS = 12.0
_STEADY = 1e-6


def cut_off(
    prompts: pl.Series, answers: pl.Series, broken: pl.Series | None = None, sources: pl.Series | None = None
) -> pl.Series:
    """Measure how likely each answer was cut off.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        All of the pool, without nulls: what is custom in it is learnt from them.
    broken : pl.Series of Boolean, optional
        Answers that are none for another reason (the prompt again, noise): they are 0, and no custom of the pool.
    sources : pl.Series of String, optional
        Where each row is from: the customs of a source are told from its own answers as far as these are enough, and
        from the pool's. Without it, all are from one.

    Returns
    -------
    pl.Series of Float64
        Between 0 and 1, one half on the line between cut and whole: a probability, in a pool of 1,000 answers or more
        weighed by what the line costs. 0 for answers that end in a full stop or another closing mark, for numbers and
        formulas of a few words, for names, unless the answers to prompts of their kind are none, for clauses of a
        list, for verse, lists and code that go by lines, for signed letters, for sessions with an interpreter, for
        answers that the prompt offers, for those that many rows give, and for those that another row gives with a full
        stop.
    """
    source = pl.lit("") if sources is None else sources.fill_null("")
    rows = pl.DataFrame({"prompt": prompts, "answer": answers}).with_row_index("row").with_columns(source=source)
    open_ended = _open_ended(rows)
    if broken is not None:
        open_ended = open_ended.filter(~broken.gather(open_ended["row"]))
    probability = np.zeros(len(answers))
    if open_ended.height:
        sound = rows if broken is None else rows.filter(~broken)
        judge = _probabilities if sound.height < _FEWEST_FOR_CUSTOM else _by_own_cuts
        probability[open_ended["row"].to_numpy()] = judge(open_ended, sound)
    return pl.Series("cut_off", probability)


def _open_ended(rows: pl.DataFrame) -> pl.DataFrame:
    """Choose the answers without a mark at their end, or with dots, with what is to know of them."""
    answer = pl.col("answer")
    label = pl.len().over("answer") >= max(2, _LABEL_SHARE * rows.height)
    told = rows.with_columns(
        kind=pl.col("prompt").str.to_lowercase().str.extract(_KIND).fill_null(""),
        words=answer.str.count_matches(r"\S+"),
        trailing=answer.str.contains(TRAILING),
        marked=answer.str.contains(MARKED),
        label=label,
        clause=answer.str.contains(CLAUSE),
        **{sign: answer.str.contains(pattern) for sign, pattern in HANGING.items()},
        answer=answer.str.replace(TRAILING, ""),
        text=stable_hash(rows["answer"]),
    ).with_columns(
        of_kind=pl.len().over("source", "kind"),
        of_source=pl.len().over("source"),
        last=answer.str.extract(_LAST),
        early=pl.col("words") <= EARLY,
    )
    told = told.with_columns(label=pl.col("label") | labels_of_kind(told.select("kind", "answer", "words")))
    sealed, bracketed = pl.col("last").str.contains(SEALED), pl.col("last").str.contains(CLOSED)
    # A bracket or quotation mark alone ends a few words as little as a name does: the pool's other answers tell.
    closed = pl.when("early").then(sealed).otherwise(bracketed)
    # What is closed need not be read further: most answers of most pools.
    unclosed = pl.when(~closed).then(answer)
    named = pl.col("early") & (bracketed | unclosed.str.contains(_NAME) & ~_begins_again(told))
    brief = pl.when("early").then(unclosed)
    formula = (brief.str.contains(_FORMULA) | is_short_form(pl.col("prompt"), brief)).fill_null(value=False)
    told = told.with_columns(pl.col("clause", *HANGING) & ~closed)
    slip = {name: _is_slip(int(told[name].sum()), told.height) for name in ("clause", *HANGING)}
    listed = pl.col("clause") & (not slip["clause"])
    ended = unclosed.str.contains(f"{_SESSION}|{_RETURNS}|{_SIGNED}")
    elsewhere = ended_elsewhere(told["answer"])
    whole = pl.col("label") | formula | listed | ended | _by_lines(unclosed) | _offered(told) | elsewhere
    ends = told.with_columns(named=named).filter(~closed & ~whole)
    return ends.select(
        "row",
        "named",
        "source",
        "kind",
        "of_kind",
        "of_source",
        "words",
        "early",
        "trailing",
        "text",
        "last",
        marked=pl.col("marked") | pl.any_horizontal(pl.col(sign) & slip[sign] for sign in HANGING) | pl.col("clause"),
        # Where sums end in numbers, one that ends in a word is no sum.
        worded=pl.col("last").str.contains(r"\p{L}"),
        before=answer.str.extract(_BEFORE).fill_null(""),
    )


def _begins_again(told: pl.DataFrame) -> pl.Series:
    """Tell the names that the prompt gave, where so few answers are one that it is no custom to answer so."""
    name = pl.when(pl.col("early") & pl.col("answer").str.contains(_NAME)).then("answer")
    given = pl.col("prompt").str.contains(name.str.strip_chars(), literal=True).fill_null(value=False)
    again = told.select(again=given).to_series()
    return again & _is_slip(int(again.sum()), told.height)


def _by_lines(answer: pl.Expr) -> pl.Expr:
    """Tell the answers of short lines of which hardly one before the last ends in a mark, or begins in mid-sentence."""
    many = pl.when(answer.str.contains("\n", literal=True)).then(answer)
    lines = many.str.split("\n").list.eval(pl.element().filter(pl.element().str.contains(r"\S")))
    before = lines.list.head(lines.list.len() - 1)
    open_share = before.list.eval(pl.element().str.contains(_OPEN_LINE)).list.mean()
    begun = lines.list.eval(pl.element().str.contains(_MID_SENTENCE)).list.mean()
    brief = pl.col("words") <= _MOST_OF_LINE * lines.list.len()
    open_lines = (lines.list.len() >= _FEWEST_LINES) & (open_share >= _OPEN_SHARE) & (begun <= 1 - _OPEN_SHARE)
    return (brief & open_lines).fill_null(value=False) & ~pl.col("last").is_in(list(_NEVER_LAST))


def _offered(told: pl.DataFrame) -> pl.Series:
    """Tell the answers of a few words that the prompt offers among others."""
    said = pl.col("answer").str.strip_chars()
    brief = told.filter((pl.col("words") <= _MOST_OFFERED) & (said.str.len_chars() <= _LONGEST_OFFERED))
    held = pl.col("prompt").str.to_lowercase().str.contains(said.str.to_lowercase(), literal=True)
    rows = brief.filter(held).select("row", "prompt", "answer")
    found = [row for row, prompt, answer in rows.iter_rows() if re.search(_offering(answer), prompt, re.IGNORECASE)]
    return told["row"].is_in(found)


def _offering(answer: str) -> str:
    return _OFFERED.format(re.escape(answer.strip()))


def _by_own_cuts(ends: pl.DataFrame, rows: pl.DataFrame) -> NDArray[np.float64]:
    """Judge answers by what the pool's own answers look like when they are cut."""
    learnt = learn(rows["answer"])
    told = rows.with_columns(
        answer=pl.col("answer").str.replace(TRAILING, "").str.strip_chars_end(),
        text=stable_hash(rows["answer"]),
        open=pl.col("row").is_in(ends["row"].implode()),
        named=pl.col("row").is_in(ends.filter("named")["row"].implode()),
    )
    said = told.filter(pl.col("open") | (pl.col("answer") != "")).drop("row")
    found = cut_probabilities(said, learnt)
    if found is None:
        return _probabilities(ends, rows)
    return weighed(_surely(ends, found, learnt[0]), rows.height)


def _probabilities(ends: pl.DataFrame, rows: pl.DataFrame) -> NDArray[np.float64]:
    """Judge answers by the ends of the pool's sentences; a name is whole, since too few answers tell otherwise."""
    judged = _by_sentences(ends.filter(~pl.col("named")), rows)
    probability = np.zeros(ends.height)
    probability[~ends["named"].to_numpy()] = judged
    return probability


def _by_sentences(ends: pl.DataFrame, rows: pl.DataFrame) -> NDArray[np.float64]:
    answers = rows["answer"]
    early, late, *_ = learn(answers)
    log_odds = np.where(ends["early"].to_numpy(), early.log_odds(ends), late.log_odds(ends))
    ends = ends.with_columns(brief="early")
    # Where whole answers end in any word, they end in numbers, too.
    custom = pl.col("worded").sum().over("source", "kind", "brief", "trailing") > _MOST_CUT * pl.col("of_kind")
    judged = ends.with_row_index("at").with_columns(log_odds=pl.Series(log_odds), worded=pl.col("worded") | custom)
    alike = pl.len().over("source", "kind", *_SORTS)
    # Stumps are few in any kind, and tell what share of them was cut only together.
    slip = pl.col("brief") & (alike <= _MOST_CUT * pl.col("of_kind"))
    rare = (alike < _FEWEST_OF_KIND) | (pl.col("kind") == "") | slip
    dotted = ends.select((pl.col("brief") & pl.col("trailing")).sum()).item()
    # Where hardly anybody ends a few words in dots, that is no style.
    style = not _is_slip(dotted, len(answers))
    # A source of a few rows has no custom of its own.
    small = rare & (pl.col("of_source") < _FEWEST_OF_KIND)
    of_rare = pl.when(small).then(len(answers)).otherwise("of_source")
    pooled = judged.with_columns(
        source=pl.when(small).then(pl.lit("")).otherwise("source"),
        of_kind=pl.when(rare).then(of_rare).otherwise("of_kind"),
        kind=pl.when(rare).then(pl.lit("")).otherwise("kind"),
        trailing=pl.col("trailing") & (style | ~pl.col("brief")),
    )
    probability = np.zeros(ends.height)
    for (_, _, _, dots, _), kind in pooled.group_by("source", "kind", *_SORTS, maintain_order=True):
        of_kind = kind["of_kind"][0]
        most = min(_MOST_CUT * of_kind / kind.height, _MOST_CUT_TRAILING if dots else 1.0)
        slips = _is_slip(kind.height, of_kind)
        probability[kind["at"].to_numpy()] = _share_out(kind["log_odds"].to_numpy(), most, _SLIP if slips else _CUSTOM)
    return _surely(ends, probability, early)


def _surely(ends: pl.DataFrame, probability: NDArray[np.float64], early: SentenceEnds) -> NDArray[np.float64]:
    """Raise the probability of answers that say that they were cut, or end as no sentence does."""
    words = ends.select(bare_word(pl.col("last"))).to_series()
    uses, _ = early.uses.of(words)
    never = words.is_in(list(_NEVER_LAST)).to_numpy() & (uses < _FEWEST_USES) & ~ends["named"].to_numpy()
    return np.where(never | ends["marked"].to_numpy(), np.maximum(probability, _SURE), probability)


def _is_slip(rows: int, among: int) -> bool:
    """Tell whether so few of so many do a thing that none of them means to."""
    return among >= _FEWEST_FOR_CUSTOM and rows < _SLIP_SHARE * among


def _share_out(log_odds: NDArray[np.float64], most: float, granted: tuple[int, int]) -> NDArray[np.float64]:
    """Estimate which share of a kind's open-ended answers was cut, and with it each one's probability.

    Some cut and whole answers are `granted` beyond those seen, so that a few prove nothing.
    """
    ratios = np.exp(np.clip(log_odds, -_MOST_LOG_ODDS, _MOST_LOG_ODDS))
    share, moved = 0.0, min(granted[0] / sum(granted), most)
    while abs(moved - share) > _STEADY:
        share = moved
        probability = share * ratios / (share * ratios + 1 - share)
        moved = min(most, (probability.sum() + granted[0]) / (len(ratios) + sum(granted)))
    told: NDArray[np.float64] = share * ratios / (share * ratios + 1 - share)
    return told
