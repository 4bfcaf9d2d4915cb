"""From a valid message to the question who its people are, one for the identity store to answer with the whole batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.flow import ids, tickets
from hub.flow.household import people_of, wary
from hub.flow.identity import keys_of_persons, keys_of_query
from hub.flow.intake_ruling import Held, keys_of_held, open_held
from hub.flow.outcome import Incoming
from hub.flow.tickets import Ticket
from hub.ledger.keys import Keyring
from hub.ledger.ports import Key, Origin, ResolveAsk
from hub.schemas.codec import Decoded
from hub.schemas.registry import Registry


@dataclass(frozen=True, slots=True, repr=False)
class Arrival:
    """A decoded message of a partner, with what the broker says of it: who sent it, and when."""

    incoming: Incoming
    agency: str
    received: datetime
    decoded: Decoded

    @property
    def body(self) -> Mapping[str, Any]:
        """The message as decoded."""
        return self.decoded.body

    @property
    def origin(self) -> Origin:
        """Where it stands in the log."""
        return Origin(self.incoming.topic, self.incoming.partition, self.incoming.offset)


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A message and the question it puts to the identity store; ticket of a share response, held message of a ruling."""

    arrival: Arrival
    ask: ResolveAsk
    ticket: Ticket | None = None
    held: Held | None = None


def ask_of(arrival: Arrival, keyring: Keyring, registry: Registry) -> Asked:
    """Return a validated message with its question.

    Raises RefusedMessage when a ticket or a seal is not what it should be, or an identifier is not valid.
    """
    body, name = arrival.body, arrival.decoded.name
    if name == "Control" and body["kind"] == "ruling":
        return _ask_ruling(arrival, keyring, registry)
    ticket = _ticket(arrival, keyring) if name == "ShareResponse" else None
    return Asked(arrival, _ask(arrival, keyring, _people(name, body, keyring)), ticket=ticket)


# Private functions
# -----------------


def _people(name: str, body: Mapping[str, Any], keyring: Keyring) -> tuple[tuple[Key, ...], ...]:
    if name in ("Referral", "ShareResponse"):
        return keys_of_persons(keyring, body["council"], body.get("persons") or ())
    if name == "ShareRequest":
        return (keys_of_query(keyring, body["council"], body["query"], "query"),)
    return () if body["kind"] == "receipt" else (keys_of_query(keyring, body["council"], body["subject"], "subject"),)


def _ticket(arrival: Arrival, keyring: Keyring) -> Ticket:
    return tickets.redeem(keyring, arrival.body["request_id"], arrival.body["council"], arrival.agency)


def _ask_ruling(arrival: Arrival, keyring: Keyring, registry: Registry) -> Asked:
    """A ruling that says who the person is teaches the index that person's keys; any other asks nothing."""
    held = open_held(keyring, registry, arrival.body)
    choice = arrival.body["ruling"].get("resolve_to")
    if not choice:
        return Asked(arrival, _ask(arrival, keyring, ()), held=held)
    keys = keys_of_held(keyring, held)
    return Asked(arrival, _ask(arrival, keyring, (keys,), ((0, choice),)), held=held)


def _ask(
    arrival: Arrival,
    keyring: Keyring,
    people: tuple[tuple[Key, ...], ...],
    forced: tuple[tuple[int, str], ...] = (),
) -> ResolveAsk:
    content = ids.content_digest(keyring, arrival.incoming.value)
    body = arrival.body
    return ResolveAsk(
        council=body["council"],
        agency=arrival.agency,
        message_id=body["message_id"],
        content=content,
        origin=arrival.origin,
        persons=people,
        forced=forced,
        wary=wary(people_of(body)),
    )
