"""The exported exam, scored by lm-evaluation-harness on its own, against what winnow says of the same items."""

from __future__ import annotations

import copy
import math
import re
import runpy
from pathlib import Path

import polars as pl
import pytest
import yaml

from evals.asking import Asked, Example
from evals.exam import bits_per_byte, score, sit
from evals.exporting import GROUP, exported_tasks, scores_file, task_name
from evals.items import ITEMS
from evals.metrics import up_to
from evals.suites import Suite

FOX = [{"role": "user", "content": "Where does the fox live?"}]
SYSTEM = [{"role": "system", "content": "Be brief."}, *FOX]


def item(name: str, kind: str, target: str, options=(), answer: int = 0, prompt=FOX):
    return (kind, "domain", kind, name, name, [] if kind == "text" else prompt, target, list(options), answer)


def exam(*rows) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ITEMS, orient="row")


ANSWERS = ["In the forest, 漢字 é.", "def add(a, b):\n    return a + b", "a", "Größe | naïve {{ 3 }} 2"]
OPTIONS = [["In the forest", "a", "near the river"], ["7", "Straße, naïve", "of course"], ["x" * 40, "the end", "fox"]]


def mixed() -> pl.DataFrame:
    rows = [item(f"c{n}", "completion", text, prompt=[FOX, SYSTEM][n % 2]) for n, text in enumerate(ANSWERS)]
    rows += [
        item(f"t{n}", "text", text) for n, text in enumerate(["déjà vu 🙂 привет", "a buffer overflow happens. " * 40])
    ]
    for n in range(9):
        options, right = OPTIONS[n // 3], n % 3
        rows.append(item(f"o{n}", "choice", options[right], options, right))
    return exam(*rows)


@pytest.fixture
def by_harness(tmp_path: Path):
    """Scores every exported suite by lm-eval alone: by suite, the logged samples in the order of the items."""
    pytest.importorskip("lm_eval", reason="the extra lm-eval is not installed")

    def run(model, tokenizer, items: pl.DataFrame, asked=None) -> dict[str, list[dict]]:
        from lm_eval import simple_evaluate
        from lm_eval.models.huggingface import HFLM
        from lm_eval.tasks import TaskManager

        tasks = exported_tasks(tokenizer, items, asked)
        for name, text in [scores_file(), *(file for task in tasks for file in task.files.items())]:
            (tmp_path / name).write_text(text, encoding="utf-8")
        manager = TaskManager(include_path=str(tmp_path), include_defaults=False)
        lm = HFLM(pretrained=model, tokenizer=tokenizer, add_bos_token=False, batch_size=4)
        names = [task.name for task in tasks]
        found = simple_evaluate(lm, tasks=names, task_manager=manager, bootstrap_iters=0)["samples"]
        return {task.suite: found[task.name] for task in tasks}

    return run


def test_lm_eval_gives_the_scores_that_winnow_gives(model, tokenizer, by_harness) -> None:
    items = mixed()
    ours = dict(score(model, tokenizer, items, model_name="base").select("item", "score").iter_rows())
    theirs = {doc["doc"]["item"]: doc for samples in by_harness(model, tokenizer, items).values() for doc in samples}
    assert set(theirs) == set(items["item"])
    assert sum(ours[name] for name in theirs if name[0] == "o") not in (0, 9)
    for row in items.iter_rows(named=True):
        mine, other = ours[row["item"]], theirs[row["item"]]["score"]
        size = len(row["target"].encode())
        # Compared as log-likelihoods: the tolerance is theirs.
        assert other * math.log(2) * size == pytest.approx(mine * math.log(2) * size, abs=2e-4), row["item"]


def test_a_choice_has_the_likelihood_of_every_option_that_single_tokens_add_up_to(
    model, tokenizer, oracle, by_harness
) -> None:
    (samples,) = by_harness(model, tokenizer, mixed().filter(kind="choice")).values()
    for sample in samples[:3]:
        *sums, gap = [values[0] for values in sample["filtered_resps"]]
        prompt = tokenizer.apply_chat_template(FOX, add_generation_prompt=True, return_dict=False)
        for option, value in zip(OPTIONS[0], sums, strict=True):
            truth = oracle.reference(model, prompt, tokenizer.encode(option, add_special_tokens=False))
            assert value - gap == pytest.approx(truth, abs=2e-4)
            assert sample["doc"]["bytes"][OPTIONS[0].index(option)] == len(option.encode())
            assert bits_per_byte(value - gap, option) > 0


def test_a_template_that_ends_in_a_letter_needs_no_extra_option(llama, tokenizer, by_harness) -> None:
    import copy

    plain = copy.deepcopy(tokenizer)
    plain.chat_template = None  # “Assistant:” is followed by the answer at once
    items = mixed().filter(pl.col("kind") != "text")
    model = llama()
    ours = score(model, plain, items, model_name="base")["score"].to_list()
    found = by_harness(model, plain, items)
    samples = [sample for suite in ("completion", "choice") for sample in found[suite]]
    assert not any(sample["doc"]["gap"] for sample in samples)
    assert [sample["score"] for sample in samples] == pytest.approx(ours, abs=1e-5)


def test_an_answer_whose_first_token_takes_in_the_prompts_end_is_scored_alike(llama, tokenizer, by_harness) -> None:
    import copy

    joined = copy.deepcopy(tokenizer)
    # A space behind every role, which the tokenizer reads as part of the word that follows.
    turn = tokenizer.chat_template.replace("'\n' + message['content']", "'\n ' + message['content']")
    joined.chat_template = turn.replace("assistant\n", "assistant\n ")
    assert tokenizer.tokenize(" the") == ["Ġthe"]
    items = exam(item("a", "completion", "the river, the end"), item("b", "completion", "7 dogs"))
    model = llama()
    ours = score(model, joined, items, model_name="base")["score"].to_list()
    found = [sample["score"] for sample in by_harness(model, joined, items)["completion"]]
    (task,) = exported_tasks(joined, items)
    assert task.inexact == 0
    assert found == pytest.approx(ours, abs=1e-5)


@pytest.mark.parametrize("form", ["chat", "Q: {question}\nA:", "{question}\n"])
def test_examples_formats_and_metrics_of_a_suite_are_exported_with_it(model, tokenizer, by_harness, form: str) -> None:
    shots = tuple(
        Example(item=f"s{n}", cluster="s", prompt=({"role": "user", "content": f"What is {n}?"},), target=f"It is {n}.")
        for n in range(2)
    )
    items = mixed().filter(pl.col("kind") != "text")
    asked = {
        kind: Asked(suite=Suite(name=kind, role="domain", kind=kind, format=form, metric=metric), shots=shots)
        for kind, metric in (("completion", None), ("choice", "acc"))
    }
    ours = dict(score(model, tokenizer, items, model_name="base", asked=asked).select("item", "score").iter_rows())
    samples = [sample for part in by_harness(model, tokenizer, items, asked).values() for sample in part]
    assert {sample["doc"]["item"]: sample["score"] for sample in samples} == pytest.approx(ours, abs=1e-5)
    assert all(sample["doc"]["context"].count("It is") == 2 for sample in samples)


@pytest.mark.parametrize("metric", ["exact_match", "token_f1", "rouge_l", "chrf"])
@pytest.mark.parametrize("form", ["chat", "fox {question}\nA:"])
def test_lm_eval_writes_the_answers_that_winnow_writes_and_measures_them_alike(
    model, tokenizer, by_harness, form: str, metric: str
) -> None:
    shown = Example(item="s", cluster="s", prompt=({"role": "user", "content": "What is 7?"},), target="dog of 7")
    how = Asked(suite=Suite(name="told", role="domain", kind="generate", metric=metric, format=form), shots=(shown,))
    rows = [item(f"g{n}", "generate", "x", prompt=[FOX, SYSTEM][n % 2]) for n in range(4)]
    long = [{"role": "user", "content": " ".join(f"Where does fox {n} live?" for n in range(400))}]
    items = exam(*rows, item("long", "generate", "x", prompt=long)).with_columns(suite=pl.lit("told"))
    answers = sit(model, tokenizer, items, model_name="base", asked={"told": how}).answers["answer"].to_list()
    # What is right is an answer, part of one, or something else, so that no measure gives the same to all.
    right = [answers[0], answers[1][: len(answers[1]) // 2] or "x", "a naïve Größe", answers[3], answers[4]]
    items = items.with_columns(target=pl.Series(right))
    ours = score(model, tokenizer, items, model_name="base", asked={"told": how})["score"].to_list()
    (samples,) = by_harness(model, tokenizer, items, {"told": how}).values()
    assert [sample["score"] for sample in samples] == pytest.approx(ours, abs=1e-12)
    assert len(set(ours)) > 1


def test_an_answer_that_begins_with_a_blank_line_ends_where_winnow_ends_it(tokenizer, tmp_path: Path) -> None:
    asked = Asked(suite=Suite(name="s", role="domain", kind="generate", metric="exact_match", format="Q: {question}"))
    (task,) = exported_tasks(
        tokenizer, exam(item("g", "generate", "In a den.")).with_columns(suite=pl.lit("s")), {"s": asked}
    )
    for name, text in [scores_file(), *task.files.items()]:
        (tmp_path / name).write_text(text, encoding="utf-8")
    alone = runpy.run_path(str(tmp_path / scores_file()[0]))
    (doc,) = alone["load"](f"{task.name}.jsonl")["test"]
    for written in ("\n\nIn a den.\n\nQ: And then?", " In a den.\nQ: And then?", "In a den."):
        assert up_to(written, asked.ends(tokenizer)) == "In a den."
        assert alone["written_score"](doc, [written]) == {"score": 1.0}


def test_lm_eval_is_told_what_ends_a_turn_where_that_does_not_end_a_text(tokenizer) -> None:
    other = copy.deepcopy(tokenizer)
    other.eos_token = "<|im_start|>"
    items = exam(item("g", "generate", "In a den.")).with_columns(suite=pl.lit("s"))
    asked = {"s": Asked(suite=Suite(name="s", role="domain", kind="generate", metric="exact_match"))}
    for one, until in ((tokenizer, []), (other, ["<|im_end|>"])):
        (task,) = exported_tasks(one, items, asked)
        read = yaml.safe_load(task.files[f"{task.name}.yaml"].replace("!function ", ""))
        assert read["generation_kwargs"]["until"] == until


def test_of_a_suite_whose_metric_nobody_tells_no_task_is_written(tokenizer) -> None:
    assert exported_tasks(tokenizer, exam(item("g", "generate", "fox"))) == []


def test_what_lm_eval_reads_as_other_tokens_is_counted(tokenizer) -> None:
    import copy

    joined = copy.deepcopy(tokenizer)
    turn = tokenizer.chat_template.replace("'\n' + message['content']", "'\n ' + message['content']")
    joined.chat_template = turn.replace("assistant\n", "assistant\n ")
    # The first token holds the space and half a letter, so that no text says what is left of it.
    assert "\ufffd" in tokenizer.decode(tokenizer.encode(" 漢字")[1:])
    (task,) = exported_tasks(joined, exam(item("a", "completion", "漢字"), item("b", "completion", "7")))
    assert (task.items, task.inexact) == (2, 1)


def test_suites_whose_names_would_read_alike_are_tasks_of_their_own() -> None:
    names = ["日本語", "中文字", "a b", "a_b", "a.b", "exam"]
    found = [task_name(name) for name in names]
    assert len({*found, GROUP}) == len(names) + 1
    assert found[3] == "winnow_a_b"
    assert all(re.fullmatch(r"winnow_[A-Za-z0-9_-]+", name) for name in found)


def test_a_kind_that_no_task_can_hold_is_not_exported(tokenizer) -> None:
    own = item("x/a:0:1", "lm-eval", "fox")
    assert [task.suite for task in exported_tasks(tokenizer, exam(own, item("a", "completion", "b")))] == ["completion"]
