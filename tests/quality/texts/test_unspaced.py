"""Scripts that put no spaces between words: leaks of the exam, the audit of these, and near-duplicates."""

import random
import sys
import unicodedata

import polars as pl
import pytest

from quality.auditing import texts as audit_texts
from quality.auditing.leaks import LeakRules, prove_leaks
from quality.leaks.decontaminate import DEFAULT, leaks
from quality.lsh import kernel_numba, kernel_numpy
from quality.lsh.shingles import shingle, word_hashes
from quality.neardup import NearDup, near_duplicates, near_pairs
from quality.receipts import RECEIPTS
from quality.records import MESSAGE
from quality.texts.word_bags import NUMBER, WordBags
from quality.texts.words import apart, ngram_size, size_in_words

RULES = LeakRules(**{name: getattr(DEFAULT, name) for name in LeakRules.__annotations__})
# A question of 4 to 7 words, one of 8 or more, and what may stand before and behind either.
TEXTS = {
    "Chinese": ("日本的首都是哪里", "请说明为什么在冬天湖水总是从表面而不是从底部开始结冰", "你好请回答", "谢谢你"),
    "Japanese": (
        "日本の首都はどこですか",
        "冬の湖の水が底ではなく表面から凍りはじめるのはなぜか説明しなさい",
        "ねえ",
        "教えて",
    ),
    "Thai": ("เมืองหลวงของญี่ปุ่น", "อธิบายว่าทำไมน้ำในทะเลสาบจึงเริ่มแข็งตัวจากผิวน้ำในฤดูหนาว", "ช่วยบอก", "ขอบคุณ"),
    "Khmer": ("តើរាជធានីនៃប្រទេសជប៉ុនជាអ្វី", "សូមពន្យល់ថាហេតុអ្វីបានជាទឹកបឹងកកពីផ្ទៃខាងលើនៅរដូវរងា", "សូម", "អរគុណ"),
    "Lao": ("ນະຄອນຫຼວງຂອງຍີ່ປຸ່ນ", "ຈົ່ງອະທິບາຍວ່າເປັນຫຍັງນ້ຳໃນທະເລສາບຈຶ່ງກ້າມຈາກໜ້ານ້ຳໃນລະດູໜາວ", "ກະລຸນາ", "ຂອບໃຈ"),
    "Burmese": ("ဂျပန်နိုင်ငံ၏မြို့တော်သည်အဘယ်နည်း", "ဆောင်းရာသီတွင်ရေကန်၏ရေသည်အဘယ်ကြောင့်မျက်နှာပြင်မှစ၍ခဲသနည်း", "ကျေးဇူးပြု၍", "ဖြေပါ"),
}
CASES = [(script, size) for script in TEXTS for size in (0, 1)]


def _items(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "item": [f"e/{n}" for n in range(len(pairs))],
            "question": [q for q, _ in pairs],
            "answer": [a for _, a in pairs],
        }
    )


def _find(rows: list[tuple[str, str]], items: pl.DataFrame) -> dict[int, str]:
    found = leaks(pl.Series([ask for ask, _ in rows]), pl.Series([say for _, say in rows]), items).found
    _audit(rows, items, found)
    return dict(found.select("row", "reason").rows())


def _audit(rows: list[tuple[str, str]], items: pl.DataFrame, found: pl.DataFrame) -> None:
    """The audit bears out every removal, finds no leak among the rest, and each leak that is put back."""
    names = pl.Series([f"f:{n}" for n in range(len(rows))])
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": say}] for ask, say in rows]
    pool = pl.DataFrame({"id": names, "messages": pl.Series(said, dtype=pl.List(MESSAGE)), "origin": names})
    lines = {
        row: (names[row], names[row], "s", "decontaminate", "dropped", reason, item, score, threshold)
        for row, item, reason, score, threshold in found.rows()
    }
    leaking = pl.Series(range(len(rows))).is_in(found["row"].implode())
    proofs = prove_leaks(_receipts(names, lines), pool.filter(~leaking), pool.filter(leaking), items, RULES)
    assert [proof for proof in proofs if proof.failed] == []
    for row in found["row"]:
        kept = ~leaking | (names == names[row])
        others = _receipts(names, {other: line for other, line in lines.items() if other != row})
        proofs = prove_leaks(others, pool.filter(kept), pool.filter(~kept), items, RULES)
        assert {origin for proof in proofs for origin in proof.examples} == {names[row]}


def _receipts(names: pl.Series, dropped: dict[int, tuple[object, ...]]) -> pl.DataFrame:
    lines = [
        dropped.get(row, (name, name, "s", "split", "kept", "train", None, None, None))
        for row, name in enumerate(names)
    ]
    return pl.DataFrame(lines, schema=RECEIPTS, orient="row")


@pytest.mark.parametrize(("script", "size"), CASES)
def test_a_question_within_a_prompt_is_found_and_its_pieces_are_not(script: str, size: int) -> None:
    before, behind = TEXTS[script][2:]
    question = TEXTS[script][size]
    half = question[: len(question) // 3]
    rows = [(f"{before}{question}{behind}", "-"), (f"{before}{half}{behind}", "-"), (before, behind)]
    assert _find(rows, _items((question, "?"))) == {0: "shared_ngrams"}


@pytest.mark.parametrize("script", TEXTS)
def test_a_question_or_an_answer_within_an_answer_is_found(script: str) -> None:
    short, long, before, behind = TEXTS[script]
    for item in ((long, ""), ("", long)):
        assert _find([(before, f"{before}{long}{behind}")], _items(item)) == {0: "shared_ngrams"}
    # A short answer proves nothing, and a short question is asked where it is a sentence of its own.
    assert _find([(before, f"{before}{short}{behind}")], _items(("", short))) == {}
    rows = [(before, f"{before}{short}{behind}"), (before, f"{before}。{short}？{behind}")]
    assert _find(rows, _items((short, ""))) == {1: "same_question"}


@pytest.mark.parametrize("script", TEXTS)
def test_a_lightly_edited_text_is_found(script: str) -> None:
    long, before, behind = TEXTS[script][1:]
    at = len(long) // 2
    while unicodedata.category(long[at]).startswith("M") or unicodedata.category(long[at + 1]).startswith("M"):
        at += 1
    edited = f"{before}{long[:at]}{before[0]}{long[at + 1 :]}{behind}"
    assert _find([(edited, "-")], _items((long, ""))) in ({0: "lightly_edited"}, {0: "shared_ngrams"})


def test_a_sentence_of_three_characters_is_a_question_and_a_greeting_of_two_is_none() -> None:
    rows = [("请回答。谁赢了？谢谢。", "我"), ("你好！请回答。", "我")]
    assert _find(rows, _items(("谁赢了？", ""), ("你好", ""))) == {0: "same_question"}
    assert _find([("「谁赢了」是什么意思", "我"), ("谁赢了比赛是什么意思", "我")], _items(("谁赢了", ""))) == {
        0: "same_question"
    }


def test_a_very_short_question_that_many_rows_hold_gives_nothing_away_but_with_its_answer() -> None:
    rows = [(f"故事{n}。谁赢了？", "小王" if n == 7 else "不知道") for n in range(25)]
    assert _find(rows, _items(("谁赢了？", "小王"))) == {7: "same_question"}


def test_latin_words_among_characters_count_as_words() -> None:
    question = "为什么 Python 的 list.sort 是稳定排序"
    assert _find([(f"老师问我{question}吗", "-")], _items((question, ""))) == {0: "shared_ngrams"}


@pytest.mark.parametrize("seed", range(3))
def test_the_audit_agrees_on_mixed_texts(seed: int) -> None:
    rng = random.Random(seed)
    pieces = [
        *"日本的首都是哪里都为什么",
        "の",
        "ー",
        "は",
        "ก",
        "ที่",
        "é",
        "naïve",
        "so",
        "_",
        " ",
        " ",
        "? ",
        "？",
        "。",
        "'",
        "क्",
        "\u200b",
        "\u00ad",
        "⺀",
        "ၕ",
        "<b>",
        '"}',
        "½",
    ]
    texts = ["".join(rng.choices(pieces, k=rng.randint(3, 30))) for _ in range(60)]
    items = _items(*((texts[n], texts[n + 1]) for n in range(0, 20, 2)))
    rows = [("".join(rng.sample(texts, 2)), "".join(rng.sample(texts, 2))) for _ in range(60)]
    assert _find(rows, items)


def test_the_audit_knows_the_same_characters_for_unspaced() -> None:
    letters = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cs", "Cn", "Co")]
    letters = [c for c in letters if unicodedata.normalize("NFC", c) == c]
    parted = pl.DataFrame({"c": letters}).select(
        "c", parted=apart("a" + pl.col("c") + "a"), size=size_in_words(pl.col("c"))
    )
    wrong = [
        hex(ord(c)) for c, spelled, size in parted.rows() if spelled.split() != audit_texts.apart(f"a{c}a").split()
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "words", "ngram"),
    [
        ("the quick brown fox", 4, 8),
        ("日本的首都是哪里", 5, 8),
        ("日本的首都是哪里" * 4, 20, 13),
        ("の" * 40, 13, 26),
        ("one two three 日本", 4, 8),
        ("の", 1, 1),
        ("", 0, 8),
        ("...", 0, 8),
    ],
)
def test_how_much_a_text_says(text: str, words: int, ngram: int) -> None:
    column = pl.col("text")
    told = pl.DataFrame({"text": [text]}).select(size_in_words(column), ngram=ngram_size(column, 8))
    assert told.row(0) == (words, ngram)
    assert audit_texts.told_in_words(audit_texts.words_of(text)) == words


def _document(rng: random.Random, count: int) -> str:
    """A text of random characters of a stock of 600, a comma or a stop every dozen."""
    letters = [chr(0x4E00 + 7 * rng.randrange(600)) for _ in range(count)]
    return "".join(letter + (rng.choice("，。") if n % 12 == 11 else "") for n, letter in enumerate(letters))


def test_an_edited_copy_of_a_chinese_document_is_a_near_duplicate() -> None:
    rng = random.Random(5)
    originals = [_document(rng, 300) for _ in range(40)]
    copies = []
    for text in originals:
        letters = list(text)
        for at in rng.sample(range(len(letters)), 6):
            letters[at] = "改"
        copies.append("".join(letters))
    removed = near_duplicates(pl.Series([*originals, *copies]), NearDup(threads=1))
    assert removed.select("row", "witness").rows() == [(n + 40, n) for n in range(40)]
    assert near_duplicates(pl.Series(originals), NearDup(threads=1)).is_empty()


def test_a_short_text_about_something_else_is_no_near_duplicate() -> None:
    frame = "猫がレモンの箱の中に入っているときその箱をふると何という音が聞こえるでしょうか"
    other = frame.replace("猫が", "牛が").replace("その箱を", "その瓶を")
    characters = [{text[at : at + 5] for at in range(len(text) - 4)} for text in (frame, other)]
    assert len(characters[0] & characters[1]) / len(characters[0] | characters[1]) >= 0.6
    (found,) = near_pairs(pl.Series([frame, other]), NearDup(threshold=0.1, bands=200, rows=1))["jaccard"]
    assert 0.2 < found < 0.5


@pytest.mark.parametrize(("words", "span"), [(5, 8), (1, 2), (3, 5)])
def test_ideographs_of_an_ngram_span_what_so_many_words_say(words: int, span: int) -> None:
    letters = [chr(0x4E00 + n) for n in range(40)]
    edited = [*letters[:20], "改", *letters[21:]]
    hashes = [shingle(pl.Series(["".join(text)]), words)[0].gathered() for text in (letters, edited)]
    assert int((hashes[0] != hashes[1]).sum()) == span
    assert len(hashes[0]) == 40 - words + 1


def test_both_kernels_hash_the_same_characters() -> None:
    texts = pl.Series([text for texts in TEXTS.values() for text in texts] + ["mixed 日本 text", None, ""])
    (one, counts), (other, again) = (word_hashes(texts, kernel) for kernel in (kernel_numpy, kernel_numba))
    assert one.tolist() == other.tolist()
    assert counts.tolist() == again.tolist()
    assert counts[:4].tolist() == [8, 26, 5, 3]


def test_answers_share_characters_and_numbers_are_found_among_them() -> None:
    texts = pl.Series(["价格是42元", "价格是43元", "价格大约是42元"])
    assert WordBags(texts).shared([0, 0], [1, 2]).tolist() == [4, 5]  # type: ignore[arg-type]
    assert WordBags(texts, NUMBER).sizes.tolist() == [1, 1, 1]
