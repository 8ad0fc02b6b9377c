"""What becomes of a folder that an export fills in its own place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.export_folder import beside, put


def export(into: Path, meanwhile: Callable[[], None] = lambda: None) -> None:
    with beside(into) as part:
        for name in ("README.md", "config.json", "weights"):
            (part / name).write_text("made")
        meanwhile()
        put(part, into)


@pytest.mark.parametrize("empty", [True, False])
def test_what_somebody_put_there_meanwhile_is_left_alone(tmp_path: Path, empty: bool) -> None:
    into = tmp_path / "made"
    if empty:
        into.mkdir()

    def come() -> None:
        into.mkdir(exist_ok=True)
        (into / "README.md").write_text("mine")

    with pytest.raises(FileExistsError, match="is not empty"):
        export(into, meanwhile=come)
    assert [(file.name, file.read_text()) for file in into.iterdir()] == [("README.md", "mine")]


def test_a_file_is_no_folder_to_export_to(tmp_path: Path) -> None:
    (tmp_path / "made").write_text("mine")
    with pytest.raises(FileExistsError, match="made is a file. Name a new folder"):
        export(tmp_path / "made")
    assert (tmp_path / "made").read_text() == "mine"


def test_a_link_that_leads_nowhere_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "made").symlink_to(tmp_path / "gone")
    with pytest.raises(
        FileExistsError, match=r"made is a link to .*gone, which isn't there. Make that folder, or name"
    ):
        export(tmp_path / "made")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    with pytest.raises(FileExistsError, match="round is a link that leads round to itself. Make that folder, or name"):
        export(tmp_path / "round")
    assert sorted(one.name for one in tmp_path.iterdir() if not one.name.startswith(".")) == ["made", "round"]


def test_a_file_that_can_not_be_moved_leaves_the_folder_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> Path:
        if (self.name, target.parent) == ("weights", tmp_path):
            raise OSError(5, "Input/output error")
        return replace(self, target)

    replace = Path.replace
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="Input/output"):
        export(tmp_path)
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    export(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
