import math

import pytest

from tasks.training.schedule import learning_rate
from tasks.training.settings import Tune


@pytest.mark.parametrize(("share", "rate"), [(0, 0), (0.1, 1.0), (0.2, 2.0), (0.6, 1.0), (0.8, 0.5), (1, 0)])
def test_linear_rises_over_the_warm_up_and_falls_to_zero(share, rate):
    settings = Tune(learning_rate=2.0, warmup_share=0.2)
    assert learning_rate(settings, share) == pytest.approx(rate)


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6, 0.9, 1.0])
def test_cosine_falls_along_half_a_wave(share):
    settings = Tune(learning_rate=2.0, warmup_share=0.2, schedule="cosine")
    expected = 2.0 * 0.5 * (1 + math.cos(math.pi * (share - 0.2) / 0.8))
    assert learning_rate(settings, share) == pytest.approx(expected)


def test_without_warm_up_training_starts_at_the_top():
    assert learning_rate(Tune(learning_rate=2.0, warmup_share=0), 0) == 2.0
