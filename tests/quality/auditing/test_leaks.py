"""The audit of leaks agrees with the curator on an honest run and finds each lie in its files."""

import random
from dataclasses import replace

import polars as pl
import pytest

from quality.auditing.leaks import LeakRules, prove_leaks
from quality.leaks.decontaminate import DEFAULT, leaks
from quality.receipts import RECEIPTS
from quality.records import MESSAGE

RULES = LeakRules(**{name: getattr(DEFAULT, name) for name in LeakRules.__annotations__})
LIKE = "gives it away"
ASKS = "no row of the dataset asks a reserved question"
EDITED = "no row of the dataset holds a reserved question or answer lightly edited, or both where the answer is short"
HOLDS_WORDS = (
    "no row of the dataset holds 50% of the 8-grams of a reserved question or answer, or a shorter question whole"
)
ANSWER = "a cairn is a heap of stones that walkers pile up to mark a path where snow or fog may hide it"
ITEMS = pl.DataFrame(
    {
        "item": ["e/1", "e/2"],
        "question": ["What is a cairn?", "Which of the two harbours froze first in the long winter of that year?"],
        "answer": [ANSWER, "The northern one."],
    }
)
ROWS = {
    "f:1": ("Who feeds the bees?", "The keeper does, with sugar water, late in autumn."),
    "f:2": ("Be brief. What is a cairn?", "Stones."),
    "f:3": ("What marks a path?", f"Well, {ANSWER.upper()}!"),
    "f:4": ("Which of the two harbours froze last in the long winter of that year?", "The southern one."),
    "f:5": ("Tell me: which of the two harbours froze first in the long winter, please?", "The northern one."),
    "f:6": ("Say in a word what is a cairn to you, and why.", "A mark."),
}
CLAIMS = {
    "f:2": ("same_question", "e/1"),
    "f:3": ("shared_ngrams", "e/1"),
    "f:4": ("lightly_edited", "e/2"),
    "f:5": ("shared_ngrams", "e/2"),
    "f:6": ("shared_ngrams", "e/1"),
}


def _rows(rows: dict[str, tuple[str, str]]) -> pl.DataFrame:
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": reply}] for ask, reply in rows.values()]
    names = pl.Series(list(rows), dtype=pl.String)
    return pl.DataFrame({"id": names, "messages": pl.Series(said, dtype=pl.List(MESSAGE)), "origin": names})


def _receipts(claims: dict[str, tuple], score: float = 1.0, threshold: float = 0.5) -> pl.DataFrame:
    lines = [(row, row, "s", "decontaminate", "dropped", *claim, score, threshold) for row, claim in claims.items()]
    return pl.DataFrame(lines, schema=RECEIPTS, orient="row")


def _failed(claims: dict[str, tuple], kept: tuple[str, ...] = ("f:1",), **rules: float) -> list[tuple[str, tuple]]:
    dataset = _rows({name: row for name, row in ROWS.items() if name in kept})
    removed = _rows({name: row for name, row in ROWS.items() if name not in kept})
    proofs = prove_leaks(_receipts(claims), dataset, removed, ITEMS, replace(RULES, **rules))
    assert [proof.checked for proof in proofs] == [len(claims), *[len(kept)] * 3]
    return [(proof.claim, proof.examples) for proof in proofs if proof.failed]


def test_what_the_curator_finds_is_proven() -> None:
    prompts, answers = zip(*ROWS.values(), strict=True)
    found = leaks(pl.Series(prompts), pl.Series(answers), ITEMS).found.rows()
    assert {f"f:{row + 1}": (reason, item) for row, item, reason, *_ in found} == CLAIMS
    assert _failed(CLAIMS) == []


@pytest.mark.parametrize(
    "lie",
    [
        {"f:2": ("same_question", "e/2")},
        {"f:2": ("same_question", "e/9")},
        {"f:1": ("shared_ngrams", "e/1")},
        {"f:3": ("same_question", "e/1")},
        {"f:4": ("shared_ngrams", "e/1")},
        {"f:4": ("lightly_edited", "e/1")},
        {"f:9": ("same_question", "e/1")},
        {"f:2": ("no_reason", "e/1")},
    ],
)
def test_a_removal_that_its_witness_does_not_bear_out_is_found(lie: dict[str, tuple]) -> None:
    ((claim, examples),) = _failed({**CLAIMS, **lie}, kept=())
    assert claim.endswith(LIKE)
    assert examples == tuple(lie)


def test_a_receipt_can_not_lower_the_thresholds_of_the_recipe() -> None:
    assert _failed(CLAIMS, likeness=0.95) == [
        ("every leak's witness is a reserved item, and the row gives it away", ("f:4",))
    ]
    assert _failed(CLAIMS, likeness=0.92) == []


def test_a_paraphrase_must_reach_its_own_threshold() -> None:
    for score, failed in ((0.8, 0), (0.7, 1)):
        receipts = _receipts({"f:1": ("paraphrase", "e/1")}, score, 0.77)
        proof, *_ = prove_leaks(receipts, _rows({}), _rows(ROWS), ITEMS, RULES)
        assert proof.failed == failed


@pytest.mark.parametrize(
    ("origin", "claims"),
    [
        ("f:2", [ASKS, HOLDS_WORDS]),
        ("f:3", [HOLDS_WORDS, EDITED]),
        ("f:4", [EDITED]),
        ("f:5", [HOLDS_WORDS]),
        ("f:6", [HOLDS_WORDS]),
    ],
)
def test_a_kept_row_that_leaks_is_found(origin: str, claims: list[str]) -> None:
    rest = {name: one for name, one in CLAIMS.items() if name != origin}
    assert _failed(rest, kept=("f:1", origin)) == [(claim, (origin,)) for claim in claims]


@pytest.mark.parametrize(
    ("row", "reason", "claims"),
    [
        (("Be brief.<p>Who won?</p>", "a"), "same_question", [ASKS]),
        (('{"id":1,"q":"Who won?"}', "a"), "same_question", [ASKS]),
        (("Say w\u00adho", "It runs thus. What is a cairn? Stones."), "same_question", [ASKS]),
        (("Tell me _what is a cairn_ in a word", "a"), "shared_ngrams", [HOLDS_WORDS]),
        (("Tell me what\u200b is a ca\u00adirn in a word", "a"), "shared_ngrams", [HOLDS_WORDS]),
    ],
)
def test_short_questions_are_found_wherever_the_curator_finds_them(
    row: tuple[str, str], reason: str, claims: list[str]
) -> None:
    items = pl.DataFrame({"item": ["e/1", "e/2"], "question": ["What is a cairn?", "Who won?"], "answer": ["", ""]})
    found = leaks(pl.Series([row[0]]), pl.Series([row[1]]), items).found
    assert found["reason"].to_list() == [reason]
    receipts = _receipts({"f:1": (reason, found["item"][0])})
    assert not any(proof.failed for proof in prove_leaks(receipts, _rows({}), _rows({"f:1": row}), items, RULES))
    kept = prove_leaks(_receipts({}), _rows({"f:1": row}), _rows({}), items, RULES)
    assert [proof.claim for proof in kept if proof.failed] == claims


@pytest.mark.parametrize(("count", "failed"), [(20, 20), (21, 0)])
def test_what_many_rows_of_the_pool_hold_is_no_leak(count: int, failed: int) -> None:
    part = " ".join(ANSWER.split()[:17])  # 10 of 15 n-grams
    rows = _rows({f"f:{n}": (f"{n}\nWhy cairns?", f"{n} {part}") for n in range(count)})
    items = ITEMS.with_columns(question=pl.lit("Why cairns?"))
    proofs = prove_leaks(_receipts({}), rows, rows.head(0), items, RULES)
    assert [proof.failed for proof in proofs] == [0, failed, failed, 0]
    spared = " (1 of them are shared by many rows: of these none holds 80%)"
    assert proofs[2].claim == HOLDS_WORDS + (spared if failed == 0 else "")


def test_copies_are_leaks_in_however_many_rows() -> None:
    asked = _rows({f"f:{n}": ("What is a cairn?", f"{n}") for n in range(30)})
    answered = _rows({f"f:{n}": (f"{n}.\nWhat is a cairn?", f"{n} {ANSWER}") for n in range(30)})
    for rows, failed in ((asked, [0, 30, 0, 0]), (answered, [0, 30, 30, 30])):
        proofs = prove_leaks(_receipts({}), rows, rows.head(0), ITEMS, RULES)
        assert [proof.failed for proof in proofs] == failed


def test_curator_and_auditor_agree_on_random_pools() -> None:
    rng = random.Random(0)
    vocabulary = [f"w{n}" for n in range(300)]
    items = pl.DataFrame(
        [(f"e/{n}", " ".join(rng.choices(vocabulary, k=rng.randint(1, 20))), " ".join(rng.choices(vocabulary, k=rng.randint(1, 90)))) for n in range(30)],
        schema=["item", "question", "answer"],
        orient="row",
    )  # fmt: skip
    rows = {}
    for n in range(400):
        words = rng.choice(items.rows())[rng.choice([1, 2])].split()
        start = rng.randrange(len(words))
        part = " ".join(word if rng.random() > 0.04 else "x" for word in words[start : start + rng.randint(4, 90)])
        texts = [f"{' '.join(rng.choices(vocabulary, k=5))}. {part}", " ".join(rng.choices(vocabulary, k=9))]
        rows[f"f:{n}"] = tuple(rng.sample(texts, 2))
    crowd = max(items["answer"], key=len).split()
    for n in range(50):  # 25 copies of an answer, and 25 rows with two thirds of it
        part = crowd[: len(crowd) * (2 if n % 2 else 3) // 3]
        rows[f"f:{400 + n}"] = (f"asks {n}", " ".join([*part, *rng.choices(vocabulary, k=9)]))
    prompts, answers = zip(*rows.values(), strict=True)
    found = leaks(pl.Series(prompts), pl.Series(answers), items).found
    assert set(found["reason"]) == {"same_question", "shared_ngrams", "lightly_edited"}
    claims = {f"f:{row}": (reason, item) for row, item, reason, *_ in found.rows()}
    assert [f"f:{row}" in claims for row in range(400, 450)] == [True, False] * 25
    kept = _rows({name: row for name, row in rows.items() if name not in claims})
    removed = _rows({name: row for name, row in rows.items() if name in claims})
    proofs = prove_leaks(_receipts(claims), kept, removed, items, RULES)
    assert [(proof.checked, proof.failed) for proof in proofs] == [(len(claims), 0), *[(kept.height, 0)] * 3]


def test_a_kept_row_must_hold_half_of_what_tells_an_answer_from_others() -> None:
    shared, own = " ".join(f"s{n}" for n in range(60)), [f"o{n}" for n in range(40)]
    answers = [f"{shared} {' '.join(own)}", *[f"{shared} {n}" for n in range(9)]]
    items = pl.DataFrame({"item": [f"e/{n}" for n in range(10)], "question": "", "answer": answers})
    for length, failed in ((19, 0), (20, 1)):
        kept = _rows({"f:1": ("q", f"{shared} {' '.join(own[:length])}")})
        *_, proof, _ = prove_leaks(_receipts({}), kept, kept.head(0), items, RULES)
        assert proof.failed == failed
