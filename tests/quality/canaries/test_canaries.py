"""Canaries are what their names say, and their count has exact bounds."""

from __future__ import annotations

import difflib
import ipaddress
import math
import random
from collections import Counter

import numpy as np
import phonenumbers
import polars as pl
import pytest
from stdnum import iban, luhn
from stdnum.br import cpf
from stdnum.es import dni
from stdnum.us import ssn

from quality.canaries import ALL, CANARIES, KINDS, judge, plant, recall, weakest
from quality.personal import Personal, entities
from quality.records import FATES, MESSAGE, answer_text, prompt_text, record_ids
from quality.screening.screen import screen
from quality.share_bounds import share_bounds

SYLLABLES = [first + last for first in "bdfgklmnprst" for last in ("a", "e", "i", "o", "an", "er", "il", "os")]
PERSONAL = {
    "emails": "email",
    "phone_numbers": "phone",
    "payment_cards": "card",
    "bank_accounts": "iban",
    "national_ids": "national_id",
    "ip_addresses": "ip_address",
    "keys": "key",
}


def prose(rng: random.Random, words: int) -> str:
    said = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(words)]
    return " ".join(said).capitalize() + "."


def pool(rows: int, seed: int = 0) -> pl.DataFrame:
    rng = random.Random(seed)
    messages = [
        [
            {"role": "user", "content": prose(rng, 9)},
            {"role": "assistant", "content": prose(rng, rng.randint(34, 60))},
        ]
        for _ in range(rows)
    ]
    said = pl.Series("messages", messages, dtype=pl.List(MESSAGE))
    return pl.DataFrame({"row": pl.Series(range(rows), dtype=pl.UInt32), "id": record_ids(said), "messages": said})


def reserve(items: int, seed: int = 1) -> pl.DataFrame:
    rng = random.Random(seed)
    fields = [(f"suite/{at}", prose(rng, 10), prose(rng, 40)) for at in range(items)]
    return pl.DataFrame(fields, schema=["item", "question", "answer"], orient="row")


@pytest.fixture(scope="module")
def kept() -> pl.DataFrame:
    return pool(2400)


@pytest.fixture(scope="module")
def items() -> pl.DataFrame:
    return reserve(600)


@pytest.fixture(scope="module")
def planted(kept: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    return plant(kept, items, 1000)


def of(planted: pl.DataFrame, *kinds: str) -> pl.DataFrame:
    found = planted.filter(pl.col("kind").is_in(kinds))
    assert found.height >= 20
    return found


def changes(before: str, after: str) -> list[tuple[list[str], list[str]]]:
    one, other = before.split(), after.split()
    steps = difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return [(one[a:b], other[c:d]) for what, a, b, c, d in steps if what != "equal"]


def test_so_many_are_planted_of_every_kind_each_of_a_row_of_its_own(planted, kept) -> None:
    assert planted.height == 1000
    assert dict(planted.schema) == dict(pl.Schema(CANARIES))
    counts = dict(planted["kind"].value_counts().iter_rows())
    assert set(counts) == {kind.name for kind in KINDS}
    assert min(counts.values()) >= 34
    assert counts["edited_leaks"] > 2 * counts["verbatim_leaks"]
    assert planted["replaces"].drop_nulls().is_unique().all()
    assert planted["id"].to_list() == record_ids(planted["messages"]).to_list()
    stays = planted.filter(pl.col("replaces").is_null())
    assert set(stays["stage"]) == {"dedupe"}
    assert set(stays["witness"]) <= set(kept["id"])
    replaced = kept.filter(pl.col("row").is_in(planted["replaces"].drop_nulls().implode()))
    assert not set(stays["witness"]) & set(replaced["id"])


def test_a_seed_makes_the_same_canaries_and_another_seed_others(kept, items) -> None:
    one, again, other = (plant(kept, items, 60, seed=seed) for seed in (0, 0, 1))
    assert one.equals(again)
    assert not one["id"].equals(other["id"])


@pytest.mark.parametrize(("rows", "count", "made"), [(40, 200, 20), (400, 7, 7), (1, 5, 0), (0, 5, 0)])
def test_at_most_half_of_the_kept_rows_are_made_into_canaries(rows: int, count: int, made: int, items) -> None:
    assert plant(pool(rows), items, count).height == made


def test_without_an_exam_no_leak_is_planted(kept, items) -> None:
    found = plant(kept, items.clear(), 100)
    assert "decontaminate" not in set(found["stage"])
    assert found.height > 60


def test_an_item_that_two_suites_ask_is_leaked_as_any_other(kept, items) -> None:
    twice = pl.concat([items, items.with_columns(item="choice/" + pl.col("item"))])
    kinds = [plant(kept, asked, 200)["kind"].to_list() for asked in (items, twice)]
    assert kinds[0] == kinds[1]


def test_copies_are_copies_of_their_witness(planted, kept) -> None:
    said = dict(zip(kept["id"], answer_text(kept), strict=True))
    for kind, change in (("exact_copies", False), ("respelled_copies", True)):
        copies = of(planted, kind)
        for witness, answer in zip(copies["witness"], answer_text(copies), strict=True):
            assert answer.casefold().split() == said[witness].casefold().split()
            assert (answer != said[witness]) is change


@pytest.mark.parametrize(("kind", "rate"), [("copies_edited_by_2%", 0.02), ("copies_edited_by_5%", 0.05)])
def test_an_edited_copy_has_that_share_of_its_words_changed_and_ends_as_before(planted, kept, kind, rate) -> None:
    said = dict(zip(kept["id"], answer_text(kept), strict=True))
    copies = of(planted, kind)
    for witness, answer in zip(copies["witness"], answer_text(copies), strict=True):
        words = said[witness].split()
        edits = sum(max(len(one), len(other)) for one, other in changes(said[witness], answer))
        assert 1 <= edits <= max(1, round(rate * len(words)))
        assert answer.split()[-1] == words[-1]


def test_leaks_give_one_item_each_away_as_their_name_says(planted, items) -> None:
    asked = dict(items.select("item", "question").iter_rows())
    told = dict(items.select("item", "answer").iter_rows())
    leaks = planted.filter(stage="decontaminate")
    assert leaks["witness"].is_unique().all()
    for kind, witness, prompt, answer in zip(
        leaks["kind"], leaks["witness"], prompt_text(leaks), answer_text(leaks), strict=True
    ):
        question, target = changes(asked[witness], prompt), changes(told[witness], answer)
        if kind == "edited_leaks":
            assert len(question) == 1
            assert 1 <= sum(max(map(len, change)) for change in target) <= 2
        else:
            assert (question == []) is (kind != "leaked_answers")
            assert (target == []) is (kind != "leaked_questions")


VALID = {
    "payment_cards": lambda value: luhn.is_valid(value.replace(" ", "").replace("-", "")),
    "bank_accounts": iban.is_valid,
    "national_ids": lambda value: any(check.is_valid(value) for check in (ssn, dni, cpf)),
    "phone_numbers": lambda value: phonenumbers.is_valid_number(phonenumbers.parse(value, "US")),
    "ip_addresses": lambda value: ipaddress.ip_address(value).is_global,
}


@pytest.mark.parametrize("kind", PERSONAL)
def test_fake_personal_data_is_valid_stands_in_its_row_and_is_what_the_recogniser_claims(planted, kind: str) -> None:
    rows = of(planted, kind)
    for secret, prompt, answer in zip(rows["secret"], prompt_text(rows), answer_text(rows), strict=True):
        assert answer.count(secret) == 1
        assert secret not in prompt
        assert VALID.get(kind, bool)(secret)
        assert PERSONAL[kind] in [entity.kind for entity in entities(answer, Personal())]
    assert rows["secret"].is_unique().all()


def test_broken_rows_are_broken_in_the_way_they_are_named(planted, kept) -> None:
    whole = kept.filter(~pl.col("row").is_in(planted["replaces"].drop_nulls().implode()))
    broken = planted.filter(pl.col("stage") == "screen", ~pl.col("kind").str.starts_with("stumps"))
    pool = pl.concat([whole.select("messages"), broken.select("messages")])
    found = screen(prompt_text(pool), answer_text(pool)).select(pl.col("row").cast(pl.Int64) - whole.height, "reason")
    named = dict(found.iter_rows())
    for at, (kind, reasons) in enumerate(broken.select("kind", "reasons").iter_rows()):
        assert named.get(at) in reasons, (kind, broken["messages"][at])


def test_a_stump_is_the_beginning_of_its_row_cut_inside_a_word(planted, kept) -> None:
    said = dict(zip(kept["row"], answer_text(kept), strict=True))
    stumps = of(planted, "stumps_cut_in_a_word")
    for row, stump in zip(stumps["replaces"], answer_text(stumps), strict=True):
        assert said[row].startswith(stump)
        assert 2 <= len(stump.split()) <= 7
        assert said[row][len(stump)].isalpha()


def test_a_stump_ends_behind_a_common_word_of_its_row(planted, kept) -> None:
    said = dict(zip(kept["row"], answer_text(kept), strict=True))
    stumps = of(planted, "stumps")
    counted = Counter(word for answer in said.values() for word in answer.split())
    common = {word for word, _ in counted.most_common(20)}
    for row, stump in zip(stumps["replaces"], answer_text(stumps), strict=True):
        words = stump.split()
        assert 1 <= len(words) <= 7
        assert words[:-1] == said[row].split()[: len(words) - 1]
        assert words[-1] in common


def test_only_personal_data_has_a_secret(planted) -> None:
    assert set(planted.drop_nulls("secret")["stage"]) == {"protect"}
    assert planted.filter(stage="protect")["secret"].null_count() == 0


@pytest.mark.parametrize(("found", "of"), [(18, 20), (0, 7), (7, 7), (1, 1), (199, 200)])
def test_outside_the_bounds_what_was_seen_is_rarer_than_one_in_forty(found: int, of: int) -> None:
    def mass(share: float, counts: range) -> float:
        return sum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in counts)

    (low,), (high,) = share_bounds(np.array([found]), np.array([of]))
    if found:
        assert mass(low, range(found, of + 1)) == pytest.approx(0.025)
    else:
        assert low == 0
    if found < of:
        assert mass(high, range(found + 1)) == pytest.approx(0.025)
    else:
        assert high == 1


def judged(*rows: tuple[str, str, str | None, str | None, str | None, str]) -> pl.DataFrame:
    """Rows of (kind, stage, secret, caught by, reason, text left)."""
    planted = pl.DataFrame(
        [(n, kind, stage, ["right"], secret) for n, (kind, stage, secret, *_) in enumerate(rows)],
        schema={"row": pl.UInt32, "kind": pl.String, "stage": pl.String, "reasons": pl.List(pl.String), "secret": pl.String},
        orient="row",
    )  # fmt: skip
    fates = pl.DataFrame(
        [(n, by, "dropped", reason, None, None, None) for n, (_, _, _, by, reason, _) in enumerate(rows) if by],
        schema=FATES,
        orient="row",
    )
    return judge(planted, fates, pl.Series([row[-1] for row in rows], dtype=pl.String))


def test_what_is_caught_for_another_reason_is_removed_but_not_under_its_own() -> None:
    found = judged(
        ("a", "one", None, "one", "right", "text"),
        ("a", "one", None, "two", "wrong", "text"),
        ("a", "one", None, None, None, "text"),
    )
    assert found.select("removed", "own").rows() == [(True, True), (True, False), (False, False)]


def test_personal_data_is_caught_when_the_value_is_gone_whole() -> None:
    found = judged(
        ("a", "p", "4111 2222 3333", None, None, "card [CARD]"),
        ("a", "p", "4111 2222 3333", None, None, "card [CARD] 2222 3333"),
        ("a", "p", "4111 2222 3333", "dedupe", "near", "card 4111 2222 3333"),
        ("a", "p", "4111 2222 3333", "protect", "right", "card [CARD]"),
    )
    assert found.select("removed", "own").rows() == [(True, True), (False, False), (True, False), (True, True)]


def test_a_surrogate_that_begins_like_the_value_is_no_trace_of_it_and_a_short_value_left_is() -> None:
    found = judged(
        ("a", "p", "+1 415 467 1864", None, None, "phone +1 415-555-0171"),
        ("a", "p", "+1 415 467 1864", None, None, "phone +1 415-467-1864"),
        ("a", "p", "9.8.7.6", None, None, "from 9.8.7.6"),
        ("a", "p", "9.8.7.6", None, None, "from 192.0.2.77"),
    )
    assert found["removed"].to_list() == [True, False, False, True]


def test_recall_counts_kinds_then_stages_then_all() -> None:
    caught, missed = ("one", "right"), (None, None)
    found = judged(
        *(("a", "one", None, *caught, "") for _ in range(4)),
        *(("b", "one", None, *(caught if n < 3 else missed), "") for n in range(4)),
        ("c", "two", None, "one", "wrong", ""),
    )
    table = recall(found)
    assert table.drop("low", "high").rows() == [
        ("a", "one", 4, 4, 4), ("b", "one", 4, 3, 3), ("c", "two", 1, 1, 0),
        (ALL, "one", 8, 7, 7), (ALL, "two", 1, 1, 0), (ALL, ALL, 9, 8, 7),
    ]  # fmt: skip
    assert weakest(table)["kind"] == "b"
    assert weakest(table.filter(pl.col("kind") != "b").filter(pl.col("stage") == "two")) is None
