"""Adapter for `human_eval`: Python functions to complete."""

from collections.abc import Iterator
from pathlib import Path

from quality.sources.jsonl import read_jsonl
from quality.sources.lines import Raw

_LONGEST = 10_000_000
_QUESTION = "Complete this Python function.\n\n```python\n{prompt}```"


def read_code_problems(files: tuple[Path, ...]) -> Iterator[Raw]:
    """Iterate over the problems, named ``human_eval/<file>:<line>``. The answer is the body."""
    for path in files:
        for raw in read_jsonl(path, f"human_eval/{path.name}", _LONGEST):
            problem = raw.value
            if not isinstance(problem, dict) or "canonical_solution" not in problem:
                yield raw
                continue
            question = _QUESTION.format(prompt=problem.get("prompt"))
            row = {"question": question, "answer": problem["canonical_solution"]}
            yield Raw(raw.origin, row, str(problem.get("task_id")))
