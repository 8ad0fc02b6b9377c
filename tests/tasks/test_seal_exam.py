"""Sealing: an exam is drawn in whole clusters, once it was used for good, and nothing like it stays in the pool."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from evals.suites import Suite
from tasks import cards, exam_size, exams, models, store
from tasks import seal_exam as under_test
from tasks.examine import examine
from tasks.exams import Exam, ExamChanged, PinnedSuite
from tasks.pool import EmptyPool, Pool
from tasks.seal_exam import Sealed, seal_exam

NO_MODEL = models.ModelFiles(reference="none", folder="none", content="none")
SETTINGS = Exam(domain_items=4, choice_items=0, largest_share=0.5)


def draw(pool: Pool, settings: Exam = SETTINGS, suites: tuple[PinnedSuite, ...] = ()) -> Sealed:
    return seal_exam.fn(pool, "garden", settings, suites, NO_MODEL)


def seal(pool: Pool, settings: Exam = SETTINGS, suites: tuple[PinnedSuite, ...] = ()) -> Sealed:
    """Draw an exam and use it."""
    sealed = draw(pool, settings, suites)
    exams.seal(sealed.exam)
    return sealed


def sealed_rows(sealed: Sealed) -> dict[int, str]:
    """Rows that were sealed, with their witnesses."""
    fates = sealed.pool.removed().filter(stage="seal_exam")
    assert set(fates["reason"]) <= {"sealed_for_exam"}
    return dict(fates.select("row", "witness").iter_rows())


def drawn_ids(sealed: Sealed) -> set[str]:
    return set(store.read_table(sealed.exam.drawn)["id"])


@pytest.fixture
def thirty(pool_of: Callable[..., Pool], noise: Callable[[int], str]) -> Pool:
    return pool_of([(noise(5), noise(20)) for _ in range(30)], removed=[0, 1])


def test_drawn_rows_leave_the_pool_as_their_own_witnesses_and_become_items(thirty: Pool) -> None:
    sealed = seal(thirty)
    ids = dict(thirty.read().select("row", "id").iter_rows())
    gone = sealed_rows(sealed)
    assert gone == {row: ids[row] for row in gone}
    assert set(gone.values()) == drawn_ids(sealed)
    items = store.read_table(sealed.exam.items)
    assert set(items["item"]) == {f"garden/{id_}" for id_ in gone.values()}
    assert set(items["role"]) == {"domain"}
    assert sealed.pool.left().height == 28 - 4


@pytest.mark.parametrize(("share", "drawn"), [(0.1, 2), (0.5, 4)])
def test_no_more_than_the_share_allowed_of_what_is_left_is_sealed(thirty: Pool, share: float, drawn: int) -> None:
    sealed = seal(thirty, SETTINGS.model_copy(update={"largest_share": share}))
    assert len(sealed_rows(sealed)) == drawn  # a tenth of 28 is 2.8


def test_an_answer_that_stands_in_other_rows_too_is_not_asked(pool_of, noise) -> None:
    common = "Other: Reduce Performance"
    pool = pool_of([(noise(5), common if row % 2 else noise(20)) for row in range(30)])
    settings = SETTINGS.model_copy(update={"domain_items": 10, "largest_share": 0.4, "choice_items": 0})
    sealed = draw(pool, settings)
    items = store.read_table(sealed.exam.items)
    asked = items.filter(pl.col("role") == "domain")["target"].to_list()
    assert asked
    assert common not in asked
    assert common in store.read_table(sealed.exam.reserve)["answer"].to_list(), "it is sealed all the same"


def test_nor_is_one_that_stands_below_several_questions_of_the_exam_itself(pool_of, noise) -> None:
    thanks = "That is a great topic! Many people find it interesting."
    pool = pool_of([(f"{noise(5)}", thanks) for _ in range(6)] + [(noise(5), noise(20)) for _ in range(6)])
    settings = SETTINGS.model_copy(update={"domain_items": 12, "largest_share": 1.0})
    asked = under_test._draw(pool, "garden", settings, (), NO_MODEL)[0].items
    assert thanks not in asked["target"].to_list()
    assert asked.height == 6


def test_a_question_that_rows_answer_in_several_ways_is_not_drawn_while_there_are_others(pool_of, noise) -> None:
    asked = [noise(8) for _ in range(10)]
    pool = pool_of(
        [*((question, noise(20)) for question in asked for _ in range(2)), *((noise(8), noise(20)) for _ in range(10))]
    )
    settings = SETTINGS.model_copy(update={"domain_items": 9, "largest_share": 0.5})
    assert set(sealed_rows(draw(pool, settings))) <= set(range(20, 30))
    pairs = pool_of([(question, noise(20)) for question in asked for _ in range(2)])
    assert sealed_rows(draw(pairs, settings)), "rather these than no exam"


def test_where_all_answers_are_common_they_are_asked_all_the_same(pool_of, noise) -> None:
    pool = pool_of([(noise(5), f"the answer {row % 3}") for row in range(30)])
    settings = SETTINGS.model_copy(update={"domain_items": 4, "largest_share": 0.4, "choice_items": 0})
    assert store.read_table(draw(pool, settings).exam.items).height


def test_another_seed_draws_another_exam(thirty: Pool) -> None:
    drawn = [draw(thirty, SETTINGS.model_copy(update={"seed": seed})).exam for seed in range(3)]
    assert len({exam.digest for exam in drawn}) == 3


def test_a_cluster_is_sealed_whole(pool_of, noise) -> None:
    groups = [f"document {row // 3}" for row in range(15)]
    pool = pool_of([(noise(5), noise(20)) for _ in range(15)], groups, removed=range(2, 15, 3))
    gone = sealed_rows(seal(pool))
    # Of each document two rows were left; the third has its fate already.
    assert sorted(row % 3 for row in gone) == [0, 0, 1, 1]
    assert len({row // 3 for row in gone}) == 2
    ids = pool.read()["id"]
    assert all(witness == ids[row] for row, witness in gone.items())


@pytest.mark.parametrize("name", ["garden", "garden-choice"])
def test_a_suite_named_like_the_domains_own_is_refused(pool_of, noise, tmp_path, name) -> None:
    file = tmp_path / f"{name}.jsonl"
    file.write_text(json.dumps({"instruction": noise(5), "output": noise(20)}) + "\n")
    suite = Suite(name=name, role="retention", kind="completion", source={"path": str(file)}, version=1)
    with pytest.raises(ValueError, match=f"a suite is named “{name}”, as that which is drawn from the pool"):
        draw(pool_of([(noise(5), noise(20)) for _ in range(8)]), suites=(PinnedSuite(suite=suite, content=""),))


def test_near_copies_in_the_exam_count_as_one_document(pool_of, noise) -> None:
    told = [noise(40) for _ in range(6)]
    pool = pool_of([(noise(5), f"{answer} {noise(2)}") for answer in told for _ in range(3)])
    settings = SETTINGS.model_copy(update={"domain_items": 9, "largest_share": 0.5})
    items = store.read_table(draw(pool, settings).exam.items)
    assert items.height == 9
    counted = items.group_by("cluster").agg(pl.len(), pl.col("target").str.slice(0, 30).n_unique().alias("answers"))
    assert counted.rows() == [(name, 3, 1) for name in counted["cluster"]]


def test_near_copies_of_a_suite_count_as_one_document_and_keep_the_name_of_its_group(tmp_path, pool_of, noise) -> None:
    answer = noise(40)
    rows = [{"instruction": noise(5), "output": f"{answer} {noise(2)}", "page": page} for page in ("b", "a", None)]
    rows.append({"instruction": noise(5), "output": noise(40), "page": None})
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    suite = Suite(name="quiz", role="domain", kind="completion", source={"path": str(file), "group": "page"}, version=1)
    pinned = PinnedSuite(suite=suite, content="")
    items = store.read_table(draw(pool_of([(noise(5), noise(20))] * 2), suites=(pinned,)).exam.items)
    names = dict(items.select("target", "cluster").iter_rows())
    alike = {name for target, name in names.items() if target.startswith(answer)}
    assert len(names) == 4
    assert len(alike) == 1
    assert alike.isdisjoint(name for target, name in names.items() if not target.startswith(answer))


def test_rows_that_come_later_and_are_like_a_sealed_row_leave_the_pool_too(pool_of, noise) -> None:
    rows = [(noise(5), noise(60)) for _ in range(10)]
    groups = [f"document {row}" for row in range(10)]
    before = pool_of(rows, groups)
    first = seal(before)
    sealed = sorted(sealed_rows(first))
    ids = before.read()["id"]
    asks_the_same = (rows[sealed[0]][0].upper(), noise(60))
    reads_alike = (noise(5), f"{rows[sealed[1]][1]} {noise(1)}")
    same_document, unlike = (noise(5), noise(60)), (noise(5), noise(60))
    after = pool_of(
        [*rows, asks_the_same, reads_alike, same_document, unlike],
        [*groups, None, None, groups[sealed[2]], "document 10"],
    )
    second = seal(after)
    assert second.exam == first.exam
    assert sealed_rows(second) == {
        **{row: ids[row] for row in sealed},
        10: ids[sealed[0]],
        11: ids[sealed[1]],
        12: ids[sealed[2]],
    }


def test_a_document_of_the_exam_stays_out_though_its_drawn_row_is_gone_from_the_pool(pool_of, noise) -> None:
    first = seal(pool_of([(noise(5), noise(20)) for _ in range(10)], groups=[f"document {row}" for row in range(10)]))
    drawn = store.read_table(first.exam.drawn).sort("id").row(0, named=True)
    pool = pool_of([(noise(5), noise(20)) for _ in range(3)], groups=["new", drawn["group"], None])
    assert sealed_rows(seal(pool)) == {1: drawn["id"]}


def test_the_exam_is_sealed_under_its_own_name_where_it_has_one(home: Path, thirty: Pool) -> None:
    seal(thirty)
    seal(thirty, SETTINGS.model_copy(update={"name": "other"}))
    assert sorted(path.name for path in (home / "exams").iterdir()) == ["garden", "other"]


def test_an_exam_nobody_used_is_not_sealed_and_the_same_run_draws_it_again(home: Path, thirty: Pool) -> None:
    drawn = draw(thirty)
    assert not (home / "exams").exists()
    assert draw(thirty) == drawn
    assert seal(thirty) == drawn
    assert draw(thirty) == drawn, "loaded as it was drawn"


def test_an_exam_nobody_used_is_drawn_anew_from_a_mended_pool(pool_of, noise, thirty: Pool) -> None:
    broken = draw(pool_of([(noise(5), noise(20)) for _ in range(10)]))
    mended = seal(thirty)
    assert drawn_ids(mended) <= set(thirty.read()["id"])
    assert not drawn_ids(mended) & drawn_ids(broken)


def test_an_exam_is_sealed_before_a_candidate_sees_it_and_the_base_seals_nothing(home: Path, thirty: Pool) -> None:
    exam = draw(thirty).exam
    with pytest.raises(Exception, match="none"):
        examine.fn(exam, NO_MODEL)
    assert exams.load("garden", SETTINGS, ()) is None
    with pytest.raises(Exception, match="none"):
        examine.fn(exam, NO_MODEL, store.Folder(path="store/adapters/none", digest=""))
    assert exams.load("garden", SETTINGS, ()) == exam


def test_an_exam_sealed_by_another_run_meanwhile_is_not_overwritten(home: Path, thirty: Pool) -> None:
    first, second = (draw(thirty, SETTINGS.model_copy(update={"seed": seed})).exam for seed in (1, 2))
    exams.seal(first)
    exams.seal(first)
    before = {file: file.read_bytes() for file in (home / "exams" / "garden").iterdir()}
    with pytest.raises(ExamChanged, match="Another run sealed another exam under the name “garden”"):
        exams.seal(second)
    assert {file: file.read_bytes() for file in (home / "exams" / "garden").iterdir()} == before


@pytest.mark.parametrize("name", ["../../etc/x", "a/b", "..", "/"])
def test_whatever_its_name_an_exam_lies_in_a_folder_among_the_exams(home: Path, thirty: Pool, name: str) -> None:
    seal(thirty, SETTINGS.model_copy(update={"name": name}))
    (folder,) = (home / "exams").iterdir()
    assert (folder / "exam.json").is_file()


def _suite(folder: Path, role: str, content: str = "x", **more: object) -> PinnedSuite:
    rows = [{"question": f"What is {n} plus {n}?", "answer": f"That is {n + n}."} for n in range(8)]
    folder.mkdir(exist_ok=True)
    (folder / "sums.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    source = {"path": str(folder / "sums.jsonl")}
    return PinnedSuite(suite=Suite(name="sums", role=role, kind="completion", source=source, **more), content=content)


def test_a_domain_exam_from_a_file_takes_nothing_from_the_pool(tmp_path: Path, thirty: Pool) -> None:
    sealed = seal(thirty, suites=(_suite(tmp_path, "domain"),))
    assert sealed.pool == thirty
    assert drawn_ids(sealed) == set()
    items = store.read_table(sealed.exam.items)
    assert items.select(pl.col("suite", "role").unique()).rows() == [("sums", "domain")]


def test_a_retention_suite_stands_beside_the_domain_drawn_from_the_pool(tmp_path: Path, thirty: Pool) -> None:
    settings = SETTINGS.model_copy(update={"retention_items": 3})
    sealed = seal(thirty, settings, suites=(_suite(tmp_path, "retention"),))
    counted = store.read_table(sealed.exam.items).group_by("suite", "role").len().sort("suite").rows()
    assert counted == [("garden", "domain", 4), ("sums", "retention", 3)]
    assert len(sealed_rows(sealed)) == 4
    # Nothing of the file may be trained on, asked or not: eight rows of it, and the four drawn.
    assert store.read_table(sealed.exam.reserve).height == 12


def test_a_suite_may_limit_its_items_itself(tmp_path: Path, thirty: Pool) -> None:
    items = store.read_table(seal(thirty, suites=(_suite(tmp_path, "retention", limit=2),)).exam.items)
    assert items.filter(suite="sums").height == 2


def test_an_exam_stays_the_same_when_its_files_move(tmp_path: Path, thirty: Pool) -> None:
    here, there = (
        seal(
            thirty,
            SETTINGS.model_copy(update={"retention": [f"{folder}/sums.jsonl"]}),
            suites=(_suite(tmp_path / folder, "retention"),),
        ).exam
        for folder in ("here", "there")
    )
    assert here == there


@pytest.mark.parametrize(
    ("settings", "suite"),
    [
        ({"seed": 1}, {}),
        ({"domain_items": 3}, {}),
        ({"retention_items": 2}, {}),
        ({}, {"content": "y"}),
        ({}, {"limit": 2}),
    ],
)
def test_another_exam_under_a_sealed_name_is_refused(tmp_path: Path, thirty: Pool, settings: dict, suite: dict) -> None:
    seal(thirty, suites=(_suite(tmp_path, "retention"),))
    with pytest.raises(ExamChanged, match="set exam.name to a new name"):
        seal(thirty, SETTINGS.model_copy(update=settings), suites=(_suite(tmp_path, "retention", **suite),))


def test_a_pool_that_is_sealed_whole_is_told_what_to_do(pool_of, noise) -> None:
    with pytest.raises(EmptyPool, match="“seal_exam” .sealed_for_exam 2.*give exam.domain"):
        seal(pool_of([(noise(5), noise(20)) for _ in range(2)], groups=["a", "a"]))


@pytest.mark.parametrize(("rows", "asked"), [(3, 0), (4, 4)])
def test_multiple_choice_that_can_not_be_asked_is_said_with_the_reason_and_stays_with_the_exam(
    monkeypatch: pytest.MonkeyPatch, thirty: Pool, rows: int, asked: int
) -> None:
    monkeypatch.setattr("tasks.seal_exam.embed", lambda answers, _: np.eye(len(answers), dtype=np.float32))
    settings = SETTINGS.model_copy(update={"domain_items": rows, "choice_items": 10})
    said: list[cards.Event] = []
    with cards.listen(said.append):
        sealed, again = seal(thirty, settings).exam, seal(thirty, settings).exam
    assert again == sealed
    assert store.read_table(sealed.items).filter(kind="choice").height == asked
    told = [event.text for event in said if "not examined" in event.text]
    assert [missing.suite for missing in sealed.unexamined] == ([] if asked else ["garden-choice"])
    assert told == [f"{missing.suite}: not examined, because {missing.reason}" for missing in sealed.unexamined] * 2
    assert asked or "three sibling answers" in told[0]


def test_multiple_choice_nobody_asked_for_is_not_missed(thirty: Pool) -> None:
    assert draw(thirty).exam.unexamined == ()


@pytest.mark.parametrize(("items", "warned"), [(4, True), (5, False)])
def test_an_exam_too_small_to_decide_anything_is_warned_of_when_it_is_sealed(
    thirty: Pool, caplog: pytest.LogCaptureFixture, items: int, warned: bool
) -> None:
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text)):
        draw(thirty, SETTINGS.model_copy(update={"domain_items": items}))
    told = f"garden: {items} items from {items} source documents are too few to decide anything"
    assert any(told in record.message for record in caplog.records if record.levelname == "WARNING") == warned
    assert any(text.startswith(f"warning: {told}") for text in said) == warned


def test_the_domain_is_counted_together_without_multiple_choice_and_retention_suite_by_suite() -> None:
    def items(suite: str, role: str, kind: str, clusters: str) -> pl.DataFrame:
        rows = [
            {"suite": suite, "role": role, "kind": kind, "item": f"{suite}{n}", "cluster": c}
            for n, c in enumerate(clusters)
        ]
        return pl.DataFrame(rows)

    one, two = items("one", "domain", "completion", "abc"), items("two", "domain", "completion", "de")
    choice, kept = items("x-choice", "domain", "choice", "a"), items("kept", "retention", "text", "aaaaaabbbbbb")
    assert exam_size.small_suites(pl.concat([one, two, choice])) == []
    assert [told.partition(" are")[0] for told in exam_size.small_suites(pl.concat([one, choice, kept]))] == [
        "one: 3 items from 3 source documents", "kept: 12 items from 2 source documents",
    ]  # fmt: skip
    assert exam_size.small_suites(choice)[0].startswith("x-choice: 1 item from one source document is too few")
