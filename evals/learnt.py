"""Style or knowledge: whether a gain in bits per byte goes with a gain in right choices.

An adapter that has learnt how the domain's answers are written predicts them better, and knows no more than before.
Multiple choice with answers of the same form tells the two apart: what is right there can't be told by form. It decides
nothing, since knowledge is not always what an adapter is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.power import required_items
from evals.verdict import Learnt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evals.verdict import Comparison, Gate


def style_or_knowledge(
    gain: Comparison, informative: Sequence[Comparison], gate: Gate, right: Mapping[str, float]
) -> Learnt | None:
    """Say whether the domain's gain is one of format alone.

    - `knowledge`: multiple choice surely gains (its lower bound is above 0).
    - `format`: it surely gains less than `gate.knowledge`.
    - `untold`: neither, or the base gets so much right that there is no room for such a gain, or too few source
      documents count to decide anything.
    - `no gain`: bits per byte did not pass, so there is nothing to explain.

    Of several multiple-choice suites the clearest gain counts, each at its part of alpha (Bonferroni), and all must
    be without one to call it format.

    Parameters
    ----------
    gain
        The domain in bits per byte.
    informative
        Suites of the domain that decide nothing, multiple choice among them.
    gate
        Level, power, and the least gain worth the name of knowledge.
    right
        Share that the base gets right, by suite.

    Returns
    -------
    Learnt or None
        None where the domain has no multiple choice beside bits per byte.
    """
    choices = [one for one in informative if one.binary and one.suite in right]
    if gain.binary or not choices:
        return None
    kept = {one.suite: right[one.suite] for one in choices}
    if gain.status != "pass":
        return Learnt(answer="no gain", reason="the domain does not surely gain in bits per byte", right=kept)
    first = f"bits per byte gain {gain.mean:+.4f}"
    told_by = [one for one in choices if not one.found.few]
    gains = [one for one in told_by if one.found.lower(gate.alpha / len(choices)) > 0]
    if gains:
        return Learnt(answer="knowledge", reason=f"knowledge too: {first}, and {_told(gains[0])}", right=kept)
    if any(right[one.suite] > 1 - gate.knowledge for one in choices):
        easy = next(one for one in choices if right[one.suite] > 1 - gate.knowledge)
        reason = (
            f"multiple choice is too easy to tell format from knowledge: the base gets {right[easy.suite]:.0%} of "
            f"{easy.suite} right; ask what it does not know"
        )
        return Learnt(answer="untold", reason=reason, right=kept)
    if told_by == choices and all(one.upper < gate.knowledge for one in choices):
        told = "; ".join(map(_told, choices))
        return Learnt(answer="format", reason=f"format, not knowledge: {first}, but {told}", right=kept)
    left = [one for one in choices if one.found.few or one.upper >= gate.knowledge]
    open_ = max(left, key=lambda one: _needed(one, gate) or one.n)
    needed = _needed(open_, gate)
    told = f": about {needed:,} items needed, and there are {open_.n:,} (exam.choice_items)" if needed else ""
    reason = f"multiple choice is too small to tell format from knowledge{told}; {_told(open_)}"
    return Learnt(answer="untold", reason=reason, items_needed=needed, right=kept)


def _told(one: Comparison) -> str:
    """Tell a difference of shares in points."""
    low, high = 100 * one.lower, 100 * one.upper
    return f"{one.suite} changes by {100 * one.mean:+z.1f} points ({low:+z.1f} to {high:+z.1f})"


def _needed(one: Comparison, gate: Gate) -> int | None:
    """Count the items with which a candidate that knows no more would probably be seen to gain less than the line."""
    found = one.found
    if found.degenerate or found.few:
        return None
    spread = found.spread(0.0)
    if not spread.sd:
        return None
    return max(one.n + 1, required_items(spread, gate.knowledge, gate.alpha, gate.power, one.crowding))
