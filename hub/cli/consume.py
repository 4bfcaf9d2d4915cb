"""`hub consume`: what the hub has for an agency, as the agency's own system would take it up."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import show
from hub.cli.options import AsJson, Sender, example, settings, typed_agency

if TYPE_CHECKING:
    from hub.connectors.messages import Edge
    from hub.settings import Settings


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "consume",
        epilog=example(
            "hub consume --agency lancashire-constabulary",
            "hub consume --agency lancashire-constabulary --follow --json",
            "hub consume --agency east-lancashire-midwifery --acks --all",
        ),
    )(consume)


def consume(
    context: typer.Context,
    agency: Sender,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for more, until Ctrl-C.")] = False,
    acks: Annotated[
        bool, typer.Option("--acks", help="The hub's word on what the agency sent, instead of its records.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="All that is kept, also what was shown before; moves no position.")
    ] = False,
    group: Annotated[
        str, typer.Option(metavar="GROUP", help="Consumer group whose position moves; default: one of its own.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Print what the hub has for an agency, the oldest first.

    Those of its filtered records that this command has not shown before. It reads beside the agency's own system and takes nothing from it, unless --group names that system's group. With
    --json, one record a line.
    """
    name = group or (f"{agency}.look-{secrets.token_hex(4)}" if every else f"{agency}.hub-consume")
    chosen = settings(context)
    with typed_agency(agency, chosen):
        number = show.wait_for(_consume(chosen, agency, name, follow=follow, acks=acks, as_json=as_json))
    if not as_json:
        show.note(f"{number} {'acknowledgements' if acks else 'records'}")


# Private functions
# -----------------


async def _consume(chosen: Settings, agency: str, group: str, *, follow: bool, acks: bool, as_json: bool) -> int:
    from hub.connectors.partner import PartnerClient
    from hub.wiring.parts import bootstrap

    number = 0
    async with PartnerClient(agency, bootstrap(chosen)) as client:
        feed: Any = (client.acknowledgements if acks else client.records)(follow=follow, group=group)
        async for message in feed:
            _tell(message, as_json=as_json)
            number += 1
    return number


def _tell(message: Edge, *, as_json: bool) -> None:
    filled = message.model_dump(mode="json", exclude_defaults=True)
    if as_json:
        show.json_line(filled)
        return
    head = filled.get("record_id") or f"{filled['message_id']}  {filled['status']}"
    show.heading(f"{type(message).__name__} {head}")
    show.pairs(_lines(filled))
    show.flush()


def _lines(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        inner = [(f"{path}.{name}".lstrip("."), below) for name, below in value.items()]
    elif isinstance(value, list) and any(isinstance(entry, (dict, list)) for entry in value):
        inner = [(f"{path}[{number}]", below) for number, below in enumerate(value, 1)]
    else:
        return [(path, ", ".join(str(entry) for entry in value) if isinstance(value, list) else str(value))]
    return [line for name, below in inner for line in _lines(below, name)]
