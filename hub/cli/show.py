"""What commands write: tables and text for people at any width, JSON for programs.

Text that comes from messages is shown without control characters, so that no message can steer a terminal.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import re
import sys
import textwrap
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hub.cli.errors import OutputClosed
from hub.errors import Fault

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

_COLOURS: Final = {
    "PERMIT": "bold green",
    "DENY": "bold red",
    "REVIEW": "bold yellow",
    "overdue": "bold red",
    "missing": "bold red",
    "down": "bold red",
    "refused": "bold red",
}
"""Words that stand out wherever they stand in a table."""

_LONGEST_STEP: Final = 26
_GAP: Final = 3
_ROOM: Final = 12
"""Columns between two columns of a table, and those that a column of text needs at least."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_QUIET: Final = ("aiokafka", "asyncio", "asyncpg")


def out(text: str = "") -> None:
    """Write a line to stdout. Raises OutputClosed when nobody reads it any more."""
    try:
        sys.stdout.write(text + "\n")
    except BrokenPipeError:
        raise OutputClosed from None


def note(text: str) -> None:
    """Write a line to stderr: what a person should know and a program need not."""
    sys.stderr.write(clean(text) + "\n")


def as_json(value: Any) -> None:
    """Write a value (dataclasses included) as indented JSON."""
    out(json.dumps(_plain(value), indent=2, ensure_ascii=False))


def json_line(value: Any) -> None:
    """Write a value as JSON on one line, at once: somebody may be reading along."""
    out(json.dumps(_plain(value), ensure_ascii=False))
    flush()


def flush() -> None:
    """Write out what is buffered. Raises OutputClosed."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise OutputClosed from None


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, whole: Sequence[str] = ()) -> None:
    """Write a table that fits the width of the terminal, or 80 columns where there is none.

    whole: columns that are never broken over lines (ids). Without rows nothing is written.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    filled = [[clean(cell) for cell in row] for row in rows]
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    kept = whole if _fits(columns, filled, whole) else ()
    for name in columns:
        drawn.add_column(name, overflow="fold", no_wrap=name in kept)
    for row in filled:
        cells = [Text(cell) for cell in row]
        for cell in cells:
            for word, style in _COLOURS.items():
                cell.highlight_regex(rf"\b{word}\b", style)
        drawn.add_row(*cells)
    if drawn.row_count:
        out(_rendered(lambda console: console.print(drawn)).rstrip("\n"))


def faults(found: Iterable[Fault]) -> None:
    """Write faults as a table: where, what is wrong, what to do."""
    rows = [(_parted(fault.place), fault.text, fault.remedy) for fault in found]
    table(("where", "what is wrong", "what to do"), rows)


def pairs(rows: Iterable[tuple[str, str]]) -> None:
    """Write names and values in two columns; pairs without a value are left out."""
    filled = [(name, clean(value)) for name, value in rows if value]
    space = max((len(name) for name, _ in filled), default=0) + 2
    for name, value in filled:
        lines = textwrap.wrap(value, max(20, width() - space), break_on_hyphens=False) or [""]
        out(f"{name:<{space}}{lines[0]}")
        for line in lines[1:]:
            out(" " * space + line)


def heading(text: str) -> None:
    """Write a heading with a blank line above it."""
    from rich.text import Text

    out()
    out(_rendered(lambda console: console.print(Text(clean(text), "bold"))).rstrip("\n"))


def paragraph(text: str, indent: str = "", hang: str = "") -> None:
    """Write text wrapped to the width; indent: before its first line, hang: before the others."""
    lines = textwrap.wrap(clean(text), width(), initial_indent=indent, subsequent_indent=hang, break_on_hyphens=False)
    out("\n".join(lines))


def item(text: str, depth: int = 1) -> None:
    """Write one item of a list."""
    space = "  " * depth
    paragraph(text, f"{space}- ", f"{space}  ")


def clean(text: str) -> str:
    """Return the text without control characters, line ends and tabs excepted."""
    return _CONTROL.sub("\ufffd", text)


def width() -> int:
    """Return the columns there are to write in."""
    return _console().width


def progress(what: str) -> Callable[[int, int], None]:
    """Return a function that says on stderr how many of how many are done, where a person is looking."""

    def told(done: int, of: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{what} {done} of {of}" + ("\n" if done == of else ""))
            sys.stderr.flush()

    return told


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Return what the work returns."""
    import asyncio

    quiet()
    return asyncio.run(work)


def quiet() -> None:
    """Silence the libraries: the hub tells their faults itself, in its own form."""
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


# Private functions
# -----------------


def _console() -> Console:
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=False)


def _rendered(draw: Callable[[Console], None]) -> str:
    console = _console()
    with console.capture() as capture:
        draw(console)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def _fits(columns: Sequence[str], rows: Sequence[Sequence[str]], whole: Sequence[str]) -> bool:
    """Whether the columns that should stay whole leave the others room enough; where not, all are broken alike."""
    needed = _GAP * (len(columns) - 1)
    for place, name in enumerate(columns):
        longest = max((len(line) for row in rows for line in row[place].splitlines()), default=0)
        needed += max(longest, len(name)) if name in whole else min(longest, _ROOM)
    return needed <= width()


def _parted(path: str) -> str:
    """Return a long field path over lines that end at its dots."""
    lines = [""]
    for step in re.findall(r"[^.]*\.?", path):
        if lines[-1] and len(lines[-1]) + len(step) > _LONGEST_STEP:
            lines.append("  ")
        lines[-1] += step
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple, set, frozenset)) else value
