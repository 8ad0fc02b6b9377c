"""The model card: what an adapter is, what it was trained on, how it was judged, and how it is loaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl
import yaml

from evals.steering import kind_of
from evals.verdict import Verdict
from tasks import licences, run_files, run_settings, runs
from tasks.reporting.comparisons import of_verdict
from tasks.reporting.markdown import comparison_table, escape
from tasks.reporting.text import one_line
from tasks.run_adapter import base_of
from tasks.run_files import GENERAL_PARTS
from tasks.training.scales import UNSCALED
from tasks.training.settings import Tune, general_for

_HUB = re.compile(r"[\w.-]+/[\w.-]+")
_HERE = "PATH/OF/THIS/FOLDER"

_PLAIN = """from transformers import AutoModelForCausalLM, AutoTokenizer

model = AutoModelForCausalLM.from_pretrained("{here}")
tokenizer = AutoTokenizer.from_pretrained("{here}")
"""

_AUTO = """from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

model = AutoPeftModelForCausalLM.from_pretrained("{here}")
tokenizer = AutoTokenizer.from_pretrained({base})
"""

_PEFT = """from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained({base})
model = PeftModel.from_pretrained(base, "{here}")
tokenizer = AutoTokenizer.from_pretrained({base})
"""

_WINNOW = """from pathlib import Path

from evals.models import load
from tasks import models

base = models.ready(models.base({base}))
model, tokenizer = load(base, adapter=Path("{here}"))
"""

Kind = Literal["adapter", "named adapter", "model"]
"""What a card is of: a run's adapter, one whose configuration names a base that PEFT finds, or a merged model."""


@dataclass(frozen=True)
class Facts:
    """What a card tells of: a run's folder, the adapter's, and what is known of them.

    `receipts` are those of the run's rows; None where the adapter was trained elsewhere.
    """

    run: Path
    adapter: Path
    digests: Mapping[str, str]
    training: Mapping[str, Any]
    verdict: Verdict
    receipts: pl.DataFrame | None


_OURS = {"LOREFT": "LoReFT", "FULL": "a full fine-tuning"}


def of_run(run: Path, adapter: Path) -> Facts:
    """Gather the facts of a finished run, whose adapter lies in a folder."""
    manifest, verdict = runs.manifest(run), run_files.verdict(run)
    if verdict is None:
        raise runs.DamagedRun(run / "verdict.json", "is missing")
    trained = manifest.get("training")
    own = isinstance(trained, dict)
    return Facts(
        run=run,
        adapter=adapter,
        digests=runs.digests(manifest),
        training=trained if isinstance(trained, dict) else {},
        verdict=verdict,
        receipts=run_files.receipts(run) if own else None,
    )


def write(facts: Facts, *, kind: Kind = "adapter", base: str = "", more: str = "") -> str:
    """Return the card's markdown.

    Parameters
    ----------
    facts
        What it tells.
    kind
        What it is a card of.
    base
        What an adapter's configuration names as its base, where that is not what the recipe names.
    more
        What there is to say of an export beside, as markdown.
    """
    recipe, reference, is_own = run_settings.recipe(facts.run), base_of(facts.run), facts.receipts is not None
    own = _OURS.get(kind_of(facts.adapter), "")
    tune = Tune.model_validate(recipe.get("tune", {})) if is_own else None
    general = None if tune is None else general_for(tune)
    sources = [*run_settings.sources(facts.run), *(general.sources if general else ())] if is_own else []
    declared = [licences.of_model(reference), *map(licences.of_source, sources)]
    parts = [
        _front(kind, base or reference, tune, own=own, licence=licences.common(declared) if sources else None),
        f"# {escape(str(recipe.get('name', '')))}",
        _about(kind, reference, facts),
        more,
        _verdict(facts.verdict, facts.training.get("chosen_scale", UNSCALED)),
        _training(tune, facts),
        _data(facts),
        _licences(declared, is_own=is_own),
        _loading(kind, base or reference, own=own),
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _front(kind: Kind, base: str, tune: Tune | None, *, own: str, licence: str | None) -> str:
    """Return the card's metadata, which may name a base by its hub id alone: the hub refuses a card with another."""
    said: dict[str, Any] = {}
    if licence is not None:
        said["license"] = licence
    if _is_hub_id(base):
        said["base_model"] = base
        said["base_model_relation"] = "finetune" if kind == "model" else "adapter"
    if not own:
        said["library_name"] = "transformers" if kind == "model" else "peft"
    said["pipeline_tag"] = "text-generation"
    said["tags"] = ["winnow", *([tune.method] if tune is not None else [])]
    return f"---\n{yaml.safe_dump(said, sort_keys=False, allow_unicode=True)}---"


def _about(kind: Kind, base: str, facts: Facts) -> str:
    what = "A model with its adapter merged into it," if kind == "model" else "An adapter,"
    judged = f"**{facts.verdict.decision}**: {escape(facts.verdict.reason, 600)}"
    lines = [
        f"{what} judged by winnow in run {_code(facts.run.name)}. The verdict was {judged}.",
        "",
        "| part | named | digest of its files |",
        "|---|---|---|",
        f"| base model | {_code(base)} | {_code(facts.digests.get('base', 'unknown'))} |",
        f"| adapter | {_code(kind_of(facts.adapter))} | {_code(facts.digests.get('adapter', 'unknown'))} |",
    ]
    return "\n".join(lines)


def _verdict(verdict: Verdict, chosen: float) -> str:
    """Tell the verdict; `chosen` is the scale that the adapter had been turned down to before the exam was asked."""
    level = f"{100 * (1 - verdict.gate.alpha):g}%"
    lines = [
        "## Verdict",
        "",
        "Candidate minus base on the items of a sealed exam; above zero is better.",
        "",
        *comparison_table(of_verdict(verdict.model_dump(mode="json"))),
        "",
        f"Each end of an interval holds with {level} confidence; it must lie above the line.",
    ]
    if verdict.scale < 1:
        scale = chosen * verdict.scale
        lines += ["", f"The adapter's change is turned down to {scale:g} of what was trained, to forget less."]
    lines += [f"\n{escape(one.suite)}: not examined, because {escape(one.reason, 300)}." for one in verdict.unexamined]
    lines += [f"\n{escape(one.suite)}: not asked, since the verdict stood before." for one in verdict.skipped]
    return "\n".join(lines)


def _training(tune: Tune | None, facts: Facts) -> str:
    if tune is None:
        return "## Training\n\nThe adapter was trained elsewhere: how, and on what, winnow was not told."
    told, lines = facts.training, ["## Training", ""]
    if told.get("tokens"):
        lines.append(f"{told['tokens']:,} tokens, {told.get('supervised_tokens', 0):,} of them learnt.")
    before, after = told.get("validation_loss_before"), told.get("validation_loss_after")
    if before is not None and after is not None:
        lines[-1] += f" Validation loss {before:.3f} → {after:.3f} nats per token."
    if scale := told.get("chosen_scale"):
        lines += ["", _turned_down(told, scale)]
    settings = yaml.safe_dump(tune.model_dump(mode="json", exclude_none=True), sort_keys=False, allow_unicode=True)
    return "\n".join([*lines, "", "```yaml", settings.replace("`", "'").strip(), "```"])


def _turned_down(told: Mapping[str, Any], scale: float) -> str:
    """Say what was found at the scale that was chosen, and as it was trained."""
    tried = {one["scale"]: one for one in told["scales_tried"]}
    line = (
        f"Before the exam the adapter's change was turned down to {scale:g} of what was trained: the loss of "
        f"general text rises by {tried[scale]['forgotten']:.3f} nats per token there, and rose by "
        f"{tried[UNSCALED]['forgotten']:.3f}."
    )
    return f"{line} {_of_spare_items(tried, scale)}".rstrip()


def _of_spare_items(tried: Mapping[float, Mapping[str, Any]], scale: float) -> str:
    """Say what the spare items of the retention suites told, where they were asked."""
    parts = [
        f"{escape(one['suite'])} {one['mean']:+z.3f} ({bound}; as it was trained {was['mean']:+z.3f})"
        for one, was in zip(tried[scale].get("retention", ()), tried[UNSCALED].get("retention", ()), strict=False)
        for bound in ["too few documents for a bound" if one["lower"] is None else f"at least {one['lower']:+z.3f}"]
    ]
    told = ", ".join(parts)
    return f"What must be kept, on items that the exam does not ask: {told}." if told else ""


def _data(facts: Facts) -> str:
    receipts = facts.receipts
    if receipts is None:
        return ""
    parts = [(part, facts.digests.get(part, "unknown")) for part in ("train", "validation")]
    kept = pl.col("fate") == "kept"
    counts = {part: receipts.filter(kept & (pl.col("reason") == part)).height for part, _ in parts}
    general = run_files.general(facts.run) or {}
    beside = [
        (what, general[part].height, facts.digests.get(name, "unknown"))
        for (part, name), what in zip(GENERAL_PARTS.items(), ("general rows", "general rows held back"), strict=True)
        if part in general
    ]
    sources = receipts.group_by("source", maintain_order=True).agg(rows=pl.len(), kept=kept.sum())
    return "\n".join(
        [
            "## Data",
            "",
            "| part | rows | digest |",
            "|---|--:|---|",
            *(f"| {part} | {counts[part]:,} | {_code(digest)} |" for part, digest in parts),
            *(f"| {what} | {rows:,} | {_code(digest)} |" for what, rows, digest in beside),
            "",
            "| source | rows in | kept |",
            "|---|--:|--:|",
            *(f"| {escape(source)} | {rows:,} | {left:,} |" for source, rows, left in sources.iter_rows()),
        ]
    )


def _licences(declared: list[licences.Licence], *, is_own: bool) -> str:
    lines = [
        "## Licences",
        "",
        "What the parts declare of themselves. Which licence the whole may have is for whoever publishes it to say.",
        "",
        "| part | licence | where it says so |",
        "|---|---|---|",
        *(f"| {escape(one.what)} | {escape(one.name) or 'unknown: look'} | {escape(one.where)} |" for one in declared),
    ]
    if not is_own:
        lines.append("| data | unknown: look | winnow was not told what it was trained on |")
    return "\n".join(lines)


def _loading(kind: Kind, base: str, *, own: str) -> str:
    lines, by_peft = ["## Load it", ""], _is_hub_id(base) or any(Path(base).expanduser().glob("*.safetensors"))
    if kind == "model":
        code = _PLAIN
    elif own or not by_peft:
        code = _WINNOW
        what = f"PEFT reads no adapter like this one ({own})" if own else "PEFT can't find a base by that name"
        lines += [f"{what}, so winnow loads it:", ""]
    else:
        code = _AUTO if kind == "named adapter" else _PEFT
    lines += ["```python", code.format(here=_HERE, base=repr(base)).strip(), "```"]
    if kind == "adapter" and not own and not by_peft:
        lines += ["", "`winnow export-adapter` writes a copy for plain PEFT, `winnow export-model` a merged model."]
    return "\n".join(lines)


def _is_hub_id(reference: str) -> bool:
    return bool(_HUB.fullmatch(reference)) and not Path(reference).exists()


def _code(text: str) -> str:
    """Show a text as it is spelled, but for what would end its cell or read as markup where code is not marked."""
    return f"`{''.join(' ' if letter in '|`<>' else letter for letter in one_line(text))}`"
