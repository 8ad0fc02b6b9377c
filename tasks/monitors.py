"""Where a training is watched while it runs: a table on the run page, and TensorBoard or MLflow where a recipe asks."""

import contextlib
import importlib.util
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from tasks import cards, runs, store

if TYPE_CHECKING:
    from tasks.training.result import Step

Monitor = Literal["none", "tensorboard", "mlflow"]
Told = Callable[["Step"], None]

_PACKAGES = {"tensorboard": "tensorboard>=2.20", "mlflow": "mlflow-skinny>=3.4"}
_HEAD = ("step", "tokens", "loss", "validation", "general text", "KL", "KL weight", "tokens/s")
_LOOKS = 30  # lines of the table on the run page


def lacking(monitor: Monitor) -> str:
    """Say which package a writer needs and this environment has not, or nothing."""
    package = _PACKAGES.get(monitor)
    if package is None or importlib.util.find_spec(monitor) is not None:
        return ""
    return f"the package {monitor} is not installed: `pip install '{package}'`"


@contextlib.contextmanager
def watching(monitor: Monitor) -> Iterator[Told]:
    """Yield what is to be told of every step; the writers are closed at the end, also of a training that failed."""
    with contextlib.ExitStack() as open_:
        tell: list[Told] = [_on_the_run_page()]
        if monitor == "tensorboard":
            tell.append(open_.enter_context(_tensorboard()))
        if monitor == "mlflow":
            tell.append(open_.enter_context(_mlflow()))

        def told(step: "Step") -> None:
            for one in tell:
                one(step)

        yield told


def numbers(step: "Step") -> dict[str, float]:
    """Return what was measured at a step, by name."""
    found = {
        "loss": step.loss,
        "validation_loss": step.validation_loss,
        "general_loss": step.general_loss,
        "divergence": step.divergence,
        "divergence_domain": step.divergence_domain,
        "learning_rate": step.learning_rate,
        "gradient_norm": step.gradient_norm,
        "kl_weight": step.kl_weight,
        "tokens": float(step.tokens),
        "tokens_per_second": step.tokens / step.seconds if step.seconds else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _on_the_run_page() -> Told:
    """Publish the looks at validation loss and forgetting as a table that grows while the training runs."""
    lines: list[tuple[str, ...]] = []

    def told(step: "Step") -> None:
        if step.validation_loss is None and step.general_loss is None:
            return
        shown = (step.loss, step.validation_loss, step.general_loss, step.divergence)
        speed = f"{step.tokens / step.seconds:,.0f}" if step.tokens and step.seconds else "–"
        cells = ("–" if value is None else f"{value:.3f}" for value in shown)
        lines.append((f"{step.step:,} of {step.steps:,}", f"{step.tokens:,}", *cells, f"{step.kl_weight:g}", speed))
        shown_lines = (f"| {' | '.join(line)} |" for line in (_HEAD, ["--:"] * len(_HEAD), *lines[-_LOOKS:]))
        cards.markdown("training", "\n".join(shown_lines), "Training, look by look (losses and KL: nats per token)")

    return told


@contextlib.contextmanager
def _tensorboard() -> Iterator[Told]:
    from torch.utils.tensorboard.writer import SummaryWriter

    with SummaryWriter(store.home() / "tensorboard" / _run_name()) as writer:

        def told(step: "Step") -> None:
            for name, value in numbers(step).items():
                writer.add_scalar(f"training/{name}", value, step.step)

        yield told


@contextlib.contextmanager
def _mlflow() -> Iterator[Told]:
    """Write to the tracking server that MLFLOW_TRACKING_URI names, else into the home."""
    import os

    import mlflow

    if not os.environ.get("MLFLOW_TRACKING_URI"):
        mlflow.set_tracking_uri(f"sqlite:///{store.home() / 'mlflow.db'}")
    mlflow.set_experiment("winnow")
    with mlflow.start_run(run_name=_run_name()):
        yield lambda step: mlflow.log_metrics(numbers(step), step=step.step)


def _run_name() -> str:
    run = runs.current()
    return "training" if run is None else run.folder.name
