"""LoReFT: its formula by hand, where it acts, and that everything that reads an adapter reads this one."""

from __future__ import annotations

import json

import pytest
import torch

from evals.adapters import ModelFolderError, attach
from evals.answering import write
from evals.likelihood import score_choices
from evals.loreft import Intervention, LoReft, StrangerError, read
from evals.steering import Steering, spread
from evals.steering import steered as places_of


def test_the_formula_by_hand():
    """h = (1, 2, 2), R = (0, .6, .8), W = (1, 0, −1), b = .5: W·h + b = −.5, R·h = 2.8, so h − 3.3 · (0, .6, .8)."""
    made = Intervention(3, 1)
    with torch.no_grad():
        made.rotation.copy_(torch.tensor([[0.0, 0.6, 0.8]]))
        made.source.weight.copy_(torch.tensor([[1.0, 0.0, -1.0]]))
        made.source.bias.fill_(0.5)
        changed = made(torch.tensor([[1.0, 2.0, 2.0]]), 1.0)
        half = made(torch.tensor([[1.0, 2.0, 2.0]]), 0.5)
    torch.testing.assert_close(changed, torch.tensor([[1.0, 0.02, -0.64]]))
    torch.testing.assert_close(half, torch.tensor([[1.0, 1.01, 0.68]]))


def test_rows_stay_orthonormal_whatever_the_parameter_is_trained_to():
    made = Intervention(16, 4)
    with torch.no_grad():
        made.rotation.add_(torch.randn(4, 16))
    before = made.rows().detach().clone()
    torch.testing.assert_close(before @ before.T, torch.eye(4), atol=1e-6, rtol=0)
    made.settle()
    assert torch.equal(made.rows(), before)
    assert torch.equal(made.rotation, before)


@pytest.mark.parametrize(
    ("length", "first", "last", "places"),
    [
        (10, 2, 3, [0, 1, 7, 8, 9]),
        (4, 7, 7, [0, 1, 2, 3]),
        (5, 7, 1, [0, 1, 2, 4]),
        (1, 7, 7, [0]),
        (3, 0, 7, [2]),
        (0, 7, 7, []),
    ],
)
def test_the_ends_of_a_prompt_are_chosen_each_once(length, first, last, places):
    assert places_of(length, first, last) == places


def test_layers_are_spread_over_the_model():
    assert spread(30, 4) == (6, 12, 18, 24)
    assert spread(2, 4) == (0, 1)
    assert spread(1, 4) == (0,)


def test_only_the_places_of_the_prompt_are_changed(steered):
    made = steered(layers=(1,))
    base = made.get_base_model()
    ids = torch.arange(5, 17)[None]
    seen = {}
    hook = base.model.layers[1].register_forward_hook(lambda _, __, out: seen.update(out=out))
    made.set_prompts([9])
    made(input_ids=ids)
    steered_states = seen["out"]
    with made.disable_adapter():
        made(input_ids=ids)
    hook.remove()
    moved = (steered_states - seen["out"]).abs().sum(-1)[0] > 0
    assert moved.nonzero()[:, 0].tolist() == [0, 1, 6, 7, 8]


def test_a_fresh_one_is_the_base_and_a_switched_off_one_too(steered, llama):
    ids = torch.arange(5, 17)[None]
    plain = llama()(input_ids=ids).logits
    fresh = LoReft(llama(), Steering(rank=4, layers=(0, 1), first=7, last=7)).eval()
    fresh.set_prompts([6])
    torch.testing.assert_close(fresh(input_ids=ids).logits, plain, atol=1e-5, rtol=0)
    far = steered()
    with far.disable_adapter():
        assert torch.equal(far(input_ids=ids).logits, plain)
    far.set_prompts([6])
    assert not torch.allclose(far(input_ids=ids).logits, plain, atol=0.05)
    assert torch.equal(far.unload()(input_ids=ids).logits, plain)


def test_a_model_that_was_not_told_of_its_prompts_says_so(steered):
    with pytest.raises(LookupError, match="call set_prompts first"):
        steered()(input_ids=torch.arange(5)[None])


def test_options_are_scored_behind_a_steered_context(steered, llama, tokenizer, oracle):
    made = steered()
    contexts, options = oracle.task(9, 6, "Answer briefly, please: ")
    found = score_choices(made, tokenizer, contexts, options)
    for context, choices, values in zip(contexts, options, found, strict=True):
        for option, value in zip(choices, values, strict=True):
            head, tail = oracle.lm_eval_pair(tokenizer, context, option)
            made.set_prompts([len(head)])
            assert value == pytest.approx(oracle.reference(made, head, tail), abs=2e-4)
    plain = score_choices(llama(), tokenizer, contexts, options)
    assert abs(found[0][0] - plain[0][0]) > 0.05


def test_an_answer_is_written_behind_a_steered_prompt_and_is_not_steered_itself(steered, tokenizer):
    """Against the slow way: the whole text is read again for every token, steered at the prompt alone."""
    made = steered()
    contexts = ["the quick brown fox jumps over", "a dog"]
    answers = write(made, tokenizer, contexts, max_new_tokens=6)
    for context, answer in zip(contexts, answers, strict=True):
        ids = tokenizer.encode(context, add_special_tokens=False)
        length = len(ids)
        while len(ids) < length + 6 and (len(ids) == length or ids[-1] != tokenizer.eos_token_id):
            made.set_prompts([length])
            with torch.no_grad():
                ids.append(int(made(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
        assert answer == tokenizer.decode(ids[length:], skip_special_tokens=True).strip()


def test_prompts_padded_on_the_left_are_steered_where_they_begin(steered):
    made = steered()
    short, long = torch.arange(5, 10), torch.arange(20, 32)
    padded = torch.stack([torch.cat([torch.zeros(7, dtype=torch.int64), short]), long])
    mask = torch.ones_like(padded)
    mask[0, :7] = 0
    settings = {"max_new_tokens": 4, "do_sample": False, "pad_token_id": 0, "eos_token_id": None}
    together = made.generate(padded, mask, **settings)
    alone = [made.generate(ids[None], **settings)[0, -4:] for ids in (short, long)]
    assert torch.equal(together[:, -4:], torch.stack(alone))


def test_it_is_stored_and_read_to_the_last_bit(steered, llama, tmp_path):
    made = steered()
    with torch.no_grad():
        made.interventions["0"].rotation.add_(torch.randn(2, 64) * 0.1)
    made.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter_config.json", "adapter_model.safetensors"]
    again = attach(llama(), tmp_path, tmp_path / "base")
    ids = torch.arange(5, 17)[None]
    for one in (made, again):
        one.set_prompts([9])
    assert torch.equal(made(input_ids=ids).logits, again(input_ids=ids).logits)
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    (tmp_path / "adapter_config.json").write_text(json.dumps(config | {"scale": 0.0}))
    off = attach(llama(), tmp_path, tmp_path / "base")
    off.set_prompts([9])
    assert torch.equal(off(input_ids=ids).logits, llama()(input_ids=ids).logits)


@pytest.mark.parametrize("changed", [{"layers": [0, 7]}, {"layers": [1]}, {"rank": 3}, {"rank": 900}, {"first": -1}])
def test_an_adapter_of_another_model_is_refused(steered, llama, tmp_path, changed):
    steered().save(tmp_path)
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    (tmp_path / "adapter_config.json").write_text(json.dumps(config | changed))
    with pytest.raises(ModelFolderError, match=r"trained on another model \(a base\) than .*base, or is damaged"):
        attach(llama(), tmp_path, tmp_path / "base")


def test_weights_of_another_size_are_refused(steered, llama, tmp_path):
    steered().save(tmp_path)
    with pytest.raises(StrangerError, match="of other layers or of another size"):
        steered().put_weights({})
    assert isinstance(read(llama(), tmp_path), LoReft)
