"""Records become examples: token ids, a mask of what to learn, and an account of what was cut."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt
import polars as pl

from evals.chat import ChatTemplateError, system_tokens
from evals.lessons import encode_record
from tasks.training.example import Example
from tasks.training.fitting import answers_in, fit, is_torn, last_learnt, without_end
from tasks.training.general_settings import OWN

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from tasks.training.settings import Tune


class NothingToLearnError(ValueError):
    """No record has a token that the model could be trained to say."""


@dataclass(frozen=True)
class Skipped:
    """A record that can't be trained on, and why: ``template_refused`` or ``no_supervised_tokens``."""

    id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Examples(Sequence[Example]):
    """Examples ready to train on, with what was cut to the window, and the records left out.

    Attributes
    ----------
    truncated, torn
        Ids of the records that were cut, and of those among them whose last answer lost its end.
    unlearnt
        Number of earlier answers in them that are not learnt, since they or what stood before them was cut.
    """

    rows: tuple[Example, ...]
    truncated: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    torn: tuple[str, ...] = ()
    unlearnt: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Example, ...]: ...
    def __getitem__(self, index: int | slice) -> Example | tuple[Example, ...]:
        return self.rows[index]

    @property
    def tokens(self) -> int:
        """Tokens in all examples together."""
        return sum(len(row) for row in self.rows)

    @property
    def supervised(self) -> int:
        """Tokens to learn in all examples together."""
        return sum(row.supervised for row in self.rows)

    @property
    def digest(self) -> str:
        """Hash of every token and mask, in order."""
        state = hashlib.blake2b(digest_size=16)
        for row in self.rows:
            state.update(len(row).to_bytes(8, "little"))
            state.update(row.ids.tobytes())
            state.update(row.mask.tobytes())
        return state.hexdigest()


def examples(
    records: pl.DataFrame,
    tokenizer: "PreTrainedTokenizerBase",
    settings: "Tune",
    progress: Callable[[int, int], None] | None = None,
) -> Examples:
    """Tokenise records and mark what is to be learnt: every assistant turn, its end-of-turn token included.

    Those of the base's own answers (source `OWN`) that are as long as `general.answer_tokens` were broken off: they do
    not end there, and no end of theirs is learnt.

    Parameters
    ----------
    records
        Frame with ``id`` and ``messages`` (a list of ``{role, content}``).
    tokenizer
        Tokenizer of the model to train.
    settings
        Only ``max_length`` and ``general.answer_tokens`` matter here.
    progress
        Called with (done, total).

    Returns
    -------
    `Examples`
        In the order of the records, without those that were skipped; several of a record where the template shows
        its earlier answers otherwise (`evals.lessons.encode_record`).

    Raises
    ------
    NothingToLearnError
        If not a single token is left to learn.
    """
    rows: list[Example] = []
    skipped: list[Skipped] = []
    source = pl.col("source") if "source" in records.columns else pl.lit("")
    told = records.select("id", "messages", source.cast(pl.String).fill_null("").alias("source"))
    for done, (key, messages, origin) in enumerate(told.iter_rows(), start=1):
        try:
            for encoded in encode_record(tokenizer, messages or []):
                row = _example(str(key), *encoded)
                if origin == OWN:
                    said = len(tokenizer(messages[-1]["content"], add_special_tokens=False)["input_ids"])
                    row = row if said < settings.general.answer_tokens else without_end(row, said)
                front = _front(tokenizer, messages, row) if len(row) > settings.max_length else 0
                rows.append(replace(row, source=origin, system=front))
        except ChatTemplateError as error:
            skipped.append(Skipped(str(key), "template_refused", str(error)))
        if progress is not None:
            progress(done, records.height)
    return _fitted(rows, settings.max_length, Examples((), skipped=tuple(skipped)))


def _front(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Mapping[str, str]], row: Example) -> int:
    """Count the tokens that stay where the front is cut: of the system prompt, else the one that begins every text.

    A model that begins every text with such a token predicts badly without. One that opens every turn is none.
    """
    begins = tokenizer.bos_token_id
    return system_tokens(tokenizer, messages) or int(row.ids[0] == begins and (row.ids == begins).sum() == 1)


def gather(
    rows: "Iterable[Any] | pl.DataFrame",
    settings: "Tune",
    tokenizer: "PreTrainedTokenizerBase | None" = None,
) -> Examples:
    """Take training rows in any of the shapes people have them in.

    Parameters
    ----------
    rows
        A frame of records; or a sequence in which each row is an `Example`, a pair ``(ids, mask)``, or a
        mapping with ``input_ids`` and either ``labels`` (-100 where nothing is to be learnt) or ``mask``;
        or mappings with ``messages``, which need a tokenizer.
    settings
        Only ``max_length`` matters here.
    tokenizer
        Needed for rows that are still text.

    Raises
    ------
    ValueError
        If a row has another shape, said with its position.
    NothingToLearnError
        If not a single token is left to learn.
    """
    if isinstance(rows, Examples):
        return _fitted(rows.rows, settings.max_length, rows)
    if not isinstance(rows, pl.DataFrame):
        rows = list(rows)
        if not (rows and all(isinstance(row, Mapping) and "messages" in row for row in rows)):
            return _fitted([_read_row(at, row) for at, row in enumerate(rows)], settings.max_length)
        named = [{"id": str(row.get("id", at)), "messages": row["messages"]} for at, row in enumerate(rows)]
        rows = pl.DataFrame(named)
    if tokenizer is None:
        raise ValueError("These rows hold messages, not tokens: pass the model's tokenizer along with them.")
    return examples(rows, tokenizer, settings)


def _read_row(at: int, row: object) -> Example:
    """Read one tokenised row; `at` names it in an error, and is its id where it has none."""
    if isinstance(row, Example):
        return row
    if isinstance(row, Mapping) and "input_ids" in row and ("labels" in row or "mask" in row):
        ids, key = row["input_ids"], str(row.get("id", at))
        if "mask" in row:
            return _example(key, ids, row["mask"])
        labels = np.asarray(row["labels"])
        mask = labels != -100
        if labels.shape == np.shape(ids) and (labels != np.asarray(ids))[mask].any():
            raise ValueError(f"Row {at}: labels must be -100 or repeat input_ids at the same place.")
        return _example(key, ids, mask)
    if isinstance(row, tuple | list) and len(row) == 2:
        return _example(str(at), row[0], row[1])
    raise ValueError(
        f"Row {at} is a {type(row).__name__} that can't be read as an example: give an Example, a pair "
        "(ids, mask), or a mapping with input_ids and labels (or every row as a mapping with messages)."
    )


def _example(key: str, ids: npt.ArrayLike, mask: npt.ArrayLike) -> Example:
    tokens, learnt = np.array(ids, dtype=np.int64), np.array(mask, dtype=np.bool_)
    if tokens.ndim != 1 or tokens.shape != learnt.shape:
        raise ValueError(
            f"Example {key!r}: ids and mask must be two lists of one length, but their shapes are "
            f"{tokens.shape} and {learnt.shape}."
        )
    return Example(key, tokens, learnt)


def _fitted(rows: Iterable[Example], max_length: int, before: Examples | None = None) -> Examples:
    """Cut every example to the window, leave out those with nothing to learn, and keep the account.

    `before` is the account of what was cut and left out earlier.
    """
    kept: list[Example] = []
    told = Examples(()) if before is None else before  # one without rows is false
    cut, out, torn, unlearnt = list(told.truncated), list(told.skipped), list(told.torn), told.unlearnt
    for row in rows:
        short = fit(row, max_length)
        if not short.supervised:
            out.append(Skipped(row.id, "no_supervised_tokens"))
            continue
        kept.append(short)
        if len(row) > max_length and len(short) < last_learnt(row) + 1:
            cut.append(row.id)
            unlearnt += answers_in(row) - answers_in(short)
            if is_torn(row, short):
                torn.append(row.id)
    if not kept:
        raise NothingToLearnError(_why_nothing(out))
    # A record may be several examples.
    return Examples(tuple(kept), tuple(dict.fromkeys(cut)), tuple(out), tuple(dict.fromkeys(torn)), unlearnt)


def _why_nothing(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return "There is no record to train on: the training set is empty."
    counts = ", ".join(f"{reason}: {n}" for reason, n in Counter(row.reason for row in skipped).most_common())
    details = next((row.detail for row in skipped if row.detail), "")
    return (
        f"Not one of {len(skipped)} records holds a token to learn ({counts}). Answers must be turns with "
        f"the role 'assistant' that the model's chat template shows. {details}".strip()
    )
