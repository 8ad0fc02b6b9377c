"""Conversations as text: as the chat template shows them, or a plain one where there is none."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Message = Mapping[str, str]

_MARK = "A system prompt of its own"
# A template is a program: what it does wrong on a conversation, it refuses.
_WHAT_TEMPLATES_RAISE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
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
    return render(tokenizer, messages, begun=True)


def system_tokens(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message]) -> int:
    """Count the tokens of the system prompt that a conversation begins with: its own, or the template's.

    0 where it has none, or the template puts it into another turn.
    """
    try:
        whole = render(tokenizer, messages)
        own = messages[0] if messages[0]["role"] == "system" else _by_default(tokenizer, messages, whole)
        text = render(tokenizer, [own]) if own else ""
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
    before, found, behind = render(tokenizer, [{"role": "system", "content": _MARK}, *messages]).partition(_MARK)
    if not (found and whole.startswith(before) and whole[len(before) :].endswith(behind)):
        return None
    own = {"role": "system", "content": whole[len(before) : len(whole) - len(behind)]}
    return own if render(tokenizer, [own, *messages]) == whole else None


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
            texts.append(render(tokenizer, messages))
        except ChatTemplateError:
            texts.append("\n".join(message["content"] for message in messages))
    return [len(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]] if texts else []


def render(tokenizer: "PreTrainedTokenizerBase", messages: Sequence[Message], *, begun: bool = False) -> str:
    """Render a conversation as `render_prompt` does; only where it is `begun`, up to where the assistant speaks.

    Raises
    ------
    ChatTemplateError
        If the chat template refuses the conversation.
    """
    if not tokenizer.chat_template:
        return _render_plain(tokenizer, messages, begun=begun)
    from jinja2 import TemplateError

    turns = [{"role": message["role"], "content": message["content"]} for message in messages]
    try:
        # Templates of thinking models open an empty thought when told not to think; others ignore the word.
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=begun, enable_thinking=False)
    except (TemplateError, *_WHAT_TEMPLATES_RAISE) as error:
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
