r"""Texts that somebody wrote, and something disfigured: "wRItTeN lIKe tHIs", "t o r n", "w1th f!gures", "runtogether".

Each is told by a share that writing does not reach: how often case changes to and fro, how many letters stand alone,
how many words have a sign or figure between two letters or signs in the places of letters, how long words are on
average, how many marks pile up on letters, how much of the text is escapes of an address, a mail or a string ("%20",
"=C3=A9", "\u00e9"), how many words are numbers, where nobody asked for one, how few of the letters are vowels ("ths s
wrttn"), how short the pieces are that stand for words ("th ew or ds"), how many letters are of no word ("ㅁㅜㄹ").
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from quality.screening.asked_for_code import asks_for_words
from quality.texts.characters import visible
from quality.texts.layout import is_data
from quality.texts.patterns import holds

_TEXT = pl.col("text")
# Who asks for letters, signs or what is spelled in an own way gets it.
_ASKED = (
    r"(?i)\b(?:letters?|spell\w*|alphabets?|case|capital\w*|uppercase|lowercase|mocking|memes?|spac(?:e[ds]?|ing)|morse|"
    r"notes?|chords?|variables?|formula[se]?|peptides?|proteins?|amino|[dr]na|genes?|genomes?|sequences?|elements?|"
    r"initials?|anagrams?|tokens?|characters?|grids?|matri(?:x|ces)|boards?|puzzles?|crosswords?|bingo|split|leet\w*|1337|"
    r"leetspeak|zalgo|glitch\w*|unicode|escap\w*|(?:en|de)cod\w*|ur[li]s?|quer(?:y|ies)|percent|bytes?|hex\w*|shellcode|"
    r"uuids?|guids?|md5|sha-?\d*|checksums?|sums?|hash\w*|digests?|passwords?|serials?|random|payloads?|mime|"
    r"quoted-printable|longest|compounds?|chemical\w*|smiles|iupac|chess|moves?|knit\w*|crochet\w*)\b"
)
# Nor is what a program is made of; but who has it explained gets words.
_OF_CODE = (
    r"(?i)\b(?:ids?|identifiers?|keys?|codes?|python|javascript|functions?|class(?:es)?|programs?|generate|names?)\b"
)
_ORDINARY = r"\b\p{L}{4,}\b"
_CASE_CHANGES = r"\p{Ll}\p{Lu}|\p{Lu}\p{Ll}"
_CHANGES_BACK = r"\p{Ll}\p{Lu}\p{Ll}\p{Lu}|\p{Lu}\p{Ll}\p{Lu}\p{Ll}"
_STREWN, _TO_AND_FRO = 0.2, 0.02  # changes for each letter; names of capitalised words change, and never to and fro
_FEWEST_WORDS = 8
_STOPS = r"[.,;:!?'\"()-]{0,2}"
_TORN = rf"(?:\b\p{{L}}\b{_STOPS}[ \t]+{_STOPS}[ \t]*){{24,}}\p{{L}}\b"
_KINDS_TORN = 6
_LINK = r"\S+://\S+"
_MAIL = r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"  # its sign stands where it belongs, as in a list of names and addresses
_SPIKED = r"\p{L}{1,20}(?:[|}~^*#!$@;]|[0-9]{1,2})\p{L}"
_OF_TABLE = r"(?m)^\|.*\|$"
_SPIKED_SHARE = 0.35  # of the words
_PIECE = r"\p{Lu}*\p{Ll}+|\p{Lu}+"  # of a name of capitalised words
_LONG_WORDS, _FEWEST_LETTERS = 18, 150  # letters on average, and in all
# Letters in disguise: of an alphabet's half syllables, of no alphabet at all, and those that were struck through. Wide,
# circled and mathematical ones are the plain ones in another form: who reads them knows what they say.
_DISGUISE = r"[\x{3131}-\x{318E}\x{E000}-\x{F8FF}]"
_STROKE = r"[\x{334}-\x{338}\x{20D0}-\x{20F0}]"
_FEWEST_DISGUISED, _DISGUISED, _KINDS_DISGUISED = 20, 0.2, 6  # in all, of what is visible, kinds
# Pieces in the places of words: in no language are words so short.
_LETTER = r"\p{Latin}"
_FEWEST_PIECES, _SHORT, _KINDS_OF_PIECES, _LETTERS_OF_PIECES = 30, 2.5, 10, 0.75  # letters on average, kinds, share
_VARIOUS_PIECES = 0.4  # of the pieces, that are different ones
_PILED, _PILED_SHARE = r"\p{Latin}\p{Mn}{2,}", 0.15  # of the letters; in Vietnamese, a tenth
# Signs that end or close something, or stand alone, and that a letter hardly follows at once but in programs.
_RUBBLE = r"[;!}\]^~|:\x{A1}-\x{BF}×÷†‡•]\p{L}"
_FEWEST_RUBBLE, _RUBBLE_SHARE, _KINDS_OF_RUBBLE = 8, 0.4, 5  # in all, for each word, kinds
_OF_PROGRAMS, _MOST_OF_PROGRAMS = r"[()=]", 0.1  # of these
_PERCENT, _QUOTED, _STRING = r"%[0-9A-Fa-f]{2}", r"=[0-9A-F]{2}=[0-9A-F]{2}", r"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})"
_FEWEST_ESCAPES, _ESCAPED, _ESCAPED_STRING = 10, 0.15, 0.5  # of what is visible: a string of another script is half
_MOSTLY = 0.5
# Of all letters, in words of three and more on average: abbreviations of units are shorter.
_VOWELS, _FEWEST_LEFT, _LEFT, _WORD_LEFT = r"[aeiouyAEIOUY]", 40, 0.04, 2.6
_KINDS_LEFT, _KINDS_ALONE = 10, 4
_PARTED, _MOST_PARTED = r"[,;/|]", 0.5  # signs between the entries of a list (of file extensions), for each word
_YES_OR_NO = r"^(?:Is|Are|Was|Were|Do|Does|Did|Can|Could|Has|Have|Had|Should|Will|Would)\b[^?]*\?\s*$"
_LONG_NUMBERS, _HARDLY = 60, 0.05  # visible characters, more than half of them figures, and letters among them
_NUMBER, _FEWEST_NUMBERS, _NUMBERS_SHARE = r"[-+]?\d[\d.,]*", 8, 0.9  # of the words
# Who wants to be told what something is, wants words, unless these say that it is numbers.
_WANTS_WORDS = (
    r"(?i)\b(?:what(?: is|'s| are| does| do)|explain\w*|describe|defin(?:ed?|ition)|meant?|means|stands? for|"
    r"summari[sz]e|document|discuss|why|tell me (?:about|what)|outline|write|translate|what (?:do|would|should)|"
    r"how (?:is|does|do)|(?:when|where) (?:would|should|do|can) (?:i|you|one|we))\b"
)
# What is one number alone ("the rate of …") asks for no row of them.
_WANTS_NUMBERS = (
    r"(?i)\b(?:numbers|numerals|digits|decimals|figures|integers|floats|values|lists?|sequences?|series|sets?|"
    r"arrays?|vectors?|matri(?:x|ces)|tables?|columns?|rows?|data\w*|samples?|random|primes?|squares|cubes|powers|"
    r"multiples|factors|divisors|fibonacci|triangular|pi|euler|coordinates|latitudes|longitudes|dates|years|"
    r"times|scores|results|outputs?|prints?|returns?|calculat\w*|comput\w*|count(?:s|ing)?|sort\w*|sums|averages|"
    r"means of|medians|statistics|percentages|percentiles|rates|prices|costs|amounts|temperatures|readings|measure\w*|"
    r"frequencies|weights|sizes|lengths|distances|codes|phones|ids|versions|ranges|limits|thresholds|parameters|"
    r"constants|(?:ascending|descending|increasing|decreasing) order|first \w+ terms?|convert\w*|continue|next|"
    r"complete|how (?:many|much|long|far|old|often))\b|\d.*\d"
)


_PROMPT = pl.col("prompt")
_BY_LETTERS = holds(_PROMPT, _ASKED) | (holds(_PROMPT, _OF_CODE) & ~asks_for_words(_PROMPT))


@dataclass(frozen=True)
class _Disfigurement:
    """What a text must hold for it to be looked at, what it is then told by, and what prompts ask for it."""

    holds: str
    told: pl.Expr
    asked: pl.Expr = _BY_LETTERS


def disfigured(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell the answers that are disfigured, where the prompt did not ask for such.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls; of the answers, what is no fenced code.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    rows = pl.DataFrame({"prompt": prompts, "text": answers}).with_row_index("row")
    held = [(rows.filter(holds(_TEXT, one.holds)), one) for one in _DISFIGUREMENTS]
    found = [some.filter(one.told).filter(~one.asked) for some, one in held if not some.is_empty()]
    odd = pl.concat([rows.clear(), *found]).filter(~is_data(_TEXT))["row"]
    return rows["row"].is_in(odd.implode())


def _strewn() -> pl.Expr:
    words = _TEXT.str.extract_all(_ORDINARY)
    joined = words.list.join(" ")
    letters = joined.str.count_matches(r"\p{L}")
    changes, back = (joined.str.count_matches(pattern) for pattern in (_CASE_CHANGES, _CHANGES_BACK))
    often = (changes > _STREWN * letters) & (back > _TO_AND_FRO * letters)
    return (words.list.len() >= _FEWEST_WORDS) & often


def _torn() -> pl.Expr:
    torn = _TEXT.str.extract_all(_TORN).list.join(" ")
    kinds = torn.str.extract_all(r"\p{Ll}").list.n_unique()
    return (kinds >= _KINDS_TORN) & (visible(torn) > _MOSTLY * visible(_TEXT))


def _in_pieces() -> pl.Expr:
    letters, found = _TEXT.str.count_matches(_LETTER), _TEXT.str.extract_all(rf"{_LETTER}+").list
    pieces = found.len()
    short = (pieces >= _FEWEST_PIECES) & (letters < _SHORT * pieces) & (letters > _LETTERS_OF_PIECES * visible(_TEXT))
    # A short word that is said over and over is a loop.
    various = found.n_unique() >= _VARIOUS_PIECES * pieces
    return short & various & (_TEXT.str.extract_all(r"\p{Ll}").list.n_unique() >= _KINDS_OF_PIECES)


def _disguised() -> pl.Expr:
    found, strokes = _TEXT.str.extract_all(_DISGUISE).list, _TEXT.str.count_matches(_STROKE)
    # Half syllables of few kinds are laughter.
    letters = pl.when(found.n_unique() >= _KINDS_DISGUISED).then(found.len()).otherwise(0)
    return letters + strokes >= pl.max_horizontal(_FEWEST_DISGUISED, _DISGUISED * visible(_TEXT))


def _spiked() -> pl.Expr:
    # One behind the other: in one pattern, each escape would be read to its word's end for a link first.
    bare = _TEXT.str.replace_all(_LINK, " ").str.replace_all(_STRING, " ").str.replace_all(_OF_TABLE, " ")
    bare = bare.str.replace_all(_MAIL, " ")
    spiked = bare.str.count_matches(rf"\S*?{_SPIKED}\S*")
    return (spiked >= _FEWEST_WORDS) & (spiked > _SPIKED_SHARE * _TEXT.str.count_matches(r"\S+"))


def _rubble() -> pl.Expr:
    """Tell texts in whose words signs took the places of letters."""
    found = _TEXT.str.extract_all(_RUBBLE).list
    kinds = found.eval(pl.element().str.head(1)).list.n_unique()
    many = (found.len() >= _FEWEST_RUBBLE) & (found.len() > _RUBBLE_SHARE * _TEXT.str.count_matches(r"\S+"))
    program = _TEXT.str.count_matches(_OF_PROGRAMS) > _MOST_OF_PROGRAMS * found.len()
    return many & (kinds >= _KINDS_OF_RUBBLE) & ~program


def _numbers() -> pl.Expr:
    """Tell texts of numbers alone, hardly one twice, or of so many that they say nothing."""
    found = _TEXT.str.extract_all(_NUMBER).list
    once = (found.len() >= _FEWEST_NUMBERS) & (found.n_unique() >= _NUMBERS_SHARE * found.len())
    once &= (found.len() >= _NUMBERS_SHARE * _TEXT.str.count_matches(r"\S+")) & ~_TEXT.str.contains(r"\p{L}")
    whole, figures = visible(_TEXT), _TEXT.str.count_matches(r"[0-9]")
    only = (whole >= _LONG_NUMBERS) & (figures > _MOSTLY * whole)
    return once | (only & (_TEXT.str.count_matches(r"\p{L}") <= _HARDLY * whole))


def _run_together() -> pl.Expr:
    bare = _TEXT.str.replace_all(_LINK, " ")
    letters, small = bare.str.count_matches(r"[\p{Lu}\p{Ll}]"), bare.str.count_matches(r"\p{Ll}")
    alphabetic = (letters >= _FEWEST_LETTERS) & (small > _MOSTLY * letters) & (letters > _MOSTLY * visible(_TEXT))
    return alphabetic & (letters > _LONG_WORDS * bare.str.count_matches(_PIECE))


def _piled() -> pl.Expr:
    piled = _TEXT.str.count_matches(_PILED)
    return (piled >= _FEWEST_WORDS) & (piled > _PILED_SHARE * _TEXT.str.count_matches(r"\p{L}"))


def _one_sided() -> pl.Expr:
    """Tell texts in small letters, of many words, of which the vowels were left out, or all others."""
    plain, vowels = (_TEXT.str.count_matches(one) for one in ("(?-u:[A-Za-z])", f"(?-u:{_VOWELS})"))
    letters, words = _TEXT.str.count_matches(r"\p{L}"), _TEXT.str.count_matches(r"\p{L}+")
    many = (plain >= _FEWEST_LEFT) & (plain > (1 - _LEFT) * letters) & (words >= _FEWEST_WORDS)
    small = _TEXT.str.count_matches(r"\p{Ll}") > _MOSTLY * letters
    kinds = _TEXT.str.to_lowercase().str.extract_all("(?-u:[a-z])").list.n_unique()
    without = (vowels < _LEFT * plain) & (plain > _WORD_LEFT * words) & (kinds >= _KINDS_LEFT)
    alone = (vowels > (1 - _LEFT) * plain) & (kinds >= _KINDS_ALONE)
    listed = _TEXT.str.count_matches(_PARTED) > _MOST_PARTED * words
    return many & small & ~listed & (without | alone)


def _escaped() -> pl.Expr:
    bare, whole = _TEXT.str.replace_all(_LINK, " "), visible(_TEXT)
    percent, quoted = 3 * bare.str.count_matches(_PERCENT), 6 * bare.str.count_matches(_QUOTED)
    string = bare.str.extract_all(_STRING).list.join("").str.len_chars()
    sent = (percent + quoted >= 3 * _FEWEST_ESCAPES) & (percent + quoted > _ESCAPED * whole)
    return sent | ((string >= 4 * _FEWEST_ESCAPES) & (string > _ESCAPED_STRING * whole))


_DISFIGUREMENTS = (
    _Disfigurement(_CHANGES_BACK, _strewn()),
    _Disfigurement(r"(?:\p{L}[.,;:!?'\"()-]{0,2}[ \t]{1,3}){24}", _torn()),
    _Disfigurement(r"(?-u:(?:\b[A-Za-z]{1,3}[ .,;:'!?()\n-]{1,3}){8})", _in_pieces()),
    _Disfigurement(f"{_DISGUISE}|{_STROKE}", _disguised()),
    _Disfigurement(r"(?-u:[A-Za-z](?:[|}~^*#!$@;]|[0-9]{1,2})[A-Za-z])", _spiked()),
    _Disfigurement(rf"(?:{_RUBBLE}.{{0,40}}){{3}}", _rubble(), asked=pl.lit(value=False)),
    _Disfigurement(
        rf"\A\s*(?:{_NUMBER}\s+){{{_FEWEST_NUMBERS - 1}}}|(?-u:(?:[0-9]{{1,9}}[ -/:-@\n]{{1,5}}){{12}})",
        _numbers(),
        asked=~holds(_PROMPT, f"{_WANTS_WORDS}|{_YES_OR_NO}") | holds(_PROMPT, _WANTS_NUMBERS),
    ),
    _Disfigurement(r"\p{L}{24}", _run_together()),
    _Disfigurement(r"\p{Mn}{2}", _piled()),
    _Disfigurement(
        r"(?-u:(?:[b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ]{1,8}[ .,;:'\n-]{1,3}){5}|"
        r"(?:\b[aeiouyAEIOUY]{1,8}[ .,;:'\n-]{1,3}){5})",
        _one_sided(),
    ),
    _Disfigurement(rf"(?-u:{_PERCENT}|{_QUOTED}|\\u[0-9a-fA-F]{{4}}|\\x[0-9a-fA-F]{{2}})", _escaped()),
)
