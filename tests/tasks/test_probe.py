"""The probe as a step: what is drawn, what is made of questions and answers, what can't be compared, what is traced."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from evals.items import ITEMS, SCORES
from evals.recall import RECALLED
from tasks import early_warning as warning
from tasks import probe as probing
from tasks import store, trace
from tasks.early_warning import AS_SCORED, early_warning
from tasks.examine import Scores
from tasks.exams import SealedExam
from tasks.models import ModelFiles
from tasks.probe import Probe, Probed
from tasks.split import Data

ANSWERS = [
    "In the forest.",
    "Near the river.",
    "Over the dog.",
    "Past the buffer.",
    "Four, of course.",
    "On the beach.",
]


def item(suite: str, n: int, *, role: str = "domain", kind: str = "completion", **more) -> dict[str, object]:
    prompt = [] if kind == "text" else [{"role": "user", "content": f"Where does fox {n} live?"}]
    row = {"suite": suite, "role": role, "kind": kind, "item": f"{suite}/{n}", "cluster": f"{suite}{n}"}
    return row | {"prompt": prompt, "target": ANSWERS[n % 6], "options": [], "answer": 0} | more


@pytest.fixture
def items() -> pl.DataFrame:
    choice = {"kind": "choice", "options": ["A fox.", "A dog.", "A buffer."], "answer": 1}
    rows = [item("fox", n) for n in range(6)] + [item("fox-choice", n, **choice) for n in range(4)]
    rows += [item("prose", n, role="retention", kind="text") for n in range(3)]
    rows += [item("asked", n, role="retention") for n in range(6)]
    return pl.DataFrame(rows, schema=ITEMS)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Embeddings that are the number of a text among those seen, as directions far from each other."""
    asked: list[int] = []

    def embed(texts: pl.Series, model: object) -> np.ndarray:
        asked.append(len(texts))
        return np.eye(8, dtype=np.float32)[: len(texts)]

    monkeypatch.setattr(probing, "embed", embed)
    return asked


def test_items_are_drawn_from_each_suite_in_turn_and_spoken_ones_first(items: pl.DataFrame) -> None:
    drawn = warning.drawn_from(items, 4)
    assert drawn["item"].to_list() == ["fox/0", "fox/1", "fox/2", "fox/3", "prose/0", "prose/1", "asked/0", "asked/1"]
    assert set(warning.drawn_from(items.filter(suite="fox-choice"), 9)["item"]) == {f"fox-choice/{n}" for n in range(4)}


def test_questions_that_must_not_be_forgotten_become_multiple_choice(items: pl.DataFrame, embedded: list[int]) -> None:
    missing: list[str] = []
    found = probing._choices(items, 3, None, missing)  # type: ignore[arg-type]
    assert found.schema == pl.Schema(ITEMS)
    assert found["suite"].to_list() == ["fox-choice"] * 3 + ["asked-choice"] * 3
    assert missing == ["prose: not asked again, because its texts hold no questions"]
    exam = {row["item"]: row for row in items.iter_rows(named=True)}
    for row in found.filter(suite="asked-choice").iter_rows(named=True):
        source = exam[row["item"].replace("asked-choice", "asked")]
        assert row["options"][row["answer"]] == source["target"]
        assert (row["cluster"], row["prompt"]) == (source["cluster"], source["prompt"])
        assert len(set(row["options"])) == 4


def test_a_task_of_lm_eval_is_told_to_be_left_out(items: pl.DataFrame) -> None:
    missing: list[str] = []
    guests = items.filter(suite="prose").with_columns(kind=pl.lit("lm-eval"), suite=pl.lit("arc_easy"))
    assert probing._choices(guests, 3, None, missing).is_empty()  # type: ignore[arg-type]
    assert missing == ["arc_easy: not asked again, because lm-eval asks it in a way of its own"]


def test_answers_that_are_too_few_for_options_are_told(items: pl.DataFrame, embedded: list[int]) -> None:
    missing: list[str] = []
    few = items.filter((pl.col("suite") == "asked") & (pl.col("item") < "asked/2"))
    assert probing._choices(few, 3, None, missing).is_empty()  # type: ignore[arg-type]
    assert "too few or too alike" in missing[0]


@pytest.fixture
def world(home: Path, tmp_path: Path, llama: Callable, tokenizer, items: pl.DataFrame):
    """A sealed exam, the base's scores on it, and an adapter, of the tiny model."""
    import torch
    from peft import LoraConfig, get_peft_model

    from evals import exam as examination

    base = llama(context=256)
    base.save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    from evals.models import load

    scores = examination.score(*load(tmp_path / "base"), items, model_name="base")
    model = get_peft_model(base, LoraConfig(r=4, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM"))
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.3)
    adapter = store.write_folder("adapters", lambda folder: model.save_pretrained(folder))
    table = store.write_table(items)
    exam = SealedExam(name="fox", digest="x", items=table, drawn=table, reserve=table, request="")
    before = Scores(scores=store.write_table(scores), answers=table)
    return exam, before, ModelFiles(reference="b", folder=str(tmp_path / "base"), content="x"), adapter


def probed(exam, before, base, adapter, settings: Probe) -> Probed:
    moved = early_warning.fn(exam, before, base, adapter, settings.divergence_items)
    return probing.probe.fn(exam, before, base, adapter, None, moved, settings)  # type: ignore[arg-type]


def test_base_and_candidate_are_compared_and_asked_again(world, items: pl.DataFrame, embedded: list[int]) -> None:
    exam, before, base, adapter = world
    found = probed(exam, before, base, adapter, Probe(divergence_items=4, known_items=4))
    moved, again = store.read_table(found.divergence), store.read_table(found.recalled)
    assert moved.height == 8
    assert moved["nats"].min() > 0
    both = moved.join(store.read_table(before.scores), on="item")
    assert (both["base"] - both["score"]).abs().max() < AS_SCORED
    assert again["suite"].to_list() == ["fox-choice"] * 4 + ["asked-choice"] * 4
    right = dict(store.read_table(before.scores).select("item", pl.col("score") == 1).iter_rows())
    own = again.filter(suite="fox-choice")
    assert own["knew"].to_list() == [right[name] for name in own["item"]]
    assert again.filter(~pl.col("knew"))["base"].null_count() == again.filter(~pl.col("knew")).height
    assert embedded == [6]


def test_a_base_that_scored_otherwise_is_not_taken_for_the_base(world, items: pl.DataFrame, embedded) -> None:
    exam, before, base, adapter = world
    other = store.read_table(before.scores).with_columns(
        score=pl.when(pl.col("score") < 0).then(pl.col("score") - 0.2).otherwise("score")
    )
    before = Scores(scores=store.write_table(other.cast(pl.Schema(SCORES))), answers=before.answers)
    found = probed(exam, before, base, adapter, Probe(divergence_items=4, known_items=4))
    assert (found.divergence.rows, found.recalled.rows) == (0, 0)
    assert "scores otherwise than the base alone" in found.missing[0]


def test_nothing_asked_for_loads_no_model(world) -> None:
    exam, before, _, adapter = world
    nowhere = ModelFiles(reference="b", folder="/nowhere", content="x")
    found = probed(exam, before, nowhere, adapter, Probe(divergence_items=0, known_items=0))
    assert (found.divergence.rows, found.recalled.rows, found.missing) == (0, 0, ())


def test_an_adapter_that_was_turned_down_is_compared_anew(world, embedded) -> None:
    exam, before, base, adapter = world
    settings = Probe(divergence_items=4, known_items=0)
    stale = early_warning.fn(exam, before, base, adapter, 4).model_copy(
        update={"adapter": "of scale 1", "divergence": before.scores}
    )
    found = probing.probe.fn(exam, before, base, adapter, None, stale, settings)  # type: ignore[arg-type]
    assert found == probed(*world, settings)
    assert found.divergence.rows == 8


def _probed(candidate: int | None) -> Probed:
    lost = {
        "suite": "asked-choice", "role": "retention", "item": "asked-choice/1", "cluster": "c", "options": ["no", "yes"],
        "prompt": [{"role": "user", "content": "Is it?"}], "answer": 1, "knew": True, "base": 1, "candidate": candidate,
    }  # fmt: skip
    table = store.write_table(pl.DataFrame([lost], schema=RECALLED))
    return Probed(divergence=table, recalled=table)


def test_lost_items_are_traced_to_the_nearest_rows_and_what_let_them_in(
    pool_of: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pool_of([(f"q{n}", f"a{n}") for n in range(5)], removed=[1])
    scores = pl.DataFrame({"row": [0, 2, 3, 4], "score": [0.5, 2.0, 3.0, 4.0], "threshold": [0.25] * 4})
    pool = pool.with_fates(pool.removed(), domain=scores.cast({"row": pl.UInt32}))
    train = pool.left().select("id", "messages", "source", "origin")
    data = Data(train=store.write_table(train), validation=store.write_table(train.clear()))
    asked: list[str] = []

    def embed_each(texts: list[pl.Series], model: object) -> list[np.ndarray]:
        asked.extend(texts[1])
        near = np.array([[0.1], [0.9], [0.5], [0.7]], dtype=np.float32)
        return [near, np.ones((len(texts[1]), 1), np.float32)]

    monkeypatch.setattr(trace, "embed_each", embed_each)
    found = store.read_table(trace.trace.fn(_probed(0), data, pool, None).nearest)
    assert asked == ["Is it?\nno"]
    assert found["origin"].to_list() == ["rows.jsonl:3", "rows.jsonl:5", "rows.jsonl:4"]
    assert found["similarity"].to_list() == pytest.approx([0.9, 0.7, 0.5], abs=1e-6)
    assert found.select("rank", "stage", "score", "threshold").rows()[0] == (1, "keep_domain", 2.0, 0.25)
    kept = trace.trace.fn(_probed(None), data, pool_of([(f"q{n}", f"a{n}") for n in range(5)]), None)
    assert store.read_table(kept.nearest)["stage"].unique().to_list() == ["split"]
    assert asked[1] == "Is it?\n"
    assert trace.trace.fn(_probed(1), data, pool, None).nearest.rows == 0
    assert len(asked) == 2
