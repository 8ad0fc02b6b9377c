"""Templated documents to look for near-duplicates in, and the exact truth about them: not a benchmark of its own.

The documents look like docstrings: boilerplate that all share, words drawn by Zipf's law, 20% edited copies of
others. Nothing here is shared with the code under test.
"""

import itertools
import math
import random
import re
from collections import Counter, defaultdict

HEADS = [
    "Return the {} of the {} along the given axis.",
    "Compute {} for every {} in the input.",
    "Check whether the {} of {} is valid and raise an error if not.",
    "Load {} from {} and cache the result.",
]
PARAMETER = "{} : array_like\n    The {} used to build the {} of the model."
TAILS = [
    "Returns\n-------\nout : ndarray\n    The {} with the same shape as {}.",
    "Returns\n-------\nbool\n    True if {} holds for all {}, False otherwise.",
    "Raises\n------\nValueError\n    If {} is not one of the supported {}.",
    "See Also\n--------\n{} : a related function for {}.",
    "Notes\n-----\nThis function is not thread safe and must not be called by more than one {} at a time.",
]


def all_pairs(sets: list[set[tuple[str, ...]]], floor: float) -> list[tuple[int, int, float]]:
    """Join every set with every other of Jaccard >= floor: an inverted index over rarest-first prefixes.

    Two such sets share one of the |A| - ceil(floor |A|) + 1 rarest shingles of each: nothing is missed.
    """
    frequency = Counter(itertools.chain.from_iterable(sets))
    index: dict[tuple[str, ...], list[int]] = defaultdict(list)
    found = []
    for place, members in enumerate(sets):
        rarest = sorted(members, key=lambda shingle: (frequency[shingle], shingle))
        prefix = rarest[: len(members) - math.ceil(floor * len(members) - 1e-9) + 1]
        candidates = set(itertools.chain.from_iterable(index[shingle] for shingle in prefix))
        for other in candidates:
            small, large = sorted((len(members), len(sets[other])))
            if small >= floor * large and (similarity := jaccard(members, sets[other])) >= floor:
                found.append((other, place, similarity))
        for shingle in prefix:
            index[shingle].append(place)
    return found


def shingles(text: str, words: int) -> set[tuple[str, ...]]:
    """Cut a text into word n-grams; a shorter one is its own only shingle."""
    tokens = re.findall(r"\w+", text.lower())
    short = {(" ".join(text.lower().split()),)}
    return {tuple(tokens[i : i + words]) for i in range(len(tokens) - words + 1)} or short


def jaccard(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    """Divide the intersection by the union."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared)


def corpus(count: int, rng: random.Random) -> list[str]:
    """Write templated documents, a fifth of them edited copies, in random order."""
    syllables = re.findall("..", "ratomineslokavdepoltimarquexbashigrulfacy")
    vocabulary = sorted({"".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(12_000)})
    rng.shuffle(vocabulary)
    weights = list(itertools.accumulate((rank + 1) ** -0.9 for rank in range(len(vocabulary))))

    def draw(number: int) -> list[str]:
        return rng.choices(vocabulary, cum_weights=weights, k=number)

    originals = [document(rng, draw) for _ in range(count - count // 5)]
    copies = [edited(rng.choice(originals), rng, draw) for _ in range(count // 5)]
    return rng.sample(originals + copies, count)


def document(rng: random.Random, draw) -> str:
    """Fill in a docstring."""
    story = " ".join(draw(3 + int(rng.gammavariate(3, 7)))).capitalize() + "."
    parameters = ["Parameters\n----------"] + [PARAMETER] * rng.randint(1, 3)
    tails = rng.sample(TAILS, rng.randint(1, 2))
    text = "\n".join([rng.choice(HEADS), story, *parameters, *tails])
    return text.format(*draw(text.count("{}")))


def edited(text: str, rng: random.Random, draw) -> str:
    """Delete, insert and replace words at one of several rates."""
    rate = rng.choice([0, 0.005, 0.01, 0.02, 0.04, 0.08])
    words = []
    for word in text.split(" "):
        kind = rng.random() / rate if rate else 1.0
        words += [word] if kind >= 1 else [[], [word, *draw(1)], draw(1)][int(kind * 3)]
    return " ".join(words)
