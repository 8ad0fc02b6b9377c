r"""Answers that are code, configuration or XML and nothing else: what stands in them was left over from no page.

Beside its strings and comments a program has no sentence, and neither has a file of settings; of XML that somebody
configures with, hardly a tag is one of HTML. Pieces of pages that an export left stand beside sentences, or are made
of the tags of HTML.
"""

from __future__ import annotations

import polars as pl

from quality.screening.asked_for_code import ASKED_FOR_CODE, asks_for_words
from quality.texts.layout import is_laid_out
from quality.texts.patterns import count_of, holds, without

# Words one behind the other, as in no program; or a sentence of a script without blanks.
PROSE = r"(?:\p{L}[\p{L}'’-]*[,:]?\s+){5}\p{L}|\p{Lo}{12}"
"""Matches a piece of a sentence."""

# Who asks to be shown code or settings, or a file by its name.
_ASKED_TO_SHOW = (
    r"(?i)\b(?:show|give|print|display|list|provide|see|share|post|open|read)\b[^.?!]{0,80}"
    r"\b(?:code|script|program|config\w*|source)\b|"
    r"(?i)\b(?:contents? of|config\w*)(?: the)? files?\b|"
    r"\b[\w-]+\.(?:x?html?|xml|xslt?|svg|tpl|tmpl|php|jsp|aspx?|erb|vue|jsx|tsx?|s?css|js|json|ya?ml|toml|ini|conf|cfg|"
    r"sh|py|rb|rs|go|java|kt|swift|scala|cc|cpp|hpp|cs|vb|pl|lua|sql|tex|rst|md)\b|(?-i:\b[a-z0-9_-]{2,}\.[ch]\b)"
)
# Codes that no machine reads, and what is called like a file (“D3.js”).
_NO_FILE = (
    r"(?i)\b(?:civil|penal|criminal|commercial|labou?r|tax|building|fire|dress|moral|postal|zip|area|country|dialling|"
    r"genetic|morse|bankruptcy|highway|internal revenue|u\.?s\.?) codes?\b|\bcodes? of "
    r"(?:conduct|ethics|practice|honou?r|laws?|(?:criminal|civil) procedure)\b|"
    r"\b(?:node|next|nuxt|vue|react|angular|ember|backbone|express|three|d3|p5|chart|moment|socket|discord|electron|"
    r"meteor|gatsby|tensorflow|alpine|knockout)\.js\b"
)
# A program that a page was made of: between its tags, with its breaks behind statements and its blanks before them.
_OF_A_PAGE = r"(?i)\A\s*<(?:pre|code)\b[^<>]*>|</(?:pre|code)>\s*\z|[;):]\s*<br\s*/?>\s*\n|(?:^|\n)(?:&nbsp;){2}"
_STRINGS = r"(?s)\"\"\".*?\"\"\"|\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|\S{0,300}//\S*"
_COMMENTS = (
    r"(?s)<!--.*?(?:-->|\z)|/\*.*?(?:\*/|\z)|\(\*.*?(?:\*\)|\z)|\{-.*?(?:-\}|\z)|"
    r"(?m)(?:^|\s)(?://|#|--|;|%|'''|REM\b|\\)[^\n]*$"
)
_FEWEST_LINES, _FEWEST_SHOWN = 3, 6
# Of XML, fewer words are one, with a full stop.
_SENTENCE = rf"{PROSE}|(?:\p{{L}}[\p{{L}}'’-]*,?\s+){{2}}\p{{L}}+[.!?](?:\s|\z)"
_TAG, _OF_HTML = (
    r"</?[A-Za-z][\w.:-]*(?:\s[^<>]*)?/?>",
    r"(?i)</?(?:a|abbr|article|aside|b|blockquote|body|br|button|center|dd|div|dl|dt|em|font|footer|form|h[1-6]|head|header|"
    r"hr|html|i|iframe|img|input|label|li|link|main|meta|nav|object|ol|option|p|pre|script|section|select|small|span|strong|"
    r"style|sub|sup|svg|table|tbody|td|th|thead|title|tr|u|ul|video)(?:\s[^<>]*)?/?>",
)
_FEWEST_TAGS, _FEWEST_OF_A_FILE = 4, 8
# Comments of C# and its kin are XML.
_DOC_COMMENT = (
    r"(?s)\A\s*(?:///)?\s*<summary>.*</summary>\s*"
    r"(?:\z|(?:///)?\s*<(?:param|returns|remarks|value|exception|typeparam|example|seealso)\b)"
)


def shows_code(prompt: pl.Expr, answer: pl.Expr) -> pl.Expr:
    """Tell answers of several lines that are code, where the prompt asks for code or a file; and XML alone.

    They are code where no sentence stands beside strings and comments, nor what a page is laid out by around a program.
    Asked to show some, they may hold sentences, as a template does, in short lines.
    """
    bare = without(answer, _COMMENTS, " ")
    sentences = holds(without(bare, _STRINGS, " "), PROSE)
    to_show = holds(without(prompt, _NO_FILE, " "), _ASKED_TO_SHOW)
    to_show = to_show & ~asks_for_words(prompt)
    asked = holds(prompt, ASKED_FOR_CODE) & ~asks_for_words(prompt) | to_show
    lines = answer.str.count_matches(r"(?m)^[ \t]*\S")
    code = asked & ~sentences & (lines >= _FEWEST_LINES)
    shown = to_show & is_laid_out(answer) & (lines >= _FEWEST_SHOWN)
    return (code | shown) & ~holds(answer, _OF_A_PAGE) | _xml(answer, bare)


def _xml(whole: pl.Expr, bare: pl.Expr) -> pl.Expr:
    tags, of_html = count_of(bare, _TAG), count_of(bare, _OF_HTML)
    alone = (tags >= _FEWEST_TAGS) & ~holds(without(bare, _TAG, " "), _SENTENCE)
    file = (tags >= _FEWEST_OF_A_FILE) & whole.str.contains(r"\A\s*<\?xml version[^\n]*\n")
    documented = holds(whole, _DOC_COMMENT)
    return (alone | file | documented) & (2 * of_html < tags)
