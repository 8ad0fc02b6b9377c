import math

import numpy as np
import pytest
import torch

from tasks.training.engine import train
from tasks.training.methods import WrongBaseError, wrap
from tasks.training.settings import SHAPING, Tune
from tasks.training.shapes import SHAPES

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


LAYER_1 = {"1.c_attn", "1.c_proj", "1.c_fc"}

LEARNING = {
    "lora": {"rank": 4},
    "gentle": {"rank": 4},
    "dora": {"rank": 4},
    "rslora": {"rank": 4},
    "pissa": {"rank": 4},
    "corda": {"rank": 4},
    "ia3": {"learning_rate": 0.1},
    "oft": {"block_size": 8, "learning_rate": 2e-2},
    "prompt": {"learning_rate": 0.1},
    "prefix": {"learning_rate": 0.1},
    "full": {"learning_rate": 1e-3},
    "peft": {"peft": {"peft_type": "VERA", "r": 8}, "learning_rate": 0.05},
}


@pytest.mark.parametrize("method", LEARNING)
def test_every_method_learns_reloads_to_equal_logits_and_can_be_switched_off(tiny, rows, tmp_path, method):
    from evals.adapters import attach

    few = {"method": method, "token_budget": 2_000, "batch_tokens": 100, "learning_rate": 1e-2}
    settings = Tune(**few | LEARNING[method])
    result = train(tiny(), rows(4), settings, out=tmp_path, validation=rows(4), general=rows(12))
    assert result.validation_after < result.validation_before - 0.5
    again = attach(tiny(), tmp_path / "adapter", tmp_path)
    ids = torch.arange(20)[None]
    with torch.no_grad():
        assert torch.equal(again(input_ids=ids).logits, result.model(input_ids=ids).logits)
        base = tiny()(input_ids=ids).logits
        assert not torch.allclose(base, result.model(input_ids=ids).logits[:, -20:], atol=0.1)
        for model in (result.model, again):
            with model.disable_adapter():
                assert torch.equal(model(input_ids=ids).logits, base)


@pytest.mark.parametrize(
    "method", ["lora", "dora", "rslora", "pissa", "corda", "ia3", "oft", "prompt", "prefix", "peft"]
)
def test_adapters_of_pefts_load_with_peft_alone(tiny, rows, tmp_path, method):
    from peft import PeftModel

    settings = Tune(method=method, token_budget=200, batch_tokens=100, **LEARNING[method])
    result = train(tiny(), rows(4), settings, out=tmp_path, general=rows(12))
    again = PeftModel.from_pretrained(tiny(), tmp_path / "adapter").eval()
    ids = torch.arange(20)[None]
    with torch.no_grad():
        assert torch.equal(again(input_ids=ids).logits, result.model(input_ids=ids).logits)


@pytest.mark.parametrize("method", ["pissa", "corda"])
def test_directions_of_the_base_begin_as_nothing_and_are_kept(tiny, rows, method):
    model = wrap(tiny().bfloat16(), Tune(method=method, rank=4), rows(12))
    layer = model.get_base_model().model.layers[0].mlp.up_proj
    down, up = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    assert torch.equal(down[:4], down[4:])
    assert torch.equal(up[:, :4], -up[:, 4:])
    assert torch.equal(layer.base_layer.weight, tiny().bfloat16().model.layers[0].mlp.up_proj.weight)

    kept = (down[4:].clone(), up[:, 4:].clone())
    result = train(
        model.unload(), rows(4), Tune(method=method, rank=4, token_budget=600, batch_tokens=100), general=rows(12)
    )
    layer = result.model.get_base_model().model.layers[0].mlp.up_proj
    down, up = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    torch.testing.assert_close(down[4:], kept[0])
    torch.testing.assert_close(up[:, 4:], kept[1])
    assert not torch.allclose(down[:4], kept[0], atol=1e-4)


def test_pissa_begins_in_the_strongest_directions(tiny):
    model = wrap(tiny(), Tune(method="pissa", rank=4))
    layer = model.get_base_model().model.layers[0].mlp.up_proj
    begun = layer.scaling["default"] * layer.lora_B["default"].weight[:, :4] @ layer.lora_A["default"].weight[:4]
    left, values, right = torch.linalg.svd(layer.base_layer.weight)
    torch.testing.assert_close(begun, left[:, :4] * values[:4] @ right[:4], atol=1e-3, rtol=1e-3)


def test_corda_begins_where_general_text_says_least():
    from tasks.training.principal import _least_used

    torch.manual_seed(0)
    weight, moments = torch.randn(40, 32), torch.diag(torch.tensor([100.0] * 28 + [0.01] * 4)).double()
    columns, rows = _least_used(weight, moments, 4)
    begun = columns @ rows
    assert begun[:, :28].norm() < 0.01 * begun[:, 28:].norm()
    whole = torch.matmul(*_least_used(weight, moments, 32))
    torch.testing.assert_close(whole, weight, atol=1e-4, rtol=1e-4)


def test_corda_reads_general_text(tiny, rows):
    begun = [wrap(tiny(), Tune(method="corda", rank=4), rows(9, seed=seed)) for seed in (0, 0, 1)]
    first, same, other = (one.get_base_model().model.layers[1].mlp.up_proj.lora_A["default"].weight for one in begun)
    assert torch.equal(first, same)
    assert not torch.allclose(first, other, atol=1e-2)


@pytest.mark.parametrize("method", ["prompt", "prefix"])
def test_virtual_tokens_begin_as_words_of_the_training_rows(tiny, rows, method):
    made = rows(3)
    words = torch.from_numpy(np.concatenate([row.ids for row in made]))[None, :5]
    asked = torch.arange(40, 52)[None]
    model = wrap(tiny(), Tune(method=method, virtual_tokens=5), examples=made).eval()
    with torch.no_grad():
        wanted = tiny()(input_ids=torch.cat([words, asked], dim=1)).logits[:, 5:]
        torch.testing.assert_close(model(input_ids=asked).logits[:, -12:], wanted, atol=1e-4, rtol=1e-4)


def test_corda_without_general_text_is_refused(tiny):
    with pytest.raises(WrongBaseError, match="corda needs general text"):
        wrap(tiny(), Tune(method="corda"))


@pytest.mark.parametrize("method", ["lora", "dora", "qlora", "pissa"])
def test_a_rank_beyond_every_layers_own_is_refused(tiny, method):
    widest = max(min(layer.weight.shape) for layer in tiny().modules() if isinstance(layer, torch.nn.Linear))
    with pytest.raises(
        WrongBaseError, match=f"^tune.rank: {widest + 1} is more than any layer .* Use {widest} or fewer"
    ):
        wrap(tiny(), Tune(method=method, rank=widest + 1))
    if method != "pissa":
        wrap(tiny(), Tune(method=method, rank=widest))


def test_layers_are_those_that_are_named(tiny):
    names = [name for name, weight in wrap(tiny(), Tune(layers=[1])).named_parameters() if weight.requires_grad]
    assert names
    assert all(".layers.1." in name for name in names)
    with pytest.raises(WrongBaseError, match="^tune.layers: there is no layer 2; this model has 0 to 1"):
        wrap(tiny(), Tune(layers=[2]))


def test_a_configuration_of_pefts_that_does_not_fit_is_refused_with_its_reason(tiny):
    with pytest.raises(WrongBaseError, match="method: peft does not fit this model: .*no_such"):
        wrap(tiny(), Tune(method="peft", peft={"peft_type": "LORA", "target_modules": "no_such"}))


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


@pytest.mark.parametrize("method", SHAPES)
def test_an_empty_setting_is_as_if_it_were_left_out(method):
    peft = {"peft": {"peft_type": "VERA", "r": 64}} if method == "peft" else {}
    assert Tune(method=method, **peft, **dict.fromkeys(set(SHAPING) - set(peft))) == Tune(method=method, **peft)


@pytest.mark.parametrize(("method", "setting"), [("ia3", "rank"), ("full", "alpha"), ("lora", "steered_first")])
def test_a_setting_of_another_method_is_refused(method, setting):
    with pytest.raises(ValueError, match=f"method: {method} has no such setting"):
        Tune(**{"method": method, setting: 3})


def test_what_would_be_shrunk_is_not_decayed():
    with pytest.raises(ValueError, match="weight_decay would shrink what method: pissa keeps"):
        Tune(method="pissa", weight_decay=0.1)
    with pytest.raises(ValueError, match="weight_decay changes nothing here"):
        Tune(method="ia3", weight_decay=0.1)
    with pytest.raises(ValueError, match=r"method: peft needs tune\.peft"):
        Tune(method="peft")


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
    from transformers import OPTConfig, OPTForCausalLM

    sizes = {"vocab_size": 10, "hidden_size": 8, "word_embed_proj_dim": 8, "ffn_dim": 16}
    model = OPTForCausalLM(OPTConfig(**sizes, num_hidden_layers=1, num_attention_heads=1))
    with pytest.raises(WrongBaseError, match="0.fc1.*all-linear"):
        wrap(model, Tune(targets="mlp"))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"method": "reft", "steered_first": 0, "steered_last": 0}, "no position would be changed"),
        ({"method": "prefix", "recompute": True}, "recompute drops .*method: prompt"),
        ({"method": "peft", "peft": {"peft_type": "PREFIX_TUNING"}, "recompute": True}, "recompute drops"),
        ({"method": "peft", "peft": {"peft_type": "PROMPT_TUNING"}, "virtual_tokens": 4}, "has no such setting"),
        ({"forgetting": {"on_breach": "stop", "measure_tokens": 0}}, "would never stop, because measure_tokens is 0"),
        ({"forgetting": {"on_breach": "stop", "budget": None}}, "would never stop, because budget is empty"),
        ({"scale": "best", "forgetting": {"measure_tokens": 0}}, "measure_tokens is 0; give it tokens"),
    ],
)
def test_settings_that_would_train_nothing_or_be_read_nowhere_are_refused(asked, told):
    with pytest.raises(ValueError, match=told):
        Tune(**asked)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [({"method": "gentle"}, {"0.c_fc", "0.c_proj", "1.c_fc", "1.c_proj"}), ({"layers": [1]}, LAYER_1)],
)
def test_the_layers_of_gpt2_are_known_though_they_are_of_a_class_of_its_own(asked, wanted):
    from transformers import GPT2Config, GPT2LMHeadModel

    model = GPT2LMHeadModel(GPT2Config(vocab_size=300, n_embd=32, n_layer=2, n_head=4, n_positions=64))
    wrapped = wrap(model, Tune(rank=4, **asked))
    names = [
        name.split(".h.")[1].removesuffix(".lora_A.default")
        for name, _ in wrapped.named_modules()
        if name.endswith("lora_A.default")
    ]
    assert {f"{name[0]}.{name.rpartition('.')[2]}" for name in names} == wanted


def test_mamba_learns_beside_what_its_kernels_read_themselves(rows, tmp_path):
    from peft import PeftModel
    from transformers import MambaConfig, MambaForCausalLM

    def mamba():
        torch.manual_seed(7)
        return MambaForCausalLM(MambaConfig(vocab_size=300, hidden_size=32, num_hidden_layers=2)).eval()

    settings = Tune(rank=4, token_budget=1_000, batch_tokens=100, learning_rate=1e-2)
    result = train(mamba(), rows(4), settings, out=tmp_path, validation=rows(4))
    assert result.validation_after < result.validation_before - 0.1
    assert adapted(result.model) == {"in_proj", "x_proj", "dt_proj"}
    again = PeftModel.from_pretrained(mamba(), tmp_path / "adapter").eval()
    ids = torch.arange(20)[None]
    with torch.no_grad():
        assert torch.equal(again(input_ids=ids).logits, result.model(input_ids=ids).logits)
