"""The shapes of an exam: items to answer, and scores of a model on them."""

import hashlib
import json

import polars as pl

MESSAGE = pl.Struct({"role": pl.String, "content": pl.String})

ITEMS: dict[str, pl.DataType] = {
    "suite": pl.String(),
    "role": pl.String(),  # domain | retention
    "kind": pl.String(),  # completion | text | choice | generate | lm-eval
    "item": pl.String(),  # unique within an exam
    "cluster": pl.String(),  # items of one source document share it
    "prompt": pl.List(MESSAGE),  # empty for text, and for what lm-eval scores as one
    "target": pl.String(),  # the answer or text; for choice the right option
    "options": pl.List(pl.String),  # empty unless choice, or of lm-eval
    "answer": pl.UInt32(),  # index of the right option; 0 unless choice
}

SCORES: dict[str, pl.DataType] = {
    "suite": pl.String(),
    "role": pl.String(),
    "item": pl.String(),
    "cluster": pl.String(),
    # base | candidate | champion | original (base of the first champion) | candidate@0.75 (at a smaller scale)
    "model": pl.String(),
    # Higher is better: minus bits per byte, 1 and 0 for choice, 0 to 1 for generate, of lm-eval its metric.
    "score": pl.Float64(),
}

ANSWERS: dict[str, pl.DataType] = {
    "item": pl.String(),
    "model": pl.String(),  # base | candidate
    "answer": pl.String(),  # in the model's own words
}


def digest(items: pl.DataFrame) -> str:
    """Return the digest that pins an exam, 32 hex characters.

    It depends on the content of the items, not on their order or on how a table is stored.
    """
    rows = items.select(ITEMS.keys()).cast(pl.Schema(ITEMS)).iter_rows()
    lines = sorted(json.dumps(row, ensure_ascii=True, sort_keys=True) for row in rows)
    return hashlib.blake2b("\n".join(lines).encode("ascii"), digest_size=16).hexdigest()


def questions(items: pl.DataFrame) -> pl.DataFrame:
    """Return what a training row must not give away: `item`, `question` and `answer`, as plain text.

    The question joins the messages of the prompt, system messages left out: they are the same everywhere and
    give nothing away. A text item has no question.
    """
    spoken = pl.col("prompt").list.eval(
        pl.element().struct.field("content").filter(pl.element().struct.field("role").is_in(["system"]).not_())
    )
    return items.select("item", spoken.list.join("\n").alias("question"), pl.col("target").alias("answer"))
