"""Tell what an ablation lacks before any work."""

from importlib.util import find_spec

from quality.domain.settings import Domain
from tasks import cards
from tasks.ablation.settings import Ablate


def check_arms(ablate: Ablate, domain: Domain) -> Ablate:
    """Return the settings without an arm of a domain that is not told; no step, since it makes nothing.

    Without a domain, `domain-only` would be `everything` under another name.

    Raises
    ------
    ValueError
        Where no arm is left, or the package is missing that reaches Dask's workers: with the command that installs it.
    """
    if ablate.dask is not None and find_spec("prefect_dask") is None:
        raise ValueError("ablate.dask: it needs a package more. Run: pip install 'winnow[dask]'.")
    if "domain-only" not in ablate.arms or domain.is_told:
        return ablate
    left = tuple(arm for arm in ablate.arms if arm != "domain-only")
    if not (left or ablate.shares or ablate.slices):
        raise ValueError("ablate.arms: domain-only needs a domain. Tell one (curate.domain), or name other arms.")
    with cards.shown("check_arms") as say:
        say("domain-only left out: the recipe tells no domain")
    return ablate.model_copy(update={"arms": left})
