"""Lay out a sweep before any work: its trials, and how far each is trained."""

from pydantic import BaseModel, ConfigDict

from tasks import cards
from tasks.caching import plain, step
from tasks.check_method import check_method
from tasks.models import ModelFiles
from tasks.reporting.text import counted
from tasks.training.halving import LEAST_STEPS, Rung, rungs
from tasks.training.settings import Tune
from tasks.training.sweep_settings import BUDGETS, Sweep
from tasks.training.trials import trials, unranked


class Plan(BaseModel):
    """The trials of a sweep, the rungs that they climb, and the tokens that they may take together."""

    model_config = ConfigDict(frozen=True)

    trials: tuple[Tune, ...]
    rungs: tuple[Rung, ...]
    keep_one_in: int
    token_budget: int

    @property
    def tokens(self) -> int:
        """Tokens that the rungs take at the most."""
        return sum(one.trials * one.tokens for one in self.rungs)


def most_taken(tune: Tune, sweep: Sweep) -> int:
    """Return how many positions the virtual tokens of a trial take at the most."""
    return max(trial.taken for trial in trials(tune, sweep))


def planned(tune: Tune, sweep: Sweep) -> Plan:
    """Return the plan of a sweep, wherever it is trained.

    Raises
    ------
    ValueError
        Where a trial can't be made, the budget is too small, or forgetting isn't measured.
    """
    if not tune.forgetting.measure_tokens:
        raise ValueError(
            "tune.forgetting.measure_tokens: it is 0, and a sweep weighs what is gained against what is forgotten. "
            "Leave it out, or give it tokens."
        )
    found = trials(tune, sweep)
    budget = sweep.token_budget or BUDGETS * tune.token_budget
    climbed = rungs(
        len(found),
        tokens=tune.token_budget,
        budget=budget,
        keep_one_in=sweep.keep_one_in,
        least=LEAST_STEPS * tune.batch_tokens,
    )
    return Plan(trials=tuple(found), rungs=tuple(climbed), keep_one_in=sweep.keep_one_in, token_budget=budget)


def fault_of_sweep(tune: Tune, sweep: Sweep) -> str:
    """Return what keeps a sweep from starting, wherever it is trained; nothing where it can."""
    try:
        planned(tune, sweep)
    except ValueError as error:
        return str(error)
    return ""


@step(name="lay_out", cached=False)
def lay_out(tune: Tune, sweep: Sweep, base: ModelFiles | None = None) -> Plan:
    """Return the plan of a sweep, on `base` where it is known already.

    Raises
    ------
    ValueError
        Where a trial can't be made or trained here, the budget is too small, or forgetting isn't measured.
    """
    plan = planned(tune, sweep)
    for one in {trial.method: trial for trial in plan.trials}.values():
        try:
            plain(check_method)(one, base)
        except ValueError as error:
            if sweep.method is None:
                raise
            raise ValueError(str(error).replace("tune.method: ", "sweep.method: ", 1)) from error
    told = ", then ".join(f"{one.trials:,} × {one.tokens:,}" for one in plan.rungs)
    most = f"{plan.tokens:,} of {plan.token_budget:,} at the most"
    cards.say(f"{counted(len(plan.trials), 'trial')}: {told} tokens, {most}")
    if without := unranked(tune, sweep):
        cards.say(f"{', '.join(without)}: no rank, so tried once for all of sweep.rank")
    return plan
