"""Adapters and half-done trainings on disk: written whole or not at all, in safetensors and JSON only."""

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evals.adapters import write
from tasks.training.result import Step, TrainResult
from tasks.training.trained_weights import copied, put_back

if TYPE_CHECKING:
    import torch

    from evals.adapters import Adapted

logger = logging.getLogger(__name__)

_PREFIX = "checkpoint-"
_PARTIAL = ".partial-"


class CheckpointMismatchError(ValueError):
    """A checkpoint that belongs to another training."""


class CheckpointWriteError(OSError):
    """A checkpoint or adapter that could not be put on disk."""


@dataclass
class Best:
    """The adapter of the lowest validation loss so far."""

    step: int
    loss: float
    weights: "dict[str, torch.Tensor]"


@dataclass
class Position:
    """How far a training has come: all that changes from step to step beside the weights."""

    steps: list[Step] = field(default_factory=list)
    step: int = 0
    tokens: int = 0
    supervised_tokens: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    kl_weight: float = 0.0
    ended: str = ""
    best: Best | None = None


def save_adapter(result: TrainResult, folder: Path) -> Path:
    """Save the trained adapter: ``PeftModel.from_pretrained(base, folder)`` loads PEFT's, `evals.loreft.read` LoReFT's.

    The folder appears complete or not at all; an older one of that name is replaced.
    """
    with _whole(folder) as partial:
        write(result.model, partial)
    return folder


def save(out: Path, model: "Adapted", optimizer: "torch.optim.Optimizer", position: Position, digest: str) -> Path:
    """Write a checkpoint beside the earlier one, then remove the earlier one.

    Raises
    ------
    CheckpointWriteError
        If the disk refuses; the earlier checkpoint is then still there.
    """
    import torch
    from safetensors.torch import save_file

    folder = out / f"{_PREFIX}{position.step:08d}"
    with _whole(folder) as partial:
        save_file(copied(model), partial / "adapter.safetensors")
        moments = _flat(optimizer) | {"random": torch.get_rng_state()}
        save_file(moments, partial / "optimizer.safetensors")
        if position.best is not None:
            save_file(position.best.weights, partial / "best.safetensors")
        (partial / "position.json").write_text(json.dumps(_to_json(position, digest)), encoding="utf-8")
    for old in _checkpoints(out):
        if old != folder:
            shutil.rmtree(old)
    return folder


def latest(out: Path) -> Path | None:
    """Find the newest checkpoint in a folder."""
    found = _checkpoints(out)
    return found[-1] if found else None


def load(folder: Path, model: "Adapted", optimizer: "torch.optim.Optimizer", digest: str) -> Position:
    """Put model, optimizer and torch's random state where a checkpoint left them.

    Raises
    ------
    CheckpointMismatchError
        If it was written by a training with other data, settings or base.
    """
    import torch
    from safetensors.torch import load_file

    state = json.loads((folder / "position.json").read_text(encoding="utf-8"))
    if state["digest"] != digest:
        raise CheckpointMismatchError(
            f"The checkpoint {folder} comes from a training with other examples, other settings or another "
            "base model, so it can't be continued; remove it, or train into another folder."
        )
    put_back(model, load_file(folder / "adapter.safetensors"))
    moments = load_file(folder / "optimizer.safetensors")
    torch.set_rng_state(moments.pop("random"))
    _unflatten(optimizer, moments)
    best = state["best"]
    return Position(
        steps=[Step(**step) for step in state["steps"]],
        best=best and Best(best["step"], best["loss"], load_file(folder / "best.safetensors")),
        **{name: state[name] for name in _PLAIN},
    )


def clear(out: Path) -> None:
    """Remove the checkpoints of a finished training, and what a killed one left half-written."""
    for folder in [*_checkpoints(out), *out.glob(f"{_PREFIX}*{_PARTIAL}*"), *out.glob(f"adapter{_PARTIAL}*")]:
        shutil.rmtree(folder, ignore_errors=True)


_PLAIN = ("step", "tokens", "supervised_tokens", "seconds", "cpu_seconds", "kl_weight", "ended")


def _to_json(position: Position, digest: str) -> dict[str, object]:
    best = position.best and {"step": position.best.step, "loss": position.best.loss}
    steps = [asdict(step) for step in position.steps]
    return {"digest": digest, "steps": steps, "best": best} | {name: getattr(position, name) for name in _PLAIN}


def _flat(optimizer: "torch.optim.Optimizer") -> "dict[str, torch.Tensor]":
    state = optimizer.state_dict()["state"]
    return {f"{at}.{name}": value.cpu().contiguous() for at, one in state.items() for name, value in one.items()}


def _unflatten(optimizer: "torch.optim.Optimizer", moments: "dict[str, torch.Tensor]") -> None:
    whole = optimizer.state_dict()
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in moments.items():
        at, _, name = key.partition(".")
        state.setdefault(int(at), {})[name] = value
    optimizer.load_state_dict(whole | {"state": state})


def _checkpoints(out: Path) -> list[Path]:
    return sorted(path for path in out.glob(f"{_PREFIX}*") if _PARTIAL not in path.name)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """Write into a temporary neighbour that takes the folder's name once it is complete and on disk."""
    from safetensors import SafetensorError

    partial: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=folder.name + _PARTIAL, dir=folder.parent))
        yield partial
        for path in partial.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        partial.chmod(0o755)  # mkdtemp's are for their maker alone
        if folder.exists():
            shutil.rmtree(folder)
        partial.replace(folder)
    except (OSError, SafetensorError) as error:
        raise CheckpointWriteError(
            f"{folder} could not be written ({error}); free some disk or choose another folder. "
            "What was complete before is untouched."
        ) from error
    finally:
        if partial is not None and partial.exists():
            shutil.rmtree(partial, ignore_errors=True)
