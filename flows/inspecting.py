"""Look into finished runs: a row's life, what changed between two runs, and the audit."""

from itertools import takewhile

from rich.markup import escape
from rich.table import Table

from flows.console import Terminal
from quality.sources.faults import REASONS
from quality.texts.word_diff import Part, joined, likeness, word_diff
from tasks import inspection, runs
from tasks.auditing import audit as prove
from tasks.stop import REASON

console = Terminal()

_MOST = 400  # characters shown of a text
_BEFORE = 60  # characters shown before the first that differs
_ALIKE = 0.4  # share of words in common from which two texts are shown as one, with marks
_AROUND = 6  # words shown on each side of a run that both texts hold
_LARGE = 1000  # from here on a number is shown whole
_LONGEST = 30  # words shown on each side of a run that one text holds


def why(row: str, run: str | None) -> None:
    """Print the life of a row."""
    folder = runs.find(run, stopped=True)
    lives = inspection.lives(folder, row)
    for life in lives:
        _tell_life(life)
    if len(lives) == inspection.MOST_LIVES:
        console.print(f"[dim]These are the first {len(lives)}; give more of the id for the others.[/]", highlight=False)
    console.print(f"[dim]run {folder.name}[/]", highlight=False)


def diff(before: str, after: str) -> None:
    """Print what changed between two runs."""
    found = inspection.differences(runs.find(before), runs.find(after))
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


def audit(run: str | None) -> bool:
    """Print every proof, and what is not proven; return whether all hold."""
    folder = runs.find(run, stopped=True)
    found = prove(folder)
    for proof in found.proofs:
        mark = "[red]✗[/]" if proof.failed else "[green]✓[/]"
        failed = f"\n  [red]{proof.failed:,} failed: {escape(', '.join(proof.examples))}[/]" if proof.failed else ""
        console.print(
            f"{mark} {proof.claim} [dim]({proof.checked:,} checked)[/]{failed}",
            highlight=False,
            soft_wrap=True,
        )
    if found.stopped:
        console.print(f"[yellow]{escape(found.stopped)}[/]", highlight=False, soft_wrap=True)
    broken = any(proof.failed for proof in found.proofs)
    if broken and found.other_code:
        console.print(f"[yellow]{escape(found.other_code)}[/]", highlight=False, soft_wrap=True)
    console.print("not proven:", highlight=False)
    for gap in found.unproven:
        console.print(f"[yellow]–[/] [dim]{escape(gap)}[/]", highlight=False, soft_wrap=True)
    console.print(f"[dim]run {folder.name} · manifest {found.manifest or 'unreadable'}[/]", highlight=False)
    return not broken


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
    console.print(
        f"  [{colour}]{receipt['fate']}[/] at stage [bold]{receipt['stage']}[/]: "
        f"{escape(receipt['reason'])}{_measure(receipt)}{nearest}",
        highlight=False,
        soft_wrap=True,
    )
    if not receipt["id"]:
        why = REASONS.get(receipt["reason"], receipt["reason"])
        advice = "Its text is in that line of the source alone; mend it there and run again."
        console.print(f"  [dim]why    [/] {escape(why)}. {advice}", highlight=False)
    if receipt["reason"] == REASON:
        why = "No stage had removed it when the run's contract stopped the run: nothing was published."
        console.print(f"  [dim]why    [/] {why}", highlight=False, soft_wrap=True)
    told = marked(life.text, life.witness_text)
    if life.edited:
        console.print(f"  [yellow]edited[/] at stage {escape(life.edited)}", highlight=False)
    text, witness = parted(life.text, life.witness_text) if told is None else (life.text, "")
    text = _short(" ".join(text.split()))
    if text:
        console.print(f"  [dim]text   [/] {escape(text)}", highlight=False)
    if receipt["witness"]:
        console.print(f"  [dim]witness[/] {escape(receipt['witness'])}  {escape(life.witness_origin)}", highlight=False)
    if witness:
        console.print(f"  [dim]       [/] {escape(witness)}", highlight=False)
    if told:
        console.print(f"  [dim]diff   [/] {told}", highlight=False)


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
