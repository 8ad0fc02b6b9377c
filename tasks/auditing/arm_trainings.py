"""Compare what an ablation tells of its trainings with what this home's cache holds of them: account and curve."""

from collections.abc import Iterator, Mapping
from typing import Any

from quality.auditing.audit import Proof
from tasks.auditing.arm_settings import Asked
from tasks.auditing.comparing import alike
from tasks.auditing.home import stored
from tasks.auditing.training import prove_curve
from tasks.fine_tune import Trained

_TOLD = {"tokens_seen": "tokens", "replayed_tokens": "replayed_tokens", "chosen_step": "chosen_step"}


def prove_trainings(asked: Asked) -> list[Proof]:
    """Look for a record of each training that tells what it tells, and whose curve is what the recipe's settings give.

    How long a training took is left out: one that was made again, since its tables were gone, takes the place of the
    first. So several records may be of one adapter, and one that holds will do.
    """
    if not asked.lines:
        return []
    wrong, strange = list[str](), list[str]()
    for (arm, seed), line in asked.lines.items():
        records = [one.facts for one in asked.told.trained[line["adapter"]]]
        if not any(_tells(facts, line) for facts in records):
            wrong.append(f"{arm} with seed {seed}")
        else:
            strange += [f"{arm} with seed {seed}: {example}" for example in _otherwise(asked, line)]
    return [
        Proof.of(
            "every training saw the tokens and general tokens, and kept the step and the scale, that this home's cache "
            "tells of it",
            len(asked.lines),
            wrong,
        ),
        Proof.of("the curve of every such training is one that the recipe's settings give", len(asked.lines), strange),
    ]


def _tells(facts: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    own = {name: facts.get(key) for name, key in _TOLD.items()} | {"scale": facts.get("chosen_scale", 1.0)}
    return all(alike(line[name], value) for name, value in own.items())


def _otherwise(asked: Asked, line: Mapping[str, Any]) -> list[str]:
    """Say what of a training's curve its settings don't give; nothing where a record of it holds."""
    each = [list(_faults(asked, line, one)) for one in asked.told.trained[line["adapter"]] if _tells(one.facts, line)]
    return min(each, key=len, default=[])


def _faults(asked: Asked, line: Mapping[str, Any], record: Trained) -> Iterator[str]:
    curve = stored(asked.told.folder, record.curve.digest)
    if curve is None:
        yield "its curve can't be read"
        return
    for proof in prove_curve(record.facts, curve, asked.settings(line), line["rows"]):
        yield from proof.examples
