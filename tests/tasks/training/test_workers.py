"""Processes that share a step: the same training, shared out evenly, and an end to all of them whatever happens."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tasks.training.attention import within_segments
from tasks.training.engine import train
from tasks.training.gradients import accumulate
from tasks.training.methods import wrap
from tasks.training.settings import Tune
from tasks.training.shared import Shared, WorkerError
from tasks.training.threads import TooManyWorkersError
from tasks.training.workers import Answer, Order, deal, fingerprint, frozen, work

# Two threads are asked for whatever the machine has, so that two workers are allowed.
SETTINGS = Tune(
    rank=4, token_budget=1_500, batch_tokens=200, learning_rate=1e-2, checkpoint_every_steps=2, threads=2, workers=2
)
ALONE = SETTINGS.model_copy(update={"workers": 1})


@pytest.fixture
def in_folder(tiny, tmp_path):
    """Make the tiny model again and again, as it comes from its folder."""
    from tokenizers import Tokenizer, models
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    tiny().save_pretrained(tmp_path / "model")
    words = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    PreTrainedTokenizerFast(tokenizer_object=words, eos_token="a").save_pretrained(tmp_path / "model")
    return lambda: AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.float32)


@given(st.lists(st.integers(1, 1_000), max_size=40), st.integers(1, 5))
def test_every_example_is_dealt_once_and_no_hand_holds_much_more_than_another(sizes, hands):
    dealt = deal(sizes, hands)
    assert sorted(item for hand in dealt for item in hand) == list(range(len(sizes)))
    held = [sum(sizes[item] for item in hand) for hand in dealt]
    assert max(held) - min(held) <= max(sizes, default=0)


def test_two_workers_learn_what_one_process_learns(in_folder, rows):
    settings = {"method": "reft", "replay": 0.2}
    more = {"validation": rows(3, seed=5), "general": rows(9, seed=6)}
    alone = train(in_folder(), rows(40), ALONE.model_copy(update=settings), **more)
    shared = train(in_folder(), rows(40), SETTINGS.model_copy(update=settings), **more)
    assert (shared.tokens, shared.supervised_tokens, shared.step) == (alone.tokens, alone.supervised_tokens, alone.step)
    losses = [result.curve["loss"].drop_nulls() for result in (alone, shared)]
    assert losses[1].to_list() == pytest.approx(losses[0].to_list(), rel=1e-4)
    assert not multiprocessing.active_children()


def test_a_killed_training_of_several_workers_ends_with_the_weights_of_an_uninterrupted_one(
    in_folder, rows, weights, tmp_path
):
    class Killed(Exception):
        pass

    def stop(step):
        if step.step == 5:
            raise Killed

    settings = SETTINGS.model_copy(update={"dropout": 0.1})
    whole = train(in_folder(), rows(40), settings)
    with pytest.raises(Killed):
        train(in_folder(), rows(40), settings, out=tmp_path / "out", progress=stop)
    resumed = train(in_folder(), rows(40), settings, out=tmp_path / "out", resume=True)
    left, right = weights(whole.model), weights(resumed.model)
    assert all(torch.equal(left[name], right[name]) for name in left)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["adapter"]
    drop = ["seconds"]
    assert resumed.curve.drop(drop).equals(whole.curve.drop(drop))


def test_a_worker_that_dies_ends_the_training_with_a_sentence_and_its_checkpoint_stays(in_folder, rows, tmp_path):
    def kill(step):
        if step.step == 4:
            (worker,) = multiprocessing.active_children()
            os.kill(worker.pid, signal.SIGKILL)
            worker.join()

    with pytest.raises(WorkerError, match=r"process 1 ended by itself \(exit code -9\).*goes on from its last"):
        train(in_folder(), rows(40), SETTINGS, out=tmp_path / "out", progress=kill)
    told = []
    train(in_folder(), rows(40), ALONE, out=tmp_path / "out", resume=True, progress=told.append)
    assert told[0].step == 5


def test_workers_do_not_outlive_a_training_that_the_system_kills(in_folder, tmp_path):
    """The script guards nothing by its name: no worker may run it again."""
    in_folder()
    script = textwrap.dedent(f"""
        import multiprocessing, os, signal, sys
        sys.path[:0] = [{str(Path(__file__).parents[3])!r}]
        from pathlib import Path
        from transformers import AutoModelForCausalLM
        from tasks.training.engine import train
        from tasks.training.settings import Tune

        def kill(step):
            if step.step == 2:
                print(multiprocessing.active_children()[0].pid, flush=True)
                os.kill(os.getpid(), signal.SIGKILL)

        settings = Tune.model_validate_json({SETTINGS.model_dump_json()!r})
        rows = [([1, 2, 3, 4, 5 + at], [0, 0, 1, 1, 1]) for at in range(50)]
        train(AutoModelForCausalLM.from_pretrained({str(tmp_path / "model")!r}), rows, settings, progress=kill)
    """)
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    worker, until = int(done.stdout), time.monotonic() + 30
    while Path(f"/proc/{worker}").exists() and "zombie" not in Path(f"/proc/{worker}/status").read_text():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_model_that_is_not_the_one_of_its_folder_is_refused(in_folder, rows):
    model = in_folder()
    model.model.norm.weight.data += 1
    with pytest.raises(WorkerError, match="holds another model"):
        train(model, rows(40), SETTINGS)


def test_a_model_that_comes_from_no_folder_is_refused(tiny, rows):
    with pytest.raises(WorkerError, match="workers: 1"):
        train(tiny(), rows(40), SETTINGS)


def test_a_disk_without_room_for_what_is_shared_is_told(monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(WorkerError, match=r"weights could not be written .*No space left.* set workers: 1"):
        Shared(tmp_path / "weights", [torch.zeros(3)])


def test_more_workers_than_threads_are_refused(tiny, rows):
    with pytest.raises(TooManyWorkersError, match=r"workers: 3 .* \(2\)"):
        train(tiny(), rows(40), SETTINGS.model_copy(update={"workers": 3}))


@pytest.fixture
def hired(tiny, rows, tmp_path):
    """Let `work` run in a thread, and return the training's end of its pipe, what is shared, and the thread."""
    pipes, threads = [], []

    def hire(prepare):
        here, there = multiprocessing.Pipe()
        model = wrap(tiny(), ALONE)
        trained = [weight for weight in model.parameters() if weight.requires_grad]
        shared, gradient = (Shared(tmp_path / name, trained) for name in ("weights", "gradient-1"))
        shared.write(trained)
        thread = threading.Thread(target=work, args=(there, tmp_path, 1, prepare, rows(6)))
        thread.start()
        pipes.append(here)
        threads.append(thread)
        return here, shared, gradient, model

    yield hire
    for pipe in pipes:
        pipe.close()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_a_worker_answers_with_the_gradient_of_its_share(hired, tiny, rows):
    def prepare(rank, stack):
        model = tiny()
        packed = stack.enter_context(within_segments(model))
        return wrap(model, ALONE), packed, None

    pipe, _, gradient, model = hired(prepare)
    assert pipe.recv() == Answer(fingerprint=fingerprint(frozen(model)))
    pipe.send(Order([[0, 2], [5]], 50, seed=1))
    answer = pipe.recv()
    with within_segments(model.get_base_model()):
        loss = accumulate(model, rows(6), [[0, 2], [5]], 50, packed=True, head=None)
    assert answer.loss == pytest.approx(loss, rel=1e-6)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    for part, weight in zip(gradient.parts, trained, strict=True):
        torch.testing.assert_close(part, weight.grad)


def test_a_worker_tells_of_a_loss_that_is_not_finite_and_goes_on(hired, tiny):
    pipe, shared, _, _ = hired(lambda rank, stack: (wrap(tiny(), ALONE), False, None))
    pipe.recv()
    whole = [part.clone() for part in shared.parts]
    shared.write(torch.full_like(part, torch.nan) for part in whole)
    pipe.send(Order([[0]], 5, seed=1))
    assert pipe.recv().not_finite == "the loss is nan"
    shared.write(whole)
    pipe.send(Order([[0]], 5, seed=1))
    assert pipe.recv().loss > 0


def test_a_worker_tells_what_went_wrong(hired):
    def prepare(rank, stack):
        raise MemoryError("no room for weights")

    pipe, *_ = hired(prepare)
    assert pipe.recv().failed == "MemoryError: no room for weights"


def test_seeds_of_any_size_serve_several_processes(in_folder, rows):
    settings = SETTINGS.model_copy(update={"seed": 20261130123045, "token_budget": 400})
    assert train(in_folder(), rows(20), settings).curve.height > 0
