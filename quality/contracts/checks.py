"""A contract as a list of checks: which expectation, of which frame, how serious, and how to say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from quality.contracts.advice import advice
from quality.contracts.settings import CheckName, Contract, Severity
from quality.records import ROLES

Frame = Literal["rows", "messages", "pool", "sources", "stages", "drift", "texts"]

COLUMNS: dict[Frame, tuple[str, ...]] = {
    "rows": ("id", "source", "messages", "last_role", "answer_chars", "prompt_chars"),
    "messages": ("role", "content_chars"),
    "pool": ("share_kept", "share_unread", "cluster_share"),
    "sources": ("source", "share_kept"),
    "stages": (),  # one for each stage
    "drift": ("length_psi", "centroid_shift"),
    "texts": ("id", "source", "prompt", "answer"),
}
"""What a file's expectations may name. Texts are looked at only if one does, and stay out of the evidence."""

assert set(COLUMNS) == set(get_args(Frame))


@dataclass(frozen=True)
class Check:
    """One expectation, as data: the same whether it comes from a contract or from a file.

    Attributes
    ----------
    name
        How failures and settings call it.
    frame
        Which frame of `quality.contracts.frames` it looks at.
    expectation
        Class name in `great_expectations.expectations`, or the name of its type (`expect_…`).
    arguments
        Keyword arguments of that class, severity aside.
    severity
        Of a failure. An expectation that errors is critical whatever this is.
    wanted
        What should be the case, to follow "wanted:".
    advice
        What to do when it is not: a sentence, with the recipe's key that asked for it.
    """

    name: str
    frame: Frame
    expectation: str
    arguments: Mapping[str, Any]
    severity: Severity
    wanted: str
    advice: str = ""


def checks_of(contract: Contract) -> list[Check]:
    """Return the checks that a contract stands for."""

    def check(
        name: CheckName, frame: Frame, expectation: str, wanted: str, part: str = "", **arguments: object
    ) -> Check:
        severity = contract.severity_of(name)
        return Check(name, frame, expectation, arguments, severity, wanted, advice(name, part))

    between, present, among = (
        "ExpectColumnValuesToBeBetween",
        "ExpectColumnValuesToNotBeNull",
        "ExpectColumnValuesToBeInSet",
    )
    whole = contract.min_share_kept
    part, copies = contract.min_share_kept_by_source, contract.max_cluster_share
    unread = contract.max_share_unread
    shortest, longest = contract.min_answer_chars, contract.max_answer_chars
    return [
        check(
            "rows_enough",
            "rows",
            "ExpectTableRowCountToBeBetween",
            f"at least {contract.min_rows:,} rows",
            min_value=contract.min_rows,
        ),
        check("ids_present", "rows", present, "an id in every row", column="id"),
        check("ids_unique", "rows", "ExpectColumnValuesToBeUnique", "no two rows alike", column="id"),
        check("messages_present", "rows", between, "at least 2 messages", column="messages", min_value=2),
        check("answer_last", "rows", among, "assistant", column="last_role", value_set=["assistant"]),
        check(
            "answer_not_empty",
            "rows",
            between,
            f"at least {shortest:,} characters",
            column="answer_chars",
            min_value=shortest,
        ),
        check(
            "answer_not_huge",
            "rows",
            between,
            f"at most {longest:,} characters",
            column="answer_chars",
            max_value=longest,
        ),
        check("roles_present", "messages", present, "a role in every message", column="role"),
        check("contents_present", "messages", present, "a content in every message", column="content_chars"),
        check("roles_known", "messages", among, ", ".join(ROLES), column="role", value_set=list(ROLES)),
        check("share_kept", "pool", between, f"at least {whole:.1%}", column="share_kept", min_value=whole),
        check(
            "largest_cluster",
            "pool",
            between,
            f"at most {copies:.1%}",
            column="cluster_share",
            max_value=copies,
        ),
        check(
            "share_kept_by_source",
            "sources",
            between,
            f"at least {part:.1%}",
            column="share_kept",
            min_value=part,
        ),
        check(
            "share_unread",
            "pool",
            between,
            f"at most {unread:.1%} that can't be read",
            column="share_unread",
            max_value=unread,
        ),
        check(
            "drift_lengths",
            "drift",
            between,
            f"a PSI of at most {contract.max_length_psi:g} since the last run",
            column="length_psi",
            max_value=contract.max_length_psi,
        ),
        check(
            "drift_centroid",
            "drift",
            between,
            f"a shift of at most {contract.max_centroid_shift:g} since the last run",
            column="centroid_shift",
            max_value=contract.max_centroid_shift,
        ),
        *(
            check(
                "share_dropped_by_stage",
                "stages",
                between,
                f"at most {most:.1%} removed by {stage}",
                stage,
                column=stage,
                max_value=most,
            )
            for stage, most in contract.max_share_dropped_by_stage.items()
        ),
    ]
