"""Tasks of lm-evaluation-harness: found by name or file, refused if they would run foreign code, loaded quietly."""

import contextlib
import difflib
import functools
import io
import logging
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.faults import first_line
from evals.guest_code import foreign_code
from evals.suites import Suite, SuiteError

SEED = 1234
"""Seed of few-shot draws, lm-evaluation-harness's own default."""

Config = Mapping[str, Any]
_FILE = ""  # the key under which a configuration keeps the file it was read from


class GuestError(SuiteError):
    """A task that lm-evaluation-harness does not have, or that winnow does not run; the message says what would do."""


class Guest(BaseModel):
    """A task of lm-evaluation-harness, and how it is asked: the `source` of a suite of kind lm-eval."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str = Field(min_length=1, description="Task, group or tag of lm-eval by name, or a local YAML file of one.")
    metric: str | None = Field(
        default=None,
        description="Metric that scores an item, as lm-eval names it (acc, or exact_match,strict-match with a filter); "
        "the task's first that scores single items when left out.",
    )
    shots: int | None = Field(
        default=None, ge=0, description="Examples before each question (examples); the task's own number when left out."
    )
    cluster: str | None = Field(
        default=None,
        description="Field of the task's documents that names an item's source document, or “task” for the subtask; "
        "each item is its own when left out.",
    )
    include_path: str | None = Field(
        default=None, description="Folder with further tasks in YAML files (a path); they may not bring code."
    )
    chat_template: bool = Field(
        default=False, description="Whether questions are put in the model's chat template (lm-eval's own default: no)."
    )

    @classmethod
    def of(cls, suite: Suite) -> "Guest":
        """Read the source of a suite of kind lm-eval.

        Raises
        ------
        GuestError
            If it is not one; the message names the key.
        """
        try:
            return cls.model_validate(suite.source)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, ("source", *first["loc"])))
            raise GuestError(f"The suite “{suite.name}”, key {key}: {first['msg']}.") from error

    @property
    def is_file(self) -> bool:
        """Whether the task is a local file, not one that lm-eval has by name."""
        return self.task.endswith((".yaml", ".yml"))


def installed() -> str:
    """Return the version of lm-evaluation-harness.

    Raises
    ------
    GuestError
        If it is not installed.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("lm_eval")
    except PackageNotFoundError:
        raise GuestError(
            "lm-evaluation-harness is not installed, and a suite asks for one of its tasks: "
            "pip install lm-eval==0.4.13, or take the suite out."
        ) from None


def load_tasks(guest: Guest) -> dict[str, Any]:
    """Return the tasks that a guest names (one, or those of a group or tag), by name, data loaded, few-shot pinned.

    Raises
    ------
    GuestError
        If there is no such task, it would run code that is not lm-eval's own, or its data can't be loaded.
    """
    installed()
    with quiet():
        manager = _manager(guest)
        for name, config in _configs(guest, manager):
            _refuse(name, config)
        try:
            tasks: dict[str, Any] = manager.load([_named(guest, manager)])["tasks"]
        except Exception as error:
            raise GuestError(
                f"lm-eval:{guest.task}: its data could not be loaded ({first_line(error)}). Data on the hub needs a "
                "connection, and HF_HUB_OFFLINE unset; without one, name a task over local files."
            ) from error
        for task in tasks.values():
            _pin_shots(guest.task, task, guest.shots)
    if not tasks:
        raise GuestError(f"lm-eval:{guest.task} is a group without a task. Name one of its tasks.")
    return tasks


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let lm-eval neither print nor log, leave every random state as it was, and render templates in a sandbox."""
    import numpy as np
    import torch
    from datasets.utils import logging as bars
    from jinja2 import BaseLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment
    from lm_eval import utils

    sandbox = SandboxedEnvironment(loader=BaseLoader(), undefined=StrictUndefined, keep_trailing_newline=True)
    sandbox.filters.update(utils.env.filters)
    loggers = [logging.getLogger(name) for name in ("lm_eval", "datasets", "evaluate")]
    before = [one.level for one in loggers], utils.env, bars.is_progress_bar_enabled()
    chance = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())), contextlib.ExitStack() as undo:
        undo.enter_context(contextlib.redirect_stderr(io.StringIO()))
        undo.enter_context(contextlib.redirect_stdout(io.StringIO()))
        try:
            for one in loggers:
                one.setLevel(logging.CRITICAL)
            utils.env = sandbox
            bars.disable_progress_bar()
            random.seed(0)
            np.random.seed(SEED)
            torch.manual_seed(SEED)
            yield
        finally:
            for one, level in zip(loggers, before[0], strict=True):
                one.setLevel(level)
            utils.env = before[1]
            if before[2]:
                bars.enable_progress_bar()
            random.setstate(chance[0])
            np.random.set_state(chance[1])


def _spec(guest: Guest) -> str:
    return str(Path(guest.task).expanduser().resolve()) if guest.is_file else guest.task


def _named(guest: Guest, manager: Any) -> str:  # noqa: ANN401 - TaskManager
    """Return what lm-eval loads: of a group's file the group by its name, since it knows tasks alone by their files."""
    spec = _spec(guest)
    group = _read(spec).get("group") if guest.is_file else None
    return group if isinstance(group, str) and group in manager.all_tasks else spec


def _manager(guest: Guest) -> Any:  # noqa: ANN401 - TaskManager
    """Index the tasks: of a file those beside it, since reading the installed ones takes ten seconds and more."""
    if guest.is_file and not Path(guest.task).expanduser().is_file():
        raise GuestError(f"lm-eval:{guest.task}: there is no such file. Name a task's YAML file, or a task of lm-eval.")
    if Path(guest.task).is_dir() and "/" in guest.task:
        raise GuestError(f"lm-eval:{guest.task} is a folder. Name the YAML file of a task in it.")
    if guest.include_path and not Path(guest.include_path).expanduser().is_dir():
        raise GuestError(f"lm-eval:{guest.task}: include_path {guest.include_path} is no folder.")
    folders = [Path(_spec(guest)).parent] if guest.is_file else []
    folders += [Path(guest.include_path).expanduser().resolve()] if guest.include_path else []
    alone = _index(tuple(folders), defaults=False) if folders else None
    if alone is not None and (guest.is_file or guest.task in alone.all_tasks):
        return alone
    return _index(tuple(folders), defaults=True)


def _index(folders: tuple[Path, ...], *, defaults: bool) -> Any:  # noqa: ANN401 - TaskManager
    from lm_eval.tasks import TaskManager

    if not folders:
        return _installed_index()
    return TaskManager(include_path=list(folders), include_defaults=defaults)


@functools.cache
def _installed_index() -> Any:  # noqa: ANN401 - TaskManager
    from lm_eval.tasks import TaskManager

    return TaskManager()


def _configs(guest: Guest, manager: Any) -> Iterator[tuple[str, Config]]:  # noqa: ANN401
    """Yield name and raw configuration (functions as text) of all that a task, group or tag reaches, none loaded."""
    if not guest.is_file and guest.task not in manager.all_tasks:
        near = difflib.get_close_matches(guest.task, manager.all_tasks, n=5)
        told = f" Similar are {', '.join(near)}." if near else ""
        raise GuestError(f"lm-eval:{guest.task}: lm-eval {installed()} has no task of that name.{told}")
    waiting: list[str | Config] = [_read(_spec(guest)) if guest.is_file else guest.task]
    met: set[str] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            entry = manager.task_index.get(one)
            if entry is None or one in met:
                continue
            met.add(one)
            if entry.yaml_path is None:  # a tag
                waiting += sorted(entry.tags)
                continue
            one = _read(entry.yaml_path)
        named = one.get("task")
        yield str(one.get("group") or named), one
        if isinstance(named, list):
            waiting += [part for part in named if isinstance(part, str | dict)]
        if _FILE not in one:  # written within a group: what it changes has a name of its own
            waiting += [name for name in (named, one.get("group")) if isinstance(name, str)]


def _read(file: str | Path) -> Config:
    from lm_eval.tasks._yaml_loader import load_yaml

    try:
        return {**load_yaml(file, resolve_func=False), _FILE: str(file)}
    except Exception as error:
        raise GuestError(f"lm-eval:{file} can't be read as a task: {first_line(error)}.") from error


def _refuse(name: str, config: Config) -> None:
    """Refuse what would run code that came neither with winnow nor with lm-eval."""
    if told := foreign_code(config, Path(config[_FILE]) if _FILE in config else None):
        raise GuestError(f"lm-eval:{name} is not run: {told}. Choose a task without.")


def _pin_shots(named: str, task: Any, shots: int | None) -> None:  # noqa: ANN401 - an lm-eval task
    """Set the few-shot number and seed as `lm_eval.simple_evaluate` does, which lets a task that says 0 keep it."""
    own = task.get_config("num_fewshot")
    if shots and own == 0:
        raise GuestError(
            f"lm-eval:{named}: {task.task_name} is always asked without examples (num_fewshot: 0 in its "
            "configuration). Leave shots out, or choose a task that takes them."
        )
    if own is None or (shots is not None and own != 0):
        task.set_config(key="num_fewshot", value=shots or 0)
    task.set_fewshot_seed(seed=SEED)
