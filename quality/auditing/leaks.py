"""Re-prove a run's leaks from its outputs alone: by words, sets and a plain edit distance.

Nothing here is shared with the curator, which works on hashes and bit vectors; the words are the auditor's own. What
only a model sees can't be proven without it: that no kept row says an item in other words.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from quality.auditing.audit import Proof
from quality.auditing.passages import passage_likeness
from quality.auditing.readings import rejoined, seen
from quality.auditing.shared_words import (
    FEW_ROWS,
    TELLING_WORDS,
    WHOLE,
    ExamWords,
    Field,
    Row,
    Wanted,
    asked_as,
    field_grams,
    grams,
    is_asked,
    part_of,
    size_of,
    spoken,
)
from quality.auditing.short_items import ShortItems
from quality.auditing.siblings import Others
from quality.auditing.texts import normal, told_in_words, words_of
from quality.reasons import before

_SLACK = 1e-6
# N-grams that point to light edits: their size, and the share a row must hold.
_SUSPECT_WORDS, _SUSPECT_SHARE = 3, 0.5

Items = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class LeakRules:
    """What the recipe asked of decontamination (the settings of the same names)."""

    threshold: float
    words: int
    short_question: int
    enough: int
    short_field: int
    likeness: float
    template_items: int
    template_share: float
    copy_share: float

    def wanted(self, reached: int) -> Wanted:
        """Return how n-grams are looked for among so many rows."""
        most = max(FEW_ROWS, int(self.template_share * reached))
        return Wanted(self.words, self.threshold, self.enough, self.copy_share, self.template_items, most)

    def pointing(self, reached: int) -> Wanted:
        """Return how the n-grams are looked for that point to light edits."""
        most = max(FEW_ROWS, int(self.template_share * reached))
        return Wanted(_SUSPECT_WORDS, _SUSPECT_SHARE, self.short_field, _SUSPECT_SHARE, self.template_items, most)


def prove_leaks(
    receipts: pl.DataFrame, dataset: pl.DataFrame, removed: pl.DataFrame, reserve: pl.DataFrame, rules: LeakRules
) -> list[Proof]:
    """Check every removal for a leak, and that no row of the dataset leaks.

    Parameters
    ----------
    receipts, dataset, removed, reserve : pl.DataFrame
        The files of the run, as `quality.auditing.audit.prove` takes them; the reserve is `item, question, answer`.
    rules : LeakRules
        What the recipe asked for.
    """
    claims = receipts.filter(pl.col("stage") == "decontaminate")
    read = pl.concat([dataset, removed], how="diagonal").select("origin", "messages")
    exam = [(item, seen(question or ""), seen(answer or "")) for item, question, answer in reserve.iter_rows()]
    words = {word for _, *texts in exam for text in texts for word in words_of(normal(text))}
    items = {item: (rejoined(question, words), rejoined(answer, words)) for item, question, answer in exam}
    kept = dataset["origin"].to_list()
    # Of most rows of a large pool, which went before, nothing has to be read.
    reached = set(receipts.filter(~pl.col("stage").is_in(before("decontaminate")))["origin"]) | set(kept)
    rows = {origin: Row(messages, words) for origin, messages in read.iter_rows() if origin in reached}
    whole = ExamWords(_fields(items, rules), rows, rules.wanted(len(rows)))
    parts = ExamWords(_short_fields(items, rules), rows, rules.pointing(len(rows)))
    others = Others(rows, (whole, parts))
    short = ShortItems(
        items.values(),
        rows,
        rules.pointing(len(rows)),
        words=rules.words,
        most_words=rules.short_field - 1,
        likeness=rules.likeness,
        others=others,
    )
    return [
        _removals(claims, rows, items, rules, others, short),
        _no_question(kept, rows, items, rules, rules.wanted(len(rows)).most_rows),
        _no_words(kept, rows, whole, others),
        _no_light_edit(kept, rows, parts, rules, others, short),
    ]


def _fields(items: Items, rules: LeakRules) -> Iterator[list[Field]]:
    for question, answer in items.values():
        whole = Field(question, frozenset(_short(question, rules)), whole=True, reply=answer)
        yield [whole, *_both_fields(question, answer, rules.words)]


def _short_fields(items: Items, rules: LeakRules) -> Iterator[list[Field]]:
    for question, answer in items.values():
        fields = _both_fields(question, answer, _SUSPECT_WORDS)
        yield [one for one in fields if rules.words <= told_in_words(spoken(one.text)) < rules.short_field]


def _both_fields(question: str, answer: str, words: int) -> tuple[Field, Field]:
    asked, said = (frozenset(field_grams(text, words)) for text in (question, answer))
    return Field(question, asked, reply=answer), Field(answer, said, asked=question)


def _removals(
    claims: pl.DataFrame, rows: dict[str, Row], items: Items, rules: LeakRules, others: Others, short: ShortItems
) -> Proof:
    marked, wrong = _marked(items), []
    for claim in claims.iter_rows(named=True):
        row, item = rows.get(claim["origin"]), items.get(claim["witness"])
        if row is None or item is None or not _holds(claim, row, item, rules, marked, others, short):
            wrong.append(claim["origin"])
    return Proof.of("every leak's witness is a reserved item, and the row gives it away", claims.height, wrong)


def _holds(
    claim: dict[str, object],
    row: Row,
    item: tuple[str, str],
    rules: LeakRules,
    marked: set[str],
    others: Others,
    short: ShortItems,
) -> bool:
    question, answer = item
    by_words = claim["reason"] == "shared_ngrams"
    sibling, filled = (
        others.hold_sibling(row, field, templates=not by_words)
        for field in (Field(question, frozenset(), reply=answer), Field(answer, frozenset(), asked=question))
    )
    if claim["reason"] == "same_question":
        key = asked_as(question)
        ended = row.ended_with(rules.words, key.count(" ") + 1)
        return key in (row.questions() | row.repeated(rules.words, marked) | ended) - {""}
    if by_words:
        asks = _stands_whole(question, row, rules) or (_holds_words(question, row, rules) and not sibling)
        return asks or (_holds_words(answer, row, rules) and not filled)
    if claim["reason"] == "lightly_edited":
        asks = _is_edited(question, row, rules) and not sibling
        says = _is_edited(answer, row, rules) and not filled
        return asks or says or short.gives_away(row, question, answer)
    # A cosine can't be re-made without the model: what is proven is that the receipt keeps its own threshold.
    score, threshold = claim["score"], claim["threshold"]
    return (
        claim["reason"] == "paraphrase"
        and isinstance(score, float)
        and isinstance(threshold, float)
        and score >= threshold
        and bool(answer)
    )


def _no_question(kept: list[str], rows: dict[str, Row], items: Items, rules: LeakRules, most_rows: int) -> Proof:
    asking = Counter(asked_as(question) for question, _ in items.values())
    replies: dict[str, list[str]] = {}
    for question, answer in items.values():
        if 0 < asking[asked_as(question)] <= rules.template_items and asked_as(question):
            replies.setdefault(asked_as(question), []).append(answer)
    marked = _marked(items)
    alone = {
        origin: (row.questions() | row.repeated(rules.words, marked)) & replies.keys() for origin, row in rows.items()
    }
    short = [key for key in replies if told_in_words(words_of(key)) < rules.words]
    parts = max((key.count(" ") for key in short), default=0) + 1
    ending = {
        origin: (row.ended_with(rules.words, parts) & replies.keys()) - alone[origin] for origin, row in rows.items()
    }
    once = {(normal(row.prompt), normal(row.answer)): origin for origin, row in rows.items()}
    asked = Counter(text for origin in once.values() for text in alone[origin] | ending[origin])
    wrong = [
        origin
        for origin in kept
        for text in alone[origin] | ending[origin]
        if not (asked[text] > most_rows and (text in ending[origin] or _short_one(text)))
        or _tells(text, rows[origin], replies[text])
    ]
    return Proof.of("no row of the dataset asks a reserved question", len(kept), dict.fromkeys(wrong))


def _marked(items: Items) -> set[str]:
    return {asked_as(question) for question, _ in items.values() if is_asked(question)}


def _short_one(question: str) -> bool:
    return told_in_words(words_of(question)) < TELLING_WORDS


def _tells(question: str, row: Row, replies: Iterable[str]) -> bool:
    """Whether a row asks a question that many hold beside other things: it is all that it asks, or it answers it."""
    return question == asked_as(row.prompt) or _answers(row, replies)


def _answers(row: Row, replies: Iterable[str]) -> bool:
    """Whether a row's answer holds one of these, word by word."""
    said = _spaced(row.answer)
    return any(_spaced(reply) in said for reply in replies if words_of(normal(reply)))


def _no_words(kept: list[str], rows: dict[str, Row], exam: ExamWords, others: Others) -> Proof:
    wrong = [
        origin
        for origin in kept
        if any(not others.hold_sibling(rows[origin], field, templates=False) for field in exam.given_away(origin))
    ]
    claim = (
        f"no row of the dataset holds {exam.wanted.threshold:.0%} of the {exam.wanted.words}-grams of a reserved "
        "question or answer, or a shorter question whole"
    )
    if spared := exam.told_by_copies_only():
        claim += f" ({spared:,} of them are shared by many rows: of these none holds {exam.wanted.copy_share:.0%})"
    return Proof.of(claim, len(kept), wrong)


def _no_light_edit(
    kept: list[str], rows: dict[str, Row], exam: ExamWords, rules: LeakRules, others: Others, short: ShortItems
) -> Proof:
    wrong = [
        origin
        for origin in kept
        if any(
            _is_edited(field.text, rows[origin], rules) and not others.hold_sibling(rows[origin], field, templates=True)
            for field in exam.given_away(origin)
        )
        or short.given_away(origin, rows[origin])
    ]
    claim = (
        "no row of the dataset holds a reserved question or answer lightly edited, or both where the answer is short"
    )
    return Proof.of(claim, len(kept), wrong)


def _is_edited(field: str, row: Row, rules: LeakRules) -> bool:
    return any(passage_likeness(field, text) >= rules.likeness - _SLACK for text in (row.prompt, row.answer))


def _short(question: str, rules: LeakRules) -> set[tuple[str, ...]]:
    """Return the words of a question that is too short for an n-gram and long enough to be looked for whole."""
    words = spoken(question)
    return {(WHOLE, *words)} if rules.short_question <= told_in_words(words) < rules.words else set()


def _stands_whole(question: str, row: Row, rules: LeakRules) -> bool:
    return any(tuple(words) in grams(spoken(row.prompt), len(words)) for _, *words in _short(question, rules))


def _holds_words(field: str, row: Row, rules: LeakRules) -> bool:
    held = row.grams([size_of(spoken(field), rules.words)])
    return part_of(field_grams(field, rules.words), held, rules.enough) >= rules.threshold - _SLACK


def _spaced(text: str) -> str:
    return f" {' '.join(spoken(text))} "
