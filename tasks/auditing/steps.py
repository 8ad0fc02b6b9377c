"""Prove what a run says of its rows, stage by stage: each step reads the files that its proofs need, and the recipe."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from quality.auditing.again import prove_again
from quality.auditing.audit import Proof, prove
from quality.auditing.budget import prove_budget
from quality.auditing.edits import prove_edits, prove_unedited
from quality.auditing.forms import measured, prove_forms
from quality.auditing.leaks import LeakRules, prove_leaks
from quality.auditing.measures import Asked, prove_measures
from quality.auditing.mending import prove_mended
from quality.auditing.pairs import PairRules, prove_pairs
from quality.auditing.split import prove_sealed, prove_split
from quality.auditing.stages import Measured, prove_screening, prove_stages
from quality.personal.settings import Personal
from quality.records import record_ids
from quality.row_memory import RowMemory
from quality.screening.language import UnknownLanguage
from quality.screening.screen import Screen
from quality.screening.weighing import Weigh
from quality.sources.faults import printable
from quality.splitting import Split
from tasks import run_files, run_settings, runs
from tasks.auditing.contract import prove_contract
from tasks.auditing.reach import run_reached, stopped_at
from tasks.auditing.stopped import prove_not_stopped
from tasks.stop import REASON, STAGE

KEY: dict[str, pl.DataType] = {"id": pl.String(), "origin": pl.String()}
_LINES: dict[str, pl.DataType] = {"domain": pl.String(), "threshold": pl.Float64()}
_DOMAIN = KEY | _LINES | {"score": pl.Float64()}
_DIFFICULTY = KEY | {"perplexity": pl.Float64(), "ifd": pl.Float64()}
_CHOICE = KEY | {"tokens": pl.UInt32()}
DOCUMENTS = KEY | {"group": pl.String()}


@dataclass(frozen=True)
class Rows:
    """The rows of a run, and their receipts."""

    receipts: pl.DataFrame
    train: pl.DataFrame
    validation: pl.DataFrame
    removed: pl.DataFrame
    edits: pl.DataFrame
    memory: RowMemory
    """What was measured of single rows: two proofs measure most of them."""

    @property
    def told(self) -> pl.DataFrame:
        """Return the receipts with “not a number” for measures that lack."""
        return measured(self.receipts)

    @property
    def dataset(self) -> pl.DataFrame:
        """Return the rows that were kept."""
        return pl.concat([self.train, self.validation])

    @property
    def left(self) -> pl.DataFrame:
        """Return the rows that no stage removed: the dataset, or what a stop set aside in its place."""
        aside = self.receipts.filter(pl.col("reason") == REASON).select("id", "origin")
        set_aside = self.removed.join(aside, on=["id", "origin"], how="semi", maintain_order="left")
        return pl.concat([self.dataset, set_aside])

    @property
    def all(self) -> pl.DataFrame:
        """Return the rows that were read."""
        return pl.concat([self.train, self.validation, self.removed])


def rows_of(folder: Path, memory: RowMemory) -> Rows:
    """Read the rows of a run, of which some may have been measured before.

    Raises
    ------
    DamagedRun
        When a file of them can't be read.
    """
    return Rows(
        receipts=run_files.receipts(folder),
        train=run_files.part(folder, "train"),
        validation=run_files.part(folder, "validation"),
        removed=run_files.removed(folder),
        edits=run_files.edits(folder),
        memory=memory,
    )


def _duplicates(folder: Path, rows: Rows) -> list[Proof]:
    asked = run_settings.dedupe_settings(folder)
    sources = run_settings.sources(folder)
    names, by_rows = {printable(source.label) for source in sources}, any(source.named_by for source in sources)
    forms = prove_forms(rows.receipts, rows.all, names, named_by_rows=by_rows)
    proofs = prove(rows.told, rows.dataset, rows.removed, words=asked.words, threshold=asked.threshold)
    return [named_by_content(rows.all), *forms, *proofs]


def _pairs(folder: Path, rows: Rows) -> list[Proof]:
    pairing, meaning = run_settings.pairing_settings(folder), run_settings.meaning_settings(folder)
    asked = (meaning.words, meaning.prompt_words, meaning.floor, meaning.likeness)
    rules = PairRules(pairing.alike, pairing.boilerplate_prompts, *asked, least_words=meaning.least_words)
    return prove_pairs(rows.told, rows.dataset, rows.removed, rules)


def edits(folder: Path, rows: Rows) -> list[Proof]:
    """Prove what was rewritten in rows, and that no other holds personal data."""
    asked = run_settings.settings(folder, "personal", Personal)
    told = prove_edits(rows.receipts, rows.all, rows.edits, asked)
    return [*told, prove_unedited(rows.all, rows.edits, asked)]


def leaks(folder: Path, rows: Rows) -> list[Proof]:
    """Prove that the rows were kept clear of the exam."""
    reserve, asked = run_files.reserve(folder), run_settings.decontaminate_settings(folder)
    rules = LeakRules(**{name: getattr(asked, name) for name in LeakRules.__annotations__})
    proofs = prove_leaks(rows.receipts, rows.left, rows.removed, reserve, rules)
    if not runs.is_stopped(folder):
        return proofs
    return [replace(proof, claim=proof.claim.replace("no row of the dataset", "no row set aside")) for proof in proofs]


def _measures(folder: Path, rows: Rows) -> list[Proof]:
    pairing, leaking = run_settings.pairing_settings(folder), run_settings.decontaminate_settings(folder)
    meaning = run_files.attribute(folder, "meaning_facts", {"cosine": pl.Float64()})
    asked = Asked(
        alike=pairing.alike,
        boilerplate_prompts=pairing.boilerplate_prompts,
        grams=leaking.threshold,
        edited=leaking.likeness,
        paraphrase=leaking.paraphrase,
        meaning=None if meaning is None or meaning.height != 1 else meaning.item(),
    )
    return prove_measures(rows.told, rows.dataset, rows.removed, run_files.reserve(folder), asked)


def _budget(folder: Path, rows: Rows) -> list[Proof]:
    asked = run_settings.budget_settings(folder)
    choice = None if asked.tokens is None else run_files.attribute(folder, "choice", _CHOICE)
    return prove_budget(rows.receipts, choice, asked.tokens, asked.quotas)


def _stages(folder: Path, rows: Rows) -> list[Proof]:
    if not run_reached(folder, "screen"):
        return []
    found = Measured(
        screen=run_files.screened(folder),
        skim=run_files.attribute(folder, "skim", _DOMAIN),
        domain=run_files.attribute(folder, "domain", _DOMAIN),
        difficulty=run_files.attribute(folder, "difficulty", _DIFFICULTY, needed=KEY),
        choice=run_files.attribute(folder, "choice", _CHOICE),
    )
    screen, weigh = run_settings.settings(folder, "screen", Screen), run_settings.settings(folder, "weigh", Weigh)
    domain = run_settings.domain_settings(folder)
    told = bool(domain.all_told)
    asked = {
        "domain": told and run_reached(folder, "keep_domain"),
        "difficulty": weigh.asked and run_reached(folder, "weigh"),
        "choice": run_settings.budget_settings(folder).tokens is not None and run_reached(folder, "choose"),
    }
    wrong = [name for name, wanted in asked.items() if (getattr(found, name) is not None) != wanted]
    # Whether words tell enough to skim by, the pool decides.
    wrong += ["skim"] if found.skim is not None and not (told and domain.skim is not None) else []
    measures = Proof.of("each stage that the recipe asks to measure rows did, and no other", len(asked), wrong)
    lines = [] if found.skim is None else [_one_line_each(found.skim, _own_lines(folder, found.skim), "skimmed by")]
    if found.domain is not None:
        lines += [_one_line_each(found.domain, _lines(folder), "held against"), *_nearest(folder, found.domain)]
    return [measures, *lines, *prove_stages(rows.receipts, found, screen, weigh)]


def _one_line_each(scored: pl.DataFrame, known: pl.DataFrame, how: str) -> Proof:
    """Compare the threshold that each row was held against with its domain's: one line for all rows."""
    wrong = scored.join(known, on=[*_LINES], how="anti", maintain_order="left")["origin"]
    return Proof.of(f"every row was {how} the one threshold of its domain", scored.height, wrong)


def _own_lines(folder: Path, skimmed: pl.DataFrame) -> pl.DataFrame:
    """Return the line by which rows were skimmed for each domain of the recipe: that of most of its rows."""
    asked = [*run_settings.domain_settings(folder).all_told]
    counted = skimmed.filter(pl.col("domain").is_in(asked)).group_by(*_LINES).len()
    return counted.sort("len", *_LINES, descending=True).unique("domain", keep="first").select(_LINES.keys())


def _lines(folder: Path) -> pl.DataFrame:
    """Return the domains' thresholds that were found, and those that the recipe sets where they are what it sets."""
    found = run_files.attribute(folder, "domain_facts", _LINES)
    asked = run_settings.domain_settings(folder).all_told
    rows = [] if found is None else found.select(_LINES.keys()).rows()
    right = [(name, line) for name, line in rows if name in asked and asked[name].threshold in (None, line)]
    return pl.DataFrame(right, schema=_LINES, orient="row")


def _nearest(folder: Path, scored: pl.DataFrame) -> list[Proof]:
    """Of several domains, look which comes nearest to each row: where it is cut hangs on that."""
    if len(run_settings.domain_settings(folder).all_told) < 2:
        return []
    each = run_files.attribute(folder, "domain_scores", KEY | {"domain": pl.String(), "score": pl.Float64()})
    known, margin = _lines(folder), pl.col("score") - pl.col("threshold")
    told = scored.clear() if each is None else each.join(known, on="domain", how="inner")
    of_all = pl.col("domain").n_unique().over(*KEY) == known.height
    nearest = told.filter(of_all & (margin == margin.max().over(*KEY)))
    wrong = scored.join(nearest, on=[*_DOMAIN], how="anti", maintain_order="left")["origin"]
    return [Proof.of("every row was judged by the domain that it comes nearest to", scored.height, wrong)]


def _screening(folder: Path, rows: Rows) -> list[Proof]:
    if not run_reached(folder, "screen"):
        return []
    found, asked = run_files.screened(folder), run_settings.settings(folder, "screen", Screen)
    edited = rows.edits["origin"]
    prove = partial(prove_screening, rows.all, edited, found, asked, ends=run_files.ends(folder), memory=rows.memory)
    try:
        return [prove()]
    except UnknownLanguage:  # whoever tells languages is not installed here
        return [prove(tell_languages=False)]


def _again(folder: Path, rows: Rows) -> list[Proof]:
    return prove_again(
        rows.receipts, rows.all, run_settings.dedupe_settings(folder), run_settings.pairing_settings(folder)
    )


def _split(folder: Path, rows: Rows) -> list[Proof]:
    documents = run_files.attribute(folder, "documents", DOCUMENTS)
    asked = run_settings.settings(folder, "split", Split)
    sealed = prove_sealed(rows.receipts, rows.all, run_files.reserve(folder), documents)
    if runs.is_stopped(folder):  # before it split anything
        return sealed
    return [
        *sealed,
        prove_not_stopped(rows.receipts),
        *prove_split(rows.receipts, rows.train, rows.validation, documents, asked),
    ]


def named_by_content(rows: pl.DataFrame) -> Proof:
    """Prove ids, those of edited rows as well: an id of what a row said before would tell of what was replaced."""
    wrong = rows.filter(rows["id"] != record_ids(rows["messages"]))["origin"]
    return Proof.of("every row's id is the hash of its messages as they are now", rows.height, wrong)


def _mended(folder: Path, rows: Rows) -> list[Proof]:
    mended = run_files.mended(folder)
    sources = run_settings.recipe(folder).get("sources", [])
    everywhere = all(source.get("mend", True) for source in sources)
    return [prove_mended(rows.all, mended, rows.edits, everywhere=everywhere)]


def _contract(folder: Path, rows: Rows) -> list[Proof]:
    """Nothing of a run that another stage stopped: its contract was not asked, or is not told."""
    if runs.is_stopped(folder) and stopped_at(runs.manifest(folder)) != STAGE:
        return []
    return prove_contract(folder, rows.left, rows.receipts)


STEPS: Sequence[tuple[str, Callable[[Path, Rows], list[Proof]]]] = (
    ("receipts and duplicates", _duplicates),
    ("prompts and answers", _pairs),
    ("what was mended", _mended),
    ("edits", edits),
    ("leaks", leaks),
    ("scores", _measures),
    ("the budget", _budget),
    ("what stages measured", _stages),
    ("screening", _screening),
    ("the texts", _again),
    ("the split", _split),
    ("the contract", _contract),
)
"""What is proven, and the step that proves it; it raises `DamagedRun` when a file that it needs can't be read."""
