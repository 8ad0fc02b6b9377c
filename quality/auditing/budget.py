"""Re-prove what a token budget left out: by adding up, from the counts that the run keeps beside its rows."""

from collections import Counter
from collections.abc import Mapping

import polars as pl

from quality.auditing.audit import Proof

_LEFT_OUT = ("over_budget", "over_quota")


def prove_budget(
    receipts: pl.DataFrame, choice: pl.DataFrame | None, tokens: int | None, quotas: Mapping[str, float]
) -> list[Proof]:
    """Check that what was chosen keeps to the budget, and that each row left out would have gone beyond it.

    Which of the rows that fit was chosen first is the business of the method, and is not proven.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`.
    choice : pl.DataFrame or None
        `attributes/choice.parquet`: `origin, tokens` of every row that could be chosen.
    tokens : int or None
        The recipe's budget; without one, no row may have been left out for it.
    quotas : mapping of str to float
        Largest share (0 to 1) of the budget by source.
    """
    out = receipts.filter(pl.col("reason").is_in(_LEFT_OUT))
    if tokens is None or choice is None:
        claim = "no row was left out for a budget that the run does not have"
        return [Proof.of(claim, out.height, out["origin"])] if out.height else []
    rows = receipts.join(choice.select("origin", "tokens"), on="origin", how="inner")
    limits = {source: int(share * tokens + 1e-9) for source, share in quotas.items()}
    spent: Counter[str] = Counter()
    for source, cost in rows.filter(~pl.col("reason").is_in(_LEFT_OUT)).select("source", "tokens").iter_rows():
        spent[source] += max(cost, 1)
    return [
        _kept_to(spent, tokens, limits),
        _too_much(out, rows, spent, tokens, limits),
    ]


def _kept_to(spent: Mapping[str, int], tokens: int, limits: Mapping[str, int]) -> Proof:
    whole = sum(spent.values())
    wrong = [f"{whole:,} tokens, {tokens:,} allowed"] if whole > tokens else []
    wrong += [
        f"{source}: {spent.get(source, 0):,} tokens, {limit:,} allowed"
        for source, limit in limits.items()
        if spent.get(source, 0) > limit
    ]
    return Proof.of("the rows chosen keep to the token budget and to their sources' quotas", 1 + len(limits), wrong)


def _too_much(
    out: pl.DataFrame, rows: pl.DataFrame, spent: Mapping[str, int], tokens: int, limits: Mapping[str, int]
) -> Proof:
    """Compare each receipt's score (tokens with the row) and threshold (tokens allowed) with what adds up."""
    costs = dict(rows.select("origin", "tokens").iter_rows())
    whole, wrong = sum(spent.values()), []
    for receipt in out.iter_rows(named=True):
        cost = costs.get(receipt["origin"])
        if receipt["reason"] == "over_budget":
            found, limit = whole, tokens
        else:
            found, limit = spent.get(receipt["source"], 0), limits.get(receipt["source"], tokens)
        told = (receipt["score"], receipt["threshold"])
        if cost is None or told != (found + max(cost, 1), limit) or found + max(cost, 1) <= limit:
            wrong.append(receipt["origin"])
    return Proof.of("every row left out would have gone beyond the budget, or its source's quota", out.height, wrong)
