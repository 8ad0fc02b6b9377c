"""What a run's report is told of its stages."""

import polars as pl

from tasks.evidence import _stages


def test_skimming_stands_where_it_comes_and_nowhere_when_it_took_nothing() -> None:
    receipts = pl.DataFrame({"id": range(100)})
    lost = {"screen": 10, "skim": 60, "keep_domain": 20, "choose": 1}
    removals = pl.DataFrame({"stage": list(lost), "rows": list(lost.values())})
    told = {stage: (before, after) for stage, before, after in _stages(receipts, removals).iter_rows()}
    assert list(told)[3:7] == ["dedupe", "skim", "dedupe_meaning", "keep_domain"]
    assert (told["skim"], told["keep_domain"], told["choose"]) == ((90, 30), (30, 10), (10, 9))
    assert "skim" not in set(_stages(receipts, removals.filter(pl.col("stage") != "skim"))["stage"])
