"""What system messages above two rows tell of whether one is a copy of the other, which they are compared without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.duplicates.contradictions import apart
from quality.meaning.pair_signs import of_pairs, whole
from quality.neardup import near_pairs
from quality.preambles import led_otherwise, system_text
from quality.records import answer_text, prompt_text
from quality.texts.normalise import normalised
from quality.texts.signs import have_other_signs
from quality.texts.word_bags import NUMBER, WordBags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.meaning.pool_texts import PoolTexts
    from quality.neardup import NearDup

    Places = NDArray[np.integer]


class Above:
    """The system messages of a pool's rows.

    Parameters
    ----------
    rows : pl.DataFrame
        Records without those that many share (`quality.preambles.without_preambles`), in priority order.
    led : pl.Series of String
        Which of these each began with (`quality.preambles.led_by`).
    """

    def __init__(self, rows: pl.DataFrame, led: pl.Series) -> None:
        self._led, self._own = led, system_text(rows).is_not_null().to_numpy()
        self._prompts, self._answers = prompt_text(rows), answer_text(rows)

    def differ(self, left: Places, right: Places, words: float) -> NDArray[np.bool_]:
        """Tell which pairs, by position, are no copies: (n_pairs,) bool.

        They are led by different shared messages, or each has one of its own, with which they are not alike in so many
        of their words (0 to 1), have other signs or tell another fact.
        """
        pairs = pl.DataFrame({"row": left, "witness": right})
        found = led_otherwise(self._led, pairs).to_numpy().copy()
        both = np.flatnonzero(~found & self._own[left] & self._own[right])
        if len(both):
            found[both] = self._unlike(left[both], right[both], words)
        return found

    def said_again(self, below: PoolTexts, near: NearDup, least_words: int) -> pl.DataFrame:
        """Pair rows that say the same below system messages of their own, with which they are near-duplicates.

        What stands below a document may be too short to be compared, and may be asked of many documents.

        Parameters
        ----------
        below : PoolTexts
            The rows without system messages.
        near : NearDup
            When whole rows are near-duplicates.
        least_words : int
            A whole row of fewer words is in no pair.

        Returns
        -------
        pl.DataFrame
            `left: Int64, right: Int64`, by position; neither names a number that the other lacks.
        """
        told = pl.DataFrame({"asked": normalised(below.prompts), "said": normalised(below.answers)})
        own = told.with_row_index("row").filter(pl.Series(self._own, dtype=pl.Boolean))
        again = own.filter(pl.struct("asked", "said").is_duplicated())
        rows = again["row"].cast(pl.Int64)
        texts = whole(self._prompts.gather(rows), self._answers.gather(rows))
        pairs = near_pairs(texts, near)
        left, right = (pairs[side].to_numpy() for side in ("left", "right"))
        says = again.select(pl.struct("asked", "said").rank("dense")).to_series().to_numpy()
        bags, numbers = WordBags(texts), WordBags(texts, NUMBER)
        same = (says[left] == says[right]) & numbers.within(left, right)
        same &= np.minimum(bags.sizes[left], bags.sizes[right]) >= least_words
        return pl.DataFrame({"left": rows.gather(left[same]), "right": rows.gather(right[same])})

    def _unlike(self, left: Places, right: Places, words: float) -> NDArray[np.bool_]:
        left, right, prompts, answers = of_pairs(left, right, self._prompts, self._answers)
        rows = whole(prompts, answers)
        unlike: NDArray[np.bool_] = WordBags(rows).jaccard(left, right) < words
        unlike |= have_other_signs(rows.gather(left), rows.gather(right))
        return unlike | apart(prompts, answers, left, right)
