"""Suites: what an exam asks, where its rows come from, and how rows become items."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from evals.items import ITEMS, MESSAGE, questions
from evals.metrics import Written
from evals.units import Unit, unit_of

CHAT = "chat"
"""The format that is the model's own."""

_FOLDER = Path(__file__).parent / "suites"
_WRITTEN = get_args(Written)


class SuiteError(ValueError):
    """A suite that does not exist or cannot be read; the message names what would work."""


class Suite(BaseModel):
    """One part of an exam."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field(min_length=1, description="Name of the suite in scores, verdict and report.")
    version: int = Field(default=1, ge=1, description="Raise it when the items change (whole number).")
    role: Literal["domain", "retention"] = Field(
        description="domain: what the candidate should learn; retention: what it must not forget."
    )
    kind: Literal["completion", "text", "choice", "generate", "lm-eval"] = Field(
        description="completion: answers in bits per byte; text: whole texts in bits per byte; "
        "choice: multiple choice, right or wrong; generate: answers in the model's own words, by a metric; "
        "lm-eval: a task of lm-evaluation-harness, by its own metric."
    )
    metric: Written | Literal["acc", "acc_norm"] | None = Field(
        default=None,
        validate_default=True,
        description="generate: exact_match (0 or 1), token_f1, rouge_l or chrf (0 to 1); choice: acc_norm, the most "
        "likely option by the byte (default), or acc, by the whole. None for the other kinds.",
    )
    about: str = Field(default="", description="What the suite asks, in one sentence.")
    source: dict[str, Any] = Field(
        default={}, description="Where its rows come from, in the form of a recipe's source."
    )
    limit: int | None = Field(default=None, ge=1, description="Most items drawn from the source (items).")
    max_bytes: int = Field(
        default=2000, ge=16, description="Longer answers and texts are scored up to here (bytes of UTF-8)."
    )
    max_new_tokens: int = Field(default=64, ge=1, description="generate: longest answer written (tokens).")
    shots: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Worked examples before each question, of other documents of the same source (items).",
    )
    format: str = Field(
        default=CHAT,
        description="chat: the model's chat template; or a text with {question} in it, behind which the answer stands, "
        "for base models; what a model writes behind it ends at a blank line.",
    )
    cluster: str | None = Field(
        default=None, min_length=1, description="Field of the source's rows that names the document of an item."
    )
    margin: float | None = Field(
        default=None,
        gt=0,
        description="Loss allowed on this retention suite, unless gate.margins names one (unit of its scores).",
    )

    @property
    def unit(self) -> Unit:
        """The unit of its scores."""
        own = self.source.get("metric") if self.kind == "lm-eval" else self.metric
        return unit_of(self.kind, own and str(own).partition(",")[0])

    @field_validator("metric", mode="before")  # else a wrong one is told in the words of the types that it could be
    @classmethod
    def _fits(cls, metric: object, info: ValidationInfo) -> object:
        kind = info.data.get("kind")
        known = {"generate": _WRITTEN, "choice": ("acc_norm", "acc")}.get(str(kind), ())
        if kind is None or metric in known or (metric is None and kind != "generate"):
            return metric
        if not known:
            if kind == "lm-eval":
                raise ValueError("a suite of kind lm-eval says so under source: write source.metric")
            raise ValueError(f"a suite of kind {kind} is scored in bits per byte: leave metric out")
        raise ValueError(f"a suite of kind {kind} is scored by {', '.join(known[:-1])} or {known[-1]}")

    @field_validator("shots")
    @classmethod
    def _has_questions(cls, shots: int, info: ValidationInfo) -> int:
        if shots and info.data.get("kind") == "text":
            raise ValueError("a suite of kind text asks nothing that examples could show: leave shots out")
        return shots

    @field_validator("format")
    @classmethod
    def _has_a_place(cls, text: str, info: ValidationInfo) -> str:
        if text != CHAT and info.data.get("kind") == "text":
            raise ValueError("a suite of kind text reads its texts as they are: leave format out")
        if text != CHAT and text.count("{question}") != 1:
            raise ValueError("write chat, or a text that holds {question} once")
        return text

    @field_validator("margin")
    @classmethod
    def _may_lose(cls, margin: float | None, info: ValidationInfo) -> float | None:
        if margin is not None and info.data.get("role") == "domain":
            raise ValueError("a domain suite must gain (gate.min_gain), and only a retention suite may lose a margin")
        return margin


def suite_names() -> list[str]:
    """List the suites that come with winnow."""
    return sorted(file.stem for file in _FOLDER.glob("*.yaml"))


def load_suite(name: str) -> Suite:
    """Read a suite that comes with winnow, by name.

    Raises
    ------
    SuiteError
        If there is none of that name (the message lists those there are), or its file is not a suite.
    """
    if name not in suite_names():
        raise SuiteError(f"There is no suite “{name}”. There are: {', '.join(suite_names())}.")
    content = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    if not isinstance(content, Mapping):
        raise SuiteError(f"The suite file {name}.yaml should hold keys and values.")
    try:
        return Suite.model_validate({"name": name, **content})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise SuiteError(f"The suite file {name}.yaml, key {key}: {first['msg']}.") from error


def items_from_records(records: pl.DataFrame, *, suite: Suite, limit: int | None = None, seed: int = 0) -> pl.DataFrame:
    """Make one completion or generate item of each drawn record: its last answer is the target, all before the prompt.

    Parameters
    ----------
    records
        Columns `id`, `messages` and `group` (null for none).
    suite
        The suite that the items belong to.
    limit
        Most items drawn; the suite's own limit when left out. The draw depends on ids and seed alone, so a
        pool in another order, or with other rows beside them, gives the same rows the same rank.
    seed
        Seed of the draw.

    Returns
    -------
    pl.DataFrame
        Schema `evals.items.ITEMS`.
    """
    _expect(suite, "completion", "generate")
    return _items(draw(exchanges(records), limit or suite.limit, seed), suite)


def items_from_texts(texts: pl.DataFrame, *, suite: Suite, limit: int | None = None, seed: int = 0) -> pl.DataFrame:
    """Make one text item of each drawn text.

    Parameters
    ----------
    texts
        Columns `text` and `origin`; a column `group` gives clusters, else each text is its own.
    suite, limit, seed
        As for `items_from_records`; the draw goes by the texts themselves.

    Returns
    -------
    pl.DataFrame
        Schema `evals.items.ITEMS`.
    """
    _expect(suite, "text")
    return _items(draw(_named(texts), limit or suite.limit, seed), suite)


def reserve_records(records: pl.DataFrame, *, suite: Suite) -> pl.DataFrame:
    """Return every record as what a training row must not give away: `item, question, answer`, answers uncut."""
    asked = exchanges(records)
    return questions(_items(asked, suite)).with_columns(answer=asked["target"])


def reserve_texts(texts: pl.DataFrame, *, suite: Suite) -> pl.DataFrame:
    """Return every text (column `text`) as `item, question, answer`; the question is empty."""
    named = _named(texts)
    return questions(_items(named, suite)).with_columns(answer=named["target"])


def count_cut(items: pl.DataFrame, reserve: pl.DataFrame) -> int:
    """Count the items whose answer or text was cut, by the reserve of their source, which holds them whole."""
    both = items.join(reserve.select("item", whole="answer"), on="item")
    return both.filter(pl.col("target").str.len_bytes() < pl.col("whole").str.len_bytes()).height


def exchanges(records: pl.DataFrame) -> pl.DataFrame:
    """Split records into `id, group, prompt, target`; leave out repeats, and those without question or last answer."""
    last = pl.col("messages").list.last()
    said = (pl.element().struct.field("role") != "system") & (
        pl.element().struct.field("content").str.strip_chars() != ""
    )
    return (
        records.unique("id", keep="first", maintain_order=True)
        .filter(pl.col("messages").list.len() > 1, last.struct.field("role") == "assistant")
        .select(
            "id",
            "group",
            prompt=pl.col("messages").list.head(pl.col("messages").list.len() - 1).cast(pl.List(MESSAGE)),
            target=last.struct.field("content"),
        )
        .filter(pl.col("target").str.strip_chars() != "", pl.col("prompt").list.eval(said).list.any())
    )


def draw(rows: pl.DataFrame, limit: int | None, seed: int) -> pl.DataFrame:
    """Return the rows in the order of a hash of seed and `id`, at most `limit` of them."""
    ranked = rows.with_columns(
        rank=pl.col("id").map_elements(lambda name: _name(f"{seed}:{name}"), return_dtype=pl.String)
    ).sort("rank")
    return (ranked if limit is None else ranked.head(limit)).drop("rank")


def trim(text: str, max_bytes: int) -> str:
    """Cut a text behind the last word that ends within `max_bytes` bytes of UTF-8; a long blank beginning goes."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= max_bytes:
        return text
    kept = encoded[:max_bytes].decode("utf-8", "ignore")
    if not kept.strip() and text[:1].isspace():
        return trim(text.lstrip(), max_bytes)
    words = kept.rsplit(None, 1)
    whole = text[len(kept)].isspace() or len(words) < 2
    return (kept if whole else words[0]).rstrip()


def _named(texts: pl.DataFrame) -> pl.DataFrame:
    """Turn texts into `id, group, prompt, target`; leave out repeats and blank ones."""
    names = texts["text"].map_elements(_name, return_dtype=pl.String)
    group = pl.col("group") if "group" in texts.columns else pl.lit(None, dtype=pl.String)
    return (
        texts.select("text", group.alias("group"), id=names)
        .filter(pl.col("text").str.strip_chars() != "")
        .unique("id", keep="first", maintain_order=True)
        .select("id", "group", prompt=pl.lit([], dtype=pl.List(MESSAGE)), target=pl.col("text"))
    )


def _expect(suite: Suite, *kinds: str) -> None:
    if suite.kind not in kinds:
        raise SuiteError(f"The suite “{suite.name}” is of kind {suite.kind}, and these would be {kinds[0]} items.")


def _items(rows: pl.DataFrame, suite: Suite) -> pl.DataFrame:
    targets = pl.Series([trim(text, suite.max_bytes) for text in rows["target"]], dtype=pl.String)
    return rows.select(
        suite=pl.lit(suite.name),
        role=pl.lit(suite.role),
        kind=pl.lit(suite.kind),
        item=pl.format("{}/{}", pl.lit(suite.name), "id"),
        cluster=pl.coalesce("group", "id"),
        prompt="prompt",
        target=targets,
        options=pl.lit([], dtype=pl.List(pl.String)),
        answer=pl.lit(0, dtype=pl.UInt32),
    ).cast(pl.Schema(ITEMS))


def _name(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
