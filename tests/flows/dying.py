"""Run `winnow` again and again, each time in a process of its own that kills itself at a moment named on stdin.

A line is `KIND STEP COUNT`: the step's COUNT-th call, and when: `started`, `progress` (half-way), `writing` (a file is
written and about to take its name), `committing` (that file is the manifest), `finished` (nothing is recorded yet), or
`never`. The answer is the exit code. Forks of one process that has imported everything: a start costs no import.
"""

import gc
import importlib
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

Arguments = list[str]


def main(log: Path, told: Path, arguments: Arguments) -> None:
    for heavy in ("great_expectations", "peft", "sentence_transformers", "flows.running", "flows.retrain"):
        importlib.import_module(heavy)
    gc.collect()
    gc.freeze()  # else every step of every fork searches what was imported for garbage
    for line in sys.stdin:
        kind, step, count = line.split()
        child = os.fork()
        if not child:
            with told.open("wb") as output:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
            _run(_die_at(kind, step, int(count), log), arguments)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(listener: Callable[..., None], arguments: Arguments) -> None:
    from flows import cli
    from tasks import cards

    sys.argv = ["winnow", *arguments]
    with cards.listen(listener):
        cli.main()


def _die_at(kind: str, step: str, count: int, log: Path) -> Callable[..., None]:
    from tasks import cards

    calls: Counter[str] = Counter()
    stream = log.open("wb", buffering=0)

    def die_if(*moment: str) -> None:
        if moment == (kind, step) and calls[step] == count:
            os.kill(os.getpid(), signal.SIGKILL)

    def listener(event: cards.Event) -> None:
        # A step that is answered from the cache is asked and never started; one that is never cached isn't asked.
        if event.kind == "asked" or (event.kind == "started" and not calls[event.step]):
            calls[event.step] += 1
        if event.kind == "started":
            stream.write(f"{event.step}\n".encode())
        if event.kind != "progress" or event.done >= event.total / 2:
            die_if(event.kind, event.step)

    def on_rename(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.rename" and Path(os.fsdecode(arguments[0])).name.startswith(".part-"):
            die_if(
                "committing" if Path(os.fsdecode(arguments[1])).name == "manifest.json" else "writing",
                cards.current_step(),
            )

    sys.addaudithook(on_rename)
    return listener


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
