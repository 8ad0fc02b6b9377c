"""Calibration: a base against itself is neither better nor worse, and what was counted is written down."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evals.items import ITEMS, SCORES
from evals.verdict import Gate
from tasks import exams, models, runs, store
from tasks.calibrate import Again, Calibration, _parted, calibrate_gate, so_far

WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "a",
    "lazy",
    "dog",
    "near",
    "some",
    "river",
    "in",
    "a",
    "forest",
]


def _items(suite: str, role: str, count: int, seed: int) -> pl.DataFrame:
    chance = random.Random(seed)
    text = [" ".join(chance.choices(WORDS, k=12)) for _ in range(count)]
    return pl.DataFrame(
        [(suite, role, "text", f"{suite}/{n}", str(n), [], one, [], 0) for n, one in enumerate(text)],
        schema=ITEMS,
        orient="row",
    )


@pytest.fixture
def exam(home: Path) -> exams.SealedExam:
    items = pl.concat([_items("garden", "domain", 12, 0), _items("prose", "retention", 12, 1)])
    empty = pl.DataFrame(schema={"item": pl.String})
    return exams.hold("garden", exams.Exam(), (), exams.Draw(items, empty, empty))


def test_a_base_against_itself_is_undecided_in_other_batches_and_precision(
    home: Path, exam: exams.SealedExam, tmp_path: Path, llama: Callable[..., Any], tokenizer: Any
) -> None:
    llama(context=128).save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    base = models.base(str(tmp_path / "base"))
    found, file = calibrate_gate("garden", exam, base, Gate(), resamples=40, threads=1)
    assert [again.decision for again in found.base] == ["INCONCLUSIVE"] * 2
    batches, precision = found.base
    assert batches.largest < 0.02
    assert 1e-5 < precision.largest < 0.1, "bfloat16 keeps two to three digits"
    for again in found.base:
        assert again.alarms[0].ship.share <= 0.05
    assert (found.run, found.candidate, found.complete) == (None, [], True)
    for again in found.base:
        assert set(again.noise) == {"garden", "prose"}
        assert all(abs(mean) <= again.largest for mean in again.noise.values())
    assert found.noise == max(abs(mean) for again in found.base for mean in again.noise.values())
    assert found.sentence.startswith("Nothing here speaks against what the gate promises: wrong SHIP in ")
    assert file == home / "calibrations" / "garden.json"
    assert json.loads(file.read_text()) == found.model_dump(mode="json")


def test_the_newest_run_on_this_exam_gives_the_candidate(home: Path, exam: exams.SealedExam) -> None:
    nobody = models.ModelFiles(reference="none", folder="none", content="none")
    with pytest.raises(
        ValueError, match="No finished run of “garden” judged a candidate of this base on the exam sealed now"
    ):
        calibrate_gate("garden", exam, nobody, Gate(), resamples=20, ask=False)
    chance = random.Random(2)
    asked = store.read_table(exam.items).select("suite", "role", "item", "cluster")
    both = [
        asked.with_columns(model=pl.lit(model), score=pl.Series([-chance.random() for _ in range(24)]))
        for model in ("base", "candidate")
    ]
    ours = {"exam": exam.digest, "asked": exam.asked, "base": nobody.content}
    for digests in (ours, ours | {"asked": "otherwise"}, ours | {"base": "another"}):
        with runs.open_run("garden", "name: garden") as run:
            store.write_parquet(run.folder / "scores.parquet", pl.concat(both).cast(pl.Schema(SCORES)))
            run.commit(state="Rejected", reason="", facts={"digests": digests})
    measured = home / "calibrations" / "garden.json"
    measured.parent.mkdir()
    measured.write_text("what was found of the base")
    found, file = calibrate_gate("garden", exam, nobody, Gate(), resamples=20, ask=False)
    assert json.loads(file.read_text()) == found.model_dump(mode="json")
    assert measured.read_text() == "what was found of the base"
    assert found.run == runs.finished("garden")[0].name
    assert [one.truth for one in found.candidate] == [
        "nothing changed", "the gain lies on its line", "prose lies on its line",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("noise", "min_gain", "told"),
    [
        (2.3e-3, 0.0, "a gain of that size is none. Set in the recipe: gate: {min_gain: 0.003}"),
        (1e-5, 0.0, "less than what the gate takes for rounding (0.001)"),
        (2.3e-3, 0.01, "less than gate.min_gain (0.01)"),
    ],
)
def test_a_gain_above_the_models_own_noise_is_advised(noise: float, min_gain: float, told: str) -> None:
    again = Again(change="base, in bfloat16", decision="REJECT", largest=0.1, noise={"garden": -noise}, alarms=[])
    made = {"exam": "e", "resamples": 20, "seed": 0, "run": None, "candidate": []}
    found = Calibration(gate=Gate(min_gain=min_gain), base=[again], **made)
    assert told in found.advice
    assert found.sentence.startswith("Take care: the gate says REJECT of a base against itself") == (min_gain == 0)
    assert Calibration(gate=Gate(), base=[], **made).advice == ""


def test_what_was_counted_stays_when_it_is_interrupted_and_the_same_call_goes_on_behind_it(
    home: Path, exam: exams.SealedExam, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = models.ModelFiles(reference="none", folder="none", content="none")
    asked: list[str] = []
    chance = random.Random(3)

    def scored(_: object, items: pl.DataFrame, *rest: Any) -> pl.DataFrame:
        """Score 24 items, or parts of them, until the base is asked in the other precision the first time."""
        *_, name, precision = rest
        if precision is not None and "stopped" not in asked:
            asked.append("stopped")
            raise KeyboardInterrupt
        asked.append(f"{name} {items.height}")
        made = items.select("suite", "role", "item", "cluster", model=pl.lit(name))
        return made.with_columns(score=pl.Series([-chance.random() for _ in range(items.height)])).cast(
            pl.Schema(SCORES)
        )

    assert so_far("garden") is None
    monkeypatch.setattr("tasks.calibrate._scored", scored)
    first = home / "calibrations" / "garden.json"
    first.parent.mkdir()
    first.write_text("{}")
    with pytest.raises(KeyboardInterrupt):
        calibrate_gate("garden", exam, nobody, Gate(), resamples=20)
    assert asked == ["base 24", "candidate 8", "candidate 8", "candidate 8", "stopped"]
    assert first.read_text() == "{}", "what was found before stays until all is counted"
    part = so_far("garden")
    assert part is not None
    assert ([again.change for again in part[0].base], part[0].complete) == (
        ["base, in other batches and another order"], False,
    )  # fmt: skip
    found, file = calibrate_gate("garden", exam, nobody, Gate(), resamples=20)
    assert asked[5:] == ["candidate 24"], "neither the base nor what was counted is asked again"
    assert found.base[0] == part[0].base[0]
    assert (len(found.base), found.complete, so_far("garden")) == (2, True, None)
    assert json.loads(file.read_text())["complete"]


def test_another_gate_begins_anew(home: Path, exam: exams.SealedExam, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = models.ModelFiles(reference="none", folder="none", content="none")

    def counted(_: object, __: object, found: Calibration, ___: object) -> Iterator[Calibration]:
        assert found.base == []
        yield found.model_copy(update={"base": [again]})
        raise KeyboardInterrupt

    again = Again(change="base, in other batches and another order", decision="INCONCLUSIVE", largest=0.0, alarms=[])
    monkeypatch.setattr("tasks.calibrate._again", counted)
    for gate in (Gate(), Gate(margin=0.5)):
        with pytest.raises(KeyboardInterrupt):
            calibrate_gate("garden", exam, nobody, gate, resamples=20)


def test_items_of_lm_eval_stay_together_since_its_examples_depend_on_what_it_asks() -> None:
    guests = _items("arc", "retention", 5, 3).with_columns(kind=pl.lit("lm-eval"))
    items = pl.concat([_items("garden", "domain", 12, 0), guests])
    parts = _parted(items, 0)
    assert [part.height for part in parts] == [4, 4, 4, 5]
    assert pl.concat(parts).sort("item").equals(items.sort("item"))
    assert parts[-1].equals(guests)
    assert parts[0]["item"].to_list() != items["item"][:4].to_list()
    assert [part.height for part in _parted(guests, 0)] == [5]
