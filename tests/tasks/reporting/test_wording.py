from dataclasses import replace

import polars as pl
import pytest

from evals.sitting import Course
from tasks.reporting.comparisons import comparisons
from tasks.reporting.evidence import ALL, CANARIES, SCORES, Books, Exam
from tasks.reporting.wording import (
    _change,
    balance,
    confidence,
    duration,
    figures,
    floors,
    headline,
    refused,
    too_small,
    unasked,
    unchecked,
    unsure,
)


@pytest.mark.parametrize(
    ("decision", "tone", "word"),
    [
        ("SHIP", "ship", "Ship it"),
        ("REJECT", "reject", "Do not ship it"),
        ("INCONCLUSIVE", "undecided", "Not decided"),
    ],
)
def test_every_decision_has_its_words_and_its_colour(build, decision, tone, word):
    head = headline(build(decision))
    assert (head.tone, head.word) == (tone, word)


def test_a_rejection_names_what_was_forgotten(build):
    assert headline(build("REJECT")).sentence == "it forgot too much of code"


def test_a_rejection_names_every_cause(build, comparison, verdict):
    judged = verdict("REJECT") | {
        "gain": comparison("domain_answers", -0.3, 0.1, 0.0),
        "retention": [comparison("code", -0.3, 0.1, -0.02), comparison("encyclopedia", -0.3, 0.1, -0.02)],
    }
    said = headline(build(verdict=judged)).sentence
    assert said == "it does not gain enough in the domain, and it forgot too much of code and encyclopedia"


def test_an_open_verdict_says_how_many_items_would_close_it(build):
    assert "1,270 items" in headline(build("INCONCLUSIVE")).sentence


def test_an_open_verdict_does_not_promise_what_nobody_can_foretell(build):
    """One of its suites has a single item, of which no number of items is known."""
    told = "the exam is too small to tell; about 1,270 items would, but nobody knows of general questions"
    assert headline(build("INCONCLUSIVE")).sentence == told


def test_a_gain_that_may_be_rounding_is_not_called_an_exam_too_small(build, comparison, verdict):
    small = comparison("domain_answers", 0.0005, 0.0002, 0.0, unit="bits per byte") | {"status": "undecided"}
    judged = verdict() | {"decision": "INCONCLUSIVE", "gain": small}
    assert headline(build(verdict=judged)).sentence.startswith("what changes in the domain may be rounding")
    open_ = [*judged["retention"][:1], comparison("code", 0.0, 0.1, -0.02, items_needed=300)]
    assert headline(build(verdict=judged | {"retention": open_})).sentence.startswith("the exam is too small to tell")


def test_a_verdict_that_items_given_away_leave_open_does_not_blame_the_size_of_the_exam(build, verdict):
    judged = verdict() | {"decision": "INCONCLUSIVE", "unsure": 3, "doubted": ["code"], "sure": verdict()}
    assert (
        headline(build(verdict=judged)).sentence
        == "it does not ship without the items that training rows may give away"
    )


def test_a_suite_on_which_the_base_has_nothing_to_lose_is_said_to_prove_nothing(build, comparison, verdict):
    models = ("base", "candidate")
    rows = [("code", "retention", f"code/{n}", str(n), model, float(n == 0)) for n in range(20) for model in models]
    of = {"scores": pl.DataFrame(rows, SCORES, orient="row")}

    def said(margin: float, unit: str = "exact match") -> list[str]:
        retention = [comparison("code", 0.0, 0.01, -margin, unit=unit)]
        return floors(build(verdict=verdict() | {"retention": retention}, **of))

    assert said(0.1) == [
        "code: the base scores 5.0 matches and may lose 10.0, so that this suite passes whatever is forgotten; ask "
        "what the base knows, or allow less."
    ]
    assert said(0.04) == []
    assert said(5.0, "bits per byte") == []  # they can rise without end


def test_shipping_without_a_retention_suite_never_claims_that_nothing_was_forgotten(build, verdict):
    evidence = build(verdict=verdict() | {"retention": []})
    assert "nothing forgotten" in headline(build()).sentence
    assert "not examined" in headline(evidence).sentence
    assert "nothing forgotten" not in headline(evidence).sentence
    assert figures(evidence)[1].value == "not examined"


def test_a_run_without_a_verdict_and_an_unknown_decision_are_neutral(build, verdict):
    assert headline(build(verdict=None)).tone == "neutral"
    assert headline(build(verdict=verdict() | {"decision": "MAYBE"})).tone == "neutral"


def test_a_run_that_only_curated_says_what_is_kept_and_how_clean_it_is(build):
    caught = pl.DataFrame([("stumps", "screen", 20, 19, 18, 0.764, 0.991), (ALL, "screen", 20, 19, 18, 0.764, 0.991), (ALL, ALL, 20, 19, 18, 0.764, 0.991)], schema=CANARIES, orient="row")  # fmt: skip
    curated = build(verdict=None, training={}, canaries=caught)
    head = headline(curated)
    assert (head.word, head.sentence) == ("Curated", "1,458 of 4,962 rows are the training set")
    assert head.reason.startswith("29% of the pool; 3,470 dropped, 34 quarantined.")
    told = {figure.label: (figure.value, figure.notes) for figure in figures(curated)}
    assert told["Of the domain"] == (
        "about 96%",
        (
            "of the rows that passed the filter, estimated from the seeds alone",
            "about 98% of the domain passed the filter",
        ),
    )
    looked = "904 of 904 items of the exam were looked for"
    assert told["Exam leaks removed"] == ("41", (looked, "a row asked in two ways is two items"))
    assert told["Planted dirt caught"] == ("19 of 20", ("at least 76% (95% confidence)",))


def test_an_estimate_from_seeds_that_are_not_written_like_the_pool_is_doubted(build):
    plain = build(verdict=None, training={})
    doubted = build(verdict=None, training={}, domain=replace(plain.domain, written_otherwise=True))
    notes = [next(one.notes for one in figures(run) if one.label == "Of the domain") for run in (plain, doubted)]
    assert notes[1] == (*notes[0], "the seeds are not written like the pool: it may be much less")


def test_what_was_not_measured_of_a_curated_run_is_said(build):
    bare = build(verdict=None, training={}, domain=None)
    told = {figure.label: figure.value for figure in figures(bare)}
    assert told == {"Exam leaks removed": "41", "Planted dirt caught": "not measured"}


def test_the_most_forgetting_is_measured_in_margins_not_in_mixed_units(build, comparison, verdict):
    # Two points of 100 below zero look worse than −0.018 bits, but use up less of their margin.
    judged = verdict() | {
        "retention": [
            comparison("general_questions", -0.02, 0.0, -0.05),
            comparison("code", -0.018, 0.0, -0.02),
        ]
    }
    assert figures(build(verdict=judged))[1].value == "−0.018 bits/byte"


def test_a_suite_without_a_bound_is_the_worst_and_says_so(build):
    forgetting = figures(build("INCONCLUSIVE"))[1]
    assert forgetting.value == "unknown"
    assert "too few items for a bound" in forgetting.notes


def test_the_gain_is_told_with_where_it_comes_from(build):
    gain = figures(build())[0]
    assert gain.value == "+0.214 bits/byte"
    assert gain.notes[0] == "base 1.133, candidate 0.919 (−19%)"
    assert gain.notes[1] == "at least +0.176 (95% confidence)"


def test_a_small_change_of_the_domain_is_not_told_as_none(build):
    domain = comparisons(build())[0]
    assert _change(domain, {"base": 0.795, "candidate": 0.7913}) == " (−0.5%)"
    assert _change(domain, {"base": 0.795, "candidate": 0.78}) == " (−2%)"


def test_confidence_follows_alpha(build, verdict):
    assert confidence(build(verdict=verdict() | {"gate": {"alpha": 0.1}})) == "90%"
    assert confidence(build(verdict=verdict() | {"gate": {"alpha": 0.025}})) == "97.5%"


def test_balanced_books_are_an_equation():
    assert balance(Books(10, 6, 3, 1)) == "10 rows in = 6 kept + 3 dropped + 1 quarantined"


def test_books_that_do_not_balance_say_by_how_much():
    assert balance(Books(10, 6, 2, 1)).endswith("1 row missing")
    assert balance(Books(10, 6, 4, 1)).endswith("1 row too many")
    assert "≠" in balance(Books(10, 6, 2, 1))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (0.8, "0.8 s"), (59.6, "1 min 0 s"), (507.4, "8 min 27 s"), (7322, "2 h 2 min")],
)
def test_durations_are_said_as_people_say_them(seconds, said):
    assert duration(seconds) == said


def test_a_suite_whose_items_were_not_all_checked_is_named_and_one_that_was_is_not(build):
    evidence = build()
    assert unchecked(evidence) == []
    first, second, *others = evidence.exam.suites
    suites = [replace(first, checked=100), replace(second, checked=None), *others]
    assert unchecked(build(exam=Exam(suites))) == [
        "domain answers: not checked for leaks in 60 of 160 items, so its score may be too good.",
        "domain choice: not checked for leaks in 160 of 160 items, so its score may be too good.",
    ]


def test_a_candidate_of_unknown_training_rows_is_said_to_be_unchecked_in_one_sentence(build):
    unknown = [replace(suite, checked=None) for suite in build().exam.suites]
    for exam in (Exam(unknown), Exam()):
        (sentence,) = unchecked(build(exam=exam))
        assert sentence.startswith("No score was checked for leaks: it is not known")
    assert unchecked(build(exam=Exam(unknown), verdict=None)) == []


def test_what_was_not_asked_is_told_with_the_time_that_it_saved(build, verdict):
    assert unasked(build()) == []
    assert unasked(build(course=Course(asked=300, items=300))) == []
    left = [{"suite": "code-problems", "role": "retention", "n": 60}, {"suite": "poems", "role": "retention", "n": 40}]
    stopped = verdict("REJECT") | {"skipped": left, "retention": []}
    asked = "The candidate was asked 200 of 300 items of the exam, until its verdict stood"
    assert unasked(build(verdict=stopped, course=Course(asked=200, items=300, saved=74.6))) == [
        f"{asked}; code-problems and poems were not asked, which saved about 1 min 15 s. With gate.examine: whole it is "
        "asked everything."
    ]
    assert unasked(build(verdict=verdict(), course=Course(asked=200, items=300))) == [
        f"{asked}. With gate.examine: whole it is asked everything."
    ]
    forgetting = next(one for one in figures(build(verdict=stopped)) if one.label == "Forgetting")
    assert (forgetting.value, forgetting.notes) == ("not examined", ("the verdict was decided before",))


def test_a_suite_that_decides_with_too_few_items_is_told_and_one_that_informs_is_not(build, verdict):
    few = verdict()
    few["gain"] |= {"n": 2, "clusters": 2}
    few["retention"][0] |= {"n": 60, "clusters": 1}
    few["informative"][0] |= {"n": 2, "clusters": 2}
    assert [told.partition(" are too few")[0] for told in too_small(build(verdict=few))] == [
        "domain answers: 2 items from 2 source documents",
        "encyclopedia: 60 items from one source document",
    ]
    few["gain"] |= {"clusters": 5}
    few["retention"][0] |= {"clusters": 5}
    assert too_small(build(verdict=few)) == []


def test_items_that_training_rows_may_give_away_are_told_with_the_verdict_without_them(build, verdict):
    assert unsure(build()) == []
    few = verdict() | {"unsure": 3, "sure": verdict("REJECT")}
    (sentence,) = unsure(build(verdict=few))
    assert "may give away 3 items of the exam" in sentence
    assert sentence.endswith(f"Without, the verdict is REJECT: {verdict('REJECT')['reason']}")
    same = verdict("REJECT") | {"unsure": 3, "sure": verdict("REJECT")}
    assert unsure(build(verdict=same))[0].endswith("Without, the verdict is the same.")
    assert unsure(build(verdict=verdict() | {"unsure": 1, "sure": None}))[0].endswith(
        "no item of the domain is left without."
    )
    wiki = verdict() | {"unsure": 60, "sure": None, "doubted": ["encyclopedia"]}
    assert unsure(build(verdict=wiki))[0].endswith("no item of encyclopedia is left without.")
    each = verdict() | {"unsure": 60, "sure": verdict(), "doubted": ["domain_answers"]}
    assert unsure(build(verdict=each))[0].endswith("No item of domain answers is left then.")


def test_items_that_the_chat_template_refuses_are_told_of_suites_that_were_asked_whole(build, verdict):
    whole = build()
    assert refused(whole) == []
    asked = whole.scores.filter(~((pl.col("suite") == "code") & pl.col("item").is_in(["code-0", "code-1"])))
    assert asked.height == whole.scores.height - 4
    assert refused(replace(whole, scores=asked)) == [
        "code: 2 of 164 items were not asked, since the model's chat template refuses them; manifest.json names them."
    ]
    looked = verdict()
    next(one for one in looked["retention"] if one["suite"] == "code")["looks"] = [0.5]
    assert refused(build(verdict=looked, scores=asked)) == []
    skipped = verdict() | {"skipped": [{"suite": "code", "role": "retention", "n": 164}]}
    assert refused(build(verdict=skipped, scores=asked)) == []
