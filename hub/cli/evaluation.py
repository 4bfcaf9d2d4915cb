"""`hub evaluation`: figures for those who evaluate the service, and never a row about a person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli import show
from hub.cli.options import AsJson, example, settings
from hub.errors import InputFault

if TYPE_CHECKING:
    from hub.wiring.evaluating import Released

Figures = Mapping[str, Any]

_HELD: Final = "*"
_ABOUT: Final = """People counted once in a figure; to the nearest {persons_rounded_to}. Decisions to the nearest {decisions_rounded_to}, and at most {most_decisions_of_one_person} about one
person in a figure. {held} held back: under {smallest_count} (zero too), or needed to hide one that is. Figures do not add up: each is rounded by
itself, and one person may be in several rows."""


def add(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command(
        "extract",
        epilog=example(
            "hub evaluation extract --council lancashire --period 2026-Q3",
            "hub evaluation extract --council lancashire --period 2026-10 --to october.json",
        ),
    )(extract)
    app.add_typer(group, name="evaluation", help="Anonymised figures for evaluation: the only thing that it gets.")


def extract(
    context: typer.Context,
    council: Annotated[str, typer.Option(metavar="COUNCIL", help="Whose register; one council at a time.")],
    period: Annotated[
        str, typer.Option(metavar="PERIOD", help="A calendar month (2026-10) or quarter (2026-Q3) that has ended.")
    ],
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the extract there, as JSON; not over another file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Release the anonymised figures of one council and period.

    Counts of people and of decisions by form, purpose, class of recipient, reason and month: fixed tables, no filters, small
    numbers suppressed. The first extract of a period is kept and given again for ever, whatever the register holds later; a month that left in a quarter
    does not leave by itself, nor the other way round. Refused where the notice does not name evaluation as anonymised. Exit code 2: wrong input, or refused.
    """
    from hub.flow.evaluation.periods import period_named
    from hub.wiring.evaluating import release

    asked = period_named(period)
    if to is not None:
        _free(to)
    released = show.wait_for(release(settings(context), council, asked))
    if to is not None:
        _write(to, released.extract.body)
    _tell(released, to, as_json=as_json)


# Private functions
# -----------------


def _free(path: Path) -> None:
    """Return when nothing is there: a release is on record, so a file that cannot be written is told before it."""
    if path.exists():
        raise InputFault.of("FILE_EXISTS", f"`{path}` is there already", "--to", "name a file that is not there yet")
    if not path.parent.is_dir():
        raise InputFault.of("NOT_WRITABLE", f"there is no folder `{path.parent}`", "--to", "make it first")


def _write(path: Path, body: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(body)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        remedy = "name another file; the same command gives the same extract again"
        raise InputFault.of("NOT_WRITABLE", f"`{path}` cannot be written: {reason}", "--to", remedy) from None


def _tell(released: Released, to: Path | None, *, as_json: bool) -> None:
    kept = released.extract
    body = json.loads(kept.body)
    if as_json:
        show.as_json({"released_at": kept.released_at, "digest": kept.digest, "again": not released.first, **body})
        return
    again = "" if released.first else f"; the extract that left on {kept.released_at}, given again"
    show.paragraph(f"Evaluation extract: {body['council']}, {body['period']}{again}.")
    if to is not None:
        show.out(f"written: {to} ({len(kept.body)} bytes, SHA-256 {kept.digest})")
    _tables(body)
    show.out()
    show.paragraph(_ABOUT.format(held=_HELD, **body["method"]))


def _tables(body: Figures) -> None:
    rows = [("all", body["total"]), *((row["decision"], row) for row in body["decisions"])]
    show.heading("All decisions")
    show.table(("decision", "people", "decisions"), [(name, *_pair(row)) for name, row in rows])
    for table in body["tables"]:
        shown = [row for row in table["rows"] if _any(row)]
        show.heading(table["title"])
        columns, cells = _cells([row["decision"] for row in body["decisions"]], table["rows"], shown)
        show.table(columns, cells, whole=columns[:1])
        held = [row["row"] for row in table["rows"] if not _any(row)]
        if held:
            show.paragraph(f"{_HELD} {', '.join(held)}")


def _cells(
    decisions: Sequence[str], rows: Sequence[Figures], shown: Sequence[Figures]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the columns of a table and its rows as text."""
    totals = "persons" in rows[0]
    names = [name for name in decisions if name in rows[0].get("by_decision", ())]
    columns = ("row", *(("people", "decisions") if totals else ()), *(f"people: {name}" for name in names))
    cells = [
        (row["row"], *(_pair(row) if totals else ()), *(_text(row["by_decision"][name]) for name in names))
        for row in shown
    ]
    return columns, cells


def _any(row: Figures) -> bool:
    """Whether anything of a row is shown."""
    figures = (row.get("persons"), row.get("decisions"), *row.get("by_decision", {}).values())
    return any(figure is not None for figure in figures)


def _pair(row: Figures) -> tuple[str, str]:
    return _text(row["persons"]), _text(row["decisions"])


def _text(figure: int | None) -> str:
    return _HELD if figure is None else f"{figure:,}"
