"""Answers that a base can't read whole are told before any work, and no model is loaded to find that there are none."""

import json
from pathlib import Path

import pytest

from evals.asking import Asked
from evals.encoding import context_limit, stated_limit
from evals.exam import sit
from evals.suites import SuiteError
from tasks import check, long_answers, models
from tasks.check_suites import check_suites
from tasks.exams import Exam
from tasks.suite_items import suite_items
from tasks.training.settings import Tune

LONG = "fox! " * 200  # 400 tokens and more, in 1,000 bytes


@pytest.fixture
def suite(tmp_path: Path):
    """A maker of a suite of a few questions, one of them with that answer, and the exam that asks it."""

    def make(says: str, answer: str) -> tuple[tuple, Exam]:
        rows: list[dict] = [{"question": f"What is {n} and {n}?", "answer": f"That is {n + n}."} for n in range(5)]
        rows.append({"question": "And what does it say?", "answer": answer})
        if "choice" in says:
            rows = [one | {"options": [one["answer"], "Nobody knows."], "answer": 0} for one in rows]
        (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        (tmp_path / "long.yaml").write_text(f"{says}\nsource: {{path: rows.jsonl}}\n")
        exam = Exam(retention=[str(tmp_path / "long.yaml")])
        return check._suites(exam), exam

    return make


@pytest.mark.parametrize(("kind", "what"), [("completion", "answer"), ("choice", "option")])
def test_an_answer_longer_than_the_context_is_told_with_its_suite(suite, small_base, kind, what):
    suites, exam = suite(f"kind: {kind}", LONG)
    told = rf"^exam.retention: the suite “long” has an {what} of \d+ tokens \(“fox! fox!.*…”\), and the base model reads 256"
    with pytest.raises(SuiteError, match=told) as refused:
        check_suites(suites, exam, small_base)
    assert ("set max_bytes: 256 in the suite's .yaml file" in str(refused.value)) == (kind == "completion")


def test_what_is_refused_is_what_scoring_would_refuse_and_the_advice_helps(suite, small_base, llama, tokenizer):
    suites, exam = suite("kind: completion\nformat: '{question}'", LONG)
    items, model = suite_items(suites[0].suite, exam).items, llama(context=256)
    with pytest.raises(ValueError, match="reads 256 at most"):
        sit(model, tokenizer, items, model_name="base", asked={"long": Asked(suite=suites[0].suite)})
    suites, exam = suite("kind: completion\nmax_bytes: 256\nformat: '{question}'", LONG)
    check_suites(suites, exam, small_base)
    items = suite_items(suites[0].suite, exam).items
    sat = sit(model, tokenizer, items, model_name="base", asked={"long": Asked(suite=suites[0].suite)})
    assert sat.scores.height == 6


def test_an_answer_of_many_bytes_and_few_tokens_passes(suite, small_base, tokenizer):
    answer = "the quick brown fox jumps over the lazy dog " * 8
    assert len(answer) > 256 >= len(tokenizer.encode(answer, add_special_tokens=False))
    suites, exam = suite("kind: completion", answer)
    check_suites(suites, exam, small_base)


def test_no_tokenizer_is_loaded_for_answers_of_fewer_bytes_than_the_model_reads_tokens(suite, small_base, monkeypatch):
    monkeypatch.setattr(long_answers, "token_counts", lambda *_: pytest.fail("a tokenizer was loaded"))
    suites, exam = suite("kind: completion", "!" * 256)
    check_suites(suites, exam, small_base)


def test_what_is_to_be_written_must_leave_room_for_the_question(suite, small_base):
    suites, exam = suite("kind: generate\nmetric: rouge_l\nmax_new_tokens: 256", "Yes.")
    with pytest.raises(
        SuiteError, match=r"lets the model write 256 tokens \(max_new_tokens\), and the base model reads"
    ):
        check_suites(suites, exam, small_base)
    suites, exam = suite("kind: generate\nmetric: rouge_l\nmax_new_tokens: 255", "Yes.")
    check_suites(suites, exam, small_base)


def test_virtual_tokens_leave_less_room_for_answers(suite, small_base):
    taken = Tune(method="prompt", virtual_tokens=30).taken
    says = "kind: generate\nmetric: rouge_l\nmax_new_tokens:"
    suites, exam = suite(f"{says} 226", "Yes.")
    with pytest.raises(SuiteError, match="reads 226 at once beside 30 virtual tokens, question included"):
        check_suites(suites, exam, small_base, taken)
    check_suites(suites, exam, small_base)
    suites, exam = suite(f"{says} 225", "Yes.")
    check_suites(suites, exam, small_base, taken)
    suites, exam = suite("kind: completion", "!?" * 120)
    check_suites(suites, exam, small_base)
    with pytest.raises(SuiteError, match=r"an answer of 240 tokens .* reads 226 at once beside 30 virtual tokens\. Sh"):
        check_suites(suites, exam, small_base, taken)


def test_a_gguf_file_is_not_converted_for_short_answers(suite, tmp_path, monkeypatch):
    (tmp_path / "gguf").mkdir()
    base = models.ModelFiles(reference="g", folder=str(tmp_path / "gguf"), content="0" * 32)
    monkeypatch.setattr(models, "ready", lambda _: pytest.fail("it was converted"))
    suites, exam = suite("kind: completion", "Yes.")
    check_suites(suites, exam, base)


def test_the_limit_is_read_from_the_configuration_as_the_loaded_model_tells_it(small_base, llama, tokenizer, tmp_path):
    assert stated_limit(Path(small_base.folder)) == context_limit(llama(context=256), tokenizer) == 256
    (tmp_path / "config.json").write_text(json.dumps({"text_config": {"n_positions": 64}, "n_ctx": 8}))
    assert stated_limit(tmp_path) == 64
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", "max_position_embeddings": None}))
    assert stated_limit(tmp_path) is None


def test_a_base_that_states_no_limit_is_left_to_the_stage_that_scores(suite, small_base, tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").write_text('{"model_type": "llama"}')
    (tmp_path / "base" / "model.safetensors").touch()
    suites, exam = suite("kind: completion", LONG)
    base = models.ModelFiles(reference="b", folder=str(tmp_path / "base"), content="1" * 32)
    with pytest.raises(SuiteError):
        check_suites(suites, exam, small_base)
    check_suites(suites, exam, base)
