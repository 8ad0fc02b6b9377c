"""Prefect's database: what keeps it from being written is told at once, with its path and what to do."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL, PREFECT_API_URL, temporary_settings

from tasks import health, prefect_database, store
from tasks.models import ModelFiles

WINNOW = Path(sys.executable).parent / "winnow"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A database of a server that a run would start; nothing lies there yet."""
    file = tmp_path / "prefect" / "deep" / "prefect.db"
    url = f"sqlite+aiosqlite:///{file}"
    with temporary_settings({PREFECT_API_DATABASE_CONNECTION_URL: url}, restore_defaults={PREFECT_API_URL}):
        yield file


def test_a_folder_for_it_is_made_and_nothing_is_left_in_it(database: Path) -> None:
    prefect_database.ensure_writable()
    assert list(database.parent.iterdir()) == []
    assert prefect_database.file() == database


def test_a_folder_that_can_t_be_made_is_told(database: Path, tmp_path: Path) -> None:
    (tmp_path / "prefect").touch()
    with pytest.raises(
        store.StoreError, match=rf"can't write to its database {database} \(Not a directory\).*PREFECT_HOME="
    ):
        prefect_database.ensure_writable()


def test_a_limit_on_the_size_of_files_is_told(database: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, hard))
    try:
        with pytest.raises(store.StoreError, match=rf"no room for Prefect's database {database} \(File too large\)"):
            prefect_database.ensure_writable()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_told(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_database.whole, "part_file", lambda folder: _Full())
    with pytest.raises(
        store.StoreError, match=rf"no room for Prefect's database {database} \(No space left on device\)"
    ):
        prefect_database.ensure_writable()


class _Full:
    def __enter__(self) -> Path:
        return Path("/dev/full")

    def __exit__(self, *args: object) -> None:
        pass


def test_a_server_elsewhere_and_a_database_server_keep_it_themselves(database: Path) -> None:
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        assert prefect_database.file() is None
        prefect_database.ensure_writable()
    for url in ("postgresql+asyncpg://me@host/prefect", "sqlite+aiosqlite:///file::memory:?cache=shared&uri=true"):
        with temporary_settings({PREFECT_API_DATABASE_CONNECTION_URL: url}):
            assert prefect_database.file() is None


def test_a_server_s_own_fault_is_told_with_the_database_and_another_error_stays(database: Path) -> None:
    request = httpx.Request("POST", "http://127.0.0.1/api/flows/")
    fault, refused = (
        httpx.HTTPStatusError("no", request=request, response=httpx.Response(code)) for code in (500, 422)
    )
    lost = ("Timed out while attempting to connect to ephemeral Prefect API server.", "Failed to reach API at http://x")
    for error in (fault, *map(RuntimeError, lost)):
        told = prefect_database.failure(error)
        assert f"its database is {database}" in str(told)
        assert "finished steps are kept" in str(told)
    assert prefect_database.failure(refused) is None
    assert prefect_database.failure(RuntimeError("Training diverged.")) is None
    database.parent.rmdir()
    database.parent.parent.rmdir()
    database.parent.parent.touch()
    assert f"can't write to its database {database}" in str(prefect_database.failure(fault))


def test_the_doctor_tells_it_too(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert health._server().level == "ok"
    database.parent.rmdir()
    database.parent.touch()
    found = health._server()
    assert found.level == "error"
    assert f"can't write to its database {database}" in found.advice


def test_a_run_ends_at_once_with_one_sentence(tmp_path: Path, tiny_base: ModelFiles) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "rows.jsonl").write_text('{"question": "Why?", "answer": "Because."}\n')
    recipe = f"name: x\nsources: [{{path: rows.jsonl}}]\nmodel: {{base: '{tiny_base.folder}'}}\n"
    (tmp_path / "recipe.yaml").write_text(recipe)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    began = time.monotonic()
    done = subprocess.run(
        [WINNOW, "curate", tmp_path / "recipe.yaml", "--home", tmp_path / "home"],
        capture_output=True, text=True, timeout=100,
        env=environment | {"PREFECT_HOME": str(tmp_path / "file" / "prefect")},
    )  # fmt: skip
    assert time.monotonic() - began < 60, "it waited for a server that can't start"
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"winnow: Prefect can't write to its database {tmp_path}/file/prefect/prefect.db (Not a dir"
    )
    assert done.stderr.count("\n") == 1, done.stderr
