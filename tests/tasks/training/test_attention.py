import pytest
import torch

from tasks.training.attention import attend, can_pack, within_segments
from tasks.training.engine import train
from tasks.training.loss import collate, summed_loss
from tasks.training.settings import Tune


def loss_alone(model, row):
    """The oracle: transformers' own loss of one example, with the model's own attention."""
    ids = torch.from_numpy(row.ids)[None]
    labels = torch.where(torch.from_numpy(row.mask), ids[0], -100)[None]
    return model(input_ids=ids, labels=labels).loss * row.supervised


def mistral(**changed):
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(3)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    return MistralForCausalLM(MistralConfig(vocab_size=300, num_key_value_heads=2, **sizes, **changed)).eval()


def bloom():
    from transformers import BloomConfig, BloomForCausalLM

    torch.manual_seed(3)
    return BloomForCausalLM(BloomConfig(vocab_size=300, hidden_size=32, n_layer=1, n_head=2)).eval()


def test_packed_loss_equals_unpacked_loss(tiny, rows):
    model, made = tiny(), rows(6)
    with within_segments(model) as packed:
        assert packed
        together = summed_loss(model, collate(made))
    apart = sum(loss_alone(model, row) for row in made)
    assert together.item() == pytest.approx(apart.item(), rel=1e-5)


def test_packed_gradient_equals_unpacked_gradient(tiny, rows):
    model, made = tiny(), rows(6)
    with within_segments(model):
        summed_loss(model, collate(made)).backward()
    together = [weight.grad.clone() for weight in model.parameters()]
    model.zero_grad()
    sum(loss_alone(model, row) for row in made).backward()
    for ours, theirs in zip(together, (weight.grad for weight in model.parameters()), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_one_segment_does_not_see_another(tiny, rows):
    model, (first, second, third) = tiny(), rows(3, shortest=10)
    other = type(second)("other", (second.ids + 1) % 300, second.mask)

    def logits(middle):
        row = collate([first, middle, third])
        return model(input_ids=row.ids, position_ids=row.positions, segments=row.segments).logits[0]

    with within_segments(model), torch.no_grad():
        before, after = logits(second), logits(other)
    inside = slice(len(first), len(first) + len(second))
    assert not torch.equal(before[inside], after[inside])
    assert torch.equal(before[: len(first)], after[: len(first)])
    assert torch.equal(before[inside.stop :], after[inside.stop :])


def test_a_model_keeps_its_own_scale_of_attention(rows):
    from transformers import GraniteConfig, GraniteForCausalLM

    torch.manual_seed(3)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = GraniteConfig(
        vocab_size=300, num_key_value_heads=2, attention_multiplier=2.0, initializer_range=0.2, **sizes
    )
    model, made = GraniteForCausalLM(config).eval(), rows(3)
    with within_segments(model) as packed:
        assert packed
        together = summed_loss(model, collate(made))
    apart = sum(loss_alone(model, row) for row in made)
    assert together.item() == pytest.approx(apart.item(), rel=1e-5)


def test_a_model_that_learnt_its_positions_counts_them_anew_in_every_segment(rows):
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(3)
    config = GPT2Config(vocab_size=300, n_embd=32, n_layer=1, n_head=2, n_positions=256, initializer_range=0.2)
    model, made = GPT2LMHeadModel(config).eval(), rows(3)
    with within_segments(model) as packed:
        assert packed
        together = summed_loss(model, collate(made))
    apart = sum(loss_alone(model, row) for row in made)
    assert together.item() == pytest.approx(apart.item(), rel=1e-5)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_model_that_drops_attention_while_it_learns_does_so_in_segments(tiny, rows, dropout):
    model, row = tiny(attention_dropout=dropout).train(), collate(rows(2))
    with within_segments(model), torch.no_grad():
        first, second = (summed_loss(model, row).item() for _ in range(2))
    assert (first != second) == (dropout > 0)


@pytest.mark.parametrize("window", [4, 12, 1_000])
def test_a_sliding_window_is_kept_inside_segments(rows, window):
    model, made = mistral(sliding_window=window), rows(5)
    with within_segments(model):
        together = summed_loss(model, collate(made))
    apart = sum(loss_alone(model, row) for row in made)
    assert together.item() == pytest.approx(apart.item(), rel=1e-5)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("scaling", [None, 0.5])
@pytest.mark.parametrize("shared", [1, 3, 6])
def test_short_segments_attend_as_long_ones_do(monkeypatch, shared, scaling, kind):
    torch.manual_seed(1)
    lengths = [7, 1, 19]
    heads = [torch.randn(1, n, sum(lengths), 8) for n in (6, shared, shared)]
    above = torch.randn(1, sum(lengths), 6, 8)

    def attended(short, dtype):
        monkeypatch.setattr("tasks.training.attention._SHORT", short)
        given = [part.to(dtype).requires_grad_() for part in heads]
        found, _ = attend(torch.nn.Module(), *given, None, segments=lengths, scaling=scaling)
        found.backward(above.to(dtype))
        return [found.detach(), *(part.grad for part in given)]

    # Products in bfloat16 may be as far from the truth as two roundings to 8 bits.
    near = {"rtol": 1e-5, "atol": 1e-5} if kind is torch.float32 else {"rtol": 2**-6, "atol": 2**-5}
    for ours, theirs in zip(attended(256, kind), attended(0, torch.float32), strict=True):
        torch.testing.assert_close(ours.float(), theirs, **near)


def test_a_model_whose_attention_does_more_is_trained_one_record_at_a_time(rows):
    from transformers import GptOssConfig, GptOssForCausalLM

    torch.manual_seed(3)
    sizes = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = GptOssConfig(
        vocab_size=300, num_key_value_heads=1, head_dim=16, num_local_experts=2, num_experts_per_tok=1, **sizes
    )
    model, made = GptOssForCausalLM(config).eval(), rows(3)
    assert can_pack(model)  # nothing in its configuration tells of its sinks
    with within_segments(model) as packed:
        assert not packed
        assert model.config._attn_implementation != "segments"
    apart = sum(loss_alone(model, row) for row in made).item() / sum(row.supervised for row in made)
    tokens = sum(len(row) for row in made)
    result = train(model, made, Tune(token_budget=tokens, batch_tokens=tokens, targets="attention"))
    assert result.curve["loss"].to_list() == pytest.approx([apart], rel=1e-5)


def test_the_model_gets_its_own_attention_back_even_after_an_error(tiny):
    model = tiny()
    own = model.config._attn_implementation
    with within_segments(model):
        assert model.config._attn_implementation == "segments"
    assert model.config._attn_implementation == own
    with pytest.raises(IndexError), within_segments(model):
        model(input_ids=torch.tensor([[300]]), segments=[1])
    assert model.config._attn_implementation == own


def test_segments_must_be_named():
    heads = torch.zeros(1, 2, 4, 8)
    with pytest.raises(ValueError, match="segments="):
        attend(torch.nn.Module(), heads, heads, heads, None)


def test_a_model_that_cannot_pack_is_trained_one_record_at_a_time(rows):
    model, made = bloom(), rows(4)
    assert not can_pack(model)
    apart = sum(loss_alone(model, row) for row in made).item() / sum(row.supervised for row in made)
    tokens = sum(len(row) for row in made)
    result = train(model, made, Tune(token_budget=tokens, batch_tokens=tokens))
    assert result.curve["loss"].to_list() == pytest.approx([apart], rel=1e-5)
    held = train(bloom(), made, Tune(token_budget=tokens, batch_tokens=tokens), validation=made)
    assert held.validation_before == pytest.approx(apart, rel=1e-5)
    with pytest.raises(ValueError, match="one example at a time"):
        summed_loss(model, collate(made), packed=False)


def test_a_model_with_recurrent_layers_is_not_packed(tiny):
    model = tiny()
    model.config.layer_types = ["full_attention", "linear_attention"]
    assert not can_pack(model)


def test_a_model_that_caps_its_attention_is_not_packed(tiny):
    model = tiny()
    assert can_pack(model)
    model.config.attn_logit_softcapping = 50.0
    assert not can_pack(model)
