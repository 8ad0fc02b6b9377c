"""How surprising an end is: what a model gives to all tokens that end a text, of each row by itself."""

from __future__ import annotations

import pytest
import torch

from evals.chat import render_bare
from evals.ends import _ends, end_surprises

PROMPTS = ["Where does the dog sleep?", "What is a buffer?", "Where?"]
ANSWERS = ["In the forest, near the river", "A buffer is", "the dog"]


def test_it_is_what_the_model_gives_to_all_ends_together(model, tokenizer) -> None:
    found = end_surprises(model, tokenizer, PROMPTS, ANSWERS)
    for prompt, answer, surprise in zip(PROMPTS, ANSWERS, found, strict=True):
        text = f"{render_bare(tokenizer, [{'role': 'user', 'content': prompt}])} {answer}"
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
        with torch.inference_mode():
            told = model(input_ids=ids).logits[0, -1].float().log_softmax(-1)
        assert surprise == pytest.approx(-float(told[_ends(tokenizer)].logsumexp(0)), abs=1e-3)


def test_a_row_is_read_alike_alone_and_among_others(model, tokenizer) -> None:
    together = end_surprises(model, tokenizer, PROMPTS, ANSWERS)
    backwards = end_surprises(model, tokenizer, PROMPTS[::-1], ANSWERS[::-1])
    alone = [end_surprises(model, tokenizer, [p], [a])[0] for p, a in zip(PROMPTS, ANSWERS, strict=True)]
    assert backwards[::-1] == pytest.approx(together, abs=1e-4)
    assert alone == pytest.approx(together, abs=1e-4)


def test_ends_are_marks_lines_and_the_end_of_a_text(tokenizer) -> None:
    texts = {tokenizer.convert_tokens_to_string([tokenizer.convert_ids_to_tokens(place)]) for place in _ends(tokenizer)}
    assert "." in texts
    assert tokenizer.eos_token_id in _ends(tokenizer)
    assert not {"a", ",", " the"} & texts


def test_only_the_last_words_of_long_texts_are_read(model, tokenizer) -> None:
    long = "the dog and the river " * 40
    (found,) = end_surprises(model, tokenizer, ["A buffer. " + long], ["In a den. " + long])
    (other,) = end_surprises(model, tokenizer, ["Four. " + long], ["Of course. " + long])
    assert found == other


def test_nothing_to_read_is_nothing_found(model, tokenizer) -> None:
    assert end_surprises(model, tokenizer, [], []) == []
