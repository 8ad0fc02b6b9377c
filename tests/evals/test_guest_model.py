"""What lm-eval is told by winnow's scorer is what it would measure itself, at less cost."""

import random

import pytest

pytest.importorskip("lm_eval", reason="the extra lm-eval is not installed")

from evals import forward, likelihood
from evals import guest_model as guest
from evals.answering import write
from evals.finite import BrokenWeights
from evals.guest_model import guest_model
from evals.guest_tasks import quiet


def instances(pairs, task="one", kind="loglikelihood"):
    from lm_eval.api.instance import Instance

    return [
        Instance(request_type=kind, doc={}, arguments=pair, idx=0, metadata=(task, at, 1))
        for at, pair in enumerate(pairs)
    ]


@pytest.fixture
def both(model, tokenizer):
    with quiet():
        from lm_eval.models.huggingface import HFLM

        return guest_model(model, tokenizer), HFLM(pretrained=model, tokenizer=tokenizer, batch_size=4)


def asked(oracle, opening="") -> list[tuple[str, str]]:
    contexts, options = oracle.task(3, 12, opening=opening)
    return [(context, option) for context, several in zip(contexts, options, strict=True) for option in several]


def close(mine, theirs):
    assert [greedy for _, greedy in mine] == [greedy for _, greedy in theirs]
    assert [value for value, _ in mine] == pytest.approx([value for value, _ in theirs], abs=2e-4)


@pytest.mark.parametrize("opening", ["", "The quick brown fox jumps over the lazy dog.\n\n"])
def test_log_likelihoods_are_lm_evals(both, oracle, model, tokenizer, opening):
    pairs = asked(oracle, opening)
    contexts = sorted({context for context, _ in pairs})
    with quiet():
        said = write(model, tokenizer, contexts, max_new_tokens=1)
    # What the model would write by itself is among what is asked, and what it begins so and ends otherwise.
    pairs += [(context, answer + end) for context, answer in zip(contexts, said, strict=True) for end in ("", " zebra")]
    random.Random(1).shuffle(pairs)
    mine, theirs = (lm.loglikelihood(instances(pairs), disable_tqdm=True) for lm in both)
    close(mine, theirs)
    assert {greedy for _, greedy in mine} == {True, False}


def test_texts_read_in_windows_are_lm_evals(both, oracle):
    rng = random.Random(2)
    texts = [oracle.words(rng, low, low + 5) for low in (1, 10, 200)]
    requests = instances([(text,) for text in texts], kind="loglikelihood_rolling")
    mine, theirs = (lm.loglikelihood_rolling(requests, disable_tqdm=True) for lm in both)
    assert mine == pytest.approx(theirs, abs=2e-3)


def test_a_model_that_can_not_branch_is_measured_alike(both, oracle, monkeypatch):
    monkeypatch.setattr(forward, "can_branch", lambda _: False)
    mine, theirs = (lm.loglikelihood(instances(asked(oracle)), disable_tqdm=True) for lm in both)
    close(mine, theirs)


def test_each_task_has_its_own_examples_read_once(both, oracle, monkeypatch):
    read, plain = [], forward.read_prefix

    def read_prefix(model, ids):
        read.append(len(ids))
        return plain(model, ids)

    monkeypatch.setattr(forward, "read_prefix", read_prefix)
    tasks = {
        "fox": asked(oracle, "The quick brown fox jumps over the lazy dog.\n\n"),
        "code": asked(oracle, "def add(a, b):\n    return a + b\n\n"),
    }
    requests = [one for task, pairs in tasks.items() for one in instances(pairs, task)]
    mine, theirs = (lm.loglikelihood(requests, disable_tqdm=True) for lm in both)
    close(mine, theirs)
    assert len(read) == 2
    assert min(read) >= 8


def test_progress_counts_requests_over_all_tasks(model, tokenizer, oracle):
    told = []
    pairs = asked(oracle)
    with quiet():
        lm = guest_model(model, tokenizer, progress=lambda done, of: told.append((done, of)))
    lm.loglikelihood([*instances(pairs, "one"), *instances(pairs, "two")], disable_tqdm=True)
    assert told[-1] == (2 * len(pairs), 2 * len(pairs))
    assert told == sorted(told)
    assert (len(pairs), 2 * len(pairs)) in told


def test_contexts_too_long_are_cut_as_lm_eval_cuts_them(llama, tokenizer, oracle):
    small = llama(context=32)
    with quiet():
        from lm_eval.models.huggingface import HFLM

        both = guest_model(small, tokenizer), HFLM(pretrained=small, tokenizer=tokenizer, batch_size=4)
        pairs = [(oracle.words(random.Random(at), 30, 40), " the fox") for at in range(3)]
        mine, theirs = (lm.loglikelihood(instances(pairs), disable_tqdm=True) for lm in both)
    close(mine, theirs)


def test_what_is_not_a_number_is_refused(model, tokenizer, monkeypatch):
    monkeypatch.setattr(likelihood.math, "isfinite", lambda _: False)
    with quiet():
        lm = guest_model(model, tokenizer)
    with pytest.raises(ValueError, match="not a finite number"):
        lm.loglikelihood(instances([("Why?", " So.")]), disable_tqdm=True)


OPENING = "The quick brown fox jumps over the lazy dog.\n\n"
ASKED = ["Why?", "Where does the fox sleep at night, and with whom?", "def add(a, b):", "L'été", "Why not?", "Who?"]


def to_write(contexts, *, task="one", **given):
    return instances([(context, given) for context in contexts], task, "generate_until")


@pytest.mark.parametrize("opening", ["", OPENING])
@pytest.mark.parametrize(
    "given",
    [
        {"until": ["e"], "max_gen_toks": 12},
        {"until": "\n", "max_new_tokens": 9, "do_sample": False, "temperature": 0.0},
        {"max_gen_toks": 7, "num_beams": 2},
        {"max_gen_toks": 7, "repetition_penalty": 1.5},
    ],
)
def test_answers_are_those_that_lm_eval_lets_it_write(both, opening, given):
    requests = to_write([opening + asked for asked in ASKED], **given)
    mine, theirs = (lm.generate_until(requests, disable_tqdm=True) for lm in both)
    assert mine == theirs
    assert len(set(mine)) > 2


def test_contexts_that_leave_no_room_are_cut_as_lm_eval_cuts_them(llama, tokenizer, oracle):
    small = llama(context=48)
    with quiet():
        from lm_eval.models.huggingface import HFLM

        requests = to_write(
            [oracle.words(random.Random(at), 5 + 20 * at, 30 + 20 * at) for at in range(3)], max_gen_toks=8
        )
        mine, theirs = (
            lm.generate_until(requests, disable_tqdm=True)
            for lm in (guest_model(small, tokenizer), HFLM(pretrained=small, tokenizer=tokenizer, batch_size=4))
        )
    assert mine == theirs


def test_a_model_that_can_not_branch_writes_alike(both, monkeypatch, tokenizer):
    monkeypatch.setattr(forward, "can_branch", lambda _: False)
    monkeypatch.setattr(forward, "read_prefix", lambda *_: pytest.fail("it can't read a prefix"))
    with quiet():
        lm = guest_model(both[1].model, tokenizer)
    requests = to_write([OPENING + asked for asked in ASKED], max_gen_toks=9)
    assert lm.generate_until(requests, disable_tqdm=True) == both[1].generate_until(requests, disable_tqdm=True)


def test_a_steered_model_is_steered_for_a_guest_too(steered, tokenizer, oracle):
    model = steered()
    with quiet():
        lm = guest_model(model, tokenizer)
    pairs = asked(oracle, OPENING)
    found = [value for value, _ in lm.loglikelihood(instances(pairs), disable_tqdm=True)]
    contexts, options = oracle.task(3, 12, opening=OPENING)
    wanted = likelihood.score_choices(model, tokenizer, contexts, options)
    assert found == pytest.approx([value for row in wanted for value in row], abs=2e-4)
    with quiet():
        written = lm.generate_until(to_write(ASKED, max_gen_toks=9), disable_tqdm=True)
        assert [text.strip() for text in written] == write(model, tokenizer, ASKED, max_new_tokens=9)


def test_examples_are_read_once_for_all_that_a_task_asks(model, tokenizer, monkeypatch):
    read, rows, plain = [], [], (forward.read_prefix, model.generate)
    monkeypatch.setattr(guest, "ROWS", 2)
    monkeypatch.setattr(forward, "read_prefix", lambda model, ids: read.append(len(ids)) or plain[0](model, ids))
    monkeypatch.setattr(model, "generate", lambda **given: rows.append(len(given["input_ids"])) or plain[1](**given))
    told = []
    with quiet():
        lm = guest_model(model, tokenizer, progress=lambda *at: told.append(at))
    other = "def add(a, b):\n    return a + b\n\n"
    lm.generate_until(
        [*to_write([OPENING + asked for asked in ASKED[:5]], max_gen_toks=4),
         *to_write([other + asked for asked in ASKED[:4]], task="two", max_gen_toks=4)],
        disable_tqdm=True,
    )  # fmt: skip
    assert rows == [2, 2, 1, 2, 2]
    assert len(read) == 2
    assert min(read) >= 8
    assert told == [(2, 9), (4, 9), (5, 9), (7, 9), (9, 9)]


def test_no_more_tokens_are_written_together_than_the_cache_may_hold(model, tokenizer, monkeypatch):
    rows, plain = [], model.generate
    monkeypatch.setattr(model, "generate", lambda **given: rows.append(given["input_ids"].shape) or plain(**given))
    monkeypatch.setattr(guest, "TOKENS", 80)
    with quiet():
        lm = guest_model(model, tokenizer)
    lm.generate_until(to_write(ASKED, max_gen_toks=4), disable_tqdm=True)
    assert sum(count for count, _ in rows) == len(ASKED)
    assert all(count * (width + 4) <= 80 for count, width in rows)
    assert max(count for count, _ in rows) > 1


def test_broken_weights_write_nothing(llama, tokenizer):
    import torch

    broken = llama()
    with torch.no_grad():
        broken.model.norm.weight.fill_(float("nan"))
    with quiet():
        lm = guest_model(broken, tokenizer)
    with pytest.raises(BrokenWeights, match="while it answers are not finite numbers"):
        lm.generate_until(to_write(ASKED[:2], until=["\n"], max_gen_toks=4), disable_tqdm=True)
