"""Multiple choice from records: the wrong options are the answers to the most similar other questions."""

import hashlib
import logging
import re

import numpy as np
import numpy.typing as npt
import polars as pl

from evals.items import ITEMS
from evals.suites import Suite, SuiteError, draw, exchanges

logger = logging.getLogger(__name__)

_OPTION_LENGTH = 200  # characters
_SAME = 0.95  # cosine above which two answers say the same
_FORM_WORDS = 2  # the first words of a question tell its form: "what is", "how can"
_SENTENCE_END = re.compile(r"[.!?。！？](?=\s|$)|\n")


def choice_items(
    records: pl.DataFrame,
    embeddings: npt.NDArray[np.float32],
    *,
    suite: Suite,
    n_options: int = 4,
    limit: int | None = None,
    seed: int = 0,
) -> pl.DataFrame:
    """Make multiple-choice items whose wrong options are *siblings* of the right one.

    Wrong options are the answers of the most similar rows of other groups. Rows whose question has the same
    form and whose answer is about as long come first, so that neither grammar nor length gives the right one
    away. An answer that says the same (equal text, or cosine above .95) is never a wrong option.

    Parameters
    ----------
    records
        Columns `id`, `messages` and `group` (null for none); only rows in it lend wrong options.
    embeddings
        (n_records, dim) embeddings of the answers, in the order of `records`.
    suite
        The suite that the items belong to.
    n_options
        Options of an item, the right one included.
    limit
        Most items; the suite's own limit when left out.
    seed
        Seed of the draw and of the right option's place.

    Returns
    -------
    pl.DataFrame
        Schema `evals.items.ITEMS`. Rows with too few siblings make no item.
    """
    if suite.kind != "choice":
        raise SuiteError(f"The suite “{suite.name}” is of kind {suite.kind}, and these would be choice items.")
    if len(embeddings) != records.height:
        raise ValueError(f"There are {records.height} records but {len(embeddings)} embeddings of their answers.")
    if n_options < 2:
        raise ValueError(f"A multiple-choice item needs at least 2 options, not {n_options}.")
    places = records.select("id").with_row_index("position").unique("id", keep="first")
    rows = exchanges(records).join(places, on="id", how="left", maintain_order="left")
    pool = _Pool(rows, embeddings)
    made: list[tuple[object, ...]] = []
    alone = 0
    wanted = limit or suite.limit or rows.height
    for place in draw(rows.with_row_index("place"), None, seed)["place"]:
        if len(made) == wanted:
            break
        siblings = pool.siblings(place, n_options - 1)
        if len(siblings) < n_options - 1:
            alone += 1
            continue
        made.append(_item(rows, pool, place, siblings, suite, seed))
    if alone:
        logger.info("Suite %s: %d rows have fewer than %d siblings.", suite.name, alone, n_options - 1)
    return pl.DataFrame(made, schema=ITEMS, orient="row")


def first_sentences(text: str, length: int = _OPTION_LENGTH) -> str:
    """Return the whole sentences that fit in `length` characters; of a longer first one, whole words."""
    text = text.strip()
    if len(text) <= length:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text[: length + 1]) if match.end() <= length]
    if ends:
        return text[: ends[-1]].strip()
    words = text[:length].rsplit(None, 1)
    return words[0].strip()


class _Pool:
    """Answers that can stand beside each other, and what is known of them."""

    def __init__(self, rows: pl.DataFrame, embeddings: npt.NDArray[np.float32]) -> None:
        vectors = embeddings[rows["position"].to_numpy()].astype(np.float32)
        self.vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        self.options = [first_sentences(text) for text in rows["target"]]
        self.lengths = np.array([len(option) for option in self.options])
        _, self.texts = np.unique([_folded(option) for option in self.options], return_inverse=True)
        clusters = rows.select(pl.coalesce("group", "id"))["group"].to_numpy()
        _, self.clusters = np.unique(clusters, return_inverse=True)
        _, self.forms = np.unique([_form(prompt[-1]["content"]) for prompt in rows["prompt"]], return_inverse=True)

    def siblings(self, place: int, count: int) -> list[int]:
        """Return the places of the wrong options for a row, the most similar first."""
        near = self.vectors @ self.vectors[place]
        usable = (self.clusters != self.clusters[place]) & (self.texts != self.texts[place]) & (near <= _SAME)
        ratio = self.lengths / self.lengths[place]
        alike = (self.forms == self.forms[place]).astype(int) * 2 + ((ratio >= 0.5) & (ratio <= 2))
        chosen: list[int] = []
        for other in np.lexsort((-near, -alike)):
            if usable[other] and self._differs(int(other), chosen):
                chosen.append(int(other))
            if len(chosen) == count:
                break
        return chosen

    def _differs(self, place: int, chosen: list[int]) -> bool:
        """Say whether an answer differs from all chosen ones: the same one twice would narrow the choice."""
        if not chosen:
            return True
        if np.isin(self.texts[place], self.texts[chosen]):
            return False
        return bool((self.vectors[chosen] @ self.vectors[place]).max() <= _SAME)


def _item(
    rows: pl.DataFrame, pool: _Pool, place: int, siblings: list[int], suite: Suite, seed: int
) -> tuple[object, ...]:
    row = rows.row(place, named=True)
    item = f"{suite.name}/{row['id']}"
    shuffled = sorted(siblings, key=lambda other: _hash(seed, item, rows["id"][other]))
    options = [pool.options[other] for other in shuffled]
    right = _hash(seed, item, "right") % (len(siblings) + 1)
    options.insert(right, pool.options[place])
    cluster = row["id"] if row["group"] is None else row["group"]
    return suite.name, suite.role, "choice", item, cluster, row["prompt"], pool.options[place], options, right


def _hash(*parts: object) -> int:
    text = ":".join(map(str, parts)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def _form(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower())[:_FORM_WORDS])


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
