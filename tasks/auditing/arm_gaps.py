"""What an audit of an ablation leaves unproven, and why."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quality.auditing.audit import Proof
from tasks.auditing.arm_settings import Asked
from tasks.auditing.gaps import GUESTS, MANIFEST, UNSEALED, gone_by
from tasks.training.settings import general_for


def gaps_ablated(facts: Mapping[str, Any], asked: Asked | None, proofs: Sequence[Proof]) -> list[str]:
    """List what was not proven of an ablation.

    Parameters
    ----------
    facts : mapping
        Its manifest.
    asked : Asked
        What its files say, and its trainings in this home; None where they can't be read.
    proofs : sequence of Proof
        What was proven of it.
    """
    claims = " ".join(proof.claim for proof in proofs)
    beyond = "beyond shares, slices and draws (it takes the sources and the embedder)"
    found = [f"that the rows of an arm are those that its name says, {beyond}"]
    found.append("that no row of an arm says an item of the exam in other words (it takes the embedder)")
    found.append("that trainings come to these adapters and seconds, and models to these scores (it takes the models)")
    found.append("which row lies at the middle of a slice (it takes the embedder)")
    found.append("dividend.html, beyond its digest")
    found.append(
        "what the recipe says of sources, models, curation and all else that no training, exam or number here goes by, "
        "and so that its command comes to the same again (it takes the sources and the models)"
    )
    found += gone_by(facts, ("base", "embedder", "code"))
    if asked is None:
        return [*found, MANIFEST]
    told = asked.told
    found += _of_trainings(asked, claims)
    named = set(told.trainings["data"])
    if gone := len(named) - len(told.rows) - len(told.altered):
        found.append(f"the rows of {gone} of {len(named)} training sets (they are not in this home)")
    adapters = set(told.trainings["adapter"]) - {""}
    if gone := len(adapters) - len(told.adapters):
        found.append(f"the files of {gone} of {len(adapters)} adapters (they are not in this home)")
    if told.rows and "rows have as many tokens" not in claims:
        found.append("how many tokens the rows have (they take the base)")
    if told.validation is None:
        found.append("that no arm holds a row of validation (its rows are not in this home)")
    if told.exam is None:
        found += [UNSEALED, "that no arm holds a row of the exam (it is not in this home)"]
        found.append("what the recipe asks of the exam (what was sealed is not in this home)")
    elif "lm-eval" in told.exam.items["kind"]:
        found.append(GUESTS)
    if set(told.arms["arm"]) - set(told.trainings["arm"]):
        found.append("the rows of arms of which no training was begun, since the time was up")
    return [*found, MANIFEST]


def _of_trainings(asked: Asked, claims: str) -> Iterator[str]:
    """Say of how many trainings this home tells nothing, and what is not proven of general rows for that."""
    sat = asked.told.sat.height
    if gone := sat - len(asked.lines):
        yield f"tokens seen, general tokens, step and scale of {gone} of {sat} trainings (they are not in this home)"
    if gone := asked.unknown:
        yield (
            f"of {gone} of {sat} trainings, that the recipe's settings of tune are those that they had, beyond tokens, "
            "steps and learning rates of a curve that is here (this home holds no training under just these)"
        )
    settings = general_for(asked.told.tune)
    if settings is not None and "forgetting is measured" not in claims:
        yield "that no arm holds a row on which forgetting is measured (this home does not tell which these are)"
    if settings is not None and settings.rest and "the domain filter left out" not in claims:
        yield "which rows that the domain filter left out are general rows, digests.rest (they are not in this home)"
