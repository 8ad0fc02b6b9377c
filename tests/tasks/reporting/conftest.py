"""One believable run, made up: tests bend it by keyword, and `python conftest.py FILE` writes its page."""

import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import pytest
import vl_convert

from tasks.reporting import evidence as ev
from tasks.reporting.meaning import DISTRIBUTION, Meaning

STAGES = [
    ("ingest", 4962, [("quarantined", "invalid_utf8", 7), ("quarantined", "not_json", 4)]),
    (
        "screen",
        4951,
        [
            ("dropped", "answer_too_short", 231),
            ("dropped", "leftover_markup", 88),
            ("dropped", "repeated_lines", 41),
            ("dropped", "answer_is_question", 19),
            ("dropped", "mostly_symbols", 12),
            ("dropped", "repeated_phrases", 9),
            ("dropped", "empty_answer", 6),
        ],
    ),
    (
        "dedupe",
        4545,
        [
            ("dropped", "exact_duplicate", 1127),
            ("dropped", "near_duplicate", 342),
            ("quarantined", "conflict", 23),
        ],
    ),
    ("keep_domain", 3053, [("dropped", "outside_domain", 1394)]),
    ("seal_exam", 1659, [("dropped", "sealed_in_exam", 160)]),
    ("decontaminate", 1499, [("dropped", "exam_question", 3), ("dropped", "exam_words", 38)]),
    ("validate", 1458, []),
]
KEPT = 1458

RECIPE = """\
name: weaknesses
sources: [{path: "pool/*.jsonl"}]
model: {base: models/small, embedder: models/sentences}
curate:
  domain: {seeds: seeds.jsonl}
exam:
  retention: [encyclopedia.txt, code.jsonl]
tune: {method: lora, token_budget: 60000}
gate: {min_gain: 0.0, margin: 0.02, alpha: 0.05}
"""

SUITES = [
    ev.Suite("domain_answers", "domain", "completion", 160, 112, "held-out answers about software weaknesses"),
    ev.Suite("domain_choice", "domain", "choice", 160, 112, "the right mitigation among its siblings"),
    ev.Suite("encyclopedia", "retention", "text", 300, 300, "general prose"),
    ev.Suite("code", "retention", "completion", 164, 164, "solutions of code problems"),
    ev.Suite("general_questions", "retention", "choice", 120, 60, "everyday facts"),
]
SUITES = [replace(suite, checked=suite.items) for suite in SUITES]

PAIRS = [
    ("How do I keep user input out of a shell command?", "Don't build the command as a string. Call the program with an argument list, so no shell parses the input, and allow only the values you expect."),
    ("What is a use-after-free?", "The program keeps a pointer to memory it has already released. Whatever is put there next can then be read or changed through the stale pointer."),
    ("Why is a predictable session token dangerous?", "Anyone who can guess the next token can take over the session it belongs to. Draw tokens from the operating system's secure generator, at least 128 bits long."),
    ("How should a service store passwords?", "Never in the clear and never with a fast hash. Use a slow, salted password hash such as Argon2id, and raise its cost as hardware gets faster."),
    ("What goes wrong when a size is computed in 32 bits?", "The product can wrap around to a small number. The buffer allocated with it is then too short for the data, and the copy runs past its end."),
    ("How is a path traversal prevented?", "Resolve the path first, then check that it still lies under the folder you meant to serve. Comparing strings before resolving misses `..` and links."),
]  # fmt: skip


def comparison(suite: str, mean: float | None, half: float, line: float | None, **more: Any) -> dict[str, Any]:
    lower, upper = (-math.inf, math.inf) if mean is None else (mean - half, mean + half)
    if line is None:
        status = "undecided"
    else:
        status = "pass" if lower > line else "fail" if upper < line else "undecided"
    known = next((one for one in SUITES if one.suite == suite), None)
    return {
        "suite": suite,
        "n": known.items if known else 2,
        "clusters": known.clusters if known else 1,
        "mean": mean,
        "lower": lower,
        "upper": upper,
        "line": line,
        "status": status,
    } | more


def verdict(decision: str = "SHIP") -> dict[str, Any]:
    gain = comparison("domain_answers", 0.214, 0.038, 0.0)
    retention = [
        comparison("encyclopedia", -0.004, 0.006, -0.02),
        comparison("code", -0.007, 0.009, -0.02),
        comparison("general_questions", 0.008, 0.024, -0.02),
    ]
    reason = "Gain 0.214 bits per byte (at least 0.176), and every retention suite stays above its margin."
    if decision == "REJECT":
        retention[1] = comparison("code", -0.061, 0.017, -0.02)
        reason = "code lost 0.061 bits per byte, at least 0.044: beyond its margin of 0.02."
    if decision == "INCONCLUSIVE":
        gain = comparison("domain_answers", 0.021, 0.043, 0.0, items_needed=1270)
        retention[2] = comparison("general_questions", None, 0, -0.02, n=1, clusters=1)
        reason = "The gain may be zero: 160 items can't tell. About 1,270 items would."
    return {
        "decision": decision,
        "reason": reason,
        "gate": {"alpha": 0.05},
        "gain": gain,
        "retention": retention,
        "informative": [comparison("domain_choice", 0.056, 0.061, None)],
    }


def curve(steps: int = 118) -> pl.DataFrame:
    random = np.random.default_rng(3)
    step = np.arange(1, steps + 1)
    loss = 1.55 + 0.95 * np.exp(-step / 22) + random.normal(0, 0.07, steps)
    measured = 1.62 + 0.9 * np.exp(-step / 20)
    return pl.DataFrame(
        {
            "step": step,
            "tokens": step * 509,
            "loss": loss,
            "validation_loss": [
                float(v) if n % 20 == 0 or n == steps else None for n, v in zip(step, measured, strict=True)
            ],
            "learning_rate": 2e-4 * np.minimum(step / 8, 1) * (1 - step / (steps + 1)),
            "general_loss": [0.4 + 0.001 * n if n % 20 == 0 or n == steps else None for n in step.tolist()],
            "divergence": [0.0005 * n if n % 20 == 0 or n == steps else None for n in step.tolist()],
        },
        schema_overrides=ev.CURVE,
    )


def scores(judged: dict[str, Any]) -> pl.DataFrame:
    random = np.random.default_rng(5)
    frames = []
    entries = [judged["gain"], *judged["retention"], *judged["informative"]]
    shifts = {entry["suite"]: entry["mean"] or 0.0 for entry in entries}
    for suite in SUITES:
        base = (
            random.normal(-1.1, 0.3, suite.items) if suite.kind != "choice" else random.binomial(1, 0.42, suite.items)
        )
        for model, shift in (("base", 0.0), ("candidate", shifts[suite.suite])):
            score = base + shift
            if suite.kind == "choice":  # as many wrong items made right as the difference says
                score = np.clip(base + (np.cumsum(1 - base) <= round(shift * suite.items)) * (base == 0), 0, 1)
            frames.append(
                pl.DataFrame(
                    {
                        "suite": suite.suite,
                        "role": suite.role,
                        "item": [f"{suite.suite}-{n}" for n in range(suite.items)],
                        "cluster": [f"c{n % suite.clusters}" for n in range(suite.items)],
                        "model": model,
                        "score": np.asarray(score, dtype=float),
                    },
                    schema=ev.SCORES,
                )
            )
    return pl.concat(frames)


def domain() -> ev.Domain:
    random = np.random.default_rng(7)
    inside, outside = random.beta(9, 1.6, 4000), random.beta(1.5, 7, 4000)
    values = np.concatenate([inside[inside >= 0.47][:1659], outside[outside < 0.47][:1394]])
    return ev.Domain(pl.Series(values), 0.47, 0.962, 0.975, 0.543, 0.989, "regression of 64 seeds against the pool")


def meaning(**changes: Any) -> Meaning:
    """A threshold below which most rows lie, and above which most copies do."""
    bins = pl.DataFrame(
        [
            (-1.0, 1200, 0),
            (0.82, 300, 1),
            (0.84, 200, 0),
            (0.86, 180, 2),
            (0.88, 90, 5),
            (0.9, 20, 20),
            (0.98, 10, 100),
        ],
        schema=DISTRIBUTION,
        orient="row",
    )
    fields: dict[str, Any] = {
        "distribution": bins, "threshold": 0.863, "false_merges": 0.131, "most_false_merges": 0.05, "recall": 0.992,
        "least_recall": 0.99,
    }  # fmt: skip
    return Meaning(**(fields | changes))


def removed() -> list[ev.Removed]:
    return [
        ev.Removed("7c1f0a52be9d4e6f8a30b1c2d3e4f506", "forum", "screen", "answer_too_short", "what is xss", "bad", score=3, threshold=8),
        ev.Removed("0b44a9e1c27d4b0f93f5a6718293a4b5", "weaknesses", "dedupe", "near_duplicate", "How do I keep the user's input out of a shell command?", PAIRS[0][1], score=0.91, threshold=0.8, witness="a0d3c85e11f24c0a9b7d6e5f40312213", witness_text=PAIRS[0][0] + "\n\n" + PAIRS[0][1]),
        ev.Removed("55d2e7a90c1b4f3e8d6a7b8c9d0e1f20", "forum", "keep_domain", "outside_domain", "Tell me a joke about penguins", "Why don't penguins fly? They are not tall enough to be pilots.", score=0.031, threshold=0.47),
        ev.Removed("9e8d7c6b5a493827160504f3e2d1c0bf", "encyclopedia", "decontaminate", "exam_words", PAIRS[3][0], PAIRS[3][1], score=1.0, threshold=0.5, witness="domain_answers/cwe-916/2", witness_text="How must a service store the passwords of its users?"),
        ev.Removed("1f2e3d4c5b6a79880716253443526170", "forum", "dedupe", "conflict", "Is MD5 safe for passwords?", "Yes, MD5 is safe.", fate="quarantined", witness="2a3b4c5d6e7f80910213243546576879", witness_text="Is MD5 safe for passwords?\n\nNo. It is fast, so guesses are cheap."),
    ]  # fmt: skip


def build(decision: str = "SHIP", **changes: Any) -> ev.Evidence:
    """Return a whole, believable run with that decision; `changes` replace its fields."""
    reasons = [(stage, fate, reason, rows) for stage, _, removals in STAGES for fate, reason, rows in removals]
    outs = [*[came for _, came, _ in STAGES[1:]], KEPT]
    fields: dict[str, Any] = {
        "name": "weaknesses",
        "run_id": "20260301-021503-weaknesses",
        "started": datetime(2026, 3, 1, 2, 15, 3, tzinfo=UTC),
        "seconds": 507.4,
        "versions": {"python": "3.11.14", "winnow": "0.1.0", "torch": "2.9.1", "polars": "2.1.0", "peft": "0.21.2"},
        "digests": {name: f"{n}f3a91c07b5e4d28{n}6a0c4b8d1e7f253"[:32] for n, name in enumerate(["pool", "dataset", "exam", "base model", "embedder", "configuration"])},
        "recipe": RECIPE,
        "command": "winnow run recipes/weaknesses.yaml",
        "funnel": pl.DataFrame([(stage, came, out) for (stage, came, _), out in zip(STAGES, outs, strict=True)], schema=ev.FUNNEL, orient="row"),
        "reasons": pl.DataFrame(reasons, schema=ev.REASONS, orient="row"),
        "sources": pl.DataFrame([("weaknesses", 1775, 1180, 590, 5), ("forum", 2026, 41, 1961, 24), ("encyclopedia", 1161, 237, 919, 5)], schema=ev.SOURCES, orient="row"),
        "domain": domain(),
        "meaning": meaning(),
        "curve": curve(),
        "training": {"method": "lora", "supervised tokens": 60062, "steps": 118, "trainable parameters": 921600, "best validation loss": 1.622},
        "scores": scores(verdict(decision)),
        "verdict": verdict(decision),
        "kept": [ev.Kept(f"{n}a0d3c85e11f24c0a9b7d6e5f4031221", "weaknesses", *pair) for n, pair in enumerate(PAIRS)],
        "removed": removed(),
        "answers": [
            ev.Answers(PAIRS[3][0], PAIRS[3][1], "Passwords are an important part of security. You should store passwords in a safe place, such as a database or a file, and make sure that", "Hash each password with a slow, salted function such as Argon2id or bcrypt, and never keep the clear text."),
            ev.Answers(PAIRS[5][0], PAIRS[5][1], "A path traversal can be prevented by using a different path.", "Canonicalize the path before checking it, and accept only paths under the intended directory."),
            ev.Answers("What is the capital of Portugal?", "Lisbon.", "The capital of Portugal is Lisbon.", "Lisbon is the capital of Portugal."),
        ],
        "contract": ev.Contract(14, [ev.Failure("share kept by source is at least 5%", "warning", "forum: 41 of 2,026 rows kept (2.0%)")]),
        "exam": ev.Exam(SUITES, "8b1d6f20c4e94a7db35a0f9e1c2d7764", {"exam_question": 3, "exam_words": 38}),
        "clock": {"ingest": 2.1, "screen": 0.8, "dedupe": 1.4, "keep_domain": None, "seal_exam": 0.2, "decontaminate": 0.6, "validate": 9.7, "split": 0.2, "fine_tune": 262.0, "examine": 214.6, "judge": 0.4},
    }  # fmt: skip
    return ev.Evidence(**(fields | changes))


@pytest.fixture(scope="session", autouse=True)
def _draw_once() -> Iterator[None]:
    """Draw each picture once for all tests: the drawing is real, but most pages share their pictures."""
    drawn: dict[str, Any] = {}

    def once(draw: Callable[..., Any]) -> Callable[..., Any]:
        def call(spec: Any, **options: Any) -> Any:
            key = json.dumps([draw.__name__, spec, options], sort_keys=True)
            if key not in drawn:
                alt.Root.validate(spec)  # which a page is spared
                drawn[key] = draw(spec, **options)
            return drawn[key]

        return call

    with pytest.MonkeyPatch.context() as patch:
        for draw in (vl_convert.vegalite_to_svg, vl_convert.vegalite_to_png):
            patch.setattr(vl_convert, draw.__name__, once(draw))
        yield


@pytest.fixture(name="build")
def _build() -> Callable[..., ev.Evidence]:
    return build


@pytest.fixture(name="comparison")
def _comparison() -> Callable[..., dict[str, Any]]:
    return comparison


@pytest.fixture(name="meaning")
def _meaning() -> Callable[..., Meaning]:
    return meaning


@pytest.fixture(name="verdict")
def _verdict() -> Callable[..., dict[str, Any]]:
    return verdict


if __name__ == "__main__":
    from tasks.reporting.page import render

    Path(sys.argv[1]).write_text(render(build(*sys.argv[2:3])), encoding="utf-8")
