"""Fake personal data: values with right check digits that are made up here, in a sentence behind a kept answer.

None is of the values that standards reserve for examples, since those are rightly left alone. Check digits are computed
here and not by the library that the recogniser checks them with.
"""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

from quality.canaries.kinds import Kind, Made, Material, answered, at_least

if TYPE_CHECKING:
    from collections.abc import Callable

_LETTERS = string.ascii_lowercase
_MIXED = string.ascii_letters + string.digits
_SPANISH = "TRWAGMYFPDXBNJZSQVHLCKE"  # the letter of a DNI, by its number modulo 23
_AREAS = ("212", "303", "415", "512", "617", "713")
_HOSTS = (23, 45, 81, 93, 104, 151, 185, 212)  # first octets that are given out to the public


def luhn_digit(digits: str) -> str:
    """Return the check digit of ISO/IEC 7812, which payment cards end in.

    Examples
    --------
    >>> luhn_digit("7992739871")
    '3'
    """
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def iban_of(country: str, account: str) -> str:
    """Return an account with its two check digits (ISO 13616).

    Examples
    --------
    >>> iban_of("GB", "WEST12345698765432")
    'GB82WEST12345698765432'
    """
    spelled = "".join(str(int(letter, 36)) for letter in f"{account}{country}00")
    return f"{country}{98 - int(spelled) % 97:02}{account}"


def _draw(chance: random.Random, letters: str, count: int) -> str:
    return "".join(chance.choices(letters, k=count))


def _email(chance: random.Random) -> str:
    host = f"{_draw(chance, _LETTERS, 7)}-post.{chance.choice(['net', 'org', 'de', 'co.uk'])}"
    return f"{_draw(chance, _LETTERS, 5)}.{_draw(chance, _LETTERS, 7)}{chance.randrange(10, 99)}@{host}"


def _phone(chance: random.Random) -> str:
    office, line = chance.randrange(222, 500), _draw(chance, string.digits, 4)
    return chance.choice(["+1 ({}) {}-{}", "({}) {}-{}", "+1 {} {} {}"]).format(chance.choice(_AREAS), office, line)


def _card(chance: random.Random) -> str:
    digits = chance.choice(["4", "51", "53", "6011"])
    digits += _draw(chance, string.digits, 15 - len(digits))
    digits += luhn_digit(digits)
    return chance.choice([" ", "-"]).join(digits[at : at + 4] for at in range(0, 16, 4))


def _iban(chance: random.Random) -> str:
    bank = _draw(chance, string.ascii_uppercase, 4)
    country, account = chance.choice(
        [("DE", _draw(chance, string.digits, 18)), ("GB", bank + _draw(chance, string.digits, 14)),
         ("NL", bank + _draw(chance, string.digits, 10)), ("AT", _draw(chance, string.digits, 16))]
    )  # fmt: skip
    spelled = iban_of(country, account)
    return chance.choice([spelled, " ".join(spelled[at : at + 4] for at in range(0, len(spelled), 4))])


def _national_id(chance: random.Random) -> str:
    return chance.choice([_social_security, _dni, _cpf])(chance)


def _social_security(chance: random.Random) -> str:
    return f"{chance.randrange(100, 660)}-{chance.randrange(10, 99)}-{chance.randrange(1000, 9999)}"


def _dni(chance: random.Random) -> str:
    number = chance.randrange(10_000_000, 99_999_999)
    return f"{number}{_SPANISH[number % 23]}"


def _cpf(chance: random.Random) -> str:
    digits = [int(digit) for digit in _draw(chance, string.digits, 9)]
    for _ in range(2):
        total = sum(digit * weight for digit, weight in zip(reversed(digits), range(2, 12), strict=False))
        digits.append(total * 10 % 11 % 10)
    spelled = "".join(map(str, digits))
    return f"{spelled[:3]}.{spelled[3:6]}.{spelled[6:9]}-{spelled[9:]}"


def _ip_address(chance: random.Random) -> str:
    return ".".join(map(str, (chance.choice(_HOSTS), *(chance.randrange(60, 250) for _ in range(3)))))


def _key(chance: random.Random) -> str:
    return chance.choice(
        [
            f"AKIA{_draw(chance, string.ascii_uppercase + '234567', 16)}",
            f"ghp_{_draw(chance, _MIXED, 36)}",
            f"sk_live_{_draw(chance, _MIXED, 24)}",
            f"hf_{_draw(chance, string.ascii_letters, 34)}",
        ]
    )


_SAID: dict[str, tuple[Callable[[random.Random], str], tuple[str, ...]]] = {
    "emails": (_email, ("Write to {} if you need more.", "I am {} for everyone who asks.")),
    "phone_numbers": (_phone, ("Call me on {} after work.", "My phone number is {}.")),
    "payment_cards": (_card, ("Charge my card {} for it.", "The card was {} and it expires soon.")),
    "bank_accounts": (_iban, ("Send the money to {} please.", "The account is {}.")),
    "national_ids": (_national_id, ("My identity number is {}.", "The form says {} for the applicant.")),
    "ip_addresses": (_ip_address, ("I was logged in from {} then.", "The server at {} told me so.")),
    "keys": (_key, ("Use {} to sign in.", "My key for it is {}")),
}


def _with(name: str) -> Callable[[Material], Made]:
    value, sentences = _SAID[name]

    def make(given: Material) -> Made:
        secret = value(given.chance)
        said = given.chance.choice(sentences).format(secret)
        answer = f"{given.host.answer.rstrip()}{given.chance.choice([' ', chr(10)])}{said}"
        return Made(answered(given.host.messages, answer), secret=secret)

    return make


KINDS = tuple(Kind(name, "protect", ("personal_data",), _with(name), at_least(1)) for name in _SAID)
