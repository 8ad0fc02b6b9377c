"""The loss in pieces is the loss of the whole, with its gradient; models that have more than a plain head stay whole."""

import numpy as np
import pytest
import torch

from tasks.training import methods
from tasks.training.attention import within_segments
from tasks.training.example import Example
from tasks.training.head import Head
from tasks.training.loss import collate, find_head, summed_loss
from tasks.training.settings import Tune


def long_rows(n_tokens):
    """Two rows, so long that the head is applied in several pieces, and with gaps in what is learnt."""
    random = np.random.default_rng(3)
    made = []
    for at in range(2):
        mask = random.random(n_tokens) < 0.8
        mask[0] = False
        made.append(Example(str(at), random.integers(0, 300, n_tokens), mask))
    return made


def gradients(model, row, head):
    """Loss, and its gradient with regard to every weight that learns."""
    model.zero_grad()
    loss = summed_loss(model, row, head=head)
    (loss / 3).backward()
    return loss.item(), {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.requires_grad}


def test_loss_and_gradient_in_pieces_are_those_of_all_logits_at_once(tiny):
    model = methods.wrap(tiny(), Tune(rank=4))
    with torch.no_grad():  # an adapter that does something
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1, generator=torch.Generator().manual_seed(len(name)))
    made = long_rows(240)
    row = collate(made)
    assert len(row.targets) > 2 * 128
    with within_segments(model.get_base_model()):
        head = find_head(model, made[0])
        assert head is not None
        loss, found = gradients(model, row, head)
        expected_loss, expected = gradients(model, row, None)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        assert gradient.abs().max() > 0 or "lora_A" not in name
        torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-4)


def test_no_tensor_holds_the_logits_of_all_positions(tiny):
    model, made = tiny().requires_grad_(requires_grad=False), long_rows(240)
    row = collate(made)
    with within_segments(model), torch.no_grad():
        head = find_head(model, made[0])
        with torch.profiler.profile(record_shapes=True) as profile:
            summed_loss(model, row, head=head)
    shapes = [shape for event in profile.events() for shape in event.input_shapes]
    widest = max(shape[0] for shape in shapes if len(shape) == 2 and shape[1] == 300)
    assert widest <= 300  # the head's own matrix; there are more positions than this
    assert len(row.targets) > 300


def test_validation_computes_no_gradient(tiny):
    model, made = tiny().requires_grad_(requires_grad=False), long_rows(60)
    with within_segments(model), torch.no_grad():
        head = find_head(model, made[0])
        loss = summed_loss(model, collate(made), head=head)
    assert not loss.requires_grad
    assert loss.item() == pytest.approx(_whole(model, made), rel=1e-5)


def _whole(model, made):
    with within_segments(model), torch.no_grad():
        return summed_loss(model, collate(made)).item()


def _granite():
    from transformers import GraniteConfig, GraniteForCausalLM

    return GraniteForCausalLM(
        GraniteConfig(
            vocab_size=300, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
            num_key_value_heads=2, logits_scaling=4.0,
        )
    ).eval()  # fmt: skip


def _biased():
    from transformers import PhiConfig, PhiForCausalLM

    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = PhiForCausalLM(PhiConfig(vocab_size=300, **sizes)).eval()
    torch.nn.init.normal_(model.lm_head.bias)
    return model


@pytest.mark.parametrize("make", [_granite, _biased], ids=["scaled logits", "a head with a bias"])
def test_a_model_whose_logits_are_more_than_a_product_is_called_whole(make):
    model, made = make().requires_grad_(requires_grad=False), long_rows(30)
    with within_segments(model) as packed:
        assert packed
        assert find_head(model, made[0]) is None


@pytest.mark.parametrize("training", [True, False])
def test_a_model_that_was_tried_goes_on_as_it_was(tiny, training):
    model = tiny().requires_grad_(requires_grad=False).train(training)
    with within_segments(model):
        assert find_head(model, long_rows(30)[0]) is not None
    assert model.training == training


def test_a_head_that_learns_is_called_whole(tiny):
    model, made = tiny(), long_rows(30)
    with within_segments(model):
        assert find_head(model, made[0]) is None, "its weights are not frozen"
        model.requires_grad_(requires_grad=False)
        assert isinstance(find_head(model, made[0]), Head)
