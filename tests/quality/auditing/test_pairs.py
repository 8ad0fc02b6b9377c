"""The audit proves an honest ledger of pairs, and finds each lie in one."""

import polars as pl
import pytest

from quality.auditing.pairs import PairRules, prove_pairs
from quality.receipts import RECEIPTS

SAID = "bees sleep in the warm hive of the old keeper when the frost is hard and the moss is white and all is still"
CANNED = "there is nothing to be said"
ROWS = {
    "a": ("Where do bees sleep?", SAID),
    "b": ("Where do  BEES sleep?", SAID + " tonight"),
    "c": ("And where do bees sleep?", SAID + " now"),
    "d": ("Is moss white?", "In the frost it is."),
    "e": ("Is moss white?", "Never."),
    "f": ("Is moss red?", "Seldom."),
    "g": ("What is one?", CANNED),
    "h": ("Who is two?", CANNED),
    "i": ("Why is three?", CANNED.upper()),
    "j": ("Where do bees sleep?", SAID + " at 5"),
    "k": ("Where do bees sleep?", SAID + " at 6"),
    "l": ("Where do wise bees sleep?", SAID + " wise"),
    "m": ("Where sleep do bees?", SAID),
    "n": ("Where do bees sleep?", SAID[:9] + "…"),
    "o": ("Where do bees sleep?", SAID.replace("old keeper", "good keeper")),
    "p": ("Where do wasps sleep?", SAID),
    "q": ("Is half-frozen moss red-brown?", "Half of it, at 1.5 m; so-called red-brown, it's said."),
    "r": ("Is halffrozen moss redbrown", "Half of it at 15 m socalled redbrown its said"),
    "s": ("Is moss red", "Seldom at 2.5 m"),
    "t": ("Is moss red", "Seldom at 25 m"),
    # Capitals of Cyrillic that look like Latin ones, and in lower case do not.
    "u": ("Is half-frozen moss red-brown?", "\u041dalf of it, at 1.5 m; so-called red-brown, it's said."),
    "v": ("Where do bees sleep?", SAID + " bee + moss"),
    "w": ("Where do bees sleep?", SAID + " bee - moss"),
    "x": ("Where do all the bees sleep in winterNests?", SAID + " nest"),
    "y": ("Where do all the bees sleep in winterCaves?", SAID + " cave"),
    "z": ("How old is the keeper?", "Seventy."),
    "A": ("How old is the keeper?", "The keeper is seventy."),
    "B": ("How old is the keeper?", "The keeper is not seventy."),
    "C": ("Where was the keeper of all these bees born?", "The keeper of these bees was born in Rome."),
    "D": ("Where was the keeper of all these bees born?", "The keeper of these bees was born in Bern."),
    "E": ("Where do bees also sleep?", SAID),
}
RULES = PairRules(alike=0.75, boilerplate_prompts=3, words=0.85, prompt_words=0.7, floor=0.9, likeness=0.5)
KEPT = ("split", "kept", "train", None, None, None)
HONEST = {
    "a": KEPT,
    "b": ("dedupe", "dropped", "same_prompt_alike_answer", "a", 0.95, 0.75),
    "c": ("dedupe_meaning", "dropped", "semantic_duplicate", "a", 0.97, 0.93),
    "d": ("compare_answers", "quarantined", "conflict", "e", 0.1, 0.75),
    "e": ("compare_answers", "quarantined", "conflict", "d", 0.1, 0.75),
    "f": KEPT,
    "g": KEPT,
    "h": ("compare_answers", "dropped", "boilerplate", "g", 3.0, 3.0),
    "i": ("compare_answers", "dropped", "boilerplate", "g", 3.0, 3.0),
    "j": ("compare_answers", "quarantined", "conflict", "k", 0.9, 0.75),
    "k": ("compare_answers", "quarantined", "conflict", "j", 0.9, 0.75),
    "l": KEPT,
    "m": KEPT,
    "n": ("dedupe", "dropped", "unfinished_answer", "a", 0.2, 0.0),
    "o": ("dedupe_meaning", "dropped", "edited_copy", "a", 19 / 29, 0.5),
    "p": KEPT,
    "q": KEPT,
    "r": ("dedupe", "dropped", "same_letters", "q", 1.0, 1.0),
    "s": KEPT,
    "t": KEPT,
    "u": ("dedupe", "dropped", "same_letters", "q", 1.0, 1.0),
    "v": KEPT,
    "w": KEPT,
    "x": KEPT,
    "y": KEPT,
    "z": ("dedupe", "dropped", "same_answer_in_short", "A", 0.25, 0.0),
    "A": KEPT,
    "B": KEPT,
    "C": ("compare_answers", "quarantined", "conflict", "D", 0.8, 0.75),
    "D": ("compare_answers", "quarantined", "conflict", "C", 0.8, 0.75),
    "E": ("dedupe", "dropped", "copy_with_a_slip", "a", 1.0, 0.0),
}


def proofs(**changes: tuple) -> list:
    lines = HONEST | changes
    receipts = pl.DataFrame([(id_, id_, "s", *line) for id_, line in lines.items()], schema=RECEIPTS, orient="row")
    rows = pl.DataFrame(
        [
            {
                "id": id_,
                "origin": id_,
                "messages": [{"role": "user", "content": ask}, {"role": "assistant", "content": answer}],
            }
            for id_, (ask, answer) in ROWS.items()
        ]
    )
    kept = pl.col("id").is_in([id_ for id_, line in lines.items() if line[1] == "kept"])
    return prove_pairs(receipts, rows.filter(kept), rows.filter(~kept), RULES)


def test_an_honest_ledger_is_proven() -> None:
    found = proofs()
    assert [(proof.checked, proof.failed) for proof in found] == [
        (1, 0),
        (2, 0),
        (1, 0),
        (1, 0),
        (1, 0),
        (1, 0),
        (1, 0),
        (6, 0),
        (2, 0),
    ]


def test_boilerplate_may_have_stood_below_prompts_of_other_domains() -> None:
    found = proofs(i=("keep_domain", "dropped", "out_of_domain", None, 0.1, 0.5))
    assert [(proof.checked, proof.failed) for proof in found if "boilerplate" in proof.claim] == [(1, 0)]


def test_a_row_left_out_by_its_words_may_prove_a_copy_that_went_before_and_none_of_the_same_meaning() -> None:
    skimmed = ("skim", "dropped", "out_of_domain", None, -2.0, -1.0)
    found = proofs(a=skimmed, c=KEPT, o=KEPT)
    assert not any(proof.failed for proof in found), "of b, n and E, which are its copies"
    found = proofs(a=skimmed, c=KEPT)
    assert [proof.examples for proof in found if proof.failed] == [("o",)], "it was not embedded"
    found = proofs(g=skimmed)
    assert [(proof.checked, proof.failed) for proof in found if "boilerplate" in proof.claim] == [(2, 0)]
    found = proofs(i=skimmed)
    assert [(proof.checked, proof.failed) for proof in found if "boilerplate" in proof.claim] == [(1, 0)]


def test_what_was_not_claimed_is_not_proven() -> None:
    assert proofs(**dict.fromkeys(ROWS, KEPT)) == []


@pytest.mark.parametrize(
    ("row", "lie", "claim"),
    [
        ("b", ("dedupe", "dropped", "same_prompt_alike_answer", "f", 0.95, 0.75), "every copied answer"),
        ("C", ("dedupe", "dropped", "same_prompt_alike_answer", "D", 0.8, 0.75), "every copied answer"),
        ("E", ("dedupe", "dropped", "copy_with_a_slip", "b", 1.0, 0.0), "every copy with a slip"),
        ("E", ("dedupe", "dropped", "copy_with_a_slip", "n", 0.1, 0.0), "every copy with a slip"),
        ("p", ("dedupe", "dropped", "copy_with_a_slip", "a", 1.0, 0.0), "every copy with a slip"),
        ("z", ("dedupe", "dropped", "same_answer_in_short", "B", 0.2, 0.0), "every answer in short"),
        ("A", ("dedupe", "dropped", "same_answer_in_short", "B", 0.8, 0.0), "every answer in short"),
        ("z", ("dedupe", "dropped", "same_answer_in_short", "C", 0.0, 0.0), "every answer in short"),
        ("B", ("dedupe", "dropped", "same_answer_in_short", "z", 0.2, 0.0), "every answer in short"),
        ("n", ("dedupe", "dropped", "unfinished_answer", "m", 0.2, 0.0), "every unfinished answer"),
        ("n", ("dedupe", "dropped", "unfinished_answer", "b", 0.2, 0.0), "every unfinished answer"),
        ("q", ("dedupe", "dropped", "same_letters", "r", 1.0, 1.0), "every copy in another spelling"),
        ("r", ("dedupe", "dropped", "same_letters", "f", 1.0, 1.0), "every copy in another spelling"),
        ("t", ("dedupe", "dropped", "same_letters", "s", 1.0, 1.0), "every copy in another spelling"),
        ("a", ("dedupe", "dropped", "unfinished_answer", "n", 0.2, 0.0), "every unfinished answer"),
        ("c", ("dedupe", "dropped", "same_prompt_alike_answer", "a", 0.95, 0.75), "every copied answer"),
        ("e", ("dedupe", "dropped", "same_prompt_alike_answer", "d", 0.95, 0.0), "every copied answer"),
        ("j", ("dedupe", "dropped", "same_prompt_alike_answer", "k", 0.95, 0.75), "every copied answer"),
        ("a", ("dedupe", "dropped", "near_duplicate", "g", 0.95, 0.75), "every copied answer"),
        ("a", ("dedupe_meaning", "dropped", "semantic_duplicate", "c", 0.97, 0.93), "every semantic duplicate"),
        ("f", ("dedupe_meaning", "dropped", "semantic_duplicate", "a", 0.97, 0.93), "every semantic duplicate"),
        ("c", ("dedupe_meaning", "dropped", "semantic_duplicate", "a", 0.92, 0.93), "every semantic duplicate"),
        ("c", ("dedupe_meaning", "dropped", "semantic_duplicate", "a", 0.5, 0.4), "every semantic duplicate"),
        ("l", ("dedupe_meaning", "dropped", "semantic_duplicate", "a", 0.97, 0.93), "every semantic duplicate"),
        ("m", ("dedupe_meaning", "dropped", "semantic_duplicate", "a", 0.97, 0.93), "every semantic duplicate"),
        ("j", ("dedupe_meaning", "dropped", "semantic_duplicate", "a", 0.97, 0.99), "every semantic duplicate"),
        ("w", ("dedupe_meaning", "dropped", "semantic_duplicate", "v", 0.97, 0.93), "every semantic duplicate"),
        ("y", ("dedupe_meaning", "dropped", "semantic_duplicate", "x", 0.97, 0.93), "every semantic duplicate"),
        ("w", ("dedupe_meaning", "dropped", "edited_copy", "v", 1.0, 0.5), "every edited copy"),
        ("o", ("dedupe_meaning", "dropped", "edited_copy", "a", 0.9, 0.5), "every edited copy"),
        ("o", ("dedupe_meaning", "dropped", "edited_copy", "a", 19 / 29, 0.4), "every edited copy"),
        ("o", ("dedupe_meaning", "dropped", "edited_copy", "f", 19 / 29, 0.5), "every edited copy"),
        ("p", ("dedupe_meaning", "dropped", "edited_copy", "a", 23 / 25, 0.5), "every edited copy"),
        ("a", ("dedupe_meaning", "dropped", "edited_copy", "o", 19 / 29, 0.5), "every edited copy"),
        ("e", KEPT, "every row in conflict"),
        ("d", ("compare_answers", "quarantined", "conflict", "f", 0.1, 0.75), "every row in conflict"),
        ("f", ("compare_answers", "quarantined", "conflict", "d", 0.1, 0.75), "every row in conflict"),
        ("z", ("compare_answers", "quarantined", "conflict", "A", 0.25, 0.75), "every row in conflict"),
        ("b", ("compare_answers", "quarantined", "conflict", "j", 0.9, 0.99), "every row in conflict"),
        ("i", ("screen", "dropped", "markup", None, 0.9, 0.5), "every boilerplate answer"),  # two prompts are left
        ("g", ("dedupe", "dropped", "near_duplicate", "a", 1.0, 0.7), "every boilerplate answer"),
        ("f", ("compare_answers", "dropped", "boilerplate", "g", 3.0, 3.0), "every boilerplate answer"),
    ],
)
def test_a_lie_in_a_receipt_is_found(row: str, lie: tuple, claim: str) -> None:
    assert any(proof.failed and proof.claim.startswith(claim) for proof in proofs(**{row: lie}))
