"""Collects raw rows into frames: what can be read becomes records, all else is quarantined."""

import logging
import re
from collections import Counter
from collections.abc import Iterable

import numpy as np
import polars as pl

from quality.records import MESSAGE, QUARANTINED, fold_line_ends, record_ids
from quality.sources.faults import SHAPE_REASONS, RowError, UnknownShapeError, fields_of, printable
from quality.sources.lines import Raw
from quality.sources.mending import FIRST, MENDED, mend
from quality.sources.settings import Source
from quality.sources.shapes import KNOWN, Conversation, Row, Shapes
from quality.sources.turns import text

_CHUNK_ROWS = 8_192
_MOST_NAMES, _LONGEST_NAME = 1_000, 100  # more, or longer: the field holds no names of sources
_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.\w")
# Of records that nothing was mended in.
_UNTOUCHED = [
    *(pl.lit(0, kind).alias(name) for name, kind in MENDED.items()),
    *(pl.lit(None, kind).alias(name) for name, kind in FIRST.items()),
]

logger = logging.getLogger(__name__)


class Collector:
    """Takes in the raw rows of one source and hands out frames.

    Parameters
    ----------
    source : Source
        Settings of the source.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._shapes = Shapes(source.columns)
        self._label = printable(source.label)
        self._fields = {key: field for key in ("group", "named_by") if (field := getattr(source, key)) is not None}
        self._names: dict[str, str] = {}
        self._frames: list[pl.DataFrame] = []
        self._quarantined: list[tuple[str, str, str, int | None]] = []
        self._start_chunk()

    def take(self, rows: Iterable[Raw], shown: str, *, glance: bool = False) -> None:
        """Take in the rows of one file; at a glance, only up to the first that shows that the file can be read.

        Raises
        ------
        UnknownShapeError
            The file has rows, and not one of them has a known shape, or the field that `group` or `named_by` names;
            or the latter holds something else than names of sources.
        """
        readable, strange, example = 0, 0, None
        unmet = dict(self._fields)
        reasons: Counter[str] = Counter()
        for raw in rows:
            try:
                self._add(raw, shown)
                readable += 1
            except RowError as fault:
                self._quarantined.append((printable(raw.origin), fault.reason, fault.detail, raw.last))
                reasons[fault.reason] += 1
                if fault.reason in SHAPE_REASONS:
                    strange, example = strange + 1, example or (raw, fault)
                elif isinstance(raw.value, dict):
                    readable += 1  # its shape is known, what it holds is not
            if unmet and isinstance(raw.value, dict):
                unmet = {key: field for key, field in unmet.items() if field not in raw.value}
            if glance and readable and not unmet:
                return
        if example is not None and not readable:
            raise _unknown(shown, strange, *example)
        if unmet and readable:
            key, field = next(iter(unmet.items()))
            raise UnknownShapeError(f"{key}: {field} is a field of none of the rows of {shown}")
        if reasons and not glance:
            told = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
            logger.info("%s: quarantined %s", shown, told)

    def records(self) -> list[pl.DataFrame]:
        """Return the records taken in so far, in order, with the columns of RECORDS except `row`, MENDED and FIRST."""
        self._finish_chunk()
        return self._frames

    @property
    def cut(self) -> int:
        """Records of which turns after the last answer were left out."""
        return self._shapes.cut

    def quarantined(self) -> pl.DataFrame:
        """Return the rows that could not be read, with the columns of QUARANTINED."""
        rows = [(self._label, *row) for row in self._quarantined]
        return pl.DataFrame(rows, schema=QUARANTINED, orient="row")

    def _add(self, raw: Raw, shown: str) -> None:
        value = raw.value
        if type(value) is not dict:
            if isinstance(value, RowError):
                raise value
            raise RowError("not_a_row", f"a row is an object with fields, and this is a {type(value).__name__}")
        group, name = self._group(value, raw), self._name(value, shown)
        conversations = self._shapes.conversations(value)
        if len(conversations) == 1:
            self._append(conversations[0], raw.origin, group, name)
        else:  # they come from one place, so they stay together
            for number, conversation in enumerate(conversations, 1):
                origin = f"{raw.origin}#{number}" if number > 1 else raw.origin
                self._append(conversation, origin, group if group is not None else raw.origin, name)

    def _group(self, row: Row, raw: Raw) -> str | None:
        """Return the document that a row belongs to."""
        field = self._source.group
        named = raw.group if field is None else row.get(field)
        return text(named, "the document's name") if named is not None else None

    def _name(self, row: Row, shown: str) -> str:
        """Return the name of the source that a row came from."""
        field = self._fields.get("named_by")
        told = None if field is None else row.get(field)
        named = "" if told is None else " ".join(text(told, "the source's name").split())
        if not named:
            return self._label
        if (known := self._names.get(named)) is not None:
            return known
        if len(named) > _LONGEST_NAME:
            raise _no_names(field, shown, f"a text of {len(named):,} signs")
        if _ADDRESS.search(named):  # names of sources are published as they are
            raise _no_names(field, shown, "an e-mail address")
        if len(self._names) == _MOST_NAMES:
            raise _no_names(field, shown, f"more than {_MOST_NAMES:,} values")
        return self._names.setdefault(named, printable(named))

    def _append(self, conversation: Conversation, origin: str, group: str | None, name: str) -> None:
        self._origins.append(origin)
        self._groups.append(group)
        self._sources.append(name)
        self._lengths.append(len(conversation))
        self._turns.extend(conversation)
        if len(self._origins) == _CHUNK_ROWS:
            self._finish_chunk()

    def _start_chunk(self) -> None:
        self._origins: list[str] = []
        self._groups: list[str | None] = []
        self._sources: list[str] = []
        self._lengths: list[int] = []
        self._turns: Conversation = []

    def _finish_chunk(self) -> None:
        if not self._origins:
            return
        came = _nested(self._lengths, self._turns)
        messages, mended = mend(came) if self._source.mend else (came, _UNTOUCHED)
        columns = {
            "id": record_ids(messages),
            "messages": messages,
            "source": pl.Series(self._sources, dtype=pl.String),
            "origin": pl.Series(self._origins, dtype=pl.String),
            "group": pl.Series(self._groups, dtype=pl.String),
        }
        self._frames.append(pl.DataFrame(columns).with_columns(mended))
        self._start_chunk()


def _nested(lengths: list[int], turns: Conversation) -> pl.Series:
    """Fold flat turns into one list of messages per conversation."""
    conversation = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
    roles, contents = zip(*turns, strict=True)
    flat = pl.DataFrame(
        {"conversation": conversation, "role": roles, "content": contents},
        schema_overrides={"role": pl.String, "content": pl.String},
    )
    folded = flat.with_columns(fold_line_ends(pl.col("content")))
    nested = folded.group_by("conversation", maintain_order=True).agg(messages=pl.struct("role", "content"))
    return nested["messages"].cast(pl.List(MESSAGE))


def _no_names(field: str | None, shown: str, held: str) -> UnknownShapeError:
    said = printable(f"named_by: {field} of {shown} holds {held}, so it hardly names sources")
    return UnknownShapeError(said, "Name a field with few short values, or leave named_by out.")


def _unknown(shown: str, strange: int, raw: Raw, fault: RowError) -> UnknownShapeError:
    row = raw.value if isinstance(raw.value, dict) else {}
    how = printable(f"columns: {{prompt: {_guess(row, _ASKS, 'FIELD')}, answer: {_guess(row, _ANSWERS, 'FIELD')}}}")
    if fault.reason == "missing_column":
        return UnknownShapeError(printable(f"{shown}: {fault}"), "Name fields that the rows have", how)
    if fault.reason == "ambiguous_shape":
        said = f"{shown}: {fault}"
    elif strange == 1:
        said = f"{shown}: its one row has no known shape; it has the fields {fields_of(row)}"
    else:
        said = f"{shown}: none of its {strange:,} rows has a known shape; the first has the fields {fields_of(row)}"
    return UnknownShapeError(printable(said), f"Known shapes: {KNOWN}. Say which fields hold what", how)


_ASKS = ("question", "prompt", "instruction", "query", "problem", "input", "title")
_ANSWERS = ("long_answer", "answer", "response", "completion", "output", "solution", "summary", "text")


def _guess(row: Row, words: tuple[str, ...], otherwise: str) -> str:
    for word in words:
        for key, value in row.items():
            if word in key.casefold() and isinstance(value, str):
                return key
    return otherwise
