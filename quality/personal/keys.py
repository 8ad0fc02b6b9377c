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

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMS = (
    r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}",  # Amazon
    r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255}|glpat-[\w-]{20,64}",  # GitHub, GitLab
    r"xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-\d-[A-Za-z0-9-]{10,250}",  # Slack
    r"hooks\.slack\.com/services/T\w{6,12}/B\w{6,12}/\w{16,32}",
    r"AIza[\w-]{35}|ya29\.[\w-]{20,500}|GOCSPX-[\w-]{20,40}",  # Google
    r"sk-(?:[a-z0-9]+-){0,3}[A-Za-z0-9_-]{20,250}",  # OpenAI, Anthropic and their kin
    r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,250}|whsec_[A-Za-z0-9]{20,64}",  # Stripe
    r"hf_[A-Za-z0-9]{30,40}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,250}|dop_v1_[a-f0-9]{64}",
    r"SG\.[\w-]{16,32}\.[\w-]{32,64}|SK[0-9a-f]{32}|key-[0-9a-f]{32}|\d{8,10}:AA[\w-]{33}",  # senders of messages
    r"eyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.[\w-]{10,2000}",  # JSON Web Token
)
_FORMED = re.compile(rf"(?<![\w-])(?:{'|'.join(_FORMS)})(?![\w-])")
_PEM = re.compile(
    r"-----BEGIN ((?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?)-----(?P<body>[\w+/=\s:,.\\-]{40,}?)(?:-----END \1-----|\Z)"
)
_SLUG = re.compile(r"sk(?:-[a-z]+)+")
_BASE64 = re.compile(r"[\w+/]{32}")
_HEADER = re.compile(r"(?i:\b(?:bearer|basic)|\bauthorization:\s*token)\s+(?P<value>[\w.~+/-]{16,4000}=*)")
_LOGIN = re.compile(
    r"[a-z][a-z0-9+.-]{2,20}://[^\s:/@'\"]{0,64}:(?P<value>[^\s:/@'\"<>{}$]{4,128})@(?P<host>[\w.-]+)", re.IGNORECASE
)
_OF_PASSWORDS = r"pass(?:word|wd|phrase|code)|(?<![A-Za-z])pass|pwd|contraseña|passwort|mot de passe"
_OF_SECRETS = (
    r"secret(?:[_-]?access)?(?:[_-]?key)?|token|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|"
    r"encryption[_-]?key|account[_-]?key|credentials?|client[_-]?secret|signing[_-]?key|bearer"
)
_ASSIGNED = re.compile(
    rf"(?i:(?:(?P<password>{_OF_PASSWORDS})|{_OF_SECRETS})[\w-]{{0,20}})[\"'`]?\]?"
    r"(?:\s?(?::=|=>|=|:)\s?|\s+(?i:is|was)[:\s]\s?)(?P<quote>[\"'`]?)(?P<value>[^\s\"'`<>{}()\[\];,]{6,512})(?P=quote)"
)
_PLACEHOLDER = re.compile(
    r"(?i)(?:your|my|the|some|enter|insert|replace|change|example|sample|dummy|fake|test|demo|foo|bar|xxx|placeholder|"
    r"redacted|none|null|true|false|undefined|process\.env|os\.|env\.|config|self\.|this\.|request|http|gb00wnnw|.*@example\.(?:com|net|org)$|\$|%|\*|#|&|/|\.)"
)
_WORDY = re.compile(r"[A-Za-z]+(?:[._-][A-Za-z]+)*\d{0,2}")
# Capitals where words have them: secret, SECRET, mySecret; those of "BINRrkjcFXxy" were drawn.
_CASED = re.compile(r"[A-Z]?[a-z]+(?:[A-Z][a-z]+)*|[A-Z]+")
_PLAIN_PASSWORD = re.compile(r"(?i)(?:pass(?:word|wd)?|secret|admin|letmein|qwerty)\W?\d{0,4}")
_RESERVED_HOST = re.compile(r"(?i)(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid|localhost)$")
_LEAST_SECRET, _LEAST_PASSWORD = 16, 8
_ENTROPY_SECRET, _ENTROPY_PASSWORD = 3.0, 2.5  # bits a character; words of a language repeat letters


def keys(text: str) -> Iterator[Entity]:
    """Find keys, tokens and passwords; of an assignment only the value is taken."""
    for found in _PEM.finditer(text):
        if _BASE64.search(found["body"]):
            yield Entity(found.start(), found.end(), "key", found[0])
    for found in _FORMED.finditer(text):
        if not (_is_repeated(found[0]) or _SLUG.fullmatch(found[0])):
            yield Entity(found.start(), found.end(), "key", found[0])
    for found in _HEADER.finditer(text):
        if _is_drawn(found["value"], least=_LEAST_SECRET, entropy=_ENTROPY_SECRET):
            yield _of(found)
    for found in _LOGIN.finditer(text):
        if not (_RESERVED_HOST.search(found["host"]) or _PLACEHOLDER.match(found["value"])) and not _is_word(found):
            yield _of(found)
    for found in _ASSIGNED.finditer(text):
        if _is_secret(found):
            yield _of(found)


def _of(found: re.Match[str]) -> Entity:
    value = found["value"].rstrip(".")  # which ends its sentence
    start = found.start("value")
    return Entity(start, start + len(value), "key", value)


def _is_word(found: re.Match[str]) -> bool:
    value = found["value"]
    cased = not value.isascii() or _CASED.fullmatch(value)
    return bool(value.isalpha() and cased) or _PLAIN_PASSWORD.fullmatch(value) is not None


def _is_secret(found: re.Match[str]) -> bool:
    value = found["value"].rstrip(".")
    if _PLACEHOLDER.match(value) or _PLAIN_PASSWORD.fullmatch(value) or _WORDY.fullmatch(value):
        return False
    if found["password"]:
        return _is_drawn(value, least=_LEAST_PASSWORD, entropy=_ENTROPY_PASSWORD)
    return _is_drawn(value, least=_LEAST_SECRET, entropy=_ENTROPY_SECRET)


def _is_drawn(value: str, *, least: int, entropy: float) -> bool:
    """Tell whether a value looks drawn by chance: long enough, letters with digits, few repeats."""
    mixed = re.search(r"\d", value) and re.search(r"[^\W\d_]", value)
    return bool(len(value) >= least and mixed and _bits(value) >= entropy and not _is_repeated(value))


def _is_repeated(value: str) -> bool:
    """Tell “sk-xxxxxxxxxxxxxxxxxxxx” and “AKIAXXXXXXXXXXXXXXXX”, which stand for a key."""
    return re.search(r"(.)\1{5}|\.\.\.|\*\*\*", value, re.IGNORECASE) is not None


def _bits(value: str) -> float:
    """Shannon entropy of the characters of a value (bits a character)."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)
