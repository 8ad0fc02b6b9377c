"""Conversations as text and tokens: the prompt a model is asked, and the part of a record it should learn."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Message = Mapping[str, str]

_MARK = "A system prompt of its own"
_PLAIN_NAMES = {"system": "System", "user": "User", "assistant": "Assistant"}


class ChatTemplateError(ValueError):
    """A conversation that the model's chat template cannot show, or whose answers cannot be told apart."""


def render_prompt(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message]) -> str:
    """Render a conversation up to the point where the assistant has to speak.

    Uses the tokenizer's chat template. A tokenizer without one gets the plain template: ``User: …`` and
    ``Assistant: …`` blocks separated by an empty line, each answer closed by the end-of-sequence token.

    Parameters
    ----------
    tokenizer
        Any Hugging Face tokenizer.
    messages
        Turns with the keys ``role`` and ``content``, in order.

    Returns
    -------
    str
        Text that already holds every special token: encode it with ``add_special_tokens=False``.

    Raises
    ------
    ChatTemplateError
        If there is no message or the template refuses the conversation.
    """
    if not messages:
        raise ChatTemplateError("A prompt needs at least one message, and this one has none.")
    return _render(tokenizer, messages, begun=True)


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
        If there is no assistant turn behind another, or prefixes do not render as prefixes.
    """
    if not any(message["role"] == "assistant" for message in messages):
        raise ChatTemplateError("The conversation has no assistant turn, so there is nothing to learn from.")
    whole = _render(tokenizer, messages)
    spans = [_span(tokenizer, messages, index, whole) for index in _learnt(messages)]
    if not spans:
        raise ChatTemplateError("The conversation's only answer is its first turn: nothing asks for it.")
    return whole, spans


def _span(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message], index: int, whole: str) -> tuple[int, int]:
    """Find one answer in the rendering of a whole conversation."""
    before = _render(tokenizer, messages[:index], begun=True)
    until = _render(tokenizer, messages[: index + 1])
    if not (until.startswith(before) and whole.startswith(until)):
        raise ChatTemplateError(
            f"The chat template renders turn {index + 1} of {len(messages)} differently once later turns "
            "follow, so the tokens of that answer cannot be told apart; keep only the last exchange."
        )
    return _answer_span(until, len(before), messages[index]["content"], index)


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


def end_of_turn(tokenizer: "PreTrainedTokenizerBase") -> int | None:
    """Return the token by which the assistant ends its turn, which need not be the one that ends a text.

    None where that is no special token.
    """
    asked = [{"role": "user", "content": _MARK}, {"role": "assistant", "content": _MARK}]
    try:
        text, ((begin, end),) = supervised_spans(tokenizer, asked)
    except ChatTemplateError:
        return None
    added: dict[str, int] = tokenizer.get_added_vocab()
    return added.get(text[begin + len(_MARK) : end])


def encode_record(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message]) -> tuple[list[int], list[int]]:
    """Encode a conversation with the mask of the tokens to learn.

    Parameters
    ----------
    tokenizer
        A fast tokenizer (one that reports character offsets).
    messages
        Turns with the keys ``role`` and ``content``, in order.

    Returns
    -------
    ids, mask
        Two lists of the same length. ``mask[i]`` is 1 when ``ids[i]`` belongs to an assistant turn's content
        or is its end-of-turn token, else 0; greetings and empty turns are not learnt. At least one entry is 1.

    Raises
    ------
    ChatTemplateError
        If the conversation cannot be rendered, has no answer or an empty one, or spells a control token.
    """
    _refuse_control_tokens(tokenizer, messages)
    text, spans = supervised_spans(tokenizer, messages)
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids: list[int] = list(encoded["input_ids"])
    offsets: list[tuple[int, int]] = encoded["offset_mapping"]
    mask = [0] * len(ids)
    for begin, end in spans:
        touched = [i for i, (left, right) in enumerate(offsets) if right > begin and left < end]
        # From first to last: a tokenizer that trims white space from its offsets leaves gaps inside.
        mask[touched[0] : touched[-1] + 1] = [1] * (touched[-1] + 1 - touched[0])
    return ids, mask


def system_tokens(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message]) -> int:
    """Count the tokens of the system prompt that a conversation begins with: its own, or the template's.

    0 where it has none, or the template puts it into another turn.
    """
    try:
        whole = _render(tokenizer, messages)
        own = messages[0] if messages[0]["role"] == "system" else _by_default(tokenizer, messages, whole)
        text = _render(tokenizer, [own]) if own else ""
    except ChatTemplateError:  # some templates show no system prompt without the turn it is put into
        return 0
    if not text or not whole.startswith(text):
        return 0
    offsets = tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return sum(right <= len(text) for _, right in offsets)


def _by_default(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message], whole: str) -> dict[str, str] | None:
    """Return the system message that a template adds to a conversation without one, `whole` as it shows it.

    It is what stands where another would, and is only taken for one if the template shows it alike when it is given.
    """
    before, found, behind = _render(tokenizer, [{"role": "system", "content": _MARK}, *messages]).partition(_MARK)
    if not (found and whole.startswith(before) and whole[len(before) :].endswith(behind)):
        return None
    own = {"role": "system", "content": whole[len(before) : len(whole) - len(behind)]}
    return own if _render(tokenizer, [own, *messages]) == whole else None


def render_pair(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message], answer: str) -> tuple[str, str]:
    """Render a question and its answer as a context and the completion to score behind it.

    The completion is the answer alone, with the white space that the template puts before it and without the
    end-of-turn token: what is scored is the answer's bytes. How the template shows earlier answers, as those of worked
    examples, is left to it: thinking models' show them otherwise than the last one.
    """
    context = render_prompt(tokenizer, messages)
    told = [*messages, {"role": "assistant", "content": answer}]
    text = _render(tokenizer, told)
    begin, end = _span(tokenizer, told, len(messages), text)
    shown = answer if text.startswith(answer, begin) else answer.strip()
    return context, text[len(context) : min(begin + len(shown), end)]


def render_bare(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message]) -> str:
    """Render a conversation as one plain question, without the chat template and without system messages.

    What comes behind begins with a space.
    """
    spoken = [message["content"] for message in messages if message["role"] != "system"]
    question = "\n\n".join(spoken)
    return f"{opening(tokenizer)}Question: {question}\nAnswer:"


def opening(tokenizer: "PreTrainedTokenizerBase") -> str:
    """Return what a tokenizer puts before a text by itself, a beginning-of-sequence token; most put nothing.

    A model whose tokenizer does so has hardly seen a text without.
    """
    ids = tokenizer("").input_ids
    return str(tokenizer.bos_token) if ids and ids[0] == tokenizer.bos_token_id else ""


def other_turns(tokenizer: "PreTrainedTokenizerBase") -> tuple[str, ...]:
    """Return what begins the next turn where no token surely ends one: in the plain template.

    A base that has none of its own goes on in the names of others, until a training teaches it to end.
    """
    return () if tokenizer.chat_template else tuple(f"\n\n{name}:" for name in _PLAIN_NAMES.values())


def count_tokens(tokenizer: "PreTrainedTokenizerBase", conversations: Sequence[Sequence[Message]]) -> list[int]:
    """Count the tokens of whole conversations, as the chat template shows them: what training on them reads.

    A conversation that the template refuses counts with the tokens of its contents.
    """
    texts = []
    for messages in conversations:
        try:
            texts.append(_render(tokenizer, messages))
        except ChatTemplateError:
            texts.append("\n".join(message["content"] for message in messages))
    return [len(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]] if texts else []


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


def _render(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message], *, begun: bool = False) -> str:
    if not tokenizer.chat_template:
        return _render_plain(tokenizer, messages, begun=begun)
    from jinja2 import TemplateError

    turns = [{"role": message["role"], "content": message["content"]} for message in messages]
    try:
        # Templates of thinking models open an empty thought when told not to think; others ignore the word.
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=begun, enable_thinking=False)
    except TemplateError as error:
        raise ChatTemplateError(f"The chat template refuses the conversation: {error}") from error
    return str(text)


def _render_plain(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message], *, begun: bool) -> str:
    closing = tokenizer.eos_token or ""
    blocks = [
        f"{_PLAIN_NAMES.get(message['role'], message['role'].capitalize())}: {message['content']}"
        + (closing if message["role"] == "assistant" else "")
        + "\n\n"
        for message in messages
    ]
    return opening(tokenizer) + "".join(blocks) + ("Assistant:" if begun else "")
