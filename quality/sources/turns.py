"""Turns whatever a row calls its messages into turns: (role, content), where both are plain text.

Decisions:

- numbers and truth values are text as JSON spells them (42, true); NaN, lists and objects are not text;
- null is no content: the row is quarantined. An empty string is content: whether an empty answer is worth
  anything is for screening to say;
- a message in parts of type text is their texts, one below the other;
- text with a NUL or with half a surrogate pair is quarantined, since nobody writes either;
- an empty system message is left out, and so are questions after the last answer, which nobody answered. Of a list
  of messages that is a whole conversation, the last answer is the last that holds something, if any does: an
  exchange that ends with null or blanks is left out like any other without an answer.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from quality.sources.faults import RowError, nul_in

Turn = tuple[str, str]

ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "bard": "assistant",
    "bing": "assistant",
}
_TOOL_ROLES = {
    "tool",
    "function",
    "function_call",
    "function_response",
    "observation",
    "ipython",
    "environment",
}
_TEXT_PARTS = {"text", "input_text", "output_text"}


def text(value: object, what: str) -> str:
    """Return a field's value as text.

    Parameters
    ----------
    value : Any
        What the row holds.
    what : str
        Name of the field, for the reason.

    Raises
    ------
    RowError
        The value is null, is not text, or holds what no text holds.
    """
    if type(value) is not str:
        return _as_json(value, what)
    if "\0" in value:
        raise nul_in(value, f"{what} holds a NUL")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            detail = f"{what} holds half a surrogate pair at character {error.start + 1}"
            raise RowError("lone_surrogate", detail) from None
    return value


def _as_json(value: object, what: str) -> str:
    if value is None:
        raise RowError("empty_message", f"{what} is null")
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return json.dumps(value)
    kind = "NaN or infinite" if isinstance(value, float) else f"a {type(value).__name__}"
    raise RowError("not_text", f"{what} is {kind}, not text")


def turns(value: object, what: str) -> list[Turn]:
    """Return the turns of a list of {role, content} or {from, value} messages.

    A string is taken for the JSON of such a list, which is how CSV and some Parquet files hold it.
    """
    return [_turn(message, f"message {number} of {what}") for number, message in _numbered(value, what)]


def conversation(value: object, what: str) -> list[Turn]:
    """Return the turns of such a list that is a whole conversation, without empty ones behind its last answer."""
    read: list[Turn] = []
    answered = 0  # turns up to the last answer that holds something
    lost: RowError | None = None
    for number, message in _numbered(value, what):
        try:
            turn = _turn(message, f"message {number} of {what}")
        except RowError as fault:
            if fault.reason != "empty_message" or not answered:
                raise
            lost = lost or fault
            continue
        read.append(turn)
        if turn[0] == "assistant" and not _is_blank(turn):
            if lost is not None:
                raise lost
            answered = len(read)
    return read[:answered] + [turn for turn in read[answered:] if not answered or not _is_blank(turn)]


def _is_blank(turn: Turn) -> bool:
    return not turn[1] or turn[1].isspace()


def _numbered(value: object, what: str) -> Iterator[tuple[int, object]]:
    if isinstance(value, str):
        value = _unquoted(value, what)
    if value is None:
        raise RowError("empty_message", f"{what} is null")
    if not isinstance(value, list):
        raise RowError("not_messages", f"{what} is a {type(value).__name__}, not a list of messages")
    return enumerate(value, 1)


def _unquoted(value: str, what: str) -> object:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise RowError("not_messages", f"{what} is a string that is not the JSON of a list") from None


def _turn(message: object, what: str) -> Turn:
    if not isinstance(message, dict):
        raise RowError("not_messages", f"{what} is a {type(message).__name__}, not an object")
    named = message.get("role") or message.get("from")
    role = ROLES.get(named) if isinstance(named, str) else None
    if role is None:
        role = _unusual_role(named, what)
    if message.get("tool_calls") or message.get("function_call"):
        raise RowError("has_tools", f"{what} calls a tool, which winnow doesn't train on")
    content = message["content"] if message.get("content") is not None else message.get("value")
    return role, _joined(content, what) if isinstance(content, list) else text(content, what)


def _unusual_role(named: object, what: str) -> str:
    spelled = named.strip().casefold() if isinstance(named, str) else ""
    if spelled in ROLES:
        return ROLES[spelled]
    if spelled in _TOOL_ROLES:
        raise RowError("has_tools", f"{what} comes from a tool ({spelled}), which winnow doesn't train on")
    raise RowError("unknown_role", f"{what} has the role {named!r}; known are system, user and assistant")


def _joined(parts: list[Any], what: str) -> str:
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(text(part, what))
            continue
        kind = part.get("type", "text") if isinstance(part, dict) else type(part).__name__
        if not isinstance(part, dict) or kind not in _TEXT_PARTS:
            raise RowError("has_media", f"{what} has a part of type {kind}, and winnow trains on text")
        texts.append(text(part.get("text"), what))
    return "\n".join(texts)


def settled(conversation: list[Turn]) -> list[Turn]:
    """Return a conversation that ends with its last answer and has a question before it.

    Raises
    ------
    RowError
        Nobody answers, or nobody asks.
    """
    kept = [turn for turn in conversation if turn[0] != "system" or turn[1]]
    while kept and kept[-1][0] != "assistant":
        kept.pop()
    if not kept:
        raise RowError("no_answer", "no message is the assistant's")
    if all(role != "user" for role, _ in kept):
        raise RowError("no_prompt", "no message before the last answer is the user's")
    return kept
