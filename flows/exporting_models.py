"""Write a run's candidate for use outside winnow: merged into one model, or as an adapter that plain PEFT loads."""

from pathlib import Path
from typing import get_args

from rich.markup import escape

from flows.console import Terminal
from tasks import gguf_converter, runs
from tasks.export_adapter import export_adapter as write_adapter
from tasks.export_model import export_model as write_model
from tasks.exported import Dtype

console = Terminal()

_KINDS: dict[str, Dtype] = {str(one): one for one in get_args(Dtype)}


def export_model(run: str | None, into: Path, dtype: str, gguf: str | None, converter: Path | None) -> None:
    """Merge and write the candidate, examine what was written, and tell how near it is to what was judged."""
    if dtype not in _KINDS:
        raise ValueError(f"--dtype {dtype}: name one of {', '.join(_KINDS)}.")
    folder = runs.find(run, holding="verdict.json")
    script = None if gguf is None else gguf_converter.find(gguf, converter)
    made = write_model(folder, into, dtype=_KINDS[dtype], converter=script, tell=_tell)
    console.print(f"{escape(made.likeness.sentence)}.", highlight=False, soft_wrap=True)
    if made.gguf is not None:
        beside = made.gguf.likeness
        told = beside.sentence if beside else f"not compared, because {made.gguf.unread}"
        console.print(f"{escape(made.gguf.file)}: {escape(told)}.", highlight=False, soft_wrap=True)
    console.print(f"Wrote {escape(str(into))} ({made.dtype}; the verdict was {made.decision}).", highlight=False)
    console.print(f"[dim]run {escape(folder.name)}[/]", highlight=False)


def export_adapter(run: str | None, into: Path, base_name: str | None) -> None:
    """Copy the adapter, and tell which base its configuration names."""
    folder = runs.find(run, holding="verdict.json")
    named = write_adapter(folder, into, base_name)
    console.print(f"Wrote {escape(str(into))}, an adapter of {escape(named.base)}.", highlight=False, soft_wrap=True)
    if named.note:
        console.print(f"[yellow]–[/] {escape(named.note)}.", highlight=False, soft_wrap=True)
    console.print(f"[dim]run {escape(folder.name)}[/]", highlight=False)


def _tell(what: str) -> None:
    console.print(f"[dim]{escape(what)} …[/]", highlight=False)
