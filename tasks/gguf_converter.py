"""llama.cpp's own converter, which makes a GGUF file of a model's folder.

It comes with llama.cpp and not from the package index: what is there under its name is copied by others, and replaces
files of the package `gguf`. So whoever wants a GGUF file names the script of the llama.cpp that will run it.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from evals.faults import first_line
from tasks.run_adapter import NotExported

if TYPE_CHECKING:
    from transformers import PreTrainedModel

VARIABLE = "WINNOW_GGUF_CONVERTER"

Kind = Literal["f32", "f16", "bf16", "q8_0"]


class Converter(NamedTuple):
    """The script, and the type of the weights that it shall write."""

    script: Path
    kind: Kind

    def convert(self, folder: Path) -> Path:
        """Write a GGUF file of a model's folder into it.

        Raises
        ------
        NotExported
            The script failed; its last line is told.
        """
        target = folder / f"model-{self.kind}.gguf"
        command = [sys.executable, str(self.script), str(folder), "--outfile", str(target), "--outtype", self.kind]
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603
        if ended.returncode or not _is_whole(target):
            said = (ended.stderr or ended.stdout).strip().splitlines() or ["it said nothing"]
            raise NotExported(
                f"{self.script} made no GGUF file (exit code {ended.returncode}): {said[-1].strip()}. Try it alone on "
                "the folder that an export without --gguf writes."
            )
        return target

    def read_back(self, file: Path) -> "tuple[PreTrainedModel | None, str]":
        """Load a GGUF file in 32 bits; or nothing, and why, where transformers does not read its architecture."""
        import torch
        from transformers import AutoModelForCausalLM, GgufConfig

        from evals.models import device_and_dtype

        try:
            model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
                str(file.parent),
                gguf_file=file.name,
                quantization_config=GgufConfig(dequantize=True),
                dtype=torch.float32,
                local_files_only=True,
            )
        except (ValueError, KeyError, NotImplementedError, RuntimeError) as error:
            return None, f"transformers can't read it ({first_line(error)})"
        module: torch.nn.Module = model
        module.to(device_and_dtype()[0]).train(mode=False)
        return model, ""


def _is_whole(file: Path) -> bool:
    """Tell whether a file holds the tensors that its own header tells of."""
    from gguf import GGUFReader

    try:
        return bool(GGUFReader(file).tensors)
    except (OSError, ValueError, IndexError, KeyError):
        return False


def find(kind: str, script: Path | None) -> Converter:
    """Return the converter that was named, by option or environment.

    Raises
    ------
    NotExported
        None was named, it is not there, or the type is none that it writes.
    """
    known = {str(one): one for one in get_args(Kind)}
    if kind not in known:
        raise NotExported(f"--gguf {kind}: name one of {', '.join(known)}.")
    named = script or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is None:
        raise NotExported(
            "--gguf needs llama.cpp's own converter, which is not on the package index: get llama.cpp "
            f"(github.com/ggml-org/llama.cpp) and name its script, --converter llama.cpp/convert_hf_to_gguf.py, or set "
            f"{VARIABLE}. Without --gguf the folder of safetensors is written, which the script reads later as well."
        )
    if not named.expanduser().is_file():
        raise NotExported(f"--converter: there is no file {named}. Name llama.cpp's convert_hf_to_gguf.py.")
    return Converter(named.expanduser().resolve(), known[kind])
