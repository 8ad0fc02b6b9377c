"""Write the directory of a sweep: its trials, the picture, the winner's recipe; the manifest comes last."""

import math
from typing import Any

import polars as pl

from tasks import cards, store
from tasks.caching import step
from tasks.halve import Swept
from tasks.outcome import Outcome
from tasks.reporting.statistics import share
from tasks.reporting.sweep import NATS, TRIALS, SweepEvidence, render, sweep_markdown
from tasks.reporting.text import counted
from tasks.runs import Run
from tasks.training.halving import front, ranked
from tasks.training.trials import name
from tasks.try_out import Trial

OPTIMISTIC = (
    "Trials were told apart by validation rows alone: the best of many looks a little better than it is. Run the "
    "winner's recipe to have the exam tell."
)

_TRIED = {"learning_rate": "learning rate", "rank": "rank"}
_LEAST = {"rank": 1}


@step(name="publish_sweep", cached=False)
def publish_sweep(run: Run, swept: Swept, alpha: float, recipe: str) -> Outcome:
    """Publish a sweep; `recipe` is the winner's, and intervals have the gate's level."""
    table = trials_table(swept, alpha)
    store.write_parquet(run.folder / "trials.parquet", table)
    store.write_parquet(run.folder / "losses.parquet", _losses(swept, table))
    store.write_text(run.folder / "recipe.yaml", recipe)
    reason, doubts = reason_of(swept, table), doubts_of(swept, table, alpha)
    tokens = int(table["tokens"].sum())
    facts = {
        "trials": len(swept.plan.trials),
        "rungs": ", then ".join(f"{one.trials:,} × {one.tokens:,} tokens" for one in swept.plan.rungs),
        "tokens trained": tokens,
        "tokens allowed": swept.plan.token_budget,
        "forgetting budget": _budget(swept),
    }
    evidence = SweepEvidence(
        name=run.name,
        run_id=run.folder.name,
        started=run.started,
        seconds=run.seconds,
        reason=reason,
        doubts=doubts,
        trials=table,
        budget=_budget(swept),
        confidence=share(1 - alpha),
        facts=facts,
        recipe=recipe,
    )
    store.write_text(run.folder / "report.html", render(evidence))
    cards.markdown("sweep", sweep_markdown(evidence), "Which settings gain the most within the budget of forgetting")
    for doubt in doubts:
        cards.say(doubt)
    run.commit(state="Swept", reason=reason, facts={"sweep": facts | {"winner": name(swept.winner.settings)}})
    return Outcome(state="Swept", reason=reason, run=run.folder.name)


def trials_table(swept: Swept, alpha: float) -> pl.DataFrame:
    """Return every trial as a line (schema `tasks.reporting.sweep.TRIALS`), the last rung first, the best first."""
    last = max(one.rung for one in swept.trials)
    ordered = [
        one
        for rung in range(last, -1, -1)
        for one in ranked([trial for trial in swept.trials if trial.rung == rung], _budget(swept))
    ]
    lines = [
        _line(one, swept, alpha)
        | {"number": number, "on_front": on, "full_length": one.rung == last, "winner": one is swept.winner}
        for number, (one, on) in enumerate(zip(ordered, front(ordered), strict=True), start=1)
    ]
    return pl.DataFrame(lines, schema=TRIALS)


def reason_of(swept: Swept, table: pl.DataFrame) -> str:
    """Say in a sentence what won, and how surely."""
    best = table.row(by_predicate=pl.col("winner"), named=True)
    budget = _budget(swept)
    gain, low, forgotten = (_number(best[key]) for key in ("gain", "gain_lower", "forgotten"))
    others = table.filter(~pl.col("winner"), pl.col("gain").is_not_null())
    noise = int(others["within_noise"].sum())
    allowed = "" if budget is None else f" of {budget:g} allowed"
    told = f"{best['trial']} gains {gain} nats per token (at least {low}), and forgets {forgotten}{allowed}"
    if others.is_empty():
        return f"{told}."
    if noise:
        return f"{told}; these rows can't tell it from {noise:,} of {counted(others.height, 'other training')}."
    rest = "the other training" if others.height == 1 else f"all {others.height:,} other trainings"
    return f"{told}; these rows tell it from {rest}."


def doubts_of(swept: Swept, table: pl.DataFrame, alpha: float) -> tuple[str, ...]:
    """Say what speaks against the winner."""
    best, budget = table.row(by_predicate=pl.col("winner"), named=True), _budget(swept)
    told = []
    if budget is not None and best["forgotten"] > budget:
        told.append(f"{_none_within(table, budget)}; the winner is the least beyond it.")
    elif budget is not None and not best["forgotten_upper"] <= budget:
        told.append(f"It is not sure that the winner stays within the budget of {budget:g}: general rows are few.")
    if swept.winner.trained is not None and swept.winner.trained.facts.get("chosen_step") == 0:
        told.append(
            "The winner is the base itself: no step lowered its validation loss. Name other values in "
            "sweep.learning_rate, or give more tokens."
        )
    elif not best["gain_lower"] > 0:
        told.append("The winner's gain is not surely above zero.")
    else:
        told += _edges(table, best)
    if not best["on_front"]:
        told.append("A shorter training gains as much and forgets less: a smaller tune.token_budget may do.")
    if behind := _left_behind(swept, alpha):
        told.append(
            f"{counted(behind, 'trial')} went no further that can't be told from the last that did; a larger "
            "sweep.token_budget trains more of them longer."
        )
    if broken := table["diverged"].str.len_chars().gt(0).sum():
        told.append(f"{counted(int(broken), 'trial')} diverged.")
    return (*told, OPTIMISTIC)


def _edges(table: pl.DataFrame, best: dict[str, Any]) -> list[str]:
    """Say where the winner has the smallest or the largest value that its method was tried with."""
    told = []
    for column, called in _TRIED.items():
        tried = table.filter(pl.col("method") == best["method"])[column].drop_nulls().unique()
        for edge, of_all, further in ((tried.min(), "smallest", "smaller"), (tried.max(), "largest", "larger")):
            if len(tried) > 1 and best[column] == edge and (further == "larger" or edge != _LEAST.get(column)):
                told.append(
                    f"Its {called} is the {of_all} of {len(tried)} that were tried: a {further} one may do better. "
                    f"Name some in sweep.{column}."
                )
    return told


def _none_within(table: pl.DataFrame, budget: float) -> str:
    """Say that no trial stays within the budget, or where shorter trainings do, that none of full length does."""
    shorter = table.filter(~pl.col("full_length"), pl.col("forgotten") <= budget).height
    if not shorter:
        return f"No trial stays within the budget of {budget:g}"
    does = f"{counted(shorter, 'shorter one')} {'does' if shorter == 1 else 'do'}"
    return f"No trial of full length stays within the budget of {budget:g}, and {does}"


def _line(trial: Trial, swept: Swept, alpha: float) -> dict[str, Any]:
    from tasks.training.item_losses import compared

    settings = trial.settings
    facts = {} if trial.trained is None else trial.trained.facts
    line: dict[str, Any] = {
        "trial": name(settings),
        "method": settings.method,
        "rank": settings.rank,
        "learning_rate": settings.learning_rate,
        "replay": settings.replay,
        "rung": trial.rung,
        "token_budget": settings.token_budget,
        "tokens": facts.get("tokens"),
        "seconds": facts.get("seconds"),
        "scale": facts.get("chosen_scale"),
        "diverged": trial.diverged,
    }
    if trial.losses is None or trial.fell is None or trial.rose is None or swept.winner.losses is None:
        return line
    own, best = (store.read_table(one.validation) for one in (trial.losses, swept.winner.losses))
    behind = compared(own, best, swept.documents)
    for what, found in (("gain", trial.fell), ("forgotten", trial.rose), ("behind", behind)):
        line |= {what: found.mean, f"{what}_lower": found.lower(alpha), f"{what}_upper": found.upper(alpha)}
    if trial is swept.winner:
        line |= {"behind_lower": 0.0, "behind_upper": 0.0}
    return line | {"within_noise": line["behind_lower"] <= 0 <= line["behind_upper"]}


def _left_behind(swept: Swept, alpha: float) -> int:
    """Count trials within the budget that went no further, though they can't be told from the last that did."""
    from tasks.training.item_losses import compared

    budget, count = _budget(swept), 0
    for rung in range(max(one.rung for one in swept.trials)):
        climbed = {name(one.settings) for one in swept.trials if one.rung == rung + 1}
        tried = ranked([one for one in swept.trials if one.rung == rung and one.losses is not None], budget)
        went = [one.losses for one in tried if name(one.settings) in climbed and one.losses is not None]
        for one in tried:
            over = budget is not None and (one.forgotten or 0.0) > budget
            if name(one.settings) in climbed or over or one.losses is None or not went:
                continue
            own, other = (store.read_table(each.validation) for each in (one.losses, went[-1]))
            found = compared(own, other, swept.documents)
            count += found.lower(alpha) <= 0 <= found.upper(alpha)
    return count


def _losses(swept: Swept, table: pl.DataFrame) -> pl.DataFrame:
    """Put together the losses of every row, of the base (number 0) and of all trials by their numbers."""
    numbers = {(trial, rung): number for number, trial, rung in table.select("number", "trial", "rung").iter_rows()}
    found = [(0, swept.before)] + [
        (numbers[name(one.settings), one.rung], one.losses) for one in swept.trials if one.losses is not None
    ]
    parts = [
        store.read_table(part).select(pl.lit(number, pl.UInt32).alias("number"), pl.lit(what).alias("part"), pl.all())
        for number, losses in sorted(found, key=lambda one: one[0])
        for what, part in (("validation", losses.validation), ("general", losses.general))
    ]
    return pl.concat(parts)


def _budget(swept: Swept) -> float | None:
    return swept.winner.settings.forgetting.budget


def _number(value: float) -> str:
    from tasks.reporting.comparisons import number

    return "nothing that can be told" if math.isinf(value) else number(value, NATS, signed=True)
