"""Passwords that stand among words: “the password for the archive is Tr0ub4dor&Sieben”.

The further a value stands from the word “password”, the more it must look like a secret itself. Behind “the password
for the archive is”, “use the password” and “log in as admin /”, and before “is the password”, that is a digit with a
sign or another letter behind it, or between quotes a digit or a sign. “The password for the archive is stored”,
“AES256-encrypted” and “required” are none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from quality.personal.drawn import is_word
from quality.personal.stand_ins import stands_for_one

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|pw|passwort|kennwort|contraseña|wachtwoord|mot de passe|"
    r"(?:wi-?fi|wlan)[ -]key)"
)
_ALONE = r"(?<![\w'\"`.\[(<$%])(?<![\s-]-)"
_IS = r"(?:is|was|ist|war|lautet|est|es|era)(?: (?:now|currently|still|jetzt))?:?|:"
# A place or a person (“for the archive”, “on the printer”, “du wifi”), or who chose it (“I gave her”).
_OF = (
    r"(?:for|of|to|on|at|in|from|für|fürs|von|vom|zum|im|du|de|del|des|pour|para|van|voor|"
    r"that|which|i|we|he|she|they|you)"
)
_QUOTED = r"[\"'`“„‘](?P<quoted>[^\s\"'`“”„‘’<>{}()\[\]]{6,64})[\"'`”“’]"
_BARE = r"(?P<value>[A-Za-z\d][\w!#$%&*+@^~?-]{4,62}[\w!#$%&*+@^~?-])"
_VALUE = rf"(?:{_QUOTED}|{_BARE})(?=[.,;!?)]{{0,2}}(?:\s|$))"
_SAID = re.compile(rf"{_ALONE}{_NAMED}(?: {_OF}(?: [\w.'’@-]{{1,40}}){{1,8}}?)? ?(?:{_IS})\s{_VALUE}", re.IGNORECASE)
_GIVEN = re.compile(rf"{_ALONE}{_NAMED} (?:to |of )?{_VALUE}", re.IGNORECASE)
# Beside the name of a user the next word is the password, whatever it looks like.
_BESIDE_USER = re.compile(
    rf"\b(?:user(?:name)?|log-?in|account|(?:log|sign|get)(?:ged|ging|ning|s)? in as)(?: (?:name|is|of))?:? "
    rf"(?P<user>[\"'`“]?[\w.@-]{{2,40}}[\"'`”]?)(?:,| and| with|, and| ?[/;|])(?: (?:the|its|his|her|my|your|a))? "
    rf"(?:{_NAMED}|pass(?=:))(?: is|:)? {_VALUE}",
    re.IGNORECASE,
)
_SLASHED = re.compile(
    r"\b(?:log(?:s|ged|ging)?[ -]?in|sign(?:s|ed|ing)?[ -]?in|credentials?|creds)"
    r"(?: (?:is|are|was|were|with|as|using))?:? "
    rf"[\"'`“]?[\w.@-]{{2,40}} ?[/|:] ?{_VALUE}",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?<![^\s\"'`“„‘(])(?:{_QUOTED}|{_BARE}) (?:is|was|as|for) (?:the|my|your|his|her|our|their|its|a)"
    rf"(?: [\w-]{{2,20}}){{0,2}}? {_NAMED}(?=[.,;:!?)]|\s*$| (?:for|of|to|on|at|in|here|there|now|and|when|if)\b)",
    re.IGNORECASE,
)
_SIGN_WITHIN = re.compile(r"[A-Za-z\d][!#$%&*+@^~?]+[A-Za-z\d]")
_DIGIT_WITHIN = re.compile(r"[A-Za-z]\d+[A-Za-z]")


def among_words(text: str) -> Iterator[tuple[int, int]]:
    """Find passwords in sentences: where each begins and ends."""
    for pattern, is_secret in _LOOKED_FOR:
        for found in pattern.finditer(text):
            group = "quoted" if found["quoted"] else "value"
            value = found[group].rstrip(".")
            if not stands_for_one(value) and is_secret(value, quoted=group == "quoted"):
                yield found.start(group), found.start(group) + len(value)


def is_scrambled(value: str, *, quoted: bool = False) -> bool:
    """Tell a secret from a word of prose, a name with a version and a kind of code.

    Examples
    --------
    >>> [is_scrambled(value) for value in ("Tr0ub4dor&3", "hunter2Kx", "stored", "AES256-encrypted", "Windows11!")]
    [True, True, False, False, False]
    >>> [is_scrambled(value) for value in ("OTjh!gisYt", "salt&pepper", "APIs+JWTs")]
    [True, False, False]
    """
    within = value.rstrip("!?")
    if len(re.findall("[A-Za-z]", within)) <= 1 or not value.isascii():
        return False
    sign, runs = _SIGN_WITHIN.search(within), len(re.findall(r"\d+", within))
    if quoted:
        return bool(sign or runs)
    cases = within != within.lower() and within != within.upper()
    if not runs:
        return bool(sign) and _has_odd_capitals(within)
    return bool(sign or (_DIGIT_WITHIN.search(within) and (cases or runs > 1)))


def _is_mixed(value: str, *, quoted: bool) -> bool:
    """Tell what stands beside a user's name: letters, and with them a digit or a sign."""
    any_sign = r"[\d!#$%&*+@^~?]"
    signs = any_sign if quoted or _has_odd_capitals(value) else r"\d|[A-Za-z][!#$%&*+@^~?]+[A-Za-z]"
    return len(re.findall("[A-Za-z]", value)) > 1 and re.search(signs, value) is not None


def _has_odd_capitals(value: str) -> bool:
    """Tell capitals where neither a word, a name of several, an abbreviation nor its plural has them: “OTjh”."""
    return any(not is_word(run.removesuffix("s")) for run in re.findall("[A-Za-z]{3,}", value))


def _is_scrambled_early(value: str, *, quoted: bool) -> bool:
    """Tell a secret with nothing before it that tells: quotes prove little there."""
    return is_scrambled(value) or (quoted and is_scrambled(value, quoted=True) and bool(_SIGN_WITHIN.search(value)))


_LOOKED_FOR = (
    (_SAID, is_scrambled),
    (_GIVEN, _is_scrambled_early),
    (_BEFORE, _is_scrambled_early),
    (_SLASHED, is_scrambled),
    (_BESIDE_USER, _is_mixed),
)
