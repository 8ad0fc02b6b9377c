"""The adapter of a finished run, and the base it belongs to, both sure to be those that the run judged."""

from pathlib import Path
from typing import NamedTuple

from tasks import models, run_settings, runs, store
from tasks.models import ModelFiles


class NotExported(ValueError):
    """What was asked for can't be exported; the message says why, and what can be done."""


class Judged(NamedTuple):
    """A run's adapter: its folder, its files' digest, and its base."""

    adapter: Path
    digest: str
    base: ModelFiles


def of_run(run: Path) -> Judged:
    """Find the adapter that a run judged, and its base.

    Raises
    ------
    NotExported
        The run judged none, its adapter is gone or was altered since, or another model lies where its base lay.
    """
    found = runs.digests(runs.manifest(run))
    if "adapter" not in found:
        raise NotExported(f"The run {run.name} judged no adapter. `winnow run RECIPE` trains and judges one.")
    beside, stored = run / "adapter", store.home() / "store" / "adapters" / found["adapter"]
    adapter = beside if beside.is_dir() else stored
    if not adapter.is_dir():
        raise NotExported(f"The adapter of the run {run.name} is neither at {beside} nor at {stored}: make it again.")
    if store.folder_digest(adapter) != found["adapter"]:
        raise NotExported(
            f"The adapter at {adapter} was altered since the run {run.name} judged it. Restore it, or make the run "
            "again."
        )
    base = models.base(base_of(run))
    if found.get("base", base.content) != base.content:
        raise NotExported(
            f"The base model {base.reference} is another than the run {run.name} was made with. Put that model back."
        )
    return Judged(adapter, found["adapter"], base)


def base_of(run: Path) -> str:
    """Return what the recipe of a run named as its base."""
    model = run_settings.recipe(run).get("model")
    return str(model.get("base", "")) if isinstance(model, dict) else ""
