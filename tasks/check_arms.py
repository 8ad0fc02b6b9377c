"""Tell what an ablation lacks before any work."""

from importlib.util import find_spec

from quality.choosing.budget import Budget
from quality.domain.settings import Domain
from quality.screening.weighing import Weigh
from tasks import cards
from tasks.ablation.settings import Ablate


def check_arms(ablate: Ablate, domain: Domain, weigh: Weigh, budget: Budget) -> Ablate:
    """Return the settings without an arm of a domain that is not told; no step, since it makes nothing.

    Raises
    ------
    ValueError
        Where no arm is left, an arm would be without the scores that its rows are chosen by, or the package is missing
        that reaches Dask's workers.
    """
    if ablate.dask is not None and find_spec("prefect_dask") is None:
        raise ValueError("ablate.dask: it needs a package more. Run: pip install 'prefect-dask>=0.3.7'.")
    by_scores = budget.tokens is not None and budget.by == "top-quality"
    for arm, scored in (("no-quality", domain.is_told), ("no-domain", weigh.asked)):
        if by_scores and arm in ablate.arms and not scored:
            raise ValueError(
                f"ablate.arms: {arm} leaves no scores for curate.budget.by: top-quality. Leave it out, or choose by "
                "diverse, random or longest."
            )
    left = ablate.where_domain_is(told=domain.is_told)
    if not (left.arms or left.shares or left.slices):
        raise ValueError("ablate.arms: domain-only needs a domain. Tell one (curate.domain), or name other arms.")
    if left != ablate:
        with cards.shown("check_arms") as say:
            say("domain-only left out: the recipe tells no domain")
    return left
