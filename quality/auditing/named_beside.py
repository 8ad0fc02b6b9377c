"""Templates that name a second thing beside their subject, for the audit: plain Python.

What is proven is what `quality.prompts.named_beside` claims: with the words around the rarest that both prompts hold
left open, what stands beside the subject begins many prompts, and no word of it is what these fill in there.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence

_LONGEST_NAME, _ONE_OF, _FEWEST_WORDS = 4, 2, 2

Line = tuple[str, ...]
# A second thing is None, and any word at all the empty one.
Open = tuple[str | None, ...]


def run_of_both(one: Line, other: Line, held: Callable[[str], set[int]]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Find the run of words around the rarest that both hold: its start and end in either."""
    rarest = min(set(one) & set(other), key=lambda word: (len(held(word)), word))
    first, second = one.index(rarest), other.index(rarest)
    start = end = 0
    while start < min(first, second) and one[first - start - 1] == other[second - start - 1]:
        start += 1
    while end < min(len(one) - first, len(other) - second) and one[first + end] == other[second + end]:
        end += 1
    return (first - start, first + end), (second - start, second + end)


def left_open(one: Line, other: Line, held: Callable[[str], set[int]]) -> tuple[Open, ...]:
    """Leave open what both name, or return nothing where they share no word."""
    if not set(one) & set(other):
        return ()
    runs = run_of_both(one, other, held)
    return tuple((*words[:start], None, *words[end:]) for words, (start, end) in zip((one, other), runs, strict=True))


def are_begun_by(lines: Sequence[Line], piece: Open, usual: float) -> bool:
    """Whether so many lines (sorted) begin with a piece, and for none of its words most have another."""
    words = [place for place, word in enumerate(piece) if word is not None]
    count = _beginning(lines, piece) if len(words) >= _FEWEST_WORDS else 0
    return count >= usual and all(
        _beginning(lines, (*piece[:at], "", *piece[at + 1 :])) <= _ONE_OF * count for at in words
    )


def _beginning(lines: Sequence[Line], piece: Open) -> int:
    literal: list[str] = []
    for word in piece:
        if not word:
            break
        literal.append(word)
    first = bisect_left(lines, tuple(literal))
    last = bisect_left(lines, (*literal[:-1], f"{literal[-1]}\0")) if literal else len(lines)
    return sum(_begins(line, piece) for line in lines[first:last])


def _begins(line: Line, piece: Open) -> bool:
    ends = {0}
    for word in piece:
        if word is None:
            ends = {end + more for end in ends for more in range(1, _LONGEST_NAME + 1)}
        else:
            ends = {end + 1 for end in ends if end < len(line) and word in ("", line[end])}
    return any(end <= len(line) for end in ends)
