import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError

from tasks.training import checkpoint, loop
from tasks.training.checkpoint import CheckpointMismatchError, CheckpointWriteError, save_adapter
from tasks.training.engine import train
from tasks.training.settings import Tune

SETTINGS = Tune(
    rank=4,
    token_budget=1_500,
    batch_tokens=100,
    learning_rate=1e-2,
    dropout=0.1,
    validate_every_steps=3,
    checkpoint_every_steps=2,
    threads=1,
)


class Killed(Exception):
    pass


def killer(at):
    def stop(step):
        if step.step == at:
            raise Killed

    return stop


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("at", [1, 5, 8])
@pytest.mark.parametrize(("method", "keep"), [("lora", "best"), ("lora", "last"), ("reft", "best"), ("reft", "last")])
def test_a_killed_training_ends_with_the_weights_of_an_uninterrupted_one(
    tiny, rows, weights, tmp_path, at, method, keep
):
    settings = SETTINGS.model_copy(update={"method": method, "keep": keep})
    held = rows(3, seed=5)
    whole = train(tiny(), rows(8), settings, validation=held)
    with pytest.raises(Killed):
        train(tiny(), rows(8), settings, validation=held, out=tmp_path, progress=killer(at))
    told = []
    resumed = train(tiny(), rows(8), settings, validation=held, out=tmp_path, resume=True, progress=told.append)
    assert told[0].step == at // 2 * 2 + (at > 1)
    assert same(weights(resumed.model), weights(whole.model))
    assert resumed.curve.drop("seconds").equals(whole.curve.drop("seconds"))
    assert (resumed.tokens, resumed.supervised_tokens, resumed.step) == (
        whole.tokens,
        whole.supervised_tokens,
        whole.step,
    )


def test_a_training_killed_by_the_system_can_be_continued(tiny, rows, weights, tmp_path):
    script = textwrap.dedent(f"""
        import os, signal, sys
        sys.path[:0] = [{str(Path(__file__).parents[3])!r}]
        import torch
        from pathlib import Path
        from transformers import LlamaForCausalLM
        from tasks.training.engine import train
        from tasks.training.settings import Tune
        settings = Tune.model_validate_json({SETTINGS.model_dump_json()!r})
        rows = [([1, 2, 3, 4, 5 + at], [0, 0, 1, 1, 1]) for at in range(50)]
        def kill(step):
            if step.step == 5:
                os.kill(os.getpid(), signal.SIGKILL)
        train(LlamaForCausalLM.from_pretrained({str(tmp_path / "base")!r}), rows, settings,
              out=Path({str(tmp_path / "out")!r}), progress=kill)
    """)
    base = tiny()
    base.save_pretrained(tmp_path / "base")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    assert done.returncode == -signal.SIGKILL
    given = [([1, 2, 3, 4, 5 + at], [0, 0, 1, 1, 1]) for at in range(50)]
    resumed = train(tiny(), given, SETTINGS, out=tmp_path / "out", resume=True)
    assert same(weights(resumed.model), weights(train(tiny(), given, SETTINGS).model))


def test_checkpoints_are_pruned_hold_no_pickle_and_go_when_training_ends(tiny, rows, tmp_path):
    with pytest.raises(Killed):
        train(tiny(), rows(8), SETTINGS, validation=rows(2, seed=5), out=tmp_path, progress=killer(7))
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-00000006"]
    files = {path.name for path in (tmp_path / "checkpoint-00000006").iterdir()}
    assert files == {"adapter.safetensors", "best.safetensors", "optimizer.safetensors", "position.json"}
    train(tiny(), rows(8), SETTINGS, validation=rows(2, seed=5), out=tmp_path, resume=True)
    assert [path.name for path in tmp_path.iterdir()] == ["adapter"]
    assert {path.name for path in (tmp_path / "adapter").iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
    }


def test_a_training_killed_before_it_removed_the_older_checkpoint_goes_on_from_the_newer(tiny, rows, tmp_path):
    with pytest.raises(Killed):
        train(tiny(), rows(8), SETTINGS, out=tmp_path, progress=killer(3))
    older = tmp_path / "older"
    (tmp_path / "checkpoint-00000002").rename(older)
    with pytest.raises(Killed):
        train(tiny(), rows(8), SETTINGS, out=tmp_path, progress=killer(5))
    older.rename(tmp_path / "checkpoint-00000002")
    told = []
    train(tiny(), rows(8), SETTINGS, out=tmp_path, resume=True, progress=told.append)
    assert told[0].step == 5


def test_the_time_of_a_killed_training_counts(tiny, rows, tmp_path):
    with pytest.raises(Killed):
        train(tiny(), rows(8), SETTINGS, out=tmp_path, progress=killer(5))
    file = tmp_path / "checkpoint-00000004" / "position.json"
    state = json.loads(file.read_text())
    assert state["seconds"] > 0
    assert state["cpu_seconds"] > 0
    file.write_text(json.dumps(state | {"seconds": 1e6, "cpu_seconds": 2e6}))
    resumed = train(tiny(), rows(8), SETTINGS, out=tmp_path, resume=True)
    assert resumed.seconds > 1e6
    assert resumed.cpu_seconds > 2e6


def test_a_training_may_be_continued_with_other_threads_and_checkpoints(tiny, rows, tmp_path):
    with pytest.raises(Killed):
        train(tiny(), rows(8), SETTINGS, out=tmp_path, progress=killer(5))
    told = []
    otherwise = SETTINGS.model_copy(update={"threads": 2, "checkpoint_every_steps": 50})
    train(tiny(), rows(8), otherwise, out=tmp_path, resume=True, progress=told.append)
    assert told[0].step == 5


def test_an_adapter_may_be_read_by_others_than_its_maker(tiny, rows, tmp_path):
    folder = save_adapter(train(tiny(), rows(4), SETTINGS), tmp_path / "adapter")
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_half_written_checkpoint_is_never_read_and_finally_swept(tiny, rows, weights, tmp_path):
    with pytest.raises(Killed):
        train(tiny(), rows(8), SETTINGS, out=tmp_path, progress=killer(5))
    (tmp_path / "checkpoint-00000006.partial-x1").mkdir()
    (tmp_path / "adapter.partial-x2").mkdir()
    assert checkpoint.latest(tmp_path).name == "checkpoint-00000004"
    resumed = train(tiny(), rows(8), SETTINGS, out=tmp_path, resume=True)
    assert same(weights(resumed.model), weights(train(tiny(), rows(8), SETTINGS).model))
    assert [path.name for path in tmp_path.iterdir()] == ["adapter"]


@pytest.mark.parametrize("what", ["examples", "order", "settings", "validation", "base"])
def test_a_checkpoint_of_another_training_is_refused(tiny, rows, tmp_path, monkeypatch, what):
    with pytest.raises(Killed):
        train(tiny(), rows(8), SETTINGS, out=tmp_path, progress=killer(5))
    base, given, held, settings = tiny(), rows(8), [], SETTINGS
    if what == "examples":
        given[3].ids[0] = (given[3].ids[0] + 1) % 300
    elif what == "order":  # as another version lays a training out
        own = loop.plan
        monkeypatch.setattr(loop, "plan", lambda *given, **more: own(*given, **more)[::-1])
    elif what == "settings":
        settings = SETTINGS.model_copy(update={"learning_rate": 1e-3})
    elif what == "validation":
        held = rows(1)
    else:
        base.model.layers[1].mlp.up_proj.weight.data += 0.01
    with pytest.raises(CheckpointMismatchError, match="checkpoint-00000004"):
        train(base, given, settings, validation=held, out=tmp_path, resume=True)


def test_resuming_without_a_checkpoint_begins_at_the_beginning(tiny, rows, weights, tmp_path):
    fresh = train(tiny(), rows(8), SETTINGS, out=tmp_path / "new", resume=True)
    assert same(weights(fresh.model), weights(train(tiny(), rows(8), SETTINGS).model))


@pytest.mark.parametrize("error", [OSError, SafetensorError])  # safetensors tells some of it in words of its own
def test_a_full_disk_is_told_and_leaves_the_earlier_checkpoint(tiny, rows, tmp_path, monkeypatch, error):
    import safetensors.torch

    written = []
    real = safetensors.torch.save_file

    def full(tensors, path, *args, **kwargs):
        written.append(path)
        if len(written) > 3:
            Path(path).write_bytes(b"half a file")
            raise error("No space left on device")
        real(tensors, path, *args, **kwargs)

    monkeypatch.setattr(safetensors.torch, "save_file", full)
    with pytest.raises(CheckpointWriteError, match=r"checkpoint-00000004 .*No space left"):
        train(tiny(), rows(8), SETTINGS, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-00000002"]


def test_an_adapter_is_the_same_bytes_in_every_process(tiny, rows, tmp_path):
    folder = save_adapter(train(tiny(), rows(8), SETTINGS), tmp_path / "adapter")
    modules = json.loads((folder / "adapter_config.json").read_text())["target_modules"]
    assert len(modules) > 3
    assert modules == sorted(modules)


def test_an_adapter_replaces_an_older_one_of_its_name(tiny, rows, tmp_path):
    from peft import PeftModel

    for seed in (0, 1):
        result = train(tiny(), rows(8), SETTINGS.model_copy(update={"seed": seed}))
        assert save_adapter(result, tmp_path / "deep" / "adapter") == tmp_path / "deep" / "adapter"
    again = PeftModel.from_pretrained(tiny(), tmp_path / "deep" / "adapter").eval()
    ids = torch.arange(20)[None]
    assert torch.equal(again(input_ids=ids).logits, result.model(input_ids=ids).logits)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["adapter"]


def test_a_folder_that_cannot_be_made_is_told(tiny, rows, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CheckpointWriteError, match="could not be written"):
        save_adapter(train(tiny(), rows(4), SETTINGS), tmp_path / "file" / "adapter")
