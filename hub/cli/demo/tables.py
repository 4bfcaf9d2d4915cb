"""The end of the morning as tables that a person can read at 100 columns."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hub.cli import show
from hub.cli.demo.reckoning import Reckoning
from hub.cli.demo.side_by_side import Cell, Line, SideBySide
from hub.cli.demo.summary import Came, Entered, Got, Summary, Turned, Waiting

WIDTH: Final = 100
_LAST: Final = 6
_LETTERS: Final = "ABCDEFGH"
_TOTALS: Final = ("sent", "refused", "held", "fields", "turned away")
_PARTED: Final = 8
_COLOURS: Final = {"PERMIT": "bold green", "DENY": "bold red", "REVIEW": "bold yellow"}


def write(summary: Summary, reckoning: Reckoning, told: Sequence[str], elsewhere: SideBySide) -> None:
    """Write all tables to stdout. told: what went otherwise than the story says, one line each; elsewhere: the second act."""
    console = Console(file=sys.stdout, width=_width(), highlight=False, markup=False, emoji=False)
    parts = (
        _came(summary.came),
        _got(summary.got),
        _reasons(summary.reasons),
        _waiting(summary.waiting),
        _turned(summary.turned),
        _entered(summary),
    )
    with console.capture() as capture:
        for table in parts:
            console.print(table, "")
        console.print(_reckoned(reckoning, summary, told), "")
        for table in _second_act(elsewhere):
            console.print(table, "")
    for line in capture.get().splitlines():
        show.out(line.rstrip())


# Private functions
# -----------------


def _second_act(found: SideBySide) -> tuple[Table, Table]:
    """Return the notices with their totals, and some lines on which they part."""
    totals = [
        (f"{letter} {notice.title}", notice.day, *(str(number) for number in numbers))
        for letter, notice, numbers in zip(_LETTERS, found.notices, found.totals, strict=False)
    ]
    columns = (("notice", "left"), ("judged on", "whole"), *((name, "right") for name in _TOTALS))
    title = f"The second act: the same morning under {len(found.notices)} notices"
    parted = found.different
    shown = _telling(parted)
    lines = [(str(line.number), line.short, *(_short(cell) for cell in line.cells)) for line in shown]
    heads = (("msg", "right"), ("recipient", "left"), *((letter, "left") for letter in _LETTERS[: len(found.notices)]))
    which = f"Where they part: {len(shown)} of {len(parted)} decisions that differ, of {len(found.lines)} (all are in the report)"
    return _table(title, columns, totals), _table(which, heads, lines)


def _telling(parted: Sequence[Line]) -> list[Line]:
    """Return a few of the lines in which the notices part most, no two of them alike, in the morning's order."""
    most: dict[tuple[str, ...], Line] = {}
    for line in parted:
        alike = tuple(cell.reason or cell.decision for cell in line.cells)
        if alike not in most or _apart(line) > _apart(most[alike]):
            most[alike] = line
    chosen = sorted(most.values(), key=lambda line: (-_apart(line)[0], -_apart(line)[1], line.number))[:_PARTED]
    return sorted(chosen, key=lambda line: line.number)


def _apart(line: Line) -> tuple[int, int]:
    return len({cell.decision for cell in line.cells}), len({(cell.reason, cell.fields) for cell in line.cells})


def _short(cell: Cell) -> str:
    """Return a decision in a few characters: the fields that go, or why none does."""
    if cell.decision == "PERMIT":
        return f"{cell.fields} fields"
    words = cell.reason.lower().replace("_", " ")
    return f"? {words}" if cell.decision == "REVIEW" else words


def _width() -> int:
    found = Console(file=sys.stdout).width if sys.stdout.isatty() else WIDTH
    return max(80, min(found, 120))


def _table(title: str, columns: Iterable[tuple[str, str]], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table. columns: name, and how it stands: `left`, `right`, or `whole` (left, never broken)."""
    drawn = Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False, show_edge=False
    )
    for name, stands in columns:
        justify = "right" if stands == "right" else "left"
        drawn.add_column(name, justify=justify, no_wrap=stands != "left", overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        drawn.add_row(*(_cell(text) for text in row))
    return drawn


def _cell(text: str) -> Text:
    cell = Text(show.clean(text))
    for word, style in _COLOURS.items():
        cell.highlight_regex(rf"\b{word}\b", style)
    return cell


def _number(count: int) -> str:
    return str(count) if count else "-"


def _words(reason: str) -> str:
    return reason.lower().replace("_", " ")


def _came(rows: Sequence[Came]) -> Table:
    columns = (("form", "whole"), ("from", "left"), *((n, "right") for n in ("came", "accepted", "refused", "buried")))
    lines = [
        (
            row.kind,
            ", ".join(f"{agency} {number}" if number > 1 else agency for agency, number in row.senders),
            str(row.came),
            f"{row.accepted} (1 twice)" if row.duplicates else _number(row.accepted),
            _number(row.refused),
            _number(row.buried),
        )
        for row in rows
    ]
    return _table("What came in", columns, lines)


def _got(rows: Sequence[Got]) -> Table:
    columns = (("recipient", "whole"), *((name, "right") for name in ("received", "refused", "waits")), ("why", "left"))
    lines = [
        (
            row.recipient,
            _number(row.received),
            _number(row.denied),
            _number(row.waits),
            ", ".join(f"{_words(reason)} {number}" if number > 1 else _words(reason) for reason, number in row.why),
        )
        for row in rows
    ]
    return _table("What each recipient received, did not receive, and why", columns, lines)


def _reasons(rows: Sequence[tuple[str, str, str, int]]) -> Table:
    lines = [(_words(name), text, rule) for name, rule, text, _ in rows]
    columns = (("reason", "whole"), ("in words", "left"), ("rule", "whole"))
    return _table("The reasons in words", columns, lines)


def _waiting(rows: Sequence[Waiting]) -> Table:
    lines = [
        (
            str(row.number),
            row.title,
            "\n".join(row.recipients) or "(whom it is about)",
            ", ".join(_words(reason) for reason in row.reasons[:2]),
            row.due_at[:16].replace("T", " "),
            "two" if row.needs_two else "one",
        )
        for row in rows
    ]
    names = (("#", "right"), ("what waits", "left"), ("to", "whole"), ("because", "left"), ("by", "whole"))
    return _table("What waits for a person", (*names, ("people", "whole")), lines)


def _turned(rows: Sequence[Turned]) -> Table:
    lines = [
        (
            str(row.number),
            row.title,
            row.agency,
            row.door,
            _faults(row),
        )
        for row in rows
    ]
    names = (("#", "right"), ("what", "left"), ("from", "left"), ("", "whole"), ("faults told to the sender", "left"))
    return _table("What was refused or buried", names, lines)


def _faults(row: Turned) -> str:
    """Return the one fault in words, or the places of several."""
    if len(row.faults) == 1:
        code, place, text, _ = row.faults[0]
        return f"{place}: {text}" if text else _words(code)
    return f"{len(row.faults)} faults: {', '.join(dict.fromkeys(place for _, place, _, _ in row.faults))}"


def _entered(summary: Summary) -> Table:
    counts = ", ".join(f"{number} {word}" for word, number in summary.decisions)
    bases = ", ".join(f"{name} {number}" for name, number in summary.bases)
    title = (
        f"Disclosure records: {counts}\nPERMIT rests on: {bases}. People to be informed: {summary.notices}.\nThe last:"
    )
    names = (("record", "whole"), ("#", "right"), ("recipient", "whole"), ("decision", "left"))
    lines = [_record(row) for row in summary.entered[-_LAST:]]
    return _table(title, (*names, ("fields", "right"), ("withheld", "right")), lines)


def _record(row: Entered) -> tuple[str, ...]:
    decision = f"{row.decision} {_words(row.why)}"
    return (row.disclosure_id, str(row.number), row.recipient, decision, _number(row.fields), _number(row.withheld))


def _reckoned(found: Reckoning, summary: Summary, told: Sequence[str]) -> Text:
    """Return the reckoning in lines: what must agree, and whether it does."""
    into = (
        f"{found.came} messages in = {found.accepted} accepted ({found.duplicates} of them for the second time)"
        f" + {found.refused} refused + {found.buried} buried: difference {found.difference_in}"
    )
    out = (
        f"{found.released} releases on the topics = {found.permitted} PERMIT records in the register:"
        f" difference {found.difference_out};\n  {len(found.altered)} of them with other content than recorded"
    )
    text = Text()
    text.append("Reconciled\n" if found.agrees else "NOT RECONCILED\n", "bold green" if found.agrees else "bold red")
    text.append(f"  {into}\n  {out}\n")
    text.append(f"  {len(summary.entered)} decisions; ")
    text.append(f"{len(told)} went otherwise than the story says\n" if told else "every one as the story says\n")
    for line in told:
        text.append(f"    {line}\n", "yellow")
    return text
