"""What keeps a repair of a candidate from being tried, as its verdict tells before any scale is."""

from collections.abc import Iterator

from evals.unrepaired import UNTRIED, Unrepaired, Why
from evals.verdict import Comparison, Standing, Verdict


def obstacle(verdict: Verdict) -> Unrepaired | None:
    """Return what keeps a repair of a candidate from being tried; None where a smaller scale may help.

    That is asked of the comparison with the base and of those with champion and original base, each with the items
    that training rows may have given away and without.

    Parameters
    ----------
    verdict
        On a candidate that does not ship.
    """
    for name, standing in _standings(verdict):
        if standing.verdict is None:
            told = f"the candidate could not be compared with {name}, without which it ships at no scale"
            return _untried("not_compared", told)
    beside = [("the base", verdict), *((name, one.verdict) for name, one in _standings(verdict) if one.verdict)]
    if doubted := [suite for _, one in beside if one.unsure for suite in _given_away(one)]:
        told = " and ".join(dict.fromkeys(doubted))
        return _untried("given_away", f"of no item of {told} is it sure that no training row gives it away")
    parts = [
        (f"beside {name}{told}", part)
        for name, one in beside
        for told, part in (("", one), (" without the items that training rows may have given away", one.sure))
        if part
    ]
    for where, part in parts:
        if part.gain.status != "pass":
            return _untried(
                "no_gain", f"{_no_gain(part.gain)} {where}, and a smaller scale is tried only where the gain stands"
            )
    lacking = [line for _, part in parts for line in part.retention if line.status != "pass"]
    if not lacking:
        return _untried("nothing_lost", "no retention suite is in the way")
    hopeless = [line for line in lacking if line.found.few or line.found.degenerate]
    return _untried("no_scale_can", _hopeless(hopeless[0])) if hopeless else None


def _untried(why: Why, told: str) -> Unrepaired:
    return Unrepaired(why=why, sentence=f"{UNTRIED} {told}")


def _standings(verdict: Verdict) -> Iterator[tuple[str, Standing]]:
    if verdict.champion is not None:
        yield "the champion", verdict.champion
    if verdict.original is not None:
        yield "the original base", verdict.original


def _given_away(one: Verdict) -> tuple[str, ...]:
    """Name the suites of which no item is sure; nothing ships with such a suite (`evals.judging.judge`)."""
    return one.doubted or ((one.gain.suite,) if one.sure is None else ())


def _no_gain(gain: Comparison) -> str:
    return f"{gain.suite} gains too little" if gain.status == "fail" else f"{gain.suite} does not surely gain"


def _hopeless(line: Comparison) -> str:
    if line.found.few:
        return f"{line.suite} has too few source documents to decide anything at any scale"
    return f"all differences of {line.suite} are equal, so that it decides nothing"
