"""Items of an exam as tasks of lm-evaluation-harness, so that anyone can score them again without winnow."""

import hashlib
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import yaml

from evals import exported_scores, metrics
from evals.asking import Asked
from evals.chat import ChatTemplateError
from evals.encoding import encode_questions
from evals.items import digest
from evals.lessons import end_of_turn
from evals.suites import Suite
from evals.units import Unit

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

GROUP = "winnow_exam"
"""Name of the group of all tasks of an exam."""

_SCORES = "winnow_scores"
_METRICS = "winnow_metrics"
KINDS = ("completion", "text", "choice", "generate")


@dataclass(frozen=True)
class ExportedTask:
    """A suite as a task.

    `files` are texts by file name; `left_out` counts items that the model's chat template refuses, and `inexact` those
    that lm-eval reads as other tokens than winnow, so that their scores differ a little; `unit` is that of its scores.
    """

    name: str
    suite: str
    items: int
    files: dict[str, str]
    left_out: int
    inexact: int
    unit: Unit


def scores_file() -> tuple[str, str]:
    """Return name and text of the Python file that every exported task needs beside it."""
    return f"{_SCORES}.py", Path(exported_scores.__file__).read_text(encoding="utf-8")


def exported_tasks(
    tokenizer: "PreTrainedTokenizerBase", items: pl.DataFrame, asked: Mapping[str, Asked] | None = None
) -> list[ExportedTask]:
    """Write every suite of completion, text, choice or generate items as a task; those of other kinds are left out.

    Prompts are rendered by the tokenizer's chat template here, special tokens spelled out, so that lm-eval must be told
    to add none (`add_bos_token=False`). The task's one metric, `score`, is that of `evals.exam.score`, higher is
    better. A generate suite of which `asked` does not tell the metric is left out too.

    Parameters
    ----------
    tokenizer
        Of the model that the exam is asked of.
    items
        Schema `evals.items.ITEMS`.
    asked
        How suites ask their items, by name; a suite that is not in it asks in the chat template, without examples.
    """
    asked = asked or {}
    known = items.filter(pl.col("kind").is_in(KINDS), (pl.col("kind") != "generate") | pl.col("suite").is_in([*asked]))
    parts = known.partition_by("suite", maintain_order=True)
    return [_task(tokenizer, part, asked.get(part["suite"][0])) for part in parts]


def task_name(suite: str) -> str:
    """Name the task of a suite; names that would read alike (“a b” and “a_b”), or as the group's, stay two."""
    name = f"winnow_{re.sub(r'[^A-Za-z0-9_-]+', '_', suite)}"
    if name == f"winnow_{suite}" and name != GROUP:
        return name
    return f"{name}-{hashlib.blake2b(suite.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


def _task(tokenizer: "PreTrainedTokenizerBase", items: pl.DataFrame, how: Asked | None) -> ExportedTask:
    suite, role, kind = items.select("suite", "role", "kind").row(0)
    how = how or Asked(suite=Suite(name=suite, role=role, kind=kind))
    name = task_name(suite)
    files: dict[str, str] = {}
    inexact = 0
    if kind == "text":
        rows, function = _texts(items), "text_score"
        own: dict[str, Any] = {"output_type": "loglikelihood_rolling", "doc_to_text": "", "doc_to_target": "text"}
    elif kind == "generate":
        rows, function = _questions(tokenizer, items, how), "written_score"
        own = {"output_type": "generate_until", "doc_to_text": "context", "doc_to_target": "target"}
        own["generation_kwargs"] = _greedy(tokenizer, how)
        files[f"{_METRICS}.py"] = Path(metrics.__file__).read_text(encoding="utf-8")
    else:
        (rows, inexact), function = _answers(tokenizer, items, how), "answer_score"
        own = {"output_type": "multiple_choice", "doc_to_text": "context", "doc_to_target": "right"}
        own["doc_to_choice"] = "options"
    common = {
        "task": name,
        "dataset_kwargs": {"file": f"{name}.jsonl"},
        "test_split": "test",
        "num_fewshot": 0,
        "target_delimiter": "",
        "metric_list": [{"metric": "score", "aggregation": "mean", "higher_is_better": True}],
        "metadata": {"version": 1.0, "exam": digest(items)},
    }
    functions = {"custom_dataset": "load", "process_results": function}
    written = yaml.safe_dump(common | own, sort_keys=False, allow_unicode=True)
    written += "".join(f"{key}: !function {_SCORES}.{function}\n" for key, function in functions.items())
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return ExportedTask(
        name=name,
        suite=suite,
        items=len(rows),
        files=files | {f"{name}.yaml": written, f"{name}.jsonl": lines},
        left_out=items.height - len(rows),
        inexact=inexact,
        unit=how.suite.unit,
    )


def _texts(items: pl.DataFrame) -> list[dict[str, Any]]:
    rows = items.select("item", "target").iter_rows()
    return [{"item": item, "text": text, "bytes": [len(text.encode("utf-8"))]} for item, text in rows]


def _greedy(tokenizer: "PreTrainedTokenizerBase", how: Asked) -> dict[str, Any]:
    """Return how lm-eval must write to write as winnow does: the likeliest token each time, whatever a model is set to.

    It stops at what ends a text by itself, and is told what ends a turn. Where else an answer ends is for the score to
    find: lm-eval would end it at a blank line before its first word as well.
    """
    end = end_of_turn(tokenizer)
    until = [] if end in (None, tokenizer.eos_token_id) else [tokenizer.decode([end])]
    return {
        "until": until, "max_gen_toks": how.suite.max_new_tokens, "do_sample": False, "repetition_penalty": 1.0
    }  # fmt: skip


def _questions(tokenizer: "PreTrainedTokenizerBase", items: pl.DataFrame, how: Asked) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for item in items.iter_rows(named=True):
        try:
            context = how.context(tokenizer, item["prompt"])
        except ChatTemplateError as error:
            logger.warning("%s is left out: %s", item["item"], error)
            continue
        told = {
            "context": context,
            "target": item["target"],
            "metric": how.suite.metric,
            "ends": [*how.ends(tokenizer)],
        }
        rows.append({"item": item["item"], **told})
    return rows


def _answers(tokenizer: "PreTrainedTokenizerBase", items: pl.DataFrame, how: Asked) -> tuple[list[dict[str, Any]], int]:
    rows: list[dict[str, Any]] = []
    inexact = 0
    for item in items.iter_rows(named=True):
        offered = item["options"] if item["kind"] == "choice" else [item["target"]]
        try:
            pairs = [how.pair(tokenizer, item["prompt"], option) for option in offered]
        except ChatTemplateError as error:
            logger.warning("%s is left out: %s", item["item"], error)
            continue
        context = pairs[0][0].rstrip()
        gap = pairs[0][0][len(context) :]
        shown, alike = [completion for _, completion in pairs], True
        if how.is_chat:  # a format's white space goes with the answer, as lm-eval has it
            shown, alike = _readable(tokenizer, pairs[0][0], shown)
        inexact += not alike
        rows.append(
            {
                "item": item["item"],
                "kind": item["kind"],
                "context": context,
                "options": [gap + completion for completion in shown] + ([gap] if gap and how.is_chat else []),
                "gap": bool(gap) and how.is_chat,
                "bytes": [1 if how.suite.metric == "acc" else len(option.encode("utf-8")) for option in offered],
                "right": item["answer"],
            }
        )
    return rows, inexact


def _readable(tokenizer: "PreTrainedTokenizerBase", context: str, completions: Sequence[str]) -> tuple[list[str], bool]:
    """Return completions as texts that lm-eval reads as the tokens winnow scores, and whether it does so of all.

    Where the white space that ends the prompt and that which begins an answer are one token (a line break and an
    indent), winnow scores what follows that token, and so the text of just those tokens is written.
    """

    def encode(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    (question,) = encode_questions(tokenizer, [context], [completions], move_space=False)
    bare = encode(context.rstrip())
    if encode(context) != question.context or question.context[: len(bare)] != bare:
        return list(completions), False
    texts, alike = [], True
    for completion, ids in zip(completions, question.options, strict=True):
        spelled = str(tokenizer.decode(ids, clean_up_tokenization_spaces=False))
        fits = [text for text in (completion, spelled) if encode(context + text) == question.context + ids]
        texts.append(fits[0] if fits else completion)
        alike = alike and bool(fits)
    return texts, alike
