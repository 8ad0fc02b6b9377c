"""The `winnow` command. Heavy imports wait until a command needs them, so that `--help` answers at once."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.environment import settle

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

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Where everything is kept. Default: $WINNOW_HOME, else ./.winnow."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks and Prefect's log.")]
RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe: one YAML file.")]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a recipe value, e.g. tune.rank=8."),
]
RunArgument = Annotated[str | None, typer.Argument(metavar="RUN", help="A run's id or its beginning.")]
RunName = Annotated[str | None, typer.Option("--run", help="A run's id or its beginning. Default: the newest.")]


class Ended(Exception):
    """A command is done; `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def main() -> None:
    """Run the command line; an error becomes one sentence on stderr and exit code 1."""
    try:
        app()
    except Ended as ended:
        raise SystemExit(ended.code) from None
    except SystemExit as typers:
        if typers.code == 130:  # Ctrl-C
            _stop("Stopped. Finished steps are kept: the same command goes on from here.", 130)
        # Typer answers a wrong command line with 2, which means “rejected” here.
        raise SystemExit(1 if typers.code == 2 else typers.code) from None
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        _stop(f"winnow: {_sentence(error)}", 1)


@app.command()
def demo(home: Home = None, changes: Changes = None, debug: Debug = False) -> None:
    """Run the whole pipeline on the demo's real, dirty pool."""
    run(Path(__file__).parent / "recipes" / "demo.yaml", home, changes, debug)


@app.command()
def run(recipe: RecipeFile, home: Home = None, changes: Changes = None, debug: Debug = False) -> None:
    """Curate, fine-tune, examine and judge, as the recipe says."""
    settle(home, debug=debug)
    from flows.recipe import load

    parameters = load(recipe, _pairs(changes)).parameters()
    from flows.retrain import retrain

    _run(retrain, parameters, recipe, changes)


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
    from flows.recipe import load

    parameters = load(recipe, _pairs(changes)).parameters()
    from flows.curate import curate_pool

    for training_only in ("tune", "gate", "probe"):
        parameters.pop(training_only)
    _run(curate_pool, parameters | {"preview": preview}, recipe, changes)


@app.command()
def examine(
    recipe: RecipeFile,
    adapter: Annotated[Path, typer.Option("--adapter", help="Folder of a PEFT adapter for the recipe's base model.")],
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
def why(
    row: Annotated[str, typer.Argument(metavar="ID", help="A record's id (or its beginning), or its file:line.")],
    run: RunName = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Print a row's life: where it came from, its fate, and the row that caused it."""
    settle(home, debug=debug)
    from flows.inspecting import why as tell

    tell(row, run)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="RUN", help="A run's id or its beginning.")],
    after: Annotated[str, typer.Argument(metavar="RUN", help="Another.")],
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Print what changed between two runs: rows, fates, scores, verdict."""
    settle(home, debug=debug)
    from flows.inspecting import diff as tell

    tell(before, after)


@app.command()
def audit(run: RunArgument = None, home: Home = None, debug: Debug = False) -> None:
    """Re-prove a run from its own files, and say what is not proven. Exit 1 when a proof fails."""
    settle(home, debug=debug)
    from flows.inspecting import audit as tell

    raise Ended(0 if tell(run) else 1)


@app.command()
def label(
    run: RunArgument = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Rows to ask about at the most.")] = 20,
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="Where the files of seeds and negatives are written.")
    ] = Path(),
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Ask about the rows nearest to the domain's line; the answers become files of seeds and negatives to name."""
    settle(home, debug=debug)
    from flows.labelling import label as ask

    ask(run, most, into.expanduser())


@app.command()
def threshold(
    domain: Annotated[
        list[str] | None,
        typer.Option(
            "--domain",
            metavar="LINE | NAME=LINE",
            help="Another threshold (log-odds); where the recipe has several domains, of which. Repeat for more.",
        ),
    ] = None,
    weigh: Annotated[
        list[str] | None,
        typer.Option("--weigh", metavar="KEY=LINE", help="Another threshold of curate.weigh: most_perplexity=80."),
    ] = None,
    run: RunArgument = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Show what another threshold would change, without computing anything anew."""
    settle(home, debug=debug)
    from flows.thresholds import threshold as tell

    tell(run, domain or [], weigh or [])


@app.command()
def judge(
    run: RunArgument = None,
    margin: Annotated[
        list[str] | None,
        typer.Option("--margin", metavar="LOSS | NAME=LOSS", help="Another loss allowed, of all suites or one."),
    ] = None,
    min_gain: Annotated[
        float | None, typer.Option("--min-gain", help="Another gain that the domain must exceed.")
    ] = None,
    alpha: Annotated[float | None, typer.Option("--alpha", help="Another chance of a wrong pass.")] = None,
    power: Annotated[float | None, typer.Option("--power", help="Another power that item counts aim at.")] = None,
    knowledge: Annotated[
        float | None, typer.Option("--knowledge", help="Another least gain in multiple choice that is not just format.")
    ] = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Judge a run by another gate, from its verdict alone. Exit codes as of the run."""
    settle(home, debug=debug)
    from flows.judging import judge as tell

    changes = {"min_gain": min_gain, "alpha": alpha, "power": power, "knowledge": knowledge}
    raise Ended(tell(run, margin or [], **changes))


@app.command("export-exam")
def export_exam(
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="A new or empty folder.")],
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="A run's id or its beginning.")] = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Write a run's exam as tasks of lm-evaluation-harness, and print the command that scores them."""
    settle(home, debug=debug)
    from flows.exporting import export

    export(run, into.expanduser())


@app.command()
def promote(
    why: Annotated[str, typer.Option("--why", help="Why, in a few words; the ledger keeps it.")],
    run: RunArgument = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Make an accepted run's adapter the champion, which later candidates are compared with."""
    settle(home, debug=debug)
    from flows.promoting import promote as make

    make(run, why)


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
def doctor(home: Home = None, debug: Debug = False) -> None:
    """Check this machine: versions, packages, disk, processor; each line says what to do."""
    settle(home, debug=debug)
    from flows.doctor import doctor as tell

    raise Ended(0 if tell() else 1)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")], debug: Debug = False
) -> None:
    """Write a recipe to start from, with a few example rows."""
    from flows.init import init as write

    write(folder)


def _run(flow: Callable[..., Any], parameters: dict[str, Any], recipe: Path, changes: list[str] | None) -> None:
    from flows.console import Terminal
    from flows.recipe import locate
    from flows.running import run

    try:
        code = run(flow, parameters, Terminal())
    except ValueError as error:
        if told := locate(recipe, str(error), _pairs(changes)):
            raise ValueError(told) from error
        raise
    raise Ended(code)


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


def _stop(sentence: str, code: int) -> None:
    from flows.console import visible

    sys.stderr.write(visible(sentence) + "\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
