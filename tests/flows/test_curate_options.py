"""What a recipe may ask of curation beyond the defaults, through the command: budgets, masks, a contract of one's own."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from quality.contracts import Contract
from quality.records import MESSAGE, record_ids
from tasks import runs
from tasks.auditing.folder import manifest_digest

WORDS = [
    "rain",
    "soil",
    "spade",
    "beds",
    "frost",
    "bees",
    "moss",
    "hedge",
    "pond",
    "bark",
    "root",
    "leaf",
    "stem",
    "vine",
    "seed",
    "pear",
    "plum",
]
TOUCHES = {3: "ada.byron@lovelace-letters.org", 7: "+44 20 7183 8750", 11: "ada.byron@lovelace-letters.org"}

Winnow = Callable[..., Any]
Recipe = Callable[..., Path]


def row(number: int) -> dict[str, str]:
    chance = random.Random(number)
    said = [" ".join(chance.choices(WORDS, k=14)) for _ in range(2)]
    touch = f" Call or write to {TOUCHES[number]}." if number in TOUCHES else ""
    return {"question": f"Which {chance.choice(WORDS)} goes in {number}: {said[0]}?", "answer": f"{said[1]}.{touch}"}


def named_with_its_secret(number: int) -> str:
    """The id that whoever guessed the whole row would look for."""
    asked, said = row(number).values()
    told = [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    return str(record_ids(pl.Series([told], dtype=pl.List(MESSAGE))).item())


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    file = tmp_path / "pool" / "pool.jsonl"
    file.write_text("".join(json.dumps(row(number)) + "\n" for number in range(60)))
    return file


def newest() -> tuple[Path, pl.DataFrame, str]:
    """The last run, its receipts, and all that it publishes of its rows, as one text."""
    run = runs.find()
    parts = [run / "dataset" / f"{part}.parquet" for part in ("train", "validation")]
    messages = pl.concat([pl.read_parquet(file).select("messages") for file in [*parts, run / "removed.parquet"]])
    return run, pl.read_parquet(run / "receipts.parquet"), json.dumps(messages["messages"].to_list())


def test_by_default_a_row_with_personal_data_is_dropped_and_no_file_of_the_run_shows_it(
    winnow: Winnow, recipe: Recipe, pool: Path, tmp_path: Path
) -> None:
    recipe()
    assert winnow("curate", tmp_path / "recipe.yaml").code == 0
    run, ledger, published = newest()
    dropped = ledger.filter(reason="personal_data")
    assert set(dropped["origin"]) == {f"pool.jsonl:{number + 1}" for number in TOUCHES}
    assert "lovelace" not in published
    others = [file for file in run.rglob("*") if file.is_file() and file.suffix != ".parquet"]
    assert not [file.name for file in others if b"lovelace" in file.read_bytes()]


@pytest.mark.parametrize("mode", ["mask", "surrogate"])
def test_rows_whose_personal_data_is_replaced_stay_with_a_receipt_of_the_edit(
    winnow: Winnow, recipe: Recipe, pool: Path, tmp_path: Path, mode: str
) -> None:
    recipe(curate={"personal": {"mode": mode}})
    assert winnow("curate", tmp_path / "recipe.yaml").code == 0
    run, ledger, published = newest()
    assert ledger.filter(reason="personal_data").is_empty()
    assert "lovelace" not in published
    assert "7183 8750" not in published
    for file in (file for file in run.rglob("*") if file.is_file()):
        told = str(pl.read_parquet(file).to_dicts()) if file.suffix == ".parquet" else file.read_text(encoding="utf-8")
        assert not [name for name in map(named_with_its_secret, TOUCHES) if name in told], file
    assert named_with_its_secret(5) in ledger["id"]
    edits = pl.read_parquet(run / "edits.parquet")
    assert set(edits["origin"]) == {f"pool.jsonl:{number + 1}" for number in TOUCHES}
    assert ("[EMAIL]" in published) == (mode == "mask")
    assert winnow("audit").code == 0
    told = winnow("why", "pool.jsonl:4").printed
    assert "edited" in told
    for named in ([run.name], ["--run", run.name], [run.name, "--run", run.name]):
        assert winnow("why", "pool.jsonl:4", *named).printed == told


def test_a_token_budget_is_kept_to_and_the_audit_adds_it_up(
    winnow: Winnow, recipe: Recipe, pool: Path, tmp_path: Path
) -> None:
    recipe(curate={"budget": {"tokens": 900, "by": "random"}, "contract": {"min_rows": 1}})
    assert winnow("curate", tmp_path / "recipe.yaml").code == 0
    run, ledger, _ = newest()
    choice = pl.read_parquet(run / "attributes" / "choice.parquet")
    kept = choice.join(ledger.filter(fate="kept"), on="origin", how="semi")["tokens"].sum()
    left_out = ledger.filter(reason="over_budget")
    assert 0 < kept <= 900
    assert f"{kept} of 900 tokens allowed were spent, random" in (run / "report.html").read_text(encoding="utf-8")
    assert left_out.height > 20
    told = winnow("audit")
    assert told.code == 0
    assert "– which of the rows that fit the budget were chosen first" in " ".join(told.printed.split())
    assert manifest_digest(run) in told.printed
    assert f"gone beyond the budget, or its source's quota ({left_out.height} checked)" in " ".join(
        told.printed.split()
    )
    lie = ledger.with_columns(score=pl.when(pl.col("reason") == "over_budget").then(1.0).otherwise("score"))
    lie.write_parquet(run / "receipts.parquet")
    assert winnow("audit").code == 1


def test_a_contract_of_ones_own_is_checked_and_data_docs_lie_in_the_run(
    winnow: Winnow, recipe: Recipe, pool: Path, tmp_path: Path
) -> None:
    few = {"type": "expect_table_row_count_to_be_between", "kwargs": {"max_value": 10}, "severity": "warning"}
    (tmp_path / "mine.json").write_text(json.dumps({"name": "mine", "expectations": [few]}))
    asked = recipe(curate={"contract": {"file": "mine.json", "data_docs": True}})
    assert winnow("curate", asked).code == 0
    run = runs.find()
    assert "expect_table_row_count_to_be_between" in (run / "contract.json").read_text()
    pages = {file.name: file.read_text() for file in (run / "data_docs").iterdir()}
    assert "rows.html" in pages["index.html"]
    assert "Must have less than or equal to 10 rows." in " ".join(re.sub("<[^>]+>", " ", pages["rows.html"]).split())
    assert not [name for name, page in pages.items() if "://" in page]

    few["severity"] = "critical"
    (tmp_path / "mine.json").write_text(json.dumps({"name": "mine", "expectations": [few]}))
    stopped = winnow("curate", asked)
    assert stopped.code == 1
    assert "own:1:expect_table_row_count_to_be_between" in stopped.told
    left = sorted(run.parent.iterdir())
    previewed = winnow("curate", asked, "--preview")
    assert (previewed.code, "curate.contract.file" in previewed.told) == (1, True)
    assert sorted(run.parent.iterdir()) == left
    (tmp_path / "mine.json").write_text("{")
    assert "curate.contract.file" in winnow("curate", asked).told


def test_a_second_night_with_other_rows_is_compared_with_the_first(
    winnow: Winnow, recipe: Recipe, pool: Path, tmp_path: Path
) -> None:
    asked = recipe(exam={"domain": ["exam.jsonl"], "choice_items": 0})
    (tmp_path / "exam.jsonl").write_text("".join(json.dumps(row(number)) + "\n" for number in range(900, 905)))
    assert winnow("curate", asked).code == 0
    first = runs.find()
    assert not (first / "drift.json").exists()
    longer = [row(n) | {"answer": " ".join(row(n + more)["answer"] for more in (0, 500, 700))} for n in range(100, 160)]
    pool.write_text("".join(json.dumps(one) + "\n" for one in longer))
    told = winnow("curate", asked)
    assert told.code == 0
    drift = json.loads((runs.find() / "drift.json").read_text())
    assert drift["run"] == first.name
    assert drift["length_psi"] > Contract().max_length_psi
    assert "drift_lengths" in told.printed + told.told


def test_a_preview_of_what_is_cached_tells_the_counts_of_each_step(
    winnow: Winnow, recipe: Recipe, pool: Path, tmp_path: Path
) -> None:
    recipe()
    ran, seen = (winnow("curate", tmp_path / "recipe.yaml", *more).printed for more in ((), ("--preview",)))
    counts = re.findall(r"^✓ (\w+) .*?(−.* left)", ran, re.MULTILINE)
    assert ("protect", "−3 rows (personal_data 3), 57 left") in counts
    assert re.findall(r"^✓ (\w+) .*?(−.* left)", seen, re.MULTILINE) == counts
    assert re.search(r"^✓ protect .*, 57 left cached$", seen, re.MULTILINE)
    assert "nothing changed" not in seen
    assert "without --preview writes this training set; `winnow run` with this recipe trains" in " ".join(seen.split())
    assert "without --preview" not in ran


def test_what_is_left_out_of_a_folder_is_told_though_what_is_read_comes_from_the_cache(
    winnow: Winnow, recipe: Recipe, pool: Path, tmp_path: Path
) -> None:
    """What lies beside the files that are read is no part of what reading them is cached by."""
    folder = tmp_path / "rows"
    folder.mkdir()
    pool.rename(folder / pool.name)
    asked = recipe(sources=[{"path": "rows"}])

    def told() -> str:
        ended = winnow("curate", asked, "--preview")
        assert ended.code == 0, ended.told
        return " ".join(ended.printed.split())

    before = told()
    (folder / "below").mkdir()
    for name, text in {"below/more.jsonl": json.dumps(row(0)), "notes.xyz": "?"}.items():
        (folder / name).write_text(text)
    after = told()
    for what in ("files of unknown kinds: notes.xyz", "1 folder below \\S+rows holds 1 file"):
        assert not re.search(what, before)
        assert len(re.findall(what, after)) == 1
    assert re.search(r"✓ ingest [^✓]* cached", after)
