"""Which answers of a pool were cut, judged by what its own answers look like when they are cut.

Three things are put together: how cut an answer looks (`quality.truncation.evidence`), how many other answers to
prompts of its kind, of its layout, of its beginning and of its family (`quality.truncation.families`) go without a full
stop, and how many of the pool were cut (`quality.truncation.shares`). It is done several times, since each time fewer
cut answers are counted among the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from quality.lsh.shingles import stable_hash
from quality.one_thread import one_blas_thread
from quality.truncation.evidence import Ratios, looks, ratios
from quality.truncation.families import Families, families, odds_of_open_ends, signs_of
from quality.truncation.layouts import of_names
from quality.truncation.prompt_kinds import FRAMES, kind_names, shared_frames
from quality.truncation.samples import cut_samples
from quality.truncation.shares import Groups, shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.truncation.sentence_ends import PoolEnds

_MOST_LEARNT = 6_000  # answers
_FEWEST_CUTS = 500  # of a thousand answers, two cuts are made of each: where fewer are left, most answers are one word
_TIMES, _TIMES_FAMILIES = 3, 2
_FEWEST_OF_LAYOUT = 30  # answers; rarer ones are taken together
_DOUBTED = 0.9  # of answers that end in a word that hardly ends anything, until all is told
# Of a pool's answers were cut, where another witness is heard: without him, more that look so are a custom.
_MOST_HEARD = 0.3
_RARE = 255  # the layout of these
_ODD = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio, as 64 bits


class OwnCuts(NamedTuple):
    """What the pool tells of its open-ended answers.

    Attributes
    ----------
    probability : (n_open,) float64
        How likely each was cut off.
    by_end, in_all : (2, n_open) float64
        How much likelier each looks so cut behind a word, or within one, than whole: by its end, and by all of it.
    groups : Groups
        Whose customs it shares.
    names : (n_open,) bool
        Which are but a name, and whole.
    """

    probability: NDArray[np.float64]
    by_end: NDArray[np.float64]
    in_all: NDArray[np.float64]
    groups: Groups
    names: NDArray[np.bool_]

    def again(self, evidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell how likely each was cut off, where another witness was heard: his (n_open,) logarithms of likelihoods.

        What he says of others settles how many of the pool were cut, and where full stops are the custom.
        """
        heard = np.exp(evidence)
        both = shares(self.by_end * heard, self.groups, _MOST_HEARD).probabilities(self.in_all * heard)
        return np.where(self.names, 0.0, both.sum(axis=0))


@one_blas_thread()
def cut_probabilities(sound: pl.DataFrame, ends: PoolEnds) -> OwnCuts | None:
    """Tell how likely each open-ended answer was cut off.

    Parameters
    ----------
    sound : pl.DataFrame
        The pool: `source, prompt: String`, `answer: String` (without dots that trail off, and not empty), `text:
        UInt64` (hash of the answer), `open: Boolean` (it has no mark at its end and may have been cut), `named:
        Boolean` (it is open, and but a name or a number), and the columns of `quality.truncation.layouts.layouts` and
        `quality.truncation.prompt_kinds.prompt_frames`.
    ends : PoolEnds
        What the pool's sentences taught.

    Returns
    -------
    OwnCuts, or None
        In the order of the rows; None where the answers are so short that too few can be cut.
    """
    told = _grouped(sound)
    signs = signs_of(told)
    odds = odds_of_open_ends(told, signs)
    # Where the answers to such prompts go without full stops, they have lengths of their own.
    told = told.with_columns(goes_open=pl.lit(value=False) if odds is None else pl.Series(odds > 0))
    learnt, opened = _learnt(told), _with_kinds(told.filter("open"))
    samples = [cut_samples(learnt, within=within) for within in (False, True)]
    if min(sample.height for sample in samples) < min(_FEWEST_CUTS, learnt.height / 2):
        return None
    whole, judged = looks(learnt, ends), looks(opened, ends)
    cuts = [looks(sample, ends, cut=True) for sample in samples]
    groups = _groups(told)
    counted = opened.select(pl.col("text").is_first_distinct() & pl.col("text").is_in(ends.read.implode()))
    once = counted.to_series().to_numpy()
    place = _places(learnt["row"], opened["row"])
    # Who ends in a word that hardly ends anything teaches little at first; what else it says may prove it whole.
    probability = np.where(ends.counted.hangs(judged.last), _DOUBTED, 0.0).astype(np.float64)
    trust = _trust(place, probability)
    for time in range(_TIMES):
        if time < _TIMES_FAMILIES:
            groups = groups._replace(families=_families(told, signs, probability))
        # Stumps end as often in a word as it is used, and would teach that it ends sentences.
        beside = ends.counted.without(judged.last, once * probability)
        whole, judged, *cuts = (of.beside(beside) for of in (whole, judged, *cuts))
        found = [ratios(judged, whole, trust, cut) for cut in cuts]
        by_end, in_all = (np.stack([getattr(ratio, name) for ratio in found]) for name in Ratios._fields)
        probability = shares(by_end, groups).probabilities(in_all).sum(axis=0)
        trust = _trust(place, probability)
    # A name is an answer, unless the answers to prompts of its kind are none.
    alone = opened.select(pl.col("named") & (pl.col("asked") == 0)).to_series().to_numpy()
    return OwnCuts(np.where(alone, 0.0, probability), by_end, in_all, groups, alone)


def _trust(place: NDArray[np.int64], probability: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(place >= 0, 1 - probability[place], 1.0)


def _grouped(sound: pl.DataFrame) -> pl.DataFrame:
    """Add to each row numbers of the kind of its prompt (`asked`), its layout, and the groups whose customs it shares.

    But for the layout they are hashes: `custom`, of prompts of one kind or, where they are of none, of answers that
    begin alike, within a source; `group`, of one custom and layout; `begins`, of one custom and beginning.
    """
    told = sound.with_row_index("row").hstack(shared_frames(sound.select(FRAMES)).rename({"kind": "asked"}))
    told = told.with_columns(
        layout=pl.when("named").then(of_names(pl.col("layout"))).otherwise("layout"),
        source=pl.Series(stable_hash(told["source"]), dtype=pl.UInt64),
        from_source="source",
        own=pl.lit(1, dtype=pl.Int32),
    )
    rare = pl.len().over("layout") < _FEWEST_OF_LAYOUT
    told = told.with_columns(layout=pl.when(rare).then(_RARE).otherwise("layout").cast(pl.UInt64))
    by_answer = pl.when(pl.len().over("said_first") >= _FEWEST_OF_LAYOUT).then("said_first").otherwise(0)
    custom = told.select(pl.when(pl.col("asked") != 0).then("asked").otherwise(by_answer)).to_series()
    told = told.with_columns(custom=_both(told["source"], custom))
    begins = _both(told["custom"], told["beginning"])
    alone = _both(told["custom"], told["row"].cast(pl.UInt64))
    return told.with_columns(
        group=_both(told["custom"], told["layout"]),
        begins=pl.when(pl.col("beginning") != 0).then(begins).otherwise(alone),
    )


def _both(one: pl.Series, other: pl.Series) -> pl.Series:
    """Hash pairs of hashes."""
    mixed = (one.to_numpy() ^ (one.to_numpy() >> np.uint64(29))) * _ODD ^ other.to_numpy()
    return pl.Series(mixed * _ODD, dtype=pl.UInt64)


def _learnt(told: pl.DataFrame) -> pl.DataFrame:
    """Choose the answers to learn from: of one answer to several prompts, the prompt and not the order chooses."""
    texts = np.unique(told["text"].to_numpy())[:_MOST_LEARNT]
    some = _with_kinds(told.filter(pl.col("text") <= texts[-1]))
    return some.sort("text", "kind", "prompt", "row").unique("text", keep="first", maintain_order=True)


def _with_kinds(told: pl.DataFrame) -> pl.DataFrame:
    """Add the name of the kind of each prompt, within its source and what goes without full stops, or does not."""
    kinds = kind_names(told["prompt"], told["place"])
    goes_open = pl.col("goes_open").cast(pl.String)
    return told.with_columns(kind=pl.concat_str("from_source", pl.lit("\0"), kinds, pl.lit("\0"), goes_open))


def _groups(told: pl.DataFrame) -> Groups:
    names = ("group", "custom", "layout", "source", "begins")
    group, kind, layout, source, beginning = (np.unique(told[name], return_inverse=True)[1] for name in names)
    sizes, is_open = np.bincount(group).astype(np.float64), told["open"].to_numpy()
    kinds, layouts, sources = np.zeros((3, len(sizes)), dtype=np.int64)
    kinds[group], layouts[group], sources[group] = kind, layout, source
    alike = np.bincount(beginning).astype(np.float64)
    return Groups(group[is_open], sizes, kinds, layouts, sources, beginning[is_open], alike)


def _families(told: pl.DataFrame, signs: csr_array, probability: NDArray[np.float64]) -> Families | None:
    """Tell which answers are of one family, each counted as far as it is whole; None where all are of one."""
    is_open = told["open"].to_numpy()
    trust = np.ones(told.height)
    trust[is_open] = 1 - probability
    family = families(told, signs, trust)
    if not family.any():
        return None
    group = np.unique(told["group"], return_inverse=True)[1]
    return Families(family[is_open], csr_array((np.ones(told.height), (family, group))))


def _places(learnt: pl.Series, judged: pl.Series) -> NDArray[np.int64]:
    """Find each learnt row among those that are judged; -1 where it is none: (n_learnt,)."""
    at = judged.to_frame("row").with_row_index("at")
    found = learnt.to_frame("row").join(at, on="row", how="left", maintain_order="left")
    return found["at"].cast(pl.Int64).fill_null(-1).to_numpy()
