"""Cut a training set into slices by what its rows are about, and leave out one after the other."""

import polars as pl
from pydantic import BaseModel, ConfigDict

from quality.preambles import about
from quality.records import answer_text, prompt_text
from quality.slicing import slices
from tasks import cards, store
from tasks.ablation.arms import Arm, arm, counted_rows, ensure_reach
from tasks.ablation.settings import WHOLE, Ablate
from tasks.caching import step
from tasks.keep_domain import embed
from tasks.models import ModelFiles
from tasks.reporting.text import counted
from tasks.training.settings import Tune

_SAMPLES = 3


class Slice(BaseModel):
    """A cluster of the training set: its rows, and prompts and answers of those nearest to its middle."""

    model_config = ConfigDict(frozen=True)

    number: int
    rows: int
    tokens: int
    samples: tuple[tuple[str, str], ...]

    @property
    def arm(self) -> str:
        """The arm that is trained without it."""
        return f"no slice {self.number}"


class Slices(BaseModel):
    """The slices; and the arms of the whole training set and without each of them, on the budget of a short training.

    Nothing of both where none were asked for.
    """

    model_config = ConfigDict(frozen=True)

    slices: tuple[Slice, ...] = ()
    arms: tuple[Arm, ...] = ()


@step(name="cut_slices")
def cut_slices(curated: Arm, settings: Ablate, base: ModelFiles, embedder: ModelFiles, tune: Tune) -> Slices:
    """Return the arms that tell what each of `settings.slices` clusters of the curated arm's rows brings."""
    count = settings.slices
    if not count:
        cards.say("no slices asked for")
        return Slices()
    data, budget = curated.data[0], max(1, round(settings.slice_budget * curated.token_budget))
    rows = counted_rows(store.read_table(data.train).sort("id"), base, tune)
    if rows.height < 2 * count:
        raise ValueError(
            f"ablate.slices: {counted(rows.height, 'row')} can't be cut into {count} slices of two rows or more. Ask "
            "for fewer."
        )
    ensure_reach([rows], budget, f"ablate.slice_budget: {settings.slice_budget:g} of tune.token_budget")
    vectors = embed(about(rows), embedder)
    labels = slices(vectors, count)
    if not labels.any():
        raise ValueError(
            f"ablate.slices: the embedder can't tell {counted(rows.height, 'row')} apart, so much alike they begin. "
            "Without their only slice nothing is left: ask for none."
        )
    labelled = rows.with_columns(slice=pl.Series(labels))
    seeds = len(curated.data)

    def told(number: int) -> Slice:
        inside = (labelled["slice"] == number).to_numpy()
        near = vectors[inside] @ vectors[inside].mean(axis=0)
        own = labelled.filter(pl.Series(inside)).with_columns(near=pl.Series(near)).sort("near", descending=True)
        first = own.head(_SAMPLES)
        return Slice(
            number=number + 1,
            rows=own.height,
            tokens=int(own["tokens"].sum()),
            samples=tuple(zip(prompt_text(first), answer_text(first), strict=True)),
        )

    def short(name: str, kept: pl.DataFrame) -> Arm:
        return arm(name, "slice", [kept] * seeds, data.validation, budget, curated.replay, curated.weights[0])

    found = tuple(told(number) for number in range(int(labels.max()) + 1))
    cards.say(f"slices of {', '.join(f'{one.rows:,}' for one in found)} rows, each left out of {budget:,} tokens")
    without = [short(one.arm, labelled.filter(pl.col("slice") != one.number - 1)) for one in found]
    return Slices(slices=found, arms=(short(WHOLE, rows), *without))
