"""The settings of the data half, grouped as the recipe's `curate:` shows them."""

from pydantic import BaseModel, ConfigDict, Field

from quality.contracts import Contract
from quality.decontaminate import Decontaminate
from quality.domain_settings import Domain
from quality.neardup import NearDup
from quality.screen import Screen
from tasks.split import Split


class Curate(BaseModel):
    """How the pool becomes a training set, stage by stage."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    screen: Screen = Field(default=Screen(), description="Rows no one would want to train on.")
    dedupe: NearDup = Field(default=NearDup(), description="When two rows are near-duplicates.")
    domain: Domain = Field(default=Domain(), description="Which rows belong to the domain.")
    decontaminate: Decontaminate = Field(default=Decontaminate(), description="When a row gives an exam item away.")
    contract: Contract = Field(default=Contract(), description="What the kept rows must fulfil.")
    split: Split = Field(default=Split(), description="How validation rows are held back.")
