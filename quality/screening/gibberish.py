"""Gibberish: letters in an order that no word of the pool explains, from a keyboard that was beaten or a text shuffled.

Which letters follow which, the pool itself tells. With P(c|ab) from the counts of letters behind pairs of letters in
all other answers (backing off to one letter before, and to none), and P(c) from those of letters alone, an answer's

    Σ log₂ P(c) − log₂ P(c|ab)     per letter

is below 0 in what is written as the pool is: knowing two letters helps to guess the third. Letters that were drawn
gain nothing by it, and lose where two letters hardly ever come before the third. A language that the pool does not know
loses as well, but sounds: vowels and consonants take turns in it. So the same sum over the three kinds vowel, consonant
and end of word is added, times four. Of 29,700 honest answers in 50 languages and notations, two were above 0.7 bits a
letter, and of those that were the only one of their language in the pool, one in fifty (Turkish, lists of Polish
names); keys struck at random are mostly above 1, words with their letters shuffled above 0.7.

Words with their letters in another order (`quality.screening.jumbled`) sound as words do, if their vowels are well
spread; there the share of such words tells. A text in capitals is read as if it were in small letters, and teaches
nothing; names in it that other texts know (NATO, UNESCO) are no gibberish.

Each text teaches once, however many rows hold it, and an answer's own letters are left out of the counts: else a pool
would know its gibberish by heart.

References
----------
Shannon, "Prediction and entropy of printed English", 1951. Witten and Bell, "The zero-frequency problem", 1991.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from quality.drawing import drawn
from quality.lsh.shingles import batches, stable_hash
from quality.screening.alphabets import LETTERS, Words, words
from quality.screening.asked_for_code import asks_for_words
from quality.screening.ciphers import ASKED_FOR_CIPHERS, read_otherwise
from quality.screening.jumbled import jumbled_shares, letters_of
from quality.screening.letter_model import LetterModel
from quality.screening.stretches import may_hold_one, stretches
from quality.screening.struck_keys import FEWEST_KINDS, struck
from quality.texts.characters import CODE
from quality.texts.layout import is_signed
from quality.texts.ragged import offsets_of
from quality.texts.sorted_numbers import distinct, places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCH = 1 << 20  # bytes that are read at once: what is made of them fits a processor's cache
_READ = 400  # characters of an answer that are read: of a longer one, so many of its beginning and its end
_BEGINNING = 250
_LEARNT = 20_000  # letters of different words below which a pool knows no language
_FEW_LEARNT = 60_000  # the same, below which prompts teach as well
_ENOUGH = 2_000_000  # characters; of a larger pool only every second, third … answer is learnt from
# So many letters that explain nothing are added to each answer's: a few rare words are no gibberish. Fewer where
# struck keys explain them.
_DOUBT, _LESS_DOUBT = 40, 10
# Bits a letter above which an answer is judged again without its own words, and by struck keys; at first only one use
# of each word is left out.
_SUSPECT = -0.5
_UNLIKELY = -1.3  # bits a letter, below which hardly any word can be jumbled
_FEWEST_SHOUTED, _SHOUTED = 30, 0.9  # letters, and share of capitals among them
# Words, from which on one more that nobody else has is a name or a cry; others that nobody else has, of all.
_FEWEST_AROUND, _STRANGE = 8, 0.34
_LONGEST_NAME = 20  # letters, and the end of the word: no single word of so few is told from a name
_KNOWN = 0.5  # of the words in capitals, from which on they are names
_LINK = r"https?://\S+"
_NAME, _MARKED, _FEWEST_MARKED = r"\b\p{Lu}\p{Ll}+\b", r"[\x{DF}-\x{24F}ə]\p{L}*", 3  # Latin letters with marks
# Who asks for letters that are no words gets them; who has a thing explained that is made of letters, gets words.
_ASKED = (
    r"(?i)\b(?:base ?-?\d\d|keyboards?|typing|made-?up|invent(?:ed)?|fictional|consonants|vowels?|spell\w*|pronounc\w*|"
    r"phonetic\w*|transliterat\w*|ipa|translat\w*|languages?|dialects?|smiles|inchi(?:key)?)\b|"
) + ASKED_FOR_CIPHERS
_OF_LETTERS = (
    r"(?i)\b(?:random|passwords?|passphrases?|hash(?:e[ds]|ing)?|digests?|checksums?|[dr]na|genes?|genomes?|genetic|"
    r"proteins?|peptides?|amino|nucleotides?|primers?|strands?|sequences?|keys?)\b"
)


def gibberish(prompts: pl.Series, answers: pl.Series, in_capitals: pl.Series | None = None) -> pl.DataFrame:
    """Measure by how many bits a letter drawing explains an answer's words better than the pool's words do.

    And which share of its words are others with their letters in another order.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls; the whole pool, since it tells what is a word.
    in_capitals : pl.Series of Boolean, optional
        What `shouted` tells of these answers, where that is known.

    Returns
    -------
    pl.DataFrame
        `gibberish, jumbled_words: Float64`, in the order of the rows; 0 where words explain the answer, where other
        texts hold each of them, where one alone may be a name, where the prompt asks for letters, where an answer has
        hardly any words in Latin, Greek or Cyrillic letters outside of code, and in a pool of hardly any.
    """
    heads = _read(answers)
    cried = (shouted(answers) if in_capitals is None else in_capitals).to_numpy()
    texts, new = stable_hash(heads), heads.is_first_distinct().to_numpy()
    # Each text once however many rows hold it: copies of gibberish must not vouch for each other.
    learnt = np.isin(texts, _drawn(texts[new], heads)) & ~cried
    found = np.zeros((2, len(answers)))
    vocabulary = _learn(heads.filter(pl.Series(learnt & new)), prompts)
    if vocabulary.counts.sum() >= _LEARNT:
        table = LetterModel(np.maximum(vocabulary.counts - 1, 0)).table()
        read = heads.to_frame("text").select(_lowered(pl.Series(cried), pl.col("text"))).to_series()
        suspects, common = [np.empty(0, np.int64)], vocabulary.common()
        for first, batch in batches(read, size=_BATCH):
            spelled = words(batch)
            bits = _per_letter(table[spelled.keys], spelled, len(batch))
            maybe = spelled.take(np.flatnonzero(bits[spelled.owners] > _UNLIKELY))
            strange = (bits > _SUSPECT) | (jumbled_shares(maybe, len(batch), *common) > 0)
            strange |= may_hold_one(table[spelled.keys], spelled, len(batch))
            suspects.append(first + np.flatnonzero(strange))
        rows = np.concatenate(suspects)
        rows = rows[~prompts.gather(rows).str.contains(ASKED_FOR_CIPHERS).to_numpy()]
        asked = _asked(prompts.gather(rows))
        model = LetterModel(vocabulary.counts)
        for first, batch in batches(read.gather(rows), size=_BATCH):
            at = rows[first : first + len(batch)]
            # A program repeats its few short names, and each tells but once how it is spelled.
            spelled = words(batch.str.replace_all(f"{CODE}|{_LINK}", " ")).distinct()
            own = vocabulary.known_from(words(batch), learnt[at])
            heard = places_of(spelled.hashes(), common[0]) >= 0
            unheard = spelled.take(np.flatnonzero(~heard))
            more = struck(unheard, model.drawn, len(batch))
            bits_of_others = model.bits_of_others(spelled, own)
            part = stretches(bits_of_others, spelled, heard, len(batch)) * ~_of_others(batch)
            # Names, and words of other languages, are no less strange: the run must be one without them as well.
            some = np.flatnonzero(part)
            plain = words(batch.gather(some).str.replace_all(f"{CODE}|{_LINK}|{_NAME}|{_MARKED}", " ")).distinct()
            own_plain = vocabulary.known_from(words(batch.gather(some)), learnt[at[some]])
            known = places_of(plain.hashes(), common[0]) >= 0
            without = stretches(model.bits_of_others(plain, own_plain), plain, known, len(some))
            part[some] = np.minimum(part[some], without)
            bits = _per_letter(*_without_one(bits_of_others, spelled, unheard, len(batch)), len(batch), more)
            few = _kinds_of_letters(spelled, len(batch)) < FEWEST_KINDS
            said = np.bincount(unheard.owners, minlength=len(batch)) == 0
            bits[said | (few & (more == 0)) | _one_word(spelled, len(batch))] = 0
            otherwise = read_otherwise(spelled, len(batch), table, model.drawn, common[0])
            letters_wanted = asked[first : first + len(batch)]
            found[0, at] = np.maximum(np.where(letters_wanted, 0, np.maximum(bits, part)), otherwise)
            found[1, at] = np.where(letters_wanted, 0, jumbled_shares(spelled, len(batch), *common))
        suspected = np.flatnonzero(cried & (found[0] > 0))
        found[0, suspected[_acronyms(heads, suspected)]] = 0
    return pl.DataFrame({"gibberish": found[0], "jumbled_words": found[1]})


def _read(texts: pl.Series) -> pl.Series:
    text = pl.col("text")
    both = pl.concat_str(text.str.head(_BEGINNING), pl.lit("\n"), text.str.tail(_READ - _BEGINNING))
    read = pl.when(text.str.len_chars() > _READ).then(both).otherwise(text)
    return texts.rename("text").to_frame().select(read.alias(texts.name)).to_series()


def _learn(heads: pl.Series, prompts: pl.Series) -> _Vocabulary:
    """Learn the words of different answers and, where these are short or much alike, those of the prompts as well."""
    known = _Vocabulary(words(heads))
    if known.counts.sum() >= _FEW_LEARNT:
        return known
    return _Vocabulary(words(pl.concat([heads, _read(prompts).unique(maintain_order=True).rename("")])))


def shouted(answers: pl.Series) -> pl.Series:
    """Tell texts almost all of whose letters are capitals, in a few words or more: Boolean."""
    text = pl.col("text")
    capitals, letters = text.str.count_matches(r"\p{Lu}"), text.str.count_matches(r"\p{L}")
    told = (letters >= _FEWEST_SHOUTED) & (capitals >= _SHOUTED * letters)
    return _read(answers).to_frame("text").select(told).to_series()


def _lowered(which: pl.Series, text: pl.Expr) -> pl.Expr:
    return pl.when(which).then(text.str.to_lowercase()).otherwise(text)


def _acronyms(heads: pl.Series, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which of some texts in capitals have mostly words in capitals that another text has as well."""
    if not len(rows):
        return np.zeros(0, np.bool_)
    texts = heads.unique().to_frame("text")
    told = texts.with_columns(word=pl.col("text").str.extract_all(r"\p{Lu}{2,}").list.unique())
    flat = told.explode("word", empty_as_null=False, keep_nulls=False)
    known = flat.with_columns(known=pl.len().over("word") > 1).group_by("text").agg(pl.col("known").mean())
    asked = heads.gather(rows).to_frame("text")
    shares = asked.join(known, on="text", how="left", maintain_order="left")["known"]
    return (shares.fill_null(0.0) >= _KNOWN).to_numpy()


def _drawn(texts: NDArray[np.uint64], heads: pl.Series) -> NDArray[np.uint64]:
    share = min(1.0, _ENOUGH / max(1, int(heads.str.len_chars().sum() or 0)))
    chosen: NDArray[np.uint64] = texts[drawn(texts, math.ceil(share * len(texts)))]
    return chosen


def _per_letter(
    bits: NDArray[np.floating], spelled: Words, texts: int, more: NDArray[np.float64] | float = 0.0
) -> NDArray[np.float64]:
    ends = offsets_of(spelled.lengths)[np.searchsorted(spelled.owners, np.arange(texts + 1, dtype=np.int32))]
    total = np.concatenate([[0.0], np.cumsum(bits, dtype=np.float64)])[ends]
    doubt = np.where(more > 0, _LESS_DOUBT, _DOUBT)
    mean: NDArray[np.float64] = (np.diff(total) + more) / (np.diff(ends) + doubt)
    return mean


def _kinds_of_letters(spelled: Words, texts: int) -> NDArray[np.int64]:
    seen = np.unique(spelled.texts().astype(np.int64) * LETTERS + spelled.keys % LETTERS)
    return np.bincount(seen // LETTERS, minlength=texts)


def _asked(prompts: pl.Series) -> NDArray[np.bool_]:
    """Tell prompts that ask for letters that are no words: (n_prompts,) bool."""
    prompt = pl.col("prompt")
    wanted = prompt.str.contains(_ASKED) | (prompt.str.contains(_OF_LETTERS) & ~asks_for_words(prompt))
    return prompts.rename("prompt").to_frame().select(wanted).to_series().to_numpy()


def _of_others(texts: pl.Series) -> NDArray[np.bool_]:
    """Tell texts full of the signs of code, or with words of another Latin language: (n_texts,) bool."""
    text = pl.col("text")
    foreign = text.str.count_matches(_MARKED) >= _FEWEST_MARKED
    return texts.to_frame("text").select(is_signed(text) | foreign).to_series().to_numpy()


def _without_one(
    bits: NDArray[np.float64], spelled: Words, unheard: Words, texts: int
) -> tuple[NDArray[np.float64], Words]:
    """Leave out the word that tells most for a drawing, where known ones stand around it: one is a name or a cry."""
    of_words = np.add.reduceat(bits, offsets_of(spelled.lengths)[:-1]) if len(spelled.owners) else np.empty(0)
    order = np.lexsort((of_words, spelled.owners))
    owners = spelled.owners[order]
    last = np.append(owners[1:] != owners[:-1], True)[: len(order)]
    strange, all_ = (np.bincount(of.owners, minlength=texts) for of in (unheard, spelled))
    many = ((all_ >= _FEWEST_AROUND) & (strange <= _STRANGE * all_))[owners]
    kept = np.ones(len(order), np.bool_)
    kept[order[last & many]] = False
    return bits[np.repeat(kept, spelled.lengths)], spelled.take(np.flatnonzero(kept))


def _one_word(spelled: Words, texts: int) -> NDArray[np.bool_]:
    """Tell texts of one word of a length that names have: (texts,) bool."""
    alone = np.bincount(spelled.owners, minlength=texts) == 1
    short = np.bincount(spelled.owners, spelled.lengths, minlength=texts) <= _LONGEST_NAME
    told: NDArray[np.bool_] = alone & short
    return told


class _Vocabulary:
    """The different words of a pool; each counts once, however often a template repeats it.

    Attributes
    ----------
    counts : (LETTERS³,) int64
        How many trigrams of each key they have.
    """

    def __init__(self, spelled: Words) -> None:
        hashes = spelled.hashes()
        order = np.argsort(hashes, kind="stable")
        sorted_, owners = hashes[order], spelled.owners[order]
        new = np.concatenate([[True], sorted_[1:] != sorted_[:-1]])[: len(order)]
        # Words of one text alone: the texts of a word ascend, so the first and the last tell.
        firsts = np.flatnonzero(new)
        lasts = np.append(firsts[1:], len(order))[: len(firsts)] - 1
        alone = owners[firsts] == owners[lasts]
        self._of_one_text = sorted_[firsts][alone]
        self._common = spelled.take(order[firsts[~alone]])
        self.counts = np.bincount(spelled.take(order[firsts]).keys, minlength=LETTERS**3)

    def common(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Give the words that several texts have, by their hashes and by those of their letters; ascending."""
        return distinct(self._common.hashes()), distinct(letters_of(self._common))

    def known_from(self, spelled: Words, learnt: NDArray[np.bool_]) -> Words:
        """Choose the words that only one text taught: each text's own, where it was learnt from."""
        once = spelled.distinct()
        own = learnt[once.owners] & np.isin(once.hashes(), self._of_one_text)
        return once.take(np.flatnonzero(own))
