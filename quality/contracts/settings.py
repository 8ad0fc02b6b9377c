"""What a contract asks for."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from quality.reasons import STAGES
from quality.texts.written import Written

Severity = Literal["critical", "warning"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
CheckName = Literal[
    "rows_enough",
    "share_kept",
    "share_kept_by_source",
    "share_unread",
    "share_dropped_by_stage",
    "largest_cluster",
    "ids_present",
    "ids_unique",
    "messages_present",
    "roles_present",
    "contents_present",
    "roles_known",
    "answer_last",
    "answer_not_empty",
    "answer_not_huge",
    "drift_lengths",
    "drift_centroid",
]

# What stops a run by default is what can only be a mistake; what may be meant is a warning.
WARNINGS: frozenset[CheckName] = frozenset(
    {
        "share_kept_by_source",
        "share_unread",
        "largest_cluster",
        "answer_not_huge",
        "drift_lengths",
        "drift_centroid",
    }
)


_REMOVING = [stage for stage in STAGES if stage not in ("ingest", "validate", "split")]
_MOST_BY_STAGE = {
    "screen": 0.8,
    "protect": 0.5,
    "dedupe": 0.9,
    "skim": 0.995,
    "dedupe_meaning": 0.5,
    "keep_domain": 0.995,
    "decontaminate": 0.5,
    "compare_answers": 0.5,
}


class Contract(BaseModel):
    """What must hold of the kept rows before a model is trained on them.

    The shares are circuit breakers: far from what curation does to a healthy pool, so that they trip on a
    mis-set threshold and not on a dirty source. Keeping a tenth of a pool is normal.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    min_rows: int = Field(50, ge=1, description="Least number of kept rows.")
    min_share_kept: Share = Field(
        0.005,
        description="Least share (0 to 1) of the ingested rows that is kept, or left out by the token budget alone.",
    )
    min_share_kept_by_source: Share = Field(
        0.001,
        description="Least share (0 to 1) of each source's ingested rows that is kept, or left out by the token "
        "budget alone.",
    )
    max_share_unread: Share = Field(
        0.2, description="Largest share (0 to 1) of all records that is quarantined because it can't be read."
    )
    max_share_dropped_by_stage: dict[str, Share] = Field(
        _MOST_BY_STAGE,
        description="Largest share (0 to 1) of the rows reaching a stage that it may remove, by stage name; one that "
        "is not named keeps its default.",
    )
    max_cluster_share: Share = Field(
        0.25, description="Largest share (0 to 1) of the ingested rows in one cluster of duplicates."
    )
    min_answer_chars: int = Field(1, ge=0, description="Least length of an answer, in characters.")
    max_answer_chars: int = Field(100_000, ge=1, description="Greatest length of an answer, in characters.")
    max_length_psi: float = Field(
        0.25,
        ge=0,
        description="Largest population stability index of answer lengths against the last finished run of this "
        "recipe: 0.1 is some drift, 0.25 another population.",
    )
    max_centroid_shift: float = Field(
        0.05,
        ge=0,
        le=2,
        description="Largest shift (1 - cosine) of the mean embedding against the last finished run of this recipe; "
        "a fifth to two fifths of foreign rows reach 0.05.",
    )
    file: Written | None = Field(
        None, description="Your own expectations beside these: a Great Expectations suite as JSON (path)."
    )
    data_docs: bool = Field(
        False, description="Write Great Expectations' Data Docs to the run directory, as pages that work offline."
    )
    severity: dict[CheckName, Severity] = Field(
        {}, description="Severity (critical or warning) by check, where the default one is not wanted."
    )

    @field_validator("max_share_dropped_by_stage")
    @classmethod
    def _beside_the_defaults(cls, asked: dict[str, float]) -> dict[str, float]:
        for stage in asked:
            if stage not in _REMOVING:
                raise ValueError(f"There is no stage “{stage}” that removes rows. There are {', '.join(_REMOVING)}.")
        # Who raises the line of one stage takes no other stage's away.
        return _MOST_BY_STAGE | asked

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_answer_chars > self.max_answer_chars:
            raise ValueError(
                f"min_answer_chars {self.min_answer_chars:,} lies above max_answer_chars {self.max_answer_chars:,}, so "
                "that no answer could fulfil both. Lower the one or raise the other."
            )
        return self

    def severity_of(self, check: CheckName) -> Severity:
        """Return how serious a failure of this check is."""
        return self.severity.get(check, "warning" if check in WARNINGS else "critical")
