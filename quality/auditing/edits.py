"""Re-prove edits from a run's outputs alone: which rows were rewritten is on record, and no row drops out unmasked."""

import polars as pl

from quality.auditing.audit import Proof
from quality.personal import Personal, found_in
from quality.personal import edits as rewritten
from quality.reasons import before
from quality.receipts import EDITED
from quality.records import full_text


def prove_edits(receipts: pl.DataFrame, rows: pl.DataFrame, edits: pl.DataFrame, settings: Personal) -> list[Proof]:
    """Check the receipts of edits against those of rows, and rows; a run without edits has nothing to prove.

    What was replaced is nowhere in a run, so that it is gone can't be proved by looking for it; that every row which
    was dropped for it stands there rewritten can, together with the proof that ids are hashes of contents. A mask can
    be seen where it stands; a surrogate can't be told from what an author wrote.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`.
    rows : pl.DataFrame
        All rows that were read (`id, messages, origin`).
    edits : pl.DataFrame
        `edits.parquet` (schema `quality.receipts.EDITED`).
    settings : Personal
        What the recipe asked.
    """
    dropped = receipts.filter(pl.col("reason") == "personal_data")["origin"].to_list()
    if edits.is_empty() and not dropped:
        return []
    known = set(receipts.select("id", "origin").iter_rows())
    texts = rows.select("id", "origin", text=full_text(rows)).unique(["id", "origin"], keep="first")
    masked = settings.mode != "surrogate"
    seen: set[str] = set()
    wrong = []
    for edit in edits.join(texts, on=["id", "origin"], how="left", maintain_order="left").iter_rows(named=True):
        masks = [(edit["text"] or "").count(f"[{kind.upper()}]") for kind in edit["kinds"]]
        whole = edit["replaced"] > 0 and masks and (not masked or (all(masks) and sum(masks) >= edit["replaced"]))
        if (edit["id"], edit["origin"]) not in known or edit["origin"] in seen or not whole:
            wrong.append(edit["origin"])
        seen.add(edit["origin"])
    bare = [origin for origin in dropped if origin not in seen]
    return [
        Proof.of(
            f"every edit has one receipt, of a row of the run{' where its masks stand' if masked else ''}",
            edits.height,
            wrong,
        ),
        Proof.of("every row dropped for personal data stands in the run without it", len(dropped), bare),
        _as_asked(receipts, edits, drop=settings.mode == "drop"),
    ]


def prove_unedited(rows: pl.DataFrame, edits: pl.DataFrame, settings: Personal) -> Proof:
    """Look for personal data in the rows that were not edited.

    Parameters
    ----------
    rows : pl.DataFrame
        All rows that were read (`id, messages, origin`).
    edits : pl.DataFrame
        `edits.parquet`.
    settings : Personal
        What the recipe asked.
    """
    others = rows.join(edits, on=["id", "origin"], how="anti", maintain_order="left")
    wrong = others["origin"].gather(list(found_in(others, settings)))
    return Proof.of(
        "in no row that was not edited personal data of the recipe's kinds is recognised", others.height, wrong
    )


def prove_rewritten(ingested: pl.DataFrame, rows: pl.DataFrame, edits: pl.DataFrame, settings: Personal) -> Proof:
    """Rewrite the rows that were edited again, from what they were ingested as.

    Parameters
    ----------
    ingested : pl.DataFrame
        The table of ingested rows (`row, messages, origin`), which alone holds what was replaced.
    rows, edits, settings
        As of `prove_unedited`.
    """
    came = ingested.join(edits, on="origin", how="semi", maintain_order="left")
    surrogates = settings.seed if settings.mode == "surrogate" else None
    again = rewritten(came, found_in(came, settings), stage="protect", surrogates=surrogates)
    again = came.select("row", "origin").join(again, on="row", how="inner", maintain_order="left")
    columns = [*EDITED, "messages"]
    told = edits.join(rows.select("id", "origin", "messages"), on=["id", "origin"], how="left", maintain_order="left")
    wanted = {line[1]: line for line in again.select(columns).iter_rows()}
    wrong = [line[1] for line in told.select(columns).iter_rows() if wanted.get(line[1]) != line]
    return Proof.of("every edited row reads as the recipe's edits of what was ingested", edits.height, wrong)


def _as_asked(receipts: pl.DataFrame, edits: pl.DataFrame, *, drop: bool) -> Proof:
    """Compare the rows that came to the stage and were edited with its receipts, and what both count."""
    claim = "the rows dropped for personal data are those edited that came so far, each with the number of its edits"
    came = receipts.filter(~pl.col("stage").is_in(before("protect")))
    wanted = came.join(
        edits.select("id", "origin", "replaced"), on=["id", "origin"], how="inner", maintain_order="left"
    )
    dropped = receipts.filter(pl.col("reason") == "personal_data").select("id", "origin", "score", "threshold")
    if not drop:
        return Proof.of("no row was dropped for personal data, as the recipe asks", came.height, dropped["origin"])
    both = dropped.join(
        wanted.select("id", "origin", "replaced"), on=["id", "origin"], how="full", coalesce=True, maintain_order="left"
    )
    right = (pl.col("score") == pl.col("replaced")) & (pl.col("threshold") == 0)
    return Proof.of(claim, dropped.height, both.filter(~right.fill_null(value=False))["origin"])
