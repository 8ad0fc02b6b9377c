"""What a recipe names and isn't there is told of all at once, each by its key."""

from pathlib import Path

import pytest

from quality.domain.settings import Domain
from quality.sources import Source
from tasks.exams import Exam
from tasks.models import ModelFiles, Models
from tasks.named_places import NotThere, ensure_there
from tasks.training.general_settings import General

ROW = '{"question": "Why?", "answer": "Because."}\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("pool.jsonl", "seeds.jsonl", "negatives.jsonl", "asked.jsonl", "general.jsonl"):
        (tmp_path / name).write_text(ROW)
    (tmp_path / "kept.txt").write_text("The sea is wide.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(tiny_base: ModelFiles, **other: object) -> str:
    given = {
        "sources": [Source(path="pool.jsonl"), Source(path="https://example.org/rows.jsonl"), Source(hub="org/rows")],
        "model": Models(base=tiny_base.folder),
        "domain": Domain(seeds="seeds.jsonl", negatives="negatives.jsonl", also={"law": {"seeds": "seeds.jsonl"}}),
        "exam": Exam(domain=["asked.jsonl"], retention=["kept.txt", "suite:encyclopedia", "lm-eval:arc_easy"]),
        "general": General(sources=[Source(path="general.jsonl")]),
    }
    try:
        ensure_there(**given | other)
    except NotThere as error:
        return str(error)
    return ""


def test_where_all_is_there_nothing_is_said_and_what_lies_elsewhere_is_not_looked_at(tiny_base: ModelFiles) -> None:
    assert told(tiny_base) == ""


def test_everything_that_is_missing_is_told_each_on_a_line_that_begins_with_its_key(
    tiny_base: ModelFiles, folder: Path
) -> None:
    for file in [*folder.glob("*.jsonl"), *folder.glob("*.txt")]:
        file.unlink()
    lines = told(tiny_base, model=Models(base="./none", embedder="./nowhere")).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "model.base",
        "model.embedder",
        "sources.0",
        "tune.general.sources.0",
        "curate.domain.seeds",
        "curate.domain.negatives",
        "curate.domain.also.law.seeds",
        "exam.domain.0",
        "exam.retention.0",
    ]
    assert lines[2] == f"sources.0: there is no file {folder / 'pool.jsonl'}"


def test_an_empty_file_of_rows_or_text_is_told(tiny_base: ModelFiles, folder: Path) -> None:
    (folder / "asked.jsonl").write_text("")
    (folder / "kept.txt").write_text("")
    first, second = told(tiny_base).splitlines()
    assert first.startswith("exam.domain.0: ")
    assert first.endswith("asked.jsonl is empty: there is nothing to read in it")
    assert second.startswith("exam.retention.0: ")
    assert second.endswith("kept.txt is empty: there is nothing to read in it")


def test_a_name_that_no_disk_takes_is_told_in_a_sentence(tiny_base: ModelFiles) -> None:
    assert "sources.0: " in (said := told(tiny_base, sources=[Source(path=f"{'long' * 75}.jsonl")]))
    assert "File name too long" in said


def test_a_model_of_the_hub_that_a_run_would_fetch_is_not_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_base: ModelFiles
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    assert told(tiny_base, model=Models(base="nobody/none")) == ""
