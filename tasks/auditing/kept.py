"""Read what steps left in this home's cache: what each returned, under the key that its inputs and its code give.

Nobody who holds a run alone has it. A record is no more to be believed than a run's own files, but it is another
account of the same, and its key can be computed again (`tasks.caching.step_key`): who changes a recipe finds no
training under the new key.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from tasks import store

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Kept(Generic[T]):
    """What a step returned, its key, and the home that it ran in, which may lie elsewhere since."""

    key: str
    home: str
    value: T


def kept(step: str, kind: type[T], *, whole: bool = True) -> list[Kept[T]]:
    """Read the records of a step that can be read; where `whole`, those of which no table or folder is gone.

    Parameters
    ----------
    step : str
        Its name.
    kind : type
        What it returns; a record of None is left out.
    whole : bool
        Whether to leave out those that name what is gone.
    """
    found = []
    for file in sorted((store.home() / "store" / "results").glob(f"{step}-*")):
        try:
            record = json.loads(file.read_bytes())
            data, place = json.loads(record["result"])["data"], Path(record["metadata"]["storage_key"])
            value = kind.model_validate(data)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if not (whole and store.missing(data)):
            found.append(Kept(file.name, str(place.parent.parent.parent), value))
    return found
