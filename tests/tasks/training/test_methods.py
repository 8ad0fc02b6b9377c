import math

import pytest
import torch

from tasks.training.engine import train
from tasks.training.methods import WrongBaseError, wrap
from tasks.training.settings import Tune

MLP = {"gate_proj", "up_proj", "down_proj"}
ATTENTION = {"q_proj", "k_proj", "v_proj", "o_proj"}


def adapted(model):
    return {name.split(".lora_")[0].split(".")[-1] for name, _ in model.named_parameters() if ".lora_" in name}


@pytest.mark.parametrize(
    ("targets", "layers"), [("mlp", MLP), ("attention", ATTENTION), ("all-linear", MLP | ATTENTION)]
)
def test_targets_name_the_layers_that_get_an_adapter(tiny, targets, layers):
    assert adapted(wrap(tiny(), Tune(targets=targets))) == layers


def test_attention_is_known_by_its_full_name_too():
    from transformers import BloomConfig, BloomForCausalLM

    model = BloomForCausalLM(BloomConfig(vocab_size=300, hidden_size=32, n_layer=1, n_head=2))
    assert adapted(wrap(model, Tune(targets="attention"))) == {"query_key_value", "dense"}


def test_only_the_adapter_is_trained_and_it_is_float32_on_a_bfloat16_base(tiny):
    model = wrap(tiny().to(torch.bfloat16), Tune())
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    assert all("lora_" in name for name in trained)
    assert {weight.dtype for weight in trained.values()} == {torch.float32}
    assert model.get_base_model().model.layers[0].mlp.up_proj.base_layer.weight.dtype == torch.bfloat16


def test_the_scale_is_alpha_over_rank_or_over_its_root(tiny):
    def scale(method):
        model = wrap(tiny(), Tune(method=method, rank=4, alpha=6))
        return model.get_base_model().model.layers[0].mlp.up_proj.scaling["default"]

    assert scale("lora") == scale("dora") == 6 / 4
    assert scale("rslora") == pytest.approx(6 / math.sqrt(4))


def test_dropout_reaches_every_adapter_layer(tiny):
    model = wrap(tiny(), Tune(dropout=0.25))
    drops = [module.p for name, module in model.named_modules() if name.endswith("lora_dropout.default")]
    assert drops == [0.25] * 14


def test_dora_trains_magnitudes_too(tiny):
    names = [name for name, weight in wrap(tiny(), Tune(method="dora")).named_parameters() if weight.requires_grad]
    assert any("magnitude" in name for name in names)


@pytest.mark.parametrize("method", ["lora", "dora", "rslora"])
def test_every_method_learns_and_reloads_to_equal_logits(tiny, rows, tmp_path, method):
    from peft import PeftModel

    settings = Tune(method=method, rank=4, token_budget=2_000, batch_tokens=100, learning_rate=1e-2)
    result = train(tiny(), rows(4), settings, out=tmp_path)
    losses = result.curve["loss"].to_list()
    assert losses[-1] < losses[0] - 0.5
    again = PeftModel.from_pretrained(tiny(), tmp_path / "adapter").eval()
    ids = torch.arange(20)[None]
    with torch.no_grad():
        assert torch.equal(again(input_ids=ids).logits, result.model(input_ids=ids).logits)
        assert not torch.allclose(tiny()(input_ids=ids).logits, result.model(input_ids=ids).logits, atol=0.1)


def test_reft_learns_with_few_numbers_stays_orthonormal_and_reloads_to_equal_logits(tiny, rows, tmp_path):
    from evals.loreft import read

    settings = Tune(method="reft", rank=4, token_budget=6_000, batch_tokens=100, learning_rate=3e-2)
    result = train(tiny(), rows(4), settings, out=tmp_path)
    losses = result.curve["loss"].to_list()
    assert losses[-1] < losses[0] - 0.3
    model = result.model
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    assert sum(weight.numel() for weight in trained) == 2 * (4 * 32 + 4 * 32 + 4)
    assert {weight.dtype for weight in trained} == {torch.float32}
    again = read(tiny(), tmp_path / "adapter")
    for intervention in again.interventions.values():
        product = intervention.rows() @ intervention.rows().T
        torch.testing.assert_close(product, torch.eye(4), atol=1e-5, rtol=0)
    ids = torch.arange(20)[None]
    for one in (model, again):
        one.set_prompts([12])
    with torch.no_grad():
        assert torch.equal(again(input_ids=ids).logits, model(input_ids=ids).logits)
        assert not torch.allclose(tiny()(input_ids=ids).logits, model(input_ids=ids).logits, atol=0.1)


def test_reft_has_its_own_usual_rank_and_rate_unless_they_are_given():
    assert (Tune().rank, Tune().learning_rate) == (16, 2e-4)
    assert (Tune(method="reft").rank, Tune(method="reft").learning_rate) == (4, 9e-4)
    assert (Tune(method="reft", rank=2).rank, Tune(method="reft", learning_rate=1e-3).learning_rate) == (2, 1e-3)


def test_reft_of_more_rank_than_the_model_has_dimensions_is_refused(tiny):
    with pytest.raises(WrongBaseError, match=r"method: reft does not fit this model: the rank \(64\).*method: lora"):
        wrap(tiny(), Tune(method="reft", rank=64))


def test_a_model_with_an_adapter_is_refused(tiny):
    with pytest.raises(WrongBaseError, match="already carries an adapter"):
        wrap(wrap(tiny(), Tune()), Tune())


def test_an_unloaded_model_can_be_wrapped_again(tiny):
    model = wrap(tiny(), Tune(targets="mlp")).unload()
    assert adapted(wrap(model, Tune(targets="attention"))) == ATTENTION


def test_a_model_without_such_layers_is_refused_with_those_it_has():
    from transformers import GPT2Config, GPT2LMHeadModel

    model = GPT2LMHeadModel(GPT2Config(vocab_size=10, n_embd=8, n_layer=1, n_head=1))
    with pytest.raises(WrongBaseError, match="all-linear"):
        wrap(model, Tune(targets="attention"))
