"""Write a run's sealed exam as tasks of lm-evaluation-harness, with the command that scores them."""

import shlex
from pathlib import Path
from typing import NamedTuple

import polars as pl
import yaml

from evals.exporting import GROUP, KINDS, ExportedTask, exported_tasks, scores_file
from evals.models import device_and_dtype
from evals.steering import is_ours, kind_of
from evals.units import ORDER
from tasks import models, run_files, run_settings, runs, store
from tasks.auditing.gaps import is_unsealed
from tasks.export_folder import ensure_free, ensure_writable


class Export(NamedTuple):
    """What was written: the tasks, what is said of suites left out, and the command that scores base or candidate."""

    tasks: list[ExportedTask]
    skipped: list[str]
    command: str


class NotExported(ValueError):
    """The exam can't be written as tasks; the message says why."""


def export_exam(run: Path, into: Path) -> Export:
    """Write the exam of a finished run into a new or empty folder, as its base model's chat template shows it.

    Raises
    ------
    FileExistsError
        When the folder already holds something.
    NotExported
        When the run was stopped before its exam was sealed, the base model is another than the run's, no suite is of a
        kind that a task can hold, or the folder can't be written to.
    """
    if is_unsealed(facts := runs.manifest(run)):
        raise NotExported(
            f"The run {run.name} was stopped before its exam was sealed, so that the mended recipe draws another. "
            "Export the exam of a run that came to its end."
        )
    ensure_free(into)
    items = run_files.exam(run)
    asked = {one.suite.name: one for one in run_files.suites(run) or ()}
    base = models.base(str((run_settings.recipe(run).get("model") or {}).get("base")))
    pinned = runs.digests(facts).get("base", base.content)
    if pinned != base.content:
        raise NotExported(
            f"The base model {base.reference} is another than the run {run.name} was made with. Its prompts would be "
            "others too: put that model back."
        )
    from transformers import AutoTokenizer

    folder = models.ready(base)
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    tasks = [task for task in exported_tasks(tokenizer, items, asked) if task.items]
    if not tasks:
        raise NotExported(f"The exam of the run {run.name} has no item of the kinds {', '.join(KINDS)}.")
    named = [task.suite for task in tasks]
    kinds = items.select("suite", "kind").unique(maintain_order=True)
    skipped = [_skipped(suite, kind) for suite, kind in kinds.iter_rows() if suite not in named]
    export = Export(tasks, skipped, _command(folder, into.resolve(), run / "adapter"))
    ensure_writable(into)
    name, text = scores_file()
    group = yaml.safe_dump({"group": GROUP, "task": [task.name for task in tasks]}, sort_keys=False)
    files = {name: text, f"{GROUP}.yaml": group, **{key: one for task in tasks for key, one in task.files.items()}}
    for file, content in (files | {"README.md": _readme(run, export)}).items():
        store.write_text(into / file, content)
    return export


def _skipped(suite: str, kind: str) -> str:
    if kind == "lm-eval":
        return f"{suite}: not exported, since it is a task of lm-eval already"
    if kind == "generate":
        return f"{suite}: not exported, since the run does not tell by which metric its answers are scored"
    return f"{suite}: not exported, since items of the kind {kind} are not"


def _command(model: Path, into: Path, adapter: Path) -> str:
    """Return the command; what stands in [] is for the candidate alone."""
    device, dtype = device_and_dtype()
    arguments = f"pretrained={model},dtype={str(dtype).removeprefix('torch.')},add_bos_token=False"
    # lm-eval reads adapters by PEFT, which knows no LoReFT, and no full fine-tuning.
    readable = adapter.is_dir() and not is_ours(adapter)
    candidate = f"[{shlex.quote(f',peft={adapter}')}]" if readable else ""
    return (
        f"lm_eval --model hf --model_args {shlex.quote(arguments)}{candidate} --device {device} --tasks {GROUP} "
        f"--include_path {shlex.quote(str(into))} --batch_size 4"
    )


def _readme(run: Path, export: Export) -> str:
    lines = [
        f"# The exam of {run.name}, as tasks of lm-evaluation-harness",
        "",
        "Written by `winnow export-exam`. Score it with (what stands in [] adds the candidate's adapter):",
        "",
        f"    {export.command}",
        "",
        "- `add_bos_token=False` is needed: the prompts are rendered already, special tokens spelled out. For the same "
        "reason leave `--apply_chat_template` out.",
        "- `score` is winnow's own, in the unit that the table names: "
        f"{'; '.join(_units(export))}. Higher is better. `winnow_scores.py` computes it from what lm-eval gives.",
        f"- In bfloat16 sums depend on how items are batched: {_batched(export)}. In float32 they are equal to five "
        "decimals.",
        "- The prompts are for the model named above, and for its adapters. An item longer than the model's context is "
        "cut on the left by both, and not by the same number of tokens.",
        "- The exam is sealed: whoever trains on these files can't be examined by them any more.",
        "",
        "| task | suite | items | unit | winnow's score |",
        "|---|---|---|---|---|",
    ]
    means = _means(run)
    for task in export.tasks:
        cells = (task.name, _cell(task.suite), str(task.items), task.unit, means.get(task.suite, "–"))
        lines.append(f"| {' | '.join(cells)} |")
    told = [note for task in export.tasks for note in notes(task)]
    told += export.skipped
    if (run / "adapter").is_dir() and is_ours(run / "adapter"):
        kind = "steered by LoReFT" if kind_of(run / "adapter") == "LOREFT" else "a full fine-tuning"
        told.append(f"the command scores the base alone: the candidate is {kind}, which lm-eval can't load beside it")
    return "\n".join([*lines, *(["", *(f"- {_cell(note)}" for note in told)] if told else [])]) + "\n"


def _units(export: Export) -> list[str]:
    """Say what a score is, in each unit that there is."""
    told = {
        "bits per byte": "minus the bits per byte of an answer or text",
        "share right": "1 or 0 for a choice, right where its option is likeliest by the byte (by the metric acc, as a "
        "whole), a tie being wrong",
    }
    units = sorted({task.unit for task in export.tasks}, key=ORDER.index)
    said = [f"{unit}: {told[unit]}" for unit in units if unit in told]
    if written := ", ".join(unit for unit in units if unit not in told):
        said.append(f"{written}: how near the model's own words come to the right answer, 0 to 1 (`winnow_metrics.py`)")
    return said


def _batched(export: Export) -> str:
    """Say how far single scores may differ."""
    units = {task.unit for task in export.tasks}
    told = ["single scores then differ by some thousandths of a bit per byte"] if "bits per byte" in units else []
    told += ["seldom a choice turns"] if "share right" in units else []
    told += ["an answer may be worded otherwise"] if units - {"bits per byte", "share right"} else []
    return "; ".join(told)


def notes(task: ExportedTask) -> list[str]:
    """Say what of a suite is not in its task, or not scored alike."""
    told = []
    if task.left_out:
        told.append(f"{task.suite}: {task.left_out:,} items left out, which the model's chat template refuses")
    if task.inexact:
        told.append(
            f"{task.suite}: {task.inexact:,} items are scored a little otherwise by lm-eval, which reads their "
            "beginning as other tokens"
        )
    return told


def _means(run: Path) -> dict[str, str]:
    """Tell the mean score of each suite by model, where the run examined one; of how many items, if of a part."""
    if not (run / "scores.parquet").is_file():
        return {}
    found = (
        run_files.scores(run).group_by("suite", "model", maintain_order=True).agg(pl.col("score").mean(), n=pl.len())
    )
    whole = dict(found.group_by("suite").agg(pl.col("n").max()).iter_rows())
    return {
        suite: ", ".join(
            f"{model} {score:.4f}" + ("" if count == whole[suite] else f" (of {count:,} of {whole[suite]:,} items)")
            for model, score, count in part.select("model", "score", "n").iter_rows()
        )
        for (suite,), part in found.group_by("suite", maintain_order=True)
    }


def _cell(text: str) -> str:
    """Keep a name from breaking out of a table's cell or a line."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
