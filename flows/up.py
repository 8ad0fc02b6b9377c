"""`winnow up`: a server if none answers, a work pool, all deployments and automations, and a worker, until Ctrl-C.

A service manager that ends it (SIGTERM) does the same as Ctrl-C, as with any command (`flows.cli`).
"""

import itertools
import os
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from rich.markup import escape

from flows import first_up
from flows.children import Child
from flows.console import Terminal
from flows.deploy_settings import POOL
from flows.recipe import Recipe
from flows.recipe_folder import OWN, load_all
from flows.telling_deployments import tell
from quality.sources.addresses import public
from tasks import announce, prefect_database, prefect_server, store, superseded
from tasks.champions import current

console = Terminal()

_LOOK_SECONDS = 5.0
_LOOKS_FOR_HOMES = 6  # whether somebody deployed a recipe for another home is asked at every sixth look
_PATIENCE_SECONDS = 180.0
# What keeps Prefect's lines off our terminal would keep them out of a log, too; and what runs tell at length, and are
# told to by their deployments, a server and a worker would tell of every request, for as long as they stay.
_OF_RUNS = ("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "PREFECT_LOGGING_ROOT_LEVEL")
_LEASES = "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"


class NotUp(ValueError):
    """Server or worker did not start, or ended; the message names the log that tells why."""


def up(folder: Path | None, port: int, postgres: str | None, notify: str | None) -> None:
    """Start what is missing, deploy every recipe of a folder, and stay until Ctrl-C, which stops what was started.

    Beside another of this home it deploys and ends: that one has the worker (`flows.first_up`).

    Parameters
    ----------
    folder
        Of recipes; those that come with winnow if left out.
    port
        Of the server, on this machine alone, if one is started.
    postgres
        Address of the server's database, if one is started; a file if left out.
    notify
        Block of Prefect that is told of runs to look at, as `type/name`.

    Raises
    ------
    ValueError
        When there is no recipe, one or its flow can't be used, or the server that is named does not answer.
    NotUp
        When server or worker don't start, or end, or that of another of this home does not answer.
    """
    recipes = load_all(folder or OWN)
    _ensure_flows(recipes.values())
    logs = store.ensure_home() / "logs"
    with store.writing(logs):
        logs.mkdir(exist_ok=True)
    address = prefect_server.named() or f"http://127.0.0.1:{port}/api"
    lock = first_up.lock_of(logs, address)
    try:
        with ExitStack() as stack:
            is_first = stack.enter_context(first_up.first(lock))
            if not is_first and prefect_server.silence(address):
                raise NotUp("A `winnow up` of this home is on, and its server does not answer yet: try again soon.")
            server = stack.enter_context(_server(address, postgres, logs / "server.log"))
            _deploy(recipes, notify)
            _end_answered(recipe.name for recipe in recipes.values())
            if not is_first:
                _tell_on_already(recipes)
                return
            worker = stack.enter_context(_running("worker", _worker(), _eager(), logs / "worker.log"))
            stack.callback(first_up.end, lock)  # before the worker is ended
            console.print(
                f"[green]✓[/] worker {escape(_name())} of the work pool {POOL} [dim]{escape(str(worker.log))}[/]",
                soft_wrap=True,
            )
            console.print(f"\n[bold]{escape(_page())}[/]   Ctrl-C stops what was started here.")
            _stay(recipes, server, worker)
    except KeyboardInterrupt:
        console.print("\nStopped. Runs that were under way keep their finished steps, and training its checkpoint.")


def _ensure_flows(recipes: Iterable[Recipe]) -> None:
    from flows.own_flow import flow_of

    for recipe in recipes:
        flow_of(recipe)


def _tell_on_already(recipes: dict[Path, Recipe]) -> None:
    from flows.watching import watched

    console.print("[green]✓[/] a `winnow up` of this home is on: its worker runs them", highlight=False)
    if names := [one.name for one in watched(recipes.values())]:
        told = f"Files that land for {', '.join(names)} start runs where that one began with the recipe as it is now."
        console.print(f"[yellow]![/] {escape(told)}", highlight=False, soft_wrap=True)


@contextmanager
def _server(address: str, postgres: str | None, log: Path) -> Iterator[Child | None]:
    """Yield a server of our own, or None where one answers already."""
    if (fault := prefect_server.silence(address)) is None:
        prefect_server.adopt(address)
        prefect_server.ensure_answers()
        console.print(f"[green]✓[/] server {escape(public(address))} [dim]answers already[/]")
        yield None
        return
    host, port = _place(address, fault)
    prefect_database.ensure_writable()
    asked = {
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": str(port),  # where its pages look for it
        "PREFECT_UI_URL": address.removesuffix("/api"),  # what notifications link to
    }
    if _LEASES not in os.environ:  # kept in memory, a slot that a run held when the server ended is never free again
        asked[_LEASES] = "prefect.server.concurrency.lease_storage.filesystem"
    if postgres is not None:
        asked["PREFECT_API_DATABASE_CONNECTION_URL"] = _for_asyncpg(postgres)
    command = [sys.executable, "-P", "-m", "tasks.prefect_app", host, str(port)]
    with _running("server", command, asked, log) as server:
        with console.status("starting Prefect's server"):
            ended = prefect_server.wait_for(address, _PATIENCE_SECONDS, server.ended)
        if ended is not None:
            asks = " Does the database that --postgres names answer?" if postgres is not None else ""
            raise NotUp(f"Prefect's server did not start: {log} tells why.{asks}")
        prefect_server.adopt(address)
        console.print(f"[green]✓[/] server {escape(address)} [dim]{escape(str(log))}[/]", soft_wrap=True)
        yield server


def _place(address: str, fault: str) -> tuple[str, int]:
    """Return where on this machine a server is to listen; one that is elsewhere can't be started from here."""
    parts = urlsplit(address)
    if parts.hostname not in first_up.LOOPBACK or parts.port is None:
        raise prefect_server.NoServer(
            f"Prefect's server: {fault}. It is not of this machine: start it there, or unset "
            "PREFECT_API_URL, and one is started here."
        )
    if parts.path.rstrip("/") != "/api":
        raise prefect_server.NoServer(
            f"Prefect's server: {fault}. Its address ends with /api: set PREFECT_API_URL to "
            f"http://{parts.hostname}:{parts.port}/api, or unset it."
        )
    _ensure_free(parts.hostname, parts.port)
    return parts.hostname, parts.port


def _ensure_free(host: str, port: int) -> None:
    """Say at once that another program has the port: the server would end, and only its log would tell why."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotUp(
                f"Port {port} of {host} can't be listened on ({error.strerror}), and no Prefect server answers there. "
                "Name another with --port, or in PREFECT_API_URL."
            ) from error


@contextmanager
def _running(what: str, command: list[str], more: dict[str, str], log: Path) -> Iterator[Child]:
    plain = {key: value for key, value in os.environ.items() if key not in _OF_RUNS}
    child = Child(command, plain | more, log)
    try:
        yield child
    finally:
        with console.status(f"stopping the {what}"):
            child.stop()


def _deploy(recipes: dict[Path, Recipe], notify: str | None) -> None:
    from flows.automations import install
    from flows.deploying import deploy
    from flows.news import ensure_block, told
    from flows.team_health import recipes as outdated

    if notify is not None:
        for hint in (ensure_block(notify), _instead(told(), notify)):
            if hint:
                console.print(f"[yellow]![/] {escape(hint)}", highlight=False, soft_wrap=True)
    for file, recipe in recipes.items():
        tell(deploy(recipe, file))
    for automation in install(notify):
        paused = "" if automation.enabled else " [dim]paused[/]"
        console.print(f"[green]✓[/] {escape(automation.name)}{paused}", highlight=False)
    for check in outdated():
        console.print(f"[yellow]![/] {escape(check.found)}: {escape(check.advice)}", highlight=False, soft_wrap=True)


def _instead(before: str | None, notify: str) -> str:
    """Say that another block was told until now, if one was."""
    if before in (None, notify):
        return ""
    return f"{notify} is told of runs from here on, and {before} no longer: one block is."


def _end_answered(names: Iterable[str]) -> None:
    """End the forms whose question was answered from a terminal while no server was on."""
    for name in names:
        for run in superseded.end_superseded(name):
            champion = current(name)
            now = f"{champion.run} is the champion of {name} by now" if champion else f"{name} has no champion now"
            told = f"the form of promote that asked about {run} has ended: {now}"
            console.print(f"[green]✓[/] {escape(told)}", highlight=False, soft_wrap=True)


def _stay(recipes: dict[Path, Recipe], server: Child | None, worker: Child) -> None:
    """Watch files, children and messages until Ctrl-C; a server or worker that was killed is started again."""
    from flows.deploying import elsewhere, lets_in
    from flows.foreseeing import Foreseer
    from flows.retelling import Reteller
    from flows.watching import Watcher, watched

    watcher, reteller, foreseer = Watcher(watched(recipes.values())), Reteller(), Foreseer()
    named, gone = {recipe.name: recipe for recipe in recipes.values()}, dict[str, str | None]()
    for look in itertools.count():
        if server is not None and (code := server.ended()) is not None:
            _start_again("server", server, code)
            prefect_server.wait_for(str(prefect_server.named()), _PATIENCE_SECONDS, server.ended)
        if (code := worker.ended()) is not None:
            _start_again("worker", worker, code)
        if look % _LOOKS_FOR_HOMES == 0:
            before, gone = gone, {name: elsewhere(recipe) for name, recipe in named.items()}
            for name, home in gone.items():
                if home is not None and before.get(name) != home:
                    _tell_gone(name, home)
        for name in watcher.look():
            if not lets_in(name) or elsewhere(named[name]):
                continue
            announce.announce("winnow.pool.arrived", name, by="winnow up")
            watcher.started(name)
            console.print(f"Rows arrived for {escape(name)}: a run of it starts.", highlight=False)
        foreseer.look()
        for one in reteller.look():
            told = f"nobody could be told of {one.about.resource.name} in {one.tries} tries: {one.why}"
            console.print(f"[yellow]![/] {escape(told)}", highlight=False, soft_wrap=True)
        time.sleep(_LOOK_SECONDS)


def _tell_gone(name: str, home: str) -> None:
    told = (
        f"{name} was deployed for the home {home}: its runs go there, and here nothing is watched for it. A name means "
        "one deployment. If both are to run, rename one, and start `winnow up` again."
    )
    console.print(f"[yellow]![/] {escape(told)}", highlight=False, soft_wrap=True)


def _start_again(what: str, child: Child, code: int) -> None:
    if not child.again():
        raise NotUp(f"The {what} keeps ending, with code {code}: {child.log} tells why.")
    console.print(f"[yellow]![/] the {what} ended with code {code}, and was started again", highlight=False)


def _worker() -> list[str]:
    return [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", _name()]


def _eager() -> dict[str, str]:
    """Let the worker look for runs every few seconds, unless somebody chose otherwise."""
    return {} if "PREFECT_WORKER_QUERY_SECONDS" in os.environ else {"PREFECT_WORKER_QUERY_SECONDS": "3"}


def _name() -> str:
    return f"winnow-{socket.gethostname()}"


def _page() -> str:
    return str(prefect_server.url()).removesuffix("/api")


def _for_asyncpg(address: str) -> str:
    """Name the driver that Prefect needs, whichever way the address names the database."""
    kind, mark, rest = address.partition("://")
    if not mark or not kind.startswith("postgres"):
        raise ValueError("--postgres: write it as postgresql://USER:PASSWORD@HOST/DATABASE.")
    return f"postgresql+asyncpg://{rest}"
