"""Whether two words are forms of one: “boil” and “boils”, “city” and “cities”, “fall” and “fell”.

Regular endings of English, and its commonest irregular verbs. A noun that looks like a form of another (“see”, “seed”)
passes for one.
"""

from __future__ import annotations

# Letters of the shorter form at least: in shorter words an ending is mostly part of the word.
_SHORTEST = 3
_ENDINGS = frozenset(("s", "es", "d", "ed", "ing"))
_BEHIND_A_LOST_LETTER = {"e": frozenset(("es", "ed", "ing")), "y": frozenset(("ies", "ied"))}
_IRREGULAR = (
    *(
        "beat beaten",
        "become became",
        "begin began begun",
        "break broke broken",
        "bring brought",
        "build built",
        "buy bought",
    ),
    *("catch caught", "choose chose chosen", "come came", "draw drew drawn", "drink drank drunk", "drive drove driven"),
    *("eat ate eaten", "fall fell fallen", "feel felt", "fight fought", "find found", "fly flew flown", "get got"),
    *("give gave given", "go went gone", "grow grew grown", "hear heard", "hold held", "keep kept", "know knew known"),
    *("lay laid", "lead led", "leave left", "lose lost", "make made", "mean meant", "meet met", "pay paid"),
    *("ride rode ridden", "rise rose risen", "run ran", "say said", "see saw seen", "seek sought", "sell sold"),
    *("send sent", "shoot shot", "sing sang sung", "sink sank sunk", "sit sat", "sleep slept", "speak spoke spoken"),
    *("spend spent", "stand stood", "steal stole stolen", "strike struck", "swim swam swum", "take took taken"),
    *("teach taught", "tell told", "think thought", "throw threw thrown", "wear wore worn", "win won"),
    *("write wrote written",),
)
_VERB_OF = {form: forms.partition(" ")[0] for forms in _IRREGULAR for form in forms.split()}


def inflected(word: str, other: str) -> bool:
    """Tell whether two words are equal, or forms of one.

    Examples
    --------
    >>> inflected("boils", "boil"), inflected("stopped", "stop"), inflected("sank", "sink"), inflected("sand", "sink")
    (True, True, True, False)
    """
    if word == other or _VERB_OF.get(word, word) == _VERB_OF.get(other, other):
        return True
    short, long = sorted((_VERB_OF.get(word, word), _VERB_OF.get(other, other)), key=len)
    if len(short) < _SHORTEST:
        return False
    if long.startswith(short):
        rest = long[len(short) :]
        return rest in _ENDINGS or rest in {f"{short[-1]}ed", f"{short[-1]}ing"}
    stem, last = short[:-1], short[-1]
    return long.startswith(stem) and long[len(stem) :] in _BEHIND_A_LOST_LETTER.get(last, ())
