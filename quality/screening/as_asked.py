"""Answers of one line that are what was asked for: a pattern, a command, a formula, a sign, a form of a word.

Their form says so, as it says that an answer is broken: no word may be among them, no full stop ends them, and their
signs and letters come as in no sentence. So nothing that is told by such form counts against an answer which has the
form of the thing that its prompt names.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

import polars as pl

from quality.screening.shown_code import PROSE
from quality.texts.patterns import holds

_LONGEST, _SHORT = 160, 12  # bytes; characters, up to which noise is like any of these forms
_FEW_SIGNS = 8  # that stand for something without a letter or a figure
_ASKED_IN = 300  # characters before the end of a prompt
_GREETING = (
    r"(?:hi|hello|hey|hiya|howdy|yo|greetings|welcome|good ?(?:morning|afternoon|evening|night|day|bye)|bye(?: bye)?|"
    r"see you(?: later| soon)?|farewell|cheers|thanks?(?: you)?(?: (?:so|very) much)?|sorry|how are you|"
    r"(?:merry|happy) (?:christmas|new year|birthday|easter|holidays)|hola|buen[oa]s (?:d[ií]as|tardes|noches)|"
    r"adi[oó]s|"
    r"gracias|bonjour|bonsoir|salut|au revoir|merci|hallo|guten (?:morgen|tag|abend)|tsch[uü]ss|danke|ciao|buongiorno|"
    r"buonasera|grazie|ol[aá]|bom dia|boa (?:tarde|noite)|obrigad[oa]|hoi|dag|namaste|salaam|shalom|aloha|"
    r"привет|здравствуйте|спасибо|你好|您好|早上好|谢谢|こんにちは|おはよう|ありがとう|안녕하세요|안녕)"
)
GREETING = rf"(?i)^\W*{_GREETING}(?:,? (?:there|all|everyone|everybody|friends?|to you|again|today))*\W*$"
"""Matches what greets, thanks or takes leave, and nothing more."""


@dataclass(frozen=True)
class _Thing:
    """What prompts that ask for it name, its form, whether that tells it from noise, and whether words stand in it."""

    named: str
    form: str
    sure: bool = False
    wordy: bool = False


_SIGN = r"[^\s\p{L}\p{M}\p{N}]"
_OF_CODE = r"(?:[=<>{}\[\]_/\\|&^%$#@*+~]|::|\(\)|->|!)"
_ONE_NUMBER = r"[-+~≈$€£]?\d[\d\s.,:/×^e+-]*\s?(?:%|°?\p{L}{1,3}\b)?\.?"
_CODED = r"\S*(?:[A-Za-z]\d|\d[A-Za-z]|_|\w\(|[@<>:]\w|\w[<>:]\w|\w\.\w)\S*|\p{Lu}{2,}|True|False|None|null|nil|void"
_NOTED = r"[\w@+\-\[\]()=#$/\\.%:*~,'ˈː]"
_THINGS = (
    _Thing(
        r"emojis?|emoticons?|smile?ys?|smil(?:ies|eys?)|kaomojis?",
        rf"(?:[\p{{Emoji}}--[\p{{N}}*#]]|[\x{{200D}}\x{{FE0F}}\x{{1F1E6}}-\x{{1F1FF}}\s]){{1,60}}|"
        rf"\S?(?:{_SIGN}\S?){{1,12}}|[\p{{Emoji}}--[\p{{N}}*#]]\s?{_SIGN}{{1,3}}",
        sure=True,
    ),
    _Thing(
        r"commands?|command[- ]line|shell|bash|zsh|terminal|console|cmd|powershell|sed|awk|grep|git|docker|kubectl|sql|"
        r"one-liners?|unix|linux|vim|cron\w*|globs?|wildcards?|variables?|redirect\w*",
        rf"[a-z]{{2,8}}|(?:[a-z][\w.+-]*|\p{{Lu}}{{3,}}|\d\S*|{_SIGN}\S*)(?:\s*\S+)*?{_SIGN}\S*(?:\s+\S+)*|{_SIGN}\S+",
        wordy=True,
    ),
    _Thing(
        r"formulas?|formulae|equations?|identit(?:y|ies)|derivatives?|integrals?|differentiate|integrate|simplify|"
        r"solve|"
        r"factor(?:i[sz]e)?|expand|evaluate|compute|calculate|balance|express|fractions?|laws?|notation|"
        r"(?:la)?tex|excel|spreadsheet|big[- ]?o|complexity|configurations?|ions?|reactions?|constants?|quantifiers|"
        r"negation|area|volume|variance",
        r"[^.!?]*[=→⇒⇌≡≈≠≤≥±√∑∏∫∂∇∞^_{}()\d°+*/<>\\¬∀∃∨∧∈-][^!?]*",
    ),
    _Thing(
        r"smiles|inchi(?:key)?|line notation|fen|pgn|(?:[dr]na|amino acid|nucleotide|protein|base) sequences?|"
        r"codons?|complement|[md]?rna|dna|chess|musical notes?|"
        r"chords?|ipa|pronunciation|transcription|hash|md5|sha-?\d+|checksums?|uuids?|guids?|base ?64|hex\w*|binary|"
        r"octal|coordinates|latitudes?",
        rf"{_NOTED}*[\d()=#/\\@*ˈː+-]{_NOTED}*(?:\s{_NOTED}{{1,12}}){{0,8}}|\p{{Lu}}+(?: \p{{Lu}}+)*",
        sure=True,
    ),
    _Thing(r"morse", r"[.·/|\s_−–—-]+", sure=True),
    _Thing(
        r"digits?|decimals?|decimal places|binary|primes|prime (?:numbers?|factors?)|factorials?",
        r"[-+]?[\d\s.,…]+",
        sure=True,
    ),
    _Thing(
        r"operators?|symbols?|signs?|globs?|wildcards?|punctuation|marks?|special characters?|escapes?|shorthand|"
        r"separators?|delimiters?|prefix|suffix|selectors?|x-?path|expressions?|formats?|variables?|paths?|"
        r"director(?:y|ies)|shebang|macros?|"
        r"decorators?|entit(?:y|ies)|tags?|elements?|attributes?|literals?|json|args?|arguments|types?|parameters|"
        r"braille|apl|pipe|draw|specifiers?|syntax|lambda|comprehension|snippets?|code|css|css rules?|sections?|cite|"
        r"citations?|articles?|"
        r"statutes?",
        rf"[^\n]{{0,40}}{_OF_CODE}[^\n]{{0,40}}|(?:{_SIGN}|\s)+|§\s?[^\n]{{1,30}}|"
        rf"\d+ [\p{{Lu}}.\d ]+\d+(?: \(\d{{4}}\))?|\p{{So}}+",
    ),
    _Thing(
        r"how (?:many|much|old|long|far|tall|big|fast)|equals?|returns?|prints?|outputs?|results?|values?|convert|"
        r"ports?|"
        r"status|codes?|versions?|years?|what is \d.*|\d+ ?[-+*/x×^] ?\d+|numerals?|numbers?|default|types?|"
        r"keywords?|constants?",
        rf"{_ONE_NUMBER}|{_CODED}|[\[({{\"'].{{0,60}}[\])}}\"']",
    ),
    _Thing(r"keywords?|data ?types?", r"[a-z]{2,12}\d{0,2}"),
    _Thing(
        r"past (?:tense|participle)s?|past of ['‘“\"]|(?:plural|singular|contractions?|comparative|superlative) of",
        r"[a-z]{3,16}(?:['’]t)?",
    ),
    _Thing(
        r"lists?|names?|sort|order|rank|enumerate|which|what are",
        r"[\[(]?[\w'.+#-]+(?: [\w'.+#-]+)?(?:,\s?[\w'.+#-]+(?: [\w'.+#-]+)?){1,9}[\])]?",
    ),
)
_PATTERN_NAMED, _PATTERN_SIGN = r"regex\w*|reg(?:ular )?exp\w*|patterns?", r"[\[^$*+?|]|\\[A-Za-z.]|\(\?"
# Who has a program's parts described gets words, of which a few may be all that is left.
_DESCRIBED = r"(?i)\b(?:docstrings?|document|explain|describe|summari[sz]e)\b|\bwhat does .* do\b"
# The last word of a text that was cut.
_HANGING = (
    r"(?i)\b(?:the|an|and|or|of|to|in|on|at|by|for|with|from|as|is|are|was|were|be|been|that|th|which|this|it|its|"
    r"their|your|"
    r"my|if|when|because|than|but|not|can|will|has|have|into|over|under|between|also|very|such|more|"
    r"most)\W*$|,\s*$|\p{Ll} a$|"
    # A list that began, a bracket that stands open behind a word, a word that was parted.
    r"^\d{1,2}[.)](?:\s|$)|\p{L}\s?[(\[{][^)\]}]*$|\p{L}\s?-$"
)
# What opens a sentence, and no list: "However, gulls".
_OPENING = (
    r"^(?i:sure|yes|no|well|however|first|second|so|also|thus|here|okay|ok|indeed|unlike|then|oh|yeah|usually|often|"
    r"in [\w-]+|of course|for example|for instance),"
)
_SAID = r"(?:\p{L}{2,}[,.:;]?\s+){2}\p{L}{2,}"  # what only a command may have beside its signs


def as_asked(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
    """Tell answers of one line in the form of what their prompts name.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.DataFrame
        `brief: Boolean`, in the order of the rows: it may be short, and end without a full stop; and `signs: Boolean`:
        its letters and signs are those of the thing as well, which noise has not.
    """
    prompt, said = pl.col("prompt"), pl.col("said")
    rows = pl.DataFrame({"prompt": prompts, "said": answers}).with_row_index("row")
    line = rows.filter(said.str.len_bytes() <= _LONGEST).with_columns(said.str.strip_chars().str.strip_chars("`"))
    line = line.filter(
        (said != "") & ~said.str.contains("\n", literal=True) & ~holds(said, f"{PROSE}|{_HANGING}|{_OPENING}")
    )
    if line.is_empty():  # nor are patterns compiled
        return rows.select(brief=said.is_null(), signs=said.is_null())
    line = line.with_columns(prompt.str.slice(-_ASKED_IN))
    # Forms are slow to compile, and few pools ask for every thing.
    named = line.select(_named(prompt, one.named).alias(one.named) for one in _THINGS)
    asked = [one for one in _THINGS if named[one.named].any()]
    line = line.with_columns(named.select(one.named for one in asked))
    things = [pl.col(one.named) & holds(said, f"^(?:{one.form})$") & (one.wordy | ~holds(said, _SAID)) for one in asked]
    greets = holds(prompt, GREETING) & holds(said, rf"{GREETING}|[^.…][.!?)]$")
    described = holds(prompt, _DESCRIBED)
    none = pl.lit(value=False)
    sure = [told for told, one in zip(things, asked, strict=True) if one.sure]
    size = said.str.len_chars()
    worded, short = said.str.contains(r"[\p{L}\p{N}]") | (size <= _FEW_SIGNS), size <= _SHORT
    worded = worded & ~described
    told = line.select(
        "row",
        brief=pl.any_horizontal(greets, *sure) | (worded & pl.any_horizontal(none, *things)),
        signs=pl.any_horizontal(none, *sure) | (worded & short & pl.any_horizontal(none, *things)),
    )
    patterns = _patterns(line).implode()
    told = told.with_columns(pl.col("brief", "signs") | pl.col("row").is_in(patterns))
    found = rows.select("row").join(told, on="row", how="left", maintain_order="left")
    return found.select(pl.col("brief", "signs").fill_null(value=False))


def spared(signs: pl.Series) -> list[pl.Expr]:
    """Set the scores that tell noise to what they are of writing, where an answer's signs are those of what was asked.

    Parameters
    ----------
    signs : pl.Series of Boolean
        As of `as_asked`.
    """
    scores = pl.col("symbols", "gibberish", "jumbled_words", "digits")
    return [scores * ~signs, pl.max_horizontal("letters", signs)]


def _named(prompt: pl.Expr, things: str) -> pl.Expr:
    return holds(prompt, rf"(?i)\b(?:{things})\b")


def _patterns(rows: pl.DataFrame) -> pl.Series:
    """Name the rows of regular expressions that compile, where one was asked for."""
    some = rows.filter(_named(pl.col("prompt"), _PATTERN_NAMED) & holds(pl.col("said"), _PATTERN_SIGN))
    return some.filter(pl.Series(map(_is_pattern, some["said"]), dtype=pl.Boolean))["row"]


def _is_pattern(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # [[:alpha:]] is another dialect's
            re.compile(text.strip("/"))
    except (re.error, OverflowError, RecursionError):
        return False
    return True
