"""The audit finds a lie in any of a run's files."""

import unicodedata

import polars as pl
import pytest

from quality.auditing.audit import prove
from quality.auditing.texts import normal
from quality.neardup import NearDup, near_pairs
from quality.receipts import RECEIPTS
from quality.texts.normalise import normalised

NEAR = "every near-duplicate has Jaccard ≥ its threshold with its witness"
LONG = "one two three four five six seven eight nine ten eleven twelve"
ROWS = {
    "f:1": ("a", LONG),
    "f:2": ("b", LONG + " thirteen"),
    "f:3": ("c", LONG.upper()),
    "f:4": ("d", "something else entirely, and long enough to have shingles of its own"),
}


def _frame(*origins: str) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "id": ROWS[o][0],
                "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": ROWS[o][1]}],
                "origin": o,
            }
            for o in origins
        ]
    )


def _ledger(**changes: tuple) -> pl.DataFrame:
    lines = {
        "f:1": ("a", "split", "kept", "train", None, None, None),
        "f:2": ("b", "dedupe", "dropped", "near_duplicate", "a", 0.9, 0.7),
        "f:3": ("c", "dedupe", "dropped", "exact_duplicate", "a", 1.0, 1.0),
        "f:4": ("d", "keep_domain", "dropped", "out_of_domain", None, 0.1, 0.5),
    }
    lines |= {key.replace("_", ":"): value for key, value in changes.items()}
    rows = [(v[0], origin, "s", *v[1:]) for origin, v in lines.items()]
    return pl.DataFrame(rows, schema=RECEIPTS, orient="row")


def _failed(receipts: pl.DataFrame, dataset: pl.DataFrame, removed: pl.DataFrame) -> list[str]:
    return [proof.claim for proof in prove(receipts, dataset, removed, words=5) if proof.failed]


def test_an_honest_run_is_proven() -> None:
    proofs = prove(_ledger(), _frame("f:1"), _frame("f:2", "f:3", "f:4"), words=5)
    assert [proof.failed for proof in proofs] == [0] * len(proofs)
    assert [proof.checked for proof in proofs] == [4, 1, 4, 1, 2, 1, 1, 2, 2]


def test_a_row_that_stands_in_the_dataset_twice_is_found_though_its_receipt_says_kept() -> None:
    failed = _failed(_ledger(), _frame("f:1", "f:1"), _frame("f:2", "f:3", "f:4"))
    assert [claim for claim in failed if claim.startswith(("the dataset holds", "rows in ="))] == failed != []


def test_a_receipt_can_not_lower_the_threshold_of_the_recipe() -> None:
    ledger = _ledger(f_2=("b", "dedupe", "dropped", "near_duplicate", "a", 0.1, 0.0))
    found = prove(ledger, _frame("f:1"), _frame("f:2", "f:3", "f:4"), words=5, threshold=0.95)
    assert [proof.claim for proof in found if proof.failed] == [
        NEAR,
        "every duplicate's receipt tells this Jaccard as its score, and the threshold of the recipe",
    ]


def test_a_witness_that_was_left_out_by_its_words_since_proves_its_copies() -> None:
    kept, skimmed = ("split", "kept", "train", None, None, None), ("skim", "dropped", "out_of_domain", None, -2.0, -1.0)
    ledger = _ledger(f_1=("a", *skimmed), f_4=("d", *kept))
    assert _failed(ledger, _frame("f:4"), _frame("f:1", "f:2", "f:3")) == []


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        (
            {"f_2": ("b", "dedupe", "dropped", "near_duplicate", "d", 0.9, 0.7)},
            "every near-duplicate has Jaccard",
        ),
        ({"f_3": ("c", "dedupe", "dropped", "exact_duplicate", "b", 1.0, 1.0)}, "every duplicate's witness"),
        (
            {"f_4": ("d", "dedupe", "dropped", "exact_duplicate", "a", 1.0, 1.0)},
            "every exact duplicate equals",
        ),
        ({"f_4": ("d", "split", "kept", "train", None, None, None)}, "the dataset holds the rows"),
        (
            {"f_4": ("d", "lost", "vanished", "", None, None, None)},
            "every ingested row has exactly one receipt",
        ),
        ({"f_1": ("a", "screen", "dropped", "short_answer", None, 1.0, 2.0)}, "every duplicate's witness"),
    ],
)
def test_a_lie_in_the_receipts_is_found(change: dict, claim: str) -> None:
    failed = _failed(_ledger(**change), _frame("f:1"), _frame("f:2", "f:3", "f:4"))
    assert any(text.startswith(claim) for text in failed)


def test_a_row_that_vanished_is_found() -> None:
    assert any("row by row" in claim for claim in _failed(_ledger(), _frame("f:1"), _frame("f:2", "f:3")))


def test_twins_left_in_the_dataset_are_found() -> None:
    ledger = _ledger(f_3=("c", "split", "kept", "train", None, None, None))
    assert any("same text" in claim for claim in _failed(ledger, _frame("f:1", "f:3"), _frame("f:2", "f:4")))


def test_a_row_that_differs_from_a_kept_one_in_case_alone_is_a_twin() -> None:
    assert ROWS["f:1"][1] != ROWS["f:3"][1]
    ledger = _ledger(f_3=("c", "split", "kept", "train", None, None, None))
    proofs = prove(ledger, _frame("f:1", "f:3"), _frame("f:2", "f:4"), words=5)
    assert [proof.examples for proof in proofs if "same text" in proof.claim] == [("f:3 = f:1",)]


def test_two_receipts_of_one_row_are_found() -> None:
    twice = pl.concat([_ledger(), _ledger().filter(pl.col("origin") == "f:4")])
    assert any("exactly one receipt" in claim for claim in _failed(twice, _frame("f:1"), _frame("f:2", "f:3", "f:4")))


def test_a_row_of_the_dataset_whose_receipt_says_dropped_is_found() -> None:
    failed = _failed(_ledger(), _frame("f:1", "f:4"), _frame("f:2", "f:3"))
    assert any("whose receipt says kept" in claim for claim in failed)


def test_a_removed_row_without_a_receipt_is_found() -> None:
    ledger = _ledger().filter(pl.col("origin") != "f:4")
    assert any("row by row" in claim for claim in _failed(ledger, _frame("f:1"), _frame("f:2", "f:3", "f:4")))


def test_rows_of_one_id_are_told_apart_by_their_origins() -> None:
    ledger = _ledger(f_5=("a", "dedupe", "dropped", "exact_duplicate", "a", 1.0, 1.0))
    removed = _frame("f:2", "f:3", "f:4")
    same = _frame("f:1").with_columns(origin=pl.lit("f:5"))
    assert _failed(ledger, _frame("f:1"), pl.concat([removed, same])) == []
    assert any("row by row" in claim for claim in _failed(ledger, _frame("f:1"), removed))


def _proven(witness: str, removed: str, jaccard: float) -> bool:
    """Whether the removal of one text for the other passes as a near-duplicate of that Jaccard and threshold."""
    ledger = pl.DataFrame(
        [
            ("a", "f:1", "s", "split", "kept", "train", None, None, None),
            ("b", "f:2", "s", "dedupe", "dropped", "near_duplicate", "a", jaccard, jaccard),
        ],
        schema=RECEIPTS,
        orient="row",
    )
    rows = [
        pl.DataFrame({"id": [id_], "messages": [[{"role": "user", "content": text}]], "origin": [origin]})
        for id_, origin, text in (("a", "f:1", witness), ("b", "f:2", removed))
    ]
    return not _failed(ledger, *rows)


@pytest.mark.parametrize(
    ("score", "threshold", "failed"), [(0.9, 0.7, 0), (0.91, 0.7, 1), (0.8, 0.7, 1), (0.9, 0.8, 1)]
)
def test_a_receipt_tells_the_jaccard_and_the_threshold_that_were(score: float, threshold: float, failed: int) -> None:
    ledger = _ledger(f_2=("b", "dedupe", "dropped", "near_duplicate", "a", score, threshold))
    found = prove(ledger, _frame("f:1"), _frame("f:2", "f:3", "f:4"), words=5, threshold=0.7)
    assert [proof.failed for proof in found if "tells this Jaccard" in proof.claim] == [failed]
    assert sum(proof.failed for proof in found) == failed


def test_equal_texts_are_no_near_duplicates() -> None:
    ledger = _ledger(f_3=("c", "dedupe", "dropped", "near_duplicate", "a", 1.0, 0.7))
    (claim,) = _failed(ledger, _frame("f:1"), _frame("f:2", "f:3", "f:4"))
    assert "tells this Jaccard" in claim


@pytest.mark.parametrize(
    ("witness", "removed", "jaccard"),
    [
        (LONG, LONG + " thirteen", 8 / 9),  # 8 shingles of 5 words, and one more
        (LONG, LONG.replace("six", "6"), 3 / 13),  # 5 of 8 shingles hold the changed word
        ("Hi there", "hi, THERE!", 1.0),  # too short for a shingle: all words are one
        ("Hi there", "hi, you!", 0.0),
    ],
)
def test_a_near_duplicate_is_proven_up_to_its_jaccard_and_not_beyond(
    witness: str, removed: str, jaccard: float
) -> None:
    assert _proven(witness, removed, jaccard)
    assert not _proven(witness, removed, jaccard + 0.01)


@pytest.mark.parametrize(
    "words",
    [
        "यह एक बहुत लंबा हिन्दी वाक्य है जिसमें कई शब्द और मात्राएँ हैं",  # marks are parts of words
        "می\u200cخواهم نامه\u200cهای کتاب\u200cها را می\u200cبینم و می\u200cروم به خانه\u200cی ما",  # and so are joiners
        "Der große Fluß fließt naß über die weiße Straße süß und heiß",  # ß folds to ss
        "L\u2019été déjà vu à la fenêtre où Noël brûle près du forêt",
        "snake_case _x y_ é_e a_b ٣ Ⅷ ⅷ_2 Ⓐ 🅱 k₁ l²",
        "湖水为什么总是从表面开始 结冰，而不是从底部 GDP 开始 结冰 呢 冬天",
        "冬の湖 の水が 底ではなく 表面から 凍り はじめる コンピューター なぜか",
        "อธิบายว่าทำไมน้ำ ในทะเลสาบ จึงเริ่มแข็งตัวจากผิวน้ำ ในฤดูหนาว ขอบคุณ",
        # Composed before its case is folded, or the accent ends up on the iota.
        "one two three four five six α\u0345\u0301 seven eight nine ten eleven twelve thirteen",
    ],
)
def test_the_auditor_reckons_the_jaccard_that_the_curator_does(words: str) -> None:
    text = f"{words} {words.split()[0]} x {words}"
    other = unicodedata.normalize("NFD", text.upper()).replace(" X ", " y ")
    pairs = near_pairs(pl.Series([text, other]), NearDup(threshold=0.1, bands=200, rows=1))
    (jaccard,) = pairs["jaccard"]
    assert 0.1 < jaccard < 0.9
    assert _proven(text, other, jaccard)
    assert not _proven(text, other, jaccard + 0.01)


def test_a_control_character_is_no_white_space_to_the_auditor_either() -> None:
    kept = pl.DataFrame(
        [
            {"id": str(place), "messages": [{"role": "user", "content": text}], "origin": f"f:{place}"}
            for place, text in enumerate(["a\x1cb", "a b"])
        ]
    )
    assert normalised(pl.Series(["a\x1cb", "a b"])).n_unique() == 2
    ledger = kept.select("id", "origin").with_columns(
        stage=pl.lit("split"), fate=pl.lit("kept"), reason=pl.lit("train")
    )
    ledger = pl.concat([pl.DataFrame(schema=RECEIPTS), ledger], how="diagonal")
    assert _failed(ledger, kept, kept.head(0)) == []


def test_the_auditor_folds_every_character_as_the_curator_does() -> None:
    # Beside letters, so that blanks at the ends are seen; characters younger than this Python's tables are skipped.
    texts = [f"a{c}b" for c in map(chr, range(0x80, 0x20000)) if unicodedata.category(c) not in ("Cs", "Cn")]
    folded = normalised(pl.Series(texts))
    unlike = [text for text, curated in zip(texts, folded, strict=True) if normal(text) != curated]
    assert unlike == []
