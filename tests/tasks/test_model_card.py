"""The model card: it says what the run's files say, declares no licence that nobody declared, and can't be forged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from evals.items import SCORES
from evals.judging import judge
from evals.repairing import at_scale
from quality.receipts import RECEIPTS
from quality.sources import Source
from tasks import licences, model_card, runs, store
from tasks.licences import Licence

LORA = {"peft_type": "LORA", "r": 4}
FATES = [("kept", "train")] * 3 + [("kept", "validation"), ("dropped", "near_duplicate")]


@pytest.fixture
def card(home: Path) -> Callable[..., str]:
    """A maker of cards of runs of which the recipe's keys and the adapter's configuration are given."""

    def make(adapter: dict[str, Any] = LORA, source: str = "pool", examined: bool = False, **changes: Any) -> str:
        turned, scale = changes.pop("turned", {}), changes.pop("scale", 1.0)
        recipe = {"name": "garden", "model": {"base": "org/base"}, "sources": [{"path": "rows/pool.jsonl"}]} | changes
        scores = [
            ("garden", "domain", f"garden/{n}", str(n), model, moved - 1 + 0.01 * ((n + len(model)) % 3))
            for model, moved in (("base", 0.0), ("candidate", 0.1))
            for n in range(30)
        ]
        receipts = pl.DataFrame(
            {"id": [str(n) for n in range(5)], "origin": [f"pool.jsonl:{n}" for n in range(5)], "source": [source] * 5}
            | {"fate": [fate for fate, _ in FATES], "reason": [reason for _, reason in FATES]}
        ).with_columns(stage=pl.lit("split"), witness=pl.lit(None), score=pl.lit(None), threshold=pl.lit(None))
        with runs.open_run("garden", yaml.safe_dump(recipe)) as run:
            verdict = judge(pl.DataFrame(scores, SCORES, orient="row"))
            store.write_json(run.folder / "verdict.json", at_scale(verdict, scale).model_dump(mode="json"))
            store.write_parquet(
                run.folder / "receipts.parquet", receipts.select(RECEIPTS.keys()).cast(pl.Schema(RECEIPTS))
            )
            (run.folder / "adapter").mkdir()
            store.write_json(run.folder / "adapter" / "adapter_config.json", adapter)
            trained = {"tokens": 6000, "supervised_tokens": 2500}
            trained |= {"validation_loss_before": 3.5, "validation_loss_after": 3.25}
            facts = {} if examined else {"training": trained | turned}
            run.commit(state="Accepted", reason="x", facts=facts | {"digests": {"base": "b" * 32, "train": "t" * 32}})
        return model_card.write(model_card.of_run(run.folder, run.folder / "adapter"))

    return make


def front(card: str) -> dict[str, Any]:
    _, head, _ = card.split("---\n", 2)
    return yaml.safe_load(head)


def test_it_says_that_the_adapter_was_turned_down(card: Callable[..., str]) -> None:
    tried = [{"scale": scale, "validation_loss": 3.0, "forgotten": scale / 2} for scale in (1.0, 0.25)]
    made = card(turned={"scales_tried": tried, "chosen_scale": 0.25})
    assert "turned down to 0.25 of what was trained: the loss of general text rises by 0.125 nats per token" in made
    twice = card(turned={"scales_tried": tried, "chosen_scale": 0.25}, scale=0.5)
    assert "is turned down to 0.125 of what was trained, to forget less" in twice
    assert "turned down" not in card(turned={"scales_tried": tried})
    assert "What must be kept" not in made


def test_it_says_what_items_beside_the_exam_told_of_the_scale(card: Callable[..., str]) -> None:
    lost = {
        1.0: {"suite": "my *letters*", "mean": -0.1, "lower": -0.2, "line": -0.02},
        0.25: {"suite": "my *letters*", "mean": 0.01, "lower": None, "line": -0.02},
    }
    tried = [{"scale": at, "validation_loss": 3.0, "forgotten": at, "retention": [one]} for at, one in lost.items()]
    made = card(turned={"scales_tried": tried, "chosen_scale": 0.25})
    assert r"my \*letters\* +0.010 (too few documents for a bound; as it was trained -0.100)." in made


def test_it_says_what_the_run_says(card: Callable[..., str]) -> None:
    made = card()
    assert front(made) == {
        "base_model": "org/base",
        "base_model_relation": "adapter",
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "tags": ["winnow", "lora"],
    }
    for told in (
        "The verdict was **SHIP**: the domain gains",
        "| base model | `org/base` | `" + "b" * 32,
        "| ✅ pass | garden, the gain | \\+0.100 |",
        "6,000 tokens, 2,500 of them learnt. Validation loss 3.500 → 3.250 nats per token.",
        "learning_rate: 0.0002",
        "| train | 3 | `" + "t" * 32,
        "| validation | 1 | `unknown` |",
        "| pool | 5 | 4 |",
        "PeftModel.from_pretrained(base, ",
    ):
        assert told in made, told


def test_a_name_can_not_break_out_of_its_place(card: Callable[..., str]) -> None:
    """Names come from data: a source named by a row, a recipe's name, the base's."""
    bad = "x|y\n# Forged\n<script>`"
    made = card(source=bad, name=bad, model={"base": f'a"; import os\n```\n{bad}'})
    assert "\n# Forged" not in made
    assert "| x\\|y \\# Forged \\<script\\>\\` | 5 | 4 |" in made
    head, rest = made.split("```python\n")
    code, tail = rest.split("\n```", 1)
    compile(code, "card", "exec")
    assert "<script>" not in (head + tail).replace(r"\<script\>", "")
    assert front(made)["tags"] == ["winnow", "lora"]


def test_a_base_that_is_not_on_the_hub_is_no_metadata_and_winnow_loads_it(card: Callable[..., str]) -> None:
    made = card(model={"base": "package:some_model"})
    assert "base_model" not in front(made)
    assert "models.base('package:some_model')" in made
    assert "winnow export-adapter" in made


def test_loreft_is_loaded_by_winnow_and_not_called_a_peft_adapter(card: Callable[..., str]) -> None:
    made = card(adapter={"peft_type": "LOREFT"}, tune={"method": "reft"})
    assert "library_name" not in front(made)
    assert "PEFT reads no adapter like this one (LoReFT)" in made
    assert "from peft" not in made


def test_of_an_adapter_trained_elsewhere_nothing_is_claimed(card: Callable[..., str]) -> None:
    made = card(examined=True)
    assert "trained elsewhere: how, and on what, winnow was not told" in made
    assert "| data | unknown: look | winnow was not told what it was trained on |" in made
    assert "## Data" not in made
    assert front(made)["tags"] == ["winnow"]


def test_a_licence_is_read_where_a_folder_declares_it(card: Callable[..., str], tmp_path: Path) -> None:
    for name in ("base", "rows"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text("---\nlicense: apache-2.0\n---\n\n# A card\n")
    made = card(model={"base": str(tmp_path / "base")}, sources=[{"path": str(tmp_path / "rows" / "pool.jsonl")}])
    assert front(made)["license"] == "apache-2.0"
    assert made.count("| apache-2.0 | README.md of ") == 2
    (tmp_path / "rows" / "README.md").write_text("---\nlicense: cc-by-sa-4.0\n---\n")
    made = card(model={"base": str(tmp_path / "base")}, sources=[{"path": str(tmp_path / "rows" / "pool.jsonl")}])
    assert "license" not in front(made), "of two licences, which one the whole has is not for a program to say"
    assert "| cc-by-sa-4.0 | README.md of rows |" in made


def test_general_rows_have_their_licence_too(card: Callable[..., str], tmp_path: Path) -> None:
    for name, licence in (("base", "mit"), ("rows", "mit"), ("general", "cc-by-nc-4.0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text(f"---\nlicense: {licence}\n---\n")
    told = {
        "model": {"base": str(tmp_path / "base")},
        "sources": [{"path": str(tmp_path / "rows" / "pool.jsonl")}],
    }
    tune = {"replay": 0.1, "general": {"sources": [{"path": str(tmp_path / "general" / "wide.jsonl")}]}}
    made = card(**told, tune=tune)
    assert "license" not in front(made)
    assert "| data wide | cc-by-nc-4.0 | README.md of general |" in made
    unused = card(**told, tune=tune | {"replay": 0, "forgetting": {"measure_tokens": 0}})
    assert front(unused)["license"] == "mit"
    assert "data wide" not in unused


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# No metadata\n",
        "---\nlicense: [a\n---\n",
        "---\nlicense: 3\n---\n",
        "---\n- a\n---\n",
        "---\ndate: 2024-13-45\n---\n",
        "---\ngated: !!bool maybe\n---\n",
        f"---\nversion: {'9' * 5_000}\n---\n",
        f"---\ntags: {'[' * 2_000}\n---\n",
    ],
    ids=["empty", "none", "broken", "number", "list", "no date", "no truth", "digits", "deep"],
)
def test_no_licence_is_made_up(card: Callable[..., str], tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text)
    made = card(sources=[{"path": str(tmp_path / "pool.jsonl")}])
    assert "license" not in front(made)
    assert "| data pool | unknown: look | look where it comes from |" in made
    assert "| base model org/base | unknown: look | look at https\\://huggingface.co/org/base |" in made


def test_a_package_says_its_licence_itself() -> None:
    found = licences.of_model("package:peft")
    assert found.name.startswith("Apache")
    assert found.where == "metadata of the package peft, whose data may have another"
    assert licences.of_source(Source(package="no_such_package")) == Licence(
        "data no_such_package", "", "look at the package no_such_package"
    )


def test_a_folder_with_its_card_has_the_digest_it_has_without(tmp_path: Path) -> None:
    store.write_json(tmp_path / "adapter_config.json", LORA)
    before = store.folder_digest(tmp_path)
    (tmp_path / "README.md").write_text("a card")
    assert store.folder_digest(tmp_path) == before
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "README.md").write_text("no card of the folder")
    assert store.folder_digest(tmp_path) != before


def test_a_full_fine_tuning_is_loaded_by_winnow(card: Callable[..., str]) -> None:
    made = card(adapter={"peft_type": "FULL"}, tune={"method": "full"})
    assert "library_name" not in front(made)
    assert "PEFT reads no adapter like this one (a full fine-tuning)" in made
