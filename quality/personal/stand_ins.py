"""What stands for a password of anyone: placeholders, and names of types, algorithms and arguments with a figure."""

from __future__ import annotations

import re

from quality.personal.drawn import is_placeholder, is_plain_password
from quality.personal.issued import is_repeated
from quality.personal.logins import names_itself

# Names with a figure at their end, of algorithms, types, versions and arguments; and amounts: 8chars, 64-bit.
_NAMES = re.compile(
    r"(?:(?:hmac|hs|rs|es|sha|md|base|argon|pbkdf|scrypt|bcrypt|utf|latin|iso|ascii|oauth|ntlm|pkcs|aes|rsa|des|x|ed|curve|"
    r"var|char|varchar|string|str|text|int|uint|float|bytes?|bits?|http|ipv?|win|version|v|step|line|level|option|param|arg|"
    r"field|col|row|value|val|user|name|account|person|client|server|host|port|example|sample|test|demo|dummy|fake|foo|bar|"
    r"baz|abc|qwe\w*|item|part|page|section|chapter|figure|table|note|type|class|group|file|data|object|obj|python|py|"
    r"mysql|postgres|sqlite|sql|db|key|token|pass\w*|pwd|pw|secret|credential|change\w*|hash\w*|salt\w*|admin|root|guest|"
    r"secure|strong|my|your|the)[-_]?\d{0,4}[-_]?){1,3}\w?(?:-[a-z]+)?|"
    r"\d+[-_ ]?(?:char(?:acter)?s?|digits?|bits?|bytes?|letters?|words?|days?|weeks?|months?|years?|hours?|minutes?|"
    r"seconds?|min|[mshdkx]|[kmg]i?b|st|nd|rd|th|fa)|0x[\da-f]+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\w*|(?:[a-z]+\d{0,2}_)+[a-z]+\d*|"
    r"argon2(?:id|i|d)|[\w+-]+-(?:hashed|encrypted|encoded|protected|based)",
    re.IGNORECASE,
)
_LEET = str.maketrans("013457@$!", "oieastasi")


def stands_for_one(value: str) -> bool:
    """Tell what stands for a password: “test123”, “varchar255”, “8chars”, “p4ssw0rd”."""
    plain = value.translate(_LEET)
    return (
        is_placeholder(value)
        or is_repeated(value)
        or _NAMES.fullmatch(value) is not None
        or any(is_plain_password(one) or names_itself(one) for one in (value, plain))
    )
