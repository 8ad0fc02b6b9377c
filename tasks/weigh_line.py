"""What other thresholds of perplexity and IFD would change in a finished run, from the scores that it keeps."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from quality.screening.weighing import Weigh, beyond
from tasks import run_files, run_settings
from tasks.shifts import ROW, Line, Shift, compared

KEYS = ("most_perplexity", "least_ifd", "most_ifd")
FILE = "attributes/difficulty.parquet"
"""File of a run that keeps each row's scores."""

_SCORES: dict[str, pl.DataType] = {
    "id": pl.String(), "origin": pl.String(), "perplexity": pl.Float64(), "ifd": pl.Float64(),
}  # fmt: skip


def shift(folder: Path, asked: Mapping[str, float], *, samples: int = 5) -> Shift:
    """Compare the run's thresholds of `curate.weigh` with others.

    Parameters
    ----------
    folder : Path
        The run.
    asked : mapping of str to float
        Thresholds by key (`KEYS`); the recipe's others stay.
    samples : int
        Rows to show on either side.

    Raises
    ------
    ValueError
        When the run measured no scores, or a threshold is none.
    """
    for key in asked:
        if key not in KEYS:
            raise ValueError(
                f"--weigh {key or asked[key]}: name a threshold of curate.weigh, {', '.join(KEYS)}, as KEY=LINE."
            )
    scores = run_files.attribute(folder, "difficulty", _SCORES, needed=ROW)
    if scores is None:
        raise ValueError(
            f"The run {folder.name} measured no perplexity: its recipe asks for none (curate.weigh.measure)."
        )
    before = run_settings.settings(folder, "weigh", Weigh)
    try:
        after = Weigh.model_validate(before.model_dump() | dict(asked))
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(("curate", "weigh", *map(str, first["loc"])))
        raise ValueError(f"{at}: {first['msg'].removeprefix('Value error, ').rstrip('.')}.") from error
    was, now = _dropped(scores, before), _dropped(scores, after)
    entering, leaving = was.join(now, on=ROW, how="anti"), now.join(was, on=ROW, how="anti")
    lines = [Line(key, f"curate.weigh.{key}", getattr(before, key), line) for key, line in asked.items()]
    return compared(folder, lines, scores.height, entering, leaving, samples)


def _dropped(scores: pl.DataFrame, settings: Weigh) -> pl.DataFrame:
    """Find the rows beyond a threshold: `id, origin, name, score, beyond`, the last by how far, relatively."""
    found = beyond(scores, settings)
    rows = scores.select(ROW)[found["row"].to_list()]
    how_far = (pl.col("score") / pl.col("threshold")).log().abs()
    return pl.concat([rows, found.select(name="reason", score="score", beyond=how_far)], how="horizontal")
