"""What is left of a page whose letters could not be read: codes of glyphs, "(cid:44)", "/g27", "glyph<c=3,font=/F1>".

And of a text that was cut into the pieces that a model reads, and not joined again: "Ġthe", "▁the", "##ing", "<0xE2>".

A font may hold shapes without saying which letters these are; whoever reads its page is then given the numbers, or the
names, of the shapes. Some of these codes mean nothing else, so that a run of them tells; others are names of paths
as well, and tell where a text is made of them.
"""

from __future__ import annotations

import polars as pl

from quality.texts.characters import visible
from quality.texts.patterns import holds

_TEXT = pl.col("text")
_LETTER = (
    r"(?:[A-Za-z]|space|period|comma|hyphen|colon|parenleft|parenright|quoteright|zero|one|two|three|four|five|six|seven|"
    r"eight|nine|fi|fl|f_i|f_f)"
)
# Codes that mean nothing else.
_SURE = (
    r"\(cid:\d{1,5}\)|(?i:glyph)(?:<[^<>\n]{1,60}>|[(\[]\d{1,5}[)\]])|/uni[0-9A-Fa-f]{4}|/gid\d{1,5}|"
    # Pieces of words as models read them, with the marks for what stood before, and bytes.
    r"[ĠĊ][^ĠĊ\s]+|▁[^▁\s]+|(?:^|\s)##\p{Ll}+|<0x[0-9A-F]{2}>"
)
# Numbers and names behind strokes, which may be places as well; numbers of characters in a string of PostScript.
_MAYBE = rf"/[A-Za-z]{{1,2}}\d{{1,5}}\b|\\[0-3][0-7]{{2}}|/{_LETTER}(?:\s?/{_LETTER}){{7,}}\b"
_FEWEST, _SHARE, _MOSTLY = 6, 0.2, 0.6  # codes; of what is visible
# Codes begin with their stroke; sizes and vitamins ("A3/A4/A5", "B1/B2") are parted by it.
_BEGINS = r"(?:^|\s)(?:/[A-Za-z]|\\[0-3])"
_LOOK = rf"(?:(?:{_SURE}|/[A-Za-z]{{1,2}}\d{{1,5}}\b|\\[0-3][0-7]{{2}}).{{0,8}}){{4}}|(?:/{_LETTER}\s?){{8}}"
_LOOK_FIRST = (
    r"(?:[ĠĊ▁][^\n]{0,40}){3}|(?-u:<0x[0-9A-F]{2}>|[a-z]{1,12}[ \n]##[a-z]{1,12}[ \n])|"
    r"(?-u:[(]cid:[0-9]|(?i:glyph)[<(\[]|/[A-Za-z]{1,12}[0-9]*[ \n]?/[A-Za-z]|\\[0-3][0-7]{2}[ -~]{0,8}\\[0-3])"
)
# Who asks about the codes of fonts is shown some, and who asks for a path or for letters, these.
_ASKED_FOR_CODES = (
    r"(?i)\b(?:tokeni[sz]\w*|tokens?|bpe|wordpieces?|sentencepiece|cids?|glyphs?|fonts?|pdfs?|postscript|unicode)\b"
)
_ASKED = (
    r"(?i)\b(?:octal|escap\w*|shellcode|payloads?|bytes?|paths?|files?|director(?:y|ies)|"
    r"routes?|endpoints?|alphabets?|letters|spell\w*|slash\w*|chords?|regex\w*)\b"
)


def residue(prompts: pl.Series, answers: pl.Series) -> pl.Series:
    """Tell the answers that hold runs of codes of glyphs, or are made of them, where the prompt asks for none.

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
    seen = rows.filter(holds(_TEXT, _LOOK_FIRST)).filter(holds(_TEXT, _LOOK))
    if seen.is_empty():  # nor are patterns compiled
        return rows["row"] < 0
    whole = visible(_TEXT)
    sure, maybe = (_TEXT.str.extract_all(codes).list for codes in (_SURE, _MAYBE))
    of_sure, of_maybe = (visible(codes.join("")) for codes in (sure, maybe))
    prompt = pl.col("prompt")
    runs = (sure.len() >= _FEWEST) & (of_sure > _SHARE * whole)
    named = _TEXT.str.count_matches(rf"/{_LETTER}\b") >= _FEWEST
    made = ((maybe.len() >= _FEWEST) | named) & (of_sure + of_maybe > _MOSTLY * whole) & holds(_TEXT, _BEGINS)
    made = made & ~holds(prompt, _ASKED)
    found = seen.filter((runs | made) & ~holds(prompt, _ASKED_FOR_CODES))["row"]
    return rows["row"].is_in(found.implode())
