"""Write a run's candidate as one plain model, and examine again what was written.

The adapter is merged in 32 bits, written beside the place where it belongs, read back from disk, and compared with base
and adapter by `evals.likeness`. Only what is equivalent is moved into place; the rest goes, since the run can make it
again at any time.
"""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from evals.items import ITEMS
from evals.merging import ensure_mergeable, merge
from tasks import exported, models, run_files, store
from tasks.early_warning import drawn_from, plainly_asked
from tasks.export_folder import beside, ensure_free, put
from tasks.exported import Converted, Dtype, Exported
from tasks.gguf_converter import Converter
from tasks.model_card import Facts, of_run, write
from tasks.run_adapter import Judged, NotExported
from tasks.run_adapter import of_run as adapter_of
from tasks.validation_items import DOMAIN
from tasks.weights import ensure_whole

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from evals.likeness import Likeness

ITEMS_OF_EACH_ROLE = 12
DEFAULT: Dtype = "float32"


class NotEquivalent(NotExported):
    """What was written is not the model that was judged."""


def export_model(
    run: Path,
    into: Path,
    *,
    dtype: Dtype = DEFAULT,
    converter: Converter | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Exported:
    """Merge the adapter of a finished run into its base, write the model, and make sure that it is the one judged.

    Parameters
    ----------
    run
        The run's folder.
    into
        A new or empty folder. It appears whole or not at all.
    dtype
        Precision of the weights that are written; they are merged in float32.
    converter
        What makes a GGUF file of the model besides, if one is asked for.
    tell
        Told what is being done.

    Raises
    ------
    FileExistsError
        When `into` holds something.
    NotExported
        When the run judged no adapter, or adapter or base are others than it judged.
    NotMergeable
        When no weights can hold the adapter's change.
    NotEquivalent
        When what was written predicts otherwise than what was judged; nothing is left of it then.
    """
    ensure_free(into)
    judged = adapter_of(run)
    ensure_mergeable(judged.adapter)
    facts = of_run(run, judged.adapter)
    with beside(into) as part:
        tell("merging in 32 bits")
        _write_merged(judged, part, dtype)
        tell("comparing what was written with what was judged")
        found, of_gguf = _examine(run, judged, part, converter, tell)
        if not found.is_equivalent:
            raise NotEquivalent(_refusal(found, dtype))
        made = _account(facts, judged, dtype, found, of_gguf)
        store.write_text(part / store.CARD, write(facts, kind="model", more=_told(made)))
        made = made.model_copy(update={"files": exported.digests(part)})
        exported.write(part, made)
        put(part, into)
    return made


def _write_merged(judged: Judged, part: Path, dtype: Dtype) -> None:
    import torch

    model, tokenizer = merge(models.ready(judged.base), judged.adapter)
    model.to(getattr(torch, dtype)).save_pretrained(part)
    tokenizer.save_pretrained(part)
    for file in part.iterdir():
        file.chmod(0o644)  # safetensors writes for the owner alone
    ensure_whole(part, "The exported model")


def _examine(
    run: Path, judged: Judged, part: Path, converter: Converter | None, tell: Callable[[str], None]
) -> "tuple[Likeness, Converted | None]":
    """Compare what lies on disk with base and adapter; they go before more is converted, if anything is."""
    from evals.likeness import candidate, how_far, likeness
    from evals.models import load

    items = _items(run)
    base, kept, tokenizer = candidate(models.ready(judged.base), judged.adapter)
    moved = how_far(base, kept, tokenizer, items)
    del base
    written, its_tokenizer = load(part, dtype=kept.dtype)
    _ensure_read_alike(tokenizer, its_tokenizer, items)
    found = likeness(written, kept, tokenizer, items, moved=moved)
    del written
    if converter is None or not found.is_equivalent:
        return found, None
    tell(f"converting to GGUF ({converter.kind})")
    file = converter.convert(part)
    model, why = converter.read_back(file)
    if model is None:
        return found, Converted(file=file.name, kind=converter.kind, likeness=None, unread=why)
    beside = likeness(model, kept, tokenizer, items, moved=moved)
    if not beside.is_equivalent:
        raise NotEquivalent(
            f"The GGUF file of type {converter.kind} is not equivalent to what was judged: {beside.sentence}. Nothing "
            "was written. Ask for a finer type (--gguf f32), or leave --gguf out."
        )
    return found, Converted(file=file.name, kind=converter.kind, likeness=beside)


def _items(run: Path) -> pl.DataFrame:
    """Choose whose answers are compared: some of the exam of each role, or validation rows where it has none such."""
    from evals.suites import Suite, items_from_records

    items = drawn_from(plainly_asked(run_files.exam(run), run_files.suites(run) or (), []), ITEMS_OF_EACH_ROLE)
    if items["cluster"].n_unique() < 2 and (run / "dataset").is_dir():
        rows = run_files.part(run, "validation").with_columns(group=pl.lit(None, dtype=pl.String()))
        plain = Suite(name=DOMAIN, role="domain", kind="completion")
        items = pl.concat([items, items_from_records(rows, suite=plain, limit=2 * ITEMS_OF_EACH_ROLE)])
    if items["cluster"].n_unique() < 2:
        raise NotExported(
            f"The run {run.name} has no two answers by which an export could be compared with what was judged. Examine "
            "the adapter on an exam with suites of questions and answers, or of texts."
        )
    return items.select(ITEMS.keys())


def _ensure_read_alike(one: "PreTrainedTokenizerBase", other: "PreTrainedTokenizerBase", items: pl.DataFrame) -> None:
    """Make sure that the tokenizer that was written reads prompts and answers as the base's does."""
    for prompt, target in items.select("prompt", "target").iter_rows():
        told = [_read(tokenizer, prompt, target) for tokenizer in (one, other)]
        if told[0] != told[1]:
            raise NotEquivalent(
                "The tokenizer that was written reads the exam's prompts otherwise than the base's. Nothing was "
                "written: save the base model again with its tokenizer (save_pretrained), and run the recipe on it."
            )


def _read(tokenizer: "PreTrainedTokenizerBase", prompt: list[dict[str, str]], target: str) -> list[int]:
    from evals.chat import ChatTemplateError
    from evals.lessons import render_pair

    try:
        context, answer = render_pair(tokenizer, prompt, target) if prompt else ("", target)
    except ChatTemplateError:
        return []
    ids: list[int] = tokenizer.encode(context + answer, add_special_tokens=False)
    return ids


def _account(facts: Facts, judged: Judged, dtype: Dtype, found: "Likeness", of_gguf: Converted | None) -> Exported:
    return Exported(
        run=facts.run.name,
        decision=facts.verdict.decision,
        base=judged.base.reference,
        base_content=judged.base.content,
        adapter=judged.digest,
        dtype=dtype,
        likeness=found,
        gguf=of_gguf,
        winnow=version("winnow"),
        files={},
    )


def _told(made: Exported) -> str:
    """Say on the card how the model was made, and what became of it on the way."""
    lines = [
        "## Export",
        "",
        f"The adapter was merged into the base in float32, and written in {made.dtype}. Read back from disk, "
        f"{made.likeness.sentence}.",
    ]
    if made.gguf is not None:
        told = made.gguf.likeness.sentence if made.gguf.likeness else f"It was not compared, because {made.gguf.unread}"
        lines += ["", f"`{made.gguf.file}` is the same model for llama.cpp. {told}."]
    return "\n".join(lines)


def _refusal(found: "Likeness", dtype: Dtype) -> str:
    finer = {
        "bfloat16": " Take --dtype float16, which is as small and rounds eight times finer, or leave --dtype out.",
        "float16": " Leave --dtype out: in float32 next to nothing is rounded away.",
    }
    told = f"What was written in {dtype} is not the model that was judged, and was removed: {found.sentence}."
    return told + finer.get(dtype, "")
