"""How cut an answer looks: its last words, its open brackets, its last line and its length, beside the pool's own.

The whole answers of the pool, and the same answers cut (`quality.truncation.samples`), are what it is learnt from. As
in `quality.truncation.sentence_ends` there are two layers: counts, of how much more often the cut than the whole have
this last word, these last letters, these few words behind a sentence that ended, this length among answers to prompts
of this kind; and a logistic regression that weighs them. Each half of the texts is counted for the other half. Marks
that end sentences are left out of all counts: they are another witness (`quality.truncation.shares`), and among the
whole answers are some that were cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.lsh.shingles import stable_hash
from quality.truncation.sentence_ends import EARLY, bare_word
from quality.truncation.word_ends import buckets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quality.texts.word_uses import WordUses
    from quality.truncation.sentence_ends import PoolEnds
    from quality.truncation.word_ends import WordEnds

_BITS = 17
_BUCKETS = 1 << _BITS
_DOUBT = 0.5  # sightings granted to either side, in proportion to their numbers
_LEAN = 5.0  # answers that the pool's lengths count for in those of each kind
_LENGTHS = 8  # that answers of one kind usually have
_TAIL = 120  # characters
_LONG = 6  # letters; longer words are of one length
# What stands behind the last sentence that ended, where one did.
_PARAGRAPH = 600  # characters
_BEHIND = r"(?s).*[.!?…\x{0964}。．｡！？][)\]}\"'`”’»」*_]*\s+(.*)\z"
_MOST_SINCE, _NOT_FEW = 4, 0  # words; a sentence of more is like any other, and no sentence before is none
_MOST_EVIDENCE = 8.0
_STRENGTH = 0.1  # of the regression: the inverse of its regularisation
_ROUNDS = 500
_MOST_SEEN, _ALIKE = 3, (1, 3, 10, 100)  # uses of a last word, and levels of those of longer words
_SINCE = "since"
_ENDS = (
    "word",
    "pair",
    "suffix",
    "last1",
    "last2",
    "last3",
    "line",
    "hanging",
    "sign",
    "asked",
    "fragment",
    "frame",
    _SINCE,
)
_HEADS = ("kind", "head")  # by what lengths are compared: the prompt's first words, the answer's first word
_OPENED = (("(", ")"), ("[", "]"), ("{", "}"))
_PAIRED = ('"', "```")
_HINT = 1.0  # what a length adds at most, as a logarithm, where the share of cut answers is estimated
_MOST_BY_FULL_LENGTH = 1.0  # what it speaks at most against a cut: long answers are cut as well
_MOST_BY_LENGTH, _FEWEST_FOR_LENGTH = 4.0, 75.0  # what it adds in the end, and whole answers for one to add anything
_MOST_ODDS = 12.0


class Looks(NamedTuple):
    """Answers as they are counted.

    Attributes
    ----------
    values : dict of str to (n,) int64
        Buckets of each feature; of lengths also the buckets of what they are compared by, and of both.
    sentence : (n, 3) float64
        Log odds that no sentence ends so, by what is drawn from the pool, by its last word and by its last two.
    half : (n,) int64
        In which half of the texts each is.
    last : (2, n) int64
        The last word and the last two, as of `quality.truncation.word_ends.buckets`.
    own : (n,) float64
        How many of the counted places are this one.
    cut : bool
        Whether these are samples of cut answers.
    """

    values: dict[str, NDArray[np.int64]]
    sentence: NDArray[np.float64]
    half: NDArray[np.int64]
    last: NDArray[np.int64]
    own: NDArray[np.float64]
    cut: bool

    def beside(self, counted: WordEnds) -> Looks:
        """Look up what other counts say of the last words."""
        by_words = counted.log_odds(self.last, self.own, cut=self.cut)
        return self._replace(sentence=np.column_stack([self.sentence[:, 0], _bounded(by_words)]))


def looks(answers: pl.DataFrame, ends: PoolEnds, *, cut: bool = False) -> Looks:
    """Describe answers.

    Parameters
    ----------
    answers : pl.DataFrame
        `text: UInt64` (hash of the whole text), `prompt, kind, answer: String`, `own: Int32` (how many of the uses of
        its last word in the pool are this one).
    ends : PoolEnds
        What sentences taught.
    cut : bool
        Whether these are samples of cut answers.
    """
    early, late, counted, _ = ends
    told = _described(answers)
    told = told.with_columns(_fragment(told, early.uses))
    values = {name: _bucket(told[name]) for name in (*_ENDS, "length", *_HEADS) if name != _SINCE}
    values[_SINCE] = told[_SINCE].cast(pl.Int64).to_numpy()
    for head in _HEADS:
        values[f"length of {head}"] = _bucket(told.select(pl.concat_str(head, pl.lit("\0"), "length")).to_series())
    brief, odds = told["words"] <= EARLY, np.zeros(told.height)
    for ends_so, which in ((early, brief), (late, ~brief)):
        odds[which.to_numpy()] = ends_so.log_odds(told.filter(which))
    half = (told["text"].to_numpy() & np.uint64(1)).astype(np.int64)
    last, own = buckets(told.select("word", before="one_before")), told["own"].cast(pl.Float64).to_numpy()
    return Looks(values, _bounded(odds)[:, None], half, last, own, cut).beside(counted)


def _bounded(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(odds, -_MOST_EVIDENCE, _MOST_EVIDENCE)


def _described(answers: pl.DataFrame) -> pl.DataFrame:
    answer, tail = pl.col("answer"), pl.col("tail")
    told = answers.with_columns(tail=answer.str.tail(_TAIL)).with_columns(
        last=tail.str.extract(r"(\S+)\s*\z").fill_null(""),
        before=tail.str.extract(r"(\S+)\s+\S+\s*\z").fill_null(""),
        letters=tail.str.replace(r"[^\p{L}\p{M}\p{N}]+$", "").str.to_lowercase(),
        words=answer.str.count_matches(r"\S+"),
    )
    word, size = pl.col("word"), pl.col("word").str.len_chars()
    lines = pl.when(answer.str.contains("\n", literal=True)).then(tail.str.extract(r"\n[ \t]*(\S{1,12})[^\n]*$"))
    return told.with_columns(word=bare_word(pl.col("last")), one_before=bare_word(pl.col("before"))).with_columns(
        pair=pl.concat_str("one_before", pl.lit(" "), "word"),
        # “Letter” that a word of two letters follows: many names end so, and hardly a cut one.
        frame=pl.concat_str("one_before", pl.lit(" "), size.clip(0, _LONG).cast(pl.String)),
        suffix=pl.concat_str(size.clip(0, _LONG).cast(pl.String), word.str.tail(3)),
        **{f"last{n}": pl.col("letters").str.tail(n) for n in (1, 2, 3)},
        line=lines.fill_null("").str.replace_all(r"\p{N}+", "0"),
        hanging=pl.concat_str(*_open_pairs(answer)),
        asked=_goes_on(pl.col("prompt"), tail),
        since=_words_since(answer),
        sign=tail.str.extract(r"([^\p{L}\p{M}\p{N}.!?…。．｡！？]+)$").fill_null(""),
        length=(2 * (answer.str.len_chars() + 1).cast(pl.Float64).log(2)).floor().cast(pl.Int64).cast(pl.String),
        head=answer.str.extract(r"^\s*(\S{1,12})").fill_null("").str.to_lowercase().str.replace_all(r"\p{N}", "0"),
    )


def _fragment(told: pl.DataFrame, uses: WordUses) -> pl.Series:
    """Tell how often each last word is used elsewhere, and longer ones: "arcuat" never, "arcuate" often."""
    own, longer = uses.of(told["word"])
    seen = np.clip(own - told["own"].to_numpy(), 0, _MOST_SEEN)
    return pl.Series("fragment", seen * (len(_ALIKE) + 1) + np.digitize(longer, _ALIKE)).cast(pl.String)


def _words_since(answer: pl.Expr) -> pl.Expr:
    """Count the words behind the last sentence that ended, where they are few: hardly a sentence is of one or two."""
    words = answer.str.tail(_PARAGRAPH).str.extract(_BEHIND).str.count_matches(r"\S+")
    return pl.when(words <= _MOST_SINCE).then(words).otherwise(_NOT_FEW)


def _goes_on(prompt: pl.Expr, tail: pl.Expr) -> pl.Expr:
    """Tell whether the last two words stand in the prompt as well, and what follows them there: more of it, or an end.

    Who says a prompt again and stops before its end was cut.
    """
    words = tail.str.extract(r"(\S+\s+\S+)\s*\z")
    behind = prompt.str.splitn(words, 2).struct.field("field_1")
    return (
        pl.when(behind.is_null())
        .then(pl.lit("not asked"))
        .when(behind.str.contains(r"^\w"))
        .then(pl.lit("within a word"))
        .when(behind.str.contains(r"^\s+\w"))
        .then(pl.lit("before a word"))
        .otherwise(pl.lit("at an end"))
    )


def _open_pairs(answer: pl.Expr) -> list[pl.Expr]:
    """Tell of each kind of bracket or quotation mark whether one is left open: "0" or "1"."""

    def uses(mark: str) -> pl.Expr:
        return answer.str.count_matches(mark, literal=True)

    left = [uses(opening) > uses(closing) for opening, closing in _OPENED] + [uses(mark) % 2 == 1 for mark in _PAIRED]
    return [is_left.cast(pl.Int8).cast(pl.String) for is_left in left]


def _bucket(texts: pl.Series) -> NDArray[np.int64]:
    return (stable_hash(texts) >> np.uint64(64 - _BITS)).astype(np.int64)


class Ratios(NamedTuple):
    """Likelihood ratios of answers: (n,) float64 each.

    Attributes
    ----------
    by_end : NDArray
        Of what their ends tell, and their lengths hardly.
    in_all : NDArray
        Of their lengths, too.
    """

    by_end: NDArray[np.float64]
    in_all: NDArray[np.float64]


def ratios(judged: Looks, whole: Looks, trust: NDArray[np.float64], cut: Looks) -> Ratios:
    """Tell how much likelier answers look so when they are cut than when they are whole.

    Parameters
    ----------
    judged : Looks
        The answers in question.
    whole, cut : Looks
        Those to learn from.
    trust : (n_whole,) float64
        How likely each of `whole` is whole.
    """
    from sklearn.linear_model import LogisticRegression

    weights = np.concatenate([trust, np.ones(len(cut.half))])
    is_cut = np.concatenate([np.zeros(len(trust)), np.ones(len(cut.half))])
    seen = whole._replace(
        values={name: np.concatenate([values, cut.values[name]]) for name, values in whole.values.items()},
        sentence=np.concatenate([whole.sentence, cut.sentence]),
        half=np.concatenate([whole.half, cut.half]),
    )
    balance = np.where(is_cut == 1, trust.sum() / max(1, len(cut.half)), weights)
    lessons, evidence = (_evidence(of, seen, weights, is_cut) for of in (seen, judged))
    by_ends = LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS)
    by_ends.fit(lessons[:, : -len(_HEADS)], is_cut, sample_weight=balance)
    learnt, ends = (by_ends.decision_function(told[:, : -len(_HEADS)]) for told in (lessons, evidence))
    # Where lengths tell all, ends would get no weight beside them: they are weighed first, and by themselves.
    both = LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS)
    both.fit(np.column_stack([learnt, lessons[:, -len(_HEADS) :]]), is_cut, sample_weight=balance)
    length = evidence[:, -len(_HEADS) :] @ both.coef_[0][1:]
    # What share of the pool was cut goes by its ends: honest answers that are short may be the custom of a few prompts.
    most = min(_MOST_BY_LENGTH, max(0.0, float(np.log(trust.sum() / _FEWEST_FOR_LENGTH))))
    bounds = ((_HINT, _HINT), (_MOST_BY_FULL_LENGTH, most))
    by_end, in_all = (ends + np.clip(length, -low, high) for low, high in bounds)
    return Ratios(*(np.exp(np.clip(odds, -_MOST_ODDS, _MOST_ODDS)) for odds in (by_end, in_all)))


def _evidence(of: Looks, seen: Looks, weights: NDArray[np.float64], is_cut: NDArray[np.float64]) -> NDArray[np.float64]:
    """Look up what the other half's counts say: (n, 3 + n_features)."""
    first = of.sentence.shape[1]
    told = np.zeros((len(of.half), first + len(_ENDS) + len(_HEADS)))
    told[:, :first] = of.sentence
    for half in (0, 1):
        there, here = seen.half != half, of.half == half
        among = [weights[there] * side[there] for side in (is_cut, 1 - is_cut)]
        totals = [max(1e-9, float(side.sum())) for side in among]
        values = {name: places[there] for name, places in seen.values.items()}
        for column, name in enumerate(_ENDS, start=first):
            at = of.values[name][here]
            doubt = [2 * _DOUBT * total / sum(totals) for total in totals]
            cut, whole = (count[at] + own for count, own in zip(_counts(values[name], among), doubt, strict=True))
            told[here, column] = np.log(cut / whole) - np.log(totals[0] / totals[1])
        told[here, first + _ENDS.index(_SINCE)] = _since(of.values[_SINCE][here], values[_SINCE], among)
        for column, head in enumerate(_HEADS, start=first + len(_ENDS)):
            length, by, both = (of.values[name][here] for name in ("length", head, f"length of {head}"))
            sides = zip(
                _counts(values["length"], among),
                _counts(values[head], among),
                _counts(values[f"length of {head}"], among),
                totals,
                strict=True,
            )
            cut, whole = (
                (in_both[both] + _LEAN * (lengths[length] + _DOUBT) / (total + _LEAN) + _DOUBT)
                / (heads[by] + _LEAN + _LENGTHS * _DOUBT)
                for lengths, heads, in_both, total in sides
            )
            told[here, column] = np.log(cut / whole)
    return told


def _since(of: NDArray[np.int64], seen: NDArray[np.int64], among: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Look up what the words behind the last sentence say; nothing where they are many, or no sentence ended."""
    several = seen != _NOT_FEW
    cut, whole = (count + _DOUBT for count in _counts(seen[several], [side[several] for side in among]))
    totals = [float(side[several].sum()) + _DOUBT for side in among]
    return np.where(of == _NOT_FEW, 0.0, np.log(cut[of] / whole[of]) - np.log(totals[0] / totals[1]))


def _counts(values: NDArray[np.int64], among: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Weigh how often each bucket comes among the cut and among the whole: two (n_buckets,)."""
    return [np.bincount(values, side, _BUCKETS).astype(np.float64) for side in among]
