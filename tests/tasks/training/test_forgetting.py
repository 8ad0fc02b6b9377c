import numpy as np
import pytest
import torch

from tasks.training import checkpoint
from tasks.training.attention import within_segments
from tasks.training.data import NothingToLearnError
from tasks.training.engine import train
from tasks.training.example import Example
from tasks.training.forgetting import Watch, summed_divergence, to_watch
from tasks.training.loss import Validation, collate, find_head
from tasks.training.methods import wrap
from tasks.training.settings import Tune

HOT = {"token_budget": 2_000, "batch_tokens": 100, "learning_rate": 2e-2, "validate_every_steps": 2, "rank": 4}


def of(budget, **more):
    return Tune(**HOT, forgetting={"budget": budget, **more})


def said(model, n, seed=1):
    """Let a model go on behind random prompts: text that it is sure of, and could forget."""
    prompts = torch.randint(0, 300, (n, 4), generator=torch.Generator().manual_seed(seed))
    written = model.generate(input_ids=prompts, max_new_tokens=16, min_new_tokens=16, do_sample=False, pad_token_id=0)
    return [Example(f"g{at}", ids.numpy(), np.arange(20) > 3) for at, ids in enumerate(written)]


def run(tiny, rows, settings, **more):
    general = said(tiny(), 12)
    return train(tiny(), rows(4), settings, validation=rows(4), general=general[:8], watched=general[8:], **more)


def test_the_divergence_is_that_of_the_formula_and_nothing_where_nothing_changed(tiny, rows):
    model = wrap(tiny(), Tune(rank=4))
    row = collate(rows(1))
    assert float(summed_divergence(model, row, packed=False)) == 0
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1)
        q = model(input_ids=row.ids).logits[0].log_softmax(-1)
        p = tiny()(input_ids=row.ids).logits[0].log_softmax(-1)
    wanted = (p.exp() * (p - q)).sum(-1)[row.predicting].sum()
    torch.testing.assert_close(summed_divergence(model, row, packed=False).detach(), wanted, rtol=1e-4, atol=1e-4)


def test_a_look_finds_the_same_taken_apart_and_reads_with_the_base_only_once(tiny, rows):
    model = wrap(tiny(), Tune(rank=4))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1)
    read = []
    with within_segments(model.get_base_model()):
        head = find_head(model, rows(1)[0])
        watches = []
        for way in (head, None):
            domain = Validation(rows(30), Tune(), packed=True, head=way)
            watches.append(
                Watch(to_watch(rows(9, seed=2), Tune(), packed=True, head=way), domain, packed=True, head=way)
            )
        model.get_base_model().model.register_forward_pre_hook(lambda *_: read.append(1))
        loss, found = watches[0].look(model)
        first = len(read)
        assert watches[0].look(model) == (loss, found)
        again = len(read) - first
        wanted_loss, wanted = watches[1].look(model)
    assert loss == pytest.approx(wanted_loss, rel=1e-5)
    assert (found.loss, found.divergence) == pytest.approx((wanted.loss, wanted.divergence), rel=1e-4)
    assert found.divergence_domain == pytest.approx(wanted.divergence_domain, rel=1e-4)
    assert 0 < again == first / 2


def test_forgetting_is_measured_at_every_look_and_nothing_at_the_base(tiny, rows):
    curve = run(tiny, rows, of(None)).curve
    looks = curve.drop_nulls("validation_loss")
    assert looks["general_loss"].null_count() == looks["divergence"].null_count() == 0
    assert looks["divergence"][0] == looks["divergence_domain"][0] == 0
    assert looks["divergence"][-1] > 0.05
    assert looks["divergence_domain"][-1] > looks["divergence"][-1]
    assert set(curve["kl_weight"]) == {0.0}


def test_a_breach_raises_the_penalty_and_less_is_forgotten(tiny, rows):
    left, held = run(tiny, rows, of(None)), run(tiny, rows, of(0.05))
    assert left.curve["general_loss"].drop_nulls()[-1] - left.curve["general_loss"][0] > 0.5
    weights = held.curve["kl_weight"].to_list()
    assert weights[:3] == [0, 0, 0]
    assert weights == sorted(weights)
    assert weights[-1] >= 0.5
    assert held.curve["divergence"].drop_nulls()[-1] < 0.75 * left.curve["divergence"].drop_nulls()[-1]
    assert held.validation_after < held.validation_before - 0.5


def test_within_the_budget_nothing_is_done(tiny, rows):
    columns = ["loss", "validation_loss", "general_loss"]
    within, untold = run(tiny, rows, of(99.0)).curve, run(tiny, rows, of(None)).curve
    assert within.select(columns).equals(untold.select(columns))


def test_training_ends_where_it_is_to_stop_at_a_breach(tiny, rows):
    stopped = run(tiny, rows, of(0.05, on_breach="stop"))
    assert "general text lost" in stopped.ended
    assert stopped.tokens < stopped.tokens_planned
    assert run(tiny, rows, of(0.05, on_breach="tell")).ended == ""


def test_training_ends_where_nothing_is_gained_any_more(tiny, rows):
    settings = Tune(**HOT, patience=2, forgetting={"measure_tokens": 0})
    result = train(tiny(), rows(4), settings, validation=rows(4, seed=5))
    assert result.ended == "no lower validation loss in 2 looks"
    losses = result.curve.drop_nulls("validation_loss")
    assert losses["step"][-1] - result.step == 4
    assert result.validation_after == losses["validation_loss"].min()


def test_a_training_that_took_every_step_ended_no_earlier(tiny, rows):
    """What would have ended it is found behind the last step, where there is nothing left to end."""
    stopped = run(tiny, rows, of(0.05, on_breach="stop").model_copy(update={"validate_every_steps": 1_000}))
    assert stopped.forgotten > 0.05
    assert stopped.tokens == stopped.tokens_planned
    assert stopped.ended == ""


def test_replay_forgets_less(tiny, rows):
    left = run(tiny, rows, of(None))
    replayed = run(tiny, rows, Tune(**HOT, replay=0.4, forgetting={"budget": None}))
    assert replayed.replayed_tokens == pytest.approx(0.4 * replayed.tokens, rel=0.1)
    assert left.replayed_tokens == 0
    assert replayed.validation_after < replayed.validation_before - 0.5
    seen = train(tiny(), rows(4), Tune(**HOT, replay=0.4), general=rows(8, seed=1), watched=rows(8, seed=1))
    unseen = train(tiny(), rows(4), Tune(**HOT), general=rows(8, seed=1), watched=rows(8, seed=1))
    assert seen.forgotten is not None
    assert seen.curve["general_loss"].drop_nulls()[-1] < unseen.curve["general_loss"].drop_nulls()[-1] - 0.5


@pytest.mark.parametrize("settings", [Tune(replay=0.1), Tune(forgetting={"kl_weight": 1})])
def test_what_needs_general_text_says_so(tiny, rows, settings):
    with pytest.raises(NothingToLearnError, match="need general text"):
        train(tiny(), rows(4), settings)


def test_a_training_that_is_penalised_goes_on_bit_for_bit(tiny, rows, tmp_path, monkeypatch):
    settings = Tune(**HOT, replay=0.2, checkpoint_every_steps=3, threads=1, forgetting={"budget": 0.05})
    whole = run(tiny, rows, settings)
    assert whole.curve["kl_weight"][-1] > 0

    def killed(step):
        if step.step == 11:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tiny, rows, settings, out=tmp_path, progress=killed)
    assert checkpoint.latest(tmp_path) is not None
    again = run(tiny, rows, settings, out=tmp_path, resume=True)
    assert again.curve.drop("seconds").equals(whole.curve.drop("seconds"))
    for mine, theirs in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize("method", ["lora", "reft", "full"])
def test_recomputing_activations_changes_nothing_that_is_learnt(tiny, rows, method):
    plain = {"method": method, "token_budget": 400, "batch_tokens": 100, "threads": 1}
    kept = train(tiny(), rows(4), Tune(**plain))
    computed = train(tiny(), rows(4), Tune(**plain, recompute=True))
    assert computed.curve["loss"].to_list() == pytest.approx(kept.curve["loss"].to_list(), abs=1e-5)
