"""What ingest says of what it read."""

import json
from pathlib import Path

from quality.sources import Source, fingerprint
from tasks import cards
from tasks.check import Pinned
from tasks.ingest import ingest


def test_turns_that_nobody_answered_are_not_left_out_in_silence(tmp_path: Path, home: Path) -> None:
    asked = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]
    rows = [{"messages": [*asked, asked[0]]}, {"messages": asked}]
    said: list[str] = []
    for name, count in (("both.jsonl", 2), ("whole.jsonl", 1)):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows[-count:]))
        source = Source(path=name)
        content = fingerprint([source], tmp_path)
        with cards.listen(lambda event: said.append(event.text)):
            ingest.fn(Pinned(sources=[source], base=str(tmp_path), content=content))
    assert [text for text in said if "turns" in text] == ["1 record: turns after the last answer left out"]
