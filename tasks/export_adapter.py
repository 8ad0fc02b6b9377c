"""Write a copy of a run's adapter whose configuration names a base that plain PEFT finds."""

import json
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from evals.adapters import ensure_adapter
from evals.steering import CONFIG, WEIGHTS, kind_of
from tasks import models, store
from tasks.export_folder import beside, ensure_free, put
from tasks.model_card import of_run, write
from tasks.models import ModelFiles, ModelNotFound
from tasks.run_adapter import NotExported
from tasks.run_adapter import of_run as adapter_of

_HUB = re.compile(r"[\w.-]+/[\w.-]+")


class Named(NamedTuple):
    """The base that an exported adapter names, and what to know of it."""

    base: str
    note: str = ""


def export_adapter(run: Path, into: Path, base_name: str | None = None) -> Named:
    """Copy the adapter of a finished run into a new or empty folder; return the base that its configuration names.

    Parameters
    ----------
    run
        The run's folder.
    into
        The folder, which appears whole or not at all.
    base_name
        A hub id, or a folder with the base's own weights; where they lie on this machine, when not given.

    Raises
    ------
    FileExistsError
        When `into` holds something.
    NotExported
        When the run judged no adapter that PEFT loads, it was altered since, or `base_name` is another model.
    """
    ensure_free(into)
    judged = adapter_of(run)
    if kind_of(judged.adapter) == "FULL":
        raise NotExported(
            f"What {run.name} trained is no adapter but every weight of the model: `winnow export-model` writes it as "
            "a model of its own."
        )
    if kind_of(judged.adapter) == "LOREFT":
        raise NotExported(
            f"The adapter of {run.name} is one of LoReFT, which PEFT can't load by whatever base it names. Copy "
            f"{judged.adapter} as it is; `evals.models.load(base, adapter=…)` of winnow loads it."
        )
    ensure_adapter(judged.adapter)
    named = str(models.ready(judged.base)) if base_name is None else _checked(base_name, judged.base)
    with beside(into) as part:
        shutil.copyfile(judged.adapter / WEIGHTS, part / WEIGHTS)
        config = json.loads((judged.adapter / CONFIG).read_text(encoding="utf-8"))
        store.write_json(part / CONFIG, config | {"base_model_name_or_path": named})
        card = write(of_run(run, judged.adapter), kind="named adapter", base=named)
        store.write_text(part / store.CARD, card)
        put(part, into)
    if Path(named).is_dir() or named == judged.base.reference:
        return Named(named)
    return Named(
        named,
        f"Whether {named} holds the weights that the adapter was trained on ({judged.base.reference}) was not looked "
        "at; on others, quantised or not, it is another model than the one judged",
    )


def _checked(name: str, base: ModelFiles) -> str:
    """Return a hub id as it is, and a folder's whole path where it holds the base's weights."""
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if _HUB.fullmatch(name) and not name.startswith("."):
            return name
        raise NotExported(f"--base-name {name} is neither a folder nor a hub id like org/model.")
    try:
        there = models.base(str(folder))
    except ModelNotFound as error:
        raise NotExported(f"--base-name: {str(error).removeprefix('model.base: ')}") from error
    known = {base.content, models.locate(str(models.ready(base)), key="model.base").content}
    if there.content not in known:
        raise NotExported(
            f"--base-name: {folder} holds another model than {base.reference}, which the run was made on."
        )
    return str(folder.resolve())
