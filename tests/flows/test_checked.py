"""How a run ends that one of winnow's own errors ends: in its sentence alone, and where it was raised is logged once."""

import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.exceptions import TerminationSignal
from prefect.states import Completed

from flows.cancelled import STOPPED, retell
from flows.checked import told
from flows.retrain import retrain
from flows.rollback import rollback
from flows.traces import is_refusal
from tasks.caching import step
from tasks.named_places import NotThere
from tasks.promotion import NotPromotable


@step(name="refusing", cached=False)
def refusing(error: type[Exception]) -> str:
    """Raise the error."""
    raise error("The pool is dry. Water it.")


@flow(name="refused", validate_parameters=False)
@told
def refused(error: type[Exception], *, in_step: bool) -> State:
    """Raise the error, in a step or outside."""
    if in_step:
        refusing(error)
    raise error("The pool is dry. Water it.")


@flow(name="well", validate_parameters=False)
@told
def well() -> State:
    """Raise nothing."""
    return Completed(name="Rained", message="It rained.")


@pytest.fixture
def traces() -> Iterator[list[logging.LogRecord]]:
    """Return, as they are logged, the records of Prefect's runs that hold a trace."""
    found: list[logging.LogRecord] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info:
                found.append(record)

    kept = Kept()
    loggers = [logging.getLogger(name) for name in ("prefect.flow_runs", "prefect.task_runs")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
        logger.addHandler(kept)
    yield found
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(kept)
        logger.setLevel(level)


@pytest.fixture
def steps() -> Iterator[list[logging.LogRecord]]:
    """Return, as they are logged, the records of steps, from information on."""
    found: list[logging.LogRecord] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record)

    logger, kept = logging.getLogger("prefect.task_runs"), Kept()
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(kept)
    yield found
    logger.removeHandler(kept)
    logger.setLevel(level)


@pytest.mark.parametrize("error", [ValueError, OSError])
@pytest.mark.parametrize("in_step", [True, False])
def test_the_sentence_is_the_whole_message_and_one_trace_is_logged(
    prefect_server: None, traces: list[logging.LogRecord], error: type[Exception], in_step: bool
) -> None:
    state = refused(error, in_step=in_step, return_state=True)
    assert (state.name, state.message) == ("Failed", "The pool is dry. Water it.")
    assert type(state.result(raise_on_failure=False)) is error
    assert len(traces) == 1


@pytest.mark.parametrize("in_step", [True, False])
def test_of_a_refusal_of_winnows_own_no_trace_is_logged(
    prefect_server: None, traces: list[logging.LogRecord], caplog: pytest.LogCaptureFixture, in_step: bool
) -> None:
    state = refused(NotPromotable, in_step=in_step, return_state=True)
    assert (state.name, state.message) == ("Failed", "The pool is dry. Water it.")
    assert traces == []
    lines = [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]
    assert lines[0].startswith("Task run failed" if in_step else "Ended: The pool is dry. Water it.")


@pytest.mark.parametrize(
    ("error", "refuses"),
    [
        (ValueError("sweep.token_budget: 8 trials take more."), True),
        (ValueError("promote: it is no word of it."), True),
        (ValueError("curate.domain.also.herbs.seeds: it is not there."), True),
        (ValueError("sources.0.path: it is not there."), True),
        (ValueError("garden.roses: they are red."), False),
        (ValueError("model.layers.0.self_attn.q_proj.weight: its shape is another."), False),
        (ValueError("The sweep: it is dry."), False),
        (OSError("exam.domain: it can't be read."), False),
        (KeyError("sweep.rank: it is missing."), False),
        (UnicodeError("sweep.rank: it can't be read."), False),
    ],
)
def test_a_sentence_about_a_key_of_the_recipe_needs_no_trace(error: Exception, refuses: bool) -> None:
    assert is_refusal(error) == refuses
    error.__cause__ = KeyError("more")
    assert not is_refusal(error)


def test_what_ended_a_run_is_not_traced_again_as_its_process_ends(
    prefect_server: None, traces: list[logging.LogRecord]
) -> None:
    error = refused(ValueError, in_step=True, return_state=True).result(raise_on_failure=False)
    process = logging.getLogger("prefect.flow_runs")
    process.error("Engine execution exited with unexpected exception", exc_info=error)
    assert len(traces) == 1
    process.error("Engine execution exited with unexpected exception", exc_info=ValueError("of Prefect"))
    assert len(traces) == 2


@flow(name="around", validate_parameters=False)
@told
def around(*, in_step: bool) -> State:
    """Start a flow within, which is refused."""
    refused(ValueError, in_step=in_step)
    raise AssertionError("it went on")


@pytest.mark.parametrize("in_step", [True, False])
def test_a_flow_within_another_is_logged_once_and_ends_both_with_its_sentence(
    prefect_server: None, traces: list[logging.LogRecord], in_step: bool
) -> None:
    state = around(in_step=in_step, return_state=True)
    assert (state.name, state.message) == ("Failed", "The pool is dry. Water it.")
    assert len(traces) == 1


@step(name="endless", cached=False)
def endless(error: BaseException) -> str:
    """Be stopped, as by a worker, or crash."""
    raise error


@flow(name="stopped", validate_parameters=False)
@told
def stopped(error: BaseException) -> State:
    """Be stopped in a step."""
    endless(error)
    raise AssertionError("it went on")


@pytest.mark.parametrize(
    ("intent", "error"),
    [
        ("cancel", TerminationSignal(signal.SIGTERM)),
        (None, TerminationSignal(signal.SIGTERM)),
        ("cancel", SystemExit(9)),
    ],
)
def test_a_step_that_a_cancellation_stops_is_no_crash_in_the_log(
    prefect_server: None,
    steps: list[logging.LogRecord],
    monkeypatch: pytest.MonkeyPatch,
    intent: str | None,
    error: BaseException,
) -> None:
    monkeypatch.setattr("prefect._internal.control_listener.get_intent", lambda: intent)
    monkeypatch.setattr("os.kill", lambda *_: None)  # which ends a process that nobody cancels
    with pytest.raises(type(error)):
        stopped(error)
    lines = [(one.levelno, one.getMessage()) for one in steps]
    if intent == "cancel" and isinstance(error, TerminationSignal):
        assert lines == [(logging.INFO, STOPPED)]
    else:
        assert [(level, text[:15]) for level, text in lines][:1] == [(logging.ERROR, "Crash detected!")]


@pytest.mark.parametrize(
    ("intent", "said", "logged"),
    [("cancel", "Running", False), (None, "Running", True), ("cancel", "Completed", True)],
)
def test_no_cancelled_run_finishes_as_running(
    monkeypatch: pytest.MonkeyPatch, intent: str | None, said: str, logged: bool
) -> None:
    retell()
    monkeypatch.setattr("prefect._internal.control_listener.get_intent", lambda: intent)
    line = logging.LogRecord("prefect.flow_runs", logging.INFO, "", 0, f"Finished in state {said}()", (), None)
    assert bool(logging.getLogger("prefect.flow_runs").filter(line)) == logged


@pytest.mark.parametrize("logger", ["prefect.flow_runs", "prefect.task_runs"])
def test_a_line_whose_arguments_do_not_fit_stays_for_its_handlers_to_tell(logger: str) -> None:
    retell()
    line = logging.LogRecord(logger, logging.INFO, "", 0, "kept %d rows", ("many",), None)
    assert logging.getLogger(logger).filter(line)


@flow(name="waited", validate_parameters=False)
@told
def waited() -> State:
    """Raise an error that says nothing, as a wait that took too long does."""
    raise TimeoutError


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), TerminationSignal(signal.SIGTERM)])
def test_an_error_that_came_of_a_stop_ends_a_run_as_stopped_and_not_as_failed(stop: BaseException) -> None:
    @told
    def stopped() -> State:
        try:
            raise stop
        finally:
            raise ValueError("Task run is not set")  # as Prefect answers a stop that comes too soon

    with pytest.raises(type(stop)):
        stopped()


def test_an_error_without_a_word_has_its_name_for_one(prefect_server: None) -> None:
    assert waited(return_state=True).message == "TimeoutError"


def test_an_error_that_nobody_foresaw_is_told_by_prefect_with_its_name(prefect_server: None) -> None:
    state = refused(KeyError, in_step=False, return_state=True)
    assert state.name == "Failed"
    assert "KeyError" in state.message


def test_a_run_that_ends_well_ends_as_it_says(prefect_server: None) -> None:
    state = well(return_state=True)
    assert (state.name, state.message) == ("Rained", "It rained.")


def test_winnows_own_flows_end_so(prefect_server: None, home: Path) -> None:
    given = {"name": "x", "sources": [{"path": "pool/*"}], "model": {"base": "/nowhere"}}
    trained, went_back = retrain(**given, return_state=True), rollback(name="x", return_state=True)
    assert trained.message.startswith("model.base: “/nowhere” is not a folder.")
    assert "\nsources.0: nothing matches " in trained.message
    assert type(trained.result(raise_on_failure=False)) is NotThere
    assert went_back.message == "“x” has no champion before that could be gone back to."
    assert type(went_back.result(raise_on_failure=False)) is NotPromotable
