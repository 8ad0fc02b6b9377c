"""Further processes that take their share of every step: more cores used well, or more GPUs.

The training itself stays one process, with its optimizer, its looks, its checkpoints and its decisions. For each step
it hands every worker the weights and some of the step's examples; the worker answers with their gradient. Weights and
gradients lie in files that the processes map into memory, so no network is needed, and gradients are added in the order
of the workers, so the sum is the same to the last bit whenever there are as many.

The shares of a step are dealt by tokens, the longest example first to whoever has least (Graham 1969, “Bounds on
multiprocessing timing anomalies”, SIAM J. Appl. Math. 17(2)).
"""

import hashlib
import multiprocessing
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from evals.faults import first_line
from tasks.training.gradients import NotFiniteError, accumulate
from tasks.training.packing import pack
from tasks.training.shared import Shared, WorkerError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import torch

    from evals.adapters import Adapted
    from tasks.training.example import Example
    from tasks.training.head import Head
    from tasks.training.settings import Tune

Prepare = Callable[[int, ExitStack], tuple["Adapted", bool, "Head | None"]]
"""Make the model that worker number N trains, say whether it is packed, and take it apart; the stack ends with it."""

_LEAVING = 10  # seconds that a worker gets to end


@dataclass(frozen=True)
class Order:
    """What one worker is asked for: the gradient of packs, in a step of so many learnt tokens."""

    packs: list[list[int]]
    supervised: int
    seed: int


@dataclass(frozen=True)
class Answer:
    """What it answers: the loss, its CPU seconds, and what went wrong, if anything did."""

    loss: float = 0.0
    cpu_seconds: float = 0.0
    fingerprint: str = ""
    failed: str = ""
    not_finite: str = ""


def deal(sizes: Sequence[int], hands: int) -> list[list[int]]:
    """Deal items to so many hands of nearly equal size; a hand lists its items in order.

    Examples
    --------
    >>> deal([5, 9, 3, 7], 2)
    [[1, 2], [0, 3]]
    """
    dealt: list[list[int]] = [[] for _ in range(hands)]
    held = [0] * hands
    for item in sorted(range(len(sizes)), key=lambda at: -sizes[at]):
        least = held.index(min(held))
        dealt[least].append(item)
        held[least] += sizes[item]
    return [sorted(hand) for hand in dealt]


def fingerprint(weights: "Iterable[tuple[str, torch.Tensor]]") -> str:
    """Hash names and shapes of weights, and a few numbers of each."""
    state = hashlib.blake2b(digest_size=16)
    for name, weight in weights:
        few = weight.detach().flatten()[:8].float().cpu().numpy()
        state.update(f"{name} {tuple(weight.shape)} {few.tobytes().hex()}".encode())
    return state.hexdigest()


class Workers(AbstractContextManager["Workers"]):
    """Processes that share the work of a training, besides its own.

    Parameters
    ----------
    model
        The wrapped model of the training.
    examples
        All that orders may name.
    prepare
        Makes the same model in another process; must be importable there.
    settings, count
        As of the training, and how many processes to start.
    out
        Where what is shared lies, or None: with temporary files.

    Raises
    ------
    WorkerError
        If one can't be started, has another model, or ends before its work is done.
    """

    def __init__(
        self,
        model: "Adapted",
        examples: "Sequence[Example]",
        prepare: Prepare,
        settings: "Tune",
        count: int,
        out: Path | None = None,
    ) -> None:
        self._settings, self._examples = settings, examples
        self._weights = [weight for weight in model.parameters() if weight.requires_grad]
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix="winnow-workers-", dir=out))
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes: list[Any] = []
        try:
            for at in range(count):
                here, there = context.Pipe()
                given = (there, self._folder, at + 1, prepare, list(examples))
                process = context.Process(target=_process, args=given, daemon=True, name=f"winnow-worker-{at + 1}")
                with _no_main():
                    process.start()
                there.close()
                self._pipes.append(here)
                self._processes.append(process)
            self._shared = Shared(self._folder / "weights", self._weights)
            self._gradients = [Shared(self._folder / f"gradient-{at + 1}", self._weights) for at in range(count)]
        except BaseException:
            self.close()
            raise
        self._own = fingerprint(frozen(model))
        self._checked = False

    def __enter__(self) -> Self:
        """Return the workers, who may still be getting ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let them go."""
        self.close()

    def hand_out(self, members: Sequence[int], supervised: int, step: int) -> list[list[int]]:
        """Give each worker its share of a step, and return the packs of the training's own share."""
        if not self._checked:
            self._check()
        self._shared.write(self._weights)
        sizes = [len(self._examples[at]) for at in members]
        own, *others = ([members[item] for item in hand] for hand in deal(sizes, 1 + len(self._pipes)))
        for at, (pipe, share) in enumerate(zip(self._pipes, others, strict=True)):
            seed = ((self._settings.seed * 1_000_003 + step) * 1_009 + at + 1) % 2**63  # what torch takes
            self._tell(at, pipe, Order(self._packs(share), supervised, seed))
        return self._packs(own)

    def gather(self) -> tuple[float, float]:
        """Add the workers' gradients to the weights' own; return the loss of their shares, and their CPU seconds."""
        answers = [self._hear(at) for at in range(len(self._pipes))]
        for answer in answers:
            if answer.not_finite:
                raise NotFiniteError(answer.not_finite)
        for gradient in self._gradients:
            for weight, part in zip(self._weights, gradient.parts, strict=True):
                there = part.to(weight.device)
                weight.grad = there.clone() if weight.grad is None else weight.grad.add_(there)
        return sum(answer.loss for answer in answers), sum(answer.cpu_seconds for answer in answers)

    def close(self) -> None:
        """End the processes and remove what was shared."""
        for pipe in self._pipes:
            pipe.close()  # which they take as the end
        for process in self._processes:
            process.join(_LEAVING)
            if process.is_alive():
                process.kill()
                process.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _packs(self, members: Sequence[int]) -> list[list[int]]:
        found = pack([len(self._examples[at]) for at in members], self._settings.pack_tokens)
        return [[members[item] for item in items] for items in found]

    def _check(self) -> None:
        """Wait until all are ready, and make sure that they work on the same model."""
        for at in range(len(self._pipes)):
            if self._hear(at).fingerprint != self._own:
                raise WorkerError(
                    "The model's folder holds another model than the one that is trained; "
                    "set workers: 1, or load the model from its folder again."
                )
        self._checked = True

    def _tell(self, at: int, pipe: "Connection", order: Order) -> None:
        try:
            pipe.send(order)
        except OSError:
            self._hear(at)
            raise

    def _hear(self, at: int) -> Answer:
        try:
            answer: Answer = self._pipes[at].recv()
        except (EOFError, OSError):
            self._processes[at].join(_LEAVING)
            code = self._processes[at].exitcode
            raise WorkerError(
                f"Training process {at + 1} ended by itself (exit code {code}), perhaps for lack of memory. Lower "
                "workers or pack_tokens, and start again: the training goes on from its last checkpoint."
            ) from None
        if answer.failed:
            raise WorkerError(f"Training process {at + 1} failed: {answer.failed}. Lower workers, or set it to 1.")
        return answer


def frozen(model: "torch.nn.Module") -> "list[tuple[str, torch.Tensor]]":
    """List the weights that training leaves alone."""
    return [(name, weight) for name, weight in model.named_parameters() if not weight.requires_grad]


@contextmanager
def _no_main() -> Iterator[None]:
    """Keep a process that is started from running the program's main file again, which may be a script of any kind."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _process(*given: Any) -> None:  # noqa: ANN401 - what `work` takes
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the training hears it, and closes the pipe
    work(*given)


def work(pipe: "Connection", folder: Path, rank: int, prepare: Prepare, examples: "list[Example]") -> None:
    """Answer orders until the pipe is closed."""
    import torch

    with ExitStack() as stack, suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            model, packed, head = prepare(rank, stack)
            model.train()
            weights = [weight for weight in model.parameters() if weight.requires_grad]
            shared, gradient = Shared(folder / "weights", weights), Shared(folder / f"gradient-{rank}", weights)
            pipe.send(Answer(fingerprint=fingerprint(frozen(model))))
            while True:
                order: Order = pipe.recv()
                began = time.process_time()
                with torch.no_grad():
                    for weight, value in zip(weights, shared.parts, strict=True):
                        weight.copy_(value)
                        weight.grad = None
                torch.manual_seed(order.seed)
                try:
                    loss = accumulate(model, examples, order.packs, order.supervised, packed=packed, head=head)
                except NotFiniteError as error:
                    pipe.send(Answer(not_finite=str(error)))
                    continue
                gradient.write(weight.grad for weight in weights)
                pipe.send(Answer(loss, time.process_time() - began))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:  # it is told, and raised where the training is
            pipe.send(Answer(failed=f"{type(error).__name__}: {first_line(error)}"))
