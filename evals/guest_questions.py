"""What a task of lm-evaluation-harness asks: question, target and options of a document, without the task's wrapper.

Most tasks write something around every question (“Question: …”, a line break, “Answer:”). A training row that copies
the question holds none of that, so that a question shorter than its wrapper would be found in none. lm-eval itself asks
with the wrapper: what is made here keeps training rows clear of the exam, and shows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_FEWEST = 3  # of two questions, most of what they share may be their own


class Wrapper(NamedTuple):
    """What a task writes around every question: characters before it and behind it."""

    before: str
    after: str

    def off(self, question: str) -> str:
        """Return a question without it, or whole where nothing would be left."""
        return question.removeprefix(self.before).removesuffix(self.after).strip() or question


class Asked(NamedTuple):
    """A document as its task asks it; `answer` is the right option's place, 0 without options."""

    question: str
    target: str
    options: list[str]
    answer: int


def wrapper(questions: Sequence[str], docs: Sequence[Mapping[str, Any]]) -> Wrapper:
    """Find what all questions of a task begin and end with and no document says itself.

    Where a field of the documents stands in the questions, the wrapper ends there, so that “What is” in all questions
    of the data stays; else, or where the field itself is wrapped, it ends behind the last colon or line break that all
    begin with, and begins with the first line break that all end with. Fewer than three questions have none.

    Parameters
    ----------
    questions, docs
        What a task makes of each of its documents, and these.
    """
    if len(questions) < _FEWEST or len(set(questions)) == 1:
        return Wrapper("", "")
    first, last = _shown(questions, docs)
    before = _beginning(questions)
    after = _beginning([question[::-1] for question in questions])[::-1]
    start = _border(before[:first]) or max(before.rfind(":"), before.rfind("\n")) + 1
    behind = after[max(0, len(after) - last) :]
    gap = next((place for place, letter in enumerate(behind) if letter.isspace()), len(behind))
    line = after.find("\n")
    return Wrapper(before[:start], behind[gap:] or (after[line:] if line >= 0 else ""))


def asked(task: Any, doc: Mapping[str, Any], *, as_example: bool = False) -> Asked:  # noqa: ANN401 - an lm-eval task
    """Return what a document asks, in the way the task's type keeps it; the question with its wrapper.

    Parameters
    ----------
    task, doc
        An lm-eval task and a document of it.
    as_example
        Whether to ask as the task's own few-shot examples are written.
    """
    own = getattr(task, "fewshot_cfg", None) if as_example else None
    text = task.doc_to_text(doc, own.doc_to_text) if own else task.doc_to_text(doc)
    target = task.doc_to_target(doc, own.doc_to_target) if own else task.doc_to_target(doc)
    if isinstance(target, list):  # several right answers: the first stands for them
        target = target[0] if target else ""
    if task.OUTPUT_TYPE == "loglikelihood_rolling":
        return Asked("", str(target), [], 0)
    options = []
    if task.get_config("doc_to_choice"):
        offered = task.doc_to_choice(doc, own.doc_to_choice) if own else task.doc_to_choice(doc)
        options = [str(option) for option in offered]
    if not options:
        return Asked(str(text), str(target), [], 0)
    if isinstance(text, int):  # the options are contexts, and the target is what follows the right one
        return Asked(options[text], str(target), options, text)
    place = target if isinstance(target, int) else options.index(target) if target in options else -1
    if not 0 <= place < len(options):
        return Asked(str(text), str(target), options, 0)
    return Asked(str(text), options[place], options, place)


def _shown(questions: Sequence[str], docs: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return how many characters stand, at the least, before and behind the fields that the questions show.

    A field is shown that differs from document to document and stands in every question. Without one, both are 0.
    """
    told = [dict(_texts(doc)) for doc in docs]
    values: dict[str, set[str]] = {}
    hidden: set[str] = set()
    for question, texts in zip(questions, told, strict=True):
        for field, text in texts.items():
            values.setdefault(field, set()).add(text)
            if text not in question:
                hidden.add(field)
    shown = [field for field, known in values.items() if len(known) > 1 and field not in hidden]
    both = zip(questions, told, strict=True)
    pairs = [(question, texts[field]) for question, texts in both for field in shown if field in texts]
    starts = [question.find(text) for question, text in pairs]
    ends = [len(question) - question.rfind(text) - len(text) for question, text in pairs]
    return min(starts, default=0), min(ends, default=0)


def _beginning(texts: Sequence[str]) -> str:
    """Return what all texts begin with: what the first and the last in order begin with."""
    first, last = min(texts), max(texts)
    same = next((place for place, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), None)
    return first[:same] if same is not None else first


def _texts(value: Any, field: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - what a document holds
    """Yield every text of a document that is not blank, with where it stands."""
    if isinstance(value, str):
        if value.strip():
            yield field, value.strip()
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _texts(part, f"{field}.{key}")
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _texts(part, f"{field}.{place}")


def _border(text: str) -> int:
    """Return where the last word of a beginning would be cut, or its length where it ends in no letter or digit."""
    end = len(text)
    while end and text[end - 1].isalnum():
        end -= 1
    return end
