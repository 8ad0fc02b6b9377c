"""Great Expectations' Data Docs as pages that stand alone: one for each frame, and an index.

As Great Expectations renders them, the pages fetch style sheets, scripts, fonts and a logo from six other places, and
show values as they are. Here every element that fetches or runs anything is left out, a style of our own stands in, and
a content security policy forbids the browser the rest; so they work offline, tell nobody, and a row can't script them.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Any

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:68rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
th,td{border-bottom:1px solid #ddd;padding:.3rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.badge,code{background:#eee;border-radius:3px;padding:0 .3em}ul{padding-left:1.2rem}
.breadcrumb,.btn-group,p.card-text,.d-none:not(.d-md-block){display:none}
.fa-check-circle::before{content:"✓";color:#2a7}.fa-times::before{content:"✗";color:#c33}
.fa-exclamation-triangle::before{content:"⚠";color:#c80}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}th,td{border-color:#444}
.badge,code{background:#333}a{color:#8bf}}
"""
_HEAD = (
    f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Data Docs</title>'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style></head><body>'
)
_KEPT = frozenset(
    {
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "section", "main", "nav", "hr", "br", "pre"),
        *(
            "a",
            "b",
            "code",
            "em",
            "i",
            "small",
            "span",
            "strong",
            "sub",
            "sup",
            "u",
            "dl",
            "dt",
            "dd",
            "ul",
            "ol",
            "li",
        ),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    }
)
_EMPTY = frozenset(("br", "hr"))
# Elements whose content is no text of the page, or invites to a newsletter.
_SKIPPED = frozenset(("script", "style", "template", "noscript", "svg", "iframe", "object", "form", "title", "footer"))


def data_docs(raw: dict[str, Any]) -> dict[str, str]:
    """Render a contract's results.

    Parameters
    ----------
    raw : dict
        `ContractResult.raw`: Great Expectations' results by frame.

    Returns
    -------
    dict of str to str
        File name to HTML: `index.html`, and `<frame>.html` for every frame.
    """
    pages = {f"{frame}.html": _page(result) for frame, result in raw.items()}
    return {"index.html": _index(raw), **pages}


def stand_alone(html: str) -> str:
    """Return a page's text, tables and inner links, without anything that fetches or runs."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return f"{_HEAD}<p><a href='index.html'>All frames</a></p>{''.join(reader.parts)}</body></html>"


def _page(result: dict[str, Any]) -> str:
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    shown = _escaped(result)
    for outcome in shown["results"]:
        if "unexpected_percent" not in outcome["result"]:  # which is rendered wherever there is a count
            outcome["result"].pop("unexpected_count", None)
    loaded = expectationSuiteValidationResultSchema.load(shown)
    return stand_alone(DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(loaded)))


def _escaped(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Escape every text inside a result: Great Expectations puts it into its pages as it is."""
    if isinstance(value, dict):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]
    return escape(value) if isinstance(value, str) else value


def _index(raw: dict[str, Any]) -> str:
    lines = "".join(
        f"<tr><td><a href='{escape(frame)}.html'>{escape(frame)}</a></td><td>{len(result['results'])}</td>"
        f"<td>{sum(not one['success'] for one in result['results'])}</td></tr>"
        for frame, result in raw.items()
    )
    table = f"<table><tr><th>Frame</th><th>Expectations</th><th>Not met</th></tr>{lines}</table>"
    return f"{_HEAD}<h1>Data Docs</h1>{table}</body></html>"


class _Reader(HTMLParser):
    """Copies what is known to be harmless; everything else is left out, its text kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Copy a tag with its class, its id and a link inside the page."""
        if self._skipping or tag in _SKIPPED:
            if tag in _SKIPPED:
                self._skipping.append(tag)
            return
        if tag not in _KEPT:
            return
        kept = [f' {name}="{escape(value)}"' for name, value in attrs if value and _is_harmless(name, value)]
        self.parts.append(f"<{tag}{''.join(kept)}>")

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        if self._skipping:
            if tag == self._skipping[-1]:
                self._skipping.pop()
        elif tag in _KEPT and tag not in _EMPTY:
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Copy text, escaped."""
        if not self._skipping:
            self.parts.append(escape(data))


def _is_harmless(name: str, value: str) -> bool:
    return name in ("class", "id", "colspan") or (name == "href" and value.startswith("#"))
