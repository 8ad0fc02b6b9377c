"""How the auditor reads a text: plain Python. What a fact is, it shares with the curator (`quality.texts`)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from quality.texts.function_words import EMPTY_WORD
from quality.texts.signs import signs_differ
from quality.texts.spellings import one_spelling
from quality.texts.told_otherwise import Text, rows_apart

_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_UNDERSCORES = re.compile(r"_+")
_JOINERS = "\u200c\u200d"
# Letters in circles and squares: symbols by category, letters by Unicode's property, which the curator goes by.
_ENCLOSED = [range(0x24B6, 0x24EA), range(0x1F130, 0x1F14A), range(0x1F150, 0x1F16A), range(0x1F170, 0x1F18A)]
# Python takes four control characters for white space that Unicode does not.
_SPACE = re.compile(r"[^\S\x1c-\x1f]+")
# What Unicode says may be ignored: soft hyphens, zero-width blanks and joiners, marks of direction, variants.
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0001-\U000e007f\U000e0100-\U000e01ef]"
)
# The blocks of scripts whose words no space parts: Chinese characters, kana, Thai, Lao, Burmese, Khmer.
_IDEOGRAPHS = (
    "\U00016fe3\U00016ff0\U00016ff1\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_UNSPACED = re.compile(
    f"[{_IDEOGRAPHS}\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"
    "\U0001aff0-\U0001b16f\U0001f200\u0e01-\u0e3a\u0e40-\u0e5b\u0e80-\u0eff\u1000-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f"
    "\u1780-\u17ff]"
)

# What stands around a question and asks for nothing: labels, politeness, marks at the end.
_ASIDE = re.compile(
    r"^(?:(?:(?:question|query|prompt|instruction|task|q) ?:|(?:please answer|(?:i|here) (?:have|is) a question|"
    r"(?:can|could|would|will) you (?:please )?(?:tell|answer|help)(?: (?:me|us))?(?: (?:with )?this)?) ?[:.,?]"
    r"|(?:please|kindly|hi|hello|hey)\b[,!.]?) *)+"
)
_MARKS = " ,.!?:;…"
_THANKS = re.compile(
    r"(?:(?:many |a lot of )?thank(?:s| ?you)(?: (?:in advance|very much|so much|a lot))?|please|"
    r"(?:please )?answer (?:briefly|shortly|concisely))$"
)

# How Unicode marks the characters that differ from others in width or typeface alone, and the last that it so marks.
_DRESS = re.compile(r"<(?:wide|narrow|font|noBreak|initial|medial|final|isolated)> ")
_LAST_DRESSED = 0x1FFFF

Bag = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Said:
    """A row's prompt and answer, as the curator compares them, and as they were written.

    What is said below system messages knows which shared one the row begins with (`led`), and, where it has one of its
    own, the row with it (`whole`).
    """

    prompt: str
    answer: str
    written: tuple[str, str] = ("", "")
    led: str | None = None
    whole: "Said | None" = None

    @cached_property
    def spelled(self) -> tuple[Text, Text]:
        """Prompt and answer in one spelling."""
        asked, said = (in_one_spelling(text, one_spelling) for text in self.written)
        return asked, said


def in_one_spelling(text: str, spell: Callable[[str], str]) -> Text:
    """Spell a text, as it was written, one way, and list its words."""
    spelled = spell(text)
    return Text(words_of(normal(spelled)), spelled)


def words_of(text: str) -> list[str]:
    """Split into words: letters, combining marks, digits and connectors (Python's own pattern leaves marks out).

    In scripts without spaces each character is a word, together with the marks that follow it.
    """
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return "".join(letter if in_word(letter) else " " for letter in apart(text)).split()


def unspaced(text: str) -> bool:
    """Whether a text holds a character of a script that puts no spaces between words."""
    return _UNSPACED.search(text) is not None


def apart(text: str) -> str:
    """Put blanks around each character of a script without spaces, and the marks that follow it."""
    if not _UNSPACED.search(text):
        return text
    spelled, alone = [], False
    for letter in text:
        if not (alone and unicodedata.category(letter)[0] == "M"):
            unspaced = _UNSPACED.match(letter) is not None and in_word(letter)
            spelled.append(" " if alone or unspaced else "")
            alone = unspaced
        spelled.append(letter)
    return "".join(spelled)


def unemphasised(text: str) -> str:
    """Blank out underscores that no word goes on behind, or before."""

    def kept(run: re.Match[str]) -> str:
        beside = (text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1])
        return run[0] if all(letter and in_word(letter) for letter in beside) else " "

    return _UNDERSCORES.sub(kept, text)


def sixteenths(words: list[str]) -> list[int]:
    """Weigh words: a character of a script without spaces says 10/16 of what a word says, or 5/16 if no ideograph."""
    return [10 if _IDEOGRAPH.match(word) else 5 if _UNSPACED.match(word) else 16 for word in words]


def told_in_words(words: list[str]) -> int:
    """Count how many words of a language with spaces would say as much, a half rounded up, but 1 at least."""
    return max((sum(sixteenths(words)) + 8) // 16, min(len(words), 1))


def in_word(letter: str) -> bool:
    """Whether a character is part of words."""
    return (
        unicodedata.category(letter)[0] in "LM"
        or unicodedata.category(letter) in ("Nd", "Nl", "Pc")
        or letter in _JOINERS
        or any(ord(letter) in letters for letters in _ENCLOSED)
    )


def normal(text: str) -> str:
    """Spell a text the one way in which equal texts are equal: composed, case folded, what is seen, one blank each."""
    if text.isascii():
        return _SPACE.sub(" ", text.lower()).strip(" ")
    undressed = unicodedata.normalize("NFC", text).translate(_undressed())
    folded = unicodedata.normalize("NFC", _INVISIBLE.sub("", undressed.casefold()))
    return _SPACE.sub(" ", folded).strip(" ")


@lru_cache(maxsize=1)
def _undressed() -> dict[int, str]:
    """Spell letters of another width or typeface as usual; not those that would fall into a blank and a mark."""
    dressed = [chr(code) for code in range(_LAST_DRESSED + 1) if _DRESS.match(unicodedata.decomposition(chr(code)))]
    usual = {letter: unicodedata.normalize("NFKC", letter) for letter in dressed}
    return {ord(letter): plain for letter, plain in usual.items() if plain == " " or " " not in plain}


def text_of(messages: list[dict[str, str]]) -> str:
    """Join a record's contents as the curator compares them: one line break between messages."""
    return "\n".join(message["content"] or "" for message in messages)


def below_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """Leave out system messages, where a user asks below."""
    asked = any(message["role"] == "user" for message in messages)
    return [message for message in messages if message["role"] != "system"] if asked else messages


def said(messages: list[dict[str, str]]) -> Said:
    """Split a conversation before its last answer."""
    answers = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    last = answers[-1] if answers else len(messages)
    contents = [message["content"] or "" for message in messages]
    prompt, answer = "\n".join(contents[:last]), "".join(contents[last : last + 1])
    return Said(normal(prompt), normal(answer), (prompt, answer))


def without_empty_words(row: Said) -> Said:
    """Leave out the words that come and go without anything being lost."""
    asked, answer = (re.sub(EMPTY_WORD, "", text) for text in row.written)
    return Said(normal(asked), normal(answer), (asked, answer))


def apart_in_facts(row: Said, other: Said) -> bool:
    """Whether rows tell different facts or name different things of code, and so are no copies, however alike."""
    (asked, answer), (other_asked, other_answer) = row.spelled, other.spelled
    return rows_apart(asked, other_asked, answer, other_answer)


def same_signs(row: Said, witness: Said) -> bool:
    """Whether rows have the same signs, and differ in more than a fact."""
    return not apart_in_facts(row, witness) and not signs_differ("\n".join(row.written), "\n".join(witness.written))


def bare(prompt: str) -> str:
    """Leave of a prompt (`normal`) what it asks, without politeness, labels, and the marks at its end."""
    asked = prompt.rstrip(_MARKS)
    if (thanks := _THANKS.search(asked)) is not None:
        before = asked[: thanks.start()]
        said = before.rstrip(_MARKS)
        asked = asked if before[len(said) :] == " " or said == before else said
    return _ASIDE.sub("", asked) or prompt


def bag(text: str) -> Bag:
    """Give each word the number of its turn, so that a set holds a word as often as the text does."""
    counts: Counter[str] = Counter()
    found = set()
    for word in words_of(text):
        counts[word] += 1
        found.add((word, counts[word]))
    return frozenset(found)


def likeness(one: Bag, other: Bag) -> float:
    """Share of the words of two texts that both hold (0 to 1); 1 where neither has any."""
    return len(one & other) / len(one | other) if one or other else 1.0


def begun(answer: str) -> str:
    """Return an answer without the dots it trails off in."""
    return re.sub(r"\s*(?:\.{2,}|…)\s*$", "", answer).rstrip()
