"""Marks of a text that goes on: dots, "[truncated]", "-- more --", and signs behind which something must follow."""

from __future__ import annotations

# "and so on …": perhaps its writer's, perhaps whoever cut it off; "[truncated]" and "… Read more" are the latter's.
# Two dots are a full stop behind one that belonged to the word: “Inc..”
_DOTS = r"(?:\.{3,}|…)"
_SAYS = (
    r"(?i:truncated|cut(?: off| short)?|(?:to be )?continued(?: on (?:the )?next page)?|snip(?:ped)?|clipped|abridged|"
    r"end of (?:excerpt|preview|sample)|(?:max(?:imum)?\.? )?(?:tokens?|length|output|characters?|words?)(?: limit)? "
    r"(?:was |is )?(?:reached|exceeded|truncated))"
)
_BRACKETED = rf"[\[(<]{{1,2}}\s?{_SAYS}\.*\s?[\])>]{{1,2}}"
_BETWEEN_LINES = rf"[-–—*=]{{2,3}}\s?(?i:more|{_SAYS})\s?[-–—*=]{{2,3}}"
_MARK = rf"\s*{_BRACKETED}|\s*{_BETWEEN_LINES}|\s*[\[(]?(?i:read more|continue reading|see more)[\])]?\.?"
MARKED = rf"{_DOTS}(?:{_MARK})\s*\z|\s(?:{_BRACKETED}|{_BETWEEN_LINES})\s*\z"
"""Who writes so says that there was more."""
TRAILING = rf"(?:{MARKED}|[\[(]?{_DOTS}[\])]?\s*\z)"
"""The same, or dots alone."""
# In a list of clauses, all but the last end so: "…; and". Where there are none, who ends so was cut.
CLAUSE = r"[;,] (?:and|or|und|oder|et|ou|y|o),?\s*\z"
"""The end of a clause that another follows."""
HANGING = {
    "comma": r",\s*\z",
    "dash": r"\s\S*[\p{L}\p{N},)]\s?[-–—]{1,3}\s*\z",
    "bracket": r"(?:^|[^:;=-])[(\[][^()\[\]]*\z",
}
"""Signs behind which something must follow; a bracket that is not closed, and no smiley."""
