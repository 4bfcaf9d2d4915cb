"""`hub publish`: messages from JSON files to the hub, as an agency's own system would send them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.cli import errors, inputs, show
from hub.cli.options import AsJson, Sender, example, settings, typed_agency
from hub.errors import Fault, InputFault, RefusedMessage

if TYPE_CHECKING:
    from hub.cli.inputs import Document
    from hub.connectors.messages import Acknowledgement, Edge
    from hub.connectors.partner import PartnerClient, Published
    from hub.settings import Settings

_NUMBERED: Final = re.compile(r"\[(\d+)\]\.?(.*)", re.DOTALL)

Answers = dict[str, "Acknowledgement | RefusedMessage"]
"""The hub's word on each message, by message id."""


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "publish",
        epilog=example(
            "hub publish --agency east-lancashire-midwifery referral.json --wait",
            "hub template consent | hub publish --agency lancashire-cfw -",
        ),
    )(publish)


def publish(
    context: typer.Context,
    agency: Sender,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="JSON: a message, a list, or one a line; `-` for stdin.")
    ],
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the hub's word on each message.")] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, max=3600, help="How long to wait for each word.")
    ] = 30.0,
    as_json: AsJson = False,
) -> None:
    """Publish messages for an agency, in their order.

    All are checked before the first is sent. A message that is published again under the same id is taken once. With --wait, exit code 3 says that the hub refused one.
    """
    documents = [document for file in files for document in inputs.documents(file)]
    models = _models(documents)
    chosen = settings(context)
    with typed_agency(agency, chosen):
        published, said = show.wait_for(_publish(chosen, agency, documents, models, timeout if wait else 0.0))
    if as_json:
        show.as_json([_json(one, said.get(one.message_id)) for one in published])
    else:
        _tell(published, said)
    if any(isinstance(word, RefusedMessage) for word in said.values()):
        raise typer.Exit(errors.REFUSED)


# Private functions
# -----------------


def _models(documents: Sequence[Document]) -> list[Edge]:
    from hub.connectors.messages import from_body

    return [from_body(name, body) for name, body in inputs.messages(documents)]


async def _publish(
    chosen: Settings, agency: str, documents: Sequence[Document], models: Sequence[Edge], wait: float
) -> tuple[list[Published], Answers]:
    from hub.connectors.partner import PartnerClient
    from hub.wiring.parts import bootstrap

    async with PartnerClient(agency, bootstrap(chosen)) as client:
        try:
            published = await client.publish_many(models, progress=show.progress("published"))
        except InputFault as error:
            raise _placed(error, documents) from None
        said: Answers = {}
        for done, one in enumerate(published if wait else (), 1):
            said[one.message_id] = await _word(client, one.message_id, wait)
            show.progress("answered")(done, len(published))
    return published, said


async def _word(client: PartnerClient, message_id: str, wait: float) -> Acknowledgement | RefusedMessage:
    try:
        return await client.wait_for(message_id, status="accepted", timeout=wait)
    except RefusedMessage as error:
        return error


def _placed(error: InputFault, documents: Sequence[Document]) -> InputFault:
    """The client numbers the messages of its list; people know them by their files."""
    faults = []
    for fault in error.faults:
        numbered = _NUMBERED.fullmatch(fault.place)
        document = documents[int(numbered.group(1))] if numbered else None
        place = f"{document.place}: {numbered.group(2)}".rstrip(": ") if document and numbered else fault.place
        faults.append(Fault(fault.code, place, fault.text, fault.remedy))
    return InputFault(*faults)


def _json(one: Published, word: Acknowledgement | RefusedMessage | None) -> dict[str, object]:
    row: dict[str, object] = {
        "message_id": one.message_id,
        "topic": one.topic,
        "partition": one.partition,
        "offset": one.offset,
    }
    if isinstance(word, RefusedMessage):
        return {**row, "status": "refused", "faults": word.faults}
    return {**row, "status": word.status, "note": word.note} if word else row


def _tell(published: Sequence[Published], said: Answers) -> None:
    rows = []
    for one in published:
        word = said.get(one.message_id)
        rows.append((one.message_id, f"{one.topic}/{one.partition}/{one.offset}", *([_status(word)] if said else [])))
    columns = ("message", "place", "hub's word") if said else ("message", "place")
    show.table(columns, rows, whole=("message",))
    for message_id, word in said.items():
        if isinstance(word, RefusedMessage):
            show.out(f"Why {message_id} was refused:")
            show.faults(word.faults)
    show.out(f"{len(published)} published.")


def _status(word: Acknowledgement | RefusedMessage | None) -> str:
    if isinstance(word, RefusedMessage):
        return "refused"
    return "" if word is None else " ".join(filter(None, (word.status, f"({word.note})" if word.note else "")))
