"""Scores of a model on items, and its own answers."""

from __future__ import annotations

import logging
import math

import polars as pl
import pytest

from evals.asking import Asked
from evals.exam import answers, bits_per_byte, score, sit
from evals.finite import BrokenWeights
from evals.items import ITEMS, SCORES
from evals.models import load
from evals.suites import Suite

QUESTION = [{"role": "user", "content": "Where does the fox live?"}]


def item(name: str, kind: str, target: str, *, options=(), answer: int = 0, prompt=QUESTION, suite=None):
    shown = [] if kind == "text" else prompt
    return (suite or kind, "domain", kind, name, name, shown, target, list(options), answer)


def exam(*rows) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ITEMS, orient="row")


def reference(model, tokenizer, before: list[int], text: str) -> float:
    """Log-likelihood of a text behind tokens, one token at a time."""
    import torch

    ids, total = list(before), 0.0
    for token in tokenizer.encode(text, add_special_tokens=False):
        with torch.no_grad():
            total += float(torch.log_softmax(model(torch.tensor([ids])).logits[0, -1].float(), -1)[token])
        ids.append(token)
    return total


def prompt_ids(tokenizer) -> list[int]:
    return tokenizer.apply_chat_template(QUESTION, add_generation_prompt=True, return_dict=False)


def test_a_completion_scores_minus_its_bits_per_byte(model, tokenizer):
    target = "In the forest, 漢字 é."
    scores = score(model, tokenizer, exam(item("a", "completion", target)), model_name="base")
    truth = reference(model, tokenizer, prompt_ids(tokenizer), target) / math.log(2) / len(target.encode())
    assert scores.schema == pl.Schema(SCORES)
    assert scores["score"][0] == pytest.approx(truth, abs=1e-5)
    assert scores["score"][0] < 0
    assert scores.row(0)[:5] == ("completion", "domain", "a", "a", "base")


def test_a_text_scores_minus_its_bits_per_byte_from_its_first_token(model, tokenizer):
    text = "The quick brown fox, déjà vu."
    scores = score(model, tokenizer, exam(item("a", "text", text)), model_name="base")
    truth = reference(model, tokenizer, [tokenizer.bos_token_id], text) / math.log(2) / len(text.encode())
    assert scores["score"][0] == pytest.approx(truth, abs=1e-5)


def test_a_choice_is_right_when_its_option_is_likeliest_per_byte(model, tokenizer):
    options = ["In the forest.", "a", "At the river, near the lazy dog, of course.", "漢字"]
    bits = [bits_per_byte(reference(model, tokenizer, prompt_ids(tokenizer), option), option) for option in options]
    best = min(range(4), key=bits.__getitem__)
    rows = [item(f"i{k}", "choice", options[k], options=options, answer=k) for k in range(4)]
    scores = score(model, tokenizer, exam(*rows), model_name="base")["score"].to_list()
    assert scores == [float(k == best) for k in range(4)]


def test_per_byte_differs_from_the_plain_sum_where_lengths_do(model, tokenizer):
    """The rule is per byte: on this item the shortest option has the highest sum and loses."""
    options = ["a", "The quick brown fox jumps over the lazy dog."]
    sums = [reference(model, tokenizer, prompt_ids(tokenizer), option) for option in options]
    assert sums[0] > sums[1]
    per_byte = [s / len(o.encode()) for s, o in zip(sums, options, strict=True)]
    assert per_byte[1] > per_byte[0]
    rows = [item(f"i{k}", "choice", options[k], options=options, answer=k) for k in range(2)]
    assert score(model, tokenizer, exam(*rows), model_name="base")["score"].to_list() == [0.0, 1.0]


def test_a_tie_is_wrong(model, tokenizer):
    rows = exam(item("a", "choice", "the fox", options=["the fox", "the fox"], answer=0))
    assert score(model, tokenizer, rows, model_name="base")["score"].to_list() == [0.0]


def test_scores_keep_the_order_of_mixed_items(model, tokenizer):
    rows = exam(
        item("t1", "text", "The fox."),
        item("c1", "completion", "In the forest."),
        item("m1", "choice", "a", options=["a", "b"], answer=0),
        item("t2", "text", "The lazy dog jumps."),
        item("c2", "completion", "x"),
    )
    scores = score(model, tokenizer, rows, model_name="candidate")
    assert scores["item"].to_list() == ["t1", "c1", "m1", "t2", "c2"]
    alone = score(model, tokenizer, rows.slice(3, 1), model_name="candidate")
    assert scores["score"][3] == pytest.approx(alone["score"][0], abs=1e-5)


def test_no_items_give_no_scores(model, tokenizer):
    assert score(model, tokenizer, exam(), model_name="base").schema == pl.Schema(SCORES)


def test_an_item_that_the_template_refuses_is_left_out_and_told(model, tokenizer, caplog):
    rows = exam(
        item("good", "completion", "In the forest."),
        item("bad", "completion", "x", prompt=[]),
    )
    with caplog.at_level(logging.WARNING):
        scores = score(model, tokenizer, rows, model_name="base")
    assert scores["item"].to_list() == ["good"]
    assert "1 items are left out" in caplog.text
    with pytest.raises(ValueError, match="Suite completion: the model's chat template refuses every item"):
        score(model, tokenizer, rows.tail(1), model_name="base")


@pytest.mark.parametrize("kind", ["completion", "choice", "generate"])
def test_of_a_part_of_a_suite_every_item_may_be_refused(model, tokenizer, kind):
    told: list[str] = []
    rows = exam(item("bad", kind, "x", prompt=[], options=["x", "y"]), item("read", "text", "The fox."))
    metric = "token_f1" if kind == "generate" else None
    asked = {kind: Asked(suite=Suite(name=kind, role="domain", kind=kind, metric=metric))}
    sat = sit(model, tokenizer, rows, model_name="candidate", asked=asked, tell=told.append, whole=False)
    assert sat.refused == ("bad",)
    assert (sat.scores["item"].to_list(), sat.answers.height) == (["read"], 0)
    assert [sentence for sentence in told if sentence.startswith(f"Suite {kind}: 1 items are left out")]


def test_a_broken_model_names_the_suite(llama, tokenizer):
    import torch

    broken = llama()
    with torch.no_grad():
        broken.model.norm.weight.fill_(float("nan"))
    with pytest.raises(BrokenWeights, match=r"Suite text: .* not a finite number"):
        score(broken, tokenizer, exam(item("a", "text", "The fox.")), model_name="base")


def test_progress_counts_the_items_of_all_suites(model, tokenizer):
    rows = [item(f"t{k}", "text", "The fox " * (k + 1)) for k in range(5)]
    rows += [item(f"c{k}", "completion", "dog " * (k + 1)) for k in range(4)]
    seen: list[tuple[int, int]] = []
    score(model, tokenizer, exam(*rows), model_name="base", progress=lambda d, n: seen.append((d, n)))
    assert seen[-1] == (9, 9)
    assert (5, 9) in seen
    assert [d for d, _ in seen] == sorted(d for d, _ in seen)


def test_answers_are_the_greedy_continuation(model, tokenizer):
    import torch

    ids, written = prompt_ids(tokenizer), []
    for _ in range(8):
        with torch.no_grad():
            token = int(model(torch.tensor([ids])).logits[0, -1].argmax())
        if token == tokenizer.eos_token_id:
            break
        ids.append(token)
        written.append(token)
    truth = tokenizer.decode(written, skip_special_tokens=True).strip()
    seen: list[tuple[int, int]] = []
    got = answers(model, tokenizer, [QUESTION, []], max_new_tokens=8, progress=lambda d, n: seen.append((d, n)))
    assert got == [truth, ""]
    assert seen[-1] == (2, 2)


def test_answers_do_not_sample_even_if_the_model_would(llama, tokenizer):
    sampler = llama()
    sampler.generation_config.do_sample = True
    sampler.generation_config.temperature = 5.0
    asked = [QUESTION] * 3
    assert len(set(answers(sampler, tokenizer, asked, max_new_tokens=8))) == 1


def test_a_saved_model_scores_as_it_did(llama, tokenizer, tmp_path):
    llama().save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded, read = load(tmp_path)
    rows = exam(item("a", "completion", "In the forest."))
    before = score(llama(), tokenizer, rows, model_name="base")["score"][0]
    after = score(loaded, read, rows, model_name="base")["score"][0]
    assert after == pytest.approx(before, rel=0.02)  # bfloat16, where the CPU has it
