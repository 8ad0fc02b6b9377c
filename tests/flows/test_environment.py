"""What is settled before Prefect is imported: a person at the terminal reads winnow's lines, and no warnings of it."""

import subprocess
import sys
from pathlib import Path

SAID = """
import logging, sys
from pathlib import Path
from flows.environment import settle
settle(Path(sys.argv[1]))
import prefect
from prefect.logging.configuration import setup_logging
setup_logging()
logging.getLogger("quality.neardup").info("many texts share a template")
"""


def test_a_stage_that_runs_outside_a_flow_says_its_lines_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAID, str(tmp_path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "without a flow run id" not in done.stderr
