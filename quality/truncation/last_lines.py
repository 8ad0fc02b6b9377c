"""Ends without a full stop that say themselves that nothing is missing.

Who said it ("— Ada Lovelace"), where it stands ("doi:10.1000/182", an address in a place of its own), the result that
was asked for ("#### 42"), a farewell. None of them tells that full stops are left out by custom, nor that one was lost.
"""

from __future__ import annotations

import polars as pl

from quality.texts.patterns import holds

_SMALL = "of|the|and|to|in|on|for|a|an|de|del|la|las|los|le|les|du|des|y|e|et|von|van|der|den|zu|und|di|da|al|bin|ibn"
_PART = r"[\"'“‘„«(\[]*[\p{Lu}\p{Lo}\p{N}][^\s,;:]*"
_NAME = rf"{_PART}(?:[ \t]+(?:(?:{_SMALL})[ \t]+){{0,3}}{_PART})*"
# And what is said of it behind a comma: "W. C. Fields, 1935", "Colette, letters to her mother". In the line of what was
# said a sentence may go on there, unless it is a title or a year.
_SAID_OF, _TITLED = r"(?:,[ \t][^\n]+)?", r"(?:,[ \t]+[\"'“‘„«(*_]*[\p{Lu}\p{Lo}\p{N}][^\n]*)?"
# A hyphen begins an item of a list as well: it names somebody only behind a quotation. A dash begins what somebody says
# in turn, too: it names somebody only below a line without one.
_BELOW = r"[^\n]*(?:\n[ \t>]*)+"
_ATTRIBUTED = (
    rf"(?:\A|\n)[ \t>]*[^\s>—―–]{_BELOW}[—―][ \t]*{_NAME}{_SAID_OF}\s*\z|"
    rf"(?:\A|\n)[ \t>]*(?:[^\s>-]|-[^-\n]){_BELOW}(?:-{{2}}|~)[ \t]*{_NAME}{_SAID_OF}\s*\z|"
    rf"[\"”’»“][ \t]*\n[ \t>]*(?:\n[ \t>]*)?[-–][ \t]*{_NAME}{_SAID_OF}\s*\z|"
    rf"[.!?…][\"”’»“)*_]*[ \t]+(?:-{{2}}|—|―|–)[ \t]*{_NAME}{_TITLED}\s*\z"
)
_UNNAMED = r"(?i)\W(?:the|an|and|of|to|in|for|with)\s*\z"
_ADDRESS = r"(?:https?|ftp)://[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]\S*)?"
# An address within a sentence may be where it was cut: only one in a place of its own ends a text.
_PLACED = r"(?:(?:\A|\n)[ \t>]*(?:[-*•][ \t]+|\d{1,3}[.)][ \t]+)?|[.:;,)\]—–|][ \t]+)"
_REFERRED = (
    rf"{_PLACED}{_ADDRESS}\s*\z|(?i:\bdoi)(?::[ \t]?|[ \t])10\.\d{{4,9}}/\S+\s*\z|"
    r"\b(?:ISBN(?:-1[03])?|ISSN)[: ][ \t]*[0-9][0-9Xx-]{7,16}\s*\z|"
    r"\barXiv:[ \t]?[a-z.-]*/?\d[\d.]{5,9}(?:v\d{1,2})?\s*\z|\bPMID:?[ \t]\d{4,9}\s*\z|"
    # The pages of a volume: "12(3), 45–67", "44:101-9".
    r"\b\d{1,4}(?:[ \t]?\(\d{1,4}\))?[:,][ \t]?\d{1,5}[-–]\d{1,5}\s*\z"
)
_AMOUNT = r"[-+−]?[$€£¥]?[ \t]?\d(?:[\d.,]*\d)?(?:[ \t]?[%€])?"
_SAID = r"(?i:\b(?:answer|result|total|ergebnis|antwort|réponse|resultado))"
# Four signs, as arithmetic is graded by: behind fewer stands the number of a part.
_RESULT = rf"\n#### ?{_AMOUNT}\s*\z|{_SAID}[*_]*:[*_ \t]*{_AMOUNT}\s*\z"
FAREWELL = (
    r"regards|sincerely|faithfully|truly|yours|wishes|love|best|thanks|hugs|cheers|respectfully|grüßen?|grüssen?|"
    r"hochachtungsvoll|cordialement|saludos|atentamente|saluti|cumprimentos|groeten"
)
"""A word with which letters end, in any case."""
_TAKES_LEAVE = rf"(?i)\n[ \t]*\n[^\p{{L}}\n]*(?:\p{{L}}+ ){{0,3}}(?:{FAREWELL})[,!]?[ \t]*\s*\z"
# In a sentence these are said of somebody: "I love", "This is the best".
_OF_SOMEBODY = (
    r"(?i)\n\W*(?:\p{L}+ ){0,2}(?:i|you|we|they|he|she|it|who|people|to|do|not|is|are|was|be|the|"
    r"an?|this|that|of|and|or) (?:\p{L}+ ){0,2}\p{L}+[,!]?\s*\z"
)
# A clause of a list that is quoted by its number or letter: "(b) … ; or". A second one that ends so lacks a third.
# Behind a comma it goes on in any list of steps: there laws alone are quoted, whose letters stand in brackets.
_LETTER = r"(?:[a-z]|[ivx]{1,4}|\d{1,2})\)"
_MARK = rf"[^\p{{L}}\p{{N}}\n]{{0,12}}(?:\(?{_LETTER}|\d{{1,2}}(?:\.\d{{1,2}})*\.)[ \t]"
_AND = "(?:and|or|und|oder|et|ou),?"
_CLAUSE = rf"(?s)\A(?:{_MARK}.*;(?: {_AND})?|[^\p{{L}}\p{{N}}\n]{{0,12}}\({_LETTER}[ \t].*, {_AND})\s*\z"
_ITEM = rf"\S\s*\n{_MARK}"
_GOES_ON = rf"(?:;|[;,] {_AND})\s*\z"
# Of the whole answer the last lines alone are read.
_END, _SHORT = 240, 12  # characters
# Without one of these, none of the patterns need be tried.
_DASHES = ["--", "—", "―", "–", "~", "- "]
_NAMED = ["://", "10.", "ISBN", "ISSN", "arXiv", "PMID"]
_PAGES = r"[0-9][-–][0-9]+\s*\z"
_NUMBER = r"[0-9%€]\s*\z"


def said_in_full(answer: pl.Expr) -> pl.Expr:
    """Tell the answers whose last line says that nothing is missing, and clauses that are quoted one by one."""
    clause = pl.when(holds(answer.str.tail(_SHORT), _GOES_ON)).then(answer)
    end = answer.str.tail(_END)
    told = (
        holds(clause, _CLAUSE) & ~holds(clause, _ITEM),
        holds(pl.when(end.str.contains_any(_DASHES)).then(end), _ATTRIBUTED) & ~holds(end, _UNNAMED),
        holds(pl.when(end.str.contains_any(_NAMED) | holds(end, _PAGES)).then(end), _REFERRED),
        holds(pl.when(holds(answer.str.tail(_SHORT), _NUMBER)).then(end), _RESULT),
        holds(pl.when(end.str.contains("\n", literal=True)).then(end), _TAKES_LEAVE) & ~end.str.contains(_OF_SOMEBODY),
    )
    return pl.any_horizontal(one.fill_null(value=False) for one in told)
