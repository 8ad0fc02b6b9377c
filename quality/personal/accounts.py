"""Payment cards and bank accounts: numbers that carry their own proof, a check digit and the issuer's prefix.

Test cards such as 4111 1111 1111 1111 are found like any other: no standard reserves them, and a model that writes
them has learnt to write card numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stdnum import iban, luhn

from quality.personal.beside_cards import beside_cards
from quality.personal.entity import Entity, compact, near

if TYPE_CHECKING:
    from collections.abc import Iterator

# A comma behind a digit parts thousands; behind as many digits as a card has, it doesn't.
_BEFORE, _END = r"(?<![^\W_]|[.+-])(?<!\d,)", r"(?![\w-]|\.\d)"
_AFTER = rf"{_END}(?!,\d)"
# As cards are printed; in one run; and in any groups, which needs a word near.
_PRINTED = re.compile(
    rf"{_BEFORE}\d{{4}}([ -])(?:\d{{4}}\1\d{{4}}\1(?:\d{{4}}|\d{{1,3}})|\d{{6}}\1\d{{4,5}}){_END}|"
    rf"{_BEFORE}\d{{4}}([ -])\d{{4}}\2\d{{4}}\2\d{{4}}\2\d{{3}}{_END}"
)
# Parted by other signs, in a card's own groups alone, and not as part of a path.
_BY_SIGNS = re.compile(
    rf"{_BEFORE}(?<!/)\d{{4}}([./_\u2013])(?:\d{{4}}\1\d{{4}}\1\d{{4}}(?:\1\d{{3}})?|\d{{6}}\1\d{{4,5}}){_AFTER}(?!/\w)"
)
# Parted by two blanks, or by blanks around a stroke, as columns and differences are: where nothing else is, or a word
# is near.
_SPREAD = re.compile(
    rf"{_BEFORE}(?<!\d  )\d{{4}}(  | [-/\u2013] )(?:\d{{4}}\1\d{{4}}\1\d{{4}}|\d{{6}}\1\d{{4,5}}){_AFTER}(?! {{1,3}}\d)"
)
_IN_COLUMNS = re.compile(r"\d(?: {2,}|\t| ?\| ?)[-+$€£]?\d")
_COLUMNS_AROUND = 120  # characters on both sides
_RUN = re.compile(rf"{_BEFORE}\d{{13,19}}{_END}")
_GROUPED = re.compile(rf"{_BEFORE}(?<!\d )\d(?:[ -]?\d){{12,18}}{_AFTER}(?! \d)")
# Issuers' prefixes with the lengths they give out (ISO/IEC 7812): Visa, Mastercard, American Express, Discover,
# Diners Club, JCB, UnionPay.
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)\d+|3[47]\d{13}|"
    r"(?:6011|64[4-9]|65)\d{12,15}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12,15}|62\d{14,17}"
)
_MASTERCARD_LENGTH = 16
# Maestro's, of nearly any length: a tenth of all numbers passes for one, so that a word must be near.
_MAESTRO = re.compile(r"(?:5[0678]|6304|6390|67)\d{10,17}")
_OF_CARDS = re.compile(
    r"\b(?:cards?|visa|master ?card|amex|american express|discover|diners|jcb|unionpay|maestro|credit|debit|cc|ccn|"
    r"pan|cvv|cvc|pay\w*|carte|tarjeta|karte|kreditkarte)\b",
    re.IGNORECASE,
)
_PLAIN_LENGTHS = (15, 16)
_ROUND = re.compile(r"0{6}")

# In any groups of one blank or hyphen; in groups that another sign or two blanks part; and in capitals, with the
# country apart: “in 20 years” has its layout in small letters. A form says “IBAN” and may leave no blank behind it.
_ALONE = r"(?:(?<![A-Za-z0-9])|(?<=\bIBAN))"
_IBANS = (
    re.compile(rf"{_ALONE}[A-Z]{{2}}\d{{2}}(?:[ -]?[A-Z0-9]){{11,30}}(?![A-Za-z0-9])", re.IGNORECASE),
    re.compile(
        rf"{_ALONE}[A-Z]{{2}}\d{{2}}([._/]|  )[A-Z0-9]{{2,6}}(?:\1[A-Z0-9]{{1,6}}){{1,9}}(?![A-Za-z0-9])", re.IGNORECASE
    ),
    re.compile(rf"{_ALONE}[A-Z]{{2}}[ ._/-]\d{{2}}(?:[ ._/-]?[A-Z0-9]){{11,30}}(?![A-Za-z0-9])"),
)
_APART = " -._/"
_LEAST_IBAN = 15


def cards(text: str) -> Iterator[Entity]:
    """Find payment cards, and the codes and months beside them."""
    found = [*_numbers(text)]
    yield from found
    yield from beside_cards(text, found)


def _numbers(text: str) -> Iterator[Entity]:
    """Find payment cards: an issuer's prefix and length, the Luhn digit, and the grouping of a card."""
    for layout in (_PRINTED, _BY_SIGNS, _SPREAD, _RUN, _GROUPED):
        for found in _overlapping(layout, text):
            number = compact(found[0])
            issued = _is_issued(number)
            if not (issued or _MAESTRO.fullmatch(number)) or not luhn.is_valid(number) or len(set(number)) == 1:
                continue
            if (issued and _is_bare_card(text, found, layout)) or near(text, found, _OF_CARDS):
                yield Entity(found.start(), found.end(), "card", number)


def _is_bare_card(text: str, found: re.Match[str], layout: re.Pattern[str]) -> bool:
    """Tell whether a number is a card where no word near says so."""
    if layout is _RUN:
        # As long as most cards, no round number, and no order's, which has a number sign.
        odd = len(found[0]) in _PLAIN_LENGTHS and not _ROUND.search(found[0])
        return odd and text[max(0, found.start() - 1) : found.start()] != "#"
    if layout is _SPREAD:
        before = text[max(0, found.start() - _COLUMNS_AROUND) : found.start()]
        after = text[found.end() : found.end() + _COLUMNS_AROUND]
        return found[1] == "  " and not (_IN_COLUMNS.search(before) or _IN_COLUMNS.search(after))
    return layout in (_PRINTED, _BY_SIGNS)


def _overlapping(layout: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Find all matches, those that begin inside another too: four digits before a card look like its first group."""
    at = 0
    while found := layout.search(text, at):
        yield found
        at = found.start() + 1


def ibans(text: str) -> Iterator[Entity]:
    """Find bank accounts (IBAN) by their two check digits and their country's layout."""
    for layout in _IBANS:
        at = 0
        while found := layout.search(text, at):
            end = _end_of_iban(text, found)
            at = end or found.start() + 1
            if end is not None:
                yield Entity(found.start(), end, "iban", compact(text[found.start() : end]))


def _end_of_iban(text: str, found: re.Match[str]) -> int | None:
    """Tell where the account ends: the pattern may run on into words behind it, which are given back one by one."""
    start, end = found.span()
    while True:
        spelled = text[start:end].rstrip(_APART)
        end = start + len(spelled)
        number = compact(spelled)
        if len(number) < _LEAST_IBAN:
            return None
        # ISO 13616 gives out 02 to 98; 00 and 01 would pass the sum as well.
        if "02" <= number[2:4] <= "98" and iban.is_valid(number, check_country=False):
            return end
        end = start + max(0, *(spelled.rfind(sign) for sign in _APART))


def _is_issued(number: str) -> bool:
    if not _ISSUED.fullmatch(number):
        return False
    return number[0] not in "25" or len(number) == _MASTERCARD_LENGTH
