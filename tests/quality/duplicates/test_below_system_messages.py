"""Rows that their system messages alone make alike are no copies; rows that are alike below them as well are."""

import random

import polars as pl
import pytest

from quality.auditing.audit import prove
from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import duplicates, incompatible_answers
from quality.neardup import NearDup, jaccard_of, near_duplicates
from quality.preambles import without_system
from quality.records import MESSAGE, full_text, record_ids

LONG = " ".join(f"Of the garden's rule {n} every guest is told once." for n in range(80))
NAMES = ("Ada", "Blaise", "Carl", "Emmy", "Kurt", "Sofia", "Alan")
Row = tuple[tuple[str, ...], str, str]


def records(*told: Row) -> pl.DataFrame:
    said = [
        [
            *({"role": "system", "content": system} for system in systems),
            {"role": "user", "content": asked},
            {"role": "assistant", "content": answer},
        ]
        for systems, asked, answer in told
    ]
    messages = pl.Series("messages", said, dtype=pl.List(MESSAGE))
    origins = [f"pool:{n}" for n in range(len(said))]
    return pl.DataFrame({"id": record_ids(messages), "messages": messages, "origin": origins})


def unlike(count: int) -> list[tuple[str, str]]:
    rng = random.Random(3)
    words = [f"word{n}" for n in range(900)]
    return [(f"{' '.join(rng.sample(words, 8))}?", f"{' '.join(rng.sample(words, 45))}.") for _ in range(count)]


def found(rows: pl.DataFrame) -> list[tuple[int, int, str]]:
    return duplicates(rows, near_duplicates, NearDup(), Pairing()).select("row", "witness", "reason").rows()


def edited(answer: str) -> str:
    first, _, *rest = answer.split()
    return " ".join([first, "indeed", *rest])


@pytest.mark.parametrize(
    "systems",
    [
        lambda at: (f"Today is {at % 7 + 1} March. {LONG}",),
        lambda at: (f"Of day {at} of the year. {LONG}",),
        lambda at: (f"The guest is called {NAMES[at % 7]}. {LONG}",),
        lambda at: ("Be of help.", LONG),
        lambda at: (f"Session {at}.", LONG),
        lambda at: (LONG,) if at < 19 else (f"Rules of house {at}. {LONG}",),
    ],
    ids=["a date", "a date each", "a name", "two", "two, one its own", "few of many"],
)
def test_a_system_message_makes_no_copies_of_unlike_rows_whatever_changes_in_it(systems) -> None:
    pool = [(systems(at), *turns) for at, turns in enumerate(unlike(60))]
    assert found(records(*pool)) == []
    copies = [(led, asked, edited(answer)) for led, asked, answer in pool[5:15]]
    assert found(records(*pool, *copies)) == [(60 + at, 5 + at, "near_duplicate") for at in range(10)]


def test_a_copy_is_found_though_another_row_is_more_alike_by_its_system_message() -> None:
    (asked, answer), (other, said) = unlike(2)
    words = ["".join("abcdefghij"[int(digit)] for digit in str(at)) for at in range(2_000)]

    def led(start: int) -> tuple[str]:
        return (" ".join(words[start : start + 1_000]),)

    first, good, copy = (led(0), asked, answer), (led(200), other, said), (led(50), other, said)
    assert found(records(good, copy)) == [(1, 0, "near_duplicate")]
    assert found(records(first, good, copy)) == [(2, 1, "near_duplicate")]


def test_a_row_that_proves_a_copy_stays_though_it_is_a_copy_of_what_another_row_hid() -> None:
    (asked, answer), (other, said) = unlike(2)
    words = ["".join("abcdefghij"[int(digit)] for digit in str(at)) for at in range(2_000)]

    def led(start: int) -> tuple[str]:
        return (" ".join(words[start : start + 1_000]),)

    hub, hidden, proves, copy = led(0), led(100), led(230), led(390)
    pool = [(hub, asked, answer), (hidden, other, said), (proves, other, said), (copy, other, said)]
    assert found(records(*pool)) == [(3, 2, "near_duplicate")]
    assert found(records(*pool[:3])) == []


def test_a_copy_is_found_where_either_text_alone_is_more_like_another_rows() -> None:
    (asked, answer), (other, said) = unlike(2)
    (above, below), turned = ((LONG,), (LONG[::-1],)), f"{said} {' '.join(said.split()[::-1])}"
    by_system, by_answer = (above, asked, answer), (below, other, turned)
    row, copy = (above, other, f"Well then, {turned}"), ((f"{LONG} Indeed.",), other, f"Well indeed then, {turned}")
    assert found(records(by_system, by_answer, row, copy)) == [(3, 2, "near_duplicate")]


def test_of_rows_that_ask_and_say_the_same_of_documents_those_of_one_document_are_copies() -> None:
    documents = [f"{asked} {answer} {answer[::-1]}" for asked, answer in unlike(70)]
    pool = [((one,), "Is it of use to a gardener, in one word?", "It is.") for one in documents]
    assert found(records(*pool)) == []
    again = [((f"{one} Indeed.",), *turns) for (one,), *turns in pool[40:]]
    assert [line[:2] for line in found(records(*pool, *again))] == [(70 + at, 40 + at) for at in range(30)]


def test_what_one_row_asks_below_a_system_message_and_another_in_its_question_is_a_copy() -> None:
    asked, answer = unlike(1)[0]
    assert found(records(((LONG,), asked, answer), ((), f"{LONG}\n{asked}", answer))) == [(1, 0, "exact_duplicate")]
    assert found(records(((LONG,), asked, answer), ((), f"{LONG}\n{asked}", edited(answer)))) == [
        (1, 0, "near_duplicate")
    ]


def test_whole_rows_that_are_equal_are_copies_wherever_their_system_messages_end() -> None:
    asked, answer = unlike(1)[0]
    pool = records(((f"Be of help.\n{LONG}",), asked, answer), (("Be of help.",), f"{LONG}\n{asked}", answer))
    assert found(pool) == [(1, 0, "exact_duplicate")]


def test_a_question_with_and_without_a_shared_preamble_that_is_answered_otherwise_is_no_copy() -> None:
    asked = [f"{text} {question}" for question, text in unlike(30)]
    led = [(("Be of help.",), question, "It grew in most gardens within a week.") for question in asked]
    alone = [((), question, "Nobody can tell that from so few.") for question in asked]
    assert found(records(*led, *alone)) == []


def test_the_audit_asks_for_both_likenesses() -> None:
    (asked, answer), (other, said) = unlike(2)
    led = (f"Today is Monday. {LONG}",)
    pool = records((led, asked, answer), (led, asked, edited(answer)), (led, other, said))
    below = full_text(without_system(pool))
    pairs = pl.DataFrame({"row": [1, 2], "witness": [0, 0]}, schema={"row": pl.UInt32, "witness": pl.UInt32})
    score, none = jaccard_of(below, pairs, NearDup(threshold=0.1))
    whole = jaccard_of(full_text(pool), pairs)
    assert whole[0] > score > 0.7
    assert (none, whole[1] > 0.7) == (0, True)

    def failed(copy: int, score: float) -> list[str]:
        ends = [("kept", "split", "train", None, None, None)] * 3
        ends[copy] = ("dropped", "dedupe", "near_duplicate", pool["id"][0], score, 0.7)
        names = ["fate", "stage", "reason", "witness", "score", "threshold"]
        receipts = pl.concat(
            [pool.select("id", "origin"), pl.DataFrame(ends, schema=names, orient="row", infer_schema_length=None)],
            how="horizontal",
        )
        kept = pl.col("origin") != f"pool:{copy}"
        made = prove(receipts, pool.filter(kept), pool.filter(~kept), words=5, threshold=0.7)
        return [proof.claim for proof in made if proof.failed]

    assert failed(1, float(score)) == []
    assert failed(1, float(whole[0])) != []
    assert "every near-duplicate has Jaccard ≥ its threshold with its witness" in failed(2, float(whole[1]))


CYCLE = "Water the beds at dawn, then rest in the shade. "


@pytest.mark.parametrize(
    "pair",
    [
        (((LONG,), "👍", "🙂"), ((f"{LONG} Indeed.",), "👍", "🙂")),
        (((f"Be of help.\n{LONG}",), "How?", 3 * CYCLE), (("Be of help.",), f"{LONG}\nHow?", 4 * CYCLE)),
    ],
    ids=["signs without a word", "the same windows of words, split elsewhere"],
)
def test_the_audit_tells_of_rows_below_system_messages_what_the_curator_tells(pair) -> None:
    pool = records(*pair)
    (line,) = duplicates(pool, near_duplicates, NearDup(), Pairing()).rows(named=True)
    names = ["fate", "stage", "reason", "witness", "score", "threshold"]
    ends = [
        ("kept", "split", "train", None, None, None),
        ("dropped", "dedupe", line["reason"], pool["id"][0], line["score"], line["threshold"]),
    ]
    receipts = pool.select("id", "origin").hstack(
        pl.DataFrame(ends, schema=names, orient="row", infer_schema_length=None)
    )
    made = prove(receipts, pool[:1], pool[1:], words=5, threshold=0.7)
    assert [proof.claim for proof in made if proof.failed] == []


def test_a_system_message_that_asks_stays() -> None:
    said = [[{"role": "system", "content": "Why?"}, {"role": "assistant", "content": f"{n}."}] for n in range(3)]
    rows = pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))})
    assert without_system(rows).equals(rows)


def test_pairs_are_compared_as_near_duplicates_are() -> None:
    texts = pl.Series(
        [" ".join(f"w{n}" for n in range(20)), None, "C++", "c++", " ".join(f"w{n}" for n in range(1, 21))]
    )
    pairs = pl.DataFrame({"row": [4, 3, 2, 0], "witness": [0, 2, 0, 0]})
    assert jaccard_of(texts, pairs).tolist() == [15 / 17, 1, 0, 1]


def logged(day: int, system: str = LONG) -> tuple[str]:
    return (f"{system} Today is {day % 28 + 1} {('May', 'June', 'July')[day % 3]} {2000 + day % 20}.",)


def copied_on_another_day(count: int, led=logged) -> pl.DataFrame:
    pool = [(led(at), *turns) for at, turns in enumerate(unlike(count))]
    return records(*pool, *((led(at + 31), asked, edited(said)) for at, (_, asked, said) in enumerate(pool[:10])))


def test_a_row_logged_on_another_day_is_a_copy_where_many_share_all_but_the_day() -> None:
    assert found(copied_on_another_day(40)) == [(40 + at, at, "near_duplicate") for at in range(10)]
    assert found(copied_on_another_day(9)) == [], "of few rows the day may be what they are about"


def test_a_row_of_another_day_and_another_task_is_none() -> None:
    tasks = ("Put what follows into French.", "Name what is wrong with what follows.")
    pool = copied_on_another_day(60, lambda at: logged(at, f"{tasks[at % 2]} {LONG}"))
    assert found(pool) == [], "the 31st day has the other task"


def test_a_name_in_what_many_share_may_be_what_rows_are_about() -> None:
    assert found(copied_on_another_day(40, lambda at: (f"The guest is {NAMES[at % 7]}. {LONG}",))) == []


def test_what_is_told_of_the_day_is_no_copy_and_no_conflict() -> None:
    days = [(f"{LONG} Today is {at + 1} May.", f"It is the {at + 1} of May, and the sun shines.") for at in range(30)]
    pool = records(*(((led,), "Which day is it?", answer) for led, answer in days))
    assert found(pool) == []
    pool = pool.with_columns(source=pl.lit("log"))
    assert incompatible_answers(pool, pl.Series(dtype=pl.String), Pairing()).is_empty()


def test_the_audit_knows_a_copy_of_another_day() -> None:
    pool = copied_on_another_day(40)
    fates = duplicates(pool, near_duplicates, NearDup(), Pairing())
    gone = pl.int_range(pool.height, eager=True).is_in(fates["row"].implode())
    ends = fates.select("row", "reason", "score", "threshold", witness=pool["id"].gather(fates["witness"]))
    told = pool.select("id", "origin").with_row_index("row").join(ends, on="row", how="left", maintain_order="left")
    receipts = told.with_columns(
        fate=pl.when(gone).then(pl.lit("dropped")).otherwise(pl.lit("kept")),
        stage=pl.when(gone).then(pl.lit("dedupe")).otherwise(pl.lit("split")),
        reason=pl.coalesce("reason", pl.lit("train")),
    ).drop("row")
    made = prove(receipts, pool.filter(~gone), pool.filter(gone), words=5, threshold=0.7)
    assert gone.sum() == 10
    assert [proof.claim for proof in made if proof.failed] == []
