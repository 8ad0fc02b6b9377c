"""The run directory: opened with a lock, filled at the end, committed by its manifest.

`$WINNOW_HOME/runs/<time>-<name>/`. A directory without `manifest.json` never happened: it is swept when the next run
opens, unless the process that made it still holds its lock (the kernel frees the lock of a killed process).
"""

import contextlib
import fcntl
import json
import logging
import shutil
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks import run_folders, run_ids, store, tidy, unfinished
from tasks.versions import versions

if TYPE_CHECKING:
    from tasks.exams import SealedExam

log = logging.getLogger(__name__)

_current: ContextVar["Run | None"] = ContextVar("winnow_run", default=None)

EVIDENCE = "contract.json"
"""What a run that failed late leaves behind; one that failed without evidence never happened."""

STOPPED = "Stopped"
"""State of a run that its contract stopped, or that was left without rows: it has receipts, and publishes nothing."""

_UNFINISHED = (STOPPED, "Failed")

_PROMISED: dict[str, type | tuple[type, ...]] = {
    "name": str, "state": str, "reason": str, "started": str, "seconds": (int, float), "clock": dict, "files": dict,
}  # fmt: skip


class DamagedRun(ValueError):
    """A file of a finished run is missing, broken or of another version; the message names it and says what to do."""

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(f"{file} {problem}. Restore it from a copy of the run, or make the run again.")
        self.file, self.problem = file, problem

    def __reduce__(self) -> tuple[type["DamagedRun"], tuple[Path, str]]:
        """Be made again from what it was made of, where a run's state is kept or another process tells it."""
        return type(self), (self.file, self.problem)


class Run:
    """An open run directory, the clock of its steps, and the digests of what it goes by.

    Once it is `stopped` (the reason, and facts for the manifest), the error that ends it commits what is written.
    `exam` is what its rows are kept clear of, from when it is known.
    """

    def __init__(self, folder: Path, name: str, started: datetime | None = None) -> None:
        self.folder, self.name = folder, name
        self.started = started or datetime.now(UTC)
        self.clock: dict[str, float | None] = {}
        self.pinned: dict[str, str] = {}
        self._begin = time.monotonic()
        self.stopped: tuple[str, dict[str, Any]] | None = None
        self.exam: SealedExam | None = None

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the run opened."""
        return time.monotonic() - self._begin

    def commit(self, *, state: str, reason: str, facts: dict[str, Any]) -> dict[str, Any]:
        """Write the manifest, which makes the directory count. Nothing may be written after it."""
        manifest = {
            "run": self.folder.name,
            "name": self.name,
            "state": state,
            "reason": reason,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 1),
            "clock": {step: None if cost is None else round(cost, 2) for step, cost in self.clock.items()},
            "versions": versions(),
            "files": {
                path.relative_to(self.folder).as_posix(): store.file_digest(path)
                for path in sorted(self.folder.rglob("*"))
                if path.is_file() and path.name != ".lock"
            },
            **facts,
            "digests": self.pinned | facts.get("digests", {}),
        }
        store.write_json(self.folder / "manifest.json", manifest)
        return manifest


@contextlib.contextmanager
def open_run(name: str, config: str, *, leaves: bool = True) -> Iterator[Run]:
    """Open a run directory, sweep what killed runs left behind, and make it the current run.

    What ends it before its end is noted for the recipe's history (`tasks.unfinished`).

    Parameters
    ----------
    name : str
        The recipe's name; part of the directory's name.
    config : str
        The recipe as YAML, written to `config.yaml`.
    leaves : bool
        Whether anything is to be left of it: of a look that leaves no run, no end is noted either.
    """
    sweep()
    started = run_ids.start(max((one.name for one in committed()), default=""))
    folder = run_folders.fresh(name, started, {one.run for one in unfinished.every()})
    run = Run(folder, name, started)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        token = _current.set(run)
        try:
            store.write_text(folder / "config.yaml", config if leaves else "")
            pin(config=store.file_digest(folder / "config.yaml"))
            yield run
        except BaseException as error:
            _end(run, error, leaves=leaves)
            raise
        finally:
            _current.reset(token)
            (folder / ".lock").unlink(missing_ok=True)
            if not (folder / "manifest.json").exists():
                shutil.rmtree(folder, ignore_errors=True)


def _end(run: Run, error: BaseException, *, leaves: bool) -> None:
    """Commit what a run that an error ends has to leave; one that was not stopped on purpose is noted as unfinished.

    Of one that is committed, what comes behind its end takes nothing.
    """
    if (run.folder / "manifest.json").exists():
        return
    if isinstance(error, Exception) and run.stopped is not None:
        run.commit(state=STOPPED, reason=run.stopped[0], facts=run.stopped[1])
        return
    if isinstance(error, Exception) and (run.folder / EVIDENCE).exists():
        run.commit(state="Failed", reason=str(error), facts={})
    if leaves:
        unfinished.note(run.name, run.folder.name, run.started, run.seconds, error)


def current() -> Run | None:
    """Return the run that is open in this context, if any."""
    return _current.get()


def pin(**digests: str) -> None:
    """Note digests of what the open run goes by, such as `base` or `code`, for its manifest; without a run, nothing."""
    if run := current():
        run.pinned |= digests


def hold(exam: "SealedExam") -> None:
    """Note what the open run's rows are kept clear of, for receipts that it may leave; without a run, nothing."""
    if run := current():
        run.exam = exam


def sweep() -> list[str]:
    """Remove run directories without a manifest whose process is gone, and parts of files; return the runs' names."""
    tidy.sweep()
    return sweep_killed()


def sweep_killed() -> list[str]:
    """Note the runs whose process is gone as unfinished, and remove what they left; return their names."""
    swept = []
    for folder in _folders():
        if not folder.is_dir() or run_folders.is_held(folder):
            continue
        if (folder / "manifest.json").exists():
            (folder / ".lock").unlink(missing_ok=True)  # killed just after its commit
        else:
            unfinished.note_killed(folder)
            shutil.rmtree(folder, ignore_errors=True)
            swept.append(folder.name)
    return swept


def finished(name: str | None = None, *, stopped: bool = False) -> list[Path]:
    """Return the finished runs' directories, oldest first; of one recipe when `name` is given.

    Those that were stopped are left out unless `stopped`; so is a damaged one, with a warning that tells why.
    """
    found = []
    for folder in committed():
        try:
            facts = manifest(folder)
        except DamagedRun as error:
            log.warning("The run %s is passed over: %s", folder.name, error)
            continue
        over = facts["state"] not in _UNFINISHED or (stopped and facts["state"] == STOPPED)
        if over and name in (None, facts["name"]):
            found.append(folder)
    return found


def find(run: str | None = None, *, stopped: bool = False, holding: str = "receipts.parquet") -> Path:
    """Return a committed run directory by its id, a path, a unique beginning of its id, or its recipe's name.

    Of two ids one of which begins the other, who is named whole is meant. A recipe's name is its newest run that holds
    such a file (any, if it is empty or none does), no name the newest of all; with `stopped`, one that was stopped too.

    Raises
    ------
    ValueError
        When there is no such run; the message lists what there is.
    """
    if run is not None and not run.strip():
        raise ValueError("An empty name was given for a run. Leave it out to mean the newest, or name one.")
    if run and (Path(run) / "manifest.json").is_file():
        return Path(run).resolve()

    def told(folders: list[Path]) -> list[Path]:
        return [folder for folder in folders if not holding or holding in manifest(folder)["files"]]

    runs = committed() if run else told(finished(stopped=stopped))
    if not runs:
        needed = holding and f" with {holding}"
        raise ValueError(
            f"There is no finished run{needed} under {run_folders.root()}: make one with `winnow run RECIPE`."
        )
    if not run:
        return runs[-1]
    found = [one for one in runs if one.name == run] or [one for one in runs if one.name.startswith(run)]
    if len(found) != 1:
        if own := finished(run, stopped=stopped):
            return (told(own) or own)[-1]
        known = ", ".join(folder.name for folder in reversed(runs[-5:]))
        problem = "More than one run begins with" if found else "There is no finished run"
        raise ValueError(f"{problem} “{run}”. The newest are: {known}.")
    return found[0]


def is_stopped(folder: Path) -> bool:
    """Tell whether a run was stopped, as its manifest says; one that can't be read says nothing."""
    try:
        return bool(manifest(folder)["state"] == STOPPED)
    except DamagedRun:
        return False


def manifest(folder: Path) -> dict[str, Any]:
    """Read a run's manifest.

    Raises
    ------
    DamagedRun
        When it can't be read, is not JSON, or lacks what every manifest of this version holds.
    """
    file = folder / "manifest.json"
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DamagedRun(file, f"can't be read ({error.strerror})") from error
    except ValueError as error:
        raise DamagedRun(file, f"is not JSON ({error})") from error
    if not isinstance(content, dict):
        raise DamagedRun(file, "holds no keys")
    wrong = [key for key, kind in _PROMISED.items() if not isinstance(content.get(key), kind)]
    if wrong:
        written = content.get("versions")
        by = written.get("winnow") if isinstance(written, dict) else None
        this = versions().get("winnow")
        whose = f"; it was written by winnow {by}, and this is {this}" if by and by != this else ""
        raise DamagedRun(file, f"has no good “{wrong[0]}”, which every manifest holds{whose}")
    return content


def digests(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the digests that a manifest names, by what they are of."""
    named = manifest.get("digests")
    return {key: value for key, value in named.items() if isinstance(value, str)} if isinstance(named, dict) else {}


def _folders() -> list[Path]:
    return list(root.iterdir()) if (root := run_folders.root()).is_dir() else []


def committed() -> list[Path]:
    """Return the directories of all runs that have a manifest, whether it can be read or not, oldest first."""
    return sorted(folder for folder in _folders() if (folder / "manifest.json").is_file())
