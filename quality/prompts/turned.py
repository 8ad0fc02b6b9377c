"""Whether two prompts of the same words differ in the order of two neighbours alone, as only a slip turns them.

“Say a few on words Elba.” asks what “Say a few words on Elba.” does; “unsigned to signed” asks for something else than
“signed to unsigned”, and “the left right fold” than “the right left fold”. The pool tells which order a template has:
many prompts hold the two words in the one order, and hardly any hold them in the other. Of long prompts, below which
stand copied answers, any words may have changed places.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.prompts.edited import FEWEST_USUAL, USUAL_SHARE, words_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LONG_PROMPT = 20
"""Words from which a prompt is long."""


def words_turned(
    prompts: pl.Series, left: NDArray[np.integer], right: NDArray[np.integer], pool: pl.Series
) -> NDArray[np.bool_]:
    """Tell which pairs of prompts differ in two neighbouring words that were turned round, against their template.

    Parameters
    ----------
    prompts : pl.Series of String
        Those of the pairs.
    left, right : (n_pairs,) int
        Positions in them.
    pool : pl.Series of String
        All prompts: what a template is shows in many.

    Returns
    -------
    (n_pairs,) bool
    """
    asked = words_in_order(prompts).to_list()
    turned = [_turned(asked[one], asked[other]) for one, other in zip(left.tolist(), right.tolist(), strict=True)]
    usual = _usual(sorted({order for both in turned for order in both}), pool)
    return np.fromiter((len(usual.intersection(both)) == 1 for both in turned), np.bool_, len(left))


def may_be_turned(prompts: pl.Series, left: NDArray[np.integer], right: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Tell which pairs `words_turned` may be true of, whatever the pool; parameters and result are its own."""
    asked = words_in_order(prompts).to_list()
    turned = (bool(_turned(asked[one], asked[other])) for one, other in zip(left.tolist(), right.tolist(), strict=True))
    return np.fromiter(turned, np.bool_, len(left))


def words_moved(prompts: pl.Series, left: NDArray[np.integer], right: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Tell which pairs of prompts are long and hold the same words, each as often, in another order.

    What changed places in a short one may be what it asks for. Parameters and result are those of `words_turned`.
    """
    asked = words_in_order(prompts).to_list()
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    found = (len(asked[one]) >= LONG_PROMPT and sorted(asked[one]) == sorted(asked[other]) for one, other in pairs)
    return np.fromiter(found, np.bool_, len(left))


def _turned(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Spell two neighbours in their one order and in the other, if two prompts differ in nothing else.

    Examples
    --------
    >>> _turned("say few on words Elba".split(), "say few words on Elba".split())
    (' on words ', ' words on ')
    """
    if len(one) != len(other):
        return ()
    places = [place for place, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
    if len(places) != 2 or places[1] != places[0] + 1:
        return ()
    first, second = (words[places[0] : places[1] + 1] for words in (one, other))
    return (f" {' '.join(first)} ", f" {' '.join(second)} ") if first == second[::-1] else ()


def _usual(orders: list[str], pool: pl.Series) -> frozenset[str]:
    """Pick the orders of two words that many prompts hold."""
    if not orders:
        return frozenset()
    least = max(FEWEST_USUAL, math.ceil(USUAL_SHARE * len(pool)))
    words = pl.col("words")
    spelled = pl.DataFrame({"words": words_in_order(pool)}).select(
        pl.format(" {} ", words.list.join(" ")).alias("words")
    )
    held = spelled.select(words.str.extract_many(orders, overlapping=True).list.unique())
    counts = held.explode("words", empty_as_null=False, keep_nulls=False).group_by("words").len()
    return frozenset(counts.filter(pl.col("len") >= least)["words"])
