"""A source that the base's chat template refuses is told as soon as the pool is known."""

from pathlib import Path

import pytest

from tasks.check_template import check_template
from tasks.models import ModelFiles, locate

REFUSES = (
    "{% for m in messages %}{% if 'Shout' in m['content'] %}{{ raise_exception('no shouting') }}{% endif %}"
    "<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
)


@pytest.fixture
def base(tmp_path: Path, tokenizer, model) -> ModelFiles:
    folder = tmp_path / "base"
    model.save_pretrained(folder)
    strict = type(tokenizer)(tokenizer_object=tokenizer.backend_tokenizer, eos_token=tokenizer.eos_token)
    strict.chat_template = REFUSES
    strict.save_pretrained(folder)
    return locate(str(folder), key="model.base")


def test_a_source_that_the_template_refuses_whole_is_told_and_others_are_not(pool_of, base, caplog) -> None:
    rows = [("Shout", "loud"), ("Whisper", "quiet"), ("Shout", "louder"), ("Shout", "loudest")]
    assert check_template.fn(pool_of(rows, sources=["calm", "calm", "loud", "loud"]), base) == ["loud"]
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("training would leave out “loud”: the chat template shows none")
    assert caplog.messages[0].endswith("no shouting (2 rows tried).")


def test_a_pool_of_which_nothing_is_shown_is_refused(pool_of, base) -> None:
    rows = [("Shout", "loud"), ("Whisper", "")]
    with pytest.raises(ValueError, match=r"model.base: its chat template shows none of .* tried\. Of “a”: .*shouting"):
        check_template.fn(pool_of(rows, sources=["a", "b"]), base)


def test_rows_are_tried_from_all_over_a_source(pool_of, base, caplog) -> None:
    pool = pool_of([("Whisper", "" if place < 500 else "quiet") for place in range(600)])
    assert check_template.fn(pool, base) == []
    assert not caplog.messages
