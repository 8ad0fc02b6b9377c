"""What a model reads before it answers: examples, the chat template, a format of one's own."""

import copy

import polars as pl
import pytest
from pydantic import ValidationError

from evals.asking import Asked, Example
from evals.encoding import encode_questions
from evals.examples import draw_examples, example_rows
from evals.items import ITEMS
from evals.metrics import up_to
from evals.packing import shared_prefix
from evals.suites import Suite, SuiteError

ASK = [{"role": "user", "content": "Where?"}]


def suite(**more) -> Suite:
    return Suite(**{"name": "s", "role": "retention", "kind": "completion", **more})


def example(n: int, **more) -> Example:
    turns = [{"role": "user", "content": f"Q{n}?"}]
    return Example(**{"item": f"s/{n}", "cluster": f"c{n}", "prompt": turns, "target": f"A{n}.", **more})


def test_examples_are_earlier_turns_behind_the_items_own_system_message(tokenizer) -> None:
    spoken = example(2, prompt=[{"role": "system", "content": "Be terse."}, {"role": "user", "content": "Q2?"}])
    asked = Asked(suite=suite(shots=2), shots=(example(1), spoken))
    context, answer = asked.pair(tokenizer, [{"role": "system", "content": "Be brave."}, *ASK], "Here.")
    assert context == (
        "<|im_start|>system\nBe brave.<|im_end|>\n<|im_start|>user\nQ1?<|im_end|>\n<|im_start|>assistant\nA1.<|im_end|>\n"
        "<|im_start|>user\nQ2?<|im_end|>\n<|im_start|>assistant\nA2.<|im_end|>\n"
        "<|im_start|>user\nWhere?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert (answer, asked.context(tokenizer, [{"role": "system", "content": "Be brave."}, *ASK])) == ("Here.", context)


@pytest.mark.parametrize(
    ("form", "gap"), [("Question: {question}\nAnswer:", " "), ("{question}\n", ""), ("Q {question} A ", "")]
)
def test_a_format_is_filled_in_and_answers_stand_behind_it(tokenizer, form: str, gap: str) -> None:
    asked = Asked(suite=suite(shots=1, format=form), shots=(example(1),))
    context, answer = asked.pair(tokenizer, ASK, "Here.")
    assert context == form.replace("{question}", "Q1?") + gap + "A1.\n\n" + form.replace("{question}", "Where?")
    assert answer == gap + "Here."


def test_no_blank_is_put_before_an_answer_that_begins_with_one(tokenizer) -> None:
    asked = Asked(suite=suite(shots=1, format="{question}"), shots=(example(1, target="\n    return 1"),))
    assert asked.pair(tokenizer, ASK, "    return 2") == ("Q1?\n    return 1\n\nWhere?", "    return 2")


@pytest.mark.parametrize("form", ["Question: {question}\nAnswer:", "<|im_start|>Question: {question}\nAnswer:"])
def test_a_format_begins_once_with_what_the_tokenizer_puts_before_a_text(tokenizer, form: str) -> None:
    from tokenizers.processors import TemplateProcessing

    opened = copy.deepcopy(tokenizer)
    opened.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", tokenizer.bos_token_id)]
    )
    asked = Asked(suite=suite(shots=1, format=form), shots=(example(1),))
    context, answer = asked.pair(opened, ASK, "Here.")
    assert context == asked.context(opened, ASK)
    read = opened.encode(context, add_special_tokens=False)
    assert (read[0], answer) == (tokenizer.bos_token_id, " Here.")
    assert read == opened.encode(context.removeprefix("<|im_start|>"))


def test_what_all_items_begin_with_is_read_once(tokenizer) -> None:
    asked = Asked(suite=suite(shots=2), shots=(example(1), example(2)))
    contexts = [
        asked.context(tokenizer, [{"role": "user", "content": text}]) for text in ("Where?", "Who was it?", "Why?")
    ]
    questions = encode_questions(tokenizer, contexts, [["x"]] * 3, move_space=False)
    shown = tokenizer.encode(contexts[0][: contexts[0].index("Where?")], add_special_tokens=False)
    assert shared_prefix([one.context for one in questions]) >= len(shown) - 1


@pytest.mark.parametrize(
    ("form", "said", "kept"),
    [
        ("Question: {question}\nAnswer:", " Paris.\nQuestion: And now?", "Paris."),
        ("Question: {question}\nAnswer:", "\n\nParis.\n\nMore", "Paris."),
        ("{question}\n", "Paris.\nStill the answer", "Paris.\nStill the answer"),
        ("Q {question} A", "Paris,\nQuebec\nQ And now?", "Paris,\nQuebec"),
        ("chat", "Paris.\n\nStill the answer", "Paris.\n\nStill the answer"),
    ],
)
def test_an_answer_ends_where_the_model_asks_itself_the_next_question(
    tokenizer, form: str, said: str, kept: str
) -> None:
    ends = Asked(suite=suite(kind="generate", metric="chrf", format=form)).ends(tokenizer)
    assert up_to(said, ends) == kept


def items(*clusters: str) -> pl.DataFrame:
    rows = [("s", "retention", "completion", f"s/{n}", c, ASK, f"A{n}.", [], 0) for n, c in enumerate(clusters)]
    return pl.DataFrame(rows, schema=ITEMS, orient="row")


def test_an_example_is_of_a_document_of_its_own_and_of_none_that_is_asked() -> None:
    every = items("a", "b", "a", "c", "c", "d", "e")
    shown = draw_examples(every, every.head(2), suite=suite(shots=2))
    assert [(one.item, one.cluster) for one in shown] == [("s/3", "c"), ("s/5", "d")]
    assert example_rows(shown, suite=suite(shots=2)).equals(every.filter(pl.col("item").is_in(["s/3", "s/5"])))
    assert draw_examples(every, every, suite=suite()) == ()
    with pytest.raises(
        SuiteError,
        match=r"“s” asks for 4 examples \(shots\), and beside its 2 items the source has 3 documents: ask fewer",
    ):
        draw_examples(every, every.head(2), suite=suite(shots=4))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"kind": "generate"}, "exact_match, token_f1, rouge_l or chrf"),
        ({"kind": "generate", "metric": "acc"}, "exact_match, token_f1, rouge_l or chrf"),
        ({"kind": "choice", "metric": "chrf"}, "acc_norm or acc"),
        ({"metric": "chrf"}, "leave metric out"),
        ({"kind": "text", "shots": 2}, "leave shots out"),
        ({"kind": "text", "format": "{question}"}, "leave format out"),
        ({"format": "Question:"}, "a text that holds {question} once"),
        ({"margin": float("nan")}, "finite"),
        ({"role": "domain", "margin": 0.1}, "only a retention suite may lose"),
    ],
)
def test_what_does_not_go_together_is_refused(more: dict, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        suite(**more)
