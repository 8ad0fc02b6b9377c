"""A model as lm-evaluation-harness sees it: its prompts, windows and answers, and winnow's way to measure likelihoods.

lm-eval reads the context of an item once for each option of more than one token, the examples before it once for each
item, and projects every position on the whole vocabulary (`evals.likelihood`). All else stays as it is: how texts are
encoded, cut into windows and generated is part of what a task's scores mean.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from evals.encoding import Question
from evals.guest_tasks import quiet
from evals.likelihood import score_questions

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Progress = Callable[[int, int], None]
Request = tuple[tuple[str, str] | None, list[int], list[int]]
"""What is asked as text, and its context and continuation as token ids."""
Likelihoods = list[tuple[float, bool]]
"""For each request the log-likelihood of its continuation, and whether the model would write it by itself."""


def guest_model(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    batch_size: int,
    progress: Progress | None = None,
) -> HFLM:
    """Make an lm-eval model of one in memory.

    Parameters
    ----------
    model, tokenizer
        As `evals.models.load` returns them.
    batch_size
        Sequences that are generated at once.
    progress
        Called with (requests done, requests in all) while log-likelihoods are measured.
    """
    with quiet():
        from lm_eval.models.huggingface import HFLM

    class Guest(HFLM):  # type: ignore[misc]
        def loglikelihood(self, requests: Sequence[Instance], disable_tqdm: bool = False) -> Likelihoods:
            """Measure one task after the other, since each shows examples of its own."""
            found: Likelihoods = []
            for _, task in groupby(requests, key=lambda request: request.task_name):
                self.progress = _shifted(progress, len(found), len(requests))
                found += super().loglikelihood(list(task), disable_tqdm)
            return found

        def _loglikelihood_tokens(self, requests: Sequence[Request], *_: object, **__: object) -> Likelihoods:
            return _measured(model, tokenizer, requests, getattr(self, "progress", None))

    with quiet():
        # A copy: lm-eval gives a tokenizer without padding some.
        return Guest(pretrained=model, tokenizer=copy.deepcopy(tokenizer), batch_size=batch_size)


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    return None if progress is None else lambda more, _: progress(done + more, total)


def _measured(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    requests: Sequence[Request],
    progress: Progress | None,
) -> Likelihoods:
    """Measure requests in their order; neighbours of one context are options of one question."""
    groups = [list(group) for _, group in groupby(requests, key=lambda request: request[1])]
    questions = [Question(group[0][1], [continuation for *_, continuation in group]) for group in groups]
    each = len(requests) / max(1, len(questions))
    told = None if progress is None else lambda done, _: progress(round(each * done), len(requests))
    scored = score_questions(model, tokenizer, questions, progress=told)
    return [(option.log_likelihood, option.greedy) for options in scored for option in options]
