"""Sample the rows that a run removed, for its report."""

import polars as pl

from quality.records import answer_text, earlier_exchanges, prompt_text
from quality.screening.blame import blamed_in
from quality.screening.screen import Screen
from tasks.pool import Pool
from tasks.reporting import evidence as shown

_SAMPLES = 10


def removed_in(pool: Pool, items: pl.DataFrame, settings: Screen) -> list[shown.Removed]:
    """Sample removed rows so that every stage and reason gets its turn before any gets a second.

    Parameters
    ----------
    pool : Pool
        Whose stages have decided.
    items : pl.DataFrame
        Of the exam (`item, target`), which are the witnesses of leaks.
    settings : Screen
        What was looked for in answers. A conversation that an earlier answer cost its place is shown by that one.
    """
    fates = pool.removed().with_columns(turn=pl.int_range(pl.len()).over("stage", "reason"))
    fates = fates.sort("turn", maintain_order=True).head(_SAMPLES)
    rows = fates.join(pool.read(), on="row", how="left", maintain_order="left")
    rows = rows.with_columns(prompt=prompt_text(rows), answer=_answers(rows, settings))
    witnesses = pool.read().filter(pl.col("id").is_in(rows["witness"].drop_nulls().implode())).unique("id")
    known = dict(zip(witnesses["id"], prompt_text(witnesses) + "\n" + answer_text(witnesses), strict=True))
    known |= dict(items.select("item", "target").iter_rows())
    return [
        shown.Removed(
            witness_text=known.get(row["witness"]),
            **{key: row[key] for key in ("id", "source", "stage", "fate", "reason", "prompt", "answer")},
            **{key: row[key] for key in ("score", "threshold", "witness")},
        )
        for row in rows.iter_rows(named=True)
    ]


def _answers(rows: pl.DataFrame, settings: Screen) -> pl.Series:
    """Return what each row answers last, or what it answered before that the screening dropped it for."""
    answers = answer_text(rows).to_list()
    screened = (rows["stage"] == "screen").arg_true()
    for at in earlier_exchanges(rows[screened])["row"].unique():
        blame = blamed_in(rows[screened[at]], rows["reason"][screened[at]], settings)
        if blame.earlier:
            answers[screened[at]] = f"(an earlier answer) {blame.words}"
    return pl.Series(answers, dtype=pl.String)
