"""The base as a reader of ends: each row once, remembered, and only where the model is small."""

from __future__ import annotations

import polars as pl
import pytest

from evals.ends import end_surprises
from tasks import end_reader, model_scores
from tasks.end_reader import EndReader, reads_fast

PROMPTS = pl.Series(["Where is it?", "Where is it?", "What is it?"])
ANSWERS = pl.Series(["In the forest", "near the river", "the dog"])


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """The answers that a model reads from here on."""
    seen: list[str] = []

    def noted(model, tokenizer, prompts, answers, progress=None):
        seen.extend(answers)
        return end_surprises(model, tokenizer, prompts, answers, progress=progress)

    monkeypatch.setattr(end_reader, "end_surprises", noted)
    return seen


def test_each_row_is_read_once_and_told_in_order(tiny_base, read) -> None:
    reader = EndReader(tiny_base, threads=1)
    first = reader(PROMPTS, ANSWERS)
    again = EndReader(tiny_base, threads=1)(PROMPTS[[2, 0, 1, 0]], ANSWERS[[2, 0, 1, 0]])
    assert again.tolist() == first[[2, 0, 1, 0]].tolist()
    assert sorted(read) == sorted(ANSWERS)
    assert reader.surprises is not None
    assert reader.surprises["surprise"].to_list() == first.tolist()
    assert EndReader(tiny_base).surprises is None


def test_the_same_answer_to_another_prompt_is_another_row(tiny_base, read) -> None:
    EndReader(tiny_base, threads=1)(pl.Series(["a", "ab"]), pl.Series(["bc", "c"]))
    assert read == ["bc", "c"]


def test_a_model_whose_rows_are_all_known_is_not_loaded(tiny_base, monkeypatch) -> None:
    EndReader(tiny_base, threads=1)(PROMPTS, ANSWERS)
    monkeypatch.setattr(model_scores, "load", lambda *_, **__: pytest.fail("loaded"))
    EndReader(tiny_base, threads=1)(PROMPTS, ANSWERS)


def test_a_large_model_reads_fast_only_with_an_accelerator(tiny_base, model, monkeypatch) -> None:
    numbers = sum(weight.numel() for weight in model.parameters())
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr(end_reader, "_MOST_NUMBERS", 2 * numbers)
    assert reads_fast(tiny_base)
    monkeypatch.setattr(end_reader, "_MOST_NUMBERS", numbers // 3)
    assert not reads_fast(tiny_base)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert reads_fast(tiny_base)
