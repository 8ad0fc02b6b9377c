"""Sum an audit up in one paragraph: how much was proven, of what, and what was not."""

from collections.abc import Mapping, Sequence

from tasks.auditing.audit import Audit
from tasks.reporting.text import counted

_CAUSES: Mapping[str, Sequence[str]] = {
    "take a model": ("embedder)", "model)", "models)", "take the base)", "(likewise)"),
    "are not in this home": ("in this home)",),
    "are files known by their digests alone": (", beyond its digest",),
}
_ELSE = "take the sources, the code, or trust in whoever made the run"


def summary(found: Audit) -> str:
    """Return the summary.

    Parameters
    ----------
    found : Audit
        An audit.
    """
    failed = [proof for proof in found.proofs if proof.failed]
    held = len(found.proofs) - len(failed)
    kinds = ", ".join(f"{what.removeprefix('the ')} {number}" for what, number in found.kinds.items())
    told = (
        f"{held:,} of {counted(len(found.proofs), 'proof')} {'holds' if len(found.proofs) == 1 else 'hold'} ({kinds})."
    )
    if failed:
        told += f" {counted(len(failed), 'proof')} failed: what the run says there is not so, or can't be read."
    if found.receipts:
        told += (
            f" {counted(found.receipts, 'row')} {'was' if found.receipts == 1 else 'were'} held against "
            f"{'its receipt' if found.receipts == 1 else 'their receipts'}, and the texts of {found.texts:,} read anew"
        )
        unread = found.receipts - found.texts
        told += f"; {unread:,} could not be read when the pool was ingested." if unread > 0 else "."
    if found.unproven:
        told += f" Not proven, as told above: {counted(len(found.unproven), 'thing')} ({_by_cause(found.unproven)})."
    return told


def _by_cause(unproven: Sequence[str]) -> str:
    causes = [
        next((why for why, ends in _CAUSES.items() if any(end in gap for end in ends)), _ELSE) for gap in unproven
    ]
    return ", ".join(f"{causes.count(why):,} {why}" for why in (*_CAUSES, _ELSE) if why in causes)
