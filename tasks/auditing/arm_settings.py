"""Find an ablation's trainings in this home's cache, under the keys that the recipe's settings give them.

A key is made of all that a training depends on: its settings, rows and general text, the base, and the code. Where one
is found, the recipe names every setting of that training. Where none is, that tells something only if all else of the
key is known to be as it was then: the code, and the folder of the base, which another user may have elsewhere.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from evals.guest_tasks import Guest
from quality.auditing.audit import Proof
from tasks import exams, run_settings, runs, store
from tasks.auditing.ablated import Ablated, ExamHere
from tasks.auditing.arms import by_no_recipe
from tasks.auditing.gaps import other_code
from tasks.auditing.kept import Kept, kept
from tasks.caching import step_key
from tasks.examine import Scores, base_beside
from tasks.fine_tune import Trained
from tasks.general import GeneralText
from tasks.models import measured_by
from tasks.split import Data
from tasks.training.settings import Tune, general_for

Key = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """The trainings of which this home's cache knows the adapter, and under which key the recipe has them there."""

    told: Ablated

    @cached_property
    def lines(self) -> dict[Key, Mapping[str, Any]]:
        """Lines of `trainings.parquet`, by arm and seed."""
        lines = self.told.trainings.iter_rows(named=True)
        return {(line["arm"], line["seed"]): line for line in lines if line["adapter"] in self.told.trained}

    @cached_property
    def found(self) -> dict[Key, tuple[Kept[Trained], GeneralText | None]]:
        """The record of each training that has the recipe's key, and the general text that is part of the key."""
        records = {one.key: one for one in kept("fine_tune", Trained)} if self.lines else {}
        homes = sorted({one.home for one in records.values()})
        found = {}
        for key, line in self.lines.items():
            keys = ((general, self._key(home, general, line)) for general in self._general for home in homes)
            here = next(((records[name], general) for general, name in keys if name in records), None)
            if here is not None:
                found[key] = here
        return found

    @cached_property
    def elsewhere(self) -> list[Key]:
        """The trainings of which no record has the recipe's key, though what else a key is made of is as it was.

        That is so where their adapters were examined here under keys that are found: with this code, base and exam.
        """
        lost = [key for key in self.lines if key not in self.found]
        exam, base = self.told.exam, self.told.base
        if not lost or exam is None or base is None or other_code(self.told.facts):
            return []
        records = kept("examine", Scores, whole=False)
        asked = _handed_on(exam, run_settings.exam_settings(self.told.folder))
        names, homes = {one.key for one in records}, {one.home for one in records}
        judged, machine = base_beside(base, self.told.tune.method), measured_by()

        def keys(adapter: str) -> Iterator[str]:
            inputs = {
                "exam": asked,
                "base": judged,
                "adapter": store.Folder(path=f"store/adapters/{adapter}", digest=adapter),
                "threads": self.told.tune.threads,
                "part": None,
            }
            return (step_key("examine", home, inputs, "tasks.examine", machine) for home in homes)

        return [key for key in lost if names.intersection(keys(self.lines[key]["adapter"]))]

    @property
    def unknown(self) -> int:
        """How many trainings can't be looked for, or are not found for a reason that is not known."""
        sat = self.told.sat.height
        return sat - len(self.found) - len(self.elsewhere)

    @cached_property
    def general(self) -> GeneralText | None:
        """The ablation's general text; None where there is none, or it is not known."""
        return next((general for _, general in self.found.values()), None)

    @cached_property
    def _general(self) -> Sequence[GeneralText | None]:
        if general_for(self.told.tune) is None:
            return [None]
        return [one.value for one in kept("gather_general", GeneralText, whole=False)]

    def _key(self, home: str, general: GeneralText | None, line: Mapping[str, Any]) -> str:
        validation = self.told.validation
        if validation is None or self.told.base is None:
            return ""
        data = Data(
            train=_table(line["data"], line["rows"]),
            validation=_table(runs.digests(self.told.facts)["validation"], validation.height),
        )
        inputs = {"data": data, "general": general, "base": self.told.base, "settings": self.settings(line)}
        return step_key("fine_tune", home, inputs, "tasks.fine_tune")

    def settings(self, line: Mapping[str, Any]) -> Tune:
        """Return what the recipe asks of a training of `trainings.parquet`."""
        rows = self.told.rows.get(line["data"])
        sources = set() if rows is None or line["arm"] in by_no_recipe(self.told) else set(rows["source"])
        own = {name: weight for name, weight in self.told.tune.source_weights.items() if name in sources}
        given = {name: line[name] for name in ("token_budget", "replay", "seed")}
        return self.told.tune.model_copy(update=given | {"source_weights": own})


def prove_settings(asked: Asked) -> list[Proof]:
    """Compare trainings with the records under the recipe's keys; without one there is nothing to prove."""
    wrong = [f"{arm} with seed {seed}: none is under the recipe's settings" for arm, seed in asked.elsewhere]
    for key, (record, _) in asked.found.items():
        curves = {one.curve.digest for one in asked.told.trained[asked.lines[key]["adapter"]]}
        if record.value.curve.digest not in curves:
            wrong.append(f"{key[0]} with seed {key[1]}: it gave another adapter")
    claim = (
        "the adapters come from trainings that this home holds under every setting of tune that the recipe names, and "
        "under their rows, seed and base"
    )
    checked = len(asked.found) + len(asked.elsewhere)
    return [Proof.of(claim, checked, wrong)] if checked else []


def _table(digest: str, rows: int) -> store.Table:
    return store.Table(path=f"store/tables/{digest}.parquet", digest=digest, rows=rows)


def _handed_on(exam: ExamHere, asked: exams.Exam) -> exams.SealedExam:
    """Return an exam as steps hand it to each other."""
    return exams.SealedExam(
        name=exam.name,
        digest=exam.digest,
        request=exam.facts["request"],
        unexamined=exams.unexamined(exam.items, asked),
        guests={name: Guest.of(one.suite) for name, one in exam.suites.items() if one.suite.kind == "lm-eval"},
        suites=tuple(exam.suites.values()),
        settings=exam.facts.get("settings", {}),
        **{part: _as_stored(frame) for part, frame in exam.draw.parts().items()},
    )


def _as_stored(frame: pl.DataFrame) -> store.Table:
    """Name a table as the store does, and write none."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.parquet"
        frame.write_parquet(file, compression="zstd", statistics=False)
        return _table(store.file_digest(file), frame.height)
