"""What can be seen on the real topics: watched while the morning runs, and read once more, whole, at its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from hub.connectors.kafka_admin import end_offsets
from hub.connectors.partner.faults import translated
from hub.errors import BrokerUnavailable
from hub.schemas.codec import decode
from hub.schemas.registry import Registry
from hub.schemas.topics import DEAD_LETTERS, DISCLOSURES, NOTICES, REVIEWS, agency_of

Body = dict[str, Any]

_POLL_MS: Final = 100
_HUB: Final = (DISCLOSURES, REVIEWS, NOTICES, DEAD_LETTERS)


@dataclass(frozen=True, slots=True)
class Release:
    """One filtered record as it lies in its recipient's topic."""

    recipient: str
    value: bytes
    body: Body


@dataclass(slots=True)
class Seen:
    """What lies on the topics. inbox: the places of what partners published; the rest: bodies, in the order of each topic."""

    inbox: list[tuple[str, int, int]] = field(default_factory=list)
    acks: list[Body] = field(default_factory=list)
    disclosures: list[Body] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    reviews: list[Body] = field(default_factory=list)
    notices: list[Body] = field(default_factory=list)
    letters: list[Body] = field(default_factory=list)

    def add(self, message: ConsumerRecord, registry: Registry) -> None:
        """Note one message of any topic but the subjects'."""
        topic = str(message.topic)
        agency = agency_of(topic)
        if agency is not None and topic.endswith(".in.v1"):
            self.inbox.append((topic, message.partition, message.offset))
            return
        body = decode(message.value, registry).body
        if agency is None:
            self._of_hub(topic).append(body)
        elif topic.endswith(".ack.v1"):
            self.acks.append(body)
        else:
            self.releases.append(Release(agency, message.value, body))

    @property
    def records(self) -> int:
        """How many disclosure records there are: one for each subject message and recipient."""
        return sum(len(body["records"]) for body in self.disclosures)

    def words(self, agency: str, message_id: str, *statuses: str) -> list[Body]:
        """Return what the hub said of a message with one of these statuses."""
        mine = (ack for ack in self.acks if ack["agency"] == agency and ack["message_id"] == message_id)
        return [ack for ack in mine if ack["status"] in statuses]

    # Private functions
    # -----------------

    def _of_hub(self, topic: str) -> list[Body]:
        return {
            DISCLOSURES: self.disclosures,
            REVIEWS: self.reviews,
            NOTICES: self.notices,
            DEAD_LETTERS: self.letters,
        }[topic]


class Eyes:
    """Watches every topic that the hub writes to, but for the subjects'; an async context manager.

    changed: called whenever something new was seen.
    """

    def __init__(
        self, bootstrap: str, topics: Iterable[str], registry: Registry, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.seen = Seen()
        self._bootstrap, self._registry, self._changed = bootstrap, registry, changed
        self._topics = [topic for topic in topics if topic in _HUB or topic.endswith((".ack.v1", ".out.v1"))]
        self._news = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.wait([watching])

    async def until(self, true: Callable[[Seen], bool], seconds: float) -> None:
        """Return when it is true of what was seen. Raises BrokerUnavailable when it does not become true in time."""
        try:
            async with asyncio.timeout(seconds):
                while not true(self.seen):
                    await self._look()
        except TimeoutError:
            text = f"the hub has not settled what was published within {seconds:g} s"
            raise BrokerUnavailable.of("NOT_SETTLED", text, "demo", "run `hub demo --keep` and see its logs") from None

    # Private functions
    # -----------------

    async def _look(self) -> None:
        """Wait for news, or for the watch to end with an error."""
        self._news.clear()
        news = asyncio.create_task(self._news.wait())
        watching = [self._watching] if self._watching else []
        try:
            await asyncio.wait([news, *watching], return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
        for task in watching:
            if task.done():
                task.result()

    async def _watch(self) -> None:
        async with _consumer(self._bootstrap, await end_offsets(self._bootstrap, self._topics)) as consumer:
            while True:
                found = await consumer.getmany(timeout_ms=_POLL_MS)
                for messages in found.values():
                    for message in messages:
                        self.seen.add(message, self._registry)
                if found:
                    self._news.set()
                    self._changed()


async def read_all(bootstrap: str, topics: Iterable[str], registry: Registry) -> Seen:
    """Return everything on these topics, read from their beginning to what is their end now. Raises BrokerUnavailable."""
    seen = Seen()
    ends = {place: end for place, end in (await end_offsets(bootstrap, topics)).items() if end}
    async with _consumer(bootstrap, ends) as consumer:
        left = dict(ends)
        while left:
            found = await consumer.getmany(timeout_ms=_POLL_MS)
            for place, messages in found.items():
                for message in messages:
                    seen.add(message, registry)
                if (await consumer.position(place)) >= ends[place.topic, place.partition]:
                    left.pop((place.topic, place.partition), None)
    return seen


# Private functions
# -----------------


@asynccontextmanager
async def _consumer(bootstrap: str, places: Iterable[tuple[str, int]]) -> AsyncIterator[Any]:
    """A consumer of these partitions from their beginning, in no group."""
    with translated("topics", "run `hub demo` again"):
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=_POLL_MS
        )
        try:
            await consumer.start()
            assigned = [TopicPartition(*place) for place in places]
            consumer.assign(assigned)
            if assigned:
                await consumer.seek_to_beginning(*assigned)
            yield consumer
        finally:
            await consumer.stop()
