"""How surprising an end is: what a model gives to all tokens that end a text, of each row by itself."""

from __future__ import annotations

import copy

import pytest
import torch

from evals import ends
from evals.chat import render_bare
from evals.ends import _ends, end_surprises

PROMPTS = ["Where does the dog sleep?", "What is a buffer?", "Where?"]
ANSWERS = ["In the forest, near the river", "A buffer is", "the dog"]


def test_it_is_what_the_model_gives_to_all_ends_together(model, tokenizer) -> None:
    found = end_surprises(model, tokenizer, PROMPTS, ANSWERS)
    for prompt, answer, surprise in zip(PROMPTS, ANSWERS, found, strict=True):
        text = f"{render_bare(tokenizer, [{'role': 'user', 'content': prompt}])} {answer}"
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt").input_ids
        with torch.inference_mode():
            told = model(input_ids=ids).logits[0, -1].float().log_softmax(-1)
        assert surprise == pytest.approx(-float(told[_ends(model, tokenizer)].logsumexp(0)), abs=1e-3)


def test_letters_that_begin_a_longer_word_go_on_as_it_does(model, tokenizer) -> None:
    known = sorted(piece for piece in tokenizer.get_vocab() if piece[0] == "Ġ" and piece[1:].isalpha())
    begun = next(piece for piece in known if any(other[: len(piece)] == piece != other for other in known))
    cut, prompt = f"A buffer {begun[1:]}", "What is it?"
    text = f"{render_bare(tokenizer, [{'role': 'user', 'content': prompt}])} {cut}"
    ids = tokenizer(text, add_special_tokens=False).input_ids
    with torch.inference_mode():
        told = model(input_ids=torch.tensor([ids])).logits[0].float().log_softmax(-1)
    texts = {place: tokenizer.decode([place]) for place in range(told.shape[1])}
    # All ways to go on with more letters, beside the one that was read: from each token of the last word on.
    begins = max(at for at in range(len(ids)) if texts[ids[at]].startswith(" "))
    ways, read = torch.zeros(1), 0.0
    for at in range(len(ids) - 1, begins - 1, -1):
        read += float(told[at - 1, ids[at]])
        so_far = "".join(texts[place] for place in ids[at:])
        for place, letters in texts.items():
            if letters.startswith(so_far) and letters[len(so_far) :][:1].isalnum():
                ways = torch.cat([ways, told[at - 1, place][None] - read])
    assert len(ways) > 1
    expected = float(ways.logsumexp(0)) - float(told[-1, _ends(model, tokenizer)].logsumexp(0))
    assert end_surprises(model, tokenizer, [prompt], [cut]) == [pytest.approx(expected, abs=1e-3)]


def test_a_row_is_read_alike_alone_and_among_others(model, tokenizer) -> None:
    together = end_surprises(model, tokenizer, PROMPTS, ANSWERS)
    backwards = end_surprises(model, tokenizer, PROMPTS[::-1], ANSWERS[::-1])
    alone = [end_surprises(model, tokenizer, [p], [a])[0] for p, a in zip(PROMPTS, ANSWERS, strict=True)]
    assert backwards[::-1] == pytest.approx(together, abs=1e-4)
    assert alone == pytest.approx(together, abs=1e-4)


def test_ends_are_marks_lines_and_the_end_of_a_text(model, tokenizer) -> None:
    texts = {
        tokenizer.convert_tokens_to_string([tokenizer.convert_ids_to_tokens(place)])
        for place in _ends(model, tokenizer)
    }
    assert "." in texts
    assert tokenizer.eos_token_id in _ends(model, tokenizer)
    assert not {"a", ",", " the"} & texts


def test_only_the_last_words_of_long_texts_are_read(model, tokenizer) -> None:
    long = "the dog and the river " * 40
    (found,) = end_surprises(model, tokenizer, ["A buffer. " + long], ["In a den. " + long])
    (other,) = end_surprises(model, tokenizer, ["Four. " + long], ["Of course. " + long])
    assert found == other


def test_a_long_answer_is_read_by_itself_and_a_short_one_below_the_end_of_its_prompt(model, tokenizer) -> None:
    def read(prompt: str, answer: str) -> float:
        (found,) = end_surprises(model, tokenizer, [prompt], [answer])
        return found

    long = "In a den the dog and the river of course " * 5
    assert read("Where does the dog sleep?", long) == read("What is a buffer?", long)
    assert read("Where does the dog sleep?", "In a den") != read("What is a buffer?", "In a den")
    nearly = long[:130]
    assert read("Where does the dog sleep?", nearly) == read("What is a buffer?", nearly), "no scraps of a prompt"
    asked = "the dog and the river " * 9
    assert read(f"Four. {asked}", "In a den") == read(f"A buffer. {asked}", "In a den")


def test_nothing_to_read_is_nothing_found(model, tokenizer) -> None:
    assert end_surprises(model, tokenizer, [], []) == []


@pytest.mark.parametrize("answer", ["a", "In the forest, near the river", "the dog and the river " * 9])
def test_every_batch_has_the_shape_of_its_width_whoever_is_in_it(model, tokenizer, monkeypatch, answer) -> None:
    def shapes(rows: int) -> set[tuple[int, ...]]:
        seen: set[tuple[int, ...]] = set()
        read = ends._behind

        def noted(model, ids, lengths):
            seen.add(tuple(ids.shape))
            return read(model, ids, lengths)

        with monkeypatch.context() as patch:
            patch.setattr(ends, "_behind", noted)
            end_surprises(model, tokenizer, [""] * rows, [answer] * rows)
        return seen

    assert len(shapes(1)) == 1
    assert shapes(1) == shapes(3) == shapes(9)


def test_a_context_longer_than_the_model_reads_is_cut_on_the_left(llama, tokenizer) -> None:
    small = llama().eval()
    small.config.max_position_embeddings = 16
    answer = "In a den, of course, near the river " * 3
    (found,) = end_surprises(small, tokenizer, ["A buffer. " * 9], [answer])
    (other,) = end_surprises(small, tokenizer, ["Where does it sleep?"], [answer])
    assert found == other > 0


def test_tokens_that_the_model_does_not_know_end_nothing(model, tokenizer) -> None:
    larger = copy.deepcopy(tokenizer)
    larger.add_special_tokens({"additional_special_tokens": ["<|one|>", "<|two|>"]})
    assert len(larger) > model.get_output_embeddings().weight.shape[0] - 1
    assert end_surprises(model, larger, PROMPTS, ANSWERS) == end_surprises(model, tokenizer, PROMPTS, ANSWERS)


def test_a_model_that_reads_no_branches_reads_each_row_once(llama, tokenizer, monkeypatch) -> None:
    from transformers import MistralConfig, MistralForCausalLM

    told = llama().config
    torch.manual_seed(0)
    windowed = MistralForCausalLM(
        MistralConfig(
            vocab_size=told.vocab_size, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
            num_attention_heads=2, num_key_value_heads=1, sliding_window=8, max_position_embeddings=256,
        )
    ).eval()  # fmt: skip
    passes: list[int] = []
    windowed.register_forward_pre_hook(lambda *_: passes.append(1))
    found = end_surprises(windowed, tokenizer, PROMPTS, ANSWERS)
    assert len(passes) <= len(PROMPTS)
    assert all(value > 0 for value in found)


def test_weights_that_are_no_numbers_are_told(llama, tokenizer) -> None:
    broken = llama()
    with torch.no_grad():
        broken.get_output_embeddings().weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="weights are broken"):
        end_surprises(broken.eval(), tokenizer, PROMPTS, ANSWERS)
