"""Which answers of a pool were cut, judged by what its own answers look like when they are cut.

Three things are put together: how cut an answer looks (`quality.truncation.evidence`), how many other answers to
prompts of its kind, of its layout and of its beginning go without a full stop, and how many of the pool were cut
(`quality.truncation.shares`). It is done several times, since each time fewer cut answers are counted among the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.truncation.evidence import looks, ratios
from quality.truncation.prompt_kinds import prompt_kinds
from quality.truncation.samples import cut_samples
from quality.truncation.shares import Groups, shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.truncation.sentence_ends import PoolEnds

_MOST_LEARNT = 6_000  # answers
_FEWEST_CUTS = 500  # of a thousand answers, two cuts are made of each: where fewer are left, most answers are one word
_TIMES = 3
_FEWEST_OF_LAYOUT = 30  # answers; rarer ones are taken together
# The first two words of an answer, which has more than a few.
_BEGINNING, _MOST_OF_BEGINNING = r"^\s*(\S{1,20}\s+\S{1,20})", 3
_LAST_WORD = r"(\S+)\s*\z"
# How an answer is laid out: in one line, or with a last line that begins with a letter, is indented or is marked;
# what it ends in: an address, a number, a word or a sign; and whether a sentence ended before.
_TAIL = 300  # characters
# Whose sentences have full stops so far hardly leaves out the last.
_SENTENCE = r"[.!?…][)\]\"'”’»]*\s+[\"'“‘«(\[]*\p{Lu}"
_ADDRESS = r"://|@|\w[/_\\]\w|\w\.\w"


def cut_probabilities(sound: pl.DataFrame, ends: PoolEnds) -> NDArray[np.float64] | None:
    """Tell how likely each open-ended answer was cut off.

    Parameters
    ----------
    sound : pl.DataFrame
        The pool: `prompt: String`, `answer: String` (without dots that trail off, and not empty), `text: UInt64` (hash
        of the answer), `open: Boolean` (it has no mark at its end and may have been cut), `named: Boolean` (it is open,
        and but a name or a number).
    ends : PoolEnds
        What the pool's sentences taught.

    Returns
    -------
    (n_open,) float64, or None
        Probabilities, in the order of the rows; None where the answers are so short that too few can be cut.
    """
    told = _grouped(sound)
    # Of one answer to several prompts, the prompt and not the order of the rows chooses.
    chosen = told.sort("text", "kind", "prompt", "row").unique("text", keep="first", maintain_order=True)
    learnt = chosen.head(_MOST_LEARNT)
    samples = [cut_samples(learnt, within=within) for within in (False, True)]
    if min(sample.height for sample in samples) < _FEWEST_CUTS:
        return None
    whole, judged = looks(learnt, ends), looks(told.filter("open"), ends)
    cuts = [looks(sample, ends, cut=True) for sample in samples]
    groups = _groups(told)
    trust, place = np.ones(learnt.height), _places(learnt["row"], told.filter("open")["row"])
    probability = np.zeros(len(groups.of))
    for _ in range(_TIMES):
        found = [ratios(judged, whole, trust, cut) for cut in cuts]
        pool = shares(np.stack([ratio.by_end for ratio in found]), groups)
        both = pool.probabilities(np.stack([ratio.in_all for ratio in found]))
        probability = both.sum(axis=0)
        trust = np.where(place >= 0, 1 - probability[place], 1.0)
    # A name is an answer, unless the answers to prompts of its kind are none.
    alone = told.filter("open").select(pl.col("named") & (pl.col("asked") == "")).to_series().to_numpy()
    return np.where(alone, 0.0, probability)


def _grouped(sound: pl.DataFrame) -> pl.DataFrame:
    """Add to each row the kind of its prompt, its layout, and the group whose customs it shares."""
    last_line, last_word = pl.col("tail").str.extract(r"\n([^\n]*)$"), pl.col("tail").str.extract(_LAST_WORD)
    answer = pl.col("answer")
    told = sound.with_row_index("row").with_columns(
        asked=prompt_kinds(sound["prompt"]),
        said_first=answer.str.extract(r"^\s*(\S{1,12})").fill_null("").str.to_lowercase(),
        tail=answer.str.tail(_TAIL),
        own=pl.lit(1, dtype=pl.Int32),
    )
    told = told.with_columns(
        layout=pl.concat_str(
            pl.when(last_line.is_null())
            .then(pl.lit("line"))
            .when(last_line.str.contains(r"^\p{L}"))
            .then(pl.lit("lines"))
            .when(last_line.str.contains(r"^\s+\p{L}"))
            .then(pl.lit("indented"))
            .otherwise(pl.lit("marked")),
            pl.when("named")
            .then(pl.lit(" name"))
            .when(last_word.str.contains(_ADDRESS))
            .then(pl.lit(" address"))
            .when(last_word.str.contains(r"\p{N}"))
            .then(pl.lit(" number"))
            .when(last_word.str.contains(r"[\p{L}\p{M}]"))
            .then(pl.lit(" word"))
            .otherwise(pl.lit(" sign")),
            pl.when(answer.str.contains(_SENTENCE)).then(pl.lit(" of several")).otherwise(pl.lit("")),
        ),
    )
    rare = pl.len().over("layout") < _FEWEST_OF_LAYOUT
    told = told.with_columns(layout=pl.when(rare).then(pl.lit("")).otherwise("layout"))
    by_answer = pl.when(pl.len().over("said_first") >= _FEWEST_OF_LAYOUT).then(pl.lit("\0\0") + pl.col("said_first"))
    custom = pl.when(pl.col("asked") != "").then("asked").otherwise(by_answer).fill_null("")
    told = told.with_columns(kind=_of_source("asked"), custom=_of_source(custom))
    # Of a few words that begin alike, hardly one goes on to say something else.
    longer = pl.when(answer.str.count_matches(r"\S+") > _MOST_OF_BEGINNING).then(answer.str.extract(_BEGINNING))
    alone = pl.lit("\0") + pl.col("row").cast(pl.String)
    begins = pl.concat_str("custom", pl.lit("\n"), longer.str.to_lowercase()).fill_null(alone)
    return told.with_columns(group=pl.concat_str("custom", pl.lit("\n"), "layout"), begins=begins).select(
        "row",
        "text",
        "open",
        "named",
        "source",
        "prompt",
        "asked",
        "kind",
        "answer",
        "own",
        "group",
        "custom",
        "layout",
        "begins",
    )


def _of_source(name: str | pl.Expr) -> pl.Expr:
    return pl.concat_str("source", pl.lit("\0"), name)


def _groups(told: pl.DataFrame) -> Groups:
    names = ("group", "custom", "layout", "source", "begins")
    group, kind, layout, source, beginning = (_numbered(told[name]) for name in names)
    sizes, is_open = np.bincount(group).astype(np.float64), told["open"].to_numpy()
    kinds, layouts, sources = np.zeros((3, len(sizes)), dtype=np.int64)
    kinds[group], layouts[group], sources[group] = kind, layout, source
    alike = np.bincount(beginning).astype(np.float64)
    return Groups(group[is_open], sizes, kinds, layouts, sources, beginning[is_open], alike)


def _numbered(names: pl.Series) -> NDArray[np.int64]:
    return names.rank("dense").to_numpy().astype(np.int64) - 1


def _places(learnt: pl.Series, judged: pl.Series) -> NDArray[np.int64]:
    """Find each learnt row among those that are judged; -1 where it is none: (n_learnt,)."""
    at = judged.to_frame("row").with_row_index("at")
    found = learnt.to_frame("row").join(at, on="row", how="left", maintain_order="left")
    return found["at"].cast(pl.Int64).fill_null(-1).to_numpy()
