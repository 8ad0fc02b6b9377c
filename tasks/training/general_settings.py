"""What a person may decide about the general text that must not be forgotten."""

from pydantic import BaseModel, ConfigDict, Field

from quality.sources import Source

BESIDE = "general:"
"""What the origins of general rows begin with that are none of the pool's."""

OWN = "the base's own answers"
"""Source of general rows where none was named."""

_HELD = 0.25


class General(BaseModel):
    """Rows that are not of the domain: to measure forgetting on, and to replay.

    Without sources and rest, the base model itself answers questions of daily life and common knowledge that winnow
    brings along, so that what it says now is what must not be forgotten.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    sources: tuple[Source, ...] = Field(
        default=(), description="Where general rows are read from; left out, the base answers general questions itself."
    )
    rest: bool = Field(
        default=False,
        description="Take general rows from the pool itself, too: those that curate.domain leaves out, screened, "
        "protected and deduplicated as the others.",
    )
    rows: int = Field(
        96, ge=8, description="General rows at most; a quarter of them is held back to measure forgetting on."
    )
    answer_tokens: int = Field(
        48,
        ge=1,
        description="Longest of the base's own answers (tokens); one that is broken off there is not learnt to end.",
    )
    seed: int = Field(0, ge=0, lt=1 << 63, description="Seed of the choice of rows.")


def held_back(rows: int) -> int:
    """Return how many of so many general rows are held back to measure forgetting on: a quarter, and one at least."""
    return max(1, round(_HELD * rows))
