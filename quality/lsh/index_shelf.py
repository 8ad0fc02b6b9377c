"""The band index as it lies on disk: loaded whole or in part, and put back by one process at a time.

A state names its segments; a head names the state. What is damaged is passed over and computed again. Of two runs that
end at once the later one leaves the other's state as it is, and what it had computed is computed again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from quality.lsh.band_index import BandIndex
from quality.lsh.companions import Companions
from quality.lsh.index_files import (
    locked,
    mark_used,
    read_arrays,
    read_head,
    remove_others,
    retire,
    write_arrays,
    write_head,
)
from quality.lsh.index_segment import Segment
from quality.lsh.remembered import Comparisons
from quality.lsh.shingles import Shingles, laid_out

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from quality.lsh.index_files import Arrays

logger = logging.getLogger(__name__)

# Comparisons kept for each document: in a pool cut from few templates nearly all of them find nothing, and those are
# forgotten first.
_MOST_COMPARISONS = 16
# Shingles kept, for each document: those of crowds, of which most are looked at in every run.
_MOST_SHINGLES = 16
# Indexes of different settings or versions of the code that lie side by side.
_MOST_FOLDERS = 4


@dataclass(slots=True)
class Held:
    """An index and what is known beside it.

    Attributes
    ----------
    index : BandIndex
        Texts, documents, bands, and pairs of small buckets.
    compared : Comparisons
        Pairs of documents in crowds.
    crowd : Shingles
        Of documents in crowds, as far as they were read; `rows` are these documents.
    seen : (count,) uint32
        The last run that each document was present in.
    run : int
        Runs so far that were kept.
    files : list of str
        Names of the first segments' files.
    head : str
        The state that this was read from; empty for none.
    """

    index: BandIndex
    compared: Comparisons = field(default_factory=Comparisons.none)
    crowd: Shingles = field(default_factory=Shingles.none)
    seen: NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    run: int = 0
    files: list[str] = field(default_factory=list)
    head: str = ""

    def remember(self, crowd: Shingles) -> None:
        """Hold the shingles of a crowd's documents, given by `rows` (-1 for none), as far as there is room."""
        crowd = crowd.take(np.flatnonzero(crowd.rows >= 0))
        fit = np.searchsorted(np.cumsum(crowd.lengths), _MOST_SHINGLES * self.index.count, side="right")
        crowd = crowd.take(np.arange(fit))
        self.crowd = Shingles(crowd.gathered(), *laid_out(crowd.lengths), crowd.rows)

    def forget(self, stays: NDArray[np.bool_]) -> None:
        """Keep some documents: (count,) bool."""
        renamed = self.index.forget(stays)
        self.compared = self.compared.renamed(renamed)
        self.remember(self.crowd.named(renamed[self.crowd.rows]))
        self.seen = self.seen[stays]
        self.files = []


def load(folder: Path, bands: int) -> Held:
    """Read the newest state, without what is damaged; an empty one where there is none that fits the folder."""
    with locked(folder, writing=False):
        head = read_head(folder)
        if not head:
            return Held(BandIndex(bands))
        mark_used(folder)
        try:
            arrays, notes = read_arrays(folder, head)
            held, names = _held(arrays, notes, folder.name), notes["segments"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("The near-duplicate index in %s is passed over (%s) and made anew.", folder, error)
            return Held(BandIndex(bands), head=head)
        segments = {name: _segment(folder, name) for name in names}
    sound = {name: segment for name, segment in segments.items() if segment is not None}
    if not sound:
        return Held(BandIndex(bands), head=head)
    held.index.segments, held.files, held.head = list(sound.values()), list(sound), head
    if len(sound) < len(segments):
        held.forget(held.index.held())
    return held


def keep(folder: Path, held: Held) -> None:
    """Write a state, unless another process wrote one since this was loaded, or nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, writing=True):
            if read_head(folder) == held.head:
                _write(folder, held)
                retire(folder.parent, _MOST_FOLDERS)
            else:
                logger.info("Another run has written the near-duplicate index meanwhile; it is left as it is.")
    except OSError as error:
        logger.warning("The near-duplicate index is not kept: %s can't be written (%s).", folder, error)


def _write(folder: Path, held: Held) -> None:
    index = held.index
    files = held.files[: index.tidy()]
    files += [write_arrays(folder, segment.arrays()) for segment in index.segments[len(files) :]]
    compared = held.compared
    if len(compared.codes) > _MOST_COMPARISONS * index.count:
        compared = compared.only(compared.jaccard > 0)
    state: dict[str, NDArray[Any]] = {
        "long": index.long,
        "companions": index.companions.codes,
        "buckets": index.companions.buckets,
        "alike": index.companions.jaccard,
        "crowds": np.concatenate(index.crowds),
        "crowd_sizes": np.array([len(band) for band in index.crowds], np.uint64),
        "codes": compared.codes,
        "jaccard": compared.jaccard,
        "crowd": held.crowd.rows.astype(np.uint32),
        "lengths": held.crowd.lengths.astype(np.uint32),
        "shingles": held.crowd.values,
        "seen": held.seen,
    }
    head = write_arrays(folder, state, {"of": folder.name, "segments": files, "run": held.run})
    write_head(folder, head)
    remove_others(folder, [head, *files])


def _held(arrays: Arrays, notes: dict[str, Any], name: str) -> Held:
    """Take a state's arrays, segments aside."""
    if notes["of"] != name:
        raise ValueError("it was made with other settings or by other code")
    crowds = np.split(arrays["crowds"], np.cumsum(arrays["crowd_sizes"]).astype(np.int64)[:-1])
    companions = Companions(arrays["companions"], arrays["buckets"], arrays["alike"])
    lengths, rows = (arrays[name].astype(np.int64) for name in ("lengths", "crowd"))
    return Held(
        BandIndex(len(crowds), [], arrays["long"], companions, crowds),
        compared=Comparisons(arrays["codes"], arrays["jaccard"]),
        crowd=Shingles(arrays["shingles"], *laid_out(lengths), rows),
        seen=arrays["seen"],
        run=notes["run"],
    )


def _segment(folder: Path, name: str) -> Segment | None:
    try:
        return Segment.of(read_arrays(folder, name)[0])
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("Part of the near-duplicate index is passed over (%s); its texts are read again.", error)
        return None
