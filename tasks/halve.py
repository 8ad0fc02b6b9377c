"""Train the trials of a sweep rung by rung, the best of each on, and find the winner."""

from dataclasses import dataclass

from tasks.general import GeneralText
from tasks.lay_out import Plan
from tasks.measure import Losses, measure
from tasks.models import ModelFiles
from tasks.pool import Pool
from tasks.split import Data
from tasks.training.halving import ranked
from tasks.try_out import Trial, try_out


@dataclass(frozen=True)
class Swept:
    """What a sweep found: every trial of every rung, the base's losses, and the winner, a trial of the last rung."""

    plan: Plan
    before: Losses
    documents: dict[str, str]
    trials: tuple[Trial, ...]
    winner: Trial


def halve(plan: Plan, data: Data, general: GeneralText | None, base: ModelFiles, pool: Pool) -> Swept:
    """Climb the rungs of a plan.

    Raises
    ------
    ValueError
        Where there are no validation rows, or every one of them diverged.
    """
    if not data.validation.rows:
        raise ValueError(
            "curate.split: no row is held back for validation, and a sweep tells trials apart by such rows. Give more "
            "rows, or a larger validation_share."
        )
    assert general is not None  # a sweep always asks for it
    documents = dict(pool.read().select("id", "group").drop_nulls().iter_rows())
    before = measure(data, general, base, plan.trials[0])
    found: list[Trial] = []
    going = list(plan.trials)
    for place, rung in enumerate(plan.rungs):
        lengthened = [one.model_copy(update={"token_budget": rung.tokens}) for one in going[: rung.trials]]
        tried = [try_out(one, place, data, general, base, before, documents) for one in lengthened]
        found += tried
        best = [one for one in ranked(tried, plan.trials[0].forgetting.budget) if not one.diverged]
        if not best:
            raise ValueError(
                f"sweep: every trial of {rung.tokens:,} tokens diverged, the first one so: {tried[0].diverged}. Name "
                "lower values in sweep.learning_rate."
            )
        going = [one.settings for one in best]
    return Swept(plan, before, documents, tuple(found), best[0])
