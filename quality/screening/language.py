"""In which language an answer is written, told by py3langid: a small naive Bayes model that ships in its package.

It reads no network and no pickle, and costs nothing unless a recipe asks for languages.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import lru_cache
from typing import Protocol, cast

import polars as pl

# What is said in a hundred words of prose is said; the rest costs time and tells nothing new.
_CHARACTERS = 600
# Below so many letters a language can't be told: "OK", "Paris.", "42".
_FEWEST_LETTERS = 20
# Addresses of ASCII alone: where no blanks part words, an address would take the sentence around it along.
_CODE = r"(?s)```.*?(?:```|\z)|`[^`\n]*`|https?://[!-~]+|[!-~]+@[!-~]+"


class UnknownLanguage(ValueError):
    """A language that the identifier does not know, or no identifier at all."""


class _Identifier(Protocol):
    labels: list[str]

    def rank(self, text: str) -> list[tuple[str, float]]: ...


def language_shares(texts: pl.Series, languages: tuple[str, ...]) -> pl.Series:
    """Measure the probability that each text is in one of some languages.

    Parameters
    ----------
    texts : pl.Series of String
        Code between backticks and addresses are left out; 600 characters of each are read.
    languages : tuple of str
        ISO 639 codes, at least one.

    Returns
    -------
    pl.Series
        Float64 (0 to 1); 1 for texts of fewer than 20 letters.

    Raises
    ------
    UnknownLanguage
        If a code is none of the identifier's, or py3langid is not installed.
    """
    identifier = _identifier()
    if problem := unknown_language(languages):
        raise UnknownLanguage(f"curate.screen.{problem}")
    allowed = set(languages)
    prose = texts.str.replace_all(_CODE, " ").str.head(_CHARACTERS)
    told = prose.str.count_matches(r"\p{L}") >= _FEWEST_LETTERS
    # The one place in quality that goes row by row: the model has no batch.
    shares = [
        min(1.0, sum(share for code, share in identifier.rank(text) if code in allowed)) if read else 1.0
        for text, read in zip(prose, told, strict=True)
    ]
    return pl.Series("other_language", shares, dtype=pl.Float64)


def unknown_language(languages: tuple[str, ...]) -> str | None:
    """Say which of some codes is no language that can be told; None where all are, or nobody here could say."""
    if not languages or not _installed():
        return None
    known = sorted(_identifier().labels)
    unknown = sorted(set(languages) - set(known))
    if not unknown:
        return None
    return (
        f"languages: “{unknown[0]}” is no language that can be told. Give ISO 639 codes in small letters, out of "
        f"{', '.join(known)}."
    )


def _installed() -> bool:
    return importlib.util.find_spec("py3langid") is not None


@lru_cache(maxsize=1)
def _identifier() -> _Identifier:
    if not _installed():
        raise UnknownLanguage(
            "curate.screen.languages needs the language identifier py3langid, which is not installed. Run: pip install "
            "'py3langid>=0.4'. Or leave the languages out."
        )
    langid = importlib.import_module("py3langid.langid")
    return cast("_Identifier", langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True))
