import time

import pytest

from tasks.reporting.text import humanise, one_line, shorten, visible, with_minus


def test_a_long_text_says_how_many_characters_are_missing():
    assert shorten("a" * 1300, 66) == "a" * 66 + "… (+1,234 characters)"


def test_a_text_of_just_the_limit_is_left_alone():
    assert shorten("abc", 3) == "abc"


def test_five_megabytes_are_shortened_in_no_time():
    began = time.perf_counter()
    shown = shorten("x" * 5_000_000, 100)
    assert shown.endswith("… (+4,999,900 characters)")
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("invoice\u202etxt.exe", "invoice⟨U+202E⟩txt.exe"),
        ("a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩"),
        ("nul\x00byte", "nul⟨U+0000⟩byte"),
        ("bell\x07", "bell⟨U+0007⟩"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("half\ud83d", "half�"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("carriage\rreturn", "carriage⟨U+000D⟩return"),
    ],
)
def test_what_can_not_be_seen_is_shown_by_its_code(hostile, shown):
    assert visible(hostile) == shown
    visible(hostile).encode("utf-8")


@pytest.mark.parametrize("fine", ["tab\tand\nline", "שלום", "👩\u200d🔬", "می\u200cخواهم", "e\u0301", "�", "❤\ufe0f"])
def test_honest_text_of_any_script_stays_as_it_is(fine):
    assert visible(fine) == fine


def test_windows_line_ends_are_line_ends():
    assert visible("a\r\nb") == "a\nb"


def test_a_preview_is_one_line_and_ends_in_an_ellipsis_when_there_is_more():
    assert one_line("a\n\n  b\tc", 20) == "a b c"
    assert one_line("abcdef", 3) == "abc…"
    assert one_line(" " * 1000 + "x", 10) == "…"


def test_names_become_words():
    assert humanise("near_duplicate") == "near duplicate"
    assert len(humanise("x" * 500)) == 49


def test_negative_numbers_of_a_sentence_bear_a_true_minus_sign_and_nothing_else_does():
    told = "code-problems v2 of 2026-11-24 lost -0.012 (-1.7 to 0.4), or -3%; at 2e-4, x-1 and 5-6 stay"
    shown = "code-problems v2 of 2026-11-24 lost −0.012 (−1.7 to 0.4), or −3%; at 2e-4, x-1 and 5-6 stay"
    assert with_minus(told) == shown
