"""Suites of an exam that come from files and packages: what is asked of them, and what is kept out of training."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from evals.suites import Suite
from quality.records import answer_text
from tasks import cards, models, store
from tasks.exams import Exam, PinnedSuite
from tasks.pool import Pool
from tasks.seal_exam import seal_exam
from tasks.suite_items import EmptySuite

NO_MODEL = models.ModelFiles(reference="none", folder="none", content="none")
SETTINGS = Exam(domain_items=4, retention_items=3, choice_items=0, largest_share=0.5)


@pytest.fixture
def pool(pool_of: Callable[..., Pool], noise: Callable[[int], str]) -> Pool:
    return pool_of([(noise(5), noise(20)) for _ in range(30)])


def sums(folder: Path, rows: int = 8, answer: str = "That is {}.") -> str:
    lines = [json.dumps({"question": f"What is {n} plus {n}?", "answer": answer.format(n + n)}) for n in range(rows)]
    (folder / "sums.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return str(folder / "sums.jsonl")


def package_of_sums(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a package that can be imported, with a file of rows in it."""
    (folder / "of_sums").mkdir()
    (folder / "of_sums" / "__init__.py").touch()
    sums(folder / "of_sums")
    monkeypatch.syspath_prepend(folder)


def pinned(source: dict[str, str], role: str = "retention", kind: str = "completion") -> PinnedSuite:
    return PinnedSuite(suite=Suite(name="sums", role=role, kind=kind, source=source), content="x")


def held(pool: Pool, settings: Exam = SETTINGS, *suites: PinnedSuite) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items and reserve of an exam drawn of these suites, without what the pool gave to it."""
    exam = seal_exam.fn(pool, "garden", settings, suites, NO_MODEL).exam
    items, reserve = store.read_table(exam.items), store.read_table(exam.reserve)
    return items.filter(suite="sums"), reserve.filter(pl.col("item").str.starts_with("sums"))


@pytest.mark.parametrize(("role", "asked", "reserved"), [("domain", 4, 8), ("retention", 3, 6)])
def test_of_a_package_a_domain_suite_reserves_all_and_a_retention_suite_its_items_and_spare_ones(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str, asked: int, reserved: int
) -> None:
    package_of_sums(tmp_path, monkeypatch)
    items, reserve = held(pool, SETTINGS, pinned({"package": "of_sums/sums.jsonl"}, role))
    assert (items.height, reserve.height) == (asked, reserved)
    assert set(items["item"]) <= set(reserve["item"])


@pytest.mark.parametrize("kind", ["completion", "text"])
def test_spare_items_come_next_in_the_draw_and_share_no_document_with_the_exam(
    pool: Pool, tmp_path: Path, kind: str
) -> None:
    rows = [{"question": f"What is {n}?", "answer": f"It is {n}.", "document": f"d{n % 9}"} for n in range(30)]
    (tmp_path / "sums.jsonl").write_text("\n".join(map(json.dumps, rows)))
    source = {"path": str(tmp_path / "sums.jsonl"), "group": "document"}
    if kind == "text":
        (tmp_path / "sums.txt").write_text("\n\n".join(row["answer"] for row in rows))
        source = {"path": str(tmp_path / "sums.txt")}
    drawn = []
    for most in (3, 6):  # asked for six, the exam asks what is spare where it is asked for three
        settings = SETTINGS.model_copy(update={"retention_items": most})
        exam = seal_exam.fn(pool, "garden", settings, (pinned(source, kind=kind),), NO_MODEL).exam
        assert exam.spare is not None
        drawn.append((store.read_table(exam.items).filter(suite="sums"), store.read_table(exam.spare)))
    (few, spare), (many, _) = drawn
    assert many["item"][:3].to_list() == few["item"].to_list()
    following = many[3:].filter(~pl.col("cluster").is_in(few["cluster"].implode()))
    assert spare.equals(following)
    assert 0 < spare.height <= 3
    assert set(spare["suite"]) == {"sums"}, "what is drawn from the pool has none"


def test_of_a_file_of_text_some_passages_are_asked_and_all_are_reserved(pool: Pool, tmp_path: Path, noise) -> None:
    passages = [noise(30) for _ in range(9)]
    (tmp_path / "prose.txt").write_text("\n\n".join(passages), encoding="utf-8")
    items, reserve = held(pool, SETTINGS, pinned({"path": str(tmp_path / "prose.txt")}, kind="text"))
    assert items.height == 3
    assert sorted(reserve["answer"]) == sorted(passages)


def test_of_rows_that_are_a_suite_of_text_the_answers_are_the_texts(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package_of_sums(tmp_path, monkeypatch)
    items, _ = held(pool, SETTINGS, pinned({"package": "of_sums/sums.jsonl"}, kind="text"))
    assert set(items["target"]) <= {f"That is {n + n}." for n in range(8)}


def test_another_seed_asks_other_rows_of_a_suite(pool: Pool, tmp_path: Path) -> None:
    suite = pinned({"path": sums(tmp_path, rows=30)})
    asked = {
        tuple(sorted(held(pool, SETTINGS.model_copy(update={"seed": seed}), suite)[0]["item"])) for seed in range(3)
    }
    assert len(asked) == 3


def test_an_answer_is_reserved_whole_though_its_beginning_alone_is_asked(pool: Pool, tmp_path: Path) -> None:
    items, reserve = held(pool, SETTINGS, pinned({"path": sums(tmp_path, answer="{}" + " and so on" * 400)}))
    longest = items["target"].str.len_bytes().max()
    assert isinstance(longest, int)
    assert longest < min(reserve["answer"].str.len_bytes())


def test_a_suite_without_an_item_is_refused_by_name(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(EmptySuite, match="exam.retention: the suite “sums” has no item"):
        held(pool, SETTINGS, pinned({"path": sums(tmp_path, answer="")}))


def test_rows_of_a_suite_that_could_not_be_read_are_told(pool: Pool, tmp_path: Path) -> None:
    with Path(sums(tmp_path)).open("a", encoding="utf-8") as file:
        file.write("\n{broken")
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text)):
        held(pool, SETTINGS, pinned({"path": str(tmp_path / "sums.jsonl")}))
    assert [text for text in said if text.startswith("sums: 1 row could not be read (first ")]


def test_rows_of_a_package_that_winnow_brings_are_nobodys_to_mend(pool: Pool) -> None:
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text)):
        held(pool, SETTINGS, pinned({"package": "chatterbot_corpus"}))
    assert not [text for text in said if "could not be read" in text]


def test_a_suite_of_which_no_row_can_be_read_says_why_the_first_can_not(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "sums.csv").write_bytes("question,answer\nFrage ä,Antwort ö\n".encode("latin-1"))
    why = r"“sums” has no item, since none of its rows could be read \(first sums.csv:2: invalid_utf8\)"
    with pytest.raises(EmptySuite, match=why):
        held(pool, SETTINGS, pinned({"path": str(tmp_path / "sums.csv")}))


@pytest.mark.parametrize("role", ["domain", "retention"])
def test_a_row_without_a_question_is_not_asked_which_is_told(pool: Pool, tmp_path: Path, role: str) -> None:
    rows = Path(sums(tmp_path))
    first = rows.read_text(encoding="utf-8").partition("\n")[0]
    with rows.open("a", encoding="utf-8") as file:
        file.write(f'\n{first}\n{{"question": "  ", "answer": "Yes, always."}}\n{{"question": "Why?", "answer": ""}}')
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text)):
        settings = SETTINGS.model_copy(update={"retention_items": 20, "domain_items": 20})
        items, reserve = held(pool, settings, pinned({"path": str(tmp_path / "sums.jsonl")}, role))
    assert (items.height, reserve.height) == (8, 8)
    assert "sums: 3 rows not asked: 1 said before and 2 without a question or an answer" in said


def test_rows_that_name_a_blank_document_are_documents_of_their_own_which_is_told(pool: Pool, tmp_path: Path) -> None:
    rows = "".join(f"What is {n} plus {n}?,That is {n + n}.,{'a' if n < 2 else ' ' * (n % 2)}\n" for n in range(6))
    (tmp_path / "sums.csv").write_text(f"question,answer,page\n{rows}", encoding="utf-8")
    suite = pinned({"path": str(tmp_path / "sums.csv"), "group": "page"})
    said: list[str] = []
    with cards.listen(lambda event: said.append(event.text)):
        named = suite.model_copy(update={"suite": suite.suite.model_copy(update={"cluster": "page"})})
        items, _ = held(pool, SETTINGS.model_copy(update={"retention_items": 6}), named)
    assert items["cluster"].n_unique() == 5
    assert "sums: 4 rows without page; each counts as a document of its own" in said


def test_a_share_of_less_than_one_row_is_told(pool: Pool) -> None:
    with pytest.raises(EmptySuite, match=r"1.0% of the 30 rows left \(exam.largest_share\) is less than one row"):
        held(pool, SETTINGS.model_copy(update={"largest_share": 0.01}))


def test_an_answer_that_stands_elsewhere_in_other_letters_is_not_asked(
    pool_of: Callable[..., Pool], noise: Callable[[int], str]
) -> None:
    said = [noise(3) for _ in range(15)]
    pool = pool_of([(noise(20), spelled) for answer in said for spelled in (answer, answer.upper())])
    settings = SETTINGS.model_copy(update={"domain_items": 12})
    exam = seal_exam.fn(pool, "garden", settings, (), NO_MODEL).exam
    drawn = store.read_table(exam.drawn)
    rest = answer_text(pool.read().join(drawn, on="id", how="anti")).str.to_lowercase()
    asked = store.read_table(exam.items)["target"].str.to_lowercase()
    assert 0 < len(asked) < drawn.height
    assert not set(asked) & set(rest)


def test_wrong_options_are_chosen_by_what_answers_say_and_no_more_are_asked_than_wanted(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded: list[pl.Series] = []

    def embed(texts: pl.Series, _: models.ModelFiles) -> np.ndarray:
        embedded.append(texts)
        return np.eye(len(texts), dtype=np.float32)

    monkeypatch.setattr("tasks.seal_exam.embed", embed)
    settings = SETTINGS.model_copy(update={"domain_items": 8, "choice_items": 2})
    exam = seal_exam.fn(pool, "garden", settings, (), NO_MODEL).exam
    (texts,) = embedded
    assert set(texts) <= set(answer_text(pool.read()))
    items = store.read_table(exam.items)
    assert items.filter(kind="choice").height == 2
    assert set(items["item"]) <= set(store.read_table(exam.reserve)["item"])
