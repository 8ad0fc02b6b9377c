"""Siblings exchange a name in prompt and answer; edits of a copy have nothing to do with each other."""

import pytest

from quality.texts.names import named_in_both

SIBLINGS = [
    (("What does `can_read` do?", "True if readable."), ("What does `can_write` do?", "True if writable.")),
    (("Explain is_(a, b).", "Asserts a is b."), ("Explain is_not(a, b).", "Asserts a is not b.")),
    (("What is l1_loss?", "See torch.nn.L1Loss."), ("What is mse_loss?", "See torch.nn.MSELoss.")),
    (("What is ArrowArray?", "Protocol of Arrow arrays."), ("What is ArrowChunkedArray?", "Protocol of chunked Arrow arrays.")),
    (("What is logpdf?", "Log of the density."), ("What is pdf?", "The density.")),
    (("Was ist Größe?", "Die Größe."), ("Was ist Höhe?", "Die Höhe.")),
    (("What is X_SORTED?", "Sorted lines."), ("What is X?", "Lines.")),
]  # fmt: skip
COPIES = [
    (("What is a bee?", "An insect that flies."), ("What is a bee?", "An insect.")),
    (("What is a bee?", "An insect that flies."), ("Say what a bee is.", "An insect that can fly.")),
    (("What is a bee?", "A bee flies."), ("What are bees?", "A bee flies.")),
    (("Name a_b.", "It is b."), ("Name a_c.", "It is b.")),  # one answer for both
    (("Name x_y.", "It is y."), ("Name x_z.", "It is z.")),  # a letter is no name
    (("What is log?", "The lobe."), ("What is pdf?", "The density.")),
    (("Read it.", "A real answer."), ("Write it.", "An answer.")),
    (("How do I boil the egg?", "Then put it in."), ("How do I boil an egg?", "Now put it in.")),
]


@pytest.mark.parametrize(("one", "other"), SIBLINGS)
def test_siblings_name_other_things_in_both(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert named_in_both(one[0], other[0], one[1], other[1])
    assert named_in_both(other[0], one[0], other[1], one[1])


@pytest.mark.parametrize(("one", "other"), COPIES)
def test_copies_do_not(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert not named_in_both(one[0], other[0], one[1], other[1])
    assert not named_in_both(other[0], one[0], other[1], one[1])
