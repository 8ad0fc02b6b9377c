r"""Match texts by the word n-grams they share with a question or an answer.

N-grams are of `\w+` words after case folding: punctuation and layout make no difference, and a verbatim copy scores
1 however long the row around it is. Templates ("what is the weakness named … and how can it be mitigated") leak
nothing: n-grams that many items or many rows hold don't count as evidence. What remains must reach the threshold, and
so must all n-grams together, lest the one odd n-gram left of a boilerplate answer decide alone.

In a script without spaces each character is a word (see `quality.texts.words`), and an n-gram has as many of them as
say what so many words do.

But an item that was copied into many rows makes n-grams common as well. A template leaves something to be filled in;
a row that holds nearly all of a field is a copy of it, however many rows are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.lsh.shingles import batches, ngrams, word_hashes
from quality.texts.normalise import folded
from quality.texts.words import ngram_size, size_in_words, words_apart

if TYPE_CHECKING:
    from numpy.typing import NDArray

# An n-gram in this many rows or fewer is evidence even in a small pool.
FEWEST_TEMPLATE_ROWS = 20

_GRAMS = pl.Schema({"row": pl.UInt32(), "gram": pl.UInt64()})
_FIELD_GRAMS = pl.Schema(
    {"place": pl.UInt32(), "field": pl.String(), "size": pl.Int64(), "whole": pl.Boolean(), "gram": pl.UInt64()}
)
_ANY_LENGTH = 1 << 31
# An odd 64-bit number that tells the hash of a whole question from that of the same words in a longer field.
_WHOLE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Matching:
    """How fields are matched; the settings of `quality.leaks.decontaminate` say what each number means.

    A row with the share `copy` of all of a field's n-grams copies it, and no number of such rows makes it a template.
    Fields of fewer than `fewest_words` or more than `most_words` words are left out. Questions that are shorter than
    an n-gram, down to `shortest_whole` words, must stand whole in a prompt.
    """

    words: int
    threshold: float
    enough: int
    template_items: int
    template_share: float
    copy: float
    shortest_whole: int = _ANY_LENGTH
    fewest_words: int = 0
    most_words: int = _ANY_LENGTH


class Shared(NamedTuple):
    """What rows share with the fields of items.

    `found` has `row, place, field, score, threshold`, a line for every field that a row gives away. `common` lists
    (`place, field`) the fields whose n-grams so many rows hold that a row with enough of them, but no copy, is spared.
    """

    found: pl.DataFrame
    common: pl.DataFrame


def shared_ngrams(prompts: pl.Series, answers: pl.Series, items: pl.DataFrame, how: Matching) -> Shared:
    """Match n-grams: first those that are evidence, then, for the few pairs these point to, all of them.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row.
    items : pl.DataFrame
        `place, question, answer`.
    how : Matching
        Size of the n-grams, and what share of them is enough.
    """
    wanted = _item_grams(items, how)
    held = _row_grams(prompts, answers, wanted)
    own = wanted.join(_of_many_items(wanted, how), on="gram", how="anti")
    crowded = _in_many_rows(held, len(prompts), how)
    evidence = own.join(crowded, on="gram", how="anti")
    sharing = _sharing(held, evidence, wanted, how)
    copies = _copies(held, own, wanted, how).join(sharing, on=["row", "place", "field"], how="anti")
    found = pl.concat([sharing, copies])
    return Shared(found.with_columns(threshold=pl.lit(how.threshold)), _common_fields(own, crowded, how))


def _common_fields(own: pl.DataFrame, crowded: pl.DataFrame, how: Matching) -> pl.DataFrame:
    """List the fields of which rows may hold enough and be spared, since many rows hold that: `place, field`."""
    shares = own.group_by("place", "field", maintain_order=True).agg(
        pl.col("gram").is_in(crowded["gram"].implode()).sum() / pl.len().clip(upper_bound=how.enough)
    )
    return shares.filter(pl.col("gram") >= how.threshold).select("place", "field")


def _sharing(held: pl.DataFrame, evidence: pl.DataFrame, wanted: pl.DataFrame, how: Matching) -> pl.DataFrame:
    """Match rows with enough of a field's evidence, and as much of all of it: `row, place, field, score`."""
    suspects = _score(held.join(evidence, on="gram"), evidence, how.threshold, how.enough)
    return _least_of(suspects, _score(_held_of(suspects, held, wanted), wanted, how.threshold, how.enough))


def _copies(held: pl.DataFrame, own: pl.DataFrame, wanted: pl.DataFrame, how: Matching) -> pl.DataFrame:
    """Match rows with nearly all of a field, of what few items hold and of all of it: `row, place, field, score`.

    Who lacks no more than a share of the n-grams holds one of the rarest that make up more than that share; so the
    rows of a template are not counted out (prefix filtering: Chaudhuri, Ganti & Kaushik 2006).
    """
    own = own.filter(~pl.col("whole"))
    least = max(how.copy, how.threshold)
    spread = held.group_by("gram").agg(rows=pl.len())
    rarity = pl.col("rows").fill_null(0).rank("ordinal").over("place", "field")
    lacking = ((1 - least) * pl.len().over("place", "field") + 1e-9).floor()
    rarest = own.join(spread, on="gram", how="left", maintain_order="left").filter(rarity <= lacking + 1)
    suspects = held.join(rarest, on="gram").select("row", "place", "field").unique(maintain_order=True)
    found = _score(_held_of(suspects, held, own), own, least, _ANY_LENGTH)
    return _least_of(found, _score(_held_of(found, held, wanted), wanted, least, _ANY_LENGTH))


def _held_of(suspects: pl.DataFrame, held: pl.DataFrame, grams: pl.DataFrame) -> pl.DataFrame:
    """List what the rows of suspected pairs hold of these n-grams of the pair's field: `row, place, field, gram`."""
    every = suspects.select("row", "place", "field").join(grams, on=["place", "field"])
    return every.join(held, on=["row", "gram"], how="semi")


def _least_of(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Keep the pairs that both scored, with the smaller score."""
    both = one.join(other, on=["row", "place", "field"], suffix="_of_all")
    return both.select("row", "place", "field", score=pl.min_horizontal("score", "score_of_all"))


def _item_grams(items: pl.DataFrame, how: Matching) -> pl.DataFrame:
    """List the distinct n-grams of every question and answer: `place, field, size, whole, gram`.

    A `whole` n-gram is all of a question that is too short to have others. A short answer proves nothing: "Paris" or
    "validate all input" stands in many an honest row.
    """
    parts = []
    for field in ("question", "answer"):
        texts = _folded(items[field].fill_null(""))
        hashes, counts = word_hashes(texts)
        sizes = _field_sizes(texts, counts, how, whole=field == "question")
        for size, whole in sizes.filter(pl.col("size") > 0).unique().sort("size", "whole").iter_rows():
            chosen = sizes.select((pl.col("size") == size) & (pl.col("whole") == whole)).to_series().to_numpy()
            grams, rows = _ngrams_of(hashes, counts, size, whole=whole, chosen=chosen)
            of = {"field": pl.lit(field), "size": pl.lit(size), "whole": pl.lit(whole)}
            found = pl.DataFrame({"place": rows, "gram": grams}).with_columns(**of)
            parts.append(found.select(_FIELD_GRAMS.names()).cast(_FIELD_GRAMS))
    return pl.concat([pl.DataFrame(schema=_FIELD_GRAMS), *parts]).unique(maintain_order=True)


def _field_sizes(texts: pl.Series, counts: NDArray[np.int64], how: Matching, *, whole: bool) -> pl.DataFrame:
    """Tell of what size the n-grams of each field are (0: it is not looked for), and which are of a short one."""
    text, words = pl.col("text"), pl.col("words")
    fields = texts.to_frame("text").with_columns(words=size_in_words(text), size=ngram_size(text, how.words))
    short = words < how.words
    looked_for = words.is_between(how.fewest_words, how.most_words)
    looked_for &= pl.when(short).then(pl.lit(whole) & (words >= how.shortest_whole)).otherwise(statement=True)
    size = pl.when(short).then(pl.Series(counts)).otherwise("size")
    return fields.select(size=pl.when(looked_for).then(size).otherwise(0), whole=short)


def rows_with_any(texts: pl.Series, phrases: pl.Series, words: int) -> pl.Series:
    """List the rows (UInt32) that hold the first so many words of some phrase; shorter phrases are not looked for."""
    hashes, counts = word_hashes(_folded(phrases))
    grams, lengths = ngrams(hashes, counts, words)
    firsts = (np.cumsum(lengths) - lengths)[lengths > 0]
    among = pl.DataFrame({"gram": grams[firsts]}).unique()
    rows = [pl.Series(dtype=pl.UInt32)]
    for start, batch in batches(texts) if among.height else ():
        held, of = _ngrams_of(*word_hashes(_folded(batch)), words, whole=False)
        found = pl.DataFrame({"row": of + np.uint32(start), "gram": held}).join(among, on="gram", how="semi")
        rows.append(found["row"].unique())
    return pl.concat(rows).sort()


def _row_grams(prompts: pl.Series, answers: pl.Series, wanted: pl.DataFrame) -> pl.DataFrame:
    """List the n-grams of rows that some item holds, each once a row: `row, gram`; whole ones of prompts only."""
    kinds = wanted.select("size", "whole").unique().sort("size", "whole").rows()
    among = {kind: wanted.filter(size=kind[0], whole=kind[1]).select("gram").unique() for kind in kinds}
    parts = [pl.DataFrame(schema=_GRAMS)]
    for texts, looked_for in ((prompts, kinds), (answers, [kind for kind in kinds if not kind[1]])):
        for start, batch in batches(texts) if looked_for else ():
            hashes, counts = word_hashes(_folded(batch))
            for size, whole in looked_for:
                grams, rows = _ngrams_of(hashes, counts, size, whole=whole)
                found = pl.DataFrame({"row": rows + np.uint32(start), "gram": grams})
                parts.append(found.join(among[size, whole], on="gram", how="semi"))
    return pl.concat(parts).unique(maintain_order=True)


def _folded(texts: pl.Series) -> pl.Series:
    return words_apart(folded(texts))


def _ngrams_of(
    hashes: NDArray[np.uint64],
    counts: NDArray[np.int64],
    size: int,
    *,
    whole: bool,
    chosen: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Hash the n-grams of texts, or of those that are chosen, and tell of which text each is."""
    grams, lengths = ngrams(hashes, counts, size)
    if chosen is not None:
        grams, lengths = grams[np.repeat(chosen, lengths)], np.where(chosen, lengths, 0)
    rows = np.repeat(np.arange(len(counts), dtype=np.uint32), lengths)
    # A whole question is another thing than part of a longer text in the same words.
    return (grams ^ _WHOLE if whole else grams), rows


def _of_many_items(wanted: pl.DataFrame, how: Matching) -> pl.DataFrame:
    """List the n-grams that too many items hold to say anything: `gram`."""
    items = wanted.group_by("gram").agg(n=pl.col("place").n_unique())
    return items.filter(pl.col("n") > how.template_items).select("gram")


def _in_many_rows(held: pl.DataFrame, rows: int, how: Matching) -> pl.DataFrame:
    """List the n-grams that too many rows hold to say anything: `gram`."""
    most = max(FEWEST_TEMPLATE_ROWS, int(how.template_share * rows))
    return held.group_by("gram").len().filter(pl.col("len") > most).select("gram")


def _score(shared: pl.DataFrame, grams: pl.DataFrame, least: float, enough: int) -> pl.DataFrame:
    """Divide the n-grams a row shares with a field by those of the field: `row, place, field, score`."""
    counts = grams.group_by("place", "field").agg(of=pl.len().clip(upper_bound=enough))
    score = (pl.col("shared") / pl.col("of")).clip(upper_bound=1.0)
    return (
        shared.group_by("row", "place", "field")
        .len("shared")
        .join(counts, on=["place", "field"])
        .select("row", "place", "field", score=score)
        .filter(pl.col("score") >= least)
    )
