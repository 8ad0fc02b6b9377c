"""What an export spelled otherwise is read; code, talk of markup, and rows that stay broken are left as they came."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.records import MESSAGE, record_ids
from quality.screening.screen import screen
from quality.sources import Source, read
from quality.sources.mending import FIRST, MENDED, before_and_after, mend


def conversation(answer: str, prompt: str = "How is it made?") -> pl.Series:
    said = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    return pl.Series([said], dtype=pl.List(MESSAGE))


def mended(answer: str, prompt: str = "How is it made?") -> tuple[str, int, int]:
    messages, told = mend(conversation(answer, prompt))
    return messages[0][1]["content"], *told.select(MENDED.keys()).row(0)


@pytest.mark.parametrize(
    ("answer", "reads", "entities", "marks"),
    [
        ("Stir in &frac12; cup of milk.", "Stir in ½ cup of milk.", 1, 0),
        ("It doesn&#39;t boil &#8212; it simmers.", "It doesn't boil — it simmers.", 2, 0),
        ("A tin of 10&#xD7;6 cm.", "A tin of 10×6 cm.", 1, 0),
        ("Salt&nbsp;&amp;&nbsp;pepper.", "Salt & pepper.", 3, 0),
        ("Add &amp;frac12; cup.", "Add ½ cup.", 2, 0),
        ("Take it off the heat when it is '''not''' yet done.", "Take it off the heat when it is not yet done.", 0, 1),
        ("Use &frac12; cup of it.", "Use ½ cup of it.", 1, 0),
        ("Put it in the hot smoker '''''or''''' an oven.", "Put it in the hot smoker or an oven.", 0, 1),
        ("Add &frac14; cup of `a &amp; b`.", "Add ¼ cup of `a &amp; b`.", 1, 0),
    ],
)
def test_what_is_only_spelled_otherwise_is_read(answer: str, reads: str, entities: int, marks: int) -> None:
    assert mended(answer) == (reads, entities, marks)
    assert screen(pl.Series(["How is it made?"]), pl.Series([answer]))["reason"].to_list() == ["leftover_markup"]
    assert screen(pl.Series(["How is it made?"]), pl.Series([reads])).is_empty()


@pytest.mark.parametrize(
    ("answer", "came", "reads"),
    [
        ("Stir in &frac12; cup of milk.", "Stir in &frac12; cup of milk.", "Stir in ½ cup of milk."),
        ("Salt&nbsp;&amp;&nbsp;pepper.", "Salt&nbsp;& pepper.", "Salt & pepper."),
        ("Salt &amp; pepper.", "Salt &amp; pepper.", "Salt & pepper."),
        ("Take it off when it is '''not''' done.", "Take it off when it is '''not''' done.",
         "Take it off when it is not done."),
        ("Put it in '''''or''''' on &frac12;.", "Put it in '''''or''''' on ½.", "Put it in or on ½."),
        (f"{'word ' * 9}&frac12; cup{' word' * 9}.", f"…{'word ' * 8}&frac12; cup{' word' * 7} …",
         f"…{'word ' * 8}½ cup{' word' * 7} …"),
    ],
)  # fmt: skip
def test_the_first_place_is_told_so_that_it_can_be_shown_as_it_came(answer: str, came: str, reads: str) -> None:
    messages, told = mend(conversation(answer))
    message, *place = told.select(FIRST.keys()).row(0)
    assert before_and_after(messages[0][message]["content"], *place) == (came, reads)
    assert before_and_after("No.", *place) is None


@pytest.mark.parametrize(
    ("answer", "prompt"),
    [
        ("<div>Stir in &frac12; cup.</div>", "How is it made?"),
        ("Stir. <script>alert(&quot;a&quot;)</script>", "How is it made?"),
        ("It is &lt;b&gt;hot&lt;/b&gt;.", "How is it made?"),
        ("Write &nbsp; where no line may break.", "How do I write such a space in HTML?"),
        ("Say `&amp;` for it.", "How is it made?"),
        ("A docstring stands between ''' marks '''so''' in Python.", "What is it?"),
        ("R&D is what AT&T; did.", "Who did it?"),
        ("It is &#0; and &#57344; and &nosuch; here &frac12;.", "How is it made?"),
        ("He said 'no' and ''never'' again.", "What did he say?"),
        # What may be meant as it stands.
        ("For the cubic of that kind f'''(x) = 6, and for the quartic g'''(x) = 24x.", "What comes third?"),
        ("The jerk of the body at a time is x'''(t), and that of the other one is y'''(t).", "What is jerk?"),
        ("The atoms of the second ring are 2''',3''' in the name that chemists gave it.", "How are they named?"),
        ("Put it between triple quotes as in this line here: '''This is a remark'''.", "How do I write one?"),
        ("The path of it is then written as path = '''C:\\Users\\me''' in that file.", "How do I set it?"),
        ("On a page of that kind you put '''three''' of them around it.", "How does MediaWiki do that?"),
        ("Write &amp; in the title, since a bare one breaks it.", "How do I put a sign into it?"),
        ("Use &amp; there, since a bare one breaks it.", "How do I put a sign into it?"),
        ("Write &eacute; and it becomes the letter.", "How do I get that letter?"),
        ("It stands for a sign that was spelled &#39; by somebody.", "My text shows &#39; everywhere. Why?"),
    ],
)
def test_all_else_is_left_as_it_came(answer: str, prompt: str) -> None:
    assert mended(answer, prompt) == (answer, 0, 0)


@given(st.lists(st.text("&;#12frac'amplt<b> \n`x", max_size=60), max_size=5))
def test_mending_twice_changes_nothing_more_and_rows_are_mended_alone(answers: list[str]) -> None:
    conversations = pl.concat([conversation(""), *map(conversation, answers)])
    once, told = mend(conversations)
    again, nothing = mend(once)
    assert once.to_list() == again.to_list()
    assert not nothing.select(MENDED.keys()).sum_horizontal().sum()
    alone = [mend(conversation(answer)) for answer in answers]
    assert once.to_list()[1:] == [messages.to_list()[0] for messages, _ in alone]
    assert told.rows()[1:] == [line.row(0) for _, line in alone]


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., Source]:
    def write(name: str, answers: list[str], **settings: bool) -> Source:
        lines = [json.dumps({"prompt": "How is it made?", "answer": answer}) for answer in answers]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
        return Source(path=str(tmp_path / f"{name}.jsonl"), **settings)

    return write


def test_reading_mends_and_tells_which_rows(source: Callable[..., Source], tmp_path: Path) -> None:
    sources = [
        source("first", ["Stir.", "Stir in &frac12; cup."]),
        source("second", ["Bake &frac14; of it."], mend=False),
        source("third", ["Bake it.", "Bake &frac14; of it, '''not''' more than that is what we need."]),
    ]
    found = read(sources, base=tmp_path)
    assert found.mended.select("row", *MENDED).rows() == [(1, 1, 0), (4, 1, 1)]
    assert found.mended.select(FIRST.keys()).rows() == [(1, 8, 1, "&frac12;"), (1, 5, 1, "&frac14;")]
    assert found.records["id"].to_list() == record_ids(found.records["messages"]).to_list()
    answers = [messages[-1]["content"] for messages in found.records["messages"]]
    assert answers[1:3] == ["Stir in ½ cup.", "Bake &frac14; of it."]
