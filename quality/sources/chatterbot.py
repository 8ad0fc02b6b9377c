"""Adapter for `chatterbot_corpus`: small talk and computer support in English, dirt included.

Each conversation is one row; its lines alternate between user and assistant. Repeated conversations, lists
of alternative answers and broken code blocks are left in: cleaning is what curation is for.
"""

from collections.abc import Iterator
from pathlib import Path

import yaml

from quality.sources.faults import RowError
from quality.sources.lines import Raw

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SPEAKERS = ("user", "assistant")


def read_chatterbot(files: tuple[Path, ...]) -> Iterator[Raw]:
    """Iterate over the conversations of the corpus, named ``chatterbot_corpus/english/<file>:<number>``."""
    for path in files:
        shown = f"chatterbot_corpus/{path.parent.name}/{path.name}"
        with path.open("rb") as stream:
            corpus = yaml.load(stream, Loader=_LOADER)  # noqa: S506 - safe: a SafeLoader, in C where there is one
        for number, conversation in enumerate(corpus.get("conversations") or [], 1):
            yield Raw(f"{shown}:{number}", _row(conversation))


def _row(conversation: object) -> object:
    if not isinstance(conversation, list):
        return RowError("not_messages", f"the conversation is a {type(conversation).__name__}, not a list of lines")
    lines = [{"role": _SPEAKERS[turn % 2], "content": line} for turn, line in enumerate(conversation)]
    return {"messages": lines}
