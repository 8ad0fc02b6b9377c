"""An example: the tokens of one conversation, and which of them are learnt."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Example:
    """One tokenised conversation.

    Attributes
    ----------
    id
        The record's id.
    ids
        Token ids, ``(n_tokens,) int64``.
    mask
        True where the token is to be learnt, ``(n_tokens,) bool``. Never true at the first token, which
        nothing predicts.
    source
        Name of the source that the record is from, where it is told.
    system
        Tokens at the front that are a system prompt, or begin every text, and stay where context is cut; counted only
        of what is too long.
    """

    id: str
    ids: npt.NDArray[np.int64]
    mask: npt.NDArray[np.bool_]
    source: str = ""
    system: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def supervised(self) -> int:
        """Number of tokens to learn."""
        return int(self.mask.sum())

    @property
    def prompt(self) -> int:
        """Number of tokens before the last answer: what the model is asked it with."""
        learnt = np.flatnonzero(self.mask)
        if not len(learnt):
            return len(self)
        asked = np.flatnonzero(~self.mask[: learnt[-1]])
        return int(asked[-1]) + 1 if len(asked) else 0
