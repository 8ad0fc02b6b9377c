"""What counts as personal data, and what becomes of a row that holds some."""

from typing import Literal

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, field_validator

Kind = Literal["email", "phone", "card", "iban", "national_id", "ip_address", "key"]
KINDS: tuple[Kind, ...] = ("key", "email", "iban", "card", "national_id", "ip_address", "phone")


class Personal(BaseModel):
    """Which personal data is looked for, in prompts and answers alike, and what becomes of its row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Literal["drop", "mask", "surrogate"] = Field(
        default="drop",
        description="What becomes of a row with personal data: dropped (`personal_data`), kept with a mask in its "
        "place (“[EMAIL]”), or kept with a surrogate that belongs to no one (“person-4821@example.com”).",
    )
    kinds: tuple[Kind, ...] = Field(
        default=KINDS,
        description="What is looked for: e-mail addresses, phone numbers, payment cards (and the code and the "
        "month beside one), bank accounts (iban), national ids, public IP addresses, keys, passwords and PINs (both "
        "`key`). None of them turns the stage off.",
    )
    regions: tuple[str, ...] = Field(
        default=("US", "GB", "IN", "AU", "DE", "FR", "ES", "IT", "NL", "BR", "MX", "ZA"),
        description="Countries (ISO codes) whose phone numbers are known in their national form too; a word such as "
        "“phone” must stand near (Chinese, Japanese, Korean and Russian words tell the country as well), but for "
        "British ones alone between brackets. Numbers that begin with + are known from every country.",
    )
    seed: int = Field(default=0, description="Seed of the surrogates (any whole number).")

    @field_validator("regions")
    @classmethod
    def _known(cls, regions: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [region for region in regions if region not in phonenumbers.SUPPORTED_REGIONS]:
            raise ValueError(
                f"No country has the code {', '.join(unknown)}: write two capital letters, as in DE or GB (ISO 3166-1)."
            )
        return regions
