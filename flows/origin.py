"""From which text of which recipe a deployment was made: written into its description, and read from there."""

import re
import shlex
import socket
from pathlib import Path
from typing import NamedTuple

from tasks import store

_TOLD = re.compile(r"^Deployed by winnow from `(.+)` on `(.*)`, text `([0-9a-f]+)`\.$", re.MULTILINE)


class Origin(NamedTuple):
    """The recipe that a deployment was made from, the machine it lies on, and the digest of its text."""

    file: Path
    host: str
    digest: str


def told(file: Path) -> str:
    """Return the sentence that says from what a deployment is made."""
    return f"Deployed by winnow from `{file}` on `{socket.gethostname()}`, text `{store.file_digest(file)}`."


def read(description: str | None) -> Origin | None:
    """Return what a description says of a deployment's origin; None where it says nothing."""
    found = _TOLD.search(description or "")
    return found and Origin(Path(found[1]), found[2], found[3])


def is_gone(origin: Origin) -> bool:
    """Tell whether its recipe lay on this machine, and does no more."""
    return _is_here(origin) and not origin.file.exists()


def is_another(origin: Origin, file: Path) -> bool:
    """Tell whether a deployment was made from a recipe that still is, as far as is known here, and is not this one."""
    return origin.file != file and not is_gone(origin)


def fault(origin: Origin) -> str | None:
    """Say that its recipe, where it lies on this machine, has another text today; None where it has not."""
    if not _is_here(origin) or not origin.file.is_file() or store.file_digest(origin.file) == origin.digest:
        return None
    return f"was made from another text of {origin.file}"


def again(origin: Origin) -> str:
    """Return the command that makes the deployment anew."""
    return f"winnow deploy {shlex.quote(str(origin.file))}"


def _is_here(origin: Origin) -> bool:
    return origin.host == socket.gethostname()
