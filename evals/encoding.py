"""Texts as token questions, split into context and continuation the way lm-evaluation-harness does it."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evals.shortening import Shortened
from evals.virtual import virtual_tokens

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

_UNSET_LENGTH = 10**9  # tokenizers without a limit carry an absurdly large one
_FALLBACK_LENGTH = 2048
_LIMITS = ("n_positions", "max_position_embeddings", "n_ctx", "max_seq_len")


@dataclass(frozen=True)
class Question:
    """A context and the continuations to score behind it, as token ids; neither is ever empty."""

    context: list[int]
    options: list[list[int]]


def context_limit(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase") -> int:
    """Return how many tokens the model can read at once, behind its virtual ones."""
    config = model.config.get_text_config()
    length = int(tokenizer.model_max_length)
    stated = (limit for name in _LIMITS if isinstance(limit := getattr(config, name, None), int))
    limit = next(stated, length if length < _UNSET_LENGTH else _FALLBACK_LENGTH)
    return limit - virtual_tokens(model)


def stated_limit(folder: Path) -> int | None:
    """Return how many tokens the model of a folder reads at once, as `context_limit` finds it, without loading it.

    None where its configuration does not say: the model's class, or its tokenizer, then tells.
    """
    stated = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    stated = stated.get("text_config") or stated
    return next((stated[name] for name in _LIMITS if isinstance(stated.get(name), int)), None)


def token_counts(folder: Path, texts: Sequence[str]) -> list[int]:
    """Return how many tokens the tokenizer of a model's folder makes of each text."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    return [len(ids) for ids in _encode(tokenizer, texts)]


def opening_token(tokenizer: "PreTrainedTokenizerBase") -> int:
    """Return the token that stands before the first one: beginning of sequence, else end of sequence."""
    for token in (tokenizer.bos_token_id, tokenizer.eos_token_id):
        if isinstance(token, int):
            return token
    raise ValueError(
        "The tokenizer has neither a beginning-of-sequence nor an end-of-sequence token, so the first token "
        "of a text has no context; set one of the two in tokenizer_config.json."
    )


def encode_questions(
    tokenizer: "PreTrainedTokenizerBase",
    contexts: Sequence[str],
    options: Sequence[Sequence[str]],
    *,
    move_space: bool = True,
) -> list[Question]:
    """Encode contexts and their options by the rules of lm-evaluation-harness (``_encode_pair``).

    White space at the end of a context moves to the front of the option; context + option is encoded as one
    text and split behind as many tokens as the context has alone. An empty context becomes the
    beginning-of-sequence (else end-of-sequence) token. No special tokens are added.

    Parameters
    ----------
    tokenizer, contexts, options
        What to encode.
    move_space
        False leaves white space where it is: behind a rendered chat prompt it belongs to the template, and an
        answer should not be scored for it.

    Raises
    ------
    ValueError
        If the lengths differ, an item has no option, or an option is empty; the item is named.
    TypeError
        If a text stands where a list of texts should, or something else where a text should.
    """
    ensure_texts(contexts, "contexts")
    if isinstance(options, str):
        raise TypeError("options are lists of texts, one for each context; one text was given: wrap it in lists.")
    if len(contexts) != len(options):
        raise ValueError(f"There are {len(contexts)} contexts but {len(options)} lists of options.")
    kept, moved = [], []
    for item, (context, choices) in enumerate(zip(contexts, options, strict=True)):
        if isinstance(choices, str):
            raise TypeError(f"The options of item {item} are one text, not a list of texts: wrap it in a list.")
        if not choices:
            raise ValueError(f"Item {item} has no option to score.")
        ensure_texts(choices, f"options of item {item}")
        for place, choice in enumerate(choices):
            if not choice:
                raise ValueError(f"Option {place} of item {item} is empty, and nothing cannot be scored.")
        kept.append(context.rstrip() if move_space else context)
        moved.append([context[len(kept[-1]) :] + choice for choice in choices])
    context_ids = _encode(tokenizer, kept)
    wholes = _encode(tokenizer, [k + m for k, row in zip(kept, moved, strict=True) for m in row])
    questions, at = [], 0
    for head, row in zip(context_ids, moved, strict=True):
        tails = [whole[len(head) :] for whole in wholes[at : at + len(row)]]
        at += len(row)
        if not all(tails):  # the option melted into the context's last token
            apart = _encode(tokenizer, row)
            tails = [tail or alone for tail, alone in zip(tails, apart, strict=True)]
        questions.append(Question(head or [opening_token(tokenizer)], tails))
    return questions


def ensure_texts(texts: Sequence[str], what: str) -> None:
    """Refuse one text where a list of them is meant, which would be read letter by letter, and what is no text.

    Raises
    ------
    TypeError
        The first that is no text is named.
    """
    if isinstance(texts, str):
        raise TypeError(f"The {what} are a list of texts, and one text was given: wrap it in a list.")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"The {what} are texts, and number {place}, counted from 0, is {type(text).__name__}.")


def encode_windows(
    tokenizer: "PreTrainedTokenizerBase", texts: Sequence[str], limit: int
) -> tuple[list[Question], list[int]]:
    """Cut texts into windows whose continuations cover every token once (``loglikelihood_rolling``).

    Returns
    -------
    windows, owners
        One-option questions, and for each of them the position of its text.
    """
    for item, text in enumerate(texts):
        if not text:
            raise ValueError(f"Text {item} is empty, and nothing cannot be scored.")
    first = opening_token(tokenizer)
    windows: list[Question] = []
    owners: list[int] = []
    for item, ids in enumerate(_encode(tokenizer, texts)):
        for window in _windows(ids, first, limit):
            windows.append(window)
            owners.append(item)
    return windows, owners


def fit(
    questions: Sequence[Question], limit: int, *, tell: Callable[[str], None] = logger.warning
) -> tuple[list[Question], list[int]]:
    """Drop context tokens from the left until every question fits the model; `tell` how many were cut.

    The last token of an option is only predicted, never read, so a question may hold ``limit + 1`` tokens.
    Options of different lengths then need different contexts, so that such a question is split by option.

    Returns
    -------
    fitted, owners
        Questions that fit, and for each the position of the question it came from, in order.
    """
    fitted: list[Question] = []
    owners: list[int] = []
    cut = 0
    for item, question in enumerate(questions):
        longest = max(map(len, question.options))
        if longest > limit:
            raise ValueError(
                f"Item {item} has an option of {longest} tokens and the model reads {limit} at most: shorten."
            )
        if len(question.context) + longest <= limit + 1:
            fitted.append(question)
            owners.append(item)
            continue
        cut += 1
        for option in question.options:
            fitted.append(Question(question.context[-(limit + 1 - len(option)) :], [option]))
            owners.append(item)
    if cut:
        told = f"{cut} of {len(questions)} items exceed the model's context of {limit} tokens"
        tell(Shortened(f"{told}; their contexts were cut on the left.", cut, limit))
    return fitted, owners


def _windows(ids: list[int], first: int, limit: int) -> Iterator[Question]:
    yield Question([first], [ids[:limit]])
    done = limit
    while done < len(ids):
        size = min(len(ids) - done, limit)
        done += size
        # As many tokens of context as fit in front of the new ones; at least one.
        yield Question(ids[done - limit - 1 : done - size], [ids[done - size : done]])


def _encode(tokenizer: "PreTrainedTokenizerBase", texts: Sequence[str]) -> list[list[int]]:
    if not texts:
        return []
    encoded: list[list[int]] = tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]
    return encoded
