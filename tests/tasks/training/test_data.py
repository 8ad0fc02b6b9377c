import copy

import numpy as np
import polars as pl
import pytest
from hypothesis import example as case
from hypothesis import given
from hypothesis import strategies as st

from tasks.training.data import Examples, NothingToLearnError, examples, gather
from tasks.training.example import Example
from tasks.training.fitting import fit
from tasks.training.general_settings import OWN
from tasks.training.settings import Tune


def frame(*conversations):
    return pl.DataFrame(
        {
            "id": [f"r{at}" for at in range(len(conversations))],
            "messages": [[{"role": role, "content": content} for role, content in turns] for turns in conversations],
        }
    )


def learnt(tokenizer, row):
    return tokenizer.decode(row.ids[row.mask].tolist())


def example(mask, key="x"):
    return Example(key, np.arange(100, 100 + len(mask)), np.array(mask, dtype=bool))


def test_answers_and_their_end_of_turn_are_learnt_and_nothing_else(tokenizer):
    turns = [
        ("system", "be brief"),
        ("user", "why?"),
        ("assistant", "because"),
        ("user", "so?"),
        ("assistant", "yes"),
    ]
    (row,) = examples(frame(turns), tokenizer, Tune())
    assert learnt(tokenizer, row) == "because<|im_end|>yes<|im_end|>"
    assert tokenizer.decode(row.ids.tolist()).endswith("assistant\nyes<|im_end|>")


def test_what_follows_the_last_answer_is_left_out_and_is_no_truncation(tokenizer):
    turns = [("user", "why?"), ("assistant", "because"), ("user", "a long afterthought " * 9)]
    made = examples(frame(turns), tokenizer, Tune(max_length=60))
    assert tokenizer.decode(made[0].ids.tolist()).endswith("because<|im_end|>")
    assert made.truncated == ()


def test_truncation_cuts_the_front_and_keeps_the_last_answer_whole(tokenizer):
    turns = [("user", "x" * 500), ("assistant", "the whole answer")]
    made = examples(frame(turns, [("user", "q"), ("assistant", "a")]), tokenizer, Tune(max_length=64))
    assert len(made[0]) == 64
    assert learnt(tokenizer, made[0]) == "the whole answer<|im_end|>"
    assert tokenizer.decode(made[0].ids.tolist()).startswith("xxx")
    assert made.truncated == ("r0",)


def test_a_system_prompt_stays_where_the_front_is_cut(tokenizer):
    turns = [("system", "be brief"), ("user", "x" * 500), ("assistant", "no"), ("user", "so?"), ("assistant", "yes")]
    (whole,) = examples(frame(turns), tokenizer, Tune(max_length=2_000))
    (row,) = made = examples(frame(turns), tokenizer, Tune(max_length=90))
    said = tokenizer.decode(row.ids.tolist())
    assert len(row) == 90
    assert said.startswith(
        tokenizer.decode(whole.ids.tolist()).partition("x")[0].partition("<|im_start|>user")[0] + "x"
    )
    assert "be brief<|im_end|>" in said
    assert said.endswith("so?<|im_end|>\n<|im_start|>assistant\nyes<|im_end|>")
    assert learnt(tokenizer, row) == "no<|im_end|>yes<|im_end|>"
    assert made.truncated == ("r0",)
    assert gather(made, Tune(max_length=90)).rows[0].ids.tolist() == row.ids.tolist()


BY_DEFAULT = "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nbe brief<|im_end|>\n' }}{% endif %}"
NEVER = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system prompt') }}{% endif %}"
ALWAYS = (
    "{% set own = messages[0]['role'] == 'system' %}"
    "{{ '<|im_start|>system\nIt is May.' + (messages[0]['content'] if own else '') + '<|im_end|>\n' }}"
    "{% for message in messages[1:] if own %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] "
    "+ '<|im_end|>\n' }}{% endfor %}{% for message in messages if not own %}{{ '<|im_start|>' + message['role'] + '\n' "
    "+ message['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@pytest.mark.parametrize(
    ("template", "said"), [(BY_DEFAULT, "be brief"), (ALWAYS, "It is May."), (NEVER, ""), ("", "")]
)
def test_a_system_prompt_of_the_template_stays_as_a_records_own_does(tokenizer, template, said):
    named = copy.deepcopy(tokenizer)
    named.chat_template = template if template == ALWAYS else template + tokenizer.chat_template
    turns = [("user", "x" * 500), ("assistant", "no"), ("user", "so?"), ("assistant", "yes")]
    (row,) = examples(frame(turns), named, Tune(max_length=90))
    shown = f"<|im_start|>system\n{said}<|im_end|>\n" if said else ""
    assert named.decode(row.ids.tolist()).startswith(f"{shown}x")
    assert len(row) == 90
    assert row.system == len(named(shown).input_ids)
    if template == BY_DEFAULT:
        (own,) = examples(frame([("system", said), *turns]), tokenizer, Tune(max_length=90))
        assert (own.ids.tolist(), own.mask.tolist()) == (row.ids.tolist(), row.mask.tolist())


def test_a_system_prompt_of_most_of_the_window_goes_before_the_answer_does(tokenizer):
    turns = [("system", "be brief " * 30), ("user", "why? " * 20), ("assistant", "the whole answer")]
    (row,) = examples(frame(turns), tokenizer, Tune(max_length=64))
    assert len(row) == 64
    assert "brief" not in tokenizer.decode(row.ids.tolist())
    assert learnt(tokenizer, row) == "the whole answer<|im_end|>"


@pytest.mark.parametrize(("window", "cut"), [(10, ()), (9, ("0",))])
def test_a_record_is_told_as_cut_if_it_lost_a_single_token(window, cut):
    assert gather([(list(range(10)), [0] * 8 + [1] * 2)], Tune(max_length=window)).truncated == cut


def test_what_was_cut_and_left_out_before_is_still_told_when_rows_are_gathered_again():
    made = gather([(list(range(10)), [0] * 8 + [1] * 2), ([1, 2], [0, 0])], Tune(max_length=9))
    again = gather(made, Tune(max_length=9))
    assert again.truncated == made.truncated == ("0",)
    assert again.skipped == made.skipped
    assert [row.id for row in again.skipped] == ["1"]


def test_rows_keep_the_ids_they_come_with(tokenizer):
    talk = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    assert [row.id for row in gather([{"id": "a7", "messages": talk}], Tune(), tokenizer)] == ["a7"]
    assert [row.id for row in gather([{"id": "a7", "input_ids": [1, 2], "mask": [0, 1]}], Tune())] == ["a7"]


def test_progress_counts_the_records_read(tokenizer):
    talk, told = [("user", "q"), ("assistant", "a")], []
    examples(frame(talk, talk, talk), tokenizer, Tune(), lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_an_earlier_answer_cut_in_the_middle_is_no_longer_learnt():
    row = example([0, 0, 1, 1, 1, 1, 0, 0, 1, 1])
    assert fit(row, 6).mask.tolist() == [False, False, False, False, True, True]
    assert fit(row, 8).mask.sum() == 2  # right before the answer: its context is gone, though it is whole
    assert fit(row, 9).mask.sum() == 2  # of its turn a part is there, and too little
    assert fit(row, 10).mask.sum() == 6


@pytest.mark.parametrize(
    ("asked", "context", "is_learnt"), [(99, 31, False), (99, 32, True), (9, 9, True), (9, 8, False)]
)
def test_an_earlier_answer_is_learnt_behind_its_whole_turn_or_a_line_of_it(asked, context, is_learnt):
    row = example([0] * 9 + [1] * 3 + [0] * asked + [1] * 5 + [0] * 9 + [1] * 3)
    (short,) = made = gather([row], Tune(max_length=context + 17))
    assert len(short) == context + 17
    assert short.supervised == (8 if is_learnt else 3)
    assert made.unlearnt == (1 if is_learnt else 2)
    assert made.truncated == ("x",)


def test_an_earlier_answer_behind_template_tokens_alone_is_context(tokenizer):
    turns = [("user", "x" * 99), ("assistant", "no"), ("user", "so?"), ("assistant", "yes")]
    (row,) = made = examples(frame(turns), tokenizer, Tune(max_length=43))
    assert tokenizer.decode(row.ids.tolist()).startswith("<|im_end|>\n<|im_start|>assistant\nno<|im_end|>")
    assert (learnt(tokenizer, row), made.unlearnt) == ("yes<|im_end|>", 1)


def test_an_answer_longer_than_the_window_keeps_its_beginning_and_some_context():
    row = example([0] * 10 + [1] * 20)
    short = fit(row, 12)
    assert short.ids.tolist() == list(range(107, 119))
    assert short.mask.tolist() == [False] * 3 + [True] * 9


def test_what_answers_lost_to_the_window_is_counted():
    whole, torn = example([0, 0, 1, 1, 0, 1, 0, 1]), example([0] * 10 + [1] * 20, "torn")
    made = gather([whole, torn, example([0, 1] * 3)], Tune(max_length=6))
    assert made.truncated == ("x", "torn")
    assert made.torn == ("torn",)
    assert made.unlearnt == 1
    again = gather(made, Tune(max_length=6))
    assert (again.torn, again.unlearnt) == (made.torn, made.unlearnt)


def test_the_first_token_is_never_learnt():
    assert fit(example([1, 1, 1]), 10).mask.tolist() == [False, True, True]


@given(
    answers=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=5),
    tail=st.integers(0, 5),
    max_length=st.integers(2, 40),
)
@case(answers=[(1, 1), (1, 8)], tail=0, max_length=8)  # the context left begins inside an earlier answer
def test_fitting_keeps_the_last_answer_whenever_it_can_be_kept(answers, tail, max_length):
    mask = [bit for context, answer in answers for bit in [0] * context + [1] * answer] + [0] * tail
    row = example(mask)
    short = fit(row, max_length)
    last = row.ids[len(mask) - tail - answers[-1][1] : len(mask) - tail]
    assert len(short) <= max_length
    assert short.mask.any()
    assert not short.mask[0]
    assert np.array_equal(short.ids, np.arange(short.ids[0], short.ids[0] + len(short)))
    assert set(short.ids[short.mask]) <= set(row.ids[row.mask])
    if len(last) < max_length:
        assert short.ids[short.mask][-len(last) :].tolist() == last.tolist()
    else:
        assert last[0] in short.ids[short.mask]


def test_a_record_that_cannot_be_learnt_from_is_left_out_with_its_reason(tokenizer):
    good, question = [("user", "q"), ("assistant", "a")], [("user", "only a question")]
    made = examples(frame(question, good, []), tokenizer, Tune())
    assert [row.id for row in made] == ["r1"]
    assert [(row.id, row.reason) for row in made.skipped] == [
        ("r0", "template_refused"),
        ("r2", "template_refused"),
    ]


def test_rows_without_a_learnable_token_are_counted():
    made = gather([([1, 2, 3], [0, 0, 0]), ([1, 2, 3], [0, 0, 1])], Tune())
    assert [row.id for row in made] == ["1"]
    assert [(row.id, row.reason) for row in made.skipped] == [("0", "no_supervised_tokens")]


def test_nothing_to_learn_at_all_is_an_error_that_says_why(tokenizer):
    with pytest.raises(NothingToLearnError, match=r"Not one of 2 records .*no_supervised_tokens: 2"):
        gather([([1, 2], [0, 0]), ([1, 2], [1, 0])], Tune())
    with pytest.raises(NothingToLearnError, match="template_refused: 1"):
        examples(frame([("user", "q")]), tokenizer, Tune())
    with pytest.raises(NothingToLearnError, match="empty"):
        gather([], Tune())


def test_every_shape_of_row_reads_the_same(tokenizer):
    messages = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    records = pl.DataFrame({"id": ["0"], "messages": [messages]})
    (expected,) = examples(records, tokenizer, Tune())
    ids, mask = expected.ids.tolist(), expected.mask.tolist()
    labels = [token if bit else -100 for token, bit in zip(ids, mask, strict=True)]
    shapes = [
        expected,
        (ids, mask),
        {"input_ids": ids, "labels": labels},
        {"input_ids": ids, "mask": [int(bit) for bit in mask]},
    ]
    for shape in shapes:
        (row,) = gather([shape], Tune())
        assert (row.ids.tolist(), row.mask.tolist()) == (ids, mask)
    for text in ([{"messages": messages}], records):
        (row,) = gather(text, Tune(), tokenizer)
        assert (row.id, row.ids.tolist(), row.mask.tolist()) == ("0", ids, mask)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([([1, 2], [0, 1]), "text"], "Row 1 is a str"),
        ([([1, 2, 3], [0, 1])], "two lists of one length"),
        ([{"input_ids": [1, 2], "labels": [-100, 5]}], "Row 0: labels must be"),
        ([{"input_ids": [1, 2, 3], "labels": [-100, 2, 5]}], "Row 0: labels must be"),
        ([{"messages": [{"role": "user", "content": "q"}]}], "pass the model's tokenizer"),
    ],
)
def test_a_row_of_another_shape_is_refused_by_name(rows, said):
    with pytest.raises(ValueError, match=said):
        gather(rows, Tune())


def test_the_digest_sees_every_token_and_every_mask():
    plain = gather([([1, 2, 3], [0, 1, 1])], Tune())
    assert plain.digest == gather([([1, 2, 3], [0, 1, 1])], Tune()).digest
    assert plain.digest != gather([([1, 2, 4], [0, 1, 1])], Tune()).digest
    assert plain.digest != gather([([1, 2, 3], [0, 0, 1])], Tune()).digest
    assert (plain.tokens, plain.supervised) == (3, 2)


def test_the_digest_tells_where_a_row_ends():
    """Tokens and masks of two rows, byte by byte those of one: 7 · 256 is what an empty mask and a 7 look like."""
    apart = Examples((Example("a", np.array([5]), np.array([False])), Example("b", np.array([7]), np.array([True]))))
    one = Examples((Example("a", np.array([5, 7 * 256]), np.array([False, True])),))
    assert apart.digest != one.digest


def test_an_answer_of_the_base_that_was_broken_off_is_not_learnt_to_end_there(tokenizer):
    asked = {"role": "user", "content": "why?"}
    said = ["since it is", "so"]
    rows = pl.DataFrame(
        [
            {"id": f"{source}/{text}", "messages": [asked, {"role": "assistant", "content": text}], "source": source}
            for source in (OWN, "lessons")
            for text in said
        ]
    )
    found = examples(rows, tokenizer, Tune(general={"answer_tokens": len(said[0])}))
    learnt = [tokenizer.decode(row.ids[row.mask]) for row in found]
    assert learnt == [said[0], f"{said[1]}<|im_end|>", f"{said[0]}<|im_end|>", f"{said[1]}<|im_end|>"]


def test_the_token_that_begins_every_text_stays_where_the_front_is_cut(tokenizer):
    made = copy.deepcopy(tokenizer)
    made.chat_template = (
        "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{{ eos_token }}{% endfor %}"
        "{% if add_generation_prompt %}[assistant]{% endif %}"
    )
    asked = frame([("user", "q" * 80), ("assistant", "so")])
    (row,) = examples(asked, made, Tune(max_length=40))
    assert len(row) == 40
    assert made.decode(row.ids).startswith("<|im_start|>qqq")
    (other,) = examples(asked, tokenizer, Tune(max_length=40))  # whose template opens every turn with it
    assert tokenizer.decode(other.ids).startswith("qqq")


def test_a_record_whose_earlier_answers_the_template_shows_otherwise_is_an_example_for_each(tokenizer):
    forgetful = copy.deepcopy(tokenizer)
    forgetful.chat_template = (
        "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}{{ 'once: ' if m['role'] == 'assistant' and not loop.last }}"
        "{{ m['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}"
        "{{ '<|im_start|>assistant\n' }}{% endif %}"
    )
    talk = [("user", "why?"), ("assistant", "because"), ("user", "so?"), ("assistant", "yes")]
    made = examples(frame(talk, talk[:2]), forgetful, Tune())
    assert [row.id for row in made] == ["r0", "r0", "r1"]
    assert [learnt(forgetful, row) for row in made] == ["because<|im_end|>", "yes<|im_end|>", "because<|im_end|>"]
    long = [("user", "why? " * 40), *talk[1:]]
    assert examples(frame(long), forgetful, Tune(max_length=16)).truncated == ("r0",)
