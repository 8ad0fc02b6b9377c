"""What a finished run's domain filter found of each row: the domain it is nearest to, and by how much it is of it."""

from pathlib import Path

import polars as pl

from tasks import run_files

_SCORES = {"origin": pl.String(), "score": pl.Float64(), "threshold": pl.Float64(), "domain": pl.String()}


def nearest(folder: Path) -> dict[str, str]:
    """Say by origin which of several domains each row came nearest to; nothing where the run has one."""
    found = run_files.attribute(folder, "domain", {"origin": pl.String(), "domain": pl.String()})
    if found is None or found["domain"].n_unique() < 2:
        return {}
    return dict(found.select("origin", "domain").iter_rows())


def scored(folder: Path) -> dict[str, str]:
    """Say by origin how each row scored, and what was enough; nothing where no domain was asked for."""
    found = run_files.attribute(folder, "domain", _SCORES)
    if found is None:
        return {}
    several = found["domain"].n_unique() > 1
    return {
        origin: f"{f'{domain}: ' if several else ''}score {score:.4g}, threshold {threshold:.4g} (log-odds)"
        for origin, score, threshold, domain in found.select(*_SCORES).iter_rows()
    }
