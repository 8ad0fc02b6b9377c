"""A copy is proven by what rows say beside the system message that many of them share."""

import polars as pl
import pytest

from quality.auditing.audit import prove
from quality.auditing.compared import alike_above, as_compared, said_below
from quality.records import MESSAGE, full_text, record_ids

LONG = "You help people with their gardens. " + " ".join(f"Rule {n}: be of use in matter {n}." for n in range(20))
SAID = "It grows where the wind brought its seed, under walls and along the edges of the old roads near the river."


def rows(*turns: tuple[str | None, str, str]) -> pl.DataFrame:
    said = []
    for system, question, answer in turns:
        led = [] if system is None else [{"role": "system", "content": system}]
        said.append([*led, {"role": "user", "content": question}, {"role": "assistant", "content": answer}])
    messages = pl.Series("messages", said, dtype=pl.List(MESSAGE))
    origins = [f"pool:{n}" for n in range(len(said))]
    return pl.DataFrame({"id": record_ids(messages), "messages": messages, "origin": origins})


def failed(copy: tuple[str | None, str, str], score: float) -> list[str]:
    """Prove that the last row is a near-duplicate of the first; return the claims that don't hold."""
    found = rows(*((LONG, f"Where does plant {n} grow?", f"{SAID} {'x' * n}.") for n in range(22)), copy)
    ends = [*[("kept", "split", "train", None, None, None)] * 22]
    ends.append(("dropped", "dedupe", "near_duplicate", found["id"][0], score, 0.7))
    names = ["fate", "stage", "reason", "witness", "score", "threshold"]
    receipts = pl.concat(
        [found.select("id", "origin"), pl.DataFrame(ends, schema=names, orient="row")], how="horizontal"
    )
    made = prove(receipts, found[:22], found[22:], words=5, threshold=0.7)
    return [proof.claim for proof in made if proof.failed]


def test_a_copy_without_it_is_one_with_the_score_of_the_rest() -> None:
    copy = (None, "Where does plant 0 grow?", SAID.replace("river", "harbour"))
    shingles = len(f"Where does plant 0 grow? {SAID}".split()) - 4
    score = (shingles - 1) / (shingles + 1)  # the last of them holds another word
    assert failed(copy, score) == []
    (claim,) = failed(copy, score + 0.001)
    assert claim.startswith("every duplicate's receipt tells this Jaccard as its score")
    assert failed(("Another one's words.", *copy[1:]), score) != []


def test_it_is_shared_by_the_rows_that_came_to_where_duplicates_are_looked_for() -> None:
    found = rows(*((LONG, f"Where does plant {n} grow?", "Here.") for n in range(20)))
    receipts = found.select("id", "origin", stage=pl.lit("split"))
    assert not full_text(as_compared(receipts, found))[0].startswith("You help")
    gone = receipts.with_columns(stage=pl.when(pl.col("origin") == "pool:3").then(pl.lit("screen")).otherwise("stage"))
    assert full_text(as_compared(gone, found))[0].startswith("You help")
    later = receipts.with_columns(stage=pl.when(pl.col("origin") == "pool:3").then(pl.lit("dedupe")).otherwise("stage"))
    assert not full_text(as_compared(later, found))[0].startswith("You help")


OTHER = "You help people with their boats. " + " ".join(f"On voyage {n}, tell of port {n}." for n in range(20))


def led(*more: tuple[str | None, str, str]) -> pl.DataFrame:
    """Put rows behind those of two system messages that many share."""
    shared = [
        (system, f"Where does {word} {n} lie?", f"Here {n}.")
        for system, word in ((LONG, "plant"), (OTHER, "port"))
        for n in range(20)
    ]
    return rows(*shared, *more)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (None, None, True),
        (LONG, LONG, True),
        (LONG, None, True),
        (LONG, OTHER, False),
        (LONG, "Be kind to them, and brief.", True),
        (f"Of old roads. {SAID}", f"Of old lanes. {SAID}", True),
        (f"Of old roads. {SAID}", None, True),
        (f"Of old roads. {SAID}", "Of ships and of the men who sail them out into the cold.", False),
        (f"Told as moss + frost. {SAID}", f"Told as moss - frost. {SAID}", False),
        (f"It has 12 ponds. {SAID}", f"It has 13 ponds. {SAID}", False),
    ],
)
def test_system_messages_may_tell_rows_apart_that_say_the_same_below(
    one: str | None, other: str | None, alike: bool
) -> None:
    found = led((one, "Where does it grow?", SAID), (other, "Where does it grow?", f"{SAID} Indeed."))
    texts, _ = said_below(as_compared(found.select("id", "origin", stage=pl.lit("split")), found))
    assert alike_above(texts["pool:41"], texts["pool:40"], 0.85) == alike


@pytest.mark.parametrize("system", [LONG, OTHER])
def test_a_copy_and_its_witness_are_led_by_one_shared_message(system: str) -> None:
    found = led((LONG, "Where does it grow?", SAID), (system, "where does it grow?", SAID))
    ends = [("kept", "split", "train", None, None, None)] * 41
    ends.append(("dropped", "dedupe", "exact_duplicate", found["id"][40], 1.0, 1.0))
    names = ["fate", "stage", "reason", "witness", "score", "threshold"]
    told = pl.DataFrame(ends, schema=names, orient="row", infer_schema_length=None)
    made = prove(found.select("id", "origin").hstack(told), found[:41], found[41:], words=5, threshold=0.7)
    wrong = [proof.claim for proof in made if proof.failed]
    assert [claim.startswith("no duplicate tells a fact") for claim in wrong] == [True] * (system == OTHER)
