"""Options that many commands share, and how a command ends."""

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Where everything is kept. Default: $WINNOW_HOME, else ./.winnow."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks and Prefect's log.")]
RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe: one YAML file.")]
RecipeFolder = Annotated[
    Path | None,
    typer.Option("--recipes", metavar="DIR", help="Folder of recipes. Default: those that come with winnow."),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a recipe value, e.g. tune.rank=8."),
]
RunArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN", help="A run's id or its beginning, or a recipe's name: its newest run. Default: the newest."
    ),
]
RunName = Annotated[str | None, typer.Option("--run", metavar="RUN", help="The same, as an option.")]


class Ended(Exception):
    """A command is done; `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
