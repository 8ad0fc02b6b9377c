"""Entities, escapes, broken words and letters of another width or script hide no leak, from curator and audit alike."""

import html
import random
import time
import unicodedata
from urllib.parse import quote

import polars as pl
import pytest

from quality.auditing import readings as audit_readings
from quality.auditing.leaks import LeakRules, prove_leaks
from quality.leaks.decontaminate import DEFAULT, leaks
from quality.receipts import RECEIPTS
from quality.texts.legible import legible, unbroken
from quality.texts.look_alikes import _CYRILLIC, _GREEK

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
        (r"caf\u00e9, \\u201cso\u201d \u{41}\U00000042", "café, “so” AB"),
        (r"\ud83d\ude00 and half of it: \ud83d.", "😀 and half of it: \ufffd."),
        (r"\xc3\xa9 \xe9 \x57hat", "é é What"),
        (r"\xi \neq \upsilon \u{110000} \U00110000", r"\xi \neq \upsilon \u{110000} \U00110000"),
        (r"it\u0026amp;#39;s", "it's"),
        ("What%20is%20R%26D%3F", "What is R&D?"),
        ("What%2520is%2520this", "What is this"),
        ("See x.org/%E6%9B%B0%E6%9B%B0 there", "See x.org/曰曰 there"),
        ("20%25 more, %d%s%c, %e9%e9", "20%25 more, %d%s%c, %e9%e9"),
        ("Whаt is thе саріtаl? а bее", "What is the capital? a bee"),
        ("Тhе Βιg dοg", "The Big dog"),
        ("Cтрока и cлово", "Строка и слово"),
        ("Δx and μm, λo", "Δx and μm, λo"),
        ("Это PHP, а не COM-порт.", "Это PHP, а не COM-порт."),
        ("𝐖𝐡𝐚𝐭 is 𝑥 or ⓧ", "What is x or x"),
        ("plain", "plain"),
    ],
)
def test_texts_are_read_as_they_are_seen(text: str, read: str) -> None:
    assert legible(pl.Series(["other", text, None])).to_list() == ["other", read, None]
    assert audit_readings.seen(text) == read


@pytest.mark.parametrize(
    ("prompt", "item"),
    [
        (html.escape(LONG), "long"),
        (f"Tell me: {html.escape(html.escape(LONG))} Thanks.", "long"),
        ("Is R&amp;D &lt;costly&gt;?", "short"),
        ("请问：２０２３年中国的ＧＤＰ增长率是多少？", "wide"),
        ("ｺﾝﾋﾟｭｰﾀｰとは何ですか？", "kana"),
        ("".join(f"\\u{ord(letter):04x}" for letter in LONG), "long"),
        ("".join(f"\\x{ord(letter):02x}" for letter in LONG), "long"),
        (f"Tell me: {quote(LONG)} Thanks.", "long"),
        (quote(ITEMS["question"][2]), "wide"),
        (LONG.translate(str.maketrans("aeopcxyi", "аеорсхуі")), "long"),
        (LONG.replace("validate", "vali-\n  date").replace("server", "ser\xad\r\nver"), "long"),
        (f"So {LONG.lower()}".replace("client", "cli- ent").replace("doesn't", "do\u200besn't"), "long"),
        ("Is R\u200b&\xadD <сοstlу>?", "short"),
    ],
)
def test_a_question_in_another_spelling_is_found_and_the_audit_knows(prompt: str, item: str) -> None:
    rows = pl.DataFrame({"prompt": ["What is snow?", prompt], "answer": ["It is frozen water.", "I do not know."]})
    found = leaks(rows["prompt"], rows["answer"], ITEMS).found
    assert found.select("row", "item").rows() == [(1, item)]
    assert failures(rows, found) == 0
    assert failures(rows, found.clear()) >= 1


def test_only_words_of_the_exam_are_joined() -> None:
    broken = "Contami-\nnation of a well-\nknown mid- \n dle, pre- and post-war, soft\xad hy\u2010\r\nphen, 1-\n2"
    words = frozenset({"contamination", "middle", "hyphen", "12", "known"})
    whole = "Contamination of a well-\nknown middle, pre- and post-war, soft\xad hyphen, 1-\n2"
    assert unbroken(pl.Series([broken, None, "a"]), lambda: words).to_list() == [whole, None, "a"]
    assert audit_readings.rejoined(broken, words) == whole


def test_words_are_asked_for_only_where_one_may_be_broken() -> None:
    def none() -> frozenset[str]:
        raise AssertionError

    assert unbroken(pl.Series(["a-b", "-\n- c", "3-\nd"]), none).to_list() == ["a-b", "-\n- c", "3-\nd"]


def test_each_twin_is_a_letter_of_its_script_in_the_case_of_its_latin_one() -> None:
    for script, twins in (("CYRILLIC", _CYRILLIC), ("GREEK", _GREEK)):
        assert all(unicodedata.name(letter).split()[0] == script for letter in twins)
        assert all(twin.isascii() and letter.isupper() == twin.isupper() for letter, twin in twins.items())


def test_curator_and_auditor_read_random_texts_alike() -> None:
    rng = random.Random(0)
    twins = [*_CYRILLIC, *_GREEK, "ж", "Δ", "é"]
    escapes = [
        "\\u0041",
        "\\x41",
        "\\xc3",
        "\\xa9",
        "\\ud83d",
        "\\ude00",
        "\\u{62}",
        "%20",
        "%41",
        "%C3",
        "&amp;",
        "&#39;",
        "&copy",
    ]
    parts = [*"abcXYZ \n\\%u-&;{}#x3", "\xad", "- ", "-\n", *escapes, *twins]
    texts = ["".join(rng.choices(parts, k=rng.randint(1, 24))) for _ in range(20_000)]
    read = legible(pl.Series(texts)).to_list()
    assert [audit_readings.seen(text) for text in texts] == read
    assert sum(text != one for text, one in zip(texts, read, strict=True)) > 10_000
    words = frozenset(one + other for one in "abcxyz" for other in "abcxyz")
    joined = unbroken(pl.Series(read), lambda: words).to_list()
    assert [audit_readings.rejoined(text, words) for text in read] == joined
    assert joined != read


def test_texts_that_are_read_stay_as_they_were() -> None:
    texts = pl.Series(["R&amp;D", "contami- nation"])
    assert legible(texts).to_list() == ["R&D", "contami- nation"]
    assert unbroken(texts, lambda: {"contamination"}).to_list() == ["R&amp;D", "contamination"]
    assert texts.to_list() == ["R&amp;D", "contami- nation"]


def test_what_lacks_its_semicolon_is_no_entity() -> None:
    assert legible(pl.Series(["%41%42 of ?a=1&copy=2"])).to_list() == ["AB of ?a=1&copy=2"]


@pytest.mark.parametrize("text", ["\\" * 200_000 + " \\u0041 \\x41", "a" * 200_000, "аb" * 100_000])
def test_long_rows_of_one_kind_are_read_in_linear_time(text: str) -> None:
    began = time.process_time()
    read = legible(pl.Series([text])).item()
    assert audit_readings.seen(text) == read
    assert audit_readings.rejoined(text, {"ab"}) == unbroken(pl.Series([text]), lambda: {"ab"}).item()
    assert time.process_time() - began < 10  # seconds; from every place in it anew, it takes minutes


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
