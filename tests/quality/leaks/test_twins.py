"""A row of an item's template with a key of its own stays; a leak whose words were edited goes, with the same key."""

import random
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.auditing.leaks import LeakRules, prove_leaks
from quality.auditing.twins import _numbers
from quality.leaks.answer_keys import Keys, numbers_given
from quality.leaks.decontaminate import DEFAULT, leaks
from quality.leaks.distinct_texts import InBlanks
from quality.leaks.exchanges import put_in_as_usual
from quality.lsh import shingles
from quality.receipts import RECEIPTS

RULES = LeakRules(**{name: getattr(DEFAULT, name) for name in LeakRules.__annotations__})
ASKS = "Which drawer of the archive holds the plan of the {} {} of the {} mill?"
SAYS = "Look into drawer {}. It is one of those for mills, on the second floor behind the stairs."
SIDES = ("left", "right", "upper", "lower", "outer", "inner")
PARTS = ("wheel", "sluice", "hopper", "shaft", "stair", "loft")
MILLS = ("Aldor", "Beltane", "Corin", "Drosia", "Eskar", "Fennmark")
PLANS = [(side, part, mill) for side in SIDES for part in PARTS for mill in MILLS]


def drawer(plan: tuple[str, str, str]) -> str:
    return f"{'KLMNPR'[MILLS.index(plan[2])]}{PLANS.index(plan) * 7 % 216 + 100}.{SIDES.index(plan[0])}"


def row(plan: tuple[str, str, str]) -> tuple[str, str]:
    return ASKS.format(*plan), SAYS.format(drawer(plan))


EXAM = ("left", "sluice", "Corin")
POOL = [row(plan) for plan in PLANS if plan != EXAM]


def found(rows: list[tuple[str, str]], item: tuple[str, str] = row(EXAM)) -> list[tuple[str, str]]:
    """Find the rows that leak an item, and let the auditor agree with each that goes or stays."""
    prompts, answers = (pl.Series(texts) for texts in zip(*rows, strict=True))
    items = pl.DataFrame({"item": ["i"], "question": [item[0]], "answer": [item[1]]})
    gone = leaks(prompts, answers, items).found
    names = pl.Series([f"f:{place}" for place in range(len(rows))])
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": reply}] for ask, reply in rows]
    read = pl.DataFrame({"id": names, "origin": names, "messages": said})
    claims = dict(zip(gone["row"], gone.select("reason", "item", "score", "threshold").rows(), strict=True))
    kept = ("split", "kept", "train", None, None, None)
    ends = {place: ("decontaminate", "dropped", *claim) for place, claim in claims.items()}
    lines = [(name, name, "s", *ends.get(place, kept)) for place, name in enumerate(names)]
    left = pl.Series([place not in claims for place in range(len(rows))])
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    assert (
        sum(proof.failed for proof in prove_leaks(receipts, read.filter(left), read.filter(~left), items, RULES)) == 0
    )
    return [rows[place] for place in gone["row"]]


def test_rows_that_give_a_key_of_their_own_for_what_they_ask_are_twins() -> None:
    assert found(POOL) == []


def edited(text: str, rng: random.Random) -> str:
    words = text.split()
    at = rng.randrange(len(words))
    words[at] = rng.choice(["lapwing", f"{words[at]} indeed", "", words[at].upper(), "and/or"])
    return " ".join(words)


@pytest.mark.parametrize("seed", range(3))
def test_an_item_with_words_edited_leaks_it_among_its_twins(seed: int) -> None:
    rng = random.Random(seed)
    question, answer = row(EXAM)
    planted = [(edited(question, rng), rng.choice([answer, edited(answer, rng)])) for _ in range(8)]
    planted = [(ask, reply) for ask, reply in planted if drawer(EXAM) in reply]
    assert set(found([*POOL, *planted])) == set(planted)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (ASKS.format("right", "sluice", "Corin"), SAYS.format(drawer(EXAM))),  # the item's answer
        (ASKS.format("right", "sluice", "Corin"), SAYS.format(drawer(EXAM).replace(".", "-").lower())),
        (ASKS.format("right", "sluice", "Corin"), f"{SAYS.format('Z 12')} Not in {drawer(EXAM)}."),
        (ASKS.format("left", "sluice", "Corrin"), SAYS.format("Z900.1")),  # a name in another spelling
        (ASKS.format("leftmost", "sluice", "Corin"), SAYS.format("Z900.1")),  # no prompt of the pool has that there
        (ASKS.format("left", "sluice", "Corin").replace("plan", "tale"), SAYS.format("Z900.1")),
        (f"Be brief. {ASKS.format('left', 'sluice', 'Corin')[:-1]} please", SAYS.format("Z900.1")),  # nothing is lost
        (" ".join([ASKS.format("right", "sluice", "Corin"), *["Tell all."] * 9]), SAYS.format("Z900.1")),
        ("Go on.", SAYS.format("Z900.1")),
    ],
)
def test_who_answers_as_the_item_or_asks_in_no_words_of_the_pool_leaks_it(asked: str, answer: str) -> None:
    assert found([*POOL, (asked, answer)]) == [(asked, answer)]


def test_numbers_that_many_answers_give_are_no_keys_and_neither_are_those_of_few_answers() -> None:
    pool = [(ask, SAYS.format(place % 7 + 1)) for place, (ask, _) in enumerate(POOL)]
    item = (ASKS.format(*EXAM), SAYS.format("9"))
    differ = Keys(pl.Series([reply for _, reply in pool])).differ
    assert differ([(*pool[0], *item)]) == [False]
    few = Keys(pl.Series([reply for _, reply in POOL[:7]])).differ
    many = Keys(pl.Series([reply for _, reply in POOL[:8]])).differ
    assert (few([(*POOL[0], *row(EXAM))]), many([(*POOL[0], *row(EXAM))])) == ([False], [True])
    copies = Keys(pl.Series([reply for _, reply in POOL[:8]] * 3)).differ  # the same answer counts once
    assert copies([(*POOL[0], *row(EXAM)), (*POOL[1], *POOL[1])]) == [True, False]


@pytest.mark.parametrize("answer", ["{}", "{} it is.", "It is {}", "编码是{}。", "「{}」"])
def test_keys_are_known_wherever_they_stand(answer: str) -> None:
    keys = Keys(pl.Series([answer.format(f"T{number}.5") for number in range(20, 40)]))
    assert keys.differ([("a", answer.format("T20.5"), "b", answer.format("T41.5"))]) == [True]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("101,325", "101325", True),
        ("T24.622", "t24622", True),
        ("5km", "5", True),
        ("0.50", "0.5", True),
        ("1.0", "1", True),
        ("007", "7", True),
        ("٣٢", "32", True),
        ("2020-01-05", "20200105", True),
        ("T24.622", "T24.62", False),
        ("1200", "12", False),
        ("0", "1", False),
    ],
)
def test_a_number_in_another_spelling_is_the_same(one: str, other: str, same: bool) -> None:
    given = [[set(text) for text in read.values()] for read in numbers_given(pl.Series([f"by {one}", f"by {other}"]))]
    assert (given[0] == given[1]) == same


@settings(max_examples=60)
@given(st.text(st.sampled_from("ab0159.,'’:/-_ \n是カ٣é½²"), max_size=24))
def test_curator_and_auditor_read_the_same_numbers(text: str) -> None:
    (read,) = numbers_given(pl.Series([text], dtype=pl.String))
    assert {(place, number) for place, numbers in read.items() for number in numbers} == set(_numbers(text))


def test_words_are_usual_in_a_place_where_another_prompt_has_them_beside_the_same_word() -> None:
    pool = pl.Series(["Mend the old boat.", "Paint the new boat.", "Mend a new shed.", "mend A new shed"])
    questions = pl.Series(["Sell the red boat."] * 4)
    asked = pl.Series(["Sell the new boat.", "Sell the new red boat.", "Sell the shed boat.", "Sell the boat."])
    assert put_in_as_usual(asked, questions, InBlanks(pl.concat([pool, asked]))).tolist() == [True, True, False, True]
    assert put_in_as_usual(asked[:0], questions[:0], InBlanks(pool)).tolist() == []


LISTED = [(ask, f"{reply} Listed as no. {4001 + 3 * place}.") for place, (ask, reply) in enumerate(POOL)]
ITEM_LISTED = (ASKS.format(*EXAM), f"{SAYS.format(drawer(EXAM))} Listed as no. 9002.")


def test_another_number_below_the_item_s_answer_hides_no_leak() -> None:
    twin = ASKS.format("right", "sluice", "Corin")  # in words of the pool
    leak = (twin, f"{SAYS.format(drawer(EXAM))} Listed as no. 9003.")
    assert found([*LISTED, leak], ITEM_LISTED) == [leak]


def test_another_number_below_an_explanation_that_no_other_answer_gives_hides_no_leak() -> None:
    told = "Beavers gnaw poplars down so that branches sink in front of their burrows before ice closes the pond"
    asked = "Which drawer of the archive tells why beavers fell poplars in autumn and leave the trunks?"
    item = (asked, f"{told}. Listed as no. 9002.")
    leak = (asked.replace("tells why", "holds the plan why"), f"{told}. Listed as no. 9003.")
    assert found([*LISTED, leak], item) == [leak]
    assert found(LISTED, ITEM_LISTED) == []


def test_numbers_behind_any_number_of_different_words_are_told() -> None:
    names = [f"{one}{other}{third}ar" for one in "bdfgklmn" for other in "aeiou" for third in "bdfgklmnprst"]
    texts = [(f"ask {name}", f"{name} 17", "ask", f"{name} 18") for name in names]
    assert Keys(pl.Series([answer for _, answer, *_ in texts])).differ(texts) == [False] * len(names)


def test_an_answer_counts_once_wherever_it_stands_in_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shingles, "_BATCH_BYTES", 200)  # so that copies stand in different batches
    copies = Keys(pl.Series([reply for _, reply in POOL[:8]] * 3)).differ
    assert copies([(*POOL[0], *row(EXAM))]) == [True]


def test_a_long_question_has_no_twins() -> None:
    story = " ".join(f"Then the {part} of the mill was mended by hand." for part in PARTS)
    pool = [(f"{story} {ask}", reply) for ask, reply in POOL]
    question, answer = row(EXAM)
    twin = row(("right", "sluice", "Corin"))
    gone = found(pool, (f"{story} {question}", answer))
    assert (f"{story} {twin[0]}", twin[1]) in gone


def test_the_rules_of_the_audit_find_a_twin_that_was_removed() -> None:
    items = pl.DataFrame({"item": ["i"], "question": [ASKS.format(*EXAM)], "answer": [SAYS.format(drawer(EXAM))]})
    names = pl.Series([f"f:{place}" for place in range(len(POOL))])
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": reply}] for ask, reply in POOL]
    read = pl.DataFrame({"id": names, "origin": names, "messages": said})
    twin = POOL.index(row(("right", "sluice", "Corin")))
    claim = ("decontaminate", "dropped", "lightly_edited", "i", 0.93, 0.88)
    kept = ("split", "kept", "train", None, None, None)
    lines = [(name, name, "s", *(claim if place == twin else kept)) for place, name in enumerate(names)]
    receipts, left = pl.DataFrame(lines, schema=RECEIPTS, orient="row"), names != names[twin]
    proofs = prove_leaks(receipts, read.filter(left), read.filter(~left), items, replace(RULES))
    assert [proof.failed for proof in proofs if "gives it away" in proof.claim] == [1]
