r"""Code of a page that an export left in its prose: styles, scripts, templates, typesetting.

Each has a syntax of its own that no sentence has, so one piece tells: `p { margin: 0; }`, `$("#menu")`, `{% endif %}`,
`<?php`, `\textbf{`. It is left over where the rest is prose, and where neither the prompt speaks of code nor the prose
of that language. A pool of which many answers hold such pieces is about them, and keeps them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from quality.screening.asked_for_code import asks_for_code
from quality.screening.shown_code import PROSE, shows_code
from quality.texts.characters import CODE
from quality.texts.json_texts import BEGINS_JSON
from quality.texts.patterns import holds

# Share of a pool's answers, from which on pieces of one language are its custom. Whoever asks for a program gets one;
# a model that goes on in its user's name does so again and again, and nobody asked it to.
_CUSTOM, _CUSTOM_OF_TURNS = 0.02, 0.5
_FEWEST = 20  # answers that are so before they are a custom
# Strings and addresses within code speak of nothing.
_QUOTED = r"[(,=\[:]\s*(?:'[^'\n]{0,200}'|\"[^\"\n]{0,200}\")|\S{0,300}//\S*"


@dataclass(frozen=True)
class _Language:
    """What a piece of it looks like, signs of which it must hold one, and what prompts and prose about it say.

    `said_of` is what prose says, where prompts say more; and of what is no `code`, none is asked for with code.
    """

    signs: tuple[str, ...]
    piece: str
    spoken_of: str
    custom: float = _CUSTOM
    said_of: str = ""
    code: bool = True


_PROPERTY = (
    r"(?:color|background(?:-\w+)?|margin(?:-\w+)?|padding(?:-\w+)?|font(?:-\w+)?|display|width|height|max-width|min-width|"
    r"max-height|min-height|border(?:-\w+)*|position|float|clear|text-\w+|line-height|letter-spacing|overflow(?:-[xy])?|"
    r"opacity|z-index|top|left|right|bottom|cursor|content|visibility|transition|transform|animation|flex(?:-\w+)?|"
    r"grid(?:-\w+)*|align-\w+|justify-\w+|list-style(?:-\w+)?|vertical-align|box-(?:shadow|sizing)|white-space|outline)"
)
_COLON = "[:：]"
_MODEL = rf"\W{{0,3}}(?:AI|Assistant|ASSISTANT|AI Assistant|Bot|ChatGPT)\W{{0,3}}{_COLON}"
_USER = rf"\W{{0,3}}(?:Human|User|HUMAN|USER)\W{{0,3}}{_COLON}"
_TALKS = (
    r"di[aá]log\w*|conversa\w*|gespr(?:ä|ae)ch\w*|chats?|(?:chat ?)?bots?|transcripts?|role-?play\w*|assistants?|"
    r"language models?|few-shot|turing"
)
_ANNOUNCED = rf"{_COLON}[\s*_>]*\n\s*(?:{_USER}|{_MODEL}|System:)"
# What was said before: a sentence that ends, or whatever ends a paragraph, but no colon.
_SAID = r"(?:[.!?…。！？)\]}\"”’'»`\p{So}][*_]{0,3}[ \t\r]*\n[ \t]*|[^\s:：*_][*_]{0,3}[ \t\r]*\n\s*\n\s*)"
_STOP = r"[.!?…。！？][)\]}\"”’'»`]*"  # and the marks behind it
_QUESTION = rf"\W{{0,3}}Q(?:uestion)?\W{{0,3}}{_COLON}"
_ASKED_FOR_TURNS = (
    rf"(?i)\b(?:{_TALKS}|interviews?|screenplays?|skits?|scripts?|scenes?|roles|simulat\w*|agents?|prompts?|exchanges?|"
    rf"jokes?|stor(?:y|ies)|tales?|novels?|fiction|translat\w*|tradu\w*|übersetz\w*)\b|{_ANNOUNCED}"
)
_HEADS = r"(?i)\b(?:alpaca|instruction tuning|fine-?tun\w*|prompts?|templates?)\b"
_EMPHASIS = _Language(("'''",), r"'{3,5}[^'\n]{2,80}'{3,5}", r"(?i)\b(?:wiki\w*|python|docstrings?)\b")
_LANGUAGES = (
    _Language(
        ("{", "@import"),
        rf"[\w*\])]\s*\{{\s*{_PROPERTY}\s*:\s*[^;{{}}\n]{{1,80}}(?:;|\}})|@media\s[^{{}}\n]{{0,80}}\{{|@font-face\s*\{{|"
        r"@import\s+(?:url\()?[\"'][^\"'\n]*|@keyframes\s+[\w-]+\s*\{|:root\s*\{|\{\s*--[\w-]+\s*:|"
        rf";\s*{_PROPERTY}\s*:\s*[^;{{}}\n]{{1,60}}!important|"
        r"(?:^|[\s},])[.#][A-Za-z][\w-]*(?:[ \t]*[,>:.#\w-])*\s*\{[^{}\n:]{1,30}:[^{}\n]{1,200}\}",
        r"(?i)\b(?:css|styles?|stylesheets?|selectors?|html)\b",
    ),
    _Language(
        ("$(", "jQuery", "document.", "window.", "addEvent", "function", "console.", "$.", "Timeout", "var ", ").",
         ".push(", "{props.", "{this.", "{state."),
        r"(?:\$|jQuery)\((?:document|window|this|function|[\"'][#.\w\[])|\bjQuery\.\w+\(|"
        r"\bdocument\.(?:getElement\w+|querySelector\w*|createElement|addEventListener|write|cookie|ready)\b|"
        r"\bwindow\.(?:\w+\s*=[^=]|addEventListener|onload|location|\w+\s*\|\|)|\baddEventListener\(\s*[\"']|"
        r"\(function\s*\([^()]*\)\s*\{|\bconsole\.log\(|\$\.(?:ajax|get|post|each|fn)\b|\bsetTimeout\(\s*(?:function|\()|"
        r"\$\([^()\n]{1,40}\)\.\w+\(|\bvar\s+\w+\s*=\s*[^=\n]{1,80};|"
        # R gives a function its name by an arrow ("<- function(x) {").
        r"(?:^|[^\s\w-])\s*\bfunction\s*\w*\([\w\s,]{0,40}\)\s*\{|\w\s+function\s*\w*\([\w\s,]{0,40}\)\s*\{|"
        r"\.push\(\s*(?:function\b|\[\s*['\"]|\{\s*\w+\s*:)|\{(?:this\.)?(?:props|state)\.\w+\}|"
        r"\)\.(?:click|hide|show|fade(?:In|Out)|addClass|removeClass|toggle(?:Class)?|slide\w+|append|html|css|val|attr)\(",
        r"(?i)\b(?:javascript|js|jquery|ecmascript|dom|scripts?|browsers?|node(?:\.js)?)\b",
    ),
    # Statements of a script that go by any prose of programs; what a page says of itself to those who index it.
    _Language(
        ("let ", "const ", "var ", "=>", "typeof ", "setInterval(", ".push(", ".forEach(", "export ", "extends "),
        r"\b(?:let|const|var)\s+\w+\s*=\s*[^;=\n][^;\n]{0,160};|\(\w*\)\s*=>\s*\{|\btypeof\s+\w+\s*[!=]==?|"
        r"\bsetInterval\(\s*(?:function|\()|\w\.push\(\s*[\[{]|\w\.forEach\(\s*\(?\w*\)?\s*=>|"
        r"\bexport\s+(?:default\s*\{|(?:default\s+)?(?:async\s+)?(?:function|class|const)\s)|\bclass\s+\w+\s+extends\s+[\w.]+\s*\{",
        r"(?i)\b(?:javascript|typescript|js|node|rust|java|swift|kotlin|scala|dart|c#|c\+\+|variables?|constants?|"
        r"declar\w*|assign\w*|program\w*|compil\w*|syntax|statements?|expressions?|closures?|lambdas?|arrays?|loops?|"
        r"functions?|methods?|callbacks?|scripts?|browsers?|api|sdk)\b",
    ),
    _Language(
        ('"@context"', '"@type"', '"@graph"'),
        r"\{[^{}\n]{0,40}\"@(?:context|type|graph)\"\s*:[^\n]*\}|\"@(?:context|type|graph)\"\s*:",
        r"(?i)\b(?:json-?ld|schema\.org|linked data|structured data|rdf|semantic web)\b",
    ),
    _Language(
        ("%}",),
        r"\{%-?\s*\w+[^{}%]*-?%\}",
        r"(?i)\b(?:jinja2?|django|twig|liquid|templates?|jekyll|nunjucks|ansible|dbt)\b",
    ),
    _Language(
        ("}}",),
        r"\{\{[#/^>]\s*[\w./]+[^{}]*\}\}|\{\{-?\s*[\w.]+\s*\|\s*[a-z_]+(?:[:(][^{}]*)?\s*-?\}\}|"
        r"\{\{-?\s*(?:this|self|user|site|page|post|item|request|config|settings|product|customer|data|props|\$\w*)?\.\w[\w.]*\s*-?\}\}|"
        r"\{\{-?\s*[a-z_]\w*(?:\.\w+)*\s*-?\}\}|\{\{\s*\$?\w+\([^{}\n]{0,60}\)\s*\}\}",
        r"(?i)\b(?:jinja2?|django|twig|liquid|templates?|jekyll|hugo|mustache|handlebars|angular|vue|ansible|helm|wiki\w*)\b",
    ),
    _Language(
        ("<?", ".php on line"),
        r"<\?(?:php\b|=|xml(?:-stylesheet)?\s[^<>]{0,80}\?>)|\bin /\S+\.php on line \d",
        r"(?i)\b(?:php|xml|svg|rss|soap)\b",
    ),
    _Language(("%>",), r"<%[=@#-]?\s*\w[^%]{0,200}%>", r"(?i)\b(?:asp|jsp|erb|ejs|templates?|ruby|rails|underscore)\b"),
    _Language(
        ("@",),
        r"(?m)(?:^|\s)@(?:endif|endforeach|endsection|endfor|endauth|endguest|foreach\s*\(|section\s*\(|extends\s*\(|"
        r"yield\s*\(|include\s*\()",
        r"(?i)\b(?:blade|laravel|templates?)\b",
    ),
    _Language(
        ("\\",),
        r"\\(?:begin|end)\{(?:document|itemize|enumerate|description|figure|table|tabular|center|abstract|quote|quotation|"
        r"verbatim|minipage|frame|thebibliography)\*?\}|\\(?:documentclass|usepackage)\s*[\[{]|"
        r"\\(?:(?:sub){0,2}section|chapter|paragraph|textbf|textit|textsc|texttt|emph|underline|cite[tp]?|footnote|"
        r"includegraphics|caption|href|label|ref|vspace|hspace|title|author|url|index|input|hyperref|"
        r"textcolor|newcommand|renewcommand|pagestyle)\*?\s*(?:\[[^\[\]]*\])?\{|"
        r"\\(?:maketitle|noindent|bigskip|medskip|newpage|tableofcontents|centering|bibliography|hline|"
        r"smallskip|clearpage)\b|\\item\s|"
        r"\{\\rtf\d|\\pard\b|\\fonttbl\b",
        r"(?i)\b(?:la)?tex\b|\btypeset|\brtf\b|\$[^$\n]+\$|\\frac|\\\(|\\\[|"
        r"\\[a-z]+ (?:commands?|macros?|environments?)\b",
    ),
    # What wikis, manuals, notes and documents are written in, and what frames the turns of a chat.
    _EMPHASIS,
    _Language(("==",), r"(?m)^={2,4}\s?[^=\n]{2,60}\s?={2,4}\s*$", r"(?i)\bwiki\w*\b"),
    _Language(
        ("[[",),
        r"\[\[[^\[\]|\n]{1,60}\|[^\[\]|\n]{1,60}\]\]",
        r"(?i)\b(?:wiki\w*|obsidian|links?|shell|bash)\b",
    ),
    _Language(
        ("[edit", "[ edit", "needed]", "[Edit"),
        r"(?i)\[\s?(?:edit|citation needed|edit source|clarification needed)\s?\]",
        r"(?i)\bwiki\w*\b",
    ),
    _Language(("\\displaystyle",), r"\{\\displaystyle", r"(?i)\b(?:la)?tex\b"),
    _Language(("\\f",), r"\\f[BIRP]\w", r"(?i)\b[gnt]?roff\b|\\f(?:rac|orall)"),
    _Language(("\n.",), r"(?m)^\.(?:PP|TH|SH|SS|TP|IP|nf|fi|RS|RE)(?:\s|$)", r"(?i)\b[gnt]?roff\b"),
    _Language(("#+",), r"(?mi)^#\+(?:begin|end|title|options|author)[_:]", r"(?i)\b(?:org|emacs)\b"),
    _Language(
        ("{",),
        r"(?:^|\s)\{(?:code|toc|panel|noformat|excerpt)(?::[^{}\n]{1,60})?\}",
        r"(?i)\b(?:confluence|jira|wiki\w*)\b",
    ),
    _Language(("mso", "X-NONE"), r"(?i)\bmso-[a-z-]+:|\bfalse\s+[A-Z]{2}-[A-Z]{2}\s+X-NONE\b", r"(?i)\bword\b"),
    _Language(("---\n",), r"\A\s*---\n(?:[\w-]+:[^\n]*\n){1,20}---(?:\n|\z)", r"(?i)\b(?:yaml|front ?matter|jekyll)\b"),
    _Language(
        ("\\n",),
        r"\\n\\n|[.!?:]\\n[A-Z*-]",
        r"(?i)\b(?:newlines?|escape\w*|strings?|f?printf?\w*|regex\w*)\b|\\n\"|\": ?\"|" + BEGINS_JSON,
    ),
    _Language(
        ("###",), r"(?m)^###\s*(?:Response|Input|Output|Assistant|User|System|Question|Answer)s?\s*:", _HEADS
    ),
    _Language(("###",), r"(?m)^###\s*(?:Instruction|Human)s?\s*:", _HEADS, code=False),
    # A turn that a model went on to write in its user's name, behind what it had said, in a line of its own or in the
    # same: one that a colon announces is an example, and who is asked for a conversation, a story or a translation may
    # write turns. Prose that speaks of scripts or prompts may speak of a shell's.
    _Language(
        ("Human", "User", "Assistant", "ChatGPT", "HUMAN", "USER", "ASSISTANT"),
        rf"(?s){_SAID}{_USER}.{{0,2000}}?\n\s*{_MODEL}|{_STOP}[ \t]+{_USER}\s.{{1,2000}}?\s{_MODEL}\s|"
        rf"{_SAID}{_USER}[^\n]*[?？]\s*\z|{_SAID}(?:{_USER}|\W{{0,3}}(?:Assistant|ASSISTANT)\W{{0,3}}{_COLON})\s*\z|"
        rf"\A\s*\W{{0,3}}(?:AI Assistant|Assistant|ASSISTANT|ChatGPT)\W{{0,3}}{_COLON}[\s*]+\p{{Lu}}",
        _ASKED_FOR_TURNS,
        custom=_CUSTOM_OF_TURNS,
        said_of=rf"(?i)\b(?:{_TALKS})\b|{_ANNOUNCED}",
        code=False,
    ),
    # And one that asks for nothing by its mark, where no other paragraph has a name before it, as in a comparison.
    _Language(
        ("Human", "HUMAN"),
        rf"{_STOP}[*_]{{0,3}}[ \t]*\n\s*\n\s*(?:Human|HUMAN){_COLON}[ \t]+[^\n]{{12,}}\s*\z",
        _ASKED_FOR_TURNS,
        custom=_CUSTOM_OF_TURNS,
        said_of=rf"(?i)\b(?:{_TALKS})\b|{_ANNOUNCED}|(?-i:(?:\A|\n)\W*\p{{Lu}}[\w ]{{1,20}}{_COLON})",
        code=False,
    ),
    # And a question that it went on to ask and to answer, where the whole is no list of such.
    _Language(
        ("Q:", "Question:", "Q：", "Question："),
        rf"(?s){_STOP}[*_]{{0,3}}[ \t\r]*\n\s*\n\s*{_QUESTION}[\s*]+\S.{{0,2000}}?\n\s*"
        rf"\W{{0,3}}A(?:nswer)?\W{{0,3}}{_COLON}\s",
        r"(?i)\b(?:faqs?|questions|q ?(?:&|and|/) ?a|quiz\w*|interviews?|flash ?cards?|riddles?|jokes?|puns?|trivia|"
        r"exams?|tests?|exercises?|problems?|examples?|prompts?|few-shot|template|translat\w*|di[aá]log\w*|conversa\w*)\b|"
        rf"\A\s*{_QUESTION}",
        code=False,
    ),
)  # fmt: skip


def pieces_of_code(answers: pl.Series) -> pl.Series:
    """Tell the languages that pieces of code in each answer seem to be of: UInt32, one bit for each language.

    Parameters
    ----------
    answers : pl.Series of String
        Without nulls; what one is said to hold hangs on no other.
    """
    rows = answers.to_frame("prose").with_row_index("row")
    signs = {sign for language in _LANGUAGES for sign in language.signs}
    some = rows.filter(pl.col("prose").str.contains_any(sorted(signs)))
    held = np.zeros(len(answers), np.uint32)
    for place, language in enumerate(_LANGUAGES):
        held[_may_hold(some, language)["row"].to_numpy()] |= np.uint32(1 << place)
    return pl.Series("code", held)


def leftover_code(prompts: pl.Series, answers: pl.Series, pieces: pl.Series | None = None) -> pl.Series:
    """Count the pieces of code that were left in the prose of each answer.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls; the whole pool, since it tells what is a custom.
    pieces : pl.Series of UInt32, optional
        What `pieces_of_code` tells of these answers, where that is known.

    Returns
    -------
    pl.Series of UInt32
        In the order of the rows; 0 for code between backticks or in fences, in answers without prose, and below prompts
        about code.
    """
    held = pieces_of_code(answers) if pieces is None else pieces
    some = pl.DataFrame([prompts.alias("prompt"), answers.alias("prose"), held.alias("code")]).with_row_index("row")
    some = some.filter(pl.col("code") > 0)
    counts = np.zeros(len(answers), np.uint32)
    for place, language in enumerate(_LANGUAGES):
        may = some.filter(pl.col("code") & (1 << place) > 0)
        # Of a language that many answers are in, none was left.
        if not may.is_empty() and may.height < max(_FEWEST, language.custom * len(answers)):
            left = _left(may, language)
            counts[left["row"].to_numpy()] += left["count"].to_numpy()
    return pl.Series("count", counts)


def leftover_emphasis(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell the answers in whose prose a wiki's marks of emphasis were left, each by itself, whatever the custom.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    rows = pl.DataFrame({"prompt": prompts, "prose": answers}).with_row_index("row")
    return rows["row"].is_in(_left(_may_hold(rows, _EMPHASIS), _EMPHASIS)["row"].implode())


def _may_hold(rows: pl.DataFrame, language: _Language) -> pl.DataFrame:
    prose = pl.col("prose")
    may = rows.filter(prose.str.contains_any([*language.signs]))
    # Patterns take longer to compile than to read a small pool with: none is, unless a row may need it.
    return may if may.is_empty() else may.filter(holds(prose, language.piece))


def _left(may: pl.DataFrame, language: _Language) -> pl.DataFrame:
    """Count, of rows that hold pieces of a language, those that were left in prose: `row, count: UInt32`."""
    prose = pl.col("prose")
    if may.is_empty():
        return may.select("row", count=pl.lit(0, dtype=pl.UInt32))
    asked = pl.col("prompt").str.contains(language.spoken_of)
    if language.code:
        asked = asked | asks_for_code(pl.col("prompt"))
    shown = shows_code(pl.col("prompt"), prose)
    # A turn stands behind code that ended as behind a sentence.
    in_place = " " if language.code else "` "
    bare = may.filter(~asked & ~shown).with_columns(prose.str.replace_all(CODE, in_place))
    told = bare.with_columns(count=prose.str.count_matches(language.piece)).filter(pl.col("count") > 0)
    spoken = prose.str.replace_all(f"{language.piece}|{_QUOTED}", " ")
    return told.filter(
        spoken.str.contains(PROSE) & ~spoken.str.contains(language.said_of or language.spoken_of)
    ).select("row", "count")
