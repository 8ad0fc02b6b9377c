"""Compare the kept rows with the data set of the run before: how long answers are, and what they are about."""

from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict

from quality.drift import Label, centroid_shift, label, length_psi
from quality.preambles import about, preambles
from quality.records import answer_text
from tasks import cards, run_files
from tasks.check_contract import Previous
from tasks.keep_domain import embed_each
from tasks.models import ModelFiles
from tasks.runs import DamagedRun

_MOST_EMBEDDED = 5000


class Drift(BaseModel):
    """How far the kept rows are from the data set of another run."""

    model_config = ConfigDict(frozen=True)

    run: str
    length_psi: float
    lengths: Label
    centroid_shift: float

    def sentence(self) -> str:
        """Say both measures in words."""
        return (
            f"since {self.run}: answer lengths {self.lengths} (PSI {self.length_psi:.3f}), what rows are about shifted "
            f"by {self.centroid_shift:.3f}"
        )

    def frame(self) -> pl.DataFrame:
        """Return the line that the contract looks at."""
        return pl.DataFrame({"length_psi": [self.length_psi], "centroid_shift": [self.centroid_shift]})


def drift_since(previous: Previous, kept: pl.DataFrame, embedder: ModelFiles) -> Drift | None:
    """Measure and tell drift; None, told as well, when the data set of the run before can't be read any more."""
    try:
        before = run_files.dataset(Path(previous.folder))
    except DamagedRun as error:
        cards.say(f"drift is not looked at: {error}")
        return None
    psi = length_psi(*(answer_text(rows).str.len_chars().cast(pl.Int64) for rows in (before, kept)))
    shared = preambles(pl.concat([rows.select("messages") for rows in (before, kept)]))
    shift = centroid_shift(*embed_each([about(_drawn(rows), shared) for rows in (before, kept)], embedder))
    found = Drift(run=previous.run, length_psi=psi, lengths=label(psi), centroid_shift=shift)
    cards.say(found.sentence())
    return found


def _drawn(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows to embed, a fair draw of them where there are many: ids are hashes."""
    return rows.sort("id").head(_MOST_EMBEDDED)
