"""Looking into the log and putting one message back, for people at the desk; the agents read and write by other means."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from hub.connectors.kafka_admin import describe
from hub.connectors.partner.faults import require, translated
from hub.errors import InputFault
from hub.flow.outcome import Incoming
from hub.schemas.topics import MAX_MESSAGE_BYTES

_TIMEOUT_MS: Final = 15_000
_POLL_MS: Final = 1_000
_LARGEST: Final = 32 * MAX_MESSAGE_BYTES
"""Bytes before compression: what came compressed must be able to go back compressed; the broker has the last word."""

_REMEDY: Final = "check that the broker runs, then try again"


async def read_all(bootstrap: str, topic: str) -> list[Incoming]:
    """Return every message that the topic keeps now, oldest first in each partition.

    Raises BrokerUnavailable; ConfigurationFault when there is no such topic or no right to it.
    """
    return [message async for batch in batches(bootstrap, topic) for message in batch]


async def batches(bootstrap: str, topic: str) -> AsyncIterator[list[Incoming]]:
    """Yield every message that the topic keeps now, batch by batch, partition by partition, oldest first. Raises as `read_all`."""
    async with _consumer(bootstrap, topic) as consumer:
        places = await _places(bootstrap, topic)
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        for place in places:
            while await consumer.position(place) < ends[place]:
                batch = await consumer.getmany(place, timeout_ms=_POLL_MS)
                yield [_incoming(m) for m in batch.get(place, ()) if m.offset < ends[place]]


async def read_at(bootstrap: str, topic: str, partition: int, offset: int) -> Incoming:
    """Return the message at one place. Raises InputFault when it is no longer kept; else as `read_all`."""
    async with _consumer(bootstrap, topic) as consumer:
        place = TopicPartition(topic, partition)
        if place not in await _places(bootstrap, topic):
            raise _gone(topic, partition, offset)
        first, end = await consumer.beginning_offsets([place]), await consumer.end_offsets([place])
        if not first[place] <= offset < end[place]:
            raise _gone(topic, partition, offset)
        consumer.assign([place])
        consumer.seek(place, offset)
        while await consumer.position(place) < end[place]:
            for message in (await consumer.getmany(place, timeout_ms=_POLL_MS, max_records=1)).get(place, ()):
                if message.offset == offset:
                    return _incoming(message)
                raise _gone(topic, partition, offset)
    raise _gone(topic, partition, offset)


async def kept(bootstrap: str, topic: str) -> int:
    """Return how many messages the topic keeps now. Raises as `read_all`."""
    async with _consumer(bootstrap, topic) as consumer:
        places = await _places(bootstrap, topic)
        first, end = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    return sum(end[place] - first[place] for place in places)


async def put(
    bootstrap: str, topic: str, key: bytes | None, value: bytes, headers: Iterable[tuple[str, bytes]]
) -> tuple[int, int]:
    """Publish one message and return its partition and offset, once every replica in sync has it. Raises as `read_all`."""
    with translated(topic, _REMEDY):
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            acks="all",
            enable_idempotence=True,
            compression_type="lz4",
            max_request_size=_LARGEST,
            request_timeout_ms=_TIMEOUT_MS,
        )
        try:
            await producer.start()
            require(topic, (await producer.client.fetch_all_metadata()).topics())
            sent = await producer.send_and_wait(topic, value, key=key, headers=list(headers))
        finally:
            await producer.stop()
    return sent.partition, sent.offset


# Private functions
# -----------------


@asynccontextmanager
async def _consumer(bootstrap: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    with translated(topic, _REMEDY):
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS, max_partition_fetch_bytes=2 * MAX_MESSAGE_BYTES
        )
        try:
            await consumer.start()
            yield consumer
        finally:
            await consumer.stop()


async def _places(bootstrap: str, topic: str) -> list[TopicPartition]:
    found = await describe(bootstrap, [topic])
    require(topic, set(found))
    return [TopicPartition(topic, number) for number in range(found[topic].partitions)]


def _incoming(message: ConsumerRecord) -> Incoming:
    return Incoming(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp_ms=message.timestamp,
        key=message.key,
        value=message.value or b"",
        headers=tuple(message.headers),
    )


def _gone(topic: str, partition: int, offset: int) -> InputFault:
    return InputFault.of("NO_LONGER_KEPT", "the log no longer holds this message", f"{topic}/{partition}/{offset}")
