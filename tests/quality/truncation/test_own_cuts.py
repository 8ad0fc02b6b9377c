"""What a pool's own answers look like when they are cut tells which of its open-ended answers were."""

import random

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quality.lsh.shingles import stable_hash
from quality.truncation.line import weighed
from quality.truncation.own_cuts import OwnCuts
from quality.truncation.samples import cut_samples
from quality.truncation.sentence_ends import SEALED
from quality.truncation.shares import Groups, shares
from quality.truncation.truncation import cut_off

THINGS = ["harbour", "engine", "letter", "garden", "window", "river", "table", "bottle", "ladder", "candle"]


def title(rng: random.Random) -> str:
    one, two, three, four = rng.sample(THINGS, 4)
    return f"the {one} of a {two} beside the {three} and {four}"


def measured(answers: list[str]) -> list[float]:
    return cut_off(pl.Series([f"Name number {row}" for row in range(len(answers))]), pl.Series(answers)).to_list()


def test_a_cut_is_a_true_beginning_without_a_closing_mark() -> None:
    rng = random.Random(1)
    texts = pl.Series([f"{title(rng)}. {title(rng)} ({rng.randint(1, 99)})" for _ in range(400)])
    whole = pl.DataFrame({"text": stable_hash(texts), "prompt": [""] * 400, "kind": [""] * 400, "answer": texts})
    for within in (False, True):
        cut = cut_samples(whole, within=within).join(whole.select("text", full="answer"), on="text")
        assert cut.height > 400
        assert cut.select((pl.col("full").str.starts_with(pl.col("answer"))).all()).item()
        assert cut.select((pl.col("answer").str.len_chars() < pl.col("full").str.len_chars()).all()).item()
        assert not cut["answer"].str.contains(SEALED).any()
        known = {*THINGS, "the", "of", "a", "beside", "and"}
        ends = [answer.split()[-1].strip("().") in known for answer in cut["answer"]]
        assert sum(ends) > 0.9 * len(ends) if not within else sum(ends) < 0.8 * len(ends)


def test_cuts_are_those_of_the_texts_in_any_order() -> None:
    rng = random.Random(2)
    texts = pl.Series([title(rng) for _ in range(50)])
    whole = pl.DataFrame({"text": stable_hash(texts), "prompt": [""] * 50, "kind": [""] * 50, "answer": texts})
    straight, turned = (cut_samples(rows, within=True).sort("text", "answer") for rows in (whole, whole.reverse()))
    assert straight.equals(turned)


def test_shares_are_found_where_one_group_closes_its_answers_and_one_does_not() -> None:
    rng = np.random.default_rng(3)
    # 40 cut and 20 whole open-ended answers of 2,000 that mostly close; 40 cut and 1,960 whole of 2,000 that never do.
    cut = np.repeat([True, False, True, False], [40, 20, 40, 1_960])
    groups = np.repeat([0, 1], [60, 2_000])
    ratio = np.exp(np.where(cut, rng.normal(2, 2, len(cut)), rng.normal(-2, 2, len(cut))))
    found = shares(np.stack([ratio, ratio]), customs(groups, [2_000, 2_000]))
    assert 0.014 < found.cut.sum() < 0.026
    assert found.open_ended[:60].max() < 0.03
    assert found.open_ended[60:].min() > 0.9
    told = found.probabilities(np.stack([ratio, ratio])).sum(axis=0)
    assert told[:60][cut[:60]].mean() > 0.6
    assert (told[~cut] > 0.5).mean() < 0.01


def customs(
    groups: NDArray[np.int64], sizes: list[float], beginnings: list[int] | None = None, alike: float = 1
) -> Groups:
    begin = np.arange(len(groups)) if beginnings is None else np.array(beginnings)
    same = np.zeros(len(sizes), dtype=np.int64)
    return Groups(
        groups, np.array(sizes, dtype=float), np.arange(len(sizes)), same, same, begin, np.full(max(begin) + 1, alike)
    )


def test_another_witness_tells_how_many_were_cut_and_whose_custom_it_is() -> None:
    # 500 cut of 2,000 that close the others; 300 of 1,000 whole ones that don't; their ends look alike.
    groups = np.repeat([0, 1], [500, 300])
    alike = np.ones((2, 800))
    own = OwnCuts(np.full(800, 0.1), alike, alike, customs(groups, [2_000, 1_000]), np.arange(800) == 799)
    unheard = own.again(np.zeros(800))
    heard = own.again(np.where(groups == 0, 3.0, -3.0))
    assert heard[:500].min() > 0.8 > 0.2 > unheard[:500].max()
    assert heard[500:].max() < 0.05
    assert own.again(np.full(800, 5.0))[799] == 0


def test_no_answer_vouches_for_its_own_lack_of_a_full_stop() -> None:
    # One open-ended answer of 60 in each of 100 groups, 20 of another group's 60.
    groups = np.repeat(np.arange(101), [1] * 100 + [20])
    found = shares(np.ones((2, 120)), customs(groups, [60] * 101))
    assert found.open_ended[:100].max() < 0.5 / 60
    assert found.open_ended[100:].min() > 12 / 60


def test_a_layout_of_few_answers_says_nothing_against_the_custom_of_all_others() -> None:
    # Hardly an answer of 1,500 has a full stop, nor has one of twenty that are laid out in another way.
    groups = np.repeat([0, 1], [1_490, 20])
    layouts = customs(groups, [1_500, 20])._replace(kinds=np.zeros(2, dtype=np.int64), layouts=np.arange(2))
    assert shares(np.full((2, 1_510), 0.1), layouts).open_ended.min() > 0.9


def test_answers_that_begin_alike_have_a_custom_of_their_own() -> None:
    # Thirty open-ended answers of 2,000: ten begin alike, as do none that close, ten as a hundred that do.
    groups, none = np.zeros(30, dtype=np.int64), list(range(10))
    alone = shares(np.ones((2, 30)), customs(groups, [2_000])).open_ended
    of_ten, of_hundred = (
        shares(np.ones((2, 30)), customs(groups, [2_000], [*none, *[10] * 20], alike)).open_ended[10:]
        for alike in (20, 120)
    )
    assert alone.max() < 0.02
    assert of_ten.min() > 0.4
    assert alone.max() < of_hundred.max() < 0.25


def test_where_no_answer_has_a_full_stop_words_and_length_tell() -> None:
    rng = random.Random(4)
    whole = [title(rng) for _ in range(1_500)]
    stumps = [" ".join(title(rng).split()[: rng.choice([3, 4, 6])]) for _ in range(20)]
    scores = measured([*whole, *stumps])
    assert min(scores[1_500:]) > max(scores[:1_500])
    assert sum(score > 0.5 for score in scores[1_500:]) >= 19


def test_pools_of_one_word_answers_have_too_few_cuts_to_learn_from() -> None:
    rng = random.Random(2)
    words = ["".join(rng.choice("abcdefghiklmnoprstuvw") for _ in range(rng.randint(4, 9))) for _ in range(2_400)]
    prompts = pl.Series([f"What is the name of thing {n}?" for n in range(1_200)])
    for pairs in (0, 5, 8):
        answers = [f"{words[2 * n]} {words[2 * n + 1]}" if n < pairs else words[2 * n] for n in range(1_200)]
        assert (cut_off(prompts, pl.Series(answers)) > 0.4).sum() == 0, pairs
    labels = ["neutral" if n % 60 == 0 else ("positive", "negative")[n % 2] for n in range(1_200)]
    assert (cut_off(prompts, pl.Series(labels)) > 0.4).sum() <= 20


def test_of_one_answer_to_several_prompts_the_order_of_rows_chooses_none() -> None:
    rng = random.Random(5)
    answers = [title(rng) + ("" if row % 50 == 0 else ".") for row in range(1_100)]
    rows = [(f"Name a thing, {title(rng)} or so", answer) for answer in answers]
    rows += [(f"Name a thing, {answer.replace('.', '. And')} or so", answer) for answer in answers[:600]]
    straight, turned = (
        cut_off(*(pl.Series(side) for side in zip(*order, strict=True))) for order in (rows, rows[::-1])
    )
    assert straight.max() > 0
    assert np.allclose(straight, turned.reverse(), atol=0, rtol=1e-9)


def test_the_line_gives_up_few_whole_answers() -> None:
    surely, hardly = np.full(20, 0.95), np.full(40, 0.25)
    # 20 answers cost one whole one in all, 40 more would cost 31 of 20,000, which is less than 40.
    assert (weighed(np.concatenate([surely, hardly]), 20_000) > 0.5).all()
    # Of 2,000 answers, four: three doubtful ones would be given up, no more.
    few = weighed(np.concatenate([surely, hardly]), 2_000)
    assert (few[:20] > 0.5).all()
    assert (few[20:] <= 0.5).all()
    # Nothing as unlikely as one in eleven is cut, whatever the pool can afford; a little more likely is.
    assert (weighed(np.full(3, 0.09), 100_000) < 0.5).all()
    assert (weighed(np.full(3, 0.11), 100_000) > 0.5).all()
    # Where doubtful ones are many, the line is above one half, and the order stays.
    many = weighed(np.linspace(0.5, 0.99, 200), 3_000)
    assert 0 < (many > 0.5).sum() < 100
    assert (np.diff(many) > 0).all()
    assert weighed(np.array([0.0, 1.0]), 1_000).tolist() == [0.0, 1.0]


def test_a_source_of_short_answers_without_full_stops_is_judged_by_its_own_custom() -> None:
    rng = random.Random(6)
    prose = [f"It is {title(rng)}. It is {title(rng)}." for _ in range(1_500)]
    short = [" ".join(rng.sample(THINGS, 2)) for _ in range(12)]
    cut = [f"It is {title(rng)}. It is {' '.join(title(rng).split()[:5])}" for _ in range(4)]
    answers = pl.Series([*prose, *short, *cut])
    prompts = pl.Series([f"{title(rng)} {row}?" for row in range(len(answers))])
    sources = pl.Series(["prose"] * 1_500 + ["short"] * 12 + ["prose"] * 4)
    told = cut_off(prompts, answers, sources=sources) > 0.5
    assert not told[1_500:1_512].any()
    assert told[1_512:].all()
    assert (cut_off(prompts, answers) > 0.5)[1_500:1_512].any()  # as rows of the prose they would be stumps
    order = rng.sample(range(len(answers)), len(answers))
    mixed = cut_off(*(side.gather(order) for side in (prompts, answers)), sources=sources.gather(order)) > 0.5
    assert mixed.to_list() == told.gather(order).to_list()
    one = pl.Series(["all"] * len(answers))
    assert np.allclose(cut_off(prompts, answers, sources=one), cut_off(prompts, answers), atol=1e-9)


def test_a_few_stumps_that_end_in_one_word_do_not_teach_that_it_ends_sentences() -> None:
    rng = random.Random(8)
    whole = [title(rng) for _ in range(600)]
    stumps = [f"the {noun} of a {other} beside" for noun, other in zip(THINGS[:5], THINGS[5:], strict=True)]
    scores = measured([*whole, *stumps])
    assert all(score > 0.5 for score in scores[600:])
    assert not any(score > 0.5 for score in scores[:600])
