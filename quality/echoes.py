"""Answers that say the prompt again and nothing more."""

import polars as pl

from quality.normalise import fold

# What forms and chat logs put before or behind a text: "Answer: …", "Q: … A:".
_LABEL = r"(?:the (?:answer|question) is|(?:answer|question|response|reply|prompt|input|output|user|assistant)|q|a)"
_JOINT = rf"^ (?:{_LABEL} )*$"
_LABELS = [rf"^(?:{_LABEL} )+", rf"(?: {_LABEL})+$"]


def echoes(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell answers that repeat the prompt, once or twice, or its end, and say nothing more.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls. Case, spacing, punctuation and labels ("Answer: …") make no difference.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    texts = pl.DataFrame({"asked": prompts, "said": answers})
    rows = texts.with_columns(pl.all().str.strip_chars()).with_row_index("row")
    last = pl.col("asked").str.extract(r"([^\n]*)\z")
    # Only an answer about as long as the prompt or its last line can be one.
    size = pl.col("said").str.len_bytes()
    alike = (size <= 2 * pl.col("asked").str.len_bytes() + 40) & (2 * size >= last.str.len_bytes()) & (size > 0)
    bare = rows.filter(alike).select(
        "row",
        whole=_bare(pl.col("said")),
        prompt=_bare(pl.col("asked")),
        last=_bare(last),
        lines=pl.col("said").str.contains("\n", literal=True),
    )
    return rows["row"].is_in(bare.filter(_same())["row"].implode())


def _same() -> pl.Expr:
    whole, prompt, size = pl.col("whole"), pl.col("prompt"), pl.col("prompt").str.len_chars()
    # A question of several lines, below a system prompt.
    below = pl.col("lines") & prompt.str.ends_with(pl.lit(" ") + whole)
    # "A dog barks. A dog barks." ("A" may be a label), "Why? Q: Why?"
    between = whole.str.slice(size, whole.str.len_chars() - 2 * size)
    longer = whole.str.len_chars() > 2 * size
    twice = longer & whole.str.starts_with(prompt) & whole.str.ends_with(prompt) & between.str.contains(_JOINT)
    return ((whole == prompt) | (whole == pl.col("last")) | below | twice) & (whole != "")


def _bare(text: pl.Expr) -> pl.Expr:
    """Fold case and leave words alone, without labels around them."""
    bare = fold(text).str.replace_all(r"[^\p{L}\p{M}\p{N}+*/=<>-]+", " ").str.strip_chars(" *")
    for label in _LABELS:
        bare = bare.str.replace(label, "")
    return bare.str.strip_chars(" *")
