"""An ablation's page, pictures and sentences: they say what the intervals say, and names are only text."""

import dataclasses
import html
import itertools
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest

from tasks.reporting import attribution, dividend_charts, palette
from tasks.reporting import dividend_wording as wording
from tasks.reporting.blame import first_place_to_look
from tasks.reporting.charts import dividend_chart, on_the_curve, png, scaling_chart, svg
from tasks.reporting.dividend import dividend_markdown, render
from tasks.reporting.dividend_evidence import ARMS, DIFFERENCES, DividendEvidence, SliceShown

SCRIPT = "<script>alert(1)</script>"


def arm(name: str, kind: str, tokens: float, gain: float | None, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "arm": name, "kind": kind, "about": f"about {name}", "rows": tokens / 100, "tokens": tokens,
        "tokens_seen": 60_000, "replayed": 0, "trainings": 3, "diverged": 0, "seconds": 30.0, "same_as_curated": False,
    }  # fmt: skip
    if gain is not None:
        given |= {"gain_mean": gain, "gain_lower": gain - 0.05, "gain_upper": gain + 0.05, "gain_by_seeds": 0.01}
        given |= {"kept_mean": -0.02, "kept_lower": -0.03, "kept_upper": -0.01}
    return given | more


def beside(control: str, mean: float, half: float, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "arm": "curated", "control": control, "suite": "medical", "role": "domain", "unit": "bits per byte",
        "judged": True, "mean": mean, "lower": mean - half, "upper": mean + half, "by_seeds": 0.01, "p": 0.01,
        "sure": abs(mean) > half, "margin": None, "n": 60, "clusters": 50, "trainings": 3, "control_trainings": 3,
    }  # fmt: skip
    return given | more


def kept(control: str, mean: float, half: float, suite: str = "prose", **more: Any) -> list[dict[str, Any]]:
    both = {"role": "retention", "suite": suite, "margin": 0.02, **more}
    return [beside(control, mean, half, **both), beside(control, mean, half, **both, judged=False)]


@pytest.fixture
def evidence() -> DividendEvidence:
    arms = [
        arm("curated", "curated", 18_000, 0.4),
        arm("everything", "control", 100_000, 0.19, tokens_seen=100_000),
        arm("random", "control", 18_100, 0.1),
        arm("no-domain", "without", 90_000, 0.2, tokens_seen=90_000),
        arm("no-quality", "without", 18_000, 0.4, same_as_curated=True),
        arm("curated 50%", "share", 9_000, 0.25),
        arm("no slice 1", "slice", 9_000, 0.2),
    ]
    dividends = [beside("everything", 0.21, 0.06), *kept("everything", 0.02, 0.01)]
    stages = [beside("no-domain", 0.2, 0.05), beside("no-domain", 0.01, 0.05, role="retention")]
    base = beside("base", -0.05, 0.01, role="retention", suite="prose", judged=False, margin=0.02)
    slices = [
        beside("no slice 1", -0.04, 0.01, arm="every slice"),
        beside("no slice 2", 0.04, 0.01, arm="every slice"),
        beside("no slice 3", 0.04, 0.09, arm="every slice"),
    ]
    tables = (pl.DataFrame(lines, schema=DIFFERENCES) for lines in (dividends, [base], stages, slices))
    return DividendEvidence(
        "garden", "20260101-000000-garden", datetime(2026, 1, 1, tzinfo=UTC), 61.0,
        pl.DataFrame(arms, schema=ARMS), *tables,
        tuple(SliceShown(n, f"no slice {n}", 60 - n, 900, ((f"What of {n}?", f"That of {n}."),)) for n in (2, 3, 1)),
        "bits per byte", "bits per byte", 0.05, 60_000, 0, {"seeds": "seeds 0, 1, 2"}, "winnow ablate x.yaml", "name: garden\n",
    )  # fmt: skip


@pytest.fixture
def beside_controls(evidence) -> Callable[..., DividendEvidence]:
    def make(*lines: dict[str, Any]) -> DividendEvidence:
        return dataclasses.replace(evidence, dividends=pl.DataFrame(lines, schema=DIFFERENCES))

    return make


def test_the_sentence_tells_share_gain_interval_and_what_is_forgotten(evidence) -> None:
    assert wording.headline(evidence) == (
        "Curated on 18% of the tokens gains 0.210 bits per byte more than everything (0.150 to 0.270), and forgets "
        "0.020 less (0.010 to 0.030)."
    )
    assert wording.tone(evidence) == "ship"


def test_a_control_that_was_read_in_part_is_said_to_be(evidence) -> None:
    assert not [one for one in wording.doubts(evidence) if "reaches" in one]
    told = dataclasses.replace(
        evidence, arms=evidence.arms.with_columns(tokens_seen=pl.lit(18_050, pl.UInt64)), token_budget=18_100
    )
    assert wording.headline(told).startswith("Curated, with 18% of the unique tokens, gains 0.210 bits per byte more")
    assert (
        "The budget (tune.token_budget) reaches 18% of everything and 20% of no-domain: what the rest would bring is not "
        "told." in wording.doubts(told)
    )


def test_an_arm_that_ended_before_its_budget_is_said_to_have_and_the_budget_is_not_blamed(evidence) -> None:
    seen = pl.when(pl.col("arm") == "everything").then(16_000).otherwise(96_000).cast(pl.UInt64)
    told = dataclasses.replace(evidence, arms=evidence.arms.with_columns(tokens_seen=seen), token_budget=100_000)
    assert "Trainings read 16% of everything: what the rest would bring is not told." in wording.doubts(told)
    assert [one for one in wording.doubts(told) if "token" in one] == [
        "Of the budget of 100,000 tokens, everything saw 16,000: a training ends early by tune.patience or "
        "tune.forgetting, and before a row that its budget has no room for."
    ]
    assert not any("tokens" in one for one in wording.doubts(dataclasses.replace(told, token_budget=16_000)))


@pytest.mark.parametrize(("share", "told"), [(0.004, "0.4%"), (0.0002, "less than 0.1%"), (0.012, "1%")])
def test_a_share_below_a_percent_is_not_none(evidence, share, told) -> None:
    tokens = pl.when(pl.col("arm") == "curated").then(100_000 * share).otherwise("tokens")
    assert wording.headline(dataclasses.replace(evidence, arms=evidence.arms.with_columns(tokens=tokens))).startswith(
        f"Curated on {told} of the tokens gains"
    )


def test_what_is_nothing_in_the_decimals_shown_is_no_more_and_no_less(evidence, beside_controls) -> None:
    told = beside_controls(beside("random", 0.0003, 0.003), *kept("random", -0.0004, 0.02))
    assert wording.headline(told) == (
        "No dividend can be told beside random rows: curated on as many tokens gains as much in bits per byte (−0.003 to "
        "0.003), and forgets as much (−0.020 to 0.020)."
    )
    better = dataclasses.replace(
        told,
        arms=evidence.arms.with_columns(kept_lower=pl.lit(0.01)),
        kept=evidence.kept.with_columns(lower=pl.lit(0.01)),
    )
    assert wording.headline(better).endswith("neither forgets: what must be kept improves as much (−0.020 to 0.020).")


@pytest.mark.parametrize(
    ("mean", "half", "why"),
    [
        (0.002, 0.0015, ", which may be rounding alone."),
        (-0.002, 0.0015, ", which may be rounding alone."),
        (0.02, 0.01, ", in too few documents to tell."),
        (0.02, 0.03, ")."),
    ],
)
def test_why_nothing_is_told_is_said_where_the_interval_leaves_zero_out(beside_controls, mean, half, why) -> None:
    told = wording.headline(beside_controls(beside("random", mean, half, sure=False)))
    assert told.startswith("No dividend can be told")
    assert told.endswith(why)


def test_the_page_tells_how_often_one_of_several_controls_seems_to_differ_by_chance(beside_controls) -> None:
    several = beside_controls(beside("everything", 0.2, 0.1), beside("random", 0.2, 0.1), *kept("random", 0.2, 0.1))
    assert (
        "Beside 2 controls from which curated does not differ, it seems to differ from one in up to 10% of"
        in render(several)
    )
    assert "from which curated does not differ" not in render(beside_controls(beside("random", 0.2, 0.1)))


def test_confidence_is_never_rounded_up_to_certainty(evidence) -> None:
    told = dataclasses.replace(evidence, alpha=0.001)
    assert "with 99.9% confidence" in render(told)
    assert "with 99.9% confidence" in dividend_markdown(told)


@pytest.mark.parametrize(
    ("curated", "control", "told"),
    [
        (
            (0.03, 0.01),
            (0.05, 0.01),
            ", and neither forgets: what must be kept improves by 0.020 less (0.010 to 0.030).",
        ),
        ((0.03, -0.01), (0.05, 0.01), ", and what must be kept improves by 0.020 less (0.010 to 0.030)."),
        ((0.03, 0.01), (0.05, -math.inf), ", and what must be kept improves by 0.020 less (0.010 to 0.030)."),
        ((-0.01, -0.02), (0.01, 0.005), ", and forgets 0.020 more (0.010 to 0.030)."),
    ],
)
def test_what_is_better_than_the_base_is_not_said_to_be_forgotten(evidence, curated, control, told) -> None:
    arms = evidence.arms
    for name, (mean, lower) in (("curated", curated), ("everything", control)):
        here = pl.col("arm") == name
        arms = arms.with_columns(
            kept_mean=pl.when(here).then(mean).otherwise("kept_mean"),
            kept_lower=pl.when(here).then(lower).otherwise("kept_lower"),
        )
    lines = [beside("everything", 0.21, 0.06), *kept("everything", -0.02, 0.01)]
    base = evidence.kept.with_columns(mean=pl.lit(curated[0]), lower=pl.lit(curated[1]))
    found = dataclasses.replace(evidence, arms=arms, kept=base, dividends=pl.DataFrame(lines, schema=DIFFERENCES))
    assert wording.headline(found).endswith(told)


def test_without_a_control_the_first_sentence_is_what_stages_bought(evidence) -> None:
    alone = dataclasses.replace(
        evidence,
        arms=evidence.arms.filter(pl.col("kind") != "control"),
        dividends=evidence.dividends.clear(),
        slices=evidence.slices.clear(),
    )
    assert wording.headline(alone) == "Domain pays: it brings gain."
    nothing = dataclasses.replace(alone, stages=evidence.stages.clear())
    assert wording.headline(nothing).startswith("No dividend can be told: ")


def test_what_an_interval_does_not_tell_the_sentence_does_not_either(beside_controls) -> None:
    told = beside_controls(beside("random", 0.02, 0.05), *kept("random", -0.03, 0.04))
    assert wording.headline(told) == (
        "No dividend can be told beside random rows: curated on as many tokens gains 0.020 bits per byte more (−0.030 "
        "to 0.070), and forgets 0.030 more (−0.010 to 0.070)."
    )
    assert wording.tone(told) == "undecided"
    assert next(wording.doubts(told)) == "Whether what it forgets more is within the margin can't be told on prose."


def test_an_interval_has_the_direction_of_its_sentence(beside_controls) -> None:
    told = wording.headline(beside_controls(beside("random", -0.02, 0.05)))
    assert told.endswith("gains 0.020 bits per byte less (−0.030 to 0.070).")


def test_what_is_forgotten_in_another_unit_is_told_with_it(evidence, beside_controls) -> None:
    told = beside_controls(beside("random", 0.2, 0.05, unit="share right"), *kept("random", 0.01, 0.04))
    sentence = wording.headline(dataclasses.replace(told, gain_unit="share right"))
    assert "gains 20.0 " in sentence
    assert sentence.endswith("and forgets 0.010 bits per byte less (−0.030 to 0.050).")


def test_a_loss_is_said_to_be_one(beside_controls) -> None:
    told = beside_controls(beside("everything", 0.2, 0.1), beside("random", -0.2, 0.05))
    assert wording.tone(told) == "reject"
    assert "gains 0.200 bits per byte less than random rows (0.150 to 0.250)." in next(wording.doubts(told))


@pytest.mark.parametrize(
    ("mean", "half", "told", "tone"),
    [
        (0.0, 0.015, "On every suite, what it forgets more is surely within the margin.", "ship"),
        (-0.05, 0.01, "What it forgets more is surely beyond the margin on prose.", "reject"),
        (-0.02, 0.01, "Whether what it forgets more is within the margin can't be told on prose.", "undecided"),
    ],
)
def test_margins_are_told_by_the_end_of_the_interval(beside_controls, mean, half, told, tone) -> None:
    found = beside_controls(beside("everything", 0.2, 0.1), *kept("everything", mean, half))
    assert told in list(wording.doubts(found))
    assert wording.tone(found) == tone


def test_no_dividend_is_sure_where_the_curated_arm_diverged(evidence) -> None:
    assert wording.tone(evidence) == "ship"
    lost = pl.when(pl.col("arm") == "curated").then(1).otherwise(0).cast(pl.UInt32)
    assert wording.tone(dataclasses.replace(evidence, arms=evidence.arms.with_columns(diverged=lost))) == "undecided"


def test_what_is_missing_is_told(evidence) -> None:
    arms = evidence.arms.with_columns(
        diverged=pl.when(pl.col("arm") == "random").then(2).otherwise(0).cast(pl.UInt32),
        trainings=pl.when(pl.col("arm") == "random").then(1).otherwise(3).cast(pl.UInt32),
    )
    told = list(wording.doubts(dataclasses.replace(evidence, arms=arms, left_out=4)))
    assert "2 trainings of random diverged, and are left out of its numbers." in told
    assert "4 trainings not begun, as the time was up: the same command goes on." in told
    assert "The very rows of the curated set, so nothing to compare: no-quality." in told
    assert any("Trained once" in one and one.endswith("random.") for one in told)
    nothing = dataclasses.replace(evidence, dividends=evidence.dividends.clear(), slices=evidence.slices.clear())
    assert wording.headline(nothing) == "No dividend can be told: not enough was trained."


@pytest.mark.parametrize(
    ("lost", "why"),
    [(("curated",), "every training of curated diverged"), (("everything", "random"), "every training of every control diverged")],
)  # fmt: skip
def test_arms_of_which_every_training_diverged_are_the_reason_that_nothing_is_told(evidence, lost, why) -> None:
    gone = pl.col("arm").is_in(lost)
    arms = evidence.arms.with_columns(
        pl.when(gone).then(3).otherwise("diverged").cast(pl.UInt32).alias("diverged"),
        pl.when(gone).then(0).otherwise("trainings").cast(pl.UInt32).alias("trainings"),
    )
    empty = {part: getattr(evidence, part).clear() for part in ("dividends", "stages", "slices")}
    found = dataclasses.replace(evidence, arms=arms, **empty)
    assert wording.headline(found) == f"No dividend can be told: {why}."
    assert f"3 trainings of {lost[0]} diverged, so that it has no numbers." in list(wording.doubts(found))
    assert "each of 0" not in render(found)
    bought = dataclasses.replace(
        found, stages=evidence.stages.with_columns(mean=-pl.col("mean")), slices=evidence.slices
    )
    assert wording.headline(bought) == f"No dividend can be told: {why}.", "whatever else was asked for"
    assert any(
        told.startswith("Domain both pays and hurts") or told.startswith("Domain hurts")
        for told in wording.doubts(bought)
    )
    assert any(told.startswith("Slice 1 holds gain back") for told in wording.doubts(bought))


def test_an_arm_that_was_trained_once_shows_no_interval(evidence) -> None:
    once = pl.col("arm") == "random"
    ends = {name: pl.when(once).then(end).otherwise(name).alias(name)
            for name, end in (("gain_lower", -float("inf")), ("gain_upper", float("inf")))}  # fmt: skip
    page = render(dataclasses.replace(evidence, arms=evidence.arms.with_columns(**ends)))
    assert "<small>[no interval]</small>" in page
    assert "∞" not in page


def test_page_and_artifact_hold_arms_stages_and_slices(evidence) -> None:
    for text in (render(evidence), dividend_markdown(evidence).replace("\\", "")):
        assert wording.headline(evidence) in text
        assert "Domain pays: it brings gain." in text
        assert "+0.210" in text
        assert text.index("holds gain back") < text.index("brings gain")  # what costs something stands first
        assert "95% confidence" in text
    assert "winnow ablate x.yaml" in render(evidence)
    assert "What of 3?" in render(evidence)


@pytest.mark.parametrize(
    ("gain", "keeps", "told"),
    [
        (0.2, 0.2, "Dedup pays: it brings gain and helps what must be kept."),
        (0.2, 0.0, "Dedup pays: it brings gain."),
        (-0.2, 0.0, "Dedup hurts: it holds gain back."),
        (0.2, -0.2, "Dedup both pays and hurts: it brings gain and harms what must be kept."),
        (0.0, 0.0, "What dedup bought can't be told."),
    ],
)
def test_what_a_stage_bought_is_said_of_gain_and_of_forgetting(gain, keeps, told) -> None:
    lines = [beside("no-dedup", gain, 0.1), beside("no-dedup", keeps, 0.1, role="retention")]
    assert attribution.stage(lines) == told


def test_without_arms_of_the_whole_budget_no_empty_table_is_shown(evidence) -> None:
    alone = dataclasses.replace(
        evidence,
        arms=evidence.arms.filter(pl.col("kind") == "slice"),
        dividends=evidence.dividends.clear(),
        stages=evidence.stages.clear(),
    )
    assert "Every arm</h2>" in (page := render(alone))
    assert page.count('aria-label="Every arm"') == 0
    assert '<details class="more" open><summary>How each was trained' in page
    assert render(evidence).count('aria-label="Every arm"') == 1


def test_how_often_a_row_is_seen_leaves_out_what_was_replayed(evidence) -> None:
    replayed = pl.when(pl.col("arm") == "curated").then(15_000).otherwise(0).cast(pl.UInt64)
    page = render(dataclasses.replace(evidence, arms=evidence.arms.with_columns(replayed=replayed)))
    cells = r'(?:<td class="n">[^<]*</td>){2}<td class="n">60,000<small>15,000 of general text</small></td>'
    line = re.search(rf'curated</th>{cells}<td class="n">([\d.]+)</td>', page)
    assert line is not None
    assert page.count("of general text</small>") == 1
    assert line[1] == "2.5"  # (60,000 − 15,000) / 18,000


def test_names_and_rows_are_only_text_and_the_page_forbids_scripts(evidence) -> None:
    hostile = dataclasses.replace(
        evidence, name=SCRIPT, run_id=SCRIPT, recipe=SCRIPT, command=SCRIPT, facts={"seeds": SCRIPT, SCRIPT: SCRIPT},
        arms=evidence.arms.with_columns(about=pl.lit(SCRIPT)),
        dividends=evidence.dividends.with_columns(suite=pl.lit(SCRIPT)),
        kept=evidence.kept.with_columns(suite=pl.lit(SCRIPT)),
        slices_shown=tuple(dataclasses.replace(one, samples=((SCRIPT, SCRIPT),)) for one in evidence.slices_shown),
    )  # fmt: skip
    page = render(hostile)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 10
    assert "default-src 'none'" in page
    assert not re.search(r"(?<!\\)<script", dividend_markdown(hostile))


def test_the_picture_names_each_arm_of_the_whole_budget_once_and_no_other(evidence) -> None:
    for width in (palette.WIDE, palette.NARROW):
        drawn = ElementTree.fromstring(svg(dividend_chart(evidence.arms, "bits per byte", width)))
        told = [text for one in drawn.iter() if one.tag.endswith("text") and (text := "".join(one.itertext()))]
        names = [one for one in told if one in set(evidence.arms["arm"])]
        assert sorted(names) == ["curated", "everything", "no-domain", "random"]
        labels = [
            one.attrib["aria-label"]
            for one in drawn.iter()
            if "unique tokens, gain" in one.attrib.get("aria-label", "")
        ]
        assert {one.split(",")[0] for one in labels} == {
            "curated: 18",
            "random: 18",
            "no-domain: 90",
            "everything: 100",
        }
        assert "random: 18,100 unique tokens, gain +0.100 [+0.050, +0.150]" in labels, "though it stands aside"
    assert png(dividend_chart(evidence.arms, "bits per byte")).startswith(b"\x89PNG")


def test_arms_of_as_many_tokens_stand_apart_and_around_what_they_hold() -> None:
    points = [{"tokens": float(tokens)} for tokens in (100, 15_000, 15_000, 15_000, 16_000, 17_900, 40_000)]
    places = [point["at"] for point in dividend_charts._spread(points)]
    assert all(later - sooner >= 1_000 - 1e-6 for sooner, later in itertools.pairwise(places))
    assert (places[0], places[-1]) == (100, 40_000)
    assert max(abs(at - point["tokens"]) for at, point in zip(places, points, strict=True)) <= 1_500
    assert dividend_charts._spread([]) == []


def test_shares_of_a_part_of_a_percent_are_on_the_line_of_their_arm(evidence) -> None:
    shares = pl.DataFrame([arm("curated 10.4%", "share", 2_000, 0.1)], schema=ARMS)
    assert on_the_curve(pl.concat([evidence.arms, shares]))["line"].unique().to_list() == ["curated"]


def test_the_curve_joins_shares_with_the_whole_arm(evidence) -> None:
    assert on_the_curve(evidence.arms).select("arm", "line").rows() == [
        ("curated 50%", "curated"),
        ("curated", "curated"),
    ]
    drawn = svg(scaling_chart(evidence.arms, "bits per byte"))
    assert ">0</text>" in drawn, "no tokens are not thousands of them"
    assert ">0k" not in drawn


def test_a_slice_that_costs_something_is_named_by_the_row_at_its_middle(evidence) -> None:
    told = list(wording.doubts(evidence))
    assert (
        "Slice 1 holds gain back (−0.040 [−0.050, −0.030] bits per byte): 59 rows like “What of 1?”, answered “That of 1.”."
        in told
    )
    harmless = evidence.slices.with_columns(mean=pl.col("mean").abs())
    in_time = dataclasses.replace(evidence, slices=harmless[:2])
    assert "None of 2 slices surely harms what must be kept, or holds the gain back." in list(wording.doubts(in_time))
    assert "None of 3 slices surely harms what must be kept, or holds the gain back." in list(
        wording.doubts(dataclasses.replace(evidence, slices=harmless))
    )


def test_a_slice_that_may_cost_something_is_offered_as_the_first_place_to_look(evidence) -> None:
    unsure = evidence.slices.with_columns(sure=pl.lit(value=False), p=pl.lit(0.02))
    told = dataclasses.replace(evidence, slices=unsure)
    assert (
        "The first place to look is slice 1: by itself it holds gain back (−0.040 [−0.050, −0.030] bits per byte): "
        "59 rows like “What of 1?”, answered “That of 1.”. One of 3 questions may come out so by chance; "
        "more seeds (ablate.seeds) or more items tell."
    ) in list(wording.doubts(told))
    assert re.search(r"look here first.*can(&#39;|.)t be told", render(told), re.S)
    for nothing in (
        unsure.with_columns(p=pl.lit(0.2)),
        unsure.with_columns(mean=pl.col("mean").abs()),
        unsure.with_columns(pl.lit(-0.0005).alias("mean"), upper=pl.lit(-0.0004)),  # no more than rounding
        unsure.with_columns(clusters=pl.lit(4, pl.UInt32)),
    ):
        quiet = dataclasses.replace(evidence, slices=nothing)
        assert not any("first place" in one for one in wording.doubts(quiet))
        assert "look here first" not in render(quiet)
    assert not any("first place" in one for one in wording.doubts(evidence)), "one surely costs something"


@pytest.mark.parametrize(
    ("decision", "trained", "offered"),
    [("REJECT", True, True), ("REJECT", False, False), ("SHIP", True, False), (None, True, False)],
)
def test_slices_are_offered_after_a_rejection_of_what_was_trained(decision, trained, offered) -> None:
    told = first_place_to_look(decision, "runs/r1", trained=trained)
    assert bool(told) == offered
    assert not offered or "winnow ablate runs/r1/config.yaml --set 'ablate.arms=[]' --set ablate.slices=6" in told


def test_a_control_with_the_very_rows_is_said_to_be_one_training(evidence, beside_controls) -> None:
    told = beside_controls(beside("everything", 0.0, 0.0, sure=False, p=1.0))
    same = pl.col("arm") == "everything"
    told = dataclasses.replace(told, arms=told.arms.with_columns(same_as_curated=same))
    assert wording.headline(told) == (
        "No dividend beside everything: curation leaves the very rows, so both are one training."
    )
    assert wording.tone(told) == "undecided"
    assert not any("very rows of the curated set" in one for one in wording.doubts(told))


def test_arms_that_are_better_than_the_base_forget_nothing_whatever_lies_between_them(evidence) -> None:
    assert wording.headline(evidence).endswith("and forgets 0.020 less (0.010 to 0.030).")
    better = dataclasses.replace(evidence, arms=evidence.arms.with_columns(kept_lower=pl.lit(0.01)))
    assert wording.headline(better).endswith(
        "and neither forgets: what must be kept improves by 0.020 more (0.010 to 0.030)."
    )


def test_neither_is_said_to_forget_where_that_is_a_question_on_one_suite(evidence, beside_controls) -> None:
    lines = [*kept("everything", -0.02, 0.01), kept("everything", -0.09, 0.08, "poems")[1]]
    told = beside_controls(beside("everything", 0.21, 0.06), *lines)
    base = [beside("base", 0.0, 0.09, role="retention", suite=suite, margin=0.02) for suite in ("prose", "poems")]
    told = dataclasses.replace(
        told,
        arms=evidence.arms.with_columns(kept_mean=pl.lit(0.03), kept_lower=pl.lit(0.01)),
        kept=pl.DataFrame(base, schema=DIFFERENCES),
    )
    assert "Whether what it forgets more is within the margin can't be told on prose and poems." in wording.doubts(told)
    assert wording.headline(told).endswith(", and what must be kept improves by 0.020 less (0.010 to 0.030).")


@pytest.mark.parametrize(
    ("control", "base", "word"),
    [
        ((-0.05, 0.01), (0.09, 0.01), "within the margin"),  # it improved less than the control
        ((0.00, 0.01), (-0.05, 0.01), "within the margin"),  # both forgot
        ((-0.05, 0.01), (-0.05, 0.01), "forgets more"),
        ((-0.05, 0.01), (-0.02, 0.01), "can't be told"),
        ((-0.02, 0.01), (-0.05, 0.01), "can't be told"),
    ],
)
def test_forgetting_is_a_loss_against_the_base(evidence, beside_controls, control, base, word) -> None:
    line = beside("base", *base, role="retention", suite="prose", judged=False, margin=0.02)
    told = beside_controls(beside("random", 0.2, 0.1), *kept("random", *control))
    told = dataclasses.replace(told, kept=pl.DataFrame([line], schema=DIFFERENCES))
    assert [one["word"] for one in wording.margins(told, "random")] == [word]
    page = html.unescape(render(told))
    assert f"<td>{word}</td>" in page
    assert '<td class="n">60<small>of 50 documents</small></td>' in page


def test_a_stage_that_may_cost_something_is_the_first_to_look_at(evidence) -> None:
    lines = [
        beside("no-domain", -0.006, 0.004, p=0.016, sure=False),
        beside("no-domain", 0.01, 0.05, role="retention"),
    ]
    lines += [beside("no-quality", 0.01, 0.05), beside("no-quality", 0.01, 0.05, role="retention")]
    told = dataclasses.replace(evidence, stages=pl.DataFrame(lines, schema=DIFFERENCES))
    look = (
        "The first stage to look at is domain: by itself it holds gain back (−0.006 [−0.010, −0.002] bits per byte). "
        "One of 4 questions may come out so by chance; more seeds (ablate.seeds) or more items tell."
    )
    assert look in list(wording.doubts(told))
    assert "What domain bought can&#39;t be told. Look here first." in render(told)
    stages_alone = dataclasses.replace(
        told,
        arms=told.arms.filter(pl.col("kind") != "control"),
        dividends=told.dividends.clear(),
        slices=told.slices.clear(),
    )
    unsure = "What domain bought can't be told. What quality bought can't be told."
    assert wording.headline(stages_alone) == f"{unsure} {look}"
    by_chance = told.stages.with_columns(p=pl.lit(0.2))
    assert "first stage" not in " ".join(wording.doubts(dataclasses.replace(told, stages=by_chance)))


def test_a_stage_that_surely_costs_something_is_named_beside_the_controls(evidence) -> None:
    hurts = [beside("no-domain", -0.2, 0.05), beside("no-domain", 0.01, 0.05, role="retention")]
    told = dataclasses.replace(evidence, stages=pl.DataFrame(hurts, schema=DIFFERENCES))
    assert "Domain hurts: it holds gain back." in list(wording.doubts(told))
    assert not any("Domain" in one for one in wording.doubts(evidence)), "that it pays the table says"
