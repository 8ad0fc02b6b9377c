"""Scores of two models, paired item by item; whatever does not pair up is refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from evals.items import SCORES
from evals.paired import share_of
from evals.units import Unit, most_to_lose, unit_of_scores


class ScoresError(ValueError):
    """Scores that can't be compared; the message says which, and why."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Both models' scores on the items of a suite: (n,) arrays in one order, with the items' clusters.

    `share` tells whether all scores lie between 0 and 1.
    """

    suite: str
    role: str
    base: npt.NDArray[np.float64]
    candidate: npt.NDArray[np.float64]
    cluster: npt.NDArray[np.str_]
    unit: Unit
    share: bool

    @property
    def binary(self) -> bool:
        """Whether all scores are right (1) or wrong (0), as in multiple choice."""
        return bool(np.isin(self.base, (0, 1)).all() and np.isin(self.candidate, (0, 1)).all())


def pair_up(
    scores: pl.DataFrame,
    baseline: str,
    candidate: str,
    *,
    units: Mapping[str, Unit] | None = None,
    graded: bool = True,
) -> list[Pairs]:
    """Pair the scores of two models, suite by suite, in the order of the suites' first rows.

    The unit of a suite that `units` does not name is guessed from its scores. Where a gain is `graded` there must be a
    domain suite.

    Raises
    ------
    ScoresError
        If columns or a model are missing, an item was scored by one of them only, twice, or with a value that
        is not finite, a suite has two roles, or there is no domain suite.
    """
    missing = [column for column in SCORES if column not in scores.columns]
    if missing:
        raise ScoresError(f"The scores lack the column {', '.join(missing)}.")
    if baseline == candidate:
        raise ScoresError(f"The model “{baseline}” can't be compared with itself.")
    rows = scores.filter(pl.col("model").is_in([baseline, candidate]))
    _refuse_gaps(rows, (baseline, candidate))
    roles = rows.select("suite", "role").unique(maintain_order=True)
    _refuse_roles(roles, graded=graded)
    sides = [
        rows.filter(pl.col("model") == name).select("suite", "item", "cluster", "score")
        for name in (baseline, candidate)
    ]
    both = sides[0].join(sides[1], on=["suite", "item"], how="left", suffix="_other", maintain_order="left")
    moved = both.filter(pl.col("cluster").ne_missing(pl.col("cluster_other")))
    if moved.height:
        raise ScoresError(f"{_where(moved)} has another cluster in the scores of {candidate} than of {baseline}.")
    return [
        Pairs(
            suite=suite,
            role=role,
            base=part["score"].to_numpy(),
            candidate=part["score_other"].to_numpy(),
            cluster=part["cluster"].to_numpy(),
            unit=(units or {}).get(suite) or unit_of_scores(part.select("score", "score_other").to_numpy()),
            share=share_of(part["score"].to_numpy(), part["score_other"].to_numpy()),
        )
        for suite, role in roles.iter_rows()
        for part in [both.filter(pl.col("suite") == suite)]
    ]


def join_suites(pairs: Sequence[Pairs]) -> Pairs:
    """Put several suites of one unit together."""
    if len(pairs) == 1:
        return pairs[0]
    return Pairs(
        suite=" + ".join(pair.suite for pair in pairs),
        role=pairs[0].role,
        base=np.concatenate([pair.base for pair in pairs]),
        candidate=np.concatenate([pair.candidate for pair in pairs]),
        cluster=np.concatenate([pair.cluster for pair in pairs]),
        unit=pairs[0].unit,
        share=all(pair.share for pair in pairs),
    )


def refuse_margins(margins: Iterable[str], known: Sequence[str]) -> None:
    """Refuse margins of suites that are no retention suites of the exam."""
    unknown = [name for name in margins if name not in known]
    if unknown:
        raise ScoresError(
            f"gate.margins: the exam has no retention suite {unknown[0]}; it has {', '.join(known) or 'none'}"
        )


def refuse_idle(margins: Mapping[str, float], units: Mapping[str, Unit]) -> None:
    """Refuse margins as wide as all that a retention suite can lose: it would pass whatever was forgotten.

    Parameters
    ----------
    margins
        The loss allowed on each retention suite, by name.
    units
        Units of the suites' scores, by name.

    Raises
    ------
    ScoresError
        With suite and margin, and what was probably meant.
    """
    for suite, margin in margins.items():
        most = most_to_lose(units[suite])
        if most is not None and margin >= most:
            raise ScoresError(
                f"the margin of {suite} is {margin:g}, and its scores ({units[suite]}) lie between 0 and 1: it would "
                "pass whatever was forgotten. Allow less than 1, such as 0.05 for five points of a hundred; "
                f"gate.margins.{suite} is for this suite alone"
            )


def _refuse_gaps(rows: pl.DataFrame, models: tuple[str, str]) -> None:
    for model in models:
        if rows.filter(pl.col("model") == model).is_empty():
            raise ScoresError(f"There are no scores of the model “{model}”.")
    holes = rows.filter(pl.any_horizontal(pl.col("suite", "role", "item", "cluster").is_null()))
    if holes.height:
        raise ScoresError(f"{_where(holes)} has no suite, role, item or cluster.")
    bad = rows.filter(pl.col("score").is_null() | pl.col("score").is_finite().not_())
    if bad.height:
        raise ScoresError(f"{_where(bad)} has a score of {bad['model'][0]} that is no finite number.")
    counted = rows.group_by("suite", "item", maintain_order=True).agg(
        pl.len(), names=pl.col("model").n_unique(), model=pl.col("model").first()
    )
    single = counted.filter(pl.col("names") < 2)
    if single.height:
        raise ScoresError(
            f"{_where(single)} was scored by {single['model'][0]} only ({single.height} such items): both "
            "models must sit the same exam."
        )
    twice = counted.filter(pl.col("len") > 2)
    if twice.height:
        raise ScoresError(f"{_where(twice)} was scored twice by one model.")


def _refuse_roles(roles: pl.DataFrame, *, graded: bool) -> None:
    mixed = roles.filter(pl.col("suite").is_duplicated())
    if mixed.height:
        raise ScoresError(f"The suite {mixed['suite'][0]} has two roles.")
    other = roles.filter(pl.col("role").is_in(["domain", "retention"]).not_())
    if other.height:
        raise ScoresError(f"The role of suite {other['suite'][0]} is {other['role'][0]}, not domain or retention.")
    if graded and "domain" not in roles["role"]:
        raise ScoresError("The exam has no domain suite, so there is no gain to judge.")


def _where(rows: pl.DataFrame) -> str:
    return f"Item {rows['item'][0]} of suite {rows['suite'][0]}"
