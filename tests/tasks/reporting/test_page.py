import math
import re
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser

import polars as pl
import pytest

from evals.corpora import CorpusLine
from evals.foresight import foresee
from evals.judging import judge
from evals.retained import Retained
from evals.unharmed import Unharmed
from evals.verdict import Gate
from tasks.reporting import evidence as ev
from tasks.reporting.domain import Near
from tasks.reporting.markdown import escape, verdict_markdown
from tasks.reporting.page import environment, render
from tasks.training.scales import Tried

VOID = {"meta", "br", "img", "link", "input", "hr"}

HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script>alert(2)</script>",
    "</title><svg onload=alert(3)>",
    "{{7*7}} {% raw %} ${7*7} <%= 7*7 %>",
    "[link](javascript:alert(4)) javascript:alert(5)",
    '" onmouseover="alert(6)" x="',
    "' autofocus onfocus='alert(7)",
    "<img src=https://example.invalid/x.png onerror=alert(8)>",
    "<!-- --><![CDATA[ ]]> </details></main>",
    "abc\u202e\u2066txt.exe",
    "nul\x00 and bell\x07",
    "half \ud83d\udfff pair",
    "z" + "\u0301" * 200,
    "long " * 1_000_000,
]


class Page(HTMLParser):
    """What a browser would build, as far as it matters here: balanced tags, their attributes, the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def harmless(page: Page) -> None:
    """Nothing runs and nothing is fetched."""
    assert not {"script", "iframe", "object", "embed", "base", "form", "link", "img", "image", "use"} & {
        tag for tag, _ in page.tags
    }
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("href", "xlink:href", "src", "srcset", "action", "formaction", "data"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)


@pytest.mark.parametrize("decision", ["SHIP", "REJECT", "INCONCLUSIVE"])
def test_every_decision_makes_a_whole_harmless_page(build, decision):
    html = render(build(decision))
    page = Page(html)
    harmless(page)
    assert html.startswith("<!doctype html>")
    assert "http://" not in html.replace("http://www.w3.org/", "")
    assert "https://" not in html
    assert "@import" not in html
    assert "url(http" not in html


def test_the_page_forbids_itself_scripts_and_requests(build):
    policy = next(
        meta["content"]
        for meta in Page(render(build())).all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_a_run_of_which_hardly_anything_is_known_is_a_page_that_says_so():
    page = Page(render(ev.Evidence("x", "r", datetime(2026, 1, 1, tzinfo=UTC), 1.0)))
    harmless(page)
    for missing in ("No verdict", "No candidate was examined", "No pool was curated", "were not looked for", "no domain filter", "Nothing was trained", "No row to show", "No answers were generated", "nothing to compare"):  # fmt: skip
        assert missing in page.text, missing


def test_a_suite_that_was_looked_at_says_at_which_level_its_interval_holds(build, verdict):
    told = "ook 2, at 50% of documents: upper end 99.44% (95% over all looks), lower end 95%; stopped there"
    assert "over all looks" not in Page(render(build())).text
    looked = verdict()
    looked["retention"][0] |= {"looks": [0.25, 0.5], "level": 0.0056, "mean": -0.2, "lower": -0.3, "upper": -0.1}
    evidence = build(verdict=looked)
    text = Page(render(evidence)).text
    assert told in text
    assert "at best −0.100 (95% confidence over all looks)" in text
    assert "at worst −0.300" not in text
    assert escape(told, 400) in verdict_markdown(evidence)


def test_a_statistician_finds_what_intervals_rest_on_and_what_the_exam_can_see(build):
    scores = build().scores
    seen, found = foresee(scores, Gate()), judge(scores)
    text = Page(render(build(verdict=found.model_dump(mode="json"), foreseen=seen))).text
    text = " ".join(text.split())
    code = next(one for one in found.retention if one.suite == "code")
    told = next(one for one in seen if one.suite == "code")
    assert "CR3" in text
    assert f"df {code.found.df:.1f}" in text
    assert f"SE {code.se:.2g}" in text
    skewed = found.model_copy(update={"gain": found.gain.model_copy(update={"se": 0.05, "skew": -0.41})})
    page = Page(render(build(verdict=skewed.model_dump(mode="json"), foreseen=seen)))
    assert "SE 0.05skew −0.41" in page.text
    assert "mean ± (q + a (2q² + 1) / 6) · SE" in text
    assert "gain must exceed0, and 0.001 that rounding may bring" in text.replace("0.0,", "0,")
    assert "needed: more than 0.001, which rounding may bring" in text
    assert "gain · must be above +0.001" in text
    assert "not what training with another seed would have made" in text
    row = f"164164{code.found.counted:.1f}{code.found.df:.1f} 0.020{told.detectable:.3f}by a usual spread"
    assert row in text
    unseen = " ".join(Page(render(build())).text.split())
    assert "(not told in this run)" in unseen
    assert "(not told in this run)" not in text


def test_the_chance_of_a_harmless_candidate_is_told_beside_the_picture_and_reckoned_in_the_statistics(build):
    told = Unharmed(suites={"encyclopedia": 0.9, "code": 0.8, "general_questions": 0.5})
    evidence = build(unharmed=told)
    text = " ".join(Page(render(evidence)).text.split())
    assert f"{told.sentence}. The statistics say how this was reckoned." in text
    assert "the product, 36%, since they ask different documents" in text
    assert "which is 20% (Fréchet's bound)" in text
    assert "codebits/byte 164164–– 0.020––80% –" in text
    assert escape(told.sentence, 400) in verdict_markdown(evidence)
    silent = Page(render(build())).text
    assert "truly loses nothing" not in silent
    assert "Fréchet" not in silent


def test_a_repaired_candidate_s_page_says_that_the_exam_was_looked_at_twice(build, verdict):
    twice = "the chance of shipping wrongly at all is at most 2α = 0.1."
    assert twice in " ".join(Page(render(build(verdict=verdict() | {"scale": 0.5}))).text.split())
    assert "2α" not in Page(render(build(verdict=verdict() | {"scale": 1.0}))).text


def test_the_scales_that_were_tried_are_a_table_with_what_each_keeps(build):
    lost, kept, few = Retained("letters", -0.1, -0.2, -0.02), Retained("letters", 0.01, -0.009, -0.02), None
    ships = [Retained(HOSTILE[0], 0.5, bound, -0.02) for bound in (few, 0.4)]
    tried = [Tried(1.0, 3.0, 0.9, (lost, ships[0])), Tried(0.5, 3.1, 0.4, (kept, ships[1]))]
    page = Page(render(build(training={"method": "lora", "chosen scale": 0.5}, scales=tried)))
    harmless(page)
    text = " ".join(page.text.split())
    assert "13.000+0.900not kept -0.100by its mean: at least -0.200kept +0.500by its mean: too few documents" in text
    assert "0.5chosen3.100+0.400kept +0.010at least -0.009kept +0.500by its mean: at least +0.400" in text
    alone = Page(render(build(scales=[one._replace(retention=()) for one in tried]))).text
    assert "Scales tried" in alone
    assert "that the exam does not ask" not in alone
    assert "Scales tried" not in Page(render(build())).text


def test_what_was_left_unchecked_is_listed_beside_the_statistics(build, verdict):
    clean = " ".join(Page(render(build())).text.split())
    assert "Every suite asked for was examined whole, and every item was looked for in the training rows." in clean
    missing = [{"suite": "garden-choice", "reason": "no row has three siblings"}]
    text = Page(render(build(verdict=verdict() | {"unexamined": missing}))).text
    assert text.count("garden-choice: not examined, because no row has three siblings.") == 2
    assert "examined whole" not in text


def test_an_adapter_trained_elsewhere_has_a_page_of_its_verdict_alone(build):
    empty = build()
    page = Page(
        render(
            build(
                funnel=empty.funnel.clear(),
                reasons=empty.reasons.clear(),
                sources=empty.sources.clear(),
                kept=(),
                removed=(),
                domain=None,
                contract=None,
                training={},
                curve=empty.curve.clear(),
                canaries=empty.canaries.clear(),
            )
        )
    )
    sections = {attributes["id"] for attributes in page.all("section")}
    assert {"verdict", "gain", "answers", "statistics", "provenance"} <= sections
    assert not {"funnel", "canaries", "meaning", "domain", "training", "samples"} & sections
    assert {attributes["href"] for attributes in page.all("a")} <= {f"#{name}" for name in sections}
    for absent in ("Rows kept", "No pool was curated", "Funnel", "Nothing was trained"):
        assert absent not in page.text


def test_a_run_that_only_curated_has_no_section_about_what_it_did_not_do(build):
    page = Page(render(build(verdict=None, training={}, answers=())))
    harmless(page)
    sections = [tag["id"] for tag in page.all("section")]
    assert sections == [
        *("verdict", "funnel", "canaries", "meaning", "domain", "samples", "reading", "exam", "provenance")
    ]
    links = {tag["href"].removeprefix("#") for tag in page.all("a") if (tag["href"] or "").startswith("#")}
    assert links == set(sections)
    assert "1,458 of 4,962 rows are the training set" in page.text
    assert "winnow audit" in page.text
    for unsaid in ("candidate", "No answers", "Training", "nothing to compare"):
        assert unsaid not in page.text, unsaid


@pytest.mark.parametrize(
    "changes",
    [
        {"meaning": None},
        {"domain": None},
        {"domain": ev.Domain(pl.Series([], dtype=pl.Float64), 0.5)},
        {"domain": ev.Domain(pl.Series([0.2, 0.9]), 0.5)},
        {"kept": (), "removed": (), "answers": ()},
        {"exam": ev.Exam()},
        {"scores": pl.DataFrame(schema=ev.SCORES)},
        {"curve": pl.DataFrame(schema=ev.CURVE)},
        {"funnel": pl.DataFrame(schema=ev.FUNNEL)},
        {"reasons": pl.DataFrame(schema=ev.REASONS)},
        {"contract": None},
        {"clock": {"judge": None}},
        {"verdict": {"decision": "SHIP", "gain": None}},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_what_is_missing_never_breaks_the_page(build, changes):
    harmless(Page(render(build(**changes))))


def test_an_undecided_verdict_with_open_intervals_shows_infinity(build):
    assert "[−∞, +∞]" in Page(render(build("INCONCLUSIVE"))).text


def test_a_suite_that_could_not_be_made_is_said_with_its_reason(build, verdict):
    missing = [{"suite": "garden-choice", "reason": "no row has three siblings"}]
    page = Page(render(build(verdict=verdict() | {"unexamined": missing})))
    assert "garden-choice: not examined, because no row has three siblings." in page.text
    assert "not examined, because" not in Page(render(build())).text


def test_items_that_were_cut_are_said_on_the_page_and_in_the_artifact(build, verdict):
    cut = [
        {"suite": "code", "n": 3, "of": 60, "limit": 2048, "unit": "tokens"},
        {"suite": "encyclopedia", "n": 1, "of": 300, "limit": 2000, "unit": "bytes"},
    ]
    evidence = build(verdict=verdict() | {"cut": cut})
    text = Page(render(evidence)).text
    for told in (
        "code: 3 of 60 items were longer than the model’s 2,048 tokens; their end counts.",
        "encyclopedia: 1 of 300 items was longer than 2,000 bytes (max_bytes of the suite); its beginning counts.",
    ):
        assert told in text
        assert escape(told, 400) in verdict_markdown(evidence)


def test_scores_that_were_not_checked_for_leaks_are_marked(build):
    told = "not checked for leaks in 100 of 160 items, so its score may be too good"
    assert "not checked" not in Page(render(build())).text
    suites = [ev.Suite("garden", "domain", "completion", 160, 112, checked=60)]
    assert told in Page(render(build(exam=ev.Exam(suites)))).text
    assert told in verdict_markdown(build(exam=ev.Exam(suites)))
    suites = [ev.Suite("garden", "domain", "completion", 160, 112)]
    assert "No score was checked for leaks" in Page(render(build(exam=ev.Exam(suites)))).text


def test_a_budget_and_scores_are_told_where_there_are_any(build):
    tokens = pl.DataFrame(
        [("<b>garden", 40, 9_000, 11, 1_990, 2_000), ("kitchen", 60, 12_000, 44, 7_900, None)],
        schema=ev.TOKENS, orient="row",
    )  # fmt: skip
    scores = [("perplexity", 100, 4.5, 12.25, 81.0, None, 60.0), ("ifd", 0, None, None, None, 0.3, None)]
    difficulty = pl.DataFrame(scores, schema=ev.DIFFICULTY, orient="row")
    for changes in ({}, {"verdict": None, "training": {}, "answers": ()}):
        page = Page(render(build(choice=ev.Choice("diverse", 10_000, tokens), difficulty=difficulty, **changes)))
        harmless(page)
        assert "9,890 of 10,000 tokens allowed were spent, diverse; 21,000 could have been chosen." in page.text
        assert "<b>garden40119,0001,99020%2,000 kitchen604412,0007,90079%–" in page.text
        assert "perplexity1004.5012.2581.00–60.00 IFD0–––0.30–" in page.text
        assert {"#budget", "#difficulty"} <= {tag["href"] for tag in page.all("a")}
    assert "token budget was spent" not in Page(render(build())).text


def test_drift_and_data_docs_are_told_where_there_are_any(build):
    told = Page(render(build(contract=ev.Contract(3, drift="since monday: answer lengths steady", docs=True)))).text
    assert "Drift since monday: answer lengths steady." in told
    assert "data_docs/index.html" in told
    untold = Page(render(build(contract=ev.Contract(3)))).text
    assert "Drift" not in untold
    assert "Data Docs" not in untold


def test_suites_as_one_corpus_are_shown_in_bits_per_byte(build):
    line = CorpusLine(suite="old<b>books", base=-1.25, candidate=-1.125, lower=0.1, upper=math.inf)
    page = render(build(corpora=(line,)))
    row = page[page.index("As one corpus") :].split("</tr>")[1]
    assert "<b>" not in row
    assert [cell for cell in ("1.250", "1.125", "+0.125", "[+0.100, +∞]") if cell not in row] == []
    assert "As one corpus" not in render(build())


def test_no_retention_suite_is_said_loudly(build, verdict):
    page = Page(render(build(verdict=verdict() | {"retention": []})))
    assert "The exam has no retention suite" in page.text
    assert "nothing forgotten" not in page.text


@pytest.mark.parametrize("texts", [HOSTILE[:7], HOSTILE[7:]], ids=["markup", "characters"])
def test_hostile_text_in_every_place_is_only_text(build, verdict, comparison, texts):
    every, short = " ".join(texts), [text[:200] for text in texts]
    names = [text.encode("utf-8", "replace").decode() for text in short]
    html = render(
        build(
            name=every,
            run_id=every,
            recipe=every,
            command=every,
            versions=dict(zip(short, texts, strict=True)),
            digests=dict(zip(short, texts, strict=True)),
            training=dict(zip(short, texts, strict=True)) | {"steps": 1},
            clock=dict.fromkeys(short, 1.0) | {"judge": None},
            kept=[ev.Kept(text, text, text, text) for text in texts],
            removed=[ev.Removed(text, text, text, text, text, text, text, 1.0, 2.0, text, text) for text in texts],
            answers=[ev.Answers(text, text, text, text) for text in texts],
            contract=ev.Contract(1, [ev.Failure(text, "critical", text) for text in texts], every, docs=True),
            exam=ev.Exam(
                [ev.Suite(text, "domain", "completion", 1, 1, text) for text in short],
                every,
                dict.fromkeys(short, 1),
            ),
            verdict=verdict()
            | {
                "reason": every,
                "retention": [comparison(text, -0.1, 0.05, -0.02, note=text) for text in short],
            },
            domain=ev.Domain(
                pl.Series([0.1, 0.9]),
                0.5,
                method=every,
                borderline=2,
                nearest=[Near(text, text, text, 0.1) for text in texts],
            ),
            funnel=pl.DataFrame([(name, 3, 1) for name in names], schema=ev.FUNNEL, orient="row"),
            reasons=pl.DataFrame([(name, name, name, 2) for name in names], schema=ev.REASONS, orient="row"),
            sources=pl.DataFrame([(name, 3, 1, 2, 0) for name in names], schema=ev.SOURCES, orient="row"),
        )
    )
    page = Page(html)
    harmless(page)
    assert len(html) < 1_000_000
    assert not set(html) & set("\x00\x07\u202e\u2066")
    assert not re.search(r"\b49\b", " ".join(word for word in page.words if "*7" in word))
    html.encode("utf-8")


@pytest.mark.parametrize(
    ("skimmed", "told"), [(0, ""), (1, "1 row was left out before"), (2100, "2,100 rows were left out before")]
)
def test_rows_left_out_by_their_words_are_told_beside_the_picture_of_the_domain(build, skimmed, told):
    found = ev.Domain(pl.Series([0.2, 0.9]), 0.5, 0.962, 0.9, 0.5, 0.9, skimmed=skimmed)
    page = " ".join(render(build(domain=found)).split())
    assert ("by words alone" in page) == bool(skimmed)
    assert told in page


@pytest.mark.parametrize("otherwise", [False, True])
def test_estimates_of_the_domain_are_shares_and_doubted_where_seeds_are_written_otherwise(build, otherwise):
    found = ev.Domain(pl.Series([0.2, 0.9]), 0.5, 0.962, None, 0.5, 0.9, written_otherwise=otherwise)
    text = " ".join(Page(render(build(domain=found))).text.split())
    assert "estimated precision96.2%" in text  # a term and its description
    assert "estimated recall" not in text
    assert ("estimates may be too good" in text) == otherwise


def test_the_threshold_of_same_meaning_stands_beside_what_was_aimed_at_and_estimated(build, meaning):
    page = Page(render(build()))
    harmless(page)
    text = " ".join(page.text.split())
    assert "2,000 rows stand at the cosine of the nearest row of other words; 128 lightly edited copies" in text
    assert "At the threshold of 0.863" in text
    assert re.search(r"False merges ?rows of other words that are as close ?at most 5.0% ?13.1%", text)
    assert re.search(r"Copies found ?lightly edited copies that are as close ?at least 99.0% ?99.2%", text)
    assert any("13.1% of 2,000 rows" in (tag.get("aria-label") or "") for tag in page.all("div"))
    none = meaning().distribution.with_columns(others=0, copies=0)
    text = " ".join(Page(render(build(meaning=meaning(distribution=none, recall=None)))).text.split())
    assert re.search(r"at most 5.0% ?– ?Copies", text)
    assert re.search(r"at least 99.0% ?–", text)


@pytest.mark.parametrize(("rows", "told"), [(0, ""), (1, "1 row lies within 1 "), (1234, "1,234 rows lie within 1 ")])
def test_the_rows_to_label_are_counted_and_the_nearest_shown_with_what_asks_about_them(build, rows, told):
    nearest = [Near("ab" * 16, "pool/rows.jsonl:17", "Is moss a herb?", -0.034)][:rows]
    found = ev.Domain(pl.Series([0.2, 0.9]), 0.5, borderline=rows, nearest=nearest)
    page = Page(render(build(domain=found)))
    harmless(page)
    text = " ".join(page.text.split())
    assert ("winnow label 20260301-021503-weaknesses" in text) == bool(rows)
    assert told in text
    assert all((part in text) == bool(rows) for part in ("Is moss a herb?", "abababababab", "rows.jsonl:17", "-0.03"))


def test_hostile_text_is_shown_as_it_was_written(build):
    page = Page(render(build(kept=[ev.Kept("i", "s", "<b>&amp;{{7*7}}", "</style>")])))
    assert "<b>&amp;{{7*7}}" in page.text
    assert "</style>" in page.text


def test_a_value_the_template_prints_plainly_is_made_safe_all_the_same():
    printed = environment().from_string("{{ value }}").render(value="<b>\x00\u202e" + "a" * 30_000)
    assert printed.startswith("&lt;b&gt;⟨U+0000⟩⟨U+202E⟩aaa")
    assert printed.endswith("… (+10,005 characters)")


def test_a_long_answer_says_what_is_missing(build):
    page = Page(render(build(kept=[ev.Kept("i", "s", "q", "a" * 2834)])))
    assert "… (+1,234 characters)" in page.text


def test_no_more_than_ten_samples_of_a_kind_are_shown(build):
    page = Page(render(build(kept=[ev.Kept(f"id{n}", "s", f"question {n}", "a") for n in range(30)])))
    assert "question 9 " in page.text
    assert "question 10" not in page.text


def test_a_removed_row_shows_its_receipt_and_its_witness(build):
    text = Page(render(build())).text
    assert "Dropped by dedupe: near duplicate; score 0.91, threshold 0.8." in text
    assert "Witness a0d3c85e11f24c0a9b7d6e5f40312213" in text
    assert "Quarantined by dedupe: conflict." in text


def test_books_that_do_not_balance_are_an_alarm(build):
    evidence = build()
    assert "do not balance" not in Page(render(evidence)).text
    short = evidence.reasons.with_columns(rows=pl.col("rows") - (pl.col("reason") == "conflict"))
    page = Page(render(build(reasons=short)))
    assert "The books do not balance: 4,962 rows in ≠" in page.text
    assert "1 row missing" in page.text


def test_statistics_and_provenance_are_there(build):
    text = Page(render(build("INCONCLUSIVE"))).text
    for fact in ("α = 0.05", "160 (112)", "1,270", "winnow run recipes/weaknesses.yaml", "torch", "2.9.1", "from cache", "4 min 22 s", "token_budget: 60000", "3 exam question, 38 exam words"):  # fmt: skip
        assert fact in text, fact


def test_pictures_have_words_and_tables_have_headers(build):
    page = Page(render(build()))
    pictures = [attributes for _, attributes in page.tags if attributes.get("role") == "img"]
    assert len(pictures) == 10
    assert all(len(picture["aria-label"] or "") > 40 for picture in pictures)
    assert all(header.get("scope") in {"col", "row"} for header in page.all("th"))
    assert len(page.all("table")) == len(page.all("thead"))
    assert page.all("html")[0]["lang"] == "en"


def test_links_within_the_page_arrive(build):
    page = Page(render(build()))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.all("a")} <= set(ids)


def test_the_same_evidence_makes_the_same_page(build):
    assert render(build()) == render(build())


def test_importing_the_page_is_cheap_and_knows_no_prefect():
    code = "import sys, tasks.reporting.page, tasks.reporting.markdown; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"altair", "vl_convert", "prefect", "torch", "tasks.store"} & set(loaded)


@pytest.mark.parametrize(("power", "gain"), [(0.8, "together"), (0.9, "any")])
def test_the_level_and_the_power_are_told_beside_the_statistics(build, verdict, power, gain):
    gate = {"alpha": 0.05, "power": power, "gain": gain}
    told = " ".join("".join(Page(render(build(verdict=verdict() | {"gate": gate}))).words).split())
    assert f"find in {power:.0%} of exams" in told
    assert ("Holm's levels share it out" in told) == (gain == "any")
