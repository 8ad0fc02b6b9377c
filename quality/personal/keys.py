"""Keys, tokens and passwords: those whose issuer gave them a form of their own, and what is assigned to such a name.

An assigned value must look drawn by chance (long, of mixed characters, of enough entropy); words, code and
placeholders are none. Public keys and digests are no secrets.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from quality.personal.entity import Entity
from quality.personal.issued import is_repeated, issued

if TYPE_CHECKING:
    from collections.abc import Iterator

_PEM = re.compile(
    r"-----BEGIN ((?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?)-----(?P<body>[\w+/=\s:,.\\-]{40,}?)(?:-----END \1-----|\Z)"
)
_BASE64 = re.compile(r"[\w+/]{32}")
_HEADER = re.compile(r"(?i:\b(?:bearer|basic)|\bauthorization:\s*token)\s+(?P<value>[\w.~+/-]{16,4000}=*)")
_LOGIN = re.compile(
    r"[a-z][a-z0-9+.-]{2,20}://[^\s:/@'\"]{0,64}:(?P<value>[^\s:/@'\"<>{}$]{4,128})@(?P<host>[\w.-]+)", re.IGNORECASE
)
_OF_PASSWORDS = (
    r"pass(?:word|wd|phrase|code)|(?<![A-Za-z])pass|(?<![A-Za-z])pw(?![\w-])|pwd|contraseña|passwort|kennwort|"
    r"wachtwoord|mot de passe|(?:wi-?fi|wlan)[ _-]key"
)
_OF_SECRETS = (
    r"secret(?:[_-]?access)?(?:[_-]?key)?|token|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|"
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
_GIVEN = r"(?P<value>[^\s\"'`<>{}$:]{6,128})"
_COMMANDS = (
    re.compile(rf"\bcurl\b[^\n]{{0,200}}?\s(?:-u|--user)[ =][\"']?[\w.@-]{{1,64}}:{_GIVEN}"),
    re.compile(rf"\bsshpass -p ?[\"']?{_GIVEN}"),
    re.compile(rf"(?i:\bidentified by)\s+[\"']{_GIVEN}[\"']"),
)
# “your_key”, “MyKey” and “test1234” stand for a value; “Test8!kd92LqZ” is one.
_PLACEHOLDER = re.compile(
    r"(?:(?i:your|my|the|some|enter|insert|replace|change|changeme|example|sample|dummy|fake|test|demo|foo|bar|xxx+|"
    r"placeholder|redacted|none|null|true|false|undefined|config|request)(?:\W?\d{0,4}$|(?=[A-Z_.[(-]))|"
    r"(?i:process\.env|os\.|env\.|self\.|this\.|https?:|gb00wnnw|.*@example\.(?:com|net|org)$)|[{<($%*#&/.])"
)
# Capitals where words have them: secret, SECRET, mySecret; those of "BINRrkjcFXxy" were drawn.
_WORD = r"(?:[A-Z]?[a-z]+(?:[A-Z][a-z]+)*|[A-Z]+)"
_CASED = re.compile(_WORD)
# Names of code count their parts: jinja2.pass_context, mask2_token.
_WORDY = re.compile(rf"{_WORD}(?:\d{{0,2}}[._]{_WORD}|-{_WORD})*\d{{0,2}}")
_PLAIN_PASSWORD = re.compile(r"(?i)(?:pass(?:word|wd)?|secret|admin|letmein|qwerty)\W?\d{0,4}")
_RESERVED_HOST = re.compile(r"(?i)(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost)$")
_LEAST_SECRET, _LEAST_PASSWORD = 16, 8
_ENTROPY_SECRET, _ENTROPY_PASSWORD = 3.0, 2.5  # bits a character; words of a language repeat letters


def keys(text: str) -> Iterator[Entity]:
    """Find keys, tokens and passwords; of an assignment only the value is taken."""
    for found in _PEM.finditer(text):
        if _BASE64.search(found["body"]):
            yield Entity(found.start(), found.end(), "key", found[0])
    for found in issued(text):
        yield Entity(found.start(), found.end(), "key", found[0])
    for found in _HEADER.finditer(text):
        if _is_drawn(found["value"], least=_LEAST_SECRET, entropy=_ENTROPY_SECRET):
            yield _of(found)
    for found in _LOGIN.finditer(text):
        if not (_RESERVED_HOST.search(found["host"]) or _PLACEHOLDER.match(found["value"])) and not _is_word(found):
            yield _of(found)
    for found in _ASSIGNED.finditer(text):
        if _is_secret(found["quoted"] or found["value"], password=bool(found["password"])):
            yield _of(found, "quoted" if found["quoted"] else "value")
    for found in _SAID.finditer(text):
        if _is_secret(found["value"], password=True) and _is_scrambled(found["value"]):
            yield _of(found)
    for found in (one for command in _COMMANDS for one in command.finditer(text)):
        if not (_PLACEHOLDER.match(found["value"]) or _is_word(found)):
            yield _of(found)


def _of(found: re.Match[str], group: str = "value") -> Entity:
    value = found[group].rstrip(".")  # which ends its sentence
    start = found.start(group)
    return Entity(start, start + len(value), "key", value)


def _is_word(found: re.Match[str]) -> bool:
    value = found["value"]
    cased = not value.isascii() or _CASED.fullmatch(value)
    return bool(value.isalpha() and cased) or _PLAIN_PASSWORD.fullmatch(value) is not None


def _is_secret(value: str, *, password: bool) -> bool:
    value = value.rstrip(".")
    if _PLACEHOLDER.match(value) or _PLAIN_PASSWORD.fullmatch(value) or _WORDY.fullmatch(value):
        return False
    if password:
        return _is_drawn(value, least=_LEAST_PASSWORD, entropy=_ENTROPY_PASSWORD)
    return _is_drawn(value, least=_LEAST_SECRET, entropy=_ENTROPY_SECRET)


def _is_scrambled(value: str) -> bool:
    """Tell a password from a word of prose: letters behind a digit, and capitals beside small letters or a sign."""
    return bool(re.search(r"\d[^\d]*[A-Za-z]", value) and re.search(r"[a-z]", value) and re.search(r"[^a-z\d]", value))


def _is_drawn(value: str, *, least: int, entropy: float) -> bool:
    """Tell whether a value looks drawn by chance: long enough, letters with digits, few repeats."""
    mixed = re.search(r"\d", value) and re.search(r"[^\W\d_]", value)
    return bool(len(value) >= least and mixed and _bits(value) >= entropy and not is_repeated(value))


def _bits(value: str) -> float:
    """Shannon entropy of the characters of a value (bits a character)."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)
