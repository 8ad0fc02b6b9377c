"""Refusals ("I'm sorry, but I can't help with that.") and what assistants say of themselves.

In English, with the plainest apologies ("Lo siento, pero no puedo …") of six neighbours.

A row that only *begins* with an apology and then answers is worth keeping, and so is one whose question is about
refusing. So sentences are judged, not openings, and what counts is how much of the answer they make up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from quality.refusal_grammar import REDIRECTS, REFUSALS, REPORTED

if TYPE_CHECKING:
    from collections.abc import Iterable

_CANNOT = (
    r"(?:(?:can ?not|can['’]?t|could ?n[o'’]t|won['’]?t|will not|wouldn['’]t)(?: be able to)?"
    r"|(?:am|['’]m|was|are|['’]re) (?:\w+ )?(?:unable to|not (?:\w+ )?(?:able|allowed|permitted|programmed|designed|"
    r"equipped|authori[sz]ed|capable|comfortable|willing|going|in a position|at liberty|trained|"
    r"qualified)(?: to| of| with)?)"
    r"|(?:do not|don['’]t) have (?:the |any )?(?:\w+ )?(?:ability|capability|capacity|means|permission) to)"
)
_DECLINE = r"(?:must|have to|will have to|need to|['’]ll have to) (?:\w+ly )?(?:decline|refuse)"
_HELP = (
    r"(?:help|assist|aid|comply|fulfill?|answer|respond|provid(?:e|ing)|engage|support|discuss|generat(?:e|ing)|"
    r"complete|process|offer|assisting|helping|answering|discussing|creating|writing|facilitate|accommodate)"
)
# Only behind an apology: "I can't write" alone may be anybody's.
_DO = r"(?:do|give|write|create|produce|share|continue|proceed|participate|access|recommend|perform|tell|make|say)"
_HELPING = (
    r"(?:helping|assisting|answering|responding|replying|providing|discussing|sharing|giving|offering|engaging|"
    r"complying|completing|generating|commenting|talking|speaking|doing)"
)
_WHAT = (
    r"(?:that|this|these|it|such|any|you|your|requests?|questions?|information|content|advice|instructions|with|an?)"
)
_APOLOGY = r"(?:sorry|apologi[sz]e|apologies|unfortunately|regret(?:tably)?|afraid)"
_SELF = (
    r"as an? (?:[\w-]+ ){0,3}(?:ai|language model|virtual assistant|digital assistant|chatbot)\b"
    r"|as an artificial intelligence(?:,| (?:i|we|system|model|assistant)\b)"
    r"|i(?:['’]m| am) (?:just |only |merely )?an? (?:[\w-]+ ){0,3}"
    r"(?:ai(?: (?:language )?(?:model|assistant))?\b|language model)"
)
_WILL_NOT = r"(?:would (?:rather|prefer) not(?: to)?|(?:am|['’]m) not going to|must not|may not|need not|shall not)"
_TELL = (
    r"(?:tell|say|share|disclose|reveal|discuss|comment|talk|speak|go|confirm|verify|answer|help|do|respond|explain)"
)
# In German, Spanish, French, Italian, Portuguese and Dutch: an apology, and that the writer can't help, answer, give …:
# who is sorry that he can't come refuses nothing.
_ELSEWHERE = (
    (
        r"tut mir (?:sehr )?leid|leider|entschuldig\w+",
        r"(?:(?:kann|darf) ich|ich (?:kann|darf))\b.{0,60}\bnicht\b.{0,60}(?:helfen|beantworten|antworten|erfüllen|"
        r"nachkommen|bereitstellen|unterstützen|sagen|geben|erstellen|schreiben|ausführen|verraten|besprechen|dienen|"
        r"bearbeiten|durchführen|teilen|anbieten|liefern|beurteilen|kommentieren|empfehlen)",
    ),
    (
        r"lo siento|lo lamento|lamentablemente|disculp\w+",
        r"no (?:puedo|podemos|me es posible|me est[áa] permitido) (?:\w+ ){0,2}?(?:ayud|respond|contest|asisti|cumpli|"
        r"proporcion|ofrec|dar|decir|hacer|gener|escribi|crear|discuti|habla|comparti|completa|realiza|brinda|"
        r"procesa|continua|participa|accede|comenta|recomenda|atende)\w*",
    ),
    (
        r"désolée?|navrée?|malheureusement|regrette",
        r"(?:je|nous) ne (?:peux|puis|pouvons|suis pas en mesure) .{0,30}?\b(?:aide|répond|assiste|fourni|donne|dire|"
        r"faire|écri|crée|génér|discute|parle|partage|satisf|accéd|"
        r"traite|continue|commente|recommande|participe)\w*",
    ),
    (
        r"mi dispiace|spiacente|purtroppo",
        r"non (?:posso|possiamo|sono in grado) (?:\w+ ){0,2}?(?:aiut|rispond|assist|forni|dar|dir|fare|scriv|crear|"
        r"genera|discut|parla|condivid|soddisf|complet|"
        r"elabora|procede|continua|commenta|consiglia)\w*",
    ),
    (
        r"desculp\w+|sinto muito|lamento|infelizmente",
        r"não (?:posso|podemos|consigo) (?:\w+ ){0,2}?(?:ajud|respond|atende|fornec|dar|dizer|fazer|escrev|criar|gerar|"
        r"discut|falar|compartilh|partilh|cumpri|complet|auxili|"
        r"processa|continua|participa|comenta|recomenda|acessa)\w*",
    ),
    (
        r"sorry|het spijt me|helaas",
        r"(?:(?:kan|mag) ik|ik (?:kan|mag))\b.{0,60}\bniet\b.{0,60}(?:helpen|beantwoorden|antwoorden|geven|zeggen|"
        r"voldoen|schrijven|maken|verstrekken|delen|bespreken|uitvoeren|"
        r"verwerken|bieden|doorgaan|aanbevelen)",
    ),
)
_REFUSING = (
    rf"\b(?:i|we) ?{_CANNOT} (?:\w+ly )?{_HELP}\b(?: \w+){{0,3}}? ?(?:{_WHAT}\b|$|[.!])",
    rf"\b{_APOLOGY}\b.{{0,60}}\b(?:i|we) ?{_CANNOT} (?:\w+ly )?{_DO}\b",
    rf"(?:{_SELF}).{{0,80}}\b(?:{_CANNOT}|{_DECLINE})",
    rf"\bi ?{_DECLINE}\b|\bi (?:refuse|decline) to (?:{_HELP}|{_DO})\b",
    rf"\b{_APOLOGY}\b.{{0,60}}\b(?:(?:i|we) (?:do not|don['’]t) (?:know|understand|have "
    r"(?:\w+ ){0,3}(?:access|answers?|capabilit\w+|abilit\w+|context|data|details|expertise|idea|information|knowledge|"
    r"means|permission|records?|way))|not available to (?:me|us))\b",
    r"\b(?:i|we) (?:do not|don['’]t) have (?:enough|sufficient) (?:\w+ )?(?:information|context|data|knowledge) to "
    rf"(?:{_HELP}|{_DO})\b",
    r"\bi (?:do not|don['’]t) feel comfortable (?:with )?\w+ing\b",
    r"\bi(?:['’]d| would) (?:rather|prefer) not (?:to )?(?:answer|discuss|respond|provide|say|comment|help|engage)",
    r"\b(?:not (?:something|one)|nothing) (?:that )?i(?:['’]m| am)? (?:can|could|able to|allowed to|willing to) "
    r"(?:help|assist|provide|do|discuss|answer|support|process|say|share|offer|fulfill?)",
    r"\b(?:against|violates?|outside|not within) (?:my|our)(?: \w+)? ?(?:programming|guidelines|polic(?:y|ies))",
    r"\byour request (?:cannot|can['’]t|could not) be (?:completed|fulfilled|processed|answered)",
    r"\b(?:(?:would be|is|it['’]s) (?:not appropriate|inappropriate|unethical)"
    r"|would not be (?:appropriate|ethical|right)) for me to\b",
    rf"\bi(?:['’]m| am| was|['’]ve been| have been) not (?:\w+ )?(?:programmed|designed|trained|allowed|permitted|"
    rf"authori[sz]ed|equipped|qualified|in a position|at liberty) to (?:{_HELP}|{_DO})\b",
    r"\bi(?:['’]m| am|['’]ve been| have been) (?:\w+ )?(?:prohibited|forbidden|restricted|barred|instructed not to)\b",
    r"\b(?:beyond|outside(?: of)?) (?:what i(?:['’]m| am| can)?\b|my (?:\w+ )?(?:capabilit|abilit|scope|knowledge|"
    r"expertise|remit|competence))",
    rf"\b(?:prevents?|prohibits?|forbids?|stops?|keeps?|bars?|precludes?) me from {_HELPING}\b",
    r"\bi have no (?:way of knowing|(?:information|knowledge|data|answer) (?:on|about|for|to|of) "
    r"(?:that|this|it|your))\b",
    r"\bi (?:do not|don['’]t) know (?:how to answer|the answer to) (?:that|this|it|your)\b",
    rf"\bi (?:choose|prefer|elect) not to (?:{_HELP}|{_DO})\b",
    r"\bi (?:must|have to|will have to) (?:abstain|refrain) from\b",
    rf"\bi {_CANNOT} in good conscience\b|\bi can neither confirm nor deny\b|\bcannot be answered by me\b",
    rf"\b{_HELPING} (?:this|that|it|such)(?: \w+){{0,2}} (?:would|is|goes) (?:be )?"
    r"(?:against|violat\w+|beyond|outside|contrary to) my\b",
    r"\bi (?:do not|don['’]t) have access to (?:that|this|such|the) (?:kind of |sort of )?(?:information|data)\b",
    rf"\b{_APOLOGY}\b.{{0,60}}\b(?:i|we) {_CANNOT} (?:find|be of help|see)\b",
    rf"\bi (?:do not|don['’]t) think i (?:should|can|could|ought to) (?:{_HELP}|{_DO})\b",
    r"\bi lack the (?:\w+ )?(?:ability|capability|knowledge|information|means|expertise) to\b",
    r"\bi(?:['’]m| am|['’]ve been| have been|was| was) (?:programmed|designed|trained|instructed|told) (?:to (?:avoid|"
    r"decline|refuse)|not to)\b",
    r"\bmy training (?:data )?(?:does|did)(?: not|n['’]t) (?:cover|include|extend)\b",
    r"\bi(?:['’]m| am)? (?:going to |have to |will |must )+(?:say no to|pass on) (?:that|this)\b",
    r"\b(?:content|request|question|response|answer) (?:has been|was|is) (?:blocked|withheld|filtered|flagged) by "
    r"(?:our|my|the) (?:\w+ ){0,2}(?:polic(?:y|ies)|filters?|guidelines|moderat\w+|safety|rules|guardrails?|system)\b",
    # A whole sentence of what the writer can't or won't tell, and no more than a pointer to what was asked.
    rf"^\W*(?:(?:no|but|and|well|{_APOLOGY})\W+)*(?:i|we) ?(?:really |simply |honestly |just )?"
    rf"(?:{_CANNOT}|{_WILL_NOT}) (?:\w+ly )?{_TELL}(?: \w+){{0,2}}? ?"
    r"(?:(?:that|this|it|these|such|here|further|more)\b.{0,24}|information)?\W*$",
    rf"\b{_APOLOGY}\b.{{0,40}}\b(?:that|this|it)(?:['’]s| is| was) (?:not (?:possible|available|allowed|supported)"
    r"|beyond me|impossible|unavailable)(?: (?:for|to) (?:me|us)\b|.{0,24}$)",
    rf"\b{_APOLOGY}\b.{{0,40}}\bi did(?: not|n['’]t) (?:get|understand|catch|follow)\b",
    r"^\W*(?:your |this |the )?request (?:is |was |has been )?(?:denied|declined|rejected|refused)\W*$",
    rf"\bi(?:['’]m| am) (?:declining|refusing) to (?:{_HELP}|{_DO}|{_TELL})\b",
    rf"\b(?:something|topic|subject|question|request) (?:that |which )?i {_CANNOT} (?:{_HELP}|{_DO}|{_TELL})\b",
    rf"\bi(?:['’]d| would) (?:rather|prefer) not (?:to )?{_TELL}\b",
    r"^\W*i can only (?:help|answer|assist|discuss|talk|respond)\b",
    rf"\bi(?:['’]m| am|['’]ve been| have been|was| was) (?:\w+ )?(?:asked|told|obliged|required|instructed) "
    rf"(?:not to (?:{_HELP}|{_DO}|{_TELL})|to keep (?:this|that|it) (?:\w+ )?confidential)\b",
    r"^\W*i (?:do not|don['’]t) (?:engage in|discuss|comment on|answer|offer|support) (?:\w+ ){0,4}"
    r"(?:that|this|such|kind|nature|topics?|questions?|subjects?|requests?)\b",
    rf"\b{_APOLOGY}\b.{{0,40}}\bi have no (?:\w+ )?(?:access|answer|clue|data|details|idea|information|knowledge|means|"
    r"records?|way)\b",
    *REFUSALS,
    *(rf"\b(?:{apology})\b.{{0,80}}\b(?:{cannot})\b" for apology, cannot in _ELSEWHERE),
)
_BOILERPLATE = (
    _SELF,
    r"\bi (?:do not|don['’]t) have (?:any )?(?:personal |real )?(?:opinions|feelings|beliefs|emotions|experiences|"
    r"preferences|access to (?:real-time|current|the internet|personal))",
    r"\bmy (?:knowledge|training)(?: data)? (?:cut-?off|only goes|was last updated|is limited to)",
    r"\b(?:please )?feel free to (?:ask|reach out|let me know)|\blet me know if (?:you|there)",
    r"\banything else (?:that )?i can (?:help|assist)",
    r"\bhappy to (?:help|assist)(?: you)? with (?:something|anything|other)",
    r"\bif you have any (?:other |further |more )?questions|\bthank you for (?:your )?understanding",
    rf"^\W*(?:(?:i['’]m|i am|we['’]re|we are) (?:\w+ )?sorry|sorry|(?:i |my )?(?:\w+ )?{_APOLOGY})"
    r"(?: (?:about|for|but) [\w ']{0,40})?\W*$",
    # Said to the reader: where medicine and law are the subject, others consult specialists in every second text.
    r"(?:^\W*|, |\b(?:please |always |you (?:\w+ ){1,3}|(?:best|better|important|advisable|recommend(?:ed)?|advise|"
    r"suggest) (?:that )?(?:you )?(?:to )?))(?:\w+ly )?"
    r"(?:consult|contact(?:ing)? (?:an?|the|your|\w+s)\b|seek|speak (?:to|with)|reach out to)(?:ing)?\b.{0,60}"
    r"\b(?:professional|doctor|physician|lawyer|attorney|expert|authorities|specialist)",
)
# No refusal, and no such boilerplate, goes without one of these.
_SIGNS = [
    "sorry", "apolog", "cannot", "can't", "can’t", "can not", "cant", "unable", "not able", "won't", "won’t",
    "will not", "couldn", "could not", "would not", "wouldn", "decline", "refuse", "rather not", "guidelines", "polic",
    "programming", "appropriate", "unethical", "language model", "as an ai", "an ai ", "assistant", "not allowed",
    "not programmed", "not designed", "not capable", "ability", "not willing", "not going", "permission",
    "not in a position", "nothing", "not equipped", "not authori", "capacity", "comfortable", "enough", "sufficient",
    "not available", "just an ai", "only an ai", "not trained", "at liberty", "artificial intelligence", "prohibited",
    "forbidden", "restricted", "barred", "instructed not", "beyond my", "beyond what i", "outside my", "outside of",
    "me from", "have no", "know how to answer", "know the answer", "choose not", "elect not", "abstain", "refrain",
    "neither confirm", "think i", "didn", "did not", "request", "declining", "refusing", "something", "topic",
    "subject", "can only", "confidential", "not to", "do not", "don't", "don’t", "that's not", "is not", "must not",
    "may not", "beyond me", "lack the", "lack suff", "incapable", "unwilling", "permitted", "qualified", "prefer",
    "conflicts with", "scope of what", "for me to", "have to pass", "respectfully pass", "not do ", "but no",
    "outside what", "als ki", "als ai", "en tant qu", "impossible", "como modelo", "como ia", "como um modelo",
    "come modello", "als sprachmodell", "my knowledge", "violat", "rejected", "must pass", "to avoid", "my training",
    "say no to", "pass on", "blocked", "withheld", "flagged", "answered by me", "against my", "my principles",
    "access to", "regret", "leid", "entschuldig", "siento", "lament", "disculp", "désol", "navré", "malheureusement",
    "dispiace", "spiacente", "purtroppo", "desculp", "sinto muito", "infelizmente", "helaas", "spijt",
]  # fmt: skip
# Nor without somebody who speaks, or a formula of politeness or of rules.
_VOICE = (
    r"(?i)\b(?:i|we|me|my|our|us|ich|wir|je|nous|please|feel free|sorry|requests?|apolog\w+|regret\w*|unfortunately|"
    r"afraid|assistant|chatbot|language model|polic(?:y|ies)|guidelines|any (?:other |further |more )?questions|"
    r"thank you|"
    r"anything else|consult|seek|contact|reach out|leider|leid|siento|lament\w*|disculp\w*|désolée?|navrée?|regrette|"
    r"malheureusement|m['’]est|dispiace|spiacente|purtroppo|desculp\w*|sinto|infelizmente|helaas|spijt|als (?:ki|ai)|"
    r"als \w*modell?|en tant qu\w*|como (?:um? )?(?:modelo|ia|as+istente|inteligencia|inteligência)|"
    r"come (?:modello|ia|assistente)|in quanto)\b"
)
_LONGEST = 4_000  # bytes; in a longer answer a refusal is no more than its beginning
_SENTENCE = r"[^.!?\n]+[.!?\n]*"
_ABOUT_REFUSING = (
    r"(?i)\b(?:refus\w*|apolog\w*|sorry|say(?:ing)? no|turn(?:ing|ed)? down|polite\w*|"
    r"declin\w* (?:\w+ ){0,3}(?:requests?|invitations?|meetings?|offers?|questions?|to (?:answer|help)))\b"
)
_ABOUT_ASSISTANTS = r"(?i)\b(?:you|your|yourself|ai|chatbots?|assistants?|language models?|robots?)\b"


def refusals(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
    """Measure how much of each answer is refusal or boilerplate.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.DataFrame
        `refusal` and `assistant_boilerplate`, Float64, shares (0 to 1) of the answer's characters. `refusal` counts
        refusing sentences and the boilerplate around them, and is 0 where none refuses, or where the question is about
        refusing or refuses itself (a text to translate); `assistant_boilerplate` is 0 where the question is about
        assistants, or speaks to one.
    """
    rows = pl.DataFrame({"prompt": prompts, "answer": answers}).with_row_index("row")
    answer = pl.col("answer")
    suspects = rows.filter(
        (answer.str.len_bytes() <= _LONGEST) & answer.str.contains_any(_SIGNS, ascii_case_insensitive=True)
    ).filter(answer.str.contains(_VOICE))
    shares = _shares(suspects).with_columns(
        refusal=pl.when(pl.col("prompt").str.contains(_ABOUT_REFUSING) | _refuses_itself())
        .then(0.0)
        .otherwise("refusal"),
        assistant_boilerplate=pl.when(pl.col("prompt").str.contains(f"{_ABOUT_REFUSING}|{_ABOUT_ASSISTANTS}"))
        .then(0.0)
        .otherwise("assistant_boilerplate"),
    )
    found = rows.select("row").join(shares, on="row", how="left", maintain_order="left")
    return found.select(pl.col("refusal", "assistant_boilerplate").fill_null(0.0))


def _refuses_itself() -> pl.Expr:
    """Tell the prompts of refusals that hold one, to be put in other words or to be given where nothing is known."""
    prompt = pl.when(pl.col("refusal") > 0).then(pl.col("prompt").str.to_lowercase())
    return _any_of(_REFUSING, prompt).fill_null(value=False)


def _any_of(patterns: Iterable[str], text: pl.Expr) -> pl.Expr:
    return pl.any_horizontal(text.str.contains(pattern) for pattern in patterns)


def _shares(suspects: pl.DataFrame) -> pl.DataFrame:
    """Cut answers into sentences, mark each, and weigh the marked ones by their characters."""
    sentences = (
        suspects.select("row", sentence=pl.col("answer").str.extract_all(_SENTENCE))
        .explode("sentence", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("sentence").str.strip_chars().str.to_lowercase())
    )
    sentence, said = pl.col("sentence"), pl.col("voiced")
    # A sentence in which nobody speaks refuses nothing, and sees null.
    voiced = sentences.with_columns(voiced=pl.when(sentence.str.contains(_VOICE)).then(sentence))
    marked = voiced.with_columns(
        size=sentence.str.len_chars(),
        refuses=(_any_of(_REFUSING, said) & ~said.str.contains(REPORTED)).fill_null(value=False),
        idle=_any_of(_BOILERPLATE, sentence),
        redirects=_any_of(REDIRECTS, sentence),
    )
    idle = pl.col("size").filter(pl.col("refuses") | pl.col("idle")).sum() / pl.col("size").sum()
    around = pl.col("size").filter(pl.any_horizontal("refuses", "idle", "redirects")).sum() / pl.col("size").sum()
    by_row = marked.group_by("row").agg(idle=idle, around=around, refuses=pl.col("refuses").any())
    told = by_row.with_columns(
        refusal=pl.when("refuses").then("around").otherwise(0.0),
        assistant_boilerplate=pl.when("refuses").then(0.0).otherwise("idle"),
    )
    return suspects.select("row", "prompt").join(told, on="row", how="inner")
