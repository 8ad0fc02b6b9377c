"""What is half-written: swept once its writer is gone, by whatever end, and never before."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from quality import whole

WRITER = """
import sys, time
from pathlib import Path
import polars as pl
from quality import whole
with getattr(whole, sys.argv[1])(Path(sys.argv[2])) as part:
    # Polars opens the file anew: the lock must outlast that.
    pl.DataFrame({"a": [1]}).write_parquet(part if part.is_file() else part / "inner.parquet")
    print(part, flush=True)
    sys.stdin.readline()
    part.replace(Path(sys.argv[2]) / "done")
"""


def _write(kind: str, folder: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a writer that is in the middle of its write."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, kind, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    return writer, Path(writer.stdout.readline().strip())


@pytest.mark.parametrize("kind", ["part_file", "part_folder"])
def test_a_killed_writers_part_is_swept_at_once_and_a_living_ones_is_left_to_finish(kind: str, tmp_path: Path) -> None:
    inside = tmp_path / "store" / "tables"
    inside.mkdir(parents=True)
    killed, litter = _write(kind, inside)
    living, part = _write(kind, inside)
    assert whole.sweep(tmp_path) == []
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    os.utime(part, (0, 0))  # its age is no reason to remove it
    assert whole.sweep(tmp_path) == [litter]
    assert list(inside.iterdir()) == [part]
    living.communicate("go on\n", timeout=30)
    assert living.returncode == 0
    assert list(inside.iterdir()) == [inside / "done"]
    assert whole.sweep(tmp_path) == []


@pytest.mark.parametrize("kind", ["part_file", "part_folder"])
def test_a_sweep_in_the_instant_before_the_lock_costs_the_writer_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, seen = whole._open, []

    def swept_before(path: Path) -> int:
        with monkeypatch.context() as patch:
            patch.setattr(whole, "_open", opened)
            if len(seen) == 0:
                seen.extend(whole.sweep(tmp_path))
        return opened(path)

    def swept_after(path: Path) -> int:
        handle = opened(path)
        if len(seen) == 1:
            monkeypatch.setattr(whole, "_open", opened)
            seen.extend(whole.sweep(tmp_path))
        return handle

    monkeypatch.setattr(whole, "_open", lambda path: swept_after(path) if seen else swept_before(path))
    with getattr(whole, kind)(tmp_path) as part:
        assert len(seen) == 2, "it was swept before it was opened, and before it was locked"
        assert list(tmp_path.iterdir()) == [part]
        assert whole.sweep(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_nothing_else_is_swept(tmp_path: Path) -> None:
    (tmp_path / "kept.part-1").touch()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".part-folder").mkdir()
    (tmp_path / ".part-folder" / "inner").touch()
    (tmp_path / ".hidden" / ".part-file").touch()
    assert sorted(whole.sweep(tmp_path)) == [tmp_path / ".hidden" / ".part-file", tmp_path / ".part-folder"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "kept.part-1"]


def test_a_folder_takes_its_place_unless_one_is_there(tmp_path: Path) -> None:
    for by in ("first", "second"):
        made = tmp_path / by
        made.mkdir()
        (made / "file").write_text(by)
        whole.put(made, tmp_path / "done")
    assert (tmp_path / "done" / "file").read_text() == "first"
    with pytest.raises(FileNotFoundError):
        whole.put(tmp_path / "third", tmp_path / "elsewhere")
