import torch

from tasks.training.threads import available, limited_to


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
