"""Rows that ask of another thing in an exam's words stay; edited leaks go, however alike the two are."""

import random
from dataclasses import replace

import polars as pl
import pytest

from quality.auditing.leaks import LeakRules, prove_leaks
from quality.leaks.decontaminate import DEFAULT, leaks
from quality.receipts import RECEIPTS

RULES = LeakRules(**{name: getattr(DEFAULT, name) for name in LeakRules.__annotations__})
BOILS = "What is the boiling point of the element {} under the pressure of one atmosphere?"
FOUND = "Who was the first to isolate the element {} from its ores in pure form?"
NAMES = [f"{one}{two}{end}ium" for one in "bdfgklm" for two in "aeiou" for end in "nrt"]
ITEM = {"item": ["i"], "question": [BOILS.format("neon")], "answer": ["It boils at 27 K, nearly nothing."]}


def exam(**fields: str) -> pl.DataFrame:
    return pl.DataFrame({name: [fields.get(name, texts[0])] for name, texts in ITEM.items()})


def pool(templates: tuple[str, ...] = (BOILS, FOUND)) -> list[tuple[str, str]]:
    rng = random.Random(0)
    return [
        (template.format(name), f"Some say {rng.randrange(9**9)}, some {rng.randrange(9**9)}.")
        for template in templates
        for name in NAMES
    ]


def found(rows: list[tuple[str, str]], items: pl.DataFrame, **rules: float) -> list[tuple[int, str]]:
    """Find leaks, and let the auditor agree with each row that goes or stays."""
    prompts, answers = (pl.Series(texts) for texts in zip(*rows, strict=True))
    gone = leaks(prompts, answers, items, DEFAULT.model_copy(update=rules)).found
    assert wrong(rows, items, gone, **rules) == 0
    return gone.select("row", "reason").rows()


def wrong(rows: list[tuple[str, str]], items: pl.DataFrame, gone: pl.DataFrame, **rules: float) -> int:
    names = pl.Series([f"f:{row}" for row in range(len(rows))])
    said = [[{"role": "user", "content": ask}, {"role": "assistant", "content": reply}] for ask, reply in rows]
    read = pl.DataFrame({"id": names, "origin": names, "messages": said})
    ends = {row: ("decontaminate", "dropped", *line) for row, line in zip(gone["row"], lines(gone), strict=True)}
    kept = ("split", "kept", "train", None, None, None)
    receipts = pl.DataFrame(
        [(name, name, "s", *ends.get(row, kept)) for row, name in enumerate(names)], schema=RECEIPTS, orient="row"
    )
    left = pl.Series([row not in ends for row in range(len(rows))])
    files = (receipts, read.filter(left), read.filter(~left), items)
    return sum(proof.failed for proof in prove_leaks(*files, replace(RULES, **rules)))


def lines(gone: pl.DataFrame) -> list[tuple]:
    return gone.select("reason", "item", "score", "threshold").rows()


def test_one_subject_for_another_in_a_template_of_the_pool_is_a_sibling() -> None:
    assert found(pool(), exam()) == []
    # The same answer says that the item's subject was edited away.
    rows = [*pool(), (BOILS.format("neons"), ITEM["answer"][0]), (BOILS.format("xenon"), "It boils at 165 K, not 27.")]
    assert found(rows, exam()) == [(len(rows) - 2, "lightly_edited")]


@pytest.mark.parametrize(
    ("answer", "leak"),
    [
        ("It boils at 165 K, nearly nothing.", False),  # three words of four, but another number
        ("It boils at 27 K, nearly everything.", True),
        ("It melts at 27 K, nearly everything.", False),
        ("At 27 K.", True),
        ("At 28 K.", False),
    ],
)
def test_answers_are_alike_by_most_words_and_no_other_number_or_if_one_holds_the_other(answer: str, leak: bool) -> None:
    assert found([*pool(), (BOILS.format("xenon"), answer)], exam()) == [(210, "lightly_edited")] * leak


def test_a_word_that_both_answers_name_tells_nothing() -> None:
    rows = [("Who feeds the bees?", "The keeper."), (BOILS.format("argon"), "Argon boils at 87 K.")]
    assert found(rows, exam(answer="Less than argon, by far.")) == [(1, "lightly_edited")]


def test_siblings_that_share_ngrams_too_are_told_where_these_are_no_template_by_number() -> None:
    template = "In one or two sentences, for a reader who is new to it, what is the boiling point of {}?"
    item, rows = exam(question=template.format("neon")), pool((template,))
    assert found(rows, item, template_share=1.0) == []
    longer = f"{template.format('xenon')} Answer like a chemist who has no time to lose and then add what it costs."
    leaking = [(template.format("xenon"), ITEM["answer"][0]), (longer, "Who knows it?")]
    assert found([*rows, *leaking], item, template_share=1.0) == [(105, "shared_ngrams"), (106, "shared_ngrams")]


def test_who_answers_otherwise_may_ask_for_more_than_an_edit_puts_in() -> None:
    ask = "How would you have the steward of this house count all the barrels of the {}?"
    item = exam(question=ask.format("cellar"), answer="With chalk on the wall, one stroke for each barrel.")
    asked = ask.format("old stable behind the three new tall barns")
    others = [(ask.format(f"{name} barn"), f"By {name}.") for name in NAMES[:8]]
    rows = [("Who feeds the bees?", "The keeper."), *others]
    assert found([*rows, (asked, "The boy knows it by heart.")], item) == []
    for leak in ((asked, item["answer"][0].replace("wall", "door")), (f"{asked} {asked}", "The boy knows it.")):
        assert [row for row, _ in found([*rows, leak], item)] == [len(rows)]


def test_an_answer_that_holds_the_question_gives_it_away_whatever_is_asked() -> None:
    row = (BOILS.format("xenon"), f"Nobody knows. And {BOILS.format('neon')} Nobody either.")
    assert found([*pool(), row], exam()) == [(210, "shared_ngrams")]


def test_one_template_for_another_of_the_same_subject_is_a_sibling() -> None:
    templates = (
        "How does one detect the element {} in a sample of ore?",
        "How does one remove the element {} in a sample of ore?",
    )
    item = exam(question=templates[0].format("neon"), answer="By its red light in a tube.")
    asked = templates[1].format("neon")
    assert found([*pool(templates), (asked, "With cold and patience.")], item) == []
    assert found([*pool(templates), (asked, "By its red light in a tube.")], item) == [(210, "lightly_edited")]
    assert found([*pool(templates), (asked, "By its red light in a tube, of course.")], item) == [
        (210, "lightly_edited")
    ]


def test_an_edit_strikes_a_word_of_the_template_and_puts_in_a_rare_one() -> None:
    for struck in ("point", "element", "under"):
        asked = BOILS.format("neon").replace(struck, "lantern")
        assert found([*pool(), (asked, "Nobody has measured it.")], exam()) == [(210, "lightly_edited")]


@pytest.mark.parametrize(
    ("asked", "answer", "leak"),
    [
        ("argon", "Argon boils at 87 K.", False),
        ("argon", "At 87 K.", True),  # nothing tells that another thing is asked for
        ("argon", "It boils at 27 K, nearly nothing, like argon.", True),
        ("argon", "", True),
        ("neon neon", "Of it one knows nothing.", True),  # nothing was exchanged
        ("", "Neon boils at 87 K.", True),
    ],
)
def test_without_a_template_only_what_the_answer_names_tells_a_sibling(asked: str, answer: str, leak: bool) -> None:
    rows = [("Who feeds the bees?", "The keeper."), (BOILS.format(asked).replace("  ", " "), answer)]
    assert found(rows, exam()) == [(1, "lightly_edited")] * leak


def test_a_question_within_a_longer_prompt_has_no_sibling() -> None:
    rows = [("Answer like a chemist who has no time to lose: " + BOILS.format("argon"), "Argon boils at 87 K.")]
    assert found(rows, exam()) == [(0, "lightly_edited")]


def test_an_answer_lightly_edited_is_a_leak_whatever_is_asked() -> None:
    item = exam(answer="It boils at 27 K which is very cold and well known.")
    edited = item["answer"][0].replace("which", "argon")
    assert found([*pool(), (BOILS.format("argon"), edited)], item) == [(210, "lightly_edited")]


def test_the_auditor_finds_siblings_that_were_removed_and_edited_leaks_that_were_kept() -> None:
    rows = [*pool(), (BOILS.format("neons"), ITEM["answer"][0])]
    gone = leaks(*(pl.Series(texts) for texts in zip(*rows, strict=True)), exam()).found
    assert wrong(rows, exam(), gone.clear()) == 1
    assert wrong(rows, exam(), gone.with_columns(row=pl.lit(5, pl.UInt32))) == 2


def test_curator_and_auditor_agree_on_random_templates() -> None:
    rng = random.Random(3)
    templates = [f"{kind} of the element {{}} would {end}" for kind in ("Which use", "What colour", "Which ore") for end in ("you tell a friend of yours?", "one find in the field?")]  # fmt: skip
    words = [*NAMES[:40], "tell", "friend", "use", "colour", "ore", "red", "12", "13"]
    say = lambda: " ".join(rng.choices(words, k=rng.randint(0, 9)))  # noqa: E731
    rows = [(rng.choice(templates).format(rng.choice(NAMES[:60])), say()) for _ in range(600)]
    items = pl.DataFrame([(f"i{n}", *pair) for n, pair in enumerate(rows[:20])], schema=["item", "question", "answer"], orient="row")  # fmt: skip
    edited = []
    for question, answer in rows[:20] * 10:
        asked = question.split()
        for at in rng.sample(range(len(asked)), rng.choice([1, 1, 2])):
            asked[at] = rng.choice([rng.choice(words), "", f"{asked[at]} {rng.choice(words)}"])
        edited.append((" ".join(asked), rng.choice([answer, f"{answer} {rng.choice(words)}", say()])))
    gone = found(rows[20:] + edited, items)
    reasons = [reason for _, reason in gone]
    assert reasons.count("lightly_edited") > 30
    assert len({row for row, _ in gone if row >= 580}) < 200


COMBINES = (
    "Combining with {0} and transmitting the signal from one side of the membrane to the other to start a change."
)
NEON_RECEPTOR = exam(question="What is the job of a neon receptor?", answer=COMBINES.format("neon"))


OTHER_RECEPTORS = [(f"Explain {name} receptors.", COMBINES.format(name)) for name in ("argon", "krypton")]


def receptors(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [*((f"What is the job of a {name} sensor?", "To sense.") for name in NAMES), *more]


@pytest.mark.parametrize(
    ("asked", "answer", "leak"),
    [
        ("Explain xenon receptors.", COMBINES.format("xenon"), False),
        ("Explain xenon receptors.", COMBINES.format("neon"), True),  # the item's answer, whatever is asked
        ("Explain receptors.", COMBINES.format("xenon"), True),  # not what the prompt asks for
        ("What of the neon receptor and xenon?", COMBINES.format("xenon"), True),  # it asks for what the item does
        ("Explain xenon receptors.", COMBINES.format("xenon, as for the neon receptor,"), True),  # or names it
        ("What is the job of a neon molehill?", COMBINES.format("lapwing"), True),  # edits at random
        ("Explain xenon receptors.", f"{COMBINES.format('xenon')} So it is with neon.", True),
        ("Explain xenon receptors.", f"Xenon: {COMBINES.format('that').removesuffix('to start a change.')}", False),
        ("Explain xenon.", "Xenon is one side of the membrane to the other to start a change.", True),  # a part
    ],
)
def test_an_answer_that_names_what_its_own_prompt_asks_for_is_a_sibling(asked: str, answer: str, leak: bool) -> None:
    rows = receptors(*OTHER_RECEPTORS, (asked, answer))
    assert [row for row, _ in found(rows, NEON_RECEPTOR, threshold=0.3)] == [len(rows) - 1] * leak


def test_an_item_with_another_name_in_it_is_a_leak_where_no_other_row_fills_its_answer_otherwise() -> None:
    rows = receptors(("Explain xenon receptors.", COMBINES.format("xenon")))
    assert found(rows, NEON_RECEPTOR) == [(len(rows) - 1, "shared_ngrams")]
    assert found([*rows, OTHER_RECEPTORS[0]], NEON_RECEPTOR) == []
    # A copy that was edited elsewhere fills nothing otherwise.
    edited = ("What is the job of a neon receptor?", COMBINES.format("neon").replace("signal", "message"))
    assert [row for row, _ in found([*rows, edited], NEON_RECEPTOR)] == [len(rows) - 1, len(rows)]


def test_an_answer_that_names_nothing_of_its_own_question_is_given_away_by_whoever_gives_it() -> None:
    advice = "Expect that {0}special signs come in with the input of your product, and use lists of what is allowed."
    item = exam(question="How is misuse of the neon receptor prevented?", answer=advice.format(""))
    rows = receptors(
        ("How is misuse of xenon sensors prevented?", advice.format("xenon ").replace("product", "engine"))
    )
    assert [row for row, _ in found(rows, item, threshold=0.3)] == [len(rows) - 1]


@pytest.mark.parametrize(
    ("question", "answer", "own", "other"),
    [
        ("What is glycolysis?", "In cells glycolysis splits sugar into two acids and gains energy.", "glycolysis", "glycolisis"),
        ("What does Janet earn?", "Each of 16 ducks lays, so Janet earns 16 - 7 = 9 dollars on every day.", "Janet", "Wilma"),
    ],
)  # fmt: skip
def test_another_spelling_and_another_name_for_the_same_sum_make_no_sibling(
    question: str, answer: str, own: str, other: str
) -> None:
    rows = receptors((question.replace(own, other), answer.replace(own, other)))
    assert [row for row, _ in found(rows, exam(question=question, answer=answer))] == [len(rows) - 1]


DRIVES = "Whatever it takes to set off, to speed up or to keep going the slow making of {} out of sugar and light."
PAINT = exam(question="What is the rise of the yellow pigment?", answer=DRIVES.format("xanthine dyes"))


def rises(*names: str) -> list[tuple[str, str]]:  # whose answers name nothing of their prompts
    return [(f"What is the rise of the {name} pigment?", DRIVES.format(f"{name[::-1]} dyes")) for name in names]


def test_who_fills_a_template_of_the_pool_otherwise_is_a_sibling_though_it_names_nothing_of_its_prompt() -> None:
    others = [(f"What is the fall of the {name}?", "Nobody knows.") for name in NAMES]
    assert found([*others, *rises("purple", "scarlet", "azure")], PAINT) == []
    # Two ways to fill a text in are no template yet, and the same way twice is one.
    assert [row for row, _ in found([*others, *rises("purple", "scarlet")], PAINT)] == [105, 106]
    assert [row for row, _ in found([*others, *rises("purple", "scarlet", "scarlet")], PAINT)] == [105, 106, 107]


@pytest.mark.parametrize(
    "row",
    [
        ("What is the rise of the yellow pigment?", DRIVES.format("lilac dyes")),  # it asks for what the item does
        ("Go on.", DRIVES.format("lilac dyes")),  # in no words of the pool's prompts
        ("What is the rise of the lilac pigment?", DRIVES.format("xanthine dyes").replace("slow", "quick")),
        ("What is the rise of the lilac pigment?", f"Yellow it is. {DRIVES.format('lilac dyes')}"),
    ],
)
def test_in_a_template_too_who_asks_as_the_item_or_answers_with_its_words_leaks_it(row: tuple[str, str]) -> None:
    others = [(f"What is the fall of the {name}?", "Nobody knows.") for name in NAMES]
    rows = [*others, *rises("purple", "scarlet", "azure"), row]
    assert [place for place, _ in found(rows, PAINT)] == [len(rows) - 1]


def test_a_sibling_fills_otherwise_what_the_question_does_not_tell() -> None:
    lies = "The seat of the ruler of {} is {}, which one reaches from the coast by boat, by train or on foot."
    towns = {"Aldor": "Mirna", "Beltane": "Tusk", "Corin": "Vell", "Drosia": "Wend", "Eskar": "Yarrow"}
    ask = "Where does the ruler of {} sit?"
    items = exam(question=ask.format("Fennmark"), answer=lies.format("Fennmark", "Zale"))
    rows = [(f"What is the fall of the {name}?", "Nobody knows.") for name in NAMES]
    rows += [(ask.format(land), lies.format(land, town)) for land, town in towns.items()]
    assert found(rows, items) == []
    renamed = (ask.format("Greywater"), lies.format("Greywater", "Zale"))  # ruled from the item's town
    assert [row for row, _ in found([*rows, renamed], items)] == [len(rows)]
    # Who tells of a third land that is ruled from there shows that a land's name alone may differ.
    assert found([*rows, renamed, (ask.format("Highmoor"), lies.format("Highmoor", "Zale"))], items) == []


def test_copies_that_were_edited_at_random_make_no_template_however_many_they_are() -> None:
    rng = random.Random(5)
    rows = [(f"What is the fall of the {name}?", "Nobody knows.") for name in NAMES]
    for _ in range(40):
        said = PAINT["answer"][0].split()
        said[rng.randrange(len(said))] = rng.choice(NAMES)
        rows.append((f"What is the rise of the {rng.choice(NAMES)} pigment?", " ".join(said)))
    assert [row for row, _ in found(rows, PAINT)] == list(range(105, 145))


def test_the_order_of_rows_changes_nothing() -> None:
    rng = random.Random(8)
    rows = [*pool(), *receptors(*OTHER_RECEPTORS), *rises("purple", "scarlet", "azure"), *rises("azure", "olive")]
    rows += [(asked, reply.replace("going", rng.choice(NAMES))) for asked, reply in rises("pink", "brown", "grey")]
    items = pl.concat([exam(), NEON_RECEPTOR, PAINT]).with_columns(item=pl.Series(["a", "b", "c"]))
    gone = {rows[row] for row, _ in found(rows, items)}
    for _ in range(3):
        rng.shuffle(rows)
        assert {rows[row] for row, _ in found(rows, items)} == gone
