"""The partner client: how an agency's own system publishes to the hub and takes up what the hub sends it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self, TypeVar

from hub.connectors.messages import Acknowledgement, Edge, FilteredRecord, Person
from hub.connectors.partner.board import Board, Status
from hub.connectors.partner.feed import ACKNOWLEDGEMENTS, RECORDS, Feed, Kind, reader
from hub.connectors.partner.replies import Outcome, ReceiptStatus, receipt_for, response_to
from hub.connectors.partner.seen import Seen, SeenInMemory
from hub.connectors.partner.sending import Producer, Progress, Published
from hub.connectors.partner.source import Source
from hub.connectors.partner.writing import Message, prepare, prepare_all
from hub.errors import ConfigurationFault
from hub.schemas.registry import Registry, packaged
from hub.schemas.topics import acks, inbox, outbox

M = TypeVar("M", bound=Edge)

PATIENCE: Final = 15.0
"""Seconds that the broker has for one answer, if nothing else is said."""


class PartnerClient:
    """One agency's client; an async context manager, for one event loop.

        async with PartnerClient("example-trust", "broker.example:9092") as client:
            await client.publish(referral)
            async for record in client.records():
                keep(record)

    Nothing is connected before it is used: an agency that only reads needs no right to write. seen: which records were
    handled, in memory unless said otherwise; the client closes it. patience: seconds that the broker has for one answer.
    Raises ConfigurationFault when the agency is no slug.
    """

    def __init__(
        self,
        agency: str,
        bootstrap: str,
        *,
        seen: Seen | None = None,
        patience: float = PATIENCE,
        registry: Registry | None = None,
    ) -> None:
        self._agency = agency
        self._bootstrap = bootstrap
        self._seen = seen or SeenInMemory()
        self._patience = patience
        self._registry = registry or packaged()
        self._producer = Producer(bootstrap, inbox(agency), patience)
        self._board = Board(bootstrap, acks(agency), reader(ACKNOWLEDGEMENTS, agency, self._registry), patience)
        self._closing: AsyncExitStack | None = None

    async def __aenter__(self) -> Self:
        self._closing = AsyncExitStack()
        for part in (self._seen, self._board, self._producer):
            self._closing.push_async_callback(part.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        closing, self._closing = self._require_open(), None
        await closing.aclose()

    async def publish(self, message: Message, *, traceparent: str | None = None) -> Published:
        """Publish a message and return where it is, once every replica in sync has it.

        Raises InputFault with every fault before anything is sent; BrokerUnavailable when the broker does not answer in
        time: it may or may not have arrived, so publish it again with the same `message_id`, of which the hub takes one;
        ConfigurationFault when the agency has no topic or no right to it. Whether the hub accepts it, `wait_for` tells.
        """
        ready = prepare(self._agency, message, self._registry, traceparent)
        self._require_open()
        return (await self._producer.send([ready], _quiet))[0]

    async def publish_many(
        self, messages: Iterable[Message], *, progress: Progress | None = None, traceparent: str | None = None
    ) -> list[Published]:
        """Publish messages in their order, in batches; progress: called with (how many the broker has, of how many).

        All are checked before the first is sent. When it raises as `publish` does, publish the whole list again: what was
        taken already changes nothing.
        """
        ready = prepare_all(self._agency, messages, self._registry, traceparent)
        self._require_open()
        return await self._producer.send(ready, progress or _quiet)

    def records(self, *, follow: bool = True, group: str | None = None) -> Feed[FilteredRecord]:
        """Return the filtered records for this agency, oldest first, from where its consumer group stopped.

        follow: wait for more, for ever; otherwise end with what was there at the start. group: `<agency>.records`, if not said
        otherwise; of several consumers of one group the one that started first reads, the others stand by; when one
        comes or goes, the record in hand may be handed out again.
        """
        return self._feed(RECORDS, outbox(self._agency), group or f"{self._agency}.records", follow=follow)

    def acknowledgements(self, *, follow: bool = True, group: str | None = None) -> Feed[Acknowledgement]:
        """Return the hub's word on what this agency published, oldest first; as `records`, in the group `<agency>.acks`."""
        return self._feed(ACKNOWLEDGEMENTS, acks(self._agency), group or f"{self._agency}.acks", follow=follow)

    async def wait_for(
        self,
        message_id: str,
        *,
        status: Status | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109 - the callers' word; it is kept with asyncio.timeout
    ) -> Acknowledgement:
        """Return the first acknowledgement of a message with this status, or of any status; moves no consumer group.

        A message about several people is acknowledged as accepted once, then for each of them as delivered or held. Raises
        RefusedMessage, with the hub's faults, when it was refused instead; NotAcknowledged when `timeout` seconds pass.
        """
        self._require_open()
        return await self._board.wait_for(message_id, status, timeout)

    async def receipt(self, record: FilteredRecord, status: ReceiptStatus = "arrived") -> Published:
        """Tell the hub that the record arrived, was acted on, or was erased. Raises as `publish`."""
        return await self.publish(receipt_for(record, status))

    async def answer(
        self,
        record: FilteredRecord,
        persons: Iterable[Person] = (),
        *,
        outcome: Outcome = "found",
        period_of_involvement: str | None = None,
        how_known: str | None = None,
    ) -> Published:
        """Answer the share request that a record brought; see `response_to`. Raises as `publish`."""
        response = response_to(
            record, persons, outcome=outcome, period_of_involvement=period_of_involvement, how_known=how_known
        )
        return await self.publish(response)

    # Private functions
    # -----------------

    def _require_open(self) -> AsyncExitStack:
        if self._closing is None:
            raise ConfigurationFault.of("CLIENT_CLOSED", "the client is not open", remedy="use it inside `async with`")
        return self._closing

    def _feed(self, kind: Kind[M], topic: str, group: str, *, follow: bool) -> Feed[M]:
        source = Source(self._bootstrap, topic, group, follow=follow, patience=self._patience)
        feed = Feed(source, kind, reader(kind, self._agency, self._registry), self._seen, group)
        self._require_open().push_async_callback(feed.close)
        return feed


# Private functions
# -----------------


def _quiet(done: int, of: int) -> None:
    """Take no notice of progress."""
