"""The general rows of a training are proven as the training set is; whatever is changed in them is found."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
import yaml

from flows.inspecting import why
from quality.auditing.audit import Proof
from quality.records import MESSAGE, record_ids
from quality.row_memory import RowMemory
from tasks import model_card, store
from tasks.auditing import audit
from tasks.auditing.general import prove_lot
from tasks.auditing.steps import Rows
from tasks.general import first_by_lot
from tasks.inspection import find_lives
from tasks.training.general_settings import BESIDE, General

Tamper = Callable[[Path], object]

WHOLE = "general rows are kept where the training needs them, and are those of the manifest's digests"
BOOKS = "of general rows: every row has one receipt and lies where that says"
NAMED = "of general rows: every row's id is the hash of its messages as they are now"
REST = "the general rows of the pool are those that the lot draws of what the domain filter left out"
PARTED = "a quarter of the general rows is held back, the others are there to learn from"
ASKED_FOR = "general rows are of the pool, or of none of it, as the recipe asks"
LEFT_OUT = "of general rows: every row left out is so at a stage of theirs, and a duplicate says what another row says"
APART = "no general row says what a row of the dataset says"
ASKED = "of general rows: no row asks a reserved question"
GIVEN = "of general rows: every leak's witness is a reserved item, and the row gives it away"
BARE = "of general rows: in no row that was not edited personal data of the recipe's kinds is recognised"
LACKING = "the files that the proofs of general rows need can be read"


def failed(folder: Path, memory: RowMemory) -> set[str]:
    return {proof.claim for proof in audit(folder, memory).proofs if proof.failed}


def proven(folder: Path, memory: RowMemory) -> dict[str, int]:
    return {proof.claim: proof.checked for proof in audit(folder, memory).proofs}


def in_line(folder: Path) -> None:
    """Bring the manifest in line with the general rows, as a forger who knows winnow does."""
    facts = json.loads((folder / "manifest.json").read_text())
    files = sorted((folder / "general").glob("*.parquet"))
    facts["files"] = {name: digest for name, digest in facts["files"].items() if not name.startswith("general/")}
    facts["files"] |= {f"general/{file.name}": store.file_digest(file) for file in files}
    for part, name in (("train", "general"), ("validation", "general_held")):
        facts["digests"][name] = facts["files"].get(f"general/{part}.parquet")
    (folder / "manifest.json").write_text(json.dumps(facts))


def change(name: str, how: Callable[[pl.DataFrame], pl.DataFrame]) -> Tamper:
    def tamper(folder: Path) -> None:
        file = folder / "general" / f"{name}.parquet"
        how(pl.read_parquet(file)).write_parquet(file)

    return tamper


def say(folder: Path, prompt: str, answer: str, origin: str = f"{BESIDE}pool.jsonl:1") -> None:
    """Have a general row say something else, in its receipt as well."""
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    messages = pl.Series([turns], dtype=pl.List(MESSAGE))
    name = record_ids(messages)[0]
    here = pl.col("origin") == origin
    for part in ("train", "validation", "receipts"):
        told: dict[str, pl.Expr] = {"id": pl.when(here).then(pl.lit(name)).otherwise("id")}
        if part != "receipts":
            told["messages"] = pl.when(here).then(pl.lit(messages).first()).otherwise("messages")
        change(part, lambda frame, told=told: frame.with_columns(**told))(folder)  # type: ignore[misc]


def give_away(folder: Path) -> None:
    question, answer = pl.read_parquet(folder / "reserve.parquet").select("question", "answer").row(0)
    say(folder, question, answer)


def empty(folder: Path) -> None:
    for part in ("train", "validation", "removed", "receipts", "edits"):
        change(part, lambda frame: frame.clear())(folder)


def hold_none_back(folder: Path) -> None:
    held = pl.read_parquet(folder / "general" / "validation.parquet")
    change("validation", lambda rows: rows[:1])(folder)
    change("train", lambda rows: pl.concat([rows, held[1:]]))(folder)
    moved = pl.col("origin").is_in(held["origin"][1:].implode())
    said = pl.when(moved).then(pl.lit("train")).otherwise("reason")
    change("receipts", lambda ledger: ledger.with_columns(reason=said))(folder)


def leave_out(stage: str, reason: str) -> Tamper:
    """Say of a row to replay that it was left out, in the book of receipts and in the files."""

    def tamper(folder: Path) -> None:
        row = pl.read_parquet(folder / "general" / "train.parquet")[:1]
        here = pl.col("origin") == row["origin"][0]
        said = {"fate": pl.lit("dropped"), "stage": pl.lit(stage), "reason": pl.lit(reason), "witness": pl.col("id")}
        told = {name: pl.when(here).then(to).otherwise(name) for name, to in said.items()}
        change("receipts", lambda ledger: ledger.with_columns(**told))(folder)
        change("train", lambda rows: rows[1:])(folder)
        change("removed", lambda rows: pl.concat([rows, row]))(folder)

    return tamper


def drop_part(folder: Path) -> None:
    shutil.rmtree(folder / "general")


def pass_over(folder: Path) -> None:
    """Have a row of the pool's rest never drawn: it is in no file, and in no book."""
    rows = pl.read_parquet(folder / "general" / "train.parquet")
    of_rest = rows.filter(~pl.col("origin").str.starts_with(BESIDE))["origin"][0]
    for part in ("train", "receipts"):
        change(part, lambda frame: frame.filter(pl.col("origin") != of_rest))(folder)


def take_a_kept_row(folder: Path) -> None:
    """Name a general row as one of the training set."""
    row = pl.read_parquet(folder / "dataset" / "train.parquet")[0]
    turns = row["messages"][0].to_list()
    say(folder, turns[0]["content"], turns[1]["content"])
    named = pl.when(pl.col("origin") == f"{BESIDE}pool.jsonl:1").then(pl.lit(row["origin"][0])).otherwise("origin")
    for part in ("train", "validation", "receipts"):
        change(part, lambda frame: frame.with_columns(origin=named))(folder)


def test_general_rows_of_an_honest_run_are_proven(judged: Path, memory: RowMemory) -> None:
    assert failed(judged, memory) == set()
    checked = proven(judged, memory)
    assert checked[WHOLE] == 5
    assert checked[BOOKS] == checked[NAMED] >= 13
    assert checked[REST] >= 1
    assert checked[GIVEN] == 1, "a row gave an exam item away"
    ledger = pl.read_parquet(judged / "general" / "receipts.parquet")
    assert set(ledger["reason"]) >= {"train", "validation", "personal_data"}
    assert not [gap for gap in audit(judged, memory).unproven if gap.startswith("general")]


@pytest.mark.parametrize(
    ("tamper", "claim"),
    [
        (drop_part, WHOLE),
        (lambda run: (run / "general" / "edits.parquet").unlink(), LACKING),
        (lambda run: (run / "general" / "more.parquet").write_bytes(b""), WHOLE),
        (change("train", lambda rows: rows[1:]), BOOKS),
        (change("train", lambda rows: pl.concat([rows, rows[:1]])), BOOKS),
        (change("receipts", lambda ledger: ledger[1:]), BOOKS),
        (change("removed", lambda rows: rows.clear()), BOOKS),
        (change("validation", lambda rows: rows.with_columns(messages=pl.col("messages").reverse())), NAMED),
        (give_away, ASKED),
        (lambda run: say(run, "Whom do I ask?", "Write to eve@lovelace-letters.org for an answer."), BARE),
        (take_a_kept_row, REST),
        (take_a_kept_row, APART),
        (pass_over, REST),
        (empty, PARTED),
        (hold_none_back, PARTED),
        (leave_out("dedupe", "exact_duplicate"), LEFT_OUT),
        (leave_out("weigh", "high_perplexity"), LEFT_OUT),
    ],
)
def test_a_change_of_general_rows_is_found(judged: Path, memory: RowMemory, tamper: Tamper, claim: str) -> None:
    tamper(judged)
    in_line(judged)
    assert claim in failed(judged, memory)
    assert all("general row" in other for other in failed(judged, memory))


def ledger(of: str, rows: int) -> pl.DataFrame:
    """Rows by name, each of a content of its own."""
    origins = [f"{of}:{row}" for row in range(rows)]
    return pl.DataFrame({"id": [sha256(origin.encode()).hexdigest() for origin in origins], "origin": origins})


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("places", [8, 20, 100])
def test_the_lot_is_drawn_again_among_rows_of_sources_of_which_some_were_masked(seed: int, places: int) -> None:
    asked = General(rows=places, seed=seed, rest=True, sources=({"path": "general.jsonl"},))
    outside, wide = ledger("pool.jsonl", 30), ledger(f"{BESIDE}general.jsonl", 12)
    drawn = first_by_lot(pl.concat([wide, first_by_lot(outside, asked)]), asked)
    of_rest = ~pl.col("origin").str.starts_with(BESIDE)
    masked = drawn.filter(~of_rest)[:2]
    said = pl.when(pl.col("origin").is_in(masked["origin"].implode())).then(pl.lit("0" * 64)).otherwise("id")
    drawn = drawn.with_columns(id=said)
    none = drawn.clear()
    pool = Rows(outside.with_columns(stage=pl.lit("keep_domain")), none, none, none, none, RowMemory())

    def proof(told: pl.DataFrame) -> Proof:
        return prove_lot(Rows(none, told, none, none, masked.select("origin"), RowMemory()), pool, asked)

    assert proof(drawn).failed == 0
    kept = drawn.filter(of_rest)
    assert kept.height
    assert proof(drawn.filter(pl.col("origin") != kept["origin"][0])).failed
    others = outside.join(kept, on="id", how="anti")
    if others.height:
        exchanged = pl.concat([drawn.filter(pl.col("origin") != kept["origin"][0]), others[:1]])
        assert proof(exchanged).failed == 2, "one passed over, one put in its place"


@pytest.mark.parametrize("name", ["general", "general_held"])
def test_general_rows_of_other_digests_are_found(judged: Path, memory: RowMemory, name: str) -> None:
    facts = json.loads((judged / "manifest.json").read_text())
    facts["digests"][name] = "0" * 32
    (judged / "manifest.json").write_text(json.dumps(facts))
    assert failed(judged, memory) == {WHOLE}


def test_general_rows_that_no_training_needs_are_found(
    judged: Path, memory: RowMemory, repair: Callable[..., None]
) -> None:
    text = (judged / "config.yaml").read_text()
    (judged / "config.yaml").write_text(text.replace("tune:\n", "tune:\n  forgetting: {measure_tokens: 0}\n"))
    repair(judged, digests_alone=True)
    assert WHOLE in failed(judged, memory)


@pytest.mark.parametrize("asked", [{"rest": False}, {"sources": []}])
def test_general_rows_from_where_none_are_asked_for_are_found(
    judged: Path, memory: RowMemory, repair: Callable[..., None], asked: dict[str, object]
) -> None:
    recipe = yaml.safe_load((judged / "config.yaml").read_text())
    recipe["tune"]["general"] |= asked
    (judged / "config.yaml").write_text(yaml.safe_dump(recipe))
    repair(judged, digests_alone=True)
    assert ASKED_FOR in failed(judged, memory)


def test_a_run_from_before_they_were_kept_says_so(judged: Path, memory: RowMemory) -> None:
    shutil.rmtree(judged / "general")
    facts = json.loads((judged / "manifest.json").read_text())
    facts["files"] = {name: digest for name, digest in facts["files"].items() if not name.startswith("general/")}
    facts["digests"] = {name: digest for name, digest in facts["digests"].items() if not name.startswith("general")}
    facts["digests"]["code"] = "0" * 32
    (judged / "manifest.json").write_text(json.dumps(facts))
    found = audit(judged, memory)
    assert not [proof for proof in found.proofs if proof.failed]
    assert "which general rows the training had, if any (it keeps none)" in found.unproven


def test_a_row_that_is_drawn_as_general_text_says_so(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = pl.read_parquet(judged / "general" / "receipts.parquet")
    of_rest = ledger.filter(~pl.col("origin").str.starts_with(BESIDE), pl.col("fate") == "kept").row(0, named=True)
    (life,) = find_lives(judged, of_rest["origin"]).lives
    assert (life.receipt["stage"], life.receipt["fate"]) == ("keep_domain", "dropped"), "the pool's own receipt"
    none = "to replay while training, but this training replayed none"
    assert life.general in (none, "held back to measure forgetting on")
    parts = dict(ledger.select("origin", "reason").iter_rows())
    told = {find_lives(judged, origin).lives[0].general for origin, part in parts.items() if part == "train"}
    assert told == {none}
    told = {find_lives(judged, origin).lives[0].general for origin, part in parts.items() if part == "validation"}
    assert told == {"held back to measure forgetting on"}
    gone = ledger.filter(stage="decontaminate")["origin"][0]
    assert find_lives(judged, gone).lives[0].general.startswith("left out of it at stage decontaminate: ")
    (clay,) = find_lives(judged, "made of clay").lives
    assert clay.receipt["origin"] == f"{BESIDE}pool.jsonl:1"
    own, beside = find_lives(judged, "pool.jsonl:1").lives
    assert (own.general, own.said == clay.said) == ("", False), "a row of the pool, of the same name"
    assert beside == clay
    why("made of clay", str(judged))
    told = capsys.readouterr().out
    assert f"general text {clay.general}" in " ".join(told.split())
    assert "kept at stage split" not in told
    why(of_rest["origin"], str(judged))
    told = capsys.readouterr().out
    assert "dropped at stage keep_domain" in told
    assert "drawn as general text, " in told
    why("potter makes", str(judged))
    assert "general text" in capsys.readouterr().out
    facts = json.loads((judged / "manifest.json").read_text())
    facts["training"]["replayed_tokens"] = 7
    (judged / "manifest.json").write_text(json.dumps(facts))
    (clay,) = find_lives(judged, "made of clay").lives
    assert clay.general == "to replay while training"
    edited = pl.read_parquet(judged / "general" / "edits.parquet")["origin"][0]
    assert find_lives(judged, edited).lives[0].edited.startswith("protect: 1 replaced (")


def test_the_card_counts_them(judged: Path) -> None:
    store.write_json(judged / "adapter" / "adapter_config.json", {"peft_type": "LORA"})
    card = model_card.write(model_card.of_run(judged, judged / "adapter"))
    digests = json.loads((judged / "manifest.json").read_text())["digests"]
    rows = {part: pl.read_parquet(judged / "general" / f"{part}.parquet").height for part in ("train", "validation")}
    assert f"| general rows | {rows['train']} | `{digests['general']}` |" in card
    assert f"| general rows held back | {rows['validation']} | `{digests['general_held']}` |" in card
