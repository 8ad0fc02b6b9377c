r"""Match texts by the word n-grams they share with a question or an answer.

N-grams are of `\w+` words after case folding: punctuation and layout make no difference, and a verbatim copy scores
1 however long the row around it is. Templates ("what is the weakness named … and how can it be mitigated") leak
nothing: n-grams that many items or many rows hold don't count as evidence. What remains must reach the threshold, and
so must all n-grams together, lest the one odd n-gram left of a boilerplate answer decide alone.

But an item that was copied into many rows makes n-grams common as well. A template leaves something to be filled in;
a row that holds nearly all of a field is a copy of it, however many rows are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from quality.normalise import fold
from quality.shingles import batches, ngrams, word_hashes

if TYPE_CHECKING:
    from collections.abc import Iterable

# An n-gram in this many rows or fewer is evidence even in a small pool.
FEWEST_TEMPLATE_ROWS = 20

_GRAMS = pl.Schema({"row": pl.UInt32(), "gram": pl.UInt64()})
_ANY_LENGTH = 1 << 31


@dataclass(frozen=True)
class Matching:
    """How fields are matched; the settings of `quality.decontaminate` say what each number means.

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
    held = _row_grams(prompts, answers, wanted, how)
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
    own = own.filter(pl.col("size") == how.words)
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
    """List the distinct n-grams of every question and answer: `place, field, size, gram`."""
    parts = []
    for field in ("question", "answer"):
        for size in _sizes(how):
            grams = _grams(items[field], size, only_whole=size < how.words, between=(how.fewest_words, how.most_words))
            parts.append(grams.select(place="row", field=pl.lit(field), size=pl.lit(size), gram="gram"))
    # A short answer proves nothing: "Paris" or "validate all input" stands in many an honest row.
    found = pl.concat(parts).filter((pl.col("field") == "question") | (pl.col("size") == how.words))
    return found.unique(maintain_order=True)


def _row_grams(prompts: pl.Series, answers: pl.Series, wanted: pl.DataFrame, how: Matching) -> pl.DataFrame:
    """List the n-grams of rows that some item holds, each once a row: `row, gram`."""
    parts = [pl.DataFrame(schema=_GRAMS)]
    for size in wanted["size"].unique().sort().to_list():
        grams = wanted.filter(pl.col("size") == size)["gram"].unique()
        for texts in (prompts, answers) if size == how.words else (prompts,):
            parts.append(_grams(texts, size, among=grams))
    return pl.concat(parts).unique(maintain_order=True)


def _grams(
    texts: pl.Series,
    size: int,
    *,
    among: pl.Series | None = None,
    only_whole: bool = False,
    between: tuple[int, int] = (0, _ANY_LENGTH),
) -> pl.DataFrame:
    """Hash the n-grams of texts (`row, gram`): those `among` some, or of texts with so many words only."""
    parts = [pl.DataFrame(schema=_GRAMS)]
    for start, batch in batches(texts):
        hashes, counts = word_hashes(batch.to_frame("text").select(fold(pl.col("text"))).to_series())
        grams, lengths = ngrams(hashes, counts, size)
        wanted = (counts >= between[0]) & (counts <= between[1])
        if only_whole:
            wanted &= lengths == 1
        grams, lengths = grams[np.repeat(wanted, lengths)], np.where(wanted, lengths, 0)
        rows = np.repeat(np.arange(start, start + len(batch), dtype=np.uint32), lengths)
        found = pl.DataFrame({"row": rows, "gram": grams})
        parts.append(found if among is None else found.join(among.to_frame("gram"), on="gram", how="semi"))
    return pl.concat(parts)


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


def _sizes(how: Matching) -> Iterable[int]:
    """Sizes of n-grams: that asked for, and those of whole short questions."""
    return range(min(how.shortest_whole, how.words), how.words + 1)
