"""Where to look first when a candidate is rejected: which of its training rows may be behind it."""

from tasks.reporting.evidence import Evidence

_SLICES = 6


def first_place_to_look(decision: object, run: str, *, trained: bool) -> str:
    """Return the sentence that offers slices after a rejection of what a run trained itself; nothing else.

    `run` is the path of its directory, as whoever reads this reaches it.
    """
    if decision != "REJECT" or not trained:
        return ""
    return (
        "Which training rows are behind it: "
        f"winnow ablate {run}/config.yaml --set 'ablate.arms=[]' --set ablate.slices={_SLICES} leaves out one "
        "cluster of them after the other, and tells which"
    )


def blamed(evidence: Evidence) -> list[str]:
    """Return that sentence for a report."""
    decision = (evidence.verdict or {}).get("decision")
    told = first_place_to_look(decision, f"runs/{evidence.run_id}", trained=not evidence.curve.is_empty())
    return [f"{told}."] if told else []
