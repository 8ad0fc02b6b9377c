"""The plain text of XML that holds XHTML: paragraphs, lists and line breaks stay, tags go."""

import re
from xml.etree.ElementTree import Element

_BLOCKS = {"p", "div", "ul", "ol", "table", "tr", "li", "br"}
_SPACES = re.compile(r"\s+")
_AROUND_BREAKS = re.compile(r" *\n *")
_BREAKS = re.compile(r"\n{2,}")


def plain_text(element: Element) -> str:
    """Return an element's text: each block on a line of its own, list items after a dash, spaces folded."""
    folded = _AROUND_BREAKS.sub("\n", re.sub(" +", " ", _flat(element)))
    return _BREAKS.sub("\n", folded).strip()


def _flat(element: Element) -> str:
    tag = element.tag.rpartition("}")[2]
    parts = [_SPACES.sub(" ", element.text or "")]
    for child in element:
        parts.append(_flat(child))
        parts.append(_SPACES.sub(" ", child.tail or ""))
    inside = "".join(parts)
    if tag == "li":
        return f"\n- {inside.strip()}\n"
    if tag in ("td", "th"):
        return f"{inside} "
    return f"\n{inside}\n" if tag in _BLOCKS else inside
