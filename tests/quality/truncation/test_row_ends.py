"""What one row tells of its end: a statement, a block or a place left out is whole, whatever else ends it."""

import polars as pl
import pytest

from quality.truncation.row_ends import ends_of_rows


def may_be_cut(answer: str) -> bool:
    return bool(ends_of_rows(pl.Series(["How is the kiln lit?"]), pl.Series([answer]))["may_be_cut"].item())


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM kilns WHERE cold;",
        "EXEC SQL OPEN kiln;",
        "light_kiln(1, wood);",
        "Kiln *kiln = find(2);",
        "  kiln.heat += 20;  // degrees",
        "int open_kiln(const Kiln *kiln);",
        "SET kiln TO hot; /* until noon */",
    ],
)
def test_a_program_ends_in_a_statement(statement: str) -> None:
    assert not may_be_cut(f"Light the kiln before noon, as the wood is dry then:\n\n{statement}")
    assert may_be_cut(f"Light the kiln before noon, as the wood is dry then:\n\n{statement.split()[0]}")


@pytest.mark.parametrize(
    "clause",
    [
        "- light the kiln before noon;",
        "it is lit before noon (when the wood is dry);",
        "the heat is h = 20; and then it falls;",
    ],
)
def test_a_clause_of_a_list_is_no_statement(clause: str) -> None:
    assert may_be_cut(f"Of the kilns that stand in the yard one may say this:\n{clause}")


@pytest.mark.parametrize("sign", ["# ...", "// ...", "/* ... */", "-- …", "    # ..."])
def test_a_comment_of_dots_stands_for_what_a_program_goes_on_with(sign: str) -> None:
    assert not may_be_cut(f"kiln = find(2)\nkiln.light()\n{sign}")
    assert may_be_cut("Who lights the kiln, as the keeper does every ...")


@pytest.mark.parametrize("block", ["$HOME/.kilnrc", "kilns/lit/first.cfg", "kiln.light()", "/etc/kiln/heat.conf"])
def test_a_block_of_its_own_may_be_a_file_or_a_call(block: str) -> None:
    assert not may_be_cut(f"All that the keeper must know of the kiln is there:\n\n{block}")
    assert not may_be_cut(f"It came with the third kiln.\n\nSource code: {block}")
    assert may_be_cut(f"All that the keeper must know of the kiln is in {block.split('.', maxsplit=1)[0]}")


def test_a_file_within_a_sentence_is_no_block() -> None:
    assert may_be_cut("All that the keeper must know of the kiln is in the file\n/etc/kiln/heat.conf")


@pytest.mark.parametrize(
    "line", ["kiln light --wood birch", "~/bin/kiln light", "./kiln light @north oak", "light_all /srv/kilns hot"]
)
def test_a_command_that_a_colon_announced_is_a_block_without_words_of_sentences(line: str) -> None:
    assert not may_be_cut(f"Light all of the kilns by a command:\n\n{line}")
    assert may_be_cut(f"Light all of the kilns by a command.\n\n{line} and")
    assert may_be_cut("Light all of the kilns by a command:\n\nkiln lights the oldest of")
    assert may_be_cut("Light all of the kilns by a command:\n\nLight them early")


QUOTED = "The kiln is lit before noon, as the wood is dry then. “A cold kiln,” she wrote, “bakes no bread.”"


@pytest.mark.parametrize(
    "end",
    [
        "\n\t\t-- Ada Quillfeather",
        "\n\n— Ada Quillfeather, letters to her mother",
        " — Ada of the Hill",
        "\n\n- Ada Quillfeather",
        "\n\nReference: PMID 1234567. https://kilns.example.org/1234567/",
        "\n- https://kilns.example.org/lighting?page=2",
        " Quillfeather A. J Kilns. 1997;34(2):33-91. doi:10.5845/kilns.112",
        " Quillfeather A. J Kilns. 1997;34(2):33-91",
        " Hill Press, ISBN 978-0-77-332460-7",
        "\n#### 92",
        "\n\n**Answer:** 92",
        "\n\nMit freundlichen Grüßen",
        "\n\nYours faithfully",
        "\n\nAll my love,",
        "\n\n— Bonjour.\n\t-- Ada Quillfeather, 1932",
        " — Quillfeather, Letters",
    ],
)
def test_who_names_a_source_a_result_or_takes_leave_has_said_all(end: str) -> None:
    assert not may_be_cut(QUOTED + end)


@pytest.mark.parametrize(
    "end",
    [
        "\n- Light it before",
        " It ended. — The rest of the wood",
        " What is known of it stands at https://kilns.example.org/lighting",
        "\n3",
        "\n\nIt is what she took with her best",
        "\n\nI love",
        "\n\nThis is the best",
        "\n### 3",
        " The answer",
        " It ended. — The",
        " It ended. — The Queen, who then lived beside her",
        "\n— Ada Quillfeather of the",
        "\n— Bonjour.\n— Oui, je ne sais pas si elle",
        "\n— Bonjour.\n\n— Oui, je ne sais pas si elle",
        "\nTotal: 1,",
    ],
)
def test_what_only_looks_like_a_source_or_a_result_may_be_cut(end: str) -> None:
    assert may_be_cut(QUOTED + end)


def test_a_clause_that_is_quoted_by_its_letter_is_whole_and_a_list_of_several_is_not() -> None:
    clause = "(b) the kiln may be lit before noon where the wood is dry, and nobody lives near; or"
    assert not may_be_cut(clause)
    assert not may_be_cut(clause.replace("; or", ", or"))
    for mark in ("1.", "1)"):
        assert may_be_cut(f"{mark} Light the kiln before noon where the wood is dry, and")
    assert may_be_cut(f"(a) the kiln is cold;\n{clause}")


OPEN = [
    "Light it so:\n\n```python\nkiln = Kiln()\nkiln.light(wood)",
    "```\n$ make kiln\ninstall kiln",
    "```sh\nmake\n```\n\nAnd then:\n\n```sh\nmake install.",
    '{"kiln": {"heat": 900, "wood": ["oak", "beech"]',
    '{\n  "kiln": "It is lit before noon, and [then',
    '[{"heat": 900}, {"heat": 1000}',
    '```json\n{"kiln": "lit \\"before',
    "| Kiln | Heat |\n|---|---|\n| big | 900 |\n| small | 70",
    "| Kiln | Heat |\r\n|---|---|\r\n| big | 900 |\r\n| small | 70",
    "Light it so:\n\n~~~python\nkiln = Kiln()\nkiln.light(wood)",
    "Light it so:\r\n\r\n```python\r\nkiln = Kiln()\r\nkiln.light(wood)",
]


@pytest.mark.parametrize("answer", OPEN)
def test_an_open_block_of_code_of_json_or_a_row_of_a_table_was_cut(answer: str) -> None:
    assert may_be_cut(answer)
    assert ends_of_rows(pl.Series(["How?"]), pl.Series([answer]))["left_open"].item()


@pytest.mark.parametrize(
    "answer",
    [
        "Light it so:\n\n```python\nkiln.light(wood)\n```",
        "Light it so:\n\n~~~python\nkiln.light(wood)\n~~~",
        "Lighting\n~~~~~~~~\n\nThe kiln is lit\n\nBefore\n~~~~~~\n\nThe kiln is cold",
        "What a kiln~~~ It burns",
        "kiln.light(wood)\n```\nThis goes on with your block.",
        "A block begins with ``` and ends with ```",
        "1. First:\n   ```sh\n   make\n   ```\n2. Then:\n   ```sh\n   make install\n   ```",
        '{"kiln": "It is lit [before noon", "heat": 900}',
        "{name} is lit by {someone",
        "[1] Quillfeather, [2] Hill",
        "| Kiln | Heat |\n|---|---|\n| big | 900 |",
        "Kiln | Heat\n--- | ---\nbig | 900",
        "Light it: ```python\nkiln.light(wood)\n\n```\nThen it burns.",
        "- ```sh\n  make\n\n  ```\n  Then it burns.",
        '```json\n{"kiln": {"heat": 900}\n```\nThe rest is left out.',
        '{"heat": 900}\n\nThe share of the wood lies in [0, 1).',
        "[\"lighting a kiln\", 'lighting [a', 'kiln']",
        "| Kiln | Heat |\n|---|---|\n| big | 900 |.",
        "| Kiln | Heat |\n|---|---|\n| big | 900 | (measured)",
        "kiln\n|   |\n|   +-- wood",
        "So it is\n|a|\n|b| = 3 and |c| = 4",
    ],
)
def test_what_is_closed_again_is_left_open_by_nobody(answer: str) -> None:
    assert not ends_of_rows(pl.Series(["How?"]), pl.Series([answer]))["left_open"].item()


def test_who_was_given_the_beginning_of_a_block_goes_on_with_it() -> None:
    prompt, answer = "Go on:\n\n```python\ndef light(kiln):", "```python\n    kiln.heat += 20\n"
    assert not ends_of_rows(pl.Series([prompt]), pl.Series([answer]))["left_open"].item()
    assert ends_of_rows(pl.Series(["Go on."]), pl.Series([answer]))["left_open"].item()
