"""Drop rows that give an exam item away: its question, its words, or its meaning; the item is the witness."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from quality.embedding import Embedder
from quality.leaks.decontaminate import Decontaminate, leaks
from quality.leaks.paraphrases import Items, Meanings, Said
from quality.lsh.shingles import stable_hash
from quality.preambles import about, without_preambles
from quality.records import answer_text, prompt_text
from quality.texts.normalise import fold
from quality.texts.words import size_in_words
from tasks import cards, store
from tasks.caching import step
from tasks.exams import SealedExam
from tasks.fates import removed, tell
from tasks.keep_domain import embed_each, loaded
from tasks.models import ModelFiles
from tasks.pool import Pool, ensure_rows
from tasks.reporting.text import counted

_WAYS = ("question", "words", "meaning")


@step(name="decontaminate")
def decontaminate(pool: Pool, exam: SealedExam, settings: Decontaminate, embedder: ModelFiles | None = None) -> Pool:
    """Return the pool without rows that leak an item of any suite of the exam, or a row of its files.

    Without an embedder, or with a threshold of 1, paraphrases are not looked for. How every suite was checked is kept
    as the attribute `decontaminated` (`suite, items, checked, question, words, meaning, common`, counted in items):
    `checked` are the items with any text that could be looked for, the next three say by what; `common` are those whose
    text many rows hold as part of a template, so that only copies of it were dropped. The attribute `unsure` (`item,
    suite`) names the items that could not be looked for, and the `common` ones: rows that were kept may give them away.
    """
    rows = pool.left()
    reserve = store.read_table(exam.reserve)
    prompts, answers = prompt_text(rows), answer_text(rows)
    meanings = None
    if embedder is not None and settings.paraphrase < 1:
        meanings = _meanings(rows, pool.preambles(), reserve, embedder)
    found, common = leaks(prompts, answers, reserve, settings, meanings)
    fates = removed(rows, found.rename({"item": "witness"}), stage="decontaminate")
    tell(fates, left=rows.height)
    looked = _looked(store.read_table(exam.items), reserve, settings, common, by_meaning=meanings is not None)
    checked = _checked(looked)
    _tell_limits(checked)
    kept = pool.with_fates(fates, decontaminated=checked, unsure=_unsure(looked))
    return ensure_rows(kept, "decontaminate", "The exam and the pool are the same rows.")


def _meanings(rows: pl.DataFrame, preambles: pl.DataFrame, reserve: pl.DataFrame, embedder: ModelFiles) -> Meanings:
    """Embed rows and items as a whole, and what items ask and answer; of rows, only where it is wanted.

    A system message that many rows share is left out, as it is of items: an embedder might see nothing else of a row.
    """
    model, whole = loaded(embedder), about(rows, preambles)
    rows = without_preambles(rows, preambles)
    prompts, answers = prompt_text(rows), answer_text(rows)
    both = pl.concat_str("question", "answer", separator="\n", ignore_nulls=True)
    texts = [whole, reserve.select(both).to_series(), reserve["question"], reserve["answer"]]
    spoken, items, questions, replies = _spoken(texts, model)

    def said(texts: pl.Series) -> Callable[[np.ndarray], np.ndarray]:
        return lambda places: _spoken([texts.gather(places)], model)[0]

    longer = (answers.str.len_chars() >= prompts.str.len_chars()).fill_null(value=False).to_numpy()
    keys = stable_hash(pl.select(pl.concat_str(prompts, answers, separator="\n", ignore_nulls=True)).to_series())
    return Meanings(Said(spoken, said(prompts), said(answers), longer, keys), Items(items, questions, replies))


def _spoken(texts: Sequence[pl.Series], embedder: Embedder) -> list[np.ndarray]:
    """Embed texts; one that is empty has no meaning."""
    said = [each.fill_null("") for each in texts]
    return [_without_silence(*each) for each in zip(said, embed_each(said, embedder), strict=True)]


def _without_silence(texts: pl.Series, vectors: np.ndarray) -> np.ndarray:
    silent = (texts.str.strip_chars() == "").to_numpy()
    return np.where(silent[:, None], np.float32(0), vectors)


def _tell_limits(checked: pl.DataFrame) -> None:
    """Say of which items no leak, or none but copies, could be found."""
    for suite, items, seen, common in checked.select("suite", "items", "checked", "common").iter_rows():
        if seen < items:
            whole = counted(items, "item")
            cards.say(f"{suite}: {items - seen:,} of {whole} could not be checked against the training rows")
        if common:
            cards.say(
                f"{suite}: much of the text of {common:,} of {counted(items, 'item')} stands in many rows; "
                "those that copy nearly all of it were dropped, those that share part of it kept"
            )


def _checked(looked: pl.DataFrame) -> pl.DataFrame:
    """Count, suite by suite, the items whose texts stood in the reserve, and by what they could be looked for."""
    return looked.group_by("suite", maintain_order=True).agg(
        items=pl.len(), checked=pl.any_horizontal(_WAYS).sum(), **{way: pl.col(way).sum() for way in (*_WAYS, "common")}
    )


def _unsure(looked: pl.DataFrame) -> pl.DataFrame:
    """Name the items that a row which was kept may give away."""
    return looked.filter(pl.col("common") | ~pl.any_horizontal(_WAYS)).select("item", "suite")


def _looked(
    items: pl.DataFrame, reserve: pl.DataFrame, settings: Decontaminate, common: pl.Series, *, by_meaning: bool
) -> pl.DataFrame:
    """Tell of every item by what it could be looked for, and whether it is common: `suite, item`, and Booleans."""
    words = [size_in_words(fold(pl.col(field).fill_null(""))) for field in ("question", "answer")]
    asked = words[0] > 0
    long_enough = (words[0] >= min(settings.short_question, settings.words)) | (words[1] >= settings.words)
    meant = pl.lit(by_meaning and settings.paraphrase < 1) & (words[1] > 0)
    looked = items.select("suite", "item").join(
        reserve.select(
            "item", question=asked, words=long_enough, meaning=meant, common=pl.col("item").is_in(common.implode())
        ),
        on="item",
        how="left",
    )
    return looked.with_columns(pl.col(*_WAYS, "common").fill_null(value=False))
