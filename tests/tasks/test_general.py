"""General text: the base's own answers, or rows of sources; never an exam item, never personal data."""

from pathlib import Path

import polars as pl
import pytest

from evals.items import ITEMS
from quality.leaks.decontaminate import Decontaminate
from quality.personal import Personal
from quality.records import FATES, QUARANTINED, RECORDS, record_ids
from quality.sources import Source, fingerprint
from tasks import cards, check, store
from tasks.check import Pinned
from tasks.exams import SealedExam
from tasks.general import GeneralText, gather_general, read_apart, rest_for, told
from tasks.models import ModelFiles
from tasks.pool import EmptyPool, Pool
from tasks.split import PUBLISHED, Data
from tasks.training.general_questions import questions
from tasks.training.general_settings import OWN, General
from tasks.training.settings import Tune, general_for

LEAKED = ("item/1", "Which river crosses the old town of Verlin?", "The Ombra does, beneath nine bridges of red stone.")
NO_PARAPHRASE = Decontaminate(paraphrase=1.0)


@pytest.fixture
def sealed(home: Path) -> SealedExam:
    """An exam of one item."""
    reserve = store.write_table(pl.DataFrame([LEAKED], schema=["item", "question", "answer"], orient="row"))
    asked = pl.DataFrame({"item": [LEAKED[0]], "suite": ["item"]})
    items = store.write_table(asked.match_to_schema(ITEMS, missing_columns="insert").cast(pl.Schema(ITEMS)))
    return SealedExam(name="x", digest="x", items=items, drawn=items, reserve=reserve, request="")


def gathered(
    tune: Tune,
    exam: SealedExam,
    base: ModelFiles,
    pinned: Pinned | None = None,
    rest: store.Table | None = None,
    personal: Personal = Personal(),  # noqa: B008 - frozen
) -> GeneralText | None:
    nothing = store.write_table(pl.DataFrame(schema=RECORDS).select(PUBLISHED))
    wide = read_apart(general_for(tune), pinned, Data(train=nothing, validation=nothing), personal)
    return gather_general.fn(general_for(tune), wide, rest, exam, personal, NO_PARAPHRASE, base, base, tune.threads)


def named(file: Path, rows: list[tuple[str, str]]) -> Pinned:
    pl.DataFrame(rows, schema=["prompt", "completion"], orient="row").write_ndjson(file)
    sources = [Source(path=file.name)]
    content = fingerprint(sources, base=file.parent, copies=())
    return Pinned(sources=tuple(sources), base=str(file.parent), content=content)


def said(table: store.Table) -> list[str]:
    return store.read_table(table)["messages"].list.last().struct.field("content").to_list()


def test_questions_are_all_different_and_enough() -> None:
    asked = questions(96)
    assert len(set(asked)) == 96
    assert len(questions(10_000)) >= 96
    assert questions(10) == asked[:10]


@pytest.mark.parametrize(
    ("tune", "wanted"),
    [
        (Tune(), True),
        (Tune(forgetting={"measure_tokens": 0}), False),
        (Tune(forgetting={"measure_tokens": 0}, replay=0.1), True),
        (Tune(forgetting={"measure_tokens": 0, "kl_weight": 1}), True),
        (Tune(forgetting={"measure_tokens": 0}, method="corda"), True),
    ],
)
def test_general_text_is_gathered_where_something_uses_it(tune: Tune, wanted: bool) -> None:
    assert general_for(tune) == (tune.general if wanted else None)


def test_the_base_answers_itself_where_no_source_is_named(tiny_base: ModelFiles, sealed: SealedExam) -> None:
    tune = Tune(general={"rows": 16, "answer_tokens": 6}, threads=1)
    found = gathered(tune, sealed, tiny_base)
    assert found is not None
    assert found.train.rows + found.held.rows <= 16
    assert found.held.rows == round((found.train.rows + found.held.rows) / 4)
    train, held = store.read_table(found.train), store.read_table(found.held)
    assert set(train["source"]) == {OWN}
    assert not set(train["id"]) & set(held["id"])
    assert gathered(tune, sealed, tiny_base) == found
    assert told(found).endswith(f"({OWN}), {found.held.rows} held back")


def test_rows_of_sources_lose_exam_items_and_personal_data(
    tmp_path: Path, tiny_base: ModelFiles, sealed: SealedExam
) -> None:
    plain = [(f"What is thing number {at}?", f"It is the {at}th of many quite different things.") for at in range(20)]
    secret = ("How do I reach Ann?", "Write to ann.miller@acme-tools.org and wait for a while.")
    found = gathered(Tune(), sealed, tiny_base, named(tmp_path / "general.jsonl", [*plain, LEAKED[1:], secret]))
    assert found is not None
    answers = [*said(found.train), *said(found.held)]
    assert sorted(answers) == sorted(answer for _, answer in plain)
    assert (found.train.rows, found.held.rows) == (15, 5)


def pool_of(texts: dict[str, str | None]) -> Pool:
    """A pool of one row for each text, removed by a stage or by none."""
    turns = [
        [{"role": "user", "content": f"What of {text}?"}, {"role": "assistant", "content": text}] for text in texts
    ]
    messages = pl.Series("messages", turns, dtype=RECORDS["messages"])
    frame = pl.DataFrame({"messages": messages, "id": record_ids(messages)}).with_row_index("row")
    told = {"source": pl.lit("pool"), "origin": pl.format("pool:{}", "row"), "group": pl.lit(None, pl.String)}
    rows = frame.with_columns(**told).select(RECORDS.keys()).cast(pl.Schema(RECORDS))
    nothing = store.write_table(pl.DataFrame(schema=QUARANTINED))
    stages = pl.DataFrame({"row": rows["row"], "stage": list(texts.values())}).drop_nulls("stage")
    fates = stages.with_columns(reason=pl.lit("x")).match_to_schema(pl.Schema(FATES), missing_columns="insert")
    return Pool(records=store.write_table(rows), quarantined=nothing).with_fates(fates)


def test_the_rest_of_a_pool_is_what_is_not_of_the_domain_and_nothing_broken(
    tiny_base: ModelFiles, sealed: SealedExam
) -> None:
    texts: dict[str, str | None] = {
        f"Thing {at} is one of many quite different things.": "skim" if at % 2 else "keep_domain" for at in range(9)
    }
    pool = pool_of(texts | {"It is kept.": None, "It is noise.": "screen", "It was said before.": "dedupe"})
    tune = Tune(general={"rest": True})
    rest = rest_for(tune.general, pool)
    found = gathered(tune, sealed, tiny_base, rest=rest)
    assert found is not None
    assert sorted([*said(found.train), *said(found.held)]) == sorted(texts)
    assert rest_for(Tune().general, pool) is None


def test_rows_that_say_the_same_once_masked_are_one(tmp_path: Path, tiny_base: ModelFiles, sealed: SealedExam) -> None:
    plain = [(f"What is thing number {at}?", f"It is the {at}th of many quite different things.") for at in range(9)]
    secrets = [("How do I reach Ann?", f"Write to ann{at}@acme-tools.org and wait for a while.") for at in range(3)]
    pinned = named(tmp_path / "general.jsonl", [*plain, *secrets])
    found = gathered(Tune(), sealed, tiny_base, pinned, personal=Personal(mode="mask"))
    assert found is not None
    answers = [*said(found.train), *said(found.held)]
    assert len(answers) == len(set(answers)) == 10
    assert found.pool.removed()["reason"].to_list() == ["exact_duplicate"] * 2
    origins = {*store.read_table(found.train)["origin"], *store.read_table(found.held)["origin"]}
    assert all(origin.startswith("general:general.jsonl:") for origin in origins), (
        "the pool may have a file of the name"
    )


def test_copies_that_masking_makes_hide_no_exam_item(tmp_path: Path, tiny_base: ModelFiles, sealed: SealedExam) -> None:
    plain = [(f"What is thing number {at}?", f"It is the {at}th of many quite different things.") for at in range(9)]
    held = " ".join(LEAKED[2].split()[:9])
    given = [
        ("What came by mail?", f"Ann, ann{at}@acme-tools.org, wrote so: {held} or so she says.") for at in range(30)
    ]
    pinned = named(tmp_path / "general.jsonl", [*plain, *given])
    found = gathered(Tune(), sealed, tiny_base, pinned, personal=Personal(mode="mask"))
    assert found is not None
    assert sorted([*said(found.train), *said(found.held)]) == sorted(answer for _, answer in plain)
    assert found.pool.removed()["stage"].value_counts().sort("stage").rows() == [("decontaminate", 1), ("dedupe", 29)]


def test_the_rest_comes_beside_sources(tmp_path: Path, tiny_base: ModelFiles, sealed: SealedExam) -> None:
    plain = [(f"What is thing number {at}?", f"It is the {at}th of many quite different things.") for at in range(20)]
    pinned = named(tmp_path / "general.jsonl", plain)
    others: dict[str, str | None] = {f"Word {at} has a meaning of its own.": "keep_domain" for at in range(20)}
    tune = Tune(general={"rest": True, "rows": 32})
    found = gathered(tune, sealed, tiny_base, pinned, rest_for(tune.general, pool_of(others)))
    assert found is not None
    answers = {*said(found.train), *said(found.held)}
    assert len(answers) == 32
    assert answers <= {answer for _, answer in plain} | set(others)
    assert answers & set(others)
    assert answers - set(others)
    assert told(found) == "32 general rows (general, what curate.domain left out), 8 held back"


def test_a_pool_without_a_rest_is_refused(home: Path) -> None:
    pool = pool_of({"It is kept.": None, "It is noise.": "screen"})
    with pytest.raises(EmptyPool, match=r"^tune\.general\.rest: curate\.domain left no row out") as refused:
        rest_for(General(rest=True), pool)
    assert refused.value.pool == pool, "for the receipts that the run leaves"
    beside = rest_for(General(rest=True, sources=[Source(path="general.jsonl")]), pool)
    assert beside is not None
    assert beside.rows == 0
    assert rest_for(None, pool) is None


def test_another_row_in_the_rest_changes_hardly_what_is_drawn(home: Path) -> None:
    texts: dict[str, str | None] = {f"Word {at} has a meaning of its own.": "keep_domain" for at in range(60)}
    asked = General(rest=True, rows=20)

    def drawn(texts: dict[str, str | None]) -> list[str]:
        table = rest_for(asked, pool_of(texts))
        assert table is not None
        return said(table)

    before, turned = drawn(texts), drawn(dict(reversed(texts.items())))
    assert before == turned
    for new in range(60, 70):
        after = drawn({f"Word {new} has a meaning of its own.": "keep_domain"} | texts)
        assert len(set(before) & set(after)) >= 19


def test_no_general_text_is_no_mistake_where_nothing_uses_it(tiny_base: ModelFiles, sealed: SealedExam) -> None:
    assert gathered(Tune(forgetting={"measure_tokens": 0}), sealed, tiny_base) is None


def test_general_text_of_which_nothing_is_left_is_refused(
    tmp_path: Path, tiny_base: ModelFiles, sealed: SealedExam
) -> None:
    rows = [("How do I reach Ann?", f"Write to ann{at}@acme-tools.org and wait for a while.") for at in range(4)]
    with pytest.raises(ValueError, match=r"tune\.general: no general row is left"):
        gathered(Tune(), sealed, tiny_base, named(tmp_path / "general.jsonl", rows))


def test_rows_of_sources_that_say_nothing_are_counted_and_left_out(tmp_path: Path, home: Path) -> None:
    plain = [(f"What is thing number {at}?", f"It is the {at}th of many quite different things.") for at in range(9)]
    named(tmp_path / "general.jsonl", [*plain, ("What is left unsaid?", " \n\t ")])
    with (tmp_path / "general.jsonl").open("a") as file:
        file.write("not JSON\n")
    pinned = check._pin_general([Source(path=str(tmp_path / "general.jsonl"))])
    nothing = store.write_table(pl.DataFrame(schema=RECORDS).select(PUBLISHED))
    heard: list[str] = []
    with cards.listen(lambda event: heard.append(event.text)):
        wide = read_apart(General(), pinned, Data(train=nothing, validation=nothing), Personal())
    assert wide is not None
    assert said(wide) == [answer for _, answer in plain]
    assert "tune.general.sources: 1 row could not be read (first general.jsonl:11: broken_json)" in heard
    assert "9 rows of tune.general.sources; 1 more left aside, which have no answer" in heard


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("not JSON", r" \(first general\.jsonl:1: broken_json\)"),
        ('{"prompt": "a", "completion": " "}', r", for none has"),
    ],
)
def test_sources_without_a_row_that_has_an_answer_are_refused_before_any_work(
    tmp_path: Path, row: str, why: str
) -> None:
    file = tmp_path / "general.jsonl"
    file.write_text(f"{row}\n" * 1_500)
    sources = [Source(path=str(file))]
    with pytest.raises(ValueError, match=rf"^tune\.general\.sources: no row can be read .*{why}.* or name others\.$"):
        check._pin_general(sources)
    with file.open("a") as more:  # one is enough, wherever it stands
        more.write('{"prompt": "Why?", "completion": "Because."}\n')
    assert check._pin_general(sources) is not None


def test_no_row_of_the_training_set_is_a_general_one(tmp_path: Path, home: Path) -> None:
    said_so = "It is one of many quite different things that people tell each other on long evenings by the fire"
    plain = [(f"What is thing number {at}?", f"The {at}th thing. {said_so} {at} times.") for at in range(3)]
    other = [(f"Who is {name}?", f"{name} is a person of whom little is known.") for name in ("Ada", "Eve")]
    secret = ("How do I reach Ann?", "Write to ann@acme-tools.org and wait.")
    masked = ("How do I reach Ann?", "Write to [EMAIL] and wait.")
    nearly = (plain[1][0], f"{plain[1][1]} Really.")
    pinned = named(tmp_path / "pool.jsonl", [*plain, *other, secret, nearly])
    turns = [[{"role": "user", "content": one}, {"role": "assistant", "content": two}] for one, two in plain[1:]]
    masked_turns = [[{"role": "user", "content": masked[0]}, {"role": "assistant", "content": masked[1]}]]
    train, validation = (
        store.write_table(
            pl.DataFrame({"messages": pl.Series(own, dtype=RECORDS["messages"])})
            .with_columns(id=pl.lit("x"), source=pl.lit("pool"), origin=pl.lit("pool:1"))
            .select(PUBLISHED)
        )
        for own in (masked_turns, turns)
    )
    wide = read_apart(General(), pinned, Data(train=train, validation=validation), Personal(mode="mask"))
    assert wide is not None
    assert said(wide) == [plain[0][1], *(answer for _, answer in other)]
    assert read_apart(None, pinned, Data(train=train, validation=validation), Personal()) is None
    with pytest.raises(ValueError, match="the training set holds all of their rows, or nearly"):
        read_apart(
            General(), named(tmp_path / "own.jsonl", plain[1:]), Data(train=train, validation=validation), Personal()
        )
