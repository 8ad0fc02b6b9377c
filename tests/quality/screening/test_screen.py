"""Honest answers pass, defects are named, and each threshold decides."""

import random
from collections.abc import Callable

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pydantic import ValidationError

from quality.screening.measuring import SCORES, measure
from quality.screening.repetition import repetition
from quality.screening.screen import Screen, find_defects, screen

QUESTION = "What does the function return when the list is empty?"


def words(count: int, seed: int = 0) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) for _ in range(count))


WORDS = [f"{a}{b}" for a in ("lo", "mar", "ne", "tu", "fi") for b in ("ra", "men", "sto", "lip", "qua", "der")]


CLEAN = {
    "one word": "Paris.",
    "an empty list": "[]",
    "an operator": "!=",
    "a number": "42",
    "a letter in bold": "**B**",
    "a signed number": "-3.5 %",
    "a sum": "She sold 48/2 = <<48/2=24>>24 clips in May. 48+24 = <<48+24=72>>72 altogether.\n#### 72",
    "a formula": r"$$\int_0^1 x^2\,dx = \left[\tfrac{x^3}{3}\right]_0^1 = \tfrac{1}{3}$$",
    "Chinese": "光在真空中的速度约为每秒三十万公里，这是一个物理常数，与观察者的运动无关。",
    "Arabic": "سرعة الضوء في الفراغ ثابتة ولا تعتمد على حركة الراصد.",
    "Hindi": "निर्वात में प्रकाश की गति स्थिर है और प्रेक्षक की गति पर निर्भर नहीं करती।",
    "French": "À l’été, « Noël » paraît loin ; où est l’âne ? Là-bas, près du château.",
    "Portuguese capitals": "NÃO HÁ RAZÃO PARA ISSO, SÃO APENAS IRMÃOS.",
    "code": "def mean(xs):\n    if not xs:\n        return None\n    return sum(xs) / len(xs)\n",
    "C": "for (i = 0; i < n; i++) {\n  if (a[i] < b && b > c) {\n    x[i] = y;\n  }\n}\n",
    "generics": "Use List<int>, Vec<i>, Option<b> or std::vector<std::string>, where a <b and c> d.",
    "markup in a fence": "Write this:\n```\n<div><p>Hello</p><br>&nbsp;</div>\n```\nThen save it.",
    "markup between backticks": "Put `<br>` at the end and `&nbsp;` before it.",
    "talk about markup": "In HTML the <b> tag makes text bold: write <b>so</b>.",
    "placeholders": "Call it with <name>, <input> and <title>, as in: greet <name>.",
    "an ampersand": "Marks & Spencer; AT&T; R&D; fish & chips;",
    "markdown": "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n* one\n* two\n",
    "a list": "\n".join(f"{i}. {words(6, i)}" for i in range(10)),
    "a refrain": "\n".join([words(8, 1), "Row your boat", words(8, 2), "Row your boat", words(8, 3)]),
    "a line and its echo": f"{words(9)}\n\n{words(9)}",
    "prose": words(12) + ". " + words(12, 5),
}


@pytest.mark.parametrize("name", CLEAN)
def test_honest_answers_pass(reasons: Callable[..., list[str]], name: str) -> None:
    assert reasons(CLEAN[name]) == []


@pytest.mark.parametrize(("signs", "dropped"), [(1, 1), (3, 0)])
def test_an_answer_without_a_word_is_a_slip_only_where_hardly_any_answer_is_a_sign(signs: int, dropped: int) -> None:
    answers = [f"It is the path that number {row} takes." for row in range(400)] + ["/a/b"] * 5 + [":/"] * signs
    found = screen(pl.Series(["Which way?"] * len(answers)), pl.Series(answers))
    assert found["reason"].to_list() == ["short_answer"] * dropped


@pytest.mark.parametrize(("short", "dropped"), [(1, True), (2, False)])
def test_a_short_answer_is_a_slip_only_where_hardly_any_answer_is_short(short: int, dropped: bool) -> None:
    answers = [words(8, seed) for seed in range(400 - short)] + ["Ok then."] * short
    found = screen(pl.Series([QUESTION] * 400), pl.Series(answers))
    expected = [(400 - short, "short_answer", 2.0, 3.0)] if dropped else []
    assert found.rows() == expected


@pytest.mark.parametrize("answer", ["ok", "OK.", "Sure!", "Of course."])
@pytest.mark.parametrize(("short", "reason"), [(1, "short_answer"), (2, "assistant_boilerplate")])
def test_a_mere_yes_is_called_short_where_no_answer_is_and_else_a_formula(answer: str, short: int, reason: str) -> None:
    long = [words(8, seed) for seed in range(400 - short)]
    asked, answers = ["Which river is it, and where does it rise?"] * 400, [*long, *["Ok then."] * (short - 1), answer]
    scores = measure(pl.Series(asked), pl.Series(answers))
    assert find_defects(scores).filter(row=399)["reason"].to_list() == [reason]
    found = find_defects(scores, Screen(least_words=1))
    assert found.filter(row=399)["reason"].to_list() == ["assistant_boilerplate"]


def test_an_answer_too_short_to_have_an_end_is_called_short_and_not_cut_off() -> None:
    prose = [f"It is the harbour that holds bottle number {number}." for number in range(400)]
    answers = pl.Series([*prose, "a", "The"])
    prompts = pl.Series([f"What of {number}?" for number in range(len(answers))])

    def reasons_of(**settings: object) -> list[str]:
        found = screen(prompts, answers, Screen.model_validate({"most_repeated_phrases": 1} | settings))
        return found.filter(pl.col("row") >= 400)["reason"].to_list()

    assert reasons_of(least_words=3) == ["short_answer", "short_answer"]
    assert reasons_of(least_words=1)[-1] == "truncated_answer"  # where short answers are let be, a stump is one


def test_three_words_are_no_slip_and_empty_answers_do_not_count_among_the_short_ones() -> None:
    answers = [words(8, seed) for seed in range(97)] + ["", "", "Use a list."]
    found = screen(pl.Series([QUESTION] * 100), pl.Series(answers))
    assert found["row"].to_list() == [97, 98]
    assert found["reason"].unique().to_list() == ["empty_answer"]


def test_empty_answers_do_not_make_short_ones_the_custom() -> None:
    answers = [words(8, seed) for seed in range(400)] + [""] * 20 + ["Ok then."]
    found = screen(pl.Series([QUESTION] * 421), pl.Series(answers))
    assert found.filter(reason="short_answer")["row"].to_list() == [420]


def test_an_answer_of_no_letters_has_no_broken_ones() -> None:
    scores = measure(pl.Series([QUESTION, QUESTION]), pl.Series(["", words(8)]))
    assert scores["broken_share"].to_list() == [0.0, 0.0]


def test_each_character_is_a_word_in_scripts_without_spaces(reasons: Callable[..., list[str]]) -> None:
    answers = [words(8, seed) for seed in range(99)] + ["光速不变"]
    assert screen(pl.Series([QUESTION] * 100), pl.Series(answers)).is_empty()
    assert reasons("光速", least_words=3) == ["short_answer"]
    assert reasons("光速不变", least_words=4) == []


DEFECTIVE = {
    "null": (None, "empty_answer"),
    "nothing": ("", "empty_answer"),
    "blanks": (" \t\n\u00a0", "empty_answer"),
    "a blank told by its name": ("&nbsp;", "empty_answer"),
    "a break": (" <br/> ", "empty_answer"),
    "an empty paragraph": ("<p>\n</p>", "empty_answer"),
    "invisible": ("\u200b\ufeff\x00 ", "empty_answer"),
    "punctuation": ("...", "placeholder_answer"),
    "dashes": ("---", "placeholder_answer"),
    "a missing value": ("NaN", "placeholder_answer"),
    "a removed post": (" [deleted]\n", "placeholder_answer"),
    "the question again": (QUESTION, "answer_equals_prompt"),
    "the question in other words": (
        "what does the  function return\nwhen the list is empty",
        "answer_equals_prompt",
    ),
    "UTF-8 read as Latin-1": ("Le chÃ¢teau est trÃ¨s prÃ¨s de lâ€™Ã©glise.", "broken_characters"),
    "UTF-8 as mail spells it": ("It=E2=80=99s a caf=C3=A9.", "broken_characters"),
    "quotes as JSON spells them": ("It doesn\\u2019t return anything at all.", "broken_characters"),
    "Chinese read as Latin-1": ("It is “ÖÐÎÄËµÃ÷ËµÃ÷” in Chinese.", "broken_characters"),
    "Russian read as other Russian": ("It is пРЙУБОЙЕ УМПЧБ in Russian.", "broken_characters"),
    "undecodable": ("The caf\ufffd is open.", "broken_characters"),
    "paragraph tags": ("<p>It returns nothing.</p>", "leftover_markup"),
    "a line break tag": ("It returns nothing.<br>Really.", "leftover_markup"),
    "a tag with attributes": ('<div class="post">It returns nothing.', "leftover_markup"),
    "a link": ('See <a href="https://example.org">there</a>.', "leftover_markup"),
    "an entity": ("It returns&nbsp;nothing.", "leftover_markup"),
    "a numeric entity": ("It doesn&#39;t return.", "leftover_markup"),
    "a script": ("<script>var a = 1;</script>It returns nothing.", "leftover_markup"),
    "a comment": ("<!-- ad -->It returns nothing.", "leftover_markup"),
    "a tag of no name that HTML knows": ('See <xref target="1.2">there</xref>.', "leftover_markup"),
    "an accent as an entity": ("The caf&eacute; is open.", "leftover_markup"),
    "a forum's tag": ("It returns [b]nothing[/b].", "leftover_markup"),
    "a wiki's footnote": ("It returns nothing.<ref>See there.</ref>", "leftover_markup"),
    "a tracker": ("It returns nothing. _gaq.push(['_trackPageview']);", "leftover_markup"),
    "a chat token": ("It returns nothing.<|im_end|>", "leftover_markup"),
    "an instruction token": ("[/INST] It returns nothing.", "leftover_markup"),
    "symbols": ("@@## $$%% ^^&& **(( ))!! ~~ a1 {}[] ||\\ //", "mostly_non_letters"),
    "a ruler": ("so\n" + "=" * 40, "mostly_non_letters"),
    "one line again and again": ("\n".join([words(9)] * 4), "repeated_lines"),
    "one sentence again and again": (" ".join(["It returns nothing at all."] * 5), "repeated_phrases"),
    "signs behind every letter": (
        "".join(f"{a}{b}" for a, b in zip(words(9), "#@$%^&*~" * 9, strict=False)),
        "symbol_noise",
    ),
    "signs behind every word": (" ".join(f"{word} #@$%" + "~" for word in words(20).split()), "symbol_noise"),
    "signs and digits": (" ".join(["#1$2%3", "&4*5~6", "7^8@9#"] * 4), "symbol_noise"),
    "a few words and then a loop": (words(60) + " " + "in the end " * 6 + ".", "repeated_phrases"),
    "a word that does not stop": (words(200) + " very" * 16 + ".", "repeated_phrases"),
    "a sentence that does not stop": (words(99) + f". {words(20, 1)}" * 4 + ".", "repeated_phrases"),
    "a space that would not break, read wrongly": ("It returnsÂ nothing.", "broken_characters"),
    "a Cyrillic letter read wrongly": ("It rÐµturns nothing.", "broken_characters"),
    "one equation again and again": (
        "She pays four dollars for the tea and three for the cake: $4 + $3 = $7. " + "#### 7 = $7. " * 10,
        "repeated_phrases",
    ),
    "a sum worked again and again": (words(60) + " " + "#### 24 = <<.24*100=24>>24% " * 10, "repeated_phrases"),
    "a check again and again": (words(60) + " " + "(12 + 24) == 36; " * 8, "repeated_phrases"),
    "all of it twice": (f"{words(20)}.\n\n{words(20)}.", "repeated_phrases"),
    "one item under many numbers": ("\n".join(f"{n}. {words(7)}" for n in range(1, 12)), "repeated_phrases"),
    "one item under many letters": ("\n".join(f"{n}) {words(5)}" for n in "abcdefgh"), "repeated_phrases"),
    "one step again and again": (" ".join(f"Step {n}: {words(6)}." for n in range(1, 9)), "repeated_phrases"),
    "each word thrice": (" ".join(f"{word} {word} {word}" for word in WORDS), "repeated_phrases"),
    "each word twice": (" ".join(f"{word} {word}" for word in WORDS), "repeated_phrases"),
    "each phrase thrice": (" ".join(f"{words(3, n)} " * 3 for n in range(8)), "repeated_phrases"),
    "a key that got stuck": ("It returns n" + "o" * 40, "repeated_phrases"),
    "a syllable that got stuck": ("ha" * 40, "repeated_phrases"),
    "a sign that got stuck behind words": (words(9) + "!" * 60, "repeated_phrases"),
    "a syllable that got stuck behind words": (words(6) + "ha" * 100, "repeated_phrases"),
    "a place for an answer": ("[insert answer here]", "placeholder_answer"),
    "a model that got stuck": (words(30) + " and so on" * 30, "repeated_phrases"),
}


@pytest.mark.parametrize("name", DEFECTIVE)
def test_defects_are_named(reasons: Callable[..., list[str]], name: str) -> None:
    answer, reason = DEFECTIVE[name]
    assert reasons(answer, QUESTION) == [reason]


@pytest.mark.parametrize(
    ("prompt", "answer", "found"),
    [
        ("Which river is named? Say N/A if there is none.", "N/A", []),
        ("What does “not applicable” abbreviate to?", "n/a", []),
        ("What does “applicable” abbreviate to?", "n/a", ["placeholder_answer"]),
        ("Is it open, closed or not available?", "Not available", []),
        ("Who likes bananas?", "NaN", ["placeholder_answer"]),
        ("Who likes it? Answer:", "Answer:", ["placeholder_answer"]),
        ("Fill in: [answer]", "[answer]", ["placeholder_answer"]),
    ],
)
def test_what_a_prompt_offers_is_an_answer_whatever_it_stands_for_elsewhere(
    reasons: Callable[..., list[str]], prompt: str, answer: str, found: list[str]
) -> None:
    assert reasons(answer, prompt) == found


@pytest.mark.parametrize("prompt", [None, "", " \n", "\u200b"])
def test_an_empty_prompt_is_a_defect(reasons: Callable[..., list[str]], prompt: str | None) -> None:
    assert reasons("Paris.", prompt) == ["empty_prompt"]


def test_an_answer_that_echoes_the_last_line_of_its_prompt_is_a_defect(reasons: Callable[..., list[str]]) -> None:
    assert reasons(QUESTION, f"You are a helpful assistant.\n{QUESTION}") == ["answer_equals_prompt"]
    assert reasons("You are a helpful assistant.", f"You are a helpful assistant.\n{QUESTION}") == []


def test_lines_come_by_row_with_score_and_threshold_and_the_first_reason_only() -> None:
    prompts = pl.Series(["q", "", "q", "q"])
    answers = pl.Series(["An honest answer.", "", "Oh.", "<br>" + " ab cd ef" * 20])
    found = screen(prompts, answers, Screen(least_words=2))
    assert found.select("row", "reason").rows() == [
        (1, "empty_prompt"),
        (2, "short_answer"),
        (3, "leftover_markup"),
    ]
    assert found.select("score", "threshold").rows() == [(1.0, 0.0), (1.0, 2.0), (1.0, 0.0)]
    assert found.schema == {
        "row": pl.UInt32,
        "reason": pl.String,
        "score": pl.Float64,
        "threshold": pl.Float64,
    }


@pytest.mark.parametrize(
    ("field", "lax", "strict", "answer", "reason"),
    [
        ("least_words", 3, 4, "It returns nothing.", "short_answer"),
        ("placeholders", (), ("none",), "None", "placeholder_answer"),
        ("most_words", 3, 2, "It returns nothing.", "long_answer"),
        ("least_letters", 0.5, 0.51, "abcdefghij" + "+" * 10, "mostly_non_letters"),
        ("most_digits", 0.5, 0.49, "1" * 20 + "a" * 20, "mostly_digits"),
        ("most_symbols", 0.5, 0.49, "#@$%^&~|**" + "abcdefghij", "symbol_noise"),
        ("most_looped_words", 24, 23, words(90) + " so we went" * 8 + ".", "repeated_phrases"),
        ("most_broken", 0.1, 0.09, "abcdefghi\ufffd", "broken_characters"),
        ("most_broken_count", 3, 2, "a \ufffd b \ufffd c \ufffd " + words(900) + ".", "broken_characters"),
        (
            "most_refusal",
            0.5,
            0.49,
            "I am sorry, but I can't help you with it. Barges moor below old mills, near towers.",
            "refusal",
        ),
        ("most_markup", 2, 1, "<p>So.</p>", "leftover_markup"),
        ("most_repeated_lines", 0.5, 0.49, "an end\n" * 4 + "beginning on", "repeated_lines"),
        ("most_repeated_phrases", 0.5, 0.49, "a b c d e f g a b c d e f g a b", "repeated_phrases"),
    ],
)
def test_each_threshold_decides(
    reasons: Callable[..., list[str]], field: str, lax: object, strict: object, answer: str, reason: str
) -> None:
    assert reasons(answer, **{field: lax}) == []
    assert reasons(answer, **{field: strict}) == [reason]


def test_a_long_prompt_that_is_stuck_is_no_prompt_and_a_short_drill_is() -> None:
    stuck, story, drill = "so " * 1_000, words(600), "Say it: " + "we go home " * 30
    found = screen(pl.Series([stuck, story, drill]), pl.Series([words(8, seed) + "." for seed in range(3)]))
    assert found.select("row", "reason").rows() == [(0, "repeated_phrases")]


def test_phrases_that_come_again_are_those_of_a_count_by_hand() -> None:
    rng = random.Random(0)
    texts = [
        " ".join(words(rng.randint(0, 4), rng.randint(0, 6)) for _ in range(rng.randint(1, 12))) for _ in range(300)
    ]
    phrases = repetition(pl.Series([*texts, None]))["repeated_phrases"].to_list()
    assert phrases == pytest.approx([*map(phrases_by_hand, texts), 0.0])
    assert len(set(phrases)) > 20


def phrases_by_hand(text: str) -> float:
    tokens = text.split()
    runs = [tuple(tokens[i : i + 3]) for i in range(len(tokens) - 2)]
    return 1 - len(set(runs)) / len(runs) if len(runs) >= 8 else 0.0


def test_a_threshold_moves_without_reading_a_text_again() -> None:
    prompts, answers = pl.Series([QUESTION] * len(DEFECTIVE)), pl.Series([answer for answer, _ in DEFECTIVE.values()])
    scores = measure(prompts, answers)
    assert tuple(scores.columns) == SCORES
    assert set(scores.dtypes) == {pl.Float64}
    for settings in (Screen(), Screen(most_markup=3, least_letters=0, most_broken=1, least_words=3)):
        assert_frame_equal(find_defects(scores, settings), screen(prompts, answers, settings))


@pytest.mark.parametrize(
    "answer",
    [
        "numbers: " + "0 0 1 0 " * 20,
        "a table: " + "| 0 | 1 | $5 |\n" * 9,
        "with rulers: " + "0 0\n======\n" * 9,
        "a matrix: [" + "[0.5, 0, 0, 0.5], " * 9 + "]",
        "a walk: " + "1 => 2 => 3 => " * 9 + "1",
        "a sum: " + "12 + " * 30 + "12 = 372",
        "a power: " + "2 × " * 30 + "2 = 2147483648",
        "steps: " + " ".join(f"{n} + 3 = {n + 3}" for n in range(0, 90, 3)),
        "times: " + "\n".join(f"7 × {n} = {7 * n}" for n in range(1, 21)),
        "He said no, no, no, no and no again.",
        "P, Q and both:\nT T T\nT F F\nF T F\nF F F",
        "1. True\n2. False\n3. True\n4. True\n5. True\n6. True\n7. True\n8. False",
        "\n".join(f"{n}. b" for n in range(1, 30)),
        "Baden Baden, Walla Walla and Pago Pago are far, far apart, and so is Bora Bora from all three of them.",
        "Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream.",
        "my ($gull, \\@quays, \\%ships);  # the same as:  my $gull, \\my (@quays, %ships);",
        "```perl\n$_ = join '|', map { /^@(.+)%$/ ? $1 & ~$x : *$y } @z;\n``` It joins what it finds.",
        r"$\frac{x^2}{y_1} \cdot \sqrt{z} & 50\% | \alpha ~ \beta * \pi \\ # @$",
        'set -e\nfor name in "$@"; do\n  # all but backups\n  [ "${name%~}" = "$name" ] || continue\n'
        '  grep -c "^so" "$name" | sort -n >> ~/counts || exit 1\ndone && echo "done: $# files in $HOME"',
    ],
)
def test_numbers_refrains_programs_and_formulas_are_neither_loops_nor_noise(
    reasons: Callable[..., list[str]], answer: str
) -> None:
    assert reasons(answer, most_repeated_phrases=1, most_repeated_lines=1, most_digits=1) == []


def test_the_longest_loop_is_that_of_a_count_by_hand() -> None:
    rng = random.Random(2)
    texts = []
    for _ in range(300):
        unit = words(rng.randint(1, 6), rng.randint(0, 9))
        texts.append(f"{words(rng.randint(0, 9), 20)} {' '.join([unit] * rng.randint(1, 7))} {words(3, 21)}".strip())
    looped = repetition(pl.Series(texts))
    suspect = (looped["repeated_phrases"] > 0.04).to_list()
    by_hand = [loop_by_hand(text.split()) if asked else 0 for text, asked in zip(texts, suspect, strict=True)]
    assert looped["looped_words"].to_list() == by_hand
    assert len(set(by_hand)) > 8


def loop_by_hand(tokens: list[str]) -> int:
    longest = 0
    for start in range(len(tokens)):
        for period in range(1, 49):
            end = start + period
            while end < len(tokens) and tokens[end] == tokens[end - period]:
                end += 1
            if end - start >= 4 * period:
                longest = max(longest, end - start)
    return longest


def test_a_list_of_files_repeats_its_folders_and_is_no_repetition(reasons: Callable[..., list[str]]) -> None:
    files = "Files: " + " ".join(f"libs/fusion/include/boost/fusion/view/detail/{name}.hpp" for name in WORDS)
    assert reasons(files + ".") == []


def test_an_empty_pool_has_no_defects() -> None:
    assert screen(pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.String)).is_empty()


@pytest.mark.parametrize("wrong", [{"least_words": -1}, {"least_letters": 2}, {"min_words": 1}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Screen.model_validate(wrong)


@pytest.mark.parametrize(("asked", "kept"), [(4, True), (3, False)])
def test_where_prompts_of_a_kind_get_brief_answers_another_is_no_slip(asked: int, kept: bool) -> None:
    prompts = [f"Tell me all about boat number {row}." for row in range(2_000)]
    prompts += [f"Give one other name of boat number {row}." for row in range(40)]
    long = [words(8, seed) for seed in range(2_040 - asked)]
    answers = pl.Series([*long, *(f"Red {name}" for name in ("gull", "tern", "crow", "duck")[:asked])])
    scores = measure(pl.Series(prompts), answers)
    assert set(find_defects(scores)["reason"]) == (set() if kept else {"short_answer"})
    assert find_defects(scores, Screen(least_words=3)).height == asked  # what was set holds
    elsewhere = screen(pl.Series(prompts[::-1]), answers)  # below prompts that get long ones
    assert elsewhere["reason"].to_list() == ["short_answer"] * asked
