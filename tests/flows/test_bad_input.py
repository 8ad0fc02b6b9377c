"""Bad input through the command line: not a crash, never a silent skip, nothing half-written."""

import gzip
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks import runs

WORDS = [
    "rain",
    "soil",
    "spade",
    "beds",
    "frost",
    "bees",
    "moss",
    "hedge",
    "pond",
    "bark",
    "root",
    "leaf",
    "stem",
    "vine",
]
EXAM = {"domain_items": 5, "choice_items": 0}


Winnow = Callable[..., Any]
Recipe = Callable[..., Path]


def row(number: int) -> dict[str, str]:
    """A good row, like no other."""
    chance = random.Random(number)
    said = [" ".join(chance.choices(WORDS, k=12)) for _ in range(2)]
    return {"question": f"Which {chance.choice(WORDS)} goes first in {number}: {said[0]}?", "answer": f"{said[1]}."}


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in rows)


def test_every_damaged_row_is_quarantined_with_its_line_and_the_books_balance(
    winnow: Winnow, recipe: Recipe, tmp_path: Path
) -> None:
    packed = gzip.compress(lines(*map(row, range(1_000, 1_400))))
    words = (f"{word}{number}" for number in range(120_000) for word in WORDS[number % 10 : number % 10 + 4])
    # Each word once, in letters alone: figures all through would be looked into for every country's identity numbers.
    story = " ".join(words).translate(str.maketrans("0123456789", "aeioubdklm"))
    turns = [
        {"role": "user", "content": "Is moss good for the pond?"},
        {"role": "assistant", "content": row(1)["answer"]},
    ]
    talk = [{"from": "human", "value": "Where do bees sleep in frost?"}, {"from": "gpt", "value": row(2)["answer"]}]
    task = {"instruction": "Name a herb for wet soil.", "input": "", "output": row(3)["answer"]}
    ask = {"prompt": "Which spade is best for old beds?", "completion": row(4)["answer"]}
    pool = {
        "bom.jsonl": b"\xef\xbb\xbf" + lines(row(10), row(11)),
        "cut.jsonl.gz": packed[: len(packed) // 2],
        "huge.jsonl": lines(row(20), {"question": "Tell me all you know of gardens.", "answer": story}, row(21)),
        "keys.jsonl": lines(row(30)) + b'{"question": "a", "question": "b", "answer": "c"}\n',
        "mixed.jsonl": lines({"messages": turns}, {"conversations": talk}, task, ask, {"title": "x"}, 42, [row(40)]),
        "nul.jsonl": lines(row(50))
        + b'{"question": "Wh\0y?", "answer": "a"}\n{"question": "Wh\\u0000y?", "answer": "a"}\n',
        "nulls.jsonl": lines({"messages": [turns[0] | {"content": None}, turns[1]]}, {"messages": [None]})
        + lines({"messages": None}, row(60) | {"question": None}, row(61) | {"more": [None, {"deep": [None]}]}),
        "ragged.csv": b'question,answer\nHow deep do roots go?,"Deep, as a rule."\nonly one\na,b,c\n"never closed\n',
        "utf8.jsonl": lines(row(70)) + b'{"question": "Wh\xffy?", "answer": "a"}\n' + lines(row(71)),
    }
    assert 4_500_000 < len(story) < 6_000_000
    for name, content in pool.items():
        (tmp_path / "pool" / name).write_bytes(content)

    ended = winnow("curate", recipe())
    assert (ended.code, ended.told) == (0, "")
    (run,) = (tmp_path / "home" / "runs").iterdir()
    ledger = pl.read_parquet(run / "receipts.parquet")
    read = ledger.filter(pl.col("fate") != "quarantined")
    from_cut = read.filter(pl.col("origin").str.starts_with("cut.")).height
    assert 100 < from_cut < 300
    assert dict(ledger.filter(fate="quarantined").select("origin", "reason").iter_rows()) == {
        f"cut.jsonl.gz:{from_cut + 1}": "truncated_file",
        "keys.jsonl:2": "duplicate_keys",
        "mixed.jsonl:5": "unknown_shape",
        "mixed.jsonl:6": "not_a_row",
        "mixed.jsonl:7": "not_a_row",
        "nul.jsonl:2": "nul_byte",
        "nul.jsonl:3": "nul_byte",
        "nulls.jsonl:1": "empty_message",
        "nulls.jsonl:2": "not_messages",
        "nulls.jsonl:3": "empty_message",
        "nulls.jsonl:4": "empty_message",
        "ragged.csv:3": "ragged_row",
        "ragged.csv:4": "ragged_row",
        "ragged.csv:5": "broken_csv",
        "utf8.jsonl:2": "invalid_utf8",
    }
    good = "bom:1 bom:2 huge:1 huge:2 huge:3 keys:1 mixed:1 mixed:2 mixed:3 mixed:4 nul:1 nulls:5 utf8:1 utf8:3"
    expected = {place.replace(":", ".jsonl:") for place in good.split()} | {"ragged.csv:2"}
    assert set(read["origin"]) == expected | {f"cut.jsonl.gz:{line}" for line in range(1, from_cut + 1)}
    books = runs.manifest(run)["books"]
    assert books["in"] == ledger.height == sum(books[fate] for fate in ("kept", "dropped", "quarantined"))
    kept = pl.concat([pl.read_parquet(run / name) for name in ("dataset/train.parquet", "dataset/validation.parquet")])
    texts = dict(zip(kept["origin"], kept["messages"].list.last().struct.field("content"), strict=True))
    assert texts.get("huge.jsonl:2", story) == story
    asked = pl.concat([kept.select("messages"), pl.read_parquet(run / "removed.parquet", columns=["messages"])])
    assert not any("\ufeff" in turns[0]["content"] for turns in asked["messages"])

    assert winnow("audit").code == 0
    told = winnow("why", "utf8.jsonl:2").printed
    assert "invalid_utf8" in told
    assert "the bytes are not UTF-8. Its text is in that line of the source alone" in " ".join(told.split())


def test_lines_that_a_quote_took_along_are_told_and_found_and_so_is_what_was_wrong_with_a_row(
    winnow: Winnow, recipe: Recipe, tmp_path: Path
) -> None:
    table = ["question,answer", *(",".join(row(n).values()) for n in range(2, 121))]
    table[3] += ",[/] one"
    table[99] = table[99].replace(",", ',"')
    (tmp_path / "pool" / "a.csv").write_text("\n".join(table))
    (tmp_path / "pool" / "b.csv").write_bytes("question,answer\nOù?,Là.\n".encode("latin-1"))
    ended = winnow("curate", recipe())
    assert ended.code == 0, ended.told
    printed = " ".join(ended.printed.split())
    assert "a.csv:100: a quote of the row that starts in line 100 is never closed: lines 100 to 120 can't be" in printed
    assert "b.csv (1 of 1 rows) is not UTF-8: convert it with `iconv -f WINDOWS-1252 -t UTF-8`" in printed
    for place in ("a.csv:111", "pool/a.csv:120", str(tmp_path / "pool" / "a.csv:101")):
        told = " ".join(winnow("why", place).printed.split())
        assert re.search(r"unreadable row \S*a\.csv:100 .* broken_csv", told), place
        assert "in detail a quote of the row that starts in line 100 is never closed: lines 100 to 120" in told
    told = " ".join(winnow("why", "a.csv:4").printed.split())
    assert "in detail 3 fields, and the header names 2" in told
    for place in ("a.csv:121", "c.csv:111", "a.csv:1"):
        assert "has no row" in winnow("why", place).told


MANY = lines(*map(row, range(100)))


@pytest.mark.parametrize(
    ("stage", "content", "keys", "more"),
    [
        ("ingest", b"not JSON\nnor this\n", {}, "pool.jsonl:1, is broken_json"),
        ("screen", MANY, {"curate": {"screen": {"least_words": 1_000}}}, "(short_answer 100). Of 100 rows ingested, screen removed 100."),
        ("keep_domain", MANY, {"curate": {"domain": {"seeds": "pool/*", "threshold": 1e9}}}, "out_of_domain 100"),
        ("keep_domain", MANY, {"curate": {"domain": {"description": "Banking"}}}, "curate.domain.description: The pool hardly holds"),
        ("seal_exam", lines(*map(row, range(4))), {}, "20.0% of the 4 rows left (exam.largest_share) is less than one row"),
        ("seal_exam", MANY, {"sources": [{"path": "pool/*", "group": "doc"}]}, "sealed_for_exam 100"),
        ("decontaminate", MANY, {"exam": EXAM | {"domain": ["pool/pool.jsonl"]}}, "The exam and the pool are the same"),
        ("split", MANY, {"exam": EXAM | {"domain": ["two.jsonl"]}, "sources": [{"path": "pool/*", "group": "doc"}]}, "one cluster"),
    ],
)  # fmt: skip
def test_a_stage_that_empties_the_pool_is_named(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, stage: str, content: bytes, keys: dict[str, object], more: str
) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(content.replace(b'"}\n', b'", "doc": "the one book"}\n'))
    (tmp_path / "two.jsonl").write_bytes(lines(row(500), row(501)))
    ended = winnow("curate", recipe(**keys))
    # A description that the pool hardly holds decides no row, so that there are no receipts to leave.
    left = ended.refused if "hardly holds" in more else ended.stopped
    sentence = left(tmp_path / "home")
    assert f"stage “{stage}”" in sentence
    assert more in sentence
    assert not any((tmp_path / "home").glob("exams/*")), "sealed by a failed run"


@pytest.mark.parametrize("command", ["curate", "run"])
def test_a_quota_for_a_source_no_row_has_is_told_before_the_first_stage(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, command: str
) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(MANY.replace(b'"}\n', b'", "from": "wiki"}\n'))
    # No row gets past this screen, which would be told first if the quota were told at its own stage.
    asked = {"budget": {"tokens": 900, "quotas": {"wikis": 0.5}}, "screen": {"least_words": 1_000}}
    sentence = winnow(command, recipe(sources=[{"path": "pool/*", "named_by": "from"}], curate=asked)).refused(
        tmp_path / "home"
    )
    assert re.search(
        r"recipe\.yaml:\d+: curate\.budget\.quotas: the pool has no source “wikis”. Its sources are wiki\.", sentence
    )


@pytest.mark.parametrize(
    ("command", "asked", "told"),
    [
        (
            "curate",
            {"curate": {"domain": {"threshold": 0.4}}},
            r"curate\.domain\.threshold: no domain .* or remove it\.",
        ),
        (
            "run",
            {"tune": {"general": {"rest": True}}},
            r"tune\.general\.rest: no domain .* tune\.general\.sources instead\.",
        ),
    ],
    ids=["threshold", "rest"],
)
def test_what_needs_a_domain_is_refused_where_the_recipe_tells_none(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, command: str, asked: dict[str, Any], told: str
) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(MANY)
    sentence = winnow(command, recipe(**asked)).refused(tmp_path / "home")
    assert re.search(r"recipe\.yaml:\d+: " + told, sentence)


@pytest.mark.parametrize("command", ["run", "ablate"])
def test_a_pool_without_a_rest_stops_the_run_with_receipts_that_are_proven(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, command: str
) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(MANY)
    asked = {
        "curate": {"domain": {"seeds": "pool/*", "threshold": -1e9}},
        "tune": {"general": {"rest": True}, "replay": 0.1, "threads": 1},
    }
    sentence = winnow(command, recipe(**asked)).stopped(tmp_path / "home")
    assert re.search(r"recipe\.yaml:\d+: tune\.general\.rest: curate\.domain left no row out up to the stage", sentence)
    assert (
        "Of 100 rows ingested, no stage removed any. Name tune.general.sources beside it, or leave it out." in sentence
    )
    (run,) = (tmp_path / "home" / "runs").iterdir()
    told = pl.read_parquet(run / "receipts.parquet").select("fate", "stage", "reason").unique().rows()
    assert told == [("quarantined", "keep_domain", "run_stopped")]
    assert winnow("audit", run.name).code == 0
    assert "No stage had removed it when the run was stopped" in winnow("why", "pool.jsonl:3", run.name).printed


def test_an_exam_that_left_nothing_to_train_on_does_not_stay(winnow: Winnow, recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(MANY.replace(b'"}\n', b'", "doc": "the one book"}\n'))
    winnow("curate", recipe(sources=[{"path": "pool/*", "group": "doc"}])).stopped(tmp_path / "home")
    assert winnow("curate", recipe()).code == 0


@pytest.mark.parametrize("command", ["curate", "run"])
def test_an_exam_of_a_run_its_contract_stopped_is_drawn_anew_and_one_that_was_used_stays(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, command: str
) -> None:
    tune = {"token_budget": 2_000, "batch_tokens": 500, "threads": 1}
    (tmp_path / "pool" / "pool.jsonl").write_bytes(lines(*map(row, range(40))))
    stopped = winnow(command, recipe(tune=tune, curate={"contract": {"min_rows": 80}}))
    assert "break the contract" in stopped.told
    assert not any((tmp_path / "home").glob("exams/*"))

    (tmp_path / "pool" / "pool.jsonl").write_bytes(lines(*map(row, range(500, 600))))
    mended = {"tune": tune, "curate": {"contract": {"min_rows": 80}}, "exam": EXAM | {"domain_items": 7}}
    assert winnow(command, recipe(**mended)).code != 1
    drawn = (tmp_path / "home" / "exams" / "bad" / "drawn.parquet").read_bytes()
    assert pl.read_parquet(drawn).height == 7
    (run,) = [folder for folder in runs.finished() if folder.name.endswith("-bad")]
    kept_back = pl.read_parquet(run / "receipts.parquet").filter(reason="sealed_for_exam")
    assert set(pl.read_parquet(drawn)["id"]) <= set(kept_back["id"])

    changed = winnow(command, recipe(tune=tune, exam=EXAM | {"domain_items": 6}))
    assert (changed.code, "set exam.name to a new name" in changed.told) == (1, True)
    (tmp_path / "pool" / "pool.jsonl").write_bytes(lines(*map(row, range(500, 601))))
    assert winnow(command, recipe(**mended)).code != 1
    assert (tmp_path / "home" / "exams" / "bad" / "drawn.parquet").read_bytes() == drawn


def test_seeds_that_all_say_the_same_are_told(winnow: Winnow, recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(MANY)
    (tmp_path / "seeds.jsonl").write_bytes(lines(row(500)) * 20)
    sentence = winnow("curate", recipe(curate={"domain": {"seeds": "seeds.jsonl"}})).refused(tmp_path / "home")
    assert "curate.domain.seeds: it holds 1 distinct example, and a domain is learnt from 8 or more" in sentence
    assert not (tmp_path / "home" / "store" / "tables").exists(), "told after work was done"


def test_an_example_that_is_said_to_be_of_the_domain_and_not_of_it_is_told(
    winnow: Winnow, recipe: Recipe, tmp_path: Path
) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(MANY)
    (tmp_path / "seeds.jsonl").write_bytes(lines(*map(row, range(500, 520))))
    (tmp_path / "not.jsonl").write_bytes(lines(*map(row, range(518, 530))))
    asked = {"domain": {"seeds": "seeds.jsonl", "negatives": "not.jsonl"}}
    sentence = winnow("curate", recipe(curate=asked)).refused(tmp_path / "home")
    assert "curate.domain.negatives: 2 examples of it are among the seeds as well" in sentence


def test_an_exam_of_two_items_ends_with_a_verdict_that_says_so(winnow: Winnow, recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(MANY)
    (tmp_path / "two.jsonl").write_bytes(lines(row(500), row(501)))
    tune = {"token_budget": 2_000, "batch_tokens": 500, "threads": 1}
    ended = winnow("run", recipe(exam={"domain": ["two.jsonl"], "choice_items": 0}, tune=tune))
    assert ended.code in (0, 2, 3), ended.told
    (run,) = (tmp_path / "home" / "runs").iterdir()
    gain = json.loads((run / "verdict.json").read_text())["gain"]
    assert (gain["n"], gain["clusters"]) == (2, 2)
    assert gain["lower"] < gain["mean"] < gain["upper"]
    told = "two: 2 items from 2 source documents are too few to decide anything"
    assert " ".join(ended.printed.split()).count(told) == 2  # when it is sealed, and below the verdict
    assert told in (run / "report.html").read_text()


def test_a_suite_that_would_watch_nothing_is_refused_and_a_lost_row_is_told(
    winnow: Winnow, recipe: Recipe, tmp_path: Path
) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(MANY)
    (tmp_path / "general.jsonl").write_bytes(b"not JSON\n")
    asked = recipe(exam=EXAM | {"retention": ["general.jsonl"]})
    assert "exam.retention: the suite “general” has no item" in winnow("curate", asked).refused(tmp_path / "home")
    (tmp_path / "general.jsonl").write_bytes(lines(row(500)) + b"not JSON\n" + lines(row(501)))
    ended = winnow("curate", asked)
    assert ended.code == 0
    told = " ".join(ended.printed.split())
    assert "general: 1 row could not be read (first " in told
    assert "general.jsonl:2: broken_json)" in told


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"sources": []}, "sources: it is empty: name at least one."),
        ({"exam": EXAM | {"domain": ["none.jsonl"]}}, "exam.domain.0: there is no file"),
        ({"exam": EXAM | {"retention": ["none.txt"]}}, "exam.retention.0: there is no file"),
        ({"exam": EXAM | {"retention": ["suite:none"]}}, "exam.retention.0: There is no suite “none”"),
        ({"curate": {"domain": {"seeds": "none.jsonl"}}}, "curate.domain.seeds: there is no file"),
        ({"model": {"base": "./none"}}, "model.base: "),
        ({"model": {"base": "pool"}}, "model.base: "),
        (
            {"exam": EXAM | {"retention": ["pool/pool.jsonl"]}, "gate": {"margins": {"none": 0.1}}},
            "gate.margins.none: the exam has no retention suite “none”; it has pool.",
        ),
    ],
)
def test_what_is_missing_is_named_with_the_recipes_line_and_key(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, keys: dict[str, object], told: str
) -> None:
    (tmp_path / "pool" / "pool.jsonl").write_bytes(MANY)
    asked = recipe(**keys)
    sentence = winnow("run", asked).refused(tmp_path / "home")
    assert told in sentence
    assert not (tmp_path / "home" / "store" / "tables").exists(), "told after work was done"
    (line,) = [int(part) for part in sentence.split(":") if part.isdigit()][:1]
    leaf = told.split(":")[0].removesuffix(".0").rpartition(".")[2]
    assert re.search(rf"\b{leaf}:|none", asked.read_text().splitlines()[line - 1])


@pytest.mark.parametrize(("command", "general"), [("run", 1), ("sweep", 1), ("curate", 0)])
def test_all_that_is_missing_is_told_at_once_each_with_its_line_before_anything_is_started(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, general: int
) -> None:
    monkeypatch.setattr("flows.running.ensure_server", lambda: pytest.fail("a server was started"))
    asked = recipe(
        sources=[{"path": "pool/none.jsonl"}],
        curate={"domain": {"seeds": "seeds.jsonl"}},
        tune={"general": {"sources": [{"path": "general.jsonl"}]}},
    )
    ended = winnow(command, asked, "--set", "exam.retention=[kept.txt]")
    told = [
        f"winnow: {asked}:11: sources.0: there is no file {tmp_path / 'pool' / 'none.jsonl'}",
        *[f"{asked}:15: tune.general.sources.0: there is no file {tmp_path / 'general.jsonl'}"] * general,
        f"{asked}:3: curate.domain.seeds: there is no file {tmp_path / 'seeds.jsonl'}",
        f"--set exam.retention: 0: there is no file {tmp_path / 'kept.txt'}",
    ]
    assert (ended.code, ended.told.splitlines()) == (1, told)
    assert not any((tmp_path / "home").glob("runs/*"))


def test_what_a_flow_of_ones_own_reads_may_be_written_by_its_first_step(
    winnow: Winnow, recipe: Recipe, tmp_path: Path
) -> None:
    (tmp_path / "own_first.py").write_text(
        "from prefect import flow\n\n\n"
        "@flow(name='retrain', validate_parameters=False)\n"
        "def first(name, sources, model, exam, promote='ask'):\n"
        "    raise ValueError(f'{sources[0].path} is written here')\n"
    )
    asked = recipe(flow="own_first.py", sources=[{"path": "pool/none.jsonl"}])
    assert "none.jsonl is written here" in winnow("run", asked).told
    assert "sources.0: there is no file" in winnow("curate", asked).told  # which are winnow's own steps


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("pool/none.jsonl", "there is no file"),
        ("pool/*.csv", "matches"),
        ("pool", "only files of unknown kinds (notes.docx)"),
        ("nowhere/", "there is no file"),
        ("empty.jsonl", "empty.jsonl is empty"),
        ("blank.jsonl", "blank.jsonl holds only blank lines"),
        ("strange.jsonl", "strange.jsonl: its one row has no known shape"),
        ("*.jsonl", "strange.jsonl: its one row has no known shape"),
        ("[be]*.jsonl", "2 of 2 files can't be used: blank.jsonl holds only blank lines"),
    ],
)
def test_a_source_with_nothing_in_it_stops_before_any_work(
    winnow: Winnow, recipe: Recipe, tmp_path: Path, path: str, told: str
) -> None:
    (tmp_path / "pool" / "notes.docx").touch()
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "blank.jsonl").write_text("\n \n")
    (tmp_path / "strange.jsonl").write_bytes(lines({"foo": "bar"}))
    sentence = winnow("run", recipe(sources=[{"path": path}])).refused(tmp_path / "home")
    assert told in sentence
    assert "recipe.yaml:8: sources.0: " in sentence
    assert not (tmp_path / "home" / "store" / "tables").exists()
