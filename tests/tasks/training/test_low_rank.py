"""Plain LoRA layers in few passes: what they compute is PEFT's, and layers that do more are left to it."""

import pytest
import torch
from peft import LoraConfig, get_peft_model

from tasks.training.low_rank import quick


@pytest.fixture
def wrapped(tiny):
    """Put LoRA, with factors that matter, around the tiny model."""

    def make(model=None, **changed):
        config = LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, target_modules="all-linear")
        for key, value in changed.items():
            setattr(config, key, value)
        made = get_peft_model(tiny() if model is None else model, config)
        torch.manual_seed(5)
        for name, weight in made.named_parameters():
            if "lora_" in name:
                weight.data = torch.randn_like(weight, dtype=torch.float32) / 10
        return made

    return make


def learnt(model):
    """Logits of a few tokens, and the gradients of what is trained."""
    model.zero_grad()
    logits = model(input_ids=torch.arange(24)[None] * 7 % 300).logits
    logits.float().logsumexp(-1).sum().backward()
    return logits.detach(), {name: w.grad.clone() for name, w in model.named_parameters() if w.grad is not None}


@pytest.mark.parametrize("changed", [{}, {"use_rslora": True}, {"target_modules": ["q_proj", "down_proj"]}])
def test_logits_and_gradients_are_those_of_peft(wrapped, changed):
    model = wrapped(**changed)
    logits, gradients = learnt(model)
    with quick(model) as layers:
        assert layers == sum(name.endswith("lora_A.default.weight") for name in gradients)
        ours, of_ours = learnt(model)
    torch.testing.assert_close(ours, logits, rtol=1e-5, atol=1e-5)
    assert of_ours.keys() == gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(of_ours[name], gradient, rtol=1e-4, atol=1e-5)


def test_a_bias_of_the_base_is_kept():
    from transformers import Qwen2Config, Qwen2ForCausalLM

    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4}
    torch.manual_seed(2)
    base = Qwen2ForCausalLM(Qwen2Config(vocab_size=300, num_key_value_heads=2, **sizes)).eval()
    for name, weight in base.named_parameters():
        if name.endswith("bias"):
            weight.data.normal_()
    model = get_peft_model(base, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False))
    logits, _ = learnt(model)
    with quick(model) as layers:
        assert layers == 7
        torch.testing.assert_close(learnt(model)[0], logits, rtol=1e-5, atol=1e-5)


def test_in_bfloat16_it_is_as_near_to_the_truth_as_peft_is(wrapped, tiny):
    truth, gradients = learnt(wrapped())
    model = wrapped(tiny().bfloat16())
    theirs, of_theirs = learnt(model)
    with quick(model):
        ours, of_ours = learnt(model)

    def off(found, wanted):
        return ((found.float() - wanted).norm() / wanted.norm()).item()

    assert off(ours, truth) < 1.2 * off(theirs, truth)
    assert all(gradient.dtype is torch.float32 for gradient in of_ours.values())
    worst = [max(off(found[name], wanted) for name, wanted in gradients.items()) for found in (of_ours, of_theirs)]
    assert worst[0] < 1.2 * worst[1]


def test_what_is_measured_is_what_peft_computes(wrapped, tiny):
    model, ids = wrapped(tiny().bfloat16()), torch.arange(24)[None]
    with torch.no_grad():
        wanted = model(input_ids=ids).logits
        with quick(model):
            assert torch.equal(model(input_ids=ids).logits, wanted)
            with torch.enable_grad():
                assert not torch.equal(model(input_ids=ids).logits, wanted)


def test_switched_off_it_is_the_base(wrapped, tiny):
    model, ids = wrapped(), torch.arange(24)[None]
    with quick(model):
        with model.disable_adapter():
            assert torch.equal(model(input_ids=ids).logits, tiny()(input_ids=ids).logits)
        assert not torch.equal(model(input_ids=ids).logits, tiny()(input_ids=ids).logits)


def test_the_layers_are_given_back_even_after_an_error(wrapped):
    model = wrapped()
    with pytest.raises(KeyError), quick(model):
        raise KeyError
    assert not any("forward" in vars(module) for module in model.modules())


@pytest.mark.parametrize("changed", [{"use_dora": True}, {"lora_dropout": 0.5}, {"lora_bias": True}])
def test_layers_that_do_more_are_left_to_peft(wrapped, changed):
    with quick(wrapped(**changed)) as layers:
        assert layers == 0


def test_merged_layers_and_two_adapters_at_once_are_left_to_peft(wrapped):
    model = wrapped()
    model.add_adapter("other", LoraConfig(r=2, target_modules="all-linear"))
    model.base_model.set_adapter(["default", "other"])
    with quick(model) as layers:
        assert layers == 0
    model.base_model.set_adapter(["default"])
    model.merge_adapter()
    with quick(model) as layers:
        assert layers == 0
    model.unmerge_adapter()
    with quick(model) as layers:
        assert layers == 14
