"""A copy is proven by what rows say beside the system message that many of them share."""

import polars as pl

from quality.auditing.audit import prove
from quality.auditing.compared import as_compared
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
