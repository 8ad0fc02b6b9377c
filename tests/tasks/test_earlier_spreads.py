"""What earlier candidates tell of spreads: of each suite the newest that was asked it, on the same base scores."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import yaml

from evals.items import SCORES
from evals.judging import judge
from evals.sitting import Sitting
from evals.verdict import Skipped
from tasks import runs, store
from tasks.earlier_spreads import earlier_spreads
from tasks.training.settings import Tune

TUNE = Tune(learning_rate=1e-4, threads=1)
SUITES = {"garden": "domain", "wiki": "retention"}


def scores(model: str, moved: dict[str, float], base: float = -1.0) -> pl.DataFrame:
    """Scores whose differences from a base of -1 lie so far to both sides of .1."""
    rows = [
        (suite, role, f"{suite}/{n}", str(n), model, base + (0.1 + moved[suite] * (-1) ** n if suite in moved else 0.0))
        for suite, role in SUITES.items()
        for n in range(20)
        if model == "base" or suite in moved
    ]
    return pl.DataFrame(rows, SCORES, orient="row")


@pytest.fixture
def ran(home: Path) -> Callable[..., Path]:
    """A maker of finished runs, each with what its candidate was asked."""

    def make(moved: dict[str, float], base: float = -1.0) -> Path:
        found = pl.concat([scores("base", {}, base), scores("candidate", moved)])
        left = tuple(Skipped(suite=name, role="retention", n=20) for name in SUITES if name not in moved)
        with runs.open_run(
            "garden", config=yaml.safe_dump({"name": "garden", "tune": {"learning_rate": 1e-4, "threads": 1}})
        ) as opened:
            verdict = judge(found, sitting=Sitting(skipped=left))
            store.write_json(opened.folder / "verdict.json", verdict.model_dump(mode="json"))
            store.write_parquet(opened.folder / "scores.parquet", found)
            opened.commit(state="Rejected", reason=verdict.reason, facts={})
            return opened.folder

    return make


def test_what_the_newest_was_not_asked_an_older_one_tells(ran: Callable[..., Path]) -> None:
    asked = scores("base", {})
    assert earlier_spreads("garden", asked, TUNE) == {}
    older = ran({"garden": 0.02, "wiki": 0.04})
    newer = ran({"garden": 0.03})
    told = {suite: spread.sd for suite, spread in earlier_spreads("garden", asked, TUNE).items()}
    half = (20 / 19) ** 0.5
    assert told == {"garden": pytest.approx(0.03 * half), "wiki": pytest.approx(0.04 * half)}
    before = {suite: spread.sd for suite, spread in earlier_spreads("garden", asked, TUNE, before=newer).items()}
    assert before == {"garden": pytest.approx(0.02 * half), "wiki": pytest.approx(0.04 * half)}
    assert earlier_spreads("garden", asked, TUNE, before=older) == {}


def test_another_base_tells_nothing(ran: Callable[..., Path]) -> None:
    ran({"garden": 0.02, "wiki": 0.04}, base=-1.5)
    assert earlier_spreads("garden", scores("base", {}), TUNE) == {}
    assert earlier_spreads("other", scores("base", {}, -1.5), TUNE) == {}


def test_a_candidate_of_other_settings_tells_nothing(ran: Callable[..., Path]) -> None:
    ran({"garden": 0.02, "wiki": 0.04})
    asked = scores("base", {})
    assert earlier_spreads("garden", asked, Tune(learning_rate=5e-3, threads=1)) == {}
    elsewhere = Tune(learning_rate=1e-4, threads=2, checkpoint_every_steps=7)
    assert earlier_spreads("garden", asked, elsewhere).keys() == SUITES.keys()


def test_a_run_whose_recipe_is_gone_tells_nothing(ran: Callable[..., Path]) -> None:
    (ran({"garden": 0.02, "wiki": 0.04}) / "config.yaml").unlink()
    assert earlier_spreads("garden", scores("base", {}), TUNE) == {}
