"""English of old books, in which an “I” or a “we” who says no is somebody's of the book, and no assistant."""

from __future__ import annotations

import polars as pl

from quality.texts.patterns import holds

# Words and forms that nobody answers in today: “we be not able”, “that I sin not”, “mine eye shall not spare”.
_OLD = (
    r"(?i)\b(?:thou|thee|thy|thine|thyself|ye|hath|doth|saith|spake|unto|shalt|wilt|hast|didst|wherefore|whither|thither|"
    r"begat|yea|verily|cometh|goeth|knoweth|dwelleth|giveth|maketh|mine own|mine (?:eye|ear|hand|heart|enem|anger|head|"
    r"house|iniquit)\p{L}*|neither will i|if it be|(?:i|we|ye|they) be (?:not|no)|"
    r"(?:i|we|they|he|she) (?:sin|seek|know|knew|fear|see|saw|go|went|come|came|hear|heard|speak|spoke|give|gave|take|"
    r"took|make|made|find|found|keep|kept|eat|walk|turn|hold|faint|err|lie|live|love|hate|believe|receive|perceive|"
    r"boast|trust|stand|stood|serve|judge|lay|forget|break|cease)(?:s|ed|d)? not)\b"
)


def old_prose(text: pl.Expr) -> pl.Expr:
    """Tell the texts of old English: “We be not able”, “that I sin not”, “look ye to it”."""
    return holds(text, _OLD)
