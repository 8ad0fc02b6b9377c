"""Speed and truth of `quality.neardup` on templated documents, against an exact all-pairs oracle.

    python tests/bench/neardup.py                       # 50,000 documents, one thread, with the oracle
    python tests/bench/neardup.py 500000 --no-oracle    # time and memory alone
    python tests/bench/neardup.py --set bands=25 --set rows=5
    python tests/bench/neardup.py --set kernel=numba    # compiled loops, where numba is installed

The documents are those of `templated.py`. CPU seconds are `time.process_time` of the call alone: tokenising, hashing, verifying, choosing.
"""

import argparse
import os
import random
import re
import resource
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("documents", type=int, nargs="?", default=50_000)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a field of NearDup")
parser.add_argument("--no-oracle", action="store_true")
arguments = parser.parse_args()
os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)  # read once, when Polars is imported

import polars as pl  # noqa: E402
from templated import all_pairs, corpus, jaccard, shingles  # noqa: E402

from quality.neardup import NearDup, near_duplicates  # noqa: E402

TRUE_PAIR = 0.8


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


def peak() -> float:
    """Peak resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
