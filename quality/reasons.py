"""Every stage, fate and reason that a receipt may hold, and what comes with it: one table, for giver and auditor.

`tasks.fates.removed` takes the fate from here and gives no reason that isn't; the auditor takes a receipt with another
for forged. Who adds a step to winnow's flows adds its stage here, in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from quality.choosing import budget as choosing
from quality.screening import screen, weighing
from quality.sources import faults

if TYPE_CHECKING:
    from collections.abc import Mapping

Fate = Literal["kept", "dropped", "quarantined"]


class Form(NamedTuple):
    """What a receipt with a reason looks like.

    Attributes
    ----------
    fate : str
        What became of the row.
    witness : str
        Whose id the receipt names: a `row`'s of the pool, an exam `item`'s, or nobody's.
    measured : bool
        Whether it holds a score and the threshold that the score reached.
    """

    fate: Fate = "dropped"
    witness: Literal["", "row", "item"] = ""
    measured: bool = True


OWN, OWN_RULE = "own", "own_rule"

RUN_STOPPED = "run_stopped"
"""Reason of rows that no stage had removed when one stopped the run (`tasks.stop`)."""

_COPY = Form(witness="row")
_STOPPED = Form("quarantined", measured=False)

STAGES: Mapping[str, Mapping[str, Form]] = {
    "ingest": dict.fromkeys(faults.REASONS, Form("quarantined", measured=False)),
    "screen": dict.fromkeys(screen.REASONS, Form()),
    "protect": {"personal_data": Form()},
    "dedupe": {
        "exact_duplicate": _COPY,
        "near_duplicate": _COPY,
        "unfinished_answer": _COPY,
        "same_letters": _COPY,
        "same_prompt_alike_answer": _COPY,
        "copy_with_a_slip": _COPY,
        "same_answer_in_short": _COPY,
    },
    "skim": {"out_of_domain": Form()},
    "dedupe_meaning": {"semantic_duplicate": _COPY, "edited_copy": _COPY},
    "keep_domain": {"out_of_domain": Form(), RUN_STOPPED: _STOPPED},
    "seal_exam": {"sealed_for_exam": Form(witness="row", measured=False), RUN_STOPPED: _STOPPED},
    "decontaminate": dict.fromkeys(
        ("same_question", "shared_ngrams", "lightly_edited", "paraphrase"), Form(witness="item")
    ),
    "compare_answers": {"boilerplate": _COPY, "conflict": Form("quarantined", "row")},
    "weigh": dict.fromkeys(weighing.REASONS, Form()),
    OWN: {OWN_RULE: Form(measured=False)},
    "choose": dict.fromkeys((choosing.OVER_BUDGET, choosing.OVER_QUOTA), Form()),
    "validate": {RUN_STOPPED: _STOPPED},
    "split": {**dict.fromkeys(("train", "validation"), Form("kept", measured=False)), RUN_STOPPED: _STOPPED},
}
"""By stage, in the order in which the flows run them, and by reason.

Stage `own` is that of steps which users write (`tasks.own`): they may give any reason, of one form.
"""


def before(stage: str) -> tuple[str, ...]:
    """Return the stages that come before one."""
    order = tuple(STAGES)
    return order[: order.index(stage)]


OF_THE_DOMAIN = ("skim", "keep_domain")
"""The stages that remove rows for being outside the domain: by their words, and by what they mean."""

OF_THE_EXAM = ("seal_exam", "decontaminate")
"""The stages that remove rows for being the exam's, or saying what it does: no text of theirs may be learnt from."""

WHATEVER_DOMAIN = tuple(stage for stage in before("keep_domain") if stage not in OF_THE_DOMAIN)
"""The stages before the domain filter that remove rows whatever the domain is."""
