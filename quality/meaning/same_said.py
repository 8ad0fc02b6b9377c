"""Whether the words of two rows allow that one is an edited copy of the other.

Embeddings bring siblings as close as copies: “What does argmax do?” and “What does argmin do?” with answers built
alike have a cosine of .98. What tells them apart is cheap:

- *words*: an edited copy shares most of them, whatever their order;
- *numbers*: of two siblings each names a number that the other lacks (CWE-51 and CWE-52, 2D and 3D);
- *answers*: below equal prompts, politeness aside, one that denies what the other says, says the opposite or puts
  another name is no copy of it, unless it is a long one where other words differ too
  (`quality.duplicates.contradictions`);
- *prompts*: siblings ask for different things, a copy for the same. Its prompt is equal, or was edited itself:
  most words are the same, or some were put in or left out, or other signs tell (`quality.prompts.edited`), and the
  place that differs is none of a template that many prompts fill in (“treaties of Albania”, “of Georgia”). Then an
  edit of the prompt and one of the answer have nothing to do with each other. Where the same word comes in both
  (“multiple elements”), or the same part of a name (`quality.texts.names`), or the same words stand in another order
  (“signed to unsigned”), something else is asked for; but two neighbours of a template that were turned round are a
  slip, and in a long prompt above a copied answer other words are as well (`quality.prompts.turned`). Words that say
  nothing (“also”) count for none of this where answers are long.

Where a copy's prompt was asked in another template, the whole rows have too few words in common, since prompts count
as well. There the answers alone must agree, and more must tell that one is a copy (`quality.meaning.asked_otherwise`).

Most of it two rows show by themselves (`quality.meaning.pair_signs`), the same in every pool. What is usual in the pool
decides of few pairs, and of these anew in each run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.meaning.asked_otherwise import copied_with_slips, one_subject
from quality.meaning.pair_signs import Sign, of_pairs
from quality.prompts.edited import asked_alike
from quality.prompts.turned import words_turned

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from numpy.typing import NDArray

    from quality.meaning.pair_signs import Agreement
    from quality.meaning.pool_texts import PoolTexts

    Places = NDArray[np.integer]
    Decide = Callable[[PoolTexts, Places, Places], NDArray[np.bool_]]


def same_said(pairs: pl.DataFrame, pool: PoolTexts, agreement: Agreement) -> NDArray[np.bool_]:
    """Tell which pairs agree in words, numbers and prompts.

    Parameters
    ----------
    pairs : pl.DataFrame
        `left, right`: positions in the pool.
    pool : PoolTexts
        All rows: what a template is shows in many.
    agreement : Agreement
        How many words must be the same.

    Returns
    -------
    (n_pairs,) bool
    """
    return _decided(pairs, pool, agreement, _DECIDED)


def said_of_one_subject(pairs: pl.DataFrame, pool: PoolTexts, agreement: Agreement) -> NDArray[np.bool_]:
    """Tell which pairs agree in their answers, below prompts that name one subject in two templates.

    `same_said` finds these as well; where answers alone brought two rows together, no other sign is enough.
    Parameters and result are those of `same_said`.
    """
    return _decided(pairs, pool, agreement, {Sign.SUBJECT: one_subject})


def _decided(
    pairs: pl.DataFrame, pool: PoolTexts, agreement: Agreement, decided: dict[Sign, Decide]
) -> NDArray[np.bool_]:
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    signs = pool.signs(left, right, agreement)
    agree = np.zeros(len(left), np.bool_)
    for sign, decide in decided.items():
        open_ = np.flatnonzero(((signs & sign) > 0) & ~agree)
        if len(open_):
            agree[open_] = decide(pool, left[open_], right[open_])
    return agree


def _same(_: PoolTexts, left: Places, __: Places) -> NDArray[np.bool_]:
    return np.ones(len(left), np.bool_)


def _turned(pool: PoolTexts, left: Places, right: Places) -> NDArray[np.bool_]:
    left, right, asked, _ = of_pairs(left, right, pool.prompts, pool.answers)
    return words_turned(asked, left, right, pool.prompts)


def _edited(pool: PoolTexts, left: Places, right: Places) -> NDArray[np.bool_]:
    return np.array([not pool.slots.differ_in_one(*pair) for pair in pool.asked(left, right)])


def _replaced(pool: PoolTexts, left: Places, right: Places) -> NDArray[np.bool_]:
    left, right, asked, said = of_pairs(left, right, pool.prompts, pool.answers)
    return asked_alike(asked, said, left, right, pool.usual)


_DECIDED: dict[Sign, Decide] = {
    Sign.SAME: _same,
    Sign.TURNED: _turned,
    Sign.EDITED: _edited,
    Sign.REPLACED: _replaced,
    Sign.SUBJECT: one_subject,
    Sign.SLIPS: copied_with_slips,
}
