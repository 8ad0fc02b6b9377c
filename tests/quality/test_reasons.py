"""The table of reasons holds what the stages give, and nothing that none does."""

import re
from pathlib import Path

import quality
from quality.leaks import decontaminate
from quality.reasons import OWN, STAGES, before
from quality.screening.screen import REASONS

HOUSE = Path(quality.__file__).parent.parent


def test_screening_lists_the_reasons_of_its_checks() -> None:
    assert {"empty_answer", "truncated_answer", "other_language"} < set(REASONS)
    assert list(STAGES["screen"]) == list(REASONS)


def test_a_leak_s_reasons_are_those_that_decontamination_gives() -> None:
    assert tuple(STAGES["decontaminate"]) == decontaminate._REASONS


def test_each_reason_stands_in_the_code_of_some_stage() -> None:
    files = [file for room in ("quality", "tasks") for file in (HOUSE / room).rglob("*.py")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files if file.name != "reasons.py")
    own = [reason for stage, reasons in STAGES.items() if stage != OWN for reason in reasons]
    unused = [reason for reason in own if not re.search(rf"\b{reason}\b", code)]
    assert unused == []


def test_stages_come_in_the_order_of_the_flow() -> None:
    flow = (HOUSE / "flows" / "curate.py").read_text(encoding="utf-8")
    called = re.findall(r"= (\w+)\((?:pool|given\.pool)", flow)
    assert [stage for stage in called if stage in STAGES] == [stage for stage in STAGES if stage != OWN]
    assert before("screen") == ("ingest",)
