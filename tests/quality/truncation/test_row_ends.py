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
