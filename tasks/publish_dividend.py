"""Write the directory of an ablation: scores, arms, differences, the page; the manifest comes last."""

import statistics

import polars as pl

from evals.dividend import sittings
from evals.gate import Gate
from tasks import cards, store
from tasks.ablation.findings import Findings, find
from tasks.ablation.settings import Ablate
from tasks.caching import step
from tasks.cut_slices import Slices
from tasks.exams import SealedExam, seal
from tasks.outcome import Outcome
from tasks.refused import by_suite
from tasks.reporting import dividend_wording as wording
from tasks.reporting.dividend import dividend_markdown, render
from tasks.reporting.dividend_evidence import DividendEvidence, SliceShown
from tasks.runs import Run
from tasks.train_arms import Trained

TRAININGS: dict[str, pl.DataType] = {
    "arm": pl.String(), "seed": pl.UInt32(), "rows": pl.UInt32(), "tokens": pl.UInt64(), "token_budget": pl.UInt64(),
    "replay": pl.Float64(), "data": pl.String(), "adapter": pl.String(), "tokens_seen": pl.UInt64(),
    "replayed_tokens": pl.UInt64(), "seconds": pl.Float64(), "chosen_step": pl.UInt32(), "scale": pl.Float64(),
    "diverged": pl.String(),
}  # fmt: skip
"""One line per training: `data` and `adapter` are digests, unique `rows` and `tokens` those of the arm with that seed,
`tokens_seen` what the training came to see, `replayed_tokens` the general text among them, `chosen_step` and `scale` of
the adapter that was examined."""


@step(name="publish_dividend", cached=False)
def publish_dividend(
    run: Run,
    slices: Slices,
    exam: SealedExam,
    trained: Trained,
    gate: Gate,
    ablate: Ablate,
) -> Outcome:
    """Publish what the arms gained and forgot; margins are the gate's, intervals hold at 1 − its alpha."""
    seal(exam)
    gate = gate.beside(trained.before.margins)
    found = find(trained.arms, trained.trainings, sittings(trained.scores, trained.before.units), gate)
    _write(run, found, trained)
    evidence = _evidence(run, found, slices, trained, exam, gate, ablate)
    store.write_text(run.folder / "dividend.html", render(evidence))
    cards.markdown("dividend", dividend_markdown(evidence), "Whether curation paid, beside control arms")
    reason = wording.headline(evidence)
    cards.say(reason)
    for doubt in wording.doubts(evidence):
        cards.say(doubt)
    facts = {
        "ablation": evidence.facts,
        "digests": {"exam": exam.digest, "validation": trained.arms[0].data[0].validation.digest},
        "refused": {"base": by_suite(store.read_table(exam.items), trained.before.refused)},
    }
    run.commit(state="Ablated", reason=reason, facts=facts)
    return Outcome(state="Ablated", reason=reason, run=run.folder.name)


def _write(run: Run, found: Findings, trained: Trained) -> None:
    tables = {
        "scores": trained.scores,
        "arms": found.arms,
        "trainings": _trainings(trained),
        "differences": found.differences,
    }
    for name, table in tables.items():
        store.write_parquet(run.folder / f"{name}.parquet", table)


def _trainings(trained: Trained) -> pl.DataFrame:
    lines = []
    for one in trained.trainings:
        lines.append(
            {
                "arm": one.arm.name,
                "seed": one.seed,
                "rows": one.arm.rows[one.place],
                "tokens": one.arm.tokens[one.place],
                "token_budget": one.arm.token_budget,
                "replay": one.arm.replay,
                "data": one.arm.data[one.place].train.digest,
                "adapter": one.sat.adapter,
                "tokens_seen": one.sat.facts.get("tokens"),
                "replayed_tokens": one.sat.facts.get("replayed_tokens"),
                "seconds": one.sat.facts.get("seconds"),
                "chosen_step": one.sat.facts.get("chosen_step"),
                "scale": one.sat.facts.get("chosen_scale", 1.0 if one.sat.facts else None),
                "diverged": one.sat.diverged,
            }
        )
    return pl.DataFrame(lines, schema=TRAININGS)


def _evidence(
    run: Run, found: Findings, slices: Slices, trained: Trained, exam: SealedExam, gate: Gate, ablate: Ablate
) -> DividendEvidence:
    seconds = [one.sat.facts["seconds"] for one in trained.trainings if one.sat.facts]
    return DividendEvidence(
        name=run.name,
        run_id=run.folder.name,
        started=run.started,
        seconds=run.seconds,
        arms=found.arms,
        dividends=found.dividends,
        kept=found.kept,
        stages=found.stages,
        slices=found.slices,
        slices_shown=tuple(SliceShown(one.number, one.arm, one.rows, one.tokens, one.samples) for one in slices.slices),
        gain_unit=found.gain_unit,
        kept_unit=found.kept_unit,
        alpha=gate.alpha,
        token_budget=max(arm.token_budget for arm in trained.arms),
        left_out=trained.left_out,
        facts={
            "seeds": wording.seeds_told(ablate.seeds, trained.left_out),
            "trainings": len(trained.trainings),
            "seconds of a training (median)": round(statistics.median(seconds), 1) if seconds else None,
            "exam": exam.digest,
        },
        command=f"winnow ablate runs/{run.folder.name}/config.yaml",
        recipe=(run.folder / "config.yaml").read_text(encoding="utf-8"),
    )
