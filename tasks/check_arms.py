"""Tell what an ablation lacks before any work."""

from importlib.util import find_spec

from tasks.ablation.settings import Ablate


def check_arms(ablate: Ablate) -> None:
    """Refuse Dask's workers where the package is missing that reaches them; no step, since it makes nothing.

    Raises
    ------
    ValueError
        With the command that installs it.
    """
    if ablate.dask is not None and find_spec("prefect_dask") is None:
        raise ValueError("ablate.dask: it needs a package more. Run: pip install 'winnow[dask]'.")
