"""Read finished runs: a row's life, and the differences of two runs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from quality.leaks.given_away import given_away
from quality.receipts import books
from quality.records import answer_text, prompt_text
from quality.screening.blame import blamed_in
from quality.screening.settings import Screen
from tasks import domain_told, run_files, run_settings, runs, unread_rows
from tasks.differing_settings import NOT_SET, differing
from tasks.reporting.text import counted
from tasks.row_search import Way, holding
from tasks.training.general_settings import BESIDE

MOST_LIVES = 20
MOST_MATCHES = 10  # rows told that hold the same words
_SHORTEST_ID = 5  # characters that name a row
_DIGEST = 12  # characters of a digest that tell two apart
_BY_WORDS = ("same_question", "shared_ngrams", "lightly_edited")  # leaks that a passage tells


class Said(NamedTuple):
    """What a row says, in its two halves; of several turns all but the last answer are the prompt."""

    prompt: str = ""
    answer: str = ""


_NOTHING = Said()


@dataclass(frozen=True)
class Life:
    """A row's receipt with what it says, what its witness says, and in a few words what was edited in it.

    `nearest` is the domain that a row outside of several came nearest to, `scored` how the domain filter scored one
    that was kept, `blamed` what a screened row gave itself away by (in an `earlier` answer than its last), or a leak
    its item, `general` what became of a row that was drawn as general text, `unread` what was wrong with one that could
    not be read.
    """

    receipt: dict[str, Any]
    said: Said
    witness_origin: str = ""
    witness: Said = _NOTHING
    edited: str = ""
    nearest: str = ""
    scored: str = ""
    blamed: str = ""
    earlier: bool = False
    general: str = ""
    unread: str = ""


@dataclass(frozen=True)
class Found:
    """Rows that were asked for, how many there are in all, and how they hold the words where those alone found them.

    `unread` says why the run's general rows could not be looked through.
    """

    lives: list[Life]
    rows: int
    way: Way | None = None
    unread: str = ""


class Move(NamedTuple):
    """How many rows went from one fate to another, and where one of them stands in the second run."""

    was: str
    now: str
    rows: int
    example: str


@dataclass(frozen=True)
class Differences:
    """Two runs side by side: facts and the recipe's settings that differ (name, first, second), and rows that moved."""

    facts: list[tuple[str, str, str]]
    settings: list[tuple[str, str, str]]
    new: int
    gone: int
    moved: list[Move]


def lives(folder: Path, row: str) -> list[Life]:
    """Return the lives of the rows that `find_lives` finds."""
    return find_lives(folder, row).lives


def find_lives(folder: Path, row: str) -> Found:
    """Find the rows whose id begins with `row` (of five letters or more), or whose origin is that, or ends with it.

    Where there is none, those of the longest origin that `row` ends with, as a path seen from elsewhere does, then what
    could not be read and took that line along. Where there is none of these either, those whose prompt or answer holds
    it (`tasks.row_search`), the shortest first, of which `MOST_MATCHES` are told at most; of the others `MOST_LIVES`.

    Raises
    ------
    ValueError
        When the run has no such row, or none is named.
    DamagedRun
        When what is asked for can't be read; general rows only where the pool has no such row.
    """
    if not row.strip():
        raise ValueError(
            "No row is named. Give an id, its beginning, or file:line, as receipts and reports tell them, or words of "
            "the row."
        )
    ledger, rows = run_files.receipts(folder), [run_files.dataset(folder), run_files.removed(folder)]
    general, damage = _general(folder)
    if general is not None:
        beside = pl.col("origin").str.starts_with(BESIDE)  # the others are rows of the pool
        ledger = pl.concat([ledger, general["receipts"].filter(beside)])
        rows += [general[part].filter(beside) for part in ("train", "validation", "removed")]
    found = _named(ledger, row)
    if found.is_empty():
        found = unread_rows.took_along(folder, ledger, row)
    read = pl.concat(rows)
    texts = read.select("id", "origin", "messages", prompt=prompt_text(read), answer=answer_text(read))
    way = None
    if found.is_empty():
        rows_holding, way = holding(texts, row)
        found = rows_holding.join(ledger, on=["id", "origin"], how="inner", maintain_order="left")
        found = found.select(ledger.columns)
    if found.is_empty() and damage is not None:
        raise damage
    if found.is_empty():
        raise ValueError(
            f"The run {folder.name} has no row “{row}”. Give an id, its beginning, file:line, or words that stand in "
            "its prompt or in its answer."
        )
    told = found.head(MOST_MATCHES if way else MOST_LIVES)
    lives = _lives(folder, told, texts, None if general is None else general["edits"])
    if general is not None:
        training = runs.manifest(folder).get("training")
        replayed = isinstance(training, dict) and bool(training.get("replayed_tokens"))
        drawn = dict(zip(general["receipts"]["origin"], general["receipts"].iter_rows(named=True), strict=True))
        lives = [
            replace(life, general=_as_general(drawn.get(life.receipt["origin"]), replayed=replayed)) for life in lives
        ]
    return Found(lives, found.height, way, "" if damage is None else str(damage))


def _general(folder: Path) -> tuple[dict[str, pl.DataFrame] | None, runs.DamagedRun | None]:
    """Read the general rows of a run, or what is wrong with them: the rows of the pool need none of it."""
    try:
        return run_files.general(folder), None
    except runs.DamagedRun as error:
        return None, error


def _named(ledger: pl.DataFrame, row: str) -> pl.DataFrame:
    """Return the receipts of the rows that an id, its beginning, an origin or a path to one names."""
    origin = pl.col("origin")
    # A shorter beginning is as likely a year or a word: “1989”, “bad”.
    begun = pl.col("id").str.starts_with(row) & (len(row) >= _SHORTEST_ID)
    found = ledger.filter(begun | origin.is_in([row, f"{BESIDE}{row}"]) | origin.str.ends_with(f"/{row}"))
    if found.height:
        return found
    place = origin.str.strip_prefix(BESIDE)
    # The base's own answers have numbers for places, which words end with as well: “open 24/7”.
    longer = ledger.filter(pl.lit(row).str.ends_with(pl.format("/{}", place)), place.str.contains(":", literal=True))
    return longer.filter(place.str.len_chars() == place.str.len_chars().max())


def _as_general(receipt: Mapping[str, Any] | None, *, replayed: bool) -> str:
    """Say what became of a general row."""
    if receipt is None:
        return ""
    if receipt["fate"] != "kept":
        return f"left out of it at stage {receipt['stage']}: {receipt['reason']}"
    if receipt["reason"] == "train":
        return "to replay while training" if replayed else "to replay while training, but this training replayed none"
    return "held back to measure forgetting on"


def _lives(folder: Path, found: pl.DataFrame, texts: pl.DataFrame, beside: pl.DataFrame | None) -> list[Life]:
    edits = _edits(folder, beside)
    lives = [_life(receipt, texts, folder) for receipt in found.iter_rows(named=True)]
    unread = unread_rows.details(folder) if found["id"].has_nulls() else {}
    lives = [replace(one, unread=unread.get((one.receipt["origin"], one.receipt["reason"]), "")) for one in lives]
    nearest = domain_told.nearest(folder) if "keep_domain" in found["stage"] else {}
    scored = domain_told.scored(folder) if "kept" in found["fate"] else {}
    told = ((life, life.receipt["origin"], life.receipt["stage"], life.receipt["fate"]) for life in lives)
    return [
        replace(
            life,
            edited=edits.get(origin, ""),
            nearest=nearest.get(origin, "") if stage == "keep_domain" else "",
            scored=scored.get(origin, "") if fate == "kept" else "",
        )
        for life, origin, stage, fate in told
    ]


def differences(before: Path, after: Path) -> Differences:
    """Compare two runs by their manifests, receipts and verdicts; a row is the same wherever it stands in its file.

    A row in which one run masked what the other did not says something else, and is another row.
    """
    one, other = run_files.receipts(before), run_files.receipts(after)
    origins = _ends(other, "now").with_columns(other["origin"])
    pairs = _ends(one, "was").join(origins, on=["row", "turn"], how="full", coalesce=True)
    both = pairs.drop_nulls(["was", "now"]).filter(pl.col("was") != pl.col("now"))
    moved = both.group_by("was", "now").agg(rows=pl.len(), example=pl.col("origin").min())
    return Differences(
        facts=_facts(before, after, one, other),
        settings=differing(run_settings.recipe(before), run_settings.recipe(after)),
        new=pairs.filter(pl.col("was").is_null()).height,
        gone=pairs.filter(pl.col("now").is_null()).height,
        moved=[Move(*row) for row in moved.sort(-pl.col("rows").cast(pl.Int64), "was", "now").iter_rows()],
    )


def _ends(receipts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Name each row by its content, unreadable ones by their place, and tell equal rows apart by their order."""
    return receipts.select(
        pl.coalesce("id", "origin").alias("row"),
        pl.format("{} ({}: {})", "fate", "stage", "reason").alias(name),
    ).with_columns(turn=pl.int_range(pl.len()).over("row"))


def _life(receipt: dict[str, Any], texts: pl.DataFrame, folder: Path) -> Life:
    own = texts.filter(pl.col("origin") == receipt["origin"]).head(1)
    said = _said(own)
    if receipt["stage"] == "screen" and own.height:
        settings = run_settings.settings(folder, "screen", Screen)
        words, earlier = blamed_in(own, receipt["reason"], settings)
        return Life(receipt, said, blamed=words, earlier=earlier)
    if receipt["witness"] is None:
        return Life(receipt, said)
    if receipt["witness"] == receipt["id"] and receipt["stage"] == "seal_exam":
        return Life(receipt, said, "the row itself, which is an item of the exam")
    witness = texts.filter((pl.col("id") == receipt["witness"]) & (pl.col("origin") != receipt["origin"])).head(1)
    if not witness.is_empty():
        return Life(receipt, said, witness["origin"][0], _said(witness))
    item = run_files.reserve(folder).filter(pl.col("item") == receipt["witness"]).head(1)
    if not item.is_empty():
        asked = _said(item.select(prompt="question", answer="answer"))
        passage = given_away(said, asked) if receipt["reason"] in _BY_WORDS else ""
        return Life(receipt, said, "row of the exam", asked, blamed=passage)
    return Life(receipt, said)


def _said(rows: pl.DataFrame) -> Said:
    """Read what the first of some rows says; a row that could not be read says nothing."""
    return Said(*(text or "" for text in rows.select(Said._fields).row(0))) if rows.height else _NOTHING


def _edits(folder: Path, beside: pl.DataFrame | None) -> dict[str, str]:
    """Say by origin what was mended in a row while it was read, and replaced since; `beside` is of general rows."""
    mended = run_files.mended(folder)
    told = {} if mended is None else {line["origin"]: _mending(line) for line in mended.iter_rows(named=True)}
    replaced = run_files.edits(folder)
    for edit in (replaced if beside is None else pl.concat([replaced, beside])).iter_rows(named=True):
        since = f"{edit['stage']}: {edit['replaced']:,} replaced ({', '.join(edit['kinds'])})"
        told[edit["origin"]] = "; ".join(filter(None, [told.get(edit["origin"], ""), since]))
    return told


def _mending(line: dict[str, Any]) -> str:
    read = f"{counted(line['entities'], 'character')} read where entities stood" if line["entities"] else ""
    taken = f"{counted(line['marks'], 'pair')} of a wiki's marks taken out" if line["marks"] else ""
    return f"ingest: {', '.join(filter(None, [read, taken]))}"


def _facts(before: Path, after: Path, one: pl.DataFrame, other: pl.DataFrame) -> list[tuple[str, str, str]]:
    manifests = runs.manifest(before), runs.manifest(after)
    facts = [(key, str(manifests[0].get(key)), str(manifests[1].get(key))) for key in ("state", "reason", "started")]
    digests = [runs.digests(manifest) for manifest in manifests]
    for name in ("code", "base", "embedder", "general"):  # told where they differ alone
        first, second = (told.get(name, NOT_SET)[:_DIGEST] for told in digests)
        facts += [(f"{name} (digest)", first, second)] if first != second else []
    counts = books(one), books(other)
    facts += [(f"rows {key}", f"{counts[0][key]:,}", f"{counts[1][key]:,}") for key in counts[0]]
    verdicts = _changes(before), _changes(after)
    for suite in dict.fromkeys([*verdicts[0], *verdicts[1]]):
        facts.append((suite, verdicts[0].get(suite, "–"), verdicts[1].get(suite, "–")))
    return facts


def _changes(folder: Path) -> dict[str, str]:
    verdict = run_files.verdict(folder)
    if verdict is None:
        return {}
    told = {line.suite: f"{line.mean:+z.4f} ({line.status})" for line in (verdict.gain, *verdict.retention)}
    for name, standing in (("champion", verdict.champion), ("original base", verdict.original)):
        if standing is not None:
            decision = standing.verdict.decision if standing.verdict else f"not compared: {standing.missing}"
            told[f"beside the {name}"] = f"{decision} ({standing.run})"
    return told
