"""The settings of the data half, grouped as the recipe's `curate:` shows them."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from quality.choosing.budget import Budget
from quality.contracts import Contract
from quality.domain.settings import Domain
from quality.duplicates.asked_again import Pairing
from quality.leaks.decontaminate import Decontaminate
from quality.meaning.semantic import Semantic
from quality.neardup import NearDup
from quality.personal import Personal
from quality.screening.language import unknown_language
from quality.screening.screen import Screen
from quality.screening.weighing import Weigh
from quality.splitting import Split


class Curate(BaseModel):
    """How the pool becomes a training set, stage by stage."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    screen: Screen = Field(default=Screen(), description="Rows no one would want to train on.")
    personal: Personal = Field(default=Personal(), description="What becomes of rows with personal data.")
    dedupe: NearDup = Field(default=NearDup(), description="When two rows are near-duplicates.")
    pairing: Pairing = Field(default=Pairing(), description="When prompts are the same, and answers alike.")
    meaning: Semantic = Field(default=Semantic(), description="When two rows say the same in other words.")
    domain: Domain = Field(default=Domain(), description="Which rows belong to the domain.")
    decontaminate: Decontaminate = Field(default=Decontaminate(), description="When a row gives an exam item away.")
    weigh: Weigh = Field(default=Weigh(), description="Whether the base model reads every row, and what it may find.")
    budget: Budget = Field(default=Budget(), description="How many tokens are kept, and by what they are chosen.")
    canaries: int = Field(
        default=0,
        ge=0,
        description="Rows whose right fate is known (edited copies, exam leaks, fake personal data, broken rows) that "
        "are planted in a copy of the pool, to see how many the stages catch (rows). 0 plants none; about 200 tell "
        "something of each stage, and take about as long as the stages on embedded rows. None reaches the dataset.",
    )
    contract: Contract = Field(default=Contract(), description="What the kept rows must fulfil.")
    split: Split = Field(default=Split(), description="How validation rows are held back.")

    @field_validator("screen")
    @classmethod
    def _languages_can_be_told(cls, screen: Screen) -> Screen:
        """Say now what screening would; not in its own settings, which an audit reads where no language can be told."""
        if problem := unknown_language(screen.languages):
            raise ValueError(problem)
        return screen

    @model_validator(mode="after")
    def _something_to_choose_by(self) -> Self:
        """Say now what the last stage would find out."""
        chosen = self.budget.tokens is not None and self.budget.by == "top-quality"
        if chosen and not (self.weigh.asked or self.domain.is_told):
            raise ValueError(
                "budget.by: top-quality goes by scores, and no stage is to measure any. Set weigh.measure, tell a "
                "domain, or choose by diverse, random or longest."
            )
        return self
