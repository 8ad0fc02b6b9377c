"""Entities and letters of another width hide no leak, from curator and audit alike."""

import html

import polars as pl
import pytest

from quality import audit_texts
from quality.audit_leaks import LeakRules, prove_leaks
from quality.decontaminate import DEFAULT, leaks
from quality.legible import legible
from quality.receipts import RECEIPTS

RULES = LeakRules(**{name: getattr(DEFAULT, name) for name in LeakRules.__annotations__})
LONG = "If the client's browser doesn't validate the server's certificate, what's the weakness called?"
ITEMS = pl.DataFrame(
    {
        "item": ["long", "short", "wide", "kana"],
        "question": [LONG, "Is R&D <costly>?", "2023年中国的GDP增长率是多少？", "コンピューターとは何ですか？"],
        "answer": ["It is called improper validation.", "Yes.", "百分之五。", "計算をする機械です。"],
    }
)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("it&#39;s &lt;b&gt; &amp; so", "it's <b> & so"),
        ("it&amp;#x27;s", "it's"),
        ("AT&T; R&D, a && b;", "AT&T; R&D, a && b;"),
        ("ＧＤＰ２０２３ｘ：？", "GDP2023x：？"),
        ("ｺﾝﾋﾟｭｰﾀｰ", "コンピューター"),
        ("plain", "plain"),
    ],
)
def test_texts_are_read_as_they_are_seen(text: str, read: str) -> None:
    assert legible(pl.Series(["other", text, None])).to_list() == ["other", read, None]
    assert audit_texts.seen(text) == read


@pytest.mark.parametrize(
    ("prompt", "item"),
    [
        (html.escape(LONG), "long"),
        (f"Tell me: {html.escape(html.escape(LONG))} Thanks.", "long"),
        ("Is R&amp;D &lt;costly&gt;?", "short"),
        ("请问：２０２３年中国的ＧＤＰ增长率是多少？", "wide"),
        ("ｺﾝﾋﾟｭｰﾀｰとは何ですか？", "kana"),
    ],
)
def test_a_question_in_another_spelling_is_found_and_the_audit_knows(prompt: str, item: str) -> None:
    rows = pl.DataFrame({"prompt": ["What is snow?", prompt], "answer": ["It is frozen water.", "I do not know."]})
    found = leaks(rows["prompt"], rows["answer"], ITEMS).found
    assert found.select("row", "item").rows() == [(1, item)]
    assert failures(rows, found) == 0
    assert failures(rows, found.clear()) >= 1


def test_an_item_in_another_spelling_is_found() -> None:
    escaped = ITEMS.with_columns(pl.col("question").map_elements(html.escape, return_dtype=pl.String))
    assert leaks(pl.Series([LONG]), pl.Series(["Hm."]), escaped).found["item"].to_list() == ["long"]


def failures(rows: pl.DataFrame, found: pl.DataFrame) -> int:
    said = [
        [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
        for prompt, answer in rows.rows()
    ]
    told = pl.DataFrame({"id": ["0", "1"], "origin": ["0", "1"], "messages": said})
    gone = dict(zip(found["row"].to_list(), found.rows(named=True), strict=True))
    lines = [
        (
            str(row),
            str(row),
            "s",
            "decontaminate",
            "dropped",
            *(gone[row][key] for key in ("reason", "item", "score", "threshold")),
        )
        if row in gone
        else (str(row), str(row), "s", "split", "kept", "train", None, None, None)
        for row in range(2)
    ]
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    removed = pl.col("id").is_in([str(row) for row in gone])
    return sum(
        proof.failed for proof in prove_leaks(receipts, told.filter(~removed), told.filter(removed), ITEMS, RULES)
    )
