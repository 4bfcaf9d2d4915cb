"""Dead letters: a message that cannot be handled is kept, sealed, with its reason and its origin, and can be dug up again.

The reason is a code and a field path; the key is kept as a keyed hash; value, key and headers are sealed (invariants 6, 7).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.errors import MessageFault
from hub.flow import ids
from hub.flow.moments import iso, moment_of
from hub.flow.outcome import Emit, Incoming
from hub.ledger.keys import Keyring
from hub.ledger.sealing import open_sealed, seal
from hub.schemas.codec import encode
from hub.schemas.events import headers
from hub.schemas.registry import Registry
from hub.schemas.topics import DEAD_LETTERS

LIMIT: Final = 1_000_000
"""Bytes of the largest dead letter unless the caller says otherwise; no message within the codec's limits comes near it."""

_ROOM: Final = 8_192
"""Bytes that the rest of a dead letter and its headers may take."""

_VALUE_SEAL: Final = "dead-letter-value"
_REST_SEAL: Final = "dead-letter-headers"
_SOURCE: Final = "hub/burial"


@dataclass(frozen=True, slots=True, repr=False)
class Original:
    """What was buried, as it was published; it has no text form, since it may hold anything."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def bury(incoming: Incoming, fault: MessageFault, keyring: Keyring, registry: Registry, limit: int = LIMIT) -> Emit:
    """Return the dead letter of a message: the same message and fault give the same bytes.

    limit: bytes of the largest message that can be emitted. A message too large to be held within it (its sender compressed
    it past every limit) is buried without its bytes; it stays at its origin for as long as that topic keeps it.
    """
    letter = ids.dead_letter_id(incoming.topic, incoming.partition, incoming.offset)
    at = iso(moment_of(incoming.timestamp_ms))
    rest = _pack(incoming)
    fits = len(incoming.value) + len(rest) <= limit - _ROOM
    body = {
        "dead_letter_id": letter,
        "topic": incoming.topic,
        "partition": incoming.partition,
        "offset": incoming.offset,
        "reason": fault.faults[0].code,
        "place": fault.faults[0].place,
        "buried_at": at,
        "key_hash": None if incoming.key is None else ids.key_hash(keyring, incoming.key),
        "held": seal(keyring, _VALUE_SEAL, letter, incoming.value) if fits else b"",
        "held_headers": seal(keyring, _REST_SEAL, letter, rest) if fits else None,
    }
    pairs = headers(letter, "uk.hub.v1.DeadLetter", _SOURCE, at)
    return Emit(DEAD_LETTERS, letter.encode(), encode("DeadLetter", body, registry), tuple(pairs))


def unbury(letter: Mapping[str, Any], keyring: Keyring) -> Original:
    """Return what a DeadLetter body holds, to be published again where it came from.

    Raises MessageFault: NOT_HELD when the message was too large to be held, SEAL_BROKEN when it does not open.
    """
    letter_id, rest = letter["dead_letter_id"], letter.get("held_headers")
    if rest is None:
        text = "the message was too large to be held"
        raise MessageFault.of("NOT_HELD", text, "held", "read it at its origin while that topic keeps it")
    value = open_sealed(keyring, _VALUE_SEAL, letter_id, letter["held"])
    key, pairs = _unpack(open_sealed(keyring, _REST_SEAL, letter_id, rest))
    return Original(letter["topic"], key, value, pairs)


# Private functions
# -----------------


def _pack(incoming: Incoming) -> bytes:
    pairs = [[name, _text(value)] for name, value in incoming.headers]
    key = None if incoming.key is None else _text(incoming.key)
    return json.dumps({"key": key, "headers": pairs}, separators=(",", ":")).encode()


def _unpack(data: bytes) -> tuple[bytes | None, tuple[tuple[str, bytes], ...]]:
    rest = json.loads(data)
    key = None if rest["key"] is None else base64.b64decode(rest["key"])
    return key, tuple((name, base64.b64decode(value)) for name, value in rest["headers"])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
