"""An adapter that forgot more than the budget is turned down to the scale that gains the most within it."""

from collections.abc import Callable

import polars as pl
import pytest

from evals import exam as examination
from evals.items import ANSWERS, SCORES
from evals.suites import Suite, items_from_records
from evals.verdict import Gate
from tasks import cards, exams, store
from tasks.choose_scale import choose_scale
from tasks.fine_tune import Trained, fine_tune
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.spare_items import Spare, spare_items
from tasks.split import Data
from tasks.training.settings import Tune
from tasks.turn_down import turn_down, written

HOT = {"token_budget": 6_000, "batch_tokens": 200, "learning_rate": 3e-2, "rank": 4, "threads": 1}


@pytest.fixture
def texts(
    answers_of: Callable[[list[str]], store.Table], general_of: Callable[[list[str], list[str]], GeneralText]
) -> tuple[Data, GeneralText]:
    """Rows of a domain, and general ones that say something else."""
    domain = [f"tomatoes water roses {at}" for at in range(12)]
    other = [f"marble ships letters {at}" for at in range(12)]
    return (
        Data(train=answers_of(domain[:8]), validation=answers_of(domain[8:])),
        general_of(other[:8], other[8:]),
    )


def exam_of(texts: list[str], answers_of: Callable[[list[str]], store.Table], asked: int = 4) -> exams.SealedExam:
    """An exam of what must be kept, and behind it the spare items."""
    kept = Suite(name="letters", role="retention", kind="completion")
    rows = store.read_table(answers_of(texts)).with_columns(group=pl.lit(None, pl.String))
    rows = rows.with_columns(origin=pl.format("rows.jsonl:{}", pl.int_range(pl.len())))
    items = items_from_records(rows, suite=kept, limit=len(texts))
    empty = pl.DataFrame(schema={"item": pl.String})
    return exams.hold("garden", exams.Exam(), (), exams.Draw(items[:asked], empty, empty, items[asked:]))


def spare_of(
    texts: list[str], answers_of: Callable[[list[str]], store.Table], gate: Gate, asked: int = 4
) -> Spare | None:
    return spare_items(exam_of(texts, answers_of, asked), gate)


def trained(texts: tuple[Data, GeneralText], base: ModelFiles, tune: Tune) -> Trained:
    return fine_tune.fn(*texts, base, tune)


def test_a_hot_adapter_is_turned_down_into_the_budget(texts, tiny_base: ModelFiles) -> None:
    told = {"budget": None}
    loose = trained(texts, tiny_base, Tune(**HOT, forgetting=told))
    lost = loose.facts["forgotten"]
    assert lost > 0.05
    tune = Tune(**HOT, forgetting={"budget": lost / 2, "on_breach": "tell"})
    found = choose_scale.fn(loose, *texts, tiny_base, tune)
    assert 0 < found.facts["chosen_scale"] < 1
    assert found.facts["forgotten"] <= lost / 2
    assert found.facts["validation_loss_after"] < loose.facts["validation_loss_before"]
    tried = {one["scale"]: one for one in found.facts["scales_tried"]}
    assert tried[1.0]["forgotten"] == lost
    within = [one for one in tried.values() if one["forgotten"] <= lost / 2]
    # Between the chosen one and what is too much lies an eighth: quarters were tried, and the middle of two.
    assert min(scale for scale in tried if scale > found.facts["chosen_scale"]) - found.facts["chosen_scale"] == 1 / 8
    assert found.facts["validation_loss_after"] == min(one["validation_loss"] for one in within)
    assert found.adapter == turn_down(loose, found.facts["chosen_scale"]).adapter
    assert written(found.adapter)["lora_alpha"] == pytest.approx(32 * found.facts["chosen_scale"])


@pytest.mark.parametrize("share", [0.7, 0.1])
def test_what_smaller_scales_would_show_is_not_measured_and_nothing_else_is_chosen(
    texts, tiny_base: ModelFiles, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    made = trained(texts, tiny_base, Tune(**HOT, forgetting={"budget": None}))
    # Scales may be written in any order, and twice.
    tune = Tune(**HOT, forgetting={"budget": made.facts["forgotten"] * share}, scales=[0.25, 0.75, 0.5, 0.125, 0.5])
    found = choose_scale.fn(made, *texts, tiny_base, tune).facts
    monkeypatch.setattr("tasks.choose_scale.settled", lambda *_: False)
    whole = choose_scale.fn(made, *texts, tiny_base, tune).facts
    assert len(whole["scales_tried"]) == 6
    assert len(found["scales_tried"]) < 6
    assert found | {"scales_tried": None} == whole | {"scales_tried": None}


def test_what_is_measured_at_scale_one_is_what_training_measured(texts, tiny_base: ModelFiles) -> None:
    from tasks.examine import loaded
    from tasks.training.engine import losses

    tune = Tune(**HOT, forgetting={"budget": None})
    found = trained(texts, tiny_base, tune)
    model, tokenizer = loaded(tiny_base, found.adapter, 1)
    data, general = texts
    loss, of_general = losses(model, tokenizer, *map(store.read_table, (data.validation, general.held)), tune)
    assert loss == pytest.approx(found.facts["validation_loss_after"], abs=1e-5)
    assert of_general - found.facts["general_loss_before"] == pytest.approx(found.facts["forgotten"], abs=1e-5)


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        ({"scale": "as-trained", "forgetting": {"budget": 1e-6}}, {}),
        ({"forgetting": {"budget": 99.0}}, {}),
        ({"forgetting": {"budget": None}}, {}),
        ({"forgetting": {"budget": 1e-6}}, {"forgotten": None}),
    ],
)
def test_nothing_is_tried_where_nothing_is_asked_or_known(
    texts, tiny_base: ModelFiles, asked: dict[str, object], changed: dict[str, object]
) -> None:
    few = Tune(**HOT | {"token_budget": 400}, forgetting={"budget": None})
    made = trained(texts, tiny_base, few)
    made = made.model_copy(update={"facts": made.facts | changed})
    assert choose_scale.fn(made, *texts, tiny_base, Tune(**HOT, **asked)) == made


LETTERS = [f"marble ships letters {at}" for at in range(20)]
STRICT = {"budget": 1e-3, "on_breach": "tell"}


def test_spare_items_choose_where_general_text_is_the_bases_own(texts, tiny_base: ModelFiles, answers_of) -> None:
    made = trained(texts, tiny_base, Tune(**HOT, forgetting={"budget": None}))
    tune = Tune(**HOT, forgetting=STRICT)
    wide = choose_scale.fn(made, *texts, tiny_base, tune, spare_of(LETTERS, answers_of, Gate(margin=99)))
    tried = {one["scale"]: one for one in wide.facts["scales_tried"]}
    lost = {scale: one["retention"][0] for scale, one in tried.items()}
    assert lost[1.0]["mean"] < lost[0.75]["mean"] < 0
    assert all(one["line"] == -99 and one["lower"] < one["mean"] for one in lost.values())
    # Every scale forgets more than the budget, and is kept all the same: the gain alone decides.
    assert all(one["forgotten"] > 1e-3 for one in tried.values())
    assert wide.facts["validation_loss_after"] == min(one["validation_loss"] for one in tried.values())

    between = -(lost[1.0]["lower"] + lost[0.75]["lower"]) / 2
    found = choose_scale.fn(made, *texts, tiny_base, tune, spare_of(LETTERS, answers_of, Gate(margin=between))).facts
    assert found["chosen_scale"] in (0.75, 0.875)
    assert found["forgotten"] > 1e-3
    kept = {one["scale"] for one in found["scales_tried"] if one["retention"][0]["lower"] > -between}
    assert found["chosen_scale"] in kept
    assert 1.0 not in kept


def test_text_of_ones_own_keeps_its_budget_beside_spare_items(texts, tiny_base: ModelFiles, answers_of) -> None:
    made = trained(texts, tiny_base, Tune(**HOT, forgetting={"budget": None}))
    tune = Tune(**HOT, forgetting={"budget": made.facts["forgotten"] / 2}, general={"sources": [{"path": "r.jsonl"}]})
    spare = spare_of(LETTERS, answers_of, Gate(margin=99))
    found = choose_scale.fn(made, *texts, tiny_base, tune, spare).facts
    alone = choose_scale.fn(made, *texts, tiny_base, tune).facts
    assert found["chosen_scale"] == alone["chosen_scale"] < 1


def test_where_spare_items_speak_for_no_scale_general_text_chooses(
    texts, tiny_base: ModelFiles, answers_of, monkeypatch
) -> None:
    made = trained(texts, tiny_base, Tune(**HOT, forgetting={"budget": None}))
    tune = Tune(**HOT, forgetting={"budget": made.facts["forgotten"] / 2}, scales=[0.75])
    spare = spare_of(LETTERS, answers_of, Gate(margin=1e-6))
    said: list[str] = []
    monkeypatch.setattr(cards, "say", said.append)
    found = choose_scale.fn(made, *texts, tiny_base, tune, spare).facts
    assert found["chosen_scale"] == choose_scale.fn(made, *texts, tiny_base, tune).facts["chosen_scale"]
    assert ["by general text alone" in one for one in said] == [True, False]


def test_where_a_template_shows_no_spare_item_general_text_chooses(texts, tiny_base, answers_of, monkeypatch) -> None:
    made = trained(texts, tiny_base, Tune(**HOT, forgetting={"budget": None}))
    tune = Tune(**HOT, forgetting={"budget": made.facts["forgotten"] / 2})
    none = examination.Sat(pl.DataFrame(schema=SCORES), pl.DataFrame(schema=ANSWERS))
    monkeypatch.setattr(examination, "sit", lambda *_, **__: none)
    found = choose_scale.fn(made, *texts, tiny_base, tune, spare_of(LETTERS, answers_of, Gate()))
    assert found == choose_scale.fn(made, *texts, tiny_base, tune)


def test_what_is_asked_is_judged_by_its_own_margin_alone(answers_of) -> None:
    gate = Gate(margins={"letters": 0.5}, min_gain=0.3, alpha=0.1)
    assert spare_of(LETTERS, answers_of, gate).gate == Gate(margins={"letters": 0.5}, alpha=0.1)
    assert spare_of(LETTERS, answers_of, Gate(), asked=16) is None  # four documents say nothing


def test_a_suite_without_spare_items_leaves_the_budget_in_force(answers_of) -> None:
    exam = exam_of(LETTERS, answers_of)
    items = store.read_table(exam.items)
    more = store.write_table(pl.concat([items, items.with_columns(suite=pl.lit("ships"))]))
    assert spare_items(exam, Gate()) is not None
    assert spare_items(exam.model_copy(update={"items": more}), Gate()) is None
    assert spare_items(exam.model_copy(update={"spare": None}), Gate()) is None


def test_without_a_budget_no_spare_items_are_asked(texts, tiny_base: ModelFiles, answers_of, monkeypatch) -> None:
    monkeypatch.setattr(examination, "sit", None)
    made = trained(texts, tiny_base, Tune(**HOT | {"token_budget": 400}, forgetting={"budget": None}))
    tune = Tune(**HOT, scale="best", scales=[0.5], forgetting={"budget": None})
    found = choose_scale.fn(made, *texts, tiny_base, tune, spare_of(LETTERS, answers_of, Gate())).facts
    assert all("retention" not in one for one in found["scales_tried"])


def test_virtual_tokens_are_left_as_they_are(texts, tiny_base: ModelFiles) -> None:
    tune = Tune(method="prompt", virtual_tokens=4, token_budget=400, batch_tokens=200, threads=1, scale="best")
    made = trained(texts, tiny_base, tune)
    assert choose_scale.fn(made, *texts, tiny_base, tune) == made


def test_without_a_scale_within_the_budget_the_adapter_stays(texts, tiny_base: ModelFiles) -> None:
    made = trained(texts, tiny_base, Tune(**HOT, forgetting={"budget": None}))
    # Of a base that was surer of the text by far, every scale forgot too much; a small scale may gain here as well.
    worse = {"general_loss_before": made.facts["general_loss_before"] - 9, "forgotten": made.facts["forgotten"] + 9}
    made = made.model_copy(update={"facts": made.facts | worse})
    tune = Tune(**HOT, forgetting={"budget": 1.0}, scales=[0.9])
    found = choose_scale.fn(made, *texts, tiny_base, tune)
    assert found.adapter == made.adapter
    assert "chosen_scale" not in found.facts
    assert [one["scale"] for one in found.facts["scales_tried"]] == [1.0, 0.9, 0.45]
