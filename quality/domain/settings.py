"""How a recipe tells what the domain is, and how much of it must be kept."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quality.texts.written import Written

FIRST = "domain"
"""What the domain is called that is told beside `also`."""


class Told(BaseModel):
    """One domain, told by examples or by a sentence."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    seeds: Written | None = Field(None, description="File of example rows of the domain, relative to the recipe.")
    negatives: Written | None = Field(
        None, description="File of rows that look like the domain and are not wanted, beside seeds or a description."
    )
    description: Written | None = Field(None, description="A sentence that describes the domain, if it has no seeds.")
    threshold: float | None = Field(
        None,
        description="Score (log-odds) from which a row is of this domain; overrides the one that was found.",
    )

    @model_validator(mode="after")
    def _one_way_to_tell(self) -> Self:
        if self.seeds is not None and self.description is not None:
            raise ValueError("A domain is told by seeds or by a description, and both are given: remove one.")
        if self.negatives is not None and not self.is_told:
            raise ValueError("negatives alone tell no domain: give seeds or a description beside them.")
        return self

    @property
    def is_told(self) -> bool:
        """Whether a domain is asked for at all."""
        return self.seeds is not None or self.description is not None


class Domain(Told):
    """What the domain is and how much of it must be kept."""

    also: dict[str, Told] = Field({}, description="More domains by name: a row of any of them is kept.")
    seed_recall: float | None = Field(
        None,
        gt=0.5,
        lt=1.0,
        description="Least share of the seeds (0.5 to 1) that the threshold must keep. Left out, it is that of the "
        "best estimated F1, which may leave out one seed in five: ask for more where few seeds stand for much of the "
        "domain.",
    )
    lexical_weight: float = Field(
        1.0,
        ge=0.0,
        description="Weight of the words used beside the meaning (weight 1). 0 looks at meaning alone: for pools in "
        "which rows of the domain and others are written in the same words.",
    )
    skim: float | None = Field(
        8.0,
        ge=2.0,
        description="Of 2,000 rows and more: how many go on to be embedded for each that by its words alone is of the "
        "domain; the others are left out, whatever threshold is set. null embeds every row.",
    )
    repeats: int = Field(2, ge=1, description="Times the seeds are dealt anew into folds; more is steadier and slower.")
    max_background: int = Field(
        20_000,
        ge=100,
        description="Pool rows that take part in fitting; all rows are scored whatever this is.",
    )
    random_seed: int = Field(0, ge=0, description="Seed of the random number generator.")

    @model_validator(mode="after")
    def _named_domains_are_told(self) -> Self:
        if FIRST in self.also:
            raise ValueError(
                f"also.{FIRST}: this is what the domain told beside also is called; name this one otherwise."
            )
        for name, told in self.also.items():
            if not told.is_told:
                raise ValueError(f"also.{name} tells no domain: give it seeds or a description.")
        if self.also and not self.is_told:
            raise ValueError("also: the first domain is told by seeds or description beside it; move one up.")
        return self

    @property
    def all_told(self) -> dict[str, Told]:
        """Every domain asked for, by name; the first is called `domain`."""
        own = {name: getattr(self, name) for name in Told.model_fields}
        return {FIRST: Told(**own), **self.also} if self.is_told else {}
