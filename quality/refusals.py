"""Refusals ("I'm sorry, but I can't help with that.") and what assistants say of themselves; English only.

A row that only *begins* with an apology and then answers is worth keeping, and so is one whose question is about
refusing. So sentences are judged, not openings, and what counts is how much of the answer they make up.
"""

import polars as pl

_CANNOT = (
    r"(?:(?:can ?not|can['’]?t|could ?n[o'’]t|won['’]?t|will not|wouldn['’]t)(?: be able to)?"
    r"|(?:am|['’]m|was) (?:\w+ )?(?:unable to|not (?:\w+ )?(?:able|allowed|permitted|programmed|designed|equipped|"
    r"authori[sz]ed|capable|comfortable|willing|going|in a position)(?: to| of| with)?)"
    r"|(?:do not|don['’]t) have (?:the |any )?(?:\w+ )?(?:ability|capability|capacity|means|permission) to)"
)
_DECLINE = r"(?:must|have to|will have to|need to|['’]ll have to) (?:\w+ly )?(?:decline|refuse)"
_HELP = (
    r"(?:help|assist|aid|comply|fulfill?|answer|respond|provid(?:e|ing)|engage|support|discuss|generat(?:e|ing)|"
    r"complete|process|offer|assisting|helping|answering|discussing|creating|writing|facilitate|accommodate)"
)
# Only behind an apology: "I can't write" alone may be anybody's.
_DO = r"(?:do|give|write|create|produce|share|continue|proceed|participate|access|recommend|perform|tell|make|say)"
_WHAT = (
    r"(?:that|this|these|it|such|any|you|your|requests?|questions?|information|content|advice|instructions|with|an?)"
)
_APOLOGY = r"(?:sorry|apologi[sz]e|apologies|unfortunately|regret|afraid)"
_SELF = (
    r"as an? (?:[\w-]+ ){0,3}(?:ai|language model|virtual assistant|digital assistant|chatbot)\b"
    r"|i(?:['’]m| am) (?:just |only |merely )?an? (?:[\w-]+ ){0,3}"
    r"(?:ai(?: (?:language )?(?:model|assistant))?\b|language model)"
)
_REFUSING = (
    rf"\b(?:i|we) ?{_CANNOT} (?:\w+ly )?{_HELP}\b(?: \w+){{0,3}}? ?(?:{_WHAT}\b|$|[.!])",
    rf"\b{_APOLOGY}\b.{{0,60}}\b(?:i|we) ?{_CANNOT} (?:\w+ly )?{_DO}\b",
    rf"(?:{_SELF}).{{0,80}}\b(?:{_CANNOT}|{_DECLINE})",
    rf"\bi ?{_DECLINE}\b|\bi (?:refuse|decline) to (?:{_HELP}|{_DO})\b",
    rf"\b{_APOLOGY}\b.{{0,60}}\b(?:(?:i|we) (?:do not|don['’]t) (?:know|understand|have)|not available to (?:me|us))\b",
    r"\b(?:i|we) (?:do not|don['’]t) have (?:enough|sufficient) (?:\w+ )?(?:information|context|data|knowledge) to "
    rf"(?:{_HELP}|{_DO})\b",
    r"\bi (?:do not|don['’]t) feel comfortable (?:with )?\w+ing\b",
    r"\bi(?:['’]d| would) (?:rather|prefer) not (?:to )?(?:answer|discuss|respond|provide|say|comment|help|engage)",
    r"\b(?:not something|nothing) (?:that )?i(?:['’]m| am)? (?:can|could|able to|allowed to|willing to) "
    r"(?:help|assist|provide|do|discuss|answer)",
    r"\b(?:against|violates?|outside|not within) (?:my|our|the)(?: \w+)? ?(?:programming|guidelines|polic(?:y|ies))",
    r"\byour request (?:cannot|can['’]t|could not) be (?:completed|fulfilled|processed|answered)",
    r"\b(?:(?:would be|is|it['’]s) (?:not appropriate|inappropriate|unethical)"
    r"|would not be (?:appropriate|ethical|right)) for me to\b",
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
    r"\b(?:please )?(?:consult|contact|seek|speak (?:to|with)|reach out to)\b.{0,60}"
    r"\b(?:professional|doctor|lawyer|expert|authorities|specialist)",
)
# No refusal, and no such boilerplate, goes without one of these.
_SIGNS = [
    "sorry", "apolog", "cannot", "can't", "can’t", "can not", "cant", "unable", "not able", "won't", "won’t",
    "will not", "couldn", "could not", "would not", "wouldn", "decline", "refuse", "rather not", "prefer not",
    "guidelines", "polic", "programming", "appropriate", "unethical", "language model", "as an ai", "an ai ",
    "assistant", "not something", "not allowed", "not permitted", "not comfortable", "not programmed",
    "not designed", "not capable", "ability", "capability", "not willing", "not going", "permission",
    "not in a position", "nothing", "not equipped", "not authori", "capacity",
    "comfortable", "enough", "sufficient", "not available", "just an ai", "only an ai",
]  # fmt: skip
_LONGEST = 4_000  # bytes; in a longer answer a refusal is no more than its beginning
_SENTENCE = r"[^.!?\n]+[.!?\n]*"
_ABOUT_REFUSING = (
    r"(?i)\b(?:refus\w*|apolog\w*|sorry|say(?:ing)? no|turn(?:ing|ed)? down|polite\w*|"
    r"declin\w* (?:\w+ ){0,3}(?:requests?|invitations?|offers?|questions?|to (?:answer|help)))\b"
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
        refusing sentences and the boilerplate around them, and is 0 where none refuses or where the question is about
        refusing; `assistant_boilerplate` is 0 where the question is about assistants, or speaks to one.
    """
    rows = pl.DataFrame({"prompt": prompts, "answer": answers}).with_row_index("row")
    answer = pl.col("answer")
    suspects = rows.filter(
        (answer.str.len_bytes() <= _LONGEST) & answer.str.contains_any(_SIGNS, ascii_case_insensitive=True)
    )
    shares = _shares(suspects).with_columns(
        refusal=pl.when(pl.col("prompt").str.contains(_ABOUT_REFUSING)).then(0.0).otherwise("refusal"),
        assistant_boilerplate=pl.when(pl.col("prompt").str.contains(f"{_ABOUT_REFUSING}|{_ABOUT_ASSISTANTS}"))
        .then(0.0)
        .otherwise("assistant_boilerplate"),
    )
    found = rows.select("row").join(shares, on="row", how="left", maintain_order="left")
    return found.select(pl.col("refusal", "assistant_boilerplate").fill_null(0.0))


def _shares(suspects: pl.DataFrame) -> pl.DataFrame:
    """Cut answers into sentences, mark each, and weigh the marked ones by their characters."""
    sentences = (
        suspects.select("row", sentence=pl.col("answer").str.extract_all(_SENTENCE))
        .explode("sentence", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("sentence").str.strip_chars().str.to_lowercase())
    )
    sentence = pl.col("sentence")
    marked = sentences.with_columns(
        size=sentence.str.len_chars(),
        refuses=pl.any_horizontal(sentence.str.contains(pattern) for pattern in _REFUSING),
        idle=pl.any_horizontal(sentence.str.contains(pattern) for pattern in _BOILERPLATE),
    )
    either = pl.col("size").filter(pl.col("refuses") | pl.col("idle")).sum() / pl.col("size").sum()
    by_row = marked.group_by("row").agg(share=either, refuses=pl.col("refuses").any())
    told = by_row.with_columns(
        refusal=pl.when("refuses").then("share").otherwise(0.0),
        assistant_boilerplate=pl.when("refuses").then(0.0).otherwise("share"),
    )
    return suspects.select("row", "prompt").join(told, on="row", how="inner")
