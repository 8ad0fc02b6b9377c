"""Keys, tokens, passwords and PIN codes: told by their issuer's form, by a name that they are assigned to, or by prose.

An assigned value must look drawn by chance (long, of mixed characters, of enough entropy); words, code and
placeholders are none. Public keys and digests are no secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from quality.personal.among_words import among_words
from quality.personal.drawn import is_placeholder, is_secret, is_word, looks_drawn
from quality.personal.entity import Entity
from quality.personal.issued import issued
from quality.personal.logins import logins
from quality.personal.pins import pins
from quality.personal.stand_ins import stands_for_one
from quality.personal.told import told

if TYPE_CHECKING:
    from collections.abc import Iterator

_PEM = re.compile(
    r"-----BEGIN ((?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?)-----(?P<body>[\w+/=\s:,.\\-]{40,}?)(?:-----END \1-----|\Z)"
)
_BASE64 = re.compile(r"[\w+/]{32}")
_HEADER = re.compile(r"(?i:\b(?:bearer|basic)|\bauthorization:\s*token)\s+(?P<value>[\w.~+/-]{16,4000}=*)")
_OF_PASSWORDS = (
    r"pass(?:word|wd|phrase|code)|(?<![A-Za-z])pass|(?<![A-Za-z])pw(?![\w-])|pwd|contraseña|passwort|kennwort|"
    r"wachtwoord|mot de passe|(?:wi-?fi|wlan)[ _-]key"
)
_OF_SECRETS = (
    r"secret(?:[_-]?access)?(?:[ _-]?key)?|token|api[ _-]?key|access[ _-]?key|private[_-]?key|auth[_-]?key|"
    r"encryption[_-]?key|account[_-]?key|credentials?|client[_-]?secret|signing[_-]?key|bearer|session[_-]?id|"
    r"(?<=[?&])sig|x-amz-signature"
)
_ASSIGNED = re.compile(
    rf"(?i:(?:(?P<password>{_OF_PASSWORDS})|{_OF_SECRETS})[\w-]{{0,20}})[\"'`]?\]?"
    r"(?:\s?(?::=|=>|=|:)\s?|\s+(?i:is|was)[:\s]\s?)(?:(?P<quote>[\"'`])(?P<quoted>[^\s\"'`]{6,512})(?P=quote)|"
    r"[\"'`]?(?P<value>[^\s\"'`<>{}()\[\];,]{6,512}(?![^\s\"'`<>{})\];,])))"
)
# A password that only a word says to be one (“log in as bob with password …”), and those of command lines.
_SAID = re.compile(
    r"(?i:\b(?:password|passphrase|passwd|passcode|passwort|kennwort))\s+(?:(?i:is|was|to|of)\s+)?"
    r"(?P<quote>[\"'`]?)(?P<value>[A-Za-z\d!@#$%^&*?+~]{8,64})(?P=quote)(?![\w(/=-]|\.\w)"
)
# Amazon's secret keys have no form of their own; whoever shows a key shows its secret beside it.
_KEY_OF_PAIR = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
_SECRET_OF_PAIR = re.compile(r"(?<![\w/+=.-])(?P<value>[A-Za-z0-9/+]{40})(?![\w/+=-])")
_GIVEN = r"(?P<value>[^\s\"'`<>{}$:]{6,128})"
_COMMANDS = (
    re.compile(rf"\bcurl\b[^\n]{{0,200}}?\s(?:-u|--user)[ =][\"']?[\w.@-]{{1,64}}:{_GIVEN}"),
    re.compile(rf"\bsshpass -p ?[\"']?{_GIVEN}"),
    re.compile(rf"(?i:\bidentified by)\s+[\"']{_GIVEN}[\"']"),
)


def keys(text: str) -> Iterator[Entity]:
    """Find keys, tokens, passwords and PIN codes; of an assignment only the value is taken."""
    for found in _PEM.finditer(text):
        if _BASE64.search(found["body"]):
            yield Entity(found.start(), found.end(), "key", found[0])
    for found in issued(text):
        yield Entity(found.start(), found.end(), "key", found[0])
    for found in _SECRET_OF_PAIR.finditer(text) if _KEY_OF_PAIR.search(text) else ():
        if looks_drawn(found["value"], password=False) and re.search("[g-zG-Z]", found["value"]):  # no SHA-1
            yield _of(found)
    for found in _HEADER.finditer(text):
        if looks_drawn(found["value"], password=False):
            yield _of(found)
    for found in logins(text):
        yield _of(found)
    for found in _ASSIGNED.finditer(text):
        value, password = found["quoted"] or found["value"], bool(found["password"])
        if is_secret(value, password=password) and not (password and stands_for_one(value.rstrip("."))):
            yield _of(found, "quoted" if found["quoted"] else "value")
    for found in _SAID.finditer(text):
        if is_secret(found["value"], password=True) and _is_scrambled(found["value"]):
            yield _of(found)
    for found in told(text):
        yield _of(found)
    for start, end in (*among_words(text), *pins(text)):
        yield Entity(start, end, "key", text[start:end])
    for found in (one for command in _COMMANDS for one in command.finditer(text)):
        if not (is_placeholder(found["value"]) or is_word(found["value"])):
            yield _of(found)


def _of(found: re.Match[str], group: str = "value") -> Entity:
    value = found[group].rstrip(".")  # which ends its sentence
    start = found.start(group)
    return Entity(start, start + len(value), "key", value)


def _is_scrambled(value: str) -> bool:
    """Tell a password from a word of prose: letters behind a digit, and capitals beside small letters or a sign."""
    return bool(re.search(r"\d[^\d]*[A-Za-z]", value) and re.search(r"[a-z]", value) and re.search(r"[^a-z\d]", value))
