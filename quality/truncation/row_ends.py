"""What each row alone tells of how its answer ends: the part of a search for cut answers that need not be done twice.

Whether a row that may have been cut was is for the pool to tell: how many others have its answer, its kind of prompt,
its layout, its letters with a full stop behind them, or signs behind which something must follow.
"""

from __future__ import annotations

import re

import polars as pl

from quality.lsh.shingles import stable_hash
from quality.texts.patterns import holds
from quality.truncation.cut_marks import CLAUSE, HANGING, MARKED, TRAILING
from quality.truncation.elsewhere import TAILS, tails
from quality.truncation.last_lines import FAREWELL, said_in_full
from quality.truncation.layouts import LAYOUTS, layouts
from quality.truncation.prompt_kinds import FRAMES, prompt_frames
from quality.truncation.sentence_ends import CLOSED, EARLY, SEALED
from quality.truncation.short_forms import is_short_form
from quality.truncation.unclosed import left_open

# In small pools too, no English sentence ends here without a full stop.
NEVER_LAST = ("the", "an", "and", "of", "than", "because", "whose", "their", "our", "your", "my")
# "World Wide Web", "Louis the Great", "42 B", "x = 3", "ann@example.org": no sentence, and so without a full stop.
_SMALL = "of|the|and|de|la|le|du|von|van|der|di|da|al|in|on|for"
_PART = r"[\"'“‘(\[]*[\p{Lu}\p{Lo}\p{N}&][^\s,:]*"
_NAME = rf"^{_PART}(?:\s+(?:{_SMALL}|{_PART}))*\s+{_PART}\s*$"
_TERMS = r"[^\s=]+(?:\s*[-+−*/×·÷^]\s*[^\s=]+|\sx\s[^\s=]+)*"
_EQUATION = rf"[^\s=]{{1,12}}\s*[=≈<>≤≥]\s*{_TERMS}"
_FORMULA = rf"^{_EQUATION}(?:,?\s+{_EQUATION})*\s*$|^\P{{L}}+$|^\S+(?:@\S+\.|://)\S+\s*$"
# Letters alone, in both cases or in one, up to the last of their alphabet: one that was cut ends before it.
_LETTER = r"[^\s,;/0-9]"  # classes of letters, twenty times over, are slow to compile
_ALPHABET = (
    rf"^\s*(?:{_LETTER}(?:[\s/]*{_LETTER})?[,;\s]+){{20,}}(?:Z(?:[\s/]*z)?|z|Ω(?:[\s/]*ω)?|ω|Я(?:[\s/]*я)?|я)\s*$"
)
# A session with an interpreter or a shell ends in what it printed.
_SESSION = r"(?:\A|\n)[ \t]*(?:>>>|\$|In \[\d+\]:) [^\n]+(?:\n[ \t]*[^\s][^\n]*)*\s*\z"
# An answer that goes by lines (verse, a list, code) ends as its lines do, without a full stop. Where running prose is
# broken into lines, these begin anywhere, in small letters.
_OPEN_LINE = r"[^\s.!?…\x{0964}。．｡！？:]\s*\z"
_MID_SENTENCE = r"\A\p{Ll}"
_FEWEST_LINES = 3
_OPEN_SHARE = 0.8  # of the lines before the last
_MOST_OF_LINE = 10  # words, on average: a line of more is a sentence
# Who offers answers gets one of them: "yes or no", "spam/ham", "(B) …".
_OFFERED = (
    r"\bor\s+[\"'“‘(]?{0}[\"'”’)]?\s*(?:[.,;:?!)\n]|\Z)|\b{0}[\"'”’)]?,?\s+or\b|/\s*{0}\b|\b{0}\s*/|"
    r"(?:^|[\s(]){0}[).:]\s"
)
_MOST_OFFERED, _LONGEST_OFFERED = 3, 100  # words, and characters: to look for one takes quadratic time
# A letter ends in a name below its farewell, and a function in what it returns.
_SIGNED = rf"(?i)\n\W*(?:\w+ ){{0,3}}(?:{FAREWELL})(?: \w+){{0,2}},[ \t]*(?:\n\s*[^\n]{{1,50}}){{1,4}}\s*\z"
_RETURNS = r"\n[ \t]+return [^\n]*[\w)\]]\s*\z"
# What ends a program is a statement, or a comment in the place of what is left out; and a block that was announced may
# be the name of a file, or a call.
_CALLED = r"[^\n]{0,80}?[\w$>\])]\([^\n]*\)"
_SET = r"(?:[\w*&<>\[\]:]+[ \t]+){0,2}[\w.$\[\]>*-]+\s?[-+*/|&]?=[ \t]?[^;\n]*[\w\])}'\"]"
_SQL = r"(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|GRANT|REVOKE|EXEC|FETCH|DECLARE|EXPLAIN|SET|BEGIN|COMMIT)\b"
_STATEMENT = rf"(?:\A|\n)[ \t]*(?:{_CALLED}|{_SET}|{_SQL}[^\n]*);[ \t]*(?:/\*[^\n]*\*/|(?://|--)[^\n]*)?\s*\z"
_LAST_LINES = 400  # characters
_LEFT_OUT = r"\n[ \t]*(?:#|//|--|%|;|/\*|<!--)[ \t]*(?:\.{3}|…)[ \t]*(?:\*/|-->)?\s*\z"
_FILE = r"[~.$/]?[\w.{}$@+-]*(?:/[\w.{}$@+*-]+)*/(?:\.\w+|[\w{}$@+*-]+\.\w{1,5})"
_BLOCK = rf"(?:\n[ \t]*\n[ \t]*|(?:\A|\n)[ \t]*\p{{Lu}}[\p{{L}} ]{{0,30}}:[ \t]+)(?:{_FILE}|[\w.]+\([^()\n]*\))\s*\z"
# A command in a line of its own, which a colon announced, has no word that sentences are made with.
_ANNOUNCED = r":[ \t]*\n[ \t]*\n[ \t]*([\p{Ll}$./~]\S*[ \t][^\n]*[^\s:,\n-])\s*\z"
_OF_SENTENCES = (
    r"(?i)(?:^|\s)(?:the|an?|of|is|are|was|be|to|and|or|in|on|at|for|with|that|this|these|it|its|as|by|from|not|can|will|"
    r"which|has|have|if|when|you|your|we|they)(?:\s|$)"
)
# Nor does a sentence end in a key or a password: a run of letters of both cases and figures that change all the time.
_DRAWN = r"(\S{9,})\s*\z"
_RUNS, _CHANGING, _FEWEST_FIGURES = r"[A-Z]+|[a-z]+|[0-9]+|[^A-Za-z0-9]+", 0.4, 2
_KIND = r"^\W*(\w+\W+\w+)"  # the first words of a prompt
LAST_WORD = r"(\S+)\s*\z"

HANGS = ("clause", *HANGING)
FLAGS = ("may_be_cut", "is_name", "bracketed", "given", "trailing", "marked", "left_open", "blank", *HANGS)
ENDS = (*FLAGS, "ends_words", "begins_kind", *TAILS, *LAYOUTS, *FRAMES)
"""What `ends_of_rows` tells."""


def ends_of_rows(prompts: pl.Series, answers: pl.Series) -> pl.DataFrame:
    """Describe how answers end.

    Parameters
    ----------
    prompts, answers : pl.Series of String
        One of each per row, without nulls.

    Returns
    -------
    pl.DataFrame
        In the order of the rows, without nulls: `FLAGS`, UInt8 (1: it is so), of which `may_be_cut` leaves out what is
        closed or whole for sure, `is_name` and `bracketed` are of few words, `given` tells a name that the prompt gave,
        `left_open` what ends within a block of code, of JSON or a row of a table, `blank` what holds nothing but dots,
        and `HANGS` signs behind which something must follow; `ends_words: UInt32`;
        `begins_kind: UInt64` (hash of the first words of the prompt; 0 without); and the columns of
        `quality.truncation.elsewhere.tails`, `quality.truncation.layouts.layouts` and
        `quality.truncation.prompt_kinds.prompt_frames`.
    """
    answer, whole = pl.col("answer"), pl.DataFrame([prompts.alias("prompt"), answers.alias("answer")])
    told = whole.with_row_index("row").with_columns(
        words=answer.str.count_matches(r"\S+"),
        trailing=answer.str.contains(TRAILING),
        left_out=answer.str.tail(_LAST_LINES).str.contains(_LEFT_OUT),
        left_open=left_open(answer, pl.col("prompt")),
        marked=holds(answer, MARKED),
        clause=answer.str.contains(CLAUSE),
        **{sign: answer.str.contains(pattern) for sign, pattern in HANGING.items()},
        answer=answer.str.replace(TRAILING, ""),
    )
    told = told.with_columns(last=answer.str.extract(LAST_WORD), early=pl.col("words") <= EARLY)
    sealed, bracketed = pl.col("last").str.contains(SEALED), pl.col("last").str.contains(CLOSED)
    # A bracket or quotation mark alone ends a few words as little as a name does: the pool's other answers tell.
    told = told.with_columns(closed=pl.when("early").then(sealed).otherwise(bracketed))
    closed, open_block = pl.col("closed"), pl.col("left_open")
    # What is closed need not be read further: most answers of most pools.
    unclosed, name = pl.when(~closed).then(answer), pl.when("early").then(answer)
    brief = pl.when("early").then(unclosed)
    given = pl.when(holds(name, _NAME)).then(answer.str.strip_chars())
    formula = (holds(brief, _FORMULA) | is_short_form(pl.col("prompt"), brief)).fill_null(value=False)
    ended = holds(unclosed, f"{_SESSION}|{_RETURNS}|{_SIGNED}|{_ALPHABET}")
    ended = ended | _program(unclosed) | said_in_full(unclosed) | _by_lines(told) | _offered(told) | _drawn(told)
    flags = told.select(
        "trailing",
        "marked",
        may_be_cut=open_block | ~closed & ~(formula | ended | pl.col("left_out")),
        is_name=holds(brief, _NAME) & ~open_block,
        bracketed=pl.col("early") & bracketed & ~open_block,
        given=pl.col("prompt").str.contains(given, literal=True),
        left_open=open_block,
        blank=answer.str.strip_chars_end() == "",
        **{sign: pl.col(sign) & ~closed for sign in HANGS},
    )
    begins = told["prompt"].str.to_lowercase().str.extract(_KIND)
    kind = pl.Series("begins_kind", stable_hash(begins.fill_null("")), dtype=pl.UInt64)
    return pl.concat(
        [
            flags.select(pl.col(FLAGS).fill_null(value=False).cast(pl.UInt8)),
            told.select(ends_words=pl.col("words").cast(pl.UInt32)),
            pl.select(pl.when(begins.is_not_null()).then(kind).otherwise(0).alias("begins_kind")),
            tails(told["answer"]),
            layouts(told["answer"].str.strip_chars_end()),
            prompt_frames(prompts),
        ],
        how="horizontal",
    )


def _program(answer: pl.Expr) -> pl.Expr:
    """Tell the answers that end in a statement, or in a block of one line: a file, a call or a command."""
    end = answer.str.tail(_LAST_LINES)
    stated = holds(pl.when(end.str.contains(";", literal=True)).then(end), _STATEMENT)
    blocks = pl.when(end.str.contains("\n", literal=True)).then(end)
    command = blocks.str.extract(_ANNOUNCED)
    announced = command.is_not_null() & ~holds(command, _OF_SENTENCES)
    return (stated | holds(blocks, _BLOCK) | announced).fill_null(value=False)


def _drawn(told: pl.DataFrame) -> pl.Series:
    """Tell the answers that end in what was drawn, and no word of any sentence."""
    last = pl.col("last")
    some = told.filter(~pl.col("closed")).select("row", pl.col("answer").str.extract(_DRAWN).alias("last"))
    changes = last.str.count_matches(_RUNS) >= _CHANGING * last.str.len_chars()
    both = last.str.contains("[a-z]") & last.str.contains("[A-Z]")
    found = some.drop_nulls().filter(changes & both & (last.str.count_matches("[0-9]") >= _FEWEST_FIGURES))
    return told["row"].is_in(found["row"].implode())


def _by_lines(told: pl.DataFrame) -> pl.Series:
    """Tell the answers of short lines of which hardly one before the last ends in a mark, or begins in mid-sentence."""
    line = pl.col("line")
    some = told.filter(
        ~pl.col("closed") & pl.col("answer").str.contains("\n", literal=True) & ~pl.col("last").is_in(list(NEVER_LAST))
    )
    lines = (
        some.select("row", "words", line=pl.col("answer").str.split("\n"))
        .explode("line", empty_as_null=False, keep_nulls=False)
        .filter(line.str.contains(r"\S"))
        .with_columns(goes_open=line.str.contains(_OPEN_LINE), begun=line.str.contains(_MID_SENTENCE))
    )
    shares = lines.group_by("row").agg(
        pl.len(),
        pl.col("words").first(),
        goes_open=pl.col("goes_open").head(pl.len() - 1).mean(),
        begun=pl.col("begun").mean(),
    )
    brief = pl.col("words") <= _MOST_OF_LINE * pl.col("len")
    open_lines = (pl.col("goes_open") >= _OPEN_SHARE) & (pl.col("begun") <= 1 - _OPEN_SHARE)
    found = shares.filter(brief & open_lines & (pl.col("len") >= _FEWEST_LINES))
    return told["row"].is_in(found["row"].implode())


def _offered(told: pl.DataFrame) -> pl.Series:
    """Tell the answers of a few words that the prompt offers among others."""
    said = pl.col("answer").str.strip_chars()
    brief = told.filter((pl.col("words") <= _MOST_OFFERED) & (said.str.len_chars() <= _LONGEST_OFFERED))
    held = pl.col("prompt").str.to_lowercase().str.contains(said.str.to_lowercase(), literal=True)
    rows = brief.filter(held).select("row", "prompt", "answer")
    found = [row for row, prompt, answer in rows.iter_rows() if re.search(_offering(answer), prompt, re.IGNORECASE)]
    return told["row"].is_in(found)


def _offering(answer: str) -> str:
    return _OFFERED.format(re.escape(answer.strip()))
