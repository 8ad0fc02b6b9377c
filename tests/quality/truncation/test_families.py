"""Prompts that are alike in many small ways share a custom that their beginnings do not tell."""

import random

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from quality.lsh.shingles import stable_hash
from quality.truncation.customs import Odds
from quality.truncation.families import Families, by_family, families, signs_of
from quality.truncation.truncation import cut_off

SHORT = ["antenna", "band", "carrier", "signal", "relay", "beacon", "station", "filter"]
LONG = ["harbour", "engine", "letter", "garden", "window", "river", "table", "bottle"]


def pool(n_short: int) -> pl.DataFrame:
    rng = random.Random(3)
    rows = [
        (f"What is the {one} of the {other}?", f"the {rng.choice(words)} of the {row} {third}", words is SHORT)
        for words, n_rows in ((LONG, 1_200), (SHORT, n_short))
        for row in range(n_rows)
        for one, other, third in [rng.sample(words, 3)]
    ]
    told = pl.DataFrame(rows, schema=["prompt", "answer", "open"], orient="row")
    same = (pl.lit("").alias(name) for name in ("source", "asked"))
    return told.with_columns(*same, text=stable_hash(told["answer"]))


def test_the_words_of_prompts_tell_families_where_beginnings_and_lengths_are_the_same() -> None:
    told = pool(100)
    family = families(told, signs_of(told))
    assert (family[1_200:] == family.max()).mean() > 0.9
    assert (family[:1_200] < family.max()).all()
    order = random.Random(1).sample(range(told.height), told.height)
    mixed = told[order]
    assert families(mixed, signs_of(mixed)).tolist() == family[order].tolist()
    assert np.bincount(family).min() >= 30


def test_many_stumps_are_no_custom_of_the_prompts_that_they_were_cut_from() -> None:
    told = pool(0).with_row_index("row")
    cut = pl.col("row") % 24 == 0
    stumps = pl.col("answer").str.split(" ").list.head(1 + pl.col("row") // 24 % 4).list.join(" ")
    answers = told.select(pl.when(cut).then(stumps).otherwise(pl.col("answer") + ".")).to_series()
    found = cut_off(told["prompt"], answers) > 0.5
    assert found.filter(told.select(cut).to_series()).mean() > 0.9
    assert not found.filter(told.select(~cut).to_series()).any()


def test_few_answers_without_a_full_stop_are_no_family() -> None:
    told = pool(20)
    assert not families(told, signs_of(told)).any()


def test_what_a_family_explains_is_no_custom_of_the_group() -> None:
    # Of a group's 1,000 answers 48 go without: 47 of the 50 of one family, one of all others.
    of = np.array([1] * 47 + [0])
    told = Families(of, csr_array(np.array([[950.0], [50.0]])))
    one_group = np.zeros(48, dtype=np.int64)
    odds, sorts = Odds.of(np.full(48, 1e-4), 5e-4, one_group, 1), np.full(3, 1 / 3)
    start = np.full(48, 0.048)
    found = by_family(start, start[:1], odds, told, sorts, np.array([False]))
    assert found[:47].min() > 0.8
    assert found[47] < 0.01
