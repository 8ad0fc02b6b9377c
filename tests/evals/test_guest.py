"""Tasks of lm-evaluation-harness as a suite of the exam; its scores are held against sums of single tokens."""

from __future__ import annotations

import json
import logging
import math
import random
from pathlib import Path

import polars as pl
import pytest
import yaml

from evals.guest import guest_content, guest_items, guest_scores, resolved
from evals.guest_tasks import Guest, GuestError, load_tasks
from evals.items import ITEMS, SCORES, questions
from evals.shortening import Cut, at_context
from evals.suites import Suite

pytest.importorskip("lm_eval", reason="the extra lm-eval is not installed")

SUITE = Suite(name="guests", role="retention", kind="lm-eval")
CHOICES = [
    {
        "ask": f"Which of them lives in the {place}?",
        "say": [f"the {wrong}", f"the quick {animal}", "a dog, of course"],
        "gold": 1,
        "source": place[:3],
    }
    for place, wrong, animal in [
        ("forest", "buffer", "fox"),
        ("river", "end", "fish"),
        ("forge", "plage", "smith"),
        ("meadow", "Straße", "cow"),
        ("rink", "two plus two", "skater"),
    ]
]
MEAN = {"aggregation": "mean", "higher_is_better": True}
TASKS = {
    "homes": {
        "data": CHOICES,
        "output_type": "multiple_choice",
        "doc_to_text": "Question: {{ask}}\nAnswer:",
        "doc_to_choice": "say",
        "doc_to_target": "gold",
        "metric_list": [{"metric": "acc", **MEAN}, {"metric": "acc_norm", **MEAN}, {"metric": "mcc"}],
        "tag": "animals",
    },
    "endings": {
        "data": [{"begin": "The quick brown fox", "end": f"jumps over {n} dogs."} for n in range(4)],
        "output_type": "loglikelihood",
        "doc_to_text": "begin",
        "doc_to_target": "{{' ' + end}}",
        "metric_list": [
            {"metric": "perplexity", "aggregation": "perplexity", "higher_is_better": False},
            {"metric": "acc", **MEAN},
        ],
        "tag": "animals",
    },
    "prose": {
        "data": [{"text": f"Déjà vu {n}: a buffer overflow happens, 漢字."} for n in range(3)],
        "output_type": "loglikelihood_rolling",
        "doc_to_text": "",
        "doc_to_target": "text",
        "metric_list": [{"metric": "word_perplexity"}, {"metric": "bits_per_byte"}],
    },
    "sums": {
        "data": [{"ask": f"What is {n} plus {n}?", "end": str(2 * n)} for n in range(3)],
        "output_type": "generate_until",
        "doc_to_text": "{{ask}}",
        "doc_to_target": "end",
        "generation_kwargs": {"until": ["\n"], "max_gen_toks": 4, "do_sample": False},
        "filter_list": [
            {"name": "strict", "filter": [{"function": "take_first"}]},
            {
                "name": "number",
                "filter": [{"function": "regex", "regex_pattern": r"(\d+)"}, {"function": "take_first"}],
            },
        ],
        "metric_list": [{"metric": "exact_match", **MEAN}],
    },
    "words": {
        "data": [{"ask": "Say it.", "end": "déjà vu"}],
        "output_type": "generate_until",
        "doc_to_text": "ask",
        "doc_to_target": "end",
        "metric_list": [{"metric": "bleu"}],
    },
}


def write(folder: Path, name: str, **changes: object) -> Path:
    """Write one of the tasks above as a YAML file over a JSONL file; a change of None takes a key away."""
    task = dict(TASKS.get(name, TASKS["homes"])) | changes
    data = folder / f"{name}.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in task.pop("data")))
    own = {"task": name, "dataset_path": "json", "dataset_kwargs": {"data_files": {"test": str(data)}}}
    own |= {"test_split": "test", "metadata": {"version": 1.0}}
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({key: value for key, value in (own | task).items() if value is not None}))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in TASKS:
        write(tmp_path, name)
    group = {"group": "all_animals", "task": ["homes", "endings"], "aggregate_metric_list": [{"metric": "acc"}]}
    (tmp_path / "group.yaml").write_text(yaml.safe_dump(group))
    return tmp_path


def scored(model, tokenizer, guest: Guest, **more) -> tuple[pl.DataFrame, pl.DataFrame]:
    items = guest_items(guest, suite=SUITE).drawn
    scores = guest_scores(model, tokenizer, guest, items, model_name="base", **more)
    assert scores.schema == pl.Schema(SCORES)
    assert scores["item"].to_list() == items["item"].to_list()
    return items, scores


def test_multiple_choice_scores_what_single_tokens_add_up_to(folder: Path, model, tokenizer, oracle) -> None:
    file = str(folder / "homes.yaml")
    contexts = [f"Question: {row['ask']}\nAnswer:" for row in CHOICES]
    sums = oracle.expected(model, tokenizer, contexts, [[f" {say}" for say in row["say"]] for row in CHOICES])
    for metric, length in (("acc", lambda text: 1), ("acc_norm", len)):
        items, scores = scored(model, tokenizer, Guest(task=file, metric=metric))
        truth = {}
        for row, values in zip(CHOICES, sums, strict=True):
            each = [value / length(say) for value, say in zip(values, row["say"], strict=True)]
            truth[row["ask"]] = float(each.index(max(each)) == row["gold"])
        asked = [prompt[0]["content"] for prompt in items["prompt"]]
        assert scores["score"].to_list() == [truth[ask] for ask in asked]
        assert set(scores["score"]) <= {0.0, 1.0}


def test_rolling_likelihood_scores_minus_the_bits_per_byte_of_each_text(folder: Path, model, tokenizer, oracle) -> None:
    items, scores = scored(model, tokenizer, Guest(task=str(folder / "prose.yaml")))
    for text, score in zip(items["target"], scores["score"], strict=True):
        whole = oracle.reference(model, [tokenizer.bos_token_id], tokenizer.encode(text, add_special_tokens=False))
        assert score == pytest.approx(whole / math.log(2) / len(text.encode()), abs=1e-5)
        assert score < 0


def test_the_first_metric_that_scores_items_is_taken_and_a_filter_can_be_asked_for(folder: Path, model, tokenizer):
    _, scores = scored(model, tokenizer, Guest(task=str(folder / "endings.yaml")))  # perplexity stands before acc
    assert set(scores["score"]) <= {0.0, 1.0}
    file = write(folder, "sums", data=[{"ask": "", "end": "4"}] * 2 + [{"ask": "x", "end": "7"}])
    _, strict = scored(model, tokenizer, Guest(task=str(file), metric="exact_match,strict"))
    assert strict["score"].sum() == 0


def test_of_a_metric_that_is_better_when_lower_the_score_is_its_negative(folder: Path, model, tokenizer) -> None:
    worse = [{"metric": "acc", "aggregation": "mean", "higher_is_better": False}]
    _, right = scored(model, tokenizer, Guest(task=str(folder / "homes.yaml"), metric="acc"))
    file = write(folder, "homes", metric_list=worse)
    _, wrong = scored(model, tokenizer, Guest(task=str(file)))
    assert wrong["score"].to_list() == [-score for score in right["score"]]


def test_what_scores_a_whole_corpus_is_refused_in_a_sentence(folder: Path) -> None:
    with pytest.raises(GuestError, match="bleu is computed of all items together, and a paired comparison needs a sc"):
        guest_content(Guest(task=str(folder / "words.yaml")))
    with pytest.raises(GuestError, match="mcc is computed of all items together.* Set metric to acc or acc_norm"):
        guest_content(Guest(task=str(folder / "homes.yaml"), metric="mcc"))
    with pytest.raises(GuestError, match="homes has no metric “f2”; it has acc, acc_norm and mcc"):
        guest_content(Guest(task=str(folder / "homes.yaml"), metric="f2"))


def test_items_hold_what_training_rows_are_kept_clear_of(folder: Path) -> None:
    items = guest_items(Guest(task=str(folder / "homes.yaml"), cluster="source"), suite=SUITE).drawn
    assert items.schema == pl.Schema(ITEMS)
    assert set(items["cluster"]) == {"for", "riv", "mea", "rin"}
    asked = {row["question"]: row["answer"] for row in questions(items).iter_rows(named=True)}
    assert asked["Which of them lives in the river?"] == "the quick fish"  # as its document says it, unwrapped
    assert items["options"].list.get(1).to_list() == items["target"].to_list()
    ends = guest_items(Guest(task=str(folder / "endings.yaml")), suite=SUITE).drawn
    assert set(ends["target"]) == {f" jumps over {n} dogs." for n in range(4)}
    assert ends["cluster"].n_unique() == 4


def test_a_group_is_one_suite_of_all_its_tasks_and_a_tag_too(folder: Path, model, tokenizer) -> None:
    guest = Guest(task="all_animals", include_path=str(folder), cluster="task")
    items, scores = scored(model, tokenizer, guest)
    assert scores["suite"].unique().to_list() == ["guests"]
    assert dict(items["cluster"].value_counts().iter_rows()) == {"homes": 5, "endings": 4}
    tagged = guest_items(Guest(task="animals", include_path=str(folder)), suite=SUITE).drawn
    assert set(tagged["item"]) == set(items["item"])
    alone = scored(model, tokenizer, Guest(task=str(folder / "homes.yaml")))[1]
    both = alone.join(scores, on="item")
    assert both["score"].to_list() == both["score_right"].to_list()


def test_a_draw_asks_just_its_documents_whatever_their_order(folder: Path, model, tokenizer) -> None:
    guest = Guest(task=str(folder / "homes.yaml"))
    whole = guest_items(guest, suite=SUITE)
    few = guest_items(guest, suite=SUITE, limit=3, seed=1).drawn
    assert few.height == 3
    assert set(few["item"]) < set(whole.whole["item"])
    every = guest_scores(model, tokenizer, guest, whole.drawn, model_name="base")
    turned = guest_scores(model, tokenizer, guest, few.reverse(), model_name="base")
    assert turned["item"].to_list() == few.reverse()["item"].to_list()
    assert turned.join(every, on="item")["score_right"].to_list() == turned["score"].to_list()


def test_an_adapter_around_the_model_is_scored_and_another_model_scores_otherwise(
    folder: Path, llama, model, tokenizer
) -> None:
    import torch
    from peft import LoraConfig, get_peft_model

    guest = Guest(task=str(folder / "prose.yaml"))
    wrapped = get_peft_model(llama(), LoraConfig(r=2, target_modules=["q_proj", "v_proj"])).eval()
    base, same = (scored(one, tokenizer, guest)[1]["score"].to_numpy() for one in (model, wrapped))
    assert same == pytest.approx(base, abs=1e-6)  # LoRA starts at zero
    with torch.no_grad():
        for name, weight in wrapped.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.05)
    other = scored(wrapped, tokenizer, guest)[1]["score"].to_numpy()
    assert (abs(other - base) > 1e-3).all()


def test_shots_are_drawn_alike_every_time_and_change_the_prompt(folder: Path, model, tokenizer) -> None:
    guest = Guest(task=str(write(folder, "homes", fewshot_split="test")), shots=2, metric="acc")
    random.seed(5)
    (task,) = load_tasks(guest).values()
    doc = task.eval_docs[0]
    prompt = task.fewshot_context(doc, 2)
    random.seed(6)
    (again,) = load_tasks(guest).values()
    assert again.fewshot_context(doc, 2) == prompt
    assert prompt.count("Question:") == 3
    none = guest_content(Guest(task=guest.task, metric="acc"))
    assert guest_content(guest) != none


def test_examples_are_not_asked_of_a_task_that_takes_none(folder: Path) -> None:
    file = str(write(folder, "homes", fewshot_split="test", num_fewshot=0))
    with pytest.raises(GuestError, match=r"homes is always asked without examples .* Leave shots out"):
        load_tasks(Guest(task=file, shots=2))
    (task,) = load_tasks(Guest(task=file, shots=0)).values()
    assert task.get_config("num_fewshot") == 0
    (task,) = load_tasks(Guest(task=str(write(folder, "homes", fewshot_split="test", num_fewshot=1)))).values()
    assert task.get_config("num_fewshot") == 1


def test_documents_of_examples_that_are_not_asked_are_told_beside_the_items(folder: Path) -> None:
    more = [
        {"ask": f"Which of them lives in the {place}?", "say": ["no", "yes"], "gold": 1, "source": "x"}
        for place in ("cellar", "attic")
    ]
    (folder / "shown.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [CHOICES[0], *more]))
    files = {"test": str(folder / "homes.jsonl"), "train": str(folder / "shown.jsonl")}
    file = str(write(folder, "homes", fewshot_split="train", dataset_kwargs={"data_files": files}))
    assert guest_items(Guest(task=file), suite=SUITE).examples.is_empty()
    found = guest_items(Guest(task=file, shots=1, cluster="source"), suite=SUITE)
    assert questions(found.examples).select("question", "answer").rows() == [(one["ask"], "yes") for one in more]
    assert found.whole.height == len(CHOICES)
    assert not found.examples["item"].str.contains("/").any()  # no item of the suite, which an audit would draw


def test_a_digest_pins_documents_and_configuration_and_not_where_they_lie(folder: Path, tmp_path: Path) -> None:
    first = guest_content(Guest(task=str(folder / "homes.yaml")))
    assert guest_content(Guest(task=str(folder / "homes.yaml"))) == first
    other = tmp_path / "moved"
    other.mkdir()
    assert guest_content(Guest(task=str(write(other, "homes")))) == first
    assert guest_content(Guest(task=str(folder / "homes.yaml"), metric="acc_norm")) != first
    assert guest_content(Guest(task=str(write(other, "homes", doc_to_text="{{ask}}")))) != first
    edited = [CHOICES[0] | {"gold": 0}, *CHOICES[1:]]
    file = write(folder, "homes", data=edited)
    assert guest_content(Guest(task=str(file))) != first


def test_a_document_that_changed_since_is_refused(folder: Path, model, tokenizer) -> None:
    guest = Guest(task=str(folder / "homes.yaml"))
    items = guest_items(guest, suite=SUITE).drawn
    write(folder, "homes", data=[CHOICES[0] | {"gold": 0}, *CHOICES[1:4]])  # one edited, one gone
    with pytest.raises(GuestError, match=r"is not in its data any more \(2 such items\)"):
        guest_scores(model, tokenizer, guest, items, model_name="base")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"unsafe_code": True}, "it runs code that the model writes"),
        ({"dataset_kwargs": {"trust_remote_code": True}}, "its data comes with code to run"),
        ({"metric_list": [{"metric": "rouge_of_mine"}]}, "its metric rouge_of_mine is a script"),
        ({"metric_list": [{"metric": "acc", "hf_evaluate": True}]}, "its metric acc is a script"),
    ],
)
def test_a_task_that_runs_foreign_code_is_refused(folder: Path, change: dict[str, object], told: str) -> None:
    with pytest.raises(GuestError, match=told):
        load_tasks(Guest(task=str(write(folder, "homes", **change))))


@pytest.mark.parametrize(
    "group",
    [
        {"task": [{"task": "homes", "process_results": None}]},
        {"task": [{"task": "homes", "metric_list": [{"metric": "rouge_of_mine"}]}]},
        {"task": [{"group": "inner", "task": [{"task": "homes", "process_results": None}]}]},
    ],
)
@pytest.mark.parametrize("claims", [{}, {"process_results": "a function, it says"}])
def test_a_script_is_not_hidden_between_a_group_and_its_task(folder: Path, group, claims) -> None:
    script = {"metric_list": [{"metric": "rouge_of_mine"}]} if claims else {}
    write(folder, "homes", **claims, **script)
    (folder / "group.yaml").write_text(yaml.safe_dump({"group": "all_animals", **group}))
    with pytest.raises(GuestError, match="is a script|a group changes its process_results|speaks of process_results"):
        load_tasks(Guest(task="all_animals", include_path=str(folder)))


def test_a_group_is_found_by_its_own_file(folder: Path) -> None:
    by_file = load_tasks(Guest(task=str(folder / "group.yaml")))
    assert sorted(by_file) == sorted(load_tasks(Guest(task="all_animals", include_path=str(folder))))
    assert sorted(by_file) == ["endings", "homes"]


def test_tasks_of_two_units_make_no_suite(folder: Path) -> None:
    (folder / "group.yaml").write_text(yaml.safe_dump({"group": "mixed", "task": ["homes", "prose"]}))
    with pytest.raises(GuestError, match="homes is scored in share right, prose in bits per byte, and no mean"):
        resolved(Guest(task="mixed", include_path=str(folder)))


@pytest.mark.parametrize(("task", "told"), [("homes", "contexts were cut"), ("sums", "prompts leave no room")])
def test_prompts_that_are_cut_are_told(folder: Path, model, tokenizer, task: str, told: str) -> None:
    rows = [TASKS[task]["data"][0], TASKS[task]["data"][1] | {"ask": "the quick fox " * 400}]
    guest = Guest(task=str(write(folder, task, data=rows)))
    heard: list[str] = []
    scored(model, tokenizer, guest, tell=heard.append)
    assert [told in sentence for sentence in heard] == [True]
    assert heard[0].startswith(f"lm-eval:{guest.task}: 1 of 2 ")
    context = model.config.max_position_embeddings
    assert at_context("homes", heard, 2) == (Cut(suite="homes", n=1, of=2, limit=context, unit="tokens"),)
    whole = Guest(task=str(write(folder, task)))
    heard.clear()
    scored(model, tokenizer, whole, tell=heard.append)
    assert heard == []


@pytest.mark.parametrize(
    ("head", "tag"),
    [("", "!function"), ("%TAG !e! !func\n---\n", "!e!tion"), ("", "!<!function>")],
)
@pytest.mark.parametrize("includes", ["include: base.inc", "include:\n  - base.inc"])
def test_a_file_beside_a_task_is_never_run(folder: Path, head: str, tag: str, includes: str) -> None:
    ran = folder / "ran"
    (folder / "mine.py").write_text(f"open({str(ran)!r}, 'w')\ndef text(doc):\n    return 'x'\n")
    file = folder / "homes.yaml"
    lines = [line for line in file.read_text().splitlines() if not line.startswith("doc_to_text")]
    code = head + f"doc_to_text: {tag} mine.text\n"
    file.write_text(code + "\n".join(lines))
    with pytest.raises(GuestError, match=r"homes.yaml brings a function of its own"):
        load_tasks(Guest(task=str(file)))
    (folder / "base.inc").write_text(code)
    file.write_text("\n".join([includes, *lines]))
    for guest in (Guest(task=str(file)), Guest(task="all_animals", include_path=str(folder))):
        with pytest.raises(GuestError, match=r"base.inc brings a function of its own"):
            load_tasks(guest)
    assert not ran.exists()


def test_a_template_reaches_nothing_outside_of_its_document(folder: Path) -> None:
    file = write(folder, "homes", doc_to_text="{{ ask.__class__.__mro__ }}")
    with pytest.raises(GuestError, match="could not be loaded"):
        load_tasks(Guest(task=str(file)))


def test_what_is_not_there_is_told(folder: Path) -> None:
    with pytest.raises(GuestError, match="there is no such file"):
        load_tasks(Guest(task=str(folder / "none.yaml")))
    with pytest.raises(GuestError, match="no field “origin” to cluster by; they have ask, gold, say, source|they have"):
        guest_items(Guest(task=str(folder / "homes.yaml"), cluster="origin"), suite=SUITE)
    (folder / "homes.jsonl").unlink()
    with pytest.raises(GuestError, match="its data could not be loaded"):
        load_tasks(Guest(task=str(folder / "homes.yaml")))


def test_lm_eval_is_quiet_and_leaves_chance_alone(folder: Path, model, tokenizer, capfd, caplog) -> None:
    import numpy as np
    import torch

    random.seed(3), np.random.seed(3), torch.manual_seed(3)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    with caplog.at_level(logging.WARNING):
        scored(model, tokenizer, Guest(task=str(folder / "sums.yaml")))
    assert (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before
    assert [record for record in caplog.records if record.name.startswith(("lm_eval", "datasets"))] == []
    assert capfd.readouterr() == ("", "")
