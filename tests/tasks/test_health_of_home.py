"""What the doctor says of who else can read a home."""

import os
from pathlib import Path

import pytest

from tasks import health


@pytest.fixture
def open_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a home that every user may list, beneath folders that every user may pass."""
    home = tmp_path / "team" / "home"
    home.mkdir(parents=True)
    home.parent.chmod(0o711)
    home.chmod(0o755)
    above, told = (tmp_path, *tmp_path.parents), Path.stat
    passed = os.stat_result((0o40755, *told(tmp_path)[1:]))
    monkeypatch.setattr(Path, "stat", lambda one, **kind: passed if one in above else told(one, **kind))
    return home


def test_who_can_read_a_home_is_told_with_the_command(open_home: Path) -> None:
    told = health._home(open_home)
    assert (told.level, told.found) == ("ok", str(open_home))
    assert f"`chmod o-rwx {open_home}`" in told.advice


@pytest.mark.parametrize(("folder", "mode"), [(".", 0o750), (".", 0o711), ("..", 0o750)])
def test_a_home_that_others_cannot_list_or_reach_needs_no_word(open_home: Path, folder: str, mode: int) -> None:
    (open_home / folder).resolve().chmod(mode)
    assert health._home(open_home) == health.Check("home", "ok", str(open_home))


def test_a_home_that_is_not_made_yet_needs_no_word(open_home: Path) -> None:
    assert health._home(open_home / "new").advice == ""
