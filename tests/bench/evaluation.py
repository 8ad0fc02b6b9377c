"""How fast evals scores multiple choice, against reading every option with its whole context.

    python tests/bench/evaluation.py MODEL_FOLDER [--items 40] [--threads 1]

Both ways score the same items in batches sorted by length; CPU seconds are those of the whole process. Prints
tokens read, seconds, and the largest difference of a log-likelihood in 32 bits.
"""

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path

import torch

from evals.encoding import Question, encode_questions
from evals.likelihood import score_choices
from evals.models import load

WORDS = [
    "buffer",
    "program",
    "the",
    "input",
    "length",
    "memory",
    "user",
    "check",
    "value",
    "write",
    "a",
    "path",
]
SHOTS = "Pick the sentence that completes the text. Answer with the likeliest one and nothing else.\n\n"


def task(items: int) -> tuple[list[str], list[list[str]]]:
    """Contexts of about 80 tokens that share a preamble, each with four options of about 15."""
    rng = random.Random(0)

    def words(low: int, high: int) -> str:
        return " ".join(rng.choices(WORDS, k=rng.randint(low, high)))

    contexts = [SHOTS + words(30, 90) for _ in range(items)]
    return contexts, [[" " + words(8, 20) for _ in range(4)] for _ in range(items)]


@torch.inference_mode()
def flat(model: torch.nn.Module, questions: list[Question], rows: int = 16) -> list[list[float]]:
    """Score each option behind its own copy of the context, with logits for every position."""
    pairs = [
        (place, question.context, option) for place, question in enumerate(questions) for option in question.options
    ]
    order = sorted(range(len(pairs)), key=lambda k: -len(pairs[k][1]) - len(pairs[k][2]))
    sums = [0.0] * len(pairs)
    for begin in range(0, len(order), rows):
        chunk = order[begin : begin + rows]
        ids = [(pairs[k][1] + pairs[k][2])[:-1] for k in chunk]
        width = max(map(len, ids))
        logits = model(input_ids=torch.tensor([row + [0] * (width - len(row)) for row in ids])).logits
        table = torch.log_softmax(logits.float(), -1)
        for row, k in enumerate(chunk):
            _, context, option = pairs[k]
            places = torch.arange(len(context) - 1, len(context) + len(option) - 1)
            sums[k] = float(table[row, places, torch.tensor(option)].sum())
    scored: list[list[float]] = [[] for _ in questions]
    for (place, _, _), value in zip(pairs, sums, strict=True):
        scored[place].append(value)
    return scored


def timed(work: Callable[[], list[list[float]]]) -> tuple[list[list[float]], float]:
    """Return what the work returns and the CPU seconds it took, the better of two runs."""
    seconds = []
    for _ in range(2):
        begin = time.process_time()
        result = work()
        seconds.append(time.process_time() - begin)
    return result, min(seconds)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--items", type=int, default=40)
    arguments.add_argument("--threads", type=int, default=1)
    given = arguments.parse_args()
    model, tokenizer = load(given.folder, threads=given.threads)
    contexts, options = task(given.items)
    questions = encode_questions(tokenizer, contexts, options)
    read = sum((len(q.context) + len(o)) for q in questions for o in q.options)
    slow, slow_seconds = timed(lambda: flat(model, questions))
    fast, fast_seconds = timed(lambda: score_choices(model, tokenizer, contexts, options))
    print(f"{given.items} items of 4 options, {read:,} tokens if each option carries its context, {model.dtype}")
    print(f"flat   {slow_seconds:6.2f} CPU s")
    print(f"evals  {fast_seconds:6.2f} CPU s, {slow_seconds / fast_seconds:.1f} times as fast")
    model.float()
    few = min(8, given.items)
    exact = flat(model, questions[:few])
    shared = score_choices(model, tokenizer, contexts[:few], options[:few])
    worst = max(abs(a - b) for x, y in zip(exact, shared, strict=True) for a, b in zip(x, y, strict=True))
    agree = sum(
        max(range(4), key=a.__getitem__) == max(range(4), key=b.__getitem__) for a, b in zip(slow, fast, strict=True)
    )
    print(f"largest difference in 32 bits {worst:.1e}; same best option in {agree} of {given.items} items")


if __name__ == "__main__":
    main()
