"""Which tokens begin with the letters of others, as those of "standard" with those of "stand".

A word that was cut is spelled by other tokens than its beginning was: of "deviation" a model never reads "deviati", and
behind these letters it expects whatever it likes. What it knows of them it said before the word: how likely it goes on
with a token that begins with all of them, beside those that it read.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transformers import PreTrainedTokenizerBase

_BLANKS = " \tĠ▁Ċĉ"  # as tokenizers of bytes and of sentence pieces write blanks and line ends
_MOST = 4  # tokens of the last word; a longer one is none
_BEHIND_ALL = "\U0010ffff"


class WordPieces:
    """The tokens of a vocabulary, sorted by their letters.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerBase
        Whose tokens they are.
    known : int
        How many of them the model knows.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, known: int) -> None:
        read = tokenizer.convert_ids_to_tokens(list(range(min(known, len(tokenizer)))))
        self._letters = [piece if isinstance(piece, str) else "" for piece in read]
        self._sorted = sorted((letters, place) for place, letters in enumerate(self._letters))
        self._found: dict[str, list[int]] = {}

    def of_last_word(self, ids: Sequence[int]) -> Iterator[list[int]]:
        """Tell which tokens begin with the last token's letters and go on, then with the last two tokens', and so on.

        As far as the last word goes, and four tokens at most.
        """
        letters = ""
        for place in reversed(ids[-_MOST:]):
            piece = self._letters[place] if place < len(self._letters) else ""
            letters = piece + letters
            if not _is_of_word(letters[-1:]):
                return
            yield self._longer(letters)
            if piece[0] in _BLANKS:
                return

    def _longer(self, letters: str) -> list[int]:
        """List the tokens that begin so and go on with a letter or a figure."""
        if letters not in self._found:
            begin, end = (bisect_left(self._sorted, (edge,)) for edge in (letters, letters + _BEHIND_ALL))
            self._found[letters] = [
                place for text, place in self._sorted[begin:end] if _is_of_word(text[len(letters) :][:1])
            ]
        return self._found[letters]


def _is_of_word(sign: str) -> bool:
    return sign.isalnum() and sign not in _BLANKS
