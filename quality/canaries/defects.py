"""Broken rows: kept rows with the answer gone, cut short, wrapped, repeated, decoded wrongly, refused or drowned.

Lines that can't be read at all (JSON cut off) are not among them: canaries are planted behind ingest, in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.canaries.kinds import Host, Kind, Made, Material, answered, at_least

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_STUMP = 7  # words; a cut text of more is no stump
_CUTTABLE = 6  # letters; of a shorter word too little can go
_WORDS = 12  # an answer of fewer can't be cut to a stump, or hold enough broken characters
_SPELLED = str.maketrans({"'": "’", '"': "”", "e": "é", "o": "ö", "a": "à"})
_SYMBOLS = "#@$%^&*~|<>{}[]=+_\\/;: "
_SORRY = ("I'm sorry, but", "I apologize, but", "Unfortunately,", "Sorry,")
_CANNOT = ("I cannot", "I can't", "I am unable to", "I am not able to")
_DO = ("help with that request", "answer this question", "provide that information", "assist you with this")


def _empty(_: str, chance: random.Random) -> str:
    return chance.choice(["", "   ", "\n"])


def _stump(given: Material) -> Made:
    """Cut an answer off behind a common word, which hardly ends a sentence; one is put there if none is."""
    words = given.host.answer.split()[:_STUMP]
    ends = [at for at, word in enumerate(words) if word in given.common]
    if not ends:
        words[2], ends = given.chance.choice(sorted(given.common)), [2]
    return Made(answered(given.host.messages, " ".join(words[: given.chance.choice(ends) + 1])))


def _stump_in_word(given: Material) -> Made:
    """Cut an answer off in one of its first words, where what is left of the word is none."""
    words, known = given.host.answer.split(), set(given.words)
    for at, word in enumerate(words[1:_STUMP], start=1):
        cut = word[: given.chance.randint(2, max(2, len(word) - 3))]
        # The beginning of a name or of capitals may be a name or an acronym of its own.
        if word.isalpha() and word.islower() and len(word) >= _CUTTABLE and cut not in known:
            return Made(answered(given.host.messages, " ".join([*words[:at], cut])))
    return Made(answered(given.host.messages, " ".join([*words[:2], "th"])))


def _markup(answer: str, chance: random.Random) -> str:
    head = chance.choice(['<script src="/t.js"></script>', "<script>count(1)</script>", "<style>p{margin:0}</style>"])
    return f'<div class="post">{head}<p>{answer}</p></div>'


def _repetition(answer: str, chance: random.Random) -> str:
    """Say the first words again and again, as a model that got stuck does."""
    return (" ".join(answer.split()[:8]) + chance.choice([". ", " ", "\n"])) * 12


def _mojibake(answer: str, chance: random.Random) -> str:
    """Put accents and curly quotes in, and read the bytes in the wrong encoding."""
    places = [at for at, letter in enumerate(answer) if letter.translate(_SPELLED) != letter]
    letters = list(answer)
    for at in chance.sample(places, min(len(places), max(4, len(answer) // 40))):
        letters[at] = letters[at].translate(_SPELLED)
    return "".join(letters).encode().decode(chance.choice(["cp1252", "latin-1"]), "replace")


def _refusal(_: str, chance: random.Random) -> str:
    return f"{chance.choice(_SORRY)} {chance.choice(_CANNOT)} {chance.choice(_DO)}."


def _symbols(_: str, chance: random.Random) -> str:
    return "".join(chance.choices(_SYMBOLS, k=chance.randint(80, 240)))


def _broken(breaks: Callable[[str, random.Random], str]) -> Callable[[Material], Made]:
    def make(given: Material) -> Made:
        return Made(answered(given.host.messages, breaks(given.host.answer, given.chance)))

    return make


def _echo(given: Material) -> Made:
    return Made(answered(given.host.messages, given.host.messages[-2]["content"]))


def _asks(host: Host) -> bool:
    return len(host.messages) > 1 and len(host.messages[-2]["content"].split()) > 2


_CUT = ("truncated_answer", "short_answer", "unfinished_answer")
_LONG = at_least(_WORDS)
_ANY = at_least(1)

KINDS = (
    Kind("empty_answers", "screen", ("empty_answer",), _broken(_empty), _ANY),
    Kind("stumps", "screen", _CUT, _stump, _LONG),
    Kind("stumps_cut_in_a_word", "screen", _CUT, _stump_in_word, _LONG),
    Kind("markup_with_scripts", "screen", ("leftover_markup",), _broken(_markup), _ANY),
    Kind("repetitions", "screen", ("repeated_phrases", "repeated_lines"), _broken(_repetition), _LONG),
    Kind("mojibake", "screen", ("broken_characters",), _broken(_mojibake), _LONG),
    Kind("refusals", "screen", ("refusal", "assistant_boilerplate"), _broken(_refusal), _ANY),
    Kind("echoes", "screen", ("answer_equals_prompt",), _echo, _asks),
    Kind("symbol_noise", "screen", ("mostly_non_letters",), _broken(_symbols), _ANY),
)
