"""What can't be trained here is said before any work."""

import pytest

from tasks import cards
from tasks.check_method import check_method
from tasks.training.settings import Tune
from tasks.training.threads import available


@pytest.mark.parametrize("tune", [Tune(), Tune(method="full"), Tune(method="peft", peft={"peft_type": "VERA", "r": 4})])
def test_what_can_be_trained_passes(tune: Tune) -> None:
    check_method.fn(tune)


def test_quantised_training_without_a_gpu_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ValueError, match=r"qlora can't be trained here, because there is no CUDA GPU.*method: lora"):
        check_method.fn(Tune(method="qlora"))


def test_quantised_training_without_its_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ValueError, match="bitsandbytes is not installed"):
        check_method.fn(Tune(method="qlora"))


@pytest.mark.parametrize(
    ("said", "told"), [({"r": 4}, "PEFT knows .*LORA"), ({"peft_type": "LORA", "rnk": 3}, "does not take this.*rnk")]
)
def test_a_configuration_that_peft_does_not_know_is_refused(said: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_method.fn(Tune(method="peft", peft=said))


def test_more_threads_than_cores_are_warned_of() -> None:
    told: list[str] = []
    with cards.listen(lambda event: told.append(event.text)):
        check_method.fn(Tune(threads=available()))
        assert not any("threads" in text for text in told)
        check_method.fn(Tune(threads=5_000))
    assert any("tune.threads is 5,000" in text for text in told)
