"""What the Prefect UI makes forms of: every field of every flow says what it is for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect import Flow
from prefect.utilities.callables import parameter_schema

from flows.ablate import ablate_recipe
from flows.curate import curate_pool
from flows.examine import examine_adapter
from flows.promote import promote
from flows.recipe import Recipe
from flows.retrain import retrain
from flows.rollback import rollback
from flows.sweep import sweep_recipe


@pytest.mark.parametrize(
    "flow", [retrain, curate_pool, examine_adapter, sweep_recipe, ablate_recipe], ids=lambda flow: flow.name
)
def test_every_field_of_the_form_is_described_and_no_other_key_is_taken(flow: Flow[..., Any]) -> None:
    schema = parameter_schema(flow).model_dump()
    fields = [*_fields("", schema), *_definitions(schema)]
    assert [where for where, field in fields if not _description(field, schema).strip()] == []
    models = {name: model for name, model in schema["definitions"].items() if "properties" in model}
    assert {"Models", "Exam"} <= set(models)
    assert [name for name, model in models.items() if model.get("additionalProperties") is not False] == []


@pytest.mark.parametrize(
    "flow",
    [retrain, curate_pool, examine_adapter, sweep_recipe, ablate_recipe, promote, rollback],
    ids=lambda flow: flow.name,
)
def test_a_form_takes_the_names_that_a_recipe_may_have(flow: Flow[..., Any]) -> None:
    own, named = parameter_schema(flow).model_dump()["properties"]["name"], Recipe.model_json_schema()["properties"]
    assert (own["pattern"], own["maxLength"]) == (named["name"]["pattern"], named["name"]["maxLength"])
    assert own["description"]


@pytest.mark.parametrize("flow", [retrain, curate_pool, sweep_recipe, ablate_recipe], ids=lambda flow: flow.name)
def test_a_form_takes_no_pool_of_no_source(flow: Flow[..., Any]) -> None:
    for schema in (parameter_schema(flow).model_dump(), Recipe.model_json_schema()):
        assert schema["properties"]["sources"]["minItems"] == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"curate": {"budget": {"tokens": 1000, "by": "top-quality"}}},
            "curate: budget.by: top-quality goes by scores",
        ),
        ({"tune": {"rank": -3}}, "tune.rank: input should be greater than or equal to 1 (given: -3)."),
        ({"sources": []}, "sources: it is empty: name at least one."),
        ({"name": "a/b"}, "name: 'a/b' does not fit."),
        ({"curate": {"dedup": {}}}, "curate.dedup: this key is unknown. Did you mean dedupe?"),
    ],
)
def test_parameters_that_do_not_fit_end_the_run_in_one_sentence(
    prefect_server: None, home: Path, given: dict[str, Any], told: str
) -> None:
    state = retrain(**{"name": "x", "sources": [{"path": "pool/*"}], "model": {"base": "b"}} | given, return_state=True)
    assert state.name == "Failed"
    assert state.message.startswith(told)
    assert "\n" not in state.message
    assert not home.exists()


def _description(field: dict[str, Any], schema: dict[str, Any]) -> str:
    """A field's own description, or that of its model: Pydantic leaves out one that says the same."""
    model = schema["definitions"].get(field.get("$ref", "").rpartition("/")[2], {})
    return str(field.get("description") or model.get("description", ""))


def _definitions(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, model in schema["definitions"].items():
        yield from _fields(name, model)


def _fields(owner: str, model: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in model.get("properties", {}).items():
        yield f"{owner}.{name}", field


@pytest.mark.parametrize(("flow", "field"), [(promote, "run"), (rollback, "to")])
def test_blanks_around_a_run_that_was_pasted_into_a_form_are_no_part_of_it(flow, field: str) -> None:
    assert flow.validate_parameters({"name": "garden", field: " 20260103-garden\n"})[field] == "20260103-garden"
    assert flow.validate_parameters({"name": "garden", field: None})[field] is None
