"""Commands for a team that lives with winnow: Prefect's server, deployments, champions."""

from typing import Annotated

import typer

from flows.environment import settle
from flows.options import Debug, Home, RecipeFile, RecipeFolder

team = typer.Typer()

_PANEL = "With Prefect, every day"


@team.command(rich_help_panel=_PANEL)
def up(
    recipes: RecipeFolder = None,
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Port of the server, if one is started.")
    ] = 4200,
    postgres: Annotated[
        str | None,
        typer.Option(
            "--postgres",
            metavar="URL",
            help="Database of a server for a team. Default: a file (SQLite). Who lists processes sees a password in "
            "it, and none in Prefect's own variable PREFECT_API_DATABASE_CONNECTION_URL (postgresql+asyncpg://…).",
        ),
    ] = None,
    notify: Annotated[
        str | None,
        typer.Option(
            "--notify", metavar="BLOCK", help="Notification block of Prefect to tell, such as slack-webhook/team."
        ),
    ] = None,
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Start what is missing of server and worker, deploy all recipes, and stay until Ctrl-C."""
    settle(home, debug=debug)
    from flows.up import up as stay

    stay(recipes, port, postgres, notify)


@team.command(rich_help_panel=_PANEL)
def deploy(recipe: RecipeFile, home: Home = None, debug: Debug = False) -> None:
    """Deploy one recipe on the server that PREFECT_API_URL names, or Prefect Cloud."""
    settle(home, debug=debug)
    from flows.telling_deployments import deploy as tell

    tell(recipe)


@team.command(rich_help_panel=_PANEL)
def arrived(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A recipe's name.")],
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Tell the server that rows arrived for a recipe, which starts a run of it."""
    settle(home, debug=debug)
    from flows.telling_deployments import arrived as tell

    tell(name)


@team.command(rich_help_panel=_PANEL)
def rollback(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A recipe's name.")],
    why: Annotated[str, typer.Option("--why", help="Why, in a few words; the ledger keeps it.")],
    to: Annotated[
        str, typer.Option("--to", metavar="RUN", help="Run of an earlier champion. Default: the champion before.")
    ] = "",
    who: Annotated[str, typer.Option("--who", help="Who decides; the ledger keeps it. Default: your login.")] = "",
    home: Home = None,
    debug: Debug = False,
) -> None:
    """Make an earlier champion the champion again."""
    settle(home, debug=debug)
    from flows.promoting import rollback as go_back

    go_back(name, why, to, who)
