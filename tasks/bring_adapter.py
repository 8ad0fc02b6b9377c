"""Take an adapter from a folder into the store, so that it is known by its content."""

import json
import shutil
from pathlib import Path

from evals.steering import OWN
from tasks import cards, store, weights
from tasks.caching import step
from tasks.models import ModelFiles, weights_of

UNCHECKED = (
    "No score is checked for leaks: it is not known which rows this adapter was trained on, and they may hold items of "
    "the exam."
)
_FILES = ("adapter_config.json", "adapter_model.safetensors")


@step(name="bring_adapter", cached=False)
def bring_adapter(folder: str, base: ModelFiles | None = None) -> store.Folder:
    """Return the adapter as a stored folder, sure not to be of other weights than those of `base`, where it tells.

    Raises
    ------
    FileNotFoundError
        When there is no such folder, or it is not an adapter in safetensors.
    ValueError
        When a file of it is damaged or cut off, or it says that it was trained on another base.
    """
    if not Path(folder).is_dir():
        raise FileNotFoundError(
            f"--adapter: {folder} is {'a file' if Path(folder).exists() else 'not there'}: name the folder that "
            "`save_pretrained` wrote the adapter to."
        )
    missing = [name for name in _FILES if not (Path(folder) / name).is_file()]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise FileNotFoundError(
            f"--adapter: {folder} is not an adapter: {' and '.join(missing)} {are} not there. winnow reads "
            "safetensors only; save the adapter with `save_pretrained`."
        )
    _ensure_whole(Path(folder))
    if base is not None:
        _ensure_of(base, Path(folder))

    def fill(target: Path) -> None:
        for name in _FILES:
            shutil.copy2(Path(folder) / name, target / name)

    cards.say(UNCHECKED)
    cards.markdown("checked-for-leaks", UNCHECKED, "Were the items of the exam looked for in the training rows?")
    return store.write_folder("adapters", fill)


def _ensure_whole(folder: Path) -> None:
    config, adapter = (folder / name for name in _FILES)
    try:
        written = json.loads(config.read_bytes())
    except (OSError, ValueError):
        raise ValueError(f"--adapter: {config} can't be read as JSON: copy the adapter again.") from None
    if not isinstance(written, dict) or "peft_type" not in written:
        raise ValueError(f"--adapter: {config} names no peft_type, so it is no adapter that PEFT can load.")
    _ensure_known(written["peft_type"], config)
    if fault := weights.damage(adapter):
        raise ValueError(f"--adapter: {adapter} {fault}: copy or download it again.")


def _ensure_of(base: ModelFiles, folder: Path) -> None:
    """Refuse an adapter of other weights: where their shapes are alike it loads, and the exam would judge a chimera."""
    config, adapter = (folder / name for name in _FILES)
    told = weights.notes(adapter).get(weights.BASE, "").split()
    if not told or set(told) & set(found := weights_of(base)):
        return
    named = json.loads(config.read_bytes()).get("base_model_name_or_path")
    raise ValueError(
        f"--adapter: {folder} was trained on other weights ({named}, digest {told[0]}) than those of model.base "
        f"({base.reference}, digest {found[0]}). Name the base that it was trained on, or examine one of this base."
    )


def _ensure_known(kind: object, config: Path) -> None:
    from peft import PeftType, __version__

    known = [*(one.value for one in PeftType), *OWN]
    if kind not in known:
        raise ValueError(
            f"--adapter: {config} names the peft_type {kind!r}, which PEFT {__version__} does not know. It is LORA, "
            f"LOREFT or FULL for most of what winnow trains; known are {', '.join(sorted(known))}."
        )
