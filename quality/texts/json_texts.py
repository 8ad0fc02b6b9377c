"""How a text begins that is JSON from its first sign on, be it in a block of code."""

from __future__ import annotations

MAY_BE_FENCED = r"\A\s*(?:```\w*\s*)?"
BEGINS_JSON = rf"{MAY_BE_FENCED}(?:\[\s*)?\{{\s*\"[^\"\n]*\"\s*:"
"""An object, or a list of objects, whose first key a colon follows."""
