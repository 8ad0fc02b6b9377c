"""Commands about a finished run: they read its files, and compute next to nothing."""

from pathlib import Path
from typing import Annotated

import typer

from flows.environment import settle
from flows.options import Debug, Ended, Home, RunArgument, RunName

finished = typer.Typer()

_PANEL = "About a finished run"


@finished.command(rich_help_panel=_PANEL)
def why(
    row: Annotated[
        str,
        typer.Argument(
            metavar="ROW", help="A record's id (5 letters will do), its file:line, or words of its prompt or answer."
        ),
    ],
    run: RunArgument = None,
    option: RunName = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Print a row's life: where it came from, its fate, and the row that caused it."""
    settle(home, debug=debug)
    from flows.inspecting import why as tell

    if None not in (run, option) and run != option:
        raise ValueError(f"A row's life is told of one run, and two are named: {run}, and --run {option}. Name one.")
    tell(row, run or option)


@finished.command(rich_help_panel=_PANEL)
def diff(
    before: Annotated[str, typer.Argument(metavar="RUN", help="A run's id or its beginning, or a recipe's name.")],
    after: Annotated[str, typer.Argument(metavar="RUN", help="Another.")],
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Print what changed between two runs: rows, fates, scores, verdict."""
    settle(home, debug=debug)
    from flows.inspecting import diff as tell

    tell(before, after)


@finished.command(rich_help_panel=_PANEL)
def audit(run: RunArgument = None, home: Home = None, debug: Debug = False) -> None:
    """Re-prove a run from its own files, and say what is not proven. Exit 1 when a proof fails."""
    settle(home, debug=debug)
    from flows.auditing import audit as tell

    raise Ended(0 if tell(run) else 1)


@finished.command(rich_help_panel=_PANEL)
def history(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A recipe's name; the newest run's if left out.")
    ] = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Print what became of a recipe, run by run, and write its page: gains, losses, champions."""
    settle(home, debug=debug)
    from flows.telling_history import history as tell

    tell(name)


@finished.command(rich_help_panel=_PANEL)
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


@finished.command(rich_help_panel=_PANEL)
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


@finished.command(rich_help_panel=_PANEL)
def judge(
    run: RunArgument = None,
    margin: Annotated[
        list[str] | None,
        typer.Option(
            "--margin",
            metavar="LOSS | NAME=LOSS",
            help="Another loss allowed, of one suite (NAME=LOSS), or of all but those with a margin of their own.",
        ),
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


@finished.command("export-exam", rich_help_panel=_PANEL)
def export_exam(
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="A new or empty folder.")],
    run: RunArgument = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Write a run's exam as tasks of lm-evaluation-harness, and print the command that scores them."""
    settle(home, debug=debug)
    from flows.exporting import export

    export(run, into.expanduser().resolve())


@finished.command("export-model", rich_help_panel=_PANEL)
def export_model(
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="A new or empty folder.")],
    run: RunArgument = None,
    dtype: Annotated[
        str, typer.Option("--dtype", help="Precision of the weights: float32, bfloat16 or float16.")
    ] = "float32",
    gguf: Annotated[
        str | None, typer.Option("--gguf", metavar="TYPE", help="A GGUF file besides: f32, f16, bf16 or q8_0.")
    ] = None,
    converter: Annotated[
        Path | None,
        typer.Option(
            "--converter",
            metavar="FILE",
            help="llama.cpp's convert_hf_to_gguf.py, which --gguf needs. Default: $WINNOW_GGUF_CONVERTER.",
        ),
    ] = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Merge a run's adapter into its base, write the model, and make sure that it is the one that was judged."""
    settle(home, debug=debug)
    from flows.exporting_models import export_model as export

    export(run, into.expanduser().resolve(), dtype, gguf, converter)


@finished.command("export-adapter", rich_help_panel=_PANEL)
def export_adapter(
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="A new or empty folder.")],
    run: RunArgument = None,
    base_name: Annotated[
        str | None,
        typer.Option(
            "--base-name",
            metavar="NAME",
            help="How PEFT finds the base: a hub id, or a folder. Default: where it lies.",
        ),
    ] = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Write a run's adapter so that PEFT alone finds its base and loads it."""
    settle(home, debug=debug)
    from flows.exporting_models import export_adapter as export

    export(run, into.expanduser().resolve(), base_name)


@finished.command(rich_help_panel=_PANEL)
def promote(
    why: Annotated[str, typer.Option("--why", help="Why, in a few words; the ledger keeps it.")],
    run: RunArgument = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="DIR", help="What export-model wrote of it: must be unaltered, and equivalent."
        ),
    ] = None,
    who: Annotated[str, typer.Option("--who", help="Who decides; the ledger keeps it. Default: your login.")] = "",
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Make an accepted run's adapter the champion, which later candidates are compared with."""
    settle(home, debug=debug)
    from flows.promoting import promote as make

    make(run, why, export.expanduser() if export is not None else None, who)
