"""Re-prove a run's leaks from its outputs alone: by words, sets and a plain edit distance.

Nothing here is shared with the curator, which works on hashes and bit vectors; the words are the auditor's own.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from quality.audit import Proof
from quality.audit_texts import normal, words_of

_NO_WORD = re.compile(r"[^\w\s]+")
_SENTENCE_ENDS = re.compile(r"(?<=[?.!:]) +")
_AROUND = " ?.!:\"'“”‘’"
_FEW_ROWS = 20
_SLACK = 1e-6

Message = dict[str, str]
Gram = tuple[str, ...]


@dataclass(frozen=True)
class LeakRules:
    """What the recipe asked of decontamination (the settings of the same names)."""

    threshold: float
    words: int
    short_question: int
    enough: int
    likeness: float
    template_items: int
    template_share: float


def prove_leaks(
    receipts: pl.DataFrame, dataset: pl.DataFrame, removed: pl.DataFrame, reserve: pl.DataFrame, rules: LeakRules
) -> list[Proof]:
    """Check every removal for a leak, and that no row of the dataset leaks.

    Parameters
    ----------
    receipts, dataset, removed, reserve : pl.DataFrame
        The files of the run, as `quality.audit.prove` takes them; the reserve is `item, question, answer`.
    rules : LeakRules
        What the recipe asked for.
    """
    claims = receipts.filter(pl.col("stage") == "decontaminate")
    rows = {
        origin: _Row(messages)
        for origin, messages in pl.concat([dataset, removed], how="diagonal").select("origin", "messages").iter_rows()
    }
    items = {item: (question or "", answer or "") for item, question, answer in reserve.iter_rows()}
    known = _Commonplaces(rows.values(), items, dataset.height + claims.height, rules)
    return [
        _removals(claims, rows, items, rules),
        _no_question(dataset, rows, items, known),
        _no_answer(dataset, rows, items, known, rules),
    ]


class _Row:
    """A record's prompt and its last answer."""

    def __init__(self, messages: list[Message]) -> None:
        said = [(message["role"], message["content"] or "") for message in messages]
        answers = [place for place, (role, _) in enumerate(said) if role == "assistant"]
        last = answers[-1] if answers else len(said)
        self.prompt = "\n".join(text for _, text in said[:last])
        self.answer = said[last][1] if answers else ""

    def grams(self, size: int) -> set[Gram]:
        return _grams(self.prompt, size) | _grams(self.answer, size)

    def questions(self) -> set[str]:
        """Return the prompt, its lines and its sentences of two words or more, each normalised."""
        lines = self.prompt.split("\n")
        sentences = [part for line in lines for part in _SENTENCE_ENDS.split(line)]
        whole = {_question(part) for part in (self.prompt, *lines)}
        return whole | {part for part in map(_question, sentences) if " " in part}


class _Commonplaces:
    """What so many rows or items hold that it gives nothing away.

    Which rows stood in the pool when it was decontaminated, the files don't say: every text that was read counts, once.
    """

    def __init__(self, rows: Iterable[_Row], items: dict[str, tuple[str, str]], reached: int, rules: LeakRules) -> None:
        most = max(_FEW_ROWS, int(rules.template_share * reached))
        in_items: Counter[Gram] = Counter()
        for fields in items.values():
            in_items.update(set().union(*(_grams(field, rules.words) for field in fields)))
        asking = Counter(_question(question) for question, _ in items.values())
        in_rows: Counter[Gram] = Counter()
        asked: Counter[str] = Counter()
        for row in {(normal(row.prompt), normal(row.answer)): row for row in rows}.values():
            in_rows.update(row.grams(rules.words) & in_items.keys())
            asked.update(row.questions() & asking.keys())
        self.grams = {gram for gram, n in in_items.items() if n > rules.template_items or in_rows[gram] > most}
        self.questions = {
            text for text, n in asking.items() if not text or n > rules.template_items or asked[text] > most
        }


def _removals(
    claims: pl.DataFrame,
    rows: dict[str, _Row],
    items: dict[str, tuple[str, str]],
    rules: LeakRules,
) -> Proof:
    wrong = []
    for claim in claims.iter_rows(named=True):
        row, item = rows.get(claim["origin"]), items.get(claim["witness"])
        if row is None or item is None or not _holds(claim, row, item, rules):
            wrong.append(claim["origin"])
    return Proof.of("every leak's witness is a reserved item, and the row gives it away", claims.height, wrong)


def _holds(claim: dict[str, object], row: _Row, item: tuple[str, str], rules: LeakRules) -> bool:
    question, answer = item
    if claim["reason"] == "same_question":
        return _question(question) in row.questions() - {""}
    if claim["reason"] == "shared_ngrams":
        return _stands_whole(question, row, rules) or any(
            _shared(_grams(field, rules.words), row, rules) >= rules.threshold - _SLACK for field in item
        )
    if claim["reason"] == "lightly_edited":
        return any(
            _likeness(field, text) >= rules.likeness - _SLACK for field in item for text in (row.prompt, row.answer)
        )
    # A cosine can't be re-made without the model: what is proven is that the receipt keeps its own threshold.
    score, threshold = claim["score"], claim["threshold"]
    return (
        claim["reason"] == "paraphrase"
        and isinstance(score, float)
        and isinstance(threshold, float)
        and score >= threshold
        and bool(answer)
    )


def _no_question(
    dataset: pl.DataFrame, rows: dict[str, _Row], items: dict[str, tuple[str, str]], known: _Commonplaces
) -> Proof:
    reserved = {_question(question) for question, _ in items.values()} - known.questions
    wrong = [origin for origin in dataset["origin"] if rows[origin].questions() & reserved]
    return Proof.of("no row of the dataset asks a reserved question", dataset.height, wrong)


def _no_answer(
    dataset: pl.DataFrame,
    rows: dict[str, _Row],
    items: dict[str, tuple[str, str]],
    known: _Commonplaces,
    rules: LeakRules,
) -> Proof:
    holders: dict[Gram, set[str]] = {}
    for item, (_, answer) in items.items():
        for gram in _grams(answer, rules.words) - known.grams:
            holders.setdefault(gram, set()).add(item)
    wrong = []
    for origin in dataset["origin"]:
        suspects = set().union(*(holders[gram] for gram in rows[origin].grams(rules.words) if gram in holders))
        if any(_gives_away(items[item][1], rows[origin], known, rules) for item in suspects):
            wrong.append(origin)
    share = f"{rules.threshold:.0%}"
    claim = f"no row of the dataset holds {share} of the {rules.words}-grams of a reserved answer"
    return Proof.of(claim, dataset.height, wrong)


def _gives_away(field: str, row: _Row, known: _Commonplaces, rules: LeakRules) -> bool:
    """Whether a row holds enough n-grams of a field: of those that are evidence, and of all."""
    every = _grams(field, rules.words)
    return all(_shared(grams, row, rules) >= rules.threshold for grams in (every, every - known.grams))


def _shared(grams: set[Gram], row: _Row, rules: LeakRules) -> float:
    return min(1.0, len(grams & row.grams(rules.words)) / min(len(grams), rules.enough)) if grams else 0.0


def _stands_whole(question: str, row: _Row, rules: LeakRules) -> bool:
    """Whether a question too short for an n-gram stands in the prompt, word by word."""
    size = len(words_of(normal(question)))
    return rules.short_question <= size < rules.words and bool(_grams(question, size) & _grams(row.prompt, size))


def _likeness(field: str, text: str) -> float:
    """1 − (words to change, leave out or add between a field and the passage of a text most like it) / its words."""
    wanted, there = _bare(field), _bare(text)
    if not wanted:
        return 0.0
    column = list(range(len(wanted) + 1))
    least = len(wanted)
    for word in there:
        after = [0]
        for place, (above, beside) in enumerate(pairwise(column)):
            after.append(min(above + (wanted[place] != word), beside + 1, after[-1] + 1))
        column = after
        least = min(least, column[-1])
    return 1 - least / len(wanted)


def _grams(text: str, size: int) -> set[Gram]:
    found = words_of(normal(text))
    return {tuple(found[at : at + size]) for at in range(len(found) - size + 1)} if size else set()


def _bare(text: str) -> list[str]:
    return _NO_WORD.sub("", normal(text)).split()


def _question(text: str) -> str:
    return normal(text).strip(_AROUND)
