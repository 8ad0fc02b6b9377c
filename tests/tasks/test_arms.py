"""Arms: their rows are clear of validation, their tokens counted once, their settings those of the recipe."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from evals.dividend import ARM_SCORES
from evals.finite import BrokenWeights
from quality.choosing.budget import Budget
from quality.domain.settings import Domain
from quality.records import FATES, QUARANTINED, RECORDS, record_ids
from quality.screening.weighing import Weigh
from tasks import cards, store, train_arms
from tasks.ablation import at_once
from tasks.ablation.arms import Arm, arm, chosen, ensure_reach, unique_tokens, without_kin
from tasks.ablation.settings import Ablate
from tasks.ablation.training import Training
from tasks.check_arms import check_arms
from tasks.cut_slices import cut_slices
from tasks.fine_tune import Trained
from tasks.gather_arm import gather_arm
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.pool import Pool
from tasks.split import PUBLISHED, Data
from tasks.train_arm import Sat, train_arm
from tasks.training.settings import Tune


def records(*texts: str, groups: tuple[str | None, ...] | None = None) -> pl.DataFrame:
    turns = [[{"role": "user", "content": text}, {"role": "assistant", "content": f"It is {text}"}] for text in texts]
    messages = pl.Series("messages", turns, dtype=RECORDS["messages"])
    frame = pl.DataFrame({"messages": messages, "id": record_ids(messages)}).with_row_index("row")
    told = {
        "source": pl.lit("a"),
        "origin": pl.format("f:{}", "row"),
        "group": pl.Series(groups or [None] * len(texts), dtype=pl.String),
    }
    return frame.with_columns(**told).select(RECORDS.keys()).cast(pl.Schema(RECORDS))


LONG = "the river runs past seven mills and three bridges before it meets the sea near the old harbour"


def test_validation_rows_leave_with_their_copies_and_their_documents() -> None:
    rows = records(
        "alpha one", LONG, f"{LONG} today", "beta two", "gamma three", groups=(None, None, None, "doc", "doc")
    )
    held = rows.filter(pl.col("row").is_in([1, 3]))
    assert without_kin(rows, held)["row"].to_list() == [0]


def test_a_validation_row_leaves_as_it_was_ingested_too_when_curation_edited_it() -> None:
    rows = records("alpha one", "call me at home", "gamma three")
    held = records("alpha one", "something quite different", "gamma three").filter(pl.col("row") == 1)
    assert without_kin(rows, held)["row"].to_list() == [0, 2]


def test_a_copy_adds_a_row_and_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    rows = records("alpha one", "beta two", "alpha one").with_columns(tokens=pl.Series([7, 4, 7], dtype=pl.UInt32))
    assert unique_tokens(rows) == 11
    validation = store.write_table(rows[:1].select(PUBLISHED))
    told = arm("everything", "control", [rows, rows[1:2]], validation, 100, 0.0, {})
    assert (told.rows, told.tokens) == ((3, 1), (11, 4))


def test_no_arm_beside_the_curated_one_holds_a_row_on_which_forgetting_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_base: ModelFiles
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    rows = records("alpha one", LONG, f"{LONG} today", "beta two", "gamma three")
    nothing = store.write_table(pl.DataFrame(schema=QUARANTINED))
    pool = Pool(records=store.write_table(rows), quarantined=nothing)
    own, held, watched = (store.write_table(rows.select(PUBLISHED)[places]) for places in ([0], [3], [2]))
    general = GeneralText(train=own, held=watched, pool=pool)
    found = [
        gather_arm.fn("everything", pool, pool, Data(train=own, validation=held), text, tiny_base, Tune(), Ablate())
        for text in (general, None)
    ]
    origins = [store.read_table(one.data[0].train)["origin"].to_list() for one in found]
    assert origins == [["f:0", "f:4"], ["f:0", "f:1", "f:2", "f:4"]]


def test_no_arm_holds_what_the_recipe_dropped_for_a_row_of_validation_or_of_the_exam(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_base: ModelFiles
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    rows = records(
        "alpha one",
        "beta two",
        "the second letter",
        "letter number two",
        "gamma three",
        "the third letter",
        "delta",
        "four",
    )
    ids = rows["id"].to_list()
    nothing = store.write_table(pl.DataFrame(schema=QUARANTINED))
    everything = Pool(records=store.write_table(rows), quarantined=nothing)
    dropped = [(2, "dedupe", 3), (3, "dedupe_meaning", 1), (4, "seal_exam", 4), (5, "dedupe_meaning", 4)]
    dropped += [(6, "decontaminate", 4), (7, "dedupe", 6)]
    fates = [
        {"row": row, "stage": stage, "fate": "dropped", "reason": "some", "witness": ids[of]}
        for row, stage, of in dropped
    ]
    curated = everything.with_fates(pl.DataFrame(fates, schema=FATES))
    own, held = (store.write_table(rows.select(PUBLISHED)[places]) for places in ([0], [1]))
    sealed = everything.with_fates(pl.DataFrame(fates, schema=FATES).filter(stage="seal_exam"))
    given = (Data(train=own, validation=held), None, tiny_base, Tune(), Ablate())
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text)):
        found = gather_arm.fn("everything", sealed, curated, *given)
    assert store.read_table(found.data[0].train)["origin"].to_list() == ["f:0"]
    assert any(one.startswith("everything: 5 rows left out that the recipe dropped for") for one in said)


def test_rows_are_chosen_up_to_the_tokens_and_never_beyond() -> None:
    rows = records(*(f"word{n} " * (n + 1) for n in range(12))).with_columns(
        tokens=pl.int_range(1, 13, dtype=pl.UInt32)
    )
    longest = chosen(rows, "longest", 30, 0)
    assert longest["tokens"].sort(descending=True).to_list()[:2] == [12, 11]
    assert longest["tokens"].sum() <= 30
    draws = [chosen(rows, "random", 30, seed)["id"].to_list() for seed in range(4)]
    assert len({tuple(draw) for draw in draws}) > 1
    assert chosen(rows, "random", 30, 2)["id"].to_list() == draws[2]


@pytest.fixture
def some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arm:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    rows = records("alpha", "beta").with_columns(tokens=pl.lit(5, pl.UInt32))
    two = [rows.with_columns(source=pl.lit("a")), rows.with_columns(source=pl.lit("b"))]
    nothing = store.write_table(rows.select("id").clear())
    return arm("curated", "curated", two, nothing, 900, 0.1, {"a": 2.0, "b": 0.5})


def test_a_training_has_the_arms_budget_replay_and_the_weights_of_sources_that_it_has(some) -> None:
    tune = Tune(token_budget=5, replay=0.5, learning_rate=0.01, source_weights={"a": 2.0, "b": 0.5})
    found = some.tuned(tune, (7, 8), 1)
    assert (found.token_budget, found.replay, found.seed, found.learning_rate) == (900, 0.1, 8, 0.01)
    assert found.source_weights == {"b": 0.5}
    assert some.tuned(tune, (7, 8), 0).source_weights == {"a": 2.0}


def test_arms_are_one_training_whatever_they_are_called(some) -> None:
    assert some.same_as(some.model_copy(update={"name": "no-dedup", "kind": "without"}))
    assert not some.same_as(some.model_copy(update={"replay": 0.0}))


def test_what_is_one_training_is_begun_once(some) -> None:
    same = some.model_copy(update={"name": "no-dedup", "kind": "without"})
    other = some.model_copy(update={"replay": 0.0})
    planned = [(some, 0), (same, 0), (other, 0), (some, 1), (same, 1)]
    work = train_arms._distinct(planned, Tune(), (7, 8))
    assert [(tuned.seed, tuned.replay, places) for tuned, _, places in work] == [
        (7, 0.1, [0, 1]),
        (7, 0.0, [2]),
        (8, 0.1, [3, 4]),
    ]
    assert [data for _, data, _ in work] == [some.data[0], some.data[0], some.data[1]]
    told = train_arms._plan([some, same, other], len(planned), [tuned.token_budget for tuned, _, _ in work])
    assert told == "3 arms, 5 trainings, 3 of them different, of 2,700 tokens in all"
    assert train_arms._plan([some], 2, [900, 900]) == "1 arm, 2 trainings of 1,800 tokens in all"


@pytest.mark.parametrize(("at_once", "told"), [(1, ("2 min 30 s", "1 min 0 s")), (2, ("1 min 15 s", "30 s"))])
def test_what_is_to_go_is_told_from_what_was_trained_now(at_once: int, told: tuple[str, str]) -> None:
    pace = train_arms.Pace(1_000, at_once)
    assert pace.ended(300, 9.0, 40.0) == "", "a process began, and the cache answered"
    assert pace.ended(200, 60.0, 40.0) == f"about {told[0]} to go"
    pace.ended(100, 5.0, 40.0)
    assert pace.ended(200, 1.0, None) == f"about {told[1]} to go", "after what diverged nobody knows better"
    assert pace.ended(200, 60.0, 40.0) == ""


@pytest.mark.parametrize(
    ("allowed", "told"),
    [
        (601.0, ""),
        (120.9, ", of which ablate.minutes allows 2 min 0 s"),
        (0.5, ", of which ablate.minutes allows no more"),
    ],
)
def test_what_is_to_go_beyond_the_time_that_is_allowed_is_said_to_be(monkeypatch, allowed: float, told: str) -> None:
    now = iter([1000.0, 1000.9])
    monkeypatch.setattr("tasks.train_arms.time.monotonic", lambda: next(now))
    pace = train_arms.Pace(1_100, 1, allowed)
    assert pace.ended(100, 60.0, 40.0) == f"about 10 min 0 s to go{told}"


def test_that_one_diverged_is_told_below_its_line(some) -> None:
    heard: list[cards.Event] = []
    with cards.listen(heard.append):
        train_arms._told(Training(some, 0, 7, Sat(diverged="the loss is no number")), "")
    assert [(event.kind, event.text) for event in heard] == [
        ("started", ""),
        ("said", "curated, seed 7: diverged"),
        ("said", "warning: curated with seed 7 diverged: the loss is no number"),
        ("finished", ""),
    ]


def test_rows_that_nothing_tells_apart_are_refused_before_anything_is_trained(
    some, monkeypatch: pytest.MonkeyPatch, tiny_base: ModelFiles
) -> None:
    rows = records(*(f"word{n}" for n in range(4)))
    alike = arm("curated", "curated", [rows.with_columns(tokens=pl.lit(5))], some.data[0].validation, 900, 0.0, {})
    monkeypatch.setattr("tasks.cut_slices.embed", lambda texts, _: np.tile(np.eye(1, 8, dtype=np.float32), (4, 1)))
    with pytest.raises(ValueError, match=r"ablate\.slices: the embedder can't tell 4 rows apart"):
        cut_slices.fn(alike, Ablate(slices=2), tiny_base, tiny_base, Tune())


def test_an_adapter_that_breaks_on_the_exam_is_a_result_and_no_end_of_the_others(monkeypatch, tiny_base) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise BrokenWeights("The model's log-likelihood of item 7 is not a finite number")

    trained = Trained(
        adapter=store.Folder(path="", digest="d"), curve=store.Table(path="", digest="", rows=0), facts={}
    )
    monkeypatch.setattr("tasks.train_arm.attempt", lambda *_: trained)
    monkeypatch.setattr("tasks.train_arm.examine", breaks)
    diverged = Sat(diverged="The model's log-likelihood of item 7 is not a finite number")
    assert train_arm.fn(Tune(), None, None, tiny_base, tiny_base, None) == diverged
    monkeypatch.setattr("tasks.train_arm.attempt", breaks)  # on the spare items, by which its scale is chosen
    assert train_arm.fn(Tune(), None, None, tiny_base, tiny_base, None) == diverged


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"seeds": (0, 1)}, "at least 3"),
        ({"seeds": (0, 1, 1)}, "named twice"),
        ({"arms": ("random", "random")}, "named twice"),
        ({"slices": 1}, "2 or more"),
        ({"arms": ()}, "nothing to compare"),
        ({"shares": (1.0,)}, "less than 1"),
    ],
)
def test_what_makes_no_sense_is_refused(given, told) -> None:
    with pytest.raises(ValueError, match=told):
        Ablate(**given)


def test_dasks_workers_are_refused_where_the_package_is_missing_that_reaches_them(monkeypatch) -> None:
    monkeypatch.setattr("tasks.check_arms.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="pip install 'prefect-dask>="):
        check_arms(Ablate(dask="tcp://127.0.0.1:8786"), Domain(), Weigh(), Budget())


@pytest.mark.parametrize("address", ["xx", "tcp://xx", "tcp://:8786", "xx:many", "tcp://xx:99999", "tcp:///8786"])
def test_what_is_no_address_of_dask_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=rf"“{address}” is no address .* as tcp://host:8786\."):
        Ablate(dask=address)


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tls://xx:8786", "tcp://[::1]:8786"])
def test_an_address_of_dask_passes(address: str) -> None:
    assert Ablate(dask=address).dask == address


def test_a_seed_for_which_an_arms_scores_have_no_room_is_refused() -> None:
    largest = 2**32 - 1
    pl.DataFrame({"seed": [largest]}, schema={"seed": ARM_SCORES["seed"]})
    assert Ablate(seeds=(0, 1, largest)).seeds[2] == largest
    with pytest.raises(ValueError, match="less than 4294967296"):
        Ablate(seeds=(0, 1, largest + 1))


def test_the_domain_alone_is_no_arm_where_no_domain_is_told() -> None:
    assert check_arms(Ablate(), Domain(description="gardening"), Weigh(), Budget()) == Ablate()
    assert check_arms(Ablate(), Domain(), Weigh(), Budget()).arms == ("everything", "random", "longest")
    with pytest.raises(ValueError, match="domain-only needs a domain"):
        check_arms(Ablate(arms=("domain-only",)), Domain(), Weigh(), Budget())


@pytest.mark.parametrize(
    ("arm", "domain", "weigh"),
    [("no-quality", Domain(), Weigh(measure=True)), ("no-domain", Domain(description="gardening"), Weigh())],
)
def test_an_arm_without_the_scores_that_rows_are_chosen_by_is_refused(arm, domain, weigh) -> None:
    best = Budget(tokens=900, by="top-quality")
    with pytest.raises(ValueError, match=f"^ablate.arms: {arm} leaves no scores"):
        check_arms(Ablate(arms=(arm,)), domain, weigh, best)
    both = (Domain(description="gardening"), Weigh(measure=True))
    assert check_arms(Ablate(arms=(arm,)), *both, best).arms == (arm,)
    assert check_arms(Ablate(arms=(arm,)), domain, weigh, Budget(tokens=900)).arms == (arm,)


def test_a_part_of_the_budget_that_a_row_has_no_room_in_is_refused() -> None:
    rows = [pl.DataFrame({"tokens": tokens}, schema={"tokens": pl.UInt32}) for tokens in ([5, 90], [7])]
    ensure_reach(rows, 90, "ablate.shares: 0.1")
    with pytest.raises(ValueError, match=r"^ablate.shares: 0.1: 89 tokens are fewer than the longest row takes \(90\)"):
        ensure_reach(rows, 89, "ablate.shares: 0.1")


def test_an_arm_with_a_row_that_the_budget_has_no_room_for_is_refused_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_base: ModelFiles
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path))
    rows = records("alpha one", "beta two", LONG)
    pool = Pool(records=store.write_table(rows), quarantined=store.write_table(pl.DataFrame(schema=QUARANTINED)))
    own, held = (store.write_table(rows.select(PUBLISHED)[places]) for places in ([0], [1]))
    given = (pool, pool, Data(train=own, validation=held), None, tiny_base)
    (tokens,) = set(gather_arm.fn("curated", *given, Tune(), Ablate()).tokens)
    gather_arm.fn("curated", *given, Tune(token_budget=tokens), Ablate())
    with pytest.raises(ValueError, match=rf"^tune\.token_budget, for the arm everything: {tokens} tokens are fewer"):
        gather_arm.fn("everything", *given, Tune(token_budget=tokens), Ablate())


def test_dask_is_asked_for_a_single_training_at_once_too(monkeypatch) -> None:
    asked = []

    @contextlib.contextmanager
    def elsewhere(ablate: Ablate, folder: Path) -> Iterator[object]:
        asked.append(ablate.dask)
        yield None

    monkeypatch.setattr(at_once, "_runner", elsewhere)
    for ablate in (Ablate(), Ablate(dask="tcp://127.0.0.1:8786")):
        with at_once._beginning(ablate):
            pass
    assert asked == ["tcp://127.0.0.1:8786"]
