"""Where the domain was cut in a finished run: rows near the line, and what another threshold would change.

A run keeps the domain scores of all rows it judged (`attributes/domain.parquet`), so that nothing here embeds or fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from quality.reasons import OF_THE_DOMAIN, OF_THE_EXAM, RUN_STOPPED
from tasks import run_files, run_settings
from tasks.shifts import ROW, Line, Shift, compared, messages_of

NEAR = 1.0
"""How far from the threshold a row is near it (log-odds): there a person tells what the scores can't."""

FILE = "attributes/domain.parquet"
"""File of a run that keeps what each row scored for the domain it comes nearest to."""

_SCORES: dict[str, pl.DataType] = {
    "id": pl.String(), "origin": pl.String(), "score": pl.Float64(), "threshold": pl.Float64(), "domain": pl.String(),
}  # fmt: skip

_LINES: dict[str, pl.DataType] = {"domain": pl.String(), "threshold": pl.Float64()}
_EACH: dict[str, pl.DataType] = {"id": pl.String(), "origin": pl.String(), "domain": pl.String(), "score": pl.Float64()}


@dataclass(frozen=True)
class Borderline:
    """A row near the threshold (`margin`: score minus threshold, log-odds).

    `lost` tells what became of one that a later stage did not let pass, as “dropped by choose”; of others nothing.
    """

    id: str
    origin: str
    domain: str
    margin: float
    messages: list[dict[str, str]]
    lost: str = ""


def near_the_line(scores: pl.DataFrame, fates: pl.DataFrame, margin: float = NEAR) -> pl.DataFrame:
    """Return the rows (`id, origin, score, threshold`) within `margin` of the threshold, the closest first, each once.

    How far each lies beyond it is told as `margin`, below 0 for a row that was dropped. Rows that `fates` (`id, stage,
    reason`) tell to be sealed for the exam or to leak it are left out, and all that say the same: what they say would
    go into a file of seeds, and so out of the exam's keeping.
    """
    of_exam = fates.filter(pl.col("stage").is_in(OF_THE_EXAM), pl.col("reason").ne_missing(RUN_STOPPED))
    return (
        scores.join(of_exam, on="id", how="anti", maintain_order="left")
        .with_columns(margin=pl.col("score") - pl.col("threshold"))
        .filter(pl.col("margin").abs() <= margin)
        .sort(pl.col("margin").abs(), "origin")
        .unique("id", keep="first", maintain_order=True)
    )


def borderline(folder: Path, *, most: int | None = None, margin: float = NEAR) -> list[Borderline]:
    """Return the rows within `margin` (log-odds) of the threshold, the closest first, and no more than `most`."""
    scores, receipts = _scores(folder), run_files.receipts(folder)
    near = near_the_line(scores, receipts, margin)
    near = near if most is None else near.head(most)
    rows = near.join(messages_of(folder), on=ROW, how="inner", maintain_order="left")
    at_line = pl.col("stage").is_in(OF_THE_DOMAIN) & pl.col("reason").ne_missing(RUN_STOPPED)
    later = receipts.filter(pl.col("fate") != "kept", ~at_line)
    lost = later.select(*ROW, lost=_lost()).unique(ROW, keep="first")
    rows = rows.join(lost, on=ROW, how="left", maintain_order="left").with_columns(pl.col("lost").fill_null(""))
    fields = rows.select("id", "origin", "domain", "margin", "messages", "lost")
    return [Borderline(**row) for row in fields.iter_rows(named=True)]


def shift(folder: Path, asked: Mapping[str, float], *, samples: int = 5) -> Shift:
    """Compare the run's thresholds with others, from its scores alone.

    Parameters
    ----------
    folder : Path
        The run.
    asked : mapping of str to float
        Thresholds (log-odds) by domain; where the run has one domain alone, "" names it, too.
    samples : int
        Rows to show on either side.

    Raises
    ------
    ValueError
        When a domain is not one of the run's, or is given two thresholds, or the run does not hold what every row
        scored for each.
    """
    scores = _each_score(folder)
    before = dict(scores.select("domain", "threshold").unique(maintain_order=True).iter_rows())
    named = _named(asked, list(before), folder.name)
    after = before | named
    margins = scores.with_columns(
        was=pl.col("score") - pl.col("threshold"),
        now=pl.col("score") - pl.col("domain").replace_strict(after, return_dtype=pl.Float64),
    )
    # A row is of the domain that it comes nearest to, and kept where it reaches that one's line.
    was, now = (margins.sort(by, descending=True).unique(ROW, keep="first") for by in ("was", "now"))
    was, now = was.with_columns(name="domain", beyond=-pl.col("was")), now.with_columns(name="domain", beyond="now")
    entering = now.filter(pl.col("now") >= 0).join(was.filter(pl.col("was") < 0), on=ROW, how="semi")
    leaving = was.filter(pl.col("was") >= 0).join(now.filter(pl.col("now") < 0), on=ROW, how="semi")
    lines = [Line(name, _key(name), before[name], line) for name, line in after.items() if name in named]
    return compared(folder, lines, was.height, entering, leaving, samples)


def skimmed(folder: Path) -> int:
    """Count the rows that were left out by their words, of which no score is known here."""
    return run_files.receipts(folder).filter(pl.col("stage") == "skim").height


def _named(asked: Mapping[str, float], names: list[str], run: str) -> dict[str, float]:
    told = ", ".join(names)
    if "" in asked and len(names) > 1:
        raise ValueError(
            f"The run {run} has several domains ({told}), each with a threshold of its own: say of which, as in "
            f"--domain {names[-1]}={asked['']:g}."
        )
    named: dict[str, float] = {}
    for name, line in asked.items():
        own = name or names[0]
        if own not in names:
            raise ValueError(f"The run {run} has no domain “{name}”. It has {told}.")
        if named.setdefault(own, line) != line:
            raise ValueError(
                f"--domain: the one domain of the run {run} is given two thresholds, {named[own]} and {line}."
            )
    return named


def _each_score(folder: Path) -> pl.DataFrame:
    """Return what every row scored for every domain: `id, origin, domain, score`, and the domain's `threshold`."""
    nearest = _scores(folder)
    lines = run_files.attribute(folder, "domain_facts", _LINES)
    if lines is None or lines.height < 2:
        return nearest
    each = run_files.attribute(folder, "domain_scores", _EACH)
    if each is None:
        names = ", ".join(lines["domain"])
        raise ValueError(
            f"The run {folder.name} has several domains ({names}) and kept each row's score for its nearest alone, "
            "as winnow did before: run it again to ask about another threshold."
        )
    return each.join(lines.select(_LINES.keys()), on="domain", how="inner", maintain_order="left")


def _lost() -> pl.Expr:
    stopped = pl.format("not kept, as the run stopped at {}", "stage")
    return pl.when(pl.col("reason") == RUN_STOPPED).then(stopped).otherwise(pl.format("{} by {}", "fate", "stage"))


def _key(domain: str) -> str:
    return f"curate.domain.{'' if domain == 'domain' else f'also.{domain}.'}threshold"


def _scores(folder: Path) -> pl.DataFrame:
    found = run_files.attribute(folder, "domain", _SCORES)
    if found is None or found.is_empty():
        curate = run_settings.recipe(folder).get("curate")
        asked = curate.get("domain") if isinstance(curate, dict) else None
        why = "it is a sweep, or ended before its rows were scored: name another" if asked else "its recipe asks for no"
        raise ValueError(
            f"The run {folder.name} has no domain scores: {why}{'' if asked else ' domain (curate.domain)'}."
        )
    return found
