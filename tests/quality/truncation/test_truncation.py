"""Where a sentence may end is learnt from the pool: stumps and cut answers are told, labels and short answers kept."""

import random
import string
from time import process_time

import polars as pl
import pytest

from quality.lsh.shingles import stable_hash
from quality.screening.screen import Screen, screen
from quality.texts.word_uses import WordUses
from quality.truncation import sentence_ends
from quality.truncation.sentence_ends import learn
from quality.truncation.truncation import cut_off

NOUNS = ["harbour", "engine", "letter", "garden", "window", "river", "table", "bottle", "ladder", "candle"]
VERBS = ["moves", "holds", "covers", "lights", "opens", "crosses", "carries", "shows"]


def sentence(rng: random.Random) -> str:
    one, other, third = rng.sample(NOUNS, 3)
    return f"It is the {one} that {rng.choice(VERBS)} a {other} with the {third}."


def prose(rows: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(sentence(rng) for _ in range(rng.randint(2, 5))) for _ in range(rows)]


def found(answers: list[str], **fields: object) -> list[tuple[int, str]]:
    prompts = pl.Series([f"What of number {row}?" for row in range(len(answers))])
    settings = Screen.model_validate({"least_words": 1, "most_repeated_phrases": 1} | fields)
    return screen(prompts, pl.Series(answers), settings).select("row", "reason").rows()


@pytest.mark.parametrize("stump", ["The", "I th", "It is", "It is a", "the harbour that", "It is the river with"])
def test_a_stump_ends_where_no_sentence_of_the_pool_ends(stump: str) -> None:
    assert found([*prose(300), stump]) == [(300, "truncated_answer")]


def test_many_stumps_are_not_the_custom_of_the_pool() -> None:
    stumps = ["The", "I th", "It is", "It is a"] * 4
    assert [reason for _, reason in found([*prose(600), *stumps])] == ["truncated_answer"] * 16


@pytest.mark.parametrize(
    "answer",
    [
        "Paris.",
        "Paris",
        "42",
        "Yes",
        "[A, B]",
        "`x`",
        "New York",
        "Harbour",
        "World Wide Web",
        "B)",
        "x = 3",
        "R = E / I",
        "P = I x E",
    ],
)
def test_short_answers_that_end_are_kept(answer: str) -> None:
    assert found([*prose(300), answer]) == []


@pytest.mark.parametrize("address", ["https://example.org/harbour", "ann@example.org"])
def test_an_address_is_no_stump(address: str) -> None:
    assert found([*prose(1_200), address]) == []


def test_one_stump_given_by_several_rows_counts_as_one_ending() -> None:
    rng = random.Random(5)
    rows = [*(sentence(rng) for _ in range(200)), *["It is"] * 5]  # 5 of 205 uses, above the threshold
    assert found(rows) == [(row, "truncated_answer") for row in range(200, 205)]


def test_a_pool_too_small_to_learn_from_knows_what_no_english_sentence_ends_in() -> None:
    assert found(["The"]) == [(0, "truncated_answer")]
    assert found(["Paris"]) == []


def test_a_label_that_many_rows_give_is_no_stump() -> None:
    labels = ["holds"] * 20 + ["covers"] * 20
    assert found([*prose(300), *labels]) == []


def test_what_several_prompts_of_one_kind_have_as_their_answer_is_a_label_unless_it_begins_others() -> None:
    said, stumps = ["covers it"] * 6, ["It is"] * 6
    prompts = ["Name a verb."] * 6 + ["Which sort is it?"] * 300 + ["Which sort is it?"] * 6
    answers = [*said, *prose(300), *stumps]
    fell = cut_off(pl.Series(prompts), pl.Series(answers)) > 0.5
    assert fell.arg_true().to_list() == list(range(306, 312))
    apart = pl.Series([f"{place} {prompt}" for place, prompt in enumerate(prompts)])
    assert (cut_off(apart, pl.Series(answers)) > 0.5).arg_true().to_list() == [*range(6), *range(306, 312)]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How high is it?", "8,849 m"),
        ("How fast is it?", "~ 299,792 km/s"),
        ("At which heat does it boil?", "100 °C"),
        ("How do I count its lines?", "wc -l file.txt"),
        ("How do I take it back?", "git reset --soft HEAD~1"),
        ("Is it blue?", "Yes, it is"),
        ("I wonder: do they move?", "No, they don't"),
        ("Where are all the .py files?", "find . -type f | wc -l"),
        ("Is the tunnel open to cyclists at night?", "No"),
        ("Does it help? Answer from the text.", "maybe"),
        ("True or false: the mill stands still.", "False"),
        ("Classify the sentiment: I love it.", "positive"),
        ("What is the symbol of gold?", "Au"),
    ],
)
def test_quantities_commands_replies_and_words_asked_for_are_whole(prompt: str, answer: str) -> None:
    rows = [*(text.removesuffix(".") for text in prose(30, seed=4)), *prose(1_200)]
    asked = pl.Series(["What of it?"] * len(rows) + [prompt])
    assert cut_off(asked, pl.Series([*rows, answer]))[-1] == 0


@pytest.mark.parametrize("answer", ["Yes, it is", "It is", "8 of", "the -", "It moves the -x", "No", "positive"])
def test_a_stump_is_no_reply_quantity_or_command(answer: str) -> None:
    rows = [*prose(1_200), answer]
    assert cut_off(pl.Series(["What of it?"] * len(rows)), pl.Series(rows))[-1] > 0.5


def test_what_short_answers_of_the_pool_do_is_custom() -> None:
    names = [f"{noun} {other}" for noun in NOUNS for other in NOUNS if noun != other]
    assert found([*prose(300), *names]) == []
    assert found([*prose(600), names[0]]) == [(600, "truncated_answer")]


def test_a_long_answer_cut_in_mid_sentence_is_told() -> None:
    whole = prose(400)
    open_ended = [text.removesuffix(".") for text in prose(20, seed=1)]  # the custom of some: no mark at the end
    cut = " ".join(prose(1, seed=2)[0].split()[:13]) + " with the"
    assert found([*whole, *open_ended, cut]) == [(420, "truncated_answer")]


def test_the_clauses_of_a_list_may_end_in_and() -> None:
    rows = [*prose(300), *["The harbour holds a river; and the garden; and"], *["The harbour, the river, and the and"]]
    assert found(rows) == [(301, "truncated_answer")]


def test_a_threshold_of_one_switches_it_off() -> None:
    rows = [*prose(600), "It is", prose(1, seed=2)[0].removesuffix(".") + " with the"]
    assert len(found(rows)) == 2
    assert found(rows, most_cut_off=1) == []


def test_other_languages_are_learnt_as_well() -> None:
    rng = random.Random(3)
    german = [f"Der {rng.choice(NOUNS)} liegt in der {rng.choice(NOUNS)} und bei dem {rng.choice(NOUNS)}."
              for _ in range(300)]  # fmt: skip
    assert found([*german, "Der harbour liegt in der"]) == [(300, "truncated_answer")]


def test_a_pool_of_nothing_has_no_endings() -> None:
    assert cut_off(pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.String)).len() == 0
    assert cut_off(pl.Series(["", "What?"]), pl.Series(["", "..."])).to_list() == [0.0, 0.0]


def test_the_beginning_of_a_word_is_a_cut() -> None:
    rows = [*prose(300), *[f"It is number {row} and no other" for row in range(30)]]  # no full stop: a custom here
    assert found([*rows, "It is the harbour that cros"]) == [(330, "truncated_answer")]
    assert found([*rows, "It is the harbour with the dog"]) == []  # no word begins so


def test_where_hardly_any_answer_is_left_open_one_that_is_was_cut() -> None:
    rng = random.Random(9)
    whole = [text.removesuffix(".") for text in prose(60, seed=8)]
    cut = [" ".join(text.split()[: rng.randint(1, 9)]) for text in prose(60, seed=7)]
    assert sum(row >= 3_000 for row, _ in found([*prose(3_000), *cut])) >= 50
    # The same cuts beside many whole answers that go without a full stop, which are kept.
    custom = [*prose(1_500), *[text.removesuffix(".") for text in prose(1_500, seed=5)], *whole, *cut]
    fell = [row for row, _ in found(custom)]
    assert sum(row < 3_060 for row in fell) <= 15
    assert sum(row >= 3_060 for row in fell) >= 25


@pytest.mark.parametrize("stop", ["．", "？", "。"])
def test_a_stop_in_another_form_is_a_stop(stop: str) -> None:
    assert found([*prose(1_000), "The harbour keeps a crane for boats, and it lifts up to 12 tons" + stop]) == []


def test_what_is_custom_among_prompts_of_one_kind_is_no_slip_there() -> None:
    rng = random.Random(4)
    answers = [" ".join([*rng.sample(NOUNS, 2), "that"]) for _ in range(100)]
    prompts = [f"Name three things, number {row}." for row in range(100)]
    # Of others, too, some say no more than one sentence: else answers of one would be a kind of their own.
    others = [*prose(1_500), *(sentence(rng) for _ in range(500))]
    asked = pl.Series([*prompts, *[f"What of number {row}?" for row in range(2_000)]])
    unasked = pl.Series([f"What of number {row}?" for row in range(2_100)])
    whole, cut = (cut_off(prompts, pl.Series([*answers, *others])).head(100).mean() for prompts in (asked, unasked))
    assert whole < cut / 2


def test_the_order_of_the_rows_makes_no_difference() -> None:
    answers = [*prose(3_000, seed=6), "It is the harbour that", "It is a river", "Harbour", "the engine wi"]
    prompts = [f"What of number {row}?" for row in range(len(answers))]
    order = random.Random(1).sample(range(len(answers)), len(answers))
    straight = cut_off(pl.Series(prompts), pl.Series(answers))
    mixed = cut_off(pl.Series([prompts[row] for row in order]), pl.Series([answers[row] for row in order]))
    assert mixed.to_list() == pytest.approx([straight[row] for row in order], abs=1e-6)


def test_prompts_of_no_kind_and_of_rare_kinds_are_one_kind_in_any_order() -> None:
    texts = enumerate(prose(1_200, seed=3))
    answers = [" ".join(text.split()[: 4 + row % 5]) if row % 9 == 0 else text for row, text in texts]
    prompts = ["?" if row % 2 else f"Why{row} so?" for row in range(1_200)]
    order = range(1_199, -1, -1)  # the first that is open is of a rare kind, the last of none
    assert prompts[0] != "?" == prompts[1_197]
    straight = cut_off(pl.Series(prompts), pl.Series(answers))
    mixed = cut_off(pl.Series([prompts[row] for row in order]), pl.Series([answers[row] for row in order]))
    assert mixed.to_list() == pytest.approx([straight[row] for row in order], abs=1e-6)
    assert (straight > 0).sum() > 60


def test_of_a_big_pool_a_sample_is_learnt_from_whatever_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence_ends, "_SAMPLE_BYTES", 20_000)
    texts = prose(1_000)
    straight, mixed = (sentence_ends.sampled(pl.Series(order))["text"] for order in (texts, texts[::-1]))
    assert straight.to_list() == mixed.to_list()
    assert 10_000 < straight.str.len_bytes().sum() < 40_000


@pytest.mark.parametrize("dots", ["...", "…", " ..."])
def test_dots_behind_a_word_that_ends_no_sentence_are_a_cut(dots: str) -> None:
    assert found([*prose(300), f"It is the harbour that{dots}"]) == [(300, "truncated_answer")]
    assert found([*prose(300), f"It is the harbour with the garden{dots}"]) == []


def test_a_text_is_no_witness_of_its_own_end() -> None:
    """All counts of a half come from the other half, so a word that one text alone has weighs nothing in it."""
    alone = pl.Series([*prose(200), "It is the harbour that moves a river with a zebra"])
    learnt = learn(alone).early
    place = pl.DataFrame({"text": stable_hash(alone)[-1:], "last": ["zebra"], "before": ["a"]})
    other = place.with_columns(pl.col("text") ^ 1)  # of the other half
    assert learnt.log_odds(place)[0] > learnt.log_odds(other)[0]


def test_the_uses_of_words_and_of_longer_ones_are_counted() -> None:
    uses = WordUses.count(pl.Series(["can", "canal", "canal", "candle", "cat", "", "zoo", "can", "can"]))
    own, longer = uses.of(pl.Series(["can", "ca", "canal", "zoo", "zzz", "c"]))
    assert own.tolist() == [3, 0, 2, 1, 0, 0]
    assert longer.tolist() == [3, 7, 0, 0, 0, 7]


def brief(rows: list[str], seed: int) -> pl.Series:
    """Measure brief answers to prompts of several kinds, among 6,000 answers of several sentences."""
    answers = [*prose(6_000, seed=seed), *rows]
    kinds = ["What of", "Tell about", "Describe number", "Explain the"]
    prompts = [f"{kinds[row % 4]} {row}" for row in range(len(answers))]
    return cut_off(pl.Series(prompts), pl.Series(answers)).tail(len(rows))


def test_a_brief_answer_with_a_good_end_is_a_stump_where_most_brief_answers_are() -> None:
    rng = random.Random(2)
    stumps = [f"It is the {rng.choice(NOUNS)} that {rng.choice(VERBS)} a" for _ in range(30)]
    ends_well = [f"It is the {one} with the {other}" for one, other in zip(NOUNS, NOUNS[::-1], strict=True)]
    dotted = [f"{text} ..." for text in ends_well]
    assert (brief(stumps + ends_well + dotted, seed=11) > 0.4).all()
    # Among others that end well, they are the custom.
    labels = [f"It is the {one} with the {other}" for one in NOUNS for other in NOUNS if one != other]
    assert (brief(labels + ends_well, seed=11) > 0.5).sum() == 0


def test_answers_that_are_none_for_another_reason_are_not_the_custom_of_the_pool() -> None:
    answers = [*prose(300), "It is the harbour that"]
    broken = pl.Series([False] * 300 + [True])
    prompts = pl.Series(["What of it?"] * 301)
    assert cut_off(prompts, pl.Series(answers))[300] > 0.4
    assert cut_off(prompts, pl.Series(answers), broken)[300] == 0


@pytest.mark.parametrize(
    "mark",
    [
        " [truncated]", "... (continued)", "… Read more", "... [Continue reading]", " (cut off)", "... See more.",
        " -- more --", " --More--", " [to be continued]", "... (continued on next page)", " <truncated>", " [snip]",
        " (max tokens reached)", " [end of preview]",
    ],
)  # fmt: skip
def test_whoever_says_that_he_cut_it_off_did(mark: str) -> None:
    assert found([*prose(300), f"It is the harbour with the garden{mark}"]) == [(300, "truncated_answer")]


@pytest.mark.parametrize("end", [" (continued below).", ". Read more.", " [cut].", " in a truncated series."])
def test_whoever_speaks_of_reading_on_did_not(end: str) -> None:
    assert found([*prose(300), f"It is the harbour with the garden{end}"]) == []


def test_a_name_that_the_prompt_gave_is_a_stump_where_hardly_any_answer_is_one() -> None:
    answers = pl.Series([*prose(1_200), "Ludwig Beet", "Ludwig Beet"])
    prompts = [f"What of number {row}?" for row in range(1_200)] + ["Who was Ludwig Beethoven?", "Who was it?"]
    cut = cut_off(pl.Series(prompts), answers) > Screen().most_cut_off
    assert cut.arg_true().to_list() == [1_200]


def test_a_full_stop_behind_a_shortened_word_is_no_dots() -> None:
    answers = [
        *prose(1_500),
        "It is the harbour that was sold to Harbour Garden, Inc.",
        "It is the engine of Garden, Ltd..",
    ]
    assert found(answers) == []
    assert found([*answers[:-1], "It is the engine of the ..."])[-1:] == [(1_501, "truncated_answer")]


@pytest.mark.parametrize("parts", [(", ", " "), (" ", "")])
def test_an_alphabet_ends_in_its_last_letter(parts: tuple[str, str]) -> None:
    between, within = parts
    letters = [f"{letter}{within}{letter.lower()}" for letter in string.ascii_uppercase]
    asked = pl.Series(["Which letters are there?"] * 301)
    cut = [
        cut_off(asked, pl.Series([*prose(300), end]))[-1]
        for end in (between.join(letters), between.join(letters[:-3]), f"It is the river {letters[-1]}")
    ]
    assert cut[0] == 0
    assert min(cut[1:]) > 0.5


def test_a_session_ends_in_what_it_printed() -> None:
    session = "Adds the two numbers.\n\n>>> add(harbour, 2)\nthe harbour that"
    assert found([*prose(300), session]) == []
    assert found([*prose(300), session.replace(">>> ", "")]) != []


def test_a_key_that_an_answer_ends_in_is_no_cut_word() -> None:
    said = "The harbour is opened by the one who knows its key:"
    assert found([*prose(300), f"{said} dfmN7lvW1#5", f"{said} ghp_vhlbOiv2JNVZcarolm230um8mX6WCoWv"]) == []
    assert len(found([*prose(300), f"{said} dfmnwlvwxtr", f"{said} the"])) == 2


@pytest.mark.parametrize(
    "end",
    ["the harbour, the river,", "the harbour (the river", "the harbour [of the", "it; and", "a har-", "it -", "it --"],
)
def test_where_something_must_follow_and_hardly_anybody_stops_so_a_text_was_cut(end: str) -> None:
    whole = [text.removesuffix(".") for text in prose(1_500)]
    assert found([*whole, f"It is the engine that opens {end}"])[-1:] == [(1_500, "truncated_answer")]
    custom = [f"It is the engine that opens {end}" for _ in range(20)]
    assert not {row for row, _ in found([*whole, *(f"Number {n}: {text}" for n, text in enumerate(custom))])} & {1_510}


def test_signs_of_one_kind_are_no_custom_of_another() -> None:
    """Where many answers end in a comma, a dash still says that something was to follow."""
    whole = [text.removesuffix(".") for text in prose(1_500)]
    commas = [f"Number {n}: it is the engine that opens the harbour," for n in range(40)]
    told = dict(found([*whole, *commas, "It is the engine that opens a har-"]))
    assert told[1_540] == "truncated_answer"
    assert sum(row in told for row in range(1_500, 1_540)) < 20


@pytest.mark.parametrize("end", ["the harbour (or river)", "the harbour, the river"])
def test_what_is_closed_hangs_on_nothing(end: str) -> None:
    whole = [text.removesuffix(".") for text in prose(1_500)]
    assert 1_500 not in {row for row, _ in found([*whole, f"It is the engine that opens {end}"])}


def test_where_words_end_without_a_full_stop_numbers_do() -> None:
    rng = random.Random(7)
    lists = [f"{sentence(rng)} seats: the {rng.choice(NOUNS)}, the {rng.choice(NOUNS)}" for _ in range(400)]
    counts = [f"{text} {rng.randint(2, 60)}" for text in lists[:20]]
    prompts = pl.Series(
        [*(f"Seats in number {n}?" for n in range(420)), *(f"What of number {n}?" for n in range(2_000))]
    )
    probability = cut_off(prompts, pl.Series([*lists, *counts, *prose(2_000)]))
    assert (probability[400:420] < 0.5).all()


WHOLE = {
    "equations": "x = 3, y = p",
    "verse": "The harbour sleeps beneath the moon\nThe engine hums a quiet tune\nAnd nobody will wake before\nThe rivers gur",
    "a list": "- Lemonade\n- Gingerbread\n- Marzipan\n- Zabaglio",
    "a letter": "Dear Ann, thank you for the garden. It is the river that lights a bottle.\n\nWith love,\nSophie Wren xx",
    "a function": 'def add(one, two):\n    """Add two numbers."""\n    return one plus_two',
}


@pytest.mark.parametrize("answer", WHOLE.values(), ids=WHOLE)
def test_what_goes_by_lines_ends_as_its_lines_do(answer: str) -> None:
    assert found([*prose(1_200), answer]) == []


@pytest.mark.parametrize(
    "answer",
    [
        "The harbour sleeps beneath the moon\nThe engine hums a quiet tune\nAnd nobody will wake before the",
        "It is the harbour that moves\na letter with the garden and the\nriver that opens a wind",  # broken into lines
        "It is the harbour.\nIt is the engine.\nIt is the let",
    ],
)
def test_broken_prose_and_full_stops_are_no_lines_of_their_own(answer: str) -> None:
    assert found([*prose(1_200), answer]) == [(1_200, "truncated_answer")]


@pytest.mark.parametrize(
    ("prompt", "answer", "cut"),
    [
        ("Does the river open a window? Say yes or no.", "no", False),
        ("Is it a ham/spam letter?", "spam", False),
        ("Who holds the ladder? (A) the engine (B) the river", "B", False),
        ("Who holds the ladder, and for what or whom?", "ladder, and", True),
        ("Is it the ladder or the river?", "The", True),
        ("Say no.", "no", True),
    ],
)
def test_who_is_offered_answers_gives_one_of_them(prompt: str, answer: str, *, cut: bool) -> None:
    answers = pl.Series([*prose(1_200), answer])
    prompts = pl.Series([*["What is it?"] * 1_200, prompt])
    assert (cut_off(prompts, answers)[-1] > Screen().most_cut_off) is cut


@pytest.mark.parametrize("piece", ["a", "{", "("])
def test_a_long_word_that_the_prompt_holds_is_not_looked_for_as_one_it_offers(piece: str) -> None:
    long = pl.Series([piece * 100_000])
    began = process_time()
    assert cut_off(long, long).len() == 1
    assert process_time() - began < 10  # seconds; looked for at each place it takes 20 or more


@pytest.mark.parametrize(("end", "cut"), [("with the ladder", False), ("with the", True), ("Candle", True)])
def test_what_another_row_gives_with_its_full_stop_is_whole(end: str, *, cut: bool) -> None:
    pool = prose(1_200)
    copy = f"{pool[7]} It is the river that holds a table {end}"
    assert cut_off(pl.Series([""] * 1_201), pl.Series([*pool, copy]))[1_200] > 0.5
    whole = copy.replace("It is", "It is, ", 1) + "."
    told = cut_off(pl.Series([""] * 1_202), pl.Series([*pool, whole, copy]))
    assert told[1_201] == 0
    other = f"{pool[7]} It is the river that holds a table {end} of another {end}."
    assert cut_off(pl.Series([""] * 1_202), pl.Series([*pool, other, copy]))[1_201] > (0.5 if cut else 0)


def test_an_open_block_of_code_was_cut_unless_they_all_were_exported_so() -> None:
    block = "{}\n\n```python\nprint({})\n```"
    rng = random.Random(9)
    whole = [block.format(sentence(rng), row) for row in range(60)]
    opened = [answer.removesuffix("\n```") for answer in whole]
    assert found([*prose(300), *whole[:58], *opened[58:]]) == [(358, "truncated_answer"), (359, "truncated_answer")]
    assert found([*prose(300), *opened]) == []


def test_an_answer_that_names_who_said_it_makes_open_ends_no_custom() -> None:
    rng = random.Random(11)
    quoted = [f"{answer}\n\t\t-- {rng.choice('ABCDEFG')}. {rng.choice(NOUNS).title()}" for answer in prose(150, 3)]
    cut = [answer.rsplit(" ", 2)[0] for answer in prose(8, 4)]
    rows = [*prose(300), *quoted, *cut]
    assert [row for row, _ in found(rows)] == [*range(450, 458)]
