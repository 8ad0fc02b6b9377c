"""lm-evaluation-harness as a guest: its tasks as a suite of the exam, item by item, on the model in memory."""

import hashlib
import inspect
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from evals.guest_metrics import metric_of
from evals.guest_model import guest_model
from evals.guest_questions import asked, wrapper
from evals.guest_tasks import Guest, GuestError, installed, load_tasks, quiet
from evals.items import ITEMS, SCORES
from evals.shortening import behind
from evals.suites import Suite, draw
from evals.units import unit_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

_PLACE = ("dataset_path", "dataset_name", "dataset_kwargs", "metadata")  # where data lies; its content is digested


class GuestItems(NamedTuple):
    """Items drawn from a task, every item that it has, and what else its examples are drawn from.

    All have the schema `evals.items.ITEMS`. Examples are named suite:example:task:place:hash, which is no name of an
    item, since none of them is ever asked.
    """

    drawn: pl.DataFrame
    whole: pl.DataFrame
    examples: pl.DataFrame


def guest_items(guest: Guest, *, suite: Suite, limit: int | None = None, seed: int = 0) -> GuestItems:
    """Make items of the documents of a task, or of all tasks of a group together.

    The question is what `doc_to_text` says, without what the task writes around every question
    (`evals.guest_questions`), in one message of the user without few-shot examples; target, options and answer are
    those of the task. That is what training rows are kept clear of; to score them is `guest_scores`' part, which lets
    lm-eval write the prompt. An item is named suite/task:document:hash, so that a changed document is another item.

    Parameters
    ----------
    guest
        The task and how it is asked.
    suite
        The suite that the items belong to, of kind lm-eval.
    limit
        Most items drawn; the suite's own limit when left out.
    seed
        Seed of the draw, which goes by task, place and content of a document.

    Raises
    ------
    GuestError
        See `evals.guest_tasks.load_tasks`, and if no document has the field of `guest.cluster`.
    """
    tasks = load_tasks(guest)
    with quiet():
        both = [_rows(guest, _safe(name), task) for name, task in tasks.items()]
    schema = {"id": pl.String(), **{key: ITEMS[key] for key in ("cluster", "prompt", "target", "options", "answer")}}
    found, shown = (
        pl.DataFrame([row for one in both for row in one[which]], schema=schema, orient="row") for which in (0, 1)
    )

    def named(part: pl.DataFrame, form: str = "{}/{}") -> pl.DataFrame:
        own = {"suite": suite.name, "role": suite.role, "kind": "lm-eval"}
        told = part.with_columns(
            *(pl.lit(value).alias(key) for key, value in own.items()), item=pl.format(form, pl.lit(suite.name), "id")
        )
        return told.select(ITEMS.keys()).cast(pl.Schema(ITEMS))

    return GuestItems(named(draw(found, limit or suite.limit, seed)), named(found), named(shown, form="{}:example:{}"))


def guest_scores(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    guest: Guest,
    items: pl.DataFrame,
    *,
    model_name: str,
    progress: Callable[[int, int], None] | None = None,
    tell: Callable[[str], None] = logger.warning,
) -> pl.DataFrame:
    """Let lm-eval score a model in memory on exactly these items; higher is always better.

    The score is one metric of the task (`guest.metric`): by default the first of its list that scores single items
    and is better when higher, else the first that is better when lower, negated. Of rolling log-likelihood it is minus
    the bits per byte of each document. What lm-eval computes of a whole corpus (perplexity, BLEU, chrF, the F1 and
    Matthews correlation of classes) has no score of an item, and is refused.

    Parameters
    ----------
    model, tokenizer
        As `evals.models.load` returns them, with an adapter or without; the model stays on its device.
    guest
        As the items were made with.
    items
        Items of one suite, from `guest_items`.
    model_name
        What the scores' column `model` says: base, candidate or champion.
    progress
        Called with (items done, items in all), before and after.
    tell
        Called with a sentence where questions are cut, being longer than the model's context.

    Returns
    -------
    pl.DataFrame
        Schema `evals.items.SCORES`, in the order of `items`.

    Raises
    ------
    GuestError
        If a document is not the one that an item was made of, the metric does not exist or scores no single item, or a
        score is not finite.
    """
    if progress is not None:
        progress(0, items.height)
    keys = [item.rpartition("/")[2].rsplit(":", 2) for item in items["item"]]
    wanted = {key[0] for key in keys}
    tasks = {name: task for name, task in load_tasks(guest).items() if _safe(name) in wanted}
    found: dict[str, float] = {}
    told = None if progress is None else lambda done, of: progress(items.height * done // of, items.height)
    lm = guest_model(model, tokenizer, progress=told, tell=lambda cut: tell(behind(f"lm-eval:{guest.task}: ", cut)))
    for name, samples in _samples(lm, guest, tasks, keys).items():
        metric = metric_of(name, tasks[name], guest.metric)
        for sample in samples:
            if sample["filter"] == metric.filter:
                found[f"{_safe(name)}:{sample['doc_id']}:{_hash(sample['doc'])}"] = metric.score(sample)
    lost = [item for item, key in zip(items["item"], keys, strict=True) if ":".join(key) not in found]
    if lost:
        raise GuestError(
            f"lm-eval:{guest.task}: {lost[0]} is not in its data any more ({len(lost)} such items). Restore the data "
            "that the exam was sealed from, or set exam.name to a new name for a new baseline."
        )
    if progress is not None:
        progress(items.height, items.height)
    score = pl.Series([found[":".join(key)] for key in keys], dtype=pl.Float64)
    return items.with_columns(model=pl.lit(model_name), score=score).select(SCORES.keys()).cast(pl.Schema(SCORES))


def guest_content(guest: Guest) -> str:
    """Digest all that a task's scores depend on beside the model: lm-eval's version, configuration, documents, shots.

    Where data and files lie is left out. 32 hex characters.

    Raises
    ------
    GuestError
        See `evals.guest_tasks.load_tasks`; also if its metric does not exist or scores no single item.
    """
    tasks = load_tasks(guest)
    told: list[object] = [installed(), guest.model_dump(exclude={"task", "include_path"})]
    with quiet():
        for name, task in tasks.items():
            metric = metric_of(name, task, guest.metric)
            config = {key: value for key, value in task.config.to_dict(keep_callable=True).items() if key not in _PLACE}
            shots = [_hash(doc) for doc in _examples(task)]
            docs = [_hash(doc) for doc in task.eval_docs]
            told.append([name, str(task.VERSION), metric.name, metric.filter, config, shots, docs])
    written = json.dumps(told, sort_keys=True, default=_plain)
    return hashlib.blake2b(written.encode("utf-8", "replace"), digest_size=16).hexdigest()


def resolved(guest: Guest) -> Guest:
    """Name the metric that a guest is scored by, where all of its tasks are scored by one.

    Raises
    ------
    GuestError
        If a task's metric does not exist or scores no single item, or two tasks are scored in different units.
    """
    found = {name: metric_of(name, task, guest.metric) for name, task in load_tasks(guest).items()}
    units = {unit_of("lm-eval", metric.name): name for name, metric in found.items()}
    if len(units) > 1:
        (unit, name), (other, another) = list(units.items())[:2]
        raise GuestError(
            f"lm-eval:{guest.task}: {name} is scored in {unit}, {another} in {other}, and no mean can be taken of "
            "both. Make two suites of them, or set metric to one that both have."
        )
    named = {f"{metric.name},{metric.filter}" for metric in found.values()}
    return guest.model_copy(update={"metric": named.pop()}) if len(named) == 1 else guest


def _samples(
    lm: Any,  # noqa: ANN401
    guest: Guest,
    tasks: Mapping[str, Any],
    keys: Sequence[Sequence[str]],
) -> dict[str, list[dict[str, Any]]]:
    """Return lm-eval's own record of every document asked, by task."""
    # lm-eval counts the documents it is asked for in the data's order, whatever order they are named in.
    asked = {name: sorted(int(key[1]) for key in keys if key[0] == _safe(name)) for name in tasks}
    for name, task in tasks.items():
        count = len(task.eval_docs)
        asked[name] = [place for place in asked[name] if place < count]
    asked = {name: places for name, places in asked.items() if places}
    if not asked:
        return {}
    with quiet():
        from lm_eval.evaluator import evaluate

        results = evaluate(
            lm,
            {"tasks": {name: tasks[name] for name in asked}, "groups": {}, "group_map": {}},
            samples=asked,
            bootstrap_iters=0,
            log_samples=True,
            apply_chat_template=guest.chat_template,
            fewshot_as_multiturn=guest.chat_template,
        )
    samples: dict[str, list[dict[str, Any]]] = results["samples"]
    return samples


def _rows(guest: Guest, name: str, task: Any) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:  # noqa: ANN401
    """Return a task's documents as items, and of those that its examples are drawn from the others."""
    docs = list(task.eval_docs)
    met = {_hash(doc) for doc in docs}
    every = [asked(task, doc) for doc in docs]
    around = wrapper([one.question for one in every], docs)
    shown = [doc for doc in _examples(task) if _hash(doc) not in met]
    every += [asked(task, doc, as_example=True) for doc in shown]
    rows: list[tuple[object, ...]] = []
    for place, (doc, one) in enumerate(zip([*docs, *shown], every, strict=True)):
        question = around.off(one.question)
        prompt = [{"role": "user", "content": question}] if question.strip() else []
        key = f"{name}:{place if place < len(docs) else place - len(docs)}:{_hash(doc)}"
        cluster = _cluster(guest, task, doc, key) if place < len(docs) else key
        rows.append((key, cluster, prompt, one.target, one.options, one.answer))
    return rows[: len(docs)], rows[len(docs) :]


def _examples(task: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
    """Yield the documents that a task's few-shot examples are drawn from, where it shows any."""
    if task.get_config("num_fewshot"):
        yield from task.fewshot_docs() or ()


def _cluster(guest: Guest, task: Any, doc: Mapping[str, Any], key: str) -> str:  # noqa: ANN401
    if guest.cluster is None:
        return key
    if guest.cluster == "task":
        return str(task.task_name)
    if guest.cluster not in doc:
        raise GuestError(
            f"lm-eval:{guest.task}: its documents have no field “{guest.cluster}” to cluster by; they have "
            f"{', '.join(map(str, doc))}."
        )
    return str(doc[guest.cluster])


def _hash(doc: Mapping[str, Any]) -> str:
    written = json.dumps(doc, sort_keys=True, default=_plain)
    return hashlib.blake2b(written.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _plain(value: object) -> str:
    """Write what JSON can't hold so that it reads the same in every process: functions by their source."""
    if callable(value):
        try:
            return inspect.getsource(value)
        except (TypeError, OSError):
            return str(getattr(value, "__qualname__", type(value).__name__))
    return str(value)


def _safe(name: str) -> str:
    """Return a task's name without what would part an item's name."""
    return name.replace("/", "-")
