"""What would be decided, without a broker: the very handlers of the agents, on a store that is thrown away.

Each message goes through intake and decide as if a broker had taken it at the given moment: checked, resolved, cut into one
part for each person, judged by what the messages before it left, and written down as disclosure records.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from hub.errors import Fault, InputFault, RefusedMessage
from hub.flow.decide import Decide
from hub.flow.intake import Intake
from hub.flow.outcome import Emit, Incoming
from hub.flow.policies import Policies
from hub.flow.records import Writer
from hub.flow.window import read_facts
from hub.ledger.keys import Keyring
from hub.ledger.ports import Position, Stores, SubjectEventStore
from hub.ledger.sqlite import open_sqlite
from hub.policy.facts import Facts
from hub.schemas.codec import decode, encode
from hub.schemas.registry import Registry
from hub.schemas.topics import SUBJECTS, inbox

_LOG: Final = "rehearsal"
_CACHE: Final = 1_000

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as an agency would publish it. place: what it is called in faults, "" for nothing; at: when the broker would take it."""

    place: str
    agency: str
    name: str
    body: Body
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """What would be decided about one person of a message.

    envelope: the SubjectMessage without its payload. person: the person as written, {} where the message holds none.
    before, after: what is known of the subject before and after it. earlier: how many of the earlier messages are about
    this person. disclosures: the Disclosures body, None for a control message, which releases nothing.
    """

    envelope: Body
    person: Body
    before: Facts
    after: Facts
    earlier: int
    disclosures: Body | None


async def rehearse(policies: Policies, registry: Registry, earlier: Sequence[Sent], message: Sent) -> tuple[Part, ...]:
    """Return what would be decided about each person of a message, after the earlier ones in their order.

    Raises RefusedMessage with every fault for which the hub would refuse the message at its front door, InputFault with
    those of the earlier messages.
    """
    async with _stage(policies, registry) as stage:
        faults = [fault for sent in earlier for fault in await stage.play(sent)]
        if faults:
            raise InputFault(*faults)
        refused = await stage.play(message)
        if refused:
            raise RefusedMessage(*refused)
        return await stage.parts()


async def subject_messages(
    policies: Policies, registry: Registry, messages: Sequence[Sent], tell: Callable[[int, int], None]
) -> tuple[tuple[str, Body, Facts], ...]:
    """Return what messages become in their order: (place, SubjectMessage body, what is known of its subject before it).

    tell: called with how many of how many are played. Raises InputFault with every fault for which the hub would refuse any of them.
    """
    found: list[tuple[str, Body, Facts]] = []
    faults: list[Fault] = []
    async with _stage(policies, registry) as stage:
        for number, sent in enumerate(messages, start=1):
            faults += await stage.play(sent)
            found += [(sent.place, body, facts) for body, facts in await stage.taken()]
            tell(number, len(messages))
    if faults:
        raise InputFault(*faults)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one message of several: the faults for which it was refused at the front door, else its parts."""

    faults: tuple[Fault, ...]
    parts: tuple[Part, ...]


async def play(policies: Policies, registry: Registry, messages: Sequence[Sent]) -> tuple[Taken, ...]:
    """Return what would become of each of several messages in their order; a refused one leaves no trace in the later ones."""
    found: list[Taken] = []
    async with _stage(policies, registry) as stage:
        for sent in messages:
            faults = await stage.play(sent)
            found.append(Taken(tuple(faults), () if faults else await stage.parts()))
    return tuple(found)


# Private functions
# -----------------


@asynccontextmanager
async def _stage(policies: Policies, registry: Registry) -> AsyncIterator[_Stage]:
    """Open a stage on a store of its own, which is thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="hub-rehearsal-") as folder:
        stores = await open_sqlite(Path(folder) / "rehearsal.sqlite")
        try:
            await stores.migrate()
            yield _Stage(policies, registry, stores)
        finally:
            await stores.close()


class _Stage:
    """Intake and decide, with the log between them kept in order here instead of on a broker."""

    def __init__(self, policies: Policies, registry: Registry, stores: Stores) -> None:
        keyring = Keyring.random()
        self._registry, self._events = registry, stores.events
        self._intake = Intake(policies, stores.identity, keyring, registry)
        self._decide = Decide(policies, stores.events, Writer(registry, keyring), _LOG, _CACHE)
        self._in_offset, self._offset = 0, 0
        self._told: list[str] = []
        self._last: list[tuple[Incoming, Body, Body | None]] = []

    async def play(self, sent: Sent) -> list[Fault]:
        """Take a message in and decide its parts; return the faults with which intake refuses it."""
        self._told += [body["subject_ref"] for _, body, _ in self._last]
        value = encode(sent.name, dict(sent.body), self._registry)
        at = int(sent.at.timestamp() * 1000)
        key = str(sent.body["message_id"]).encode()
        arrived = Incoming(inbox(sent.agency), 0, self._in_offset, at, key, value)
        self._in_offset += 1
        subjects, acknowledgements = (await self._intake([arrived])).stages
        faults = [fault for emit in acknowledgements for fault in self._faults(emit, sent.place)]
        self._last = [await self._judge(emit, at) for emit in subjects]
        return faults

    async def parts(self) -> tuple[Part, ...]:
        """Return what was decided about the message played last."""
        return tuple([await self._part(*one) for one in self._last])

    async def taken(self) -> list[tuple[Body, Facts]]:
        """Return the subject messages of the message played last, each with what is known of its subject before it."""
        return [
            (body, await _facts(self._events, str(body["subject_ref"]), arrived.offset))
            for arrived, body, _ in self._last
        ]

    async def _judge(self, emit: Emit, at: int) -> tuple[Incoming, Body, Body | None]:
        arrived = Incoming(SUBJECTS, 0, self._offset, at, emit.key, emit.value)
        self._offset += 1
        result = await self._decide([arrived])
        if result.buried:
            raise result.buried[0][1]
        written = result.stages[0] if result.stages else ()
        disclosures = decode(written[0].value, self._registry).body if written else None
        return arrived, decode(emit.value, self._registry).body, disclosures

    async def _part(self, arrived: Incoming, envelope: Body, disclosures: Body | None) -> Part:
        ref = str(envelope["subject_ref"])
        persons = decode(envelope["payload"], self._registry).body.get("persons") or [{}]
        return Part(
            envelope={name: value for name, value in envelope.items() if name != "payload"},
            person=persons[0],
            before=await _facts(self._events, ref, arrived.offset),
            after=await _facts(self._events, ref, arrived.offset + 1),
            earlier=self._told.count(ref),
            disclosures=disclosures,
        )

    def _faults(self, emit: Emit, place: str) -> list[Fault]:
        told = decode(emit.value, self._registry).body["faults"]
        return [Fault(f["code"], ": ".join(filter(None, (place, f["place"]))), f["text"], f["remedy"]) for f in told]


async def _facts(events: SubjectEventStore, ref: str, offset: int) -> Facts:
    rows = await events.facts_before([(ref, Position(_LOG, 0, offset))])
    return read_facts(rows[0])
