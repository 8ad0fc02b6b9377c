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
:root{--ink:#1d2326;--soft:#5c686e;--line:#dde3e6;--wash:#f4f6f7;--good:#18794e;--bad:#c0322f;--badwash:#fdf0ef}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1.5rem;color:var(--ink)}
h1{font-size:1.6rem;margin:.5rem 0}h2,h3,h4,h5{font-size:1.1rem;margin:1.6rem 0 .3rem}
h6{font-size:.95rem;margin:.8rem 0}
.told{color:var(--soft);margin:0 0 1rem}a{color:inherit}
.frames{display:flex;flex-wrap:wrap;gap:.3rem;margin:0 0 1.5rem;padding:0;list-style:none}
.frames a{display:block;padding:.15rem .7rem;border:1px solid var(--line);border-radius:1rem;text-decoration:none}
.frames a.here{background:var(--ink);color:#fff;border-color:var(--ink)}
table{border-collapse:collapse;width:100%;margin:.4rem 0 1.5rem}
th,td{border-bottom:1px solid var(--line);padding:.4rem .7rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{color:var(--soft);font-weight:600;font-size:.85rem}td.count{text-align:right;font-variant-numeric:tabular-nums}
tr:has(.fa-times),tr.failed{background:var(--badwash)}.good,.fa-check-circle{color:var(--good)}.bad,.fa-times{color:var(--bad)}
.badge,code{background:var(--wash);border-radius:3px;padding:0 .3em}ul{padding-left:1.2rem}
.fa-check-circle::before{content:"✓";font-style:normal}.fa-times::before{content:"✗";font-style:normal}
.fa-exclamation-triangle::before{content:"⚠";color:#b26a00;font-style:normal}
.ge-section th:first-child:has(+th+th){width:4rem}
.breadcrumb,.btn-group,p.card-text,.d-none:not(.d-md-block),.lead,h4,.card:not(.d-md-block),div:has(>.collapse){display:none}
.card .ge-navigation-sidebar-content{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;list-style:none}
.card-header{display:none}thead:not(:has(th:not(:empty))){display:none}
@media(prefers-color-scheme:dark){:root{--ink:#e3e8ea;--soft:#9aa7ad;--line:#39424a;--wash:#262d32;--good:#5cc491;--bad:#ff8a85;
--badwash:#3a2322}body{background:#171b1e}.frames a.here{color:#171b1e}}
"""
_TOLD = {
    "rows": "The rows that are left, one by one: ids, roles, lengths.",
    "messages": "The messages of the rows that are left.",
    "pool": "The pool as a whole: the share of it that is left, and its largest cluster of duplicates.",
    "sources": "Every source: the share of its rows that is left.",
    "stages": "Every stage: the share of the rows reaching it that it removed.",
    "drift": "What changed since the last finished run of this recipe: lengths, and what rows are about.",
    "texts": "Prompts and answers, where expectations of your own look at them.",
}


def _head(title: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" '
        f'content="{_POLICY}"><style>{_STYLE}</style></head><body>'
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
    pages = {f"{frame}.html": _page(result, _opening(raw, frame)) for frame, result in raw.items()}
    return {"index.html": _index(raw), **pages}


def stand_alone(html: str, opening: str = "") -> str:
    """Return a page's text, tables and inner links behind an opening, without anything that fetches or runs."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return f"{opening or _head('Data Docs')}{''.join(reader.parts)}</body></html>"


def _opening(raw: dict[str, Any], here: str = "") -> str:
    """Begin a page: where it stands among the others, whose frames hold or don't, and what it is about."""
    links = [("index.html", "All", not here, "")]
    links += [(f"{escape(name)}.html", escape(name), name == here, _mark(_failed(one))) for name, one in raw.items()]
    frames = "".join(
        f"<li><a href='{page}'{' class=here' if current else ''}>{mark} {name}</a></li>"
        for page, name, current, mark in links
    )
    title = f"Data Docs: {escape(here)}" if here else "Data Docs"
    told = _TOLD.get(here, "What Great Expectations found of the contract, frame by frame.")
    return f"{_head(title)}<h1>{title}</h1><p class=told>{told}</p><ul class=frames>{frames}</ul>"


def _failed(result: dict[str, Any]) -> int:
    return sum(not one["success"] for one in result["results"])


def _mark(failed: int) -> str:
    return "<span class=bad>✗</span>" if failed else "<span class=good>✓</span>"


def _page(result: dict[str, Any], opening: str) -> str:
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    shown = _escaped(result)
    for outcome in shown["results"]:
        if "unexpected_percent" not in outcome["result"]:  # which is rendered wherever there is a count
            outcome["result"].pop("unexpected_count", None)
    loaded = expectationSuiteValidationResultSchema.load(shown)
    return stand_alone(DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(loaded)), opening)


def _escaped(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Escape every text inside a result: Great Expectations puts it into its pages as it is."""
    if isinstance(value, dict):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]
    return escape(value) if isinstance(value, str) else value


def _index(raw: dict[str, Any]) -> str:
    lines = "".join(
        f"<tr{' class=failed' if _failed(result) else ''}><td>{_mark(_failed(result))} "
        f"<a href='{escape(frame)}.html'>{escape(frame)}</a></td><td>{_TOLD.get(frame, '')}</td>"
        f"<td class=count>{len(result['results'])}</td><td class=count>{_failed(result)}</td></tr>"
        for frame, result in raw.items()
    )
    table = f"<table><tr><th>Frame</th><th>What it holds</th><th>Expectations</th><th>Not met</th></tr>{lines}</table>"
    return f"{_opening(raw)}{table}</body></html>"


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
