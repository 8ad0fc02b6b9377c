import subprocess
import sys

import pytest

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
