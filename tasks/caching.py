"""By-content caching: a step runs again only when its inputs' content, its settings or its code changed.

Prefect keys a path or frame by its text; here the key is made of digests (`store.Table` carries its own) and of the
source of every winnow module the step's own module imports, found by reading the imports, nested ones included.
So editing `quality/neardup.py` invalidates the steps that use it, and no other. Of a step that a user wrote, the
modules beside it count as well.
"""

import ast
import functools
import importlib.util
import inspect
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.context import FlowRunContext, TaskRunContext
from prefect.results import get_result_store
from prefect.transactions import get_transaction
from pydantic import BaseModel

from quality.memory import Tidier
from tasks import cards, runs, store

P = ParamSpec("P")
R = TypeVar("R")

_HOUSE = ("flows", "tasks", "quality", "evals")
# What a step shows, how long it took or how it is cached doesn't change what it computes.
_SILENT = {"tasks.cards", "tasks.caching", "tasks.pace", "tasks.store", "tasks.runs", "tasks.turns", "tasks.versions"}
_tidier = Tidier()


@dataclass
class ByContent(CachePolicy):
    """Key a step by its name, its inputs' content, the home and the source of the code it uses.

    `beside` returns what else its result depends on, such as the machine.
    """

    beside: Callable[[], object] | None = None

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,  # noqa: ANN401 - Prefect's signature
    ) -> str:
        """Return the cache key; a recorded result whose files are gone is forgotten first."""
        step = task_ctx.task
        module = step.fn.__module__
        beside = [] if self.beside is None else [self.beside()]
        key = step_key(step.name, str(store.home()), inputs, module, *beside)
        _forget_if_incomplete(key)
        _clock(step.name, None)
        cards.notify(cards.Event("asked", step.name, _said_before(key)))
        return key


def step(
    *, name: str, cached: bool = True, beside: Callable[[], object] | None = None
) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a function a Prefect step; when `cached`, its result is stored as JSON (never pickled).

    It is cached for what `beside` returns, where that is given, beside content and code.
    The step's wall-clock seconds go to the open run's clock; a step answered from the cache costs None. What it says
    of its result is kept beside that, for whoever asks again.
    """

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        @functools.wraps(function)
        def timed(*args: P.args, **kwargs: P.kwargs) -> R:
            began = time.monotonic()
            cards.notify(cards.Event("started", name))
            said: list[str] = []
            with cards.listen(lambda event: said.append(event.text) if event.kind == "said" else None):
                result = function(*args, **kwargs)
            _ensure_returned(name, function, result)
            if cached:
                _keep_said(said)
            _tidier.tidy()
            seconds = time.monotonic() - began
            _clock(name, seconds)
            cards.notify(cards.Event("finished", name, seconds=seconds))
            return result

        made: Callable[[Callable[P, R]], Task[P, R]] = task(
            name=name,
            cache_policy=ByContent(beside=beside) if cached else NO_CACHE,
            persist_result=cached,
            result_serializer="json",
        )
        return made(timed)

    return decorate


def _ensure_returned(step: str, function: Callable[..., object], result: object) -> None:
    """Say of a step that a user wrote that it returned nothing, or else: the next step would say it in riddles."""
    told = inspect.get_annotations(function).get("return")
    if isinstance(told, type) and issubclass(told, BaseModel) and not isinstance(result, told):
        raise ValueError(
            f"{step}: the step returned {type(result).__name__}, and is to return {told.__name__}. End it with return."
        )


def _keep_said(said: list[str]) -> None:
    """Keep what a step said of the result that is cached under the key of this call; outside a run there is none."""
    transaction = get_transaction()
    if transaction is not None and transaction.key is not None:
        file = _said_file(transaction.key)
        with store.writing(file):
            file.parent.mkdir(parents=True, exist_ok=True)
        store.write_json(file, said)


def _said_before(key: str) -> str:
    """Return line by line what a step said when it made the result of this key; nothing where that is not known."""
    try:
        said = json.loads(_said_file(key).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return "\n".join(" ".join(str(one).splitlines()) for one in said) if isinstance(said, list) else ""


def _said_file(key: str) -> Path:
    return store.home() / "store" / "said" / f"{key}.json"


def plain(step: Task[P, R]) -> Callable[P, R]:
    """Return the function that a step was made of: what it computes, without cache, clock and events.

    For a step that runs others on something that is not the run's own pool.
    """
    function: Callable[P, R] = inspect.unwrap(step.fn)
    return function


def _clock(name: str, seconds: float | None) -> None:
    """Add to a step's time; a step may run more than once (examine does), and is None while nothing ran."""
    if run := runs.current():
        run.clock.setdefault(name, None)
        if seconds is not None:
            run.clock[name] = (run.clock[name] or 0.0) + seconds


def step_key(step: str, home: str, inputs: Mapping[str, Any], module: str, *beside: object) -> str:
    """Return the key of a step's record: its name, and a digest of its home, its inputs, and its code as it is here."""
    return f"{step}-{store.value_digest([home, dict(inputs), code_digest(module), *beside])}"


@functools.cache
def code_digest(module: str) -> str:
    """Digest the source of a module and of every house module it imports, directly or not."""
    return store.value_digest([[name, _source(name)] for name in sorted(house_imports(module))])


@functools.cache
def made_by(module: str) -> str:
    """Digest what decides what a step tells of texts alone: its code, and Polars, which knows Unicode."""
    return store.value_digest([code_digest(module), version("polars")])


def flow_digest() -> dict[str, str]:
    """Return as `flow` the digest of the running flow's code where a user wrote it; nothing of one of winnow's."""
    context = FlowRunContext.get()
    module = context.flow.fn.__module__ if context is not None and context.flow is not None else _HOUSE[0]
    return {} if module.partition(".")[0] in _HOUSE else {"flow": code_digest(module)}


@functools.cache
def library_digest() -> str:
    """Digest the source of the whole library, so that a manifest tells which code made a run."""
    folders = {house: path.parent for house in _HOUSE if (path := _path(house))}
    files = [(house, folder, file) for house, folder in folders.items() for file in sorted(folder.rglob("*.py"))]
    return store.value_digest([[h, f.relative_to(at).as_posix(), f.read_text(encoding="utf-8")] for h, at, f in files])


def house_imports(module: str) -> set[str]:
    """Return the names of all house modules that `module` needs (itself included), read from the source."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name in _SILENT:
            continue
        found.add(name)
        waiting += _imports(name, _source(name))
    return found


@functools.cache
def _imports(module: str, source: str) -> list[str]:
    names: list[str] = []
    for node in _statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if _is_ours(name, beside=module) and _path(name)]


def _is_ours(name: str, *, beside: str) -> bool:
    """Say whether a module is winnow's, or lies in the folder of a user's own module that imports it."""
    top = name.partition(".")[0]
    if top in _HOUSE:
        return True
    own, other = (_path(one) for one in (beside, top))
    return beside.partition(".")[0] not in _HOUSE and own is not None and other is not None and _near(own, other)


def _near(own: Path, other: Path) -> bool:
    folder = own.parent
    return other.parent == folder or other.parent.parent == folder


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements within a module, those in branches and functions included; expressions import nothing."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield child
            yield from _statements(child)


@functools.cache
def _path(module: str) -> Path | None:
    """Find a module's source. Within a package it lies beside that one's, which asking the importer tells slowly."""
    package, _, name = module.rpartition(".")
    if package:
        beside = _path(package)
        if beside is None or beside.name != "__init__.py":
            return None
        found = (beside.with_name(name) / "__init__.py", beside.with_name(f"{name}.py"))
        return next((path for path in found if path.is_file()), None)
    try:
        spec = importlib.util.find_spec(module)
    except (ModuleNotFoundError, AttributeError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _source(module: str) -> str:
    path = _path(module)
    return path.read_text(encoding="utf-8") if path else ""


def _forget_if_incomplete(key: str) -> None:
    storage = get_result_store().result_storage
    base = getattr(storage, "basepath", None)
    if base is None:
        return
    record = Path(base).expanduser() / key
    if not record.is_file():
        return
    try:
        gone = store.missing(json.loads(json.loads(record.read_bytes())["result"]))
    except (ValueError, KeyError, TypeError):
        gone = [str(record)]
    if gone:
        record.unlink(missing_ok=True)
    else:
        for asked in filter(Path.is_file, (record, _said_file(key))):
            store.note_asked(asked)
