"""PIN codes that a sentence or a form gives without a word such as “my”, and pins of chips, errors and addresses."""

from __future__ import annotations

import polars as pl
import pytest

from quality.personal import Personal, entities, found_in


def _found(text: str) -> list[tuple[str, str]]:
    """Look as a run does, behind the first look in patterns, which may not spare what a recogniser would take."""
    records = pl.DataFrame({"messages": [[{"role": "user", "content": text}]]})
    found = found_in(records, Personal()).get(0, [[]])[0]
    assert [e[:2] for e in found] == [e[:2] for e in entities(text, Personal())]
    return [(entity.kind, text[entity.start : entity.end]) for entity in found]


@pytest.mark.parametrize(
    "told",
    [
        "Please let me in (PIN {}).", "She is reachable under PIN {}", "Please record for Anna Berg: PIN {}.",
        "The side door opens with PIN {}#.", "Log in with PIN {}, then press enter.", "Mr. Hartley uses PIN {} for it.",
        "Dr. Okoro's file opens with PIN: {}.", "The customer chose a PIN of {}.", "Ines Varga (PIN: {})",
        "Her card (PIN **{}**) is in the drawer.", "He told the clerk that the PIN is {}.", "Voicemail: dial in, PIN {}.",
        "Sie ist unter der PIN {} erreichbar.", "Die Karten-PIN {} gehört meiner Mutter.", "Elle entre avec le code PIN {}.",
        "Name: Anna Berg\nAccount: 22871\nPIN: {}", "PIN: {}\nCard number: 22",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["4471", "58203"])
def test_a_pin_of_somebody_or_of_what_pins_open_is_found(told: str, value: str) -> None:
    assert _found(told.format(value)) == [("key", value)]


@pytest.mark.parametrize(
    "text",
    [
        # Of chips, whoever has them.
        "GPIO PIN 1024", "Use PIN 5432 of the connector", "We soldered PIN 4471 to the board.", "The I/O PIN 4471 is free.",
        "He checked GPIO PIN 4417 with his meter.", "We drive PIN 4471 low.", "Our pins are PIN 4471 and PIN 4472.",
        "Part: connector\nPIN: 4471",
        # Of addresses and land, of errors, and of everyone.
        "PIN code 110001", "She lives in Pune, PIN 411004.", "He lives in Delhi (PIN 110 001).",
        "The parcel (PIN 4471) is on the map.", "Error PIN 1234 not set", "Error PIN 4417 not set",
        "They saw the error PIN 4417 not set.", "The default PIN 4471 works for all accounts.", "I enter PIN 1234 or 0000.",
        # Nobody's, and no PIN.
        "PIN 4471", "PIN: 4471", "The PIN 4471 register", "She joined PIN 2019 as a speaker.", "He has PIN 4471 times over.",
        "They list PIN 4471-22 and PIN 44.71 of it.", "int PIN = 4471; // her account", "I moved pin 4471 of the map.",
        "Ask her. The PIN 4471 is beside it.",
    ],
)  # fmt: skip
def test_pins_of_chips_addresses_and_errors_are_nobodys(text: str) -> None:
    assert _found(text) == []
