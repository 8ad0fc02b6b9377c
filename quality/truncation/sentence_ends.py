"""Where sentences of a pool may end, learnt from the pool itself.

Every finished sentence is a lesson: it ends in its last word, and cut anywhere else it would not. So the ends of
sentences and as many cuts, half of them inside a word, train a small classifier of two layers. Below, counts: how much
more often cuts than ends have this last word, this pair of words, these last letters, and so on. Above, a logistic
regression weighs what the counts say. Each half of the texts is counted for the other half, so that no text, and no
text that was itself cut off, testifies for itself.

That needs no list of words and no knowledge of the language, and follows the custom of the pool.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.lsh.shingles import stable_hash
from quality.one_thread import one_blas_thread
from quality.texts.word_uses import WordUses
from quality.truncation.word_ends import WordEnds

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARLY = 8  # words; the beginnings of texts are a lesson of their own
# What ends a sentence, or closes a text otherwise.
CLOSED = r"[.!?…|\x{0964}。．｡！？)\]}>\"'`”’»」*_]$"
SEALED = r"[.!?…|\x{0964}。．｡！？}>`*_][)\]\"'”’»」]*$"
"""What closes a text for sure; a bracket or quotation mark alone also ends a part of a sentence."""
_STOPS = r"[.!?…\x{0964}。．｡！？]+[)\]}\"'`”’»」*_]*$"
_CAPITAL = r"^[\"'“‘(\[]*\p{Lu}"
_WORD = r"\S+\n?"

_SAMPLE_BYTES = 8 << 20
_MOST_PLACES = 20_000  # ends at most, and cuts of either kind
_FEWEST_PLACES = 100
_BITS = 16
_NOTHING = 1 << _BITS  # the value of a feature that says nothing
_DOUBT = 0.5  # sightings granted to either side
_ODD = 0x9E3779B97F4A7C15  # the golden ratio, as 64 bits
_SUFFIX = 3
_SEEN, _ALIKE = 3, 7  # levels of uses: never, once, twice, more; and of powers of ten of longer words


@dataclass(frozen=True, slots=True)
class SentenceEnds:
    """What a pool taught.

    Attributes
    ----------
    uses : WordUses
        How often each word is used.
    counts : (2, n_features, 2**16 + 1) float64
        For texts of either half: the log odds of a cut, by feature and its value.
    weights : (n_features,) float64
        Of each feature; zero where the pool was too small to teach anything.
    """

    uses: WordUses
    counts: NDArray[np.float64]
    weights: NDArray[np.float64]

    def log_odds(self, places: pl.DataFrame) -> NDArray[np.float64]:
        """Tell how much likelier each place is in a cut text than in one that ends there.

        Parameters
        ----------
        places : pl.DataFrame
            `text: UInt64` (hash of the whole text), `last, before: String` (the last word, as it stands there, and the
            one before it).

        Returns
        -------
        (n_places,) float64
            Natural logarithms of likelihood ratios.
        """
        if not places.height or not self.weights.any():
            return np.zeros(places.height)
        values = _features(places.with_columns(own=pl.lit(1)), self.uses)
        return _evidence(values, _half(places), self.counts) @ self.weights


class PoolEnds(NamedTuple):
    """What a pool taught of ends in general.

    Attributes
    ----------
    early, late : SentenceEnds
        Of texts that may have been cut within their first eight words, and of those cut later.
    counted : WordEnds
        Counts of all places.
    read : pl.Series of UInt64
        Hashes of the texts whose places were counted.
    """

    early: SentenceEnds
    late: SentenceEnds
    counted: WordEnds
    read: pl.Series


def sampled(texts: pl.Series) -> pl.DataFrame:
    """Take distinct texts of up to 8 MB in all, chosen by their hashes, whatever their order: `text, hash`."""
    frame = pl.DataFrame({"text": texts, "hash": stable_hash(texts)}).unique("hash").sort("hash")
    share = _SAMPLE_BYTES / max(1, int(frame["text"].str.len_bytes().sum() or 0))
    return frame if share >= 1 else frame.filter(pl.col("hash") < int(share * 2**64))


@one_blas_thread()
def learn(texts: pl.Series) -> PoolEnds:
    """Learn where the sentences of a pool end.

    Parameters
    ----------
    texts : pl.Series of String
        The pool's answers, without nulls. Their order makes no difference.

    """
    sample = sampled(texts)
    tokens = _tokens(sample)
    uses = WordUses.count(tokens["word"])
    ends = tokens.filter("ends").select("text", "key", "before", last=pl.col("bare"), own=pl.lit(1), cut=pl.lit(0.0))
    # What is closed otherwise is never judged, and would teach that all else was cut.
    ends = _drawn(ends.filter((pl.col("last") != "") & ~pl.col("last").str.contains(CLOSED)))
    early, late = (
        _taught(pl.concat([ends, _cuts(tokens.filter(among), ends.height)]), uses)
        for among in (pl.col("place") < EARLY, pl.col("place") >= EARLY)
    )
    return PoolEnds(early, late, _counted(tokens), sample["hash"])


def _counted(tokens: pl.DataFrame) -> WordEnds:
    """Count where sentences end and where they go on to another word; commas and their like say neither."""
    token, word = pl.col("token"), pl.col("word")
    inside = pl.col("inside") & ~pl.any_horizontal(token.str.ends_with(sign) for sign in ",;:-")
    before = pl.when(pl.col("place") > 0).then(word.shift(1, fill_value="")).otherwise(pl.lit(""))
    return WordEnds.of(tokens.select("word", "ends", before=before, inside=inside))


def _tokens(sample: pl.DataFrame) -> pl.DataFrame:
    """List all words of the texts with what is to know of each place."""
    token = pl.col("token")
    flat = (
        sample.select(text="hash", token=pl.col("text").str.extract_all(_WORD))
        .with_columns(place=pl.int_ranges(pl.col("token").list.len()), size=pl.col("token").list.len())
        .explode("token", "place", empty_as_null=False, keep_nulls=False)
        .with_columns(line_end=token.str.ends_with("\n"), token=token.str.strip_chars_end())
    )
    final = pl.col("place") == pl.col("size").cast(pl.Int64) - 1
    following = token.shift(-1, fill_value="")
    stopped = token.str.contains(_STOPS)
    return flat.select(
        "text",
        "place",
        "token",
        bare=token.str.replace(_STOPS, ""),
        word=bare_word(token),
        before=pl.when(pl.col("place") > 0).then(token.shift(1, fill_value="")).otherwise(pl.lit("")),
        ends=final | (stopped & following.str.contains(_CAPITAL)),
        inside=~final & ~pl.col("line_end") & ~token.str.contains(CLOSED),
    ).with_columns(key=_keys(flat["text"].to_numpy(), flat["place"].to_numpy()))


def _keys(texts: NDArray[np.uint64], places: NDArray[np.int64]) -> pl.Series:
    """Give places numbers whose order is not that of the rows: (n_places,) uint64."""
    mixed = (texts ^ (places.astype(np.uint64) + np.uint64(1))) * np.uint64(_ODD)
    return pl.Series(mixed ^ (mixed >> np.uint64(32)), dtype=pl.UInt64)


def bare_word(token: pl.Expr) -> pl.Expr:
    """Leave a word's letters, in lower case, and zeros for its digits; of signs alone, the signs."""
    bare = token.str.replace_all(r"^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$", "")
    return pl.when(bare == "").then(token).otherwise(bare).str.to_lowercase().str.replace_all(r"\p{N}", "0")


def _drawn(places: pl.DataFrame, most: int = _MOST_PLACES) -> pl.DataFrame:
    return places if places.height <= most else places.bottom_k(most, by="key")


def _cuts(inside: pl.DataFrame, most: int) -> pl.DataFrame:
    """Cut texts behind words and, every second time, within the word."""
    places = _drawn(inside.filter("inside"), most)
    letters = pl.col("token").str.len_chars()
    within = (pl.col("key") % 2 == 0) & (letters > 1)
    kept = 1 + (pl.col("key") // 2) % (letters - 1).clip(1)
    cut = pl.when(within).then(pl.col("token").str.head(kept)).otherwise("token")
    return places.select(
        "text", "key", "before", last=cut, own=pl.when(within).then(0).otherwise(1), cut=pl.lit(1.0)
    ).filter(~pl.col("last").str.contains(CLOSED))


def _features(places: pl.DataFrame, uses: WordUses) -> NDArray[np.int64]:
    """Describe places: (n_places, n_features), each up to 2**16, which says nothing."""
    words = places.select(
        "last", "own", word=bare_word(pl.col("last")), before=bare_word(pl.col("before"))
    ).with_columns(size=pl.col("word").str.len_chars().clip(0, 6).cast(pl.String))
    sign = pl.col("last").str.extract(r"([^\p{L}\p{M}\p{N}])$").fill_null("")
    first = pl.col("before") == ""
    capital = pl.col("last").str.contains(_CAPITAL).cast(pl.String)
    texts = words.select(
        word="word",
        # Answers of one word are rare in most pools, and no worse for it.
        pair=pl.when(~first).then(pl.concat_str("before", pl.lit(" "), "word")),
        suffix=pl.concat_str("size", pl.col("word").str.tail(_SUFFIX)),
        before=pl.when(~first).then("before"),
        shape=pl.when(~first).then(pl.concat_str("size", capital, sign)),
    )
    hashed = [np.where(column.is_null(), _NOTHING, _bucket(column.fill_null(""))) for column in texts]
    own, longer = uses.of(words["word"])
    seen = np.clip(own - words["own"].to_numpy(), 0, _SEEN)  # others than this very use
    alike = np.clip(np.log10(longer + 1).astype(np.int64), 0, _ALIKE)
    return np.column_stack([*hashed, seen * (_ALIKE + 1) + alike])


def _bucket(texts: pl.Series) -> NDArray[np.int64]:
    return (stable_hash(texts) >> np.uint64(64 - _BITS)).astype(np.int64)


def _half(places: pl.DataFrame) -> NDArray[np.int64]:
    return (places["text"].to_numpy() & np.uint64(1)).astype(np.int64)


def _taught(places: pl.DataFrame, uses: WordUses) -> SentenceEnds:
    """Count either half of the places, and weigh what each half's counts say of the other."""
    values, half, cut = _features(places, uses), _half(places), places["cut"].to_numpy()
    counts = np.stack([_log_odds(values[half != told], cut[half != told]) for told in (0, 1)])
    weights = np.zeros(values.shape[1])
    if min(cut.sum(), (1 - cut).sum()) >= _FEWEST_PLACES:
        from sklearn.linear_model import LogisticRegression

        # Without an intercept: where no feature says anything, neither side is likelier.
        model = LogisticRegression(class_weight="balanced", fit_intercept=False)
        weights = model.fit(_evidence(values, half, counts), cut).coef_[0]
    return SentenceEnds(uses, counts, weights)


def _log_odds(values: NDArray[np.int64], cut: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compare how often cuts and ends have each value of each feature: (n_features, 2**16 + 1)."""
    cuts, ends = (
        np.stack([np.bincount(value, of, _NOTHING + 1) for value in values.T]) + _DOUBT for of in (cut, 1 - cut)
    )
    odds: NDArray[np.float64] = np.log(cuts / ends) - np.log(max(1.0, cut.sum()) / max(1.0, (1 - cut).sum()))
    odds[:, _NOTHING] = 0
    return odds


def _evidence(values: NDArray[np.int64], half: NDArray[np.int64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Look up what the counts of the other half say: (n_places, n_features)."""
    looked_up: NDArray[np.float64] = counts[half[:, None], np.arange(values.shape[1])[None, :], values]
    return looked_up
