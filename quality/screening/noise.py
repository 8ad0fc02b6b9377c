"""Noise told by its chances: signs drawn evenly from the keyboard, and capitals strewn evenly into one long run.

Who writes uses a few signs often (a program its brackets, a sentence its commas), and words between them; noise uses
all signs alike, and leaves no three letters together, or strews as many among words. The chance that two signs of a
text are the same is the sum of squared shares, Simpson's index ("Measurement of diversity", 1949), here in its unbiased
form: 1/32 in signs drawn from a keyboard.

Where letters and figures are drawn as well, signs may be fewer kinds. There the same index over all that is visible
tells: 1/68 to 1/94 in noise, and hardly ever below 1/48 in programs, not even in regular expressions.

Bytes dumped in hexadecimal figures are noise where they are most of an answer, and nobody asked for bytes.
Letters and figures packed into each other (base32, keys, serials) are told by the index, too: 1/32 to 1/62 where they
are drawn, and 1/15 to 1/20 in words and their numbers. Drawn words have each another shape ("6ns2aj", "80h0r3"), and
codes that somebody gave out (postcodes, rooms, parts) a few shapes between them.

In a short text the index says little. But of characters drawn from a keyboard two in three are of another class (small
letters, capitals, figures, signs) than the one before, and of anything written one in two at most.

Of figures strewn with signs most words are none of those in which figures and signs stand together: sums, dates,
prices, shares, versions, numbers of houses. And as of drawn words, each has another shape.

A packed file in letters (base64) begins capitals at 24 of 100 places, capitalised names ("CamelCase") at half as many.
"""

from __future__ import annotations

import string

import polars as pl

from quality.personal.keys import keys
from quality.screening.asked_for_code import EXPLAIN
from quality.screening.digests import without_digests
from quality.texts.characters import BLOCKS, visible
from quality.texts.layout import is_data
from quality.texts.patterns import holds

_SIGN = r"[!-/:-@\[-`{-~]"
_FEWEST_SIGNS = 30
_FEW = 0.15  # share of signs up to which prose with numbers, quotes and brackets goes
_EVEN = 0.042  # chance that two signs are the same, up to which they were drawn
_ALL_EVEN = 0.0165  # the same, of any two characters of ASCII
_WORDLESS = 3  # letters that stand together, on average, from which on they are words
# Of signs between words, or within them, that are so large a share of a text, even programs have less even ones.
_FEWEST_DENSE, _DENSE, _EVEN_DENSE = 60, 0.25, 0.05
_RUN = r"[A-Za-z0-9+/_-]{40,}={0,2}"
_RESTLESS = 0.18  # beginnings of capitals, of the places in a run
_MOSTLY = 0.5  # of a text, from which on a packed file is what it gives
_LINK = r"https?://\S+"  # what stands for a document in an address is drawn, and meant
# Bytes in figures: pairs or fours of them, with or without a prefix and marks between them; and one long run.
_BYTE = r"[0-9a-fA-F]{2}"
_DUMP = (
    rf"(?:(?:0x)?{_BYTE}[\s,:;-]+){{24,}}|(?:(?:\\x|%){_BYTE}){{20,}}|(?:[0-9a-fA-F]{{4,8}}[\s,:;-]+){{12,}}|"
    r"[0-9a-fA-F]{80,}"
)
# A first look: classes of ASCII alone, and no more than a few of a dump's bytes.
_MAY_BE_DUMP = (
    r"(?-u:(?:[0-9a-fA-F]{2,8}[ ,:;\n-]{1,2}(?:0x)?){8}|(?:\\x|%)[0-9a-fA-F]{2}(?:\\x|%)[0-9a-fA-F]{2}|[0-9a-fA-F]{80})"
)
_MAY_BE_HEX = r"(?-u:(?:\b(?:0x)?[0-9a-fA-F]{2,8}\b[ ,:;|\n\t-]{1,3}){5}|[0-9a-fA-F]{41})"
_FIGURES, _AF = r"[0-9]", r"[a-fA-F]"
_LEAST_OF_EACH = 0.15  # of a dump: six of sixteen are letters
# Of a text without blanks fewer signs tell, where small letters, capitals and figures lie between them.
_UNBROKEN = r"\A\s*\S{40,}\s*\z"
_FEWEST_UNBROKEN = 10
_ALL_EVEN_UNBROKEN = 0.022
# Of a text of so many characters their classes tell: of them, how many stand together, and how even they are.
_FEWEST_CHANGING, _SAME_CLASS, _EVEN_CHANGING = 24, 1.8, 0.025
_CLASSES = ("[a-z]", "[A-Z]", "[0-9]", _SIGN)
_ALL_CLASSES, _LETTERS_OF_WORD, _SHORT_RUNS = 4, 4, 2.5
# A dump with addresses before and letters behind its bytes: so many figures of bytes, of all words. A single run of
# more figures than the 40 of a digest, and not its 64.
_HEX_WORD, _WORD = (
    r"(?-u:\b(?:0x)?(?:[0-9a-fA-F]{2}|[0-9a-fA-F]{4}|[0-9a-fA-F]{8}|[0-9a-fA-F]{41,63}|[0-9a-fA-F]{65,})\b)",
    r"\w+",
)
_FEWEST_HEX, _FEWEST_HEX_FIGURES, _MOSTLY_HEX = 16, 41, 0.6
# Words of letters and figures mixed, in which both are drawn.
_MIXED = r"(?-u:\b(?:[A-Za-z]+[0-9]|[0-9]+[A-Za-z])[A-Za-z0-9]{2,}\b)"
_MAY_BE_MIXED = (
    rf"(?-u:{_MIXED}[ ,:;|\n\t-]{{1,3}}(?:\w{{1,12}}[ ,:;|\n\t-]{{1,3}})?{_MIXED}|"
    r"\b(?:[A-Za-z]{1,20}[0-9]{1,20}){4,})"
)
_FEWEST_MIXED = 24  # visible characters
_MOSTLY_MIXED = 0.4
_FIGURED = 0.1  # of the mixed words
_EVEN_MIXED = 0.045
# Of a word that changes twice between letters and figures, which few codes do.
_TO_AND_FRO = r"[A-Za-z][0-9]+[A-Za-z]|[0-9][A-Za-z]+[0-9]"
_CHANGING, _SHAPES = 0.3, 0.6  # of the mixed words: those that do, and different shapes
# Words of figures and signs that stand nowhere: "4%554//5", "45#0", "722733.#", "%197".
_STREWN = (
    r"(?:^|\s)(?:[^\sA-Za-z]*(?:[0-9][#$~^]|[0-9]%[0-9#$]|[#%$/~^]{2}|[#%$][./]|[./][#%$]|\.\.[0-9]|%\.)"
    r"[^\sA-Za-z]*|[%/][0-9][^\sA-Za-z]*)(?:\s|$)"
)
_FEWEST_STREWN, _MOSTLY_STREWN, _LETTERS_AMONG = 6, 0.4, 0.05  # words, of all words, letters of the visible
_STREWN_SHAPES = 0.5  # of these words: different shapes; powers ("2^3"), ranges ("5~9") and prices ("3$/4$") share one
# Who asks for bytes gets them.
ASKED_FOR_BYTES = (
    r"(?i)\b(?:hex\w*|bytes?|binary|dumps?|packets?|payloads?|headers?|firmware|checksums?|digests?|sha-?\d*|md5|uuids?|"
    r"guids?|colou?rs?|palettes?|fingerprints?|signatures?|hash\w*|addresses|address|serial|certificates?|commits?|opcodes?|"
    r"machine code|ascii|unicode|regex\w*|regular expressions?|(?:private|public|secret|session|primary) keys?|tokens?|"
    r"identifiers?|ids?|accessions?|transactions?|wallets?|postcodes?|zip codes?|(?:licen[cs]e|number) plates?|skus?|"
    r"(?:part|model|product|order|flight) numbers?|formula[se]?|smiles|inchi\w*)\b"
)
"""Matches a prompt that asks for bytes, codes or formulas."""
# Who asks for what is packed or drawn gets it.
_ASKED = (
    r"(?i)\b(?:base ?-?64|(?:en|de)cod(?:e[ds]?|ing)|(?:en|de)crypt\w*|cipher\w*|hash(?:e[ds]|ing)?|jwt|pem|[pg]gp|"
    r"passwords?|passphrases?|(?:api|access|ssh|private|public|secret|license|encryption) (?:keys?|tokens?)|"
    r"random (?:strings?|bytes|characters|text|tokens?))\b"
)
_EXPLAIN = rf"(?im)(?:^\W*|[.:!?]\s+){EXPLAIN}"
_SHOW = r"(?i)\b(?:examples?|show|give|list|print|output|write|generate|values?|formats?|how to)\b"


def noise(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Measure how much of each answer is signs in an even mixture, or packed bytes; both outside of fenced code.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Float64
        Shares (0 to 1) of the visible characters, in the order of the rows; 0 where signs are few or come as in
        writing, and no run is restless, where the prompt asks for codes, keys or passwords, and where a secret is
        given away, which is personal data.
    """
    text, signs, whole = pl.col("text"), pl.col("signs"), pl.col("whole")
    rows = pl.DataFrame({"prompt": prompts, "text": answers}).with_row_index("row")
    suspects = (
        rows.filter(
            text.str.contains(_MAY_BE_HEX)
            | text.str.contains(_MAY_BE_MIXED)
            | (text.str.count_matches(_SIGN) >= pl.min_horizontal(_FEWEST_SIGNS, _FEW * text.str.len_bytes()))
            | text.str.contains(_RUN)
            | text.str.contains(_MAY_BE_DUMP)
            | ~text.str.contains(" ", literal=True)
        )
        .filter((~holds(pl.col("prompt"), _ASKED) | _wants_words()) & ~is_data(text))
        # Not between single backticks: noise has these too.
        .with_columns(without_digests(text.str.replace_all(BLOCKS, " ")), written=text)
    )
    if suspects.is_empty():  # nor are patterns compiled
        return rows["row"] * 0.0
    suspects = suspects.with_columns(signs=text.str.count_matches(_SIGN), whole=visible(text))
    signed = suspects.filter((signs >= _FEWEST_SIGNS) & (signs > _FEW * whole))
    drawn = signed.filter(_wordless()).select("row", share=_drawn() / whole)
    dense = signed.filter((signs >= _FEWEST_DENSE) & (signs > _DENSE * whole)).filter(
        _same(string.punctuation) <= _EVEN_DENSE
    )
    plain = suspects.filter(~holds(pl.col("prompt"), ASKED_FOR_BYTES) | _wants_words())
    unbroken = plain.filter(_unbroken()).filter(_even_unbroken()).select("row", share=pl.lit(1.0))
    short_runs = suspects.filter(_may_change())
    of_all, of_most = (_changing(classes) for classes in (_ALL_CLASSES, _ALL_CLASSES - 1))
    changing = short_runs.filter(of_all | of_most & ~holds(pl.col("prompt"), ASKED_FOR_BYTES))
    struck = changing.filter(_even_changing()).select("row", share=pl.lit(1.0))
    dumped = plain.select("row", share=_dumped() / whole)
    # The cheap condition first: of few texts the words must be read.
    strewn = suspects.filter(_hardly_a_letter()).filter(_strewn())
    coded = pl.concat([plain.filter(_hex_words()), plain.filter(_mixed()).filter(_even_mixed()), strewn, dense]).select(
        "row", share=pl.lit(1.0)
    )
    packed = suspects.select("row", share=_restless() / whole)
    measured = pl.concat([drawn, packed, unbroken, struck, dumped, coded]).group_by("row").agg(pl.max("share"))
    measured = measured.filter(pl.col("share") > 0)
    measured = measured.filter(~gives_secret(measured, suspects.select("row", "written")))
    found = rows.select("row").join(measured, on="row", how="left", maintain_order="left")
    return found["share"].fill_nan(0.0).fill_null(0.0)


def _wants_words() -> pl.Expr:
    """Tell prompts that have a thing explained, which a key or digest alone does not, whatever the thing is."""
    return holds(pl.col("prompt"), _EXPLAIN) & ~holds(pl.col("prompt"), _SHOW)


def gives_secret(found: pl.DataFrame, texts: pl.DataFrame) -> pl.Series:
    """Tell the rows (`row`) whose text (`row, written`) holds a key: drawn, too, but a secret, and told as one."""
    text = found.select("row").join(texts, on="row", how="left", maintain_order="left")["written"]
    return pl.Series([next(keys(one), None) is not None for one in text], dtype=pl.Boolean)


def _wordless() -> pl.Expr:
    text = pl.col("text")
    return text.str.count_matches(r"\p{L}") < _WORDLESS * text.str.count_matches(r"\p{L}+")


def _unbroken() -> pl.Expr:
    """Tell texts of one piece, no link, in which characters of all kinds come, and more than a few signs."""
    text = pl.col("text")
    signs = text.str.count_matches(_SIGN)
    kinds = text.str.contains("[a-z]") & text.str.contains("[A-Z]") & text.str.contains("[0-9]")
    one = text.str.contains(_UNBROKEN) & ~text.str.contains("://", literal=True)
    return one & kinds & (signs >= _FEWEST_UNBROKEN) & (signs > _FEW * visible(text))


def _even_unbroken() -> pl.Expr:
    return _same(string.punctuation + string.ascii_letters + string.digits) <= _ALL_EVEN_UNBROKEN


def _may_change() -> pl.Expr:
    """Tell texts of small letters that stand alone as often as not, or of none: a first look."""
    text = pl.col("text")
    alone = text.str.count_matches("[a-z]") <= _SHORT_RUNS * text.str.count_matches("[a-z]+")
    return (text.str.len_bytes() >= _FEWEST_CHANGING) & alone


def _changing(fewest: int) -> pl.Expr:
    """Tell texts of long words in which hardly two characters of one class stand together, and of so many classes."""
    text = pl.col("text").str.replace_all(_LINK, " ")
    runs = [text.str.count_matches(f"{one}+") for one in _CLASSES]
    classes = pl.sum_horizontal((count > 0).cast(pl.Int8) for count in runs)
    seen = pl.sum_horizontal(text.str.count_matches(one) for one in _CLASSES)
    changing = seen < _SAME_CLASS * pl.sum_horizontal(runs)
    long = (seen > _MOSTLY * visible(text)) & (seen >= _LETTERS_OF_WORD * text.str.count_matches(r"\S+"))
    return (seen >= _FEWEST_CHANGING) & long & (classes >= fewest) & changing


def _even_changing() -> pl.Expr:
    return _same(string.punctuation + string.ascii_letters + string.digits) <= _EVEN_CHANGING


def _dumped() -> pl.Expr:
    """Count the characters in dumps of bytes, where these are most of the text; numbers alone are none."""
    run = pl.element()
    figures, letters = run.str.count_matches(_FIGURES), run.str.count_matches(_AF)
    both = pl.min_horizontal(figures, letters) >= _LEAST_OF_EACH * (figures + letters)
    sizes = pl.when(both).then(run.str.count_matches(r"\S")).otherwise(0)
    whole = pl.col("text").str.extract_all(_DUMP).list.eval(sizes).list.sum()
    return pl.when(whole > _MOSTLY * visible(pl.col("text"))).then(whole).otherwise(0)


def _hex_words() -> pl.Expr:
    """Tell texts most of whose words are bytes, with figures and letters among them."""
    found = pl.col("text").str.extract_all(_HEX_WORD)
    joined = found.list.join("")
    figures, letters = joined.str.count_matches(_FIGURES), joined.str.count_matches(_AF)
    both = pl.min_horizontal(figures, letters) >= _LEAST_OF_EACH * (figures + letters)
    many = (found.list.len() >= _FEWEST_HEX) | (figures + letters >= _FEWEST_HEX_FIGURES)
    return both & many & (found.list.len() >= _MOSTLY_HEX * pl.col("text").str.count_matches(_WORD))


def _strewn() -> pl.Expr:
    """Tell texts of figures and signs too few of which stand together as they do in writing."""
    text, one = pl.col("text"), pl.element()
    # A blank ends one word and begins the next.
    found = text.str.replace_all(r"\s+", "  ").str.extract_all(_STREWN)
    shapes = found.list.eval(one.str.replace_all(r"[0-9]+", "0").str.strip_chars(" \n,.;:")).list.n_unique()
    times = found.list.len()
    many = (times >= _FEWEST_STREWN) & (times >= _MOSTLY_STREWN * text.str.count_matches(r"\S+"))
    various = shapes >= _STREWN_SHAPES * times
    return many & various


def _hardly_a_letter() -> pl.Expr:
    return pl.col("text").str.count_matches(r"\p{L}") <= _LETTERS_AMONG * visible(pl.col("text"))


def _mixed() -> pl.Expr:
    """Tell texts of words of letters and figures, that have hardly a shape in common."""
    text, one = pl.col("text"), pl.element()
    words = text.str.replace_all(_LINK, " ").str.extract_all(_MIXED)
    mixed = words.list.join("")
    size, whole = mixed.str.len_chars(), visible(text)
    figured = mixed.str.count_matches(_FIGURES) > _FIGURED * size
    shapes = words.list.eval(one.str.replace_all("[A-Za-z]", "a").str.replace_all("[0-9]", "0")).list.n_unique()
    changing = words.list.eval(one.str.contains(_TO_AND_FRO)).list.sum()
    strewn = (shapes >= _SHAPES * words.list.len()) & (changing >= _CHANGING * words.list.len())
    return (whole >= _FEWEST_MIXED) & (size > _MOSTLY_MIXED * whole) & figured & strewn


def _even_mixed() -> pl.Expr:
    return _same(string.ascii_letters + string.digits) <= _EVEN_MIXED


def _drawn() -> pl.Expr:
    """Count all characters where they come evenly, else the signs where these do."""
    text = pl.col("text")
    even = _same(string.punctuation + string.ascii_letters + string.digits) <= _ALL_EVEN
    signs = pl.when(_same(string.punctuation) <= _EVEN).then(text.str.count_matches(_SIGN))
    return pl.when(even).then(visible(text)).otherwise(signs).cast(pl.Int64).fill_null(0)


def _same(characters: str) -> pl.Expr:
    """Tell the chance that two of the characters of a text are the same."""
    counts = [pl.col("text").str.count_matches(one, literal=True).cast(pl.Int64) for one in characters]
    total = pl.sum_horizontal(counts)
    return pl.sum_horizontal(count * (count - 1) for count in counts) / (total * (total - 1))


def _restless() -> pl.Expr:
    """Count the characters in runs strewn with capitals, where these runs are most of the text, links aside."""
    run = pl.element()
    size = run.str.len_chars()
    sizes = pl.when(run.str.count_matches("[A-Z]+") >= _RESTLESS * size).then(size).otherwise(0)
    whole = pl.col("text").str.replace_all(_LINK, " ").str.extract_all(_RUN).list.eval(sizes).list.sum()
    return pl.when(whole > _MOSTLY * visible(pl.col("text"))).then(whole).otherwise(0)
