"""The slow, plain way to score, for comparison, and scores to judge (tokenizer and model are in the conftest above)."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from evals.items import SCORES

WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "dog",
    "été",
    "Größe",
    "漢字",
    "🙂",
    "def",
    "add(a,",
    "b):",
    "\n",
]


def reference(model, context_ids: list[int], option_ids: list[int]) -> float:
    import torch

    with torch.no_grad():
        logits = model(torch.tensor([context_ids + option_ids])).logits[0].float()
    table = torch.log_softmax(logits, dim=-1)
    return sum(float(table[len(context_ids) - 1 + k, token]) for k, token in enumerate(option_ids))


def lm_eval_pair(tokenizer, context: str, option: str) -> tuple[list[int], list[int]]:
    """The encoding rule of lm-evaluation-harness, `TemplateLM._encode_pair`, written out."""

    def encode(text: str) -> list[int]:
        return tokenizer.encode(text, add_special_tokens=False)

    if context == "":
        return [tokenizer.bos_token_id], encode(option)
    spaces = len(context) - len(context.rstrip())
    if spaces > 0:
        option = context[-spaces:] + option
        context = context[:-spaces]
    whole, head = encode(context + option), encode(context)
    return head, whole[len(head) :]


def expected(model, tokenizer, contexts, options) -> list[list[float]]:
    return [
        [reference(model, *lm_eval_pair(tokenizer, context, option)) for option in choices]
        for context, choices in zip(contexts, options, strict=True)
    ]


def words(rng: random.Random, low: int, high: int) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(low, high)))


def task(seed: int, items: int, opening: str = "", ending: str = "") -> tuple[list[str], list[list[str]]]:
    rng = random.Random(seed)
    contexts = [opening + words(rng, 1, 25) + ending for _ in range(items)]
    options = [[" " + words(rng, 1, 9) for _ in range(rng.randint(1, 5))] for _ in range(items)]
    return contexts, options


def close(left: list[list[float]], right: list[list[float]]) -> None:
    assert [len(row) for row in left] == [len(row) for row in right]
    for mine, true in zip(left, right, strict=True):
        assert mine == pytest.approx(true, abs=2e-4)
        assert max(range(len(mine)), key=mine.__getitem__) == max(range(len(true)), key=true.__getitem__)


@pytest.fixture(scope="session")
def oracle() -> SimpleNamespace:
    """What scores should be, computed the slow way, and random tasks to compare on."""
    return SimpleNamespace(
        reference=reference, lm_eval_pair=lm_eval_pair, expected=expected, words=words, task=task, close=close
    )


@pytest.fixture(scope="session")
def suite() -> Callable[..., pl.DataFrame]:
    """A maker of both models' scores on a suite, which differ by what it is given."""

    def make(name: str, differences, *, role: str = "retention", clusters=None, base=None) -> pl.DataFrame:
        d = np.asarray(differences, dtype=float)
        base = np.linspace(-2, -1, d.size) if base is None else np.asarray(base, dtype=float)
        cluster = [f"c{label}" for label in (range(d.size) if clusters is None else clusters)]
        return pl.concat(
            pl.DataFrame(
                {
                    "suite": [name] * d.size,
                    "role": [role] * d.size,
                    "item": [f"{name}/{k}" for k in range(d.size)],
                    "cluster": cluster,
                    "model": [model] * d.size,
                    "score": score,
                },
                schema=SCORES,
            )
            for model, score in (("base", base), ("candidate", base + d))
        )

    return make


@pytest.fixture(scope="session")
def spread() -> Callable[..., np.ndarray]:
    """A maker of differences whose interval is mean ± half a width, at alpha .05."""

    def make(mean: float, half_width: float, n: int = 40) -> np.ndarray:
        from scipy.stats import t

        d = np.tile([-1.0, 1.0], n // 2)
        return mean + d * half_width / (t.ppf(0.95, n - 1) * d.std(ddof=1) / math.sqrt(n))

    return make


@pytest.fixture(scope="session")
def domain(suite: Callable[..., pl.DataFrame], spread: Callable[..., np.ndarray]) -> Callable[..., pl.DataFrame]:
    """A maker of scores on a domain suite, from the interval of their differences."""

    def make(mean: float, half_width: float, **more: object) -> pl.DataFrame:
        return suite("answers", spread(mean, half_width), role="domain", **more)

    return make


@pytest.fixture(scope="session")
def steered(llama):
    """Make a model that LoReFT steers far from the base."""
    import torch

    from evals.loreft import LoReft
    from evals.steering import Steering

    def make(context: int = 256, **changed):
        given = {"rank": 2, "layers": (0, 1), "first": 2, "last": 3, "base_model_name_or_path": "a base"}
        torch.manual_seed(5)
        made = LoReft(llama(context=context), Steering(**given | changed)).eval()
        with torch.no_grad():
            for intervention in made.interventions.values():
                intervention.source.bias.normal_(std=3.0)
        return made

    return make
