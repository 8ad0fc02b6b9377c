"""What stands beside a payment card and pays with it: its security code (CVV, CVC) and the month in which it expires.

Three digits and a month are nobody's alone. Where a text holds a card, a word tells them (“CVV 123”, “expiry 09/27”),
or their place right behind it (“4539148803436467|09|27|123”). They go as the card does, and count as `card`.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING

from quality.personal.entity import Entity, Taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CODES = (
    r"(?:cvv2?|cvc2?|cvn2?|(?-i:CSC|CID)|card (?:verification|security) (?:code|value|number)|security code|"
    r"verification (?:code|value)|(?:karten)?prüf(?:nummer|ziffern?|zahl)|sicherheitscode|cryptogramme(?: visuel)?|"
    r"code de sécurité|código de (?:seguridad|segurança)|codice di sicurezza|beveiligingscode)"
)
_EXPIRES = (
    r"(?:exp(?:\.|ir(?:y|es?|ed|ing|ation))?|valid (?:thru|through|until|till|to)|good (?:thru|through)|gültig bis|"
    r"läuft ab|ablauf(?:datum)?|verfall(?:s?datum)?|valable jusqu['’](?:au|en|à)|d['’]expiration|caduca|caducidad|"
    r"vencimiento|vence|validade|válid[oa] até|scadenza|scade|vervaldatum|geldig tot)"
)
_SIGNS = r"[\s\"'`“”*_·()\[\]:=#|/,-]{0,6}"
_LINK = (
    r"(?: (?:date|number|no\.|code|month))?(?: (?:for|of|on|to) [^.;:,\n]{1,40}?(?= (?:is|was)\b|:))?"
    rf"{_SIGNS}(?:(?:is|was|on|in|at|of|ist|lautet|am|im|est|le|es|el|è|é)\b{_SIGNS})?"
)
_MONTHS = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zäé]{0,8}\.?"
_MONTH = r"(?:0[1-9]|1[0-2])"
_YEAR = r"(?:20)?[2-9]\d"
_CODE = re.compile(
    rf"(?<![^\W_]){_CODES}(?:\s?/\s?{_CODES})?(?![^\W_]){_LINK}"
    r"(?P<value>\d{3,4})(?![\w%]|[.:/-]\d| ?\d| ?(?:digit|char|stellig))",
    re.IGNORECASE,
)
_CODE_BEFORE = re.compile(rf"(?<![\w.,-])(?P<value>\d{{3,4}}) ?\((?:the )?{_CODES}\)", re.IGNORECASE)
_EXPIRY = re.compile(
    rf"(?<![^\W_]){_EXPIRES}(?![^\W_]){_LINK}"
    rf"(?P<value>{_MONTH} ?[/.-] ?{_YEAR}|{_MONTHS} '?{_YEAR}|20[2-9]\d[/.-]{_MONTH})(?![\w]|[/.-]\d)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"[ \t,;|/]{{1,3}}(?P<month>{_MONTH}[/|-]{_YEAR})(?:[ \t,;|/]{{1,3}}(?P<code>\d{{3,4}}))?(?![\w%]|[./|-]\d)"
)
_LONGEST = 8  # signs of a code or a month; no card is as short
_NEAR = 120  # characters between a card and its month


def beside_cards(text: str, cards: Sequence[Entity]) -> Iterator[Entity]:
    """Find codes and months beside the cards of a text, none within another card.

    Parameters
    ----------
    text : str
        Where the cards stand.
    cards : sequence of Entity
        Those found in it; where there are none, nothing is beside them.
    """
    if not cards:
        return
    starts, ends = zip(*sorted((card.start, card.end) for card in cards), strict=True)
    found = [*codes(text)]
    for card in cards:
        if behind := _BEHIND.match(text, card.end):
            found += [_of(behind, group) for group in ("month", "code") if behind[group]]
    for expiry in _EXPIRY.finditer(text):
        at = bisect.bisect_right(starts, expiry.end() + _NEAR)
        if at and expiry.start() <= ends[at - 1] + _NEAR:
            found.append(_of(expiry, "value"))
    yield from filter(Taken(text, cards).take, found)


def codes(text: str) -> Iterator[Entity]:
    """Find the security codes that a word tells; they are a card's only where a record holds one."""
    for pattern in (_CODE, _CODE_BEFORE):
        for found in pattern.finditer(text):
            yield _of(found, "value")


def is_beside(entity: Entity) -> bool:
    """Tell a code or a month from a card: too short to be the same value wherever its digits stand."""
    return entity.kind == "card" and len(entity.name) <= _LONGEST


def is_month(name: str) -> bool:
    """Tell the name of a month, `09/27`, from that of a code and that of a card."""
    return "/" in name


def _of(found: re.Match[str], group: str) -> Entity:
    spelled = found[group]
    figures = re.findall(r"\d+", spelled)
    if spelled.isdigit():
        return Entity(*found.span(group), "card", spelled)
    if len(figures[0]) == 4 and len(figures) > 1:  # 2027-09
        figures.reverse()
    month = figures[0] if len(figures) > 1 else spelled[:3].casefold()
    return Entity(*found.span(group), "card", f"{month}/{figures[-1][-2:]}")
