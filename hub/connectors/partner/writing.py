"""From what an agency's developer wrote to what goes on the wire: every fault is told before anything is sent."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hub.connectors.messages import WRITTEN, Edge, parse_json, to_body
from hub.errors import Fault, InputFault
from hub.flow.validate import CHECKS, id_faults
from hub.flow.validate_sender import Sender
from hub.flow.validate_shape import Clock, shape_faults
from hub.policy.model import Settings
from hub.schemas.codec import encode
from hub.schemas.events import headers
from hub.schemas.registry import Registry

Message = Edge | Mapping[str, Any]
"""A message to publish: a model of `hub.connectors.messages`, or plain data as in its JSON, with its name under `type`."""

_LETTERS: Final = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_SKEW: Final = timedelta(seconds=Settings().max_skew_seconds)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One checked message as it goes to the broker."""

    message_id: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def new_id() -> str:
    """Return a new message id: 32 letters, 128 random bits; without digits, so that it never looks like a person's number.

    Keep it with the case before publishing: a message that is sent again must carry the id of the first time.
    """
    return secrets.token_hex(16).translate(_LETTERS)


def now() -> str:
    """Return this moment as messages write it: UTC, whole seconds, `2026-11-22T09:00:00Z`."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def prepare(agency: str, message: Message, registry: Registry, traceparent: str | None = None) -> Outgoing:
    """Return a message ready to send. Raises InputFault with every fault, by place; none holds a value.

    What is not readable as the message is told first; then what the hub itself would refuse at its front door, as far as
    that can be known without the council's policy.
    """
    name, body = _body(message)
    value = encode(name, body, registry)
    faults = _content_faults(agency, name, body, registry)
    if faults:
        raise InputFault(*faults)
    pairs = headers(body["message_id"], f"uk.hub.v1.{name}", agency, body["sent_at"], traceparent)
    return Outgoing(body["message_id"], value, tuple(pairs))


def prepare_all(
    agency: str, messages: Iterable[Message], registry: Registry, trace: str | None = None
) -> list[Outgoing]:
    """Return messages ready to send, in order. Raises InputFault with the faults of all of them, places as `[3].form`."""
    ready: list[Outgoing] = []
    faults: list[Fault] = []
    for index, message in enumerate(messages):
        try:
            ready.append(prepare(agency, message, registry, trace))
        except InputFault as bad:
            faults += [Fault(fault.code, f"[{index}].{fault.place}", fault.text, fault.remedy) for fault in bad.faults]
    if faults:
        raise InputFault(*faults)
    return ready


# Private functions
# -----------------


def _body(message: Message) -> tuple[str, dict[str, Any]]:
    if isinstance(message, Mapping):
        return parse_json(_as_json(message))
    name = type(message).__name__
    if WRITTEN.get(name) is not type(message):
        remedy = f"use one of {', '.join(WRITTEN)}"
        raise InputFault.of("UNKNOWN_TYPE", "this is not a message that can be published", remedy=remedy)
    return name, to_body(message)


def _as_json(message: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(message))
    except (TypeError, ValueError, RecursionError):
        # `from None`: the encoder's own error may quote a value.
        remedy = "use text, numbers, lists and objects; write days and moments as text, bytes as base64"
        raise InputFault.of("NOT_JSON", "the message holds something that JSON cannot", remedy=remedy) from None


def _content_faults(agency: str, name: str, body: Mapping[str, Any], registry: Registry) -> list[Fault]:
    """Return what the hub's own front door finds, save for what only the council's register and policy can say."""
    faults = id_faults(body["message_id"])
    faults += shape_faults(registry, registry.by_name(name).schema_id, body, Clock(datetime.now(UTC), _SKEW))
    faults += CHECKS[name](body, Sender(agency, None))
    return list(dict.fromkeys(faults))
