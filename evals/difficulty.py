"""How hard a row is for a model: perplexity of its answer, and how little its prompt helps to predict it (IFD).

Both come from two log-likelihoods of the same answer tokens, one behind the rendered prompt and one behind nothing:

- perplexity = exp(loss(answer | prompt)), loss being the mean negative log-likelihood of a token, in nats;
- IFD = loss(answer | prompt) / loss(answer), the instruction-following difficulty. Near 0 the prompt gives the answer
  away, near 1 it is no help, above 1 it misleads: answer and prompt don't belong together.

References
----------
Li et al. 2024, "From Quantity to Quality: Boosting LLM Performance with Self-Guided Data Selection for Instruction
Tuning" (Cherry LLM), NAACL.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from evals.chat import ChatTemplateError
from evals.encoding import Question, context_limit, encode_questions, opening_token
from evals.lessons import render_pair
from evals.likelihood import likelihoods, score_questions

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

Message = Mapping[str, str]
Progress = Callable[[int, int], None]

DIFFICULTY = pl.Schema(
    {
        "perplexity": pl.Float64(),
        "ifd": pl.Float64(),
        "answer_tokens": pl.UInt32(),
        "unscored": pl.String(),
    }
)
# Why a row has no score, as the column `unscored` says it.
NO_ANSWER = "no_answer"
TEMPLATE_REFUSED = "template_refused"
TOO_LONG = "longer_than_context"
CERTAIN = "answer_certain"

_CERTAIN = 1e-6  # nats a token; below it, a share of the loss is a share of nothing


def difficulty(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    conversations: Sequence[Sequence[Message]],
    *,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Measure perplexity and IFD of the last answer of every conversation.

    What is scored is the answer as the chat template shows it, without the end-of-turn token; what all prompts begin
    with (the template's system prompt) is read once.

    Parameters
    ----------
    model, tokenizer
        As `evals.models.load` returns them: the base model that is to be fine-tuned.
    conversations
        Messages with the keys ``role`` and ``content``. What follows the last answer is left out.
    progress
        Called with (passes done, passes in all), two for each row that can be scored.

    Returns
    -------
    pl.DataFrame
        `DIFFICULTY`, one line per conversation, in order. `perplexity` is at least 1, `ifd` at least 0. A row without
        scores has nulls and says why in `unscored`: `no_answer`; `template_refused` (by the model's chat template);
        `longer_than_context`, prompt and answer together, as a cut prompt would make it look hard; `answer_certain`
        (perplexity alone is there: the model is sure of the answer without any prompt).

    Raises
    ------
    ValueError
        If the model returns a value that is not finite: its weights are broken.
    """
    questions, unscored = _encode(tokenizer, conversations, context_limit(model, tokenizer))
    places = list(questions)
    behind = [questions[place] for place in places]
    first = [opening_token(tokenizer)] if behind else []
    alone = [Question(first, question.options) for question in behind]
    first_half, second_half = (_shifted(progress, done, 2 * len(behind)) for done in (0, len(behind)))
    given = likelihoods(score_questions(model, tokenizer, behind, progress=first_half))
    free = likelihoods(score_questions(model, tokenizer, alone, progress=second_half))
    lines: list[tuple[float | None, float | None, int | None, str | None]] = [
        (None, None, None, reason) for reason in unscored
    ]
    for place, question, (with_prompt,), (without,) in zip(places, behind, given, free, strict=True):
        lines[place] = _weigh(-with_prompt, -without, len(question.options[0]))
    frame = pl.DataFrame(lines, schema=DIFFICULTY, orient="row")
    _tell(frame)
    return frame


def _weigh(given: float, free: float, tokens: int) -> tuple[float, float | None, int, str | None]:
    """Turn two losses (nats, summed) into scores."""
    # Beyond what a float holds (a loss of 709 nats a token), the model knows no word of it.
    perplexity = math.exp(min(given / tokens, 700.0))
    if free / tokens < _CERTAIN:
        return perplexity, None, tokens, CERTAIN
    return perplexity, given / free, tokens, None


def _encode(
    tokenizer: "PreTrainedTokenizerBase", conversations: Sequence[Sequence[Message]], limit: int
) -> tuple[dict[int, Question], list[str | None]]:
    """Encode what can be scored, by its place, and say of each other conversation why it can't."""
    unscored: list[str | None] = [None] * len(conversations)
    rendered: dict[int, tuple[str, str]] = {}
    for place, messages in enumerate(conversations):
        asked, answer = _last_answer(messages)
        if not answer.strip():
            unscored[place] = NO_ANSWER
            continue
        try:
            rendered[place] = render_pair(tokenizer, asked, answer)
        except ChatTemplateError:
            unscored[place] = TEMPLATE_REFUSED
    contexts = [context for context, _ in rendered.values()]
    answers = [[answer] for _, answer in rendered.values()]
    encoded = encode_questions(tokenizer, contexts, answers, move_space=False)
    questions: dict[int, Question] = {}
    for place, question in zip(rendered, encoded, strict=True):
        # The last token is only predicted, never read.
        if len(question.context) + len(question.options[0]) > limit + 1:
            unscored[place] = TOO_LONG
        else:
            questions[place] = question
    return questions, unscored


def _last_answer(messages: Sequence[Message]) -> tuple[Sequence[Message], str]:
    """Split a conversation into what comes before its last answer, and that answer; empty when there is none."""
    for index in range(len(messages) - 1, -1, -1):
        if messages[index]["role"] == "assistant":
            return messages[:index], messages[index]["content"]
    return messages, ""


def _tell(frame: pl.DataFrame) -> None:
    for reason, count in frame["unscored"].drop_nulls().value_counts(sort=True).iter_rows():
        logger.warning("%d of %d rows have no full score: %s.", count, frame.height, reason)


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda part, _: progress(done + part, total)
