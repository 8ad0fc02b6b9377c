"""Which trials a sweep is made of."""

import pytest

from tasks.training.settings import Tune
from tasks.training.sweep_settings import Sweep
from tasks.training.trials import name, trials, unranked


def test_without_a_word_learning_rates_around_the_usual_are_tried() -> None:
    found = trials(Tune(token_budget=99, rank=8), Sweep())
    assert [one.learning_rate for one in found] == [4e-05, 0.0002, 0.001, 0.005]
    assert {(one.method, one.rank, one.replay, one.token_budget) for one in found} == {("lora", 8, 0.0, 99)}


def test_each_method_is_tried_around_what_is_usual_for_it_and_its_own_around_what_tune_says() -> None:
    found = trials(Tune(learning_rate=1e-3), Sweep(method=["lora", "ia3"]))
    rates = {method: {one.learning_rate for one in found if one.method == method} for method in ("lora", "ia3")}
    assert rates == {"lora": {2e-4, 1e-3, 5e-3, 2.5e-2}, "ia3": {6e-4, 3e-3, 1.5e-2, 7.5e-2}}


def test_every_value_is_tried_with_every_other() -> None:
    found = trials(Tune(), Sweep(learning_rate=[1e-4, 2e-4], rank=[4, 8, 16], replay=[0, 0.2], method=["lora", "dora"]))
    assert len({name(one) for one in found}) == len(found) == 2 * 3 * 2 * 2


def test_the_order_of_values_changes_nothing() -> None:
    one = Sweep(learning_rate=[1e-4, 2e-4], rank=[4, 16], method=["dora", "lora"], trials=5)
    other = Sweep(learning_rate=[2e-4, 1e-4], rank=[16, 4], method=["lora", "dora"], trials=5)
    assert trials(Tune(), one) == trials(Tune(), other)
    assert len(trials(Tune(), one)) == 5


def test_other_seeds_draw_other_trials() -> None:
    drawn = [trials(Tune(), Sweep(rank=list(range(1, 30)), trials=3, seed=seed)) for seed in range(3)]
    assert drawn[0] != drawn[1] != drawn[2]
    assert all(len(one) == 3 for one in drawn)


def test_a_method_without_a_rank_is_tried_once() -> None:
    sweep = Sweep(method=["lora", "ia3"], rank=[4, 8], learning_rate=[1e-3])
    assert [name(one) for one in trials(Tune(), sweep)] == [
        "ia3, learning rate 0.001, replay 0", "lora, rank 4, learning rate 0.001, replay 0",
        "lora, rank 8, learning rate 0.001, replay 0",
    ]  # fmt: skip
    assert unranked(Tune(), sweep) == ["ia3"]


def test_ranks_for_methods_without_any_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sweep.rank: ia3 has no rank; leave it out"):
        trials(Tune(), Sweep(rank=[4], method=["ia3"]))
    with pytest.raises(ValueError, match=r"sweep.rank: ia3 and prompt have no rank; leave it out"):
        trials(Tune(), Sweep(method=["ia3", "prompt"], rank=[4]))


def test_what_shapes_a_method_is_taken_over_where_it_is_usual_alike() -> None:
    tune = Tune(rank=8, targets="attention", layers=[0], dropout=0.1)
    found = {one.method: one for one in trials(tune, Sweep(method=["lora", "dora", "gentle", "reft", "ia3", "oft"]))}
    assert (found["dora"].rank, found["dora"].targets, found["dora"].dropout) == (8, "attention", 0.1)
    assert (found["gentle"].rank, found["gentle"].targets) == (8, "mlp")  # else it would be gentle no more
    assert (found["reft"].rank, found["reft"].targets) == (4, None)
    assert (found["ia3"].rank, found["ia3"].layers) == (None, (0,))
    assert (found["oft"].dropout, found["oft"].block_size) == (0.1, 32)


def test_a_method_that_tune_rules_out_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"sweep.method: pissa can't be tried with the settings of tune: weight_decay"):
        trials(Tune(weight_decay=0.1), Sweep(method=["lora", "pissa"]))
    with pytest.raises(ValueError, match=r"sweep.method: peft can't be tried .*needs tune.peft"):
        trials(Tune(), Sweep(method=["peft"]))


def test_a_trial_is_what_a_recipe_with_its_settings_would_be() -> None:
    tune = Tune(method="reft", steered_first=3, token_budget=7_000, forgetting={"budget": None})
    found = trials(tune, Sweep(method=["reft"], learning_rate=[1e-3], rank=[2], replay=[0.1]))
    assert found == [tune.model_copy(update={"learning_rate": 1e-3, "rank": 2, "replay": 0.1})]
