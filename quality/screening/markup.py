"""Leftover markup: HTML, entities, tags of forums and wikis, and chat-template tokens left in prose by an export."""

import polars as pl

from quality.screening.named_tags import names_a_tag
from quality.screening.shown_code import shows_code
from quality.texts.characters import CODE, is_empty
from quality.texts.patterns import any_of, count_of, holds, without

# Tags that nobody uses as a placeholder (`<name>`, `<input>`, `<title>`) or type parameter (`List<int>`).
_BLOCKS = "address|article|aside|blockquote|br|center|code|dd|div|dl|dt|em|font|h[1-6]|hr|html|iframe|img"
_OTHERS = (
    "audio|body|button|canvas|caption|channel|details|fieldset|figcaption|figure|footer|form|head|header|label|legend|main|"
    "marquee|nav|object|option|picture|pubdate|section|select|summary|textarea|tfoot|title|video"
)
_TAG = (
    rf"</?(?:{_BLOCKS}|li|nobr|noscript|ol|pre|script|small|span|strong|style|sub|sup|svg|table|tbody|td|th|"
    r"thead|tr|ul)"
)
_LONG = rf"{_BLOCKS}|{_OTHERS}|li|link|meta|nobr|noscript|ol|pre|script|small|span|strong|style|sub|sup|svg|"
_LONG += "table|tbody|td|th|thead|tr|ul|input|base|embed|ins|path"
_NAMES = rf"{_LONG}|a|b|i|p|u"
_CUT = rf"<(?:/[a-z0-9]*|(?:{_NAMES})\s+[\w:-]+=[^<>]*|(?:{_LONG})\s*)\z"
# `a <b and c> d` is no tag, nor is the `<i>` of `Vec<i>` or `arcs_<i>`: tags of one letter must end or have attributes.
_RESIDUE = r"\b(?:class|href|src|alt|rel|target|style|width|height|id)=\"[^\"<>\n]*\"\s*/?>"
_PATTERNS = [
    rf"(?i){_TAG}(?:\s[^<>]*)?/?>",
    r"(?i)</[abipqsu]>",
    # The ends of what else pages and feeds are made of, and a page cut within a tag.
    rf"(?i)</(?:{_OTHERS})>",
    rf"(?i)</(?:{_BLOCKS}|p|li|span|ul|ol|table|td|tr)\s*\z|\A[\w\s=\"'-]{{0,80}}=\s*\"[^\"<>]*\"\s*/?>",
    # An attribute in quotes makes a tag of what HTML calls one, though it was cut before its end; without quotes, only
    # a whole tag does. Tags with hyphens are somebody's own, and end.
    rf"(?i)<(?:{_NAMES})\s+[\w:-]+\s*=\s*[\"']",
    rf"<(?:{_NAMES}|[a-z]+(?:-[a-z0-9]+)+)(?:\s+[\w:-]+=(?:[^\s\"'<>]+|\"[^\"<>]*\"|'[^'<>]*'))+\s*/?>",
    r"</[a-z][a-z0-9]*(?:-[a-z0-9]+)+>",
    # The end of a tag whose beginning was cut off; attributes that only a template or a script gives.
    _RESIDUE,
    r"(?:^|[\s<.])(?:\[[\w.-]+\]|\([\w.-]+\)|\*ng[A-Z]\w*|[@:][a-z][\w.-]*|(?:v|hx|ng|data|aria)-[\w:.-]+|x-(?:data|"
    r"show|bind|on|text|html|model|if|"
    r"for|init|ref|cloak|transition)[\w:.-]*|className)="
    r"(?:\"[^\"\n]*\"|\{)",
    # Attributes that no prose has.
    r"(?i)\bon(?:click|load|change|submit|error|focus|blur|mouse(?:over|out)|key(?:up|down|press))\s*=\s*[\"']|"
    r"\bstyle\s*=\s*[\"'][\w-]+\s*:",
    r"(?i)\\u003c/?[a-z]",
    r"(?i)(?:^|[^\w<])<(?:p|[abipqsu]\s+[\w-]+\s*=[^<>]*)>",
    r"(?i)<!--|<!doctype|<!\[(?:CDATA|if|endif)\b|\A\s*-->(?:\S|\n)",
    # A tag that was cut by the end of the answer, close behind a word; tags in the escapes of an address; pictures as
    # the bytes that they are; lists of attributes of Markdown, its blocks, and what fills its pages.
    # Of a letter alone, “b<a and so on” is an inequality.
    rf"(?i)[\p{{L}}\p{{N}}.!?:;\"')\]]{_CUT}|[.!?]<[a-z]{{1,10}}\z",
    r"(?i)%3C/?[a-z][a-z0-9]*(?:%20[^\s<>]*?)?/?%3E",
    r"data:image/[\w.+-]+;base64,[\w+/]{16}",
    r"\{:\s*[.#][\w-][^{}\n]*\}|\]\([^()\n]*\)\{[.#:][^{}\n]*\}|(?:^|\s):::+\s*\{[.#][^{}\n]*\}|"
    r"\{\{[<%]\s*/?\w[^{}\n]*[>%]\}\}",
    # Whatever a tag is called, attributes in quotes make it one.
    r"<[A-Za-z][\w:-]*(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))+\s*/?>",
    # Tags of a named kind that end, or have attributes, or are Word's: </w:t>, <jsp:include page="…"/>, <o:p>. One
    # alone is a place to fill in, "<host:port>".
    r"</[A-Za-z]{1,12}:[A-Za-z][\w-]*\s*>|<[A-Za-z]{1,12}:[A-Za-z][\w-]*(?:\s[^<>]*)?/>|<(?:o:p|st1:\w+)>|"
    r"<[A-Za-z]{1,12}:[A-Za-z][\w-]*\s+[\w:-]+\s*=[^<>]*>",
    r"&(?:nbsp|amp|lt|gt|quot|apos|[lr][sd]quo|hellip|[mn]dash|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});",
    r"&(?:[A-Za-z](?:acute|grave|circ|uml|tilde|cedil|ring|slash)|szlig|[Aa]elig|[lr]aquo|[bs]dquo|sbquo|bull|middot|"
    r"iexcl|iquest|copy|reg|trade|deg|euro|pound|cent|yen|sect|para|times|divide|plusmn|frac\d\d|[lrud]arr|e[nm]sp|"
    r"thinsp);",
    r"(?i)\[/(?:b|i|u|s|url|img|quote|color|size|font|center|left|right|list|spoiler|hide|indent|align|"
    r"attachment|youtube|media)\]",
    r"(?i)\[\[(?:category|file|image):|</ref>|<ref(?:\s[^<>]*)?/?>",
    # Shortcodes, of whatever name: one that closes, or one with a value in quotes behind a blank.
    r"\[/[a-z][a-z0-9]*(?:_[a-z0-9]+)+\]|\[/(?:caption|gallery|audio|video|embed|playlist|column|row)\]",
    r"\[[a-z][a-z0-9_-]*(?:\s+[a-z][\w-]*=(?:\"[^\"\[\]]*\"|'[^'\[\]]*'))+\s*/?\]",
    # Templates of wikis, and their tables.
    r"(?i)\{\{\s?(?:infobox|cite|citation|reflist|short description|use \w+ (?:dates|english)|convert|coord|sfn|efn|"
    r"unreferenced|authority control|navbox|defaultsort|main article|see also|further|lang-\w+|ipa)\b[^{}]*\}\}",
    r"(?m)^\{\|[^\n]*\n(?:\|[-+]|!)|\{\|\s*class=\"",
    r"\b_gaq\.push\(|\bgtag\(|\bga\([\"'](?:create|send)[\"']|\bdataLayer\.push\(|\bfbq\(|\badsbygoogle\b",
    r"<\|[\w ]{1,40}\|>|\[/?INST\]|<</?SYS>>|\A\s*<(?:bos|eos|pad)>|<(?:bos|eos|pad)>\s*\z",
]
# What lays a whole answer out, in a row that speaks of browsers and scripts as in any other: a block around it, with
# or without rulers, pictures and scripts behind it, a tag at either end, a part of a page by its name, a typeface that
# ends with it, the end of what began elsewhere, a line break behind its last word or behind a sentence, a script,
# style, comment, picture or link before the first sentence or behind the last, a space that must not break between two
# words. And the token that ends a turn.
_BLOCK = r"(?:div|p|html|body|span|td|tr|table|ul|ol|section|article|main|h[1-6]|center|blockquote|font)"
_BEHIND = r"(?:\s*(?:<(?:br|hr|img)\b[^<>]*>|<(?:script|style|iframe)\b[^<>]*>[^<>]*</(?:script|style|iframe)>))*"
_ENDS = r"(?:ul|ol|li|nav|div|td|tr|table|tbody|section|main|aside|body|html|footer|header)"
_BESIDE = "script|noscript|style|img|iframe|a|svg|nav|header|footer|form|button"
_LAYOUT = (
    rf"(?is)\A\s*(?:<!doctype[^<>]*>\s*)?(?:<!--.*?-->\s*)?<{_BLOCK}(?:\s[^<>]*)?>.*</{_BLOCK}>{_BEHIND}\s*\z",
    rf"(?is)\A\s*&lt;{_BLOCK}(?:\s[^<>]*)?&gt;.*&lt;/(?:{_BLOCK}|{_BESIDE})&gt;\s*\z",
    rf"(?is)\A\s*<(?:!--|(?:{_BESIDE})\b)",
    # A script or style whose beginning was cut off.
    r"(?is)\A[^<]{0,2000}[;})]\s*</(?:script|style)>",
    rf"(?is)[.!?\"')]\s*<(?:{_BESIDE})\b[^<>]*>(?:[^<>]*</(?:{_BESIDE})>)?\s*\z|</(?:svg|nav|footer|form)>\s*\z",
    r"(?i)</(?:font|center|nobr)>\s*\z",
    # Between tags from end to end, and what says which part of a page it is.
    rf"(?is)\A\s*<{_BLOCK}(?:\s[^<>]*)?>.*</(?:{_BLOCK}|{_BESIDE})>\s*\z",
    r"(?i)\A\s*<div\s[^<>]*\b(?:id|class|role)=[\"'][^\"'<>]*"
    r"(?:banner|cookie|consent|dialog|modal|popup|overlay|sidebar|footer|header|navig|menu|widget|wrapper|entry|"
    r"article)",
    r"[\p{L}\p{N},.]&nbsp;[\p{L}\p{N}]",
    # The end of a page, of a list or a part that began elsewhere, a comment behind it; blanks and arrows between links.
    rf"(?i)</(?:body|html)>\s*\z|</(?:li|td|tr|{_BESIDE})>\s*(?:</{_ENDS}>\s*)+(?:<!--[^<>]*-->\s*)?\z|"
    rf"<!--[^<>]*-->\s*\z",
    r"(?i)(?:&(?:nbsp|[lr]aquo|bull|middot);\s*){2}|[\p{L}\p{N},]</li>\s*<li>\p{Ll}",
    # What another site fills, in the midst of a sentence.
    r"(?is)[\p{L},]\s*<(?:iframe|script|ins|object|embed)\s[^<>]*=[^<>]*>[^<>]*</(?:iframe|script|ins|object|"
    r"embed)>\s*\p{Ll}",
    r"(?i)[\w.!?:)>]\s*<br\s*/?>\s*\z|[.!?]\s*<br\s*/?>\s*[A-Z(\[]",
    # Attributes in the first tag of all, or several tags; a part that ends in front of what was the next one.
    r"\A\s*<[a-z][\w-]*\s[^<>]*=[^<>]*>|(?i)\A\s*(?:</?[a-z][\w-]*(?:\s[^<>]*)?/?>\s*){2}",
    r"(?i)[\p{L}\p{N}.!?]</[a-z]\w*>\s*<[a-z]\w*(?:\s[^<>]*)?>\s*\z",
    rf"(?i)[^\s:,>{{}};(]\s*\n\s*<(?:{_BESIDE})\b[^<>]*>(?:[^<>]*</(?:{_BESIDE})>)?\s*\z",
    r"(?i)(?:\A|[\s\w.!?])(?:<br\s*/?>\s*){2,}(?:\z|[\s\w:.*-])|<details>\s*<summary>",
    rf"(?i)[\p{{L}}\p{{N}}.!?]{_CUT}|[.!?]<[a-z]{{1,10}}\z",
)
_TURNS = (
    r"\A\s*<s>|</s>\s*\z|(?i)<(?:bos|eos|pad)>\s*\z|"
    r"<\|(?:im_(?:start|end)|endoftext|eot_id|end|eos|start_header_id)\|>|\[/?INST\]|<</?SYS>>"
)
_UNSPOKEN = (
    r"(?is)<(?:script|style)\b.*?(?:</(?:script|style)>|\z)|<!doctype[^<>]*>|"
    r"&(?:amp;)?lt;/?[a-z][^<>]{0,200}?&(?:amp;)?gt;|"
    r"(?:[\[(][\w.-]+[\])]|[\w:.-]+)=\"[^\"\n]*\""
)
_ADDRESS = r"\S*[/.]\w\S*"
# Who writes about markup may show it.
_ABOUT = (
    r"(?i)\b(?:x?html5?|xml|css|svg|tags?|markup|xss|script(?:s|ing)?|javascript|jsx|php|browsers?|"
    r"web ?(?:page|site)s?|entit(?:y|ies)|(?:un)?escap(?:e[ds]?|ing)|sanitiz\w*|sanitis\w*)\b"
)
# Of these words, some are used of other things as well: in an answer, they must stand near what they speak of.
_OTHERWISE = (
    r"tags?|script(?:s|ing)?|browsers?|web ?(?:page|site)s?|entit(?:y|ies)|(?:un)?escap(?:e[ds]?|ing)|saniti[sz]\w*"
)
_SURELY = r"(?i)\b(?:x?html5?|xml|css|svg|markup|xss|javascript|jsx|php)\b"
_NEARBY = (
    rf"(?is)\b(?:{_OTHERWISE})\b.{{0,80}}(?:</?[a-z!]|&#?\w{{2,8}};)|"
    rf"(?:</?[a-z!][^<>]{{0,80}}>|&#?\w{{2,8}};)[^<>&]{{0,80}}\b(?:{_OTHERWISE})\b"
)
# "A <tr> node", "of all <td>s", "the element <p>", "rules of the form <allow from="…"/>".
_NOUN = r"(?:tags?|elements?|nodes?|attributes?|directives?|fields?|placeholders?|parameters?|arguments?|tokens?)"
_AS_NOUN = (
    rf"(?i)</?[a-z][\w-]*(?:\s[^<>]*)?>(?:s\b| ?{_NOUN}\b)|<!--#[^<>]*--> ?{_NOUN}\b|"
    r"\b(?:(?:tags?|elements?|nodes?)\s|of the form )</?[a-z][^<>]*>"
)
# A word that HTML or a wiki has as well, and the only tag of a text, once or again: what is to be put into its place.
_TO_FILL_IN = r"(?:^|[\s=(\[\"'`:])<(?:address|article|caption|code|label|ref|title)(?: [a-z]+)?>(?:[\s.,;:)\]\"'`]|$)"
# Javadoc is written in HTML.
_JAVADOC = (
    r"\{@(?:link|code|linkplain|value|inheritDoc|literal)\b|"
    r"(?m)^[\s/*]*@(?:param|returns?|throws|see|since|deprecated)\s"
)
_OF_JAVADOC = (
    r"(?i)</?(?:p|br|code|pre|ul|ol|li|b|i|em|strong|tt|h[1-4]|blockquote|dl|dt|dd|table|tr|td|th|sup|sub)\s*/?>|"
    r"<a\s+(?:href|name)=[^<>]*>|</a>|&(?:lt|gt|amp|nbsp|quot);"
)
# Kin of markup: whose prompt names it may be shown its attributes, escapes and marks.
_KIN = (
    r"(?i)\b(?:aria|accessib\w*|kramdown|markdown|(?:url|percent)[ -]?encod\w*|data ur[il]s?|mime|"
    r"(?:pad\w*|special) tokens?|screen[ -]?readers?|blind)\b"
)
# Whose prompt names what markup is written for may be shown it.
_WRITTEN_FOR = (
    r"(?i)\b(?:android|xaml|react|vue|angular|svelte|wpf|maven|bbcode|wiki(?:text|media|pedia)?|wordpress|shortcodes?|"
    r"forums?|analytics|tag manager|"
    r"adsense)\b"
)
# "Tag" and "script" alone are said of packages and of plays; together with what shows or cleans a page they are its.
_TOGETHER = (
    r"(?i)\b(?:browsers?|web ?(?:page|site)s?)\b.*\b(?:tags?|script(?:s|ing)?|entit(?:y|ies)|escap\w+|sanit\w+)\b|"
    r"\b(?:tags?|script(?:s|ing)?|entit(?:y|ies)|escap\w+|sanit\w+)\b.*\b(?:browsers?|web ?(?:page|site)s?)\b"
)
# Who asks for markup, or for a model's tokens, may get a whole page of it, or a turn between them.
_ASKED_PAGE = (
    _SURELY,
    r"(?i)\b(?:write|make|create|build|generate|design|code)\b[^.?!]{0,60}\bweb ?(?:page|site)s?\b",
)
# What counts visitors or shows them adverts was copied with a page; whoever asks about it says so.
_TRACKED = r"(?is)<script\b[^<>]*>[^<>]*(?:\b_gaq\b|\bgtag\(|\bga\([\"']|\bdataLayer\b|\bfbq\(|\badsbygoogle\b)"
_ASKED_TRACKING = r"(?i)\b(?:analytics|track\w*|tag manager|ads?|adverts?|advertis\w*|adsense|scripts?|pixels?|html)\b"
_ASKED_TOKENS = r"(?i)\b(?:tokens?|tokeni[sz]ers?|chat templates?|chatml|llama)\b"

_NOTHING = (
    r"(?i)&(?:nbsp|e[mn]sp|thinsp|zw(?:n?j|sp)|#(?:160|8203|xa0|x200b));?|</?(?:br|hr|p|div|span|body|html)\b[^<>]*>"
)


# Without any of these there is none.
_MAY_BE = r"[<\[&]|=\s*[\"']|\\u003|\{[{|:]|%3[Cc]|-->|;base64,|:::|className=|_gaq|gtag|\bga\(|dataLayer|fbq|adsby"
# Markup that stands in quotes from end to end is shown.
_QUOTED = r"(?:'\s*<[^'\n]*>\s*'|\"\s*<[^\"\n]*>\s*\"|'(?:<!--|-->)'|\"(?:<!--|-->)\"|[“‘](?:<!--|-->)[”’])"
# What may be left out in a synopsis, one behind the other: "[user@]host[:port][/mask_length]".
_OPTIONAL = r"\[[:@,=.-][\w<>.-]+\](?:\[[:@,=./-][\w<>.-]+\])+|\[[\w<>.-]+[:@]\]\w+\[[:@/][\w<>.-]+\]"
# Tables of Bash and of C: `([red]="warm" [blue]="cold")`, `{ [RED] = "warm", … }`.
_TABLE = r"[({]\s*(?:\[[\w.-]+\]\s*=\s*\"[^\"\n]*\",?\s*)+[)}]"


def leftover_markup(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Count the tags, entities and template tokens in answers, outside of code and of talk about markup.

    Markup between backticks or in fenced blocks is meant to be seen, and so is markup in an answer that, or
    whose prompt, speaks of HTML, of a tag by its name, and their like; unless it lays out the answer itself, and the
    prompt did not ask for it.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of UInt32
        In the order of the rows.
    """
    rows = pl.DataFrame({"prompt": prompts, "prose": answers}).with_row_index("row")
    prose = pl.col("prose")
    suspects = rows.filter(prose.str.contains(_MAY_BE))
    if suspects.is_empty():  # nor are patterns compiled
        return rows.select(count=pl.lit(0, dtype=pl.UInt32))["count"]
    marked = (
        suspects.with_columns(prose.str.replace_all(f"{CODE}|{_QUOTED}|{_TABLE}|{_OPTIONAL}", " "))
        .with_columns(
            pl.when(prose.str.contains(_JAVADOC)).then(prose.str.replace_all(_OF_JAVADOC, " ")).otherwise(prose)
        )
        .with_columns(count=pl.sum_horizontal(count_of(prose, pattern) for pattern in _PATTERNS))
        .filter(pl.col("count") > 0)
        .filter(pl.col("count") > prose.str.count_matches(_TO_FILL_IN))
        .filter(~shows_code(pl.col("prompt"), prose))
        .with_columns(spoken=_spoken())
    )
    prompt = pl.col("prompt")
    asked_page = names_a_tag(prompt) | any_of(_ASKED_PAGE, prompt)
    asked = asked_page | any_of((_TOGETHER, _WRITTEN_FOR, _KIN), prompt)
    nearby = holds(prose, _NEARBY) & holds(pl.col("spoken"), _ABOUT)
    about = holds(pl.col("spoken"), _SURELY) | nearby | holds(prose, _AS_NOUN) | asked
    page = any_of(_LAYOUT, prose) & ~asked_page
    turns = holds(prose, _TURNS) & ~holds(prompt, f"{_ASKED_TOKENS}|{_SURELY}")
    tracked = holds(prose, _TRACKED) & ~holds(prompt, _ASKED_TRACKING)
    left = marked.filter(page | turns | tracked | ~about)
    counts = rows.select("row").join(left.select("row", "count"), on="row", how="left", maintain_order="left")
    return counts["count"].fill_null(0)


def _spoken() -> pl.Expr:
    """Leave what a marked answer says, without markup and addresses."""
    spoken = without(pl.col("prose"), _UNSPOKEN, " ")
    for pattern in (*_PATTERNS[:3], _RESIDUE):
        spoken = without(spoken, pattern, " ")
    return spoken.str.replace_all(_ADDRESS, " ")


def shows_nothing(text: pl.Expr) -> pl.Expr:
    """Tell markup without anything to see: a break, a blank as an entity, an empty paragraph."""
    return is_empty(text.str.replace_all(_NOTHING, ""))
