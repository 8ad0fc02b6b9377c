"""The ledger of champions: what may be promoted, what is written, and what a damaged ledger says."""

import json
import os
import random
import re
import resource
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evals.likeness import Likeness
from quality import whole
from tasks import champion_folder, champions, exported, health, runs, store, tidy
from tasks.caching import plain
from tasks.champions import LedgerError, current, history
from tasks.decide import decide
from tasks.promotion import NotPromotable, promote, rollback
from tasks.show_evidence import Candidate

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Make = Callable[..., Path]


def test_without_a_promotion_there_is_no_champion(home: Path) -> None:
    assert current("garden") is None
    assert history("garden") == ()
    assert not (home / "champions").exists()


def test_a_promotion_writes_who_when_and_why(accepted: Make, home: Path) -> None:
    run = accepted("one")
    made = promote(run, "  the first\none ", now=NOON)
    assert made.new
    assert made.instead_of is None
    (written,) = json.loads((home / "champions" / "garden.json").read_text())["entries"]
    assert written == {
        "action": "promoted",
        "run": run.name,
        "adapter": store.folder_digest(run / "adapter"),
        "path": f"runs/{run.name}/adapter",
        "base": "package:a_base",
        "base_content": "0" * 32,
        "exam": "1" * 32,
        "decision": "SHIP",
        "when": "2026-05-01T12:00:00Z",
        "why": "the first one",
        "who": None,
        "exported": None,
    }
    assert current("garden") == made.champion
    assert store.locate(made.champion.folder) == run / "adapter"
    assert current("kitchen") is None


def test_an_export_must_be_of_the_promoted_adapter_unaltered_and_equivalent(accepted: Make, tmp_path: Path) -> None:
    run = accepted("one")
    of_run = {"run": run.name, "adapter": store.folder_digest(run / "adapter"), "base_content": "0" * 32}
    near = Likeness(
        items=9, tokens=90, nats=1e-8, upper=2e-8, alpha=0.05, moved=0.1, allowed=1e-3, score=-1.0, exported_score=-1.0
    )

    def export(name: str, likeness: Likeness = near, **changes: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model.safetensors").write_text("weights")
        facts = of_run | {"decision": "SHIP", "base": "a", "dtype": "float32", "winnow": "0", **changes}
        made = exported.Exported(likeness=likeness, files=exported.digests(folder), **facts)
        exported.write(folder, made)
        return folder

    with pytest.raises(NotPromotable, match=r"--export: .*none holds no export.json"):
        promote(run, "x", export=tmp_path / "none")
    with pytest.raises(NotPromotable, match="of another adapter or base than"):
        promote(run, "x", export=export("another", adapter="9" * 32))
    with pytest.raises(NotPromotable, match="is not equivalent to what was judged"):
        promote(run, "x", export=export("far", near.model_copy(update={"upper": 0.5})))
    altered = export("altered")
    (altered / "model.safetensors").write_text("other weights")
    with pytest.raises(NotPromotable, match="model.safetensors is not as it was when the model was examined"):
        promote(run, "x", export=altered)
    assert current("garden") is None
    good = export("good")
    assert promote(run, "x", export=good).champion.exported == store.file_digest(good / "export.json")
    assert current("garden").exported == store.file_digest(good / "export.json")


@pytest.mark.parametrize(("kind", "told"), [("LOREFT", "LoReFT changes"), ("PROMPT_TUNING", "changes no weight")])
def test_what_cannot_be_merged_has_no_export(accepted: Make, tmp_path: Path, kind: str, told: str) -> None:
    run = accepted("one")
    said = json.dumps({"peft_type": kind})
    with runs.open_run("garden", (run / "config.yaml").read_text()) as again:
        for name in ("scores.parquet", "verdict.json"):
            (again.folder / name).write_bytes((run / name).read_bytes())
        (again.folder / "adapter").mkdir()
        (again.folder / "adapter" / "adapter_model.safetensors").touch()
        (again.folder / "adapter" / "adapter_config.json").write_text(said)
        runs.pin(base="0" * 32)
        digests = {"adapter": store.folder_digest(again.folder / "adapter"), "exam": "1" * 32}
        again.commit(state="Accepted", reason="", facts={"decision": "SHIP", "digests": digests})
    with pytest.raises(NotPromotable, match=f"--export: nothing can be an export of {again.folder.name}.*{told}"):
        promote(again.folder, "x", export=tmp_path / "none")
    assert promote(again.folder, "x").new


def test_an_adapter_that_was_trained_elsewhere_lies_in_the_store(accepted: Make, home: Path) -> None:
    run = accepted("one")
    digest = store.folder_digest(run / "adapter")
    shutil.move(run / "adapter", home / "adapter")
    with pytest.raises(NotPromotable, match=f"its adapter is not at {home}/store/adapters/{digest} any more"):
        promote(run, "first")
    (home / "store" / "adapters").mkdir(parents=True)
    shutil.move(home / "adapter", home / "store" / "adapters" / digest)
    assert promote(run, "first").champion.path == f"store/adapters/{digest}"


def test_promoting_twice_is_no_second_entry(accepted: Make) -> None:
    run = accepted("one")
    promote(run, "first")
    again = promote(run, "again")
    assert not again.new
    same_adapter = promote(accepted("one"), "a night in which nothing changed")
    assert not same_adapter.new
    assert same_adapter.champion.run == run.name
    assert len(history("garden")) == 1


def test_deciding_for_the_champion_of_today_says_that_nothing_is_changed(accepted: Make) -> None:
    run = accepted("one")
    promote(run, "first")
    decided = plain(decide)("garden", Candidate(run=run.name, told=""), run.name, True, "again", "Cy")
    assert (decided.state, decided.reason) == (
        "Unchanged",
        f"{run.name} is the champion of garden already; nothing is changed",
    )
    assert len(history("garden")) == 1


def test_a_run_must_have_been_judged_beside_the_champion_of_today(accepted: Make) -> None:
    first, early = accepted("one"), accepted("two")
    promote(first, "first")
    with pytest.raises(NotPromotable, match=f"was judged beside no champion, and now the champion .* is {first.name}"):
        promote(early, "second")
    second = accepted("two", beside=first.name)
    assert promote(second, "second").instead_of == first.name
    late = accepted("three", beside=first.name)
    with pytest.raises(
        NotPromotable, match=f"judged beside the champion {first.name}, and now .* Run its recipe again"
    ):
        promote(late, "third")
    rollback("garden", "two was rude")
    assert promote(late, "third").instead_of == first.name


def test_rolling_back_goes_to_the_one_before_and_forgets_nothing(accepted: Make) -> None:
    one = accepted("one")
    promote(one, "1", now=NOON)
    two = accepted("two", beside=one.name)
    promote(two, "2", now=NOON + timedelta(days=1))
    three = accepted("three", beside=two.name)
    promote(three, "3", now=NOON + timedelta(days=2))
    assert rollback("garden", "back", now=NOON + timedelta(days=3)).champion.run == two.name
    assert rollback("garden", "and back", now=NOON + timedelta(days=4)).champion.run == one.name
    with pytest.raises(NotPromotable, match=f"has no champion before {one.name}, its first"):
        rollback("garden", "and back")
    assert [(entry.action, entry.run, entry.why) for entry in history("garden")] == [
        ("promoted", one.name, "1"),
        ("promoted", two.name, "2"),
        ("promoted", three.name, "3"),
        ("rolled back", two.name, "back"),
        ("rolled back", one.name, "and back"),
    ]
    assert [entry.when for entry in history("garden")] == [NOON + timedelta(days=day) for day in range(5)]
    with pytest.raises(NotPromotable, match=r"“kitchen” has .* gone back to\. There are champions of garden\."):
        rollback("kitchen", "why not")


def test_any_earlier_champion_can_be_gone_back_to_by_its_run(accepted: Make) -> None:
    one = accepted("one")
    promote(one, "first", who="Ada")
    two = accepted("two", beside=one.name)
    promote(two, "second")
    three = accepted("three", beside=two.name)
    promote(three, "third")
    with pytest.raises(NotPromotable, match=f"begins with “nothing”. There are: {two.name}, {one.name}"):
        rollback("garden", "why", to="nothing")
    made = rollback("garden", "back to the beginning", to=one.name, who=" Bo  b")
    assert (made.champion.run, made.instead_of, made.champion.who) == (one.name, three.name, "Bo b")
    assert [entry.run for entry in champions.standing(history("garden"))] == [one.name]
    with pytest.raises(NotPromotable, match="^“garden” has no champion before"):
        rollback("garden", "there is none")
    with pytest.raises(NotPromotable, match="^No earlier champion's run begins with “2019”: “garden” has no champion"):
        rollback("garden", "there is none", to="2019")


def test_who_asks_for_a_champion_that_was_gone_back_from_is_told_how_it_comes_back(accepted: Make) -> None:
    one = accepted("one")
    promote(one, "first")
    two = accepted("two", beside=one.name)
    promote(two, "second")
    rollback("garden", "by mistake")
    for asked in (two.name, two.name[:-1]):
        with pytest.raises(
            NotPromotable, match=f"^{two.name} was the champion, and was gone back from.* promote {two.name} "
        ):
            rollback("garden", "it was right", to=asked)
    assert promote(two, "it was right").instead_of == one.name
    assert rollback("garden", "still before it", to=one.name).instead_of == two.name


def test_what_is_served_is_the_champion_with_a_card_that_says_why(accepted: Make, home: Path) -> None:
    served, made = home / "champions" / "garden" / "current", []
    assert champion_folder.fault("garden") == ""
    for adapter in ("one", "two", "three"):
        run = accepted(adapter, beside=made[-1].name if made else None)
        (run / "adapter" / "README.md").write_text("# garden\n\nThe card.\n")
        promote(run, f"because of <{adapter}>", who="Ada")
        made.append(run)
        assert (served / "adapter_model.safetensors").read_text() == adapter
        assert not served.readlink().is_absolute()
        card = (served / "README.md").read_text()
        assert card.startswith("# garden\n\nThe card.\n\n## Promotion\n\n- Promoted by Ada on ")
        assert f"because of \\<{adapter}\\>" in card
        assert champion_folder.fault("garden") == ""
    assert len([path for path in served.parent.iterdir() if not path.is_symlink()]) == 2
    rollback("garden", "the first was better", to=made[0].name)
    assert (served / "adapter_model.safetensors").read_text() == "one"
    (left,) = (path for path in served.parent.iterdir() if path.name.startswith(made[2].name))
    assert (left / "adapter_model.safetensors").read_text() == "three", "it may still be being read"


def test_a_card_that_can_not_be_read_or_tells_of_promotion_itself_stays_and_stops_no_champion(
    accepted: Make, home: Path
) -> None:
    one = accepted("one")
    own = "# caf\u00e9\n\n## Promotion\n\nPromotion codes are answered too.\n\n## License\n\nMIT"
    (one / "adapter" / "README.md").write_bytes(own.encode("latin-1"))
    promote(one, "first", who="Ada")
    two = accepted("two", beside=one.name)
    promote(two, "second")
    rollback("garden", "back")
    for _ in range(2):
        served = (home / "champions" / "garden" / "current" / "README.md").read_text()
        assert served.startswith(own.replace("\u00e9", "\ufffd") + "\n\n## Promotion\n\n- Promoted by Ada on ")
        assert served.count("- Made the champion again") == 1
        shutil.rmtree(one, ignore_errors=True)  # from here on the copy alone keeps the card
        champion_folder.point("garden")


def test_a_card_tells_the_whole_life_of_a_champion(accepted: Make, home: Path) -> None:
    one = accepted("one")
    promote(one, "first", who="Ada")
    two = accepted("two", beside=one.name)
    (two / "adapter" / "README.md").write_text("# garden\n\nThe card.\n")
    promote(two, "it gains", who="Bo")
    shutil.rmtree(two)
    rollback("garden", "customers complain", who="Cy")

    def life(run: Path) -> list[str]:
        (copy,) = (path for path in (home / "champions" / "garden").iterdir() if path.name[:-9] == run.name)
        head, _, told = (copy / "README.md").read_text().partition("\n\n## Promotion\n\n")
        assert head == ("# garden\n\nThe card." if run == two else f"# {one.name}"), "though its run is gone"
        return re.sub(r" on \S+ \d\d:\d\d UTC", "", told).splitlines()

    assert life(one) == [
        f"- Promoted by Ada, from the run {one.name}: first",
        f"- {two.name} was put in its place by Bo: it gains",
        f"- Made the champion again by Cy, instead of {two.name}: customers complain",
    ]
    assert life(two) == [
        f"- Promoted by Bo, from the run {two.name}: it gains",
        f"- {one.name} was put in its place by Cy: customers complain",
    ]


def test_what_a_killed_promotion_left_unserved_is_told_and_made_good(accepted: Make, home: Path) -> None:
    one = accepted("one")
    promote(one, "first")
    served = home / "champions" / "garden" / "current"
    served.unlink()
    assert "does not lead to an adapter" in champion_folder.fault("garden")
    assert not promote(one, "again").new
    assert champion_folder.fault("garden") == ""
    (served / "adapter_model.safetensors").write_text("altered")
    assert "is not the champion that the ledger names" in champion_folder.fault("garden")
    promote(one, "again")
    assert (served / "adapter_model.safetensors").read_text() == "one"


def test_a_champion_that_can_not_be_served_is_none_and_going_back_is_tried_again(accepted: Make, home: Path) -> None:
    served, made = home / "champions" / "garden" / "current", []
    for adapter in ("one" * 20_000, "two", "three"):
        made.append(accepted(adapter, beside=made[-1].name if made else None))
        promote(made[-1], "up")
    large = accepted("four" * 20_000, beside=made[-1].name)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))  # there is room for a ledger, and for no copy
    try:
        for swap in (lambda: promote(large, "up"), lambda: rollback("garden", "down", to=made[0].name)):
            with pytest.raises(store.StoreError, match="would pass the limit"):
                swap()
            assert current("garden").run == made[-1].name
            assert champion_folder.fault("garden") == ""
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    rollback("garden", "down")
    assert (current("garden").run, (served / "adapter_model.safetensors").read_text()) == (made[1].name, "two")


def test_the_doctor_tells_of_a_champion_whose_run_is_gone_though_it_is_served(accepted: Make) -> None:
    run = accepted("one")
    promote(run, "first")
    assert health._champions() == health.Check("champions", "ok", "of garden")
    shutil.rmtree(run)
    check = health._champions()
    assert champion_folder.fault("garden") == ""
    assert (check.level, "garden is served, but its adapter is not at" in check.found) == ("warning", True)


def test_any_order_of_promotions_and_rollbacks_leaves_what_a_stack_would(accepted: Make, home: Path) -> None:
    rng = random.Random(4)
    made, stack = {}, []
    for turn in range(14):
        if rng.random() < 0.6 or not stack:
            run = made[turn] = accepted(f"adapter {turn}", beside=stack[-1] if stack else None)
            promote(run, "up")
            stack.append(run.name)
        elif len(stack) > 1:
            rollback("garden", "down")
            stack.pop()
        assert current("garden").run == stack[-1]
        assert json.loads((home / "champions" / "garden.json").read_text())["current"] == stack[-1]
        assert [entry.run for entry in champions.standing(history("garden"))] == stack


def _loses(run: Path) -> None:
    (run / "adapter" / "adapter_model.safetensors").write_text("another")


def _says(run: Path) -> None:
    content = json.loads((run / "verdict.json").read_text())
    (run / "verdict.json").write_text(json.dumps(content | {"reason": "because"}))


def _gone(run: Path) -> None:
    shutil.rmtree(run / "adapter")


def _stripped(run: Path) -> None:
    facts = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps(facts | {"digests": {}}))


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (_loses, "its adapter at .*adapter was altered since. Restore it, or run the recipe again"),
        (_gone, "its adapter is not at .* any more. Restore it"),
        (_says, "verdict.json was altered since the run. Restore it"),
        (_stripped, "does not name digests of adapter, base and exam. Run the recipe again"),
    ],
)
def test_a_run_whose_files_are_not_those_of_its_manifest_is_refused(accepted: Make, tamper, told: str) -> None:
    run = accepted("one")
    tamper(run)
    with pytest.raises(NotPromotable, match=told):
        promote(run, "why not")
    assert current("garden") is None


def test_only_an_accepted_run_of_this_home_can_be_promoted(accepted: Make, home: Path, tmp_path: Path) -> None:
    with pytest.raises(NotPromotable, match=r"was not accepted \(REJECT: .*\)\. Only an accepted run can be promoted"):
        promote(accepted("bad", gain=-0.1), "why not")
    with runs.open_run("garden", "name: garden\n") as curated:
        curated.commit(state="Curated", reason="", facts={})
    with pytest.raises(NotPromotable, match="judged no adapter. `winnow run RECIPE` trains and judges one"):
        promote(curated.folder, "why not")
    with pytest.raises(NotPromotable, match="Say in a few words why.*: with --why, or in the form as “why”"):
        promote(accepted("one"), " \n")
    away = tmp_path / "away"
    shutil.copytree(accepted("one"), away)
    with pytest.raises(NotPromotable, match="is not of this home"):
        promote(away, "why not")


def test_of_a_run_that_failed_after_it_would_ship_that_is_told(accepted: Make) -> None:
    run = accepted("one")
    facts = json.loads((run / "manifest.json").read_text())
    store.write_json(run / "manifest.json", facts | {"state": "Failed", "reason": "No space left on the device."})
    with pytest.raises(NotPromotable, match=r"would ship, and ended as Failed after it was judged \(No space left"):
        promote(run, "why not")


def test_a_champion_whose_adapter_is_gone_can_not_be_gone_back_to(accepted: Make) -> None:
    one = accepted("one")
    promote(one, "1")
    promote(accepted("two", beside=one.name), "2")
    shutil.rmtree(one)
    with pytest.raises(NotPromotable, match=f"before, {one.name}, can't be gone back to: its adapter is not at"):
        rollback("garden", "back")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda text: text[: len(text) // 2], "it is not JSON"),
        (lambda text: "", "it is not JSON"),
        (lambda text: "[]", "Input should be a valid dictionary"),
        (lambda text: text.replace('"garden"', '"kitchen"'), "it is that of “kitchen”"),
        (lambda text: text.replace('"SHIP"', '"REJECT"'), "entries.0.decision"),
        (lambda text: text.replace('"current": "', '"current": "x'), "its last entry is of another run"),
        (lambda text: text.replace('"promoted"', '"rolled back"'), "which was no champion then"),
        (lambda text: text.replace('"path": "runs/', '"path": "../'), "lies outside of the home"),
        (lambda text: text.replace('"entries": [', '"entries": [], "others": ['), "entries"),
    ],
)
def test_a_ledger_that_is_damaged_or_of_another_recipe_is_refused(
    accepted: Make, home: Path, damage, told: str
) -> None:
    run = accepted("one")
    promote(run, "first")
    file = home / "champions" / "garden.json"
    text = file.read_text()
    assert damage(text) != text
    file.write_text(damage(text))
    for read in (current, history, lambda name: rollback(name, "x"), lambda _: promote(run, "x")):
        with pytest.raises(LedgerError) as error:
            read("garden")
        assert str(error.value).startswith(f"{file} can't be read as the ledger of “garden” (")
        assert told in str(error.value)
    assert file.read_text() == damage(text)


def test_a_kill_while_the_ledger_is_written_leaves_the_old_one(
    accepted: Make, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = accepted("one")
    promote(one, "first")
    two = accepted("two", beside=one.name)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dies)
        patch.setattr(os, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            promote(two, "second")
    assert current("garden").run == one.name
    (home / "champions" / f"{whole.PREFIX}killed.json").write_text("{")
    assert promote(two, "second").new
    tidy.sweep()
    assert sorted(path.name for path in (home / "champions").iterdir()) == [".lock", "garden", "garden.json"]
