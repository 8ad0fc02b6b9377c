"""Tell what an ablation lacks before any work."""

from collections.abc import Sequence
from importlib.util import find_spec
from urllib.parse import urlsplit

from quality.choosing.budget import Budget
from quality.domain.settings import Domain
from quality.screening.weighing import Weigh
from tasks import cards
from tasks.ablation.settings import Ablate

_SEEDS = 1 << 32  # seeds from here on have no room beside an arm's scores (`evals.dividend.ARM_SCORES`)


def check_arms(ablate: Ablate, domain: Domain, weigh: Weigh, budget: Budget) -> Ablate:
    """Return the settings without an arm of a domain that is not told; no step, since it makes nothing.

    Without a domain, `domain-only` would be `everything` under another name.

    Raises
    ------
    ValueError
        Where no arm is left, an arm would be without the scores that its rows are chosen by, a seed is too large, the
        address of Dask's scheduler is none, or the package is missing that reaches its workers.
    """
    _ensure_seeds(ablate.seeds)
    if ablate.dask is not None:
        _ensure_dask(ablate.dask)
    by_scores = budget.tokens is not None and budget.by == "top-quality"
    for arm, scored in (("no-quality", domain.is_told), ("no-domain", weigh.asked)):
        if by_scores and arm in ablate.arms and not scored:
            raise ValueError(
                f"ablate.arms: {arm} leaves no scores for curate.budget.by: top-quality. Leave it out, or choose by "
                "diverse, random or longest."
            )
    if "domain-only" not in ablate.arms or domain.is_told:
        return ablate
    left = tuple(arm for arm in ablate.arms if arm != "domain-only")
    if not (left or ablate.shares or ablate.slices):
        raise ValueError("ablate.arms: domain-only needs a domain. Tell one (curate.domain), or name other arms.")
    with cards.shown("check_arms") as say:
        say("domain-only left out: the recipe tells no domain")
    return ablate.model_copy(update={"arms": left})


def _ensure_seeds(seeds: Sequence[int]) -> None:
    for place, seed in enumerate(seeds):
        if seed >= _SEEDS:
            raise ValueError(f"ablate.seeds.{place}: {seed:,} is too large a seed. The largest is {_SEEDS - 1:,}.")


def _ensure_dask(address: str) -> None:
    try:
        named = urlsplit(address if "://" in address else f"tcp://{address}")
        told = bool(named.hostname and named.port)
    except ValueError:  # its port is no number, or none that a port has
        told = False
    if not told:
        raise ValueError(f"ablate.dask: “{address}” is no address of a scheduler. Write it as tcp://host:8786.")
    if find_spec("prefect_dask") is None:
        raise ValueError("ablate.dask: it needs a package more. Run: pip install 'winnow[dask]'.")
