"""A folder of recipes, as `winnow up` deploys it and `winnow doctor` looks at it."""

from collections.abc import Mapping
from pathlib import Path

from flows.recipe import Recipe, load

OWN = Path(__file__).parent / "recipes"
"""The recipes that come with winnow."""


def files(folder: Path) -> list[Path]:
    """Return the recipes' files in a folder.

    Raises
    ------
    ValueError
        When there is no such folder, or no recipe in it.
    """
    if not folder.is_dir():
        raise ValueError(f"--recipes: {folder} is no folder. Name one that holds recipes (*.yaml).")
    found = sorted((*folder.glob("*.yaml"), *folder.glob("*.yml")))
    if not found:
        raise ValueError(f"--recipes: there is no recipe (*.yaml) in {folder}. `winnow init DIR` writes one.")
    return [file.resolve() for file in found]


def load_all(folder: Path) -> dict[Path, Recipe]:
    """Read every recipe of a folder; all must be good, and named apart, before anything is started.

    Raises
    ------
    ValueError
        When there is none, one can't be used, or two have one name.
    """
    found = {file: load(file) for file in files(folder)}
    ensure_named_apart(found)
    return found


def ensure_named_apart(found: Mapping[Path, Recipe]) -> None:
    """Make sure that no two recipes have one name.

    Raises
    ------
    ValueError
        When two have.
    """
    names: dict[str, Path] = {}
    for file, recipe in found.items():
        if (other := names.setdefault(recipe.name, file)) != file:
            raise ValueError(
                f"{file}: {other} is named {recipe.name} too, and a name means one deployment. Rename one."
            )
