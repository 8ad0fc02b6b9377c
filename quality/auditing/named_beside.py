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


def in_open_pieces(words: Open, count: Callable[[Open], int], usual: float, is_usual: Callable[[str], bool]) -> bool:
    """Whether words are pieces with which so many lines begin, none of them a word that these fill in."""
    ends = {0}
    for end in range(1, len(words) + 1):
        if any(_is_a_piece(words[start:end], count, usual, is_usual) for start in sorted(ends)):
            ends.add(end)
    return len(words) in ends


def _is_a_piece(piece: Open, count: Callable[[Open], int], usual: float, is_usual: Callable[[str], bool]) -> bool:
    own = [place for place, word in enumerate(piece) if word is not None]
    if count(piece) < usual:
        return False
    if len(own) < _FEWEST_WORDS:
        return not own or (len(piece) == 1 and is_usual(piece[0] or ""))
    until = piece.index(None) if None in piece else len(piece)
    if any(_is_filled_in(count, piece[:until], place) for place in own if 0 < place < until - 1):
        return False
    return None not in piece or not any(_is_filled_in(count, piece, place) for place in own)


def _is_filled_in(count: Callable[[Open], int], piece: Open, place: int) -> bool:
    return count((*piece[:place], "", *piece[place + 1 :])) > _ONE_OF * count(piece)


def beginning(lines: Sequence[Line], piece: Open) -> int:
    """Count the lines (sorted) that begin with a piece."""
    literal: list[str] = []
    for word in piece:
        if not word:
            break
        literal.append(word)
    first = bisect_left(lines, tuple(literal))
    last = bisect_left(lines, (*literal[:-1], f"{literal[-1]}\0")) if literal else len(lines)
    own = next((word for word in reversed(piece) if word), None)
    return sum(_begins(line, piece) for line in lines[first:last] if own is None or own in line)


def _begins(line: Line, piece: Open) -> bool:
    ends = {0}
    for word in piece:
        if word is None:
            ends = {end + more for end in ends for more in range(1, _LONGEST_NAME + 1)}
        else:
            ends = {end + 1 for end in ends if end < len(line) and word in ("", line[end])}
    return any(end <= len(line) for end in ends)
