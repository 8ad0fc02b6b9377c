"""Answers that break off: a stump of a few words ("The", "I th", "Yes, a"), a long text cut in mid-sentence.

Where a sentence may end is learnt from the pool itself. Of the 93,000 times that "the" stood in 28,000 answers, 28
ended a sentence, and most of those were themselves cut; "Paris" ends one every second time. So an answer without a
full stop whose last word hardly ever ends one was cut off. That needs no list of words and no knowledge of the
language, and follows the custom of the pool: where answers are labels ("positive"), labels end answers.
"""

import numpy as np
import polars as pl

STUMP_WORDS = 8  # up to so many words, an answer is a stump when it breaks off
_FEWEST_USES = 100  # of a rarer word, the pool says nothing
_DOUBT = 1  # endings granted to every word beyond those seen
_LABEL_SHARE = 0.03  # an answer that so many rows give is a label
_SAMPLE_BYTES = 8 << 20
_WRAPPED = 50  # characters; a shorter line was broken because something ended
# In small pools too, no English sentence ends here without a full stop.
_NEVER_LAST = ("the", "an", "and", "of", "than", "because", "whose", "their", "our", "your", "my")
# "th" stands there once for 5,000 words that begin so: no word, but the beginning of one. So does "bounda", seen here
# alone, where twenty words begin so. Of 14,000 whole answers without a full stop, five ended in a word like that
# ("sen", a coin); of answers cut inside a word, two in five did.
_FRAGMENT = 1e-3
_FEWEST_WHOLE = 20

_STOPS = r"[.!?;:…|\x{0964}。！？)\]}\"'`”’»」*_]$"
# Letters up to white space: "2009" and "from_list" may end anything.
_LAST_WORD = r"(?:^|\s)[\"'“‘(\[]*([\p{L}\p{M}](?:[\p{L}\p{M}'’-]*[\p{L}\p{M}])?),?\s*\z"
_EDGES = r"^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$"
# In a list of clauses, all but the last end so: "…; and".
_CLAUSE = r"[;,] (?:and|or|und|oder|et|ou|y|o),?\s*\z"


def endings(answers: pl.Series) -> pl.DataFrame:
    """Measure how each answer ends.

    Parameters
    ----------
    answers : pl.Series of String
        All of the pool, without nulls: the uses of a word are counted in them.

    Returns
    -------
    pl.DataFrame
        `ending`, Float64: the share (0 to 1) of the last word's uses that end a sentence, 0 for the beginning of a
        word; 1 for answers that end in a full stop or another mark, in a word the pool hardly knows, or in a name, and
        for answers that many rows give.
        `open`, Float64: 1 where an answer of several words ends in a word, no name, and no mark behind it; else 0.
    """
    uses = _uses(_sample(answers).unique(maintain_order=True))
    frame = pl.DataFrame({"answer": answers}).with_row_index("row")
    open_ended = (
        frame.with_columns(last=pl.col("answer").str.extract(_LAST_WORD))
        .drop_nulls("last")
        .filter(~pl.col("answer").str.contains(_CLAUSE))
    )
    words = pl.col("answer").str.count_matches(r"\S+")
    judged = open_ended.select(
        "row",
        words=words,
        # "World Wide Web" ends in a name; "The" may begin a sentence.
        named=pl.col("last").str.contains(r"^\p{Lu}") & (words > 1),
        label=pl.len().over("answer") >= max(2, _LABEL_SHARE * len(answers)),
        word=pl.col("last").str.to_lowercase(),
    ).join(uses, on="word", how="left", maintain_order="left")
    known = pl.when(pl.col("uses") >= _FEWEST_USES).then((pl.col("ends") + _DOUBT) / (pl.col("uses") + _DOUBT))
    english = pl.when(pl.col("word").is_in(list(_NEVER_LAST))).then(0.0)
    score = pl.when(_is_fragment(judged, uses)).then(0.0).otherwise(pl.coalesce(known, english, pl.lit(1.0)))
    exempt = pl.col("named") | pl.col("label")
    scored = judged.select(
        "row",
        ending=pl.when(exempt).then(1.0).otherwise(score),
        open=(~exempt & (pl.col("words") > 1)).cast(pl.Float64),
    )
    found = frame.select("row").join(scored, on="row", how="left", maintain_order="left")
    return found.select(pl.col("ending").fill_null(1.0), pl.col("open").fill_null(0.0))


def _sample(answers: pl.Series) -> pl.Series:
    """Take every so-and-so-many-th answer, such that reading them takes a bounded time."""
    size = int(answers.str.len_bytes().sum() or 0)
    return answers.gather_every(max(1, -(-size // _SAMPLE_BYTES)))


def _uses(answers: pl.Series) -> pl.DataFrame:
    """Count each word's uses, and those that end a sentence, a short line or a text: `word, uses, ends`."""
    lines = answers.str.split("\n").explode(empty_as_null=False, keep_nulls=False)
    tokens = lines.str.extract_all(r"\S+")
    counts = tokens.list.len().to_numpy()
    closing = ~(lines.str.len_chars() >= _WRAPPED).to_numpy() & (counts > 0)
    flat = tokens.explode(empty_as_null=False, keep_nulls=False)
    last = np.zeros(len(flat), dtype=bool)
    last[(np.cumsum(counts.astype(np.int64)) - 1)[closing]] = True
    token = pl.col("token")
    seen = pl.DataFrame({"token": flat, "last": last}).select(
        word=token.str.replace_all(_EDGES, "").str.to_lowercase(),
        ended=pl.col("last") | token.str.contains(_STOPS),
    )
    return seen.filter(pl.col("word") != "").group_by("word").agg(uses=pl.len(), ends=pl.col("ended").sum())


def _is_fragment(judged: pl.DataFrame, uses: pl.DataFrame) -> pl.Series:
    """Tell last words, of answers of several, that are next to never used while longer words begin so."""
    known = uses.sort("word")
    # Strings sort by their bytes, so the words with a prefix lie side by side.
    total = np.concatenate([[0], np.cumsum(known["uses"].to_numpy().astype(np.int64))])
    first = known["word"].search_sorted(judged["word"], side="left").to_numpy()
    beyond = known["word"].search_sorted(judged["word"] + "\U0010ffff", side="left").to_numpy()
    with_prefix = pl.Series(total[beyond] - total[first])
    own = judged["uses"].fill_null(0)
    longer = with_prefix - own
    plain = judged["word"].str.contains(r"^[\p{L}\p{M}]+$") & (judged["words"] > 1)
    seldom = own <= (_FRAGMENT * longer).clip(lower_bound=1)  # 1: this very use
    return plain & (longer >= _FEWEST_WHOLE) & seldom
