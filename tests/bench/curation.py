"""Near-duplicate removal side by side: winnow, datatrove, text-dedup and rensa on the same documents, in one run.

    pip install -e ".[fast,bench]"           # numba and rensa; a peer that isn't installed is skipped, with a line
    python tests/bench/curation.py           # 50,000 documents of `templated.py`, one thread
    python tests/bench/curation.py 5000
    python tests/bench/curation.py --peers-python OTHER/bin/python    # peers from an environment of their own

datatrove and text-dedup need older packages than winnow works with, and so such an environment, in which
`pip install "datatrove[io,processing]" spacy text-dedup rensa "xxhash<4"` brings all three.

Each tool runs in a process of its own, at the settings its documentation gives for near-duplicates. CPU seconds are
those of the step alone, from texts to rows kept (datatrove and text-dedup read and write files, as they always do);
imports aren't counted, nor is a run on 200 documents before it. Peak memory is the whole process's.

*Recall*: pairs of J >= 0.8 (exact, on word 5-grams) of which one was removed. *Unjustified*: rows removed although no
row that was kept has J >= 0.7 with it.
"""

import argparse
import contextlib
import io
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from templated import all_pairs, corpus, shingles

ONE_THREAD = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS")
SAME, TRUE_PAIR = 0.7, 0.8


def main() -> None:
    """Write the corpus, run each tool on it, compare with the truth, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=int, nargs="?", default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter that has the peers")
    parser.add_argument("--only", nargs="+", choices=list(TOOLS), default=list(TOOLS))
    parser.add_argument("--run", nargs=2, metavar=("TOOL", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        run(arguments.run[0], Path(arguments.run[1]))
        return
    texts = corpus(arguments.documents, random.Random(arguments.seed))
    sets = [shingles(text, 5) for text in texts]
    pairs = all_pairs(sets, SAME)
    true = sum(similarity >= TRUE_PAIR for _, _, similarity in pairs)
    print(f"{len(texts):,} documents; {true:,} pairs of J >= {TRUE_PAIR}, {len(pairs):,} of J >= {SAME}\n")
    print(f"{'':28}{'documents per':>15}{'recall at':>12}{'':>10}{'unjustified':>13}{'peak':>10}")
    print(f"{'':28}{'CPU second':>15}{f'J >= {TRUE_PAIR}':>12}{'removed':>10}{'removals':>13}{'memory':>10}")
    for name in arguments.only:
        python = sys.executable if name.startswith("winnow") else arguments.peers_python
        print(line(name, texts, pairs, python), flush=True)


def line(name: str, texts: list[str], pairs: list[tuple[int, int, float]], python: str) -> str:
    """Run a tool and say how it did."""
    with tempfile.TemporaryDirectory(prefix="curation-") as folder:
        rows = (json.dumps({"id": str(row), "text": text}) for row, text in enumerate(texts))
        Path(folder, "corpus.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
        # Nothing is fetched, and what a peer caches goes with the folder.
        environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "HF_HUB_OFFLINE": "1", "HF_HOME": folder}
        command = [python, __file__, "--run", name, folder]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        outcome = Path(folder, "outcome.json")
        if not outcome.exists():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            return f"{name:28}skipped: {last[:140]}"
        found = json.loads(outcome.read_text(encoding="utf-8"))
    removed = set(range(len(texts))) - set(found["kept"])
    speed = f"{len(texts) / found['cpu']:,.0f}"
    share, unjustified = judged(removed, pairs)
    return f"{name:28}{speed:>15}{share:>12.3%}{len(removed):>10,}{unjustified:>13,}{found['peak']:>7,.0f} MB"


def judged(removed: set[int], pairs: list[tuple[int, int, float]]) -> tuple[float, int]:
    """Return the share of true pairs that don't both stay, and the number of rows removed without a kept witness."""
    partners: dict[int, list[int]] = defaultdict(list)
    true = missed = 0
    for one, other, similarity in pairs:
        partners[one].append(other)
        partners[other].append(one)
        true += similarity >= TRUE_PAIR
        missed += similarity >= TRUE_PAIR and one not in removed and other not in removed
    return 1 - missed / max(true, 1), sum(all(other in removed for other in partners[row]) for row in removed)


def run(name: str, folder: Path) -> None:
    """Run one tool here, and leave what it kept and what that cost."""
    lines = (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    (folder / "first").mkdir()
    (folder / "first" / "corpus.jsonl").write_text("\n".join(lines[:200]) + "\n", encoding="utf-8")
    tool = TOOLS[name]
    with contextlib.redirect_stdout(io.StringIO()):
        tool(folder / "first", [json.loads(row)["text"] for row in lines[:200]])
        texts = [json.loads(row)["text"] for row in lines]
        before = cpu()
        kept = tool(folder, texts)
        seconds = cpu() - before
    outcome = {"kept": sorted(kept), "cpu": seconds, "peak": peak()}
    (folder / "outcome.json").write_text(json.dumps(outcome), encoding="utf-8")


def cpu() -> float:
    """CPU seconds of this process and of those it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak() -> float:
    """Peak resident memory of this process, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts a process's parent in its ru_maxrss, as it was when it forked
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))[1]) / 1024  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def winnow(kernel: str) -> Callable[[Path, list[str]], list[int]]:
    """winnow at its defaults, with either of its kernels."""

    def keep(folder: Path, texts: list[str]) -> list[int]:
        import polars as pl

        from quality.neardup import NearDup, near_duplicates

        removed = near_duplicates(pl.Series(texts), NearDup(threads=1, kernel=kernel))  # type: ignore[arg-type]
        return sorted(set(range(len(texts))) - set(removed["row"].to_list()))

    return keep


def datatrove(folder: Path, texts: list[str]) -> list[int]:
    """The four steps of its own MinHash example: 14 buckets of 8 hashes of 64 bits, 5-grams."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
    )
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers.jsonl import JsonlWriter
    from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=14, hashes_per_bucket=8, n_grams=5)
    reader = JsonlReader(str(folder), glob_pattern="corpus.jsonl")
    place = {step: str(folder / step) for step in ("signatures", "buckets", "removed", "kept")}
    writer = JsonlWriter(place["kept"], output_filename="${rank}.jsonl", compression=None)
    steps = [
        (1, [reader, MinhashDedupSignature(output_folder=place["signatures"], config=config)]),
        (14, [MinhashDedupBuckets(place["signatures"], place["buckets"], config=config)]),
        (1, [MinhashDedupCluster(place["buckets"], place["removed"], config=config)]),
        (1, [reader, MinhashDedupFilter(place["removed"]), writer]),
    ]
    for number, (tasks, pipeline) in enumerate(steps):
        LocalPipelineExecutor(pipeline=pipeline, tasks=tasks, workers=1, logging_dir=str(folder / f"log{number}")).run()
    return [int(json.loads(row)["id"]) for file in (folder / "kept").iterdir() for row in file.open(encoding="utf-8")]


def text_dedup(folder: Path, texts: list[str]) -> list[int]:
    """Its command at its defaults: 5-grams, 250 permutations, threshold 0.7; one process."""
    from datasets import load_from_disk
    from text_dedup.minhash import main as minhash

    options = {"path": "json", "data_files": folder / "corpus.jsonl", "split": "train", "column": "text"}
    options |= {"output": folder / "kept", "cache_dir": folder / "cache", "num_proc": 1, "batch_size": 10_000}
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    minhash.main(args=words, standalone_mode=False)
    return [int(row) for row in load_from_disk(str(folder / "kept"))["id"]]


def rensa(words: int, threshold: float) -> Callable[[Path, list[str]], list[int]]:
    """Its deduplicator as its README shows it, on single words; or on n-grams of them."""

    def keep(folder: Path, texts: list[str]) -> list[int]:
        from rensa import RMinHashDeduplicator

        def tokens(text: str) -> list[str]:
            split = text.split()
            return split if words == 1 else [" ".join(split[i : i + words]) for i in range(len(split) - words + 1)]

        deduplicator = RMinHashDeduplicator(threshold=threshold, num_perm=128, use_lsh=True)
        kept = deduplicator.add_pairs((str(row), tokens(text)) for row, text in enumerate(texts))
        return [row for row, stays in enumerate(kept) if stays]

    return keep


TOOLS: dict[str, Callable[[Path, list[str]], list[int]]] = {
    "winnow": winnow("numpy"),
    "winnow (extra fast)": winnow("numba"),
    "datatrove": datatrove,
    "text-dedup": text_dedup,
    "rensa": rensa(1, 0.8),
    "rensa (5-grams, J >= 0.7)": rensa(5, 0.7),
}

if __name__ == "__main__":
    main()
