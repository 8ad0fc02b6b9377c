"""What a record teaches: its answers, found in the text and in the tokens that the chat template makes of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evals.chat import ChatTemplateError, Message, render, render_prompt

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_MARK = "An answer of its own"


class ShownOtherwiseError(ChatTemplateError):
    """An answer that is shown otherwise once others follow, as thinking models show those without their thoughts."""


def supervised_spans(
    tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message]
) -> tuple[str, list[tuple[int, int]]]:
    """Render a whole conversation and say where its answers lie.

    Templates rarely carry the ``{% generation %}`` marks that would give the answers away, so the spans are
    found by rendering prefixes: the conversation before an answer (with the opening of the assistant's turn)
    and the conversation up to its end must both be prefixes of the whole.

    Returns
    -------
    text, spans
        The rendering, and one half-open character span for each assistant turn but a greeting, and but an empty one
        that others follow: its content and its end-of-turn token, without the white space that the template puts
        behind that token.

    Raises
    ------
    ChatTemplateError
        If there is no assistant turn behind another.
    ShownOtherwiseError
        If prefixes do not render as prefixes.
    """
    if not any(message["role"] == "assistant" for message in messages):
        raise ChatTemplateError("The conversation has no assistant turn, so there is nothing to learn from.")
    whole = render(tokenizer, messages)
    spans = [_span(tokenizer, messages, index, whole) for index in _learnt(messages)]
    if not spans:
        raise ChatTemplateError("The conversation's only answer is its first turn: nothing asks for it.")
    return whole, spans


def encode_record(
    tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message]
) -> list[tuple[list[int], list[int]]]:
    """Encode a conversation with the mask of the tokens to learn.

    Once, with all answers; where the template shows an earlier one otherwise than it asks for it, once for each answer,
    with what stands before it.

    Parameters
    ----------
    tokenizer
        A fast tokenizer (one that reports character offsets).
    messages
        Turns with the keys ``role`` and ``content``, in order.

    Returns
    -------
    list of (ids, mask)
        Of each pair, two lists of the same length. ``mask[i]`` is 1 when ``ids[i]`` belongs to an assistant turn's
        content or is its end-of-turn token, else 0; greetings and empty turns are not learnt. At least one entry is 1.

    Raises
    ------
    ChatTemplateError
        If the conversation cannot be rendered, has no answer or an empty one, or spells a control token.
    """
    _refuse_control_tokens(tokenizer, messages)
    try:
        return [_encoded(tokenizer, *supervised_spans(tokenizer, messages))]
    except ShownOtherwiseError:
        return [_encoded(tokenizer, *_asked_last(tokenizer, messages[: at + 1])) for at in _learnt(messages)]


def render_pair(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message], answer: str) -> tuple[str, str]:
    """Render a question and its answer as a context and the completion to score behind it.

    The completion is the answer alone, with the white space that the template puts before it and without the
    end-of-turn token: what is scored is the answer's bytes. How the template shows earlier answers, as those of worked
    examples, is left to it: thinking models' show them otherwise than the last one.
    """
    context = render_prompt(tokenizer, messages)
    told = [*messages, {"role": "assistant", "content": answer}]
    text = render(tokenizer, told)
    begin, end = _span(tokenizer, told, len(messages), text)
    shown = answer if text.startswith(answer, begin) else answer.strip()
    return context, text[len(context) : min(begin + len(shown), end)]


def end_of_turn(tokenizer: "PreTrainedTokenizerBase") -> int | None:
    """Return the token by which the assistant ends its turn, which need not be the one that ends a text.

    None where the template ends it by no token of its own.
    """
    asked = [{"role": "user", "content": _MARK}, {"role": "assistant", "content": _MARK}]
    try:
        text, ((begin, end),) = supervised_spans(tokenizer, asked)
    except ChatTemplateError:
        return None
    added: dict[str, int] = tokenizer.get_added_vocab()
    return added.get(text[begin + len(_MARK) : end].strip())  # some put a blank before it


def _learnt(messages: Sequence[Message]) -> list[int]:
    """Return the places of the answers to learn.

    A greeting, which nobody asked for, is read and not learnt, and so is an empty answer before the last one.
    """
    answers = [index for index, message in enumerate(messages) if message["role"] == "assistant"]
    users = [index for index, message in enumerate(messages) if message["role"] not in ("assistant", "system")]
    # Where no user ever speaks, the system prompt asks.
    first = min(users, default=0) if any(user < answers[-1] for user in users) else 0
    said = [index for index in answers if messages[index]["content"].strip() or index == answers[-1]]
    return [index for index in said if index > first]


def _asked_last(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message]) -> tuple[str, list[tuple[int, int]]]:
    whole = render(tokenizer, messages)
    return whole, [_span(tokenizer, messages, len(messages) - 1, whole)]


def _encoded(
    tokenizer: "PreTrainedTokenizerBase", text: str, spans: Sequence[tuple[int, int]]
) -> tuple[list[int], list[int]]:
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids: list[int] = list(encoded["input_ids"])
    offsets: list[tuple[int, int]] = encoded["offset_mapping"]
    mask = [0] * len(ids)
    for begin, end in spans:
        touched = [i for i, (left, right) in enumerate(offsets) if right > begin and left < end]
        # From first to last: a tokenizer that trims white space from its offsets leaves gaps inside.
        mask[touched[0] : touched[-1] + 1] = [1] * (touched[-1] + 1 - touched[0])
    return ids, mask


def _span(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message], index: int, whole: str) -> tuple[int, int]:
    """Find one answer in the rendering of a whole conversation."""
    before = render(tokenizer, messages[:index], begun=True)
    until = render(tokenizer, messages[: index + 1])
    if not (until.startswith(before) and whole.startswith(until)):
        raise ShownOtherwiseError(
            f"The chat template shows turn {index + 1} of {len(messages)} otherwise than it asks for it, so that its "
            "tokens cannot be told apart."
        )
    return _answer_span(until, len(before), messages[index]["content"], index)


def _answer_span(until: str, begin: int, content: str, index: int) -> tuple[int, int]:
    """Find the answer, with its end-of-turn token, in the last turn of a rendering."""
    turn = until[begin:]
    shown = content if content in turn else content.strip()  # some templates trim what they are given
    at = turn.find(shown)  # others put something, an empty thought, before it
    if not shown.strip() or at < 0:
        what = "rewrites the content of" if shown.strip() else "finds an empty answer in"
        raise ChatTemplateError(f"The chat template {what} turn {index + 1}, so there is nothing to learn from.")
    tail = turn[at + len(shown) :]
    # When nothing but white space closes the turn, its first character is the end-of-turn token.
    closing = len(tail.rstrip()) if tail.strip() else min(1, len(tail))
    return begin + at, begin + len(turn) - len(tail) + closing


def _refuse_control_tokens(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message]) -> None:
    """Refuse text that would be read as the beginning or the end of a turn."""
    for token in _control_tokens(tokenizer):
        for index, message in enumerate(messages):
            if token in message["content"]:
                raise ChatTemplateError(
                    f"Turn {index + 1} holds the text {token!r}, which the tokenizer reads as control."
                )


def _control_tokens(tokenizer: "PreTrainedTokenizerBase") -> set[str]:
    """Return what begins and ends texts, and the special tokens of which the chat template makes its turns."""
    named = {tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token}
    template = str(tokenizer.chat_template or "")
    special = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    return {token for token in named if token} | {token for token in special if token in template}
