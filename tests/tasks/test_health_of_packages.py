"""What the doctor says of the packages that winnow needs."""

from importlib import metadata

import pytest

from tasks import health


@pytest.fixture
def needs(monkeypatch):
    def set_(*requirements: str) -> None:
        monkeypatch.setattr(health.metadata, "requires", lambda _: list(requirements))

    monkeypatch.setattr("tasks.health.versions", lambda: {"python": "3.11.1", "winnow": "0.1.0"})
    return set_


def packages() -> health.Check:
    return health._packages()


def test_what_only_an_extra_asks_for_may_be_missing(needs) -> None:
    needs("polars>=2.1", 'no-such-package==0.4.13; extra == "lm-eval"')
    assert packages() == health.Check("packages", "ok", "winnow 0.1.0")


def test_what_is_missing_or_too_old_is_told_with_the_command(needs) -> None:
    polars = metadata.version("polars")
    needs("polars>=99.1", "no-such-package>=2", "fsspec[http]>=2000")
    assert packages() == health.Check(
        "packages",
        "error",
        f"polars>=99.1 is not met by {polars}, no-such-package>=2 is missing",
        "pip install 'polars>=99.1' 'no-such-package>=2'",
    )


def test_who_runs_winnow_from_its_folder_is_not_sent_to_the_index(monkeypatch) -> None:
    """Another project bears its name there."""
    monkeypatch.setattr("tasks.health.versions", lambda: {"python": "3.11.1"})
    told = packages()
    assert told.level == "warning"
    assert told.advice.startswith("pip install -e '/")


def test_everything_that_winnow_asks_for_is_here() -> None:
    assert packages().level == "ok"
