"""What to do about a failed check, with the recipe's key that holds what it asked for."""

from collections.abc import Mapping
from typing import Final

from quality.contracts.settings import CheckName

_RECIPE = "curate.contract"
_MOST = "loosen the stage that removed too many"

_BOUNDS: Final[Mapping[CheckName, tuple[str, str]]] = {
    "rows_enough": ("min_rows", f"Give more rows, or {_MOST}; if so few are meant, lower"),
    "share_kept": ("min_share_kept", f"Look at the sources, or {_MOST}; if so few are meant, lower"),
    "share_kept_by_source": (
        "min_share_kept_by_source",
        "Look at what that source holds, or leave it out; if so few are meant, lower",
    ),
    "share_unread": (
        "max_share_unread",
        "Look at the sources' encodings and columns, and at such rows in receipts.parquet; if so many are meant, raise",
    ),
    "share_dropped_by_stage": (
        "max_share_dropped_by_stage",
        "Look at that stage's settings and at rows it removed; if so many are meant, raise",
    ),
    "largest_cluster": ("max_cluster_share", "Look for a source read twice; if so many copies are meant, raise"),
    "answer_not_empty": ("min_answer_chars", "Look at what the source holds for an answer; if it is meant, lower"),
    "answer_not_huge": ("max_answer_chars", "Look for answers run together; if they are meant, raise"),
    "drift_lengths": ("max_length_psi", "Look for what changed in the sources; if it is meant, raise"),
    "drift_centroid": ("max_centroid_shift", "Look for what changed in the sources; if it is meant, raise"),
}


def advice(check: CheckName, part: str = "") -> str:
    """Say in a sentence what to do; `part` is the entry of a setting that holds several."""
    if check not in _BOUNDS:
        return f"Mend the source, or set {_RECIPE}.severity.{check} to warning to let it pass."
    key, sentence = _BOUNDS[check]
    return f"{sentence} {_RECIPE}.{key}{f'.{part}' if part else ''}."
