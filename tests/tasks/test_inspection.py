"""Looking into finished runs: what a sound one tells, and how a damaged one is told."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from evals.judging import judge
from evals.verdict import Standing, Verdict
from flows.inspecting import why
from quality.receipts import RECEIPTS
from quality.records import MESSAGE, record_ids
from tasks import inspection, runs, store
from tasks.auditing import audit

SAID = "Bees sleep in the hive when the frost is hard and the moss is white and the pond is still tonight."
TEXTS = [
    ("Where do bees sleep?", SAID),
    ("Is moss good for ponds?", "It keeps them clear."),
    ("Where do  BEES sleep?", SAID),
    ("Where do bees sleep?", f"{SAID} Really."),
    ("Be brief. What feeds a vine?", "Rain does."),
]


def _ledger(ids: list[str]) -> pl.DataFrame:
    lines = [
        (ids[0], "pool:1", "pool", "split", "kept", "train", None, None, None),
        (ids[1], "pool:2", "pool", "split", "kept", "validation", None, None, None),
        (ids[2], "pool:3", "pool", "dedupe", "dropped", "exact_duplicate", ids[0], None, None),
        (ids[3], "pool:4", "pool", "dedupe", "dropped", "near_duplicate", ids[0], 0.95, 0.7),
        (ids[4], "pool:5", "pool", "decontaminate", "dropped", "same_question", "garden/1", None, None),
        (None, "pool:6", "pool", "ingest", "quarantined", "broken_json", None, None, None),
    ]
    return pl.DataFrame(lines, schema=RECEIPTS, orient="row")


@pytest.fixture
def run(home: Path) -> Path:
    """A run with every fate, written by hand."""
    said = pl.Series(
        [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer in TEXTS],
        dtype=pl.List(MESSAGE),
    )
    ids = record_ids(said).to_list()
    origins = [f"pool:{line}" for line in range(1, 6)]
    rows = pl.DataFrame({"id": ids, "messages": said, "source": ["pool"] * 5, "origin": origins})
    reserve = pl.DataFrame({"item": ["garden/1"], "question": ["What feeds a vine?"], "answer": ["Sun."]})
    scores = pl.DataFrame(
        [
            ("garden", "domain", f"garden/{n}", str(n), model, better * n - 2.0)
            for model, better in (("base", 0.0), ("candidate", 0.1))
            for n in range(8)
        ],
        schema=["suite", "role", "item", "cluster", "model", "score"],
        orient="row",
    )
    with runs.open_run("garden", "name: garden\ncurate:\n  dedupe:\n    words: 4\n") as opened:
        (opened.folder / "dataset").mkdir()
        store.write_parquet(opened.folder / "dataset" / "train.parquet", rows[:1])
        store.write_parquet(opened.folder / "dataset" / "validation.parquet", rows[1:2])
        store.write_parquet(opened.folder / "removed.parquet", rows[2:])
        store.write_parquet(opened.folder / "receipts.parquet", _ledger(ids))
        store.write_parquet(opened.folder / "reserve.parquet", reserve)
        store.write_json(opened.folder / "verdict.json", judge(scores).model_dump(mode="json"))
        opened.commit(state="Accepted", reason="better", facts={})
    return opened.folder


def _why(folder: Path) -> object:
    return inspection.lives(folder, "pool:5")


def _diff(folder: Path) -> object:
    return inspection.differences(folder, folder)


def test_what_leaks_by_its_meaning_is_told_by_no_passage(run: Path) -> None:
    receipts = pl.read_parquet(run / "receipts.parquet")
    receipts.with_columns(pl.col("reason").replace("same_question", "paraphrase")).write_parquet(
        run / "receipts.parquet"
    )
    (life,) = inspection.lives(run, "pool:5")
    assert life.witness_origin == "row of the exam"
    assert life.blamed == ""


def test_a_sound_run_is_told(run: Path) -> None:
    (life,) = inspection.lives(run, "pool:5")
    assert (life.witness_origin, life.witness) == ("row of the exam", ("What feeds a vine?", "Sun."))
    assert life.blamed == "What feeds a vine?"
    told = _diff(run)
    assert isinstance(told, inspection.Differences)
    assert ("garden", "+0.3500 (pass)", "+0.3500 (pass)") in told.facts


@pytest.mark.parametrize(
    ("entities", "marks", "told"),
    [
        (1, 0, "ingest: 1 character read where entities stood"),
        (2, 3, "ingest: 2 characters read where entities stood, 3 pairs of a wiki's marks taken out"),
    ],
)
def test_what_was_mended_in_a_row_is_told(run: Path, entities: int, marks: int, told: str) -> None:
    rows = pl.read_parquet(run / "receipts.parquet")[:1].select("id", "origin", entities=entities, marks=marks)
    (run / "attributes").mkdir()
    rows.cast({"entities": pl.UInt32, "marks": pl.UInt32}).write_parquet(run / "attributes" / "mended.parquet")
    assert [inspection.lives(run, f"pool:{line}")[0].edited for line in (1, 2)] == [told, ""]


def test_runs_tell_how_they_stand_beside_a_champion(run: Path) -> None:
    file = run / "verdict.json"
    verdict = Verdict.model_validate_json(file.read_bytes())
    beside = Standing(run="best", verdict=verdict.model_copy(update={"decision": "INCONCLUSIVE"}))
    lost = Standing(run="first", missing="its base is gone")
    told = verdict.model_copy(update={"champion": beside, "original": lost})
    store.write_json(file, told.model_dump(mode="json"))
    facts = inspection.differences(run, run).facts
    assert ("beside the champion", *["INCONCLUSIVE (best)"] * 2) in facts
    assert ("beside the original base", *["not compared: its base is gone (first)"] * 2) in facts


@pytest.mark.parametrize("row", ["", " "])
def test_the_life_of_no_row_in_particular_is_not_told(run: Path, row: str) -> None:
    with pytest.raises(ValueError, match="No row is named. Give an id, its beginning, or file:line"):
        inspection.lives(run, row)


@pytest.mark.parametrize("row", ["here/pool:5", "/home/me/here/pool:5", "./pool:5"])
def test_a_row_is_found_by_its_place_as_it_is_seen_from_elsewhere(run: Path, row: str) -> None:
    found = inspection.find_lives(run, row)
    assert ([life.receipt["origin"] for life in found.lives], found.way) == (["pool:5"], None)
    with pytest.raises(ValueError, match="has no row “here/whirlpool:5”"):
        inspection.find_lives(run, "here/whirlpool:5")


def test_of_places_that_a_path_ends_with_the_longest_is_meant() -> None:
    origins = [
        "a.jsonl:1",
        "pool/a.jsonl:1",
        "general:a.jsonl:1",
        "general:old/a.jsonl:1",
        "wide/pool/a.jsonl:1",
        "general:7",
    ]
    ledger = pl.DataFrame({"id": ["x"] * len(origins), "origin": origins})
    for row, meant in {
        "pool/a.jsonl:1": ["pool/a.jsonl:1", "wide/pool/a.jsonl:1"],  # as it stands, or an end of one
        "my/pool/a.jsonl:1": ["pool/a.jsonl:1"],
        "my/old/a.jsonl:1": ["general:old/a.jsonl:1"],
        "my/a.jsonl:1": ["a.jsonl:1", "general:a.jsonl:1"],
        "my/a.jsonl:12": [],
        "open 24/7": [],
    }.items():
        assert inspection._named(ledger, row)["origin"].to_list() == meant


def test_a_row_of_the_pool_is_told_where_the_general_rows_are_damaged(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "general").mkdir()
    (run / "general" / "train.parquet").write_bytes(b"PAR1cut")
    for row in ("pool:5", "feeds a vine"):
        why(row, str(run))
        told = capsys.readouterr().out
        assert "pool:5" in told
        assert told.count(f"could not be read: {run}/general/train.parquet is no whole Parquet file") == 1
    with pytest.raises(runs.DamagedRun, match=r"general/train\.parquet is no whole Parquet file"):
        inspection.find_lives(run, "nobody holds this")


@pytest.mark.parametrize("words", ["feeds a vine", "FEEDS  a\tVine?", "rain does", "s"])
def test_a_row_is_found_by_words_of_its_prompt_or_answer_in_any_case_and_spacing(run: Path, words: str) -> None:
    found = inspection.find_lives(run, words)
    assert found.way
    assert ("Be brief. What feeds a vine?", "Rain does.") in [life.said for life in found.lives]
    assert (found.rows == 1) == (words != "s")


def test_words_that_are_signs_of_a_pattern_are_taken_as_they_are(run: Path) -> None:
    assert inspection.find_lives(run, "vine?").rows == 1
    with pytest.raises(ValueError, match=r"has no row “v.ne”\. Give an id, .* or words that stand in its prompt"):
        inspection.find_lives(run, "v.ne")


@pytest.mark.parametrize(
    ("words", "way", "answers"),
    [
        ("moss", "phrase", ["It keeps them clear.", *[SAID] * 2, f"{SAID} Really."]),
        ("the hive", "phrase", [SAID, SAID, f"{SAID} Really."]),
        ("is", "phrase", ["It keeps them clear.", *[SAID] * 2, f"{SAID} Really."]),  # not in “this”
        ("hive bees", "words", [SAID, SAID, f"{SAID} Really."]),
        ("ine", "within", ["Rain does."]),
        ("vine?", "phrase", ["Rain does."]),
    ],
)
def test_whole_words_are_found_before_parts_of_words_and_the_shortest_text_first(
    run: Path, words: str, way: str, answers: list[str]
) -> None:
    found = inspection.find_lives(run, words)
    assert (found.way, [life.said.answer for life in found.lives]) == (way, answers)


def test_an_id_or_a_place_is_taken_for_one_before_words_are_looked_for(run: Path) -> None:
    ids = pl.read_parquet(run / "receipts.parquet")["id"]
    assert inspection.find_lives(run, ids[1][:5]).way is None
    assert inspection.find_lives(run, "pool:4").way is None


def test_of_rows_that_hold_the_same_words_ten_are_told_and_all_are_counted(run: Path) -> None:
    rows, ledger = pl.read_parquet(run / "removed.parquet"), pl.read_parquet(run / "receipts.parquet")
    more = [(rows[2:].with_columns(origin=pl.lit(f"pool:{n}")), ledger[4].with_columns(origin=pl.lit(f"pool:{n}")))
            for n in range(7, 18)]  # fmt: skip
    store.write_parquet(run / "removed.parquet", pl.concat([rows, *(row for row, _ in more)]))
    store.write_parquet(run / "receipts.parquet", pl.concat([ledger, *(receipt for _, receipt in more)]))
    found = inspection.find_lives(run, "rain does")
    assert (found.rows, len(found.lives)) == (12, inspection.MOST_MATCHES)


def test_a_row_is_the_same_row_in_another_line_and_only_what_changed_differs(run: Path, tmp_path: Path) -> None:
    after = tmp_path / "after"
    shutil.copytree(run, after)
    ledger = pl.read_parquet(run / "receipts.parquet")
    new = ledger[:1].with_columns(id=pl.lit("f" * 32))
    moved = pl.when(pl.col("reason") == "near_duplicate").then(pl.lit("conflict")).otherwise("reason")
    changed = pl.concat([new, ledger[0], ledger[2:5]]).with_columns(
        reason=moved, origin=pl.format("pool:{}", pl.int_range(10, 15))
    )
    store.write_parquet(after / "receipts.parquet", pl.concat([changed, ledger[5:]]))
    told = inspection.differences(run, after)
    assert (told.gone, told.new) == (1, 1)  # the second row of the pool is gone, another is new
    assert told.moved == [("dropped (dedupe: near_duplicate)", "dropped (dedupe: conflict)", 1, "pool:13")]


def test_equal_rows_are_told_apart_by_their_order(run: Path, tmp_path: Path) -> None:
    after = tmp_path / "after"
    shutil.copytree(run, after)
    ledger = pl.read_parquet(run / "receipts.parquet").with_columns(id=pl.col("id").first())
    for folder, rows in ((run, ledger), (after, ledger[:-2])):
        store.write_parquet(folder / "receipts.parquet", rows)
    told = inspection.differences(run, after)
    assert (told.gone, told.new, told.moved) == (2, 0, [])


TABLES = {
    "receipts.parquet": (_why, _diff),
    "dataset/train.parquet": (_why,),
    "dataset/validation.parquet": (_why,),
    "removed.parquet": (_why,),
    "reserve.parquet": (_why,),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_damaged_table_is_named(run: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(run / name)
    for look in TABLES[name]:
        with pytest.raises(runs.DamagedRun) as raised:
            look(run)
        _one_sentence(str(raised.value), run / name)


def _one_sentence(told: str, file: Path) -> None:
    assert str(file) in told
    assert told.endswith("Restore it from a copy of the run, or make the run again.")
    assert "\n" not in told


@pytest.mark.parametrize("column", ["id", "messages", "origin"])
def test_a_row_of_the_dataset_without_content_is_told(run: Path, column: str) -> None:
    file = run / "dataset" / "train.parquet"
    rows = pl.read_parquet(file)
    hollow = rows.with_columns(pl.lit(None, rows.schema[column]).alias(column))
    store.write_parquet(file, pl.concat([rows, hollow]))
    with pytest.raises(runs.DamagedRun, match=f"has no “{column}” in row 1, counted from 0"):
        _why(run)


@pytest.mark.parametrize("content", [None, "", '{"gain": {', "[]", '{"gain": null, "retention": []}'])
def test_a_damaged_verdict_is_told(run: Path, content: str | None) -> None:
    file = run / "verdict.json"
    file.unlink() if content is None else file.write_text(content)
    with pytest.raises(runs.DamagedRun) as raised:
        _diff(run)
    _one_sentence(str(raised.value), file)


@pytest.mark.parametrize("content", ["", "{}", '{"files": ["removed.parquet"]}'])
def test_without_a_manifest_that_can_be_read_lives_are_told_and_differences_not(run: Path, content: str) -> None:
    (run / "manifest.json").write_text(content)
    with pytest.raises(runs.DamagedRun, match="manifest.json"):
        _diff(run)
    assert _why(run)


def test_a_life_whose_witness_is_a_row_needs_no_file_of_the_exam(run: Path) -> None:
    (run / "reserve.parquet").unlink()
    (life,) = inspection.lives(run, "pool:4")
    assert life.witness == TEXTS[0]


def test_a_run_that_never_had_receipts_says_how_it_ended(home: Path) -> None:
    with runs.open_run("garden", "") as opened:
        opened.commit(state="Accepted", reason="examined alone", facts={})
    for look in (_why, _diff):
        with pytest.raises(ValueError, match="has no receipts. It ended as Accepted: examined alone"):
            look(opened.folder)


def test_a_sweep_says_which_run_would_keep_its_rows(home: Path) -> None:
    with runs.open_run("garden", "") as opened:
        store.write_parquet(opened.folder / "trials.parquet", pl.DataFrame({"trial": ["lora"]}))
        opened.commit(state="Swept", reason="lora gains.", facts={})
    for look in (_why, _diff, audit):
        with pytest.raises(ValueError, match=r"Swept: lora gains. A sweep keeps .*`winnow run .*/recipe.yaml` makes"):
            look(opened.folder)


def test_what_a_later_version_adds_to_a_run_does_no_harm(run: Path) -> None:
    facts = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps(facts | {"more": 1}))
    file = run / "receipts.parquet"
    store.write_parquet(file, pl.read_parquet(file).with_columns(more=pl.lit(1)))
    assert _why(run)


def test_settings_that_two_recipes_give_otherwise_are_told_by_key(run: Path, tmp_path: Path) -> None:
    after = tmp_path / "after"
    shutil.copytree(run, after)
    (run / "config.yaml").write_text("name: x\ncurate: {budget: {by: random, tokens: 10}}\nsources: [{path: a}]\n")
    (after / "config.yaml").write_text("name: x\ncurate: {budget: {by: diverse, seed: 1, tokens: 10}}\nsources: []\n")
    assert inspection.differences(run, after).settings == [
        ("curate.budget.by", "random", "diverse"),
        ("curate.budget.seed", "–", "1"),
        ("sources.0", "path: a", "–"),
    ]


def test_a_row_that_the_exam_asks_is_its_own_witness_and_said_to_be(run: Path) -> None:
    ledger = pl.read_parquet(run / "receipts.parquet")
    asked = ledger[:1].with_columns(stage=pl.lit("seal_exam"), reason=pl.lit("sealed_for_exam"), witness="id")
    store.write_parquet(run / "receipts.parquet", pl.concat([asked, ledger[1:]]))
    (life,) = inspection.lives(run, asked["origin"][0])
    assert life.witness_origin == "the row itself, which is an item of the exam"


def test_another_code_is_told_and_the_same_is_not(run: Path, tmp_path: Path) -> None:
    after = tmp_path / "after"
    shutil.copytree(run, after)
    names = [name for name, *_ in inspection.differences(run, after).facts]
    assert "code (digest)" not in names
    facts = json.loads((after / "manifest.json").read_text())
    store.write_json(after / "manifest.json", facts | {"digests": facts.get("digests", {}) | {"code": "f" * 32}})
    (line,) = [line for line in inspection.differences(run, after).facts if line[0] == "code (digest)"]
    assert line[2] == "f" * 12


def test_a_row_outside_of_several_domains_says_to_which_it_came_nearest(run: Path) -> None:
    receipts = pl.read_parquet(run / "receipts.parquet")
    outside = pl.col("origin") == "pool:2"
    out = {"stage": "keep_domain", "fate": "dropped"}
    moved = {name: pl.when(outside).then(pl.lit(value)).otherwise(name) for name, value in out.items()}
    receipts.with_columns(**moved).write_parquet(run / "receipts.parquet")
    (run / "attributes").mkdir(exist_ok=True)
    for names, told in ((["herbs", "spices"], "spices"), (["herbs", "herbs"], "")):
        scores = pl.DataFrame({"origin": ["pool:1", "pool:2"], "domain": names, "score": [2.5, -1.0], "threshold": 0.5})
        scores.write_parquet(run / "attributes" / "domain.parquet")
        assert [life.nearest for life in inspection.lives(run, "pool:2")] == [told]
        assert [life.nearest for life in inspection.lives(run, "pool:1")] == [""]
        assert [life.scored for life in inspection.lives(run, "pool:2")] == [""]
        of = "herbs: " if told else ""
        kept = "score 2.5, threshold 0.5 (log-odds)"
        assert [life.scored for life in inspection.lives(run, "pool:1")] == [f"{of}{kept}"]


def test_a_row_is_named_by_a_whole_origin(run: Path) -> None:
    assert [life.receipt["origin"] for life in inspection.lives(run, "pool:2")] == ["pool:2"]
    for part in (":2", "ool:2"):
        with pytest.raises(ValueError, match="has no row"):
            inspection.lives(run, part)
