"""An adapter made for another base model is told in the words of the recipe, not of the store."""

from pathlib import Path

import pytest

from tasks import models, store
from tasks.examine import OtherBase, _loaded


def test_an_adapter_of_another_base_is_told(tmp_path: Path, home: Path, llama, tokenizer) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    llama(context=64).save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    wide = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=96, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2
    )
    other = get_peft_model(LlamaForCausalLM(wide), LoraConfig(r=2, base_model_name_or_path="org/other"))
    other.peft_config["default"].base_model_name_or_path = "org/other"
    adapter = store.write_folder("adapters", other.save_pretrained)
    base = models.base(str(tmp_path / "base"))
    with pytest.raises(OtherBase) as told:
        _loaded(base, adapter, 1)
    assert str(told.value) == (
        f"The adapter's weights do not fit the base model {tmp_path}/base: it was trained on org/other. Name that one "
        "as model.base, or examine an adapter of this one."
    )
