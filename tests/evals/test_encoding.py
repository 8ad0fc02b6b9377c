"""Questions as tokens, cut and grouped so that they fit."""

from __future__ import annotations

import pytest

from evals.encoding import Question, encode_questions, encode_windows, fit
from evals.packing import batches, shared_prefix


@pytest.mark.parametrize("length", [1, 15, 16, 17, 18, 33, 48])
def test_windows_cover_every_token_once_within_the_limit(tokenizer, length):
    text = "!" * length
    ids = tokenizer.encode(text, add_special_tokens=False)
    windows, owners = encode_windows(tokenizer, [text], 16)
    assert [token for window in windows for token in window.options[0]] == ids
    assert all(len(w.context) + len(w.options[0]) <= 17 for w in windows)
    assert owners == [0] * len(windows)


def test_an_option_that_the_model_cannot_hold_is_named(tokenizer):
    questions = encode_questions(tokenizer, ["a", "a"], [[" b"], [" fox" * 50]])
    with pytest.raises(ValueError, match=r"Item 1 has an option .* reads 16 at most"):
        fit(questions, 16)


@pytest.mark.parametrize(("tokens", "picks"), [(300, 10**6), (10**6, 80), (300, 80)])
def test_batches_hold_every_question_once_within_the_budget(tokenizer, oracle, tokens, picks):
    contexts, options = oracle.task(13, 40, "Answer briefly, please: ")
    questions = encode_questions(tokenizer, contexts, options)
    prefix = shared_prefix(questions)
    assert prefix >= 4
    made = list(batches(questions, prefix=prefix, tokens=tokens, picks=picks, pad=1))
    assert sorted(item for batch in made for item in batch.items) == list(range(40))
    for batch in made:
        assert batch.ids.numel() <= tokens or len(batch.items) == 1
        assert len(batch.picks) <= picks or len(batch.items) == 1
    assert max(len(batch.items) for batch in made) > 1


def test_a_shared_prefix_leaves_every_context_a_token_of_its_own():
    assert shared_prefix([Question([1, 2, 3], [[4]]), Question([1, 2, 3], [[5]])]) == 2
    assert shared_prefix([Question([1, 2, 3, 4], [[4]]), Question([1, 2], [[5]])]) == 1
    assert shared_prefix([Question([1, 2, 3], [[4]])]) == 0
    assert shared_prefix([Question([1], [[4]]), Question([1], [[5]])]) == 0
