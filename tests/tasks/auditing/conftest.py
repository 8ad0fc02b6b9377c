"""A run with every kind of receipt, made by the steps themselves; where a step takes a model, its scores are made up."""

import contextlib
import copy
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from safetensors.numpy import save_file

from evals.divergence import DIVERGENCES
from evals.items import SCORES, digest
from evals.judging import judge
from evals.recall import recalled
from evals.suites import Suite
from evals.verdict import Gate, Verdict
from quality.choosing.budget import Budget, choose_rows
from quality.contracts import Contract
from quality.duplicates.asked_again import Pairing
from quality.leaks.decontaminate import Decontaminate
from quality.neardup import NearDup
from quality.personal import Personal
from quality.receipts import books, books_told
from quality.records import MESSAGE, QUARANTINED, RECORDS, record_ids
from quality.row_memory import RowMemory
from quality.screening.screen import Screen
from quality.screening.weighing import Weigh, beyond
from quality.splitting import Split
from tasks import dataset_card, exams, probing, runs, store
from tasks.check import Pinned
from tasks.compare_answers import compare_answers
from tasks.decontaminate import decontaminate
from tasks.dedupe import dedupe
from tasks.examine import Scores
from tasks.fates import removed
from tasks.general import GeneralText, gather_general, read_apart, rest_for
from tasks.models import ModelFiles
from tasks.outcome import OF_DECISION, key_of
from tasks.pool import EmptyPool, Pool, ensure_rows
from tasks.probe import Probed
from tasks.protect import protect
from tasks.publish import write_data, write_receipts, write_verdict
from tasks.row_files import write_general
from tasks.screen import screen
from tasks.seal_exam import seal_exam
from tasks.split import Data, split
from tasks.stop import evidence
from tasks.trace import NEAREST, Traced
from tasks.training.result import Step, curve
from tasks.training.schedule import learning_rate
from tasks.training.settings import Tune
from tasks.validate import ContractBroken, validate

RECIPE: dict[str, Any] = {
    "name": "garden",
    "sources": [{"path": "pool.jsonl"}, {"path": "more.jsonl"}],
    "curate": {
        "screen": {"most_words": 60, "most_cut_off": 1.0},
        "domain": {"description": "gardens", "also": {"herbs": {"description": "herbs", "threshold": 0.02}}},
        "weigh": {"most_perplexity": 50.0, "least_ifd": 0.1},
        "contract": {"min_rows": 10},
        "budget": {"tokens": 1200, "by": "longest", "quotas": {"more": 0.1}},
        "split": {"validation_share": 0.2},
    },
    "exam": {
        "retention": ["prose.jsonl"],
        "domain_items": 7,
        "choice_items": 0,
        "retention_items": 6,
        "largest_share": 0.2,
        "seed": 1,
    },
    "model": {"base": "package:a_base", "embedder": "package:an_embedder"},
    "tune": {
        "rank": 4,
        "learning_rate": 0.001,
        "token_budget": 400,
        "batch_tokens": 120,
        "validate_every_steps": 1,
        "general": {"sources": [{"path": "general.jsonl"}], "rest": True},
    },
    "gate": {"margin": 0.5, "examine": "until-decided"},
}

BASE = ModelFiles(reference="none", folder="none", content="none")  # so small a pool has nothing read again
WEIGHTS = "adapter_model.safetensors"
_GAINS = (pl.int_range(pl.len()) % 3 + 1).cast(pl.Float64)  # of the candidate, in tenths
Row = tuple[str, str, str | None]


def _rows() -> list[Row]:
    """Prompt, answer and document of each row: forty plain ones, and some that each stage removes."""
    chance = random.Random(3)
    letters = "abcdefghijklmnopqrstuvwxyz"
    word = lambda: "".join(chance.choices(letters, k=6))  # noqa: E731
    words = lambda count: " ".join(word() for _ in range(count))  # noqa: E731
    plain = [(f"{words(9)}?", f"{words(22)}.", f"document {at // 2}" if at < 8 else None) for at in range(40)]
    asked, said = words(8), words(30).split()
    whole, reply = words(8), words(20).split()
    copied = " ".join("other" if at in (6, 13) else word for at, word in enumerate(reply))
    many = f"{words(8)}."
    one, two = (" ".join([*said[:at], "other", *said[at + 1 :]]) for at in (9, 21))
    return [
        *plain,
        (plain[8][0].upper(), plain[8][1], None),
        (plain[9][0], f"{plain[9][1]} really", None),
        (plain[10][0], plain[10][1].upper(), None),
        (f"{asked} {words(1)}?", f"{one}.", None),  # one row of these two is a semantic duplicate
        (f"{asked} {words(1)}?", f"{two}.", None),
        (f"{whole}?", f"{' '.join(reply)}.", None),  # an answer, a copy with two words changed, and a stump
        (f"{whole}?", f"{copied}.", None),
        (f"{whole}?", " ".join(reply[:9]), None),
        (f"{whole} too?", f"{'-'.join(reply)}.", None),  # a row and its copy without punctuation
        (f"{whole} too", "".join(reply), None),
        (f"{whole} at last?", f"{' '.join(reply[:5])}.", None),  # an answer in short, and in full
        (f"{whole} at last?", f"The {whole} at last is {' '.join(reply[:5])}.", None),
        *((f"{words(7)}?", many, None) for _ in range(6)),  # boilerplate
        (f"{asked} which?", f"{words(9)}.", None),  # a conflict
        (f"{asked} which?", f"{words(9)}.", None),
        *((f"{words(6)}. {question}", f"{words(15)}.", None) for question, _, _ in plain),  # leak what is sealed
        (f"{words(5)}?", " ", None),
        (f"{words(5)}?", words(80), None),
        (f"{words(5)}?", f"{words(9)} write to ada.byron@lovelace-letters.org now.", None),
    ]


def _pool() -> Pool:
    rows = _rows()
    said = pl.Series(
        [[{"role": "user", "content": ask}, {"role": "assistant", "content": answer}] for ask, answer, _ in rows],
        dtype=pl.List(MESSAGE),
    )
    count = len(rows)
    first = count - 12
    records = pl.DataFrame(
        {
            "row": range(count),
            "id": record_ids(said),
            "messages": said,
            "source": ["pool"] * first + ["more"] * (count - first),
            "origin": [f"pool.jsonl:{n + 1}" if n < first else f"more.jsonl:{n - first + 1}" for n in range(count)],
            "group": [document for *_, document in rows],
        },
        schema=RECORDS,
    )
    unread = [
        ("pool", f"pool.jsonl:{count}", "broken_json", "", None),
        ("more", "more.jsonl:13", "no_answer", "", None),
    ]
    return Pool(
        records=store.write_table(records),
        quarantined=store.write_table(pl.DataFrame(unread, schema=QUARANTINED, orient="row")),
    )


def _scored(pool: Pool, seed: int) -> tuple[pl.DataFrame, list[float]]:
    rows = pool.left()
    chance = random.Random(seed)
    return rows, [chance.random() for _ in range(rows.height)]


def _same_meaning(pool: Pool) -> Pool:
    """Take the second of two rows for a copy of the first, as the embedder would."""
    rows = pool.left().with_row_index("at")
    pair = [at for at, said in rows.select("at", "messages").iter_rows() if " other " in said[1]["content"]]
    found = pl.DataFrame(
        {"row": [pair[1]], "witness": [pair[0]], "score": [0.97], "reason": ["semantic_duplicate"], "threshold": [0.9]},
        schema_overrides={"row": pl.UInt32, "witness": pl.UInt32},
    )
    facts = pl.DataFrame({"cosine": [0.9], "false_merges": [0.0], "recall": [1.0]})
    return pool.with_fates(removed(rows, found, stage="dedupe_meaning"), meaning_facts=facts)


def _skimmed(pool: Pool) -> Pool:
    """Leave the row out that is farthest from both domains by its words, and give the others scores."""
    rows, scores = _scored(pool, 3)
    names = ["herbs" if at % 5 == 0 else "domain" for at in range(len(scores))]
    others = rows["messages"].list.last().struct.field("content").str.contains(" other ")
    scores[others.not_().arg_true()[-1]] = -1.0
    table = pl.DataFrame({"score": scores, "threshold": [-0.5] * len(scores), "domain": names})
    far = table.with_row_index("row").filter(pl.col("score") < -0.5).with_columns(reason=pl.lit("out_of_domain"))
    return pool.with_fates(removed(rows, far, stage="skim"), skim=table.with_columns(row=rows["row"]))


def _in_domain(pool: Pool) -> Pool:
    rows, scores = _scored(pool, 1)
    names = ["herbs" if at % 7 == 0 else "domain" for at in range(len(scores))]
    table = pl.DataFrame({"score": scores, "threshold": [0.02] * len(scores), "domain": names})
    others = table.select(
        score=pl.col("score") - 0.01, domain=pl.col("domain").replace({"domain": "herbs", "herbs": "domain"})
    )
    each = pl.concat([part.select("domain", "score").with_columns(row=rows["row"]) for part in (table, others)])
    outside = table.with_row_index("row").filter(pl.col("score") < 0.02).with_columns(reason=pl.lit("out_of_domain"))
    fates = removed(rows, outside, stage="keep_domain")
    facts = pl.DataFrame({"domain": ["domain", "herbs"], "threshold": [0.02] * 2})
    found = {"domain": table.with_columns(row=rows["row"]), "domain_facts": facts, "domain_scores": each}
    return pool.with_fates(fates, **found)


def _weighed(pool: Pool, settings: Weigh) -> Pool:
    rows, scores = _scored(pool, 2)
    table = pl.DataFrame({"perplexity": [52 * score for score in scores], "ifd": [score + 0.06 for score in scores]})
    fates = removed(rows, beyond(table, settings), stage="weigh")
    return pool.with_fates(fates, difficulty=pl.concat([rows.select("row"), table], how="horizontal"))


def _chosen(pool: Pool, settings: Budget) -> Pool:
    rows = pool.left()
    tokens = rows["messages"].list.eval(pl.element().struct.field("content").str.count_matches(" ")).list.sum()
    candidates = rows.select("row", "id", "source").with_columns(tokens=tokens.cast(pl.UInt32), quality=1.0)
    found = choose_rows(candidates, settings)
    over = found.drop("chosen", "gain").with_row_index("row").filter(~found["chosen"])
    choice = candidates.drop("id", "source").with_columns(found["gain"])
    return pool.with_fates(removed(rows, over, stage="choose"), choice=choice)


def _recipe(*, judged: bool, stop: str) -> dict[str, Any]:
    recipe = copy.deepcopy(RECIPE)
    if not judged:
        del recipe["gate"]
    if stop == "validate":
        recipe["curate"]["contract"] = {"min_rows": 1000}
    if stop == "weigh":
        recipe["curate"]["weigh"] |= {"most_perplexity": 1.0, "least_ifd": 0.99}
    if stop == "screen":
        recipe["curate"]["screen"] |= {"most_words": 4, "least_words": 4}
    return recipe


def _make(*, judged: bool = True, stop: str = "") -> Path:
    """Run the steps of a flow on a small pool and publish what is left, or stop at a stage; return the run's folder."""
    recipe = _recipe(judged=judged and not stop, stop=stop)
    asked = recipe["curate"]
    stops = contextlib.suppress(ContractBroken, EmptyPool)
    with stops, runs.open_run("garden", yaml.safe_dump(recipe)) as run, evidence(run):
        ingested = Pool(**{**_pool().model_dump(), "records": store.write_table(pl.DataFrame(schema=RECORDS))})
        if stop == "ingest":
            raise EmptyPool("No row is left after the stage “ingest”: none of 2 rows could be read "
                            "(broken_json 1, no_answer 1). The first is.", "ingest", ingested)  # fmt: skip
        pool = screen.fn(_pool(), Screen(**asked["screen"]), BASE)
        pool = dedupe.fn(protect.fn(pool, Personal()), NearDup(), Pairing())
        pool = _in_domain(_same_meaning(_skimmed(pool)))
        sealed, pool = seal_exam.fn(pool, "garden", exams.Exam(**RECIPE["exam"]), (_prose(),), None)  # type: ignore[arg-type]
        pool = decontaminate.fn(pool, sealed, Decontaminate())
        pool = compare_answers.fn(pool, Pairing())
        pool = ensure_rows(_weighed(pool, Weigh(**asked["weigh"])), "weigh", "Loosen the thresholds of curate.weigh.")
        pool = _chosen(pool, Budget(**asked["budget"]))
        contract = validate.fn(pool, Contract(**asked["contract"]), sealed)
        data = split.fn(pool, Split(**asked["split"]))
        ledger = write_receipts(pool, data)
        facts = write_data(run, ledger, pool, data, contract, sealed)
        (run.folder / "report.html").write_bytes(b"shown")
        if not judged:
            run.commit(state="Curated", reason=books_told(books(ledger)), facts=facts)
        else:
            items = store.read_table(sealed.items)
            _probe(run, items, pool, store.read_table(data.train))
            facts["digests"] |= write_general(run, _general(pool, sealed, data))
            _judge(run, facts, items)
    return run.folder


def _prose() -> exams.PinnedSuite:
    """Pin a retention suite of a file beside the home."""
    file = store.home().parent / "prose.jsonl"
    rows = [{"question": f"Who wrote letter {n}?", "answer": f"Nobody knows of letter {n}."} for n in range(9)]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return exams.PinnedSuite(
        suite=Suite(name="prose", role="retention", kind="completion", source={"path": str(file)}), content="x"
    )


def _general(pool: Pool, sealed: exams.SealedExam, data: Data) -> GeneralText | None:
    """Gather the pool's rest and rows of a file: one gives an exam item away, one holds personal data.

    The file has the name of the pool's, whose rows say something else.
    """
    file = store.home().parent / "pool.jsonl"
    plain = [(f"What is made of {thing}?", f"Of {thing} a potter makes what is asked for in {thing} lands.")
             for thing in ("clay", "loam", "slip", "sand", "ash", "bone", "flint", "chalk", "stone", "glaze")]  # fmt: skip
    asked = store.read_table(sealed.reserve).filter(pl.col("question").str.len_chars() > 60)
    secret = ("Whom do I ask?", "Write to ada.byron@lovelace-letters.org for an answer.")
    rows = [*plain, asked.select("question", "answer").row(0), secret]
    file.write_text("\n".join(json.dumps({"question": one, "answer": two}) for one, two in rows), encoding="utf-8")
    tune = Tune(**RECIPE["tune"] | {"general": {"sources": [{"path": str(file)}], "rest": True}})
    pinned = Pinned(sources=tune.general.sources, base=str(file.parent), content="x")
    rest = rest_for(tune.general, pool)
    wide = read_apart(tune.general, pinned, data, Personal())
    return gather_general.fn(tune.general, wide, rest, sealed, Personal(), Decontaminate(), BASE, None)  # type: ignore[arg-type]


def _judge(run: runs.Run, facts: dict[str, Any], items: pl.DataFrame) -> None:
    asked = items.select("suite", "role", "item", "cluster")
    tables = [
        store.write_table(asked.with_columns(model=pl.lit(model), score=gain * _GAINS - 2.0).cast(pl.Schema(SCORES)))
        for model, gain in (("base", 0.0), ("candidate", 0.1))
    ]
    answers = store.write_table(pl.DataFrame(schema={"item": pl.String, "answer": pl.String}))
    before, after = (Scores(scores=table, answers=answers) for table in tables)
    verdict = judge(pl.concat([store.read_table(table) for table in tables]), Gate(**RECIPE["gate"]))
    write_verdict(run, before, after, verdict)
    adapter = store.write_folder("adapters", _adapter)
    store.copy_folder(store.locate(adapter), run.folder / "adapter")
    store.write_text(run.folder / "adapter" / store.CARD, "# A card\n")
    facts["training"] = _trained(run.folder)
    facts["digests"] |= {"adapter": adapter.digest, "scores": store.value_digest([before, after])}
    facts |= {"decision": verdict.decision, "outcome": key_of(facts["digests"], verdict)}
    run.commit(state=OF_DECISION[verdict.decision], reason=verdict.reason, facts=facts)


def _probe(run: runs.Run, items: pl.DataFrame, pool: Pool, train: pl.DataFrame) -> None:
    """Write what was looked at beside the verdict: two items of the prose asked again, one of them lost."""
    told = items.select("suite", "role", "item", "cluster").with_columns(
        tokens=7, nats=0.1, base=-2.0, candidate=0.1 * _GAINS - 2.0
    )
    made = items.filter(role="retention")[:2].with_columns(
        suite=pl.lit("prose-choice"),
        item=pl.format("prose-choice/{}", pl.col("item").str.split("/").list.last()),
        options=pl.concat_list("target", pl.lit("Everybody."), pl.lit("Ada.")),
    )
    row = {"id": train["id"][0], "origin": train["origin"][0], "source": train["source"][0], "stage": "keep_domain"}
    both = pool.read().select("row", "origin").join(pool.attribute("domain"), on="row")
    score, threshold = both.filter(origin=row["origin"]).select("score", "threshold").row(0)
    near = [
        row | {"item": made["item"][0], "rank": rank, "similarity": 0.5, "score": score, "threshold": threshold}
        for rank in (1, 2, 3)
    ]
    probed = Probed(
        divergence=store.write_table(told.cast(pl.Schema(DIVERGENCES))),
        recalled=store.write_table(recalled(made, [True, True], [0, 0], [2, 0])),
        missing=("code: not asked again, because its texts hold no questions",),
    )
    nearest = store.write_table(pl.DataFrame(near, schema=NEAREST))
    probing.write(run, Traced(probed=probed, nearest=nearest), Gate().alpha)


def _adapter(folder: Path) -> None:
    """Write an adapter as the recipe asks for it; its weights are all one."""
    tune = Tune(**RECIPE["tune"])
    asked = {"base_model_name_or_path": RECIPE["model"]["base"], "r": tune.rank, "lora_alpha": tune.alpha}
    kind = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "target_modules": ["up", "query"], "bias": "none"}
    plain = {"lora_dropout": 0.0, "use_dora": False, "use_rslora": False, "rank_pattern": {}, "revision": None}
    store.write_json(folder / "adapter_config.json", asked | kind | plain)
    layers = ("layers.0.mlp.up", "layers.0.attn.query")
    shapes = {"lora_A.weight": (tune.rank, 3), "lora_B.weight": (5, tune.rank)}
    names = {f"base_model.model.{layer}.{part}": shape for layer in layers for part, shape in shapes.items()}
    save_file({name: np.ones(shape, np.float32) for name, shape in names.items()}, folder / WEIGHTS)


def _trained(folder: Path) -> dict[str, Any]:
    """Write the curve of a training whose third step of four had the lowest validation loss; return its account."""
    tune = Tune(**RECIPE["tune"])
    losses, tokens = (2.0, 1.8, 1.7, 1.6, 1.65), (0, 100, 180, 300, 390)
    steps = [
        Step(
            step=at,
            steps=4,
            tokens=tokens[at],
            tokens_planned=390,
            loss=losses[at] if at else None,
            learning_rate=learning_rate(tune, (tokens[at - 1] + tokens[at]) / 2 / 390) if at else 0.0,
            gradient_norm=1.0 if at else None,
            validation_loss=losses[at],
            seconds=float(at),
        )
        for at in range(5)
    ]
    store.write_parquet(folder / "metrics.parquet", curve(steps))
    account = {"method": "lora", "tokens": 390, "supervised_tokens": 200, "chosen_step": 3}
    account |= {"seconds": 4.1, "tokens_per_second": 95.1, "records_truncated": 1, "records_skipped": 0}
    account |= {"last_answers_cut": 1, "tokens_by_source": {"pool": 390}}
    return account | {"validation_loss_before": 2.0, "validation_loss_after": 1.6}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str, str]:
    """A home with three runs, one of which only curated, and one its contract stopped; don't edit: copy."""
    home = tmp_path_factory.mktemp("audited")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_HOME", str(home))
        return home, _make().name, _make(judged=False).name, _make(stop="validate").name


@pytest.fixture
def judged(made: tuple[Path, str, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run that judged, in a copy of its home."""
    return _copied(made[0], tmp_path, monkeypatch) / made[1]


@pytest.fixture
def curated(made: tuple[Path, str, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run that only curated, in a copy of its home."""
    return _copied(made[0], tmp_path, monkeypatch) / made[2]


@pytest.fixture
def stopped(made: tuple[Path, str, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run that its contract stopped, in a copy of its home."""
    return _copied(made[0], tmp_path, monkeypatch) / made[3]


@pytest.fixture(scope="session")
def left_empty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A home with runs that a stage left without rows, by that stage; don't edit: copy."""
    home = tmp_path_factory.mktemp("emptied")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINNOW_HOME", str(home))
        return home, {stage: _make(stop=stage).name for stage in ("ingest", "screen", "weigh")}


@pytest.fixture(params=["ingest", "screen", "weigh"])
def emptied(
    left_empty: tuple[Path, dict[str, str]],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A copy of a run that some stage left without rows, in a copy of its home."""
    return _copied(left_empty[0], tmp_path, monkeypatch) / left_empty[1][request.param]


def _copied(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(home, tmp_path / "home", dirs_exist_ok=True)
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "runs"


@pytest.fixture(scope="session")
def memory() -> RowMemory:
    """What was measured of texts; hardly a forgery changes one, and so no other is measured a second time."""
    return RowMemory()


@pytest.fixture
def repair() -> Callable[..., None]:
    """What a forger who knows winnow does last: digests, books, reason and card are brought in line with the files."""
    return _repair


def _repair(folder: Path, *, digests_alone: bool = False) -> None:
    facts = json.loads((folder / "manifest.json").read_text())
    parts = {part: folder / "dataset" / f"{part}.parquet" for part in ("train", "validation")}
    facts["digests"] |= {part: store.file_digest(file) for part, file in parts.items()}
    facts["digests"]["config"] = store.file_digest(folder / "config.yaml")
    facts["digests"]["exam"] = digest(pl.read_parquet(folder / "exam.parquet"))
    if (folder / "adapter").exists():
        files = (path for path in (folder / "adapter").rglob("*") if path.name != store.CARD)
        names = sorted(path.relative_to(folder / "adapter").as_posix() for path in files)
        content = [[name, store.file_digest(folder / "adapter" / name)] for name in names]
        facts["digests"]["adapter"] = store.value_digest(content)
        facts["files"] |= {f"adapter/{name}": "" for name in names}
    if (folder / "verdict.json").exists():
        verdict = Verdict.model_validate_json((folder / "verdict.json").read_text())
        ending = {"state": OF_DECISION[verdict.decision], "reason": verdict.reason, "decision": verdict.decision}
        facts |= ending | {"outcome": key_of(facts["digests"], verdict)}
    if not digests_alone:
        ledger = pl.read_parquet(folder / "receipts.parquet")
        facts["books"] = books(ledger)
        if facts["state"] == "Curated":
            facts["reason"] = books_told(facts["books"])
        tables = [
            store.Table(path="", digest=store.file_digest(file), rows=pl.read_parquet(file).height)
            for file in parts.values()
        ]
        card = dataset_card.write(facts["name"], facts["run"], ledger, *tables)
        (folder / "dataset" / "README.md").write_text(card, encoding="utf-8")
    facts["files"] = {name: store.file_digest(folder / name) for name in facts["files"] if (folder / name).exists()}
    (folder / "manifest.json").write_text(json.dumps(facts))
