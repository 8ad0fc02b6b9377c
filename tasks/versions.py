"""The versions of Python and of the packages that a result depends on, for manifests and reports."""

import contextlib
import platform
from importlib import metadata

PACKAGES = (
    "winnow", "prefect", "polars", "polars-hash", "numpy", "scikit-learn", "torch", "transformers", "peft",
    "sentence-transformers", "great-expectations", "lm-eval",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions a result depends on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found
