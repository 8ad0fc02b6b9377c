"""What can go wrong while reading: a row that can't be read, and a source that can't be read at all.

A row that can't be read is quarantined with one of `REASONS`; a source that can't be read stops the run
with one sentence, before any work where that can be known.
"""

import re
from collections.abc import Iterable, Sequence

_FIELDS_TOLD = 12
_NAMES_TOLD = 10
_BY_TURNS = re.compile(r"(?:[^\0]\0){4}|(?:\0[^\0]){4}")
_UNPRINTABLE = dict.fromkeys(range(32), "?")

REASONS = {
    "ambiguous_shape": "the row fits two shapes at once",
    "broken_characters": "the text is UTF-16 that was read as single bytes, a NUL beside each letter",
    "broken_csv": "the quoting of the row is broken",
    "broken_json": "the row is not valid JSON",
    "corrupt_file": "the file is damaged from here on",
    "duplicate_keys": "a key occurs twice in one object",
    "empty_message": "a message has no content (null)",
    "has_media": "the row holds pictures, sound or film",
    "has_tools": "the row holds tool calls",
    "invalid_utf8": "the bytes are not UTF-8",
    "lone_surrogate": "half a surrogate pair, which is not a character",
    "missing_column": "a field that `columns` names is not in the row",
    "no_answer": "nobody answers in the conversation",
    "no_prompt": "nobody asks in the conversation",
    "not_a_row": "the value is not an object with fields",
    "not_messages": "the messages are not a list of {role, content}",
    "not_text": "a field holds something other than text",
    "nul_byte": "the text holds a NUL, which no writing has",
    "ragged_row": "the row has more or fewer fields than the header",
    "row_too_large": "the row is longer than max_row_bytes",
    "too_deep": "the row is nested too deeply",
    "truncated_file": "the file is cut off here",
    "unknown_role": "a message has a role other than system, user or assistant",
    "unknown_shape": "the fields of the row fit no known shape",
}

SHAPE_REASONS = frozenset({"ambiguous_shape", "missing_column", "unknown_shape"})


class RowError(ValueError):
    """One row can't be read. It is quarantined and the run goes on.

    Parameters
    ----------
    reason : str
        One of `REASONS`.
    detail : str
        One sentence for the person who will look at the row. It never quotes the row's text.
    """

    def __init__(self, reason: str, detail: str) -> None:
        assert reason in REASONS, f"{reason} is not a documented reason"
        super().__init__(detail)
        self.reason = reason
        self.detail = printable(detail)[:200]


def nul_in(text: str, what: str) -> RowError:
    """Say why a text with a NUL can't be read: letters and NULs by turns are UTF-16, anything else is no text.

    Parameters
    ----------
    text : str
        What holds the NUL.
    what : str
        Its name, for the reason.
    """
    reason = "broken_characters" if _BY_TURNS.search(text) else "nul_byte"
    return RowError(reason, f"{what} at character {text.index(chr(0)) + 1}")


class SourceError(ValueError):
    """A source can't be read, and the run can't start.

    Parameters
    ----------
    fault : str
        What is wrong, in one sentence, which ends here only where there is no advice.
    advice : str
        What would help, in sentences of their own, where the fault doesn't tell: said once for many faults.
    example : str
        What to write, from the file itself; put behind the advice, which then ends without a stop.
    """

    def __init__(self, fault: str, advice: str = "", example: str = "") -> None:
        self.fault = fault
        self.advice = advice
        self.advised = f"{advice}, for example `{example}`." if example else advice
        super().__init__(f"{fault}. {self.advised}" if advice else fault)


class ManyBrokenError(SourceError):
    """Several files of one source can't be read; the sentence tells the first of them and counts the others."""


class MissingSourceError(SourceError):
    """A file, folder or data set is not where the recipe says."""


class EmptySourceError(SourceError):
    """A file holds nothing to read."""


class UnknownFormatError(SourceError):
    """A file is of a kind that winnow doesn't read."""


class BrokenSourceError(SourceError):
    """A file is not what its name promises."""


class UnknownShapeError(SourceError):
    """No row of a file has a shape that winnow knows."""


class NotInstalledError(SourceError):
    """A source lives in a package that is not installed, or is read through one."""


def fields_of(row: Iterable[str]) -> str:
    """List the fields of a row for a sentence: the first dozen, long names cut."""
    names = [" ".join(name[:40].split()) + "…" * (len(name) > 40) for name in row]
    more = f" and {len(names) - _FIELDS_TOLD:,} more" if len(names) > _FIELDS_TOLD else ""
    return printable(", ".join(names[:_FIELDS_TOLD]) + more) or "none"


def to_utf8(files: int = 1, encoding: str = "") -> str:
    """Say how files become UTF-8; where their encoding is not known, from the one that most exports are in."""
    whom = "it" if files == 1 else "them"
    other = "" if encoding else f", or from what else {'it was' if files == 1 else 'they were'} written in"
    return f"convert {whom} with `iconv -f {encoding or 'WINDOWS-1252'} -t UTF-8`{other}"


def few(names: Sequence[str], between: str = ", ") -> str:
    """List names for a sentence: the first ten, and how many more there are."""
    more = f"{between}and {len(names) - _NAMES_TOLD:,} more" if len(names) > _NAMES_TOLD else ""
    return between.join(names[:_NAMES_TOLD]) + more


def printable(text: str) -> str:
    """Replace what can't be written on one line of UTF-8, so that names of any origin can be reported."""
    return text.encode("utf-8", "replace").decode().translate(_UNPRINTABLE)
