"""Dead letters: what was buried, read back from the log, and put back by the front door once its cause is gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.connectors.kafka_log import put, read_all
from hub.errors import InputFault, MessageFault
from hub.flow.burial import Original, unbury
from hub.ledger.keys import Keyring
from hub.schemas.codec import Decoded, decode
from hub.schemas.topics import DEAD_LETTERS, agency_of, inbox

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where a buried message was put back: topic, partition and offset of its new place."""

    topic: str
    partition: int
    offset: int


async def dead_letters(bootstrap: str) -> list[dict[str, Any]]:
    """Return every dead letter that the log keeps, as DeadLetter bodies, the newest first; a repeated one once.

    Raises BrokerUnavailable, ConfigurationFault, UnreadableMessage.
    """
    found = {}
    for message in await read_all(bootstrap, DEAD_LETTERS):
        body = decode(message.value).body
        found[body["dead_letter_id"]] = body
    return sorted(found.values(), key=lambda body: str(body["buried_at"]), reverse=True)


async def dead_letter(bootstrap: str, letter_id: str) -> dict[str, Any]:
    """Return one dead letter. Raises InputFault when none of this id is kept; else as `dead_letters`."""
    for body in await dead_letters(bootstrap):
        if body["dead_letter_id"] == letter_id:
            return body
    text, remedy = "no dead letter of this id is kept", "copy the id from `hub dead-letters list`"
    raise InputFault.of("NO_SUCH_LETTER", text, "LETTER-ID", remedy)


def original(letter: Body, keyring: Keyring) -> Original:
    """Return what was buried. Raises MessageFault when it was too large to be held, or its seal does not open."""
    return unbury(letter, keyring)


def readable(buried: Original) -> Decoded | None:
    """Return the buried message as decoded now, None while it cannot be read."""
    try:
        return decode(buried.value)
    except MessageFault:
        return None


def require_front_door(letter: Body) -> None:
    """Raise InputFault unless the message was buried on its way in: nothing may be put into the hub's own topics."""
    topic = str(letter["topic"])
    agency = agency_of(topic)
    if agency is None or topic != inbox(agency):
        text = f"it was buried inside the hub, on `{topic}`, and may come back by a partner's topic only"
        raise InputFault.of("NOT_BY_THE_DOOR", text, "LETTER-ID", "ask its sender to send it again under a new id")


async def replay(bootstrap: str, letter: Body, keyring: Keyring) -> Replayed:
    """Put a buried message back, byte for byte, into the partner's topic that it came from; intake takes it anew.

    Raises InputFault (`require_front_door`), MessageFault (`original`), BrokerUnavailable, ConfigurationFault.
    """
    require_front_door(letter)
    buried = original(letter, keyring)
    partition, offset = await put(bootstrap, buried.topic, buried.key, buried.value, buried.headers)
    return Replayed(buried.topic, partition, offset)
