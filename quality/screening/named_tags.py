"""Prompts that name a tag of HTML: "<br>", "the img tag", "the tag td", `</item>`.

Whoever asks about a tag may be shown some. But not all that stands between angle brackets is one: of
"maintenance.<task>.enabled" and "--window=<n>" nothing is a tag, and `<script>` is none in "npm run <script>".
"""

import polars as pl

from quality.texts.patterns import any_of, without

# Elements that are called as nothing that a synopsis asks for; and those that are called by a word or letter.
_SURE = (
    "abbr|aside|bdi|bdo|blockquote|br|cite|colgroup|div|em|fieldset|figcaption|figure|h[1-6]|hr|html|iframe|img|kbd|li|"
    "marquee|nav|nobr|noscript|ol|optgroup|pre|samp|span|strong|sup|svg|tbody|td|textarea|tfoot|th|thead|tr|tt|ul|wbr"
)
_WORDS = (
    "address|article|audio|body|button|canvas|caption|center|code|dd|del|details|dialog|dl|dt|embed|font|footer|form|"
    "frame|head|header|input|ins|label|legend|link|main|mark|menu|meta|option|picture|progress|script|section|select|"
    "small|style|sub|summary|table|template|title|video"
)
_KNOWN = rf"(?:{_SURE}|{_WORDS}|channel|object|pubdate)"
_LETTERS = "abipqsu"
# A word between brackets is a tag where a sentence goes on with it, not where a command or a key does: "What is
# <table> for?", not "DROP TABLE <table>".
_GOES_ON = (
    r"(?:\A|\b(?:what|why|how|when|which|does|do|is|are|was|can|could|may|should|must|the|an?|of|in|inside|within|with|"
    r"without|using|use|and|or|between|like|than|vs\.?|put|both|about|explain|describe|style|nest|nested|close|wrap|"
    r"render|hide|your|my|one|two|each|every|another|empty)\s+)"
)
# Of what stands without a value, whether it be set or not.
_SET = (
    "async|defer|checked|disabled|required|selected|multiple|readonly|hidden|controls|autoplay|loop|muted|open|reversed|"
    "novalidate|autofocus|href|src|srcset|alt"
)
_NAMED = (
    rf"(?i)<(?:{_SURE})\s*>",
    rf"(?i){_GOES_ON}[\"'`“‘(]*<(?:{_WORDS}|[{_LETTERS}])\s*>(?:\z|[^\w.=:@/\[-]|[.:](?:\z|\s))",
    # Whatever it is called: what ends, or has attributes, or is an element.
    r"(?i)</[a-z][\w-]*(?::[\w-]+)?\s*>|<[a-z][\w:-]*\s*/>|<[a-z][\w:-]*\s(?:[^<>]*\s)?[\w:-]+\s*=\s*[\"'][^<>]*>",
    r"(?i)<[a-z][\w:-]+> element\b|\belements? <[a-z][\w:-]+>",
    rf"(?i)<(?:{_KNOWN}|[{_LETTERS}])\s(?:[^<>]*\s)?(?:[\w:-]+\s*=[^<>]*|{_SET})\s*/?>",
    rf"(?i)(?:^|[^\w-]){_KNOWN}>?[\"'`]? tags?\b|\btags? [\"'`]?<?{_KNOWN}(?:[^\w-]|$)|<{_KNOWN}> elements?\b",
    rf"(?i)\b(?:the|an?) [\"'`]?<?[{_LETTERS}]>?[\"'`]? (?:tags?|elements?)\b",
)
# What is to be put into its place, by its surroundings.
_TO_FILL_IN = r"(?i)[=@-]<[a-z][\w -]*>|<[a-z][\w -]*> ?(?:arguments?|parameters?|placeholders?|flags?|variables?)\b"


def names_a_tag(prompt: pl.Expr) -> pl.Expr:
    """Tell prompts that name a tag; words to fill in between such brackets are none, unless a prompt calls them so."""
    return any_of(_NAMED, without(prompt, _TO_FILL_IN, " "))
