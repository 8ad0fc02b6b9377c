"""What rows share with items, against a search by sets of words."""

import random
import re
from collections import Counter

import polars as pl
import pytest

from quality.leaks.decontaminate import Decontaminate
from quality.leaks.shared_ngrams import Matching, shared_ngrams


def noise(rng: random.Random, count: int) -> str:
    return " ".join(f"n{rng.randrange(10**6)}" for _ in range(count))


def grams(text: str, words: int) -> set[tuple[str, ...]]:
    tokens = re.findall(r"\w+", text.lower())
    return {tuple(tokens[i : i + words]) for i in range(len(tokens) - words + 1)}


def oracle(prompts: list[str], answers: list[str], items: pl.DataFrame, settings: Decontaminate) -> dict[int, float]:
    """Best n-gram score of each row that leaks (no field here is shorter than an n-gram)."""
    n = settings.words
    rows = [grams(p, n) | grams(a, n) for p, a in zip(prompts, answers, strict=True)]
    fields = [(grams(q, n), grams(a, n)) for _, q, a in items.rows()]
    in_items = Counter(gram for q, a in fields for gram in q | a)
    in_rows = Counter(gram for row in rows for gram in row)
    most = max(20, int(settings.template_share * len(rows)))
    of_items = {g for g in in_items if in_items[g] > settings.template_items}
    template = of_items | {g for g in in_items if in_rows[g] > most}
    found = {}
    for place, row in enumerate(rows):
        best = 0.0
        for field in (field for pair in fields for field in pair):
            evidence = field - template
            if evidence:
                share = min(1, len(row & evidence) / min(len(evidence), settings.enough))
                of_all = min(1, len(row & field) / min(len(field), settings.enough))
                if min(share, of_all) >= settings.threshold:
                    best = max(best, min(share, of_all))
            if field - of_items:
                copied = min(len(row & part) / len(part) for part in (field - of_items, field))
                best = max(best, copied if copied >= settings.copy_share else 0.0)
        if best:
            found[place] = best
    return found


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rows_and_scores_are_those_of_a_brute_force_search(seed: int) -> None:
    rng = random.Random(seed)
    template = "what is the weakness named {} and how can it be mitigated in practice"
    asked = [(f"item{i}", template.format(noise(rng, 2)), noise(rng, rng.randint(8, 120))) for i in range(40)]
    items = pl.DataFrame(asked, schema=["item", "question", "answer"], orient="row")
    prompts, answers = [], []
    for _ in range(600):
        parts = [noise(rng, 10)]
        for _ in range(rng.randint(0, 2)):
            words = rng.choice(items.rows())[rng.choice([1, 2])].split()
            start = rng.randrange(len(words))
            part = words[start : start + rng.randint(5, 100)]
            parts.append(" ".join(w if rng.random() > 0.02 else "edited" for w in part))
        prompts.append(template.format(noise(rng, 1)) if rng.random() < 0.5 else parts.pop())
        answers.append(" ".join(parts))
    settings = Decontaminate(template_items=5, enough=30, short_field=0)
    expected = oracle(prompts, answers, items, settings)
    how = Matching(
        words=settings.words,
        threshold=settings.threshold,
        enough=settings.enough,
        template_items=settings.template_items,
        template_share=settings.template_share,
        copy=settings.copy_share,
    )
    found = shared_ngrams(pl.Series(prompts), pl.Series(answers), items.with_row_index("place"), how).found
    best = dict(found.group_by("row").agg(pl.col("score").max()).rows())
    assert best == pytest.approx(expected)
    assert len(expected) > 50
