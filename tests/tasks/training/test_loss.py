from dataclasses import replace

import numpy as np
import pytest
import torch

from tasks.training.attention import within_segments
from tasks.training.loss import Validation, collate, summed_loss
from tasks.training.methods import wrap
from tasks.training.settings import Tune


def by_hand(model, row):
    """Minus the log-probability of every masked token given all before it, in float64."""
    with torch.no_grad():
        logits = model(input_ids=torch.from_numpy(row.ids)[None]).logits[0].double()
    probability = torch.log_softmax(logits, dim=-1)
    return -sum(probability[at - 1, row.ids[at]].item() for at in np.flatnonzero(row.mask))


def loss_of(model, made):
    with within_segments(model), torch.no_grad():
        return summed_loss(model, collate(made)).item()


def test_the_loss_is_that_of_the_masked_tokens_given_all_before_them(tiny, rows):
    model, made = tiny(), rows(3)
    assert loss_of(model, made) == pytest.approx(sum(by_hand(model, row) for row in made), rel=1e-5)


def test_every_bit_of_the_mask_counts(tiny, rows):
    model, (row,) = tiny(), rows(1, shortest=8)
    whole = loss_of(model, [row])
    for at in np.flatnonzero(row.mask):
        mask = row.mask.copy()
        mask[at] = False
        fewer = replace(row, mask=mask)
        assert loss_of(model, [fewer]) == pytest.approx(by_hand(model, fewer), rel=1e-5)
        assert loss_of(model, [fewer]) < whole - 1e-3


def test_nothing_is_predicted_across_the_border_of_two_examples(rows):
    first, second = rows(2)
    mask = second.mask.copy()
    mask[0] = True
    bordering = collate([first, replace(second, mask=mask)])
    assert bordering.targets.tolist() == collate([first, second]).targets.tolist()
    assert bordering.predicting.tolist() == collate([first, second]).predicting.tolist()


def test_the_head_sees_supervised_positions_only(tiny, rows):
    model, made = tiny(), rows(3)
    seen = []
    model.lm_head.register_forward_hook(lambda _, args, __: seen.append(args[0].shape[1]))
    loss_of(model, made)
    assert seen == [sum(row.supervised for row in made)]


def test_packed_examples_are_steered_as_each_alone(tiny, rows):
    model, made = wrap(tiny(), Tune(method="reft")), rows(5)
    with torch.no_grad():
        for intervention in model.interventions.values():
            intervention.source.bias.normal_(std=3.0)
    with within_segments(model, model.disable_adapter), torch.no_grad():
        alone = [summed_loss(model, collate([row])).item() for row in made]
        together = summed_loss(model, collate(made)).item()
    assert together == pytest.approx(sum(alone), rel=1e-5)
    assert abs(together - loss_of(tiny(), made)) > 1


def test_an_answer_is_asked_with_all_before_it_earlier_answers_included(rows):
    (row,) = rows(1, shortest=12, longest=12)
    several = replace(row, mask=np.array([0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0], dtype=bool))
    assert several.prompt == 7
    assert replace(row, mask=np.zeros(12, dtype=bool)).prompt == 12


def test_positions_begin_anew_in_every_segment(rows):
    first, second = rows(2)
    assert collate([first, second]).positions[0].tolist() == [*range(len(first)), *range(len(second))]


def test_validation_loss_is_per_learnt_token_and_leaves_the_model_training(tiny, rows):
    model, made = tiny().train(), rows(8)
    expected = sum(by_hand(model, row) for row in made) / sum(row.supervised for row in made)
    with within_segments(model) as packed:
        measured = Validation(made, Tune(), packed=packed).loss(model)
    assert measured == pytest.approx(expected, rel=1e-5)
    assert model.training


def test_validation_is_measured_without_dropout(tiny, rows):
    made, dropping = rows(8), tiny(attention_dropout=0.5).train()
    with within_segments(dropping) as packed:
        measured = Validation(made, Tune(), packed=packed).loss(dropping)
    expected = sum(by_hand(tiny(), row) for row in made) / sum(row.supervised for row in made)
    assert measured == pytest.approx(expected, rel=1e-5)


def test_validation_reads_no_more_than_its_tokens(rows):
    made = rows(30)
    few = Validation(made, Tune(validation_tokens=100), packed=True)
    assert 0 < few.supervised <= 60
    assert Validation(made, Tune(), packed=True).supervised == sum(row.supervised for row in made)


def test_validation_leaves_a_model_at_rest_as_it_was(tiny, rows):
    model = tiny().eval()
    with within_segments(model) as packed:
        Validation(rows(2), Tune(), packed=packed).loss(model)
    assert not model.training


def test_another_seed_validates_on_other_records(rows):
    made = rows(30)
    drawn = {Validation(made, Tune(validation_tokens=100, seed=seed), packed=True).supervised for seed in range(5)}
    assert len(drawn) > 1


def test_without_validation_examples_there_is_no_validation_loss(tiny):
    assert Validation([], Tune(), packed=True).loss(tiny()) is None
