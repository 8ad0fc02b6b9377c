"""Losses row by row: what training measures, and an interval that holds."""

import math

import numpy as np
import polars as pl
import pytest

from quality.records import MESSAGE, record_ids
from tasks.training.engine import losses
from tasks.training.item_losses import ITEM_LOSSES, compared, item_losses
from tasks.training.settings import Tune


def rows(texts: list[str]) -> pl.DataFrame:
    said = [[{"role": "user", "content": "Go on."}, {"role": "assistant", "content": text}] for text in texts]
    messages = pl.Series("messages", said, dtype=pl.List(MESSAGE))
    return pl.DataFrame({"id": record_ids(messages), "messages": messages})


def frame(nats: list[float], tokens: list[int]) -> pl.DataFrame:
    ids = [f"row {at}" for at in range(len(nats))]
    return pl.DataFrame({"id": ids, "tokens": tokens, "nats": nats}, schema=ITEM_LOSSES)


DOMAIN = rows([f"tomatoes {'and roses ' * (at % 5)}water {at}" for at in range(20)])
OTHER = rows([f"marble ships letters {at}" for at in range(6)])


@pytest.mark.parametrize("pack_tokens", [1, 90, 4_000])
def test_together_they_are_what_training_measures_on_the_same_rows(model, tokenizer, pack_tokens: int) -> None:
    tune = Tune(validation_tokens=400, pack_tokens=pack_tokens, threads=1)
    found = item_losses(model, tokenizer, DOMAIN, OTHER, tune)
    for measured, loss in zip(found, losses(model, tokenizer, DOMAIN, OTHER, tune), strict=True):
        assert measured["nats"].sum() / measured["tokens"].sum() == pytest.approx(loss, rel=1e-5)
    assert 0 < found[0].height < DOMAIN.height
    assert set(found[0]["id"]) <= set(DOMAIN["id"])
    assert found[1].height == OTHER.height


def test_each_row_has_the_loss_that_it_has_alone(model, tokenizer) -> None:
    tune = Tune(threads=1)
    together = item_losses(model, tokenizer, DOMAIN, OTHER, tune)[0]
    for at in (0, 7):
        row = DOMAIN[at]
        alone = item_losses(model, tokenizer, row, OTHER, tune)[0]
        expected = together.filter(id=row["id"][0])
        assert alone["nats"][0] == pytest.approx(expected["nats"][0], rel=1e-5)
        assert alone["tokens"][0] == expected["tokens"][0]


def test_the_mean_is_per_token_and_a_fall_in_proportion_to_tokens_has_no_spread() -> None:
    before, tokens = [10.0, 40.0, 5.0, 8.0], [5, 20, 2, 4]
    found = compared(frame(before, tokens), frame([9.0, 30.0, 5.0, 8.5], tokens), {})
    assert found.mean == pytest.approx((1 + 10 + 0 - 0.5) / 31)
    even = compared(
        frame(before, tokens), frame([b - 0.5 * n for b, n in zip(before, tokens, strict=True)], tokens), {}
    )
    assert even.mean == pytest.approx(0.5)
    assert even.se == pytest.approx(0, abs=1e-9)


def test_rows_of_one_document_count_as_one() -> None:
    fell = [1.0, 1.1, 0.9, 0.1, 0.0, 0.2]
    before, after = frame([9.0] * 6, [3] * 6), frame([9 - one for one in fell], [3] * 6)
    apart = compared(before, after, {})
    two = compared(before, after, {f"row {at}": "a" if at < 3 else "b" for at in range(6)})
    assert (apart.clusters, two.clusters) == (6, 2)
    assert two.se > 1.5 * apart.se


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    drawing, covered = np.random.default_rng(1), 0
    for _ in range(2_000):
        tokens = drawing.integers(5, 200, 40)
        fell = 0.1 * tokens + drawing.normal(0, 1, 40) * tokens**0.8
        found = compared(frame([900.0] * 40, tokens.tolist()), frame((900 - fell).tolist(), tokens.tolist()), {})
        covered += found.lower(0.05) <= 0.1 <= found.upper(0.05)
    assert covered / 2_000 == pytest.approx(0.9, abs=0.025)


def test_losses_of_other_rows_are_not_compared() -> None:
    one = frame([1.0, 2.0], [1, 1])
    with pytest.raises(ValueError, match="different rows"):
        compared(one, one.reverse(), {})
    assert math.isinf(compared(one[:1], one[:1], {}).upper(0.05))
