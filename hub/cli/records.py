"""`hub records`: the register of disclosures, which holds field names and reasons, never a value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli import show
from hub.cli.options import AsJson, Limit, example, settings
from hub.errors import InputFault

if TYPE_CHECKING:
    from hub.ledger.ports import RegisterQuery, RegisterRow
    from hub.settings import Settings

_DECISIONS: Final = ("PERMIT", "DENY", "REVIEW")


def add(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.command(
        "list",
        epilog=example("hub records list --decision DENY", "hub records list --recipient barnardos --since 2026-11-01"),
    )(list_)
    group.command("show", epilog=example("hub records show 5d0c7e1a2b3f48699a8b7c6d5e4f3021"))(show_)
    group.command("subject", epilog=example("hub records subject 0b1c2d3e4f5061728394a5b6c7d8e9f0"))(subject)
    app.add_typer(group, name="records", help="The register: every decision, with its reasons.")


def list_(
    context: typer.Context,
    recipient: Annotated[str, typer.Option(metavar="AGENCY", help="Only what concerns this recipient.")] = "",
    agency: Annotated[str, typer.Option(metavar="AGENCY", help="Only what this agency sent.")] = "",
    decision: Annotated[str, typer.Option(metavar="DECISION", help="Only PERMIT, DENY or REVIEW.")] = "",
    message: Annotated[str, typer.Option(metavar="MESSAGE-ID", help="Only this message's records.")] = "",
    since: Annotated[str, typer.Option(metavar="TIME", help="Only from this day or moment on.")] = "",
    council: Annotated[str, typer.Option(metavar="COUNCIL", help="Only this council's records.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List disclosure records, the newest first."""
    from hub.ledger.ports import RegisterQuery

    if decision and decision.upper() not in _DECISIONS:
        raise InputFault.of(
            "UNKNOWN_NAME", f"no decision is called `{decision}`", "--decision", "use PERMIT, DENY or REVIEW"
        )
    query = RegisterQuery(
        message_id=message,
        recipient=recipient,
        agency=agency,
        decision=decision.upper(),
        since=since,
        limit=limit,
        council=council,
    )
    _tell(show.wait_for(_query(settings(context), query)), limit, as_json=as_json)


def show_(
    context: typer.Context,
    disclosure_id: Annotated[str, typer.Argument(metavar="DISCLOSURE-ID", help="From `hub records list`.")],
    as_json: AsJson = False,
) -> None:
    """Show one record as it is kept.

    `hub explain` says the same in plain English.
    """
    body = json.loads(show.wait_for(find(settings(context), disclosure_id)).body)
    if as_json:
        show.as_json(body)
        return
    show.pairs((name, _text(value)) for name, value in body.items() if name not in ("fields", "withheld"))
    show.pairs((("fields", ", ".join(body["fields"])),))
    show.table(("withheld", "reason"), [(entry["field"], entry["reason"]) for entry in body["withheld"]])


def subject(
    context: typer.Context,
    subject_ref: Annotated[str, typer.Argument(metavar="SUBJECT-REF", help="The pseudonymous key of one person.")],
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List what was decided about one subject, the newest first.

    A subject can be looked up by its ref only: the hub keeps no name by which anybody could be searched for.
    """
    from hub.ledger.ports import RegisterQuery

    _tell(
        show.wait_for(_query(settings(context), RegisterQuery(subject_ref=subject_ref, limit=limit))),
        limit,
        as_json=as_json,
    )


async def find(chosen: Settings, disclosure_id: str) -> RegisterRow:
    """Return one row of the register. Raises InputFault when there is none with this id."""
    from hub.wiring.reading import existing_stores

    async with existing_stores(chosen) as stores:
        row = await stores.register.get(disclosure_id)
    if row is None:
        text, remedy = "the register has no such record", "copy the id from `hub records list`"
        raise InputFault.of("NO_SUCH_RECORD", text, "DISCLOSURE-ID", remedy)
    return row


def table(rows: Sequence[RegisterRow]) -> None:
    """Write register rows as a table: two lines a record, so that ids stay whole at 80 columns."""
    from hub.wiring.explaining import reason_text

    cells = []
    for row in rows:
        body = json.loads(row.body)
        why = f"basis: {body['basis']}" if row.decision == "PERMIT" else reason_text(body["reasons"][0])
        sent = f"to {row.recipient}\n{row.form or body['kind']} from {row.agency}, for {row.council}"
        cells.append((f"{row.disclosure_id}\n{row.received_at}", row.decision, f"{sent}\n{why}"))
    show.table(("disclosure / time", "decision", "message and why"), cells, whole=("disclosure / time", "decision"))


# Private functions
# -----------------


async def _query(chosen: Settings, query: RegisterQuery) -> list[RegisterRow]:
    from hub.wiring.reading import existing_stores

    async with existing_stores(chosen) as stores:
        return await stores.register.query(query)


def _tell(rows: Sequence[RegisterRow], limit: int, *, as_json: bool) -> None:
    if as_json:
        show.as_json([json.loads(row.body) for row in rows])
        return
    table(rows)
    if not rows:
        show.out("The register has no such records.")
    elif len(rows) == limit:
        show.note(f"the newest {limit}; there may be more: see --limit")


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {inner}" for name, inner in value.items())
    return "" if value is None else str(value)
