"""Code, settings and XML that a prompt asked for are no leftovers of a page; sentences between tags are."""

from collections.abc import Callable

import pytest

TEMPLATE = """<dl>
  <dt>Name of the berth</dt>
  <dd><%= h @berth.name %></dd>
  <dt>Depth, in metres</dt>
  <dd><%= h @berth.depth %></dd>
</dl>"""
SETTINGS = """<?xml version="1.0"?>
<harbour>
  <!-- Nobody moors here when the wind blows from the north. -->
  <berth name="east"><depth>9</depth></berth>
  <berth name="west"><depth>12</depth></berth>
</harbour>"""
LICENSED = """/*
 * Copyright (c) 2019 Harbour Ltd. All rights reserved.
 */
int depth(int berth) {
    return depths[berth];
}
"""
INDENTED = """The command lists the berths of one harbour and tells which of them are free. ::

    <berths>
      <b>east</b>
    </berths>
"""
PROGRAM = """int deepest(int a, int b) {
    if (a > b)
        return a;
    return b;
}"""
PAGE = f"<pre><code>{PROGRAM.replace('>', '&gt;')}\n</code></pre>"
BROKEN_LINES = PROGRAM.replace(">", "&gt;").replace(";\n", ";<br>\n").replace("    ", "&nbsp;&nbsp;")
LISTED = "\n".join(
    ["<ul>", *(f"<li>A {what} where the boats may lie</li>" for what in ("quay", "pier", "mole", "bay")), "</ul>"]
)
STEPS = "Berths are let so:\n\n{0}- Write to the office &amp; wait.<br>\n{0}- Pay what is due.<br>\n{0}- Moor."
INSTANCES = (
    '{\n  "kinds": [\n    "mx.a7.16xlarge",\n    "mx.a7.2xlarge",\n    "qv9d.b2.4xlarge",\n    "r2k.c4.8xlarge"\n  ]\n}'
)


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Show me the code of the berth page.", TEMPLATE),
        ("What is in berth.erb?", TEMPLATE),
        ("How are the berths kept?", SETTINGS),
        ("How are the berths kept?", SETTINGS.partition("\n")[2]),
        ("Give me the code that tells a berth's depth.", LICENSED),
        ("How are the berths listed?", INDENTED),
        ("Which kinds are there?", INSTANCES),
        ("Write a C function that tells the deeper of two.", PROGRAM),
        ("What is in quays.h?", LISTED),
    ],
)
def test_what_is_code_and_was_asked_for_stays(reasons: Callable[..., list[str]], prompt: str, answer: str) -> None:
    assert reasons(answer, prompt) == []


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (
            "What is written in the template?",
            TEMPLATE.replace("Name of the berth", "Here are all of the berths we have."),
        ),
        ("How are the berths kept?", TEMPLATE),
        (
            "How are the berths kept?",
            "<doc><id>7</id><br/><text>They are kept in a table of the harbour office.</text></doc>",
        ),
        ("Give me the code that tells a berth's depth.", "<p>Call <b>depth</b> with the number of the berth.</p>"),
        ("What is in berth.erb?", "<div>A list of all berths with their depths in metres.</div>\n<br>\n<hr>"),
        ("Who owns the code?", LICENSED.partition("int")[0]),
        ("Write a C function that tells the deeper of two.", PAGE),
        ("Write a C function that tells the deeper of two.", BROKEN_LINES),
        ("What was in the harbour in 44 B.C., and what in Washington D.C.?", LISTED),
        ("What did D3.js bring to the harbour?", LISTED),
        ("List what the Civil Code says of harbours.", LISTED),
        ("How are berths let?", STEPS.format("  ")),
        ("How are berths let?", STEPS.format("    ")),
    ],
)
def test_sentences_in_tags_and_what_nobody_asked_for_are_leftovers(
    reasons: Callable[..., list[str]], prompt: str, answer: str
) -> None:
    assert reasons(answer, prompt) == ["leftover_markup"]
