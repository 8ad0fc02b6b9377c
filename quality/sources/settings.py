"""Where rows come from: the settings of one source of a recipe."""

import re
from pathlib import PurePath
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quality.sources.addresses import public
from quality.texts.written import Written

_WILDCARD = re.compile(r"[*?\[]")


class Columns(BaseModel):
    """Which fields of a row hold what, for rows of an unusual shape."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: Written | None = Field(None, description="Field that holds the question or instruction.")
    answer: Written | None = Field(None, description="Field that holds the answer.")
    context: Written | None = Field(
        None,
        description="Field with text that the question is about (a string, or a list of them), put first.",
    )
    system: Written | None = Field(None, description="Field that holds the system message.")
    messages: Written | None = Field(
        None,
        description="Field that holds a list of {role, content} or {from, value}; it needs no other.",
    )

    @model_validator(mode="after")
    def _names_a_whole_record(self) -> Self:
        pair = self.prompt is not None and self.answer is not None
        if self.messages is None and not pair:
            raise ValueError("columns must name both prompt and answer, or messages")
        if self.messages is not None and any((self.prompt, self.answer, self.context)):
            raise ValueError("columns names messages, so it can't also name prompt, answer or context")
        return self


class Source(BaseModel):
    """One source of raw rows: files, an installed package, or a Hugging Face data set."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    path: Written | None = Field(
        None,
        description="A file, a glob of files or a folder of files: .jsonl, .ndjson, .json, .csv, .tsv (each "
        "also .gz or .zst) or .parquet. Relative to the recipe. Or an address of such files: s3://, gs://, az://, "
        "abfs://, https://; a login or query of it names variables of the environment, as in https://${LOGIN}@host.",
    )
    package: Written | None = Field(
        None,
        description="An installed package that winnow has an adapter for (cwe2), or a data file inside any "
        "installed package (some_package/data/rows.jsonl).",
    )
    hub: Written | None = Field(
        None, description="A Hugging Face data set: its hub id, or a folder that save_to_disk wrote."
    )
    split: Written | None = Field(None, description="Split of the hub data set; needed when it has several.")
    name: Written | None = Field(None, description="Label of the source in receipts; default: its name.")
    group: Written | None = Field(
        None,
        description="Field of the raw row that names its document; a document never straddles a split.",
    )
    named_by: Written | None = Field(
        None,
        description="Field of the raw row that names where it came from, as rows of a mixed pool tell it; its values "
        "stand in receipts, quotas and shares by source, and `name` only where a row holds none.",
    )
    columns: Columns | None = Field(None, description="Which fields hold what, for rows of an unusual shape.")
    mend: bool = Field(
        True,
        description="Read entities left in prose (&frac12;) as characters, take a wiki's marks out ('''so'''); else "
        "screening drops such rows. Code, and rows about code, markup or marks, are never touched.",
    )
    skip: int = Field(0, ge=0, description="Raw rows to leave out at the start of the source.")
    limit: int | None = Field(None, ge=1, description="Most raw rows to read after those; default: all.")
    max_row_bytes: int = Field(
        10_000_000, ge=1_000, description="Largest row in bytes; a larger one is quarantined unread."
    )

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        named = [field for field in ("path", "package", "hub") if getattr(self, field) is not None]
        if len(named) != 1:
            found = " and ".join(named) if named else "none of them"
            raise ValueError(f"a source names exactly one of path, package or hub; this one names {found}")
        if self.split is not None and self.hub is None:
            raise ValueError(f"split belongs to a hub data set, but this source is a {named[0]}: leave split out")
        return self

    @property
    def place(self) -> str:
        """Where the rows come from, as the recipe says it."""
        return self.path or self.package or self.hub or ""

    @property
    def label(self) -> str:
        """Name of the source in receipts: `name`, else that of its file, folder, package or data set."""
        if self.name is not None:
            return self.name
        plain = [part for part in PurePath(public(self.place)).parts if not _WILDCARD.search(part)]
        last = plain[-1] if plain else "pool"
        if self.path is not None or "/" in (self.package or ""):
            last = last.split(".")[0] or last
        return last if last not in ("/", "", "..", ".") else "pool"


Sources = Annotated[list[Source], Field(min_length=1)]
"""What a pool is read from; of two duplicates the row of the earlier source is kept."""
