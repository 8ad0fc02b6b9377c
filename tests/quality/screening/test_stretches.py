"""Gibberish is told beside words that everybody has; foreign words, programs and names beside them are not."""

import random
import string

import numpy as np
import pytest

from quality.screening.stretches import _best_runs
from tests.quality.screening.test_gibberish import LEAST, measured, of, told


def beside(seed: int, noise: str) -> list[str]:
    written = told(seed)[:140].rsplit(" ", 1)[0]
    half = written.rfind(" ", 0, len(written) // 2)
    return [f"{written} {noise}", f"{noise} {written}", f"{written[:half]} {noise}{written[half:]}"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("letters", [string.ascii_lowercase, "bcdfghjklmnpqrstvwxz", "asdfghjkl", "aoeuidhtns"])
def test_letters_drawn_or_struck_are_told_beside_words(seed: int, letters: str) -> None:
    for answer in beside(seed, of(random.Random(seed), letters, 18)):
        assert measured([answer])[0] > LEAST


def test_letters_put_into_words_are_told_beside_words() -> None:
    found = []
    for seed in range(20):
        draw = random.Random(seed)
        spoilt = "".join(
            one + (draw.choice(string.ascii_lowercase) if draw.random() < 0.4 else "") for one in told(seed + 9).lower()
        )
        found += measured([beside(seed, spoilt[:250])[0]])
    # Which texts are spoilt hangs on the packages that are installed, and not every one is strange enough.
    assert sum(bits > LEAST for bits in found) >= 14, found


@pytest.mark.parametrize(
    "noise",
    [
        "Wer am Abend die Mühle schließt, geht im Dunkeln über den Damm nach Hause.",
        "Zamykający młyn wieczorem wraca do domu po ciemku wzdłuż starej grobli.",
        "Katwijk, Bergschenhoek, Schiermonnikoog, Wijk bij Duurstede, Gorinchem and IJsselstein.",
        "Krzysztof Wiśniewski, Agnieszka Szczepańska, Zbigniew Brzeziński and Grzegorz Jankowski.",
        "xs = sorted(ys, key=lambda q: (q.wgt, -q.hgt)); zs = [f(k) for k in xs if k.wgt > mxw]; del ys[:len(zs)]",
        "isobutyraldehyde, methylcyclohexane, phenylhydrazine, dichlorobenzene, trimethylsilyl chloride, acetanilide",
    ],
)
def test_other_languages_names_programs_and_compounds_beside_words_are_none(noise: str) -> None:
    for answer in beside(2, noise):
        assert measured([answer])[0] <= LEAST


def test_the_best_run_is_the_one_that_trying_all_finds() -> None:
    draw = np.random.default_rng(3)
    for texts in (1, 2, 5):
        owners = np.sort(draw.integers(0, texts, 30)).astype(np.int32)
        gains = draw.normal(size=30)
        best, first, last = _best_runs(gains, owners, texts)
        for text in range(texts):
            own = np.flatnonzero(owners == text)
            sums = [gains[start : stop + 1].sum() for start in own for stop in own if stop >= start]
            assert best[text] == pytest.approx(max(sums, default=0.0))
            assert gains[first[text] : last[text] + 1].sum() == pytest.approx(best[text])
