"""What is still known: the wordings, what a model prefers, and a simulation against regression to the mean."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from evals.exam import score
from evals.items import ITEMS
from evals.recall import RECALLED, flips, preferred, recalled, recalls


@pytest.fixture
def items(oracle) -> pl.DataFrame:
    import random

    rng = random.Random(4)
    rows = [
        {
            "suite": "which", "role": "domain", "kind": "choice", "item": f"which/{k}", "cluster": f"c{k // 2}",
            "prompt": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": f"{{what}} {k}?"}],
            "target": "", "options": [f"{oracle.words(rng, 1, 8)} {n}" for n in range(4)], "answer": k % 4,
        }
        for k in range(12)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=ITEMS)


def test_the_other_wording_asks_without_the_chat_template(model, tokenizer, items, oracle):
    picks = preferred(model, tokenizer, items, bare=True)
    contexts = [f"Question: {{what}} {k}?\nAnswer:" for k in range(12)]
    options = [[f" {option}" for option in row] for row in items["options"]]
    for pick, values, row in zip(
        picks, oracle.expected(model, tokenizer, contexts, options), items["options"], strict=True
    ):
        each = [value / len(option.encode()) for value, option in zip(values, row, strict=True)]
        assert pick == each.index(max(each))
    assert picks != preferred(model, tokenizer, items)


def test_a_model_prefers_what_the_exam_counts_as_its_choice(model, tokenizer, items):
    picks = preferred(model, tokenizer, items)
    right = score(model, tokenizer, items, model_name="base")["score"]
    assert [float(pick == answer) for pick, answer in zip(picks, items["answer"], strict=True)] == right.to_list()
    assert len(set(picks)) > 1
    # With the preferred option named as the answer, the exam says right everywhere.
    assert score(model, tokenizer, items.with_columns(answer=pl.Series(picks)), model_name="base")["score"].min() == 1


def test_of_two_equal_options_none_is_preferred(model, tokenizer, items):
    alike = items.head(1).with_columns(options=pl.Series([["fox", "fox"]]))
    assert preferred(model, tokenizer, alike) == [None]


def found(knew, base, candidate, *, suite: str = "which") -> pl.DataFrame:
    n = len(knew)
    rows = {
        "suite": [suite] * n, "role": ["domain"] * n, "kind": ["choice"] * n, "item": [f"{suite}/{k}" for k in range(n)],
        "cluster": [f"c{k}" for k in range(n)], "prompt": [[]] * n, "target": [""] * n, "options": [["a", "b"]] * n,
        "answer": [0] * n,
    }  # fmt: skip
    return recalled(pl.DataFrame(rows, schema=ITEMS), knew, base, candidate)


def test_a_flip_is_right_under_both_wordings_and_wrong_by_the_candidate():
    rows = found([True, True, False, True, True], [0, 0, 1, None], [0, 1, 0, 1])
    assert rows.schema == pl.Schema(RECALLED)
    assert rows["base"].to_list() == [0, 0, None, 1, None]
    assert flips(rows)["item"].to_list() == ["which/1"]
    assert flips(found([True], [0], [None]))["item"].to_list() == ["which/0"]  # who prefers nothing knows nothing


def test_the_sums_are_of_what_was_known_alone():
    # Known 8: right by both 5, lost 2, gained 1; McNemar 2 · (1 + 3) / 8 = 1.
    one = found([True] * 8 + [False] * 4, [0] * 7 + [1], [0] * 5 + [1, 1, 0])
    (told,) = recalls(one)
    assert (told.asked, told.known, told.lost, told.gained, told.p) == (12, 8, 2, 1, 1.0)
    assert (told.base, told.candidate) == (7 / 8, 6 / 8)
    assert told.lower < -1 / 8 < told.upper
    other = found([False] * 3, [], [], suite="blank")
    assert [each.suite for each in recalls(pl.concat([one, other]))] == ["which + blank", "which"]
    lost = found([True] * 6, [0] * 6, [1] * 6, suite="lost")
    assert recalls(lost)[0].p == pytest.approx(2 / 2**6)
    assert recalls(one.clear()) == ()


def test_a_candidate_that_knows_as_much_is_not_said_to_forget():
    """Answers right by luck fall back when asked again, and the candidate's are held against the base's own."""
    rng = np.random.default_rng(3)
    before, against, told = [], [], 0
    for _ in range(300):
        ability = rng.beta(1, 1, 120)  # chance that an item is answered right, in any wording, by either model
        first, base, candidate = (rng.random(120) < ability for _ in range(3))
        rows = found(first, (~base[first]).astype(int).tolist(), (~candidate[first]).astype(int).tolist())
        (one,) = recalls(rows)
        before.append(one.candidate - 1.0)
        against.append(one.candidate - one.base)
        told += one.upper < 0
    assert np.mean(before) < -0.3  # all were right the first time: a fall of a third, of nothing
    assert abs(np.mean(against)) < 0.01
    assert told / 300 < 0.08  # nominal .05, and two and a half standard errors
