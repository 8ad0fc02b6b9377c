"""PIN codes: digits that a sentence or a form says to be somebody's, or to open something.

A chip has pins too, a parcel of land and an Indian address a PIN. Whose the PIN is (“my PIN is 4471”), or of what (“PIN
4471 for the door”), tells it. Where neither stands beside it, “PIN” in capitals with four or five digits that are no
year is one in a sentence of a person or of what PINs open (“let me in (PIN 4471)”), and in a form of somebody's; not in
one of electronics or of errors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWNER = r"(?:my|his|her|our|their|your|[A-Za-z]{2,30}['’]s|meine|deine|ihre|seine|unsere)"
_PROTECTED = (
    r"(?:(?:bank|debit|credit|cash|sim|phone|mobile|front|garden|garage|alarm|atm|door|gate|card|account|safe|locker|"
    r"vault|tablet|house|flat|new|old|secret) ?)"
)
_OWNED = re.compile(
    rf"\b(?:{_OWNER} {_PROTECTED}{{0,2}}(?-i:PIN|Pin|pin)|"
    rf"(?-i:PIN|Pin|pin)(?=(?:[ -]?(?:code|number))? (?:for|of|to) (?:{_OWNER}|the) {_PROTECTED}+ ?(?:is|was)))"
    r"(?:[ -]?(?:code|number|nummer))?(?: (?:for|of|to) (?:[\w'’]{1,20} ){1,3}?)? ?"
    r"(?:is|was|ist|lautet)(?: now)?:? (?P<value>\d{4,8})(?=[.,;!?)]{0,2}(?:\s|$))(?! (?:digits|characters|times))",
    re.IGNORECASE,
)
_FIRST = re.compile(
    rf"\b(?-i:PIN|Pin)(?:[ -]?(?:code|number))?:? (?P<value>\d{{4,8}}) (?:for|of|to|opens) "
    rf"(?:{_OWNER}|the) {_PROTECTED}+(?![\w-])",
    re.IGNORECASE,
)
# In capitals, as chips' pins mostly are not; an Indian address has six digits.
_BARE = re.compile(
    r"(?<![\w./#])PIN(?:[ -](?:number|Nummer)|[ -][Cc]ode)?(?:[:,]| (?:is|was|ist|lautet|of|est|es)(?: now)?:?)? ?"
    r"[\"'`“*]{0,2}(?P<value>\d{4,5})(?![\w%°/+=]|[-*.,:]\d| ?\d| "
    r"(?:digits?|characters|times|pins|bits?|bytes|m?s|mm)\b)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_TITLE = r"Mr|Mrs|Ms|Miss|Dr|Prof|Frau|Herrn?|Madame|Monsieur|Mme|Señora?|Sra?|Signora?"
_NAME = r"[A-ZÀ-Þ][a-zß-ÿ'’-]+"
_OF_SOMEONE = re.compile(
    r"\b(?:I(?!/)|us|(?i:i['’]m|me|my|mine|we|our|she|he|her|hers|him|his|they|them|their|your|"
    r"ich|mir|mich|meine?[mnr]?|sie|ihr(?:e[mnr]?)?|ihm|seine?[mnr]?|wir|uns|unsere?[mnr]?|elle|lui|moi|mon|ella|usted|"
    r"customers?|clients?|patients?|tenants?|residents?|employees?|guests?|callers?|cardholders?|account holders?|"
    r"kund(?:e|en|in|innen)|patientin|mieter(?:in)?|cliente|"
    # What PINs open.
    r"accounts?|(?:bank|debit|credit|cash|cash ?point|sim|key|gift|payment) ?cards?|bank(?:ing)?|atm|cash machine|"
    r"voicemail|doors?|gate|garage|unlock(?:s|ed|ing)?|entrance|key ?box|key ?safe|alarm|locker|wallet|"
    r"(?:log|sign|let|buzz|get|come)(?:s|ged|ging|ed|ing|ting)? (?:\w+ )?in|"
    r"konto|(?:bank|ec-?|kredit|giro)karte|tür|haustür|eingang|compte|carte bancaire|porte|cuenta|tarjeta|puerta)|"
    # “for Anna Berg”, “Anna Berg: PIN …”.
    rf"(?:{_TITLE})\b\.? {_NAME}|(?i:for|from|of|to|with|at|für|von|bei|pour|para) {_NAME} {_NAME}|"
    rf"{_NAME} {_NAME}(?=(?:[:,;–—-]| [(–—-])? ?$))(?![\w-])"
)
_OF_CHIPS = re.compile(
    r"\b(?:gpios?|pins|pin-?outs?|connect(?:s|ed|ing|ors?|ions?)?|headers?|sockets?|boards?(?! member)|chips?|mcu|"
    r"microcontrollers?|fpga|cpld|arduino|raspberry|esp\d*|jumpers?|solder\w*|wires?(?! transfer)|wired|wiring|volt\w*|"
    r"ground(?:ed)?(?! floor)|gnd|vcc|pcb|circuit\w*|footprint|netlist|schematics?|interrupts?|bus|ports?|plugs?|"
    r"harness|relays?|sensors?|leds?|diodes?|transistors?|motors?|hardware|firmware|analog|digital|i/o|high|low|toggl\w*|"
    r"input|output|bowling|lapel|golf|errors?|exceptions?|faults?|undefined|default|example|placeholder|postal|district)\b",
    re.IGNORECASE,
)
# Of a form: a line of its own, below or above lines that tell of somebody.
_ENTRY = re.compile(
    r"^[ \t>*•-]*PIN\**(?: (?:number|Nummer))?\**[ \t]?[:=]\**[ \t]*(?P<value>\d{4,5})(?=[ \t]*$)", re.MULTILINE
)
_OF_FORM = re.compile(
    r"^[ \t>*•-]*(?:(?:first|last|full|sur|fore|family|given|account|card|user|kunden|nach|vor) ?)?"
    r"(?:name|account|card|customer|client|patient|tenant|resident|member|employee|cardholder|date of birth|dob|phone|"
    r"mobile|e-?mail|kunde|kundin|konto|karte)(?: (?:name|number|no\.?|id|holder))?\**[ \t]?[:=]",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE_ENDS = re.compile(r"(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\bSra)(?<!\bProf)[.!?](?=\s)|\n")
_BEFORE, _BEHIND, _FORM = 120, 60, 160  # characters
# Of everyone: 1234, 0000, 4321.
_COUNTED = "01234567890 9876543210"


def pins(text: str) -> Iterator[tuple[int, int]]:
    """Find PIN codes: where each begins and ends."""
    # Those in capitals are told at once to be none, which spares most texts two searches.
    capital = ((_BARE, _is_of_someone), (_ENTRY, _is_of_form)) if "PIN" in text else ()
    for pattern, is_told in ((_OWNED, None), (_FIRST, None), *capital):
        for found in pattern.finditer(text):
            value = found["value"]
            if value not in _COUNTED and len(set(value)) > 1 and (is_told is None or is_told(text, found)):
                yield found.span("value")


def _is_of_someone(text: str, found: re.Match[str]) -> bool:
    """Tell a PIN whose sentence tells of a person or of what PINs open, and not of chips, errors or years."""
    start, end = found.span()
    before = _SENTENCE_ENDS.split(text[max(0, start - _BEFORE) : start])[-1]
    behind = _SENTENCE_ENDS.split(text[end : end + _BEHIND])[0]
    if _YEAR.fullmatch(found["value"]) or any(_OF_CHIPS.search(part) for part in (before, behind)):
        return False
    return any(_OF_SOMEONE.search(part) for part in (before, behind))


def _is_of_form(text: str, found: re.Match[str]) -> bool:
    """Tell a PIN that a form gives beside somebody's name, account or card."""
    around = (text[max(0, found.start() - _FORM) : found.start()], text[found.end() : found.end() + _FORM])
    return any(map(_OF_FORM.search, around)) and not any(map(_OF_CHIPS.search, around))
