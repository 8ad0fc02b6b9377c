"""Answers that say the prompt again and nothing more."""

import polars as pl

from quality.normalise import fold

# What forms and chat logs put before or behind a text: "Answer: …", "Q: … A:".
_LABEL = r"(?:the (?:answer|question) is|(?:answer|question|response|reply|prompt|input|output|user|assistant)|q|a)"
_LABELS = [rf"^(?:{_LABEL} )+", rf"(?: {_LABEL})+$"]


def is_echo(prompt: pl.Expr, answer: pl.Expr) -> pl.Expr:
    """Tell answers that repeat the prompt, or its end, and say nothing more.

    Case, spacing, punctuation and labels ("Answer: …") make no difference.
    """
    # Only an answer about as long as the prompt or its last line can be one: the others see null.
    size, ending = answer.str.strip_chars().str.len_bytes(), prompt.str.strip_chars().str.extract(r"([^\n]*)\z")
    short = (size <= 2 * prompt.str.len_bytes() + 40) & (2 * size >= ending.str.len_bytes())
    said, asked = (pl.when(short).then(text).str.strip_chars() for text in (answer, prompt))
    last = asked.str.extract(r"([^\n]*)\z")
    whole, all_of_it = _bare(said), _bare(asked)
    same = (whole == all_of_it) | (whole == _bare(last))
    # A question of several lines, below a system prompt.
    below = said.str.contains("\n", literal=True) & all_of_it.str.ends_with(pl.lit(" ") + whole)
    return ((same | below) & (whole != "")).fill_null(value=False)


def _bare(text: pl.Expr) -> pl.Expr:
    """Fold case and leave words alone, without labels around them."""
    bare = fold(text).str.replace_all(r"[^\p{L}\p{M}\p{N}+*/=<>-]+", " ").str.strip_chars(" *")
    for label in _LABELS:
        bare = bare.str.replace(label, "")
    return bare.str.strip_chars(" *")
