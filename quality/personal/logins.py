"""Passwords in addresses: `postgres://bob:Zq9xTreacle@db.acme.io/main`, and all other schemes that take a login.

The place tells that a value is a password, so that a word may be one (“kittens”). Manuals have more such addresses
than anyone else: what only names its own part (`user:password@`, `ApiKey:ApiSecret@`), repeats the user's name
(`guest:guest@`), or goes with a user who is nobody (`me:mySecret@`) stands for a password.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from quality.personal.drawn import is_placeholder, is_plain_password, is_secret, is_word

if TYPE_CHECKING:
    from collections.abc import Iterator

# An at sign within the password is one that another follows before anything ends the address.
_LOGIN = re.compile(
    r"[a-z][a-z0-9+.-]{2,20}://(?P<user>[^\s:/@'\"]{0,64}):"
    r"(?P<value>(?!\$)(?:[^\s:/@'\"<>{}$]|(?-i:\$(?![A-Z_{(]))|@(?=[^\s:/@'\"<>{}$?&,;]*@)){4,128})@(?P<host>[\w.-]+)",
    re.IGNORECASE,
)
# Hosts of examples (RFC 2606, RFC 6761); and one's own machine, of which manuals tell more than people do.
_EXAMPLE = re.compile(r"(?i)(?:^|\.)(?:example\.(?:com|net|org)|example|test|invalid)\.?$")
_OWN = re.compile(r"(?i)(?:^|\.)localhost$|^127(?:\.\d{1,3}){3}$|^0\.0\.0\.0$")

# Names of the part itself: mypassword, AppID, DB_PASSWORD, ReallyStrongPwd1234.
_NAMED = re.compile(
    r"(?:my|your|the|some|an?|db|database|user|admin|root|guest|app|api|auth|access|client|service|jwt|master|refresh|"
    r"bot|web|server|redis|mysql|mongo|postgres|test|new|old|super|very|really|strong|secure|safe|long)*"
    r"(?:secretkey|secretpassword|pass|password|passwd|passwort|passphrase|passcode|pwd|pw|secret|token|key|id|sid|user(?:name)?|"
    r"name|email|login|credentials?|changeme|changeit|placeholder|redacted|letmein)"
    r"(?:here|value|string)?"
)
# Users who are no one: what stands at their side is as little a password of anyone.
_NOBODY = re.compile(
    r"(?i)\W?(?:(?:my|your|the|some|a|an|db|database|app|api|smtp|ftp)[_.-]?)?"
    r"(?:users?|usr|user[_-]?(?:name|id)|u?name|login|me|you|account|e-?mail|(?:public[_-]?|api[_-]?)?key|token|foo|bar|scott)\W?\d?"
)
_LEAST_WORD = 6


def logins(text: str) -> Iterator[re.Match[str]]:
    """Find addresses with a password, which is the group `value` of each match."""
    for found in _LOGIN.finditer(text):
        user, value, host = found.group("user", "value", "host")
        if is_placeholder(value) or _EXAMPLE.search(host) or names_itself(value):
            continue
        own = _OWN.search(host)
        if is_secret(value, password=True) if own else not is_word(value) or _is_word_of(user, value):
            yield found


def names_itself(value: str) -> bool:
    """Tell what only names its own part, such as `mypassword` and `API_KEY_1`, and stands for a value."""
    return _NAMED.fullmatch(re.sub(r"(?:[\W_]*\d{1,4})?[\W_]*$|[_-]", "", value).casefold()) is not None


def _is_word_of(user: str, value: str) -> bool:
    """Tell a word that somebody took for a password: in small letters or with one capital, as those are chosen."""
    if is_plain_password(value) or len(value) < _LEAST_WORD or not (value.islower() or value.istitle()):
        return False
    return not _NOBODY.fullmatch(user) and value.casefold() != user.casefold()
