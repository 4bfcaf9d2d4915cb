"""`hub agencies`: the councils' registers, as they stand on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import show
from hub.cli.options import AsJson, example, settings
from hub.errors import InputFault

if TYPE_CHECKING:
    from hub.policy.model import AgencyRow


def add(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command(
        "list", epilog=example("hub agencies list --class health_visitor", "hub agencies list --on 2027-01-01 --json")
    )(list_)
    app.add_typer(group, name="agencies", help="The registers of agencies: who may send and receive.")


def list_(
    context: typer.Context,
    council: Annotated[str, typer.Option(metavar="COUNCIL", help="Only this council's register.")] = "",
    on: Annotated[str, typer.Option(metavar="DAY", help="The rows in force on this day; default: today.")] = "",
    recipient_class: Annotated[
        str, typer.Option("--class", metavar="CLASS", help="Only this class of recipients.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the agencies: what each does, and its agreement."""
    from hub.wiring.parts import load_policies

    policies = load_policies(settings(context))
    day = _day(on)
    served = tuple(dict.fromkeys(policy.council for policy in policies.all()))
    _require(council, served, "--council")
    found = [
        (name, row)
        for name in ([council] if council else served)
        if (engine := policies.engine(name)) and (snapshot := engine.at(day))
        for row in snapshot.agencies.values()
    ]
    classes = tuple(sorted({klass.id for policy in policies.all() for klass in policy.classes}))
    _require(recipient_class, classes, "--class")
    found = [(name, row) for name, row in found if recipient_class in ("", row.recipient_class)]
    if as_json:
        show.as_json([_json(name, row) for name, row in found])
        return
    _tell(found, day, one_council=len(served) == 1 or bool(council))


# Private functions
# -----------------


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else date.today().isoformat()  # noqa: DTZ011 - a person's today
    except ValueError:
        raise InputFault.of("BAD_DAY", "not a day of the calendar", "--on", "write it as 2026-11-22") from None


def _require(name: str, known: tuple[str, ...], place: str) -> None:
    from hub.councils.marks import nearest

    if name and name not in known:
        raise InputFault.of("UNKNOWN_NAME", f"there is no `{name}`", place, nearest(name, known) or ", ".join(known))


def _json(council: str, row: AgencyRow) -> dict[str, Any]:
    return {
        "council": council,
        "agency": row.id,
        "name": row.name,
        "class": row.recipient_class or None,
        "sends_as": row.roles,
        "from": row.valid_from,
        "until": row.valid_to or None,
        "districts": row.districts,
        "agreement": row.agreement_id or None,
        "agreement_from": row.agreement_from or None,
        "agreement_until": row.agreement_to or None,
        "codes": dict(row.codes),
        "because": row.facts,
    }


def _tell(found: list[tuple[str, AgencyRow]], day: str, *, one_council: bool) -> None:
    if not found:
        show.out(f"No agency of the register is in force on {day}.")
        return
    rows = [(row.id if one_council else f"{council}: {row.id}", _part(row), _agreement(row)) for council, row in found]
    show.table(("agency", "what it does", "agreement"), rows, whole=("agency",))
    show.out(f"{len(rows)} agencies on {day}.")


def _part(row: AgencyRow) -> str:
    receives = f"receives as {row.recipient_class}" if row.recipient_class else "never receives"
    return f"{receives}\nsends as {', '.join(row.roles)}" if row.roles else receives


def _agreement(row: AgencyRow) -> str:
    if not row.agreement_id:
        return "-"
    return f"{row.agreement_id} until {row.agreement_to}" if row.agreement_to else row.agreement_id
