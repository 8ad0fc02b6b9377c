"""The code and the month of a card, which go with it; and numbers that only stand near one."""

from __future__ import annotations

import time

import polars as pl
import pytest

from quality.auditing.edits import prove_edits, prove_rewritten, prove_unedited
from quality.personal import Personal, edits, entities, found_in
from quality.receipts import EDITED
from tests.quality.personal.rows import rows_of


def _rewritten(*texts: str, seed: int | None = None) -> list[str]:
    rows = rows_of([*texts])
    made = edits(rows, found_in(rows, Personal()), stage="protect", surrogates=seed)
    return [message["content"] for messages in made["messages"] for message in messages]


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("Card {}, expiry 09/27, CVV 123.", ["09/27", "123"]),
        ("My card is {} exp 09/2027 cvc: 881", ["09/2027", "881"]),
        ("{}|09|2027|123", ["09|2027", "123"]),
        ("{}, 09/27, 123", ["09/27", "123"]),
        ("name;card;month;code;house\nInes;{};09/27;123;45", ["09/27", "123"]),
        ("Visa {} valid thru Sept 2027, security code 412", ["Sept 2027", "412"]),
        ('{{"card": "{}", "expiry": "09/27", "cvv": "123"}}', ["09/27", "123"]),
        ("Karte {}, gültig bis 09/27, Prüfnummer 123", ["09/27", "123"]),
        ("**CVV**: 123 of {}", ["123"]),
        ("It is {}, CID 4471, expires 2027-12", ["4471", "2027-12"]),
        ("The code is 123 (CVV), the card {}.", ["123"]),
        ("CVV for my card is 123, and {} its number.", ["123"]),
        ("Expiry date: 09/27\nCVV/CVC: 123\nCard: {}", ["09/27", "123"]),
    ],
)
def test_the_code_and_the_month_of_a_card_go_with_it(text: str, beside: list[str]) -> None:
    for card in ("4539 1488 0343 6467", "4539148803436467"):
        said = text.format(card)
        found = found_in(rows_of([said]), Personal())[0][0]
        assert found == entities(said, Personal())
        assert sorted(said[one.start : one.end] for one in found) == sorted([card, *beside])
        assert {one.kind for one in found} == {"card"}
        masked = text.format("[CARD]")
        for value in beside:
            masked = masked.replace(value, "[CARD]")
        assert _rewritten(said) == [masked]
        # Without a card of anyone they are left as they are.
        assert entities(text.format(f"{card[:-1]}8"), Personal()) == []
        assert entities(said, Personal(kinds=("phone",))) == []


@pytest.mark.parametrize(
    "text",
    [
        "Card {}. See section 123, and come on 09/27/2024.", "Card {} was charged 123 on 09/27.", "Card {}, 11/12/2024",
        "Card {}. Its CVV has 3 digits, and expires in 5 years.", "CVV {}", "Card {}; a CVV is 3 digits long, in 100% of them.",
        "Card {}; the code answers 404, and security code 12 too.", "Card {}, CVV 12 34 56",
        "Card {}" + " and so on" * 20 + " and the passport expires 09/27.",
    ],
)  # fmt: skip
def test_other_numbers_near_a_card_stay(text: str) -> None:
    assert _rewritten(text.format("4539 1488 0343 6467")) == [text.format("[CARD]")]


def test_a_code_is_of_a_card_of_its_record_and_its_digits_stay_elsewhere() -> None:
    asked, said = "Pay with 4539 1488 0343 6467, 09/27, 123.", "I noted the CVV 123 for all 123 seats on 09/27."
    assert _rewritten(asked, said) == [
        "Pay with [CARD], [CARD], [CARD].",
        "I noted the CVV [CARD] for all 123 seats on 09/27.",
    ]
    rows = rows_of(["How long is it?", said])
    assert found_in(rows, Personal()) == {}


def test_their_surrogates_are_no_month_and_no_card_is_left() -> None:
    (said,) = _rewritten("Card 4539 1488 0343 6467, expiry 09/27, CVV 123, or expiry Sep 2027, code CVV 4471.", seed=3)
    assert entities(said, Personal()) == []
    assert said.count("expiry 00/") == 2
    assert not any(value in said for value in ("4539", "09/27", "Sep"))


@pytest.mark.parametrize("mode", ["mask", "surrogate"])
def test_the_auditor_rewrites_them_as_the_curator_did(mode: str) -> None:
    settings = Personal(mode=mode)  # type: ignore[arg-type]
    came = rows_of(["Pay.", "With 4539 1488 0343 6467, expiry 09/27, CVV 123."], ["Pay.", "The CVV 123 is of no card."])
    found = found_in(came, settings)
    made = edits(came, found, stage="protect", surrogates=settings.seed if mode == "surrogate" else None)
    told = made.join(came.select("row", "origin"), on="row")
    rows = pl.concat([told.select("id", "messages", "origin"), came[1:].select("id", "messages", "origin")])
    receipts = rows.select("id", "origin", stage=pl.lit(""), reason=pl.lit(""), score=0.0, threshold=0.0)
    proofs = [
        *prove_edits(receipts, rows, told.select([*EDITED]), settings),
        prove_unedited(rows, told.select([*EDITED]), settings),
        prove_rewritten(came, rows, told.select([*EDITED]), settings),
    ]
    assert made["replaced"].to_list() == [3]
    assert [proof for proof in proofs if proof.failed] == []


def test_a_long_list_of_cards_takes_time_in_proportion_to_its_length() -> None:
    def seconds(cards: int) -> float:
        text = "Card 4539 1488 0343 6467, expiry 09/27, CVV 123.\n" * cards
        start = time.process_time()
        assert len(entities(text, Personal(kinds=("card",)))) == 3 * cards
        return time.process_time() - start

    seconds(100)
    # Eight times as many: 64 times the time, if each were held against each.
    assert min(seconds(3_200) for _ in range(3)) < 24 * min(seconds(400) for _ in range(3))
