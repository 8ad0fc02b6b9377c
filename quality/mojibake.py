"""Mojibake: text whose bytes were read in the wrong encoding, text that nothing could decode, and control characters.

UTF-8 is nearly always the victim. Read in an encoding of one byte a character, each of its characters becomes two to
four that hardly ever stand together otherwise; the patterns below are those pairs, by the encoding that was mistaken.
"""

import polars as pl

from quality.characters import CODE

# The bytes 0x80 to 0xBF, which follow the first byte of a character, as Windows-1252 and Latin-1 show them.
_NEXT = r"\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
# The same in Windows-1251: none of them is one of the 64 letters of plain Russian.
_NEXT_1251 = r"\x{A0}ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—™љ›њќћџЎўЈ¤Ґ¦§Ё©Є«¬®Ї°±Ііґµ¶·ё№є»јЅѕї"
_PATTERNS = (
    # What nothing could decode; controls that no one types; the same two read again.
    r"\x{FFFD}|[\x{80}-\x{84}\x{86}-\x{9F}]+|ï¿½|ï»¿",
    # Windows-1252 and Latin-1: accents ("Ã©"), quotes and dashes ("â€™"), signs ("Â°", "â‚¬"), emoji ("ðŸ™‚").
    # Curly quotes and dashes behind a capital Ã are left alone: so end words in Portuguese capitals.
    r"Ã[\x{80}-\x{BF}ƒ‚„…†‡ˆ‰Š‹ŒœŸš›€ž˜™]|Â[\x{A0}-\x{BF}]",
    # A space that would not break, read wrongly and then made plain; a Cyrillic letter among Latin ones.
    r"[^\s\p{Lu}]Â\s|\p{Latin}[ÐÑ][°±²³´µ¶·¸¹»¼½¾]",
    rf"â€[\x{{80}}-\x{{BF}}œ\x{{9D}}™˜¦“”¢¡š]?|â[‚„†ˆ‰Šœž][{_NEXT}]|ðŸ",
    # Runs of Greek, of Cyrillic, and of what takes three bytes (Chinese, Japanese, Korean, Hindi).
    rf"(?:[ÎÏ][{_NEXT}]){{3,}}|(?:[ÐÑ][{_NEXT}]){{3,}}|(?:[à-ï][{_NEXT}]{{2}}){{3,}}",
    # DOS (code pages 437 and 850), where box-drawing characters stand for the first byte; a drawn tree has none of
    # these letters behind them.
    r"├[⌐¬½¼¡«»áíóúñÑªº¿®®ñ║┤╝]|ΓÇ[ÖÿôöªóÉ£Ñ¥ª]|ÔÇ[ÖÿôöªóÖ£ØòÆ]",
    # Mac Roman.
    r"√[©®´¨¶ß°•§†¢£¥«±]|‚Ä[ôòúùìî¶¢†]",
    # Windows-1251, and GBK.
    rf"вЂ[™њќ“”¦ќ]|(?:[РС][{_NEXT_1251}]){{3,}}|锟斤拷|鈥[\p{{Han}}]",
    # What was no Latin script: Chinese (GBK) read in Latin-1 is accents and signs without a blank, Russian is words of
    # accents alone, and Russian in one of its encodings read in another has its cases turned about (in "мРНК"
    # and "цАМФ" three capitals follow).
    r"[À-ÿ]{2,}[\x{A1}-\x{BF}×÷][\x{A1}-\x{FF}]{3,}|[À-ÖØ-öø-ÿ]{4,}\s[À-ÖØ-öø-ÿ]{3,}|(?:^|[^\p{L}])[а-я][А-Я]{4,}",
)
_BROKEN = "|".join(_PATTERNS)
# Controls that no writer types: escapes of a terminal, backspaces, what is left of a binary format. Tabs and line ends
# are writing, and so are a word processor's soft line ends (VT) and the page breaks of plain text (FF).
_CONTROLS = r"[\x{01}-\x{08}\x{0E}-\x{1F}\x{7F}]+"
# Mail's way of spelling UTF-8 in ASCII (quoted-printable, RFC 2045), and JSON's way of spelling quotes and dashes.
_ESCAPED = r"=[CDE][0-9A-F](?:=[89AB][0-9A-F])+|\p{L}\\u20(?:19|1[cdCD]|14|26)|\\u20(?:18|1[cC])\p{L}"
# Programs and JSON are meant to spell so.
_SPELLS_SO = r"(?i)\b(?:json|escap(?:e[sd]?|ing)|quoted-printable)\b"
# Who writes about encodings may show what they do.
_ABOUT = (
    r"(?i)\b(?:mojibake|utf-?8|unicode|character (?:set|encoding)s?|latin-?1|code ?pages?|cp-?125\d|windows-125\d|"
    r"iso-?8859)\b"
)


def broken_count(prompt: pl.Expr, answer: pl.Expr) -> pl.Expr:
    """Count the places in an answer that were decoded wrongly, and in the whole row those with control characters.

    0 in rows that speak of encodings; escapes count neither in code nor in rows that speak of them or of JSON.
    """
    # Plain ASCII sees null, and costs nothing.
    suspect = pl.when(answer.str.len_bytes() > answer.str.len_chars()).then(answer)
    controls = answer.str.count_matches(_CONTROLS) + prompt.str.count_matches(_CONTROLS)
    shown = pl.when(answer.str.contains(_ESCAPED)).then(answer)
    meant = (shown + "\n" + prompt).str.contains(_SPELLS_SO)
    escaped = pl.when(meant).then(0).otherwise(shown.str.replace_all(CODE, " ").str.count_matches(_ESCAPED))
    count = suspect.str.count_matches(_BROKEN).fill_null(0) + escaped.fill_null(0) + controls
    about = (answer.str.contains(_ABOUT) | prompt.str.contains(_ABOUT)) & (count > 0)
    return pl.when(about).then(0).otherwise(count).fill_null(0)
