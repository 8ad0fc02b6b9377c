"""What frames a page and was copied with its text: cookie notices, buttons to share, menus, footers, newsletters.

Each is a formula that pages have, and it begins where a sentence ended: in the middle of one, "leave a comment" is
advice. Who is asked about websites, for what speaks to readers (a letter, a caption), or about the very thing, may say
it.
"""

from __future__ import annotations

import polars as pl

from quality.screening.shown_code import shows_code
from quality.texts.patterns import holds

_NETWORK = r"facebook|twitter|linkedin|pinterest|whatsapp|reddit|tumblr|telegram|instagram|youtube"
# A frame is no part of a sentence: it begins where one ended, and a call to the reader ends there soon.
_FROM = r"(?:\A|[\n.!?|»›>•·]|&raquo;)\s*"
_TO = r"\s*(?:[.!|»›>•·/\n]|\z)"
_BUTTON = (
    r"(?i:sign (?:in|up)|log ?(?:in|out)|register|forgot (?:your )?password\??|my account|search|cart(?: \(\d+\))?|"
    r"home|menu|blog|shop|about(?: us)?|contact(?: us)?|subscribe|next|previous)"
)
# Buttons side by side, and nothing else in their line.
_SIDE_BY_SIDE = (
    rf"(?:{_BUTTON}|(?i:prev|up|top|back|index|(?:table of )?contents|sitemap|privacy(?: policy)?|imprint|"
    r"terms(?: of (?:use|service))?|print|e-?mail|rss|help|faq))"
)
_HELPED = (
    r"(?:was|did you find) (?:this|the) (?:\w+ )?(?:helpful|useful)|did this (?:\w+ )?(?:help|answer your question)"
)
# Without buttons below it a page asks so of itself; whoever helps a customer asks "Was this helpful?" as well.
_ITSELF = r"(?:was|did you find) (?:this|the) (?:article|page|post|content|topic|guide|tutorial) (?:helpful|useful)"
_MENUS = (
    r"menus?|navigat\w*|breadcrumbs?|paths?|settings?|click|options?|folders?|where|tabs?|ribbons?|routes?|maps?|"
    r"sitemaps?|how (?:do|can|should) (?:i|you|we)|how to|shortcuts?|keys?|excel|word|"
    r"outlook|powerpoint|onenote|office|spreadsheets?"
)
# Formula, and what a prompt speaks of that may get it.
_FRAMES = (
    (
        rf"(?i){_FROM}(?:we|this (?:web)?site|our (?:web)?site)(?: and our partners)? uses? cookies\b|"
        rf"{_FROM}(?:(?:accept|reject|decline) (?:all )?cookies(?: and [\w ]{{1,20}})?\s*)+{_TO}|"
        r"\byou agree to (?:the|our) (?:use of cookies|cookie policy)\b",
        r"cookies?|gdpr|privacy|consent|banners?",
    ),
    (
        rf"(?i){_FROM}please (?:enable|turn on|activate) javascript\b|"
        rf"{_FROM}javascript (?:is|seems to be) (?:disabled|not enabled)\b|"
        r"\b(?:requires?|enable) javascript to (?:view|work|run|use|see|display|function)\b",
        r"javascript|js|browsers?|scripts?|errors?|messages?",
    ),
    (
        rf"(?i){_FROM}skip to (?:main )?(?:content|navigation)\b(?:[^,;:]|\z)",
        r"accessib\w*|keyboard|links?|screen readers?",
    ),
    (
        rf"(?i){_FROM}share (?:this )?(?:on|via|to) (?:{_NETWORK}|x)\b"
        r"(?:\W+(?:share|tweet|pin|e-?mail|print|copy)\b|\W*$)|"
        rf"\b(?:share|tweet)(?: this)?:?"
        rf"(?:[\s|·•]+(?:{_NETWORK}|e-?mail|print|tweet|share|pin(?: it)?|copy link)\b){{3,}}",
        r"social|networks?|platforms?|media|shar(?:e|ing)|buttons?|marketing",
    ),
    (
        # A comment may begin with it.
        rf"(?i){_FROM}(?:[/*#]+\s*)?"
        rf"(?:©|\(c\)|copyright\b)[^.\n]{{0,60}}\b\d{{4}}\b[^\n]{{0,60}}\ball rights reserved\b|"
        r"\ball rights reserved\b\W{0,5}(?:\w+\W+){0,4}(?:privacy|terms|sitemap|contact|imprint)\b",
        r"copyrights?|licen[cs]\w*|rights|legal|terms|footers?|notices?|imprints?|colophons?",
    ),
    (
        rf"(?i){_FROM}(?:click here to )?(?:subscribe|sign up) (?:to|for) "
        rf"(?:our (?:\w+ ){{0,2}}(?:newsletter|mailing list)\b[^.,!?\n]{{0,80}}|"
        rf"the (?:\w+ )?(?:newsletter|mailing list)(?: now| today| here)?){_TO}|"
        rf"{_FROM}enter your e-?mail(?: address)?(?: below| here)?"
        rf"(?:{_TO}| (?:to|and) (?:subscribe|receive|get|join|follow|stay|sign)\b)",
        r"marketing|subscri\w*|campaigns?|ads?|sign ?up|forms?|promot\w*|donors?|members?",
    ),
    (
        rf"(?i){_FROM}leave a (?:comment|reply)(?: \w+)?{_TO}|{_FROM}back to top{_TO}|"
        r"\bposted (?:by|on|in) [^.\n]{1,60}\||"
        rf"{_FROM}you must (?:be logged|log|sign) in to (?:post|leave|comment|reply|vote)\b|"
        r"(?:«|←|<<?)\s*prev(?:ious)?\b[^\n]{0,30}\bnext\s*(?:»|→|>>?)|\bread more (?:»|→|>>)",
        r"comments?|repl(?:y|ies)|scroll\w*|pagination|feedback|reviews?|vot(?:e|es|ing)|guests?|log(?:ged|"
        r"ging)?[ -]?in|forums?",
    ),
    (
        rf"(?i){_FROM}(?:this page was )?last (?:updated|modified|edited)(?: on|:) "
        r"(?:\d{1,2} )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,4}(?:, \d{4})?"
        r"[^\w\n]*(?:\n|\z)",
        r"updat\w*|modif\w*|edit\w*|versions?|dates?|when|change ?logs?|news|polic(?:y|ies)|terms|agreements?|"
        r"disclaimers?|"
        r"read-?me|manuals?|documents?|documentation",
    ),
    (
        rf"(?i){_FROM}you (?:don['’]t|do not) have permission to (?:access|view) [^\n]{{1,120}}? on this server\b",
        r"permissions?|access\w*|forbidden|den(?:y|ied)|errors?|messages?|status|40\d|servers?|apache|nginx",
    ),
    (
        rf"(?i){_FROM}(?:(?:{_HELPED})\?\s*yes\W{{1,5}}no\b|(?:{_ITSELF})\?\W*\z)|"
        r"\b\d+ (?:out )?of \d+ (?:people |users |readers )?found this (?:\w+ )?(?:helpful|useful)\b",
        r"feedback|surveys?|ratings?|rate|reviews?|questionnaires?|helpful|useful|polls?|customers?|support",
    ),
    (
        r"(?i)(?:\A|[.!?…:]\W{0,3}\n\s*\n)\s*(?:advertisements?|sponsored(?: content)?)\s*\n\s*\n|"
        r"[.!?…]\W{0,3}\n\s*\n\s*advertisement\s*\z",
        r"ads?|adverts?|advertis\w*|marketing|sponsor\w*|newspapers?|magazines?|layouts?|labels?",
    ),
    # A line of a menu, or the way to a page, before or behind all else. (One pattern of all four would have more states
    # than the engine's automaton keeps, and take forty times as long.)
    (
        r"(?:\A|\n\s*)\s*(?:Home|Menu|Start)\s*(?:(?:[|»>›·•/])\s*[A-Z0-9][\w&' ]{1,25}?\s*){2,}(?:\n|\z)|"
        r"\A\s*Home\s*(?:[|»>›·•]\s*[A-Z]\w*\s*){2}",
        _MENUS,
    ),
    (
        rf"\A[ \t]*{_SIDE_BY_SIDE}(?:\s*[|•·»]\s*{_SIDE_BY_SIDE})+\s*\n|"
        rf"(?:\n|[.!?]\s)[ \t]*{_SIDE_BY_SIDE}(?:\s*[|•·»]\s*{_SIDE_BY_SIDE})+\s*(?:\n|\z)",
        _MENUS,
    ),
    (rf"(?i){_FROM}toggle (?:navigation|menu|sidebar)", _MENUS),
    # Buttons that every page has, one below the other.
    (rf"(?:\A|\n\s*)(?:{_BUTTON}\s*\n\s*){{2,}}{_BUTTON}", _MENUS),
)
# Pages, and what else speaks to its readers.
_ABOUT_PAGES = (
    r"web ?(?:page|site|app|design|develop\w*)s?|pages?|sites?|html|landing|blogs?|wordpress|ui|ux|templates?|posts?|"
    r"(?:news)?letters?|e-?mails?|captions?|outros?|podcasts?|episodes?|videos?|brochures?|leaflets?|flyers?|posters?|"
    r"translat\w*"
)


def page_frames(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Count the pieces of a page's frame in each answer.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of UInt32
        In the order of the rows; pieces that the prompt speaks of, and any below a prompt about pages, are none.
    """
    rows = pl.DataFrame({"prompt": prompts, "answer": answers}).with_row_index("row")
    counts = [_count(rows, formula, spoken_of) for formula, spoken_of in _FRAMES]
    found = pl.concat([rows.select("row", count=pl.lit(0, dtype=pl.UInt32)), *counts])
    return found.group_by("row").agg(pl.sum("count")).sort("row")["count"].cast(pl.UInt32)


def _count(rows: pl.DataFrame, formula: str, spoken_of: str) -> pl.DataFrame:
    framed = rows.filter(holds(pl.col("answer"), formula))
    if framed.is_empty():
        return framed.select("row", count=pl.lit(0, dtype=pl.UInt32))
    asked = pl.col("prompt").str.contains(rf"(?i)\b(?:{_ABOUT_PAGES}|{spoken_of})\b")
    left = framed.filter(~asked & ~shows_code(pl.col("prompt"), pl.col("answer")))
    return left.select("row", count=pl.col("answer").str.count_matches(formula))
