r"""Words riddled with signs: what a machine reads from a bad scan ("th,' m!~na;e1"), and letters put through ROT47.

In writing a sign stands between two words; those that stand between two letters (apostrophes, dots of names, the
underscores of identifiers) are of few kinds in one text, and come one at a time. Where most words have one within, of
many kinds, or at their beginning where it ends words, the signs took the places of letters. A program's brackets close.
"""

from __future__ import annotations

import polars as pl

from quality.texts.characters import visible
from quality.texts.layout import is_data
from quality.texts.patterns import holds

_TEXT = pl.col("text")
# Links; and paths, and names of a program, between ticks or with their role.
_LINK = r"\S+://\S+"
_NAMED = (
    r":[a-z]+:(?:`[^`]{0,120}`)?|`{1,2}[\w.*:()\[\]-]+`{1,2}|\(`[^`\s]+`\)|[\w~$.<>{}-]*/[\w$.<>{}-]+/[\w$.<>{}/-]*"
)
_STRONG = r"[!|~`;^°¬•*\"\\{}\[\]<>=?@#$%&]"
_SIGN = r"[!-/:-@\[-`{-~°¬•¦§¢¤]"
# Within a word: a sign that is not a name's, two signs, a lone figure; before it, a sign that ends words.
_WITHIN = rf"\p{{L}}{_STRONG}\p{{L}}|\p{{L}}{_SIGN}{{2,4}}\p{{L}}|\p{{Ll}}[0-9]\p{{Ll}}"
_BEFORE = r"(?:^|\s)[!|~;:.,^°¬`]{1,3}\p{L}"
_RIDDLED = rf"\S*(?:{_WITHIN}|\p{{L}}[.,:']\p{{L}})\S*|(?:^|\s)[!|~;:.,^°¬`]{{1,3}}\p{{L}}\S*"
_LOOK = rf"(?:(?:{_WITHIN}|{_BEFORE})[^\n]{{0,40}}){{3}}"
_FEWEST, _SHARE, _FEWEST_STRONG, _KINDS = 5, 0.4, 4, 5  # words; of those with letters; words without a doubt; signs
# What is left of words, for each riddled one; formulas ("p->q") have single letters.
_PIECE, _PIECES = r"\p{L}{2,}", 0.5
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
_FEW, _MOSTLY, _FEWEST_WITHIN = 3, 0.6, 6  # words of a text of few, of all; places within them
_OF_PROGRAMS, _MOST_OF_PROGRAMS = r"[()=]", 0.25  # for each riddled word
_OPEN, _FEWEST_OPEN = 0.25, 3  # brackets that lack their other half, of all
# In ROT47 small letters are figures, signs and capitals up to K, and stand together.
_TURNED, _FEWEST_TURNED, _TURNED_SHARE = r"(?:^|\s)[2-9:-K]{2,}\S*", 6, 0.6  # words, and of all
_TURNED_SIGN, _KINDS_TURNED, _SIGNS_TURNED = r"[;<=>?@]", 3, 0.08  # kinds, and of what is visible
_LOOK_TURNED = r"(?-u:[ \n][2-9:-K]{2,14}[ \n][2-9:-K]{2,14}[ \n])"
_ASKED = (
    r"(?i)\b(?:leet\w*|1337|ciphers?|rot-?\d+|(?:en|de)(?:cod|crypt)\w*|regex\w*|regular expressions?|patterns?|smiles|"
    r"inchi|emoticons?|kaomoji|ascii|passwords?|random|obfuscat\w*|brainfuck|perl|golf\w*|minif\w*|chess|hgvs|ipa|"
    r"pronounc\w*|pronunciation|phonetic\w*|transcri\w*|gloss\w*|shorthand|punctuat\w*|signs|symbols|notation|latex)\b"
)


def riddled(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell the answers most of whose words are riddled with signs of many kinds, where the prompt asks for none.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.Series of Boolean
        In the order of the rows.
    """
    rows = pl.DataFrame({"prompt": prompts, "text": answers}).with_row_index("row")
    seen = rows.filter(holds(_TEXT, _LOOK)).filter(~holds(pl.col("prompt"), _ASKED))
    looks = rows.filter(holds(_TEXT, _LOOK_TURNED))
    if seen.is_empty() and looks.is_empty():  # nor are patterns compiled
        return rows["row"] < 0
    # One behind the other: in one pattern, each name would be read to its word's end for a link first.
    named = _TEXT.str.replace_all(_LINK, " ").str.replace_all(_NAMED, " ")
    bare = seen.filter(~is_data(_TEXT)).with_columns(named)
    words = _TEXT.str.count_matches(r"\S*\p{L}\S*")
    found = _TEXT.str.extract_all(_RIDDLED).list
    strong = _TEXT.str.count_matches(rf"\S*(?:{_WITHIN})\S*|{_BEFORE}")
    # Fields, types and macros ("a;b;c", "map<K,V>", "\\mathbb{N}") have one or two that words have not.
    kinds = _TEXT.str.extract_all(rf"{_WITHIN}|{_BEFORE}").list.join(" ").str.extract_all(_SIGN).list.n_unique()
    many = (found.len() >= _FEWEST) & (found.len() > _SHARE * words) & (strong >= _FEWEST_STRONG)
    often = _TEXT.str.count_matches(_WITHIN) >= _FEWEST_WITHIN
    many |= (found.len() >= _FEW) & (found.len() > _MOSTLY * words) & often
    many &= _TEXT.str.count_matches(_PIECE) >= _PIECES * found.len()
    program = _TEXT.str.count_matches(_OF_PROGRAMS) > _MOST_OF_PROGRAMS * found.len()
    turned = looks if looks.is_empty() else looks.filter(_turned() & ~holds(pl.col("prompt"), _ASKED))
    odd = bare.filter(many & (kinds >= _KINDS) & (~program | _stays_open()))
    return rows["row"].is_in(pl.concat([odd["row"], turned["row"]]).implode())


def _turned() -> pl.Expr:
    """Tell texts in ROT47."""
    # A blank ends one word and begins the next.
    words = _TEXT.str.replace_all(r"\s+", "  ").str.count_matches(_TURNED)
    signs = _TEXT.str.extract_all(_TURNED_SIGN).list
    many = (words >= _FEWEST_TURNED) & (words > _TURNED_SHARE * _TEXT.str.count_matches(r"\S+"))
    return many & (signs.n_unique() >= _KINDS_TURNED) & (signs.len() > _SIGNS_TURNED * visible(_TEXT))


def _stays_open() -> pl.Expr:
    """Tell texts many of whose brackets lack their other half; those of intervals are few."""
    counts = [[_TEXT.str.count_matches(one, literal=True).cast(pl.Int64) for one in pair] for pair in _PAIRS]
    alone = pl.sum_horizontal((opens - closes).abs() for opens, closes in counts)
    return (alone >= _FEWEST_OPEN) & (alone > _OPEN * pl.sum_horizontal(one for pair in counts for one in pair))
