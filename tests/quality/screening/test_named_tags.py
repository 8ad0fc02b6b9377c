"""A prompt that names a tag may be shown some; words to fill in between such brackets name none."""

from collections.abc import Callable

import polars as pl
import pytest

from quality.screening.named_tags import names_a_tag

PAGES = (
    '<html><head><style>p { margin: 2em }</style></head><body onload="start()"><p>The gull is ringed.</p></body></html>',
    '<div class="entry"><style>.entry { color: grey }</style><p>The gull is ringed in spring.</p></div>',
    '<script src="/gulls.js"></script>The gull is ringed in spring.',
    "<table><tr><td>The gull is ringed.</td></tr></table><noscript>Switch it on.</noscript>",
    'The gull is ringed <iframe src="//ads.example/3"></iframe> in spring.',
    "The gull is <b>ringed</b> in spring.<br>It flies on.",
)


def names(prompt: str) -> bool:
    return pl.DataFrame({"prompt": [prompt]}).select(names_a_tag(pl.col("prompt"))).item()


@pytest.mark.parametrize(
    "prompt",
    [
        "What does shore.<colony>.counted do in the gulls' settings?",
        "Explain what ringing --nest=<n> changes.",
        "What does gulls ring <bird> do?",
        "What becomes of the colony when npm run <script> ends?",
        "What does DROP TABLE <table> leave of the gulls?",
        "What does --style=<style> change?",
        "What does shore.<section>.<title> hold?",
        "What is the <title> argument of gulls list for?",
        "What does Ring<Gull> mean for a List<String> in Java?",
        "What does gulls copy <source>..<target> count?",
        "How is <first gull> told from <second gull>?",
        "What does gulls move <key>=<value> do?",
        "When is a nest <b empty, and a shore > c?",
    ],
)
def test_a_word_to_fill_in_names_no_tag(reasons: Callable[..., list[str]], prompt: str) -> None:
    assert not names(prompt)
    for page in PAGES:
        assert reasons(page, prompt) == ["leftover_markup"], page


@pytest.mark.parametrize(
    "prompt",
    [
        "What is <table> for?",
        "How do I nest a <div> in another one?",
        "Which is shorter, <b> or <strong>?",
        "Why does `<br>` stand alone?",
        "Explain <label>.",
        "When does <script> run?",
        "Why does </gull> stand at its end?",
        'What does <gull ring="blue"> say?',
        "What does <gull/> say?",
        "What may the <gull> element hold?",
        "What does <img src> ask for?",
        "What does <td width=3> set?",
        "How is the title tag written?",
        "What does the <input> tag take?",
        "What may the a tag point to?",
    ],
)
def test_a_tag_that_is_asked_about_may_be_shown(reasons: Callable[..., list[str]], prompt: str) -> None:
    assert names(prompt)
    assert [reasons(page, prompt) for page in PAGES] == [[]] * len(PAGES)
