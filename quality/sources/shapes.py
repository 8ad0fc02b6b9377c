"""Recognises the shape of a raw row by the names of its fields and reads its conversations.

========================  ===========================================================================
shape                     fields
========================  ===========================================================================
messages                  ``messages``: [{role, content}] (OpenAI)
conversations             ``conversations`` or ``conversation``: [{from, value}] (ShareGPT)
instances                 ``instruction`` and ``instances``: [{input, output}] (self-instruct): one
                          record per instance
a question and an answer  one of ``instruction, prompt, question, query, problem, input`` and one of
                          ``output, completion, answer, response, solution``; beside ``instruction``,
                          ``input`` belongs to the question (Alpaca)
========================  ===========================================================================

Beside these, ``system`` (or ``system_prompt``) opens the conversation, ``history`` [[question, answer]]
precedes the question, and ``context`` is put with it. Capitals don't matter. Fields that are null or empty
don't count, so that tables made of mixed rows work. A row with two questions or two answers is read if two
of them are usual partners (instruction and output, prompt and completion, question and answer, query and
response, problem and solution); otherwise it is ambiguous and `columns` must say.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from quality.sources.faults import RowError, fields_of
from quality.sources.settings import Columns
from quality.sources.turns import Turn, conversation, settled, text, turns

Row = dict[str, Any]
Conversation = list[Turn]
Shape = Callable[[Row], list[Conversation]]

KNOWN = (
    "messages, conversations, instruction/input/output, instruction/instances, prompt/completion, "
    "question/answer (also query, problem, response, solution, output)"
)
_PROMPTS = ("instruction", "prompt", "question", "query", "problem")
_ANSWERS = ("output", "completion", "answer", "response", "solution")
_PARTNERS = dict(zip(_PROMPTS, ("output", "completion", "answer", "response", "solution"), strict=True))
_LISTS = ("messages", "conversations", "conversation")
_TOOLS = ("tools", "functions", "tool_calls", "function_call")
_MEDIA = ("image", "images", "audio", "audios", "video", "videos")
_REMEMBERED = 1_000


class Shapes:
    """Reads raw rows; remembers the shape of every set of fields it has met.

    Parameters
    ----------
    columns : Columns | None
        What the recipe says about unusual fields; then no other shape is tried.

    Attributes
    ----------
    cut : int
        Conversations of which turns after the last answer were left out.
    """

    def __init__(self, columns: Columns | None = None) -> None:
        self._columns = columns
        self._known: dict[tuple[str, ...], Shape] = {}
        self.cut = 0

    def conversations(self, row: Row) -> list[Conversation]:
        """Return the conversations of a row, one for each record it holds.

        Raises
        ------
        RowError
            The row has no known shape, or its fields don't hold what they should.
        """
        if self._columns is not None:
            keys = tuple(row)
        else:
            keys = tuple([key for key, value in row.items() if value is not None and value != ""])
        shape = self._known.get(keys) or self._recognise(row, keys)
        return [one if _is_pair(one) else self._settled(one) for one in shape(row)]

    def _settled(self, conversation: Conversation) -> Conversation:
        kept = settled(conversation)
        role, content = conversation[-1]
        self.cut += role != "assistant" and content != ""
        return kept

    def _recognise(self, row: Row, keys: tuple[str, ...]) -> Shape:
        shape = recognise(keys) if self._columns is None else _mapped(self._columns, row)
        if shape is None:  # perhaps with the fields that are there, but null or empty
            pair = tuple(key for key in row if key.casefold() not in _LISTS)
            return recognise(pair) or recognise(tuple(row)) or _unknown(row)
        if len(self._known) < _REMEMBERED:
            self._known[keys] = shape
        return shape


def _is_pair(conversation: Conversation) -> bool:
    return len(conversation) == 2 and conversation[0][0] == "user" and conversation[1][0] == "assistant"


def recognise(keys: tuple[str, ...]) -> Shape | None:
    """Return the shape of rows with these fields, or None if there is none."""
    fields = {key.strip().casefold(): key for key in reversed(keys)}
    for name in _TOOLS:
        if name in fields:
            return _refusing(fields, name, "has_tools")
    for name in _MEDIA:
        if name in fields:
            return _refusing(fields, name, "has_media")
    return _shape(fields)


def _unknown(row: Row) -> NoReturn:
    raise RowError("unknown_shape", f"its fields are {fields_of(row)}")


def _shape(fields: dict[str, str]) -> Shape | None:
    system = fields.get("system") or fields.get("system_prompt")
    for name in _LISTS:
        if name in fields:
            return _listed(fields[name], system)
    if "instruction" in fields and "instances" in fields:
        return _instances(fields["instruction"], fields["instances"])
    pair = _pair(fields)
    if pair is None:
        return None
    prompt, answer = pair
    beside = "input" if prompt == "instruction" and "input" in fields else "context"
    return _asked(
        fields[prompt],
        fields[answer],
        before=fields.get(beside) if prompt != "instruction" else None,
        after=fields.get(beside) if prompt == "instruction" else None,
        system=system,
        history=fields.get("history"),
    )


def _pair(fields: dict[str, str]) -> tuple[str, str] | None:
    """Find the field that asks and the field that answers."""
    prompts = [name for name in _PROMPTS if name in fields] or [name for name in ("input",) if name in fields]
    answers = [name for name in _ANSWERS if name in fields]
    if not prompts or not answers:
        return None
    if len(prompts) == 1 and len(answers) == 1:
        return prompts[0], answers[0]
    partners = [(name, _PARTNERS[name]) for name in prompts if _PARTNERS.get(name) in answers]
    if len(partners) == 1:
        return partners[0]
    found = ", ".join(fields[name] for name in (*prompts, *answers))
    raise RowError("ambiguous_shape", f"which of {found} are the question and the answer? Say so with columns:")


def _listed(key: str, system: str | None) -> Shape:
    def read(row: Row) -> list[Conversation]:
        return [_opening(row, system) + conversation(row[key], key)]

    return read


def _instances(instruction: str, instances: str) -> Shape:
    def read(row: Row) -> list[Conversation]:
        cases = row[instances]
        if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
            raise RowError("not_messages", f"{instances} is not a list of objects with input and output")
        if not cases:
            raise RowError("no_answer", f"{instances} is an empty list")
        question = text(row[instruction], instruction)
        return [_instance(question, case, f"instance {number}") for number, case in enumerate(cases, 1)]

    return read


def _instance(question: str, case: Row, what: str) -> Conversation:
    given = case.get("input")
    asked = _joined(question, text(given, f"input of {what}") if given is not None else "")
    return [("user", asked), ("assistant", text(case.get("output"), f"output of {what}"))]


def _asked(
    prompt: str,
    answer: str,
    before: str | None = None,
    after: str | None = None,
    system: str | None = None,
    history: str | None = None,
) -> Shape:
    """Return the shape of rows with one field that asks and one that answers."""
    if before is after is system is history is None:
        return _plainly_asked(prompt, answer)

    def read(row: Row) -> list[Conversation]:
        question = row.get(prompt)
        if not isinstance(question, list):
            asked = _joined(_beside(row, before), text(question, prompt), _beside(row, after))
            question = [{"role": "user", "content": asked}]
        earlier = _opening(row, system) + _history(row, history)
        return [earlier + turns(question, prompt) + _answered(row.get(answer), answer)]

    return read


def _plainly_asked(prompt: str, answer: str) -> Shape:
    def read(row: Row) -> list[Conversation]:
        question, reply = row.get(prompt), row.get(answer)
        if isinstance(question, list) or isinstance(reply, list):
            asked = turns(question, prompt) if isinstance(question, list) else [("user", text(question, prompt))]
            return [asked + _answered(reply, answer)]
        return [[("user", text(question, prompt)), ("assistant", text(reply, answer))]]

    return read


def _answered(value: object, what: str) -> list[Turn]:
    return turns(value, what) if isinstance(value, list) else [("assistant", text(value, what))]


def _mapped(columns: Columns, row: Row) -> Shape:
    """Return the shape that `columns` describes, or say which field is missing."""
    named = {role: key for role, key in columns if key is not None}
    missing = [f"{role}: {key}" for role, key in named.items() if key not in row]
    if missing:
        raise RowError(
            "missing_column", f"columns says {', '.join(missing)}, but the row's fields are {fields_of(row)}"
        )
    if columns.messages is not None:
        return _listed(columns.messages, columns.system)
    return _asked(columns.prompt or "", columns.answer or "", before=columns.context, system=columns.system)


def _refusing(fields: dict[str, str], name: str, reason: str) -> Shape:
    """Return a shape that refuses rows whose tools or media hold something, and reads the others."""
    key = fields[name]
    others = tuple(spelled for spelled in fields.values() if spelled != key)

    def read(row: Row) -> list[Conversation]:
        if row.get(key) not in (None, "", [], {}, "[]", "{}", "null"):
            detail = f"the field {key} is not empty, and winnow trains on text alone"
            raise RowError(reason, f"{detail}; if it doesn't matter, say what does with columns:")
        shape = recognise(others) or _unknown(row)
        return shape(row)

    return read


def _opening(row: Row, system: str | None) -> list[Turn]:
    value = row.get(system) if system is not None else None
    return [("system", text(value, "system"))] if value is not None else []


def _history(row: Row, history: str | None) -> list[Turn]:
    earlier: list[Turn] = []
    for pair in row.get(history or "") or []:
        if not isinstance(pair, list) or len(pair) != 2:
            raise RowError("not_messages", f"{history} is not a list of [question, answer]")
        earlier += [("user", text(pair[0], "history")), ("assistant", text(pair[1], "history"))]
    return earlier


def _beside(row: Row, key: str | None) -> str:
    """Return the text that goes with a question: a string, or a list of strings one below the other."""
    value = row.get(key) if key is not None else None
    if isinstance(value, list):
        return "\n".join([text(part, str(key)) for part in value])
    return text(value, str(key)) if value is not None else ""


def _joined(*parts: str) -> str:
    return "\n\n".join([part for part in parts if part])
