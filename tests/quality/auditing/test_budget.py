"""The audit adds up an honest choice of rows, and finds each lie in one."""

import polars as pl
import pytest

from quality.auditing.budget import prove_budget
from quality.choosing.budget import Budget, choose_rows
from quality.receipts import RECEIPTS

TOKENS = {
    "a": ("wiki", 40), "b": ("wiki", 30), "c": ("wiki", 35), "d": ("chat", 20), "e": ("chat", 90), "f": ("chat", 0),
    "g": ("chat", 95), "h": ("chat", 58), "i": ("wiki", 16),
}  # fmt: skip
QUOTAS = {"wiki": 0.15}
BUDGET = 300


def honest(by: str) -> dict[str, tuple]:
    """Receipts as the curator itself writes them."""
    rows = pl.DataFrame([(id_, source, cost, 1.0) for id_, (source, cost) in TOKENS.items()],
                        schema=["id", "source", "tokens", "quality"], orient="row")  # fmt: skip
    found = choose_rows(rows, Budget(tokens=BUDGET, by=by, quotas=QUOTAS))
    told = {}
    for id_, (chosen, _, reason, score, threshold) in zip(TOKENS, found.iter_rows(), strict=True):
        kept = ("split", "kept", "train", None, None, None)
        told[id_] = kept if chosen else ("choose", "dropped", reason, None, score, threshold)
    return told


def failures(lines: dict[str, tuple], **changes: object) -> dict[str, int]:
    ledger = [(id_, id_, TOKENS[id_][0], *line) for id_, line in lines.items()]
    receipts = pl.DataFrame(ledger, schema=RECEIPTS, orient="row")
    choice = pl.DataFrame({"origin": list(TOKENS), "tokens": [cost for _, cost in TOKENS.values()]})
    asked = {"choice": choice, "tokens": BUDGET, "quotas": QUOTAS} | changes
    return {proof.claim.split()[-1]: proof.failed for proof in prove_budget(receipts, **asked)}


@pytest.mark.parametrize("by", ["longest", "random"])
def test_what_the_curator_chose_adds_up(by: str) -> None:
    lines = honest(by)
    assert any(line[2] != "train" for line in lines.values())
    if by == "longest":
        assert [id_ for id_, line in lines.items() if line[2] == "over_quota"] == ["b", "c", "i"]
        assert [id_ for id_, line in lines.items() if line[2] == "over_budget"] == ["d"]
    assert set(failures(lines).values()) == {0}


def test_every_lie_is_found() -> None:
    lines = honest("longest")
    out = {id_: line for id_, line in lines.items() if line[0] == "choose"}
    quota = next(id_ for id_, line in out.items() if line[2] == "over_quota")
    kept = ("split", "kept", "train", None, None, None)
    assert sum(failures(lines | {quota: kept}).values()) > 0, "a source beyond its quota"
    assert sum(failures(lines, tokens=BUDGET - 40).values()) > 0, "a smaller budget than the receipts say"
    less = (*out[quota][:4], out[quota][4] - 1, out[quota][5])
    assert failures(lines | {quota: less})["quota"] == 1, "a score that does not add up"
    fits = ("choose", "dropped", "over_budget", None, 0.0, float(BUDGET))
    assert failures(lines | {"f": fits})["quota"] >= 1, "a row that has room"
    assert failures(lines, tokens=None) == {"have": len(out)}, "no budget was asked for"


def test_without_budget_and_rows_left_out_there_is_nothing_to_prove() -> None:
    kept = dict.fromkeys(TOKENS, ("split", "kept", "train", None, None, None))
    assert failures(kept, tokens=None, choice=None, quotas={}) == {}
