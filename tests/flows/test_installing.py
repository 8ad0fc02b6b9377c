"""What users are told to install is what pyproject.toml asks for, and never a stranger's package of winnow's name."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOLD = [
    *(file for room in ("flows", "tasks", "quality", "evals") for file in (ROOT / room).rglob("*.py")),
    *(ROOT / "docs").glob("*.md"),
    ROOT / "README.md",
]


def commands() -> list[tuple[str, str]]:
    """All of what is given to `pip install`, word by word, with the file that says so."""
    found = []
    for file in TOLD:
        whole = re.sub(r'"\n\s*f?"', "", file.read_text(encoding="utf-8"))  # sentences broken into lines
        for told in re.findall(r"pip install ([^`\n;)\"]+)", whole):
            found += [(file.name, word.strip("'.,")) for word in told.split()]
    return found


def test_versions_that_are_told_are_those_that_are_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)}
    told = {word for _, word in commands() if re.fullmatch(r"[\w-]+[=<>]=[\d.]+", word)}
    assert len(told) >= 4
    assert told <= asked


def test_nobody_is_sent_to_the_index_for_winnow() -> None:
    """Another project bears its name there."""
    assert not [one for one in commands() if re.match(r"winnow\b", one[1])]
