from itertools import islice

import numpy as np
import pytest

from tasks.training.example import Example
from tasks.training.mixing import mixed
from tasks.training.packing import plan
from tasks.training.settings import Tune


def named(n, source="", length=10):
    return [Example(f"{source}{at}", np.arange(length), np.arange(length) > 4, source) for at in range(n)]


def taken(examples, settings, n, general=()):
    return list(islice(mixed(examples, general, settings), n))


def test_an_epoch_is_every_row_once_and_the_next_in_another_order():
    seen = taken(named(20), Tune(), 40)
    assert sorted(seen[:20]) == sorted(seen[20:]) == list(range(20))
    assert seen[:20] != seen[20:]


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_share_of_general_tokens_is_replayed_in_every_step(share):
    domain, general = named(50, length=10), named(8, length=25)
    batches = plan(domain, Tune(token_budget=10_000, batch_tokens=500, replay=share), general=general)
    assert sum(batch.replayed for batch in batches) / sum(batch.tokens for batch in batches) == pytest.approx(
        share, abs=0.01
    )
    assert all(abs(batch.replayed / batch.tokens - share) < 0.1 for batch in batches[:-1])
    members = {at for batch in batches for pack in batch.packs for at in pack}
    assert members == set(range(58))


def test_without_replay_general_text_changes_nothing():
    settings = Tune(token_budget=900, batch_tokens=100)
    assert plan(named(30), settings, general=named(5)) == plan(named(30), settings)


def test_rows_are_seen_as_often_as_their_source_weighs():
    rows = [*named(100, "a"), *named(100, "b"), *named(100, "c")]
    settings = Tune(source_weights={"a": 0.25, "b": 2, "c": 1})
    seen = taken(rows, settings, 3 * 325)
    counts = {source: sum(rows[at].source == source for at in seen) for source in "abc"}
    assert counts["b"] == pytest.approx(600, abs=30)
    assert counts["c"] == pytest.approx(300, abs=20)
    assert counts["a"] == pytest.approx(75, abs=25)


def test_a_source_of_weight_nothing_is_left_out_and_an_unknown_one_is_refused():
    rows = [*named(5, "a"), *named(5, "b")]
    assert {rows[at].source for at in taken(rows, Tune(source_weights={"b": 0}), 20)} == {"a"}
    with pytest.raises(ValueError, match="no training row is of 'c'; there are a, b"):
        taken(rows, Tune(source_weights={"c": 2}), 1)
    with pytest.raises(ValueError, match="no row is left"):
        taken(rows, Tune(source_weights={"a": 0, "b": 0}), 1)


def test_a_curriculum_orders_the_first_epoch_alone():
    rows = [Example(str(at), np.arange(length), np.arange(length) > 1) for at, length in enumerate((9, 3, 7, 5, 20, 4))]
    seen = taken(rows, Tune(curriculum="shortest-first"), 12)
    assert [len(rows[at]) for at in seen[:6]] == [3, 4, 5, 7, 9, 20]
    assert [len(rows[at]) for at in seen[6:]] != [3, 4, 5, 7, 9, 20]
    assert sorted(seen[6:]) == list(range(6))


def test_a_curriculum_holds_where_a_source_weighs_more_than_once():
    rows = [
        Example(str(at), np.arange(size), np.arange(size) > 1, "ab"[at % 2]) for at, size in enumerate((9, 3, 7, 5))
    ]
    seen = taken(rows, Tune(curriculum="shortest-first", source_weights={"a": 2}), 12)
    assert [len(rows[at]) for at in seen[:6]] == [3, 5, 7, 7, 9, 9]
    assert sorted(seen[6:]) == [0, 0, 1, 2, 2, 3]
    assert [len(rows[at]) for at in seen[6:]] != [3, 5, 7, 7, 9, 9]


def test_a_curriculum_sees_the_rows_that_chance_would_have_shown():
    """Of a pool far beyond the budget, and not its shortest rows: sources would lose their shares with them."""
    draw = np.random.default_rng(5)
    rows = [
        *(
            Example(f"a{at}", np.arange(size), np.arange(size) > 1, "a")
            for at, size in enumerate(draw.integers(3, 9, 200))
        ),
        *(
            Example(f"b{at}", np.arange(size), np.arange(size) > 1, "b")
            for at, size in enumerate(draw.integers(20, 60, 200))
        ),
    ]
    shaped = {"token_budget": 3_000, "source_weights": {"b": 2}}
    usual, ordered = (plan(rows, Tune(**shaped, curriculum=one)) for one in ("none", "shortest-first"))
    seen = [at for batch in ordered for pack in batch.packs for at in pack]
    by_chance = {at for batch in usual for pack in batch.packs for at in pack}
    assert by_chance <= set(seen)
    assert len(set(seen) - by_chance) <= 3
    assert sum(rows[at].source == "b" for at in seen) / len(seen) == pytest.approx(2 / 3, abs=0.1)
    means = [np.mean([len(rows[at]) for pack in batch.packs for at in pack]) for batch in ordered]
    assert means[0] < means[-1]


@pytest.mark.parametrize("length", [20, 150, 600])
@pytest.mark.parametrize("tokens", [2_000, 6_000])
def test_a_short_training_replays_no_more_than_asked_whatever_the_length_of_general_texts(tokens, length):
    domain, general = named(100, length=40), named(30, length=length)
    found = plan(domain, Tune(token_budget=tokens, replay=0.1), general=general)
    replayed, seen = (sum(getattr(batch, what) for batch in found) for what in ("replayed", "tokens"))
    assert abs(replayed - 0.1 * seen) <= length / 2 + 0.1 * 40


def test_a_general_text_without_room_ends_no_training_that_has_room_for_rows():
    domain, general = named(100, length=10), named(4, length=300)
    found = plan(domain, Tune(token_budget=1_600, replay=0.1), general=general)
    assert sum(batch.tokens for batch in found) == 1_600
    assert sum(batch.replayed for batch in found) == 0
