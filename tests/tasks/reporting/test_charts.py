import dataclasses
import math
import re
import struct
from xml.etree import ElementTree

import altair as alt
import numpy as np
import polars as pl
import pytest

from tasks.reporting import palette
from tasks.reporting.charts import domain_chart, forest_chart, funnel_chart, meaning_chart, png, svg, training_chart
from tasks.reporting.comparisons import comparisons
from tasks.reporting.domain import _bins
from tasks.reporting.evidence import CURVE, FUNNEL, REASONS, Domain
from tasks.reporting.funnel import _cascade
from tasks.reporting.meaning import _bars
from tasks.reporting.page import render

SCRIPT = "<script>alert(1)</script>"


def texts(drawn):
    return [element.text for element in ElementTree.fromstring(drawn).iter() if element.tag.endswith("}text")]


def test_a_picture_needs_nothing_from_elsewhere(build):
    evidence = build()
    for chart in (
        forest_chart(comparisons(evidence)),
        funnel_chart(evidence.funnel, evidence.reasons),
        domain_chart(evidence.domain),
        meaning_chart(evidence.meaning),
        training_chart(evidence.curve),
    ):
        drawn = svg(chart)
        addresses = {
            value
            for element in ElementTree.fromstring(drawn).iter()
            for name, value in element.attrib.items()
            if "href" in name
        }
        assert addresses == set()
        assert "@import" not in drawn
        assert "url(http" not in drawn


def test_data_from_an_address_is_refused():
    with pytest.raises(ValueError, match="not allowed"):
        svg(alt.Chart("https://example.invalid/data.csv").mark_point().encode(x="a:Q"))


def test_a_suite_named_like_a_script_is_text(build, comparison, verdict):
    judged = verdict() | {"gain": comparison(SCRIPT, 0.2, 0.1, 0.0)}
    drawn = svg(forest_chart(comparisons(build(verdict=judged))))
    assert "<script" not in drawn
    assert SCRIPT in texts(drawn)


def test_a_reason_named_like_markup_is_text():
    funnel = pl.DataFrame([("screen", 9, 5)], schema=FUNNEL, orient="row")
    reasons = pl.DataFrame([("screen", "dropped", '"><img src=x>&', 4)], schema=REASONS, orient="row")
    drawn = svg(funnel_chart(funnel, reasons))
    assert '"><img src=x>&' in texts(drawn)
    assert not [element for element in ElementTree.fromstring(drawn).iter() if element.tag.endswith("img")]


def test_two_pictures_in_one_page_do_not_share_ids(build):
    clipped = alt.Chart(alt.InlineData(values=[{"a": 1}])).mark_point(clip=True).encode(x="a:Q")
    drawn = svg(clipped, "left")
    ids = [element.get("id") for element in ElementTree.fromstring(drawn).iter() if element.get("id")]
    assert ids
    assert all(name.startswith("left-") for name in ids)
    assert all(f"url(#{name})" in drawn for name in ids)


def test_a_png_is_a_png_and_grows_with_its_scale(build):
    chart = funnel_chart(build().funnel, build().reasons)
    widths = [struct.unpack(">I", png(chart, scale)[16:20])[0] for scale in (1, 2)]
    assert png(chart)[:8] == b"\x89PNG\r\n\x1a\n"
    assert widths == [palette.WIDE + 32, 2 * (palette.WIDE + 32)]


def test_status_is_told_by_word_and_colour(build):
    drawn = svg(forest_chart(comparisons(build("REJECT"))))
    said = {
        element.text: element.get("fill")
        for element in ElementTree.fromstring(drawn).iter()
        if element.tag.endswith("}text")
    }
    assert said["pass"] == palette.SHIP
    assert said["fail"] == palette.REJECT
    assert svg(forest_chart(comparisons(build("INCONCLUSIVE")))).count(f'fill="{palette.UNDECIDED}"') > 0


@pytest.mark.parametrize("threshold", [0.8, 0.863, 0.97, 1.000001])
def test_the_bars_of_each_distribution_are_shares_of_it_and_the_threshold_is_told(meaning, threshold):
    found = meaning(threshold=threshold)
    shares = {
        colour: [bar["share"] for bar in _bars(found) if bar["colour"] == colour]
        for colour in (palette.PALE, palette.DATA)
    }
    assert shares[palette.PALE] == pytest.approx([0.6, 0.15, 0.1, 0.09, 0.045, 0.01, 0.005])
    assert shares[palette.DATA] == pytest.approx([0, 1 / 128, 0, 2 / 128, 5 / 128, 20 / 128, 100 / 128])
    first, *_ = _bars(found)
    assert (first["from"], first["to"]) == pytest.approx((0.8, 0.81)), "all below 0.82"
    told = texts(svg(meaning_chart(found)))
    assert f"same meaning from {threshold:.3f} on" in told
    assert "cosine with the row (leftmost: all below 0.82)" in told


def positions(drawn, colour, role):
    found = []
    for group in ElementTree.fromstring(drawn).iter():
        if group.get("class", "").startswith(role):
            found += [
                element.get("transform") for element in group if colour in (element.get("fill"), element.get("stroke"))
            ]
    return [tuple(float(part) for part in place[len("translate(") : -1].split(",")) for place in found if place]


def test_the_mean_stands_where_it_belongs_between_line_and_bounds(build, comparison, verdict):
    judged = {"decision": "SHIP", "gain": comparison("domain_answers", 0.3, 0.1, 0.1)}
    drawn = svg(forest_chart(comparisons(build(verdict=judged))))
    start, end = 206, palette.WIDE - 184
    # Shown numbers are 0 to 0.4 with 12% air at both ends.
    expected = start + (0.3 + 0.048) / (0.4 + 0.096) * (end - start)
    (mean,) = positions(drawn, palette.SHIP, "mark-symbol")
    assert mean[0] == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("width", [palette.WIDE, palette.NARROW])
@pytest.mark.parametrize("scale", [0.001, 0.02, 0.3])
def test_no_two_ticks_of_a_forest_read_alike(build, comparison, width, scale):
    judged = {"decision": "SHIP", "gain": comparison("domain_answers", 0.4 * scale, 0.2 * scale, 0.1 * scale)}
    ticks = [one for one in texts(svg(forest_chart(comparisons(build(verdict=judged))[:1], width))) if _number(one)]
    apart = np.diff([float(one.replace("−", "-")) for one in ticks])
    assert len(ticks) >= 4
    assert "0" in ticks, "nothing is neither more nor less"
    assert apart == pytest.approx([apart[0]] * len(apart), abs=1e-9)
    assert apart[0] > 0


def _number(text):
    return re.fullmatch(r"[+−][\d.]+|0", text or "")


def test_an_interval_without_ends_is_drawn_with_arrows(build, comparison, verdict):
    closed = {"decision": "SHIP", "gain": comparison("domain_answers", 0.3, 0.1, 0.1)}
    open_ = {"decision": "INCONCLUSIVE", "gain": comparison("domain_answers", None, 0, 0.1)}
    assert len(positions(svg(forest_chart(comparisons(build(verdict=closed)))), palette.SHIP, "mark-symbol")) == 1
    arrows = positions(svg(forest_chart(comparisons(build(verdict=open_)))), palette.UNDECIDED, "mark-symbol")
    assert len(arrows) == 2
    assert arrows[0][0] < arrows[1][0]


def test_no_number_in_a_forest_is_infinite_or_missing(build):
    for decision in ("SHIP", "REJECT", "INCONCLUSIVE"):
        drawn = svg(forest_chart(comparisons(build(decision))))
        assert "NaN" not in drawn
        assert "Infinity" not in drawn


def test_the_cascade_starts_each_cut_where_the_last_one_ended(build):
    evidence = build()
    lines = _cascade(evidence.funnel, evidence.reasons, visible=0)
    end = lines[0]["to"]
    for line in lines[1:]:
        if line["stage"]:
            left = line["to"]
        assert line["to"] == (left if line["stage"] else end)
        end = line["from"] if not line["stage"] else end
    assert lines[0]["to"] == 4962
    assert end == 1458


def test_a_long_tail_of_reasons_is_summed_up(build):
    evidence = build()
    lines = _cascade(evidence.funnel, evidence.reasons, visible=0)
    tail = next(line for line in lines if line["label"] == "2 more reasons")
    assert tail["said"] == "−15"


def test_a_handful_of_rows_stays_visible():
    funnel = pl.DataFrame([("screen", 1_000_000, 999_999)], schema=FUNNEL, orient="row")
    reasons = pl.DataFrame([("screen", "dropped", "empty_answer", 1)], schema=REASONS, orient="row")
    line = _cascade(funnel, reasons, visible=6000)[-1]
    assert line["to"] - line["from"] == 6000
    assert line["said"] == "−1"


@pytest.mark.parametrize("rows", [0, 1])
def test_an_empty_pool_is_still_a_picture(rows):
    funnel = pl.DataFrame([("ingest", rows, 0)], schema=FUNNEL, orient="row")
    assert "NaN" not in svg(funnel_chart(funnel, pl.DataFrame(schema=REASONS)))


@pytest.mark.parametrize("threshold", [0.1, 0.333, 0.5, 0.97, 1.0, 0.0, -0.5, 1.5])
def test_no_bar_straddles_the_threshold_and_all_scores_are_counted(threshold):
    scores = np.append(np.random.default_rng(1).uniform(0, 1, 500), [threshold, 0.0, 1.0])
    bins = _bins(Domain(pl.Series(scores), threshold))
    assert not [one for one in bins if one["from"] < threshold < one["to"]]
    assert sum(one["rows"] for one in bins if one["kept"]) == int((scores >= threshold).sum())
    assert sum(one["rows"] for one in bins if not one["kept"]) == int((scores < threshold).sum())


def test_scores_that_are_no_numbers_are_left_out():
    assert sum(one["rows"] for one in _bins(Domain(pl.Series([0.1, None, math.nan, math.inf, 0.9]), 0.5))) == 2


@pytest.mark.parametrize("scores", [[0.5, 0.5], [], [math.nan]])
def test_a_flat_or_empty_histogram_is_still_a_picture(scores):
    assert "NaN" not in svg(domain_chart(Domain(pl.Series(scores, dtype=pl.Float64), 0.5)))


def test_what_is_forgotten_is_drawn_where_it_was_measured(build):
    curve = build("SHIP").curve
    said = "".join(ElementTree.fromstring(svg(training_chart(curve))).itertext())
    assert "forgotten" in said
    assert "KL" in said
    assert "e+0" not in said, "a learning rate of 0 is written 0"
    unmeasured = curve.with_columns(general_loss=pl.lit(None, pl.Float64))
    said = "".join(ElementTree.fromstring(svg(training_chart(unmeasured))).itertext())
    assert "forgotten" not in said


@pytest.mark.parametrize("width", [palette.WIDE, palette.NARROW])
def test_no_name_of_a_line_stands_on_another(build, width):
    curve = build("SHIP").curve.with_columns(validation_loss=pl.col("validation_loss") - 1.0)
    drawn = svg(training_chart(curve, width))
    ends = sorted(up for _, up in _ends(ElementTree.fromstring(drawn)))
    assert len(ends) == 4
    assert min(np.diff(ends)) >= 24, "two lines of type 14 apart, the upper one's and the next"


def _ends(element, right=0.0, down=0.0):
    """Yield where the names of lines stand, two lines of type each."""
    moved = re.match(r"translate\(([-\d.]+),([-\d.]+)\)", element.get("transform", ""))
    if moved:
        right, down = right + float(moved.group(1)), down + float(moved.group(2))
    if element.tag.endswith("}text") and len(element) == 2:
        yield right, down
    for inner in element:
        yield from _ends(inner, right, down)


def test_the_training_curve_names_its_lines_with_their_last_values(build):
    curve = build().curve
    said = "".join(ElementTree.fromstring(svg(training_chart(curve))).itertext())
    assert f"{curve['validation_loss'].drop_nulls()[-1]:.3f}" in said
    assert "training" in said
    assert "validation" in said


@pytest.mark.parametrize("width", [palette.WIDE, palette.NARROW])
def test_a_curve_of_one_step_or_without_validation_is_still_a_picture(build, width):
    curve = build().curve.with_columns(validation_loss=pl.lit(None, pl.Float64))
    for table in (curve, curve.head(1), curve.with_columns(loss=pl.lit(math.nan)).head(0)):
        drawn = svg(training_chart(table, width)) if table.height else svg(training_chart(curve, width))
        assert "validation" not in "".join(ElementTree.fromstring(drawn).itertext())
        assert "NaN" not in drawn


@pytest.mark.parametrize("blown", [math.inf, math.nan, None])
def test_a_loss_that_blew_up_ends_the_curve_at_its_last_number(build, blown):
    curve = build().curve.with_columns(validation_loss=pl.lit(None, pl.Float64))
    broken = curve.with_columns(loss=pl.when(pl.col("step") > 60).then(pl.lit(blown)).otherwise("loss"))
    drawn = svg(training_chart(broken.cast(CURVE)))
    assert "NaN" not in drawn
    assert "Infinity" not in drawn
    assert texts_of_the_end(drawn) == texts_of_the_end(svg(training_chart(curve.head(60))))


def texts_of_the_end(drawn):
    return re.search(r"training</tspan><tspan[^>]*>([\d.]+)", drawn).group(1)


def test_the_picture_of_several_domains_says_what_its_distances_are_from(build) -> None:
    one = build().domain
    each = "; ".join(f"domain-{number}: precision 0.95, recall 0.99, 51% of the pool" for number in range(8))
    several = dataclasses.replace(
        one, scores=one.scores - one.threshold, threshold=0.0, several=True, method=f"any of several – {each}"
    )
    assert "beyond the nearest domain's threshold" in texts(svg(domain_chart(several)))
    told = " ".join(render(build(domain=several)).split())
    assert each in told
    assert "how far a row lies from the threshold of the domain that it comes nearest to, which is at 0" in told
    assert "rows below the threshold of" not in told
    assert "rows below the threshold of 0.470 were dropped" in " ".join(render(build()).split())
