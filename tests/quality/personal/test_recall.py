"""Recall on planted values, made up by rules written apart from the recognisers: check digits by hand, sentences."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

import polars as pl
import pytest

from quality.personal import KINDS, Entity, Kind, Personal, entities, found_in

AROUND = {
    "email": ["Write to {} today.", "From: {}\nSubject: hello", "<{}>", "My address is {}, ask there.", "cc={};"],
    "phone": [
        "Call me on {} tomorrow.",
        "Phone: {}",
        "tel. {}",
        "My number is {}.",
        "Text me at {}!",
        "Fax {} (office)",
    ],
    "card": ["My card is {}.", "Charge {} please", "Visa: {}", "{} expires 04/31", "number {}, CVV 123"],
    "iban": ["Transfer to {}.", "IBAN: {}", "account {} at the bank", "Pay {} by Friday.", "({})"],
    "ip_address": ["Logged in from {}.", "The server {} is down", "http://{}/admin", "ping {}", "IP: {}"],
    "key": ["The key is\n{}", "export X=1; {}", "I use {} for it", "`{}`", "config:\n  {}\n"],
}
DIGITS = string.digits
WORD = string.ascii_letters + string.digits


def luhn_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def iban_of(country: str, account: str) -> str:
    spelled = "".join(str(int(letter, 36)) for letter in account + country + "00")
    return f"{country}{98 - int(spelled) % 97:02}{account}"


class Values:
    """A maker of values, each in one of many spellings."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)

    def some(self, letters: str, count: int) -> str:
        return "".join(self.r.choices(letters, k=count))

    def grouped(self, digits: str, *sizes: int, by: str) -> str:
        parts, at = [], 0
        for size in sizes:
            parts.append(digits[at : at + size])
            at += size
        return by.join(parts)

    def email(self) -> str:
        first, last = (
            self.r.choice(["john", "maria", "wei", "anaïs", "o'brien"]),
            self.r.choice(["smith", "lee", "khan"]),
        )
        local = self.r.choice(
            [f"{first}.{last}{self.r.randrange(99)}", f"{first}_{last}", f"{first[0]}{last}+news", last]
        )
        host = self.r.choice(
            ["gmail.com", "mail.uni-bonn.de", "yahoo.co.uk", "proton.me", "clinic.museum", "outlook.com"]
        )
        spelled = f"{local}@{host}"
        spelled = self.r.choice([spelled, spelled, spelled.upper()])
        return spelled if self.r.random() < 0.9 else spelled.replace("@", " [at] ").replace(".", " [dot] ")

    def phone(self) -> str:
        area, office, line = (
            self.r.choice(["212", "415", "312", "702"]),
            f"2{self.some(DIGITS, 2)}",
            self.some(DIGITS, 4),
        )
        office = "234" if office == "211" else office
        return self.r.choice(
            [
                f"+1 ({area}) {office}-{line}", f"({area}) {office}-{line}", f"{area}-{office}-{line}",
                f"{area}.{office}.{line}", f"+1{area}{office}{line}", f"1-{area}-{office}-{line}", f"{area} {office} {line}",
                f"+44 20 7123 {line}", f"020 7123 {line}", f"07911 12{line}", f"+49 30 1234{line}", f"+33 6 12 34 {line[:2]} {line[2:]}",
                f"06 12 34 {line[:2]} {line[2:]}", f"+91 98765 4{line}", f"0049 30 1234{line}", f"+34 612 34{line}"[:15], f"+39 06 1234 {line}",
                f"+55 11 91234-{line}", f"+61 2 9123 {line}", f"+81 3 1234 {line}", f"+86 138 1234 {line}",
            ]
        )  # fmt: skip

    def card(self) -> str:
        prefix, length = self.r.choice(
            [("4", 16), ("51", 16), ("2223", 16), ("34", 15), ("37", 15), ("6011", 16), ("3530", 16)]
        )
        number = prefix + self.some(DIGITS, length - len(prefix) - 1)
        number += luhn_digit(number)
        sizes = (4, 4, 4, 4) if length == 16 else (4, 6, 5)
        return self.grouped(number, *((length,) if self.r.random() < 0.3 else sizes), by=self.r.choice(" -"))

    def iban(self) -> str:
        country, account = self.r.choice(
            [
                ("DE", self.some(DIGITS, 18)), ("GB", "NWBK" + self.some(DIGITS, 14)), ("NL", "ABNA" + self.some(DIGITS, 10)),
                ("CH", self.some(DIGITS, 17)), ("AT", self.some(DIGITS, 16)), ("IE", "AIBK" + self.some(DIGITS, 14)),
                ("PL", self.some(DIGITS, 24)), ("DK", self.some(DIGITS, 14)), ("SA", self.some(DIGITS, 20)),
            ]
        )  # fmt: skip
        spelled = iban_of(country, account)
        if self.r.random() < 0.6:
            spelled = " ".join(spelled[at : at + 4] for at in range(0, len(spelled), 4))
        return spelled.lower() if self.r.random() < 0.1 else spelled

    def ip_address(self) -> str:
        if self.r.random() < 0.2:
            return "2a01:4f8:" + ":".join(f"{self.r.randrange(1, 65536):x}" for _ in range(6))
        first = self.r.choice([34, 52, 81, 93, 142, 151, 185, 212])
        return f"{first}.{self.r.randrange(1, 254)}.{self.r.randrange(254)}.{self.r.randrange(1, 254)}"

    def key(self) -> str:
        name = self.r.choice(
            ["password", "DB_PASSWORD", "api_key", "SECRET_KEY", "client_secret", "AWS_SECRET_ACCESS_KEY", "authToken"]
        )
        drawn = "q7" + self.some(WORD, 38)
        return self.r.choice(
            [
                "AKIA" + self.some(string.ascii_uppercase + DIGITS, 16), "ghp_" + self.some(WORD, 36), "AIza" + self.some(WORD + "_-", 34) + "x",
                f"xoxb-{self.some(DIGITS, 12)}-{self.some(DIGITS, 12)}-{self.some(WORD, 24)}", "sk-" + self.some(WORD, 48), "sk-proj-" + self.some(WORD, 60),
                "sk_live_" + self.some(WORD, 24), "hf_" + self.some(WORD, 34), f"eyJhbGciOi{self.some(WORD, 10)}.eyJzdWIi{self.some(WORD, 30)}.{self.some(WORD, 43)}",
                f"-----BEGIN RSA PRIVATE KEY-----\n{self.some(WORD, 64)}\n{self.some(WORD, 64)}\n-----END RSA PRIVATE KEY-----",
                f'{name} = "{drawn}"', f"{name}={drawn}", f'"{name}": "{drawn}"', f"{name}: {drawn}", f"password=Tr0ub4dor&{self.some(DIGITS, 2)}",
                f"postgres://admin:{self.some(WORD, 12)}7@db.internal.acme.io:5432/x", f"Authorization: Bearer {drawn}",
            ]
        )  # fmt: skip

    def national_id(self) -> tuple[str, str]:
        """Return a number and a sentence for it."""
        return self.r.choice(
            [self._ssn, self._nino, self._nir, self._dni, self._nie, self._cpf, self._aadhaar, self._pan, self._idnr]
        )()

    def _ssn(self) -> tuple[str, str]:
        area = self.r.choice([self.r.randrange(1, 666), self.r.randrange(667, 900)])
        spelled = f"{area:03}-{self.r.randrange(1, 100):02}-{self.r.randrange(1, 10000):04}"
        return self.r.choice(
            [
                (spelled, "I am {}, born in May."),
                (spelled, "SSN {}"),
                (spelled.replace("-", ""), "social security number {}"),
            ]
        )

    def _nino(self) -> tuple[str, str]:
        letters, digits, last = self.r.choice(["AB", "JX", "PC", "SR"]), self.some(DIGITS, 6), self.r.choice("ABCD")
        return self.r.choice(
            [(f"{letters}{digits}{last}", "National Insurance number {}."),
             (" ".join([letters, digits[:2], digits[2:4], digits[4:], last]), "It is {}.")]
        )  # fmt: skip

    def _nir(self) -> tuple[str, str]:
        body = f"{self.r.choice('12')}{self.r.randrange(100):02}{self.r.randrange(1, 13):02}75{self.some(DIGITS, 6)}"
        whole = f"{body}{97 - int(body) % 97:02}"
        return self.r.choice([whole, self.grouped(whole, 1, 2, 2, 2, 3, 3, 2, by=" ")]), "numéro {}"

    def _dni(self) -> tuple[str, str]:
        digits = self.some(DIGITS, 8)
        return f"{digits}{self.r.choice(['', '-'])}{'TRWAGMYFPDXBNJZSQVHLCKE'[int(digits) % 23]}", "Mi DNI es {}."

    def _nie(self) -> tuple[str, str]:
        first, digits = self.r.choice("XYZ"), self.some(DIGITS, 7)
        return f"{first}{digits}{'TRWAGMYFPDXBNJZSQVHLCKE'[int(str('XYZ'.index(first)) + digits) % 23]}", "NIE {}"

    def _cpf(self) -> tuple[str, str]:
        digits = self.some(DIGITS, 8) + self.r.choice("12345")
        for _ in range(2):
            left = (
                sum(int(digit) * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
                % 11
            )
            digits += str(0 if left < 2 else 11 - left)
        return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}", "o número {}"

    def _aadhaar(self) -> tuple[str, str]:
        times = [[*range(10)], *([0] * 10 for _ in range(9))]
        for a in range(10):  # the group of order ten: rotations, then reflections of a pentagon
            for b in range(10):
                turn = (a + b) % 5 if a < 5 else (a - b) % 5
                times[a][b] = turn + 5 * ((a >= 5) != (b >= 5))
        mix, digits = [*map(int, "1576283094")], f"{self.r.choice('23456789')}{self.some(DIGITS, 10)}"
        state = 0
        for place, digit in enumerate(reversed(digits), 1):
            value = int(digit)
            for _ in range(place % 8):
                value = mix[value]
            state = times[state][value]
        whole = digits + str(next(check for check in range(10) if times[state][check] == 0))
        return self.r.choice([(self.grouped(whole, 4, 4, 4, by=" "), "{} is mine."), (whole, "Aadhaar: {}")])

    def _pan(self) -> tuple[str, str]:
        upper = string.ascii_uppercase
        return (
            f"{self.some(upper, 3)}P{self.some(upper, 1)}{self.r.randrange(1, 10000):04}{self.some(upper, 1)}",
            "PAN {}.",
        )

    def _idnr(self) -> tuple[str, str]:
        digits = [*"123456789"]
        self.r.shuffle(digits)
        digits.append(self.r.choice(digits[:7]))  # one digit twice, apart, none of the first nine missing but zero
        product = 10
        for digit in digits:
            total = (int(digit) + product) % 10 or 10
            product = 2 * total % 11
        return "".join(digits) + str((11 - product) % 10), "Steuer-ID: {}"


def planted(kind: str, count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return (value, text around it) pairs of a kind."""
    values = Values(seed)
    if kind == "national_id":
        return [(value, around.format(value)) for value, around in (values.national_id() for _ in range(count))]
    draw: Callable[[], str] = getattr(values, kind)
    return [(value, values.r.choice(AROUND[kind]).format(value)) for value in (draw() for _ in range(count))]


def _records(texts: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"messages": [[{"role": "user", "content": "What?"}, {"role": "assistant", "content": text}] for text in texts]}
    )


def _takes(found: list[Entity], text: str, value: str, kind: Kind) -> bool:
    """Tell whether something of the kind was found within the value's place: of an assignment, its right side."""
    start = text.index(value)
    return any(e.kind == kind and start <= e.start and e.end <= start + len(value) for e in found)


@pytest.mark.parametrize("kind", KINDS)
def test_nearly_all_planted_values_are_found_behind_the_first_look(kind: Kind) -> None:
    plants = planted(kind, 150)
    texts = [text for _, text in plants]
    found = found_in(_records(texts), Personal())
    missed = [text for row, (value, text) in enumerate(plants)
              if not _takes(found.get(row, [[], []])[1], text, value, kind)]  # fmt: skip
    assert len(missed) <= 0.02 * len(plants), missed[:5]


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_look_hides_nothing_that_a_recogniser_would_find(kind: Kind) -> None:
    texts = [text for _, text in planted(kind, 150, seed=1)]
    found = found_in(_records(texts), Personal())
    for row, text in enumerate(texts):
        assert found.get(row, [[], []])[1] == entities(text, Personal())


@pytest.mark.parametrize("kind", ["card", "iban", "national_id"])
def test_a_changed_digit_is_no_number_of_the_kind(kind: Kind) -> None:
    """Check digits are checked: of values with one digit changed hardly any is left (a few layouts have none)."""
    taken = 0
    for value, text in planted(kind, 150, seed=2):
        place = max(at for at, letter in enumerate(value) if letter.isdigit())
        wrong = value[:place] + str((int(value[place]) + 1) % 10) + value[place + 1 :]
        taken += any(e.kind == kind for e in entities(text.replace(value, wrong), Personal()))
    assert taken <= (60 if kind == "national_id" else 2)
