"""Reading: one agency's topic, by one consumer group, whose position moves only when it is told to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError

from hub.connectors.partner.faults import require, translated
from hub.errors import BrokerUnavailable
from hub.schemas.topics import MAX_MESSAGE_BYTES

_POLL_MS: Final = 500
_SESSION_SECONDS: Final = 10.0
"""After this silence a consumer's partition goes to another one; an answer on joining may take as long."""

_REMEDY: Final = "nothing is lost: ask again, and it goes on where it stopped"


class Source:
    """Messages of one partner topic (one partition) in order, from the group's position, or the oldest at its first use.

    follow: wait for more at the end; otherwise end at what was the end on starting. patience: seconds that the broker has
    for one answer. It connects when the first message is asked for.
    """

    def __init__(self, bootstrap: str, topic: str, group: str, *, follow: bool, patience: float) -> None:
        self._bootstrap = bootstrap
        self._place = TopicPartition(topic, 0)
        self._group = group
        self._follow = follow
        self._patience = patience
        self._end = 0
        self._assigned = asyncio.Event()
        self._consumer: AIOKafkaConsumer | None = None

    async def next(self) -> ConsumerRecord | None:
        """Return the next message; None at the end, when not following. Raises BrokerUnavailable, ConfigurationFault."""
        with translated(self._place.topic, _REMEDY):
            consumer = self._consumer or await self._start()
            if self._follow:
                _heed_cancellation()
                return await consumer.getone()
            await self._wait_assigned()
            async with asyncio.timeout(self._patience):
                return await self._before_end(consumer)

    async def commit(self, offset: int) -> None:
        """Move the group's position to this offset, the next to be read. Raises BrokerUnavailable."""
        if self._consumer is None:
            return
        with translated(self._place.topic, _REMEDY):
            try:
                async with asyncio.timeout(self._patience):
                    await self._consumer.commit({self._place: offset})
            except (CommitFailedError, IllegalStateError):
                # Another member of the group reads on from the position before: it gets this message again, by design.
                return

    async def close(self) -> None:
        """Leave the group and disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    # Private functions
    # -----------------

    async def _start(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=_seniority(),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=2 * MAX_MESSAGE_BYTES,
            session_timeout_ms=int(_SESSION_SECONDS * 1000),
            request_timeout_ms=int((_SESSION_SECONDS + self._patience) * 1000),
        )
        try:
            async with asyncio.timeout(self._patience):
                await consumer.start()
                require(self._place.topic, await consumer.topics())
                self._end = 0 if self._follow else (await consumer.end_offsets([self._place]))[self._place]
        except BaseException:
            await consumer.stop()
            raise
        consumer.subscribe([self._place.topic], listener=_Listener(self._place, self._assigned))
        self._consumer = consumer
        return consumer

    async def _wait_assigned(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._assigned.wait()
        except TimeoutError:
            await self.close()
            text = f"the group `{self._group}` has given its partition to another consumer"
            remedy = "stop that one, wait until it is given up (10 s after a crash), or name another group"
            raise BrokerUnavailable.of("GROUP_BUSY", text, self._place.topic, remedy) from None

    async def _before_end(self, consumer: AIOKafkaConsumer) -> ConsumerRecord | None:
        while await consumer.position(self._place) < self._end:
            found = await consumer.getmany(self._place, timeout_ms=_POLL_MS, max_records=1)
            for message in found.get(self._place, ()):
                return message
        return None


# Private functions
# -----------------


def _heed_cancellation() -> None:
    """End here when this task was cancelled and a library on the way swallowed it (aiokafka does while it disconnects)."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _seniority() -> str:
    """Return a client id that sorts by start: aiokafka gives the one partition to the first id, so the oldest reads on."""
    return f"hub-partner-{time.time_ns():020}"


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Keeps an event set while the place is assigned to this consumer."""

    def __init__(self, place: TopicPartition, assigned: asyncio.Event) -> None:
        self._place = place
        self._event = assigned

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Note whether the place is among them."""
        if self._place in assigned:
            self._event.set()

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Note that nothing is assigned until the group has settled."""
        del revoked
        self._event.clear()
