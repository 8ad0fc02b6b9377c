"""A model as lm-evaluation-harness sees it: its prompts, windows and answers, read in winnow's way.

lm-eval reads the context of an item once for each option of more than one token, the examples before it once for each
item, and projects every position on the whole vocabulary; here it is measured by `evals.likelihood`. Where it lets the
model write, examples are read once for all. All else stays as it is: how texts are encoded, cut into windows, generated
and ended is part of what a task's scores mean.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from evals.answering import ROWS, TOKENS, ending_together, opening_length
from evals.encoding import Question, context_limit
from evals.finite import watchful
from evals.guest_tasks import quiet
from evals.likelihood import score_questions
from evals.shortening import Shortened
from evals.virtual import kept_places, virtual_tokens, writer

if TYPE_CHECKING:
    import torch
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM
    from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Found = TypeVar("Found")
Request = tuple[tuple[str, str] | None, list[int], list[int]]
"""What is asked as text, and its context and continuation as token ids."""
Likelihoods = list[tuple[float, bool]]
"""For each request the log-likelihood of its continuation, and whether the model would write it by itself."""


class Opening(NamedTuple):
    """Tokens that many contexts begin with, and what the model made of them."""

    ids: list[int]
    cache: DynamicCache | None


def guest_model(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    progress: Progress | None = None,
    tell: Callable[[str], None] = logger.warning,
) -> HFLM:
    """Make an lm-eval model of one in memory.

    Parameters
    ----------
    model, tokenizer
        As `evals.models.load` returns them.
    progress
        Called with (requests done, requests in all) of a kind.
    tell
        Called with a sentence where prompts are cut, being longer than the model's context.
    """
    import torch

    from evals.forward import can_branch

    with quiet():
        from lm_eval.models.huggingface import HFLM
        from lm_eval.models.utils import normalize_gen_kwargs

    writing, virtual = writer(model), virtual_tokens(model)
    branching = can_branch(writing)

    class Guest(HFLM):  # type: ignore[misc]
        told: Progress | None = None
        opening: Opening | None = None
        written = 0

        def loglikelihood(self, requests: Sequence[Instance], disable_tqdm: bool = False) -> Likelihoods:
            plain = super().loglikelihood
            return self._task_by_task(requests, lambda task: plain(task, disable_tqdm))

        def loglikelihood_rolling(self, requests: Sequence[Instance], disable_tqdm: bool = False) -> list[float]:
            self.told = None  # it measures windows, of which there may be many to a request
            return super().loglikelihood_rolling(requests, disable_tqdm)  # type: ignore[no-any-return]

        def generate_until(self, requests: Sequence[Instance], disable_tqdm: bool = False) -> list[str]:
            plain = super().generate_until

            def write(task: list[Instance]) -> list[str]:
                self.opening, self.written, self.batch_size_per_gpu = None, 0, self._rows(task)
                return plain(task, disable_tqdm)  # type: ignore[no-any-return]

            return self._task_by_task(requests, write)

        def _task_by_task(
            self, requests: Sequence[Instance], work: Callable[[list[Instance]], list[Found]]
        ) -> list[Found]:
            """Do one task after the other, since each shows examples of its own."""
            found: list[Found] = []
            for _, task in groupby(requests, key=lambda request: request.task_name):
                self.told = _shifted(progress, len(found), len(requests))
                found += work(list(task))
            return found

        def _rows(self, requests: Sequence[Instance]) -> int:
            """Return how many answers may be written at once, by the longest; tell of prompts that are cut."""
            long = [len(self.tok_encode(request.args[0])) for request in requests]
            asked = (normalize_gen_kwargs(request.args[1], self.max_gen_toks) for request in requests)
            most: list[int] = [one["max_gen_toks"] for one in asked]
            room = [self.max_length - tokens for tokens in most]
            if cut := sum(tokens > left for tokens, left in zip(long, room, strict=True)):
                told = f"{cut} of {len(requests)} prompts leave no room for {max(most)} tokens of answer"
                context = f"in the model's context of {self.max_length} tokens"
                tell(Shortened(f"{told} {context}; they were cut on the left.", cut, self.max_length))
            if virtual and not branching:  # padding would part a prompt from its virtual tokens
                return 1
            return max(1, min(ROWS, TOKENS // (virtual + max(long) + max(most))))

        def _loglikelihood_tokens(self, requests: Sequence[Request], *_: object, **__: object) -> Likelihoods:
            return _measured(model, tokenizer, requests, self.told, tell)

        def _model_generate(
            self,
            context: torch.Tensor,
            attention_mask: torch.Tensor,
            **given: Any,  # noqa: ANN401
        ) -> torch.Tensor:
            with torch.inference_mode():
                beams = given.get("num_beams", 1)
                if virtual or (branching and beams == 1):
                    pad = self.tokenizer.pad_token_id
                    rows = [ids[seen.bool()].tolist() for ids, seen in zip(context, attention_mask, strict=True)]
                    rows = kept_places(model, rows, pad)
                    self.opening = _opening(model, rows, self.opening, together=branching)
                    context, attention_mask = ending_together(rows, len(self.opening.ids), pad)
                    given |= _read(self.opening, len(rows) * beams) | {"max_length": given["max_length"] + virtual}
                there = {"context": context.to(self.device), "attention_mask": attention_mask.to(self.device)}
                out: torch.Tensor = super()._model_generate(**there, **given, logits_processor=watchful())
            self.written += len(out)
            if self.told is not None:
                self.told(self.written, self.written)
            return out[:, virtual:]

    with quiet():
        # A copy: lm-eval gives a tokenizer without padding some.
        own = copy.deepcopy(tokenizer)
        return Guest(pretrained=writing, tokenizer=own, max_length=context_limit(model, tokenizer))


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    return None if progress is None else lambda more, _: progress(done + more, total)


def _opening(model: PreTrainedModel, rows: Sequence[list[int]], before: Opening | None, *, together: bool) -> Opening:
    """Return what rows begin with, read: what those before them began with, if they do, too."""
    from evals.forward import read_prefix

    if before is not None and all(row[: len(before.ids)] == before.ids != row for row in rows):
        return before
    ids = rows[0][: opening_length(model, rows, together=together)]
    return Opening(ids, read_prefix(model, ids) if ids else None)


def _read(opening: Opening, rows: int) -> dict[str, DynamicCache]:
    """Return what `generate` is to know of tokens that were read."""
    from evals.forward import expanded

    return {} if opening.cache is None else {"cache": expanded(opening.cache, rows)}


def _measured(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    requests: Sequence[Request],
    progress: Progress | None,
    tell: Callable[[str], None],
) -> Likelihoods:
    """Measure requests in their order; neighbours of one context are options of one question."""
    groups = [list(group) for _, group in groupby(requests, key=lambda request: request[1])]
    questions = [Question(group[0][1], [continuation for *_, continuation in group]) for group in groups]
    each = len(requests) / max(1, len(questions))
    told = None if progress is None else lambda done, _: progress(round(each * done), len(requests))
    scored = score_questions(model, tokenizer, questions, progress=told, tell=tell)
    return [(option.log_likelihood, option.greedy) for options in scored for option in options]
