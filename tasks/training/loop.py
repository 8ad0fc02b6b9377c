"""The training loop: packed batches through a frozen model, updates to its adapter."""

import hashlib
import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.training import checkpoint, threads
from tasks.training.checkpoint import Best, Position
from tasks.training.data import Examples, NothingToLearnError
from tasks.training.forgetting import Penalty, Watch, raised, to_watch
from tasks.training.gradients import NotFiniteError, accumulate
from tasks.training.loss import Validation, find_head
from tasks.training.optimizer import adamw
from tasks.training.packing import Batch, by_source, plan
from tasks.training.result import Step, TrainResult, curve
from tasks.training.schedule import learning_rate
from tasks.training.settings import INDIFFERENT
from tasks.training.trained_weights import copied, put_back
from tasks.training.tried import begins_as_base
from tasks.training.workers import fingerprint

if TYPE_CHECKING:
    from evals.adapters import Adapted
    from tasks.training.example import Example
    from tasks.training.settings import Tune
    from tasks.training.workers import Workers

logger = logging.getLogger(__name__)


class LossNotFiniteError(ValueError):
    """Training that left the real numbers; `result` holds the last good adapter."""

    def __init__(self, message: str, result: TrainResult) -> None:
        super().__init__(message)
        self.result = result


class Training:
    """One training under way: what it works on, and how far it has come.

    Parameters
    ----------
    model
        The wrapped model.
    rows, held
        Examples to train on and to validate with.
    settings
        See `Tune`.
    packed
        Whether the model attends within segments.
    out
        Folder for checkpoints and the adapter, or None.
    general, watched
        General examples to replay, and others on which forgetting is measured.
    workers
        Processes that share the work of every step, if any do.
    """

    def __init__(
        self,
        model: "Adapted",
        rows: "Examples",
        held: "Examples",
        settings: "Tune",
        *,
        packed: bool,
        out: Path | None,
        general: "Sequence[Example]" = (),
        watched: "Sequence[Example]" = (),
        workers: "Workers | None" = None,
    ) -> None:
        self.workers = workers
        self.model, self.rows, self.settings, self.packed, self.out = model, rows, settings, packed, out
        if (settings.replay or settings.forgetting.kl_weight) and not general:
            raise NothingToLearnError("replay and kl_weight need general text, and there is none: see tune.general.")
        self.seen = [*rows, *general]
        self.batches = plan(rows, settings, general=general, pack_tokens=None if packed else 1)
        self.tokens_planned = sum(batch.tokens for batch in self.batches)
        self.head = find_head(model, rows[0], packed=packed)
        validation = Validation(held, settings, packed=packed, head=self.head)
        general_text = to_watch(watched, settings, packed=packed, head=self.head)
        self.watch = Watch(general_text, validation, packed=packed, head=self.head)
        self.penalty = Penalty(general, settings, packed=packed)
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimizer = adamw(model, settings)
        parts = (rows, held, Examples(tuple(general)), Examples(tuple(watched)))
        self.digest = _digest(model, parts, settings, self.batches)
        self.position = Position(kl_weight=settings.forgetting.kl_weight)
        self._is_broken = False
        self._since = (time.perf_counter(), time.process_time())

    def resume(self) -> None:
        """Continue where the newest checkpoint stands; without one, stay at the beginning."""
        found = checkpoint.latest(self.out) if self.out else None
        if found is None:
            return
        self.position = checkpoint.load(found, self.model, self.optimizer, self.digest)
        logger.info("Continuing from step %d of %d.", self.position.step, len(self.batches))

    def run(self, progress: Callable[[Step], None] | None = None) -> TrainResult:
        """Take every step that is left, and end with the adapter to keep."""
        self.model.train()
        if self.settings.recompute:
            self.model.gradient_checkpointing_enable({"use_reentrant": False})
        if not self.position.steps:
            self._begin(progress)
        for batch in self.batches[self.position.step :]:
            if self.position.ended:
                break
            try:
                step = self._step(batch)
            except NotFiniteError as error:
                raise self._broken(batch, str(error)) from None
            self._record(step, progress)
        return self._result()

    def _begin(self, progress: Callable[[Step], None] | None) -> None:
        """Look at the base's validation loss before the first step."""
        with self.model.disable_adapter():
            looked = self._look()
        if looked:
            begun = Step(0, len(self.batches), 0, self.tokens_planned, None, 0.0, None, None, self._tick())
            self._record(replace(begun, **looked), progress)

    def _step(self, batch: Batch) -> Step:
        """Update the adapter once, and look at validation loss when it is time to."""
        at = self.position
        rate = learning_rate(self.settings, (at.tokens + batch.tokens / 2) / self.tokens_planned)
        loss, norm = self._update(batch, rate)
        at.step += 1
        at.tokens += batch.tokens
        at.supervised_tokens += batch.supervised
        due = at.step % self.settings.validate_every_steps == 0 or at.step == len(self.batches)
        looked = self._look() if due else {}
        self._ensure_sound(looked, batch)
        done = (at.step, len(self.batches), at.tokens, self.tokens_planned)
        step = Step(*done, loss, rate, norm, None, self._tick(), kl_weight=at.kl_weight)
        return replace(step, **looked) if looked else step

    def _ensure_sound(self, looked: dict[str, Any], batch: Batch) -> None:
        """Refuse a step behind which held-back text has no loss any more: its update broke the weights."""
        if _is_finite(looked):
            return
        at = self.position
        at.step, at.tokens = at.step - 1, at.tokens - batch.tokens
        at.supervised_tokens -= batch.supervised
        raise NotFiniteError("behind it the loss of validation rows or general text is no number")

    def _look(self) -> dict[str, Any]:
        """Measure validation loss and forgetting; nothing where there is nothing to measure either on."""
        with threads.limited_to(self.settings.threads):  # all of them: workers have nothing to do meanwhile
            loss, found = self.watch.look(self.model)
        looked = {"validation_loss": loss}
        if found is not None:
            looked |= {"general_loss": found.loss, "divergence": found.divergence}
            looked |= {"divergence_domain": found.divergence_domain}
        return looked if loss is not None or found is not None else {}

    def _update(self, batch: Batch, rate: float) -> tuple[float, float]:
        """Sum a batch's gradient over its packs and apply it; return its loss per learnt token and norm."""
        import torch

        self.optimizer.zero_grad(set_to_none=True)
        at = self.position
        packs: Sequence[Sequence[int]] = batch.packs
        if self.workers is not None:
            packs = self.workers.hand_out(list(chain(*packs)), batch.supervised, at.step)
        total = accumulate(self.model, self.seen, packs, batch.supervised, packed=self.packed, head=self.head)
        if self.workers is not None:
            loss, cpu_seconds = self.workers.gather()
            total, at.cpu_seconds = total + loss, at.cpu_seconds + cpu_seconds
        if at.kl_weight and self.penalty:
            for part in self.penalty.parts(self.model, at.step, at.kl_weight):
                torch.autograd.backward(part)
        norm = torch.nn.utils.clip_grad_norm_(self.weights, self.settings.clip or math.inf).item()
        if not math.isfinite(norm):
            raise NotFiniteError(f"the gradient's norm is {norm}")
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        return total, norm

    def _record(self, step: Step, progress: Callable[[Step], None] | None) -> None:
        """Note a step, its adapter if it is the best so far, and a checkpoint when one is due."""
        at = self.position
        at.steps.append(step)
        held_loss = step.validation_loss
        if held_loss is not None:
            logger.info("Step %d of %d: validation loss %.4f.", step.step, step.steps, held_loss)
            # What an adapter begins as need not be the base, whose loss step 0 tells.
            begun = step.step or begins_as_base(self.model, self.rows[0], self.settings, packed=self.packed)
            if begun and math.isfinite(held_loss) and (at.best is None or held_loss < at.best.loss):
                at.best = Best(step.step, held_loss, copied(self.model))
        self._answer(step)
        due = step.step and step.step % self.settings.checkpoint_every_steps == 0
        if self.out is not None and due and step.step < step.steps:
            checkpoint.save(self.out, self.model, self.optimizer, at, self.digest)
        if progress is not None:
            progress(step)

    def _answer(self, step: Step) -> None:
        """Do what the settings say where too much is forgotten, or nothing is gained any more."""
        at, settings = self.position, self.settings
        if step.general_loss is not None and settings.forgetting.budget is not None:
            rise = step.general_loss - (at.steps[0].general_loss or 0.0)
            if rise > settings.forgetting.budget:
                told = (
                    f"Step {step.step}: general text lost {rise:.3f} nats per token of {settings.forgetting.budget:g}"
                )
                if settings.forgetting.on_breach == "penalise" and self.penalty:
                    at.kl_weight = raised(at.kl_weight)
                    told += f"; kl_weight is {at.kl_weight:g} from here on"
                elif settings.forgetting.on_breach == "stop":
                    at.ended = f"general text lost {rise:.3f} nats per token of {settings.forgetting.budget:g}"
                logger.warning("%s.", told)
        if settings.patience and step.validation_loss is not None and at.best is not None:
            since = sum(one.validation_loss is not None for one in at.steps if one.step > at.best.step)
            if since >= settings.patience:
                at.ended = f"no lower validation loss in {since} looks"
        if step.step == step.steps:
            at.ended = ""  # nothing was left that could end early

    def _result(self) -> TrainResult:
        """Put the adapter to keep in place, save it, and give the account."""
        at, kept = self.position, self.position.step
        if at.best is not None and (self._is_broken or (self.settings.keep == "best" and at.best.step != at.step)):
            put_back(self.model, at.best.weights)
            kept = at.best.step
        self.optimizer.zero_grad(set_to_none=True)
        if self.settings.recompute:
            self.model.gradient_checkpointing_disable()
        self.model.eval()
        self._tick()
        result = TrainResult(
            model=self.model,
            curve=curve(at.steps),
            tokens=at.tokens,
            supervised_tokens=at.supervised_tokens,
            seconds=at.seconds,
            cpu_seconds=at.cpu_seconds,
            step=kept,
            tokens_planned=self.tokens_planned,
            replayed_tokens=sum(batch.replayed for batch in self.batches[: at.step]),
            ended=at.ended,
            truncated=self.rows.truncated,
            skipped=self.rows.skipped,
            torn=self.rows.torn,
            unlearnt=self.rows.unlearnt,
            tokens_by_source=by_source(self.rows, self.batches[: at.step]),
        )
        if self.out is None:
            return result
        return replace(result, adapter=checkpoint.save_adapter(result, self.out / "adapter"))

    def _broken(self, batch: Batch, what: str) -> LossNotFiniteError:
        """Keep the last good adapter, and say what happened."""
        failed = self.position.step + 1
        self._is_broken = not _is_finite(self._look())
        ids = [self.seen[at].id for members in batch.packs for at in members]
        shown = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
        result = self._result()
        where = f" in {result.adapter}" if result.adapter else ""
        return LossNotFiniteError(
            f"Training stopped at step {failed} of {len(self.batches)}: {what}. The adapter of step {result.step} is "
            f"kept{where}. Lower learning_rate (now {self.settings.learning_rate:g}) or look at the step's records "
            f"({shown}).",
            result,
        )

    def _tick(self) -> float:
        """Add the time since the last call to the account, and return the wall time so far."""
        now = (time.perf_counter(), time.process_time())
        self.position.seconds += now[0] - self._since[0]
        self.position.cpu_seconds += now[1] - self._since[1]
        self._since = now
        return self.position.seconds


def _is_finite(looked: dict[str, Any]) -> bool:
    return all(value is None or math.isfinite(value) for value in looked.values())


def _digest(model: "Adapted", parts: "Sequence[Examples]", settings: "Tune", batches: Sequence[Batch]) -> str:
    """Hash all that decides the course of a training: data, their order, settings, a few numbers of every weight."""
    state = hashlib.blake2b(digest_size=16)
    for batch in batches:
        state.update(f"{sorted(chain.from_iterable(batch.packs))}".encode())
    for text in (*(part.digest for part in parts), settings.model_dump_json(exclude=set(INDIFFERENT))):
        state.update(text.encode())
    state.update(fingerprint(model.named_parameters()).encode())
    return state.hexdigest()
