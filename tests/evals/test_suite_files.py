"""A suite of one's own as a file: what it may say, and where a mistake stands."""

from pathlib import Path

import pytest

from evals.suite_files import is_suite_file, load_suite_file
from evals.suites import SuiteError

GOOD = "kind: generate\nmetric: chrf\nshots: 2\nmargin: 0.05\nsource:\n  path: rows/*.jsonl\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "stories.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_suite_has_the_name_of_its_file_the_role_of_its_place_and_rows_beside_it(tmp_path: Path) -> None:
    suite = load_suite_file(written(tmp_path, GOOD), role="retention")
    assert (suite.name, suite.role, suite.kind, suite.unit) == ("stories", "retention", "generate", "chrF")
    assert (suite.shots, suite.margin, suite.version) == (2, 0.05, 1)
    assert suite.source == {"path": str(tmp_path / "rows" / "*.jsonl")}
    elsewhere = load_suite_file(written(tmp_path, "kind: text\nsource: {path: 's3://b/x.txt'}\n"), role="domain")
    assert elsewhere.source == {"path": "s3://b/x.txt"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: completion\nshot: 2\nsource: {path: x}\n", ":2: shot: this key is unknown. Did you mean shots?"),
        (
            "kind: poem\nsource: {path: x}\n",
            ":1: kind: input should be 'completion', 'text', 'choice', 'generate' or 'lm-eval'",
        ),
        ("metric: chrf\nsource: {path: x}\n", ": kind: this key is missing"),
        (
            "kind: completion\nshots: -1\nsource: {path: x}\n",
            ":2: shots: input should be greater than or equal to 0 (given: -1)",
        ),
        ("kind: completion\nmargin: .nan\nsource: {path: x}\n", ":2: margin: input should be a finite number"),
        (
            "kind: generate\nmetric: bleu\nsource: {path: x}\n",
            ":2: metric: a suite of kind generate is scored by exact_m",
        ),
        (
            "kind: choice\nmetric: 3\nsource: {path: x}\n",
            ":2: metric: a suite of kind choice is scored by acc_norm or acc",
        ),
        ("kind: generate\nsource: {path: x}\n", ": metric: a suite of kind generate is scored by exact_match"),
        ("kind: completion\n", ": source: this key is missing"),
        (
            "kind: completion\nsource: rows.jsonl\n",
            ": source: write keys and values here, such as {path: …}, not 'rows.",
        ),
        (
            "role: domain\nkind: completion\nsource: {path: x}\n",
            ":1: role: it says domain, and the recipe names the file under exam.retention",
        ),
        ("kind: text\nname: x\nsource: {path: x}\n", ":2: name: a suite has the name of its file, here “stories”"),
        ("kind: text\nkind: choice\nsource: {path: x}\n", ":2: kind: this key stands twice"),
        ("kind: text\nsource:\n  path: x\n  path: y\n", ":4: source.path: this key stands twice"),
        (
            "kind: completion\nformat: 'Q: {question} A: {answer}'\nsource: {path: x}\n",
            ":2: format: {answer} would stand in every prompt as it is",
        ),
        ("kind: [text\n", "this is not valid YAML"),
        ("- a\n", "a suite is a mapping with the keys version, role, kind"),
        ("", "a suite is a mapping"),
    ],
)
def test_a_mistake_is_told_with_its_file_its_line_and_its_key(tmp_path: Path, text: str, told: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SuiteError) as error:
        load_suite_file(file, role="retention")
    assert str(error.value).startswith(str(file))
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("cluster: page", "source.cluster"),
        ("shots: 3", "source.shots"),
        ("format: 'Q: {question}'", "source.chat_template"),
        ("max_bytes: 100", "leave it out"),
        ("max_new_tokens: 8", "generation_kwargs"),
        ("metric: acc", "write source.metric"),
    ],
)
def test_what_means_nothing_beside_a_task_of_lm_eval_is_refused(tmp_path: Path, line: str, instead: str) -> None:
    file = written(tmp_path, f"kind: lm-eval\n{line}\nsource: {{task: arc_easy}}\n")
    with pytest.raises(SuiteError) as error:
        load_suite_file(file, role="retention")
    assert str(error.value).startswith(f"{file}:2: {line.partition(':')[0]}: a suite of kind lm-eval ")
    assert instead in str(error.value)


def test_a_task_of_lm_eval_keeps_limit_and_margin_of_its_file(tmp_path: Path) -> None:
    file = written(tmp_path, "kind: lm-eval\nshots: 0\nlimit: 7\nmargin: 0.05\nsource: {task: arc_easy}\n")
    suite = load_suite_file(file, role="retention")
    assert (suite.limit, suite.margin) == (7, 0.05)


_DOUBLING = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("margin: 2024-13-45\n", "not valid YAML"),
        (f"limit: {'9' * 5_000}\n", "not valid YAML"),
        (f"source: {'[' * 2_000}{']' * 2_000}\n", "its brackets nest too deeply"),
        ("limit: !!int ''\n", "this is no int"),
        ("limit: !!bool maybe\n", "this is no bool"),
        ("margin: !!timestamp soon\n", "this is no timestamp"),
        ("source: &a [*a]\n", "its aliases"),
        (f"{_DOUBLING}source: *a11\n", "its aliases"),
    ],
    ids=["no date", "digits", "deep", "no number", "no truth", "no time", "endless", "doubling"],
)
def test_what_a_stranger_may_have_written_is_told_in_a_sentence(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "wild.yaml").write_text(text)
    with pytest.raises(SuiteError, match=rf"wild.yaml(:1)?: .*{told}"):
        load_suite_file(tmp_path / "wild.yaml", role="retention")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="there is no suite file"):
        load_suite_file(tmp_path / "none.yaml", role="domain")
    assert [is_suite_file(name) for name in ("a/b.yaml", "b.YML", "b.jsonl", "suite:yaml")] == [
        True,
        True,
        False,
        False,
    ]
