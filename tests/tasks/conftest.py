"""Pools for single steps, whose `.fn` is the plain function behind the Prefect task."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
import yaml

from evals import items
from evals.champion import Predecessor, judge
from evals.verdict import Gate
from quality.receipts import RECEIPTS
from quality.records import FATES, MESSAGE, QUARANTINED, RECORDS, record_ids
from tasks import runs, store
from tasks.general import GeneralText
from tasks.models import ModelFiles
from tasks.outcome import OF_DECISION
from tasks.pool import Pool

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

SCORES = [-3.0, -0.4, 0.1, 0.3, 2.0]  # log-odds; the threshold is 0


@pytest.fixture
def pool_of(home: Path) -> Callable[..., Pool]:
    """A maker of pools from prompts and answers, with the document and source of each row, and row numbers removed."""

    def make(
        rows: Sequence[tuple[str, str]],
        groups: Sequence[str | None] | None = None,
        sources: Sequence[str] | None = None,
        removed: Sequence[int] = (),
        unread: int = 0,
    ) -> Pool:
        messages = [
            [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}] for prompt, answer in rows
        ]
        said = pl.Series("messages", messages, dtype=pl.List(MESSAGE))
        count = len(rows)
        records = pl.DataFrame(
            {
                "row": range(count),
                "id": record_ids(said),
                "messages": said,
                "source": sources or ["pool"] * count,
                "origin": [f"rows.jsonl:{row + 1}" for row in range(count)],
                "group": groups or [None] * count,
            },
            schema=RECORDS,
        )
        broken = [("pool", f"rows.jsonl:{count + 1 + n}", "broken_json", "", None) for n in range(unread)]
        fates = pl.DataFrame(
            [(row, "screen", "dropped", "short_answer", None, 1.0, 2.0) for row in removed], schema=FATES, orient="row"
        )
        pool = Pool(
            records=store.write_table(records),
            quarantined=store.write_table(pl.DataFrame(broken, schema=QUARANTINED, orient="row")),
        )
        return pool.with_fates(fates)

    return make


@pytest.fixture
def answers_of(home: Path) -> Callable[[list[str]], store.Table]:
    """A maker of tables of training rows (`id, messages, source, origin`) from what they answer."""

    def make(texts: list[str]) -> store.Table:
        said = [[{"role": "user", "content": "Go on."}, {"role": "assistant", "content": text}] for text in texts]
        messages = pl.Series("messages", said, dtype=pl.List(MESSAGE))
        frame = pl.DataFrame({"id": record_ids(messages), "messages": messages})
        return store.write_table(frame.with_columns(source=pl.lit("s"), origin=pl.lit("rows.jsonl:1")))

    return make


@pytest.fixture
def general_of(
    answers_of: Callable[[list[str]], store.Table], pool_of: Callable[..., Pool]
) -> Callable[[list[str], list[str]], GeneralText]:
    """A maker of general text, to replay and held back, from what its rows answer."""

    def make(train: list[str], held: list[str]) -> GeneralText:
        drawn = pool_of([("Go on.", text) for text in dict.fromkeys([*train, *held])])
        return GeneralText(train=answers_of(train), held=answers_of(held), pool=drawn)

    return make


@pytest.fixture
def tiny_base(
    llama: Callable[..., "LlamaForCausalLM"], tokenizer: "PreTrainedTokenizerFast", tmp_path: Path, home: Path
) -> ModelFiles:
    """A base model on disk, and a home of its own."""
    folder = tmp_path / "base"
    llama().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return ModelFiles(reference=str(folder), folder=str(folder), content="tiny")


@pytest.fixture(scope="session")
def small_base(
    tmp_path_factory: pytest.TempPathFactory,
    llama: Callable[..., "LlamaForCausalLM"],
    tokenizer: "PreTrainedTokenizerFast",
) -> ModelFiles:
    """A base model that reads 256 tokens, on disk."""
    folder = tmp_path_factory.mktemp("base")
    llama(context=256).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return ModelFiles(reference="small", folder=str(folder), content="0" * 32)


@pytest.fixture
def noise() -> Callable[[int], str]:
    """A maker of texts of so many words, no two alike."""
    rng = random.Random(0)
    return lambda words: " ".join(f"n{rng.randrange(10**6)}" for _ in range(words))


@pytest.fixture
def judged(home: Path, tmp_path: Path) -> Path:
    """A run whose rows a0 … a4 were judged; a2 to a4 passed, and a3 was dropped by a later stage."""
    seeds = tmp_path / "seeds.jsonl"
    seeds.write_text('{"question": "q", "answer": "a"}')  # no line end
    messages = [
        [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": f"a{n}"}] for n in range(len(SCORES))
    ]
    rows = pl.DataFrame({"messages": pl.Series(messages, dtype=pl.List(MESSAGE))})
    rows = rows.with_columns(
        id=record_ids(rows["messages"]), source=pl.lit("s"), origin=pl.Series([f"a:{n}" for n in range(len(SCORES))])
    )
    ends = [("keep_domain", "dropped")] * 2 + [("split", "kept"), ("choose", "dropped"), ("split", "kept")]
    receipts = rows.select("id", "origin", "source").with_columns(
        stage=pl.Series([stage for stage, _ in ends]), fate=pl.Series([fate for _, fate in ends]), reason=pl.lit("r"),
        witness=pl.lit(None), score=pl.Series(SCORES), threshold=pl.lit(0.0),
    )  # fmt: skip
    config = {"name": "x", "curate": {"domain": {"seeds": str(seeds)}}}
    with runs.open_run("x", yaml.safe_dump(config)) as run:
        for folder in ("dataset", "attributes"):
            (run.folder / folder).mkdir()
        kept = receipts["fate"] == "kept"
        rows.filter(kept).write_parquet(run.folder / "dataset" / "train.parquet")
        rows.head(0).write_parquet(run.folder / "dataset" / "validation.parquet")
        rows.filter(~kept).write_parquet(run.folder / "removed.parquet")
        receipts.select(RECEIPTS.keys()).cast(pl.Schema(RECEIPTS)).write_parquet(run.folder / "receipts.parquet")
        scores = rows.select("id", "origin").with_columns(
            score=pl.Series(SCORES), threshold=pl.lit(0.0), domain=pl.lit("domain")
        )
        scores.write_parquet(run.folder / "attributes" / "domain.parquet")
        run.commit(state="Curated", reason="", facts={})
    return run.folder


@pytest.fixture
def judged_run(home: Path, small_base: ModelFiles, tmp_path: Path) -> Callable[..., Path]:
    """A maker of runs that judged an adapter of a small base, whose configuration and strength are given."""

    def make(strength: float = 0.02, base: str = small_base.folder, **config: object) -> Path:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        from evals.items import ITEMS
        from evals.items import SCORES as SCORED
        from evals.judging import judge
        from tasks import models

        said = [("Where does the fox live?", "In the forest, near the river."), ("Is it lazy?", "No, the dog is.")]
        exam = pl.DataFrame(
            [
                (name, role, "completion", f"{name}/{n}", f"c{n}", [{"role": "user", "content": asked}], answer, [], 0)
                for name, role in (("garden", "domain"), ("general", "retention"))
                for n, (asked, answer) in enumerate(said * 3)
            ],
            ITEMS,
            orient="row",
        )
        asked = exam.select("suite", "role", "item", "cluster")
        scores = pl.concat([asked.with_columns(model=pl.lit(m), score=pl.lit(-1.0)) for m in ("base", "candidate")])
        verdict = judge(scores.cast(pl.Schema(SCORED)))
        given = {"r": 4, "target_modules": ["q_proj", "down_proj"], "task_type": "CAUSAL_LM"} | config
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(small_base.folder), LoraConfig(**given))
        torch.manual_seed(3)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "lora_B" in name or "lora_embedding_B" in name:
                    weight.normal_(std=strength)
        recipe = {"name": "garden", "model": {"base": base}}
        with runs.open_run("garden", yaml.safe_dump(recipe)) as run:
            runs.pin(base=models.base(base).content)
            model.save_pretrained(str(run.folder / "adapter"), save_embedding_layers=False)
            (run.folder / "adapter" / "README.md").unlink()
            store.write_parquet(run.folder / "exam.parquet", exam)
            store.write_json(run.folder / "suites.json", [])
            store.write_json(run.folder / "verdict.json", verdict.model_dump(mode="json"))
            digests = {"adapter": store.folder_digest(run.folder / "adapter")}
            run.commit(state="Inconclusive", reason=verdict.reason, facts={"digests": digests})
        return run.folder

    return make


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _lose_columns(file: Path) -> None:
    store.write_parquet(file, pl.read_parquet(file).drop("origin", "item", "tokens", strict=False))


def _mistype(file: Path) -> None:
    frame = pl.read_parquet(file)
    store.write_parquet(file, frame.with_columns(pl.lit(1).alias(frame.columns[0])))


@pytest.fixture(params=[Path.unlink, _cut, _lose_columns, _mistype], ids=lambda damage: damage.__name__)
def damage(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    """Every way in which a table of a run may be damaged, one after the other."""
    return request.param


@pytest.fixture
def accepted(home: Path) -> Callable[..., Path]:
    """A maker of runs that judged an adapter which gains .1 on the base, and .05 on the champion named."""

    def make(adapter: str, beside: str | None = None, gain: float = 0.1, name: str = "garden") -> Path:
        models = {"base": 0.0, "candidate": gain, **({"champion": gain - 0.05} if beside else {})}
        rows = [
            ("garden", "domain", f"garden/{n}", str(n), model, -1.0 + moved + 0.01 * ((n + len(model)) % 3))
            for model, moved in models.items()
            for n in range(30)
        ]
        scores = pl.DataFrame(rows, items.SCORES, orient="row")
        known = [Predecessor(model="champion", run=beside, taken=True)] if beside else []
        verdict = judge(scores, Gate(), predecessors=known)
        with runs.open_run(name, f"name: {name}\nmodel: {{base: 'package:a_base'}}\n") as run:
            store.write_parquet(run.folder / "scores.parquet", scores)
            store.write_json(run.folder / "verdict.json", verdict.model_dump(mode="json"))
            (run.folder / "adapter").mkdir()
            (run.folder / "adapter" / "adapter_model.safetensors").write_text(adapter)
            digest = store.folder_digest(run.folder / "adapter")
            runs.pin(base="0" * 32)
            facts = {"decision": verdict.decision, "digests": {"adapter": digest, "exam": "1" * 32}}
            run.commit(state=OF_DECISION[verdict.decision], reason=verdict.reason, facts=facts)
        return run.folder

    return make
