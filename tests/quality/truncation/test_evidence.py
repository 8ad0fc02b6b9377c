"""What speaks for a cut: a piece of a word that is known whole, a word or two behind a sentence that ended."""

import random

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quality.lsh.shingles import stable_hash
from quality.truncation.evidence import Looks, looks, ratios
from quality.truncation.samples import cut_samples
from quality.truncation.sentence_ends import learn

RNG = random.Random(8)
WORDS = ["".join(RNG.choice("abcdefghiklmnoprstuvw") for _ in range(RNG.randint(5, 9))) for _ in range(300)]


def sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(8, 14))).capitalize()


def evidence(judged: list[str], *, within: bool) -> NDArray[np.float64]:
    """Tell how much likelier each is cut than whole, in a pool whose sentences end in any of 300 words."""
    rng = random.Random(1)
    pool = [". ".join(sentence(rng) for _ in range(rng.randint(1, 4))) for _ in range(1_500)]
    ends = learn(pl.Series([f"{text}." for text in pool]))

    def rows(answers: list[str]) -> pl.DataFrame:
        texts = pl.Series(answers)
        constant = [pl.lit("").alias("prompt"), pl.lit("").alias("kind"), pl.lit(1, dtype=pl.Int32).alias("own")]
        return pl.DataFrame({"text": stable_hash(texts), "answer": texts}).with_columns(*constant)

    def seen(answers: pl.DataFrame, *, cut: bool = False) -> Looks:
        return looks(answers.with_columns(answer=pl.col("answer").str.strip_chars_end(".")), ends, cut=cut)

    whole = rows(pool)
    samples = seen(cut_samples(whole, within=within), cut=True)
    return ratios(seen(rows(judged)), seen(whole), np.ones(len(pool)), samples).by_end


def test_a_piece_of_a_word_that_is_known_whole_is_a_cut() -> None:
    rng = random.Random(2)
    texts = [f"{sentence(rng)}. {sentence(rng)}" for _ in range(40)]
    pieces = [text[: text.rindex(" ") + 4] for text in texts]
    unknown = [f"{text[: text.rindex(' ')]} xyzzy{chr(97 + row % 20)}" for row, text in enumerate(texts)]
    cut, whole, new = (np.log(evidence(answers, within=True)) for answers in (pieces, texts, unknown))
    assert np.median(cut) > np.median(whole) + 4
    assert np.median(cut) > np.median(new) + 4


def test_few_sentences_are_of_one_or_two_words() -> None:
    rng = random.Random(3)
    texts = [f"{sentence(rng)}. {sentence(rng)}" for _ in range(40)]
    few = [f"{text}. {rng.choice(WORDS).capitalize()} {rng.choice(WORDS)}" for text in texts]
    after_two, after_many = (np.log(evidence(answers, within=False)) for answers in (few, texts))
    assert np.median(after_two) > np.median(after_many) + 2


def test_a_last_word_is_described_by_its_uses_elsewhere_and_by_those_of_longer_words() -> None:
    # "win" stands once, at the end that is judged; "windowed" once more; "zig" once, and nothing begins so.
    pool = ["the window", "a window of the window", "by windowed glass", "we see a win", "one zig"] * 1
    ends = learn(pl.Series([f"{text}." for text in pool]))

    def described(answer: str) -> int:
        row = pl.DataFrame({"text": [1], "prompt": [""], "kind": [""], "answer": [answer], "own": [1]})
        return int(looks(row.cast({"text": pl.UInt64, "own": pl.Int32}), ends).values["fragment"][0])

    piece, unknown, known = described("we see a win"), described("one zig"), described("the window")
    assert len({piece, unknown, known}) == 3
    assert described("a fine win") == piece
