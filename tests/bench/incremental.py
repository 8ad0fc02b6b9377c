"""What the near-duplicates of a pool cost when 1% of its rows are new, against reading the whole pool again.

    python tests/bench/incremental.py                   # 50,000 documents, one thread
    python tests/bench/incremental.py 500000 --set kernel=numba
    python tests/bench/incremental.py --new 0.05        # another share of new rows

The documents are those of `templated.py`. Each case runs in a process of its own, so that its peak memory is its own:

    full        near_duplicates, which remembers nothing
    first       the index is empty: what keeping it costs
    appended    the last rows are new
    scattered   as many rows are new, anywhere in the pool
    moved       nothing is new, half of the rows stand in another order
    shrunk      1% of the rows are gone
    mixed       the last half percent of the rows are new, and as many are gone

Every result is compared with that of a full run on the same pool, to the last bit. Seconds are CPU seconds of the
process for the call alone; those of its parts overlap nowhere and leave out what is small. Memory is the peak above
the texts and Polars itself.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("documents", type=int, nargs="?", default=50_000)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--new", type=float, default=0.01, help="share of rows that are new")
parser.add_argument("--repeat", type=int, default=3, help="runs of each case, of which the fastest counts")
parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a field of NearDup")
parser.add_argument("--case", help=argparse.SUPPRESS)
parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
parser.add_argument("--desk", type=Path, help=argparse.SUPPRESS)
arguments = parser.parse_args()
os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)  # read once, when Polars is imported

import polars as pl  # noqa: E402
from templated import corpus  # noqa: E402

from quality import neardup_index, neardup_run  # noqa: E402
from quality.memory import give_back  # noqa: E402
from quality.neardup import NearDup, near_duplicates  # noqa: E402
from quality.neardup_index import NearDupIndex  # noqa: E402

CASES = ("full", "first", "appended", "scattered", "moved", "shrunk", "mixed")
# Functions of `quality.neardup_index` and `quality.neardup_run` whose seconds are told, and under which name.
PARTS = {
    "load": "load",
    "_recognised": "hash and look up",
    "shingle": "read",
    "band_keys": "sign",
    "search": "search and verify",
    "removals": "star",
    "keep": "keep",
}


def main() -> None:
    """Write the pools, run each case, print."""
    if arguments.case:
        print(json.dumps(measured(arguments.case, arguments.desk)))
        return
    with tempfile.TemporaryDirectory() as desk:
        texts = corpus(arguments.documents, random.Random(arguments.seed))
        pl.DataFrame({"text": texts}).write_parquet(Path(desk, "pool.parquet"))
        full = 0.0
        for case in CASES:
            run(case, desk, "--prepare")
            told = min((run(case, desk) for _ in range(arguments.repeat)), key=lambda one: one["seconds"])
            full = full or told["seconds"]
            parts = ", ".join(f"{name} {1000 * spent:,.0f}" for name, spent in told["parts"].items())
            print(
                f"{case:>10}  {told['seconds']:7.3f} s  {told['seconds'] / full:7.2%}  {told['peak']:,.0f} MB"
                f"  {told['bytes'] / arguments.documents:,.0f} bytes a row  ({parts} ms)"
            )


def run(case: str, desk: str, *more: str) -> dict:
    """Run one case in a process of its own, from an index that holds what the case assumes."""
    command = [sys.executable, __file__, *sys.argv[1:], "--case", case, "--desk", desk, *more]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def measured(case: str, desk: Path) -> dict:
    """Time one case."""
    chosen = dict(pair.split("=", 1) for pair in arguments.set)
    settings = NearDup.model_validate({"threads": arguments.threads} | chosen)
    pool = pl.read_parquet(desk / "pool.parquet")["text"]
    before, now = pools(case, pool)
    kept, result, folder = desk / f"{case}-before", desk / f"{case}.parquet", desk / "index"
    if arguments.prepare:
        near_duplicates(now, settings).write_parquet(result)
        if case in CASES[2:]:
            NearDupIndex(kept).near_duplicates(before, settings)
        return {}
    shutil.rmtree(folder, ignore_errors=True)
    if kept.exists():
        shutil.copytree(kept, folder)
    warm(settings, desk)
    del pool, before
    give_back()
    texts = peak(anew=True)
    parts: dict[str, float] = {}
    for name, told in PARTS.items():
        watch(neardup_run if hasattr(neardup_run, name) else neardup_index, name, told, parts)
    began = time.process_time()
    found = near_duplicates(now, settings) if case == "full" else NearDupIndex(folder).near_duplicates(now, settings)
    seconds, most = time.process_time() - began, peak() - texts
    size = sum(path.stat().st_size for path in folder.rglob("*")) if folder.exists() else 0
    if not found.equals(pl.read_parquet(result)):
        raise SystemExit(f"{case}: not what a full run finds")
    return {"seconds": seconds, "peak": most, "bytes": size, "parts": parts}


def pools(case: str, pool: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the pool seen before and the one that is timed."""
    rng = random.Random(1)
    new = int(len(pool) * arguments.new)
    some = set(rng.sample(range(len(pool)), new))
    rest = pool.gather([row for row in range(len(pool)) if row not in some])
    if case == "appended":
        return pool[:-new], pool
    if case == "scattered":
        return rest, pool
    if case == "moved":
        order = list(range(len(pool)))
        order[: len(pool) // 2] = rng.sample(order[: len(pool) // 2], len(pool) // 2)
        return pool, pool.gather(order)
    if case == "mixed":
        half = new // 2
        some = set(rng.sample(range(len(pool) - half), half))
        return pool[:-half], pool.gather([row for row in range(len(pool)) if row not in some])
    return pool, rest if case == "shrunk" else pool


def peak(*, anew: bool = False) -> float:
    """Peak resident memory of this process in MB: so far, or from now on where the system can forget it (Linux)."""
    status = Path("/proc/self/status")
    if anew and status.exists():
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    if status.exists():
        return int(re.findall(r"VmHWM:\s*(\d+)", status.read_text(encoding="ascii"))[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def warm(settings: NearDup, desk: Path) -> None:
    """Load and compile what is loaded and compiled once."""
    few = pl.Series([f"a text of some {n} words that is read before the clock starts" for n in range(200)])
    near_duplicates(few, settings)
    shutil.rmtree(desk / "warm", ignore_errors=True)
    for _ in range(2):
        NearDupIndex(desk / "warm").near_duplicates(few, settings)


def watch(module, name: str, told: str, parts: dict[str, float]) -> None:
    """Add up the seconds spent in a function; what runs inside another part counts there alone."""
    plain = getattr(module, name)

    def timed(*args, **kwargs):
        inside = parts.setdefault(".", 0) > 0
        parts["."] += 1
        began = time.process_time()
        try:
            return plain(*args, **kwargs)
        finally:
            parts["."] -= 1
            if not inside:
                parts[told] = parts.get(told, 0) + time.process_time() - began
            if not parts["."]:
                del parts["."]

    setattr(module, name, timed)


if __name__ == "__main__":
    main()
