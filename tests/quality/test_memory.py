import gc
import subprocess
import sys
import weakref
from types import ModuleType

import pytest

from quality import memory
from quality.memory import Tidier

LEAVE_AND_GIVE_BACK = """
import threading
from pathlib import Path
from quality.memory import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

def fill():
    blocks = []
    for _ in range(2_000):  # 100 MB, and between the blocks what keeps the heap from shrinking by itself
        blocks.append(bytearray(50_000))
        pins.append(bytes(1_000))
    blocks.clear()

pins = []
threads = [threading.Thread(target=fill) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
before = resident()
give_back()
print(before - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_that_threads_freed_goes_back_to_the_system() -> None:
    freed = subprocess.run([sys.executable, "-c", LEAVE_AND_GIVE_BACK], capture_output=True, text=True, check=True)
    assert int(freed.stdout) > 50_000_000


class Model:
    """Holds itself, as models do: only the search for cycles frees it."""

    def __init__(self, size: int) -> None:
        self.weights, self.itself = bytes(range(256)) * (size // 256), self


@pytest.fixture
def no_search_of_pythons_own():
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def left_behind(size: int) -> weakref.ref[Model]:
    return weakref.ref(Model(size))


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the system does not tell, and cycles are always looked for"
)
def test_cycles_are_looked_for_where_the_process_has_grown(no_search_of_pythons_own) -> None:
    tidier = Tidier()
    assert tidier.tidy()
    small = left_behind(1 << 20)
    assert not tidier.tidy()
    assert small() is not None
    large = left_behind(200 << 20)
    assert tidier.tidy()
    assert small() is large() is None


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the system does not tell, and cycles are always looked for"
)
def test_many_small_cycles_are_found_in_the_end(no_search_of_pythons_own) -> None:
    tidier = Tidier()
    tidier.tidy()
    left = [(left_behind(8 << 20), tidier.tidy()) for _ in range(12)]
    assert any(looked for _, looked in left)
    assert sum(model() is not None for model, _ in left) < 10


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the system does not tell, and cycles are always looked for"
)
def test_modules_are_looked_at_once_and_what_a_step_leaves_behind_is_freed_all_the_same(
    no_search_of_pythons_own, monkeypatch: pytest.MonkeyPatch
) -> None:
    tidier = Tidier()
    tidier.tidy()
    assert len(gc.get_objects()) < gc.get_freeze_count() / 10
    monkeypatch.setitem(sys.modules, "loaded_meanwhile", ModuleType("loaded_meanwhile"))
    model = left_behind(200 << 20)
    assert tidier.tidy()
    assert model() is None


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the system does not tell, and cycles are always looked for"
)
def test_what_was_set_apart_is_looked_at_again_where_the_process_has_grown_much(
    no_search_of_pythons_own, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_GROWN_MUCH", 100 << 20)
    tidier = Tidier()
    held = Model(1 << 20)
    tidier.tidy()
    known = weakref.ref(held)
    del held
    model = left_behind(200 << 20)
    assert tidier.tidy()
    assert known() is model() is None


def test_cycles_are_always_looked_for_where_growth_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "resident", lambda: None)
    tidier = Tidier()
    assert tidier.tidy()
    assert tidier.tidy()
