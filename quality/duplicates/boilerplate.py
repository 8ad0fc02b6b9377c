"""Boilerplate: one answer to whatever is asked.

An answer that stands below many unrelated prompts says nothing about any of them: a refusal, an advertisement, a
placeholder. A model learns from it to say the same of everything, the more often the surer. One row of it does no
harm and proves what became of the others: the first stays, the rest goes. Answers are one if their words are: a full
stop, quotation marks or emphasis make no other of it.

An answer may also be right for many prompts that ask for one thing (“Which tools find X?” of a hundred X). Its
prompts then share more words than any prompts of the pool do; that answer is knowledge, and stays wherever it is.

A domain filter leaves so few rows of a canned reply that nothing shows what it is, beside an honest answer to the same
question. So answers are counted where they reach the filter as well, and of those left one is enough.
"""

import polars as pl

from quality.duplicates.asked_again import DEFAULT, Pairing
from quality.texts.normalise import normalised
from quality.texts.words import WORD, apart

BOILERPLATE = pl.Schema({"row": pl.UInt32(), "witness": pl.UInt32(), "prompts": pl.Float64()})
STOCK = pl.Schema({"answer": pl.String(), "prompts": pl.UInt32(), "kinship": pl.Float64()})


def boilerplate(
    prompts: pl.Series, answers: pl.Series, settings: Pairing = DEFAULT, stock: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Find rows whose answer stands below many unrelated prompts.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        In priority order.
    settings : Pairing
        From how many prompts, how many words, and up to which kinship of the prompts.
    stock : pl.DataFrame, optional
        The same of a pool of which these rows are what a filter left (`many_prompts`); without it they are the pool.

    Returns
    -------
    pl.DataFrame
        `row, witness, prompts`, ascending by row: all rows of a boilerplate answer, and below how many different
        prompts of the pool the answer stands. The first of them is the witness of all, its own as well.
    """
    rows = _worded(prompts, answers, settings)
    known = _counted(rows, settings) if stock is None else stock
    many = rows.join(known, on="answer", how="inner", maintain_order="left")
    many = many.with_columns(witness=pl.col("row").min().over("answer"))
    if stock is not None:
        # Rows of one domain are kindred beside those of others, whatever they ask for: by themselves they are compared
        # once more.
        here = _counted(rows, settings).select("answer", here="kinship")
        many = many.join(here, on="answer", how="left", maintain_order="left")
        many = many.with_columns(kinship=pl.min_horizontal("kinship", "here"))
    found = many.filter(pl.col("kinship") <= settings.boilerplate_kinship)
    return found.select(BOILERPLATE.names()).cast(BOILERPLATE).sort("row")


def many_prompts(prompts: pl.Series, answers: pl.Series, settings: Pairing = DEFAULT) -> pl.DataFrame:
    """List the answers of a pool that stand below many prompts (schema `STOCK`).

    Parameters
    ----------
    prompts, answers : pl.Series of String
        All rows of the pool.
    settings : Pairing
        From how many prompts, and how many words.

    Returns
    -------
    pl.DataFrame
        `answer` (its words), `prompts` (how many different ones) and their `kinship`, in no order.
    """
    return _counted(_worded(prompts, answers, settings), settings)


def _worded(prompts: pl.Series, answers: pl.Series, settings: Pairing) -> pl.DataFrame:
    """Spell prompts and the words of answers: `row, prompt, answer`; of an answer of too few words, null."""
    rows = pl.DataFrame({"prompt": normalised(prompts), "answer": normalised(answers)}).with_row_index("row")
    words = apart(pl.col("answer")).str.extract_all(WORD)
    return rows.with_columns(answer=pl.when(words.list.len() >= settings.boilerplate_words).then(words.list.join(" ")))


def _counted(rows: pl.DataFrame, settings: Pairing) -> pl.DataFrame:
    """List the answers that stand below many prompts (schema `STOCK`)."""
    asked = rows.drop_nulls("answer").unique(["answer", "prompt"]).select("prompt", "answer")
    many = asked.with_columns(prompts=pl.len().over("answer"))
    many = many.filter(pl.col("prompts") >= settings.boilerplate_prompts)
    kin = _kinship(rows, many)
    return many.unique("answer").join(kin, on="answer", how="inner").select(STOCK.names()).cast(STOCK)


def _kinship(rows: pl.DataFrame, many: pl.DataFrame) -> pl.DataFrame:
    """Compare how many words two prompts of one answer share with how many they share with any prompt of the pool.

    With c of an answer's n prompts holding a word, and the share p of all prompts, two different prompts of the
    answer share Σ c(c−1)/n(n−1) words on average, one of them and one of the pool Σ (c/n)p. For prompts that are
    there by chance the ratio is 1.

    Returns
    -------
    pl.DataFrame
        `answer, kinship`.
    """
    words = apart(pl.col("prompt")).str.extract_all(WORD).list.unique()
    asked = many.select("answer", n=pl.col("prompts"), word=words)
    counted = (
        asked.explode("word", empty_as_null=False, keep_nulls=False)
        .group_by("answer", "word")
        .agg(pl.col("n").first(), c=pl.len())
    )
    said = rows.unique("prompt").select(word=words) if counted.height else rows.clear().select(word=words)
    pool = (
        said.explode("word", empty_as_null=False, keep_nulls=False)
        .group_by("word")
        .agg(share=pl.len() / max(said.height, 1))
    )
    counted = counted.join(pool, on="word").with_columns(pl.col("n", "c").cast(pl.Float64))
    c, n = pl.col("c"), pl.col("n")
    own, any_ = (c * (c - 1) / (n * (n - 1))).sum(), (c / n * pl.col("share")).sum()
    return counted.group_by("answer").agg(kinship=own / any_)
