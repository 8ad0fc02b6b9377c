"""Deploy a recipe from the terminal, and tell the server that rows arrived."""

from pathlib import Path

from rich.markup import escape

from flows.console import Terminal
from flows.deploying import Deployed
from tasks import announce, prefect_server

console = Terminal()


def deploy(file: Path) -> None:
    """Deploy one recipe, and print its deployments."""
    from flows.deploying import deploy as make
    from flows.recipe import load

    recipe = load(file)
    _ensure_server()
    tell(make(recipe, file.resolve()))
    _tell_pool(recipe.deploy.work_pool)


def _tell_pool(name: str) -> None:
    from flows.team_health import pool

    found = pool(name)
    mark = "[green]✓[/]" if found.level == "ok" else "[yellow]![/]"
    told = ". ".join(part for part in (f"work pool {found.found}", found.advice) if part)
    console.print(f"{mark} {escape(told)}", highlight=False, soft_wrap=True)


def tell(deployed: list[Deployed]) -> None:
    """Print deployments, one a line, and what was otherwise with them until now."""
    for one in deployed:
        when = f" [dim]{escape(one.schedule)}[/]" if one.schedule else ""
        console.print(f"[green]✓[/] {escape(one.name)}{when}", highlight=False, soft_wrap=True)
        for told in one.told:
            console.print(f"[yellow]![/] {escape(told)}", highlight=False, soft_wrap=True)


def arrived(name: str) -> None:
    """Publish that rows arrived for a recipe.

    Raises
    ------
    ValueError
        When no server is named, or it has no deployment of the recipe.
    """
    _ensure_server()
    from flows.deploying import is_deployed

    if not is_deployed(name):
        file = " It is told by its name, not by its file." if Path(name).suffix in {".yaml", ".yml"} else ""
        raise ValueError(
            f"No recipe “{name}” is deployed there, so nothing would start.{file} `winnow deploy RECIPE` does it."
        )
    announce.announce("winnow.pool.arrived", name, by="winnow arrived")
    console.print(f"Told the server that rows arrived for {escape(name)}: a run of it starts.", highlight=False)


def _ensure_server() -> None:
    if prefect_server.named() is None:
        raise ValueError(
            "No server is named. `winnow up` starts one and prints its address; set PREFECT_API_URL to it, such as "
            "http://127.0.0.1:4200/api."
        )
    prefect_server.ensure_answers()
