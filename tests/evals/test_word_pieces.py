"""Which tokens begin with the letters of others, in vocabularies of bytes and of sentence pieces."""

from __future__ import annotations

import pytest

from evals.word_pieces import WordPieces


class Vocabulary:
    def __init__(self, *pieces: str | None) -> None:
        self.pieces = pieces

    def __len__(self) -> int:
        return len(self.pieces)

    def convert_ids_to_tokens(self, ids: list[int]) -> list[str | None]:
        return [self.pieces[place] for place in ids]


@pytest.mark.parametrize("blank", ["Ġ", "▁"])
def test_a_last_word_goes_on_by_a_letter_and_a_sentence_by_none(blank: str) -> None:
    pieces = (
        f"{blank}the",
        f"{blank}dev",
        "iat",
        "iation",
        f"{blank}deviates",
        f"{blank}dev.",
        f"{blank}dev{blank}a",
        ",",
        None,
    )
    words = WordPieces(Vocabulary(*pieces), len(pieces))
    assert list(words.of_last_word([0, 1, 2])) == [[3], [4]]
    assert list(words.of_last_word([0, 1])) == [[4]]  # and not “dev.”, nor “dev a”
    assert list(words.of_last_word([0])) == [[]]
    assert list(words.of_last_word([1, 7])) == list(words.of_last_word([8])) == list(words.of_last_word([])) == []


def test_tokens_that_the_model_does_not_know_begin_nothing() -> None:
    words = WordPieces(Vocabulary(" dev", " deviates"), 1)
    assert list(words.of_last_word([0])) == [[]]
    assert list(words.of_last_word([1])) == []
