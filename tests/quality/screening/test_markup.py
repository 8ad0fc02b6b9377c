"""Markup that an export left behind is a defect; markup that an answer is about is not."""

from collections.abc import Callable

import pytest


def test_markup_is_fine_where_the_question_is_about_it(reasons: Callable[..., list[str]]) -> None:
    assert reasons("Write <b>so</b>.", "How do I make words bold in HTML?") == []
    assert reasons("Write <b>so</b>.", "How do I make words bold?") == ["leftover_markup"]


def test_words_inside_tags_are_no_talk_about_markup(reasons: Callable[..., list[str]]) -> None:
    assert reasons('<span style="css" lang="html">So.</span>') == ["leftover_markup"]
    assert reasons("<style>p { css: 1 }</style>So.") == ["leftover_markup"]
    assert reasons("<!DOCTYPE html><html><body>So.</body></html> Bye.") == ["leftover_markup"]


@pytest.mark.parametrize(
    "answer",
    [
        '<video src="a.mp4" controls></video> The gull dives from a height.',
        "<item><title>Gull</title>It dives from a height.<pubDate>Monday</pubDate></item>",
        'class="body" id="main">The gull dives from a height.</div',
        'The gull dives from a height. style="display: none"',
        "The gull dives from a height. onclick='open(this)'",
        "\\u003cp\\u003eThe gull dives from a height.\\u003c/p\\u003e",
    ],
)
def test_ends_of_tags_and_what_stands_in_them_are_leftover(reasons: Callable[..., list[str]], answer: str) -> None:
    assert reasons(answer, "How does a gull fish?") == ["leftover_markup"]
    assert reasons(answer, "Which HTML shows how a gull fishes?") == []


@pytest.mark.parametrize(
    "answer",
    [
        '<div class="x"><script>track()</script><p>Browsers run scripts of other web sites.</p></div>',
        "Browsers run scripts.<br> Others do not.",
        "Browsers run scripts.<|endoftext|>",
        "Browsers run scripts.<script>track()</script>",
        "<style>p { color: red }</style>Browsers run scripts.",
        "<!-- ad -->Browsers run scripts.",
        "&lt;p&gt;Browsers run scripts.&lt;/p&gt;",
        "&lt;p&gt;Browsers run HTML.&lt;/p&gt;&lt;script&gt;go()&lt;/script&gt;",
        'ipt">var head = first(); head.append(it);</script>\nBrowsers lay out markup.',
        "Browsers&nbsp;run scripts.",
        "Browsers run scripts. <img src='x' onerror='alert(1)'>",
        "Browsers run scripts.</s>",
        "<p>A browser runs scripts, unless it is told not to.</p><br/><script src='a.js'></script>",
        '<div>It runs them in <b>JavaScript</b>.</div>\n<hr>\n<img src="a.png">',
        '<!DOCTYPE html><html lang="en"><body><p>Browsers run scripts.</p></body></html>',
        'Browsers run <br><br><font color="red">scripts of other sites.</font>',
        "<h2>Browsers</h2>\n<p>They run scripts.</p>\n<p>All of them.</p><script>var thread = 7; load();</script>",
        '<div id="consent" role="dialog"><p>This page asks.</p></div> Browsers run scripts of other sites.',
        'Browsers run scripts.&nbsp;&nbsp;&raquo;&nbsp;<a href="#top">Up</a></div></body></html>',
        "Browsers run</li><li>scripts of other sites.</li></ul></nav><!-- end of list -->",
        'Browsers run <iframe src="//ads.example/7"></iframe> scripts of other sites.',
    ],
)
def test_what_lays_out_an_answer_is_leftover_even_where_it_is_about_scripts(
    reasons: Callable[..., list[str]], answer: str
) -> None:
    assert reasons(answer, "What does a browser do with scripts?") == ["leftover_markup"]
    assert reasons(answer, "Write me a page of HTML, with all tokens.") == []


@pytest.mark.parametrize(
    "answer",
    [
        "A page runs what stands in <script>…</script>, and so does an <img> tag with onerror in it.",
        "Write &nbsp; where a browser must not break a line.",
    ],
)
def test_who_writes_about_markup_may_show_it(reasons: Callable[..., list[str]], answer: str) -> None:
    assert reasons(answer, "What does a browser do with scripts?") == []


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Show me an Android view.", '<TextView android:id="@+id/title" android:layout_width="wrap_content" />'),
        ("How do I add a React button?", 'Use <Button kind="primary" size="small">Save</Button> there.'),
        ("How do I put a picture in a wiki page?", "Write [[File:Example.jpg|thumb|A caption]] where it should be."),
        ("How do I track a sign-up with Google Analytics?", "Call gtag('event', 'sign_up') after it."),
        ("How do I write bold words in BBCode?", "Put them between marks: [b]so[/b]."),
    ],
)
def test_who_names_what_markup_is_written_for_is_shown_it(
    reasons: Callable[..., list[str]], prompt: str, answer: str
) -> None:
    assert reasons(answer, prompt) == []
    assert reasons(answer, "How does it go?") == ["leftover_markup"]


@pytest.mark.parametrize(
    "markup",
    [
        '<svg width="10" height="10"><path d="M0 0L10 10"/></svg>',
        "<svg><circle></circle></svg>",
        "<noscript>Switch it on</noscript>",
    ],
)
def test_a_drawing_or_a_menu_beside_the_text_is_left_over(reasons: Callable[..., list[str]], markup: str) -> None:
    told = "The harbour holds the river, and its scripts are old."
    assert reasons(f"{markup} {told}", "Why?") == ["leftover_markup"]
    assert reasons(f"{told}\n{markup}", "Why?") in (["leftover_markup"], [])
    assert reasons(f"{markup} {told}", "Draw it as an SVG in HTML.") == []


@pytest.mark.parametrize(
    "answer",
    [
        '[vc_row][vc_column width="1/2"]The lock fills.[/vc_column][/vc_row]',
        '[su_note note_color="#fff"]The lock fills.[/su_note]',
        'The lock fills. [gallery ids="3,4" columns="2"]',
        "[caption]A lock[/caption] The lock fills.",
        "[quote=anna][font=Arial]Why?[/font][/quote] The lock fills.",
        "{{Infobox lock|name=Old lock}} The lock fills.",
        "The lock fills.{{cite book|title=Locks}}",
        'The lock fills.<ref name="a" />',
        '{| class="wikitable"\n|-\n| lock || 3\n|}',
        'ga("create", "UA-1", "auto"); The lock fills.',
    ],
)
def test_shortcodes_forum_tags_and_templates_of_wikis_are_left_over(
    reasons: Callable[..., list[str]], answer: str
) -> None:
    assert reasons(answer, "How does it fill?") == ["leftover_markup"]
    assert reasons(answer, "How do I write it in WordPress, BBCode or wikitext?") == []


@pytest.mark.parametrize(
    "answer",
    [
        "debug:\n  msg: '{{ item.name | default(none) }}' for each {{ item }}",
        'grep -E "[a-z]" file && [ "$a" = "b" ] && [[ -n "$x" ]] and x[["name"]] <- 1',
        "a = [x for x in y]; b = c[i][j]; print(f'{{{a}}}'); [[nodiscard]] int f(); [dependencies]",
        "Routes: [/home] and [/about-us]; the selector input[type='text'] and a[0]; Rust's #[cfg(test)].",
        "lockprint [-v] [--port=PORT] [host][:port][/mask_length] file...",
        "Write [user@]lock[/mask_length] or lock[:port][/mask_length].",
        "See [1], [2] and [note]. He said [sic] so [emphasis added].",
    ],
)
def test_brackets_of_programs_and_of_prose_are_none(reasons: Callable[..., list[str]], answer: str) -> None:
    assert reasons(answer, "How does it go?", most_cut_off=1) == []


def test_who_asks_for_a_web_page_gets_all_of_it(reasons: Callable[..., list[str]]) -> None:
    page = "<!doctype html><html><body><p>The harbour lies behind a wall.</p><script>ring();</script></body></html>"
    assert reasons(page, "Write a small web page about harbours.") == []
    assert reasons(page, "What does that web page say?") == ["leftover_markup"]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("<w:p><w:r><w:t>The kidney filters blood.</w:t></w:r></w:p>", True),
        ("The kidney filters blood.<o:p></o:p>", True),
        ('<jsp:include page="header.jsp"/>The kidney filters blood.', True),
        ('<xs:element name="kidney">It filters blood.', True),
        ("A std::vector<std::string> holds strings in a row.", False),
        ("Run mysql -h <host:port> and type the password.", False),
        ("Each line has the form <key:value>, and git push origin <local:remote> sends it.", False),
        ("Where a<b : c and d>e, nothing follows.", False),
    ],
)
def test_tags_of_a_named_kind_are_left_over(reasons: Callable[..., list[str]], answer: str, *, left: bool) -> None:
    assert reasons(answer) == (["leftover_markup"] if left else [])


DOCUMENTED = "Write the docstring of the function `gulls` in shore.py."


@pytest.mark.parametrize(
    "answer",
    [
        "Counts the gulls of a shore.<script>track('gulls');</script> None is counted twice.",
        "Counts the gulls of a shore. None is counted twice.<div class='bird",
        "Counts the gulls of a shore. <div class=bird id=first>None is counted twice.",
        'Counts the gulls of a shore *ngIf="loud" and none is counted twice.',
        'Counts the gulls of a shore v-if="loud" and none is counted twice.',
        "Counts the gulls of a shore. data:image/png;base64,aGVsbG9oZWxsb2hlbGxvaGVsbG8= None is counted twice.",
        "Counts the gulls of a shore. %3Cdiv%3ENone%3C/div%3E is counted twice.",
        "-->Counts the gulls of a shore. None is counted twice.",
        "Counts the gulls of a shore. None is counted twice.\nLast updated on March 3, 2021.",
        "Home\nSearch\nLog in\nCounts the gulls of a shore. None is counted twice.",
    ],
)
def test_who_wants_code_explained_wants_no_markup(reasons: Callable[..., list[str]], answer: str) -> None:
    assert reasons(answer, DOCUMENTED) == ["leftover_markup"]


@pytest.mark.parametrize(
    "answer",
    [
        "Counts the <tr> nodes of a table. None is counted twice.",
        "Puts the name between '<b>' and the end of the line.",
        "Returns what {@link Shore} holds.\n<p>See <code>Gull</code> as well.\n@param shore where they are counted",
        "Counts the gulls of a `List<Gull>` and calls none twice.",
        "Where <s> is a shore, counts its gulls.",
        "Writes the line as: name <address> for each gull of a shore.",
        "Takes what is told by the <code> field, and counts its gulls.",
    ],
)
def test_markup_that_a_docstring_speaks_of_stays(reasons: Callable[..., list[str]], answer: str) -> None:
    assert reasons(answer, DOCUMENTED) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "What does the release tag v2-spring stand for?",
        "Who may sell a token of the ferry?",
        "Which script do the monks of the harbour write in?",
        "Describe the legal entity that runs the harbour.",
        "Tell me about the package tag no-icons-shipped.",
        "What stands for ferry <old wooden>?",
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        '<ol class="trail"><li><a href="/">Top</a></li></ol><main><p>It stands for the ferry.</p></main>'
        '<div id="consent" hidden><a href="#ok">Fine</a></div>',
        "<font size='2'><b>The ferry.</b><br>It is old.</font>",
        "It stands for the <b>ferry</b> of the harbour.",
        'It stands for the ferry.\n<script>count("ferry");</script>',
    ],
)
def test_words_that_are_said_of_other_things_than_markup_ask_for_none(
    reasons: Callable[..., list[str]], prompt: str, answer: str
) -> None:
    assert reasons(answer, prompt) == ["leftover_markup"]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How is the br tag closed?", "In older pages it is written <br /> and needs nothing more."),
        ("Which tag is shorter, <b> or <strong>?", "<b>Harbour</b> is shorter to write."),
        ("What may the a tag point to?", '<a href="#harbour">The harbour</a> points to a place on the page.'),
        ("Which tags does a browser close by itself?", "It closes <p>harbour by itself, and so <li>ferry."),
        ("What does the tag td hold?", "<td>7</td> holds a seven."),
        ("How are two special tokens told apart?", "<|im_start|>user\nHello<|im_end|>"),
        ("What is wrong with the policy?", 'Rules of the form <allow sender="any"/> let everybody send.'),
        ("How is the year put in?", "It does the same as the <!--#echo var=YEAR --> element."),
    ],
)
def test_a_prompt_that_names_a_tag_or_an_answer_that_speaks_of_one_may_show_it(
    reasons: Callable[..., list[str]], prompt: str, answer: str
) -> None:
    assert reasons(answer, prompt) == []


def test_what_counts_visitors_is_left_over_even_below_a_question_about_css(reasons: Callable[..., list[str]]) -> None:
    answer = '<p>It sets the width of the border.</p><script>ga("send", "pageview");</script>'
    assert reasons(answer, "Explain the CSS property border-width.") == ["leftover_markup"]
    assert reasons(answer, "Which HTML has analytics below a paragraph?") == []
    plain = "<p>It sets the width of the border.</p>"
    assert reasons(plain, "Explain the CSS property border-width.") == []


@pytest.mark.parametrize(
    "answer",
    [
        "The keeper lists a hive by hive list --of=<ref>, which no other call accepts.",
        "Call check(<code> <label>) with the colour. Of each <code> one is kept.",
        "The text of the note, without the leading '<!--' and the trailing '-->'.",
    ],
)
def test_words_to_fill_in_may_stand_twice_and_signs_of_a_comment_in_quotes(
    reasons: Callable[..., list[str]], answer: str
) -> None:
    assert reasons(answer, "What does the hive do?") == []


@pytest.mark.parametrize(
    "answer",
    [
        "Bees fly.<ref>A book of bees, 1900</ref> They come back.",
        "Bees fly <code>up and <code>down all day.",
        "Bees fly. <!-- They come back. -->",
    ],
)
def test_what_ends_or_stands_before_a_word_is_no_place_to_fill_in(
    reasons: Callable[..., list[str]], answer: str
) -> None:
    assert reasons(answer, "What does the hive do?") == ["leftover_markup"]
