"""Re-compute the scores of removals from the texts, and hold every threshold against what the recipe asked.

Scores of duplicates are `quality.auditing.audit`'s. A cosine can't be computed from texts: of it, threshold and bounds
are held.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from quality.auditing.audit import EXACT, Proof, tells
from quality.auditing.texts import Said, bag, begun, likeness, normal, said, words_of
from quality.reasons import WHATEVER_DOMAIN

_SINGLE = 1e-6  # cosines are sums of single precision


@dataclass(frozen=True)
class Asked:
    """What thresholds the recipe set (0 to 1, prompts in number), and the pool.

    Attributes
    ----------
    alike : float
        From which share of words two answers are alike.
    boilerplate_prompts : int
        Different prompts of a boilerplate answer.
    grams, edited, paraphrase : float
        Share of n-grams, share of words and cosine from which a row leaks an item; the pool may raise the last.
    meaning : float or None
        Cosine of semantic duplicates that was found on the pool; None where none was looked for.
    """

    alike: float
    boilerplate_prompts: int
    grams: float
    edited: float
    paraphrase: float
    meaning: float | None


def prove_measures(
    receipts: pl.DataFrame, dataset: pl.DataFrame, removed: pl.DataFrame, reserve: pl.DataFrame, asked: Asked
) -> list[Proof]:
    """Check scores and thresholds of what prompts, answers and the exam gave away, of those there are.

    Parameters
    ----------
    receipts : pl.DataFrame
        `receipts.parquet`; what should be measured and isn't is not a number.
    dataset, removed, reserve : pl.DataFrame
        The rows kept and not kept (`id, messages, origin`), and the exam's reserve (`item, question, answer`).
    asked : Asked
        Thresholds of the recipe and the pool.
    """
    proofs = [
        _retold(receipts, pl.concat([dataset, removed], how="diagonal"), asked),
        _bounded(receipts, dict(reserve.select("item", "question").iter_rows()), asked),
    ]
    return [proof for proof in proofs if proof.checked]


def _retold(receipts: pl.DataFrame, rows: pl.DataFrame, asked: Asked) -> Proof:
    claims = receipts.filter(pl.col("reason").is_in([*_SCORES, "boilerplate"]))
    told = pl.col("origin").is_in(claims["origin"].implode()) | pl.col("id").is_in(claims["witness"].implode())
    everyone = "boilerplate" in claims["reason"]  # what counts is how many prompts it stands below
    wanted = rows.select("id", "origin", "messages").filter(told | everyone)
    texts = {origin: said(messages) for _, origin, messages in wanted.iter_rows()}
    by_id = {id_: texts[origin] for id_, origin, _ in wanted.iter_rows()}
    prompts = _prompts_below(receipts, texts)
    wrong = []
    for claim in claims.iter_rows(named=True):
        row, witness = texts.get(claim["origin"]), by_id.get(claim["witness"])
        if row is None or witness is None:
            wrong.append(claim["origin"])
        elif claim["reason"] == "boilerplate":
            if not tells(claim, len(prompts[_worded(row)]), asked.boilerplate_prompts):
                wrong.append(claim["origin"])
        else:
            threshold = _FIXED.get(claim["reason"], asked.alike)
            if not tells(claim, _SCORES[claim["reason"]](row, witness), threshold):
                wrong.append(claim["origin"])
    return Proof.of(
        "every receipt of an answer tells the score that the texts give, and the threshold of the recipe",
        claims.height,
        wrong,
    )


def _prompts_below(receipts: pl.DataFrame, texts: Mapping[str, Said]) -> Mapping[str, set[str]]:
    """Gather the prompts of each boilerplate answer, among the rows that reached the domain filter."""
    below: defaultdict[str, set[str]] = defaultdict(set)
    canned = receipts.filter(pl.col("reason") == "boilerplate")["origin"]
    answers = {_worded(texts[origin]) for origin in canned if origin in texts}
    if answers:
        for origin in receipts.filter(~pl.col("stage").is_in(WHATEVER_DOMAIN))["origin"]:
            if origin in texts and (answer := _worded(texts[origin])) in answers:
                below[answer].add(texts[origin].prompt)
    return below


def _worded(row: Said) -> str:
    """Spell the words of an answer, by which boilerplate is told."""
    return " ".join(words_of(row.answer))


def _shared(row: Said, witness: Said) -> float:
    one, other = (bag(normal(each.spelled[1].written)) for each in (row, witness))
    return likeness(one, other)


def _done(row: Said, witness: Said) -> float:
    return len(begun(row.answer)) / len(witness.answer) if witness.answer else math.nan


_SCORES: Mapping[str, Callable[[Said, Said], float]] = {
    "unfinished_answer": _done,
    "same_letters": lambda row, witness: 1.0,  # of letters and digits none differ
    "same_prompt_alike_answer": _shared,
    "copy_with_a_slip": _shared,
    "same_answer_in_short": _shared,
    "conflict": _shared,
}

_FIXED = {"unfinished_answer": 0.0, "same_answer_in_short": 0.0, "copy_with_a_slip": 0.0, "same_letters": 1.0}


def _bounded(receipts: pl.DataFrame, questions: Mapping[str, str | None], asked: Asked) -> Proof:
    """Compare each threshold with the recipe's, and the score with the threshold and with 1."""
    measured_again = pl.col("reason") == "edited_copy"  # by `quality.auditing.pairs`, to the bit
    claims = receipts.filter(pl.col("stage").is_in(["dedupe_meaning", "decontaminate"]), ~measured_again)
    raised: dict[bool, float] = {}
    wrong = []
    for claim in claims.iter_rows(named=True):
        score, threshold = claim["score"], claim["threshold"]
        wanted = {"same_question": 1.0, "shared_ngrams": asked.grams, "lightly_edited": asked.edited}
        if claim["reason"] == "paraphrase":
            bare = not questions.get(claim["witness"])
            right = threshold >= ((1 + asked.paraphrase) / 2 if bare else asked.paraphrase) - EXACT
            right = right and raised.setdefault(bare, threshold) == threshold
        else:
            least = wanted.get(claim["reason"], asked.meaning)
            right = least is not None and abs(threshold - least) <= EXACT
        if not (right and threshold - _SINGLE <= score <= 1 + _SINGLE):
            wrong.append(claim["origin"])
    return Proof.of(
        "every receipt of a leak or of a row of the same meaning names the threshold that recipe or pool set, and a "
        "score from there to 1",
        claims.height,
        wrong,
    )
