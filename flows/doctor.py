"""Check this machine, and say what to do about whatever is missing."""

import os
import shutil
from pathlib import Path

from rich.markup import escape

from flows import recipe_health
from flows.console import Terminal
from tasks import health, prefect_server

console = Terminal()


def doctor(recipes: Path | None) -> bool:
    """Print one line per check, of the machine and of a folder's recipes; return whether winnow can run here."""
    checks = health.checks(Path(os.environ["WINNOW_HOME"]), shutil.disk_usage) + recipe_health.checks(recipes)
    if prefect_server.named():
        from flows import team_health

        checks += team_health.checks()
    for check in checks:
        mark = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "error": "[red]✗[/]"}[check.level]
        console.print(f"{mark} [bold]{check.name:<12}[/] {escape(check.found)}", highlight=False, soft_wrap=True)
        for advice in check.advice.splitlines():
            console.print(f"               [dim]→ {escape(advice)}[/]", highlight=False, soft_wrap=True)
    return not any(check.level == "error" for check in checks)
