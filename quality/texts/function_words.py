"""Words that a sentence is built with, and that answer nothing: articles, pronouns, auxiliaries, prepositions.

In English, German, French and Spanish, without those that are words of another kind in one of the others (`die`, `or`,
`son`, `war`), and without single letters that stand for units. Words that narrow what is said (`about`, `only`, `may`,
`but`, `if`, `before`) are none of them.
"""

from __future__ import annotations

_LIGHT = (
    "a an the this that these those it its he she they his her their him them we i you your my our there",
    "is are was were be been being it am do does did has have had will can shall s ll re ve",
    "which who whom whose what where answer correct called named",
    "der das dem des ein eine einem einen einer eines ist sind wird wurde wurden er sie sein ihr ihre",
    "le la les un une est sont il elle ils elles était ce cette ces qui que qu",
    "el los las una unos unas es fue era eran ser lo su sus",
)
_JOINING = (
    "of in on at by to from with for and as into",
    "von vom zu zum zur im am auf bei mit aus für und als nach",
    "de du à au aux en dans par pour et avec sur",
    "del al por para con",
)
LIGHT = frozenset(word for words in _LIGHT for word in words.split())
"""Words that may come and go without a word of the answer being lost."""

JOINING = frozenset(word for words in _JOINING for word in words.split())
"""Words that join others: a longer answer may have more of them, and lacks none of the shorter one's."""

FUNCTION_WORDS = LIGHT | JOINING

EMPTY = frozenset(
    (
        *("also", "rather", "quite", "just", "actually", "really", "simply", "indeed", "then", "so", "very"),
        *("basically", "essentially", "truly", "certainly"),
    )
)
"""Words that come and go without a word of a question, or of an answer, being lost."""

EMPTY_WORD = rf"(?i)\b(?:{'|'.join(sorted(EMPTY))})\b ?"
"""Pattern of one of them, with the blank behind it."""
