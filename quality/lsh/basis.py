"""What kept states are kept by: the code that decides them, and the versions of packages that have a say in it."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_QUALITY = Path(__file__).parents[1]


@cache
def basis(modules: tuple[str, ...], packages: tuple[str, ...]) -> str:
    """Digest modules of `quality` (`lsh.jaccard`) by their source and packages by their version: 128 bits in hex."""
    digest = hashlib.blake2b(digest_size=16)
    for name in modules:
        digest.update(_QUALITY.joinpath(*name.split(".")).with_suffix(".py").read_bytes())
    digest.update(" ".join(map(version, packages)).encode())
    return digest.hexdigest()


def named_by(*settings: object, basis: str) -> str:
    """Name a folder by settings and by the basis of what made it: 128 bits in hex."""
    return hashlib.blake2b(f"{settings} {basis}".encode(), digest_size=16).hexdigest()
