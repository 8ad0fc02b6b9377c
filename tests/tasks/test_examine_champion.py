"""Where the scores of champion and original base come from, and when there are none."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from prefect import flow

from evals.items import SCORES
from evals.suites import Suite, items_from_texts
from tasks import champions, exams, models, runs, store
from tasks.champions import Entry
from tasks.check_champion import check_champion
from tasks.examine import Scores, examine
from tasks.examine_champion import examine_champion
from tasks.exams import Exam, SealedExam
from tasks.models import ModelFiles

TEXTS = ["Slugs eat lettuce.", "Mulch keeps roots cool.", "Water roses in the morning.", "Sow carrots in rows."]


class Garden:
    """Two bases, an exam of texts, and promoted runs with true scores."""

    def __init__(self, folder: Path, llama: Callable[..., Any], tokenizer: Any) -> None:
        self._llama, self._folder = llama, folder
        for name in ("base", "other"):
            model = llama(context=64)
            if name == "other":
                model.lm_head.weight.data *= 0.5
            model.save_pretrained(folder / name)
            tokenizer.save_pretrained(folder / name)

    def base(self, name: str = "base") -> ModelFiles:
        return models.base(str(self._folder / name))

    def adapter(self, seed: int) -> store.Folder:
        import torch
        from peft import LoraConfig, get_peft_model

        model = self._llama(context=64)
        torch.manual_seed(seed)
        made = get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False))
        return store.write_folder("adapters", made.save_pretrained)

    def exam(self, texts: list[str] = TEXTS) -> SealedExam:
        suite = Suite(name="garden", role="domain", kind="text")
        items = items_from_texts(pl.DataFrame({"text": texts, "origin": texts}), suite=suite)
        empty = pl.DataFrame({"id": []})
        return exams.hold(f"garden{len(texts)}", Exam(choice_items=0), (), exams.Draw(items, empty, empty))

    def promoted(
        self,
        base: str,
        seed: int,
        change: Callable[[pl.DataFrame], pl.DataFrame] = lambda scores: scores,
        *,
        curated: bool = True,
    ) -> str:
        """Promote an adapter, by the ledger alone, after a run that examined it."""
        exam, files, adapter = self.exam(), self.base(base), self.adapter(seed)
        tables = [examine.fn(exam, files, threads=1), examine.fn(exam, files, adapter, threads=1)]
        scores = change(pl.concat(store.read_table(table.scores) for table in tables))
        with runs.open_run("garden", "name: garden\n") as run:
            store.write_parquet(run.folder / "scores.parquet", scores.cast(pl.Schema(SCORES)))
            if curated:
                store.write_parquet(run.folder / "receipts.parquet", scores.clear())
            digests = {"base": files.content, "exam": exam.digest, "asked": exam.asked, "adapter": adapter.digest}
            run.commit(state="Accepted", reason="", facts={"digests": digests})
        entry = Entry(
            action="promoted",
            run=run.folder.name,
            adapter=adapter.digest,
            path=adapter.path,
            base=files.reference,
            base_content=files.content,
            exam=exam.digest,
            decision="SHIP",
            when="2026-05-01T12:00:00Z",
            why="so",
        )
        with champions.locked():
            champions.write("garden", (*champions.history("garden"), entry))
        return run.folder.name

    def faced(self, base: str = "base", exam: SealedExam | None = None, seed: int = 9) -> dict[str, Any]:
        """What is found of the champion for a candidate on a base."""
        exam, files = exam or self.exam(), self.base(base)
        before = Scores(**examine.fn(exam, files, threads=1).model_dump())
        found = examine_champion.fn(check_champion.fn("garden"), exam, files, before, self.adapter(seed), threads=1)
        return {one.model: one for one in found}

    def truth(self, base: str, seed: int | None = None, exam: SealedExam | None = None) -> list[float]:
        adapter = None if seed is None else self.adapter(seed)
        scored = examine.fn(exam or self.exam(), self.base(base), adapter, threads=1)
        return store.read_table(scored.scores)["score"].to_list()


def scores(one: Any) -> list[float]:
    table = store.read_table(one.scores)
    assert set(table["model"]) == {one.model}
    return table["score"].to_list()


@pytest.fixture
def garden(tmp_path: Path, home: Path, llama, tokenizer, prefect_server: None) -> Garden:
    return Garden(tmp_path, llama, tokenizer)


def test_where_nobody_was_promoted_there_is_nothing_to_compare_with(garden: Garden) -> None:
    assert garden.faced() == {}


def test_the_champions_scores_are_taken_from_its_run_and_the_candidate_may_be_the_champion(garden: Garden) -> None:
    run = garden.promoted("base", 1)
    (one,) = garden.faced().values()
    assert (one.model, one.run, one.taken, one.note, one.missing) == ("champion", run, True, "", "")
    assert scores(one) == garden.truth("base", 1)
    assert scores(one) != garden.truth("base")
    assert garden.faced(seed=1) == {}


def test_of_a_champion_that_was_trained_elsewhere_it_is_told_that_nobody_knows_its_rows(garden: Garden) -> None:
    garden.promoted("base", 1, curated=False)
    (one,) = garden.faced().values()
    assert one.note == "it was trained elsewhere, so that nobody knows whether its rows were kept clear of the exam"


def _tampered(run: Path) -> None:
    file = run / "scores.parquet"
    pl.read_parquet(file).with_columns(score=pl.col("score") - 1).write_parquet(file)


@pytest.mark.parametrize("harm", [_tampered, lambda run: (run / "scores.parquet").unlink(), shutil.rmtree])
def test_scores_that_are_not_those_of_the_manifest_are_found_anew(garden: Garden, home: Path, harm) -> None:
    run = garden.promoted("base", 1)
    harm(home / "runs" / run)
    one = garden.faced()["champion"]
    assert (one.run, one.taken, one.missing) == (run, False, "")
    assert scores(one) == garden.truth("base", 1)


def test_scores_by_which_the_base_was_another_are_found_anew(garden: Garden) -> None:
    garden.promoted("base", 1, lambda scores: scores.with_columns(score=pl.col("score") - 0.1))
    one = garden.faced()["champion"]
    assert not one.taken
    assert scores(one) == garden.truth("base", 1)


def test_a_champion_that_was_not_asked_the_whole_exam_is_asked_it_now(garden: Garden) -> None:
    garden.promoted("base", 1, lambda s: s.filter((pl.col("model") == "base") | (pl.int_range(pl.len()) % 5 > 0)))
    one = garden.faced()["champion"]
    assert not one.taken
    assert scores(one) == garden.truth("base", 1)


def test_on_another_exam_the_champion_is_examined_anew_and_its_leaks_are_told(garden: Garden, home: Path) -> None:
    garden.promoted("base", 1)
    other = garden.exam([*TEXTS, "Stake tulips in May."])
    one = garden.faced(exam=other)["champion"]
    assert not one.taken
    assert "was trained before this exam was sealed" in one.note
    assert scores(one) == garden.truth("base", 1, other)
    shutil.rmtree(home / "store" / "adapters" / garden.adapter(1).digest)
    entry = champions.current("garden")
    one = garden.faced(exam=other, seed=2)["champion"]
    assert one.missing.startswith(f"its adapter is not at {store.locate(entry.folder)} any more. Restore it, or give")
    assert one.scores is None


def test_a_changed_base_is_compared_with_the_ledgers_first_one(garden: Garden, tmp_path: Path) -> None:
    first, second = garden.promoted("base", 1), garden.promoted("other", 2)
    found = garden.faced("other")
    # How a base scores that is not asked any more is not known, so both are asked again unless its scores are at hand.
    assert [(one.model, one.run, one.taken) for one in found.values()] == [
        ("champion", second, True),
        ("original", first, False),
    ]
    assert scores(found["champion"]) == garden.truth("other", 2)
    assert scores(found["original"]) == garden.truth("base")
    assert list(garden.faced("other", seed=2)) == ["original"]  # the candidate is the champion
    other = garden.exam([*TEXTS, "Stake tulips in May."])
    original = garden.faced("other", exam=other)["original"]
    assert not original.taken
    assert scores(original) == garden.truth("base", exam=other)
    truth = garden.truth("base")
    shutil.rmtree(tmp_path / "base")
    original = garden.faced("other")["original"]
    assert (original.taken, scores(original)) == (True, truth)
    assert "nobody checked that this machine scores as that one did" in original.note
    original = garden.faced("other", exam=other)["original"]
    assert original.missing.startswith(f"its base model {tmp_path}/base is not here any more as it was. Restore it")


def test_a_champion_examined_anew_in_a_flow_is_examined_once(garden: Garden) -> None:
    garden.promoted("base", 1)
    exam, files = garden.exam([*TEXTS, "Stake tulips in May."]), garden.base()

    @flow
    def night() -> Any:
        before = examine(exam, files, threads=1)
        return examine_champion(check_champion("garden"), exam, files, before, garden.adapter(9), threads=1)

    clocks = []
    for _ in range(2):
        with runs.open_run("garden", "name: garden\n") as run:
            (one,) = night()
            clocks.append(run.clock["examine"])
        assert scores(one) == garden.truth("base", 1, exam)
    assert clocks[0] is not None
    assert clocks[1] is None  # answered from the cache
