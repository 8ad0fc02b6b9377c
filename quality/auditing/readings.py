r"""How the auditor reads what hides words: entities, escapes, letters of another script or width, broken words."""

import html
import re
import unicodedata
from collections.abc import Container, Iterator
from urllib.parse import unquote_to_bytes

_WIDE = re.compile(
    "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9f\uffa0-\uffdc\u24b6-\u24e9\U0001d400-\U0001d7ff]+"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TWO_PERCENT = re.compile(r"%[0-9a-fA-F]{2}[^\s%]*%[0-9a-fA-F]{2}")
# \u0041, \u{41} and \U00000041; any number of backslashes.
_CODE = r"(?:u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})"
# Each begins where a row of backslashes, or a word, does: a long one would be read from every place in it otherwise.
_CODES = re.compile(rf"(?<!\\)(?:\\+{_CODE})+")
_BYTES = re.compile(r"(?<!\\)(?:\\+x[0-9a-fA-F]{2})+")
_BROKEN = re.compile("(?<![^\\W\\d_])([^\\W\\d_]+)[-\u2010\xad]\\s+(?=([^\\W\\d_]+))")
_HYPHEN = re.compile("[-\u2010\xad]\\s")  # no word has to be read to its end for it
# Each letter of another script with the Latin letter that looks like it.
_TWINS = {
    "\u0400-\u052f": (
        "аa еe оo рp сc уy хx іi јj ѕs ԁd һh ԛq ԝw ӏl гr ѵv кk АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS ԌG ԚQ ԜW"
    ),
    "\u0370-\u03ff": "αa οo ρp νv ιi κk υu γy σo ϲc ϳj ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX",
}
_LATIN = "A-Za-z\u00c0-\u024f"


def seen(text: str) -> str:
    """Spell a text as its readers see it: nothing escaped, letters in their usual width and in one script a word."""
    for _ in range(2):
        if _TWO_PERCENT.search(text):
            text = "".join(_from_percent(part) for part in re.split(r"(\s+)", text))
    text = _BYTES.sub(_from_bytes, _CODES.sub(_from_codes, text))
    if _ENTITY.search(text):
        text = html.unescape(html.unescape(text))
    if text.isascii():
        return text
    text = _WIDE.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    for script, pairs in _TWINS.items():
        text = "".join(_in_one_script(text, script, {pair[0]: pair[1] for pair in pairs.split()}))
    return text


def rejoined(text: str, words: Container[str]) -> str:
    """Join what stands on either side of a hyphen and a blank, where that makes one of these words."""

    def whole(two: re.Match[str]) -> str:
        return two[1] if (two[1] + two[2]).casefold() in words else two[0]

    return _BROKEN.sub(whole, text) if _HYPHEN.search(text) else text


def _from_percent(run: str) -> str:
    try:
        return unquote_to_bytes(run).decode() if _TWO_PERCENT.search(run) else run
    except UnicodeDecodeError:
        return run


def _from_codes(run: re.Match[str]) -> str:
    numbers = [int(digits, 16) for digits in re.findall(r"[uU]\{?([0-9a-fA-F]+)", run[0])]
    if any(number > 0x10FFFF for number in numbers):
        return run[0]
    units = b"".join(chr(number).encode("utf-16-le", "surrogatepass") for number in numbers)
    return units.decode("utf-16-le", "replace")


def _from_bytes(run: re.Match[str]) -> str:
    raw = bytes(int(digits, 16) for digits in re.findall("x(..)", run[0]))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "".join(map(chr, raw))


def _in_one_script(text: str, script: str, twins: dict[str, str]) -> Iterator[str]:
    if not re.search(f"[{_LATIN}][{script}]|[{script}][{_LATIN}]", text):
        yield text
        return
    latin, other = re.findall(f"[{_LATIN}]", text), re.findall(f"[{script}]", text)
    of_latin = len([letter for letter in latin if letter not in twins.values()])
    to_latin = of_latin >= len([letter for letter in other if letter not in twins])
    table = twins if to_latin else {twin: letter for letter, twin in reversed(twins.items())}
    for word in re.split(f"([{_LATIN}{script}]+)", text):
        mixed = re.search(f"[{_LATIN}]", word) and re.search(f"[{script}]", word)
        foreign = set(re.findall(f"[{script if to_latin else _LATIN}]", word))
        if (mixed or to_latin) and all(letter in table for letter in foreign):
            yield "".join(table.get(letter, letter) if letter in foreign else letter for letter in word)
        else:
            yield word
