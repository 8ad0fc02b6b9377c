"""Settle where things are kept before Prefect is imported, since it reads its settings once."""

import gc
import logging
import os
import warnings
from pathlib import Path

# Python looks for cycles after every 700 new objects. A flow imports a million that stay, and spends a sixth of that
# time on looking; what a step leaves behind is freed at its end (`quality.memory`).
OBJECTS_BETWEEN_SEARCHES = (50_000, 20, 50)


def settle(home: Path | None = None, *, debug: bool = False) -> None:
    """Set the home and Prefect's defaults; what a person has set in the environment wins.

    Parameters
    ----------
    home : Path, optional
        The home; else `$WINNOW_HOME`, else `./.winnow`.
    debug : bool
        Show Prefect's own log lines.
    """
    chosen = Path(home or os.environ.get("WINNOW_HOME") or ".winnow").expanduser().resolve()
    os.environ["WINNOW_HOME"] = str(chosen)
    defaults = of_prefect(chosen) | {
        # The steps' own lines say it better than log lines in between; the run page still gets them.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO" if debug else "CRITICAL",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "TQDM_DISABLE": "" if debug else "1",
        "PYTHONWARNINGS": "" if debug else "ignore::FutureWarning",  # of processes that are started later
    }
    for key, value in defaults.items():
        if value:
            os.environ.setdefault(key, value)
    gc.set_threshold(*OBJECTS_BETWEEN_SEARCHES)
    if not debug:  # libraries tell each other what will change; a person who runs winnow can't do anything about it
        warnings.simplefilter("ignore", FutureWarning)
        for sender in ("EventsWorker", "APILogWorker"):  # nor about what is still being sent on the way out
            logging.getLogger(sender).setLevel(logging.ERROR)
    # Whatever stands in the way of Prefect's database is told in a sentence, where the database is needed.
    warnings.filterwarnings("ignore", "Failed to create the Prefect home directory")


def of_prefect(home: Path) -> dict[str, str]:
    """Return the environment that every run needs, whoever starts it: a person here, or a worker of Prefect."""
    return {
        "PREFECT_LOCAL_STORAGE_PATH": str(home / "store" / "results"),
        "PREFECT_LOGGING_LEVEL": "INFO",
        "PREFECT_LOGGING_ROOT_LEVEL": "INFO",  # else the steps' own lines stay off the run page
        "PREFECT_LOGGING_EXTRA_LOGGERS": "quality,evals,tasks",
        # Commands that look into runs log as well, and belong to no run of a flow.
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
