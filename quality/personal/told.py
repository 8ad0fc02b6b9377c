"""Passwords and keys that prose tells, too plain for chance: “password: hunter2”, “my API key is 9f8e7d6c5b4a”.

A value that nobody drew looks like a word with a figure in it. What tells it is how it is told: behind the name's own
word, with a colon, an equals sign or “is”, as the last thing that is said or before a blank. Code, names of types and
algorithms (“password: varchar255”, “secret is sha256”) and what stands for a value (“password: test123”) are none.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from quality.personal.stand_ins import stands_for_one

if TYPE_CHECKING:
    from collections.abc import Iterator

_PASSWORDS = (
    r"pass(?:word|wd|phrase|code)|pass|pwd|passwort|kennwort|contraseña|wachtwoord|mot de passe|(?:wi-?fi|wlan)[ -]key"
)
_SECRETS = (
    r"(?:api|access|secret|private|account)[ _-]?key|(?:access|auth|api|bearer)[ _-]token|client[ _-]secret|secret"
)
_IS = r"(?:is|was|ist|lautet|est|es)"
# Behind quotes or in an identifier it is a key of code; a few words may stand before a colon: “password for bob: …”.
_TOLD = re.compile(
    rf"(?<![\w'\"`.\[(<$%-])(?:(?P<password>{_PASSWORDS})|(?P<secret>{_SECRETS}))(?![\w-])[*_]{{0,2}}"
    r"(?P<by>(?:\s(?:for|of)\s[\w.@-]{1,40})?(?:\s?[:=]\s{0,2}(?:[*_]{1,2}\s?)?|"
    rf"\s+(?:was |is )?(?:changed|reset|set)\sto:?\s|\s+(?:now\s)?{_IS}(?:\snow)?(?::\s?|\s)))"
    r"(?P<quote>[\"'`“]?)(?P<value>[A-Za-z\d][\w!#%^*?~+-]{4,38}[\w!#%^*?~+])[\"'`”]?[*_]{0,2}(?=[.,;!?)]{0,2}(?:\s|$))",
    re.IGNORECASE,
)
_LEAST_SECRET = 10
_LEAST_CHANGES = 3  # of a key that is shorter than drawn ones: from letters to digits and back


def told(text: str) -> Iterator[re.Match[str]]:
    """Find passwords and keys that prose tells; each is the group `value` of its match."""
    for found in _TOLD.finditer(text):
        value, by = found["value"], found["by"]
        if not (re.search(r"\d", value) and len(re.findall("[A-Za-z]", value)) > 1) or stands_for_one(value):
            continue
        if "=" in by and not _is_line(text, found):
            continue
        if found["password"] or _is_drawn_in_short(value):
            yield found


def _is_line(text: str, found: re.Match[str]) -> bool:
    """Tell a line of its own, as a file of settings has them, from an argument of code."""
    before = text[: found.start()].rpartition("\n")[2]
    behind = text[found.end() :].partition("\n")[0]
    return not before.strip() and not behind.strip()


def _is_drawn_in_short(value: str) -> bool:
    """Tell a key too short to be surely drawn: letters and digits change places in it, and few are repeated."""
    changes = len(re.findall(r"\d+|[^\W\d_]+", value)) - 1
    common = max(Counter(value.casefold()).values())
    return len(value) >= _LEAST_SECRET and changes >= _LEAST_CHANGES and common <= len(value) / 3
