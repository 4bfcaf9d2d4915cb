"""A hub without a broker: the real use cases on a real store, and a log that is lists of rows. For what needs no transport."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hub.errors import MessageFault
from hub.flow.burial import bury
from hub.flow.decide import Decide
from hub.flow.intake import Intake
from hub.flow.outcome import Emit, Handler, Incoming
from hub.flow.policies import Policies
from hub.flow.record import Record
from hub.flow.records import Writer
from hub.ledger.keys import Keyring
from hub.ledger.ports import RegisterQuery, Stores
from hub.schemas.registry import Registry, packaged
from hub.schemas.topics import DISCLOSURES, REVIEWS, SUBJECTS, catalogue, inbox
from tests.support.load import Sent
from tests.support.log_reader import Log, Row
from tests.support.partner import KEYRING, policies
from tests.support.reconcile import State

LOG_ID = "paper"
_PARTITIONS = 4
_CACHE = 1_000


class PaperHub:
    """Publishes, handles until nothing is left, and keeps the log. registry: what the hub knows of schemas.

    at: the broker's time (now, unless given), which goes on by a millisecond with each message.
    """

    def __init__(
        self,
        stores: Stores,
        *,
        council: Policies | None = None,
        registry: Registry | None = None,
        keyring: Keyring = KEYRING,
        at: datetime | None = None,
    ) -> None:
        self.at = at or datetime.now(UTC)
        self.policies = council or policies()
        self.keyring = keyring
        self.registry = registry or packaged()
        self.stores = stores
        self.log: Log = {topic.name: [] for topic in catalogue(self.policies.agencies())}
        self.sent: defaultdict[str, list[Sent]] = defaultdict(list)
        self._done: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.intake = Intake(self.policies, stores.identity, keyring, self.registry)
        writer = Writer(self.registry, keyring)
        self.decide = Decide(self.policies, stores.events, writer, LOG_ID, _CACHE)
        record = Record(stores.register, stores.reviews, self.registry)
        self._agents: tuple[tuple[tuple[str, ...], Handler], ...] = (
            (tuple(inbox(agency) for agency in self.policies.agencies()), self.intake),
            ((SUBJECTS,), self.decide),
            ((DISCLOSURES, REVIEWS), record),
        )

    def publish(self, one: Sent) -> None:
        """Append what an agency publishes."""
        self._append(inbox(one.agency), one.message_id.encode(), one.value, (), partition=0)
        self.sent[one.agency].append(one)

    def append(self, emit: Emit) -> None:
        """Append a message to any topic."""
        partition = zlib.crc32(emit.key) % _PARTITIONS if emit.topic in (SUBJECTS, DISCLOSURES, REVIEWS) else 0
        self._append(emit.topic, emit.key, emit.value, emit.headers, partition)

    async def run(self) -> None:
        """Handle everything that waits, and all that comes of it, as the stream loop does."""
        while batches := self._waiting():
            for handler, batch in batches:
                result = await handler(batch)
                for incoming, fault in result.buried:
                    self.append(self.buried(incoming, fault))
                for emit in (emit for stage in result.stages for emit in stage):
                    self.append(emit)
                self._done[batch[0].topic, batch[0].partition] = batch[-1].offset + 1

    def buried(self, incoming: Incoming, fault: MessageFault) -> Emit:
        """Return the dead letter of a message."""
        return bury(incoming, fault, self.keyring, self.registry)

    async def state(self) -> State:
        """Return what a reconciliation compares."""
        register = await self.stores.register.query(RegisterQuery(limit=10**9))
        return State(self.sent, self.log, register, await self.stores.reviews.query(status="", limit=10**9))

    # Private functions
    # -----------------

    def _append(
        self, topic: str, key: bytes, value: bytes, headers: tuple[tuple[str, bytes], ...], partition: int
    ) -> None:
        self.at += timedelta(milliseconds=1)
        offset = sum(row.partition == partition for row in self.log[topic])
        row = Row(topic, partition, offset, int(self.at.timestamp() * 1000), key, value, headers)
        self.log[topic].append(row)
        self.log[topic].sort(key=lambda row: (row.partition, row.offset))

    def _waiting(self) -> list[tuple[Handler, Sequence[Incoming]]]:
        found: list[tuple[Handler, Sequence[Incoming]]] = []
        for topics, handler in self._agents:
            for topic in topics:
                for partition in sorted({row.partition for row in self.log[topic]}):
                    first = self._done[topic, partition]
                    batch = [_incoming(r) for r in self.log[topic] if r.partition == partition and r.offset >= first]
                    if batch:
                        found.append((handler, batch))
        return found


# Private functions
# -----------------


def _incoming(row: Row) -> Incoming:
    return Incoming(row.topic, row.partition, row.offset, row.timestamp_ms, row.key, row.value, row.headers)
