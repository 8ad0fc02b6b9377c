"""Which prompts share a custom that no single trait tells: long questions of one subject, for instance.

A source of a few answers in a hundred may go without full stops while its prompts begin as those of its neighbours do.
Many weak signs tell it apart when they are put together: a prompt's words, its length, its beginning and its end. A
logistic regression weighs them for how likely an answer to such a prompt goes without a full stop; the texts of each
part are told what the others taught, so that no answer vouches for itself. Prompts of like odds are a family. How many
of its answers go without is counted afterwards (`quality.truncation.shares`), so that the odds need but be in the
right order.

Of the answers nothing is looked at. Stumps are short and of few words: were that a sign, stumps that are many would
make a family, and their lack of full stops its custom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from quality.lsh.shingles import stable_hash
from quality.truncation.customs import SLIPS, Odds, learn_customs

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BITS = 15
_MOST_LEARNT = 10_000  # answers
_FEWEST_OPEN = 60  # answers without a full stop, below which they are no family
_FEWEST = 30  # answers of a family
_PARTS = 4  # of the texts, each of which is told what the others taught
_READ = 200  # characters of a prompt
_WORD = r"[\p{L}\p{M}]{2,20}"
_EDGES = np.arange(-9.0, 2.0, 2.0)  # of families, as natural logarithms of odds


class Families(NamedTuple):
    """Which family each answer is of.

    Attributes
    ----------
    of : (n_answers,) int64
        The family of each open-ended answer.
    groups : (n_families, n_groups) sparse float64
        How many answers of each family, open-ended or not, each group of answers has.
    """

    of: NDArray[np.int64]
    groups: csr_array


def families(told: pl.DataFrame, signs: csr_array, trust: NDArray[np.float64] | None = None) -> NDArray[np.int64]:
    """Tell which answers' prompts are of one family.

    Parameters
    ----------
    told : pl.DataFrame
        The pool: `prompt: String`, `text: UInt64` (hash of the answer), `open: Boolean` (it has no mark at its end).
    signs : (n_answers, n_signs) sparse float64
        As of `signs_of`.
    trust : (n_answers,) float64, optional
        How likely each is whole.

    Returns
    -------
    (n_answers,) int64
        Numbers in the order of the odds that an answer to such a prompt goes without a full stop.
    """
    odds = odds_of_open_ends(told, signs, trust)
    return np.zeros(told.height, dtype=np.int64) if odds is None else _merged(np.digitize(odds, _EDGES))


def odds_of_open_ends(
    told: pl.DataFrame, signs: csr_array, trust: NDArray[np.float64] | None = None
) -> NDArray[np.float64] | None:
    """Tell the odds that an answer to each prompt goes without a full stop, as logarithms; None where hardly one does.

    The parameters are those of `families`.
    """
    is_open, part = told["open"].to_numpy(), (told["text"].to_numpy() % np.uint64(_PARTS)).astype(np.int64)
    odds = np.zeros(told.height)
    if np.bincount(part, is_open, _PARTS).min() < _FEWEST_OPEN / _PARTS or is_open.all():
        return None
    from sklearn.linear_model import LogisticRegression

    weights = np.ones(told.height) if trust is None else trust
    order = told.select(pl.arg_sort_by("text", "prompt")).to_series().to_numpy()
    for one in range(_PARTS):
        there, here = order[part[order] != one][:_MOST_LEARNT], np.flatnonzero(part == one)
        if is_open[there].all() or not is_open[there].any():
            return None
        model = LogisticRegression(solver="liblinear")
        model.fit(signs[there], is_open[there], sample_weight=weights[there])
        odds[here] = model.decision_function(signs[here])
    return odds


def _merged(found: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join families of few answers with the next lower ones, the last of them with the next higher one."""
    sizes = np.bincount(found, minlength=len(_EDGES) + 1)
    of, family, members = np.zeros(len(sizes), dtype=np.int64), 0, 0
    for place in range(len(sizes) - 1, -1, -1):
        of[place] = family
        members += sizes[place]
        if members >= _FEWEST and sizes[:place].sum() >= _FEWEST:
            family, members = family + 1, 0
    return family - of[found]


def by_family(
    customs: NDArray[np.float64],
    of_groups: NDArray[np.float64],
    odds: Odds,
    told: Families,
    sorts: NDArray[np.float64],
    few: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Correct customs by what the family does, and these by what the group does: (n_answers,) float64.

    Parameters
    ----------
    customs : (n_answers,) float64
        What is expected of each open-ended answer.
    of_groups : (n_groups,) float64
        What is expected of each group.
    odds, sorts
        As of `quality.truncation.customs.learn_customs`; the classes of `odds` are the groups.
    told : Families
        Who belongs together.
    few : (n_groups,) bool
        Groups of so few answers that they correct nothing.
    """
    # Each step asks what the last one left unexplained, as iterative proportional fitting does: a group that goes
    # without full stops as often as its families let expect has no custom of its own.
    cells = told.groups.tocoo()
    n_families = told.groups.shape[0]
    sides = (
        (cells.row, Odds.of(odds.cut, odds.slips, told.of, n_families), told.groups.sum(axis=1)),
        (cells.col, odds, told.groups.sum(axis=0)),
    )
    in_cells = of_groups[cells.col]
    found = customs
    for side in (0, 1, 0):
        at, said, sizes = sides[side]
        expected = np.bincount(at, cells.data * in_cells, len(sizes)) / np.maximum(sizes, 1)
        expected = np.clip(expected, SLIPS, 1 - SLIPS)
        closed = sizes - np.bincount(said.classes, minlength=len(sizes))
        learnt = learn_customs(said, closed, expected, sorts=sorts)
        enough = ~few if side else np.ones(len(sizes), dtype=bool)
        in_cells = _share(_odds(in_cells) * np.where(enough, _odds(learnt.customs) / _odds(expected), 1.0)[at])
        others = _odds(learnt.others(said)) / _odds(expected)[said.classes]
        found = _share(_odds(found) * np.where(enough[said.classes], others, 1.0))
    return found


def _share(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(odds / (1 + odds), SLIPS, 1 - SLIPS)


def _odds(share: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(share, SLIPS, 1 - SLIPS)
    return np.asarray(kept / (1 - kept))


def signs_of(told: pl.DataFrame) -> csr_array:
    """Say of each prompt which signs it has: (n_prompts, 2**15), of zeros and ones.

    Parameters
    ----------
    told : pl.DataFrame
        The pool: `prompt: String`, and its source and kind: `source, asked`, of any type.
    """
    prompt = pl.col("prompt").str.head(_READ).str.to_lowercase()
    signs = told.select(
        sign=pl.concat_list(
            prompt.str.extract_all(_WORD).list.unique(),
            _named("begins", prompt.str.extract(r"^\W*(\w+\W+\w+)").fill_null("")),
            _named("asked", _size("prompt"), pl.col("prompt").str.extract(r"(\W)\s*\z").fill_null("")),
            _named("source", pl.col("source").cast(pl.String)),
            _named("kind", pl.col("asked").cast(pl.String)),
        )
    )
    flat = signs.with_row_index("row").explode("sign", empty_as_null=False, keep_nulls=False)
    at = (stable_hash(flat["sign"]) >> np.uint64(64 - _BITS)).astype(np.int32)
    ones = np.ones(flat.height)
    return csr_array((ones, (flat["row"].to_numpy().astype(np.int32), at)), shape=(told.height, 1 << _BITS))


def _named(name: str, *signs: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(name), *signs, separator="\0")


def _size(text: str) -> pl.Expr:
    """Give a text's words, on a logarithmic scale."""
    words = pl.col(text).str.count_matches(r"\S+")
    return (2 * (words + 1).cast(pl.Float64).log(2)).floor().cast(pl.Int64).cast(pl.String)
