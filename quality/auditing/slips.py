"""Words that deny or count, and words a letter apart, for the audit: plain Python, as it reads all texts."""

import unicodedata
from itertools import pairwise

_SHORTEST = 4
_NOT = {
    "english": ["no", "not", "never", "none", "nor", "neither", "nothing", "nobody", "without", "cannot", "t", "non"],
    "german": ["kein", "keine", "keinen", "nicht", "nie", "ohne"],
    "french": ["non", "pas", "sans", "jamais", "aucun", "aucune", "ni"],
    "spanish": ["no", "sin", "nunca", "ni", "ningún", "ninguna"],
}


def turns(word: str) -> bool:
    """Whether a word is a number, or says “not”."""
    return denies(word) or any(unicodedata.category(letter) == "Nd" for letter in word)


def denies(word: str) -> bool:
    """Whether a word says “not”."""
    return any(word in words for words in _NOT.values())


def slipping(word: str, right: str) -> bool:
    """Whether two words are a letter apart, or two that changed places."""
    long_enough = min(len(word), len(right)) >= _SHORTEST and word[0] == right[0]
    return long_enough and _one_apart(word, right)


def _one_apart(word: str, right: str) -> bool:
    """Whether one letter was put in, left out or exchanged, or two neighbours were: each place is tried."""
    if word == right:
        return False
    if len(word) != len(right):
        long, short = sorted((word, right), key=len, reverse=True)
        return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
    wrong = [at for at, (one, other) in enumerate(zip(word, right, strict=True)) if one != other]
    turned = list(pairwise(wrong)) == [(wrong[0], wrong[0] + 1)] and word[wrong[0]] == right[wrong[0] + 1]
    return len(wrong) == 1 or (turned and word[wrong[0] + 1] == right[wrong[0]])
