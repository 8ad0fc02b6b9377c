"""Letters of another script that look like those around them: `Whаt` with a Cyrillic а is What.

A word of two scripts is how a look-alike shows, and whose word it is, the letters tell that only one script has: of the
text's letters without a twin, most are Latin, or most are not. In a Latin text with such words, words that consist of
look-alikes alone (`а` for a) are read as Latin, too. Words that mix scripts for a reason (`μm`, `Δx`) hold letters
without a twin on either side, and stay.

References
----------
Unicode Technical Standard 39, Unicode Security Mechanisms: confusables, mixed-script detection.
"""

import re

# Twins by Unicode's table of confusables (UTS 39), upper case and lower case, one letter for one.
_CYRILLIC = dict(zip("аеорсухіјѕԁһԛԝӏгѵкАВЕКМНОРСТУХІЈЅԌԚԜ", "aeopcyxijsdhqwlrvkABEKMHOPCTYXIJSGQW", strict=True))
_GREEK = dict(zip("αορνικυγσϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aopvikuyocjABEZHIKMNOPTYX", strict=True))
_LATIN_LETTER = "A-Za-zÀ-ɏ"
_SCRIPTS = (("Ѐ-ԯ", _CYRILLIC), ("Ͱ-Ͽ", _GREEK))

MIXED = "|".join(f"[{_LATIN_LETTER}][{other}]|[{other}][{_LATIN_LETTER}]" for other, _ in _SCRIPTS)
"""A regular expression that finds the texts to look at."""


def unmixed(text: str) -> str:
    """Spell words that mix scripts, as far as look-alikes allow, in one."""
    for letters, twins in _SCRIPTS:
        if re.search(f"[{_LATIN_LETTER}][{letters}]|[{letters}][{_LATIN_LETTER}]", text):
            text = _in_one(text, letters, twins)
    return text


def _in_one(text: str, letters: str, twins: dict[str, str]) -> str:
    back = {latin: other for other, latin in reversed(twins.items())}
    latin_only = sum(letter not in back for letter in re.findall(f"[{_LATIN_LETTER}]", text))
    other_only = sum(letter not in twins for letter in re.findall(f"[{letters}]", text))
    latin = latin_only >= other_only
    known, foreign = (twins, f"[{letters}]") if latin else (back, f"[{_LATIN_LETTER}]")

    def spelled(word: re.Match[str]) -> str:
        strange = re.findall(foreign, word[0])
        mixed = len(strange) < len(word[0])
        if (mixed or latin) and all(letter in known for letter in strange):
            return "".join(known.get(letter, letter) for letter in word[0])
        return word[0]

    return re.sub(f"[{_LATIN_LETTER}{letters}]+", spelled, text)
