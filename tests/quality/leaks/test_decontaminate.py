import random

import polars as pl
import pytest
from pydantic import ValidationError

from quality.leaks.decontaminate import Decontaminate, leaks

ITEM = (
    "A firmware updater that fetches images over plain transport and never checks their signature lets "
    "anyone between the device and the vendor replace the image, so that the device runs the code of a "
    "stranger from its next start on and keeps doing so after every later update"
)


def exam(*rows: tuple[str, str]) -> pl.DataFrame:
    named = [(f"item{i}", *row) for i, row in enumerate(rows)]
    return pl.DataFrame(named, schema={"item": pl.String, "question": pl.String, "answer": pl.String}, orient="row")


def find(prompts: list[str | None], answers: list[str | None], items: pl.DataFrame, **fields: float) -> list[tuple]:
    as_series = (pl.Series(texts, dtype=pl.String) for texts in (prompts, answers))
    return leaks(*as_series, items, Decontaminate.model_validate(fields)).found.drop("threshold").rows()


def noise(rng: random.Random, count: int) -> str:
    return " ".join(f"n{rng.randrange(10**6)}" for _ in range(count))


@pytest.mark.parametrize(
    "prompt",
    [
        "What is Paris?",
        "  what is\nPARIS",
        "“What is Paris?”",
        "You are a helpful assistant.\nWhat is Paris?",
        "Be brief.\n- **What is Paris?**",
        "## What is Paris\rIn a word.",
        "(What is Paris?)",
        "简短。What is Paris？谢谢。",
    ],
)
def test_the_same_question_is_a_leak_whatever_the_answer(prompt: str) -> None:
    assert find(["Other", prompt], ["a", "b"], exam(("What is Paris?", "A city."))) == [
        (1, "item0", "same_question", 1.0)
    ]


@pytest.mark.parametrize(("asked", "other"), [("What is C#?", "What is C?"), ("Who uses A*?", "Who uses A?")])
def test_a_sign_that_belongs_to_the_last_word_tells_questions_apart(asked: str, other: str) -> None:
    items = exam((asked, ""))
    assert find([other, f"- **{other}**"], ["", ""], items) == []
    assert len(find([asked, f"# {asked}"], ["", ""], items)) == 2


def test_a_short_question_inside_a_prompt_is_found_whole_and_at_word_boundaries_only() -> None:
    items = exam(("What is SQL injection?", ""))
    inside = "Answer briefly. What is SQL injection? Use one sentence."
    assert find([inside], [""], items) == [(0, "item0", "same_question", 1.0)]
    inside = "Answer this briefly: what is SQL injection and who does it"
    assert find([inside], [""], items) == [(0, "item0", "shared_ngrams", 1.0)]
    assert find(["What is SQL injections about?", "What is an injection of SQL?"], ["", ""], items) == []
    assert find([inside], [""], items, short_question=5) == []
    # In an answer the words of a short question prove nothing.
    assert find(["x"], [inside], items) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "<p>Who won?</p>",
        "Read this: <div class='q'><b>Who won?</b></div> and answer.",
        "Be brief.<br>Who won?<br/>",
        "<table><tr><td>1</td><td>Who <i>won</i>?</td></tr></table>",
        "| 1 | Who won? | A |",
        '{"id":3,"question":"Who won?","choices":["A","B"]}',
        '{"text":"Be brief.\\nWho won?"}',
        '{"text":"{\\"q\\": \\"Who won?\\"}"}',
        "[{'id': 3, 'question': 'Who won?', 'choices': []}]",
        "Be brief. W\u00adho w\u200bon\u2060?",
        'The sign ("Who won?") hangs there.',
        '"Who won", it says.\nSo?',
        'It says "Who won". So?',
    ],
)
def test_a_question_of_two_words_is_found_between_tags_and_in_strings(prompt: str) -> None:
    assert find([prompt], [""], exam(("Who won?", ""))) == [(0, "item0", "same_question", 1.0)]


@pytest.mark.parametrize(
    "prompt",
    [
        "<p>Tell me who won?</p>",
        "Tell me <b>who</b> won?",
        "Tell me <b>who won</b> the <a href='c'>cup</a>.",
        '{"question":"Who won the cup?"}',
        'It says "Who won the cup?" in red.',
        "<p>Who</p><p>won?</p>",
        "Vec<Who won>",
        "_Who_ won the cup",
    ],
)
def test_a_question_of_two_words_is_no_leak_as_part_of_another(prompt: str) -> None:
    assert find([prompt], [""], exam(("Who won?", ""))) == []


@pytest.mark.parametrize("question", ["What is SQL injection?", "Why does lake ice form at the top?"])
def test_emphasis_and_invisible_characters_hide_no_short_question(question: str) -> None:
    bare = question.rstrip("?")
    for spelled in (f"_{bare}_", f"__{bare}__", "\u00ad".join(bare), "\u200b".join(bare), bare.replace(" ", " \ufeff")):
        prompt = f"Answer me {spelled} in one word"
        assert find([prompt], [""], exam((question, ""))) == [(0, "item0", "shared_ngrams", 1.0)]
    assert find([bare.replace(" ", "_")], [""], exam((question, ""))) == []


def test_a_short_question_is_found_in_an_answer_where_it_is_asked() -> None:
    items = exam(("What is SQL injection?", ""), ("Name the largest lake", ""), ("Who won?", ""))
    asked = [
        "It runs thus. What is SQL injection? Answer A.",
        "Q: _What is SQL injection_\nA: x",
        '["What is SQL injection?"]',
    ]
    assert find(["x"] * 3, asked, items) == [(row, "item0", "same_question", 1.0) for row in range(3)]
    assert find(["x"], ["Question: name the largest lake?"], items) == [(0, "item1", "same_question", 1.0)]
    # What is no question, stands within a sentence or has fewer words is said in many an honest answer.
    honest = ["Name the largest lake. Then swim.", "This tells what is SQL injection and why.", "Who won? Nobody."]
    assert find(["x"] * 3, honest, items) == []


def test_an_empty_question_matches_nothing() -> None:
    assert find(["", None, "?"], ["", None, ""], exam(("", ITEM), ("?", ITEM))) == []


def test_a_short_answer_proves_nothing() -> None:
    items = exam(("q", "Validate all input on arrival."))
    assert find(["Why validate all input on arrival?"], ["Validate all input on arrival."], items) == []


@pytest.mark.parametrize("field", [0, 1])
@pytest.mark.parametrize("side", [0, 1])
def test_every_verbatim_leak_is_found_inside_longer_rows(field: int, side: int) -> None:
    rng = random.Random(3)
    texts = [noise(rng, rng.choice([8, 9, 20, 60, 500])) for _ in range(300)]
    items = exam(*[(t, "") if field == 0 else ("", t) for t in texts])
    rows = [f"{noise(rng, 300)}. {t.upper()}! {noise(rng, 300)}" for t in texts]
    empty = [""] * len(rows)
    found = find(*((rows, empty) if side == 0 else (empty, rows)), items)
    # A question that stands in a prompt as a sentence of its own is more than shared words.
    reason = "same_question" if (field, side) == (0, 0) else "shared_ngrams"
    assert found == [(i, f"item{i}", reason, 1.0) for i in range(300)]


def test_most_leaks_with_three_percent_of_their_words_changed_are_found() -> None:
    rng = random.Random(4)
    texts = [noise(rng, rng.randint(40, 150)) for _ in range(500)]
    edited = [" ".join(w if rng.random() > 0.03 else noise(rng, 1) for w in text.split()) for text in texts]
    found = find(["q"] * 500, edited, exam(*[("", text) for text in texts]))
    assert len(found) >= 0.95 * 500
    assert all(item == f"item{row}" for row, item, _, _ in found)


def test_a_passage_of_a_long_item_is_a_leak_by_its_length() -> None:
    rng = random.Random(5)
    text = noise(rng, 1000)
    for length, is_leak in ((38, False), (39, True)):  # 39 words hold 32 n-grams of 8, half of `enough`
        passage = " ".join(text.split()[500 : 500 + length])
        assert bool(find(["q"], [passage], exam(("", text)))) == is_leak


def test_a_template_of_many_items_leaks_nothing_but_what_fills_it_does() -> None:
    template = "In one or two sentences, explain what the weakness named {} is and how one can mitigate it."
    items = exam(*[(template.format(f"name{i}"), "") for i in range(50)])
    prompts = [template.format(f"other{i}") for i in range(15)] + [template.format("name7") + " Please."]
    assert find(prompts, [""] * 16, items) == [(15, "item7", "same_question", 1.0)]


def test_a_template_of_many_rows_leaks_nothing_even_if_the_exam_is_tiny() -> None:
    template = (
        "In one or two sentences, for a reader who is new to it, explain what {} is, "
        "why it is a weakness, what may come of it and how one can best mitigate it."
    )
    items = exam(
        (template.format("alpha and the use of it"), ITEM), (template.format("beta in all its known forms"), ITEM)
    )
    prompts = [template.format(" ".join(f"o{i}{word}" for word in "abcdef")) for i in range(100)]
    assert find(prompts, [""] * 100, items) == []
    # In few rows the same words are evidence: more than half of the n-grams.
    assert len(find(prompts[:10], [""] * 10, items)) == 10


def test_one_rare_ngram_of_a_boilerplate_answer_is_not_enough() -> None:
    rng = random.Random(6)
    boilerplate = noise(rng, 40)
    rare = noise(rng, 8)
    items = exam(*[("", f"{boilerplate} {noise(rng, 8)}") for _ in range(20)], ("", f"{rare}. {boilerplate}"))
    assert find(["q"], [rare], items, template_items=5) == []
    assert find(["q"], [f"{rare}. {boilerplate}"], items, template_items=5) == [(0, "item20", "shared_ngrams", 1.0)]


def test_a_question_that_many_items_ask_is_no_leak() -> None:
    items = exam(*[("Summarise the text.", noise(random.Random(i), 30)) for i in range(10)])
    assert find(["Summarise the text."], ["b"], items) == []
    assert find(["Summarise the text."], ["b"], items.head(5)) == [(0, "item0", "same_question", 1.0)]


def test_the_witness_is_the_item_with_the_largest_score() -> None:
    half = " ".join(ITEM.split()[:30])
    items = exam(("", ITEM), ("", half), ("", f"{half} and then something else altogether for a while"))
    assert find(["q"], [f"{half} follows"], items) == [(0, "item1", "shared_ngrams", 1.0)]


def test_of_items_with_equal_scores_the_first_is_the_witness() -> None:
    assert find(["q"], [ITEM], exam(("", ITEM), ("", ITEM))) == [(0, "item0", "shared_ngrams", 1.0)]


def test_a_long_question_asked_again_is_the_same_question_rather_than_shared_ngrams() -> None:
    assert find([ITEM], ["a"], exam((ITEM, ""))) == [(0, "item0", "same_question", 1.0)]


def test_an_answer_that_up_to_five_items_share_is_evidence() -> None:
    for sharing, is_leak in ((5, True), (6, False)):
        assert bool(find(["q"], [ITEM], exam(*[("", ITEM)] * sharing))) == is_leak


def test_a_passage_that_a_row_repeats_counts_once() -> None:
    passage = " ".join(ITEM.split()[:16])
    assert find(["q"], [f"{passage}. {passage}. {passage}."], exam(("", ITEM))) == []


def test_a_row_that_repeats_an_item_often_is_still_one_row() -> None:
    assert find(["q"], [" ".join([ITEM] * 25)], exam(("", ITEM))) == [(0, "item0", "shared_ngrams", 1.0)]


def test_a_passage_that_an_item_repeats_counts_once() -> None:
    words = ITEM.split()
    passage, rest = " ".join(words[:16]), " ".join(words[16:40])
    # Of 40 n-grams the passage holds 9 (repeats add the 7 that cross its end), though they stand there six times.
    assert find(["q"], [passage], exam(("", f"{passage} " * 6 + rest))) == []


@pytest.mark.parametrize(("pool", "most"), [(50, 20), (2_500, 25)])
def test_an_ngram_in_twenty_rows_or_one_percent_of_them_is_evidence_and_in_one_more_is_not(
    pool: int, most: int
) -> None:
    for holding, found in ((most, most), (most + 1, 0)):
        answers = [" ".join(ITEM.split()[:39])] * holding + ["a"] * (pool - holding)  # 32 of 41 n-grams: no copy
        assert len(find(["q"] * pool, answers, exam(("", ITEM)))) == found


def test_short_questions_longer_than_an_ngram_leave_ngrams_as_they_are() -> None:
    assert len(find(["q"], [ITEM], exam(("", ITEM)), short_question=10)) == 1


def test_rows_are_found_in_whichever_batch_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.lsh.shingles._BATCH_BYTES", 64)
    found = find(["q"] * 9, ["a"] * 7 + [ITEM, "a"], exam(("x", "y"), ("", ITEM)))
    assert found == [(7, "item1", "shared_ngrams", 1.0)]


def test_ngrams_do_not_run_from_the_prompt_into_the_answer() -> None:
    words = ITEM.split()
    assert find([" ".join(words[:7])], [" ".join(words[7:14])], exam(("", " ".join(words[:14])))) == []


def test_the_threshold_is_the_share_from_which_a_row_leaks() -> None:
    words = ITEM.split()
    assert len(words) == 48  # 41 n-grams; 28 words hold 21
    for length, is_leak in ((27, False), (28, True)):
        assert bool(find(["q"], [" ".join(words[:length])], exam(("", ITEM)))) == is_leak
    assert find(["q"], [" ".join(words[:28])], exam(("", ITEM)), threshold=0.52) == []


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("items", [0, 1])
def test_empty_pools_and_empty_exams_leak_nothing(rows: int, items: int) -> None:
    found = leaks(
        pl.Series(["q"] * rows, dtype=pl.String),
        pl.Series(["a"] * rows, dtype=pl.String),
        exam(*[("x", "y")] * items),
    ).found
    assert found.is_empty()
    assert found.schema == {
        "row": pl.UInt32,
        "item": pl.String,
        "reason": pl.String,
        "score": pl.Float64,
        "threshold": pl.Float64,
    }


@pytest.mark.parametrize("wrong", [{"threshold": 0}, {"words": 1}, {"ngram": 8}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Decontaminate.model_validate(wrong)


@pytest.mark.parametrize("copies", [20, 21, 300])
@pytest.mark.parametrize("field", [0, 1])
def test_however_many_rows_copy_an_item_all_of_them_leak_it(field: int, copies: int) -> None:
    rng = random.Random(8)
    rows = [f"{noise(rng, 30)} {' '.join(ITEM.split()[:-1])} {noise(rng, 30)}" for _ in range(copies)]
    other = [noise(rng, 12) for _ in range(copies)]
    item = exam((ITEM, "") if field == 0 else ("", ITEM))
    for texts in ((rows, other), (other, rows)):
        assert {row for row, *_ in find(*texts, item)} == set(range(copies))


def test_what_many_rows_hold_of_a_long_answer_is_no_copy_of_it() -> None:
    rng = random.Random(9)
    paragraph = noise(rng, 70)  # as many n-grams as `enough`, and 63 of the 93 there are
    rows = [f"{paragraph} {noise(rng, 30)}" for _ in range(60)]
    assert find(["q"] * 60, rows, exam(("", f"{paragraph} {noise(rng, 30)}"))) == []


@pytest.mark.parametrize(("asking", "found"), [(20, 20), (21, 0)])
def test_a_short_question_that_more_than_twenty_rows_ask_of_a_text_gives_nothing_away(asking: int, found: int) -> None:
    prompts = [f"Text {n}\nSum it up?" for n in range(asking)] + ["Other"] * 30
    assert len(find(prompts, ["a"] * len(prompts), exam(("Sum it up?", "b")))) == found


def test_who_asks_only_the_question_or_answers_it_alike_leaks_it_however_many_do() -> None:
    items = exam(("Who rules Chad?", "N’Djamena."))
    asking = [f"{n}\nWho rules Chad?" for n in range(30)]
    assert find(asking, ["a"] * 30, items) == []
    assert len(find(["who rules CHAD"] * 30, ["a"] * 30, items)) == 30
    answering = ["a"] * 28 + ["It is N'Djamena, of course.", "N’Djamenas"]
    assert [row for row, *_ in find(asking, answering, items)] == [28]


@pytest.mark.parametrize("question", ["Which city rules Chad?", "Which of all the cities rules the land of Chad?"])
def test_a_question_of_four_words_or_more_as_a_line_or_sentence_is_asked_however_many_ask_it(question: str) -> None:
    asking = [f"{n}.\n{question}" if n % 2 else f"Now. {question} Quick!" for n in range(100)]
    assert len(find(asking, ["a"] * 100, exam((question, "b")))) == 100


def test_items_of_which_many_rows_hold_much_are_told() -> None:
    half = " ".join(ITEM.split()[:30])
    items = exam(("Sum it up?", ""), ("", f"{half} {noise(random.Random(1), 10)}"), ("Who came?", "Nobody."))
    for rows, common in ((20, []), (21, ["item0", "item1"])):
        prompts = pl.Series([f"{n}\nSum it up?" for n in range(rows)])
        assert leaks(prompts, pl.Series([half] * rows), items).common.to_list() == common


def test_a_question_of_one_word_must_be_a_line_of_its_own_and_a_longer_one_a_sentence() -> None:
    items = exam(("Recursion?", ""), ("Define recursion.", ""))
    prompts = [
        "Well: recursion? No.",
        "Be brief.\nRecursion",
        "Be brief. Define recursion. Thanks!",
        "I define recursion.",
    ]
    assert [(row, item) for row, item, *_ in find(prompts, [""] * 4, items)] == [(1, "item0"), (2, "item1")]


@pytest.mark.parametrize(
    ("prompt", "leaks_it"),
    [
        ("How do you treat a burn barrel?", False),
        ("Explain this: How do you treat a burn barrel at home?", False),
        ("How do you treat a burn burrn?", True),
        ("How do you treat a burn in children?", True),
        ("Tell me how do you treat a burn properly", True),
        ("Now, how do you treat a burn, doctor?", True),
        ("Say how do you treat a burn\nBarrels are cheap.", True),
        ("How do you treat a burn barrel, and how do you treat a burn?", True),
    ],
)
def test_a_question_that_goes_on_to_another_thing_is_another(prompt: str, *, leaks_it: bool) -> None:
    found = find([prompt], ["Line it with clay."], exam(("How do you treat a burn?", "Cool it.")))
    assert bool(found) is leaks_it


def test_a_word_put_in_behind_a_question_hides_no_item_whose_answer_stands_below() -> None:
    items = exam(("Name the largest lake", "The Caspian Sea"))
    assert len(find(["Name the largest lake river"], ["Caspian Sea"], items)) == 1
    assert find(["Name the largest lake port"], ["Baku, with two million people"], items) == []
