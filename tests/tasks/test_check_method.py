"""What can't be trained here is said before any work."""

from pathlib import Path

import pytest

from tasks import cards
from tasks.check_method import check_method
from tasks.models import ModelFiles
from tasks.training.settings import Tune
from tasks.training.threads import available


@pytest.mark.parametrize("tune", [Tune(), Tune(method="full"), Tune(method="peft", peft={"peft_type": "VERA", "r": 4})])
def test_what_can_be_trained_passes(tune: Tune) -> None:
    check_method.fn(tune)


def test_quantised_training_without_a_gpu_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ValueError, match=r"qlora can't be trained here, because there is no CUDA GPU.*method: lora"):
        check_method.fn(Tune(method="qlora"))


def test_quantised_training_without_its_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ValueError, match="bitsandbytes is not installed"):
        check_method.fn(Tune(method="qlora"))


@pytest.mark.parametrize(
    ("said", "told"), [({"r": 4}, "PEFT knows .*LORA"), ({"peft_type": "LORA", "rnk": 3}, "does not take this.*rnk")]
)
def test_a_configuration_that_peft_does_not_know_is_refused(said: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_method.fn(Tune(method="peft", peft=said))


def test_more_threads_than_cores_are_warned_of() -> None:
    told: list[str] = []
    with cards.listen(lambda event: told.append(event.text)):
        check_method.fn(Tune(threads=available()))
        assert not any("threads" in text for text in told)
        check_method.fn(Tune(threads=5_000))
    assert any("tune.threads is 5,000" in text for text in told)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"layers": (0, 99)}, "tune.layers: there is no layer 99; this model has 0 to "),
        ({"method": "reft", "steered_layers": 400}, "tune.steered_layers: 400 is more than this model has layers"),
        ({"rank": 5_000}, "tune.rank: 5,000 is more than any layer of this model has directions"),
        ({"method": "oft", "block_size": 7}, "tune.block_size: 7 does not divide this model's "),
        (
            {"method": "peft", "peft": {"peft_type": "LORA", "target_modules": ["q_proj", "v_porj"]}},
            "tune.peft: target_modules names 'v_porj', and this model has no such layer",
        ),
        ({"method": "peft", "peft": {"peft_type": "ADALORA", "total_step": 9}}, "tune.peft: ADALORA shares ranks out"),
    ],
)
def test_what_the_base_cannot_have_is_refused_before_any_work(
    tiny_base: ModelFiles, asked: dict[str, object], told: str
) -> None:
    check_method.fn(Tune(), tiny_base)
    with pytest.raises(ValueError, match=told):
        check_method.fn(Tune(**asked), tiny_base)
    assert check_method.fn(Tune(**asked)) is None, "where the base is not known"


def test_a_model_that_does_not_tell_its_size_is_not_held_to_it(tmp_path: Path) -> None:
    model = ModelFiles(reference="it", folder=str(tmp_path), content="0" * 32)
    check_method.fn(Tune(layers=(99,)), model)
    (tmp_path / "config.json").write_text('{"model_type": "x"}')
    check_method.fn(Tune(layers=(99,)), model)
    (tmp_path / "config.json").write_text('{"text_config": {"num_hidden_layers": 4, "hidden_size": 8}}')
    with pytest.raises(ValueError, match="this model has 0 to 3"):
        check_method.fn(Tune(layers=(99,)), model)


def test_a_gguf_is_converted_where_something_is_asked_that_it_may_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.gguf").touch()
    model, converted = ModelFiles(reference="it", folder=str(tmp_path), content="0" * 32), tmp_path / "converted"
    converted.mkdir()
    (converted / "config.json").write_text('{"num_hidden_layers": 4, "hidden_size": 8}')
    asked: list[ModelFiles] = []
    monkeypatch.setattr("tasks.check_method.ready", lambda base: asked.append(base) or converted)
    check_method.fn(Tune(), model)
    assert not asked, "it takes seconds"
    for settings, told in (({"layers": (99,)}, "this model has 0 to 3"), ({"rank": 5_000}, "more than any layer")):
        with pytest.raises(ValueError, match=told):
            check_method.fn(Tune(**settings), model)
    assert asked == [model] * 2


def test_more_workers_than_threads_are_refused_before_any_work() -> None:
    with pytest.raises(ValueError, match=r"tune\.workers: 3 is more than the .*lower it"):
        check_method.fn(Tune(threads=2, workers=3))


def test_layers_that_the_base_names_otherwise_are_missed_before_any_work(tiny_base: ModelFiles, tmp_path: Path) -> None:
    from transformers import OPTConfig

    sizes = {"hidden_size": 8, "word_embed_proj_dim": 8, "ffn_dim": 16, "vocab_size": 10}
    OPTConfig(num_hidden_layers=1, num_attention_heads=1, **sizes).save_pretrained(tmp_path)
    base = tiny_base.model_copy(update={"folder": str(tmp_path)})
    check_method.fn(Tune(rank=4), base)
    with pytest.raises(ValueError, match=r"targets is 'mlp', but .* it has 0\.fc1"):
        check_method.fn(Tune(method="gentle", rank=4), base)
    with pytest.raises(ValueError, match="ia3 does not find this model's keys and values, or its MLP"):
        check_method.fn(Tune(method="ia3"), base)


SMALL = {"vocab_size": 16, "hidden_size": 16, "num_hidden_layers": 1}
HEADS = {"num_attention_heads": 2}
EXPERTS = {
    "num_key_value_heads": 2,
    "moe_intermediate_size": 8,
    "num_experts": 2,
    "num_experts_per_tok": 1,
    "head_dim": 8,
}
BASES = {
    "GPT2Config": {"vocab_size": 16, "n_embd": 16, "n_layer": 1, "n_head": 2},
    "FalconConfig": SMALL | HEADS | {"new_decoder_architecture": False, "multi_query": True},
    "MambaConfig": SMALL,
    "Qwen3MoeConfig": SMALL | HEADS | EXPERTS,
}


@pytest.mark.parametrize(
    ("kind", "asked", "told"),
    [
        ("GPT2Config", {"method": "oft", "block_size": 8}, "oft does not fit this model: .*Conv1D.* Use method: lora"),
        ("FalconConfig", {"method": "prefix"}, r"prefix does not fit this model: .*Use method: lora\.$"),
        ("MambaConfig", {"method": "prompt"}, r"prompt does not fit this model: .*Use method: lora\.$"),
        ("Qwen3MoeConfig", {"method": "dora"}, "dora does not fit this model: .*Use targets: attention, which leaves"),
        (
            "Qwen3MoeConfig",
            {"method": "corda"},
            "corda does not fit this model: .*Use targets: attention, which leaves",
        ),
    ],
)
def test_a_method_that_does_not_fit_the_base_is_refused_before_any_work(
    tmp_path: Path, kind: str, asked: dict[str, object], told: str
) -> None:
    import transformers

    getattr(transformers, kind)(**BASES[kind]).save_pretrained(tmp_path)
    base = ModelFiles(reference="it", folder=str(tmp_path), content="0" * 32)
    with pytest.raises(ValueError, match=told):
        check_method.fn(Tune(rank=4, **asked) if asked["method"] in ("dora", "corda") else Tune(**asked), base)
    check_method.fn(Tune(rank=4), base)
    if kind == "Qwen3MoeConfig":
        check_method.fn(Tune(rank=4, targets="attention", **asked), base)


def test_a_base_that_can_not_be_asked_without_its_weights_is_not_refused_for_it(tmp_path: Path) -> None:
    from transformers import Qwen3MoeConfig

    Qwen3MoeConfig(**BASES["Qwen3MoeConfig"], dtype="float32").save_pretrained(tmp_path)
    check_method.fn(Tune(method="prefix"), ModelFiles(reference="it", folder=str(tmp_path), content="0" * 32))
