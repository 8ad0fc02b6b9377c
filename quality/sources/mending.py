"""Mends what an export left in a record's prose, where it is no more than a spelling: `&frac12;`, `'''or'''`.

A character spelled as an entity, or a word between a wiki's marks, says what its author said. Nothing has to be
guessed to read it, so that it is read, rather than its row dropped for it. Where it may be meant as it stands, the row
is left to screening as it came: where it is about markup, code or marks, where its prompt holds an entity, and where a
mark stands close behind a letter, as in f'''(x). So are rows that would hold markup after mending as well: what else
was left over in them tells that a page was copied.
"""

import html
import re
from itertools import takewhile
from unicodedata import category

import polars as pl

from quality.records import MESSAGE, answer_text, prompt_text
from quality.screening.leftover_code import leftover_emphasis
from quality.screening.markup import leftover_markup
from quality.texts.characters import CODE

MENDED: dict[str, pl.DataType] = {"entities": pl.UInt32(), "marks": pl.UInt32()}
"""How many entities were read in a record, and how many pairs of a wiki's marks were taken out."""
FIRST: dict[str, pl.DataType] = {
    "message": pl.UInt32(), "at": pl.UInt32(), "length": pl.UInt32(), "was": pl.String(),
}  # fmt: skip
"""The first of them, to be shown: in which message, from which character on and how many of it as it reads now, and the
entity that stood there, or the mark that stood on both its sides. Null where it can't be told apart from others."""

_MAY_BE = r"&(?:#[0-9xX]|[A-Za-z]{2})|'''"
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Words between blanks or marks: what stands close behind a letter or a figure is a derivative, a prime, a string.
_EMPHASIS = re.compile(r"(?<![\w'\)\]=])('{5}|'{2,3})(?!['\s])((?:[^\W\d_]|[ ,.’-]|\d){1,80}?)(?<!\s)\1(?![\w'\(\[])")
# Who speaks of marks, of code or of what is written in entities may mean them as they stand.
_MEANT = (
    r"(?i)\b(?:quot\w*|apostroph\w*|bold\w*|itali\w*|\w*wiki\w*|comments?|strings?|docstrings?|syntax|code|toml|python|"
    r"groovy|starlark|sql|derivatives?|primes?|rss|atom feeds?|latex|bibtex|jira|blogger|newsletters?|ampersands?|"
    r"entit(?:y|ies)|encod\w*|decod\w*|escap\w*|unescap\w*|charsets?|unicode|characters?)\b|"
    r"\b(?:write|writing|type|typing|enter|insert|paste|spell\w*|say|says|shows?|see|appears?|becomes?|instead of|"
    r"replaced?)\s+[\"'“‘`(]*&(?:#|[a-z])|\b(?:use|using|put)\s+[\"'“‘`(]*&(?:amp|lt|gt|quot|apos|nbsp|\w+dash|\w+quo)"
)
# Polars' patterns are Rust's.
_CODE = re.compile("(" + CODE.replace("(?s)", "").replace(r"\z", r"\Z") + ")", re.DOTALL)
_READINGS = 2  # "&amp;frac12;" is an entity of an entity
_UNSEEN = ("Cc", "Cs", "Co", "Cn")  # Unicode's controls, halves of characters, private and unassigned ones


def mend(messages: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """Read entities as characters, and take a wiki's marks of emphasis out, in rows that are dropped for them else.

    In a pool of which many rows hold such marks, screening takes them for its custom; here each row is judged alone.

    Parameters
    ----------
    messages : pl.Series
        List of {role, content}, one conversation per row. Mending what was mended changes nothing.

    Returns
    -------
    messages : pl.Series
        The conversations as they read.
    mended : pl.DataFrame
        What was mended in each of them (schema `MENDED`), and the first of it (schema `FIRST`).
    """
    rows = pl.DataFrame({"messages": messages}).with_row_index("row")
    content = pl.element().struct.field("content")
    asked = content.filter(pl.element().struct.field("role") != "assistant")
    said = pl.col("messages")
    maybe = rows.filter(said.list.eval(content.str.contains(_MAY_BE)).list.any())
    # A prompt that holds an entity asks what it is, or has one by the same export: nobody can tell.
    meant = said.list.eval(content.str.contains(_MEANT)).list.any()
    shown = said.list.eval(asked.str.contains(_MAY_BE)).list.any()
    broken = _left_over(maybe.filter(~meant & ~shown))
    since = pl.DataFrame(
        [(row, *_mended(conversation)) for row, conversation in broken.iter_rows()],
        schema={"row": pl.UInt32, "messages": pl.List(MESSAGE), **MENDED, **FIRST},
        orient="row",
    )
    whole = since.join(_left_over(since), on="row", how="anti", maintain_order="left")
    both = rows.join(whole, on="row", how="left", maintain_order="left", suffix="_since")
    told = both.select(pl.col(*MENDED).fill_null(0), *FIRST, messages=pl.coalesce("messages_since", "messages"))
    return told["messages"], told.select(*MENDED, *FIRST)


def before_and_after(text: str, at: int, length: int, was: str, around: int = 40) -> tuple[str, str] | None:
    """Return the stretch of a mended text around the first place that was mended, as it came and as it reads now.

    Parameters
    ----------
    text : str
        The message, as it reads now.
    at, length, was : int, int, str
        The place, and what stood there (schema `FIRST`).
    around : int
        Characters shown on each side.

    Returns
    -------
    tuple of str, or None
        None where the text doesn't read as it would, had it been mended there.
    """
    now = text[at : at + length]
    came = was if was.startswith("&") else f"{was}{now}{was}"
    if not now or _read(came)[0] != now:
        return None
    start, end = max(0, at - around), at + length + around
    before, behind = (
        f"{'…' if start else ''}{text[start:at]}",
        f"{text[at + length : end]}{'…' if end < len(text) else ''}",
    )
    return f"{before}{came}{behind}", f"{before}{now}{behind}"


def _left_over(rows: pl.DataFrame) -> pl.DataFrame:
    """Choose the rows whose answer screening would drop for markup, or for a wiki's emphasis."""
    if rows.is_empty():  # nor are patterns compiled
        return rows.select("row", "messages")
    asked, said = prompt_text(rows), answer_text(rows)
    return rows.filter((leftover_markup(asked, said) > 0) | leftover_emphasis(asked, said)).select("row", "messages")


def _mended(
    conversation: list[dict[str, str]],
) -> tuple[list[dict[str, str]], int, int, int | None, int | None, int | None, str | None]:
    """Read all messages of a conversation: these, how many entities and pairs of marks they held, and the first."""
    texts, entities, marks = zip(*(_read(message["content"]) for message in conversation), strict=True)
    roles = [message["role"] for message in conversation]
    read = [{"role": role, "content": text} for role, text in zip(roles, texts, strict=True)]
    said = [message["content"] for message in conversation]
    places = (
        (number, *place)
        for number, (came, text) in enumerate(zip(said, texts, strict=True))
        if came != text and (place := _first(came, text))
    )
    return read, sum(entities), sum(marks), *next(places, (None, None, None, None))


def _first(came: str, reads: str) -> tuple[int, int, str] | None:
    """Return where the first place was mended in a message, how long it is now, and what stood there."""
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(came, reads, strict=False)))
    for found in sorted((*_ENTITY.finditer(came), *_EMPHASIS.finditer(came)), key=lambda one: one.start()):
        now = _read(found[0])[0]
        if found.end() > alike >= found.start() and now != found[0] and reads.startswith(now, found.start()):
            return found.start(), len(now), found[0] if found.re is _ENTITY else found[1]
    return None


def _read(text: str) -> tuple[str, int, int]:
    """Read the prose of a message, code left out: the text, how many entities it held, and how many pairs of marks."""
    parts = _CODE.split(text)
    entities = marks = 0
    for at in range(0, len(parts), 2):  # what was split at stands between
        for _ in range(_READINGS):
            entities += sum(_character(found) != found[0] for found in _ENTITY.finditer(parts[at]))
            parts[at] = _ENTITY.sub(_character, parts[at])
        parts[at], taken = _EMPHASIS.subn(r"\2", parts[at])
        marks += taken
    return "".join(parts), entities, marks


def _character(entity: re.Match[str]) -> str:
    """Read an entity as its character, one of no character as it stands; a space that must not break is a space."""
    read = html.unescape(entity[0]).replace("\N{NO-BREAK SPACE}", " ")
    unseen = not read or any(sign == "\N{REPLACEMENT CHARACTER}" or category(sign) in _UNSEEN for sign in read)
    return entity[0] if unseen else read
