"""Multiple choice from rows that bring their options: `question`, `options` (or `choices`) and `answer`."""

import hashlib
import json
import string
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from evals.items import ITEMS
from evals.suites import Suite, SuiteError, draw

_OPTIONS = ("options", "choices")


def items_from_options(rows: Sequence[tuple[str, object]], *, suite: Suite, seed: int = 0) -> pl.DataFrame:
    """Make one choice item of each row, in the order of the draw; a row that stands twice makes one.

    The answer is the place of the right option, counted from 0, its text, or its letter (A, B, …) where no option is
    that letter. The field that the suite names as `cluster` tells the document.

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
        If a row lacks a question or an answer, an option is blank or stands twice, or fewer than two are offered; the
        first is named.
    """
    if suite.kind != "choice":
        raise SuiteError(f"The suite “{suite.name}” is of kind {suite.kind}, and these would be choice items.")
    made = pl.DataFrame(
        [_item(row, where, suite) for where, row in rows], schema={"id": pl.String, **ITEMS}, orient="row"
    )
    return draw(made.unique("id", keep="first", maintain_order=True), None, seed).select(ITEMS.keys())


def _item(row: object, where: str, suite: Suite) -> tuple[object, ...]:
    if not isinstance(row, Mapping):
        raise SuiteError(f"{where}: a row is an object with question, options and answer")
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        raise SuiteError(f"{where}: question: a text is wanted")
    options = _options(row, where)
    right = _right(row.get("answer"), options, where)
    told = json.dumps([question, options, right], ensure_ascii=True)
    name = hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
    cluster = name
    if suite.cluster is not None:
        if row.get(suite.cluster) is None:
            raise SuiteError(f"{where}: {suite.cluster}: the suite names this field as cluster, and the row has none")
        cluster = str(row[suite.cluster])
    prompt = [{"role": "user", "content": question}]
    item = f"{suite.name}/{name}"
    return name, suite.name, suite.role, "choice", item, cluster, prompt, options[right], options, right


def _options(row: Mapping[str, Any], where: str) -> list[str]:
    key = next((name for name in _OPTIONS if name in row), None)
    options = row.get(key) if key else None
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        raise SuiteError(f"{where}: {key or 'options'}: a list of texts is wanted")
    if len(options) < 2:
        raise SuiteError(f"{where}: {key}: it offers {len(options)}, and a choice is between 2 or more")
    for place, option in enumerate(options):
        if not option.strip():
            raise SuiteError(f"{where}: {key}.{place}: this option is blank, and nothing cannot be scored")
        if option in options[:place]:
            raise SuiteError(f"{where}: {key}.{place}: this option stands twice, so that neither could be right alone")
    return options


def _right(answer: object, options: list[str], where: str) -> int:
    if isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < len(options):
        return answer
    if isinstance(answer, str):
        if answer in options:
            return options.index(answer)
        if len(answer) == 1 and answer in string.ascii_uppercase[: len(options)]:
            return string.ascii_uppercase.index(answer)
    raise SuiteError(
        f"{where}: answer: {answer!r} is none of the {len(options)} options: give its place, counted from 0, its text, "
        "or its letter"
    )
