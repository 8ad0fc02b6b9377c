"""Telling filled-in templates apart: what is left of a text without the shingles it shares with a crowd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quality.lsh.shingles import Shingles, laid_out
from quality.texts.sorted_numbers import places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A shingle in more than this share of a crowd belongs to its template.
_COMMON_SHARE = 0.01


def without_common(crowd: Shingles, at_least: int) -> tuple[Shingles, NDArray[np.int64]]:
    """Strip the shingles that more than 1% of a crowd's texts (and more than `at_least`) share.

    Texts cut from one template agree in most minima without being near-duplicates; in what remains here,
    only those that were filled in alike agree.

    Returns
    -------
    stripped : Shingles
        Texts that have some shingle left.
    places : (n,) int64
        Their places in `crowd`.
    """
    values = crowd.gathered()
    ordered = np.sort(values)
    starts = np.flatnonzero(np.diff(ordered, prepend=~ordered[:1]))
    often = np.diff(starts, append=len(ordered)) > max(at_least, int(_COMMON_SHARE * len(crowd)))
    rare = places_of(values, ordered[starts[often]]) < 0
    owners = np.repeat(np.arange(len(crowd)), crowd.lengths)[rare]
    lengths = np.bincount(owners, minlength=len(crowd))
    places = np.flatnonzero(lengths)
    return Shingles(values[rare], *laid_out(lengths[places]), crowd.rows[places]), places
