"""How many tokens a row is to the base model."""

import polars as pl

from tasks.models import ModelFiles, ready


def row_tokens(rows: pl.DataFrame, base: ModelFiles) -> pl.Series:
    """Return the tokens of each row's messages, as the chat template shows them (UInt32)."""
    from transformers import AutoTokenizer

    from evals.chat import count_tokens

    tokenizer = AutoTokenizer.from_pretrained(ready(base), trust_remote_code=False, local_files_only=True)
    return pl.Series("tokens", count_tokens(tokenizer, rows["messages"].to_list()), dtype=pl.UInt32)
