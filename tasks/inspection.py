"""Read finished runs: a row's life, the differences of two runs, and the proofs of the audit."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from quality.audit import Proof, prove
from quality.audit_budget import prove_budget
from quality.audit_edits import prove_edits
from quality.audit_leaks import LeakRules, prove_leaks
from quality.audit_pairs import PairRules, prove_pairs
from quality.receipts import books
from quality.records import full_text, record_ids
from tasks import run_files, runs, store
from tasks.runs import DamagedRun

MOST_LIVES = 20
_CHOICE: dict[str, pl.DataType] = {"origin": pl.String(), "tokens": pl.UInt32()}


@dataclass(frozen=True)
class Life:
    """A row's receipt with its text and its witness's, and in a few words what was edited in it."""

    receipt: dict[str, Any]
    text: str
    witness_origin: str = ""
    witness_text: str = ""
    edited: str = ""


@dataclass(frozen=True)
class Differences:
    """Two runs side by side: facts (name, first, second), and rows that moved between fates."""

    facts: list[tuple[str, str, str]]
    new: int
    gone: int
    moved: list[tuple[str, str, int]]


def lives(folder: Path, row: str) -> list[Life]:
    """Return the life of every row whose id begins with `row` or whose origin ends with it, at most `MOST_LIVES`.

    Raises
    ------
    ValueError
        When the run has no such row.
    """
    ledger = run_files.receipts(folder)
    found = ledger.filter(pl.col("id").str.starts_with(row) | pl.col("origin").str.ends_with(row)).head(MOST_LIVES)
    if found.is_empty():
        raise ValueError(f"The run {folder.name} has no row “{row}”. Give an id, its beginning, or file:line.")
    rows = pl.concat([run_files.dataset(folder), run_files.removed(folder)])
    texts = rows.select("id", "origin", text=full_text(rows))
    edits = {edit["origin"]: _edit(edit) for edit in run_files.edits(folder).iter_rows(named=True)}
    lives = [_life(receipt, texts, folder) for receipt in found.iter_rows(named=True)]
    return [replace(life, edited=edits.get(life.receipt["origin"], "")) for life in lives]


def differences(before: Path, after: Path) -> Differences:
    """Compare two runs by their manifests, receipts and verdicts; a row is the same wherever it stands in its file."""
    one, other = run_files.receipts(before), run_files.receipts(after)
    pairs = _ends(one, "was").join(_ends(other, "now"), on=["row", "turn"], how="full", coalesce=True)
    both = pairs.drop_nulls(["was", "now"]).filter(pl.col("was") != pl.col("now"))
    moved = both.group_by("was", "now").agg(rows=pl.len()).sort("rows", descending=True)
    return Differences(
        facts=_facts(before, after, one, other),
        new=pairs.filter(pl.col("was").is_null()).height,
        gone=pairs.filter(pl.col("now").is_null()).height,
        moved=list(moved.iter_rows()),
    )


def audit(folder: Path) -> list[Proof]:
    """Re-prove a run from its files: what they hold is what the manifest says, the books, every duplicate and leak.

    A file that is damaged is a proof that failed; those that need it can't be made, and one more failure says so.

    Raises
    ------
    ValueError
        When the run has no receipts: it was stopped, or curated nothing.
    """
    unaltered = _unaltered(folder)
    try:
        receipts, dataset, removed = run_files.receipts(folder), run_files.dataset(folder), run_files.removed(folder)
        asked, edits = run_files.dedupe_settings(folder), run_files.edits(folder)
    except DamagedRun as error:
        return [unaltered, Proof("the files that all other proofs need can be read", 1, 1, (str(error),))]
    proofs = prove(receipts, dataset, removed, words=asked.words, threshold=asked.threshold)
    named = _named_by_content(pl.concat([dataset, removed]), edits)
    paired = _pairs(folder, receipts, dataset, removed)
    return [
        unaltered, named, *proofs, *paired, *prove_edits(receipts, edits), *_leaks(folder, receipts, dataset, removed),
        *_budget(folder, receipts),
    ]  # fmt: skip


def _pairs(folder: Path, receipts: pl.DataFrame, dataset: pl.DataFrame, removed: pl.DataFrame) -> list[Proof]:
    """Prove what prompts and answers gave away, or say in one failure why that can't be done."""
    try:
        pairing, meaning = run_files.pairing_settings(folder), run_files.meaning_settings(folder)
    except DamagedRun as error:
        return [Proof("the recipe that the proofs of prompts and answers need can be read", 1, 1, (str(error),))]
    rules = PairRules(pairing.alike, pairing.boilerplate_prompts, meaning.words, meaning.prompt_words, meaning.floor)
    return prove_pairs(receipts, dataset, removed, rules)


def _leaks(folder: Path, receipts: pl.DataFrame, dataset: pl.DataFrame, removed: pl.DataFrame) -> list[Proof]:
    """Prove the leaks, or say in one failure why that can't be done."""
    try:
        reserve, asked = run_files.reserve(folder), run_files.decontaminate_settings(folder)
    except DamagedRun as error:
        return [Proof("the files that the proofs of leaks need can be read", 1, 1, (str(error),))]
    rules = LeakRules(**{name: getattr(asked, name) for name in LeakRules.__annotations__})
    return prove_leaks(receipts, dataset, removed, reserve, rules)


def _budget(folder: Path, receipts: pl.DataFrame) -> list[Proof]:
    """Prove what the budget left out, or say in one failure why that can't be done."""
    try:
        asked = run_files.budget_settings(folder)
        choice = None if asked.tokens is None else run_files.attribute(folder, "choice", _CHOICE)
    except DamagedRun as error:
        return [Proof("the files that the proofs of the budget need can be read", 1, 1, (str(error),))]
    return prove_budget(receipts, choice, asked.tokens, asked.quotas)


def _ends(receipts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Name each row by its content, unreadable ones by their place, and tell equal rows apart by their order."""
    return receipts.select(
        pl.coalesce("id", "origin").alias("row"),
        pl.format("{} ({}: {})", "fate", "stage", "reason").alias(name),
    ).with_columns(turn=pl.int_range(pl.len()).over("row"))


def _unaltered(folder: Path) -> Proof:
    claim = "every file is the one the manifest names"
    try:
        said = runs.manifest(folder)["files"]
    except DamagedRun as error:
        return Proof(claim, 1, 1, (str(error),))
    wrong = [name for name, digest in said.items() if not _same(folder / name, digest)]
    return Proof(claim, len(said), len(wrong), tuple(wrong[:3]))


def _named_by_content(rows: pl.DataFrame, edits: pl.DataFrame) -> Proof:
    """Prove ids; an edited row keeps the id it was ingested with, and its receipt says the one it has now."""
    now = rows.join(edits.select("id", "origin", "edited_id"), on=["id", "origin"], how="left", maintain_order="left")
    wrong = now.filter(pl.coalesce("edited_id", "id") != record_ids(now["messages"]))["origin"]
    return Proof(
        "every row's id is the hash of its messages, or its edit's receipt names the hash that they have now",
        rows.height,
        len(wrong),
        tuple(wrong.head(3)),
    )


def _same(path: Path, digest: str) -> bool:
    try:
        return store.file_digest(path) == digest
    except OSError:
        return False


def _life(receipt: dict[str, Any], texts: pl.DataFrame, folder: Path) -> Life:
    own = texts.filter(pl.col("origin") == receipt["origin"])["text"].to_list()
    if receipt["witness"] is None:
        return Life(receipt, "".join(own))
    witness = texts.filter((pl.col("id") == receipt["witness"]) & (pl.col("origin") != receipt["origin"])).head(1)
    if not witness.is_empty():
        return Life(receipt, "".join(own), witness["origin"][0], witness["text"][0])
    item = run_files.reserve(folder).filter(pl.col("item") == receipt["witness"]).head(1)
    if not item.is_empty():
        return Life(receipt, "".join(own), "row of the exam", f"{item['question'][0]} {item['answer'][0]}")
    return Life(receipt, "".join(own))


def _edit(edit: dict[str, Any]) -> str:
    return f"{edit['stage']}: {edit['replaced']:,} replaced ({', '.join(edit['kinds'])})"


def _facts(before: Path, after: Path, one: pl.DataFrame, other: pl.DataFrame) -> list[tuple[str, str, str]]:
    manifests = runs.manifest(before), runs.manifest(after)
    facts = [(key, str(manifests[0].get(key)), str(manifests[1].get(key))) for key in ("state", "reason", "started")]
    counts = books(one), books(other)
    facts += [(f"rows {key}", f"{counts[0][key]:,}", f"{counts[1][key]:,}") for key in counts[0]]
    verdicts = _changes(before), _changes(after)
    for suite in dict.fromkeys([*verdicts[0], *verdicts[1]]):
        facts.append((suite, verdicts[0].get(suite, "–"), verdicts[1].get(suite, "–")))
    return facts


def _changes(folder: Path) -> dict[str, str]:
    verdict = run_files.verdict(folder)
    lines = (verdict.gain, *verdict.retention) if verdict else ()
    return {line.suite: f"{line.mean:+.4f} ({line.status})" for line in lines}
