"""Configurations of PEFT's own that would train nothing, or something else, are told; others learn in any precision."""

import pytest
import torch

from tasks.training.engine import train
from tasks.training.loss import Validation
from tasks.training.methods import WrongBaseError, wrap
from tasks.training.settings import Tune


def asked(**peft):
    return Tune(method="peft", peft=peft, token_budget=600, batch_tokens=100, learning_rate=0.02)


@pytest.mark.parametrize(
    ("peft", "told"),
    [
        ({"target_modules": ["q_proj", "v_porj"]}, r"target_modules names 'v_porj', and .* it has .*q_proj.*v_proj"),
        ({"target_modules": ["q_proj"], "modules_to_save": ["head"]}, "modules_to_save names 'head'"),
        ({"target_modules": "all-linear", "r": 4, "init_lora_weights": "pissa"}, "rewrites the base's own .*: pissa"),
        ({"target_modules": "all-linear", "r": 4, "init_lora_weights": "olora"}, "rewrites the base's own weights"),
        (
            {"target_modules": ["q_proj"], "task_type": "SEQ_CLS"},
            "task_type is 'SEQ_CLS', and winnow trains models that",
        ),
        ({"target_modules": ["q_proj"], "bias": "all"}, "bias trains biases of the base's own"),
        ({"peft_type": "MULTITASK_PROMPT_TUNING", "num_virtual_tokens": 2, "num_tasks": 1}, "does not fit .*task_ids"),
    ],
)
def test_what_would_train_nothing_or_something_else_is_refused(tiny, peft, told):
    with pytest.raises(WrongBaseError, match=told):
        wrap(tiny(attention_bias=True), asked(**{"peft_type": "LORA"} | peft))


@pytest.mark.parametrize(
    "peft",
    [
        {"peft_type": "LORA", "r": 4, "target_modules": ["q_proj"], "modules_to_save": ["lm_head"]},
        {"peft_type": "LORA", "r": 4, "target_modules": ["model.layers.0.self_attn.q_proj"]},
        {"peft_type": "LN_TUNING", "target_modules": ["input_layernorm"]},
        {"peft_type": "ADAPTION_PROMPT", "adapter_len": 4, "adapter_layers": 2},
    ],
)
def test_a_base_in_bfloat16_is_no_hindrance(tiny, rows, peft):
    result = train(tiny().to(torch.bfloat16), rows(6), asked(**peft), validation=rows(6), watched=rows(3, seed=4))
    assert result.validation_after < result.validation_before
    before = train(tiny(), rows(6), asked(**peft), validation=rows(6)).validation_before
    assert result.validation_before == pytest.approx(before, abs=0.02)


@pytest.mark.parametrize(
    "peft",
    [
        {"peft_type": "FOURIERFT", "n_frequency": 50, "target_modules": ["q_proj"]},
        {"peft_type": "VBLORA", "r": 2, "num_vectors": 8, "vector_length": 8, "topk": 2, "target_modules": ["q_proj"]},
        {"peft_type": "LORA", "r": 4, "init_lora_weights": False, "target_modules": ["q_proj"]},
    ],
)
def test_what_begins_beside_the_base_is_never_kept_as_though_it_were_the_base(tiny, rows, peft):
    """The loss that is told of the adapter is its own, also where no step lowered the base's."""
    held, still = rows(6, seed=1), asked(**peft).model_copy(update={"learning_rate": 1e-12})
    result = train(tiny(), rows(6), still, validation=held)
    assert result.step > 0
    again = Validation(held, still, packed=False)
    assert again.loss(result.model) == pytest.approx(result.validation_after, abs=1e-6)
    with result.model.disable_adapter():
        assert abs(again.loss(result.model) - result.validation_after) > 1e-5


def test_what_begins_as_the_base_may_end_as_the_base(tiny, rows):
    still = asked(peft_type="VERA", r=4).model_copy(update={"learning_rate": 1e-12})
    assert train(tiny(), rows(6), still, validation=rows(6, seed=1)).step == 0
