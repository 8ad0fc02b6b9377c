"""One state of arrays that is kept from run to run, where a run that finds none does its work anew."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from quality.lsh.index_files import (
    locked,
    mark_used,
    read_arrays,
    read_head,
    remove_others,
    retire,
    write_arrays,
    write_head,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from quality.lsh.index_files import Arrays

logger = logging.getLogger(__name__)

T = TypeVar("T")

_MOST_FOLDERS = 4


class KeptState:
    """A state under one folder: it appears whole or not at all, and may be removed at any time.

    Two processes may use it at once; of two that end at once the first is kept. If nothing can be written, nothing is.

    Parameters
    ----------
    folder : Path
        Made when something is written. Its name tells apart what may not be mixed: versions of the code, settings. Of
        such folders beside each other the four last used stay.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._head = ""

    def load(self, read: Callable[[Arrays, Any], T]) -> T | None:
        """Read the state; None where there is none, or it is damaged, which is logged.

        Parameters
        ----------
        read : callable
            Given the arrays and notes of `keep`, returns what is made of them; a ValueError, KeyError or TypeError of
            it says that they are damaged.
        """
        with locked(self.folder, writing=False):
            self._head = read_head(self.folder)
            if not self._head:
                return None
            mark_used(self.folder)
            try:
                arrays, notes = read_arrays(self.folder, self._head)
                if notes["of"] != self.folder.name:
                    raise ValueError("it was made with other settings or by other code")
                return read(arrays, notes["notes"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                logger.warning("What is kept in %s is passed over (%s) and made anew.", self.folder, error)
                return None

    def keep(self, arrays: Mapping[str, NDArray[Any]], notes: object = None) -> None:
        """Put a state in the place of the one that was loaded, unless another process did so meanwhile."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder, writing=True):
                if read_head(self.folder) != self._head:
                    logger.info("Another run has kept its state in %s meanwhile; it is left as it is.", self.folder)
                    return
                self._head = write_arrays(self.folder, arrays, {"of": self.folder.name, "notes": notes})
                write_head(self.folder, self._head)
                remove_others(self.folder, [self._head])
                retire(self.folder.parent, _MOST_FOLDERS)
        except OSError as error:
            logger.warning("Nothing is kept: %s can't be written (%s).", self.folder, error)
