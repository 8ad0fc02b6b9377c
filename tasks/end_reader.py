"""The base model as a reader of doubtful ends: how little it expects an answer to end where it does."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import polars_hash as plh

from evals.ends import end_surprises
from tasks import weights
from tasks.model_scores import Progress, model_scores
from tasks.models import ModelFiles

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

ENDS = pl.Schema({"surprise": pl.Float64()})

# Where there is no accelerator, a larger model would take minutes for what a smaller one does in one.
_MOST_NUMBERS = 600_000_000
_NUMBER_BYTES = 0.5  # of a GGUF file: at least, as few are quantised further


class EndReader:
    """Reads rows as `quality.truncation.second_reading.Reader`; what was read once is remembered.

    Parameters
    ----------
    base : ModelFiles
        The model; loaded only where a row is new.
    threads : int, optional
        Threads that torch may use.
    """

    def __init__(self, base: ModelFiles, threads: int | None = None) -> None:
        self.base = base
        self.threads = threads
        self.found: list[NDArray[np.float64]] = []

    def __call__(self, prompts: pl.Series, answers: pl.Series) -> NDArray[np.float64]:
        """Return how surprising each answer's end is: (n,) float64, nats."""
        rows = pl.DataFrame({"prompt": prompts, "answer": answers})
        both = pl.concat_str(pl.col("prompt").str.len_bytes(), pl.lit(":"), "prompt", "answer")
        keyed = rows.with_columns(key=both).with_columns(plh.col("key").chash.blake3().str.slice(0, 32))
        scores = model_scores(
            keyed,
            ENDS,
            _measure,
            self.base,
            folder="ends",
            code=["evals.ends"],
            threads=self.threads,
            saying="Reading doubtful ends",
        )
        self.found.append(scores["surprise"].to_numpy())
        return self.found[-1]

    @property
    def surprises(self) -> pl.DataFrame | None:
        """What was returned so far, in order (schema `ENDS`); None where nothing was asked."""
        return pl.DataFrame({"surprise": np.concatenate(self.found)}, schema=ENDS) if self.found else None


def reads_fast(base: ModelFiles) -> bool:
    """Tell whether the model reads thousands of short texts within minutes on this machine, without loading it."""
    if _numbers(Path(base.folder)) <= _MOST_NUMBERS:
        return True
    import torch

    return torch.cuda.is_available()


def _numbers(folder: Path) -> int:
    """Count the numbers that a model's files hold."""
    shapes = [shape for file in folder.glob("*.safetensors") for shape in weights.shapes(file).values()]
    packed = sum(file.stat().st_size for file in folder.glob("*.gguf"))
    return sum(map(math.prod, shapes)) + int(packed / _NUMBER_BYTES)


def _measure(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rows: pl.DataFrame, progress: Progress
) -> pl.DataFrame:
    found = end_surprises(model, tokenizer, rows["prompt"].to_list(), rows["answer"].to_list(), progress=progress)
    return pl.DataFrame({"surprise": found}, schema=ENDS)
