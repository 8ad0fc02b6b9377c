"""A run's adapter outside winnow: plain PEFT loads it and says what winnow's own loading says."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from evals.models import load
from tasks.export_adapter import export_adapter
from tasks.models import ModelFiles
from tasks.run_adapter import NotExported

ASKED = torch.tensor([[0, 40, 41, 42, 99, 7]])


def logits(model) -> torch.Tensor:
    with torch.no_grad():
        return model(ASKED).logits.float()


@pytest.fixture
def wanted(small_base: ModelFiles) -> Callable[[Path], torch.Tensor]:
    """What winnow's own loading says in 32 bits."""
    return lambda run: logits(load(Path(small_base.folder), adapter=run / "adapter", dtype=torch.float32)[0])


@pytest.mark.parametrize("config", [{}, {"use_dora": True}, {"use_rslora": True}], ids=["lora", "dora", "rslora"])
def test_plain_peft_loads_a_runs_own_adapter(judged_run, wanted, small_base: ModelFiles, config) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    run = judged_run(**config)
    base = AutoModelForCausalLM.from_pretrained(small_base.folder)
    assert torch.equal(logits(PeftModel.from_pretrained(base, run / "adapter").eval()), wanted(run))


def test_plain_peft_finds_the_base_of_an_exported_adapter(judged_run, wanted, small_base, tmp_path: Path) -> None:
    from peft import AutoPeftModelForCausalLM

    run, into = judged_run(), tmp_path / "deep" / "adapter"
    assert export_adapter(run, into) == (small_base.folder, "")
    assert sorted(file.name for file in into.iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    assert torch.equal(logits(AutoPeftModelForCausalLM.from_pretrained(into).eval()), wanted(run))


def test_the_card_loads_the_adapter_as_it_says(judged_run, wanted, tmp_path: Path) -> None:
    run = judged_run()
    export_adapter(run, tmp_path / "made")
    code = (tmp_path / "made" / "README.md").read_text().split("```python\n")[1].split("```")[0]
    assert "AutoPeftModelForCausalLM" in code
    names: dict = {}
    exec(code.replace("PATH/OF/THIS/FOLDER", str(tmp_path / "made")), names)
    assert torch.equal(logits(names["model"].eval()), wanted(run))
    assert names["tokenizer"].chat_template


def test_a_hub_id_is_written_as_it_is(judged_run, tmp_path: Path) -> None:
    named = export_adapter(judged_run(), tmp_path / "made", "org/model")
    assert named.base == "org/model"
    assert named.note.startswith("Whether org/model holds the weights that the adapter was trained on")
    config = json.loads((tmp_path / "made" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "org/model"
    card = (tmp_path / "made" / "README.md").read_text()
    assert "base_model: org/model\nbase_model_relation: adapter\nlibrary_name: peft\n" in card
    assert "AutoTokenizer.from_pretrained('org/model')" in card


def test_a_folder_with_another_model_is_refused(judged_run, small_base: ModelFiles, tmp_path: Path, llama) -> None:
    run, copy, other = judged_run(), tmp_path / "copy", tmp_path / "other"
    shutil.copytree(small_base.folder, copy)
    assert export_adapter(run, tmp_path / "made", str(copy)) == (str(copy), "")
    shutil.copytree(small_base.folder, other)
    llama(context=128).save_pretrained(other)
    for name, told in ((str(other), "holds another model than"), ("./no/where", "neither a folder nor a hub id")):
        with pytest.raises(NotExported, match=told):
            export_adapter(run, tmp_path / "refused", name)
    assert not (tmp_path / "refused").exists()


def test_an_adapter_that_was_trained_elsewhere_is_taken_from_the_store(
    judged_run, wanted, home, tmp_path: Path
) -> None:
    from peft import AutoPeftModelForCausalLM

    run = judged_run()
    said = wanted(run)
    digest = json.loads((run / "manifest.json").read_text())["digests"]["adapter"]
    (home / "store" / "adapters").mkdir(parents=True)
    (run / "adapter").rename(home / "store" / "adapters" / digest)
    export_adapter(run, tmp_path / "made")
    assert torch.equal(logits(AutoPeftModelForCausalLM.from_pretrained(tmp_path / "made").eval()), said)
    assert "The adapter was trained elsewhere" in (tmp_path / "made" / "README.md").read_text()
    shutil.rmtree(home / "store" / "adapters")
    with pytest.raises(NotExported, match="is neither at .* nor at .*: make it again"):
        export_adapter(run, tmp_path / "again")


def test_a_folder_that_holds_something_is_left_alone(judged_run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(FileExistsError, match="is not empty"):
        export_adapter(judged_run(), tmp_path)


@pytest.mark.parametrize("killed", [False, True])
def test_an_empty_folder_is_filled_in_its_own_place(judged_run, tmp_path: Path, killed: bool) -> None:
    into = tmp_path / "made"
    into.mkdir()
    if killed:
        (into / ".winnow-export" / ".part-x").mkdir(parents=True)
    before = into.stat().st_ino
    export_adapter(judged_run(), into)
    assert into.stat().st_ino == before, "somebody may stand in it"
    assert sorted(file.name for file in into.iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


def test_a_folder_that_can_not_be_written_is_told(judged_run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotExported, match=r"file/made \(.*\)\. Name another folder with --into DIR\."):
        export_adapter(judged_run(), tmp_path / "file" / "made")


def test_peft_can_not_load_loreft_by_whatever_base_it_names(judged_run, tmp_path: Path) -> None:
    from tasks import store

    run = judged_run()
    (run / "adapter" / "adapter_config.json").write_text('{"peft_type": "LOREFT"}')
    manifest = run / "manifest.json"
    facts = json.loads(manifest.read_text())
    facts["digests"]["adapter"] = store.folder_digest(run / "adapter")
    manifest.write_text(json.dumps(facts))
    with pytest.raises(NotExported, match="LoReFT, which PEFT can't load by whatever base"):
        export_adapter(run, tmp_path / "made")
