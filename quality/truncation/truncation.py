"""Answers that break off: a stump of a few words ("The", "I th", "Yes, a"), a long text cut in mid-sentence.

A pool of 300 answers or more shows what a cut answer of its own looks like: its answers are cut, and the open-ended
ones compared with them and with whole ones (`own_cuts`); how many whole ones the pool gives up draws the line (`line`).

In a smaller one, two things are known of an answer without a full stop: how its end looks beside the ends of the
pool's sentences (`sentence_ends`), and how many answers to prompts of its kind go without. Where hardly any does, one
that does was probably cut; where it is the custom ("positive", "a red panda"), only an end that looks like none tells.
So the share of cut texts is estimated for each kind within its source by expectation maximisation over the likelihood
ratios of its answers (Saerens et al., "Adjusting the outputs of a classifier to new a priori probabilities", 2002), and
gives each answer its probability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.shingles import stable_hash
from quality.truncation.cut_marks import HANGING, TRAILING
from quality.truncation.elsewhere import ended_elsewhere
from quality.truncation.labels import labels_of_kind
from quality.truncation.line import weighed
from quality.truncation.own_cuts import cut_probabilities
from quality.truncation.row_ends import FLAGS, HANGS, LAST_WORD, NEVER_LAST, ends_of_rows
from quality.truncation.second_reading import are_labels, read_again
from quality.truncation.sentence_ends import EARLY, SentenceEnds, bare_word, learn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.truncation.second_reading import Reader

_LABEL_SHARE = 0.03  # an answer that so many rows give is a label
_SURE = 0.99  # probability that one that ends so was cut
_FEWEST_USES = 100  # of a rarer word, the pool says nothing to the contrary
_BEFORE = r"(\S+)\s+\S+\s*\z"
_SORTS = ("brief", "trailing", "worded")  # of answers, whose customs may differ
_FEWEST_OF_KIND = 30  # rarer kinds are taken together
# No pool has more cut answers of one kind than one in twenty; where more go without a full stop, that's the custom.
_MOST_CUT = 0.05
_MOST_CUT_TRAILING = 0.3  # of the answers that end in dots
# Of cut and of whole answers: who leaves out one full stop in two hundred slips, who leaves out more has a custom.
_SLIP, _CUSTOM = (2, 1), (1, 2)
_SLIP_SHARE = 0.005
_FEWEST_FOR_CUSTOM = 1_000
_FEWEST_TO_CUT, _BRIEF = 300, 2  # sound answers, and words
_MOST_LEFT_OPEN, _LEFT_OPEN_SHARE = 20, 0.1  # rows, and their share of a pool
_MOST_LOG_ODDS = 12.0
_STEADY = 1e-6


def cut_off(
    prompts: pl.Series,
    answers: pl.Series,
    broken: pl.Series | None = None,
    sources: pl.Series | None = None,
    told: pl.DataFrame | None = None,
    reader: Reader | None = None,
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
    told : pl.DataFrame, optional
        What `quality.truncation.row_ends.ends_of_rows` tells of these rows, where that is known.
    reader : Reader, optional
        Reads again what a pool of 300 answers or more leaves in doubt.

    Returns
    -------
    pl.Series of Float64
        Between 0 and 1, one half on the line between cut and whole: a probability, in a pool of 300 answers or more
        weighed by what the line costs. 0 for answers that end in a full stop or another closing mark (unless within
        a block of code, JSON or a row of a table that stays open), for numbers and formulas of a few words, for names,
        unless the answers to prompts of their kind are none, for clauses of a list, for verse, lists and code that go
        by lines, for letters signed or with a farewell, for who said it, a source or a result at the end, for sessions
        with an interpreter, for answers that the prompt offers, for those that many rows give, and for those that
        another row gives with a full stop.
    """
    described = ends_of_rows(prompts, answers) if told is None else told
    rows = pl.DataFrame({"prompt": prompts, "answer": answers}).with_row_index("row").hstack(described)
    trailing = pl.when(pl.col("trailing")).then(pl.col("answer"))
    rows = rows.rename({"ends_words": "words"}).with_columns(
        pl.col(FLAGS).cast(pl.Boolean),
        pl.Series("text", stable_hash(answers), dtype=pl.UInt64),
        source=pl.lit("") if sources is None else sources.fill_null(""),
    )
    rows = rows.with_columns(bare=trailing.str.replace(TRAILING, "").fill_null(pl.col("answer")))
    open_ended = _open_ended(rows)
    if broken is not None:
        open_ended = open_ended.filter(~broken.gather(open_ended["row"]))
    probability = np.zeros(len(answers))
    if open_ended.height:
        sound = rows if broken is None else rows.filter(~broken)
        few = sound.height < _FEWEST_TO_CUT
        found = _probabilities(open_ended, sound) if few else _by_own_cuts(open_ended, sound, reader)
        probability[open_ended["row"].to_numpy()] = found
    return pl.Series("cut_off", probability)


def _open_ended(rows: pl.DataFrame) -> pl.DataFrame:
    """Choose the answers without a mark at their end, or with dots, with what is to know of them."""
    label = pl.len().over("text") >= max(2, _LABEL_SHARE * rows.height)
    told = rows.with_columns(
        label=label,
        kind="begins_kind",
        of_kind=pl.len().over("source", "begins_kind"),
        of_source=pl.len().over("source"),
        early=pl.col("words") <= EARLY,
    )
    labels = labels_of_kind(told.select("kind", "words", answer="bare"))
    slip = {name: _is_slip(int(told[name].sum()), told.height) for name in (*HANGS, "given")}
    # Where so few answers are a name that the prompt gave, it is no custom to answer so.
    named = pl.col("is_name") & ~pl.col("given") if slip["given"] else pl.col("is_name")
    whole = pl.col("label") | labels | ended_elsewhere(told["bare"], told.select("tail", "ended"))
    # Where so many answers are left open, whoever exported them took away what closes them.
    exported = int(told["left_open"].sum()) > max(_MOST_LEFT_OPEN, _LEFT_OPEN_SHARE * told.height)
    if exported:
        whole = whole | pl.col("left_open")
    if not slip["clause"]:
        whole = whole | pl.col("clause")  # of a list
    ends = told.with_columns(named=pl.col("bracketed") | named).filter(pl.col("may_be_cut") & ~whole)
    ends = ends.with_columns(last=pl.col("bare").str.extract(LAST_WORD))
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
        marked=pl.col("marked")
        | pl.col("left_open")
        | pl.any_horizontal(pl.col(sign) & slip[sign] for sign in HANGING)
        | pl.col("clause"),
        # Where sums end in numbers, one that ends in a word is no sum.
        worded=pl.col("last").str.contains(r"\p{L}"),
        before=pl.col("bare").str.extract(_BEFORE).fill_null(""),
    )


def _by_own_cuts(ends: pl.DataFrame, rows: pl.DataFrame, reader: Reader | None) -> NDArray[np.float64]:
    """Judge answers by what the pool's own answers look like when they are cut, and those in doubt by the reader."""
    learnt = learn(rows["answer"])
    told = rows.with_columns(
        answer=pl.col("bare").str.strip_chars_end(),
        open=pl.col("row").is_in(ends["row"].implode()),
        named=pl.col("row").is_in(ends.filter("named")["row"].implode()),
    )
    said = told.filter(pl.col("open") | ~pl.col("blank")).drop("row")
    found = cut_probabilities(said, learnt)
    if found is None:
        return _probabilities(ends, rows)
    judged = weighed(_surely(ends, found.probability, learnt[0]), rows.height)
    if reader is not None:
        labels = are_labels(said)
        doubts = np.where(labels, 0.0, found.probability)
        again = read_again(said.filter("open"), said.with_columns(kind=pl.lit("")), doubts, reader, found.again)
        told_again = weighed(_surely(ends, np.where(labels, found.probability, again), learnt[0]), rows.height)
        # Where sentences are cleared of doubt, the line falls, and labels that nobody read would fall to it.
        judged = np.where(labels, judged, told_again)
    if rows.height >= _FEWEST_FOR_CUSTOM:
        return judged
    # Too few answers of a word or two, or of a name, or that trail off, are there to be compared with.
    brief = ends.select(pl.col("named") | pl.col("trailing") | (pl.col("words") <= _BRIEF)).to_series().to_numpy()
    return np.where(brief, _probabilities(ends, rows), judged)


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
    rare = (alike < _FEWEST_OF_KIND) | (pl.col("kind") == 0) | slip
    dotted = ends.select((pl.col("brief") & pl.col("trailing")).sum()).item()
    # Where hardly anybody ends a few words in dots, that is no style.
    style = not _is_slip(dotted, len(answers))
    # A source of a few rows has no custom of its own.
    small = rare & (pl.col("of_source") < _FEWEST_OF_KIND)
    of_rare = pl.when(small).then(len(answers)).otherwise("of_source")
    pooled = judged.with_columns(
        source=pl.when(small).then(pl.lit("")).otherwise("source"),
        of_kind=pl.when(rare).then(of_rare).otherwise("of_kind"),
        kind=pl.when(rare).then(pl.lit(0, dtype=pl.UInt64)).otherwise("kind"),
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
    never = words.is_in(list(NEVER_LAST)).to_numpy() & (uses < _FEWEST_USES) & ~ends["named"].to_numpy()
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
