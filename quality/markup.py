"""Leftover markup: HTML, entities and chat-template tokens that a careless export left in prose."""

import polars as pl

# Tags that nobody uses as a placeholder (`<name>`, `<input>`, `<title>`) or type parameter (`List<int>`).
_BLOCKS = "address|article|aside|blockquote|br|center|code|dd|div|dl|dt|em|font|h[1-6]|hr|html|iframe|img"
_TAG = rf"</?(?:{_BLOCKS}|li|nobr|ol|pre|script|small|span|strong|style|sub|sup|table|tbody|td|th|thead|tr|ul)"
# `a <b and c> d` is no tag, nor is the `<i>` of `Vec<i>`: one-letter tags must stand free or have attributes.
_PATTERNS = [
    rf"(?i){_TAG}(?:\s[^<>]*)?/?>",
    r"(?i)</[abipqsu]>",
    r"(?i)(?:^|[^\w<])<[abipqsu](?:\s+[\w-]+\s*=[^<>]*)?>",
    r"(?i)<!--|<!doctype|<!\[CDATA\[",
    r"&(?:nbsp|amp|lt|gt|quot|apos|[lr][sd]quo|hellip|[mn]dash|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});",
    r"<\|[\w ]{1,40}\|>|\[/?INST\]|<</?SYS>>",
]
# What lays a whole answer out, in a row that speaks of browsers and scripts as in any other: a block around it, a
# line break behind its last word or behind a sentence, the token that ends a turn.
_BLOCK = r"(?:div|p|html|body|span|td|tr|table|ul|ol|section|article|main|h[1-6]|center|blockquote|font)"
_LAYOUT = (
    rf"(?is)\A\s*(?:<!--.*?-->\s*)?<{_BLOCK}(?:\s[^<>]*)?>.*</{_BLOCK}>\s*\z",
    r"(?i)[\w.!?:)]\s*<br\s*/?>\s*\z|[.!?]\s*<br\s*/?>\s*[A-Z(\[]",
    r"(?i)<\|(?:im_(?:start|end)|endoftext|eot_id|end|eos|start_header_id)\|>|\[/?INST\]|<</?SYS>>",
)
_CODE = r"(?s)```.*?(?:```|\z)|~~~.*?(?:~~~|\z)|`[^`\n]*`"
_SCRIPT = r"(?is)<(?:script|style)\b.*?(?:</(?:script|style)>|\z)"
_ADDRESS = r"\S*[/.]\w\S*"
# Who writes about markup may show it.
_ABOUT = (
    r"(?i)\b(?:x?html5?|xml|css|svg|tags?|markup|xss|script(?:s|ing)?|javascript|jsx|php|browsers?|"
    r"web ?(?:page|site)s?|entit(?:y|ies)|escap(?:e|ed|ing)|sanitiz\w*|sanitis\w*)\b"
)
# Who asks for markup, or for a model's tokens, may get a whole page of it.
_ASKED = r"(?i)\b(?:x?html5?|xml|css|svg|tags?|markup|jsx|tokens?|tokeni[sz]ers?|chat templates?|chatml|llama)\b"


def leftover_markup(prompt: pl.Expr, answer: pl.Expr) -> pl.Expr:
    """Count the tags, entities and template tokens in answers, outside of code and of talk about markup.

    Markup between backticks or in fenced blocks is meant to be seen, and so is markup in an answer that, or
    whose prompt, speaks of HTML, tags, scripts and their like; unless it lays out the answer itself, and the prompt
    did not ask for it.
    """
    suspect = answer.str.contains(r"[<\[&]")
    # The rest sees null, and costs nothing.
    prose = pl.when(suspect).then(answer).str.replace_all(_CODE, " ")
    count = pl.sum_horizontal(prose.str.count_matches(pattern) for pattern in _PATTERNS)
    marked = pl.when(suspect & (count > 0))
    spoken = marked.then(prose).str.replace_all(_SCRIPT, " ")
    for pattern in _PATTERNS[:3]:
        spoken = spoken.str.replace_all(pattern, " ")
    spoken = spoken.str.replace_all(_ADDRESS, " ")
    about = spoken.str.contains(_ABOUT) | marked.then(prompt).str.contains(_ABOUT)
    layout = pl.any_horizontal(marked.then(prose).str.contains(pattern) for pattern in _LAYOUT)
    asked = marked.then(prompt).str.contains(_ASKED)
    left = layout & ~asked | ~about
    return pl.when(suspect & left.fill_null(value=False)).then(count).otherwise(0)
