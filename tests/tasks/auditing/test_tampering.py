"""The audit finds whatever is changed in a run afterwards, though the forger brings the manifest in line with it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from safetensors.numpy import load_file, save_file

from evals.judging import judge
from evals.verdict import Gate
from quality.contracts import Contract
from quality.contracts.checks import checks_of
from quality.records import MESSAGE, record_ids
from quality.row_memory import RowMemory
from tasks.auditing import audit

Tamper = Callable[[Path], object]
WEIGHTS = "adapter_model.safetensors"


def failed(folder: Path, memory: RowMemory) -> list[str]:
    return [proof.claim for proof in audit(folder, memory).proofs if proof.failed]


def table(name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Tamper:
    def tamper(folder: Path) -> None:
        file = folder / f"{name}.parquet"
        change(pl.read_parquet(file)).write_parquet(file)

    return tamper


def first(where: pl.Expr, **values: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Change the first row that fulfils a condition."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        at = frame.with_row_index("at").filter(where)["at"][0]
        here = pl.int_range(pl.len()) == at
        return frame.with_columns(
            pl.when(here).then(value if isinstance(value, pl.Expr) else pl.lit(value)).otherwise(name).alias(name)
            for name, value in values.items()
        )

    return change


def receipt(given: str, /, **values: Any) -> Tamper:
    return table("receipts", first(pl.col("reason") == given, **values))


def lose(reason: str) -> Tamper:
    return table(
        "receipts",
        lambda ledger: ledger.filter((pl.col("reason") == reason).cum_sum().ne(1) | (pl.col("reason") != reason)),
    )


def recipe(*path: str, to: object) -> Tamper:
    def tamper(folder: Path) -> None:
        content = yaml.safe_load((folder / "config.yaml").read_text())
        inner = content
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = to
        (folder / "config.yaml").write_text(yaml.safe_dump(content))

    return tamper


def both(*tampers: Tamper) -> Tamper:
    return lambda folder: [tamper(folder) for tamper in tampers]


def swap(folder: Path) -> None:
    train, validation = (folder / "dataset" / f"{part}.parquet" for part in ("train", "validation"))
    train.rename(folder / "x")
    validation.rename(train)
    (folder / "x").rename(validation)


def move(reason: str, /, **values: Any) -> Tamper:
    """Take the first row of train out, with a receipt that says why."""

    def tamper(folder: Path) -> None:
        train = pl.read_parquet(folder / "dataset" / "train.parquet")
        gone = pl.concat([pl.read_parquet(folder / "removed.parquet"), train[:1]])
        gone.write_parquet(folder / "removed.parquet")
        train[1:].write_parquet(folder / "dataset" / "train.parquet")
        here = pl.col("origin") == train["origin"][0]
        table("receipts", first(here, fate="dropped", reason=reason, **values))(folder)

    return tamper


def remeasure(name: str, **scores: float) -> Tamper:
    """Give the row that was taken out last other scores in what a stage measured."""

    def tamper(folder: Path) -> None:
        last = pl.read_parquet(folder / "removed.parquet")["origin"][-1]
        table(f"attributes/{name}", first(pl.col("origin") == last, **scores))(folder)

    return tamper


def put_back(reason: str, stage: str | None = None) -> Tamper:
    """Put a removed row (of a stage) into train, with a receipt that says so."""

    def tamper(folder: Path) -> None:
        ledger = pl.read_parquet(folder / "receipts.parquet")
        gone = ledger.filter(pl.col("reason") == reason, pl.lit(stage is None) | (pl.col("stage") == stage))
        here = pl.col("origin") == gone["origin"][0]
        rows, train = pl.read_parquet(folder / "removed.parquet"), folder / "dataset" / "train.parquet"
        pl.concat([pl.read_parquet(train), rows.filter(here)]).write_parquet(train)
        rows.filter(~here).write_parquet(folder / "removed.parquet")
        kept = {"stage": "split", "fate": "kept", "reason": "train"}
        table("receipts", first(here, **kept, witness=None, score=None, threshold=None))(folder)

    return tamper


def put_back_unedited(folder: Path) -> None:
    """Put a row into train as it was ingested, with its personal data, and without the receipt of an edit."""
    edit = pl.read_parquet(folder / "edits.parquet").row(0, named=True)
    put_back("personal_data")(folder)
    pool = json.loads((folder / "manifest.json").read_text())["digests"]["pool"]
    ingested = pl.read_parquet(folder.parent.parent / "store" / "tables" / f"{pool}.parquet")
    rows = pl.read_parquet(folder / "dataset" / "train.parquet").filter(pl.col("origin") != edit["origin"])
    own = ingested.filter(origin=edit["origin"]).select(rows.columns)
    pl.concat([rows, own]).write_parquet(folder / "dataset" / "train.parquet")
    table("edits", lambda edits: edits[1:])(folder)


def say(folder: Path, origin: str, said: list[dict[str, str]]) -> None:
    """Let a row say something else, and name it by that in every table of the run."""
    told = pl.Series([said], dtype=pl.List(MESSAGE))
    own = pl.read_parquet(folder / "receipts.parquet").filter(origin=origin)["id"].item()
    since = {"id": record_ids(told).item(), "messages": told}
    for file in folder.rglob("*.parquet"):
        rows = pl.read_parquet(file)
        if {"id", "origin"} <= set(rows.columns):
            changed = first(pl.col("origin") == origin, **{name: since[name] for name in since if name in rows.columns})
            rows = changed(rows) if origin in rows["origin"] else rows
        if "witness" in rows.columns:
            rows = rows.with_columns(pl.col("witness").replace({own: since["id"]}))
        rows.write_parquet(file)


def rewritten(folder: Path) -> None:
    """Write something else into an edited row, with the mask that stood there, and its hash where it is named."""
    edit = pl.read_parquet(folder / "edits.parquet").row(0, named=True)
    say(folder, edit["origin"], [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Ask [EMAIL]."}])


def unmasked(folder: Path) -> None:
    """Write something else into an edited row, without any mask."""
    edit = pl.read_parquet(folder / "edits.parquet").row(0, named=True)
    say(folder, edit["origin"], [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Nobody."}])


def edited_off_record(folder: Path) -> None:
    """Mask a word of a row in train, and write no receipt of it."""
    row = pl.read_parquet(folder / "dataset" / "train.parquet").row(0, named=True)
    asked, answer = row["messages"]
    say(folder, row["origin"], [asked, answer | {"content": "[EMAIL] " + answer["content"].partition(" ")[2]}])


def named_as_before(folder: Path) -> None:
    """Name an edited row by the hash of what it was ingested as, wherever the run names it."""
    edit = pl.read_parquet(folder / "edits.parquet").row(0, named=True)
    pool = json.loads((folder / "manifest.json").read_text())["digests"]["pool"]
    ingested = pl.read_parquet(folder.parent.parent / "store" / "tables" / f"{pool}.parquet")
    before = ingested.filter(origin=edit["origin"])["id"].item()
    for file in folder.rglob("*.parquet"):
        rows = pl.read_parquet(file)
        if "id" in rows.columns:
            rows.with_columns(pl.col("id").cast(pl.String).replace({edit["id"]: before})).write_parquet(file)


def to_validation(folder: Path) -> None:
    train, validation = (pl.read_parquet(folder / "dataset" / f"{part}.parquet") for part in ("train", "validation"))
    pl.concat([validation, train[:1]]).write_parquet(folder / "dataset" / "validation.parquet")
    train[1:].write_parquet(folder / "dataset" / "train.parquet")
    table("receipts", first(pl.col("origin") == train["origin"][0], reason="validation"))(folder)


def verdict(**values: Any) -> Tamper:
    return lambda folder: content("verdict.json", **values)(folder)


def unasked(gone: pl.Expr) -> Tamper:
    """Take items out of exam and scores, and judge again."""

    def tamper(folder: Path) -> None:
        exam = pl.read_parquet(folder / "exam.parquet")
        left = exam.filter(~gone)
        left.write_parquet(folder / "exam.parquet")
        scores = pl.read_parquet(folder / "scores.parquet").join(left, on="item", how="semi", maintain_order="left")
        scores.write_parquet(folder / "scores.parquet")
        gate = yaml.safe_load((folder / "config.yaml").read_text())["gate"]
        told = judge(scores, Gate.model_validate(gate)).model_dump_json()
        (folder / "verdict.json").write_text(told)

    return tamper


def unreserved(prefix: str) -> Tamper:
    return table("reserve", lambda reserve: reserve.filter(~pl.col("item").str.starts_with(prefix)))


def choice_reserved(reserve: pl.DataFrame) -> pl.DataFrame:
    """Add a multiple-choice item of the domain to the reserve, as if the exam had lost it."""
    return pl.concat([reserve, reserve[:1].with_columns(item=pl.lit("garden-choice/1"))])


def weighted(change: Callable[[str, np.ndarray], tuple[str, np.ndarray]]) -> Tamper:
    """Change names and values of the adapter's weights."""

    def tamper(folder: Path) -> None:
        file = folder / "adapter" / WEIGHTS
        save_file(dict(change(name, array) for name, array in load_file(file).items()), file)

    return tamper


def strip(folder: Path) -> None:
    """Make a run that judged look as if it had only curated."""
    for name in ("verdict.json", "scores.parquet", "metrics.parquet", "report.html"):
        (folder / name).unlink()
    shutil.rmtree(folder / "adapter")
    shutil.rmtree(folder / "probe")
    said = json.loads((folder / "manifest.json").read_text())
    said["digests"] = {key: value for key, value in said["digests"].items() if key not in ("adapter", "scores")}
    kept = {key: value for key, value in said.items() if key not in ("outcome", "decision")} | {"state": "Curated"}
    (folder / "manifest.json").write_text(json.dumps(kept))


def content(name: str, **values: Any) -> Tamper:
    """Change keys of a JSON file."""

    def tamper(folder: Path) -> None:
        file = folder / name
        file.write_text(json.dumps(json.loads(file.read_text()) | values))

    return tamper


def account(**values: Any) -> Tamper:
    """Change what the manifest says of the training."""
    return lambda folder: content(
        "manifest.json", training=json.loads((folder / "manifest.json").read_text())["training"] | values
    )(folder)


def add(name: str) -> Tamper:
    """Put a file into the run, and into its manifest's list."""

    def tamper(folder: Path) -> None:
        (folder / name).write_bytes(b"more")
        files = json.loads((folder / "manifest.json").read_text())["files"]
        content("manifest.json", files=files | {name: ""})(folder)

    return tamper


def noted(folder: Path) -> None:
    """Write metadata into train that other libraries read."""
    file = folder / "dataset" / "train.parquet"
    pl.read_parquet(file).write_parquet(file, metadata={"huggingface": "{}"})


def twice(folder: Path) -> None:
    """Name another decision before the verdict's own."""
    file = folder / "verdict.json"
    file.write_text('{"decision": "REJECT",' + file.read_text().lstrip().removeprefix("{"))


def turned(rows: pl.DataFrame) -> pl.DataFrame:
    """Swap the first two rows."""
    return pl.concat([rows[1:2], rows[:1], rows[2:]])


def reworded(folder: Path) -> None:
    """Ask another question in the exam, and keep the rows clear of that one."""
    asked = pl.read_parquet(folder / "exam.parquet")
    item = asked.filter(kind="completion")["item"][0]
    table("exam", first(pl.col("item") == item, target="Nobody knows."))(folder)
    table("reserve", first(pl.col("item") == item, answer="Nobody knows."))(folder)


def softer(**arguments: object) -> Tamper:
    """Let the first expectation of the result have asked for less."""

    def tamper(folder: Path) -> None:
        held = json.loads((folder / "contract.json").read_text())
        held["rows"]["results"][0]["expectation_config"]["kwargs"].update(arguments)
        (folder / "contract.json").write_text(json.dumps(held))

    return tamper


def recounted(frame: str, *path: str, to: object) -> Tamper:
    """Change what the contract's result adds up: of a frame, or of its last expectation of values."""

    def tamper(folder: Path) -> None:
        held = json.loads((folder / "contract.json").read_text())
        part = held[frame] if path[0] in held[frame] else held[frame]["results"][-1]
        for key in path[:-1]:
            part = part[key]
        assert part[path[-1]] != to
        part[path[-1]] = to
        (folder / "contract.json").write_text(json.dumps(held))

    return tamper


def thinner(folder: Path) -> None:
    """Take an expectation out of the result, and leave the others."""
    held = json.loads((folder / "contract.json").read_text())
    held["rows"]["results"].pop()
    (folder / "contract.json").write_text(json.dumps(held))


def half_compared(folder: Path) -> None:
    """Tell of one expectation of drift, as if there were an earlier run, and leave the other out."""
    held = json.loads((folder / "contract.json").read_text())
    check = next(check for check in checks_of(Contract()) if check.frame == "drift")
    config = {
        "type": check.expectation,
        "kwargs": check.arguments,
        "severity": check.severity,
        "meta": {"check": check.name},
    }
    held["drift"] = {"results": [{"success": True, "expectation_config": config}]}
    (folder / "contract.json").write_text(json.dumps(held))


def gone(name: str) -> Tamper:
    return lambda folder: (folder / name).unlink()


SIZES = "the training's steps hold as many tokens, and it was looked at as often, as the recipe asks"
SUMMED = "the contract's result counts its expectations, and their values, as they add up"
FORM = "every receipt has a fate, reason, witness and measures that its stage gives"
SOURCE = "every receipt names the source that its row was read from"
BOOKED = "rows in = kept + removed + unreadable, row by row"
TWINS = "every duplicate's receipt tells this Jaccard as its score, and the threshold of the recipe"
ANSWERS = "every receipt of an answer tells the score that the texts give, and the threshold of the recipe"
BOUNDS = "every receipt of a leak or of a row of the same meaning names the threshold that recipe or pool set"
CHAIN = "each stage that measured rows did so of every row that no earlier stage removed, and of no other"
ASKED = "each stage that the recipe asks to measure rows did, and no other"
SCREEN, SKIM, DOMAIN, WEIGH = (
    f"the receipts of {stage} are those that its scores and the recipe's thresholds give"
    for stage in ("screen", "skim", "keep_domain", "weigh")
)
SCREENED = "every row's scores of screening are those of its text"
AS_INGESTED = "every row's scores of screening are those of its text as it was ingested"
PARTS = "every row of train and validation stands in the part that its receipt names"
DRAW = "train and validation are what the recipe's draw of whole clusters gives"
CLUSTERS = "the rows sealed for the exam are items of its reserve and the rows of their clusters, and no others"
WHOLE = "the manifest names every file that such a run leaves"
NAMED = "the run is named for its recipe and its start"
CARD = "the dataset's card says what receipts and dataset add up to"
ITEMS = "every item of the exam is in the reserve that the rows were kept clear of"
SCORED = "base and candidate were scored on every item that the exam had to ask them, and on no other"
VERDICT = "the verdict is what the scores and the recipe's gate give"
INGESTED = (
    "the receipts are those of the rows that were ingested, of all of them, in their order, and none reads otherwise "
    "without the receipt of an edit"
)
SEALED = "what was asked, and what the rows were kept clear of, is the exam that was sealed in this home"
EDITS = "the rows dropped for personal data are those edited that came so far"
BUDGET = "every row left out would have gone beyond the budget"

HASHED = "every row's id is the hash of its messages as they are now"
MASKS = "every edit has one receipt, of a row of the run where its masks stand"
CLEAR = "in no row that was not edited personal data of the recipe's kinds is recognised"
REWRITTEN = "every edited row reads as the recipe's edits of what was ingested"
NEAREST = "every row was judged by the domain that it comes nearest to"
SKIMMED = "every row was skimmed by the one threshold of its domain"
LINE = "every row was held against the one threshold of its domain"
UNREAD = "the files that the proofs of what stages measured need can be read"
SUITES = "the exam holds the suites that the recipe names, and no others"
ITEMS_DRAWN = "every suite of a file or package asks the items that its draw gives"
SIZE = "no suite of the domain holds more items than the recipe asks for"
CONTRACT = "the contract's result holds no critical expectation that failed"
BROKEN = {"results": [{"success": False, "expectation_config": {"type": "rows", "severity": "critical"}}]}
HELD = "the contract's result holds every expectation of the recipe's contract, as it asks"
TWICE = "no JSON file says a thing twice"
COLUMNS = "train and validation hold id, messages, source, origin, and nothing else"
ORDER = "rows stand in every file in the order in which they were ingested, as their receipts do"
ALONE = "dataset/ holds train, validation and their card, and nothing else"
POSSIBLE = "every score is one that its kind of item can have"
SAFE = "the adapter is one of safetensors and JSON, and holds no other file but its card"
KIND = "the adapter is of the kind and on the base that the recipe asks for"
LAYERS = "the adapter's weights are of the layers and the rank that its configuration and the recipe tell"
UNWEIGHED = "the files that the proofs of the training need can be read"
COUNTED = "the account's counts and times are ones that curve and dataset allow"
STEPS = "the training's steps follow each other, at the recipe's learning rates, to its budget"
ACCOUNT = "the manifest's account of the training is its curve's"

COPIED = "every copied answer has its witness's question and most of its words, and the witness is no duplicate"
SHORT = "every answer in short has its witness's question, and the witness says the same in full and is no duplicate"
AGAIN = "the stage {}, run again, removes the same rows for the same reasons"
STAGE_OF = {
    "exact_duplicate": "dedupe",
    "near_duplicate": "dedupe",
    "same_prompt_alike_answer": "dedupe",
    "same_answer_in_short": "dedupe",
    "unfinished_answer": "dedupe",
    "same_letters": "dedupe",
    "boilerplate": "compare_answers",
    "conflict": "compare_answers",
}

FORGED_EXAMS: list[tuple[str, Tamper, str]] = [
    ("a suite unasked", unasked(pl.col("suite") == "prose"), SUITES),
    ("a suite unasked and unreserved", both(unasked(pl.col("suite") == "prose"), unreserved("prose/")), SUITES),
    ("a suite in another role", recipe("exam", to={"domain": ["prose.jsonl"], "name": "garden"}), SUITES),
    ("a suite that the recipe does not name", recipe("exam", "retention", to=[]), SUITES),
    ("an item unasked", unasked(pl.col("item") == pl.col("item").filter(suite="prose").first()), ITEMS_DRAWN),
    ("more items asked for", recipe("exam", "retention_items", to=8), ITEMS_DRAWN),
    ("another draw", recipe("exam", "seed", to=6), ITEMS_DRAWN),
    ("choices reserved and unasked", table("reserve", choice_reserved), ITEMS_DRAWN),
]
"""Exams that lack a part, forged where no home can tell."""


@pytest.mark.parametrize(
    ("tamper", "claim"), [case[1:] for case in FORGED_EXAMS], ids=[case[0] for case in FORGED_EXAMS]
)
def test_an_exam_that_lacks_what_the_recipe_names_is_found_away_from_the_home(
    judged: Path, repair: Callable[..., None], memory: RowMemory, tmp_path: Path, tamper: Tamper, claim: str
) -> None:
    away = tmp_path / "away" / judged.name
    shutil.copytree(judged, away)
    assert failed(away, memory) == []
    tamper(away)
    repair(away)
    assert claim in failed(away, memory)


CASES: list[tuple[str, Tamper, str]] = [
    ("a receipt of a conflict is gone", lose("conflict"), BOOKED),
    ("a receipt of a near-duplicate is gone", lose("near_duplicate"), BOOKED),
    ("a receipt of an unreadable row is gone", lose("broken_json"), INGESTED),
    ("receipts in another order", table("receipts", lambda ledger: ledger.reverse()), INGESTED),
    ("near-duplicate: score up", receipt("near_duplicate", score=0.99), TWINS),
    ("near-duplicate: score down", receipt("near_duplicate", score=0.75), TWINS),
    ("near-duplicate: threshold up", receipt("near_duplicate", threshold=0.8), TWINS),
    ("near-duplicate: threshold down", receipt("near_duplicate", threshold=0.1), TWINS),
    ("near-duplicate: no score", receipt("near_duplicate", score=None), FORM),
    ("near-duplicate: a score that is no number", receipt("near_duplicate", score=float("nan")), FORM),
    ("exact duplicate: score", receipt("exact_duplicate", score=0.9), TWINS),
    ("exact duplicate told as near", receipt("exact_duplicate", reason="near_duplicate", threshold=0.7), TWINS),
    ("copied answer: score", receipt("same_prompt_alike_answer", score=0.9), ANSWERS),
    ("copied answer: threshold", receipt("same_prompt_alike_answer", threshold=0.5), ANSWERS),
    ("answer in short: score", receipt("same_answer_in_short", score=0.9), ANSWERS),
    ("answer in short: threshold", receipt("same_answer_in_short", threshold=0.1), ANSWERS),
    ("answer in short told as a copy", receipt("same_answer_in_short", reason="same_prompt_alike_answer"), COPIED),
    ("a copied answer told as one in short", receipt("same_prompt_alike_answer", reason="same_answer_in_short"), SHORT),
    ("stump: score", receipt("unfinished_answer", score=0.5), ANSWERS),
    ("stump: threshold", receipt("unfinished_answer", threshold=0.1), ANSWERS),
    ("conflict: score", receipt("conflict", score=0.1), ANSWERS),
    ("boilerplate: score", receipt("boilerplate", score=9.0), ANSWERS),
    ("boilerplate: threshold", receipt("boilerplate", threshold=3.0), ANSWERS),
    ("same meaning: threshold", receipt("semantic_duplicate", threshold=0.8), BOUNDS),
    ("same meaning: score below threshold", receipt("semantic_duplicate", score=0.85), BOUNDS),
    ("leaked question: score", receipt("same_question", score=0.9), BOUNDS),
    ("leaked question: threshold", receipt("same_question", threshold=0.5), BOUNDS),
    ("dropped → quarantined", receipt("exact_duplicate", fate="quarantined"), FORM),
    ("quarantined → dropped", receipt("conflict", fate="dropped"), FORM),
    ("another stage", receipt("exact_duplicate", stage="screen"), FORM),
    ("a stage that is none", receipt("train", stage="polish"), FORM),
    ("a reason that is none", receipt("empty_answer", reason="dull"), FORM),
    ("a witness where none belongs", receipt("empty_answer", witness="f" * 32), FORM),
    ("no witness", receipt("conflict", witness=None), FORM),
    ("another reason of screening", receipt("empty_answer", reason="repeated_lines"), SCREEN),
    ("another score of screening", receipt("long_answer", score=90.0), SCREEN),
    ("another reason of weighing", receipt("high_perplexity", reason="high_difficulty"), WEIGH),
    ("another reason of choosing", receipt("over_budget", reason="over_quota"), BUDGET),
    ("another source", receipt("train", source="more"), SOURCE),
    ("a source that is none", receipt("train", source="elsewhere"), SOURCE),
    ("another source of an unreadable row", receipt("broken_json", source="more"), SOURCE),
    ("another reason of an unreadable row", receipt("broken_json", reason="no_prompt"), INGESTED),
    ("train and validation swapped", swap, PARTS),
    (
        "train and validation swapped, and in the receipts",
        both(
            swap,
            table(
                "receipts",
                lambda ledger: ledger.with_columns(
                    pl.col("reason").replace({"train": "validation", "validation": "train"})
                ),
            ),
        ),
        DRAW,
    ),
    ("a row moved to validation", to_validation, DRAW),
    ("another seed of the split", recipe("curate", "split", "seed", to=1), DRAW),
    ("a document's name", table("attributes/documents", first(pl.lit(value=True), group="x")), INGESTED),
    ("a kept row said to be screened", move("empty_answer", stage="screen", score=1.0, threshold=0.0), SCREEN),
    (
        "a kept row screened by a forged score",
        both(
            move("empty_answer", stage="screen", score=1.0, threshold=0.0),
            remeasure("screen", empty_answer=1.0),
        ),
        SCREENED,
    ),
    (
        "a kept row screened by a forged score of a cut answer",
        both(
            move("truncated_answer", stage="screen", score=0.9, threshold=0.5),
            remeasure("screen", cut_off=0.9),
        ),
        AS_INGESTED,
    ),
    ("a kept row out of the domain", move("out_of_domain", stage="keep_domain", score=0.01, threshold=0.02), DOMAIN),
    ("a kept row skimmed off", move("out_of_domain", stage="skim", score=-0.9, threshold=-0.5), SKIM),
    (
        "a kept row skimmed off by a line of its own",
        both(
            move("out_of_domain", stage="skim", score=0.9, threshold=1.0),
            remeasure("skim", score=0.9, threshold=1.0),
        ),
        SKIMMED,
    ),
    ("skimmed where the recipe asks for none", recipe("curate", "domain", "skim", to=None), ASKED),
    ("a kept row too hard", move("high_perplexity", stage="weigh", score=51.0, threshold=50.0), WEIGH),
    ("a kept row in the exam", move("sealed_for_exam", stage="seal_exam", witness=pl.col("id")), CLUSTERS),
    ("a kept row a cluster mate of the exam", move("sealed_for_exam", stage="seal_exam", witness="f" * 32), CLUSTERS),
    ("another witness of a sealed row", receipt("sealed_for_exam", witness="f" * 32), CLUSTERS),
    *((f"put back: {reason}", put_back(reason), AGAIN.format(stage)) for reason, stage in STAGE_OF.items()),
    ("another witness of a duplicate", receipt("exact_duplicate", witness="f" * 32), AGAIN.format("dedupe")),
    ("another witness of a conflict", receipt("conflict", witness="f" * 32), AGAIN.format("compare_answers")),
    ("put back: screened", put_back("empty_answer"), SCREEN),
    ("put back: out of the domain", put_back("out_of_domain", "keep_domain"), DOMAIN),
    ("put back: skimmed off", put_back("out_of_domain", "skim"), SKIM),
    ("put back: too hard", put_back("high_perplexity"), WEIGH),
    ("put back: sealed", put_back("sealed_for_exam"), CLUSTERS),
    ("put back: a leak", put_back("same_question"), "no row of the dataset asks a reserved question"),
    ("put back: personal data", put_back("personal_data"), EDITS),
    ("put back: personal data, unedited", put_back_unedited, CLEAR),
    ("an edited row rewritten", rewritten, REWRITTEN),
    ("an edited row rewritten without its masks", unmasked, MASKS),
    ("an edited row named by what it said before", named_as_before, HASHED),
    ("an edit that is not on record", edited_off_record, INGESTED),
    ("the receipt of an edit is gone", table("edits", lambda edits: edits[1:]), INGESTED),
    ("another kind of edit", table("edits", lambda edits: edits.with_columns(kinds=pl.lit(["phone"]))), REWRITTEN),
    ("fewer kinds of personal data in the recipe", recipe("curate", "personal", "kinds", to=["phone"]), REWRITTEN),
    ("a score of the domain", table("attributes/domain", first(pl.col("score") > 0.5, score=0.0)), DOMAIN),
    ("another perplexity", table("attributes/difficulty", first(pl.col("perplexity") < 9, perplexity=60.0)), WEIGH),
    ("a row that was not measured", table("attributes/choice", lambda choice: choice[1:]), CHAIN),
    ("a row twice in train", table("dataset/train", lambda rows: pl.concat([rows, rows[:1]])), BOOKED),
    ("a row measured twice", table("attributes/domain", lambda scores: pl.concat([scores, scores[:1]])), CHAIN),
    ("no scores of the domain", gone("attributes/domain.parquet"), ASKED),
    ("a domain not asked for", recipe("curate", "domain", to={}), ASKED),
    ("no edits", gone("edits.parquet"), WHOLE),
    ("more edits of a row", table("edits", lambda edits: edits.with_columns(replaced=pl.col("replaced") + 1)), EDITS),
    ("the recipe's threshold", recipe("curate", "dedupe", "threshold", to=0.6), TWINS),
    ("the recipe's limit of words", recipe("curate", "screen", "most_words", to=70), SCREEN),
    ("the recipe's name", recipe("name", to="other"), NAMED),
    ("an item out of the reserve", table("reserve", lambda reserve: reserve[1:]), ITEMS),
    ("another answer in the reserve", table("reserve", first(pl.lit(value=True), answer="x")), SEALED),
    ("an item out of the exam", table("exam", lambda exam: exam[1:]), SEALED),
    ("an answer in the exam", table("exam", first(pl.lit(value=True), target="Nobody knows.")), SEALED),
    ("an answer in the exam and its reserve", reworded, SEALED),
    ("items of the exam in another order", table("exam", turned), SEALED),
    ("another verdict", verdict(decision="REJECT"), VERDICT),
    ("another alpha", verdict(gate={"alpha": 0.2}), VERDICT),
    ("other scores", table("scores", lambda scores: scores.with_columns(pl.col("score") * 1.5)), VERDICT),
    ("a suite that was not scored", table("scores", lambda scores: scores.filter(pl.col("role") == "domain")), SCORED),
    ("an item that was not scored", table("scores", lambda scores: scores[1:]), SCORED),
    ("an item scored twice", table("scores", lambda scores: pl.concat([scores, scores[:1]])), SCORED),
    ("other clusters", table("scores", lambda scores: scores.with_columns(cluster="item")), SCORED),
    ("another role", table("scores", lambda scores: scores.with_columns(role=pl.lit("domain"))), SCORED),
    ("another gate", recipe("gate", "min_gain", to=0.5), VERDICT),
    ("no verdict", strip, WHOLE),
    *(
        (f"another column in {part}", table(f"dataset/{part}", lambda rows: rows.with_columns(weight=1)), COLUMNS)
        for part in ("train", "validation")
    ),
    ("columns in another order", table("dataset/train", lambda rows: rows[rows.columns[::-1]]), COLUMNS),
    *(
        (f"rows in another order: {name}", table(name, turned), ORDER)
        for name in ("dataset/train", "dataset/validation", "removed", "attributes/screen", "attributes/domain")
    ),
    ("unreadable rows before the others", table("receipts", lambda told: pl.concat([told[-1:], told[:-1]])), ORDER),
    ("features in the metadata of a file", noted, COLUMNS),
    (
        "a score of another domain",
        table("attributes/domain_scores", first(pl.col("domain") == "herbs", score=5.0)),
        NEAREST,
    ),
    ("a row without a score of every domain", table("attributes/domain_scores", lambda scores: scores[1:]), NEAREST),
    ("no scores of several domains", gone("attributes/domain_scores.parquet"), NEAREST),
    ("a threshold that the recipe did not set", recipe("curate", "domain", "also", "herbs", "threshold", to=0.5), LINE),
    ("a threshold of one row", table("attributes/domain", first(pl.col("score") > 0.5, threshold=0.3)), LINE),
    ("a score that is no number", table("attributes/domain", first(pl.col("score") > 0.5, score=float("nan"))), UNREAD),
    ("fewer items in the recipe", recipe("exam", "domain_items", to=2), SIZE),
    ("a frame that the contract does not look at", content("contract.json", sources={"results": []}), HELD),
    ("an expectation taken out", thinner, HELD),
    ("an expectation taken out of what is counted", thinner, SUMMED),
    ("one expectation fewer", recounted("rows", "statistics", "evaluated_expectations", to=1), SUMMED),
    ("one met more", recounted("rows", "statistics", "successful_expectations", to=99), SUMMED),
    ("one not met", recounted("stages", "statistics", "unsuccessful_expectations", to=1), SUMMED),
    ("a share of what was met", recounted("pool", "statistics", "success_percent", to=50.0), SUMMED),
    ("a frame that is not met", recounted("pool", "success", to=False), SUMMED),
    ("a share of unexpected values", recounted("rows", "result", "unexpected_percent", to=5.0), SUMMED),
    ("a share of missing values", recounted("rows", "result", "missing_percent", to=5.0), SUMMED),
    ("a count of values", recounted("rows", "result", "missing_count", to=5), SUMMED),
    ("a place of an expectation", recounted("rows", "expectation_config", "meta", "at", to=0), SUMMED),
    ("one of two expectations of drift", half_compared, HELD),
    ("a softer line in the result", softer(min_value=1), HELD),
    ("an expectation that holds for some rows only", softer(mostly=0.5), HELD),
    ("an expectation of some rows only", softer(row_condition="id is None"), HELD),
    ("a contract's result of another form", content("contract.json", rows={"results": [None, {"success": 1}]}), HELD),
    ("no list of a frame's expectations", content("contract.json", rows={"results": None}), HELD),
    ("a stricter contract in the recipe", recipe("curate", "contract", to={"min_rows": 90}), HELD),
    ("a critical expectation that failed", content("contract.json", pool=BROKEN), CONTRACT),
    ("a decision that the verdict names twice", twice, TWICE),
    (
        "a module for PEFT to import",
        content("adapter/adapter_config.json", auto_mapping={"parent_library": "os"}),
        KIND,
    ),
    ("a smaller token budget in the recipe", recipe("tune", "token_budget", to=100), STEPS),
    ("a larger token budget in the recipe", recipe("tune", "token_budget", to=5000), STEPS),
    ("another file in the dataset", add("dataset/train-more.parquet"), ALONE),
    ("a suite said to be unexamined", verdict(unexamined=[{"suite": "hard", "reason": "of rain"}]), VERDICT),
    ("a score above what is possible", table("scores", first(pl.col("score") < -1, score=0.5)), POSSIBLE),
    ("a pickle in the adapter", add("adapter/adapter_model.bin"), SAFE),
    ("an adapter of another rank", content("adapter/adapter_config.json", r=64), KIND),
    *(
        (f"an adapter with {key}: {value}", content("adapter/adapter_config.json", **{key: value}), KIND)
        for key, value in (
            ("peft_type", "LOHA"),
            ("task_type", "SEQ_CLS"),
            ("target_modules", "all-linear"),
            ("target_modules", []),
            ("alpha_pattern", {"up": 64}),
            ("rank_pattern", {"up": 8}),
            ("modules_to_save", ["lm_head"]),
            ("trainable_token_indices", [1]),
            ("layer_replication", [[0, 1], [0, 1]]),
            ("layers_to_transform", 0),
            ("revision", "other"),
            ("bias", "all"),
            ("init_lora_weights", "olora"),
            ("use_qalora", True),
            ("of_tomorrow", 1),
        )
    ),
    ("an adapter of fewer layers", content("adapter/adapter_config.json", target_modules=["up"]), LAYERS),
    (
        "an adapter of more layers",
        content("adapter/adapter_config.json", target_modules=["up", "query", "key"]),
        LAYERS,
    ),
    ("an adapter of the mlp alone asked for", recipe("tune", "targets", to="mlp"), LAYERS),
    ("an adapter of another method asked for", recipe("tune", "method", to="dora"), LAYERS),
    ("weights of another rank", weighted(lambda name, array: (name, np.vstack([array, array]))), LAYERS),
    ("weights of other modules", weighted(lambda name, array: (name.replace("lora_A", "hada"), array)), LAYERS),
    ("weights that are none", lambda run: (run / "adapter" / WEIGHTS).write_bytes(b"weights"), UNWEIGHED),
    ("an adapter on another base", content("adapter/adapter_config.json", base_model_name_or_path="x"), KIND),
    ("another rank in the recipe", recipe("tune", "rank", to=8), KIND),
    ("another base in the recipe", recipe("model", "base", to="x"), KIND),
    ("larger steps in the recipe", recipe("tune", "batch_tokens", to=180), SIZES),
    ("fewer looks in the recipe", recipe("tune", "validate_every_steps", to=2), SIZES),
    ("another learning rate in the recipe", recipe("tune", "learning_rate", to=0.01), STEPS),
    ("a step out of the curve", table("metrics", lambda curve: curve[[0, 1, 3, 4]]), STEPS),
    ("fewer tokens in the curve", table("metrics", first(pl.col("step") == 4, tokens=300)), STEPS),
    ("a lower loss in the curve", table("metrics", first(pl.col("step") == 3, validation_loss=0.1)), ACCOUNT),
    ("another step told as the best", account(chosen_step=4, validation_loss_after=1.65), ACCOUNT),
    ("a lower loss in the account", account(validation_loss_after=0.1), ACCOUNT),
    ("more tokens learnt than read", account(supervised_tokens=391), COUNTED),
    ("a training shorter than its curve", account(seconds=3.0, tokens_per_second=130.0), COUNTED),
    ("another speed", account(tokens_per_second=200.0), COUNTED),
    ("more records cut than there are", account(records_truncated=10_000), COUNTED),
    ("no count of records skipped", account(records_skipped=None), COUNTED),
    ("more answers cut than records", account(last_answers_cut=2), COUNTED),
    ("more tokens of a source than were read", account(tokens_by_source={"pool": 391}), COUNTED),
    ("another method in the account", account(method="dora"), ACCOUNT),
]


@pytest.mark.parametrize(("tamper", "claim"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_forged_and_brought_in_line_with_the_manifest_is_found(
    judged: Path, repair: Callable[..., None], memory: RowMemory, tamper: Tamper, claim: str
) -> None:
    tamper(judged)
    repair(judged)
    found = failed(judged, memory)
    assert [told for told in found if told.startswith(claim)], found
