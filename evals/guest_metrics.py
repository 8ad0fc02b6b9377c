"""The metric of lm-evaluation-harness that scores an item; what scores only a whole corpus is refused."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evals.guest_tasks import GuestError


@dataclass(frozen=True)
class Metric:
    """A task's metric, of the answers that a filter of lm-eval takes out of what the model says."""

    task: str
    name: str
    filter: str
    higher: bool

    def score(self, sample: Mapping[str, Any]) -> float:
        """Return the score of one of lm-eval's logged samples, higher is better.

        Raises
        ------
        GuestError
            If it is no finite number.
        """
        value = sample.get(self.name)
        if self.name == "bits_per_byte" and isinstance(value, tuple | list):
            likelihood, size = value
            value = -likelihood / (math.log(2) * size) if size else math.nan
        try:
            number = float(value) if value is not None and not isinstance(value, str) else math.nan
        except TypeError:
            raise GuestError(
                f"lm-eval:{self.task}: its metric {self.name} gives no number for an item. Set metric to another."
            ) from None
        if not math.isfinite(number):
            raise GuestError(
                f"lm-eval:{self.task}: the score of document {sample['doc_id']} by {self.name} is {number}, which "
                "can't be compared. Set metric to another."
            )
        return number if self.higher else -number


def metric_of(name: str, task: Any, wanted: str | None) -> Metric:  # noqa: ANN401 - an lm-eval task
    """Choose the metric of a task that scores its items.

    Parameters
    ----------
    name
        The task's name, for errors.
    task
        An lm-eval task.
    wanted
        A metric, or metric,filter; the task's first that does when None.

    Raises
    ------
    GuestError
        If there is no such metric or filter, or it scores a whole corpus alone.
    """
    better, filters = task.higher_is_better(), [one.name for one in task._filters]
    single = [metric for metric in better if _scores_items(metric, task.aggregation().get(metric))]
    if wanted is None:
        if not single:
            raise GuestError(
                f"lm-eval:{name}: {_listed(better)} is computed of all items together, and a paired comparison needs a "
                "score of each. Choose another task."
            )
        chosen = next((metric for metric in single if better[metric] is not False), single[0])
        return Metric(name, chosen, filters[0], better[chosen] is not False)
    metric, _, filtered = wanted.partition(",")
    if metric not in better:
        raise GuestError(f"lm-eval:{name} has no metric “{metric}”; it has {_listed(better)}.")
    if filtered and filtered not in filters:
        raise GuestError(f"lm-eval:{name} has no filter “{filtered}”; it has {_listed(filters)}.")
    if metric not in single:
        told = f"Set metric to {_listed(single, 'or')}." if single else "Choose another task."
        raise GuestError(
            f"lm-eval:{name}: {metric} is computed of all items together, and a paired comparison needs a score of "
            f"each. {told}"
        )
    return Metric(name, metric, filtered or filters[0], better[metric] is not False)


def _scores_items(metric: str, aggregate: object) -> bool:
    """Whether the whole's score is the mean of its items' (of bits per byte it is one weighted by their bytes)."""
    from lm_eval.api.metrics import bits_per_byte

    if metric in ("bypass", "likelihood", "brier_score"):  # kept whole for every item, though a mean is said to follow
        return False
    return aggregate is bits_per_byte or getattr(aggregate, "__name__", "") in ("mean", "nanmean")


def _listed(names: Any, last: str = "and") -> str:  # noqa: ANN401 - an iterable of names
    *rest, end = map(str, names) if names else ("none",)
    return f"{', '.join(rest)} {last} {end}" if rest else end
