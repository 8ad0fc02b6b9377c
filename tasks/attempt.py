"""Train as a run would, where a training whose loss leaves the real numbers is a result too."""

import json
import traceback
from pathlib import Path

from tasks import store
from tasks.caching import code_digest
from tasks.choose_scale import choose_scale
from tasks.fine_tune import Trained, fine_tune
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.spare_items import Spare
from tasks.split import Data
from tasks.training.settings import Tune


def attempt(
    settings: Tune, data: Data, general: GeneralText | None, base: ModelFiles, spare: Spare | None = None
) -> Trained | str:
    """Return the adapter at the scale that the settings ask for, or why its training diverged.

    The steps are those of `winnow run`, cached by the same content: a run with these settings finds it trained (and,
    given the same spare items, its scale chosen), and
    whoever was killed goes on behind the last step. That a training diverged is remembered as well.
    """
    from tasks.training.loop import LossNotFiniteError

    place = store.home() / "store" / "diverged" / f"{_key(settings, data, general, base)}.json"
    if why := _remembered(place):
        return why
    try:
        return choose_scale(fine_tune(data, general, base, settings), data, general, base, settings, spare)
    except LossNotFiniteError as error:
        # Both hold the model, and others are to be trained.
        traceback.clear_frames(error.__traceback__)
        del error.result
        why = str(error).partition(". ")[0]
        with store.writing(place):
            place.parent.mkdir(parents=True, exist_ok=True)
        store.write_json(place, why)
        return why


def _key(settings: Tune, data: Data, general: GeneralText | None, base: ModelFiles) -> str:
    return store.value_digest([data, general, base.content, settings, code_digest("tasks.fine_tune")])


def _remembered(place: Path) -> str:
    store.note_asked(place)
    try:
        return str(json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return ""
