"""Data Docs that work offline: nothing in them fetches, nothing runs, and what failed is there to be read."""

import re
from html.parser import HTMLParser

import polars as pl
import pytest

from quality import contracts
from quality.contracts.pages import stand_alone
from quality.records import FATES, RECORDS

EVIL = "<script>alert(1)</script><svg><img src=//evil.example/x onerror=alert(2)>"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    turns = [{"role": EVIL, "content": "?"}, {"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]
    data = [{"row": n, "id": f"{n:032x}", "messages": turns, "source": "pool"} for n in range(60)]
    kept = pl.DataFrame(data, schema={key: RECORDS[key] for key in ("row", "id", "messages", "source")})
    result = contracts.validate(kept, pl.DataFrame(schema=FATES), kept.select("row", "source"))
    return contracts.data_docs(result.raw)


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str, str]] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.names.add(tag)
        self.attributes |= {(tag, name, value) for name, value in attrs}

    def handle_data(self, data) -> None:
        self.text += data


def test_there_is_a_page_for_each_frame_and_an_index_that_leads_to_them(pages) -> None:
    frames = {"rows", "messages", "pool", "sources", "stages"}
    assert set(pages) == {"index.html", *(f"{frame}.html" for frame in frames)}
    for page in pages.values():  # from every page to every other
        assert {value for _, name, value in Tags(page).attributes if name == "href" and value[0] != "#"} == set(pages)
    counted = re.search(r"messages</a></td><td>[^<]+</td><td[^>]*>(\d+)</td><td[^>]*>(\d+)", pages["index.html"])
    assert counted
    assert counted.groups() == ("3", "1")


def test_a_frame_that_fails_is_marked_on_every_page_and_says_what_it_is(pages) -> None:
    for name, page in pages.items():
        marks = dict(re.findall(r"href='(\w+)\.html'[^>]*><span class=\w+>([✓✗])", page))
        assert (marks["messages"], marks["stages"]) == ("✗", "✓")
        assert page.count(" class=here>") == 1
        assert f"<title>Data Docs{'' if name == 'index.html' else f': {name[:-5]}'}</title>" in page
    assert "<p class=told>The messages of the rows that are left.</p>" in pages["messages.html"]


def test_no_page_fetches_or_runs_anything(pages) -> None:
    for page in pages.values():
        found = Tags(page)
        assert not found.names & {"script", "link", "img", "iframe", "object", "embed", "form", "base", "svg", "video"}
        for _tag, name, value in found.attributes:
            assert name in ("class", "id", "colspan", "href", "charset", "content", "http-equiv", "lang", "name")
            if name == "href":
                assert value.startswith("#") or value in pages
            if name == "http-equiv":
                assert value == "Content-Security-Policy"
        assert "default-src 'none'" in page
        assert not re.search(r"url\(|@import", page)


def test_what_failed_can_be_read_and_a_value_is_shown_as_text(pages) -> None:
    text = Tags(pages["messages.html"]).text
    assert "Failed" in text
    # Great Expectations shows 20 values at most.
    assert "alert(1)" in text
    assert "onerror=alert(2)" in text
    assert text.index("onerror") < text.rindex("unexpected")  # the page goes on behind it
    assert "newsletter" not in text


def test_what_is_left_out_takes_nothing_else_along() -> None:
    page = stand_alone(
        "<body onload=x><p style='background:url(//a)'>one<link href=//a><script>if (a < b) two</script>"
        "<a href='javascript:x'>three</a><a href='#in'>four</a><form>five<div>six</div></form>se&lt;ven<br>"
    )
    body = page.partition("<body>")[2]
    assert body == '<p>one<a>three</a><a href="#in">four</a>se&lt;ven<br></body></html>'
