"""Multiple choice from rows that bring their options: `question`, `options` (or `choices`) and `answer`."""

import hashlib
import json
import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from evals.items import ITEMS
from evals.metrics import whole
from evals.suites import Suite, SuiteError, draw

_OPTIONS = ("options", "choices")
_DIGITS = re.compile(r"[0-9]+")


def items_from_options(rows: Sequence[tuple[str, object]], *, suite: Suite, seed: int = 0) -> pl.DataFrame:
    """Make one choice item of each row, in the order of the draw; a row that stands twice makes one.

    The answer is the place of the right option, counted from 0, its text, or its letter (A, B, …) where no option is
    that letter; as a table writes numbers, 1.0 is the place 1, and "5.0" the option 5. A place may be a text, as all of
    a CSV file is, where no option holds a figure. The field that the suite names as `cluster` tells the document.
    Without one, rows that ask the same question with the same options in another order, or with the same right one, are
    of one: who fails one fails all.

    Parameters
    ----------
    rows
        Where each row stands (`rows.jsonl:12`), and the row.
    suite
        The suite that the items belong to, of kind choice.
    seed
        Seed of the draw.

    Returns
    -------
    pl.DataFrame
        Schema `evals.items.ITEMS`, unlimited.

    Raises
    ------
    SuiteError
        If a row lacks a question or an answer, an option is blank or stands twice, fewer than two are offered, or two
        rows answer the same differently; the first is named.
    """
    if suite.kind != "choice":
        raise SuiteError(f"The suite “{suite.name}” is of kind {suite.kind}, and these would be choice items.")
    made = pl.DataFrame(
        [_item(row, where, suite) for where, row in rows], schema={"id": pl.String, **ITEMS}, orient="row"
    )
    _refuse_contradictions(made, [where for where, _ in rows])
    made = made.unique("id", keep="first", maintain_order=True)
    return draw(made if suite.cluster is not None else _kin(made), None, seed).select(ITEMS.keys())


def _refuse_contradictions(made: pl.DataFrame, places: Sequence[str]) -> None:
    """Refuse rows that ask the same with the same options, and hold another one for right: nobody can answer both."""
    known: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}
    rows = made.select(pl.col("prompt").list.first().struct.field("content"), "options", "target")
    for where, (question, options, right) in zip(places, rows.iter_rows(), strict=True):
        first, told = known.setdefault((question, tuple(sorted(options))), (where, right))
        if told != right:
            raise SuiteError(
                f"{where}: answer: it is {right!r} here and {told!r} in {first}, for the same question and options: "
                "mend one, or take it out"
            )


def _kin(made: pl.DataFrame) -> pl.DataFrame:
    """Let rows that ask the same question count as one document where their options, or their right ones, are the same.

    A question may be a mere instruction (“Which is right?”), so that it alone makes no kin.
    """
    question = pl.col("prompt").list.first().struct.field("content")
    kin = made.with_columns(asked=question, offered=pl.col("options").list.sort().list.join("\0"))
    for other in ("offered", "target", "offered"):  # rows that share options may hold kin by their right one, and back
        kin = kin.with_columns(cluster=pl.col("cluster").min().over("asked", other))
    return kin.drop("asked", "offered")


def _item(row: object, where: str, suite: Suite) -> tuple[object, ...]:
    if not isinstance(row, Mapping):
        raise SuiteError(f"{where}: a row is an object with question, options and answer")
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        raise SuiteError(f"{where}: question: a text is wanted{_instead('question', row)}")
    options = _options(row, where)
    right = _right(row.get("answer"), options, where)
    told = json.dumps([question, options, right], ensure_ascii=True)
    name = hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
    cluster = name
    if suite.cluster is not None:
        cluster = document(row, where, suite.cluster)
    prompt = [{"role": "user", "content": question}]
    item = f"{suite.name}/{name}"
    return name, suite.name, suite.role, "choice", item, cluster, prompt, options[right], options, right


def document(row: Mapping[str, Any], where: str, field: str) -> str:
    """Return the document that a row names in the field that its suite calls cluster.

    A blank one names none: as many rows as lack it would count as one document.

    Raises
    ------
    SuiteError
        If it names none.
    """
    value = row.get(field)
    told = "" if value is None or value != value else str(value).strip()  # NaN is not itself
    if not told:
        raise SuiteError(f"{where}: {field}: the suite names this field as cluster, and the row has none")
    return told


def _options(row: Mapping[str, Any], where: str) -> list[str]:
    key = next((name for name in _OPTIONS if name in row), None)
    options = _unpacked(row.get(key)) if key else None
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        raise SuiteError(f"{where}: {key or 'options'}: a list of texts is wanted{_instead(key or 'options', row)}")
    if len(options) < 2:
        raise SuiteError(f"{where}: {key}: it offers {len(options)}, and a choice is between 2 or more")
    for place, option in enumerate(options):
        if not option.strip():
            raise SuiteError(f"{where}: {key}.{place}: this option is blank, and nothing cannot be scored")
        if _seen(option) in map(_seen, options[:place]):
            raise SuiteError(f"{where}: {key}.{place}: this option stands twice, so that neither could be right alone")
    # A blank before it would stand beside the format's own, and count as a byte that not every template shows.
    return [option.strip() for option in options]


def _unpacked(options: object) -> object:
    """Return the list that a text of JSON holds, which is how a CSV file has one; anything else as it is."""
    if not isinstance(options, str) or not options.lstrip().startswith("["):
        return options
    try:
        return json.loads(options)
    except (ValueError, RecursionError):
        return options


def _instead(field: str, row: Mapping[str, Any]) -> str:
    """Say which fields a row has that lacks one; nothing where it is there and holds something else."""
    return "" if field in row else f", and the row has the fields {', '.join(map(str, row)) or 'none'}"


def _seen(option: str) -> str:
    """Return an option as a reader sees it: white space at its ends, and how marks are encoded, tell nothing."""
    return unicodedata.normalize("NFC", option.strip())


def _right(answer: object, options: list[str], where: str) -> int:
    shown = [whole(option) for option in options]
    place = int(answer) if isinstance(answer, float) and answer.is_integer() else answer
    if isinstance(place, int) and not isinstance(place, bool) and 0 <= place < len(options):
        if str(place) in shown and shown[place] != str(place):
            raise SuiteError(
                f"{where}: answer: {place} is the place of “{options[place]}”, counted from 0, and another option "
                f'reads {place}: write its text in quotes ("{place}"), or the letter of the right one'
            )
        return place
    if isinstance(answer, str):
        answer = answer.strip()
        if answer in options:
            return options.index(answer)
        if len(answer) == 1 and answer in string.ascii_uppercase[: len(options)]:
            return string.ascii_uppercase.index(answer)
        if shown.count(whole(answer)) == 1:
            return shown.index(whole(answer))
        if _DIGITS.fullmatch(whole(answer)) and not any(map(_DIGITS.search, options)):
            place = int(whole(answer))  # all that a CSV file holds is text
            if place < len(options):
                return place
    raise SuiteError(
        f"{where}: answer: {answer!r} is none of the {len(options)} options: give its place, counted from 0, its text, "
        "or its letter"
    )
