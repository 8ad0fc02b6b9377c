"""Repair: a candidate that gains and forgets too much ships at a smaller scale, if validation items and exam agree."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from prefect import flow
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings

from evals import exam as examination
from evals.items import SCORES
from evals.repairing import name_at
from evals.suites import Suite, items_from_records
from evals.verdict import Gate, Verdict
from quality.records import MESSAGE, record_ids
from tasks import exams, models, store
from tasks.examine import Scores, examine
from tasks.examine_champion import Examined
from tasks.fine_tune import Trained
from tasks.judge import judge
from tasks.models import ModelFiles
from tasks.pool import Pool
from tasks.repair import Repaired, repair, repair_told
from tasks.split import Data
from tasks.turn_down import turn_down

SETTINGS = exams.Exam(domain_items=12, choice_items=0, retention_items=12)


def _records(seed: int, words: str, rows: int) -> pl.DataFrame:
    chance = random.Random(seed)
    said = [
        [{"role": "user", "content": f"Tell {chance.randrange(999)}."},
         {"role": "assistant", "content": " ".join(chance.choices(words.split(), k=12))}]
        for _ in range(rows)
    ]  # fmt: skip
    messages = pl.Series("messages", said, dtype=pl.List(MESSAGE))
    return pl.DataFrame({"id": record_ids(messages), "messages": messages}).with_columns(
        source=pl.lit("s"),
        origin=pl.format("rows.jsonl:{}", pl.int_range(pl.len()) + seed),
        group=pl.lit(None, pl.String),
    )


GARDEN = "tomatoes roses water prune early spring roots stay cool with a hoe and shears"
LETTERS = "the general wrote letters of marble ships and harbours before winter ended in peace"


class Hot(NamedTuple):
    """All that a repair is given."""

    trained: Trained
    before: Scores
    after: Scores
    pool: Pool
    data: Data
    exam: exams.SealedExam
    base: ModelFiles
    margin: float
    """Between what is surely lost at three quarters and at half: each processor trains another adapter."""

    def verdict(self, gate: Gate, earlier: tuple[Examined, ...] = ()) -> Verdict:
        return judge.fn(self.before, self.after, gate, earlier=earlier)

    def repaired(self, gate: Gate, earlier: tuple[Examined, ...] = ()) -> Repaired:
        found = self.trained, self.before, self.after, self.verdict(gate, earlier), gate, self.pool, earlier
        return repair(*found, self.data, self.exam, self.base, threads=1)


def _learn(model: Any, tokenizer: Any, texts: list[str], steps: int, rate: float) -> None:
    import torch

    best = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=rate)
    batch = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    for _ in range(steps):
        loss = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels).loss
        best.zero_grad()
        loss.backward()
        best.step()


@pytest.fixture(scope="module")
def hot(tmp_path_factory: pytest.TempPathFactory, llama: Callable[..., Any], tokenizer: Any) -> Iterator[Hot]:
    """A tiny base that knows letters, and an adapter that learnt gardening too fast."""
    from peft import LoraConfig, get_peft_model

    folder = tmp_path_factory.mktemp("hot")
    patch = pytest.MonkeyPatch()
    patch.setenv("WINNOW_HOME", str(folder / "home"))
    answers = lambda frame: frame["messages"].list.last().struct.field("content").to_list()  # noqa: E731
    gardens, letters = _records(0, GARDEN, 60), _records(1000, LETTERS, 60)
    model = llama(context=128)
    _learn(model, tokenizer, answers(_records(2000, LETTERS, 24)) + answers(_records(3000, GARDEN, 4)), 60, 3e-3)
    model.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    base = models.base(str(folder / "base"))
    adapted = get_peft_model(
        model, LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "up_proj"], task_type="CAUSAL_LM")
    )
    _learn(adapted, tokenizer, answers(gardens[:24]), 40, 2e-2)

    def fill(target: Path) -> None:
        adapted.save_pretrained(target)
        config = json.loads((target / "adapter_config.json").read_text()) | {"base_model_name_or_path": base.reference}
        (target / "adapter_config.json").write_text(json.dumps(config))

    domain = items_from_records(gardens[24:36], suite=Suite(name="garden", role="domain", kind="completion"))
    kept = items_from_records(letters, suite=Suite(name="letters", role="retention", kind="completion"), limit=24)
    empty = pl.DataFrame(schema={"item": pl.String})
    exam = exams.hold("garden", SETTINGS, (), exams.Draw(pl.concat([domain, kept[:12]]), empty, empty, kept[12:]))
    validation = gardens[36:48].select("id", "messages", "source", "origin")
    data = Data(train=store.write_table(validation.clear()), validation=store.write_table(validation))
    records = gardens.with_row_index("row")
    pool = Pool(records=store.write_table(records), quarantined=store.write_table(records.clear()))
    adapter = store.write_folder("adapters", fill)
    trained = Trained(adapter=adapter, curve=store.write_table(records.clear()), facts={"method": "lora"})
    before, after = examine.fn(exam, base, None, 1), examine.fn(exam, base, adapter, 1)
    weaker = (turn_down(trained, scale).adapter for scale in (0.75, 0.5))
    scored = (examine.fn(exam, base, adapter, 1) for adapter in weaker)
    lost = [-judge.fn(before, at_scale, Gate()).retention[0].lower for at_scale in scored]
    yield Hot(trained, before, after, pool, data, exam, base, sum(lost) / 2)
    patch.undo()


class Killed(BaseException):
    """Stands for whatever ends a run, and that nothing catches."""


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom the scorer was asked about; it dies at the name that is put in front with a minus."""
    asked: list[str] = []
    sit = examination.sit

    def counting(*given: Any, model_name: str, **more: Any) -> examination.Sat:
        if asked[:1] == [f"-{len(asked)}"]:
            raise Killed
        asked.append(model_name)
        return sit(*given, model_name=model_name, **more)

    monkeypatch.setattr(examination, "sit", counting)
    return asked


def test_a_hot_candidate_ships_at_the_largest_scale_that_validation_and_exam_accept_however_often_it_is_killed(
    hot: Hot, prefect_server: None, scored: list[str], tmp_path: Path
) -> None:
    gate = Gate(margin=hot.margin)
    assert hot.verdict(gate).decision != "SHIP"
    once = flow(hot.repaired, validate_parameters=False)
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(tmp_path)}):
        scored.append("-5")  # base, three quarters and a half on validation items, the exam's domain, and what is kept
        with pytest.raises(Killed):
            once(gate)
        assert scored[1:] == ["base", "candidate@0.75", "candidate@0.5", "candidate"]
        scored.clear()
        found = once(gate)
    assert scored == ["candidate"], "what was scored before it was killed is scored no more"

    assert (found.verdict.decision, found.verdict.scale) == ("SHIP", 0.5)
    assert found.verdict.reason.startswith("repaired at scale 0.5: the domain gains +")
    assert found.tried is not None
    tried, repair = found.tried, found.tried.repair
    assert [(look.scale, look.verdict.decision == "SHIP") for look in repair.validation] == [(0.75, False), (0.5, True)]
    assert repair.unscaled == hot.verdict(gate)
    items, asked = store.read_table(tried.items), store.read_table(hot.exam.items)
    assert not set(items["item"]) & set(asked["item"])
    assert items.filter(role="retention").equals(store.read_table(hot.exam.spare))  # type: ignore[arg-type]
    assert items.filter(role="domain").height == 12
    unscaled = store.read_table(tried.exam).drop("model")  # type: ignore[arg-type]
    assert unscaled.equals(store.read_table(hot.after.scores).drop("model"))
    assert set(store.read_table(tried.exam)["model"]) == {name_at(1.0)}  # type: ignore[arg-type]
    was, now = (store.locate(one.adapter) for one in (hot.trained, found.trained))
    assert json.loads((now / "adapter_config.json").read_text())["lora_alpha"] == 4
    assert (was / "adapter_model.safetensors").read_bytes() == (now / "adapter_model.safetensors").read_bytes()


def test_a_repaired_candidate_is_held_against_the_champion_at_its_scale(
    hot: Hot, prefect_server: None, tmp_path: Path
) -> None:
    asked = store.read_table(hot.before.scores).with_columns(model=pl.lit("champion"))
    champion = Examined(model="champion", run="the-run-before", scores=store.write_table(asked))
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(tmp_path)}):
        found = flow(hot.repaired, validate_parameters=False)(Gate(margin=hot.margin), (champion,))
    assert (found.verdict.decision, found.verdict.scale) == ("SHIP", 0.5)
    beside = found.verdict.champion and found.verdict.champion.verdict
    assert beside is not None
    assert (beside.decision, beside.scale) == ("SHIP", 0.5)
    assert beside.gain.mean == found.verdict.gain.mean, "the champion scores as the base does"
    assert found.tried is not None
    unscaled = found.tried.repair.unscaled.champion
    assert unscaled is not None
    assert unscaled.verdict is not None
    assert (unscaled.verdict.decision, unscaled.verdict.scale) != ("SHIP", 0.5)


def test_a_scale_that_beats_the_base_and_not_the_champion_is_not_shipped(
    hot: Hot, prefect_server: None, tmp_path: Path
) -> None:
    """Repair is tried only where the gain on the champion stands, and the exam is what decides it at the scale."""
    base = store.read_table(hot.before.scores)
    at_one = store.read_table(hot.after.scores)
    nearly = base.join(at_one, on="item", suffix="_1", maintain_order="left").with_columns(
        model=pl.lit("champion"),
        score=pl.when(pl.col("role") == "domain").then(pl.col("score_1") - 0.05).otherwise("score"),
    )
    champion = Examined(model="champion", run="best", scores=store.write_table(nearly.select(SCORES.keys())))
    noise = [0.01 * (n % 3) for n in range(at_one.height)]
    after = hot.after.model_copy(
        update={"scores": store.write_table(at_one.with_columns(pl.col("score") + pl.Series(noise)))}
    )
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(tmp_path)}):
        found = flow(hot._replace(after=after).repaired, validate_parameters=False)(
            Gate(margin=hot.margin), (champion,)
        )
    assert found.tried is not None
    repair = found.tried.repair
    assert (repair.scale, repair.accepted) == (0.5, False)
    assert found.verdict == repair.unscaled.model_copy(update={"unrepaired": repair.unrepaired})
    assert repair.sentence.startswith("no repair: scale 0.5 passes on validation items, but the exam says beside the ")


def test_where_nothing_is_to_repair_or_nobody_asks_for_it_nothing_is_scored(hot: Hot, scored: list[str]) -> None:
    for gate, why in (
        (Gate(margin=3.0), None),
        (Gate(margin=hot.margin, repair=False), None),
        (Gate(margin=hot.margin, min_gain=50.0), "no_gain"),
    ):
        found = hot.repaired(gate)
        told = found.verdict.unrepaired
        assert (told and told.why) == why
        assert found == Repaired(
            hot.trained, hot.after, hot.verdict(gate).model_copy(update={"unrepaired": told}), None
        )
        assert repair_told(found.verdict, None) == (told.sentence if told else "")
    assert scored == []


def test_a_scale_that_the_exam_refuses_leaves_the_verdict_as_it_was_and_is_told(
    hot: Hot, prefect_server: None, tmp_path: Path
) -> None:
    unspared = hot._replace(exam=hot.exam.model_copy(update={"spare": None}))
    gate = Gate(margin=0.02)
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(tmp_path)}):
        found = flow(unspared.repaired, validate_parameters=False)(gate)
    assert found.tried is not None
    repair = found.tried.repair
    told = hot.verdict(gate).model_copy(update={"unrepaired": repair.unrepaired})
    assert found[:3] == (hot.trained, hot.after, told)
    assert [one.suite for one in repair.unvalidated] == ["letters"], "there is nothing to choose by on it"
    assert (repair.scale, repair.accepted) == (0.75, False)
    assert set(store.read_table(found.tried.exam)["model"]) == {"candidate@0.75"}  # type: ignore[arg-type]
    assert repair.sentence.startswith("no repair: scale 0.75 passes on validation items, but the exam says letters ")


def test_no_scale_is_tried_where_no_validation_row_tells_of_the_gain(
    hot: Hot, prefect_server: None, scored: list[str], tmp_path: Path
) -> None:
    rows = store.read_table(hot.data.validation).head(3)
    few = hot._replace(data=hot.data.model_copy(update={"validation": store.write_table(rows)}))
    with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(tmp_path)}):
        found = flow(few.repaired, validate_parameters=False)(Gate(margin=hot.margin))
    assert scored == []
    assert found.tried is not None
    assert found.verdict.unrepaired is not None
    assert found.verdict.unrepaired.why == "no_validation_items"
    assert (
        found.verdict.unrepaired.sentence
        == found.tried.repair.sentence
        == ("no repair was tried, because only 3 documents are held back for validation, and 5 are needed")
    )
