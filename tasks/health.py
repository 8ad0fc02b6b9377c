"""What a machine needs to run winnow, checked one by one."""

import os
import stat
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, NamedTuple

from packaging.requirements import Requirement
from rich.filesize import decimal

from quality.sources.installed import VOUCHED_FOR, installing, lacking
from tasks import runs, store, tidy
from tasks.versions import versions

Level = Literal["ok", "warning", "error"]

_NEEDED_GIB = 3.0
_ADVICE_ON_READERS = (
    "Every user of this machine can read it, and it holds rows as they came, personal data and sealed exams too: "
    "`chmod o-rwx {home}`, unless what serves a champion must."
)


class Check(NamedTuple):
    """One line of the doctor."""

    name: str
    level: Level
    found: str
    advice: str = ""


def checks(home: Path, disk_usage: Callable[[Path], Any]) -> list[Check]:
    """Return every check of this machine and home, in the order a person would fix them."""
    return [
        _python(),
        _packages(),
        _home(home),
        _disk(home, disk_usage),
        _store(),
        _processor(),
        _server(),
        _demo(),
        *_runs(home),
        _champions(),
    ]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", "ok", version)


def _packages() -> Check:
    """Compare what is installed with what winnow asks for; what only an extra asks for may be missing."""
    found = versions()
    if "winnow" not in found:
        folder = Path(__file__).parents[1]
        return Check("packages", "warning", f"winnow runs from {folder}, not installed", f"pip install -e '{folder}'")
    if unmet := _unmet():
        advice = f"pip install {' '.join(repr(requirement) for requirement in unmet)}"
        told = (f"{wanted} is {f'not met by {version}' if version else 'missing'}" for wanted, version in unmet.items())
        return Check("packages", "error", ", ".join(told), advice)
    return Check(
        "packages",
        "ok",
        ", ".join(f"{name} {version}" for name, version in found.items() if name != "python"),
    )


def _unmet() -> dict[str, str | None]:
    """Return the requirements that no installed version meets, each with the version that is installed, if one is."""
    found: dict[str, str | None] = {}
    for requirement in map(Requirement, metadata.requires("winnow") or ()):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found[f"{requirement.name}{requirement.specifier}"] = None
        else:
            if not requirement.specifier.contains(version, prereleases=True):
                found[f"{requirement.name}{requirement.specifier}"] = version
    return found


def _home(home: Path) -> Check:
    """Write where the home is, or would be made, and leave nothing there."""
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    try:
        store.ensure_writable(existing)
    except OSError as error:
        advice = "Choose a home you may write to: --home DIR or WINNOW_HOME=DIR."
        return Check("home", "error", f"{home} can't be written to ({error.strerror or error})", advice)
    if existing != home:
        return Check("home", "ok", f"{home} (the first run makes it)")
    return Check("home", "ok", str(home), _ADVICE_ON_READERS.format(home=home) if _others_read(home) else "")


def _others_read(home: Path) -> bool:
    """Tell whether any user of this machine may list the home: its own permissions, and those of what leads there."""
    modes = [folder.stat().st_mode for folder in (home, *home.parents)]
    return bool(modes[0] & stat.S_IROTH) and all(mode & stat.S_IXOTH for mode in modes)


def _disk(home: Path, disk_usage: Callable[[Path], Any]) -> Check:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = disk_usage(existing).free / 2**30
    if free < _NEEDED_GIB:
        return Check(
            "disk",
            "warning",
            f"{free:.1f} GiB free",
            f"Free some space: a run needs about {_NEEDED_GIB:.0f} GiB.",
        )
    return Check("disk", "ok", f"{free:.0f} GiB free")


def _store() -> Check:
    held = tidy.look()
    if not held:
        return Check("store", "ok", "empty")
    told = f"{decimal(sum(one.size for one in held))} kept to be found again"
    if not any(one.forgotten for one in held):
        return Check("store", "ok", told)
    forgotten = decimal(sum(one.forgotten_size for one in held))
    return Check("store", "ok", f"{told}, {forgotten} of it not asked for in {tidy.DAYS} days", "winnow tidy")


def _processor() -> Check:
    from evals.models import has_fast_bfloat16

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    dtype = "bfloat16" if has_fast_bfloat16() else "float32, the faster of the two here"
    return Check("processor", "ok", f"{cores} cores; models run in {dtype}")


def _server() -> Check:
    from tasks import prefect_server

    url = prefect_server.url()
    if url is None:
        return _database()
    if fault := prefect_server.unanswered():
        return Check("prefect", "error", fault, prefect_server.advice())
    return Check("prefect", "ok", f"server at {url}")


def _database() -> Check:
    from tasks import prefect_database

    try:
        prefect_database.ensure_writable()
    except store.StoreError as error:
        return Check("prefect", "error", "a run could not start its server", str(error))
    return Check("prefect", "ok", f"no server asked for: each run starts its own (database {prefect_database.file()})")


def _demo() -> Check:
    missing = lacking(VOUCHED_FOR)
    if missing:
        return Check(
            "demo",
            "warning",
            f"not installed: {', '.join(missing)}",
            f"For `winnow demo`: {installing(missing)}",
        )
    return Check("demo", "ok", "all models and data of the demo are installed")


def _runs(home: Path) -> list[Check]:
    """Count the finished runs, and tell of each that can't be read."""
    from tasks import run_history

    if not (home / "runs").is_dir():
        return [Check("runs", "ok", "none yet")]
    lost = [Check("runs", "warning", told) for told in run_history.passed_over()]
    return [Check("runs", "ok", f"{len(runs.finished())} finished"), *lost]


def _champions() -> Check:
    from tasks import champion_folder, champions

    names, faults, lost = champions.names(), [], []
    for name in names:
        try:
            faults.append(champion_folder.fault(name))
            champion = champions.current(name)
            if champion is not None and (fault := champions.altered(champion)):
                lost.append(f"{name} is served, but {fault}")
        except champions.LedgerError as error:
            faults.append(str(error))
    if wrong := [fault for fault in faults if fault]:
        advice = "Promote its run again (`winnow promote RUN --why …`): what is served is brought to the ledger."
        return Check("champions", "error", "; ".join(wrong), advice)
    if lost:
        advice = "Restore the adapter, for instance from what is served: candidates are compared with it."
        return Check("champions", "warning", "; ".join(lost), advice)
    return Check("champions", "ok", f"of {', '.join(names)}" if names else "none yet")
