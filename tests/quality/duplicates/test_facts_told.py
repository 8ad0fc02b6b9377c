"""One fact in two spellings is no conflict, another fact is no copy, and the audit agrees with both."""

import inspect
import os

import numpy as np
import polars as pl
import pytest

from quality.auditing.audit import prove
from quality.auditing.measures import Asked, prove_measures
from quality.auditing.pairs import PairRules, prove_pairs
from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import duplicates, incompatible_answers, sources_of_many_voices
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.semantic import semantic_duplicates
from quality.neardup import NearDup, near_duplicates
from quality.receipts import RECEIPTS
from quality.records import MESSAGE, answer_text, prompt_text, record_ids

ASK = "What does the keeper's handbook say about it?"
BEHIND = (
    " It was first written down by a keeper who lived near the old mill, and it has been taught in the school of the "
    "village ever since then."
)
LONG = "According to the archive of the observatory on the hill, which was moved twice before the fire, what if so: "
Row = tuple[str, str]


def curated(*pairs: Row) -> list[tuple[int, int, str]]:
    """What is removed, as if all rows were close in meaning; the audit proves each removal."""
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer in pairs]
    rows = pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))}).with_columns(source=pl.lit("s"))
    rows = rows.with_columns(id=record_ids(rows["messages"]), origin=pl.Series([f"f:{n}" for n in range(len(pairs))]))
    rows = rows.with_row_index("at")
    found = [duplicates(rows, near_duplicates, NearDup(), Pairing()).with_columns(stage=pl.lit("dedupe"))]
    left = rows.filter(~pl.col("at").is_in(found[0]["row"].implode()))
    vectors = np.tile(np.array([[1, 0]], np.float32), (left.height, 1))
    same = semantic_duplicates(PoolTexts(prompt_text(left), answer_text(left)), vectors, 0.9)
    meant = same.select("row", "witness", reason=pl.lit("semantic_duplicate"), score="cosine", threshold=pl.lit(0.9))
    found.append(placed(meant, left).with_columns(stage=pl.lit("dedupe_meaning")))
    left = left.filter(~pl.col("at").is_in(found[1]["row"].implode()))
    fights = incompatible_answers(left, sources_of_many_voices(left, Pairing()), Pairing())
    found.append(placed(fights, left).with_columns(stage=pl.lit("compare_answers")))
    told = pl.concat(found, how="diagonal_relaxed").sort("row")
    assert audited(rows, told) == []
    return told.select("row", "witness", "reason").rows()


def placed(found: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    return found.with_columns(row=left["at"].gather(found["row"]), witness=left["at"].gather(found["witness"]))


def audited(rows: pl.DataFrame, told: pl.DataFrame) -> list[str]:
    gone = dict(zip(told["row"].to_list(), told.rows(named=True), strict=True))
    lines = []
    for row, (id_, origin) in enumerate(rows.select("id", "origin").rows()):
        line = ("split", "kept", "train", None, None, None)
        if one := gone.get(row):
            fate = "quarantined" if one["reason"] == "conflict" else "dropped"
            line = (one["stage"], fate, one["reason"], rows["id"][one["witness"]], one["score"], one["threshold"])
        lines.append((id_, origin, "s", *line))
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    kept, removed = (rows.filter(pl.col("at").is_in(list(gone)) == away) for away in (False, True))
    rules = PairRules(alike=0.75, boilerplate_prompts=5, words=0.85, prompt_words=0.7, floor=0.8, likeness=0.5)
    asked = Asked(alike=0.75, boilerplate_prompts=5, grams=0.5, edited=0.88, paraphrase=0.77, meaning=0.9)
    none = pl.DataFrame(schema={"item": pl.String, "question": pl.String, "answer": pl.String})
    proofs = prove(receipts, kept, removed, words=5, threshold=0.7)
    proofs += prove_pairs(receipts, kept, removed, rules) + prove_measures(receipts, kept, removed, none, asked)
    return [proof.claim for proof in proofs if proof.failed]


SAME = [
    ("It isn't safe to mix them.", "It is not safe to mix them."),
    ("You can’t do it.", "You cannot do it."),
    ("There are 1,000 steps.", "There are 1000 steps."),
    ("It costs $2.50.", "It costs $2.5."),
    ("The hedge is 10 m long.", "The hedge is 10 metres long."),
    ("The hedge is 10 meters long.", "The hedge is 10 metres long."),
    ("About 50% of them.", "About 50 percent of them."),
    ("10 °C", "10 degrees Celsius"),
]
PERHAPS = [
    ("2.50", "2.5"),
    ("Ten bees.", "10 bees."),
    ("Since Python 3.10.", "Since Python 3.1."),
    ("In the USA.", "In the United States."),
    ("Alice killed Bob.", "Bob killed Alice."),
    ("Take it from Paris to Rome.", "Take it from Rome to Paris."),
    ("The card holds 5 MB.", "The card holds 5 Mb."),
    ("The class is named re.Match.", "The class is named re.match."),
]
ANOTHER = [
    ("It is -5 degrees.", "It is 5 degrees."),
    ("Take 10 mg of it daily.", "Take 10 mcg of it daily."),
    ("The shop opens at 6 am.", "The shop opens at 6 pm."),
    ("It opens at 6 a.m. today.", "It opens at 6 p.m. today."),
    ("It raises the pressure of the blood.", "It lowers the pressure of the blood."),
    ("The value is above the mean.", "The value is below the mean."),
    ("She owns 3 cats and 5 dogs.", "She owns 5 cats and 3 dogs."),
    ("The area is a² by law.", "The area is a³ by law."),
    ("It's safe to mix them.", "It isn't safe to mix them."),
    ("Take ½ cup of it.", "Take ¼ cup of it."),
    ("Take it with food.", "Take it without food."),
    ("It is 1.5 km away.", "It is 1.5 mi away."),
]


@pytest.mark.parametrize("behind", ["", BEHIND])
@pytest.mark.parametrize(("said", "again"), SAME)
def test_one_fact_in_two_spellings_is_a_copy(said: str, again: str, behind: str) -> None:
    for one, other in ((said, again), (again, said)):
        ((_, _, reason),) = curated((ASK, one + behind), (ASK, other + behind))
        assert reason != "conflict"


@pytest.mark.parametrize(("said", "again"), PERHAPS)
def test_what_may_be_one_fact_is_neither_copy_nor_conflict(said: str, again: str) -> None:
    assert curated((ASK, said), (ASK, again)) == curated((ASK, again), (ASK, said)) == []


@pytest.mark.parametrize("behind", ["", BEHIND])
@pytest.mark.parametrize(("said", "other"), ANOTHER)
def test_another_fact_is_a_conflict_and_no_copy(said: str, other: str, behind: str) -> None:
    both = [(0, 1, "conflict"), (1, 0, "conflict")]
    assert curated((ASK, said + behind), (ASK, other + behind)) == both
    assert curated((ASK, other + behind), (ASK, said + behind)) == both


@pytest.mark.parametrize(("said", "other"), ANOTHER)
def test_prompts_that_differ_in_a_fact_alone_ask_for_two_things(said: str, other: str) -> None:
    assert curated((LONG + said, "It follows."), (LONG + other, "It follows.")) == []
    assert curated((f"Why so: {said}", BEHIND), (f"Why so: {other}", BEHIND)) == []


@pytest.mark.parametrize(
    ("short", "long"), [("5", "50"), ("It has 5", "It has 50 legs"), ("5 m", "5 mm"), ("2", "2.5"), ("10", "10% of it")]
)
def test_a_number_is_no_stump_of_a_longer_one(short: str, long: str) -> None:
    assert all(reason != "unfinished_answer" for *_, reason in curated((ASK, short), (ASK, long)))


@pytest.mark.parametrize("said", ["It is −5 degrees.", "It is a² at most."])
def test_a_sign_or_a_power_that_is_lost_makes_no_copy_of_the_same_letters(said: str) -> None:
    assert [reason for *_, reason in curated((ASK, said), (ASK, said.replace("−", "").replace("²", "")))] in (
        ["conflict", "conflict"],
        [],
    )


def test_a_question_is_the_same_with_a_contraction() -> None:
    asked = ("What's the capital of Freedonia?", "What is the capital of Freedonia?")
    assert [reason for *_, reason in curated((asked[0], "Bern it is."), (asked[1], "Rome it is."))] == ["conflict"] * 2
    assert len(curated((asked[0], "Bern it is."), (asked[1], "Bern it is."))) == 1


@pytest.mark.parametrize("other", ["Matches at the start of a text.", "The class of what is found, as it is returned."])
def test_prompts_that_name_other_things_of_code_by_capitals_are_two(other: str) -> None:
    said = "Matches at the start of a text."
    for one, two in (("re.match", "re.Match"), ("os.path", "OS.path"), ("max_size", "MAX_SIZE")):
        assert curated((f"So what is {one} for?", said), (f"So what is {two} for?", other)) == []


def test_a_prompt_in_other_capitals_is_one_prompt_all_the_same() -> None:
    said = "Matches at the start of a text."
    rows = [(ask, said) for ask in ("What is re.match for?", "WHAT IS RE.MATCH FOR?", "what is re.match for?")]
    assert [row for row, *_ in curated(*rows)] == [1, 2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (os.remove, os.rmdir),
        (os.rename, os.replace),
        (str.partition, str.rpartition),
        (bytes.partition, bytes.rpartition),
    ],
)
def test_siblings_of_the_standard_library_stay(one: object, other: object) -> None:
    rows = [
        (
            f"What does {what.__qualname__ if '.' in what.__qualname__ else f'os.{what.__name__}'} do?",
            inspect.getdoc(what),
        )
        for what in (one, other)
    ]
    assert curated(*rows) == []
    edited = rows[0][1].replace("may", "can", 1).replace("found", "seen", 1)
    assert [end[:2] for end in curated(*rows, (rows[0][0], edited))] == [(2, 0)]
