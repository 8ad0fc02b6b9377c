import pytest
import torch

from tasks.training import threads
from tasks.training.settings import Tune
from tasks.training.threads import available, limited_to, memory, spread


def test_training_uses_the_threads_asked_for_or_else_every_core_and_then_leaves_torch_as_it_was():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(5)
        with limited_to(3) as used:
            assert used == torch.get_num_threads() == 3
        with limited_to(None) as used:
            assert used == torch.get_num_threads() == available()
        assert torch.get_num_threads() == 5
    finally:
        torch.set_num_threads(before)


GIB = 2**30


@pytest.mark.parametrize(
    ("asked", "room", "count"),
    [
        ({"threads": 2}, 64 * GIB, 2),
        ({"threads": 1}, 64 * GIB, 1),
        ({"threads": 64}, 64 * GIB, 4),  # of 2,048 tokens a step, each gets 512
        ({"threads": 64, "batch_tokens": 8_192}, 11 * GIB, 5),
        ({"threads": 64}, 3 * GIB, 1),
        ({"threads": 2, "token_budget": 2_000}, 64 * GIB, 1),
        ({"threads": 2, "workers": 1}, 64 * GIB, 1),
        ({"threads": 2, "workers": 2, "token_budget": 2_000}, 64 * GIB, 2),
    ],
)
def test_as_many_processes_train_as_pay_and_have_room(
    monkeypatch: pytest.MonkeyPatch, asked: dict[str, int], room: int, count: int
) -> None:
    monkeypatch.setattr(threads, "memory", lambda: room)
    model = torch.nn.Linear(1_000, 100_000, bias=False, device="meta", dtype=torch.bfloat16)
    model.device = torch.device("cpu")
    settings = Tune(**{"token_budget": 60_000} | asked)
    monkeypatch.setattr(threads, "_TIMES_WEIGHTS", 0)
    assert spread(settings, model).workers == count
    assert spread(settings, model).model_copy(update={"workers": None}) == settings.model_copy(update={"workers": None})


def test_a_larger_model_takes_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "memory", lambda: 24 * GIB)
    model = torch.nn.Linear(1_000, 750_000, bias=False, device="meta", dtype=torch.bfloat16)  # 1.4 GiB
    model.device = torch.device("cpu")
    assert spread(Tune(threads=8), model).workers == 1


def test_a_container_s_limit_is_what_memory_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(threads, "_LIMIT", tmp_path / "memory.max")
    whole = memory()
    assert whole > GIB
    (tmp_path / "memory.max").write_text("max\n")
    assert memory() == whole
    (tmp_path / "memory.max").write_text("1073741824\n")
    assert memory() == GIB
