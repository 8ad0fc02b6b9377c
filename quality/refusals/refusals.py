"""Refusals ("I'm sorry, but I can't help with that.") and what assistants say of themselves.

In English, and more coarsely in six neighbours of it.

A row that only *begins* with an apology and then answers is worth keeping, and so is one whose question is about
refusing. So sentences are judged, not openings, and what counts is how much of the answer they make up. Formulas of a
chat ("Could you give me more details?", "I don't know.") count only in an answer that says nothing else, and not in a
pool where a kind of them is the custom, such as a service desk's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from quality.refusals import formulas as refusal_formulas
from quality.refusals import languages as refusal_languages
from quality.refusals.evading import evading
from quality.refusals.grammar import REDIRECTS, REFUSALS, REFUSING_FORMULAS, REPORTED
from quality.refusals.prompts import ABOUT_REFUSING, ask_for_formulas, speak_of_assistants
from quality.refusals.quotations import unquoted
from quality.refusals.vocabulary import EXCHANGE

if TYPE_CHECKING:
    from collections.abc import Iterable

_REFUSING = (*REFUSALS, *refusal_languages.REFUSING)
# By kind, in the order in which a sentence is given one.
_FORMULAS = {
    "refusing": (*REFUSING_FORMULAS, *refusal_languages.REFUSING_FORMULAS),
    "unseen": refusal_formulas.UNSEEN,
    "ignorance": (*refusal_formulas.IGNORANCE, *refusal_languages.IGNORANCE),
    "interface": (*refusal_formulas.INTERFACE, *refusal_languages.INTERFACE),
    "self": (*refusal_formulas.SELF, *refusal_languages.SELF),
    "asking": (*refusal_formulas.ASKING, *refusal_languages.ASKING),
    "closing": (*refusal_formulas.CLOSING, *refusal_languages.CLOSING),
    "greeting": (*refusal_formulas.GREETING, *refusal_languages.GREETING),
    "assent": refusal_formulas.ASSENT,
}
_REFUSING_KINDS = ["refusing", "unseen", "ignorance"]
_TALK = ["ignorance", "self", "asking", "closing", "greeting", "assent"]  # what people say to each other
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
    "dispiace", "spiacente", "purtroppo", "desculp", "sinto muito", "infelizmente", "helaas", "spijt", "chatgpt",
    "openai", "anthropic", "chatbot", "llm", "am an ai", "i'm an ai", "i’m an ai", "i am gpt", "as of my",
]  # fmt: skip
# Nor without somebody who speaks, or a formula of politeness or of rules.
_VOICE = (
    r"(?i)\b(?:i|we|me|my|our|us|ich|wir|je|nous|please|feel free|sorry|requests?|apolog\w+|regret\w*|unfortunately|"
    r"afraid|assistant|chatbot|language model|polic(?:y|ies)|guidelines|any (?:other |further |more )?questions|"
    r"thank you|"
    r"anything else|consult|seek|contact|reach out|leider|leid|siento|lament\w*|disculp\w*|désolée?|navrée?|regrette|"
    r"malheureusement|m'est|dispiace|spiacente|purtroppo|desculp\w*|sinto|infelizmente|helaas|spijt|als (?:ki|ai)|"
    r"als \w*modell?|en tant qu\w*|como (?:um? )?(?:modelo|ia|as+istente|inteligencia|inteligência)|"
    r"come (?:modello|ia|assistente)|in quanto)\b"
)
_LONGEST = 4_000  # bytes; in a longer answer a refusal is no more than its beginning
_LONGEST_FORMULAS = 400  # bytes; in a longer answer something is said
_MOST_NEW = 0.12  # share of an answer's words that are of its own and may be there though it says nothing
# A formula of more characters has somebody who speaks, or is spoken to.
_LONGEST_UNSPOKEN = 90
_SPEAKS = r"\b(?:i|we|me|us|my|our|you|your|please|kindly|sorry|thanks?|let's)\b"
_MOST_MARKS = 2  # of quotation; where there are more, several are quoted
_CUSTOM = 0.01  # share of a pool's answers from which on a kind of formula is its custom
_FEWEST_CUSTOM = 20  # answers; of fewer a share says nothing
_SENTENCE = r"[^.!?\n]+[.!?\n]*"
_WORD = r"\w+"
# A year, the code of an error, seconds to wait.
_NUMBER = r"^(?:(?:19|20)\d\d|[45]\d\d|\d\d?s)$"
_MARK = r"[\"“”„«»]"


def refusals(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
    """Measure how much of each answer is refusal or boilerplate.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, of the whole pool, without nulls.

    Returns
    -------
    pl.DataFrame
        `refusal` and `assistant_boilerplate`, Float64, shares (0 to 1) of the answer's characters. `refusal` counts
        refusing sentences and the boilerplate around them, and is 0 where none refuses, or where the question is about
        refusing or refuses itself (a text to translate); `assistant_boilerplate` is 1 where the answer says that its
        writer is a machine, and 0 where the question is about assistants, or speaks to one. Formulas count where an
        answer holds nothing else.
    """
    rows = pl.DataFrame({"prompt": prompts, "answer": answers}).with_row_index("row")
    spoken = _suspects(rows)
    shares = _shares(spoken).with_columns(
        refusal=pl.when(pl.col("prompt").str.contains(ABOUT_REFUSING) | _refuses_itself())
        .then(0.0)
        .otherwise("refusal"),
        assistant_boilerplate=pl.when(pl.col("prompt").str.contains(ABOUT_REFUSING) | speak_of_assistants())
        .then(0.0)
        .otherwise("assistant_boilerplate"),
    )
    hollow = _hollow(rows)
    found = rows.select("row").join(shares, on="row", how="left", maintain_order="left")
    found = found.join(hollow, on="row", how="left", maintain_order="left")
    found = found.join(evading(rows), on="row", how="left", maintain_order="left")
    said = pl.col("kind").is_in(_REFUSING_KINDS)
    return found.select(
        refusal=pl.max_horizontal("refusal", pl.when(said).then("hollow"), "evaded").fill_null(0.0),
        assistant_boilerplate=pl.max_horizontal("assistant_boilerplate", pl.when(~said).then("hollow")).fill_null(0.0),
    )


def _suspects(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave the answers that may hold a refusal, with straight apostrophes and without what they quote."""
    answer = pl.col("answer")
    signed = rows.filter(
        (answer.str.len_bytes() <= _LONGEST) & answer.str.contains_any(_SIGNS, ascii_case_insensitive=True)
    )
    straight = signed.with_columns(answer.str.replace_all("’", "'", literal=True)).filter(answer.str.contains(_VOICE))
    return straight.with_columns(unquoted(pl.col("answer")))


def _refuses_itself() -> pl.Expr:
    """Tell the prompts of refusals that hold one, to be put in other words or to be given where nothing is known."""
    prompt = pl.when(pl.col("refusal") > 0).then(
        pl.col("prompt").str.to_lowercase().str.replace_all("’", "'", literal=True)
    )
    return _any_of((*_REFUSING, *refusal_languages.REFUSING_FORMULAS), prompt).fill_null(value=False)


def _any_of(patterns: Iterable[str], text: pl.Expr) -> pl.Expr:
    return pl.any_horizontal(text.str.contains(pattern) for pattern in patterns)


def _sentences(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.select("row", sentence=pl.col("answer").str.extract_all(_SENTENCE))
        .explode("sentence", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("sentence").str.strip_chars().str.to_lowercase())
    )


def _shares(suspects: pl.DataFrame) -> pl.DataFrame:
    """Cut answers into sentences, mark each, and weigh the marked ones by their characters."""
    sentence, said = pl.col("sentence"), pl.col("voiced")
    # A sentence in which nobody speaks refuses nothing, and sees null.
    voiced = _sentences(suspects).with_columns(voiced=pl.when(sentence.str.contains(_VOICE)).then(sentence))
    marked = voiced.with_columns(
        size=sentence.str.len_chars(),
        refuses=(_any_of(_REFUSING, said) & ~said.str.contains(REPORTED)).fill_null(value=False),
        idle=_any_of(refusal_formulas.IDLE, sentence),
        named=_any_of(refusal_formulas.NAMES_ITSELF, said).fill_null(value=False),
        redirects=_any_of(REDIRECTS, sentence)
        | ((sentence.str.len_chars() <= _LONGEST_UNSPOKEN) & _any_of(refusal_formulas.CLOSING, sentence)),
    )
    size = pl.col("size")
    around = size.filter(pl.any_horizontal("refuses", "idle", "redirects")).sum() / size.sum()
    idle = size.filter("idle").sum() / size.sum()
    told = marked.group_by("row").agg(
        around=around, idle=idle, refuses=pl.col("refuses").any(), named=pl.col("named").any()
    )
    told = told.select(
        "row",
        refusal=pl.when("refuses").then("around").otherwise(0.0),
        assistant_boilerplate=pl.when("named").then(1.0).when("refuses").then(0.0).otherwise("idle"),
    )
    return suspects.select("row", "prompt").join(told, on="row", how="inner")


def _hollow(rows: pl.DataFrame) -> pl.DataFrame:
    """Weigh the formulas of answers that say nothing: `row, hollow: Float64, kind: String`."""
    short = rows.filter(
        pl.col("answer").str.len_bytes() <= _LONGEST_FORMULAS, pl.col("answer").str.count_matches(_MARK) <= _MOST_MARKS
    )
    empty = _of_no_news(short)
    sentences = _sentences(empty.with_columns(pl.col("answer").str.replace_all("’", "'", literal=True)))
    text = pl.col("sentence")
    kinds = [pl.when(_any_of(patterns, text)).then(place) for place, patterns in enumerate(_FORMULAS.values())]
    speaks = text.str.contains(_SPEAKS) | (text.str.len_chars() <= _LONGEST_UNSPOKEN)
    marked = sentences.with_columns(size=text.str.len_chars(), kind=pl.when(speaks).then(pl.coalesce(kinds)))
    by_row = marked.group_by("row").agg(
        hollow=pl.col("size").filter(pl.col("kind").is_not_null()).sum() / pl.col("size").sum(),
        kind=pl.col("kind").min(),
    )
    found = by_row.drop_nulls("kind").with_columns(
        pl.col("kind").replace_strict(dict(enumerate(_FORMULAS)), return_dtype=pl.String)
    )
    found = found.join(empty, on="row", how="inner")
    left = found.filter(~ask_for_formulas())
    custom = (
        left.filter(pl.col("kind").is_in(_TALK))
        .group_by("kind")
        .len()
        .filter(pl.col("len") > max(_CUSTOM * rows.height, _FEWEST_CUSTOM))
    )
    return left.join(custom, on="kind", how="anti").select("row", "hollow", "kind")


def _of_no_news(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave the answers that hold hardly a word but those of an exchange, or of their own prompt."""
    words = (
        rows.select("row", word=pl.col("answer").str.to_lowercase().str.extract_all(_WORD))
        .explode("word", empty_as_null=False, keep_nulls=False)
        .with_columns(new=~(pl.col("word").is_in(list(EXCHANGE)) | pl.col("word").str.contains(_NUMBER)))
    )
    # Few answers are left when more than half of the words are of no exchange, and only their prompts are read.
    said = words.group_by("row").agg(new=pl.col("new").sum(), all=pl.len()).filter(pl.col("new") < 0.5 * pl.col("all"))
    left = rows.join(said.filter(pl.col("new") > 0), on="row", how="semi")
    asked = left.select("row", word=pl.col("prompt").str.to_lowercase().str.extract_all(_WORD)).explode(
        "word", empty_as_null=False, keep_nulls=False
    )
    news = words.filter("new").join(left, on="row", how="semi").join(asked.unique(), on=["row", "word"], how="anti")
    counted = said.join(news.group_by("row").agg(news=pl.len()), on="row", how="left").with_columns(
        pl.col("news").fill_null(0)
    )
    return rows.join(counted.filter(pl.col("news") <= _MOST_NEW * pl.col("all")), on="row", how="semi")
