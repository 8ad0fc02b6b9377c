import re
import unicodedata

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.lsh.shingles import word_hashes
from quality.texts.words import word_codes


def words_of(text: str | None) -> list[bytes]:
    """Words as Python's regular expressions and case folding have them, Chinese characters one by one."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text or "").casefold())
    return [word.encode() for word in re.findall(r"\w+", re.sub("([一-龥])", r" \1 ", folded))]


def split(texts: list[str | None]) -> list[list[bytes]]:
    codes, ends = word_codes(pl.Series(texts, dtype=pl.String))
    starts = [0, *(ends + 1).tolist()][: len(ends)]
    return [[w for w in codes[a:b].split(b"\0") if w] for a, b in zip(starts, ends.tolist(), strict=True)]


def test_every_ascii_character_is_of_a_word_or_between_words_as_in_a_regular_expression() -> None:
    texts = [f"x{chr(code)}Y" for code in range(128)]
    assert split(texts) == [words_of(text) for text in texts]


@settings(max_examples=200)
@given(st.lists(st.none() | st.text(alphabet="aBz_09 .\0\n-ÉéßΣς中K\u2003\u00a0İ«»€ﬁ", max_size=12), max_size=8))
def test_words_are_those_of_the_regular_expression(texts: list[str | None]) -> None:
    expected = [words_of(text) for text in texts]
    # A combining mark belongs to a word here, as Unicode has it, and not in Python's \w; İ folds to one.
    plain = [i for i, text in enumerate(texts) if "İ" not in (text or "")]
    found = split(texts)
    assert [found[i] for i in plain] == [expected[i] for i in plain]


def test_folding_twice_is_folding_once() -> None:
    texts = pl.Series(["STRASSE und Straße", "ΣΟΦΙΑ ς", "plain ASCII"])
    folded = pl.Series([text.casefold() for text in texts])
    assert word_hashes(texts)[0].tolist() == word_hashes(folded)[0].tolist()


def test_hundreds_of_thousands_of_short_words_have_hashes_of_their_own() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [a + b + c + d for a in letters for b in letters for c in letters for d in "aeiouxyz01"]
    words += [str(number) for number in range(200_000)]
    hashes, counts = word_hashes(pl.Series([" ".join(words)]))
    assert counts.tolist() == [len(words)]
    assert len(set(hashes.tolist())) == len(words)


def test_a_word_of_a_megabyte_is_one_word_and_nothing_beside_it_is_lost() -> None:
    long = "a1" * 500_000
    hashes, counts = word_hashes(pl.Series(["before", f"{long} after", "éo" * 200_000, "before"]))
    assert counts.tolist() == [1, 2, 1, 1]
    assert hashes[0] == hashes[-1]
    assert len(set(hashes.tolist())) == 4
    # The block that ended within it doesn't show: the same word has the same hash wherever it stands.
    shifted, _ = word_hashes(pl.Series([f"x {long}"]))
    assert shifted[1] == hashes[1]
