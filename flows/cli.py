"""The `winnow` command. Heavy imports wait until a command needs them, so that `--help` answers at once."""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from flows.environment import settle
from flows.options import Changes, Debug, Ended, Home, RecipeFile, RecipeFolder
from flows.run_commands import finished
from flows.team_commands import team
from tasks.interrupts import stop_behind

if TYPE_CHECKING:
    from flows.recipe import Recipe

app = typer.Typer(
    name="winnow",
    help="Turn a dirty pool of instruction data into a small, provably clean training set, fine-tune on it, and answer "
    "with statistics: ship this adapter, or not?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 accepted, unchanged or done · 2 rejected · 3 inconclusive · 1 an error, told in a sentence.",
)

app.add_typer(finished)
app.add_typer(team)


def main() -> None:
    """Run the command line; an error becomes one sentence on stderr and exit code 1.

    A service manager or a scheduler that ends it (SIGTERM) does the same as Ctrl-C.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # which Prefect calls, once it has cleaned up
    try:
        _main()
    finally:
        signal.signal(signal.SIGTERM, before)


def _main() -> None:
    try:
        app()
    except Ended as ended:
        raise SystemExit(ended.code) from None
    except SystemExit as typers:
        if typers.code == 130:  # Ctrl-C
            _interrupted()
        # Typer answers a wrong command line with 2, which means “rejected” here.
        raise SystemExit(1 if typers.code == 2 else typers.code) from None
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        if stop_behind(error):
            _interrupted()
        _stop(f"winnow: {_sentence(error)}", 1)


@app.command()
def demo(
    ablated: Annotated[
        bool,
        typer.Option("--ablate", help="Show instead whether curation paid, beside control arms (`winnow ablate`)."),
    ] = False,
    home: Home = None,
    changes: Changes = None,
    debug: Debug = False,
) -> None:
    """Run the whole pipeline on the demo's real, dirty pool."""
    (ablate if ablated else run)(Path(__file__).parent / "recipes" / "demo.yaml", home, changes, debug)


@app.command()
def run(recipe: RecipeFile, home: Home = None, changes: Changes = None, debug: Debug = False) -> None:
    """Curate, fine-tune, examine and judge, as the recipe says."""
    settle(home, debug=debug)
    loaded = _ready(recipe, changes)
    from flows.own_flow import flow_of

    flow, parameters = flow_of(loaded)
    _run(flow, parameters, recipe, changes)


@app.command()
def curate(
    recipe: RecipeFile,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show how many rows each stage would leave; publish nothing.")
    ] = False,
    home: Home = None,
    changes: Changes = None,
    debug: Debug = False,
) -> None:
    """Curate alone: a training set with receipts, no training."""
    settle(home, debug=debug)
    loaded = _ready(recipe, changes, own_flow=False, trains=False)
    from flows.curate import TRAINING_ONLY, curate_pool

    parameters = {key: value for key, value in loaded.parameters().items() if key not in TRAINING_ONLY}
    _run(curate_pool, parameters | {"preview": preview}, recipe, changes)


@app.command()
def sweep(recipe: RecipeFile, home: Home = None, changes: Changes = None, debug: Debug = False) -> None:
    """Try the training settings that the recipe's sweep names, and write the winner's recipe. The exam is not asked."""
    settle(home, debug=debug)
    loaded = _ready(recipe, changes, own_flow=False)
    from flows.sweep import sweep_recipe

    _run(sweep_recipe, loaded.parameters() | {"sweep": loaded.sweep}, recipe, changes)


@app.command()
def ablate(recipe: RecipeFile, home: Home = None, changes: Changes = None, debug: Debug = False) -> None:
    """Train control arms beside the curated set, with several seeds, and tell with intervals whether curation paid."""
    settle(home, debug=debug)
    loaded = _ready(recipe, changes, own_flow=False)
    from flows.ablate import ablate_recipe

    _run(ablate_recipe, loaded.parameters() | {"ablate": loaded.ablate}, recipe, changes)


@app.command()
def examine(
    recipe: RecipeFile,
    adapter: Annotated[
        Path, typer.Option("--adapter", help="Folder of an adapter (PEFT, LoReFT) of the recipe's base.")
    ],
    home: Home = None,
    changes: Changes = None,
    debug: Debug = False,
) -> None:
    """Examine an adapter you already have on the recipe's sealed exam, and judge it."""
    settle(home, debug=debug)
    from flows.recipe import load

    loaded = load(recipe, _pairs(changes))
    from flows.examine import examine_adapter

    parameters = {key: value for key, value in loaded.parameters().items() if key in ("name", "model", "exam", "gate")}
    _run(examine_adapter, parameters | {"adapter": str(adapter.expanduser().resolve())}, recipe, changes)


@app.command()
def calibrate(
    recipe: RecipeFile,
    resamples: Annotated[int, typer.Option("--resamples", min=20, help="Resamples for each truth.")] = 1000,
    base: Annotated[bool, typer.Option("--base/--no-base", help="Whether the base is examined again.")] = True,
    home: Home = None,
    changes: Changes = None,
    debug: Debug = False,
) -> None:
    """Count the gate's own false alarms on the recipe's sealed exam, where the truth is known."""
    settle(home, debug=debug)
    from flows.calibrating import calibrate as tell
    from flows.recipe import load

    tell(load(recipe, _pairs(changes)), resamples, ask=base)


@app.command()
def doctor(recipes: RecipeFolder = None, home: Home = None, debug: Debug = False) -> None:
    """Check this machine, and whether recipes can train on it; each line says what to do."""
    settle(home, debug=debug)
    from flows.doctor import doctor as tell

    raise Ended(0 if tell(recipes) else 1)


@app.command()
def tidy(
    days: Annotated[
        int, typer.Option("--days", min=0, max=36_500, help="Days after which something counts as forgotten.")
    ] = 30,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would go; remove nothing.")] = False,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Remove from the store what no run has asked for in a while. Runs, champions and exams stay."""
    settle(home, debug=debug)
    from flows.tidying import tidy as remove

    remove(days, preview=preview)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    domain: Annotated[
        str | None,
        typer.Option(
            "--domain",
            metavar="INDUSTRY",
            help="Start with its description, margins and suites: health, law, finance, education or security.",
        ),
    ] = None,
    debug: Debug = False,
) -> None:
    """Write a recipe and a flow to start from, with a few example rows."""
    from flows.industries import known
    from flows.init import init as write

    write(folder, known(domain) if domain else None)


def _ready(recipe: Path, changes: list[str] | None, *, own_flow: bool = True, trains: bool = True) -> "Recipe":
    """Read a recipe, and tell before a server is started for it what isn't there of all that it names.

    Where the recipe's own flow is run it is not told: its first step may be to write that.
    """
    from flows.recipe import load

    loaded = load(recipe, _pairs(changes))
    if not own_flow:
        _tell_left_out(loaded)
    if loaded.flow is None or not own_flow:
        from tasks.named_places import ensure_there

        general = {"general": loaded.tune.general} if trains else {}
        with _located(recipe, changes):
            ensure_there(loaded.sources, loaded.model, loaded.curate.domain, loaded.exam, **general)
    return loaded


def _run(flow: Callable[..., Any], parameters: dict[str, Any], recipe: Path, changes: list[str] | None) -> None:
    from flows.console import Terminal
    from flows.running import run

    with _located(recipe, changes):
        code = run(flow, parameters, Terminal())
    raise Ended(code)


@contextlib.contextmanager
def _located(recipe: Path, changes: list[str] | None) -> Iterator[None]:
    """Put the file and the line before each line of an error that begins with a key of the recipe."""
    from flows.recipe import locate

    try:
        yield
    except ValueError as error:
        lines = [locate(recipe, line, _pairs(changes)) for line in str(error).splitlines()]
        if any(lines):
            told = (line or said for line, said in zip(lines, str(error).splitlines(), strict=True))
            raise ValueError("\n".join(told)) from error
        raise


def _tell_left_out(recipe: "Recipe") -> None:
    from flows.console import Terminal
    from flows.own_flow import left_out

    if told := left_out(recipe):
        Terminal().print(told, style="dim", markup=False, highlight=False, soft_wrap=True)


def _pairs(changes: list[str] | None) -> dict[str, str]:
    pairs = {}
    for change in changes or []:
        key, equals, value = change.partition("=")
        if not equals or not key:
            raise ValueError(f"--set {change}: write it as KEY=VALUE, for instance --set tune.rank=8.")
        pairs[key.strip()] = value
    return pairs


def _sentence(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    expected = isinstance(error, ValueError | OSError)
    return text if expected else f"{type(error).__name__}: {text} (--debug shows where)"


def _interrupted() -> NoReturn:
    exports = any(word.startswith("export-") for word in sys.argv[1:2])
    whole = "An export is written whole or not at all: the same command begins anew."
    steps = "Finished steps are kept: the same command goes on from here."
    _stop(f"Stopped. {whole if exports else steps}", 130)


def _stop(sentence: str, code: int) -> NoReturn:
    from flows.console import visible

    sys.stderr.write(visible(sentence) + "\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
