"""What became of a recipe: every run in a line, what it gained and lost, and which were promoted."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest

from evals.items import SCORES
from evals.judging import judge
from evals.verdict import Gate, Standing, Verdict
from tasks import champions, declined, run_history, runs, store
from tasks.champions import Entry
from tasks.history_pages import write
from tasks.outcome import OF_DECISION
from tasks.publish_history import publish_history
from tasks.reporting.history import headline, history_markdown, overview_headline, points, render, shown, unfinished

Judged = Callable[..., str]


@pytest.fixture
def judged(home: Path) -> Judged:
    """A maker of runs that gain so much in the domain and lose so much on two retention suites (bits per byte)."""

    def make(gain: float, wiki: float = 0.0, code: float = 0.0, name: str = "garden", **turned: float) -> str:
        rows = [
            (suite, role, f"{suite}/{n}", str(n), model, -1.0 + (model == "candidate") * (moved + 0.01 * (n % 2)))
            for suite, role, moved in (
                ("garden", "domain", gain),
                ("wiki", "retention", wiki),
                ("code", "retention", code),
            )
            for n in range(40)
            for model in ("base", "candidate")
        ]
        verdict = judge(pl.DataFrame(rows, SCORES, orient="row"), Gate())
        with runs.open_run(name, f"name: {name}\n") as run:
            store.write_json(run.folder / "verdict.json", verdict.model_dump(mode="json"))
            facts = {
                "books": {"in": 1_000, "kept": 90, "dropped": 910},
                "training": {"method": "lora", "tokens": 5_000, **turned},
            }
            run.commit(state=OF_DECISION[verdict.decision], reason=verdict.reason, facts=facts)
            return run.folder.name

    return make


def entry(run: str, action: str = "promoted") -> Entry:
    return Entry(
        action=action, run=run, adapter="0" * 32, path="runs/x/adapter", base="b", base_content="1" * 32,
        exam="2" * 32, decision="SHIP", when=datetime(2026, 5, 1, tzinfo=UTC), why="it <b>gains</b>",
    )  # fmt: skip


def test_an_adapter_turned_down_before_and_behind_the_exam_is_told_by_what_is_left_of_it(judged: Judged) -> None:
    for turned in ({}, {"scale": 0.5}, {"scale": 0.5, "chosen_scale": 0.25}):
        judged(0.1, **turned)
    assert [one.scale for one in run_history.of("garden").records] == [None, 0.5, 0.125]


def test_every_run_is_a_line_with_what_it_gained_and_what_comes_closest_to_its_line(judged: Judged) -> None:
    first, second = judged(0.1, wiki=0.02, code=-0.01), judged(0.1, wiki=-0.1, code=0.3)
    found = run_history.of("garden")
    assert [one.run for one in found.records] == [first, second]
    assert [one.state for one in found.records] == ["Accepted", "Rejected"]
    assert [one.gain.mean for one in found.records if one.gain] == pytest.approx([0.105, 0.105])
    assert [one.worst.suite for one in found.records if one.worst] == ["code", "wiki"]
    one = found.records[0]
    assert (one.rows, one.kept, one.method, one.tokens) == (1_000, 90, "lora", 5_000)
    assert one.since == one.worst, "as long as the base is the original one"
    assert shown(one)["since"].what == "the same"
    assert shown(found.records[0].model_copy(update={"since": None}))["since"].what == "–"
    assert one.worst is not None
    assert (one.worst.line, one.worst.unit) == (-0.02, "bits per byte")
    assert one.worst.lower < one.worst.mean < one.worst.upper


def test_what_could_not_be_compared_with_the_original_base_is_not_told_since_then(judged: Judged) -> None:
    file = runs.find(judged(0.1, wiki=0.02), holding="verdict.json") / "verdict.json"
    verdict = Verdict.model_validate_json(file.read_bytes())
    missing = Standing(run="20260101-000000-garden", missing="its base model is not here any more")
    store.write_json(file, verdict.model_copy(update={"original": missing}).model_dump(mode="json"))
    (one,) = run_history.of("garden").records
    assert one.worst is not None
    assert one.since is None
    assert shown(one)["since"].what == "–"


def test_runs_of_other_recipes_stay_out_and_are_named_where_there_are_none(judged: Judged) -> None:
    judged(0.1)
    judged(0.1, name="other")
    assert len(run_history.of("garden").records) == 1
    with pytest.raises(ValueError, match="No run of “nobody” has ended in this home; runs are there of garden, other"):
        run_history.of("nobody")


def test_champions_are_marked_as_what_they_are_now(judged: Judged) -> None:
    names = [judged(0.1) for _ in range(4)]
    promoted = [entry(names[0]), entry(names[1]), entry(names[2]), entry(names[1], "rolled back")]
    with champions.locked():
        champions.write("garden", tuple(promoted))
    found = run_history.of("garden")
    assert [one.mark for one in found.records] == ["earlier champion", "champion", "rolled back", ""]
    assert found.champion is not None
    assert headline(found) == (f"4 runs of garden and 3 promotions; the champion is {names[1]}, since 1 May 2026.")
    assert [one.promoted for one in points(list(found.records))] == [True, True, True, False] * 2


def test_the_picture_names_a_day_once_and_then_its_hours(judged: Judged) -> None:
    judged(0.1)
    (record,) = run_history.of("garden").records
    at = [
        datetime(2026, 5, day, hour, 5, tzinfo=UTC) for day, hour in ((1, 2), (1, 14), (2, 2), (3, 2), (3, 3), (3, 4))
    ]
    told = points([record.model_copy(update={"started": one}) for one in at])
    assert [one.label for one in told[:6]] == ["1 May", "14:05", "2 May", "3 May", "03:05", "04:05"]


def test_a_damaged_ledger_or_verdict_hides_no_run(judged: Judged, home: Path) -> None:
    name = judged(0.1)
    judged(0.2)
    (home / "champions").mkdir()
    (home / "champions" / "garden.json").write_text("{")
    (home / "runs" / name / "verdict.json").write_text("[]")
    found = run_history.of("garden")
    assert "is not JSON" in found.ledger_damaged
    assert "verdict.json" in found.records[0].damaged
    assert found.records[0].gain is None
    assert found.records[1].gain is not None
    assert "can't be told" in headline(found)
    assert "verdict.json" in render(found)


def test_a_run_that_was_never_judged_is_a_line_without_numbers(home: Path) -> None:
    with runs.open_run("garden", "name: garden\n") as run:
        run.commit(state="Curated", reason="90 rows", facts={"books": {"in": 100, "kept": 90}})
    found = run_history.of("garden")
    line = shown(found.records[0])
    assert (line["gain"].what, line["rows"], line["tokens"]) == ("–", "90 of 100", "–")
    assert "No run has been judged yet" in render(found)
    assert "Gain and worst" not in history_markdown(found).split("|")[0]


def test_the_page_escapes_what_people_wrote_and_loads_nothing(judged: Judged) -> None:
    name = judged(0.1)
    with champions.locked():
        champions.write("garden", (entry(name),))
    page = render(run_history.of("garden"))
    assert "it &lt;b&gt;gains&lt;/b&gt;" in page
    assert "<b>gains" not in page
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    assert page.count("<svg") > 2


def test_scores_of_different_units_share_no_axis(judged: Judged) -> None:
    judged(0.1)
    (record,) = run_history.of("garden").records
    assert record.worst is not None
    share = record.model_copy(update={"worst": record.worst.model_copy(update={"unit": "share right"})})
    panels = {one.panel: one.mean for one in points([record, share])}
    assert set(panels) == {
        "domain gain over the base, bits per byte",
        "worst retention suite, bits per byte",
        "worst retention suite, accuracy points",
    }
    assert panels["worst retention suite, accuracy points"] == pytest.approx(100 * record.worst.mean)


def test_a_page_that_cannot_be_written_takes_nothing_from_the_run(
    judged: Judged, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    judged(0.1)
    (home / "report").write_text("in the way")
    publish_history.fn("garden")
    assert "could not be written" in caplog.text
    (home / "report").unlink()
    assert write(run_history.of("garden")) == home / "report" / "history" / "garden.html"
    assert (home / "report" / "history.html").is_file()


def test_all_recipes_stand_on_one_page_that_leads_to_theirs(judged: Judged, home: Path) -> None:
    first = judged(0.1, name="garden & co")
    time.sleep(1.1)  # ids are of a second
    judged(0.3)
    with runs.open_run("garden", "name: garden\n") as run:
        run.commit(state="Unchanged", reason="no <b>row</b> is new", facts={})
    with champions.locked():
        champions.write("garden & co", (entry(first),))
    page = write(run_history.of("garden"))
    found = run_history.standings()
    assert [(one.name, one.runs, one.last.state) for one in found] == [
        ("garden", 2, "Unchanged"),
        ("garden & co", 1, "Accepted"),
    ]
    assert [one.judged.gain.mean for one in found if one.judged and one.judged.gain] == pytest.approx([0.305, 0.105])
    assert overview_headline(found) == "3 runs of 2 recipes, 1 of them with a champion."
    text = (home / "report" / "history.html").read_text()
    links = re.findall(r'<a href="(history/[^"]+)"', text)
    assert len(links) == 2
    assert all((home / "report" / unquote(link)).is_file() for link in links)
    assert "no &lt;b&gt;row&lt;/b&gt; is new" in text
    assert f"Champion: {first}, since 1 May 2026" in text
    assert 'href="../history.html"' in page.read_text()


def test_a_damaged_ledger_of_one_recipe_hides_no_other(judged: Judged, home: Path) -> None:
    judged(0.1)
    judged(0.1, name="other")
    (home / "champions").mkdir()
    (home / "champions" / "garden.json").write_text("{")
    write(run_history.of("other"))
    text = (home / "report" / "history.html").read_text()
    assert "is not JSON" in text
    assert "2 runs of 2 recipes, and no champion yet." in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"started": "yesterday"},
        {"started": "2026-01-01T00:00:00"},
        {"books": {"in": "many"}},
        {"training": {"scale": "x"}},
        {"seconds": float("nan")},
    ],
    ids=str,
)
def test_a_manifest_that_no_run_writes_hides_no_other_run(
    judged: Judged, home: Path, wrong: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    judged(0.1)
    lost = (judged(0.2), judged(0.1, name="other"))
    for name in lost:
        file = home / "runs" / name / "manifest.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | wrong))
    publish_history.fn("garden")
    assert "could not be written" not in caplog.text
    assert "holds what no run writes" in caplog.text
    assert len(run_history.of("garden").records) == 1
    assert [one.name for one in run_history.standings()] == ["garden"]
    overview = (home / "report" / "history.html").read_text()
    assert all(f"The run {name} is passed over" in overview for name in lost)
    with pytest.raises(ValueError, match="No run of “other” in this home has a manifest that can be read"):
        run_history.of("other")


def test_who_declined_a_run_and_why_is_told_beside_the_champions(judged: Judged) -> None:
    names = [judged(0.1) for _ in range(3)]
    with champions.locked():
        champions.write("garden", (entry(names[0]), entry(names[1])))
    for name in (names[1], names[2]):
        declined.note("garden", name, "not <b>on</b>\na Friday", "Bo", now=datetime(2026, 4, 30, tzinfo=UTC))
    found = run_history.of("garden")
    assert [one.mark for one in found.records] == ["earlier champion", "champion", "declined"]
    page = render(found)
    assert "not &lt;b&gt;on&lt;/b&gt; a Friday" in page
    assert re.findall(r"<td>(promoted|declined)</td>", page) == ["promoted"] * 2 + ["declined"] * 2
    assert "| declined |" in history_markdown(found)


def test_what_was_declined_before_there_is_any_champion_is_told_as_well(judged: Judged) -> None:
    name = judged(0.1)
    declined.note("garden", name, "not yet", "Bo")
    page = render(run_history.of("garden"))
    assert "not yet" in page
    assert "makes an accepted run the champion" in page


def test_a_damaged_file_of_what_was_declined_hides_no_run(judged: Judged) -> None:
    name = judged(0.1)
    declined.note("garden", name, "not yet", "Bo")
    (file,) = (store.home() / "declined").iterdir()
    file.write_text("{}")
    found = run_history.of("garden")
    assert [one.run for one in found.records] == [name]
    (told,) = found.passed_over
    assert told.startswith(f"{file} can't be read as what was declined of “garden” (it is no list of notes).")
    assert "what was declined of" in render(found)


def test_a_decision_that_is_made_again_by_a_flow_that_began_anew_is_noted_once(home: Path) -> None:
    for why in ("not yet", " not\nyet ", "never"):
        declined.note("garden", "20260101-000000-garden", why, "Bo")
    assert [(one.why, one.who) for one in declined.of("garden")] == [("not yet", "Bo"), ("never", "Bo")]


def test_runs_that_came_to_no_end_are_lines_with_their_reason_among_those_that_did(judged: Judged, home: Path) -> None:
    def ends(error: BaseException, name: str = "garden") -> str:
        with pytest.raises(type(error)), runs.open_run(name, f"name: {name}\n") as run:
            raise error
        return run.folder.name

    kept = judged(0.1)
    failed, cancelled = ends(ValueError("sources: no <b>such</b> file")), ends(KeyboardInterrupt())
    found = run_history.of("garden")
    assert {one.run: one.state for one in found.records} == {
        kept: "Accepted", failed: "Failed", cancelled: "Cancelled",
    }  # fmt: skip
    assert [one.run for one in found.records] == sorted(one.run for one in found.records)
    assert headline(found) == "3 runs of garden (1 failed, 1 cancelled), and no champion yet."
    page, told = render(found), history_markdown(found)
    assert "sources: no &lt;b&gt;such&lt;/b&gt; file" in page
    for run in (kept, failed, cancelled):
        assert run in page
        assert run in told.replace("\\", "")
    assert "was cancelled: Cancelled." in unfinished(found)
    assert unfinished(found) in told.replace("\\", "")


def test_a_recipe_none_of_whose_runs_came_to_an_end_has_a_history_and_a_place_among_all(home: Path) -> None:
    with pytest.raises(ValueError, match="no model"), runs.open_run("a hedge", "name: a hedge\n") as run:
        raise ValueError("model.base: no model")
    found = run_history.of("a hedge")
    assert headline(found) == "1 run of a hedge (1 failed), and no champion yet."
    assert unfinished(found) == f"The newest run, {run.folder.name}, failed: model.base: no model"
    assert shown(found.records[0])["reason"] == "model.base: no model"
    (stands,) = run_history.standings()
    assert (stands.name, stands.runs, stands.last.run, stands.judged) == ("a hedge", 1, run.folder.name, None)
    write(found)
    assert "model.base: no model" in (home / "report" / "history.html").read_text()


def test_the_newest_run_that_did_end_is_told_of_no_failure_before_it(judged: Judged) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="no"), runs.open_run("garden", "name: garden\n") as run:
            raise ValueError("no")
    (stands,) = run_history.standings()
    assert (stands.runs, stands.last.run) == (2, run.folder.name)
    time.sleep(1.1)  # ids are of a second
    last = judged(0.1)
    found = run_history.of("garden")
    assert [one.state for one in found.records] == ["Failed", "Failed", "Accepted"]
    assert unfinished(found) == ""
    (stands,) = run_history.standings()
    assert stands.last.run == last


def test_a_damaged_file_of_unfinished_runs_hides_no_other(judged: Judged, home: Path) -> None:
    kept = judged(0.1)
    (home / "unfinished").mkdir(parents=True)
    for name in ("garden", "hedge"):
        (home / "unfinished" / f"{name}.json").write_text("[{}]")
    found = run_history.of("garden")
    assert [one.run for one in found.records] == [kept]
    (told,) = found.passed_over
    assert told.startswith(f"{home / 'unfinished' / 'garden.json'} can't be read as the runs that came to no end of")
    assert [one.name for one in run_history.standings()] == ["garden"]
