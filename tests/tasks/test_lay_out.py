"""A sweep is laid out, or refused, before any work."""

import pytest

from tasks import cards
from tasks.caching import plain
from tasks.lay_out import Plan, lay_out, most_taken
from tasks.training.halving import Rung
from tasks.training.settings import Tune
from tasks.training.sweep_settings import Sweep


def laid(tune: Tune, sweep: Sweep) -> tuple[Plan, list[str]]:
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text) if event.kind == "said" else None):
        return plain(lay_out)(tune, sweep), said


def test_a_plan_says_how_many_tokens_it_takes() -> None:
    plan, said = laid(Tune(), Sweep(rank=[8, 16, 32], method=["lora", "ia3"]))
    assert len(plan.trials) == 4 * 3 + 4
    assert plan.rungs == (Rung(16, 6_666), Rung(6, 20_000), Rung(2, 60_000))
    assert plan.tokens == 16 * 6_666 + 6 * 20_000 + 2 * 60_000 <= plan.token_budget == 480_000
    assert said[-2:] == [
        "16 trials: 16 × 6,666, then 6 × 20,000, then 2 × 60,000 tokens, 346,656 of 480,000 at the most",
        "ia3: no rank, so tried once for all of sweep.rank",
    ]
    assert sum(one.startswith("lora:") for one in said) == 1  # what a method is, is told once, however many trials


def test_without_a_measure_of_forgetting_there_is_nothing_to_weigh() -> None:
    with pytest.raises(ValueError, match=r"tune.forgetting.measure_tokens: it is 0, and a sweep weighs"):
        laid(Tune(forgetting={"measure_tokens": 0}), Sweep())


def test_one_method_that_cannot_be_trained_here_refuses_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ValueError, match="^sweep.method: qlora can't be trained here"):
        laid(Tune(), Sweep(method=["lora", "qlora"]))


def test_suites_leave_room_for_the_virtual_tokens_of_whichever_trial_has_most() -> None:
    assert most_taken(Tune(), Sweep(method=["lora", "prompt"])) == Tune(method="prompt").taken > 0
    assert most_taken(Tune(), Sweep(rank=[8, 16])) == 0
