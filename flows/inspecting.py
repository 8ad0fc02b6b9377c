"""Look into finished runs: a row's life, and what changed between two runs."""

import contextlib
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from flows.console import Terminal
from quality.reasons import RUN_STOPPED
from quality.sources.faults import REASONS
from quality.texts.word_diff import Part, joined, likeness, word_diff
from tasks import inspection, runs
from tasks.reporting.text import counted
from tasks.row_search import first_place

console = Terminal()

_MOST = 400  # characters shown of a text
_BEFORE = 60  # characters shown before the first that differs
_ALIKE = 0.4  # share of words in common from which two texts are shown as one, with marks
_AROUND = 6  # words shown on each side of a run that both texts hold
_LARGE = 1000  # from here on a number is shown whole
_LONGEST = 30  # words shown on each side of a run that one text holds


def why(row: str, run: str | None) -> None:
    """Print the life of a row; of several that hold the same words, which they are."""
    folder, row = _named(row, run)
    found = inspection.find_lives(folder, row)
    if found.way is not None:
        console.print(_told_matches(found, row), highlight=False, soft_wrap=True)
    if found.way is not None and found.rows > 1:
        _tell_matches(found, row)
    else:
        for life in found.lives:
            _tell_life(life)
        if found.rows > len(found.lives):
            told = f"These are the first {len(found.lives)} of {found.rows:,}; give more of the id for the others."
            console.print(f"[dim]{told}[/]", highlight=False)
    if found.unread:
        told = f"The general rows of this run could not be read: {found.unread}"
        console.print(f"[yellow]{escape(told)}[/]", highlight=False, soft_wrap=True)
    console.print(f"[dim]run {folder.name}[/]", highlight=False)


def _named(row: str, run: str | None) -> tuple[Path, str]:
    """Return the run and the row; where what was given as the run names none, and the row does, they are exchanged."""
    try:
        return runs.find(run, stopped=True), row
    except ValueError:
        if run is None or not run.strip():
            raise
        with contextlib.suppress(ValueError):
            return runs.find(row), run
        raise


def diff(before: str, after: str) -> None:
    """Print what changed between two runs."""
    first, second = runs.find(before), runs.find(after)
    if first == second:
        raise ValueError(f"{before} and {after} are one run, {first.name}: name two.")
    found = inspection.differences(first, second)
    table = Table(box=None, header_style="dim", padding=(0, 2))
    for column in ("", escape(before), escape(after)):
        table.add_column(column, justify="left")
    for name, one, other in found.facts:
        mark = "" if one == other else "bold"
        table.add_row(
            escape(name),
            f"[{mark}]{escape(one)}[/]" if mark else escape(one),
            f"[{mark}]{escape(other)}[/]" if mark else escape(other),
        )
    console.print(table)
    for name, one, other in found.settings:
        told = f"[dim]recipe[/] {escape(name)}: [bold]{escape(_short(one))}[/] → [bold]{escape(_short(other))}[/]"
        console.print(told, highlight=False, soft_wrap=True)
    for title, rows in (("rows only in the first", found.gone), ("rows only in the second", found.new)):
        console.print(f"{title}: [bold]{rows:,}[/]", highlight=False)
    console.print(f"rows with another fate: [bold]{sum(move.rows for move in found.moved):,}[/]", highlight=False)
    for move in found.moved[:12]:
        example = f"[dim]such as {escape(move.example)}[/]"
        line = f"  {move.rows:>6,}  {escape(move.was)} → {escape(move.now)}  {example}"
        console.print(line, highlight=False, soft_wrap=True)


def _told_matches(found: inspection.Found, words: str) -> str:
    """Say how many rows hold some words, and how."""
    told = escape(" ".join(words.split()))
    rows, holds = counted(found.rows, "row"), "holds" if found.rows == 1 else "hold"
    first = f"; the shortest {len(found.lives)} are" if found.rows > len(found.lives) else ""
    said = {
        "phrase": f"{rows} {holds} “{told}”{first}:",
        "words": f"No row holds “{told}” as it stands; {rows} {holds} each of its words{first}:",
        "within": f"No row holds “{told}” as words of their own; {rows} {holds} it within words{first}:",
    }
    return said[found.way or "phrase"]


def _tell_matches(found: inspection.Found, words: str) -> None:
    """List rows that hold the same words: id, place and fate, and the text around the words."""
    for life in found.lives:
        receipt = life.receipt
        fate = f"{receipt['fate']} ({receipt['stage']}: {receipt['reason']})"
        fate = "general text" if _is_general(life) else fate
        console.print(
            f"[bold]{receipt['id']}[/]  {escape(receipt['origin'])}  {escape(fate)}", highlight=False, soft_wrap=True
        )
        for part, text in zip(life.said._fields, life.said, strict=True):
            if cut := _around(text, words):
                console.print(f"  {_label(part)} {escape(cut)}", highlight=False, soft_wrap=True)
    console.print("[dim]Give an id, or more words, for a row's life.[/]", highlight=False)


def _around(text: str, words: str) -> str:
    """Return the stretch of a text around words, on one line; nothing where it does not hold them."""
    line = " ".join(text.split())
    place = first_place(line, words)
    if place is None:
        return ""
    start, end = max(0, place[0] - _BEFORE), place[1] + _BEFORE
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"


def _tell_life(life: inspection.Life) -> None:
    receipt = life.receipt
    colour = {"kept": "green", "dropped": "red"}.get(receipt["fate"], "yellow")
    console.print(
        f"[bold]{receipt['id'] or 'unreadable row'}[/]  {escape(receipt['origin'])}  "
        f"[dim]source {escape(receipt['source'])}[/]",
        highlight=False,
        soft_wrap=True,
    )
    nearest = f", nearest to {escape(life.nearest)}" if life.nearest else ""
    fate = (
        f"  [{colour}]{receipt['fate']}[/] at stage [bold]{receipt['stage']}[/]: "
        f"{escape(receipt['reason'])}{_measure(receipt)}{nearest}"
    )
    if _is_general(life):
        fate = f"  [green]general text[/] {escape(life.general)}"
    console.print(fate, highlight=False, soft_wrap=True)
    for label, told in (*_reasons(life), *_texts(life)):
        console.print(f"  {_label(label)} {told}", highlight=False, soft_wrap=True)


def _is_general(life: inspection.Life) -> bool:
    """Tell whether a row is none of the training set, and kept as general text alone."""
    return bool(life.general) and life.receipt["fate"] == "kept"


def _reasons(life: inspection.Life) -> Iterator[tuple[str, str]]:
    """Say what a receipt's reason means where it does not go without saying, and what was edited."""
    receipt = life.receipt
    if not receipt["id"]:
        advice = "Its text is in that line of the source alone; mend it there and run again."
        yield "why", f"{escape(REASONS.get(receipt['reason'], receipt['reason']))}. {advice}"
    if life.unread:
        yield "in detail", escape(life.unread)
    if receipt["reason"] == RUN_STOPPED:
        yield "why", "No stage had removed it when the run was stopped: nothing was published."
    if life.blamed:
        where = "an earlier answer: " if life.earlier else ""
        yield "told by", f"{where}“{escape(_short(' '.join(life.blamed.split())))}”"
    if life.scored:
        yield "domain", escape(life.scored)
    if life.edited:
        yield "edited", f"at stage {escape(life.edited)}"
    if life.general and not _is_general(life):
        yield "general", f"drawn as general text, {escape(life.general)}"


def _texts(life: inspection.Life) -> Iterator[tuple[str, str]]:
    """Say what the row says, and what its witness does: with marks where that is nearly the same."""
    parts = list(zip(life.said._fields, life.said, life.witness, strict=True))
    marks = {name: told for name, own, other in parts if (told := marked(own, other)) is not None}
    shown = {name: (_short(" ".join(own.split())), "") if name in marks else parted(own, other)
             for name, own, other in parts}  # fmt: skip
    yield from ((name, escape(own)) for name, (own, _) in shown.items() if own)
    if life.receipt["witness"]:
        yield "witness", f"{escape(life.receipt['witness'])}  {escape(life.witness_origin)}"
    for name, (_, other) in shown.items():
        if name in marks:
            yield f"diff {name}", marks[name]
        elif other:
            yield f"its {name}", escape(other)


def _label(name: str) -> str:
    return f"[dim]{name:<11}[/]"


def marked(text: str, witness: str) -> str | None:
    """Return how the witness's words differ from the row's, in rich markup; None where they differ in too much, or not.

    Words of the row alone stand in [-…-], words of the witness alone in {+…+}, long runs alike are cut.
    """
    parts = word_diff(text, witness)
    if not witness or not _ALIKE <= likeness(parts) < 1:
        return None
    styles = {"same": "[dim]{}[/]", "only_first": "[red][-[strike]{}[/]-][/]", "only_second": "[green]{{+{}+}}[/]"}
    return " ".join(styles[part.kind].format(escape(_run(part))) for part in parts)


def _run(part: Part) -> str:
    words, most = part.words, _AROUND if part.kind == "same" else _LONGEST
    if len(words) <= 2 * most + 4:
        return joined(words)
    return f"{joined(words[:most])} … ({len(words) - 2 * most} words) … {joined(words[-most:])}"


def parted(text: str, witness: str) -> tuple[str, str]:
    """Return a row's text and its witness's, short, on one line, and from where they begin to differ."""
    one, other = " ".join(text.split()), " ".join(witness.split())
    if not other:
        return _short(one), ""
    if text == witness:
        return _short(one), "(the same text)"
    if one.casefold() == other.casefold():
        return _short(one), "(the same text, but for white space and the case of letters)"
    start = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    skipped = max(0, start - _BEFORE) if max(len(one), len(other)) > _MOST else 0
    alike = f"(+{skipped:,} characters alike) …" if skipped else ""
    return alike + _short(one[skipped:]), alike + _short(other[skipped:])


def _measure(receipt: dict[str, object]) -> str:
    score, threshold = receipt["score"], receipt["threshold"]
    if score is None:
        return ""
    if receipt["stage"] == "choose" and threshold is not None:
        return f" ({_number(score)} tokens with it, {_number(threshold)} allowed)"
    return f" (score {_number(score)}" + (f", threshold {_number(threshold)})" if threshold is not None else ")")


def _number(value: object) -> str:
    """Write a number with four digits, and large ones in full."""
    return f"{value:,.0f}" if isinstance(value, float) and abs(value) >= _LARGE else f"{value:.4g}"


def _short(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST]}… (+{len(text) - _MOST:,} characters)"
