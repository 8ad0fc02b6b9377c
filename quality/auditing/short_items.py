"""Items whose answer is too short to be looked for alone, for the audit: question and answer as one text."""

from collections.abc import Iterable, Mapping

from quality.auditing.passages import passage_likeness
from quality.auditing.shared_words import ExamWords, Field, Row, Wanted, field_grams, spoken
from quality.auditing.siblings import Others
from quality.auditing.texts import told_in_words

_SLACK = 1e-6
# Rows of more characters than so many times those of the longest short item are not looked at.
_MOST_TIMES = 2


class ShortItems:
    """The short items of an exam, and the rows that hold one nearly whole.

    Parameters
    ----------
    items : iterable of (str, str)
        Question and answer of each item, as they are seen.
    rows : mapping of origin to Row
        Those that stood in the pool when it was decontaminated.
    pointing : Wanted
        How the n-grams are looked for that point to light edits.
    words, most_words : int
        Question and answer have so many words together, at least and at most.
    likeness : float
        Share of the words of an item that a row must hold in order; an answer is short if it can't lack a word.
    others : Others
        How the rows fill in questions and answers, each for itself.
    """

    def __init__(
        self,
        items: Iterable[tuple[str, str]],
        rows: Mapping[str, Row],
        pointing: Wanted,
        *,
        words: int,
        most_words: int,
        likeness: float,
        others: Others,
    ) -> None:
        self._words, self._most_words, self._likeness = words, most_words, likeness
        self._size = pointing.words
        fields = [field for item in items if (field := self._whole(*item)) is not None]
        most = _MOST_TIMES * max((len(field.text) for field in fields), default=0)
        joined = {origin: row.joined() for origin, row in rows.items()}
        short = {origin: row for origin, row in joined.items() if len(row.prompt) - 1 <= most}
        self._exam = ExamWords(([field] for field in fields), short, pointing)
        self._others, self._joined = others, Others(short, [self._exam])

    def gives_away(self, row: Row, question: str, answer: str) -> bool:
        """Whether a row holds this item nearly whole, and is no sibling of it."""
        field = self._whole(question, answer)
        return field is not None and self._holds(row, field)

    def given_away(self, origin: str, row: Row) -> bool:
        """Whether a row of the pool gives any of them away."""
        return origin in self._exam.held and any(self._holds(row, field) for field in self._exam.given_away(origin))

    def _whole(self, question: str, answer: str) -> Field | None:
        text = f"{question}\n{answer}"
        asked, said, both = (told_in_words(spoken(part)) for part in (question, answer, text))
        short = asked > 0 < said and 1 - 1 / said < self._likeness and self._words <= both <= self._most_words
        return Field(text, frozenset(field_grams(text, self._size)), reply=answer) if short else None

    def _holds(self, row: Row, field: Field) -> bool:
        whole, answer = row.joined(), field.reply or ""
        question = field.text[: -1 - len(answer)]
        near = passage_likeness(field.text, whole.prompt) >= self._likeness - _SLACK
        return near and not (
            self._joined.hold_renamed(whole, field)
            or self._others.hold_sibling(row, Field(question, frozenset(), reply=answer), templates=True)
            or self._others.hold_sibling(row, Field(answer, frozenset(), asked=question), templates=True)
        )
