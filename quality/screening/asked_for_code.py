"""Prompts that ask for code or markup, in English, six neighbours of it, Chinese and Japanese.

Whose prompt names a language, or tells to write a program, a page or a template, may be given some. A page of a book,
the function of a lighthouse and the shape of a quay are none: such words count behind a verb of making alone.
"""

from __future__ import annotations

import polars as pl

from quality.texts.patterns import holds

_ENGLISH = (
    r"(?i)\b(?:web ?(?:page|site|app)s?|front-?end|html5?|css|js|javascript|typescript|jquery|react|vue|angular|php|"
    r"python|ruby|rails|django|flask|jinja2?|twig|liquid|jekyll|hugo|handlebars|mustache|laravel|jsp|erb|ansible|"
    r"playbooks?|yaml|helm|dbt|terraform|latex|tex|bibtex|beamer|overleaf|typeset\w*|rtf|markup|stylesheets?|wordpress|"
    r"(?:code|coding|script|template) (?:snippets?|examples?|blocks?|samples?)|source code|snippets?)\b|"
    r"(?i)\b(?:write|create|make|implement|generate|fix|debug|refactor|build|convert|complete|style|render)\b[^.?!]{0,80}"
    r"\b(?:codes?|scripts?|functions?|programs?|pages?|templates?|macros?|components?|class(?:es)?|methods?|documents?|"
    r"slides?|tables?|buttons?|forms?|letters?|e-?mails?)\b"
)
_FAR = r"\b[^.?!¿¡]{0,80}\b"  # as far as from a verb to its object


def _asked(things: str, makes: str, made: str) -> str:
    """Match what is code whatever is said of it, or what is so where somebody is to make it; stems are enough."""
    return rf"(?i)\b(?:{things})\w*|(?i)\b(?:{makes})\w*{_FAR}(?:{made})\w*"


_NEIGHBOURS = (
    _asked(
        r"web(?:seite|auftritt)|internet(?:seite|auftritt)|homepage|quell(?:code|text)|schaltfläche|"
        r"formatvorlage|programmier|code(?:beispiel|schnipsel)",
        r"erstell|erzeug|schreib|mach(?:e|t|en)?\b|bau(?:e|t|en)?\b|entwirf|entwerf|generier|gestalt|zeig|gib\b|setz|formatier|implementier",
        r"seiten?\b|skript|vorlage|funktion|programm|formular|tabelle|dokument|knopf|button|klasse|code|menü|fett",
    ),
    _asked(
        r"pages? (?:web|internet)|sites? (?:web|internet)|codes? source|feuilles? de style",
        r"cré|écri|fai(?:s|tes)\b|fasse|génér|montre|donne|met[st]|programme[rz]?\b|rédige|conçoi|développ|implément",
        r"pages?\b|sites?\b|scripts?\b|modèle|gabarit|fonction|programme|formulaire|tableau|document|bouton|classes?\b|code|menu|gras\b",
    ),
    _asked(
        r"páginas? web|sitios? web|código fuente|hojas? de estilo",
        r"cre[ae]|escrib|haz\b|haga|hacer|gener[ae]|muestr|muéstr|dame|deme|pon\b|pong|poner|program[ae]|diseñ|desarroll|implement",
        r"página|sitio|script|plantilla|función|programa|formulario|tabla|documento|botón|clase|código|menú|guion|guión|negrita",
    ),
    _asked(
        r"pagin[ae] (?:web|internet)|sit[oi] (?:web|internet)|codice sorgente|fogli[o]? di stile",
        r"crea|scriv|fai\b|fammi|genera|mostra|dammi|metti|mettere|rend|programma|progett|svilupp|implement",
        r"pagin[ae]\b|sito|script|modello|funzion|programma|modulo|tabella|documento|pulsante|bottone|classe|codice|menu|menù|grassetto",
    ),
    _asked(
        r"páginas? (?:web|da internet)|código[- ]fonte|folhas? de estilo",
        r"cri[ae]|escrev|faça|faz\b|fazer|gere\b|gera|mostr|dê\b|dá\b|coloqu|ponh|deix|program[ae]|desenvolv|implement",
        r"página|site|script|modelo|função|funções|programa|formulário|tabela|documento|botão|classe|código|menu|negrito",
    ),
    _asked(
        r"webpagina|broncode|stijlblad|programmeer",
        r"maak|maken|schrijf|bouw|genereer|toon\b|laat\b|geef|zet\b|ontwerp|implementeer",
        r"(?:start|web)?pagina|website|script|sjabloon|functie|programma|formulier|tabel|document|knop|klasse|code|menu|vet\b",
    ),
)
_LINES = r"(?i)\b(?:zeilen|lignes? de|líneas? de|righe? di|linhas? de|regels) c[oó]d\w+"
_UNSPACED = (
    "网页|網頁|主页|首页|页面|样板|网站|網站|脚本|代码|代碼|源码|按钮|模板|函数|程序|编程|表单|加粗|粗体|前端|样式|"
    "ウェブ(?:ページ|サイト)|ホームページ|スクリプト|コード|ボタン|テンプレート|関数|プログラム|フォーム|太字|スタイル|ページを(?:作|書|デザイン)|ひな形|雛形"
)

ASKED_FOR_CODE = "|".join((_ENGLISH, *_NEIGHBOURS, _LINES, _UNSPACED))
"""Matches a prompt that asks for code."""

# "Write the docstring of function f", "Document class C", "What does `f` do?" name code, and ask for words about it.
EXPLAIN = (
    r"(?:(?:please|can you|could you|would you|briefly|now)\s+){0,3}(?:document|describe|explain|summari[sz]e|define)\b"
)
"""Matches the order to explain something, wherever a prompt gives it."""
_ASKED_FOR_WORDS = (
    rf"(?im)^\W*{EXPLAIN}|"
    r"^\W*(?:what (?:does|do)|what (?:is|are) an?)\b|"
    r"\b(?:docstrings?|documentation|doc ?comments?|descriptions?|summar(?:y|ies)|explanations?)\s+(?:of|for|to)\b"
)
# Who has something explained by an example, or how it is done, may be shown code.
_BY_EXAMPLE = r"(?i)\bexamples?\b|\bhow (?:to|(?:do|can|should|would) (?:i|you|we))\b"
_OF_PAGES = (
    r"(?i)\b(?:web ?(?:page|site|app)s?|front-?end|html5?|css|js|javascript|typescript|jsx|jquery|react|vue|angular|"
    r"php|markup|stylesheets?|wordpress|snippets?)\b"
)


def asks_for_words(prompt: pl.Expr) -> pl.Expr:
    """Tell prompts that want something explained or documented, be it code; what a page is made of aside."""
    return holds(prompt, _ASKED_FOR_WORDS) & ~holds(prompt, f"{_BY_EXAMPLE}|{_OF_PAGES}")


def asks_for_code(prompt: pl.Expr) -> pl.Expr:
    """Tell prompts that ask for code, and not for words about it."""
    return holds(prompt, ASKED_FOR_CODE) & ~asks_for_words(prompt)
