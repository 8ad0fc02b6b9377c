"""Copies with one slip: “What do know you about urochord?”, “What also is Pulex irritans?”, “autmatically controlled”.

Prompts are short, and most of one may be its template's: an edit of one word leaves too few n-grams, and siblings are
as close. But where rows have the same answer, or one prompt, the other half may differ in

- two neighbours that changed places, in an order that the pool doesn't know while it knows the other: many prompts of
  its template have that, or one of the two is a word that sentences are built with (“know you”, “with compliance”);
- a word that the pool doesn't know, a letter apart from one that it knows (`quality.texts.slips`). A subject may be
  spelled in two ways (“gray whale”), so that of prompts it is a template's word, or one of several that are none;
- a word that says nothing (“also”, “rather”), where the pool doesn't know it beside one of its neighbours; or an
  article that a prompt of several words that are no template's has and the other lacks.

What the pool knows stands in `FEWEST_KNOWN` of its rows, and in a hundredth of as many as hold what is right: of a
thousand rows some slip in the same way. The row with the slip goes, unless it proves another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.duplicates.same_prompt import asked_again, paired
from quality.judged_pairs import JudgedPairs
from quality.lsh.star import PAIRS, REMOVALS, star
from quality.prompts.edited import FEWEST_USUAL, USUAL_SHARE, usual_words, words_in_order
from quality.texts.function_words import EMPTY, FUNCTION_WORDS
from quality.texts.normalise import normalised
from quality.texts.slips import FEWEST_KNOWN, mistyped, says_otherwise, texts_holding
from quality.texts.spellings import in_one_spelling
from quality.texts.word_bags import WordBags

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Places = NDArray[np.integer]

ARTICLES = frozenset(("a", "an", "the"))
# A question of so many words that are no template's, beside the one that differs, names its subject without it.
FEWEST_OTHERS = 3
_FEWEST_WORDS = 3


class Slip(NamedTuple):
    """What one text has where another, the same otherwise, has something else.

    Attributes
    ----------
    wrong, right : str
        The words at that place, of which the first may be a slip of the second.
    around : tuple of str
        For a word that was put in: it with the word before it, and with the word behind it.
    frame : str
        The words before it and behind it, side by side as in the other text.
    others : tuple of str
        The words that both texts have.
    """

    wrong: str
    right: str
    around: tuple[str, ...]
    frame: str
    others: tuple[str, ...]


def slipped_copies(
    prompts: pl.Series,
    answers: pl.Series,
    proving: pl.Series,
    pool: pl.Series,
    bare: pl.Series | None = None,
    judged: JudgedPairs | None = None,
) -> pl.DataFrame:
    """Find rows that are another one but for a slip in the prompt, or in the answer.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        The rows, in priority order.
    proving : pl.Series of Boolean
        Rows that are witnesses already: they stay.
    pool : pl.Series of String
        Whole rows of the pool: what is known shows in them.
    bare : pl.Series of String, optional
        As of `quality.duplicates.same_prompt.asked_again`.
    judged : JudgedPairs, optional
        What earlier runs found of pairs.

    Returns
    -------
    pl.DataFrame
        `row, witness, jaccard` (schema `quality.lsh.star.REMOVALS`), ascending by row. The witness stays; `jaccard` is
        that of the words of both answers.
    """
    below = paired(normalised(answers)).select("left", "right")
    again = asked_again(prompts, bare).select("left", "right")
    judged = judged or JudgedPairs()
    found = [
        *_slips(below, prompts, judged, of_prompts=True),
        *_slips(again, answers, judged, of_prompts=False),
    ]
    wrong = _proven(found, pool, prompts)
    if not wrong:
        return pl.DataFrame(schema=REMOVALS)
    order = proving.to_frame("proving").with_row_index("row")
    slipped = pl.col("row").is_in([row for row, _ in wrong])
    order = order.sort(pl.col("proving").not_(), slipped, "row")
    turn = np.empty(len(order), np.uint32)
    turn[order["row"].to_numpy()] = np.arange(len(order), dtype=np.uint32)
    sides = np.sort(turn[np.array(wrong)], axis=1)
    places = np.array(wrong)
    shares = WordBags(in_one_spelling(answers.gather(places.ravel())))
    at = np.arange(len(wrong)) * 2
    pairs = pl.DataFrame({"left": sides[:, 0], "right": sides[:, 1], "jaccard": shares.jaccard(at, at + 1)})
    chosen = star(pairs.filter(pl.col("right") >= int(proving.sum())).unique(["left", "right"]).cast(PAIRS))
    named = {name: order["row"].gather(chosen[name]) for name in ("row", "witness")}
    return pl.DataFrame(named | {"jaccard": chosen["jaccard"]}).cast(REMOVALS).sort("row")


class _Found(NamedTuple):
    row: int
    witness: int
    slip: Slip
    of_prompts: bool


def _slips(pairs: pl.DataFrame, texts: pl.Series, judged: JudgedPairs, *, of_prompts: bool) -> Iterable[_Found]:
    """Look for what may be a slip in either text of a pair."""
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()

    def judge(some: Places) -> pl.DataFrame:
        found = [one is not None or other is not None for one, other in _between(left[some], right[some], texts)]
        return pl.DataFrame({"slip": pl.Series(found, dtype=pl.Boolean)})

    may_slip = judged.of("slips", judge, left, right, texts)["slip"].to_numpy()
    left, right = left[may_slip], right[may_slip]
    for one, other, slips in zip(left.tolist(), right.tolist(), _between(left, right, texts), strict=True):
        for row, witness, slip in ((one, other, slips[0]), (other, one, slips[1])):
            if slip is not None:
                yield _Found(row, witness, slip, of_prompts)


def _between(left: Places, right: Places, texts: pl.Series) -> Iterable[tuple[Slip | None, Slip | None]]:
    """Yield for each pair what may be a slip in the left text, and in the right one."""
    rows, places = np.unique(np.stack([left, right], axis=1), return_inverse=True)
    words = words_in_order(texts.gather(rows)).to_list()
    for one, other in places.reshape(-1, 2).tolist():
        yield slip_between(words[one], words[other]), slip_between(words[other], words[one])


def slip_between(said: Sequence[str], right: Sequence[str]) -> Slip | None:
    """Tell what may be a slip in the first of two texts, if they differ in one place.

    Examples
    --------
    >>> slip_between("what do know you about elba".split(), "what do you know about elba".split())[:2]
    ('know you', 'you know')
    """
    if abs(len(said) - len(right)) > 1 or min(len(said), len(right)) < _FEWEST_WORDS or said == right:
        return None
    if said[0] != right[0] and said[-1] != right[-1]:
        return None
    shorter = min(len(said), len(right))
    start = next((at for at in range(shorter) if said[at] != right[at]), shorter)
    end = next((at for at in range(shorter - start) if said[-1 - at] != right[-1 - at]), shorter - start)
    wrong, instead = said[start : len(said) - end], right[start : len(right) - end]
    if says_otherwise([*wrong, *instead]):
        return None
    others = (*said[:start], *said[len(said) - end :])
    spelled = " ".join(wrong), " ".join(instead)
    if len(wrong) == len(instead) == 2 and wrong == instead[::-1]:
        return Slip(*spelled, (), "", others)
    if len(wrong) == len(instead) == 1 and mistyped(wrong[0], instead[0]):
        return Slip(*spelled, (), "", others)
    if len(wrong) == 1 and not instead and wrong[0] in EMPTY:
        beside = (said[max(0, start - 1) : start + 1], said[start : start + 2])
        around = tuple(" ".join(pair) for pair in beside if len(pair) > 1)
        return Slip(*spelled, around, " ".join(right[max(0, start - 1) : start + 1]), others)
    return Slip(*spelled, (), "", others) if not wrong and instead[0] in ARTICLES else None


def _proven(found: list[_Found], pool: pl.Series, prompts: pl.Series) -> list[tuple[int, int]]:
    """Keep the pairs, the slipped row first, that the pool proves."""
    if not found:
        return []
    usual = usual_words(prompts)
    phrases = {phrase for one in found for phrase in _phrases(one.slip) if " " in phrase}
    typed = {word for one in found for word in _typed(one.slip)}
    held = _holding(pool, phrases) | {word: len(rows) for word, rows in texts_holding(pool, typed).items()}
    many = max(FEWEST_USUAL, USUAL_SHARE * len(pool))
    return [(one.row, one.witness) for one in found if _is_slip(one, held, usual, many)]


def _phrases(slip: Slip) -> tuple[str, ...]:
    return (slip.wrong, slip.right, slip.frame, *slip.around)


def _typed(slip: Slip) -> tuple[str, ...]:
    words = (slip.wrong, slip.right)
    return words if all(words) and " " not in slip.wrong else ()


def _is_slip(found: _Found, held: Mapping[str, int], usual: Collection[str], many: float) -> bool:
    wrong, right, around, frame, others = found.slip
    named = found.of_prompts and len([word for word in others if word not in usual]) >= FEWEST_OTHERS
    if not right:
        return any(_is_unknown(phrase, frame, held) for phrase in around)
    if not wrong:
        return named
    if not _is_unknown(wrong, right, held) or held.get(right, 0) < FEWEST_KNOWN:
        return False
    if " " in wrong:
        return held[right] >= many or not FUNCTION_WORDS.isdisjoint(wrong.split())
    return named or right in usual or not found.of_prompts


def _is_unknown(phrase: str, right: str, held: Mapping[str, int]) -> bool:
    """Tell what so few hold, or so few beside those that hold what is right, as slip in it."""
    return held.get(phrase, 0) < max(FEWEST_KNOWN, USUAL_SHARE * held.get(right, 0))


def _holding(texts: pl.Series, phrases: Collection[str]) -> dict[str, int]:
    """Count the texts that hold each of some phrases of two words, side by side."""
    sought, text = {f" {phrase} ": phrase for phrase in sorted(phrases)}, pl.col("text")
    if not sought:
        return {}
    spelled = normalised(texts.fill_null("")).to_frame("text").select(_spaced(text))
    lists = spelled.select(phrase=text.str.extract_many([*sought], overlapping=True).list.unique())
    counts = lists.explode("phrase", empty_as_null=False, keep_nulls=False).group_by("phrase").len()
    return {sought[phrase]: count for phrase, count in counts.iter_rows()}


def _spaced(text: pl.Expr) -> pl.Expr:
    return pl.format(" {} ", text.str.replace_all(r"\W+", " ").str.strip_chars(" ")).alias("text")
