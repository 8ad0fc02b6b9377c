"""Answers of a few words that are whole without a full stop: quantities, commands, a word that was asked for."""

from __future__ import annotations

import polars as pl

from quality.texts.patterns import holds

_SCALED = (
    r"[kcmµnpdMGTP]?i?(?:m|g|l|L|s|W|Wh|V|A|Hz|B|bit|b|J|Pa|N|K|Ω|mol|eV|cal|bar|t)|"
    r"bps|mi|ft|yd|lbs?|oz|h|min|°[CFK]?|%"
)
_PER = r"/(?:s|h|min|m|km|l|L|kg|g|cm|mol|day)[²³]?"
# "8,849 m", "~ 300 km/s", "16 GB", "100 °C".
_QUANTITY = rf"^\s*[~≈±<>]?\s?[-+−]?\p{{N}}[\p{{N}}.,]*\s?(?:{_SCALED})[²³]?(?:{_PER})?\s*$"
# "wc -l file.txt", "git reset --soft HEAD~1", "find . -type f | wc -l": options stand right behind what they are of, as
# in no sentence.
_COMMAND = r"^\s*[a-z][\w.+-]*(?:\s+(?:[a-z][\w-]*|[.~/][\w./~-]*))?\s+--?[A-Za-z][\w-]*(?:[\s=]\S+)*\s*$"
_AUXILIARY = (
    r"(?:am|is|are|was|were|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had|need|ought)"
)
# "Yes, it is", "No, they don't", below "Is it …?".
_SHORT_REPLY = (
    rf"(?i)^\s*(?:yes|no|yeah|nope)?,?\s*(?:it|he|she|they|i|you|we|there|that|this|these|those)\s+{_AUXILIARY}"
    r"(?:n['’]t|\s+not)?\s*$"
)
_BARE_REPLY = r"(?i)^\s*(?:yes|no|yeah|nope|maybe|true|false)\s*$"
# Who wants a word gets one: "Classify the sentiment of …", "What is the symbol of gold?".
_ASKS_FOR_A_WORD = (
    r"(?i)\b(?:(?:one|single)[- ]word|classify|sentiment|polarity|symbol (?:of|for)|abbreviation|acronym)\b"
)
_WORD = r"^\s*\p{L}+\s*$"
_ASKS_SO = rf"(?i)(?:^|[.!?,:;\n]\s*){_AUXILIARY}(?:n['’]t)?\s"


def is_short_form(prompt: pl.Expr, answer: pl.Expr) -> pl.Expr:
    """Tell quantities, commands with options, and short replies or single words that are asked for; null stays null."""
    replied = (holds(answer, _SHORT_REPLY) | holds(answer, _BARE_REPLY)) & holds(prompt, _ASKS_SO)
    named = holds(answer, _WORD) & holds(prompt, _ASKS_FOR_A_WORD)
    return holds(answer, _QUANTITY) | holds(answer, _COMMAND) | replied | named
