"""What a person may decide about an ablation: which arms are trained beside the curated one, and how often."""

from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from quality.texts.written import Written

CURATED = "curated"
WHOLE = "every slice"
"""The arm that those without a slice are held beside."""

_SEEDS = 1 << 32
"""Seeds from here on have no room beside an arm's scores (`evals.dividend.ARM_SCORES`)."""

Control = Literal["everything", "random", "longest", "domain-only"]
Without = Literal["no-dedup", "no-domain", "no-quality", "no-diversity", "no-replay"]

ABOUT: dict[str, str] = {
    CURATED: "what the recipe keeps, trained as the recipe says",
    "everything": "every readable row of the pool, personal data protected as the recipe says",
    "random": "rows drawn from everything with every seed anew, as many tokens as the curated set holds",
    "longest": "the longest rows of everything, as many tokens as the curated set holds",
    "domain-only": "every row of the domain, with no other stage",
    "no-dedup": "the recipe without dedupe and dedupe_meaning",
    "no-domain": "the recipe without skim and keep_domain",
    "no-quality": "the recipe without screen and weigh",
    "no-diversity": "the recipe without choose",
    "no-replay": "the curated set, trained without general text",
}


class Ablate(BaseModel):
    """Which arms are trained and examined beside the curated one, each with every seed.

    All see as many tokens as `tune.token_budget` says. No arm holds a row of the exam or of validation, nor what gives
    an item away.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    arms: tuple[Literal[Control, Without], ...] = Field(
        ("everything", "random", "longest", "domain-only"),
        description="Control arms: everything (every readable row), random and longest (of it, as many tokens as the "
        "curated set), domain-only. And the recipe without one stage, to see what it bought: no-dedup, no-domain, "
        "no-quality, no-diversity, no-replay. Empty for shares or slices alone.",
    )
    seeds: tuple[Annotated[int, Field(ge=0, lt=_SEEDS)], ...] = Field(
        (0, 1, 2),
        min_length=3,
        description="Seeds of training; three at the least, so that their spread can be told from a gain.",
    )
    shares: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(
        (),
        description="Shares of the curated set, and of the token budget, for the curve that shows where more data "
        "stops paying (0–1): [0.1, 0.2, 0.4, 0.8]. Curated rows are trained with each, and random ones where that arm "
        "is asked for.",
    )
    slices: int = Field(
        0,
        ge=0,
        le=50,
        description="Clusters of the curated set that are left out one after the other, to name the one behind a gain "
        "or a loss; 0 for none, else 2 or more.",
    )
    slice_budget: float = Field(
        0.3, gt=0, le=1, description="Share of tune.token_budget that a training without a cluster sees (0–1)."
    )
    parallel: int = Field(
        1,
        ge=1,
        description="Trainings at once: here in as many processes, each with its share of the cores or a GPU "
        "of its own; with dask, on its workers.",
    )
    dask: Written | None = Field(
        None,
        description="Address of a Dask scheduler (tcp://host:8786) whose workers share this home; it needs the extra "
        "dask. Empty: this machine.",
    )
    minutes: float | None = Field(
        None,
        gt=0,
        description="Minutes after which no further training is begun; what is there by then is told. Empty: none.",
    )

    @field_validator("arms", "seeds", "shares")
    @classmethod
    def _each_once(cls, given: tuple[object, ...]) -> tuple[object, ...]:
        if len(set(given)) < len(given):
            raise ValueError("one is named twice. Name each once.")
        return given

    @field_validator("dask")
    @classmethod
    def _is_address(cls, given: str | None) -> str | None:
        if given is not None and not _names_a_place(given):
            raise ValueError(f"“{given}” is no address of a scheduler. Write it as tcp://host:8786.")
        return given

    @field_validator("slices")
    @classmethod
    def _several(cls, count: int) -> int:
        if count == 1:
            raise ValueError("without its only cluster nothing is left. Ask for 2 or more, or for 0.")
        return count

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.arms or self.shares or self.slices):
            raise ValueError("no arms, no shares and no slices are asked for, so there is nothing to compare.")
        return self

    def where_domain_is(self, *, told: bool) -> "Ablate":
        """Return what is trained: without a domain, `domain-only` would be `everything` under another name."""
        if told or "domain-only" not in self.arms:
            return self
        return self.model_copy(update={"arms": tuple(arm for arm in self.arms if arm != "domain-only")})

    @property
    def controls(self) -> tuple[str, ...]:
        """The arms that are no recipe of winnow's."""
        return tuple(arm for arm in self.arms if arm in get_args(Control))

    @property
    def without(self) -> tuple[str, ...]:
        """The arms that are the recipe but for one thing."""
        return tuple(arm for arm in self.arms if arm in get_args(Without))


def _names_a_place(address: str) -> bool:
    """Say whether an address has a host and a port."""
    try:
        named = urlsplit(address if "://" in address else f"tcp://{address}")
        return bool(named.hostname and named.port)
    except ValueError:  # its port is no number, or none that a port has
        return False
