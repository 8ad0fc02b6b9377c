"""What a training tells while it runs reaches the run page, TensorBoard's files and MLflow."""

import sys
import types
from contextlib import contextmanager
from pathlib import Path

import pytest

from tasks import cards, store
from tasks.check_method import check_method
from tasks.monitors import lacking, numbers, watching
from tasks.training.result import Step
from tasks.training.settings import Tune

BEGUN = Step(0, 2, 0, 20, None, 0.0, None, 3.0, 0.5, general_loss=1.0, divergence=0.0)
FIRST = Step(1, 2, 10, 20, 2.5, 1e-4, 0.7, None, 1.0)
LAST = Step(2, 2, 20, 20, 2.0, 1e-5, 0.6, 2.2, 2.0, general_loss=1.1, divergence=0.02, kl_weight=0.5)


def test_numbers_are_those_that_were_measured() -> None:
    assert numbers(FIRST) == {
        "loss": 2.5,
        "learning_rate": 1e-4,
        "gradient_norm": 0.7,
        "kl_weight": 0.0,
        "tokens": 10.0,
        "tokens_per_second": 10.0,
    }
    assert numbers(LAST)["divergence"] == 0.02


def test_every_look_becomes_a_line_on_the_run_page(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(cards, "markdown", lambda key, text, description: shown.append(text))
    with watching("none") as told:
        for step in (BEGUN, FIRST, LAST):
            told(step)
    assert len(shown) == 2
    assert shown[-1].splitlines()[2:] == [
        "| 0 of 2 | 0 | – | 3.000 | 1.000 | 0.000 | 0 | – |",
        "| 2 of 2 | 20 | 2.000 | 2.200 | 1.100 | 0.020 | 0.5 | 10 |",
    ]


def test_tensorboard_gets_every_number(home: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with watching("tensorboard") as told:
        for step in (BEGUN, FIRST, LAST):
            told(step)
    (folder,) = (store.home() / "tensorboard").iterdir()
    read = EventAccumulator(str(folder)).Reload()
    assert [(one.step, one.value) for one in read.Scalars("training/loss")] == [(1, 2.5), (2, 2.0)]
    assert [one.step for one in read.Scalars("training/divergence")] == [0, 2]


def test_mlflow_gets_every_number_and_is_closed_when_training_fails(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[object] = []

    @contextmanager
    def start_run(run_name: str):
        said.append(run_name)
        try:
            yield
        finally:
            said.append("closed")

    fake = types.SimpleNamespace(
        set_tracking_uri=said.append,
        set_experiment=said.append,
        start_run=start_run,
        log_metrics=lambda metrics, step: said.append((step, metrics["loss"])),
    )
    monkeypatch.setitem(sys.modules, "mlflow", fake)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def fail() -> None:
        with watching("mlflow") as told:
            told(FIRST)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert said == [f"sqlite:///{store.home() / 'mlflow.db'}", "winnow", "training", (1, 2.5), "closed"]


def test_a_package_that_is_not_there_is_named_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install 'mlflow-skinny>=" in lacking("mlflow")
    assert lacking("none") == ""
    with pytest.raises(ValueError, match=r"tune\.monitor: the package tensorboard is not installed"):
        check_method.fn(Tune(monitor="tensorboard"))
