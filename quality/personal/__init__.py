"""Personal data: found by form and proof (check digits, numbering plans, entropy), then dropped, masked or replaced.

`found_in` looks, `edits` rewrites. Names of people are not looked for: that takes a language model, and errs.
"""

from quality.personal.entity import Entity
from quality.personal.finding import entities, found_in
from quality.personal.replacement import edits
from quality.personal.settings import KINDS, Kind, Personal

__all__ = ["KINDS", "Entity", "Kind", "Personal", "edits", "entities", "found_in"]
