"""What an audit leaves unproven, and why: told with every audit, so that nobody takes silence for a proof."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from quality.auditing.audit import Proof
from quality.auditing.stages import LEARNT
from quality.reasons import OWN
from tasks import runs
from tasks.auditing.refused import told_refused
from tasks.caching import library_digest
from tasks.run_files import GENERAL

UNSEALED = "that the exam is the one that was sealed (it is not in this home)"
MANIFEST = (
    "the manifest itself, with times and versions: who rewrites all files consistently writes a run that holds. "
    "Keep the digest below where the run can't be changed, and compare"
)
_GOES_BY = {"base": "base model", "embedder": "embedder", "code": "code of winnow"}
_BY_STAGE = {
    "skim": "scores of the domain by words (they take the seeds)",
    "domain": "scores of the domain (they take the embedder)",
    "ends": "how surprising the ends of answers are to the base model (they take it)",
    "difficulty": "perplexity and IFD (they take the base model)",
    "choice": "which of the rows that fit the budget were chosen first, and their tokens",
}
_PROVEN = {
    "config.yaml", "contract.json", "dataset", "adapter", "edits.parquet", "exam.parquet", "general",
    "manifest.json",
    "answers.parquet", "metrics.parquet", "probe", "receipts.parquet", "removed.parquet", "repair", "reserve.parquet",
    "scores.parquet", "suites.json", "verdict.json",
    *(f"attributes/{name}.parquet" for name in ("choice", "difficulty", "documents", "domain", "mended", "screen")),
    "attributes/domain_scores.parquet", "attributes/ends.parquet", "attributes/skim.parquet",
}  # fmt: skip

GUESTS = "of suites that lm-eval scores, what their metric can give: a score of theirs may be any number"


def gaps(
    folder: Path,
    receipts: pl.DataFrame,
    edits: pl.DataFrame,
    facts: Mapping[str, Any],
    beside: Sequence[Proof],
) -> list[str]:
    """List what was not proven of a run.

    Parameters
    ----------
    folder : Path
        The run.
    receipts, edits : pl.DataFrame
        Its receipts of rows, and of edits.
    facts : mapping
        Its manifest; empty when it can't be read.
    beside : sequence of Proof
        What could be compared with the home.
    """
    claims = " ".join(proof.claim for proof in beside)
    found = ["cosines, and so which rows mean the same as others or as an item of the exam (they take the embedder)"]
    found += [text for stage, text in _BY_STAGE.items() if (folder / "attributes" / f"{stage}.parquet").exists()]
    if "shared_ngrams" in receipts["reason"]:
        found.append("the exact share of n-grams of a leak, beyond that it reaches the threshold")
    if not edits.is_empty() and "text as it was ingested" not in claims:
        found.append("how screening measured edited rows (they read otherwise then)")
        found.append(f"of any row, what screening tells by all of them as they were then: {', '.join(LEARNT)}")
    if not edits.is_empty() and "what was ingested" not in claims:
        found.append(
            "that edited rows read as they came but for personal data (the ingested rows are not in this home)"
        )
    if "that were ingested" not in claims:
        found.append(
            "that no row of the sources lacks a receipt, and none reads otherwise than it came without the receipt of "
            "an edit (the ingested rows are not in this home)"
        )
    found += [] if "was sealed in this home" in claims else _of_exam(facts)
    found.append("which rows were mended while they were read, and how they read before (it takes the sources)")
    found.append("that sources hold these rows and can't be read where a receipt says so (it takes the sources)")
    found.append("what the recipe says of sources, models, contract, canaries and the draw of the exam (it takes them)")
    found.append("what Great Expectations observed of drift, and of expectations of a file of one's own")
    found += gone_by(facts, ("base", "embedder", "code"))
    if OWN in receipts["stage"]:
        found.append("that rows which steps of one's own removed were rightly removed (it takes those steps)")
    if _asks_lm_eval(folder):
        found.append(GUESTS)
    found += told_refused(folder, facts)
    found += [f"{name}, beyond its digest" for name in _untold(folder)]
    if facts.get("state") == runs.STOPPED:
        found.append("what the stages that were not reached would have made of the rows: the run was stopped before")
    if "verdict.json" in facts.get("files", {}):
        found.append(
            "training, its losses, answers and scores of both models, and which items they cut (they take the models)"
        )
        found.append("how far the candidate moved from the base, and what both chose when asked again (likewise)")
        found.append("that the adapter is on every layer of the base that tune.targets asks for (it takes the base)")
        if (folder / GENERAL).exists():
            found.append("where general rows come from that are none of the pool (it takes their sources, or the base)")
        elif other_code(facts):  # perhaps one from before they were kept
            found.append("which general rows the training had, if any (it keeps none)")
        found.append("how many tokens were learnt, records cut or skipped, and seconds taken, beyond what can be")
    return [*found, MANIFEST]


def is_unsealed(facts: Mapping[str, Any]) -> bool:
    """Tell whether a run drew an exam that no run had sealed, and was stopped before it could."""
    return facts.get("state") == runs.STOPPED and facts.get("sealed") is False


def _of_exam(facts: Mapping[str, Any]) -> list[str]:
    """Say what is not proven of the exam where none of this home could be compared with it."""
    asked = "which of the rows drawn from the pool are asked"
    if not is_unsealed(facts):
        return [UNSEALED, f"{asked} (the sealed exam is not in this home)"]
    if "exam" not in runs.digests(facts):
        return []
    return [f"{asked}: the exam drawn for it was never sealed, since the run was stopped before it was used"]


def gaps_alone(folder: Path, facts: Mapping[str, Any], beside: Sequence[Proof]) -> list[str]:
    """List what was not proven of a run that examined an adapter trained elsewhere.

    Parameters
    ----------
    folder : Path
        The run.
    facts : mapping
        Its manifest.
    beside : sequence of Proof
        What could be compared with the home.
    """
    named = runs.digests(facts).get("adapter", "none")
    found = ["what the adapter was trained on: no row of it was seen, and some may hold items of the exam"]
    found.append(f"that the adapter judged is that of {facts['adapter']} (its files had the digest {named}; compare)")
    found.append("answers and scores of both models, and which items they cut (they take the models)")
    found += gone_by(facts, ("base", "code"))
    if _asks_lm_eval(folder):
        found.append(GUESTS)
    found += told_refused(folder, facts)
    if not beside:
        found.append(UNSEALED)
    return [*found, MANIFEST]


def other_code(facts: Mapping[str, Any]) -> str:
    """Say that a run was made by other code than the auditor's, as its manifest tells; nothing where it was not."""
    made = runs.digests(facts).get("code")
    if made is None or made == (ours := library_digest()):
        return ""
    version = facts.get("versions", {}).get("winnow", "of a version not told")
    return (
        f"The run was made by other code of winnow (version {version}, digest {made}; here {ours}). Proofs that "
        "name or measure rows, or run stages again, may fail for that alone: audit it with the code that made it, or "
        "run the recipe anew."
    )


def gone_by(facts: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Tell of models and code whether the manifest names digests of them, as older runs do not."""
    lacking = [_GOES_BY[name] for name in names if name not in runs.digests(facts)]
    named = [_GOES_BY[name] for name in names if name in runs.digests(facts)]
    told = [f"that the run went by the {', '.join(named)} of the digests it names (it takes them)"] if named else []
    return told + ([f"which {', '.join(lacking)} the run went by (its manifest names no digest)"] if lacking else [])


def _asks_lm_eval(folder: Path) -> bool:
    """Whether the exam of a run holds items that lm-evaluation-harness scores."""
    try:
        return "lm-eval" in pl.read_parquet(folder / "exam.parquet", columns=["kind"], glob=False)["kind"]
    except (OSError, pl.exceptions.PolarsError):
        return False


def _untold(folder: Path) -> list[str]:
    """List the files, and of folders the folder, that no proof looks into."""
    there = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    named = {name if name.startswith("attributes/") else name.partition("/")[0] for name in there}
    return sorted(named - _PROVEN - {".lock"})
