"""Mojibake: text whose bytes were read in the wrong encoding, text that nothing could decode, and control characters.

UTF-8 is nearly always the victim. Read in an encoding of one byte a character, each of its characters becomes two to
four that hardly ever stand together otherwise; the patterns below are those pairs, by the encoding that was mistaken.
"""

import polars as pl

from quality.texts.characters import CODE
from quality.texts.json_texts import BEGINS_JSON
from quality.texts.patterns import count_of, holds, without

# The bytes 0x80 to 0xBF, which follow the first byte of a character, as Windows-1252 and Latin-1 show them.
_NEXT = r"\x{80}-\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
# The same in Windows-1251: none of them is one of the 64 letters of plain Russian.
_NEXT_1251 = r"\x{A0}ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—™љ›њќћџЎўЈ¤Ґ¦§Ё©Є«¬®Ї°±Ііґµ¶·ё№є»јЅѕї"
# Signs among them in Windows-1250.
_SIGNS_1250 = "‚„†‡‰‹›•™ˇ˘¤¦§¨©«¬®°±˛´µ¶·¸»˝"
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
    # Greek and Baltic code pages: Windows-1253, ISO 8859-7 and Windows-1257. A Γ that stands alone is a function.
    r"[βā]€[\x{80}-\x{BF}œ\x{9D}™“”¢¦]|[a-z][ΓĆ][©¨±³¤¶¼ΌΆØ\x{A0}\x{AD}]|[ΓĆ][©¨±³¤¶¼ΌΆØ\x{AD}][a-z]",
    # DOS (code pages 437 and 850), where box-drawing characters stand for the first byte; a drawn tree has none of
    # these letters behind them.
    r"├[⌐¬½¼¡«»áíóúñÑªº¿®®ñ║┤╝]|ΓÇ[ÖÿôöªóÉ£Ñ¥ª]|ÔÇ[ÖÿôöªóÖ£ØòÆ]",
    # Mac Roman, and Cyrillic in it.
    r"(?:[–—][^\s\d\p{Lu}–—]){4,}",
    r"√[©®´¨¶ß°•§†¢£¥«±]|‚Ä[ôòúùìî¶¢†]",
    # Quotes and dashes in KOI8-R, in DOS (866) and Mac Cyrillic, then in Windows-1251, and in GBK.
    r"Б─\S|\p{Latin}[тв]А[ЩШЬЭУФ]|[тв]А[ЩШЬЭУФ]\p{Latin}",
    rf"вЂ[™њќ“”¦ќ]|(?:[РС][{_NEXT_1251}]){{3,}}|\p{{Latin}}[ГВ][{_NEXT_1251}]|[ГВ][©§¶°±«»®]\p{{Latin}}",
    r"锟斤拷|鈥[\p{Han}]",
    # The box of a letter that a font lacks, inside a word.
    r"\p{Ll}{2}[□▯]\p{Ll}|\p{Ll}[□▯]\p{Ll}{2}",
    # What was no Latin script: Chinese (GBK) read in Latin-1 is accents and signs without a blank, Russian is words of
    # accents alone.
    r"[À-ÿ]{2,}[\x{A1}-\x{BF}×÷][\x{A1}-\x{FF}]{3,}|[À-ÖØ-öø-ÿ]{4,}\s[À-ÖØ-öø-ÿ]{3,}",
)
_BROKEN = "|".join(_PATTERNS)
# The same with signs that are rare in any text.
_RARELY = (
    # Shift-JIS, as half-width katakana behind a Latin letter, and as the three characters that begin all kana.
    r"\p{Latin}[\x{FF61}-\x{FF9F}]|[\x{FF61}-\x{FF9F}]\p{Latin}|(?:[縺繧繝].{1,2}){3,}",
    # Windows-1250 and Latin-2; UTF-16, whose mark of the order of bytes it is.
    r"\p{Ll}[ĂÄÅĹ][\x{80}-\x{BF}‚„†‡‰‹›•™ˇ˘˛˝…“”‘’]|\p{Ll}Ă[łľĽŻŠšśŤťŚžŽźŹąşĄŞ]",
    rf"[ÄÅĹ][{_SIGNS_1250}]\p{{Ll}}|^(?:ÿþ|þÿ)",
    # Box-drawing characters, but those that rule tables, between letters: DOS and KOI8-R.
    r"\p{L}[\x{250C}-\x{254F}\x{2552}-\x{259F}⌐⌠⌡■]\p{L}",
    # Quotes of Windows-1252 read in Mac Roman ("ÒsoÓ", "donÕt"), and the other way round ("ìsoî").
    # An apostrophe of Windows-1252 in DOS.
    r"[a-z]{2}Æs\b",
    r"(?:^|\s)Ò[A-Za-z][^ÒÓ\n]{0,200}Ó(?:\W|$)|(?:^|\s)ì[A-Za-z][^ìî\n]{0,200}î(?:\W|$)|[a-z]Õ[a-z]",
)
_BROKEN_RARELY = "|".join(_RARELY)
# What stands in a word by mistake, where it does so twice: one encoding of one byte a character read in another makes
# signs, capitals and letters of other scripts of accents ("seiz‚ure", "nⁿr", "Mⁿller"). Cyrillic letters that look like
# Latin ones may be a disguise, and a letter or two between signs a formula.
_SIGN_IN_WORD = r"[¿¡±¼½¾¢£¥¤¦¯¸¶§÷†‡„‚ˆ‰‹›ƒ˜∙∩∟₧ⁿΘΓΣΦΩ]"
_STRAY = "|".join(
    (
        rf"\p{{Ll}}{{2}}{_SIGN_IN_WORD}\p{{Ll}}|\p{{Ll}}{_SIGN_IN_WORD}\p{{Ll}}{{2}}|\p{{Ll}}[³¹ⁿ]\p{{Ll}}",
        r"\p{Ll}{2}[À-ÖØ-ÞŠŽŒŸ]",
        r"[a-z]{2}\p{Greek}[a-z]|[a-z]\p{Greek}[a-z]{2}",
        r"\p{Ll}{3}Θ|∩\p{Ll}{3}|(?:^|\s)[³±¶][¹±]?\p{Ll}{2}",
        r"\p{Ll}{2}[\x{2552}-\x{259F}]|[\x{2552}-\x{259F}]\p{Ll}{2}",
        r"[a-z]{2}[йцшщжъыэюяфчдлпиЙЦШЩЖЪЫЭЮЯФЧДЛПИГ]|[йцшщжъыэюяфчдлпиЙЦШЩЖЪЫЭЮЯФЧДЛПИГ][a-z]{2}",
    )
)
# Formulas write Greek letters behind functions, differentials and powers of e: “r sinθcosφ”, “dθdt”, “eiωt”.
_OF_FORMULA = r"(?:sin|cos|tan|cot|sec|csc|log|ln|exp|det)h?[²³]?\p{Greek}|\b[de][a-z]?\p{Greek}[a-z]{0,2}\b"
# Without one of these there is none of either.
_RARE = (
    r"[¿¡±¼½¾¢£¥¤¦¯¸¶§÷³¹†‡„‚ˆ‰‹›ƒ˜∙∩∟₧ⁿΘΓΣΦΩα-ώÀ-ÖØ-ßìîþŠŽŒŸĂĹ⌐⌠⌡■\x{0410}-\x{044F}\x{250C}-\x{259F}\x{FF61}-\x{FF9F}"
    r"\p{Han}\p{Hangul}]"
)
_FEWEST_STRAY = 2
# Chinese and Korean texts put Latin words between their own.
_FOREIGN = r"[a-z][\p{Han}\p{Hangul}]{1,2}(?:[a-z]|\s)|\s[\p{Han}\p{Hangul}][a-z]{2}"
_FOREIGN_SHARE = 0.2  # of the Latin letters
# Controls that no writer types: escapes of a terminal, backspaces, what is left of a binary format. Tabs and line ends
# are writing, and so are a word processor's soft line ends (VT) and the page breaks of plain text (FF).
_CONTROLS = r"[\x{00}-\x{08}\x{0E}-\x{1F}\x{7F}]+"
# The bytes of UTF-8 as HTML names them ("&Atilde;&copy;", "&#195;&#169;"): a letter that begins a character, and a sign
# that goes on. No language has these side by side.
_FIRST_NAMED = (
    r"&(?:[Aa]tilde|[Aa]circ|ETH|Ntilde|#(?:19[4-9]|20[0-9]|22[4-9]|23\d)|"
    r"#[xX](?:[cC][2-9a-fA-F]|[dD][01]|[eE][0-9a-fA-F]));"
)
_NEXT_NAMED = (
    r"&(?:copy|reg|macr|sup[123]|iexcl|cent|pound|curren|yen|brvbar|sect|uml|not|shy|deg|plusmn|acute|micro|"
    r"para|middot|cedil|frac\d\d|iquest|euro|trade|fnof|dagger|Dagger|permil|#1(?:2[89]|[3-8]\d|9[01])|#8364|#8482|"
    r"#[xX](?:[89aAbB][0-9a-fA-F]|20[aA][cC]|2122));"
)
# UTF-8 spelled in ASCII by Python, R or by mail (quoted-printable, RFC 2045), in octal and as in addresses, quotes,
# dashes and accents spelled by JSON, and the apostrophe that an encoding lacks ("don?t", "it?s").
_ESCAPED = (
    rf"{_FIRST_NAMED}{_NEXT_NAMED}|"
    r"<[c-e][0-9a-f]>(?:<[89ab][0-9a-f]>)+|\p{L}<U\+[0-9A-F]{4}>|<U\+[0-9A-F]{4}>\p{L}|"
    r"\\3[0-5][0-7](?:\\2[0-7]{2})+|(?:^|\s)\p{L}+%(?:C[2-9A-F]|D[01]|E[0-9A-F])(?:%[89AB][0-9A-F])+(?:\W|\p{Ll})|"
    r"[A-Za-z]\\x[c-e][0-9a-f](?:\\x[89ab][0-9a-f])+|"
    r"=[CDE][0-9A-F](?:=[89AB][0-9A-F])+|\p{L}\\u20(?:19|1[cdCD]|14|26)|\\u20(?:18|1[cC])\p{L}|"
    r"\p{L}{2}\\u00[c-fC-F][0-9a-fA-F]|\\u00[c-fC-F][0-9a-fA-F]\p{Ll}{2}|"
    r"(?:[A-Za-z]n\?t|\b[A-Za-z]{2,}\?(?:s|re|ve|ll)|\bI\?(?:m|ve|ll|d))(?:[\s.,;:!)\"]|$)"
)
# Programs, patterns (“dogs?s”), JSON and addresses are meant to spell so.
_SPELLS_SO = (
    r"(?i)\b(?:json|ur[li]s?|in an? address|percent-?encod\w*|slugs?|escap(?:e[sd]?|ing)|quoted-printable|"
    r"reg(?:ex(?:p|es|ps)?|ular expressions?)|javascript)\b|\bb['\"]"
)
# An answer that is JSON from its first sign on spells some letters so, though its prompt does not name it.
_LETTER_OF_JSON = r"\\u[0-9a-fA-F]{4}"
# Who writes about encodings may show what they do.
_ABOUT = (
    r"(?i)\b(?:mojibake|utf-?8|unicode|character (?:set|encoding)s?|latin-?1|code ?pages?|cp-?125\d|windows-125\d|"
    r"iso-?8859)\b"
)
_MOST_SHOWN, _MOST_SHOWN_SHARE = 5, 0.05  # places, and share of the characters
# They show it in quotes, or sign by sign; where so many words of their own are broken, that is none of it.
_FEWEST_OWN = 3
_IN_WORD = rf"[a-z](?:{_BROKEN})|(?:{_BROKEN})[a-z]"
_SHOWN = rf"{CODE}|\"[^\"\n]*\"|“[^“”\n]*”|‘[^‘’\n]*’|(?:^|\s)'[^'\n]*'"


def broken_count(prompt: pl.Expr, answer: pl.Expr) -> pl.Expr:
    """Count the places in an answer that were decoded wrongly, and in the whole row those with control characters.

    0 in rows that speak of encodings and show a few; escapes count neither in code nor in rows that speak of them or of
    JSON.
    """
    return pl.struct(prompt=prompt, answer=answer).map_batches(_broken_count, return_dtype=pl.UInt32)


def _broken_count(rows: pl.Series) -> pl.Series:
    prompt, answer, count = pl.col("prompt"), pl.col("answer"), pl.col("count")
    # Plain ASCII sees null, and costs nothing.
    suspect = pl.when(answer.str.len_bytes() > answer.str.len_chars()).then(answer)
    controls = answer.str.count_matches(_CONTROLS) + prompt.str.count_matches(_CONTROLS)
    shown = pl.when(holds(answer, _ESCAPED)).then(answer)
    meant = holds(shown + "\n" + prompt, _SPELLS_SO)
    read = pl.when(holds(shown, BEGINS_JSON)).then(without(shown, _LETTER_OF_JSON, " ")).otherwise(shown)
    escaped = pl.when(meant).then(0).otherwise(count_of(without(read, CODE, " "), _ESCAPED))
    rare = answer.map_batches(_rare_count, return_dtype=pl.UInt32)
    found = suspect.str.count_matches(_BROKEN).fill_null(0) + rare + escaped.fill_null(0) + controls
    # Step by step: in one expression all would be counted anew for each time that the count is named.
    counted = rows.struct.unnest().with_columns(count=found)
    few = (count <= _MOST_SHOWN) | (count < _MOST_SHOWN_SHARE * answer.str.len_chars())
    about = few & (count > 0) & (holds(answer, _ABOUT) | holds(prompt, _ABOUT))
    own = pl.when(about).then(answer).map_batches(_own_count, return_dtype=pl.UInt32)
    left = pl.when(about & (own < _FEWEST_OWN)).then(0).otherwise(count).fill_null(0)
    return counted.select(left.cast(pl.UInt32)).to_series()


def _own_count(answers: pl.Series) -> pl.Series:
    """Count the broken words of each answer's own text; 0 of what is null."""
    rows, text = answers.is_not_null().arg_true(), pl.col("text")
    own = answers.gather(rows).alias("text").to_frame().select(text.str.replace_all(_SHOWN, " "))
    found = pl.zeros(len(answers), pl.UInt32, eager=True)
    return found.scatter(rows, own.select(text.str.count_matches(_IN_WORD)).to_series()) if len(rows) else found


def _rare_count(answers: pl.Series) -> pl.Series:
    """Count what rare signs and letters tell; of those that stand in words by mistake, one alone may be meant."""
    beyond = (answers.str.len_bytes() > answers.str.len_chars()).fill_null(value=False).arg_true()
    if beyond.is_empty():  # nor are patterns compiled
        return pl.zeros(len(answers), pl.UInt32, eager=True)
    text = pl.col("text")
    rows = pl.DataFrame({"row": beyond, "text": answers.gather(beyond)}).filter(text.str.contains(_RARE))
    if rows.is_empty():  # nor others
        return pl.zeros(len(answers), pl.UInt32, eager=True)
    native = text.str.count_matches(r"[\p{Han}\p{Hangul}]") < _FOREIGN_SHARE * text.str.count_matches("[a-z]")
    in_words = text.str.replace_all(_OF_FORMULA, " ")
    stray = in_words.str.count_matches(_STRAY) + pl.when(native).then(text.str.count_matches(_FOREIGN)).otherwise(0)
    counted = rows.select("row", stray=stray, count=text.str.count_matches(_BROKEN_RARELY)).select(
        "row", found=pl.col("count") + pl.when(pl.col("stray") >= _FEWEST_STRAY).then("stray").otherwise(0)
    )
    return pl.zeros(len(answers), pl.UInt32, eager=True).scatter(counted["row"], counted["found"])
