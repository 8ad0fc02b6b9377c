"""What `winnow why` shows of a row and its witness."""

from pathlib import Path

import pytest
from rich.text import Text

from flows import inspecting
from flows.inspecting import _measure, marked, parted
from tasks import runs
from tasks.inspection import Found, Life, Said
from tasks.row_search import Way

LONG = " ".join(f"word{n}" for n in range(300))


def test_two_long_texts_are_shown_from_where_they_part() -> None:
    text, witness = parted(f"{LONG} left end", f"{LONG} right end")
    assert text.endswith("word298 word299 left end")
    assert witness.endswith("word298 word299 right end")
    skipped = len(LONG) + 1 - 60
    assert text.startswith(f"(+{skipped:,} characters alike) …")
    assert witness.startswith(f"(+{skipped:,} characters alike) …")


def test_a_text_that_only_goes_on_shows_how() -> None:
    text, witness = parted(f"{LONG}. Really.", f"{LONG}.")
    assert text.endswith("word299. Really.")
    assert witness.endswith("word299.")


def test_texts_that_part_early_are_shown_from_their_beginning_on_one_line() -> None:
    assert parted("a  b\nc", "x b c") == ("a b c", "x b c")


def test_a_text_that_fits_is_shown_whole() -> None:
    fits = LONG[:390]
    assert parted(f"{fits} a", f"{fits} b") == (f"{fits} a", f"{fits} b")


def test_an_exact_duplicate_is_not_printed_twice() -> None:
    assert parted("How  deep?\n2 feet", "how deep?\n2 FEET") == (
        "How deep? 2 feet",
        "(the same text, but for white space and the case of letters)",
    )
    assert parted("same", "same")[1] == "(the same text)"


def test_without_a_witness_the_text_stands_alone_and_short() -> None:
    assert parted(LONG, "") == (f"{LONG[:400]}… (+{len(LONG) - 400:,} characters)", "")


def test_an_edited_copy_is_shown_once_with_its_edits_marked() -> None:
    told = marked(f"the [red] cat {LONG} end", f"the [red] dog {LONG} end")
    assert told is not None
    plain = Text.from_markup(told)
    assert plain.plain.startswith("the [red] [-cat-] {+dog+} word0 word1")
    assert "(289 words)" in plain.plain
    assert [plain.plain[span.start : span.end] for span in plain.spans if "strike" in str(span.style)] == ["cat"]


def test_texts_that_differ_in_most_words_or_in_none_get_no_marks() -> None:
    assert marked("one two three", "four five six") is None
    assert marked("one two", "one  two") is None
    assert marked("one two", "") is None


def test_texts_without_spaces_are_marked_where_they_differ() -> None:
    told = marked("今天天气很好，我们去公园散步。", "今天天气不好，我们去公园散步。")
    assert told is not None
    assert Text.from_markup(told).plain == "今天天气 [-很-] {+不+} 好，我们去公园散步。"


def test_tokens_are_told_in_full_and_scores_in_four_digits() -> None:
    over = {"stage": "choose", "score": 20_040.0, "threshold": 20_000.0}
    assert _measure(over) == " (20,040 tokens with it, 20,000 allowed)"
    assert _measure({"stage": "dedupe", "score": 0.823529, "threshold": 0.75}) == " (score 0.8235, threshold 0.75)"
    assert _measure({"stage": "weigh", "score": 12345.6, "threshold": None}) == " (score 12,346)"
    assert _measure({"stage": "split", "score": None, "threshold": None}) == ""


RECEIPT = {
    "id": "a" * 32, "origin": "rows.jsonl:4", "source": "rows", "stage": "dedupe", "fate": "dropped",
    "reason": "near_duplicate", "witness": "b" * 32, "score": 0.9, "threshold": 0.75,
}  # fmt: skip


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_a_row_s_prompt_and_answer_are_named_and_so_are_its_witness_s(capsys: pytest.CaptureFixture[str]) -> None:
    said = Said("How [deep] do roots go?", f"{LONG} end")
    inspecting._tell_life(Life(RECEIPT, said, "rows.jsonl:1", Said("How [deep] do  roots go?", f"{LONG} stop")))
    told = lines(capsys)
    assert told[2] == "prompt How [deep] do roots go?"
    assert told[3].startswith("answer word0 word1")
    assert told[4] == f"witness {'b' * 32} rows.jsonl:1"
    assert told[5] == "its prompt (the same text, but for white space and the case of letters)"
    assert told[6].startswith("diff answer word0 word1")
    assert told[6].endswith("[-end-] {+stop+}")
    assert len(told) == 7


def test_a_row_without_a_witness_is_told_by_its_prompt_and_answer(capsys: pytest.CaptureFixture[str]) -> None:
    kept = RECEIPT | {"fate": "kept", "stage": "split", "reason": "train", "witness": None, "score": None}
    inspecting._tell_life(Life(kept, Said("Why?", "Because.")))
    assert lines(capsys)[2:] == ["prompt Why?", "answer Because."]


def test_the_words_that_gave_a_row_away_are_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    screened = RECEIPT | {"stage": "screen", "reason": "refusal", "witness": None}
    inspecting._tell_life(Life(screened, Said("Why?", "So. I [can't] say."), blamed="I [can't]\nsay."))
    assert lines(capsys)[2] == "told by “I [can't] say.”"
    inspecting._tell_life(Life(screened, Said("Why?", "So."), blamed="I [can't] say.", earlier=True))
    assert lines(capsys)[2] == "told by an earlier answer: “I [can't] say.”"


def test_rows_that_hold_the_same_words_are_listed_with_ids_and_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    lives = [Life(RECEIPT | {"id": id_ * 32}, Said(f"{LONG} [red] Moss {LONG}", "No.")) for id_ in "cd"]
    inspecting._tell_matches(Found(lives, 31, "phrase"), "[red]  moss")
    told = ["", *lines(capsys)]
    assert told[1] == f"{'c' * 32} rows.jsonl:4 dropped (dedupe: near_duplicate)"
    assert told[2].startswith("prompt …")
    assert "word299 [red] Moss word0 word1" in told[2]
    assert len(told[2]) < 160
    assert told[3].startswith("d" * 32)


@pytest.mark.parametrize(
    ("rows", "way", "told"),
    [
        (31, "phrase", "31 rows hold “moss \\[x]”; the shortest 1 are:"),
        (1, "phrase", "1 row holds “moss \\[x]”:"),
        (1, "words", "No row holds “moss \\[x]” as it stands; 1 row holds each of its words:"),
        (
            9,
            "within",
            "No row holds “moss \\[x]” as words of their own; 9 rows hold it within words; the shortest 1 are:",
        ),
    ],
)
def test_how_many_rows_hold_some_words_is_told_and_how(rows: int, way: Way, told: str) -> None:
    assert inspecting._told_matches(Found([Life(RECEIPT, Said())], rows, way), "moss  [x]") == told


def test_run_and_row_may_be_given_in_either_order(home: Path) -> None:
    with runs.open_run("garden", "name: garden") as run:
        run.commit(state="Curated", reason="", facts={})
    name = run.folder.name
    assert inspecting._named("some words", name) == inspecting._named(name, "some words") == (run.folder, "some words")
    with pytest.raises(ValueError, match="There is no finished run “elsewhere”"):
        inspecting._named("some words", "elsewhere")
