"""A recipe: one YAML file of the retrain flow's parameters, checked with the line of every mistake."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import yaml
from prefect.client.schemas.schedules import CronSchedule
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from evals.verdict import Gate
from flows import mistakes
from flows.deploy_settings import Deploy
from flows.naming import RecipeName
from flows.recipe_file import Dumper, RecipeError, RecipeFile, dotted, placed
from flows.settings import Curate
from quality.domain.settings import Told
from quality.sources import Source, Sources
from quality.sources.addresses import public
from quality.sources.faults import printable
from quality.sources.logins import is_clear
from tasks.ablation.settings import Ablate
from tasks.check_news import Renew
from tasks.exams import Exam
from tasks.models import Models
from tasks.offer import Promote
from tasks.probe import Probe
from tasks.training.settings import Tune
from tasks.training.sweep_settings import Sweep

_Told = TypeVar("_Told", bound=Told)
_ELSEWHERE = ("sweep", "ablate", "schedule", "deploy", "flow")  # not for the retrain flow


class Recipe(BaseModel):
    """Everything one run needs, plus its schedule."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: RecipeName = Field(description="Name of the runs, the exam and the champion (letters, digits, - _ .).")
    sources: Sources = Field(description="Where the pool is read from, most trusted first.")
    model: Models = Field(description="The model to fine-tune and the model that embeds rows.")
    curate: Curate = Field(default=Curate(), description="How the pool becomes a training set.")
    exam: Exam = Field(default=Exam(), description="What the adapter is examined on.")
    tune: Tune = Field(default=Tune(), description="How the adapter is trained.")
    gate: Gate = Field(default=Gate(), description="When the adapter ships.")
    probe: Probe = Field(default=Probe(), description="What is looked at beside the exam, to explain the verdict.")
    renew: Renew = Field(
        default=Renew(), description="From which change of the kept rows on it is worth to train again."
    )
    promote: Promote = Field(
        default="ask",
        description="Whether an accepted adapter becomes the champion by itself (auto), when a person says so (ask: "
        "`winnow promote`, or the flow promote where the recipe is deployed), or not (never).",
    )
    sweep: Sweep = Field(
        default=Sweep(), description="Which settings of tune `winnow sweep` tries; `winnow run` doesn't look at it."
    )
    ablate: Ablate = Field(
        default=Ablate(),
        description="Which arms `winnow ablate` trains beside the curated one; `winnow run` doesn't look at it.",
    )
    flow: str | None = Field(
        default=None,
        pattern=r"\.py$",
        description="A Python file with a flow of your own, which `winnow run` and the deployment run in place of "
        "winnow's; `winnow init` writes one to edit.",
    )
    schedule: str | None = Field(
        default=None,
        description="Cron line of the deployment, in the time zone of deploy.timezone; `winnow run` runs at once.",
    )
    deploy: Deploy = Field(
        default=Deploy(),
        description="How `winnow up` and `winnow deploy` let Prefect run it; `winnow run` doesn't look.",
    )

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, line: str | None) -> str | None:
        if line is not None:
            try:
                CronSchedule(cron=line)
            except ValueError:
                raise ValueError(
                    "this is no cron line: it takes five fields, minute hour day month weekday, as in 0 2 * * *"
                ) from None
        return line

    def parameters(self) -> dict[str, Any]:
        """Return the retrain flow's parameters."""
        return {key: getattr(self, key) for key in type(self).model_fields if key not in _ELSEWHERE}


def load(path: Path, changes: dict[str, str] | None = None) -> Recipe:
    """Read a recipe; relative paths in it are relative to the recipe.

    That of a run is found from anywhere as reports name it, `runs/ID/config.yaml`, for it lies in the home.

    Parameters
    ----------
    path : Path
        The YAML file.
    changes : dict of str to str
        Values to set over the file's, by dotted key: `{"tune.rank": "8"}`; read as YAML.

    Raises
    ------
    RecipeError
        With the file, the line and the key path of the first mistake, and what would be right.
    """
    file = RecipeFile(path, ", ".join(Recipe.model_fields))
    for key, value in (changes or {}).items():
        file.set(key, value)
    file.refuse_secrets()
    try:
        # Strict, as JSON is read: `true` is no number and 8 is no name.
        recipe = Recipe.model_validate_json(json.dumps(file.content, default=str), strict=True)
    except ValidationError as error:
        raise _refusal(file, error) from error
    recipe = _anchored(recipe, file.path.resolve().parent)
    if problem := _quota_of_no_source(recipe):
        raise file.told(("curate", "budget", "quotas"), problem)
    return recipe


def locate(path: Path, sentence: str, changes: dict[str, str] | None = None) -> str | None:
    """Put file and line (or `--set`) before a sentence that begins with a key of the recipe; None where it doesn't."""
    key, colon, problem = sentence.partition(": ")
    if not colon:
        return None
    file = RecipeFile(path, ", ".join(Recipe.model_fields))
    for changed, value in (changes or {}).items():
        file.set(changed, value)
    at = placed(key)
    known = file.line(at) or any(at[: len(changed)] == changed for changed in file.changed)
    return str(file.told(at, problem)) if known else None


def dump(parameters: dict[str, Any]) -> str:
    """Write flow parameters as a recipe that makes the same run again; an address loses a login or query in clear."""
    return _written(
        {
            key: _plain(value) if isinstance(value, BaseModel) else value
            for key, value in parameters.items()
            if key in Recipe.model_fields
        },
        parameters,
    )


def brief(parameters: dict[str, Any]) -> str:
    """Write flow parameters as a recipe for people: `dump` without what would be the same if it were left out."""
    usual = {key: field.get_default(call_default_factory=True) for key, field in Recipe.model_fields.items()}
    return _written(
        {
            key: _unusual(value) if isinstance(value, BaseModel) else value
            for key, value in parameters.items()
            if key in usual and value != usual[key]
        },
        parameters,
    )


def _written(plain: dict[str, Any], parameters: dict[str, Any]) -> str:
    if "sources" in plain:
        plain["sources"] = [source.model_dump(mode="json", exclude_defaults=True) for source in parameters["sources"]]
    return yaml.dump(_public(plain), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)


def _unusual(model: BaseModel) -> dict[str, Any]:
    """Return what a model holds, without what it would hold anyway: some of it follows from the rest."""
    said = _plain(model)
    for name in list(said):
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            said[name] = _unusual(value)
        rest = {key: inner for key, inner in said.items() if key != name}
        with suppress(ValidationError):
            said = rest if type(model).model_validate(rest) == model else said
    return said


def _plain(model: BaseModel) -> dict[str, Any]:
    """Return what a model holds; what is empty is left out, unless it would then be read as something."""
    said: dict[str, Any] = model.model_dump(mode="json", exclude_none=True)
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            said[name] = _plain(value)
        elif value is None and field.default_factory is None and field.default is not None:
            said[name] = None
    return said


def _public(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Strip logins and signatures in clear from every address: what is written here is kept with the run."""
    if isinstance(value, dict):
        return {key: _public(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_public(inner) for inner in value]
    return public(value) if isinstance(value, str) and is_clear(value) else value


def _refusal(file: RecipeFile, error: ValidationError) -> RecipeError:
    return file.told(*mistakes.first(error, Recipe))


def refusal(error: ValidationError) -> str:
    """Say in a sentence what is wrong with a recipe's values, or a flow's parameters, that come from no file."""
    at, problem = mistakes.first(error, Recipe)
    return f"{dotted(at)}: {problem}"


def _quota_of_no_source(recipe: Recipe) -> str | None:
    """Say which quota is for a source that the recipe does not have, unless rows name their own.

    A source without a name is called after its place, so this waits until that is absolute, as when rows are read.
    """
    known = [printable(source.label) for source in recipe.sources]
    unknown = sorted(set(recipe.curate.budget.quotas) - set(known))
    if not unknown or any(source.named_by for source in recipe.sources):
        return None
    return f"no source of this recipe is called “{unknown[0]}”. There are {', '.join(dict.fromkeys(known))}."


def _anchored(recipe: Recipe, folder: Path) -> Recipe:
    """Make the recipe's relative paths absolute, so that it means the same from every working directory."""

    def absolute(reference: str) -> str:
        kind, _, rest = reference.partition(":")
        if kind == "lm-eval":
            return f"lm-eval:{folder / Path(rest).expanduser()}" if rest.endswith((".yaml", ".yml")) else reference
        if kind in ("package", "hub", "suite") or "://" in reference or Path(reference).expanduser().is_absolute():
            return reference
        return str(folder / reference)

    def model(reference: str) -> str:
        return absolute(reference) if (folder / reference).is_dir() or reference.startswith(".") else reference

    def source(given: Source) -> Source:
        if given.path is not None:
            return given.model_copy(update={"path": absolute(given.path)})
        if given.hub is not None and (folder / given.hub).is_dir():
            return given.model_copy(update={"hub": absolute(given.hub)})
        return given

    def told(domain: _Told) -> _Told:
        files = {key: absolute(file) for key in ("seeds", "negatives") if (file := getattr(domain, key)) is not None}
        return domain.model_copy(update=files)

    domain = told(recipe.curate.domain)
    contract = recipe.curate.contract
    if contract.file is not None:
        contract = contract.model_copy(update={"file": absolute(contract.file)})
    domain = domain.model_copy(update={"also": {name: told(one) for name, one in domain.also.items()}})
    general = recipe.tune.general
    general = general.model_copy(update={"sources": tuple(source(given) for given in general.sources)})
    anchored = recipe.model_copy(
        update={
            "tune": recipe.tune.model_copy(update={"general": general}),
            "sources": [source(given) for given in recipe.sources],
            "flow": recipe.flow and absolute(recipe.flow),
            "model": Models(base=model(recipe.model.base), embedder=model(recipe.model.embedder)),
            "curate": recipe.curate.model_copy(update={"domain": domain, "contract": contract}),
            "exam": recipe.exam.model_copy(
                update={
                    "domain": [absolute(reference) for reference in recipe.exam.domain],
                    "retention": [absolute(reference) for reference in recipe.exam.retention],
                }
            ),
        }
    )
    anchored.model_fields_set.intersection_update(recipe.model_fields_set)  # what was left out still was
    return anchored
