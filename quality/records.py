"""The shapes that flow through curation, and how a record is named and read.

The canonical form of a record, which its id is the hash of, is its messages with

- every role spelled ``system``, ``user`` or ``assistant``,
- line ends spelled as line feeds (carriage returns are folded),
- and nothing else changed: leading spaces are code, capitals and accents are the author's.

What an export left in prose may be read as what it spells before that (`quality.sources.mending`), which is on record.
Looser notions of "the same" (case, white space, Unicode form) belong to deduplication.
"""

import polars as pl

from quality.texts.characters import is_empty

MESSAGE = pl.Struct({"role": pl.String, "content": pl.String})

RECORDS: dict[str, pl.DataType] = {
    "row": pl.UInt32(),
    "id": pl.String(),
    "messages": pl.List(MESSAGE),
    "source": pl.String(),
    "origin": pl.String(),
    "group": pl.String(),
}

QUARANTINED: dict[str, pl.DataType] = {
    "source": pl.String(),
    "origin": pl.String(),
    "reason": pl.String(),
    "detail": pl.String(),
    "last": pl.UInt32(),  # the last line (or row) that was lost with it, where there is more than one
}

FATES: dict[str, pl.DataType] = {
    "row": pl.UInt32(),
    "stage": pl.String(),
    "fate": pl.String(),
    "reason": pl.String(),
    "witness": pl.String(),
    "score": pl.Float64(),
    "threshold": pl.Float64(),
}

ROLES = ("system", "user", "assistant")

_ROLE = pl.element().struct.field("role")
_CONTENT = pl.element().struct.field("content")
_IS_ANSWER = _ROLE == "assistant"
# Messages above an earlier answer that are its prompt, and characters of what a talk begins with, which may tell how
# all is to be answered: all of it would grow with the square of the turns.
_BEFORE, _BEGINNING = 3, 2_000


def fold_line_ends(text: pl.Expr) -> pl.Expr:
    """Spell every line end as a line feed."""
    return text.str.replace_all("\r\n?", "\n")


def canonical(messages: pl.Series) -> pl.Series:
    """Spell each conversation as one string, such that two strings are equal only if the conversations are.

    Every message becomes ``role:length:content`` with the length of the content in UTF-8 bytes, one after
    another: since lengths come before contents, no content can pass itself off as a second message.

    Parameters
    ----------
    messages : pl.Series
        List of {role, content}, one conversation per row.

    Returns
    -------
    pl.Series
        Strings of the same length as `messages`.
    """
    content = fold_line_ends(_CONTENT)
    spelled = pl.format("{}:{}:{}", _ROLE, content.str.len_bytes(), content)
    return _select(messages, pl.col("messages").list.eval(spelled).list.join(""))


def record_ids(messages: pl.Series) -> pl.Series:
    """Name each conversation by the first 128 bits of BLAKE3 over its canonical form, as 32 hex characters.

    BLAKE3 is a published standard, so ids are the same on every platform and in every later version; and it
    is collision resistant, so that nobody can craft two rows with one id.

    Parameters
    ----------
    messages : pl.Series
        List of {role, content}, one conversation per row.

    Returns
    -------
    pl.Series
        Strings of 32 hex characters.

    Examples
    --------
    >>> row = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    >>> record_ids(pl.Series([row], dtype=pl.List(MESSAGE))).item()
    '6f27b4281e9264d771c7bc5adf93c26b'
    """
    import polars_hash as plh

    hashed = plh.col("messages").chash.blake3().str.head(32)
    return pl.DataFrame({"messages": canonical(messages)}).select(hashed).to_series().alias("id")


def prompt_text(frame: pl.DataFrame) -> pl.Series:
    """Join what comes before the last answer: system, questions and earlier turns, one below the other.

    A conversation without an answer is all prompt.
    """
    answers = _IS_ANSWER.cast(pl.Int32)
    answers_after = answers.cum_sum(reverse=True) - answers
    earlier = _CONTENT.filter((answers_after > 0) | _IS_ANSWER.any().not_())
    return _select(frame["messages"], pl.col("messages").list.eval(earlier).list.join("\n"))


def asked_text(frame: pl.DataFrame) -> pl.Series:
    """Return `prompt_text`, but nothing where the last question is blank, whatever stands before it."""
    question = pl.col("messages").list.eval(_CONTENT.filter(_ROLE == "user")).list.last()
    blank = _select(frame["messages"], is_empty(question)).fill_null(value=False)
    return pl.select(pl.when(~blank).then(prompt_text(frame)).otherwise(pl.lit(""))).to_series().alias("text")


def answer_text(frame: pl.DataFrame) -> pl.Series:
    """Take the last assistant message, which is what a record teaches; empty when there is none."""
    answers = pl.col("messages").list.eval(_CONTENT.filter(_IS_ANSWER))
    return _select(frame["messages"], answers.list.last().fill_null(""))


def earlier_exchanges(frame: pl.DataFrame) -> pl.DataFrame:
    """List the answers of conversations before their last, which a record teaches as well, each below what it answers.

    Not those that nothing is asked before (greetings), nor blank ones: these are not learnt.

    Parameters
    ----------
    frame : pl.DataFrame
        Records (`messages`).

    Returns
    -------
    pl.DataFrame
        `row: UInt32` (a position in `frame`), `prompt, answer: String`, in the order of the rows and of their turns. A
        prompt is the three messages before the answer (the question, and the exchange before), below the beginnings of
        the system message and of the first question.
    """
    turns = frame.select("messages").with_row_index("row")
    several = pl.col("messages").list.eval(_IS_ANSWER).list.sum() > 1
    lines = turns.filter(several).explode("messages").unnest("messages")
    role, content, place = pl.col("role"), pl.col("content"), pl.int_range(pl.len()).over("row")
    begun = [
        pl.when(place - place.filter(role == who).min().over("row") > _BEFORE).then(
            content.filter(role == who).first().str.head(_BEGINNING).over("row")
        )
        for who in ("system", "user")
    ]
    before = (content.shift(back).over("row") for back in range(_BEFORE, 0, -1))
    answer = role == "assistant"
    told = lines.select(
        "row",
        pl.concat_str(*begun, *before, separator="\n", ignore_nulls=True).alias("prompt"),
        content.alias("answer"),
        asked=(role == "user").cum_max().over("row"),
        earlier=answer & (answer.cum_sum(reverse=True).over("row") > 1) & ~is_empty(content),
    )
    return told.filter("asked", "earlier").select("row", "prompt", "answer")


def full_text(frame: pl.DataFrame) -> pl.Series:
    """Join all messages of each record, one below the other."""
    return _select(frame["messages"], pl.col("messages").list.eval(_CONTENT).list.join("\n"))


def _select(messages: pl.Series, expression: pl.Expr) -> pl.Series:
    frame = pl.DataFrame({"messages": messages.cast(pl.List(MESSAGE))})
    return frame.select(expression).to_series().alias("text")
