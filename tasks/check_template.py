"""Find out right after ingesting whether the base's chat template shows the pool's rows, before hours go into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks import cards
from tasks.caching import step
from tasks.models import ModelFiles, ready
from tasks.pool import Pool
from tasks.reporting.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from transformers import PreTrainedTokenizerBase

_MOST_ROWS = 200  # of a source, until one is shown
_MOST_SOURCES = 200


@step(name="check_template")
def check_template(pool: Pool, base: ModelFiles) -> list[str]:
    """Try rows of every source until the template shows one, up to 200; return the sources of which it shows none.

    Training leaves out what the template refuses, row by row, as many do with system prompts or with two turns of one
    speaker.

    Raises
    ------
    ValueError
        If it shows none of those tried of any source: hardly a row could be trained.
    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(ready(base), trust_remote_code=False, local_files_only=True)
    tried = list(_tried(pool.read()))
    refused = {name: why for name, rows in tried if (why := _refusal(rows, tokenizer))}
    if refused and len(refused) == len(tried):
        name, why = next(iter(refused.items()))
        raise ValueError(
            f"model.base: its chat template shows none of the pool's rows that were tried. Of “{name}”: {why}"
        )
    for name, why in refused.items():
        cards.warn(
            f"training would leave out “{name}”: the chat template shows none of its rows that were tried. {why}"
        )
    cards.say(f"the base's chat template shows rows of {counted(len(tried) - len(refused), 'source')}")
    return list(refused)


def _tried(rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Take rows from all over every source; of the largest sources, where there are very many."""
    by_size = sorted(rows.partition_by("source", maintain_order=True), key=lambda part: -part.height)
    for part in by_size[:_MOST_SOURCES]:
        yield part["source"][0], part.gather_every(max(1, part.height // _MOST_ROWS)).head(_MOST_ROWS)


def _refusal(rows: pl.DataFrame, tokenizer: PreTrainedTokenizerBase) -> str:
    """Say why the template shows none of the rows, by its words on the first; nothing where it shows one."""
    from evals.chat import ChatTemplateError
    from evals.lessons import encode_record

    first = ""
    for messages in rows["messages"].to_list():
        try:
            encode_record(tokenizer, messages)
        except ChatTemplateError as error:
            first = first or f"{str(error).rstrip('.')} ({counted(rows.height, 'row')} tried)."
        else:
            return ""
    return first
