"""What becomes of an accepted run, as its recipe says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks import cards, champions
from tasks.caching import plain
from tasks.offer import offer
from tasks.outcome import Outcome
from tasks.promotion import NotPromotable, ensure_promotable, promote


@pytest.fixture
def said() -> Callable[..., str]:
    """Offers a run, and returns what was said."""

    def once(run: Path, how: str, state: str = "Accepted") -> str:
        told: list[str] = []
        with cards.listen(lambda event: told.append(event.text)):
            plain(offer)(Outcome(state=state, reason="it gains", run=run.name, decision="SHIP"), "garden", how)
        return " ".join(told)

    return once


def test_auto_makes_it_the_champion_and_says_by_whom(said, accepted) -> None:
    run = accepted("one")
    assert "is the champion of garden now" in said(run, "auto")
    champion = champions.current("garden")
    assert (champion.run, champion.who) == (run.name, "winnow")
    assert champion.why == "by itself, as the recipe asks: it gains"
    assert "the champion of garden already" in said(run, "auto")
    assert len(champions.history("garden")) == 1


@pytest.mark.parametrize("state", ["Rejected", "Inconclusive", "Unchanged"])
def test_what_was_not_accepted_is_offered_to_nobody(said, accepted, state: str) -> None:
    assert "nothing to promote" in said(accepted("one"), "auto", state)
    assert champions.current("garden") is None


@pytest.mark.parametrize("how", ["never", "ask"])
def test_without_a_server_the_command_is_told(said, accepted, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr("tasks.prefect_server.named", lambda: None)
    run = accepted("one")
    assert f"`winnow promote {run.name} --why …` makes it the champion" in said(run, how)
    assert champions.current("garden") is None


def test_what_keeps_a_promotion_from_happening_is_a_warning(said, accepted) -> None:
    one, two = accepted("one"), accepted("two")
    promote(one, "first")
    told = said(two, "auto")
    assert "warning: not promoted: " in told
    assert "was judged beside no champion" in told
    assert champions.current("garden").run == one.name


def test_what_can_not_be_promoted_is_told_before_anybody_is_asked(accepted) -> None:
    one, two = accepted("one"), accepted("two")
    ensure_promotable(one, "garden")
    with pytest.raises(NotPromotable, match="is of the recipe “garden”, not of “roses”"):
        ensure_promotable(one, "roses")
    promote(one, "first")
    ensure_promotable(one, "garden")
    with pytest.raises(NotPromotable, match="was judged beside no champion"):
        ensure_promotable(two, "garden")
