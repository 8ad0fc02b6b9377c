"""Re-prove what prompts and answers, compared separately, had removed; by plain Python.

What words can show is shown: prompts that are equal, answers that are alike or really different, an answer that
stands below many prompts, rows that share their words. Cosines can't be computed from texts; of them the receipt's
own score is held against the threshold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from quality.auditing.answers import (
    LONG,
    alike,
    contradict_each_other,
    numbers,
    one_question,
    opposed,
    parts_an_amount,
    within,
)
from quality.auditing.audit import EXACT, Proof, jaccard, tells
from quality.auditing.compared import alike_above, as_compared, said_below, said_by
from quality.auditing.in_short import in_short
from quality.auditing.prompts import asked_alike, moved, turned, usual_pairs, usual_words
from quality.auditing.respelled import respelled
from quality.auditing.reworded import Compared
from quality.auditing.slipped import Known
from quality.auditing.slots import Slots
from quality.auditing.texts import (
    Said,
    bag,
    bare,
    begun,
    likeness,
    normal,
    same_signs,
    without_empty_words,
    words_of,
)
from quality.clusters import LOOSE
from quality.reasons import STAGES, WHATEVER_DOMAIN, before
from quality.texts.names import named_in_both
from quality.texts.told_otherwise import told_otherwise

_COPIED = 0.9  # share of its words: a long answer that one word turned


@dataclass(frozen=True)
class PairRules:
    """What the recipe asked; a receipt may not ask for less.

    Attributes
    ----------
    alike : float
        Share of words (0 to 1) from which two answers are alike.
    boilerplate_prompts : int
        Different prompts of a boilerplate answer.
    words, prompt_words, floor, likeness : float
        Least share of words (0 to 1), the same of prompts, least cosine, and least Jaccard similarity of 5-grams, of
        semantic duplicates and edited copies.
    usual : frozenset of str
        Words of so many prompts that they are a template's (`usual_words`).
    usual_pairs : frozenset of (str, str)
        Neighbouring words of so many prompts (`usual_pairs`).
    slots : Slots
        The places of templates that prompts fill in.
    compared : Compared
        The rows that were compared in meaning.
    known : Known
        What the rows in which duplicates were looked for know.
    least_words : int
        A row of fewer words is no copy below another template's prompt, nor does a slip in such an answer prove one.
    """

    alike: float
    boilerplate_prompts: int
    words: float
    prompt_words: float
    floor: float
    likeness: float
    usual: frozenset[str] = frozenset()
    usual_pairs: frozenset[tuple[str, str]] = frozenset()
    slots: Slots = field(default_factory=Slots)
    compared: Compared = field(default_factory=Compared)
    known: Known = field(default_factory=Known)
    least_words: int = 20


def prove_pairs(receipts: pl.DataFrame, dataset: pl.DataFrame, removed: pl.DataFrame, rules: PairRules) -> list[Proof]:
    """Check every conflict, boilerplate answer, copied answer and semantic duplicate, of those there are.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`.
    dataset, removed : pl.DataFrame
        The rows kept and the rows not kept (`id, messages, origin`).
    rules : PairRules
        What the recipe asked.
    """
    rows = pl.concat([dataset, removed], how="diagonal")
    compared, asked = said_below(as_compared(receipts, rows)), said_by(rows)
    texts, by_id = compared
    reached = receipts.filter(~pl.col("stage").is_in(before("dedupe_meaning")))["origin"]
    meant = [texts[origin] for origin in reached if origin in texts]
    prompts = [row.prompt for row in meant]
    rules = replace(rules, usual=usual_words(prompts), usual_pairs=usual_pairs(prompts))
    rules = replace(rules, slots=Slots(prompts), compared=Compared(meant))
    came = receipts.filter(~pl.col("stage").is_in(before("dedupe")))["origin"]
    rules = replace(rules, known=Known(asked[0][origin] for origin in came if origin in asked[0]))
    proofs = []
    for reason, (claim, holds) in _CLAIMS.items():
        claims = receipts.filter(pl.col("reason") == reason)
        witnesses = _witnesses(receipts, reason)
        # Under another system message a question is another; only meanings are compared without.
        texts, by_id = compared if reason in STAGES["dedupe_meaning"] else asked
        wrong = [
            line["origin"]
            for line in claims.iter_rows(named=True)
            if line["witness"] not in witnesses
            or (row := texts.get(line["origin"])) is None
            or (witness := by_id.get(line["witness"])) is None
            or not holds(line, row, witness, rules)
        ]
        if reason == "boilerplate":
            wrong += list(_below_few_prompts(receipts, texts, by_id, rules))
        if claims.height:
            proofs.append(Proof.of(claim, claims.height, dict.fromkeys(wrong)))
    return proofs


def _witnesses(receipts: pl.DataFrame, reason: str) -> set[str]:
    """Name the rows that may prove a removal: those the stage kept, or, of a conflict, those in conflict as well."""
    if reason == "conflict":
        return set(receipts.filter(pl.col("reason") == "conflict")["id"])
    earlier = WHATEVER_DOMAIN
    for stage, next_stage in (("dedupe", "skim"), ("dedupe_meaning", "keep_domain")):
        earlier = before(next_stage) if reason in STAGES[stage] else earlier
    gone = pl.col("stage").is_in(earlier) | (pl.col("reason") == reason)
    return set(receipts.filter(~gone)["id"].drop_nulls())


def _copied(line: dict[str, Any], row: Said, witness: Said, rules: PairRules) -> bool:
    threshold = max(line["threshold"], rules.alike)
    return one_question(row, witness) and alike(row.spelled[1], witness.spelled[1], threshold)


def _told_in_full(line: dict[str, Any], row: Said, witness: Said, rules: PairRules) -> bool:
    return one_question(row, witness) and in_short(row, witness)


def _continued(line: dict[str, Any], row: Said, witness: Said, rules: PairRules) -> bool:
    start = begun(row.answer)
    rest = witness.answer[len(start) :] if start and witness.answer.startswith(start) else ""
    return one_question(row, witness) and bool(words_of(rest)) and not parts_an_amount(start, rest)


def _respelled(line: dict[str, Any], row: Said, witness: Said, rules: PairRules) -> bool:
    return respelled(row, witness)


def _slipped(line: dict[str, Any], row: Said, witness: Said, rules: PairRules) -> bool:
    return rules.known.slipped(row, witness) and same_signs(row, witness)


def _contradicts(line: dict[str, Any], row: Said, witness: Said, rules: PairRules) -> bool:
    return contradict_each_other(row, witness, min(line["threshold"], rules.alike))


def _canned(line: dict[str, Any], row: Said, witness: Said, rules: PairRules) -> bool:
    return words_of(row.answer) == words_of(witness.answer)


def _same_meaning(line: dict[str, Any], row: Said, witness: Said, rules: PairRules) -> bool:
    close = line["score"] >= max(line["threshold"], rules.floor) - 1e-6
    return close and _same_said(row, witness, rules) and _nothing_apart(row, witness, rules)


def _edited_copy(line: dict[str, Any], row: Said, witness: Said, rules: PairRules) -> bool:
    whole = jaccard(f"{row.prompt}\n{row.answer}", f"{witness.prompt}\n{witness.answer}", LOOSE.words)
    found = jaccard(row.answer, witness.answer, LOOSE.words)
    by_whole, by_answer = (
        tells(line, share, rules.likeness) and share >= rules.likeness - EXACT for share in (whole, found)
    )
    alone = by_answer and _said_alike(row, witness, rules) and rules.compared.one_subject(row, witness)
    return (alone or (by_whole and _same_said(row, witness, rules))) and _nothing_apart(row, witness, rules)


def _nothing_apart(row: Said, witness: Said, rules: PairRules) -> bool:
    return same_signs(row, witness) and alike_above(row, witness, rules.words)


def _same_said(row: Said, witness: Said, rules: PairRules) -> bool:
    whole, other = bag(f"{row.prompt}\n{row.answer}"), bag(f"{witness.prompt}\n{witness.answer}")
    alike = likeness(whole, other) >= rules.words - 1e-9 and within(numbers(whole), numbers(other))
    if alike and _same_asked(row, witness, rules):
        return True
    return _said_alike(row, witness, rules) and rules.compared.asked_otherwise(row, witness, rules.least_words)


def _said_alike(row: Said, witness: Said, rules: PairRules) -> bool:
    """Whether the answers have most of their words in common, and neither row is a short one."""
    sizes = (len(words_of(f"{each.prompt}\n{each.answer}")) for each in (row, witness))
    return min(sizes) >= rules.least_words and likeness(bag(row.answer), bag(witness.answer)) >= rules.words - 1e-9


def _same_asked(row: Said, witness: Said, rules: PairRules) -> bool:
    said, first = bag(row.answer), bag(witness.answer)
    copied = likeness(said, first) >= _COPIED - 1e-9 and min(len(said), len(first)) >= LONG
    plain, beside = (
        without_empty_words(each) if len(words_of(each.answer)) >= LONG else each for each in (row, witness)
    )
    both = ((row, witness), (plain, beside))
    same = any(bare(normal(each.spelled[0].written)) == bare(normal(other.spelled[0].written)) for each, other in both)
    if same or (copied and moved(plain, beside)) or turned(row, witness, rules.usual_pairs):
        if told_otherwise(row.spelled[1], witness.spelled[1]):
            return False
        return copied or not opposed(*(bag(normal(each.spelled[1].written)) for each in (row, witness)))
    if named_in_both(*(each.written[side] for side in (0, 1) for each in (plain, beside))):
        return False
    if any(_prompt_edited(*pair, rules.prompt_words) for pair in both):
        return not rules.slots.filled_otherwise(row, witness)
    return asked_alike(row, witness, rules.usual)


def _prompt_edited(row: Said, witness: Said, words: float) -> bool:
    """Whether one prompt is the other with words put in, left out or exchanged that no answer echoes."""
    asked, before, said, first = map(bag, (row.prompt, witness.prompt, row.answer, witness.answer))
    echoed = (asked - before) & (said - first) or (before - asked) & (first - said)
    return asked != before and not echoed and (likeness(asked, before) >= words - 1e-9 or within(asked, before))


_CLAIMS = {
    "unfinished_answer": (
        "every unfinished answer has its witness's question and lacks its last words, and the witness is no duplicate",
        _continued,
    ),
    "same_letters": (
        "every copy in another spelling has its witness's letters and digits, and the witness is no duplicate",
        _respelled,
    ),
    "same_prompt_alike_answer": (
        "every copied answer has its witness's question and most of its words, and the witness is no duplicate",
        _copied,
    ),
    "copy_with_a_slip": (
        "every copy with a slip is its witness but for one slip in question or answer, and the witness is no duplicate",
        _slipped,
    ),
    "same_answer_in_short": (
        "every answer in short has its witness's question, and the witness says the same in full and is no duplicate",
        _told_in_full,
    ),
    "semantic_duplicate": (
        "every semantic duplicate has its witness's words, numbers, signs and question, and the witness is none",
        _same_meaning,
    ),
    "edited_copy": (
        "every edited copy, or its answer, has half of its witness's 5-grams, its words, numbers, signs and "
        "question, and the witness is none",
        _edited_copy,
    ),
    "conflict": (
        "every row in conflict has its witness's prompt and another answer, and so has the witness",
        _contradicts,
    ),
    "boilerplate": (
        "every boilerplate answer stands below many prompts, and the first of them is its witness",
        _canned,
    ),
}


def _below_few_prompts(
    receipts: pl.DataFrame, texts: dict[str, Said], by_id: dict[str, Said], rules: PairRules
) -> Iterator[str]:
    """Name the rows whose answer doesn't stand below as many prompts as a boilerplate answer must.

    They are counted where rows reach the domain filter, which may leave a few of many.
    """
    claims = receipts.filter(pl.col("reason") == "boilerplate")
    if claims.is_empty():
        return
    below: dict[str, set[str]] = {}
    for origin in receipts.filter(~pl.col("stage").is_in(WHATEVER_DOMAIN))["origin"]:
        if row := texts.get(origin):
            below.setdefault(" ".join(words_of(row.answer)), set()).add(row.prompt)
    for line in claims.iter_rows(named=True):
        witness = by_id.get(line["witness"])
        prompts = below.get(" ".join(words_of(witness.answer)), set()) if witness else set()
        if len(prompts) < max(rules.boilerplate_prompts, line["threshold"]):
            yield line["origin"]
