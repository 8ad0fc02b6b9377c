r"""Characters that are written out: `caf\u00e9` and `caf%C3%A9` are café.

Texts that went through JSON, Python's `repr` or an address once too often hold escapes in place of letters and blanks.
"""

import re
from urllib.parse import unquote

# Of addresses, one escape may be a percentage ("20%25 more"); a run of text with two is encoded.
_PERCENT = r"%[0-9A-Fa-f]{2}[^\s%]*%[0-9A-Fa-f]{2}"
_CODE = r"\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\U000[0-9A-Fa-f]{5}|\\U0010[0-9A-Fa-f]{4}"
_BYTE = r"\\x[0-9A-Fa-f]{2}"

ESCAPES = f"{_PERCENT}|{_CODE}|{_BYTE}"
"""A regular expression that finds the texts to look at."""

_RUN = re.compile(r"\S+")
_ENCODED = re.compile(_PERCENT)
# A backslash may be escaped itself, several times; to begin with the first of a row of them keeps time linear.
_CODES = re.compile(rf"(?<!\\)(?:\\*(?:{_CODE}))+")
_BYTES = re.compile(rf"(?<!\\)(?:\\*{_BYTE})+")
_DIGITS = re.compile(r"\\[uU]\{?([0-9A-Fa-f]+)")
_LAST = 0x10FFFF
_TIMES_ENCODED = 2


def unescaped(text: str) -> str:
    """Resolve percent-encoding, and escapes of characters and of bytes as C, JSON and Python write them.

    Bytes are read as UTF-8, or as Latin-1 where they are none; percent-encoding that is no UTF-8 stays.
    """
    for _ in range(_TIMES_ENCODED):
        if _ENCODED.search(text):
            text = _RUN.sub(_decoded, text)
    return _BYTES.sub(_of_bytes, _CODES.sub(_of_codes, text))


def _decoded(run: re.Match[str]) -> str:
    if not _ENCODED.search(run[0]):
        return run[0]
    try:
        return unquote(run[0], errors="strict")
    except UnicodeDecodeError:
        return run[0]


def _of_codes(run: re.Match[str]) -> str:
    codes = [int(digits, 16) for digits in _DIGITS.findall(run[0])]
    if max(codes) > _LAST:
        return run[0]
    # Two halves of a surrogate pair are one character; half a pair is none.
    return "".join(map(chr, codes)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _of_bytes(run: re.Match[str]) -> str:
    raw = bytes.fromhex(re.sub(r"\\+x", "", run[0]))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
