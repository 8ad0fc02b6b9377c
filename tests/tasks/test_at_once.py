"""Trainings at once: as one ends the next begins, and a turn of the machine is not kept for ever."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from types import SimpleNamespace

import pytest

from tasks import cards
from tasks.ablation import at_once
from tasks.ablation.settings import Ablate
from tasks.train_arm import Sat


class Machine:
    """Trainings that take so many looks each; it keeps what was begun and what was on then."""

    def __init__(self, *looks: int) -> None:
        self.looks, self.on, self.begun, self.turns = looks, set[int](), list[tuple[int, set[int]]](), 0

    @contextlib.contextmanager
    def beginning(self, ablate: Ablate) -> Iterator[Callable[[str, tuple[int]], Callable[[], Sat | None]]]:
        def begin(_: str, given: tuple[int]) -> Callable[[], Sat | None]:
            (number,) = given
            self.begun.append((number, set(self.on)))
            self.on.add(number)
            left = iter(range(self.looks[number]))

            def look() -> Sat | None:
                if next(left, None) is not None:
                    return None
                self.on.discard(number)
                return Sat(adapter=str(number))

            return look

        yield begin

    @contextlib.contextmanager
    def turn(self, ablate: Ablate) -> Iterator[bool]:
        assert not self.on
        self.turns += 1
        yield True
        assert not self.on


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Machine]:
    def make(*looks: int) -> Machine:
        made = Machine(*looks)
        monkeypatch.setattr(at_once, "_beginning", made.beginning)
        monkeypatch.setattr(at_once, "_turn", made.turn)
        monkeypatch.setattr(at_once, "_LOOK_SECONDS", 0)
        monkeypatch.setattr(at_once, "_AWAY_SECONDS", 10**6)  # where nothing is left to train, nobody waits for it
        return made

    return make


def ends(machine: Machine, parallel: int, in_time: Callable[[], bool] = lambda: True) -> list[tuple[int, str]]:
    work = [(f"random, seed {number}", (number,)) for number in range(len(machine.looks))]
    return [(place, sat.adapter) for place, sat, _ in at_once.as_they_end(work, Ablate(parallel=parallel), in_time)]


def test_the_next_begins_as_soon_as_one_ends_and_not_with_the_longest(machine) -> None:
    made = machine(9, 1, 1, 1, 1)
    assert ends(made, 2) == [(1, "1"), (2, "2"), (3, "3"), (4, "4"), (0, "0")]
    assert made.begun == [(0, set()), (1, {0}), (2, {0}), (3, {0}), (4, {0})]
    assert made.turns == 1


def test_a_process_that_was_killed_is_told_with_what_to_do() -> None:
    future: Future[Sat] = Future()
    future.set_exception(BrokenProcessPool("A process in the process pool was terminated abruptly"))
    with pytest.raises(ChildProcessError, match=r"ablate\.parallel .* the same command goes on"):
        at_once._came(future)  # type: ignore[arg-type]


def test_one_by_one_they_end_in_order(machine) -> None:
    made = machine(2, 0, 1)
    assert ends(made, 1) == [(0, "0"), (1, "1"), (2, "2")]
    assert [on for _, on in made.begun] == [set()] * 3


def test_a_turn_ends_after_a_time_with_what_is_on_and_the_rest_takes_another(
    machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, clock = machine(2, 5, 1, 1), [0.0]
    monkeypatch.setattr(
        at_once,
        "time",
        SimpleNamespace(monotonic=lambda: clock[0], sleep=lambda seconds: clock.append(clock.pop() + (seconds or 800))),
    )
    assert ends(made, 2) == [(0, "0"), (2, "2"), (1, "1"), (3, "3")]
    assert made.begun == [(0, set()), (1, {0}), (2, {1}), (3, set())]
    assert made.turns == 2
    assert 10**6 < clock[0] < 2 * 10**6, "between the turns, and not behind the last, it was away"


def test_when_the_time_is_up_what_is_on_ends_and_no_other_begins(machine) -> None:
    made = machine(3, 3, 3, 3)
    assert ends(made, 2, lambda: len(made.begun) < 3) == [(0, "0"), (1, "1"), (2, "2")]
    assert [number for number, _ in made.begun] == [0, 1, 2]


def test_steps_of_a_training_in_this_process_tell_which_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[cards.Event] = []

    def trained(*_: object) -> Sat:
        with cards.shown("fine_tune") as say:
            say("40 tokens")
        return Sat()

    monkeypatch.setattr(at_once, "plain", lambda _: trained)
    work = [("random, seed 7", ()), ("curated, seed 7", ())]
    with cards.listen(heard.append):
        list(at_once.as_they_end(work, Ablate(), lambda: True))
        cards.notify(cards.Event("started", "report"))
    parts = [(event.part, event.text) for event in heard if event.kind == "said"]
    assert parts == [("random, seed 7", "40 tokens"), ("curated, seed 7", "40 tokens")]
    assert heard[-1] == cards.Event("started", "report"), "what comes after belongs to none"
