"""Prompts that ask for any one of many: “Write a poem about rain.” Two answers to such a one contradict nothing.

In English, German, French and Spanish: a verb of making or giving, and what is asked for without a definite article.
"""

from __future__ import annotations

import polars as pl

_POLITE = (
    r"(?:(?:please|kindly|bitte|por favor|s['’]il (?:te|vous) pla[iî]t),? |(?:can|could|would|will) you (?:please )?"
    r"|i(?: want| need|['’]d like| would like) you to |help me (?:to )?|try to )*"
)
_GIVE = (
    r"(?:give|tell|show|send|offer|suggest|recommend|propose|name|write|compose|create|generate|make(?: up)?|invent|"
    r"come up with|draft|produce|think of|share|provide|design|craft|devise|pick|choose|brainstorm)"
)
# How many of a noun: not a number to be written otherwise, or a choice (“A, B or C”, “one: …”).
_ANY = (
    r"(?:(?:an?|some|any|another|one|two|three|four|five|six|seven|eight|nine|ten|several|a few|random|\d+)"
    r" (?:\p{L}{3,}|\p{L}*-\p{L}+)|examples?|ideas?|names?|sentences?|code)"
)
_IN_FIGURES = r"^[^\n]{0,60}\d+ (?:in|as|to|into|is|plus|minus|times|percent|equals)\b"
_OPEN = (
    rf"{_GIVE}(?: (?:me|us|down|out))? (?:just |only |at least |up to )?{_ANY}",
    r"(?:schreibe?n?(?: sie)?|nenne?n?(?: sie)?|gib|geben sie|erzähle?|erstelle?n?(?: sie)?|verfasse|entwirf|erfinde|"
    r"schlage?)(?: (?:mir|uns|bitte))* (?:ein(?:e[mnr]?)?|einige|zwei|drei|vier|fünf|\d+)",
    r"(?:écris|écrivez|donne[zr]?|raconte[zr]?|crée[zr]?|rédige[zr]?|propose[zr]?|invente[zr]?|cite[zr]?)"
    r"(?:[- ](?:moi|nous))? (?:une?|des|quelques|deux|trois|quatre|cinq|\d+)",
    r"(?:escrib[ea]|da|d[ea]me|cu[ée]nt[ae]me|cre[ae]|gener[ae]|redact[ae]|nombr[ae]|sugier[ae]|invent[ae]|propon)"
    r"(?:me|nos)? (?:un|una|unos|unas|alg[uú]n\w*|dos|tres|cuatro|cinco|\d+)",
)
_ASKS_FOR_ANY = rf"(?i)^\W*{_POLITE}(?:{'|'.join(_OPEN)})\b"


def open_requests(prompts: pl.Series) -> pl.Series:
    """Tell which prompts ask for any one of many.

    Parameters
    ----------
    prompts : pl.Series of String

    Returns
    -------
    pl.Series of Boolean
        False for null.

    Examples
    --------
    >>> open_requests(pl.Series(["Tell me a joke about bees.", "Tell me the height of Everest."])).to_list()
    [True, False]
    """
    asked = prompts.str.contains(_ASKS_FOR_ANY) & ~prompts.str.contains(f"(?i){_IN_FIGURES}")
    return asked.fill_null(value=False)
