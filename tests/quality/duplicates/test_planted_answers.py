"""Planted contradictions and canned replies: all found, each under its own reason, and nothing else with them."""

import random
from collections.abc import Collection

import polars as pl
import pytest

from quality.auditing.again import prove_again
from quality.auditing.measures import Asked, prove_measures
from quality.auditing.pairs import PairRules, prove_pairs
from quality.duplicates.asked_again import Pairing
from quality.duplicates.removals import incompatible_answers, sources_of_many_voices, stock_answers
from quality.neardup import NearDup
from quality.reasons import OF_THE_DOMAIN
from quality.receipts import RECEIPTS
from quality.records import MESSAGE, record_ids

PAIRING = Pairing()
RULES = PairRules(alike=0.75, boilerplate_prompts=5, words=0.85, prompt_words=0.7, floor=0.9, likeness=0.5)
ASKED = Asked(alike=0.75, boilerplate_prompts=5, grams=0.5, edited=0.88, paraphrase=0.77, meaning=0.9)
KINDS = [
    "What is {}?",
    "How do I repair {} at home?",
    "Which tools find {}?",
    "Why would anyone buy {}?",
    "Tell of {}.",
]
CANNED = "Sorry, but there is nothing that I can tell you about it."
# Ways to put the same question.
SPELLINGS = {
    "as it was": lambda text: text,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "with other blanks": lambda text: f"  {text.replace(' ', '   ')}\n",
    "with hard blanks": lambda text: text.replace(" ", "\u00a0"),
    "with soft hyphens": lambda text: text.replace("e", "e\u00ad"),
    "full width": lambda text: text.replace("é", "e\u0301"),
}
# Ways to say the same canned reply.
VARIATIONS = [
    CANNED,
    CANNED.upper(),
    CANNED.rstrip(".") + "!",
    f"“{CANNED}”",
    f"**{CANNED}**",
    CANNED.replace(",", " –").replace(" ", "  "),
    f"\n{CANNED.rstrip('.')}\n",
    CANNED.lower().replace(",", ""),
]


def honest(size: int, seed: int = 0) -> list[tuple[str, str]]:
    """Questions of five kinds about things with an answer of their own."""
    rng = random.Random(seed)
    return [
        (rng.choice(KINDS).format(f"thé thing{n}"), f"Of thing{n} one says word{n} and more{n}.") for n in range(size)
    ]


def rows_of(pairs: list[tuple[str, str]], sources: list[str] | None = None) -> pl.DataFrame:
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer in pairs]
    rows = pl.DataFrame({"messages": pl.Series(said, dtype=pl.List(MESSAGE))})
    names = pl.Series([f"f:{n}" for n in range(len(pairs))])
    return rows.with_columns(
        id=record_ids(rows["messages"]), origin=names, source=pl.Series(sources or ["s"] * len(pairs))
    )


def told(rows: pl.DataFrame) -> pl.DataFrame:
    return incompatible_answers(rows, sources_of_many_voices(rows, PAIRING), PAIRING)


def audited(
    rows: pl.DataFrame, found: pl.DataFrame, outside: Collection[int] = (), stage: str = "keep_domain"
) -> list[str]:
    """Name what the auditor finds wrong with these removals; rows `outside` went at an earlier stage."""
    gone = dict(zip(found["row"].to_list(), found.rows(named=True), strict=True))
    lines = []
    for row, (id_, origin) in enumerate(rows.select("id", "origin").rows()):
        if one := gone.get(row):
            fate = "quarantined" if one["reason"] == "conflict" else "dropped"
            line = ("compare_answers", fate, one["reason"], rows["id"][one["witness"]], one["score"], one["threshold"])
        elif row in outside:
            line = (stage, "dropped", "out_of_domain" if stage in OF_THE_DOMAIN else "markup", None, 0.1, 0.5)
        else:
            line = ("split", "kept", "train", None, None, None)
        lines.append((id_, origin, "s", *line))
    receipts = pl.DataFrame(lines, schema=RECEIPTS, orient="row")
    left = pl.Series([row not in gone and row not in outside for row in range(rows.height)])
    kept, removed = (rows.filter(mask).drop("source") for mask in (left, ~left))
    none = pl.DataFrame(schema={"item": pl.String, "question": pl.String, "answer": pl.String})
    proofs = [*prove_pairs(receipts, kept, removed, RULES), *prove_measures(receipts, kept, removed, none, ASKED)]
    proofs += prove_again(receipts, rows, NearDup(), PAIRING)[1:]  # the second stage alone: no other was run
    assert all(proof.checked for proof in proofs)
    return [proof.claim for proof in proofs if proof.failed]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_planted_conflicts_are_quarantined_each_with_the_other_as_its_witness(spelling: str) -> None:
    pairs = honest(400)
    planted = random.Random(1).sample(range(400), 10)
    others = [(SPELLINGS[spelling](pairs[row][0]), f"No, it is other{row} altogether.") for row in planted]
    rows = rows_of(pairs + others)
    found = told(rows)
    both = dict(zip(planted, range(400, 410), strict=True))
    assert dict(found.select("row", "witness").rows()) == both | {other: row for row, other in both.items()}
    assert set(found["reason"]) == {"conflict"}
    assert audited(rows, found) == []
    assert audited(rows, found.with_columns(witness=pl.col("witness").reverse())) != []


def test_an_answer_in_other_letters_or_blanks_or_with_a_few_words_more_is_no_conflict() -> None:
    pairs = [(ask, f"{answer} Much more of it is known to those who asked before") for ask, answer in honest(100)]
    same = [str.upper, lambda text: text.replace(" ", "  "), lambda text: f"{text} Truly so.", lambda text: f"“{text}”"]
    again = [(pairs[row][0], same[row % len(same)](pairs[row][1])) for row in range(20)]
    assert told(rows_of(pairs + again)).is_empty()


@pytest.mark.parametrize(("share", "found"), [(0.04, True), (0.06, False)])
def test_a_source_that_answers_many_of_its_questions_twice_is_excused_and_no_other_is(
    share: float, found: bool
) -> None:
    pairs, sources = honest(800), ["chat"] * 700 + ["facts"] * 100
    asked_twice = [*range(int(share * 700 / 2 / (1 - share / 2))), 790, 791]
    pairs += [(pairs[row][0], f"No, other{row}.") for row in asked_twice]
    rows = rows_of(pairs, sources + [sources[row] for row in asked_twice])
    quarantined = told(rows)
    assert set(rows["source"].gather(quarantined["row"])) == ({"chat", "facts"} if found else {"facts"})
    assert quarantined.height == (2 * len(asked_twice) if found else 4)
    assert audited(rows, quarantined) == []


def test_a_conflict_with_a_row_of_an_excused_source_takes_no_good_row_along() -> None:
    pairs, sources = honest(300), ["chat"] * 200 + ["facts"] * 100
    asked_twice = list(range(30))
    pairs += [(pairs[row][0], f"No, other{row}.") for row in asked_twice]
    pairs.append((pairs[0][0], "A fact that the chat contradicts."))
    rows = rows_of(pairs, [*sources, *["chat"] * 30, "facts"])
    assert told(rows).is_empty()


def test_planted_boilerplate_goes_in_all_its_variations_and_its_first_row_stays() -> None:
    pairs = honest(400)
    planted = sorted(random.Random(2).sample(range(400), 40))
    for turn, row in enumerate(planted):
        pairs[row] = (pairs[row][0], VARIATIONS[turn % len(VARIATIONS)])
    rows = rows_of(pairs)
    found = told(rows)
    assert found["row"].to_list() == planted[1:]
    assert set(found["witness"]) == {planted[0]}
    assert set(found["reason"]) == {"boilerplate"}
    assert set(found["score"]) == {40.0}
    assert audited(rows, found) == []
    assert audited(rows, found.with_columns(score=pl.col("score") + 1)) != []
    assert audited(rows, found.with_columns(witness=pl.lit(planted[1] + 1, pl.UInt32))) != []


def test_answers_of_other_words_are_no_boilerplate_together() -> None:
    pairs = honest(400)
    for turn, row in enumerate(range(0, 400, 100)):
        for other in range(turn):
            pairs[row + other] = (pairs[row + other][0], f"{CANNED} {turn}")
    assert told(rows_of(pairs)).is_empty()


def test_below_a_prompt_with_a_canned_reply_the_real_answer_is_no_conflict() -> None:
    pairs = honest(200)
    pairs += [(pairs[row][0], VARIATIONS[row % len(VARIATIONS)]) for row in range(0, 200, 20)]
    found = told(rows_of(pairs))
    assert found.select("row", "reason").rows() == [(row, "boilerplate") for row in range(201, 210)]


@pytest.mark.parametrize("stage", OF_THE_DOMAIN)
def test_the_real_answer_of_a_domain_is_no_conflict_with_a_canned_reply_that_the_filter_left_once(stage: str) -> None:
    pairs = honest(400)
    pairs += [(pairs[row][0], VARIATIONS[row % len(VARIATIONS)]) for row in range(0, 400, 20)]
    wide, left = rows_of(pairs), [*range(200, 260), 410, 412]
    rows = wide[left]
    none = pl.Series([], dtype=pl.String)
    assert set(incompatible_answers(rows, none, PAIRING)["reason"]) == {"conflict"}
    found = incompatible_answers(rows, none, PAIRING, stock=stock_answers(wide, PAIRING))
    assert found.select("row", "witness", "reason", "score").rows() == [(61, 60, "boilerplate", 20.0)]
    gone = found.with_columns(row=pl.lit(412, pl.UInt32), witness=pl.lit(410, pl.UInt32))
    outside = [at for at in range(wide.height) if at not in left]
    assert audited(wide, gone, outside, stage) == []
    assert len(audited(wide, gone, outside, stage="screen")) == 3  # ten of the twenty prompts never came so far
