"""Questions as rows of tensors: the context once, then each option as a branch that sees it and itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.encoding import Question

if TYPE_CHECKING:
    import torch


_EVEN = 0.75  # a question shorter than this part of the batch's longest starts the next batch
_CACHED = 8  # cached tokens cost memory but no time: a batch may hold this many times more of them


@dataclass(frozen=True)
class Batch:
    """Rows that go through the model together.

    Attributes
    ----------
    items
        (rows,) position of each row's question.
    ids, positions, branches
        (rows, width) token ids, rotary positions and branch numbers: 0 context, 1… options, -1 padding.
    picks
        (picked,) flat positions, row · width + column, whose next token somebody asks for; each once.
    targets, sources, owners
        (scored,) wanted token, index into `picks` of the position that predicts it, and flat option number
        within the batch (options in the order of `items`).
    lengths
        (rows,) tokens of context in each row, the shared prefix not counted.
    """

    items: list[int]
    ids: "torch.Tensor"
    positions: "torch.Tensor"
    branches: "torch.Tensor"
    picks: "torch.Tensor"
    targets: "torch.Tensor"
    sources: "torch.Tensor"
    owners: "torch.Tensor"
    lengths: "torch.Tensor"
    branched: bool

    def mask(self, prefix: int) -> "torch.Tensor":
        """Return who may look at whom, (rows, 1, width, prefix + width) bool.

        A token sees the prefix, its context and its own branch, up to itself. Padding sees at least itself,
        since a query that may look at nothing turns into NaN.
        """
        import torch

        rows, width = self.ids.shape
        query, key = self.branches[:, :, None], self.branches[:, None, :]
        earlier = torch.ones(width, width, dtype=torch.bool).tril()
        allowed = ((key == 0) | (key == query)) & earlier
        seen = torch.ones(rows, width, prefix, dtype=torch.bool)
        return torch.cat([seen, allowed], dim=2)[:, None]


def shared_prefix(contexts: Sequence[list[int]]) -> int:
    """Count the tokens that every context begins with, leaving each at least one of its own."""
    if len(contexts) < 2:
        return 0
    # The first and the last in order differ earliest: what they share, all share.
    fronts = [context[:-1] for context in contexts]
    low, high = min(fronts), max(fronts)
    count = 0
    while count < min(len(low), len(high)) and low[count] == high[count]:
        count += 1
    return count


def batches(questions: Sequence[Question], *, prefix: int, tokens: int, picks: int, pad: int) -> Iterator[Batch]:
    """Group questions of similar length, longest first.

    Parameters
    ----------
    questions
        What to score.
    prefix
        Tokens at the front of every context that the model has read already.
    tokens
        Tokens in a batch, padding included. A longer question makes a batch of its own.
    picks
        Positions in a batch that go through the vocabulary projection; they decide peak memory.
    pad
        Token id of the padding.
    """
    widths = [_width(question, prefix) for question in questions]
    wanted = [_picked(question) for question in questions]
    order = sorted(range(len(questions)), key=lambda item: -widths[item])
    group: list[int] = []
    picked = 0
    for item in order:
        rows, width = len(group) + 1, widths[group[0]] if group else 0
        crowded = rows * width > tokens or rows * (prefix + width) > _CACHED * tokens
        wasteful = widths[item] < _EVEN * width
        if group and (crowded or wasteful or picked + wanted[item] > picks):
            yield _batch(questions, group, prefix, pad)
            group, picked = [], 0
        group.append(item)
        picked += wanted[item]
    if group:
        yield _batch(questions, group, prefix, pad)


def _width(question: Question, prefix: int) -> int:
    """Tokens read: the last one of an option is only predicted."""
    return len(question.context) - prefix + sum(len(option) - 1 for option in question.options)


def _picked(question: Question) -> int:
    return 1 + sum(len(option) - 1 for option in question.options)


def _batch(questions: Sequence[Question], items: list[int], prefix: int, pad: int) -> Batch:
    import torch

    width = max(_width(questions[item], prefix) for item in items)
    ids: list[list[int]] = []
    positions: list[list[int]] = []
    branches: list[list[int]] = []
    picks: list[int] = []
    targets: list[int] = []
    sources: list[int] = []
    owners: list[int] = []
    lengths: list[int] = []
    number = 0
    for row, item in enumerate(items):
        context = questions[item].context[prefix:]
        size = len(context)
        tokens, places, marks = list(context), list(range(prefix, prefix + size)), [0] * size
        first = len(picks)  # the context's last token predicts the first token of every option
        picks.append(row * width + size - 1)
        for branch, option in enumerate(questions[item].options, start=1):
            begin = len(tokens)
            read = len(option) - 1
            targets += option
            sources += [first, *range(len(picks), len(picks) + read)]
            owners += [number] * len(option)
            picks += range(row * width + begin, row * width + begin + read)
            tokens += option[:-1]
            places += range(prefix + size, prefix + size + read)
            marks += [branch] * read
            number += 1
        empty = width - len(tokens)
        ids.append(tokens + [pad] * empty)
        positions.append(places + [0] * empty)
        branches.append(marks + [-1] * empty)
        lengths.append(size)
    return Batch(
        items=items,
        ids=torch.tensor(ids),
        positions=torch.tensor(positions),
        branches=torch.tensor(branches),
        picks=torch.tensor(picks),
        targets=torch.tensor(targets),
        sources=torch.tensor(sources),
        owners=torch.tensor(owners),
        lengths=torch.tensor(lengths),
        branched=any(len(questions[item].options) > 1 for item in items),
    )
