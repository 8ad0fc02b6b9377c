"""How much of a text stands in another, for the audit: a plain table of edit distances, word by word."""

import re
from itertools import pairwise

from quality.auditing.texts import apart, normal, unemphasised

_MOST_WORDS = 20_000  # of a text that are looked at
_NO_WORD = re.compile(r"[^\w\s]+")


def passage_likeness(field: str, text: str) -> float:
    """1 − (words to change, leave out or add between a field and the passage of a text most like it) / its words."""
    wanted, there = _bare(field), _bare(text)[:_MOST_WORDS]
    if not wanted:
        return 0.0
    column = list(range(len(wanted) + 1))
    least = len(wanted)
    for word in there:
        after = [0]
        for place, (above, beside) in enumerate(pairwise(column)):
            after.append(min(above + (wanted[place] != word), beside + 1, after[-1] + 1))
        column = after
        least = min(least, column[-1])
    return 1 - least / len(wanted)


def _bare(text: str) -> list[str]:
    return _NO_WORD.sub("", unemphasised(apart(normal(text)))).split()
