"""What an abbreviation stands for, told by the first letters of words."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"(?<!\w)['‘“\"„«]([^'’“”\"„«»\n]+)['’”\"“»](?!\w)")
_FEWEST = 2  # letters


def abbreviates(prompt: str, said: str) -> bool:
    """Tell whether an answer spells out an abbreviation of its prompt, or abbreviates what is quoted there.

    “To be determined” says what TBD means, and N/A is short for “not available”; words that nobody quotes have any
    initials ("name a bird").

    Parameters
    ----------
    prompt, said : str
        Both in lower case.
    """
    initials, short = _initials(said), "".join(_WORD.findall(said))
    spelled = len(initials) >= _FEWEST and initials in {"".join(_WORD.findall(part)) for part in prompt.split()}
    return spelled or (len(short) >= _FEWEST and short in map(_initials, _QUOTED.findall(prompt)))


def _initials(text: str) -> str:
    return "".join(word[0] for word in _WORD.findall(text))
