"""What `winnow export-exam` puts beside its tasks: reads their items, and turns likelihoods into winnow's scores.

lm-evaluation-harness runs this file alone, so it needs nothing of winnow. It moves white space from the end of a prompt
to the front of every option. winnow leaves it with the prompt, to whose template it belongs: so such white space
(`gap`) is asked as one more option, and what it costs is taken off the others again.

Written answers are measured by `winnow_metrics.py`, which lies beside it where an exam has any.
"""

import importlib.util
import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any


def load(file: str, **_: object) -> dict[str, Any]:
    """Return the items that lie beside this file, as the split `test`."""
    from datasets import Dataset

    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return {"test": Dataset.from_list([json.loads(line) for line in text.split("\n") if line])}


def answer_score(doc: dict[str, Any], results: Sequence[tuple[float, bool]]) -> dict[str, float]:
    """Score a completion (minus its bits per byte), or a choice (1 if the right option has fewest bits per byte)."""
    sums = [likelihood for likelihood, _ in results]
    gap = sums.pop() if doc["gap"] else 0.0
    bits = [_bits(likelihood - gap, size) for likelihood, size in zip(sums, doc["bytes"], strict=True)]
    if doc["kind"] == "completion":
        return {"score": -bits[0]}
    return {"score": float(all(bits[doc["right"]] < other for n, other in enumerate(bits) if n != doc["right"]))}


def text_score(doc: dict[str, Any], results: Sequence[float]) -> dict[str, float]:
    """Score a text: minus its bits per byte."""
    (likelihood,) = results
    return {"score": -_bits(likelihood, doc["bytes"][0])}


def written_score(doc: dict[str, Any], results: Sequence[str]) -> dict[str, float]:
    """Score what the model wrote, up to where it went on with questions of its own: 0 to 1, by the item's metric."""
    (answer,) = results
    metrics = _metrics()
    (score,) = metrics.measure(doc["metric"], [metrics.up_to(answer, doc["ends"])], [doc["target"]])
    return {"score": score}


@cache
def _metrics() -> ModuleType:
    spec = importlib.util.spec_from_file_location("winnow_metrics", Path(__file__).parent / "winnow_metrics.py")
    if spec is None or spec.loader is None:
        raise ImportError("winnow_metrics.py can't be read. Export the exam again.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _bits(likelihood: float, size: int) -> float:
    return -likelihood / (math.log(2) * size)
