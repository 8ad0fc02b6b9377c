"""An adapter made for another base model is told in the words of the recipe, not of the store."""

import copy
import itertools
import json
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from evals.items import ITEMS
from tasks import cards, exams, models, store
from tasks.examine import Misfit, OtherBase, base_beside, examine, holding_the_model, loaded
from tasks.models import ModelFiles
from tasks.refused import refused_facts


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
        loaded(base, adapter, 1)
    assert str(told.value) == (
        f"The adapter's weights do not fit the base model {tmp_path}/base: it was trained on org/other. Name that one "
        "as model.base, or examine an adapter of this one."
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"r": 4},
        {"r": "two"},
        {"peft_type": "LOHA"},
        {"target_modules": ["nonsense"]},
        {"target_modules": ["k_proj"]},
        {"target_modules": 5},
        {"rank_pattern": 3},
        {"use_dora": True},
    ],
    ids=str,
)
def test_a_configuration_of_other_weights_is_told(
    tmp_path: Path, home: Path, llama, tokenizer, changes: dict[str, Any]
) -> None:
    from peft import LoraConfig, get_peft_model

    llama(context=64).save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    base = models.base(str(tmp_path / "base"))
    own = get_peft_model(llama(context=64), LoraConfig(r=2, target_modules=["q_proj", "v_proj"]))

    def fill(folder: Path) -> None:
        own.save_pretrained(folder)
        file = folder / "adapter_config.json"
        config = json.loads(file.read_text()) | {"base_model_name_or_path": base.reference} | changes
        file.write_text(json.dumps(config))

    adapter = store.write_folder("adapters", fill)
    with warnings.catch_warnings(action="error", category=UserWarning), pytest.raises(Misfit) as told:
        loaded(base, adapter, 1)
    assert str(told.value).startswith(
        f"The adapter's adapter_config.json does not fit its weights, though it names {tmp_path}/base as their base. "
        f"It says peft_type {changes.get('peft_type', 'LORA')}, r {changes.get('r', 2)}, target_modules "
    )


def test_what_the_template_refuses_is_named_and_not_asked(
    tmp_path: Path, home: Path, llama: Any, tokenizer: Any, prefect_server: None
) -> None:
    strict = copy.deepcopy(tokenizer)
    strict.chat_template = (
        "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('roles must alternate') }}{% endif %}"
        "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    )
    llama().save_pretrained(tmp_path / "base")
    strict.save_pretrained(tmp_path / "base")
    base = ModelFiles(reference="strict", folder=str(tmp_path / "base"), content="strict")
    once, twice = [{"role": "user", "content": "Why?"}], [{"role": "user", "content": "Why?"}] * 2
    rows = [
        (suite, role, "completion", f"{suite}/{n}", f"{suite} {n}", twice if n == 1 else once, f"So {n}.", [], 0)
        for suite, role in (("garden", "domain"), ("news", "retention"))
        for n in range(3)
    ]
    items, empty = pl.DataFrame(rows, ITEMS, orient="row"), pl.DataFrame(schema={"item": pl.String})
    exam = exams.hold("garden", exams.Exam(), (), exams.Draw(items, empty, empty, items.clear()))
    found = examine.fn(exam, base, threads=1)
    assert found.refused == ("garden/1", "news/1")
    assert store.read_table(found.answers)["item"].to_list() == ["garden/0", "garden/2"]
    part = store.write_table(items.filter(item="news/1"))
    none = examine.fn(exam, base, threads=1, part=part)
    assert (none.refused, store.read_table(none.scores).height) == (("news/1",), 0)
    assert refused_facts(exam, found, none) == {
        "base": {"garden": ["garden/1"], "news": ["news/1"]},
        "candidate": {"news": ["news/1"]},
    }


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (29.0, ""),
        (45.0, " · in 1 min 30 s; an adapter is asked for as long at the most, each time that one is examined"),
    ],
)
def test_what_the_exam_takes_is_told_before_training_where_that_is_long(
    tmp_path: Path,
    home: Path,
    llama: Any,
    tokenizer: Any,
    monkeypatch: pytest.MonkeyPatch,
    prefect_server: None,
    seconds: float,
    told: str,
) -> None:
    llama().save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    base = ModelFiles(reference="base", folder=str(tmp_path / "base"), content="base")
    why = [{"role": "user", "content": "Why?"}]
    rows = [(suite, "retention", "completion", suite, suite, why, "So.", [], 0) for suite in ("news", "sea")]
    items, empty = pl.DataFrame(rows, ITEMS, orient="row"), pl.DataFrame(schema={"item": pl.String})
    exam = exams.hold("garden", exams.Exam(), (), exams.Draw(items, empty, empty, items.clear()))
    clock = itertools.count(0.0, seconds)
    monkeypatch.setattr("tasks.examine.time", SimpleNamespace(monotonic=lambda: next(clock)))
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text) if event.kind == "said" else None):
        examine.fn(exam, base, threads=1)
    assert [line[line.index(" sea ") + len(" sea 0.000") :].lstrip("0123456789") for line in said] == [told]


def test_beside_a_full_fine_tuning_the_base_is_scored_in_32_bits(
    tiny_base: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr("evals.models.preferred_dtype", lambda _device: torch.bfloat16)
    with holding_the_model():
        precisions = [
            loaded(base_beside(tiny_base, kind), None, 1)[0].dtype for kind in ("lora", "full", "FULL", "LORA")
        ]
    assert precisions == [torch.bfloat16, torch.float32, torch.float32, torch.bfloat16]
