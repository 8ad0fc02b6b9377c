"""Boilerplate: one answer to whatever is asked.

An answer that stands below many unrelated prompts says nothing about any of them: a refusal, an advertisement, a
placeholder. A model learns from it to say the same of everything, the more often the surer. One row of it does no
harm and proves what became of the others: the first stays, the rest goes. Answers are one if their words are: a full
stop, quotation marks or emphasis make no other of it.

An answer may also be right for many prompts that ask for one thing (“Which tools find X?” of a hundred X). Its
prompts then share more words than any prompts of the pool do; that answer is knowledge, and stays wherever it is.
"""

import polars as pl

from quality.duplicates.asked_again import DEFAULT, Pairing
from quality.texts.normalise import normalised
from quality.texts.words import WORD, apart

BOILERPLATE = pl.Schema({"row": pl.UInt32(), "witness": pl.UInt32(), "prompts": pl.Float64()})


def boilerplate(prompts: pl.Series, answers: pl.Series, settings: Pairing = DEFAULT) -> pl.DataFrame:
    """Find rows whose answer stands below many unrelated prompts.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        In priority order.
    settings : Pairing
        From how many prompts, how many words, and up to which kinship of the prompts.

    Returns
    -------
    pl.DataFrame
        `row, witness, prompts`, ascending by row: all rows of a boilerplate answer but the first, which is the
        witness, and below how many different prompts the answer stands.
    """
    rows = pl.DataFrame({"prompt": normalised(prompts), "answer": normalised(answers)}).with_row_index("row")
    words = apart(pl.col("answer")).str.extract_all(WORD)
    many = (
        rows.filter(words.list.len() >= settings.boilerplate_words)
        .with_columns(answer=words.list.join(" "))
        .with_columns(prompts=pl.col("prompt").n_unique().over("answer"), witness=pl.col("row").min().over("answer"))
        .filter(pl.col("prompts") >= settings.boilerplate_prompts)
    )
    canned = _kinship(rows, many).filter(pl.col("kinship") <= settings.boilerplate_kinship)
    found = many.filter(pl.col("row") != pl.col("witness")).join(canned, on="witness", how="semi")
    return found.select(BOILERPLATE.names()).cast(BOILERPLATE).sort("row")


def _kinship(rows: pl.DataFrame, many: pl.DataFrame) -> pl.DataFrame:
    """Compare how many words two prompts of one answer share with how many they share with any prompt of the pool.

    With c of an answer's n prompts holding a word, and the share p of all prompts, two different prompts of the
    answer share Σ c(c−1)/n(n−1) words on average, one of them and one of the pool Σ (c/n)p. For prompts that are
    there by chance the ratio is 1.

    Returns
    -------
    pl.DataFrame
        `witness, kinship` of each answer.
    """
    words = apart(pl.col("prompt")).str.extract_all(WORD).list.unique()
    said = rows.unique("prompt").select(word=words)
    pool = (
        said.explode("word", empty_as_null=False, keep_nulls=False)
        .group_by("word")
        .agg(share=pl.len() / max(said.height, 1))
    )
    asked = many.unique(["witness", "prompt"]).select("witness", n=pl.col("prompts"), word=words)
    counted = (
        asked.explode("word", empty_as_null=False, keep_nulls=False)
        .group_by("witness", "word")
        .agg(pl.col("n").first(), c=pl.len())
    )
    counted = counted.join(pool, on="word").with_columns(pl.col("n", "c").cast(pl.Float64))
    c, n = pl.col("c"), pl.col("n")
    own, any_ = (c * (c - 1) / (n * (n - 1))).sum(), (c / n * pl.col("share")).sum()
    return counted.group_by("witness").agg(kinship=own / any_)
