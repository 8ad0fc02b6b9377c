"""Fine-tune the base model on the training set; a killed run goes on from its last checkpoint."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from evals.steering import CONFIG, WEIGHTS
from tasks import cards, store, weights
from tasks.caching import step
from tasks.general import GeneralText
from tasks.models import ModelFiles, ready, weights_of
from tasks.monitors import watching
from tasks.reporting.text import counted
from tasks.split import Data
from tasks.training.result import Step, TrainResult
from tasks.training.settings import Tune
from tasks.turns import turn


class Trained(BaseModel):
    """A trained adapter, its curve and its account."""

    model_config = ConfigDict(frozen=True)

    adapter: store.Folder
    curve: store.Table
    facts: dict[str, Any]


@step(name="fine_tune")
def fine_tune(data: Data, general: GeneralText | None, base: ModelFiles, settings: Tune) -> Trained:
    """Return an adapter trained on `data.train`, chosen by the loss on `data.validation`.

    What it forgets of general text is measured while it is trained, and held back as the settings say.
    """
    from tasks.training.checkpoint import latest

    desk = store.scratch("training", store.value_digest([data, general, base.content, settings]))
    with turn():
        begun = latest(desk)
        settings, result = _trained(data, general, base, settings, desk)
    trained = Trained(
        adapter=store.write_folder("adapters", lambda folder: _fill(desk / "adapter", folder, base)),
        curve=store.write_table(result.curve),
        facts={
            "method": settings.method,
            "workers": settings.workers,
            "tokens": result.tokens,
            "tokens_planned": result.tokens_planned,
            "replayed_tokens": result.replayed_tokens,
            "supervised_tokens": result.supervised_tokens,
            "seconds": round(result.seconds, 1),
            "tokens_per_second": round(result.tokens / max(result.seconds, 1e-9), 1),
            "validation_loss_before": result.validation_before,
            "validation_loss_after": result.validation_after,
            "general_loss_before": result.general_before,
            "forgotten": result.forgotten,
            "chosen_step": result.step,
            **({"ended": result.ended} if result.ended else {}),
            "records_truncated": len(result.truncated),
            "records_skipped": len(result.skipped),
            "last_answers_cut": len(result.torn),
            "earlier_answers_unlearnt": result.unlearnt,
            "tokens_by_source": dict(result.tokens_by_source),
        },
    )
    shutil.rmtree(desk, ignore_errors=True)
    resumed = [] if begun is None else [f"went on behind step {int(begun.name.rpartition('-')[2]):,}"]
    cards.say("; ".join([*_summary(trained, result, data.train.rows, settings), *resumed]))
    return trained


def _trained(
    data: Data, general: GeneralText | None, base: ModelFiles, settings: Tune, desk: Path
) -> tuple[Tune, TrainResult]:
    """Train, and return the settings with the number of workers that it took; checkpoints lie on the desk."""
    from tasks.training.engine import train
    from tasks.training.methods import load_base
    from tasks.training.threads import spread

    model, tokenizer = load_base(ready(base), settings)
    settings = spread(settings, model)
    with cards.progress("Training (tokens)") as tick, watching(settings.monitor) as told:

        def progress(at: Step) -> None:
            tick(at.tokens, at.tokens_planned)
            told(at)

        return settings, train(
            model,
            store.read_table(data.train),
            settings,
            validation=store.read_table(data.validation),
            general=() if general is None else store.read_table(general.train),
            watched=() if general is None else store.read_table(general.held),
            tokenizer=tokenizer,
            out=desk,
            resume=True,
            progress=progress,
            clear=False,  # the disk may be full when the adapter is stored: the desk goes behind that
        )


def _fill(adapter: Path, folder: Path, base: ModelFiles) -> None:
    """Take the adapter's files; it names its base as the recipe does, and its weights by their digest."""
    shutil.copytree(adapter, folder, dirs_exist_ok=True)
    weights.note(folder / WEIGHTS, **{weights.BASE: " ".join(weights_of(base))})
    config = folder / CONFIG
    named = json.loads(config.read_text(encoding="utf-8")) | {"base_model_name_or_path": base.reference}
    config.write_text(json.dumps(named, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _summary(trained: Trained, result: TrainResult, rows: int, settings: Tune) -> Iterator[str]:
    """Tell a training, part by part; what did not happen is left out."""
    facts = trained.facts
    steps = counted(result.curve.height - 1, "step")
    told = (
        f"{result.tokens:,} tokens{_shares(result, settings)} in {steps} at {facts['tokens_per_second']:,.0f} tokens/s"
    )
    yield told
    before, after = result.validation_before, result.validation_after
    parts = [] if before is None or after is None else [f"validation loss {before:.3f} → {after:.3f}"]
    if (forgotten := result.forgotten) is not None:
        budget = settings.forgetting.budget
        over = "" if budget is None or forgotten <= budget else f", beyond the budget of {budget:g}"
        parts.append(f"general text {forgotten:+z.3f}{over}")
    if parts:
        yield ", ".join(parts)
    if (weight := max(result.curve["kl_weight"])) > settings.forgetting.kl_weight:
        yield f"held back by a penalty on forgetting, of kl_weight {weight:g} in the end"
    if result.truncated:
        yield _cut(result, rows, settings)
    if result.skipped:
        first = result.skipped[0]
        why = (first.detail or "it holds no token to learn").rstrip(".")
        yield f"{counted(len(result.skipped), 'record')} left out, the first ({first.id[:8]}) because: {why}"
    if before is not None and result.step == 0:
        yield "no step lowered validation loss, so this adapter is the base: train longer, or at another learning_rate"
    if result.ended:
        yield f"ended early: {result.ended}"


def _shares(result: TrainResult, settings: Tune) -> str:
    """Tell of which sources the tokens are, where the settings ask for shares."""
    named = result.tokens_by_source.items() if settings.source_weights else ()
    told = [f"{source} {tokens:,}" for source, tokens in named]
    if result.replayed_tokens:
        told.append(f"general text {result.replayed_tokens:,}")
    return f" ({', '.join(told)})" if told else ""


def _cut(result: TrainResult, rows: int, settings: Tune) -> str:
    """Tell what was cut to the window, and what answers lost by it."""
    window = "tune.max_length" if result.max_length == settings.max_length else "all that the model reads"
    told = f"{len(result.truncated):,} of {counted(rows, 'record')} cut to {result.max_length:,} tokens ({window})"
    if result.torn:
        told += f", {len(result.torn):,} of them in the last answer"
    if result.unlearnt:
        told += f", {counted(result.unlearnt, 'earlier answer')} not learnt for it"
    return told
