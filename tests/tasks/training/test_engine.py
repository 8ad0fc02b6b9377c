from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from tasks.training.data import NothingToLearnError
from tasks.training.engine import ForeignTokensError, LossNotFiniteError, train
from tasks.training.settings import Tune

QUICK = Tune(rank=4, token_budget=1_500, batch_tokens=100, learning_rate=1e-2, threads=1)


def with_(**changed):
    return QUICK.model_copy(update=changed)


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_one_step_equals_the_textbook_step(tiny, rows, weights):
    """The oracle: padding, transformers' own attention, torch's cross-entropy and AdamW."""
    made = rows(8)
    size = sum(len(row) for row in made)
    result = train(tiny(), made, with_(token_budget=size, batch_tokens=size, warmup_share=0, clip=0.01))

    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    model = get_peft_model(tiny(), LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=32, target_modules="all-linear"))
    longest = max(len(row) for row in made)
    ids = torch.tensor(np.stack([np.pad(row.ids, (0, longest - len(row))) for row in made]))
    seen = torch.tensor(np.stack([np.pad(np.ones(len(row), int), (0, longest - len(row))) for row in made]))
    learnt = torch.tensor(np.stack([np.pad(row.mask, (0, longest - len(row))) for row in made]))
    logits = model(input_ids=ids, attention_mask=seen).logits[:, :-1].transpose(1, 2)
    loss = torch.nn.functional.cross_entropy(logits, torch.where(learnt, ids, -100)[:, 1:], ignore_index=-100)
    loss.backward()
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    norm = torch.sqrt(sum((weight.grad**2).sum() for weight in trained))
    for weight in trained:
        weight.grad *= 0.01 / norm
    torch.optim.AdamW(trained, lr=1e-2 * 0.5, weight_decay=0).step()  # the middle of the only step is half-way

    (step,) = result.curve.iter_rows(named=True)
    assert step["loss"] == pytest.approx(loss.item(), rel=1e-5)
    assert step["gradient_norm"] == pytest.approx(norm.item(), rel=1e-4)
    assert step["learning_rate"] == pytest.approx(0.005)
    for name, expected in weights(model).items():
        torch.testing.assert_close(weights(result.model)[name], expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("learnt", [1, 2, 5])
def test_the_loss_of_a_step_is_per_learnt_token_however_few_there_are(tiny, rows, learnt):
    (row,) = rows(1, shortest=30, longest=30)
    row = replace(row, mask=np.arange(len(row)) >= len(row) - learnt)
    result = train(tiny(), [row], with_(token_budget=len(row), batch_tokens=len(row)))
    with torch.no_grad():
        logits = tiny()(input_ids=torch.from_numpy(row.ids)[None]).logits[0, :-1]
    each = torch.nn.functional.cross_entropy(logits, torch.from_numpy(row.ids)[1:], reduction="none")
    assert result.curve["loss"][-1] == pytest.approx(each[-learnt:].mean().item(), rel=1e-4)


def test_the_loss_falls_and_so_does_that_of_held_out_rows_alike(tiny, rows):
    made = rows(4)
    result = train(tiny(), made, QUICK, validation=made)
    losses = result.curve["loss"].drop_nulls()
    assert losses[-1] < losses[0] - 1
    assert result.validation_after < result.validation_before - 1


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tiny, rows, weights):
    first, second, other = (train(tiny(), rows(9), with_(seed=seed, dropout=0.1)) for seed in (0, 0, 1))
    assert same(weights(first.model), weights(second.model))
    assert first.curve.drop("seconds").equals(second.curve.drop("seconds"))
    assert not same(weights(first.model), weights(other.model))


def test_the_size_of_a_pack_changes_nothing_but_rounding(tiny, rows):
    wide, narrow = (train(tiny(), rows(9), with_(pack_tokens=tokens)) for tokens in (1_000, 1))
    assert wide.curve["loss"].to_list() == pytest.approx(narrow.curve["loss"].to_list(), rel=1e-3)
    assert wide.curve["loss"][0] == pytest.approx(narrow.curve["loss"][0], rel=1e-6)


def test_the_mask_reaches_the_loss(tiny, rows):
    made = rows(6)
    turned = [(row.ids, np.roll(row.mask, len(row) // 2)) for row in made]
    losses = [train(tiny(), given, QUICK).curve["loss"][0] for given in (made, turned)]
    assert abs(losses[0] - losses[1]) > 1e-3


def test_the_curve_counts_the_tokens(tiny, rows):
    made = rows(12)
    result = train(tiny(), made, QUICK, validation=rows(2, seed=5))
    tokens = result.curve["tokens"].to_list()
    assert tokens[0] == 0
    assert all(60 < after - before <= 100 for before, after in pairwise(tokens[:-1]))
    assert tokens[-1] == result.tokens
    assert 1_460 < result.tokens <= 1_500
    share = sum(row.supervised for row in made) / sum(len(row) for row in made)
    assert result.supervised_tokens == pytest.approx(result.tokens * share, rel=0.05)
    assert result.curve["step"].to_list() == list(range(result.curve.height))
    assert result.seconds >= result.curve["seconds"][-1] > 0
    assert result.cpu_seconds > 0


def test_validation_is_measured_before_every_so_often_and_at_the_end(tiny, rows):
    result = train(tiny(), rows(12), with_(validate_every_steps=4), validation=rows(2, seed=5))
    measured = result.curve.drop_nulls("validation_loss")["step"].to_list()
    last = result.curve["step"][-1]
    assert measured == sorted({*range(0, last + 1, 4), last})


def test_the_best_adapter_is_kept_unless_the_last_is_asked_for(tiny, rows):
    """Every answer learnt is one token, every answer validated another: learning harms, so the base is the best."""
    learnt, other = ([replace(row, ids=np.where(row.mask, token, row.ids)) for row in rows(4)] for token in (7, 8))
    best, last = (
        train(tiny(), learnt, with_(keep=keep, learning_rate=0.05), validation=other) for keep in ("best", "last")
    )
    assert best.step == best.curve.drop_nulls("validation_loss").sort("validation_loss")["step"][0] < last.step
    assert last.step == last.curve["step"][-1]
    assert last.validation_after > best.validation_after
    ids = torch.arange(20)[None]
    assert best.step == 0
    assert torch.equal(best.model(input_ids=ids).logits, tiny()(input_ids=ids).logits)


def test_of_adapters_that_do_equally_well_the_first_is_kept(tiny, rows):
    result = train(tiny(), rows(4), with_(learning_rate=1e-30, validate_every_steps=1), validation=rows(2, seed=5))
    assert result.curve["validation_loss"].n_unique() == 1
    assert result.step == 0 < result.curve["step"][-1]


def test_progress_is_told_every_step(tiny, rows):
    told = []
    result = train(tiny(), rows(6), QUICK, progress=told.append)
    assert [step.tokens for step in told] == result.curve["tokens"].to_list()
    assert {(step.steps, step.tokens_planned) for step in told} == {(len(told), result.tokens)}


def test_a_loss_that_is_not_a_number_stops_training_and_keeps_the_last_good_adapter(tiny, rows, tmp_path, weights):
    model, good = tiny(), {}

    def poison(step):
        if step.step == 3:
            good.update(weights(model))
            model.model.norm.weight.data.fill_(float("nan"))

    with pytest.raises(LossNotFiniteError, match=r"step 4 of \d+: the loss is nan\. The adapter of step 3") as caught:
        train(model, rows(6), QUICK, out=tmp_path, progress=poison)
    result = caught.value.result
    assert same({name.removeprefix("base_model.model."): w for name, w in weights(result.model).items()}, good)
    assert result.curve.height == 3
    assert result.adapter == tmp_path / "adapter"
    assert (tmp_path / "adapter" / "adapter_model.safetensors").exists()


def test_a_gradient_that_is_not_a_number_stops_training_though_the_loss_is_one(tiny, rows, weights):
    model, good = tiny(), {}

    def poison(step):
        if step.step == 2:
            good.update(weights(model))
            weight = next(w for name, w in model.named_parameters() if "lora_B" in name)
            weight.register_hook(lambda gradient: gradient * float("inf"))

    with pytest.raises(
        LossNotFiniteError, match=r"step 3 of \d+: the gradient's norm is (nan|inf)\. .* of step 2"
    ) as caught:
        train(model, rows(6), QUICK, progress=poison)
    kept = weights(caught.value.result.model)
    assert same({name.removeprefix("base_model.model."): weight for name, weight in kept.items()}, good)


def test_after_an_explosion_the_adapter_is_that_of_the_best_validation(tiny, rows):
    with pytest.raises(LossNotFiniteError) as caught:
        train(tiny(), rows(6), with_(learning_rate=1e30), validation=rows(2, seed=5))
    ids = torch.arange(20)[None]
    assert caught.value.result.step == 0
    assert torch.equal(caught.value.result.model(input_ids=ids).logits, tiny()(input_ids=ids).logits)


@pytest.mark.parametrize("steps", [1, 4])
def test_an_explosion_leaves_no_broken_adapter_where_the_last_is_asked_for(tiny, rows, steps):
    """The only step has no next whose loss would tell; of more, the second's loss is no number."""
    made = rows(6)
    size = sum(len(row) for row in made)
    few = with_(learning_rate=1e30, keep="last", token_budget=steps * size, batch_tokens=size)
    told = r"step 1 of 1: behind it the loss" if steps == 1 else r"step 2 of 4: the (loss|gradient)"
    with pytest.raises(LossNotFiniteError, match=rf"{told}.* The adapter of step 0 is kept") as caught:
        train(tiny(), made, few, validation=rows(2, seed=5))
    ids = torch.arange(20)[None]
    assert torch.equal(caught.value.result.model(input_ids=ids).logits, tiny()(input_ids=ids).logits)


def test_training_on_nothing_is_refused_before_the_model_is_touched(tiny):
    model = tiny()
    with pytest.raises(NothingToLearnError):
        train(model, [([1, 2, 3], [0, 0, 0])], QUICK)
    with pytest.raises(NothingToLearnError, match="Validation"):
        train(model, [([1, 2, 3], [0, 1, 1])], QUICK, validation=[([1, 2, 3], [0, 0, 0])])
    assert not any("lora_" in name for name, _ in model.named_parameters())


def test_tokens_of_another_vocabulary_are_refused(tiny):
    with pytest.raises(ForeignTokensError, match="'1' holds token ids from 1 to 300"):
        train(tiny(), [([1, 2, 3], [0, 1, 1]), ([1, 300, 3], [0, 1, 1])], QUICK)
    for token in (300, -1):
        with pytest.raises(ForeignTokensError, match="'0' holds token ids"):
            train(tiny(), [([1, 2, 3], [0, 1, 1])], QUICK, validation=[([1, token, 3], [0, 1, 1])])


def test_weights_decay_only_where_it_is_asked_for(tiny, rows, weights):
    plain, decayed = (train(tiny(), rows(6), with_(weight_decay=decay)) for decay in (0.0, 10.0))
    size = {name: weight.norm() for name, weight in weights(plain.model).items()}
    assert all(weight.norm() < size[name] for name, weight in weights(decayed.model).items() if "lora_A" in name)


@pytest.mark.parametrize(
    ("said", "factor", "matrix"),
    [
        ({"method": "dora", "rank": 2}, "lora_magnitude_vector", "lora_A"),
        ({"method": "full"}, "norm", "proj"),
        ({"method": "peft", "peft": {"peft_type": "IA3", "target_modules": ["k_proj"]}}, "ia3_l", None),
        ({"method": "peft", "peft": {"peft_type": "BOFT", "target_modules": ["k_proj"]}}, "boft_s", None),
    ],
)
def test_what_multiplies_is_not_pulled_to_nought(tiny, rows, said, factor, matrix):
    plain, decayed = (
        {
            name: weight.norm()
            for name, weight in train(
                tiny(), rows(6), with_(**said, learning_rate=1e-3, weight_decay=decay)
            ).model.named_parameters()
            if weight.requires_grad
        }
        for decay in (0.0, 100.0)
    )
    left = {name: norm / plain[name] for name, norm in decayed.items() if factor in name}
    assert left
    assert min(left.values()) > 0.9
    assert all(decayed[name] < 0.9 * plain[name] for name in decayed if matrix and matrix in name)


def test_records_are_cut_to_the_positions_the_model_knows(tiny):
    result = train(tiny(max_position_embeddings=16), [(list(range(40)), [0] * 36 + [1] * 4)], QUICK)
    assert result.truncated == ("0",)
    assert result.curve["tokens"][0] % 16 == 0


def test_records_are_cut_to_the_length_asked_for_though_the_model_knows_more_positions(tiny):
    result = train(tiny(), [(list(range(40)), [0] * 36 + [1] * 4)], with_(max_length=20))
    assert result.truncated == ("0",)
    assert result.curve["tokens"][0] % 20 == 0


def test_validation_records_are_cut_to_the_positions_the_model_knows_as_well(tiny):
    held = (list(range(40)), [0] * 36 + [1] * 4)
    short = (held[0][24:], held[1][24:])
    whole, cut = (
        train(tiny(max_position_embeddings=16), [short], QUICK, validation=[row]).validation_before
        for row in (held, short)
    )
    assert whole == cut


def test_the_callers_threads_random_state_and_attention_are_left_alone(tiny, rows):
    model = tiny()
    torch.manual_seed(1234)  # a state that no training of another test can have left behind
    own, threads, state = model.config._attn_implementation, torch.get_num_threads(), torch.get_rng_state()
    seen = []
    train(model, rows(6), with_(threads=3), progress=lambda _: seen.append(torch.get_num_threads()))
    assert set(seen) == {3}
    assert model.config._attn_implementation == own
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_a_bfloat16_base_is_trained_and_left_as_it_was(tiny, rows):
    model = tiny().to(torch.bfloat16)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    result = train(model, rows(4), QUICK)
    assert result.curve["loss"][-1] < result.curve["loss"][0] - 1
    after = result.model.unload().state_dict()
    assert same(before, {name: after[name] for name in before})


def test_records_are_trained_on_with_a_tokenizer(tiny, tokenizer):
    talk = [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "because"}]
    rows = [{"id": "a", "messages": talk}, {"id": "b", "messages": talk[:1]}]
    result = train(tiny(), rows, QUICK, tokenizer=tokenizer)
    assert [row.id for row in result.skipped] == ["b"]
    assert result.curve["loss"][-1] < 1


@pytest.mark.parametrize("method", ["prompt", "prefix"])
def test_virtual_tokens_take_positions_that_records_then_lack(rows, method):
    from transformers import GPT2Config, GPT2LMHeadModel

    model = GPT2LMHeadModel(GPT2Config(vocab_size=300, n_embd=32, n_layer=2, n_head=4, n_positions=64))
    long = rows(4, shortest=60, longest=100)
    result = train(model, long, Tune(method=method, token_budget=300, batch_tokens=100), validation=long)
    assert result.max_length == 64 - 20
    assert result.curve["validation_loss"].drop_nulls().is_finite().all()
