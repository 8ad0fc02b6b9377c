"""How far a candidate moved: against two whole models compared in 64 bits, and by hand."""

from __future__ import annotations

import math

import polars as pl
import pytest

from evals.divergence import DIVERGENCES, NoBase, divergences, ensure_base, summaries
from evals.exam import score
from evals.items import ITEMS
from evals.likeness import likeness


def item(name: str, suite: str, question: str, said: str, *, role: str = "domain", kind: str = "completion", **more):
    prompt = [{"role": "user", "content": question}] if question else []
    row = {"suite": suite, "role": role, "kind": kind, "item": name, "cluster": name, "prompt": prompt}
    return row | {"target": said, "options": [], "answer": 0} | more


@pytest.fixture(scope="module")
def items() -> pl.DataFrame:
    rows = [
        item("a", "fox", "Where does the fox live?", "In the forest, near the river."),
        item("b", "fox", "Is it lazy?", "No. Größe, déjà vu 🙂"),
        item("c", "prose", "", "A buffer overflow happens when a program writes past the end. " * 9, role="retention", kind="text"),
        item("d", "which", "Two plus two?", "four", kind="choice", options=["five", "four"], answer=1),
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=ITEMS)


def adapted(llama, strength: float = 0.3, **config):
    import torch
    from peft import LoraConfig, get_peft_model

    given = {"r": 4, "target_modules": ["q_proj", "down_proj", "lm_head"], "task_type": "CAUSAL_LM"} | config
    model = get_peft_model(llama(context=128), LoraConfig(**given)).eval()
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=strength)
    return model


def by_hand(base, candidate, context: list[int], answer: list[int]) -> tuple[float, float, float]:
    """Nats of every token of an answer, summed, and its log-likelihood by both models, from whole 64-bit models."""
    import torch

    sides = []
    for model in (base, candidate):
        with torch.no_grad():
            logits = model(torch.tensor([context + answer[:-1]])).logits[0, len(context) - 1 :].double()
        sides.append(torch.log_softmax(logits, -1))
    p, q = sides
    nats = torch.nn.functional.kl_div(q, p, reduction="sum", log_target=True)
    return float(nats), *(float(side[range(len(answer)), answer].sum()) for side in sides)


@pytest.mark.parametrize("config", [{}, {"use_dora": True}, {"use_rslora": True}], ids=["lora", "dora", "rslora"])
def test_it_is_the_divergence_of_two_whole_models(llama, tokenizer, items, config):
    model = adapted(llama, **config)
    found = divergences(ensure_base(model), tokenizer, items)
    assert found.schema == pl.Schema(DIVERGENCES)
    assert found["item"].to_list() == ["a", "b", "c", "d"]
    base = llama(context=128)
    for row, (name, tokens, nats, before, after) in zip(
        items.iter_rows(named=True),
        found.select("item", "tokens", "nats", "base", "candidate").iter_rows(),
        strict=True,
    ):
        answer = tokenizer.encode(row["target"], add_special_tokens=False)
        assert tokens == len(answer), name
        if len(answer) > 128:  # read in windows, which are tested with the scorer
            continue
        context = [tokenizer.bos_token_id]
        if row["prompt"]:
            text = tokenizer.apply_chat_template(row["prompt"], tokenize=False, add_generation_prompt=True)
            context = tokenizer.encode(text, add_special_tokens=False)
        wanted = by_hand(base, model, context, answer)
        bits = math.log(2) * len(row["target"].encode())
        assert nats == pytest.approx(wanted[0] / len(answer), rel=1e-3), name
        assert (before, after) == pytest.approx([value / bits for value in wanted[1:]], abs=1e-4), name


def test_another_model_may_be_the_base(llama, tokenizer, items):
    model = adapted(llama)
    within = divergences(ensure_base(model), tokenizer, items)
    beside = divergences(model, tokenizer, items, base=llama(context=128))
    assert beside["nats"].to_list() == pytest.approx(within["nats"].to_list(), rel=1e-5)
    assert beside["base"].to_list() == pytest.approx(within["base"].to_list(), rel=1e-6)
    itself = divergences(llama(context=128), tokenizer, items, base=llama(context=128))
    assert itself["nats"].to_list() == [0.0] * 4


@pytest.mark.parametrize("method", ["lora", "reft"])
def test_both_sides_score_as_in_the_exam(llama, steered, tokenizer, items, method):
    model = adapted(llama) if method == "lora" else steered(context=128)
    asked = items.filter(pl.col("kind") != "choice")
    found = divergences(ensure_base(model), tokenizer, asked)
    for side, sitting in (("base", llama(context=128)), ("candidate", model)):
        scores = score(sitting, tokenizer, asked, model_name=side)["score"]
        assert found[side].to_list() == pytest.approx(scores.to_list(), abs=1e-4)
    moved = (found["base"] - found["candidate"]).abs()
    assert moved.filter(found["item"] != "c").min() > 1e-3  # of a text, LoReFT steers the first token alone
    assert moved.min() > 1e-6


def test_batches_and_slices_change_nothing(llama, tokenizer, items, monkeypatch):
    import evals.divergence as module

    model = adapted(llama)
    whole = divergences(ensure_base(model), tokenizer, items)
    monkeypatch.setattr(module, "_TOKENS", 1)
    monkeypatch.setattr(module, "_LOGITS", 7 * len(tokenizer))
    monkeypatch.setattr(module, "_SLICE", 3)
    apart = divergences(ensure_base(model), tokenizer, items)
    assert apart["nats"].to_list() == pytest.approx(whole["nats"].to_list(), rel=1e-3)
    assert apart["candidate"].to_list() == pytest.approx(whole["candidate"].to_list(), abs=1e-4)


def test_an_adapter_that_does_nothing_moves_nothing_and_is_on_again_afterwards(llama, tokenizer, items):
    assert divergences(ensure_base(adapted(llama, 0.0)), tokenizer, items)["nats"].to_list() == [0.0] * 4
    model = adapted(llama)
    first = divergences(ensure_base(model), tokenizer, items)
    assert divergences(ensure_base(model), tokenizer, items).equals(first)


def test_a_model_without_an_adapter_to_switch_off_is_refused(llama):
    with pytest.raises(NoBase, match="full fine-tune"):
        ensure_base(llama())
    with pytest.raises(NoBase, match="biases of the base"):
        ensure_base(adapted(llama, bias="all"))


def test_broken_weights_are_refused(llama, tokenizer, items):
    import torch

    model = adapted(llama)
    with torch.no_grad():
        model.get_base_model().lm_head.base_layer.weight[3] = torch.nan
    with pytest.raises(ValueError, match="not finite"):
        divergences(ensure_base(model), tokenizer, items)


def test_summaries_are_means_of_items_with_errors_by_document():
    rows = [("fox", "domain", n, c, 2, d) for n, (c, d) in enumerate(zip("aabbc", [1, 3, 0, 2, 4], strict=True))]
    rows += [("prose", "retention", 9, "x", 5, 0.5), ("code", "retention", 10, "y", 5, 1.5)]
    found = pl.DataFrame(
        [(*row[:2], str(row[2]), *row[3:], -1.0, -1.0) for row in rows], schema=DIVERGENCES, orient="row"
    )
    domain, kept, prose, code = summaries(found)
    # SE² = .46296 (see test_paired), t.95 with 16/9 degrees of freedom 3.1848: 2 ± 2.167, and never below zero.
    assert (domain.suite, domain.role, domain.n, domain.clusters, domain.tokens) == ("fox", "domain", 5, 3, 10)
    assert (domain.mean, domain.lower) == (2.0, 0.0)
    assert domain.upper == pytest.approx(4.1670, abs=1e-3)
    assert (kept.suite, kept.mean) == ("prose + code", 1.0)
    assert (prose.mean, prose.lower, prose.upper) == (0.5, 0.0, math.inf)  # one document tells no spread
    assert code.model_validate_json(code.model_dump_json()) == code
    assert summaries(found.clear()) == ()


def test_an_export_of_the_very_same_numbers_is_the_candidate_on_however_few_documents(llama, tokenizer, items) -> None:
    few = items.filter(pl.col("kind") == "completion")
    same = likeness(llama(context=128), llama(context=128), tokenizer, few, moved=1e-6)
    assert (same.nats, same.upper, same.is_equivalent) == (0.0, 0.0, True)
    other = likeness(adapted(llama, lora_dropout=0.0), llama(context=128), tokenizer, few, moved=1e-6)
    assert other.nats > 0
    assert not other.is_equivalent
