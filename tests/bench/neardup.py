"""Speed and truth of `quality.neardup` on templated documents, against an exact all-pairs oracle.

    python tests/bench/neardup.py                       # 50,000 documents, one thread, with the oracle
    python tests/bench/neardup.py 500000 --no-oracle    # time and memory alone
    python tests/bench/neardup.py --set bands=25 --set rows=5

The documents look like docstrings: boilerplate that all share, words drawn by Zipf's law, 20% edited copies
of others. CPU seconds are `time.process_time` of the call alone: tokenising, hashing, verifying, choosing.
"""

import argparse
import itertools
import math
import os
import random
import re
import resource
import time
from collections import Counter, defaultdict

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("documents", type=int, nargs="?", default=50_000)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a field of NearDup")
parser.add_argument("--no-oracle", action="store_true")
arguments = parser.parse_args()
os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)  # read once, when Polars is imported

import polars as pl  # noqa: E402

from quality.neardup import NearDup, near_duplicates  # noqa: E402

TRUE_PAIR = 0.8
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


def main() -> None:
    """Generate, run, check, print."""
    chosen = dict(pair.split("=", 1) for pair in arguments.set)
    settings = NearDup.model_validate({"threads": arguments.threads} | chosen)
    texts = corpus(arguments.documents, random.Random(arguments.seed))
    series = pl.Series("text", texts)
    near_duplicates(series[:200], settings)
    before = peak()
    wall, cpu = time.perf_counter(), time.process_time()
    removed = near_duplicates(series, settings)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    words = sum(len(re.findall(r"\w+", text)) for text in texts[:5000]) / min(5000, len(texts))
    table = {
        "documents": f"{len(texts):,} (mean {words:.0f} words)",
        "settings": " ".join(f"{key}={value}" for key, value in settings),
        "CPU seconds": f"{cpu:.2f}",
        "wall seconds": f"{wall:.2f}",
        "documents per CPU second": f"{len(texts) / cpu:,.0f}",
        "peak memory": f"{peak():,.0f} MB ({peak() - before:,.0f} MB above the texts and Polars itself)",
        "rows removed": f"{removed.height:,}",
    }
    if not arguments.no_oracle:
        table |= truth(texts, removed, settings)
    for name, value in table.items():
        print(f"{name:>26}  {value}")


def truth(texts: list[str], removed: pl.DataFrame, settings: NearDup) -> dict[str, str]:
    """Compare with sets of word tuples and an exact all-pairs join."""
    sets = [shingles(text, settings.words) for text in texts]
    gone = set(removed["row"].to_list())
    unjustified = sum(
        witness in gone or witness >= row or jaccard(sets[row], sets[witness]) < settings.threshold
        for row, witness, _ in removed.iter_rows()
    )
    figures = {"unjustified removals": f"{unjustified:,}"}
    pairs = all_pairs(sets, min(settings.threshold, TRUE_PAIR))
    for floor in sorted({settings.threshold, TRUE_PAIR}):
        true = [(a, b) for a, b, similarity in pairs if similarity >= floor]
        missed = sum(a not in gone and b not in gone for a, b in true)
        share = 1 - missed / max(len(true), 1)
        figures[f"recall at J >= {floor}"] = f"{share:.3%} ({missed:,} of {len(true):,} pairs with both kept)"
    return figures


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


def peak() -> float:
    """Peak resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
