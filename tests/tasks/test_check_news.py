"""What is told of the settings by which other rows were kept than in the last run."""

from pathlib import Path

import pytest
import yaml

from tasks.check_news import _curated_otherwise


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ""),
        ({"domain": {"seeds": ["labels.jsonl"]}}, " (by another curate.domain.seeds)"),
        (
            {"domain": {"seeds": []}, "a": 1, "b": 2, "c": 3, "d": 4},
            " (by another curate.domain.seeds, curate.a, curate.b and 2 more)",
        ),
    ],
)
def test_settings_that_keep_other_rows_are_named(tmp_path: Path, changed: dict[str, object], told: str) -> None:
    before = {"domain": {"seeds": ["seeds.jsonl"]}}
    for name, curate in (("then", before), ("now", before | changed)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text(yaml.safe_dump({"tune": {"rank": 8}, "curate": curate}))
    assert _curated_otherwise(tmp_path / "then", tmp_path / "now") == told
