"""Whether a value looks drawn by chance, as keys and good passwords are, or is a word, code or a placeholder."""

from __future__ import annotations

import math
import re
from collections import Counter

from quality.personal.issued import is_repeated

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
# The file that a key lies in is none.
_FILE = re.compile(r"[\w./~-]+\.(?:pem|crt|cer|der|key|p12|pfx|jks|pub|json|ya?ml|conf|cfg|ini|txt)", re.IGNORECASE)
_PLAIN_PASSWORD = re.compile(r"(?i)(?:pass(?:word|wd)?|secret|admin|letmein|qwerty)\W?\d{0,4}")
_LEAST_SECRET, _LEAST_PASSWORD = 16, 8
_ENTROPY_SECRET, _ENTROPY_PASSWORD = 3.0, 2.5  # bits a character; words of a language repeat letters


def is_placeholder(value: str) -> bool:
    """Tell “your_key” and “${PASSWORD}”, which stand for a value."""
    return _PLACEHOLDER.match(value) is not None


def is_word(value: str) -> bool:
    """Tell words, in any language, and the passwords that everyone writes for one: “secret”, “letmein1”."""
    cased = not value.isascii() or _CASED.fullmatch(value)
    return bool(value.isalpha() and cased) or is_plain_password(value)


def is_plain_password(value: str) -> bool:
    """Tell the passwords that everyone writes for one."""
    return _PLAIN_PASSWORD.fullmatch(value) is not None


def is_secret(value: str, *, password: bool) -> bool:
    """Tell an assigned value that looks drawn from placeholders, words, names of code and files."""
    value = value.rstrip(".")
    if is_placeholder(value) or is_plain_password(value) or _WORDY.fullmatch(value) or _FILE.fullmatch(value):
        return False
    return looks_drawn(value, password=password)


def looks_drawn(value: str, *, password: bool) -> bool:
    """Tell whether a value looks drawn by chance: long enough, letters with digits, few repeats."""
    least, entropy = (_LEAST_PASSWORD, _ENTROPY_PASSWORD) if password else (_LEAST_SECRET, _ENTROPY_SECRET)
    mixed = re.search(r"\d", value) and re.search(r"[^\W\d_]", value)
    return bool(len(value) >= least and mixed and _bits(value) >= entropy and not is_repeated(value))


def _bits(value: str) -> float:
    """Shannon entropy of the characters of a value (bits a character)."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)
