"""Virtual tokens that a network makes: what is kept, resumed and saved is what was trained and measured."""

import pytest
import torch

from evals.adapters import attach
from tasks.training.engine import train
from tasks.training.settings import Tune

MADE = {
    "P_TUNING": {"num_virtual_tokens": 4, "encoder_hidden_size": 16},
    "PREFIX_TUNING": {"num_virtual_tokens": 4, "prefix_projection": True, "encoder_hidden_size": 16},
    "CPT": {"cpt_token_ids": [1, 2, 3], "cpt_mask": [1, 1, 1], "cpt_tokens_type_mask": [1, 2, 3]},
}


class Killed(Exception):
    pass


def kill(step):
    if step.step == 5:
        raise Killed


@pytest.fixture(params=MADE)
def settings(request):
    return Tune(
        method="peft",
        peft={"peft_type": request.param, **MADE[request.param]},
        token_budget=2_000,
        batch_tokens=200,
        learning_rate=0.03,
        validate_every_steps=2,
        checkpoint_every_steps=2,
        threads=1,
    )


def test_the_adapter_of_the_best_step_is_saved_as_it_was_measured(tiny, rows, tmp_path, settings):
    held = rows(6, seed=1)
    result = train(tiny(), rows(), settings, validation=held, out=tmp_path)
    assert 0 < result.step < result.curve["step"].max()  # so that weights were put back
    again = attach(tiny(), result.adapter, tmp_path)
    ids = torch.arange(20)[None]
    with torch.no_grad():
        assert torch.allclose(again(input_ids=ids).logits, result.model(input_ids=ids).logits, atol=1e-5)
        total = count = 0.0
        for row in held:
            picked = again(input_ids=torch.tensor(row.ids)[None]).logits[0, -len(row) :].log_softmax(-1)
            learnt = [at for at in range(1, len(row)) if row.mask[at]]
            total -= sum(float(picked[at - 1, row.ids[at]]) for at in learnt)
            count += len(learnt)
    assert total / count == pytest.approx(result.validation_after, abs=1e-3)


def test_a_killed_training_ends_as_an_uninterrupted_one(tiny, rows, tmp_path, settings):
    held = rows(6, seed=1)
    whole = train(tiny(), rows(), settings, validation=held)
    with pytest.raises(Killed):
        train(tiny(), rows(), settings, validation=held, out=tmp_path, progress=kill)
    resumed = train(tiny(), rows(), settings, validation=held, out=tmp_path, resume=True)
    assert resumed.curve.drop("seconds").equals(whole.curve.drop("seconds"))
    trained = [[weight for weight in one.model.parameters() if weight.requires_grad] for one in (whole, resumed)]
    assert all(torch.equal(*pair) for pair in zip(*trained, strict=True))
