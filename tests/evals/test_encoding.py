"""Questions as tokens, cut and grouped so that they fit."""

from __future__ import annotations

import copy

import pytest

from evals.encoding import Question, context_limit, encode_questions, encode_windows, fit
from evals.likelihood import score_texts
from evals.packing import batches, shared_prefix


@pytest.mark.parametrize("length", [1, 15, 16, 17, 18, 33, 48])
def test_windows_cover_every_token_once_within_the_limit(tokenizer, length):
    text = "!" * length
    ids = tokenizer.encode(text, add_special_tokens=False)
    windows, owners = encode_windows(tokenizer, [text], 16)
    assert [token for window in windows for token in window.options[0]] == ids
    assert all(len(w.context) + len(w.options[0]) <= 17 for w in windows)
    assert owners == [0] * len(windows)


def test_an_option_that_the_model_cannot_hold_is_named(tokenizer):
    questions = encode_questions(tokenizer, ["a", "a"], [[" b"], [" fox" * 50]])
    with pytest.raises(ValueError, match=r"Item 1 has an option .* reads 16 at most"):
        fit(questions, 16)


@pytest.mark.parametrize(("context", "option"), [(16, 1), (10, 7), (1, 16)])
def test_a_question_that_the_model_just_holds_is_asked_whole_and_no_cut_is_told(caplog, context, option):
    whole = Question(list(range(context)), [[100 + place] * option for place in range(2)])
    assert fit([whole], 16) == ([whole], [0])
    assert caplog.text == ""


def test_of_a_question_one_token_too_long_the_first_token_goes_and_the_cut_is_told(caplog):
    assert fit([Question(list(range(10)), [[100] * 8])], 16) == ([Question(list(range(1, 10)), [[100] * 8])], [0])
    assert "1 of 1 items exceed the model's context of 16 tokens" in caplog.text


def test_an_option_may_be_as_long_as_the_model_reads_and_not_a_token_longer():
    assert fit([Question([1], [[2] * 16])], 16) == ([Question([1], [[2] * 16])], [0])
    with pytest.raises(ValueError, match="an option of 17 tokens and the model reads 16"):
        fit([Question([1], [[2] * 17])], 16)


def test_a_short_option_keeps_the_context_that_a_long_one_has_no_room_for():
    short, long = [7], [8] * 9
    context = list(range(10))
    assert fit([Question(context, [short, long])], 16) == (
        [Question(context, [short]), Question(context[-8:], [long])],
        [0, 0],
    )


def test_white_space_behind_a_rendered_prompt_stays_with_the_prompt(tokenizer):
    def told(move_space):
        (found,) = encode_questions(tokenizer, ["assistant\n"], [["Yes"]], move_space=move_space)
        return tokenizer.decode(found.context), tokenizer.decode(found.options[0])

    assert told(move_space=False) == ("assistant\n", "Yes")
    assert told(move_space=True) == ("assistant", "\nYes")


def test_an_option_that_melts_into_its_context_is_scored_by_its_own_tokens_and_the_others_as_ever(tokenizer, oracle):
    # “bro” is three tokens, and so is “brown”: nothing of the option is left behind them.
    assert oracle.lm_eval_pair(tokenizer, "bro", "wn")[1] == []
    (found,) = encode_questions(tokenizer, ["bro"], [["wn", "wn fox"]])
    assert found.options == [tokenizer.encode("wn"), oracle.lm_eval_pair(tokenizer, "bro", "wn fox")[1]]


def test_a_tokenizer_that_opens_every_text_adds_no_token_here(tokenizer):
    from tokenizers.processors import TemplateProcessing

    opening = copy.deepcopy(tokenizer)
    opening.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", tokenizer.bos_token_id)]
    )
    assert opening.encode("fox")[0] == tokenizer.bos_token_id
    task = ["the quick", ""], [[" fox", " dog"], ["fox"]]
    assert encode_questions(opening, *task) == encode_questions(tokenizer, *task)
    assert encode_windows(opening, ["the fox"], 16) == encode_windows(tokenizer, ["the fox"], 16)


def test_a_model_that_tells_no_limit_reads_what_its_tokenizer_says_or_else_2048_tokens(tokenizer):
    from transformers import BloomConfig, BloomForCausalLM

    model = BloomForCausalLM(BloomConfig(vocab_size=300, hidden_size=8, n_layer=1, n_head=1))
    assert context_limit(model, tokenizer) == 2048
    limited = copy.deepcopy(tokenizer)
    limited.model_max_length = 77
    assert context_limit(model, limited) == 77


def test_no_more_is_read_than_a_model_has_places_for_by_whatever_name_it_says_so(tokenizer):
    from transformers import MptConfig, MptForCausalLM

    model = MptForCausalLM(MptConfig(vocab_size=len(tokenizer), d_model=16, n_layers=1, n_heads=2, max_seq_len=24))
    assert context_limit(model, tokenizer) == 24
    assert score_texts(model.eval(), tokenizer, ["the quick brown fox " * 20])[0] < 0


def test_a_batch_projects_no_more_positions_than_asked_even_where_options_are_single_tokens():
    made = batches([Question([at, 1], [[2], [3]]) for at in range(12)], prefix=0, tokens=10**6, picks=5, pad=0)
    assert max(len(batch.picks) for batch in made) == 5


def test_a_long_shared_prefix_keeps_batches_small_enough_for_its_copies():
    questions = [Question([*range(200), at], [[2]]) for at in range(40)]
    made = list(batches(questions, prefix=200, tokens=100, picks=10**6, pad=0))
    assert sum(len(batch.items) for batch in made) == 40
    # Every row holds the prefix's keys and values; eight cached tokens count as one that is computed.
    assert all(len(batch.items) * 201 <= 8 * 100 for batch in made)


@pytest.mark.parametrize(("tokens", "picks"), [(300, 10**6), (10**6, 80), (300, 80)])
def test_batches_hold_every_question_once_within_the_budget(tokenizer, oracle, tokens, picks):
    contexts, options = oracle.task(13, 40, "Answer briefly, please: ")
    questions = encode_questions(tokenizer, contexts, options)
    prefix = shared_prefix([one.context for one in questions])
    assert prefix >= 4
    made = list(batches(questions, prefix=prefix, tokens=tokens, picks=picks, pad=1))
    assert sorted(item for batch in made for item in batch.items) == list(range(40))
    for batch in made:
        assert batch.ids.numel() <= tokens or len(batch.items) == 1
        assert len(batch.picks) <= picks or len(batch.items) == 1
    assert max(len(batch.items) for batch in made) > 1


def test_a_shared_prefix_leaves_every_context_a_token_of_its_own():
    assert shared_prefix([[1, 2, 3], [1, 2, 3]]) == 2
    assert shared_prefix([[1, 2, 3, 4], [1, 2]]) == 1
    assert shared_prefix([[1, 2, 3]]) == 0
    assert shared_prefix([[1], [1]]) == 0
