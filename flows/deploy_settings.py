"""How a recipe runs from Prefect: the recipe's `deploy:`."""

from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

POOL = "winnow"
"""The work pool that `winnow up` makes: runs are processes of this machine."""

TAG = "winnow"
"""What every deployment and automation of ours is tagged with, and so every run."""

HEARTBEAT_SECONDS = 30


class Deploy(BaseModel):
    """Where runs of a recipe are started, and what starts them beside its schedule and a click."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    timezone: str = Field(default="UTC", description="Time zone of the schedule, such as Europe/Berlin.")
    overlap: Literal["wait", "refuse"] = Field(
        default="wait",
        description="What becomes of a run that starts while another of the recipe is on: it waits for its turn, or is "
        "cancelled. Promotions and rollbacks always wait.",
    )
    watch: bool = Field(
        default=False,
        description="Start a run when a file lands, or changes, where the recipe's sources are read from; `winnow up` "
        "watches. Elsewhere an event does it: `winnow arrived NAME`.",
    )
    most_hours: float | None = Field(
        default=None,
        gt=0,
        description="Hours after which a run is cancelled; its finished steps and training's checkpoints are kept. "
        "Left out, it may take as long as it does.",
    )
    work_pool: str = Field(
        default=POOL, pattern=r"\S", description="The work pool that runs it: of processes, docker, kubernetes."
    )
    work_queue: str | None = Field(
        default=None, pattern=r"\S", description="Queue of the work pool; its default one if left out."
    )
    job_variables: dict[str, Any] = Field(
        default_factory=dict,
        description="Job variables of the work pool, such as image or env. They can be read in the UI: no secrets.",
    )

    @field_validator("job_variables")
    @classmethod
    def _environment_is_a_mapping(cls, variables: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(variables.get("env", {}), dict):
            raise ValueError("env must be a mapping of names to values, such as {HF_HOME: /models}")
        return variables

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            raise ValueError("there is no such time zone: write it as Europe/Berlin, or UTC") from None
        return name
