"""What the README and docs/ name is there: pages, headings, pictures, commands, options, settings."""

import re
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from evals.suites import Suite
from flows.cli import app
from flows.recipe import Recipe

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LEAST = {"name": "medical", "sources": [{"path": "rows.jsonl"}], "model": {"base": "base", "embedder": "embedder"}}


def told() -> list[tuple[str, str]]:
    """Every piece of code that the pages show, with its language; within a line there is none."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"(?ms)^\s*```(\w*)\n(.*?)^\s*```$", text)
        lines = re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^\s*```.*?^\s*```$", "", text))
        found += [*blocks, *(("", line) for line in lines)]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in (one for one in links if "://" not in one):
        place, _, heading = link.partition("#")
        file = page.parent / place if place else page
        assert file.is_file(), link
        headings = re.findall(r"(?m)^#+ (.*)$", file.read_text(encoding="utf-8")) if heading else []
        assert not heading or heading in [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings]


def test_every_page_is_named_on_the_first() -> None:
    first = PAGES[0].read_text(encoding="utf-8")
    assert all(f"(docs/{page.name})" in first for page in PAGES[1:])


def test_commands_and_options_are_those_of_the_command_line() -> None:
    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    named = [match for _, text in told() for match in re.findall(r"\bwinnow ([a-z][a-z-]+)([^\n`#]*)", text)]
    named = [(command, rest) for command, rest in named if command in commands or rest.strip()]
    assert len(named) > 30
    for command, rest in named:
        assert command in commands, command
        options = set(chain.from_iterable([*one.opts, *one.secondary_opts] for one in commands[command].params))
        assert set(re.findall(r"(?<!\S)\[?(--[a-z-]+)", rest)) <= options, (command, rest)
    assert set(commands) == {command for command, _ in named}


def test_settings_are_those_of_recipes_and_suites() -> None:
    checked = 0
    for language, text in told():
        if "…" in text or (language not in ("", "yaml")) or not re.match(r"\w+: ", text.strip()):
            continue
        given = yaml.safe_load(text)
        if "kind" in given:
            Suite.model_validate({"name": "mine", "version": "1", "role": "retention", **given})
        elif set(given) <= set(Recipe.model_fields):
            Recipe.model_validate({**LEAST, **given})
        else:
            continue
        checked += 1
    assert checked > 15
