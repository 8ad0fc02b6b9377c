"""How well seeds find their domain: F1, precision and recall over domains, prevalences and draws of seeds.

    python tests/bench/domain.py law.jsonl finance.jsonl medicine.jsonl code.jsonl
    python tests/bench/domain.py *.jsonl --domains law --shares 0.05 0.2 0.4 --draws 3 --seeds 64
    python tests/bench/domain.py *.jsonl --hand law=seeds.jsonl       # seeds that aren't rows of the file
    python tests/bench/domain.py *.jsonl --skim 8                     # of eight times as many rows as words find

Each file holds rows of one domain, in any shape that winnow reads. In turn each is the domain and the others, in equal
parts, are the rest of a pool; the seeds are drawn from rows that the pool doesn't hold. The estimate beside each figure
is what winnow itself says of it, without the truth. CPU seconds are those of scoring alone: all is embedded before.
"""

import argparse
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from quality.domain.estimates import DomainScores
from quality.domain.lexical import lexical_features
from quality.domain.scoring import score_domain
from quality.domain.settings import Domain
from quality.domain.skimming import AllPassError, skim_by_words
from quality.embedding import Embedder
from quality.records import full_text
from quality.sources import Source, read
from quality.sources.installed import package_folder
from quality.vectors.cache import EmbeddingCache

DEMO = yaml.safe_load((Path(__file__).parents[2] / "flows" / "recipes" / "demo.yaml").read_text(encoding="utf-8"))


def main() -> None:
    """Score every mixture and print a line for it, then the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--domains", nargs="*", help="names of the files (without ending) that are domains in turn")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.05, 0.1, 0.2, 0.4])
    parser.add_argument("--rows", type=int, default=5000, help="rows of a pool; fewer where the files hold fewer")
    parser.add_argument("--seeds", type=int, default=64)
    parser.add_argument("--skim", type=float, help="rows judged for each that words alone take for the domain's")
    parser.add_argument("--draws", type=int, default=1, help="pools per domain and share, each with other seeds")
    parser.add_argument("--hand", action="append", default=[], metavar="NAME=FILE", help="seeds of a domain")
    parser.add_argument("--cache", type=Path, default=Path(".winnow/store/embeddings"))
    options = parser.parse_args()
    corpora = {path.stem: texts_of(path) for path in options.files}
    hand = {name: texts_of(Path(path)) for name, path in (pair.split("=", 1) for pair in options.hand)}
    meant = embed({**corpora, **{f"seeds of {name}": texts for name, texts in hand.items()}}, options.cache)
    results = []
    print(
        f"{'domain':<14}{'share':>6}{'rows':>7}{'F1':>7}{'precision':>11}{'said':>6}{'recall':>8}{'said':>6}{'CPU s':>7}"
    )
    for name in options.domains or corpora:
        for share in options.shares:
            for draw in range(options.draws):
                rng = np.random.default_rng([draw, round(share * 1000), list(corpora).index(name)])
                results.append((name, share, line(name, share, rng, corpora, hand, meant, options)))
    for what, at in (("domain", 0), ("share", 1)):
        for one in dict.fromkeys(result[at] for result in results):
            scores = [result[2] for result in results if result[at] == one]
            print(f"{what} {one}: F1 {np.mean(scores):.3f} in the mean, {min(scores):.3f} at least")


def line(name, share, rng, corpora, hand, meant, options) -> float:
    """Mix a pool, score it, print what came of it and return F1."""
    own = rng.permutation(len(corpora[name]))
    taught, own = (own[:0], own) if name in hand else (own[: options.seeds], own[options.seeds :])
    size = min(options.rows, int(len(own) / share))
    own, others = own[: int(size * share)], dict(rest_of(name, size - int(size * share), rng, corpora))
    parts = [(name, own), *others.items()]
    texts = pl.concat([corpora[one].gather(places) for one, places in parts])
    vectors = np.concatenate([meant[one][places] for one, places in parts])
    seeds = hand.get(name, corpora[name].gather(taught))
    seed_vectors = meant[f"seeds of {name}"] if name in hand else meant[name][taught]
    started = time.process_time()
    words, seed_words = lexical_features(texts, seeds)
    passing = None
    with contextlib.suppress(AllPassError):
        passing = skim_by_words(words, seed_words, options.skim, Domain()) if options.skim else None
    judged = np.arange(len(texts)) if passing is None else np.flatnonzero(passing.kept)
    if passing is not None:
        words, seed_words = lexical_features(texts.gather(judged), seeds)
    found = score_domain(vectors[judged], seed_vectors, pool_lexical=words, seed_lexical=seed_words)
    seconds = time.process_time() - started
    return told(name, share, found, judged, np.arange(len(texts)) < len(own), seconds)


def rest_of(name: str, size: int, rng: np.random.Generator, corpora: dict) -> Iterator[tuple[str, np.ndarray]]:
    """Draw equal parts of the other corpora; who has too few rows leaves more to those that have more."""
    others = sorted((one for one in corpora if one != name), key=lambda one: len(corpora[one]))
    for left, one in zip(range(len(others), 0, -1), others, strict=True):
        places = rng.permutation(len(corpora[one]))[: size // left]
        size -= len(places)
        yield one, places


def told(name: str, share: float, found: DomainScores, judged: np.ndarray, truth: np.ndarray, seconds: float) -> float:
    """Print one line; return F1."""
    right = int((found.kept & truth[judged]).sum())
    precision, recall = right / max(int(found.kept.sum()), 1), right / max(int(truth.sum()), 1)
    f1 = 2 * right / max(int(found.kept.sum() + truth.sum()), 1)
    said = f"{precision:>11.3f}{found.precision:>6.2f}{recall:>8.3f}{found.recall:>6.2f}"
    note = "  by stand-ins" if found.stand_ins else "" if found.lexical else "  by meaning alone"
    note += f"  {len(judged) / len(truth):.0%} embedded" if len(judged) < len(truth) else ""
    print(f"{name:<14}{share:>6.2f}{len(truth):>7,}{f1:>7.3f}{said}{seconds:>7.1f}{note}", flush=True)
    return f1


def texts_of(path: Path) -> pl.Series:
    """Texts of a file's records."""
    return full_text(read([Source(path=path.name)], base=path.parent).records)


def embed(corpora: dict[str, pl.Series], cache: Path) -> dict[str, np.ndarray]:
    """Embed every corpus with the demo's embedder; a second run finds them in the cache."""
    package, folder = DEMO["model"]["embedder"].removeprefix("package:").split("/", 1)
    embedder = Embedder(str(package_folder(package) / folder))
    return {name: EmbeddingCache(cache).encode(embedder, texts) for name, texts in corpora.items()}


if __name__ == "__main__":
    main()
