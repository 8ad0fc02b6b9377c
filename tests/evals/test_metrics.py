"""Marks of written answers, against the formulas written out and numbers worked by hand."""

import random
from collections import Counter

import pytest

from evals.metrics import chrf, exact_match, measure, plain, rouge_l, token_f1

WORDS = ["the", "fox", "Größe", "été", "a", "runs", "漢字", "42", "home", "привет"]


@pytest.mark.parametrize(
    ("answer", "target", "exact", "f1"),
    [
        ("The Eiffel Tower!", "eiffel tower", 1, 1),
        ("in Paris", "Paris", 0, 2 / 3),  # precision 1/2, recall 1
        ("big big dog", "big dog dog", 0, 2 / 3),  # two words in common, three on either side
        ("", "Paris", 0, 0),
        ("Rome", "Paris", 0, 0),
        ("", "A", 0, 0),  # normalised, nothing is left of the target: it is compared as it stands
        (" A ", "A", 1, 1),
        ("A.", "A", 1, 1),
        ("(a)", "A", 1, 1),
        ("a cat", "A", 0, 0),
        ("the", "A", 0, 0),
        ("+", "-", 0, 0),
    ],
)
def test_exact_match_and_f1_are_those_of_squad(answer: str, target: str, exact: float, f1: float) -> None:
    assert exact_match(answer, target) == exact
    assert token_f1(answer, target) == pytest.approx(f1)


def test_case_articles_punctuation_and_white_space_are_normalised_away() -> None:
    assert plain("  An  apple, a pear; THE\tend. Theory") == "apple pear end theory"


@pytest.mark.parametrize(
    ("answer", "target", "same"),
    [
        ("-5", "5", False),
        ("\u22125 %", "-5", True),
        ("15", "1.5", False),
        ("It is -5.", "it is 5", False),
        ("1.5.", "1.5", True),
        ("5.", "5", True),
        ("$1,000", "1000", True),  # what parts thousands tells nothing
        ("$-5", "-5", True),
        ("10-5", "105", True),  # no sign: as SQuAD has it
        ("5.0", "5", True),  # as a table writes it where numbers are missing
        ("-5", "-5.00", True),
        ("$5.0", "5", True),
        ("50", "5.0", False),
        ("3.1", "3.10", False),  # it may be a version
        ("5.05", "5.5", False),
        ("Python 3.0", "Python 3", False),
        ("2020-01-01", "20200101", True),
        ("e.g. this", "eg this", True),
    ],
)
def test_a_number_keeps_its_minus_and_its_point(answer: str, target: str, same: bool) -> None:
    assert exact_match(answer, target) == same


def sentences(seed: int) -> list[tuple[str, str]]:
    rng = random.Random(seed)
    return [
        (" ".join(rng.choices(WORDS, k=rng.randint(1, 9))), " ".join(rng.choices(WORDS, k=rng.randint(1, 9))))
        for _ in range(30)
    ]


def common_subsequence(one: list[str], other: list[str]) -> int:
    if not one or not other:
        return 0
    if one[-1] == other[-1]:
        return 1 + common_subsequence(one[:-1], other[:-1])
    return max(common_subsequence(one[:-1], other), common_subsequence(one, other[:-1]))


def test_rouge_l_is_the_f_measure_of_the_longest_common_subsequence_in_any_alphabet() -> None:
    for answer, target in sentences(1):
        said, wanted = answer.lower().split(), target.lower().split()
        common = common_subsequence(said, wanted)
        assert rouge_l(answer, target) == pytest.approx(2 * common / (len(said) + len(wanted)))
    assert rouge_l("…", "…") == 1


def grams(text: str, n: int) -> Counter[str]:
    text = "".join(text.split())
    return Counter(text[at : at + n] for at in range(len(text) - n + 1))


def test_chrf_weighs_recall_twice_over_the_orders_that_both_sides_have() -> None:
    for answer, target in sentences(2):
        precisions, recalls = [], []
        for n in range(1, 7):
            said, wanted = grams(answer, n), grams(target, n)
            if said and wanted:
                common = (said & wanted).total()
                precisions.append(common / said.total())
                recalls.append(common / wanted.total())
        p, r = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
        expected = 5 * p * r / (4 * p + r) if p + r else 0
        assert chrf(answer, target) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("metric", ["exact_match", "token_f1", "rouge_l", "chrf"])
def test_every_measure_runs_from_nothing_to_the_same_words(metric) -> None:
    texts = ["The fox is at home.", "漢字と仮名", "Größe 42"]
    assert measure(metric, texts, texts) == pytest.approx([1, 1, 1])
    assert measure(metric, ["", "zzz", "qqq"], texts) == [0, 0, 0]
    with pytest.raises(ValueError, match="1 answers but 3 targets"):
        measure(metric, ["x"], texts)
