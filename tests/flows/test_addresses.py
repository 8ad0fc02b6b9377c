"""A pool that lies elsewhere, through the command line: read like any other, and its login kept nowhere."""

import json
import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks import remote


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A web server of the folder `site`, with rows in `pool/rows.jsonl` and text in `sea.txt`."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(remote, "WAITS", (0.0,))
    chance = random.Random(0)
    words = ["rain", "soil", "spade", "beds", "frost", "bees", "moss", "hedge", "pond", "bark", "root", "leaf"]
    said = [" ".join(chance.choices(words, k=14)) for _ in range(120)]
    rows = [{"question": f"Which goes first in {n}: {said[n]}?", "answer": f"{said[n + 60]}."} for n in range(60)]
    site = tmp_path / "site"
    (site / "pool").mkdir(parents=True)
    (site / "pool" / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\nbroken\n")
    (site / "sea.txt").write_text("\n\n".join(f"The sea has wave {n} of {n * 7} this year." for n in range(20)))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def kept_by_prefect() -> list[str]:
    """All that Prefect's database holds of runs, steps, logs and artifacts."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        found = [client.read_flow_runs(), client.read_task_runs(), client.read_logs(), client.read_artifacts()]
    return [one.model_dump_json() for things in found for one in things]


def test_a_pool_elsewhere_is_curated_and_its_login_is_kept_nowhere(
    winnow: Callable[..., Any], recipe: Callable[..., Path], home: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("LOGIN", "me:S3CRET"), ("QUERY", "X-Amz-Signature=S3CRET&x=1")):
        monkeypatch.setenv(name, value)
    door = f"http://${{LOGIN}}@{host}"
    path = recipe(
        sources=[{"path": f"{door}/pool/rows.jsonl?${{QUERY}}"}],
        exam={"domain_items": 5, "choice_items": 0, "retention": [f"{door}/sea.txt?sig=${{QUERY}}"]},
    )
    ended = winnow("curate", path)
    assert ended.code == 0, ended
    (run,) = (home / "runs").iterdir()
    ledger = pl.read_parquet(run / "receipts.parquet")
    assert set(ledger["origin"]) == {f"{host}/pool/rows.jsonl:{line}" for line in range(1, 62)}
    assert ledger.filter(fate="quarantined")["origin"].to_list() == [f"{host}/pool/rows.jsonl:61"]
    assert set(ledger["source"]) == {"rows"}
    assert f"{door}/pool/rows.jsonl?${{QUERY}}" in (run / "config.yaml").read_text()
    written = [path for path in home.rglob("*") if path.is_file()]
    assert len(written) > 10
    assert not [path for path in written if b"S3CRET" in path.read_bytes()]
    assert "S3CRET" not in ended.printed + ended.told
    kept = kept_by_prefect()
    assert any(f"{host}/pool/rows.jsonl" in text for text in kept)
    assert not [text for text in kept if "S3CRET" in text]


@pytest.mark.parametrize("command", ["run", "curate"])
def test_a_login_in_clear_is_refused_before_prefect_hears_of_it(
    winnow: Callable[..., Any], recipe: Callable[..., Path], home: Path, host: str, command: str
) -> None:
    path = recipe(name="clear", sources=[{"path": f"http://me:S3CRET@{host}/pool/rows.jsonl?sig=S3CRET"}])
    ended = winnow(command, path)
    sentence = ended.refused(home)
    assert f"recipe.yaml:8: sources.0.path: http://{host}/pool/rows.jsonl comes with a login in clear" in sentence
    assert f"as in http://${{POOL_LOGIN}}@{host}/pool/rows.jsonl" in sentence
    assert "S3CRET" not in ended.printed + ended.told
    assert not [text for text in kept_by_prefect() if "S3CRET" in text or '"clear"' in text]


def test_what_is_missing_elsewhere_is_told_with_the_recipe_s_line(
    winnow: Callable[..., Any], recipe: Callable[..., Path], home: Path, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "S3CRET")
    path = recipe(sources=[{"path": f"http://me:${{SECRET}}@{host}/pool/none.jsonl?sig=${{SECRET}}"}])
    ended = winnow("curate", path)
    sentence = ended.refused(home)
    assert f"recipe.yaml:8: sources.0: nothing is at http://{host}/pool/none.jsonl" in sentence
    assert "S3CRET" not in ended.printed + ended.told
