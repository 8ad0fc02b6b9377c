"""Fine-tune the base model on the training set; a killed run goes on from its last checkpoint."""

import json
import shutil
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
    from tasks.training.checkpoint import save_adapter

    desk = store.scratch("training", store.value_digest([data, general, base.content, settings]))
    with turn():
        settings, result = _trained(data, general, base, settings, desk)
    saved = save_adapter(result, desk / "final")
    trained = Trained(
        adapter=store.write_folder("adapters", lambda folder: _fill(saved, folder, base)),
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
        },
    )
    shutil.rmtree(desk, ignore_errors=True)
    cards.say(_summary(trained, result.curve.height - 1))
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
        )


def _fill(adapter: Path, folder: Path, base: ModelFiles) -> None:
    """Take the adapter's files; it names its base as the recipe does, and its weights by their digest."""
    shutil.copytree(adapter, folder, dirs_exist_ok=True)
    weights.note(folder / WEIGHTS, **{weights.BASE: " ".join(weights_of(base))})
    config = folder / CONFIG
    named = json.loads(config.read_text(encoding="utf-8")) | {"base_model_name_or_path": base.reference}
    config.write_text(json.dumps(named, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _summary(trained: Trained, steps: int) -> str:
    facts = trained.facts
    told = f"{facts['tokens']:,} tokens in {counted(steps, 'step')} at {facts['tokens_per_second']:,.0f} tokens/s"
    before, after = facts["validation_loss_before"], facts["validation_loss_after"]
    if before is not None and after is not None:
        told += f"; validation loss {before:.3f} → {after:.3f}"
    if (forgotten := facts["forgotten"]) is not None:
        told += f", general text {forgotten:+.3f}"
    if cut := facts["records_truncated"]:
        told += f"; {counted(cut, 'record')} cut to tune.max_length"
    if before is not None and facts["chosen_step"] == 0:
        told += (
            "; no step lowered validation loss, so this adapter is the base: train longer, or at another learning_rate"
        )
    return f"{told}; ended early: {facts['ended']}" if "ended" in facts else told
