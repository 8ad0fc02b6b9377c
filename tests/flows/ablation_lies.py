"""Lies that may be told about an ablation, each with the proof that must fail; the forger mends the digests of files."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from quality.auditing.audit import Proof
from quality.records import MESSAGE, record_ids
from tasks import store
from tasks.auditing import audit

_HEADER = b'{"a": {"dtype": "F32", "shape": [Infinity, 3], "data_offsets": [0, Infinity]}}'
UNREADABLE = len(_HEADER).to_bytes(8, "little") + _HEADER

Lie = Callable[[Path], object]

ROWS = "every training has as many rows as it tells, each once"
TOKENS = "every training's rows have as many tokens as it tells"
STORED = "the rows of every training that are still in this home's store are those of the digest that it names"
HELD = "no arm holds a row of validation"
ASKED = "no arm holds a row that was drawn for the exam, or says what an item does"
WITHIN = "the rows of every share, slice or draw of rows are rows of the arm that they are taken from"
ARMS = "the arms are those that the recipe asks for, in their order"
SEEDS = "every arm was trained once with every seed of the recipe, unless the time was up"
BUDGET = "every training has the budget and the replay that the recipe gives its arm, and saw no more tokens"
ADAPTER = "every training that did not diverge names its adapter, and trainings of one adapter have the same scores"
KEPT = "the adapters of trainings that are still in this home's store are those of the digest that they name"
KIND = "every such adapter is of the kind, the rank and the scale that recipe and training tell"
SAT = "base and every training that did not diverge were scored on the same items, each once, and on no other"
EXAM = "what was asked is the exam, but for items that the chat template refuses"
POSSIBLE = "every score is one that its kind of item can have"
GAINS = "what every arm gained and kept follows from scores and trainings"
DIFFERENCES = "every difference of arms follows from the scores"
ENDING = "state and reason are those that the numbers give"
FACTS = "the manifest's facts are those of recipe and trainings"
DIGESTS = "the manifest's digests of configuration and exam are those of the file and of what is sealed in this home"
SEEN = "every training saw the tokens and general tokens, and kept the step and the scale, that this home's cache tells of it"
CURVE = "the curve of every such training is one that the recipe's settings give"
SETTINGS = (
    "the adapters come from trainings that this home holds under every setting of tune that the recipe names, and under "
    "their rows, seed and base"
)
SEALED = "the exam was sealed for what the recipe asks of it"
SUITES = "the exam holds the suites that the recipe names, and no others"
WATCHED = "no arm holds a row on which forgetting is measured"
DRAWN = "general rows of the pool are those drawn among what the domain filter left out"
NAMED = "general rows of the pool are named where the recipe asks for them"
CURATED = (pl.col("arm") == "curated") & (pl.col("seed") == 1)
CHOICE = CURATED & (pl.col("suite") == "hedge-choice")


def table(name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Lie:
    def tell(run: Path) -> None:
        file = run / f"{name}.parquet"
        change(pl.read_parquet(file)).write_parquet(file)

    return tell


def first(where: pl.Expr, **values: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Change the first line that fulfils a condition."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        here = pl.int_range(pl.len()) == frame.select(where.arg_max()).item()
        return frame.with_columns(
            pl.when(here).then(pl.lit(value)).otherwise(name).cast(frame.schema[name]).alias(name)
            for name, value in values.items()
        )

    return change


def facts(**values: Any) -> Lie:
    def tell(run: Path) -> None:
        said = json.loads((run / "manifest.json").read_text())
        for key, value in values.items():
            said[key] = said[key] | value if isinstance(value, dict) else value
        (run / "manifest.json").write_text(json.dumps(said))

    return tell


def setting(key: str, value: Any) -> Lie:
    """Change a number of the recipe."""

    def tell(run: Path) -> None:
        content = yaml.safe_load((run / "config.yaml").read_text())
        *sections, name = key.split(".")
        inner = content
        for section in sections:
            inner = inner[section]
        assert inner[name] != value
        inner[name] = value
        (run / "config.yaml").write_text(yaml.safe_dump(content))

    return tell


def in_both(column: str, change: Callable[[pl.Expr], pl.Expr], arm: str = "longest") -> Lie:
    """Change what an arm's trainings saw, and what its arm says of them."""

    def tell(run: Path) -> None:
        for name, own in (("trainings", column), ("arms", column.removesuffix("_tokens"))):
            changed = pl.when(pl.col("arm") == arm).then(change(pl.col(own))).otherwise(own)
            file = run / f"{name}.parquet"
            frame = pl.read_parquet(file)
            frame.with_columns(changed.cast(frame.schema[own]).alias(own)).write_parquet(file)

    return tell


def another_rest(run: Path) -> None:
    """Name another stored table for the general rows drawn of the pool."""
    facts(digests={"rest": json.loads((run / "manifest.json").read_text())["digests"]["validation"]})(run)


def unnamed_rest(run: Path) -> None:
    said = json.loads((run / "manifest.json").read_text())
    del said["digests"]["rest"]
    (run / "manifest.json").write_text(json.dumps(said))


def forget(arm: str) -> Lie:
    """Take an arm out of every table."""

    def tell(run: Path) -> None:
        for name in ("scores", "arms", "trainings"):
            table(name, lambda frame: frame.filter(pl.col("arm") != arm))(run)
        table("differences", lambda frame: frame.filter(pl.col("control") != arm))(run)

    return tell


def swapped(trainings: pl.DataFrame) -> pl.DataFrame:
    """Let the curated arm and the one of everything exchange their rows."""
    own = dict(trainings.filter(seed=0).select("arm", "data").iter_rows())
    return trainings.with_columns(
        pl.col("data").replace({own["curated"]: own["everything"], own["everything"]: own["curated"]})
    )


def added(run: Path) -> None:
    """Add a row to a stored training set, under the name that it has."""
    file = _stored(run, pl.read_parquet(run / "trainings.parquet")["data"][0])
    rows = pl.read_parquet(file)
    pl.concat([rows, rows[:1]]).write_parquet(file)


def retrained(*, named: bool) -> Lie:
    """Turn an adapter up in the store, under the name that it has or under the one that is right since."""

    def tell(run: Path) -> None:
        digest = pl.read_parquet(run / "trainings.parquet").filter(CURATED)["adapter"].item()
        folder = _home(run) / "store" / "adapters" / digest
        said = json.loads((folder / "adapter_config.json").read_text())
        (folder / "adapter_config.json").write_text(json.dumps(said | {"lora_alpha": 2 * said["lora_alpha"]}))
        if named:
            since = store.folder_digest(folder)
            folder.rename(folder.with_name(since))
            table("trainings", lambda frame: frame.with_columns(pl.col("adapter").replace({digest: since})))(run)

    return tell


def damaged(name: str, content: bytes | None) -> Lie:
    """Remove, add or change a file of an adapter, and name it by the digest that is right since."""

    def tell(run: Path) -> None:
        digest = pl.read_parquet(run / "trainings.parquet").filter(CURATED)["adapter"].item()
        folder = _home(run) / "store" / "adapters" / digest
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)
        since = store.folder_digest(folder)
        folder.rename(folder.with_name(since))
        table("trainings", lambda frame: frame.with_columns(pl.col("adapter").replace({digest: since})))(run)

    return tell


def smuggled(find: Callable[[Path], pl.DataFrame]) -> Lie:
    """Put a row in place of the first of an arm drawn by chance, under a digest that is right."""

    def tell(run: Path) -> None:
        trainings = pl.read_parquet(run / "trainings.parquet")
        digest = trainings.filter(arm="random")["data"][0]
        rows = pl.read_parquet(_stored(run, digest))
        new = run / "new.parquet"
        pl.concat([find(run).select(rows.columns)[:1], rows[1:]]).write_parquet(new)
        since = store.file_digest(new)
        new.rename(_stored(run, since))
        table("trainings", lambda frame: frame.with_columns(pl.col("data").replace({digest: since})))(run)

    return tell


def validation(run: Path) -> pl.DataFrame:
    digest = json.loads((run / "manifest.json").read_text())["digests"]["validation"]
    return pl.read_parquet(_stored(run, digest))


def watched(run: Path) -> pl.DataFrame:
    """Return the general rows that were held back: those of the gathering that had the manifest's rest."""
    rest = pl.read_parquet(_stored(run, json.loads((run / "manifest.json").read_text())["digests"]["rest"]))
    for file in (_home(run) / "store" / "results").glob("gather_general-*"):
        gathered = (json.loads(json.loads(file.read_text())["result"]) or {}).get("data") or {}
        if gathered and pl.read_parquet(_stored(run, gathered["pool"]["records"]["digest"]))["id"].equals(rest["id"]):
            return pl.read_parquet(_stored(run, gathered["held"]["digest"]))
    raise LookupError("no general rows were gathered of this rest")


def asked(run: Path) -> pl.DataFrame:
    """Return a row that says what a reserved item does, in other capitals."""
    item = pl.read_parquet(_home(run) / "exams" / "hedge" / "reserve.parquet").drop_nulls().row(0, named=True)
    texts = {"user": item["question"].upper(), "assistant": item["answer"]}
    said = pl.Series([[{"role": role, "content": text} for role, text in texts.items()]], dtype=pl.List(MESSAGE))
    return pl.DataFrame(
        {"id": record_ids(said), "messages": said, "source": ["elsewhere"], "origin": ["elsewhere.jsonl:1"]}
    )


def _home(run: Path) -> Path:
    return run.parent.parent


def _stored(run: Path, digest: str) -> Path:
    return _home(run) / "store" / "tables" / f"{digest}.parquet"


OF_HOME = {
    TOKENS, HELD, ASKED, WITHIN, KIND, EXAM, POSSIBLE, SEEN, CURVE, SETTINGS, SEALED, SUITES, WATCHED, DRAWN,
}  # fmt: skip
"""What only a home proves."""

LIES: list[tuple[Lie, set[str]]] = [
    (table("scores", first(CURATED, score=-1.0)), {GAINS, DIFFERENCES, ADAPTER}),
    (table("scores", first(CHOICE, score=0.5)), {POSSIBLE}),
    (table("scores", lambda frame: frame[:-1]), {SAT}),
    (table("scores", lambda frame: pl.concat([frame, frame[-1:]])), {SAT}),
    (table("scores", lambda frame: frame.filter(pl.col("suite") != "prose")), {EXAM}),
    (table("differences", first(pl.col("judged"), mean=1.0)), {DIFFERENCES}),
    (table("differences", first(~pl.col("sure"), sure=True)), {DIFFERENCES}),
    (table("differences", lambda frame: frame[1:]), {DIFFERENCES}),
    (table("arms", first(pl.col("arm") == "random", gain_mean=1.0)), {GAINS}),
    (table("arms", first(pl.col("arm") == "curated", diverged=1)), {GAINS}),
    (table("trainings", swapped), {ROWS}),
    (table("trainings", first(CURATED, tokens=1)), {TOKENS, GAINS}),
    (table("trainings", first(CURATED, tokens_seen=1501)), {BUDGET}),
    (table("trainings", first(CURATED, token_budget=3000)), {BUDGET}),
    (table("trainings", lambda frame: frame[:-1]), {SEEDS, SAT}),
    (table("trainings", lambda frame: pl.concat([frame, frame[:1]])), {SEEDS}),
    (forget("domain-only"), {ARMS}),
    (added, {STORED}),
    (smuggled(validation), {HELD, WITHIN}),
    (smuggled(asked), {ASKED, WITHIN}),
    (retrained(named=False), {KEPT}),
    (damaged("adapter_config.json", None), {KIND}),
    (damaged("adapter_config.json", b"[" * 200_000), {KIND}),
    (damaged("adapter_model.safetensors", UNREADABLE), {KIND}),
    (damaged("weights.bin", b""), {KIND}),
    (table("trainings", first(CURATED, adapter="../../x")), {ADAPTER}),
    (retrained(named=True), {KIND}),
    (table("trainings", first(CURATED, scale=0.5)), {KIND}),
    (table("trainings", first(CURATED, scale=None)), {KIND}),
    (setting("gate.alpha", 0.2), {DIFFERENCES, GAINS}),
    (table("trainings", first(CURATED, tokens_seen=1400)), {SEEN, GAINS}),
    (table("trainings", first(CURATED, chosen_step=0)), {SEEN}),
    (in_both("tokens_seen", lambda seen: seen - 100), {SEEN}),
    (in_both("replayed_tokens", lambda general: general // 2, "curated"), {SEEN}),
    (table("scores", first(pl.col("arm") == "base", model="candidate")), {SAT}),
    (table("scores", first(CURATED, model="base")), {SAT}),
    (setting("tune.learning_rate", 2.5e-3), {CURVE, SETTINGS}),
    (setting("tune.warmup_share", 0.3), {CURVE, SETTINGS}),
    (setting("tune.batch_tokens", 1000), {CURVE, SETTINGS}),
    (setting("tune.batch_tokens", 501), {SETTINGS}),
    (setting("tune.weight_decay", 0.1), {SETTINGS}),
    (setting("tune.general.rows", 15), {SETTINGS, DRAWN}),
    (setting("tune.general.rest", value=False), {NAMED}),
    (setting("exam.domain_items", 21), {SEALED}),
    (setting("exam.seed", 1), {SEALED}),
    (setting("exam.retention", []), {SUITES}),
    (another_rest, {DRAWN}),
    (unnamed_rest, {NAMED}),
    (smuggled(watched), {WATCHED, WITHIN, SETTINGS}),
    (facts(reason="Curated gains 1 bit per byte more than everything."), {ENDING}),
    (facts(state="Accepted"), {ENDING}),
    (facts(ablation={"trainings": 50}), {FACTS}),
    (facts(digests={"exam": "0" * 32}), {DIGESTS}),
]
"""What is told falsely, and proofs that must fail for it."""


def copied(run: Path, folder: Path) -> Path:
    """Copy an ablation into a home of its own, with its exam, and tables and adapters of its store."""
    home = run.parent.parent
    for part in (f"runs/{run.name}", "exams", "store/tables", "store/adapters", "store/results"):
        shutil.copytree(home / part, folder / part)
    return folder / "runs" / run.name


def proven(run: Path) -> list[Proof]:
    """Mend the manifest's digests of files, and return the proofs."""
    said = json.loads((run / "manifest.json").read_text())
    said["files"] = {name: store.file_digest(run / name) for name in said["files"]}
    said["digests"]["config"] = said["files"]["config.yaml"]
    (run / "manifest.json").write_text(json.dumps(said))
    assert str(_home(run)) == os.environ["WINNOW_HOME"]
    return audit(run).proofs
