"""One search among a pool's texts, most of which were seen before: who is there, who is new, who is like whom."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.lsh.buckets import packed, unpack
from quality.lsh.index_segment import Segment
from quality.lsh.jaccard import ShingleSets
from quality.lsh.kernels import Kernel, choose
from quality.lsh.minhash import band_keys
from quality.lsh.remembered import Comparisons, Remembered, codes_of
from quality.lsh.shingles import Shingles, laid_out, shingle, stable_hash
from quality.lsh.star import PAIRS, deciding
from quality.neardup import NearDup, search
from quality.texts.sorted_numbers import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.lsh.band_index import BandIndex
    from quality.lsh.index_shelf import Held

logger = logging.getLogger(__name__)


class Run:
    """One pool, and what is known of it.

    Parameters
    ----------
    texts : pl.Series of String
        In priority order.
    settings : NearDup
        Threshold and effort.
    held : Held
        What earlier runs found out; what this one finds out is added to it.

    Attributes
    ----------
    changed : bool
        Whether there is anything to write down.
    """

    def __init__(self, texts: pl.Series, settings: NearDup, held: Held) -> None:
        self._texts, self._settings, self._held = texts, settings, held
        self._threads = settings.threads or pl.thread_pool_size()
        held.run += 1
        self._documents, new, hashes, sizes = _recognised(texts, held.index)
        hashes, firsts, owners = np.unique(hashes[new], return_index=True, return_inverse=True)
        order = np.argsort(firsts)
        unread = new[firsts[order]]
        self._kernel: Kernel = choose(settings.kernel, int(sizes[unread].sum()))
        fresh, segment, long = self._read(unread, hashes, sizes[new[firsts]], order)
        self._shingles = [fresh, held.crowd]
        self._documents[new] = segment.documents[owners]
        logger.info("Near-duplicates: %s texts, of which %s are new", f"{len(texts):,}", f"{len(unread):,}")
        if len(unread):
            held.index.add(segment, long)
        held.seen = np.concatenate([held.seen, np.zeros(held.index.count - len(held.seen), np.uint32)])
        self.changed = bool(len(unread))

    def compare(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Search among the texts that are present; remember who they are and what was compared.

        Returns
        -------
        copies, pairs : pl.DataFrame
            `row, first`, and `left, right, jaccard` of the rest, of which one may come twice.
        """
        held, copied = self._held, self._lead()
        places = np.full(held.index.count, -1, np.int64)
        places[self._owners] = np.arange(len(self._owners))
        self._find_shingles(places)
        sets = ShingleSets(len(self._leaders), self._kernel)
        known, buckets = self._companions(places, sets), held.index.buckets(places)
        # Who is kept among those that share a crowd has to be known time and again, and few pairs decide it.
        crowded = np.zeros(len(self._leaders), np.bool_)
        crowded[buckets.members] = True
        near = deciding(*unpack(known.codes), crowded)
        remembered = Remembered(held.compared, self._owners, self._add, sets)
        pairs = search(
            buckets,
            remembered,
            self._leaders,
            self._shingles_of,
            self._settings,
            kernel=self._kernel,
            threads=self._threads,
            known=known.only(near),
        )
        self._remember_crowds(buckets.members)
        if remembered.fresh:
            held.compared = held.compared.joined(remembered.fresh)
            self.changed = True
        return copied, pl.concat([pairs, self._pairs(known.only(~near))])

    def _lead(self) -> pl.DataFrame:
        """Find the first row of each document, and whether it has shingles; return the other rows (`row, first`)."""
        held, documents = self._held, self._documents
        rows, real = np.arange(len(documents)), documents >= 0
        # The last place is that of null (-1). Written from the end: what stays is a document's first row.
        first = np.full(held.index.count + 1, -1, np.int64)
        first[documents[::-1]] = rows[::-1]
        leads = first[documents] == rows
        leads &= real
        copies = np.flatnonzero(leads != real)
        long = np.append(held.index.long.astype(np.bool_), False)[documents]
        self._leaders = np.flatnonzero(leads & long)
        self._owners = documents[self._leaders]
        present = first[:-1] >= 0
        held.seen[present] = held.run
        self.changed = self.changed or not present.all()
        return pl.DataFrame({"row": copies, "first": first[documents[copies]]}).cast(pl.UInt32)

    def _find_shingles(self, places: NDArray[np.int64]) -> None:
        """Note where leaders' shingles are: in which of the `Shingles` at hand (-1: in none yet), at which place."""
        self._source, self._at = np.full((2, len(self._owners)), -1, np.int64)
        known = self._held.index.count - len(self._places)
        fresh = np.flatnonzero(self._owners >= known)
        self._at[fresh] = self._places[self._owners[fresh] - known]
        self._source[fresh] = np.where(self._at[fresh] >= 0, 0, -1)
        crowd = places[self._held.crowd.rows]
        self._source[crowd[crowd >= 0]], self._at[crowd[crowd >= 0]] = 1, np.flatnonzero(crowd >= 0)

    def _companions(self, places: NDArray[np.int64], sets: ShingleSets) -> Comparisons:
        """Return the alike pairs of small buckets among those present, after comparing what could not be before."""
        index, threshold = self._held.index, self._settings.threshold
        one, other = (places[side] for side in unpack(index.companions.codes))
        there = (one >= 0) & (other >= 0)
        left, right = np.minimum(one, other), np.maximum(one, other)
        open_ = np.flatnonzero(there & np.isnan(index.companions.jaccard))
        jaccard = index.companions.jaccard
        if len(open_):
            self._add(sets, sets.lacking(np.concatenate([left[open_], right[open_]])))
            found = sets.jaccard(left[open_], right[open_], threshold, self._threads)
            jaccard = jaccard.copy()
            jaccard[open_] = found
            index.companions = index.companions.compared(open_, found, threshold)
            self.changed = True
        alike = np.flatnonzero(there & (jaccard >= threshold))
        codes = codes_of(left[alike], right[alike])
        order = np.argsort(codes)
        return Comparisons(codes[order], jaccard[alike[order]])

    def _pairs(self, known: Comparisons) -> pl.DataFrame:
        left, right = (self._leaders[side] for side in unpack(known.codes))
        return pl.DataFrame({"left": left, "right": right, "jaccard": known.jaccard}).cast(PAIRS)

    def _read(
        self, rows: NDArray[np.int64], hashes: NDArray[np.uint64], sizes: NDArray[np.uint32], order: NDArray[np.int64]
    ) -> tuple[Shingles, Segment, NDArray[np.uint8]]:
        """Shingle new texts, and sign those that no known document stands for; row `rows[i]` has `hashes[order[i]]`.

        Returns their shingles, the segment, and which of its documents have shingles, in the order of their numbers.
        """
        settings, index = self._settings, self._held.index
        shingles, told = shingle(self._texts, settings.words, self._kernel, self._threads, rows)
        digests, firsts, owners = np.unique(told["digest"].to_numpy(), return_index=True, return_inverse=True)
        numbers = index.find_documents(digests)
        new = numbers < 0
        # Numbered in the order of the pool: what is gathered by number later on is in order then.
        numbers[np.flatnonzero(new)[np.argsort(firsts[new])]] = index.count + np.arange(int(new.sum()))
        long = np.zeros(len(rows), np.bool_)
        long[shingles.rows] = True
        signed = np.flatnonzero(new & long[firsts])
        places = np.searchsorted(shingles.rows, firsts[signed])
        # Of the new documents, in the order of their numbers; -1 for those without shingles.
        self._places = np.full(int(new.sum()), -1, np.int64)
        self._places[numbers[signed] - index.count] = places
        bands = band_keys(shingles.take(places), settings.bands, settings.rows, self._threads, self._kernel)
        for band in bands:
            band[:] = packed(band, numbers[signed].astype(np.uint64))
        documents = np.empty(len(rows), np.uint32)
        documents[order] = numbers[owners]
        has_shingles = np.empty(int(new.sum()), np.uint8)
        has_shingles[numbers[new] - index.count] = long[firsts[new]]
        segment = Segment(
            hashes=hashes,
            sizes=sizes,
            documents=documents,
            digests=digests[new],
            numbers=numbers[new].astype(np.uint32),
            bands=bands,
        )
        return shingles, segment, has_shingles

    def _add(self, sets: ShingleSets, texts: NDArray[np.int64]) -> None:
        for shingles, chosen, named in self._parts(texts):
            sets.add(shingles, chosen, named)

    def _shingles_of(self, texts: NDArray[np.int64]) -> Shingles:
        """Return the shingles of some texts (numbered by priority, ascending), in that order."""
        parts = self._parts(texts)
        values = np.concatenate([shingles.take(chosen).gathered() for shingles, chosen, _ in parts])
        lengths = np.concatenate([shingles.lengths[chosen] for shingles, chosen, _ in parts])
        names = np.concatenate([named for _, _, named in parts])
        return Shingles(values, *laid_out(lengths), names).take(np.argsort(names))

    def _remember_crowds(self, members: NDArray[np.int64]) -> None:
        """Remember the shingles of texts in crowds, as far as they are at hand: these are looked at in every run."""
        members = distinct(members)
        members = members[self._source[members] >= 0]
        if not len(members) or (len(members) <= len(self._held.crowd) and (self._source[members] == 1).all()):
            return
        crowd = self._shingles_of(members)
        self._held.remember(crowd.named(self._owners[members]))
        self.changed = True

    def _parts(self, texts: NDArray[np.int64]) -> list[tuple[Shingles, NDArray[np.int64], NDArray[np.int64]]]:
        """Find the shingles of texts (numbered by priority): those read in this run, and the others read again."""
        unread = texts[self._source[texts] < 0]
        if len(unread):
            self._source[unread], self._at[unread] = len(self._shingles), np.arange(len(unread))
            again = self._leaders[unread]
            self._shingles.append(shingle(self._texts, self._settings.words, self._kernel, self._threads, again)[0])
        parts = []
        for source, shingles in enumerate(self._shingles):
            held = texts[self._source[texts] == source]
            parts.append((shingles, self._at[held], held))
        return parts


def _recognised(
    texts: pl.Series, index: BandIndex
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint64], NDArray[np.uint32]]:
    """Find each text's document (-1 for null and new texts), the rows of new texts, all hashes and sizes."""
    there = texts.is_not_null().to_numpy()
    full = texts.fill_null("")
    hashes, sizes = stable_hash(full), full.str.len_bytes().to_numpy()
    documents = index.find_texts(hashes, sizes)
    documents[~there] = -1
    return documents, np.flatnonzero((documents < 0) & there), hashes, sizes
