"""Turns of fine-tuning on a machine: one for a training, and one for all that an ablation trains at once."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError

from tasks import turns
from tasks.ablation import at_once
from tasks.ablation.settings import Ablate


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The limits that are taken, in a run of a deployment with a server."""
    names: list[str] = []

    @contextlib.contextmanager
    def concurrency(name: str, **_: object) -> Iterator[None]:
        names.append(name)
        yield

    monkeypatch.setattr(turns.prefect_server, "named", lambda: "http://127.0.0.1:4200/api")
    monkeypatch.setattr(turns, "deployment", SimpleNamespace(id="deployed"))
    monkeypatch.setattr(turns, "_is_taken", lambda: False)
    monkeypatch.setattr(turns, "concurrency", concurrency)
    monkeypatch.setattr(turns, "_shared", False)
    return names


def test_a_training_of_a_deployment_takes_a_turn_and_one_at_a_terminal_none(
    taken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with turns.turn():
        assert taken == [turns.limit()]
    monkeypatch.setattr(turns, "deployment", SimpleNamespace(id=None))
    with turns.turn():
        assert taken == [turns.limit()]


def test_who_waits_for_a_turn_looks_again_and_again_and_can_be_stopped_between(
    taken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    status = 423

    def answered(status: int) -> ConcurrencySlotAcquisitionError:
        asked = httpx.Request("POST", "http://127.0.0.1:4200/api")
        error = ConcurrencySlotAcquisitionError("no slot")
        error.__cause__ = httpx.HTTPStatusError("", request=asked, response=httpx.Response(status, request=asked))
        return error

    @contextlib.contextmanager
    def concurrency(name: str, *, max_retries: int, **_: object) -> Iterator[None]:
        assert max_retries == 0, "Prefect would wait in a thread, which a stopped run sees to the end of"
        if len(waits) < 3:
            raise answered(status)
        taken.append(name)
        yield

    monkeypatch.setattr(turns, "concurrency", concurrency)
    monkeypatch.setattr("time.sleep", waits.append)
    with turns.turn() as has:
        assert (has, taken, waits) == (True, [turns.limit()], [turns._PAUSE_SECONDS] * 3)

    def stopped(_: float) -> None:
        raise KeyboardInterrupt

    waits.clear()
    monkeypatch.setattr("time.sleep", stopped)
    with pytest.raises(KeyboardInterrupt), turns.turn():
        raise AssertionError("it has no turn")
    status = 500
    with pytest.raises(ConcurrencySlotAcquisitionError), turns.turn():
        raise AssertionError("it has no turn")


@pytest.mark.parametrize(
    ("ablate", "count"),
    [(Ablate(parallel=2), 1), (Ablate(), 0), (Ablate(parallel=2, dask="tcp://host:8786"), 0)],
    ids=["at once here", "one by one", "elsewhere"],
)
def test_trainings_at_once_on_a_machine_have_one_turn_together(taken: list[str], ablate: Ablate, count: int) -> None:
    with at_once._turn(ablate):
        assert taken == [turns.limit()] * count


def test_a_process_of_trainings_at_once_waits_for_none_of_the_others(
    taken: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(at_once, "claim", lambda folder, slots: None)
    at_once._begin(tmp_path, 2)
    with turns.turn():
        assert taken == []
