"""Scoring side by side: winnow and lm-evaluation-harness on the same items and model, in one run.

    pip install "lm-eval==0.4.13"                              # without it winnow is timed alone, with a line
    python tests/bench/evaluation.py MODEL_FOLDER              # 60 items of each kind, one thread
    python tests/bench/evaluation.py MODEL_FOLDER --items 200 --threads 2

Two kinds of options, letters (one token each) and sentences (about ten tokens), each alone and behind worked examples
that all items share: five before letters, as MMLU is asked, three before sentences. Letters behind nothing shared
need one reading of each context, here and there, so that little is to be gained. Last, the model writes a line behind
three examples. CPU seconds are those of the whole process, behind a run on a few items.

Both score at the model's own precision, where the best option is compared, and what is written; log-likelihoods are
compared in 32 bits, with each other and with lm-evaluation-harness's in 64 bits, whose rounding does not show: where
the two differ, that tells whose it is.
"""

import argparse
import importlib.util
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from evals.answering import write
from evals.likelihood import score_choices
from evals.models import load

WORDS = ["buffer", "program", "the", "input", "length", "memory", "user", "check", "value", "write", "a", "path"]
LETTERS = [" A", " B", " C", " D"]
COMPARED = 12  # items of which log-likelihoods are compared in 32 bits
BATCH = 16  # lm-evaluation-harness's
MOST = 24  # tokens that the model writes

Scores = list[list[float]]


class Task(NamedTuple):
    """Items of one kind: a context and four options each."""

    name: str
    contexts: list[str]
    options: list[list[str]]


def tasks(items: int) -> list[Task]:
    """Make items of about 80 words, which hold nothing but their form."""
    rng = random.Random(0)

    def words(low: int, high: int) -> str:
        return " ".join(rng.choices(WORDS, k=rng.randint(low, high)))

    def question() -> str:
        return f"Question: {words(30, 90)}?\nAnswer:"

    def sentences() -> list[list[str]]:
        return [[f" {words(8, 12)}." for _ in LETTERS] for _ in range(items)]

    def lettered() -> str:
        listed = "".join(f"\n{letter.strip()}. {words(4, 8)}" for letter in LETTERS)
        return f"Question: {words(30, 90)}?{listed}\nAnswer:"

    letters = "\n\n".join(f"{lettered()}{rng.choice(LETTERS)}" for _ in range(5)) + "\n\n"
    shots = "\n\n".join(f"{question()} {words(8, 12)}." for _ in range(3)) + "\n\n"
    return [
        Task("one-token options", [lettered() for _ in range(items)], [LETTERS] * items),
        Task("one-token, 5 shots", [letters + lettered() for _ in range(items)], [LETTERS] * items),
        Task("ten-token options", [question() for _ in range(items)], sentences()),
        Task("ten-token, 3 shots", [shots + question() for _ in range(items)], sentences()),
    ]


def harness(model: Any, tokenizer: Any) -> Callable[[Task], Scores]:
    """Return lm-evaluation-harness's way to score a task."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    judge = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=BATCH, device="cpu")

    def score(task: Task) -> Scores:
        requests = [
            Instance(request_type="loglikelihood", doc={}, arguments=(context, option), idx=place)
            for context, options in zip(task.contexts, task.options, strict=True)
            for place, option in enumerate(options)
        ]
        sums = iter(value for value, _ in judge.loglikelihood(requests, disable_tqdm=True))
        return [[next(sums) for _ in options] for options in task.options]

    return score


def harness_writes(model: Any, tokenizer: Any) -> Callable[[Task], list[str]]:
    """Return lm-evaluation-harness's way to let the model write a line."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    judge = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=BATCH, device="cpu")
    settings = {"until": ["\n"], "max_gen_toks": MOST}

    def answer(task: Task) -> list[str]:
        requests = [
            Instance(request_type="generate_until", doc={}, arguments=(context, settings), idx=0)
            for context in task.contexts
        ]
        return [text.strip() for text in judge.generate_until(requests, disable_tqdm=True)]

    return answer


def timed(work: Callable[[Task], list[Any]], task: Task) -> tuple[list[Any], float]:
    """Return what the work makes of a task and the CPU seconds it took."""
    work(few(task, 2))
    begin = time.process_time()
    return work(task), time.process_time() - begin


def few(task: Task, items: int) -> Task:
    """Return the first items of a task."""
    return Task(task.name, task.contexts[:items], task.options[:items])


def best(scores: Scores) -> list[int]:
    """Return the place of each item's best option."""
    return [max(range(len(row)), key=row.__getitem__) for row in scores]


def worst(some: Scores, others: Scores) -> float:
    """Return the largest difference of two log-likelihoods of one option."""
    pairs = zip(some, others, strict=True)
    return max(abs(one - other) for these, those in pairs for one, other in zip(these, those, strict=True))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    there = importlib.util.find_spec("lm_eval") is not None
    if not there:
        print("lm-evaluation-harness is not installed, so winnow is timed alone.")
    model, tokenizer = load(given.folder, threads=given.threads)
    made = tasks(given.items)
    print(f"{given.items} items a kind, {given.threads} thread, {str(model.dtype).removeprefix('torch.')}; CPU seconds")
    print(f"{'':20}{'':>38}{'worst difference in float32':>30}")
    apart = f"{'both':>10}{'winnow':>10}{'lm-eval':>10}"
    print(f"{'':20}{'lm-eval':>9}{'winnow':>9}{'ratio':>8}{'same best':>12}{apart}")
    peer = harness(model, tokenizer) if there else None

    def ours(task: Task) -> Scores:
        return score_choices(model, tokenizer, task.contexts, task.options)

    def lines(task: Task) -> list[str]:
        told = write(model, tokenizer, task.contexts, max_new_tokens=MOST, ends=("\n",))
        return [text.partition("\n")[0].strip() for text in told]

    rows = []
    for task in made:
        found, seconds = timed(ours, task)
        theirs, other = timed(peer, task) if peer else (found, float("nan"))
        same = sum(one == two for one, two in zip(best(found), best(theirs), strict=True))
        rows.append((task, seconds, other, same))
    found, seconds = timed(lines, made[-1])
    theirs, other = timed(harness_writes(model, tokenizer), made[-1]) if there else (found, float("nan"))
    same = sum(one == two for one, two in zip(found, theirs, strict=True))
    print(f"{'own words, 3 shots':20}{other:9.2f}{seconds:9.2f}{other / seconds:7.1f}×{f'{same} of {given.items}':>12}")
    model.float()
    compared = [few(task, COMPARED) for task in made]
    rounded = [(ours(task), peer(task) if peer else ours(task)) for task in compared]
    model.double()
    for (task, seconds, other, same), few_items, (mine, theirs) in zip(rows, compared, rounded, strict=True):
        exact = (peer or ours)(few_items)
        apart = "".join(f"{worst(*two):10.1e}" for two in ((mine, theirs), (mine, exact), (theirs, exact)))
        told = f"{same} of {given.items}"
        print(f"{task.name:20}{other:9.2f}{seconds:9.2f}{other / seconds:7.1f}×{told:>12}{apart}", flush=True)


if __name__ == "__main__":
    main()
