"""Prove that what an ablation says follows from its scores: who sat what, every number, and its first sentence."""

import re
import statistics
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from evals.comparing import ScoresError
from evals.dividend import BASE, Sittings, sittings
from quality.auditing.audit import Proof
from tasks import run_settings, runs, store
from tasks.ablation.arms import Arm
from tasks.ablation.findings import Findings, find
from tasks.ablation.settings import WHOLE
from tasks.ablation.training import Training
from tasks.auditing import folder as of_folder
from tasks.auditing.ablated import Ablated, ExamHere
from tasks.auditing.comparing import alike
from tasks.auditing.judgement import prove_possible
from tasks.auditing.refused import without
from tasks.auditing.suites import prove_suites
from tasks.reporting.dividend_evidence import DividendEvidence, SliceShown
from tasks.reporting.dividend_wording import headline, seeds_told
from tasks.split import Data
from tasks.train_arm import Sat

_OF_FACTS = {"tokens": "tokens_seen", "replayed_tokens": "replayed_tokens", "seconds": "seconds"}
_SITTING = ["suite", "role", "item", "cluster"]
_SAMPLE = "\ue000"  # stands for the row at a slice's middle, which takes the embedder
_LONGEST_SAMPLE = 1000


def prove_dividend(told: Ablated) -> list[Proof]:
    """Compare scores with exam and trainings, and compute everything else from them again."""
    files = told.facts["files"]
    digests: dict[str, object] = {"config": files.get("config.yaml")}
    if told.exam is not None:
        digests["exam"] = told.exam.digest
    claim = "the manifest's digests of configuration and exam are those of the file and of what is sealed in this home"
    proofs = [
        of_folder.named(told.folder, told.facts, told.recipe),
        of_folder.equal(claim, digests, runs.digests(told.facts)),
        *_examined(told),
    ]
    try:
        sat = sittings(told.scores, told.units)
        found = find(_arms(told), _trainings(told), sat, told.judging)
    except (ScoresError, KeyError, IndexError) as error:
        return [*proofs, Proof("the scores can be compared arm by arm", 1, 1, (str(error),))]
    return [*proofs, _gains(told, found), _differences(told, found), *_ending(told, found, sat)]


def _examined(told: Ablated) -> list[Proof]:
    """Compare who sat what: all what the base did, and the base what is sealed, where that is here."""
    base = told.scores.filter(arm=BASE)
    own = base.select(_SITTING)
    models = pl.concat([pl.DataFrame({"arm": [BASE], "seed": [0]}, schema=told.sat.schema), told.sat])
    models = models.with_columns(
        model=pl.when(pl.col("arm") == BASE).then(pl.lit("base")).otherwise(pl.lit("candidate"))
    )
    due = models.join(own, how="cross")
    claim = "base and every training that did not diverge were scored on the same items, each once, and on no other"
    proofs = [_same(claim, due, told.scores.select(due.columns))]
    if told.exam is not None:
        asked = without(told.exam.items, told.facts).select(_SITTING)
        proofs += [
            Proof.of("the exam is the one that is sealed in this home", told.exam.items.height, told.exam.differing),
            *_asked_for(told, told.exam),
            _same("what was asked is the exam, but for items that the chat template refuses", asked, own),
            prove_possible(
                told.scores.with_columns(model=pl.format("{} with seed {}", "arm", "seed")),
                told.exam.items,
                told.exam.suites,
            ),
        ]
    return proofs


def _asked_for(told: Ablated, exam: ExamHere) -> list[Proof]:
    """Compare the exam with what the recipe asks of it; one from before that was noted tells its suites alone."""
    asked = run_settings.exam_settings(told.folder)
    proofs = prove_suites(str(told.recipe.get("name")), asked, exam.items, exam.draw.reserve, exam.suites)
    if "settings" in exam.facts:
        own = asked.model_dump(mode="json", exclude={"domain", "retention"})
        proofs.append(
            of_folder.equal("the exam was sealed for what the recipe asks of it", own, exam.facts["settings"])
        )
    return proofs


def _same(claim: str, due: pl.DataFrame, found: pl.DataFrame) -> Proof:
    lacking = due.join(found, on=due.columns, how="anti", nulls_equal=True)
    beside = found.join(due, on=due.columns, how="anti", nulls_equal=True)
    wrong = pl.concat([lacking, beside, found.filter(found.is_duplicated())])
    named = wrong.select(pl.format("{} ({})", "item", "arm") if "arm" in wrong.columns else "item")
    return Proof.of(claim, due.height, named.to_series())


def _gains(told: Ablated, found: Findings) -> Proof:
    """Compare the table of arms; of one that was not begun nothing was measured but its rows."""
    again = {line["arm"]: line for line in found.arms.iter_rows(named=True)}
    numbers = [name for name in told.arms.columns if name.startswith(("gain_", "kept_"))]
    wrong = []
    for line in told.arms.iter_rows(named=True):
        if line["arm"] in again:
            own = again[line["arm"]]
            wrong += [f"{line['arm']}: {key}" for key, value in line.items() if not alike(own[key], value)]
        elif line["trainings"] or line["diverged"] or any(line[name] is not None for name in numbers):
            wrong.append(f"{line['arm']}: never trained")
    return Proof.of("what every arm gained and kept follows from scores and trainings", told.arms.height, wrong)


def _differences(told: Ablated, found: Findings) -> Proof:
    key = ("arm", "control", "suite", "judged")
    lines = {tuple(line[name] for name in key): line for line in found.differences.iter_rows(named=True)}
    said = [(tuple(line[name] for name in key), line) for line in told.differences.iter_rows(named=True)]
    wrong = [_pair(one) for one in lines.keys() - {one for one, _ in said}]
    for one, line in said:
        own = lines.get(one)
        wrong += [f"{_pair(one)}: {name}" for name in line if own is None or not alike(own[name], line[name])]
    wrong += ["a line stands twice, or out of order"] if [one for one, _ in said] != [*lines] and not wrong else []
    return Proof.of("every difference of arms follows from the scores", len(said), dict.fromkeys(wrong))


def _pair(key: tuple[Any, ...]) -> str:
    arm, control, suite, _ = key
    return f"{arm} − {control} on {suite}"


def _ending(told: Ablated, found: Findings, sat: Sittings) -> list[Proof]:
    """Compare the manifest's sentence and facts with what the numbers give."""
    ours = headline(_evidence(told, found))
    pattern = f".{{1,{_LONGEST_SAMPLE}}}".join(map(re.escape, ours.split(_SAMPLE)))
    said = str(told.facts["reason"])
    seconds = [one for one in told.trainings["seconds"] if one is not None]
    facts = {
        "seeds": seeds_told(told.settings.seeds, told.left_out),
        "trainings": told.trainings.height,
        "seconds of a training (median)": round(statistics.median(seconds), 1) if seconds else None,
        "exam": runs.digests(told.facts).get("exam"),
    }
    wrong = [] if re.fullmatch(pattern, said) else [f"{said} The numbers give: {ours}"]
    wrong += [] if told.facts["state"] == "Ablated" else [f"state: {told.facts['state']}"]
    return [
        Proof.of("state and reason are those that the numbers give", 2, wrong),
        of_folder.equal("the manifest's facts are those of recipe and trainings", facts, told.facts.get("ablation")),
    ]


def _evidence(told: Ablated, found: Findings) -> DividendEvidence:
    untrained = told.arms.join(found.arms, on="arm", how="anti", maintain_order="left")
    return DividendEvidence(
        name=told.facts["name"],
        run_id=told.folder.name,
        started=datetime.fromisoformat(told.facts["started"]),
        seconds=told.facts["seconds"],
        arms=pl.concat([found.arms, untrained]),
        dividends=found.dividends,
        kept=found.kept,
        stages=found.stages,
        slices=found.slices,
        slices_shown=tuple(_slices(told)),
        gain_unit=found.gain_unit,
        kept_unit=found.kept_unit,
        alpha=told.gate.alpha,
        token_budget=told.tune.token_budget,
        left_out=told.left_out,
        facts={},
        command="",
        recipe="",
    )


def _slices(told: Ablated) -> Iterable[SliceShown]:
    sizes = {arm: (int(rows), int(tokens)) for arm, rows, tokens in told.arms.select("arm", "rows", "tokens").rows()}
    for arm, (rows, tokens) in sizes.items():
        if arm.startswith("no slice "):
            number = int(arm.rpartition(" ")[2])
            yield SliceShown(number, arm, sizes[WHOLE][0] - rows, sizes[WHOLE][1] - tokens, ((_SAMPLE, _SAMPLE),))


def _arms(told: Ablated) -> list[Arm]:
    """Return the arms of which something was trained, as their trainings tell them; seeds not begun as the first."""
    kinds = dict(told.arms.select("arm", "kind").iter_rows())
    found = []
    for name in told.arms["arm"]:
        lines = {line["seed"]: line for line in told.trainings.filter(arm=name).iter_rows(named=True)}
        if not lines:
            continue
        own = [lines.get(seed, next(iter(lines.values()))) for seed in told.settings.seeds]
        weights = {} if kinds[name] == "control" else told.tune.source_weights
        found.append(
            Arm(
                name=name,
                kind=kinds[name],
                data=tuple(_data(line) for line in own),
                rows=tuple(line["rows"] for line in own),
                tokens=tuple(line["tokens"] for line in own),
                token_budget=own[0]["token_budget"],
                replay=own[0]["replay"],
                weights=(weights,) * len(own),
            )
        )
    return found


def _data(line: Mapping[str, Any]) -> Data:
    """Name a training's rows; all arms have one validation."""
    train = store.Table(path="", digest=line["data"], rows=line["rows"])
    return Data(train=train, validation=store.Table(path="", digest="", rows=0))


def _trainings(told: Ablated) -> list[Training]:
    arms = {arm.name: arm for arm in _arms(told)}
    places = {seed: place for place, seed in enumerate(told.settings.seeds)}
    return [
        Training(
            arm=arms[line["arm"]],
            place=places[line["seed"]],
            seed=line["seed"],
            sat=Sat(
                facts={} if line["diverged"] else {fact: line[name] for fact, name in _OF_FACTS.items()},
                adapter=line["adapter"],
                diverged=line["diverged"],
            ),
        )
        for line in told.trainings.iter_rows(named=True)
    ]
