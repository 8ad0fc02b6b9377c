"""How much of a text repeats itself: phrases of a few words, and loops in which a model got stuck."""

import re
from collections import Counter
from operator import itemgetter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quality.lsh.shingles import batches, ngrams, stable_hash
from quality.screening.no_news import goes_round
from quality.screening.stuck_words import chained, stuck_letters, stuck_signs
from quality.texts.layout import laid_out
from quality.texts.normalise import folded
from quality.texts.ragged import ranges

PHRASE_WORDS = 3
# A path, an address or a version is one word: a list of files repeats its folders, and says something each time.
_WORD = r"[\w/\\:@%.+-]*\w"
# In fewer phrases repetition is no pattern.
_FEWEST_PHRASES = 8
# A loop says the same, of up to so many words, at least so many times in a row. Numbers alone may ("0 0 0 0 …"), which
# are values; but no table, sequence or sum states one equation ("7 = $7.") again and again.
_LONGEST_PERIOD = 48
_FEWEST_ROUNDS = 4
_SAID = rf"{_WORD}(?:[^\w/\\:@%.+=-]*=+>?)?"  # a word, and the sign of equality behind it
_STATES = r"\p{L}|[^=]={1,2}$"  # neither a ruler of such signs nor an arrow
# A line and its echo are a song; more words than these, said twice and nothing else, are an accident.
_FEWEST_DOUBLED = 24
_MOSTLY_DOUBLED = 0.7  # of a text, where some of it is said once
_DOUBLED = 0.3  # share of repeated phrases in such a text, at least
_SAME_SIGNS = 0.95  # share of the words said again; where the copies meet, a sign may be lost
_GUESSES = 3  # after how many words a text says the same again
# A list of items whose numbers alone differ: so many that say the same, of so many words, and half of all.
_ITEM = r"(?m)(?:^|[\s;])(?:(?:step|item|point|part|no\.?)\s*)?[(\[]?(?:\d{1,3}|[a-z]|[ivxlc]{1,6})[.):\]]+\s"
_FEWEST_ITEMS = 5
_ITEM_WORDS = 3
_MOSTLY = 0.5
# A text that says each word, or each phrase, again at once: "so so so we we we go go go". A few doubled words are
# names ("Baden Baden") and stress, and two words in turn a table of truths.
_STUTTERED = 0.6  # of its words
_STUTTERS = 6  # different words said three times or more, and twice as many said twice
_AGAIN = 0.3  # share of words that are the one before them, below which nobody looks closer
_PHRASES = 3  # phrases said thrice
# What stands between a key and its value, or around either.
_PAIR = 2
_STRUCTURE = re.compile(r"[:=(){}\[\]<>\"'`|]")
# All but the signs by which statements of the same names differ.
_NO_SIGNS = r"[^=<>{}()\[\]|&*^~$#]"
_SUSPECT = 0.04  # share of repeated phrases below which there is no loop worth a name
_KEY = np.uint64(0x9E3779B97F4A7C15)  # odd: the same phrase of two texts has two keys
_LOOKED_AT = 0.2  # share of repeated phrases, from which on it is asked whether they stand among news
_ROW_BITS = 24  # a batch of 8 MB has fewer rows


def repetition(texts: pl.Series) -> pl.DataFrame:
    """Measure phrases that come again, and loops.

    Parameters
    ----------
    texts : pl.Series of String
        Null texts repeat nothing.

    Returns
    -------
    pl.DataFrame
        `repeated_phrases`, Float64: the share (0 to 1) of a text's runs of three words that stood before in it. In
        99 of 100 abstracts or encyclopedia articles it is below 0.15, in code below 0.3; a list of test cases reaches
        0.7, and a model that got stuck comes near 1. In texts that are laid out in lines, or full of signs of code
        (`laid_out`), what stands among news is left out, and so are values without a letter.
        `looped_words`, Float64: how many words the longest loop takes: up to 48 words, said four times or more in a
        row, and not values alone, without a letter or an equation; or the items of a list that differ in their numbers
        alone; or all words and phrases of a text that says each of them again at once; or a text said twice, with
        little besides;
        or syllables without a blank, each of them a word; or words that are chained to themselves; or a sign in which
        a text ends.
    """
    phrased, looped = [np.empty(0, np.float64)], [np.empty(0, np.float64)]
    for _, batch in batches(texts):
        spelled = folded(batch)
        words = spelled.str.extract_all(_WORD)
        counts = words.list.len().fill_null(0).to_numpy().astype(np.int64)
        hashes = stable_hash(words.explode(empty_as_null=False, keep_nulls=False))
        phrases, lengths = ngrams(hashes, counts, PHRASE_WORDS)
        share = _repeated(phrases, lengths)
        phrased.append(_but_for_news(words, spelled, share))
        loops = _looped(spelled, words, share > _SUSPECT)
        loops = np.maximum(loops, _itemised(spelled, share > _SUSPECT))
        loops = np.maximum(loops, _stuttered(batch, _again(hashes, counts) >= _AGAIN))
        looped.append(
            np.maximum.reduce(
                [
                    *(loops, _doubled(spelled, words, hashes, share >= _DOUBLED)),
                    *(stuck_letters(batch), stuck_signs(batch), chained(batch)),
                ]
            )
        )
    return pl.DataFrame({"repeated_phrases": np.concatenate(phrased), "looped_words": np.concatenate(looped)})


def _repeated(phrases: NDArray[np.uint64], lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of repeats in each row of phrases: (n_rows,) float64."""
    judged = lengths >= _FEWEST_PHRASES
    owners = np.repeat(np.arange(len(lengths), dtype=np.uint64), lengths)
    # One integer per phrase, its row above 40 bits of its hash: a plain sort brings repeats together.
    keyed = owners << np.uint64(64 - _ROW_BITS) | phrases >> np.uint64(_ROW_BITS)
    keyed.sort()
    again = keyed[1:][keyed[1:] == keyed[:-1]] >> np.uint64(64 - _ROW_BITS)
    repeats = np.bincount(again.astype(np.int64), minlength=len(lengths))
    return np.where(judged, repeats / np.maximum(lengths, 1), 0.0)


def _but_for_news(words: pl.Series, texts: pl.Series, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out what is said again among news, and values, in texts that are laid out: (n_rows,) float64."""
    rows = np.flatnonzero(share > _LOOKED_AT)
    if not len(rows):  # nor are patterns compiled
        return share
    rows = rows[laid_out(texts.gather(rows)).to_numpy()]
    counts = words.gather(rows).list.len().to_numpy().astype(np.int64)
    said = words.gather(rows).explode(empty_as_null=False, keep_nulls=False)
    phrases, lengths = ngrams(stable_hash(said) ^ _signs(texts.gather(rows)), counts, PHRASE_WORDS)
    owners = np.repeat(np.arange(len(rows)), lengths)
    round_ = goes_round(pl.DataFrame({"key": phrases + owners.astype(np.uint64) * _KEY}).with_columns(words=1))
    lettered = np.concatenate([[0], np.cumsum(said.str.contains(r"\p{L}").to_numpy())])
    places = ranges(np.cumsum(counts) - counts, lengths)
    round_ &= pl.Series(lettered[places + PHRASE_WORDS] > lettered[places])
    left = share.copy()
    left[rows] = np.bincount(owners, round_, len(rows)) / np.maximum(lengths, 1)
    return left


def _looped(texts: pl.Series, words: pl.Series, suspect: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Find the longest loop of each suspect text, or all its loops of one word: (n_rows,) float64, in words."""
    rows = np.flatnonzero(suspect)
    longest, each = np.zeros(len(words)), np.zeros(len(words))
    thrice, phrases = np.zeros(len(rows)), np.zeros(len(rows))
    if not len(rows):  # nor are patterns compiled
        return longest
    said = words.gather(rows)
    counts = said.list.len().to_numpy().astype(np.int64)
    flat = said.explode(empty_as_null=False, keep_nulls=False)
    owner = np.repeat(np.arange(len(rows)), counts)
    codes = stable_hash(flat) ^ _signs(texts.gather(rows))
    pieces = texts.gather(rows).str.extract_all(_SAID).explode(empty_as_null=False, keep_nulls=False)
    states = np.concatenate([[0], np.cumsum(pieces.str.contains(_STATES).to_numpy())])
    for period in range(1, min(_LONGEST_PERIOD, len(flat) - 1) + 1):
        again = (codes[period:] == codes[:-period]) & (owner[period:] == owner[:-period])
        edges = np.flatnonzero(np.diff(np.concatenate([[False], again, [False]]).astype(np.int8)))
        starts, length = edges[::2], edges[1::2] - edges[::2] + period
        loops = (length >= _FEWEST_ROUNDS * period) & (states[starts + period] > states[starts])
        np.maximum.at(longest, rows[owner[starts[loops]]], length[loops])
        if period == 1:
            # "The the the the way way way way …": each word is a loop, one beside the other. Notes and values are not.
            close = _side_by_side(starts[loops], length[loops], owner)
            np.add.at(each, rows[owner[starts[loops]]][close], length[loops][close])
        else:
            short = (length // period == _FEWEST_ROUNDS - 1) & (states[starts + period] > states[starts])
            np.add.at(thrice, owner[starts[short]], length[short])
            np.add.at(phrases, owner[starts[short]], 1)
    stutters = (phrases >= _PHRASES) & (thrice >= _STUTTERED * counts)
    each[rows] = np.where(stutters, np.maximum(each[rows], np.minimum(thrice, counts)), each[rows])
    return np.maximum(longest, each)


def _side_by_side(starts: NDArray[np.int64], sizes: NDArray[np.int64], owner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell the loops with another one of their text at most a word before or behind them: (n_loops,) bool."""
    close = (starts[1:] - (starts + sizes)[:-1] <= 1) & (owner[starts[1:]] == owner[starts[:-1]])
    beside = np.zeros(len(starts) + 1, dtype=bool)
    beside[1:-1] = close
    return beside[1:] | beside[:-1]


def _signs(texts: pl.Series) -> NDArray[np.uint64]:
    """Hash the signs of code behind each word of some texts: (n_words,) uint64. "a<b, a>b, a=b" is no loop."""
    pieces = texts.str.extract_all(rf"{_WORD}[^\w]*").explode(empty_as_null=False, keep_nulls=False)
    return stable_hash(pieces.str.replace_all(_NO_SIGNS, ""))


def _again(hashes: NDArray[np.uint64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of each text's words that are the one before: (n_rows,) float64."""
    owners = np.repeat(np.arange(len(counts)), counts)
    again = owners[1:][(hashes[1:] == hashes[:-1]) & (owners[1:] == owners[:-1])]
    return np.bincount(again, minlength=len(counts)) / np.maximum(counts, 1)


def _stuttered(texts: pl.Series, suspect: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Count the words that are said again at once, where that is most of a text: (n_rows,) float64."""
    rows = np.flatnonzero(suspect)
    found = np.zeros(len(texts))
    for row, text in zip(rows, texts.gather(rows), strict=True):
        runs = [(said[0], len(said)) for said in _runs(text or "")]
        often, twice = (
            {word for word, times in runs if times >= least and any(map(str.isalpha, word))} for least in (3, 2)
        )
        stuck = sum(times for _, times in runs if times > 1)
        said = sum(times for _, times in runs)
        if stuck >= _STUTTERED * said and (len(often) >= _STUTTERS or len(twice) >= 2 * _STUTTERS):
            found[row] = stuck
    return found


def _runs(text: str) -> list[list[str]]:
    """Cut a text into runs of the same word; a key and its value ("port: {port}") are two, but three are none.

    Nor are a letter's two forms a run ("A a, B b"), as those of a word are ("So so we we").
    """
    runs: list[list[str]] = []
    tied: list[bool] = []
    end, last = 0, ""
    for word in re.finditer(_WORD, text):
        said = word[0].casefold()
        if runs and runs[-1][0] == said:
            runs[-1].append(said)
            tied[-1] |= _STRUCTURE.search(text, end, word.start()) is not None or (len(last) == 1 and last != word[0])
        else:
            runs.append([said])
            tied.append(False)
        end, last = word.end(), word[0]
    pairs = [is_tied and len(run) == _PAIR for run, is_tied in zip(runs, tied, strict=True)]
    return [part for run, pair in zip(runs, pairs, strict=True) for part in ([run[:1], run[1:]] if pair else [run])]


def _itemised(texts: pl.Series, suspect: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Count the words of the items that say the same, where these are most of a list: (n_rows,) float64."""
    rows = np.flatnonzero(suspect)
    found = np.zeros(len(texts))
    numbered = texts.gather(rows).str.count_matches(_ITEM) >= _FEWEST_ITEMS
    rows = rows[numbered.to_numpy()]
    for row, items in zip(rows, texts.gather(rows).str.replace_all(_ITEM, "\0").str.split("\0"), strict=True):
        said = [item.strip(" \n\t.,;") for item in items]
        commonest, times = Counter(filter(None, said)).most_common(1)[0] if any(said) else ("", 0)
        long = len(commonest.split()) >= _ITEM_WORDS and any(map(str.isalpha, commonest))
        if long and times >= _FEWEST_ITEMS and times >= _MOSTLY * len(said):
            found[row] = times * len(commonest.split())
    return found


def _doubled(
    texts: pl.Series, words: pl.Series, hashes: NDArray[np.uint64], suspect: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Count the words of each suspect text that says them twice, and little besides: (n_rows,) float64."""
    counts = words.list.len().fill_null(0).to_numpy().astype(np.int64)
    ends = np.cumsum(counts)
    found = np.zeros(len(words))
    for row in np.flatnonzero(suspect & (counts >= _FEWEST_DOUBLED)):
        said = hashes[ends[row] - counts[row] : ends[row]]
        start, size, period = max(
            ((*_longest_again(said, period), period) for period in _periods(said)), key=itemgetter(1), default=(0, 0, 0)
        )
        letters = any(map(str.isalpha, "".join(words[int(row)][start : start + size]))) if size else False
        if letters and size >= _MOSTLY_DOUBLED * len(said) and _same_signs(texts[[int(row)]], start, size, period):
            found[row] = size
    return found


def _same_signs(text: pl.Series, start: int, size: int, period: int) -> bool:
    """Tell whether the signs of code come again with the words; "c < d < e" and "c > d > e" are two statements."""
    signs = _signs(text)[start : start + size]
    return bool((signs[period:] == signs[:-period]).mean() >= _SAME_SIGNS)


def _longest_again(said: NDArray[np.uint64], period: int) -> tuple[int, int]:
    """Find where a text says the most words as it did a period before: first word and number of words, both times."""
    again = np.concatenate([[False], said[period:] == said[:-period], [False]])
    edges = np.flatnonzero(np.diff(again.astype(np.int8)))
    sizes = edges[1::2] - edges[::2]
    at = int(sizes.argmax()) if len(sizes) else 0
    return (int(edges[2 * at]), int(sizes[at]) + period) if len(sizes) and sizes[at] >= period else (0, 0)


def _periods(said: NDArray[np.uint64]) -> list[int]:
    """Guess after how many words a text says the same again: half of it, or what lies between most of its words."""
    order = np.argsort(said, kind="stable")
    same = said[order][1:] == said[order][:-1]
    apart, times = np.unique(np.diff(order)[same], return_counts=True)
    long = apart >= _FEWEST_DOUBLED
    likely = apart[long][np.argsort(-times[long], kind="stable")][:_GUESSES].tolist()
    half, odd = divmod(len(said), 2)
    return likely if odd else [*likely, half]
