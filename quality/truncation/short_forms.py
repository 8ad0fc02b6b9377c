"""Answers of a few words that are whole without a full stop: quantities, commands, a yes or no that was asked for."""

from __future__ import annotations

import polars as pl

_SCALED = (
    r"[kcmµnpdMGTP]?i?(?:m|g|l|L|s|W|Wh|V|A|Hz|B|bit|b|J|Pa|N|K|Ω|mol|eV|cal|bar|t)|"
    r"bps|mi|ft|yd|lbs?|oz|h|min|°[CFK]?|%"
)
_PER = r"/(?:s|h|min|m|km|l|L|kg|g|cm|mol|day)[²³]?"
# "8,849 m", "~ 300 km/s", "16 GB", "100 °C".
_QUANTITY = rf"^\s*[~≈±<>]?\s?[-+−]?\p{{N}}[\p{{N}}.,]*\s?(?:{_SCALED})[²³]?(?:{_PER})?\s*$"
# "wc -l file.txt", "git reset --soft HEAD~1": options stand right behind what they are of, as in no sentence.
_COMMAND = r"^\s*[a-z][\w.+-]*(?:\s+[a-z][\w-]*)?\s+--?[A-Za-z][\w-]*(?:[\s=]\S+)*\s*$"
_AUXILIARY = (
    r"(?:am|is|are|was|were|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had|need|ought)"
)
# "Yes, it is", "No, they don't", below "Is it …?".
_SHORT_REPLY = (
    rf"(?i)^\s*(?:yes|no|yeah|nope)?,?\s*(?:it|he|she|they|i|you|we|there|that|this|these|those)\s+{_AUXILIARY}"
    r"(?:n['’]t|\s+not)?\s*$"
)
_ASKS_SO = rf"(?i)(?:^|[.!?,:;\n]\s*){_AUXILIARY}(?:n['’]t)?\s"


def is_short_form(prompt: pl.Expr, answer: pl.Expr) -> pl.Expr:
    """Tell quantities, commands with options, and short replies to questions that ask yes or no; null stays null."""
    replied = answer.str.contains(_SHORT_REPLY) & prompt.str.contains(_ASKS_SO)
    return answer.str.contains(_QUANTITY) | answer.str.contains(_COMMAND) | replied
