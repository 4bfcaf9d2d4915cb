"""Bodies to bytes and back: Avro in Confluent framing (0x00, schema id as four bytes, Avro body).

Reading uses the writer's schema without projection, so that a field the hub does not know is seen, and withheld, and
not silently lost (invariant 10). Errors name fields and hold no values.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, NoReturn

from fastavro import schemaless_reader, schemaless_writer

from hub.errors import InputFault, UnreadableMessage
from hub.schemas.mismatch import mismatches
from hub.schemas.registry import Registry, Schema, packaged
from hub.schemas.writer import Write

PARTNER_LIMIT: Final = 900_000
"""Bytes a referral, share request or share response may have: it must fit the broker when wrapped and encrypted."""

CONTROL_LIMIT: Final = 1_000_000
"""Bytes a control message may have: a ruling carries the held message back in."""

LIMITS: Final[dict[str, int]] = {
    "Referral": PARTNER_LIMIT,
    "ShareRequest": PARTNER_LIMIT,
    "ShareResponse": PARTNER_LIMIT,
    "Control": CONTROL_LIMIT,
}
"""Size limits of what comes from outside, by message name; what the hub itself writes is bounded by these."""

_HEADER: Final = 5
_BAD_BODY: Final = (EOFError, ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError, RecursionError)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message as read: its name, the id of the schema it was written with, and its body."""

    name: str
    schema_id: int
    body: dict[str, Any]


def encode(name: str, body: dict[str, Any], registry: Registry | None = None) -> bytes:
    """Return the body as framed bytes of the named message, in the schema written today; see `encode_with`.

    Raises KeyError on a name that is no message.
    """
    known = registry or packaged()
    return _write(known.by_name(name), body)


def encode_with(schema_id: int, body: dict[str, Any], registry: Registry | None = None) -> bytes:
    """Return the body as framed bytes in the schema with this id, such as the one it was read with.

    Absent nullable fields and lists take their defaults. Raises InputFault: BAD_BODY with every field that is unknown,
    missing or of the wrong type (nothing is dropped silently), OVERSIZED when a partner's message is too large. Raises
    KeyError on an unknown id.
    """
    known = registry or packaged()
    return _write(known.by_id(schema_id), body)


def decode(data: bytes, registry: Registry | None = None) -> Decoded:
    """Return the message in framed bytes, read with the schema it was written with.

    Raises UnreadableMessage: NOT_FRAMED, WRONG_SCHEMA (unknown id), OVERSIZED, BAD_BODY, TRAILING_BYTES.
    """
    schema = _schema_of(data, registry or packaged())
    limit = LIMITS.get(schema.name)
    if limit is not None and len(data) > limit:
        raise UnreadableMessage.of("OVERSIZED", f"more than {limit} bytes", schema.name)
    stream = BytesIO(data)
    stream.seek(_HEADER)
    try:
        body = schemaless_reader(stream, schema.parsed, None)
    except _BAD_BODY:
        # `from None`: the reader's own error may quote the message.
        raise UnreadableMessage.of("BAD_BODY", "the body does not match its schema", schema.name) from None
    if stream.tell() != len(data):
        raise UnreadableMessage.of("TRAILING_BYTES", "bytes follow the body", schema.name)
    return Decoded(schema.name, schema.schema_id, body)  # type: ignore[arg-type]


# Private functions
# -----------------


def _write(schema: Schema, body: dict[str, Any]) -> bytes:
    frame = b"\x00" + schema.schema_id.to_bytes(4, "big")
    try:
        data = _compiled(schema.write, frame, body) if schema.write else _general(schema, frame, body)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        _refuse(schema, body)
    limit = LIMITS.get(schema.name)
    if limit is not None and len(data) > limit:
        raise InputFault.of(
            "OVERSIZED", f"the message has more than {limit} bytes", schema.name, "send less, or in parts"
        )
    return data


def _compiled(write: Write, frame: bytes, body: dict[str, Any]) -> bytes:
    out = bytearray(frame)
    write(out, body)
    return bytes(out)


def _general(schema: Schema, frame: bytes, body: dict[str, Any]) -> bytes:
    out = BytesIO()
    out.write(frame)
    schemaless_writer(out, schema.parsed, body, strict_allow_default=True, disable_tuple_notation=True)
    return out.getvalue()


def _schema_of(data: bytes, registry: Registry) -> Schema:
    if len(data) < _HEADER or data[0] != 0:
        raise UnreadableMessage.of("NOT_FRAMED", "not in Confluent framing")
    schema_id = int.from_bytes(data[1:_HEADER], "big")
    try:
        return registry.by_id(schema_id)
    except KeyError:
        raise UnreadableMessage.of("WRONG_SCHEMA", f"no schema has the id `{schema_id}`") from None


def _refuse(schema: Schema, body: dict[str, Any]) -> NoReturn:
    faults = mismatches(schema, body)
    if faults:
        raise InputFault(*faults) from None
    raise InputFault.of("BAD_BODY", "the body does not match its schema", schema.name) from None
