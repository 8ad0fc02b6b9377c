"""How good a written answer is beside the right one: four measures, each from 0 to 1, higher is better.

References
----------
exact_match, token_f1: Rajpurkar et al. (2016), SQuAD, EMNLP, and its official script `evaluate-v1.1.py`.
rouge_l: Lin (2004), ROUGE, ACL workshop; computed by `rouge-score`.
chrf: Popović (2015), chrF, WMT; computed by `sacrebleu`, of single sentences.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal

Written = Literal["exact_match", "token_f1", "rouge_l", "chrf"]
"""Names of the measures."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_SIGN = re.compile(r"(?<![\w)\].,%])[-\u2212](?=\.?\d)")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_KEPT = str.maketrans({"\ue000": "-", "\ue001": "."})
_WORDS = re.compile(r"\w+")
_NOUGHTS = re.compile(r"(-?\d+)\.0+")


def measure(metric: Written, answers: Sequence[str], targets: Sequence[str]) -> list[float]:
    """Score each answer against its target, 0 to 1.

    Raises
    ------
    ValueError
        If there are not as many answers as targets.
    """
    if len(answers) != len(targets):
        raise ValueError(f"There are {len(answers)} answers but {len(targets)} targets.")
    score = _MEASURES[metric]
    return [score(answer, target) for answer, target in zip(answers, targets, strict=True)]


def up_to(answer: str, ends: Sequence[str]) -> str:
    """Return an answer up to the first of these ends that stands in it, without the white space around it."""
    answer = answer.strip()
    places = (answer.find(end) for end in ends)
    return answer[: min((place for place in places if place >= 0), default=None)].strip()


def plain(text: str) -> str:
    """Normalise as SQuAD does: lower case, no ASCII punctuation, no English articles, single spaces.

    A text that is nothing but an article keeps it: “A.” may be an option's letter, as “B.” is. Nor does a number lose
    its minus or its point: −5 is not 5, and 1.5 is not 15. A whole one that is all of the text is `whole`.
    """
    bare = _POINT.sub("\ue001", _SIGN.sub("\ue000", text.lower())).translate(_PUNCTUATION).translate(_KEPT)
    return whole(" ".join(_ARTICLES.sub(" ", bare).split()) or " ".join(bare.split()))


def whole(text: str) -> str:
    """Return a number without noughts behind its point, where it has nothing else there; any other text as it is.

    A table writes 5 as 5.0 in a column where numbers are missing. 3.10, which may be a version, stays.
    """
    found = _NOUGHTS.fullmatch(text)
    return found[1] if found else text


def exact_match(answer: str, target: str) -> float:
    """Return 1 if both say the same once normalised, else 0.

    A target of which nothing is left (“+”) is compared as it stands, white space at its ends aside: normalised, it
    would equal an empty answer.
    """
    wanted = plain(target)
    return float(plain(answer) == wanted if wanted else answer.strip() == target.strip())


def token_f1(answer: str, target: str) -> float:
    """Return the harmonic mean of precision and recall of the normalised words, as often as they stand there."""
    said, wanted = plain(answer).split(), plain(target).split()
    if not wanted:
        return exact_match(answer, target)
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted))


def rouge_l(answer: str, target: str) -> float:
    """Return ROUGE-L's F-measure, of lower-case words without stemming.

    Words are runs of letters and digits of any alphabet; the library's own tokenizer sees a–z and 0–9 alone. A script
    without spaces has few words: chrF suits it.
    """
    if not _WORDS.search(target):
        return exact_match(answer, target)
    return float(_rouge().score(target, answer)["rougeL"].fmeasure)


def chrf(answer: str, target: str) -> float:
    """Return chrF of one sentence (characters up to 6-grams, β = 2) over 100, so that it lies between 0 and 1."""
    return min(1.0, float(_chrf().sentence_score(answer, [target]).score) / 100)


class _Words:
    """Splits a text for `rouge-score`."""

    def tokenize(self, text: str) -> list[str]:
        return _WORDS.findall(text.lower())


# Imported where they are used: one loads nltk, the other lxml.
@cache
def _rouge():  # type: ignore[no-untyped-def]  # noqa: ANN202 - untyped library
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], tokenizer=_Words())


@cache
def _chrf():  # type: ignore[no-untyped-def]  # noqa: ANN202 - untyped library
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()


_MEASURES: dict[Written, Callable[[str, str], float]] = {
    "exact_match": exact_match,
    "token_f1": token_f1,
    "rouge_l": rouge_l,
    "chrf": chrf,
}
