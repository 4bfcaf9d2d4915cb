"""What every Sender promises the loop: the fake of the unit tests and the producer on a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from hub.agents.emitter import Emitter, Stage
from hub.agents.endings import EmitTooLarge
from hub.agents.loop import Sender
from hub.errors import BrokerUnavailable
from hub.flow.outcome import Emit
from tests.fakes.emitter import ListedEmitter

PARTITIONS = 3
LIMIT = 20_000
Read = Callable[[], Awaitable[dict[bytes, list[bytes]]]]


@pytest.fixture(params=["listed", "kafka"])
async def sender(request: pytest.FixtureRequest, unique: str) -> AsyncIterator[tuple[Sender, str, Read]]:
    """A sender, the topic to send to, and what returns the values that arrived, by key."""
    if request.param == "listed":
        listed = ListedEmitter(LIMIT)

        async def kept() -> dict[bytes, list[bytes]]:
            return _by_key([(emit.key, emit.value) for emit in listed.emits])

        yield listed, unique, kept
        return
    bootstrap: str = request.getfixturevalue("bootstrap")
    await _create(bootstrap, unique)
    emitter = Emitter(bootstrap, limit=LIMIT, patience=10)

    async def arrived() -> dict[bytes, list[bytes]]:
        return _by_key([(m.key, m.value) for m in await _read(bootstrap, unique)])

    yield emitter, unique, arrived
    await emitter.stop()


async def test_emits_of_one_key_arrive_once_and_in_order(sender: tuple[Sender, str, Read]) -> None:
    """Order per subject: a stage larger than one Kafka batch, and the stage after it, keep the order of each key."""
    emitter, topic, read = sender
    emits = [Emit(topic, f"key-{n % 7}".encode(), f"{n:06}".encode() + bytes(2000)) for n in range(1400)]

    await emitter.send(Stage(emits[:1000]))
    await emitter.send(Stage(emits[1000:]))

    assert _by_key([(emit.key, emit.value) for emit in emits]) == await read()


async def test_an_empty_stage_is_accepted(sender: tuple[Sender, str, Read]) -> None:
    """A batch that asks for nothing is no fault."""
    emitter, _, read = sender

    await emitter.send(Stage([]))

    assert {} == await read()


async def test_what_is_too_large_is_found_before_anything_is_sent(sender: tuple[Sender, str, Read]) -> None:
    """The message behind it can be buried; nothing of it has left."""
    emitter, topic, read = sender

    with pytest.raises(EmitTooLarge):
        emitter.check([Emit(topic, b"k", b"small"), Emit(topic, b"k", bytes(LIMIT + 1))])

    assert {} == await read()


async def test_without_a_broker_the_fault_passes() -> None:
    """No broker is a passing fault, at the start and at every send; `stop` does not wait for one."""
    emitter = Emitter("127.0.0.1:1", limit=LIMIT, patience=0.5)

    with pytest.raises(BrokerUnavailable):
        await emitter.start()
    with pytest.raises(BrokerUnavailable):
        await emitter.ping()
    stage = Stage([Emit("nowhere", b"k", b"v")])
    for _ in range(2):
        with pytest.raises(BrokerUnavailable):
            await emitter.send(stage)
    await emitter.stop()


async def test_a_topic_that_is_missing_is_waited_for(bootstrap: str, unique: str) -> None:
    """A stage for a topic that does not exist yet is kept, and goes when the topic is there, once."""
    emitter = Emitter(bootstrap, limit=LIMIT, patience=1)
    stage = Stage([Emit(unique, b"k", b"v")])
    with pytest.raises(BrokerUnavailable):
        await emitter.send(stage)

    await _create(bootstrap, unique)
    async with asyncio.timeout(30):
        while True:
            try:
                await emitter.send(stage)
                break
            except BrokerUnavailable:
                continue

    assert [b"v"] == [message.value for message in await _read(bootstrap, unique)]
    await emitter.stop()


async def test_keys_go_where_every_kafka_client_puts_them(bootstrap: str, unique: str) -> None:
    """Partner clients, replays and tools agree with the hub on the partition of a subject."""
    await _create(bootstrap, unique)
    keys = [f"subject-{number}".encode() for number in range(50)]
    emitter = Emitter(bootstrap, limit=LIMIT, patience=10)
    await emitter.send(Stage([Emit(unique, key, b"hub") for key in keys]))
    await emitter.stop()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for key in keys:
        await producer.send_and_wait(unique, b"other", key)
    await producer.stop()

    places: dict[bytes, set[int]] = {}
    for message in await _read(bootstrap, unique):
        places.setdefault(message.key or b"", set()).add(message.partition)

    assert {1} == {len(found) for found in places.values()}
    assert PARTITIONS == len(set.union(*places.values()))


async def _create(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    await admin.close()


async def _read(bootstrap: str, topic: str) -> list[Any]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    consumer.assign(places)
    ends = await consumer.end_offsets(places)
    found: list[Any] = []
    while any([await consumer.position(place) < ends[place] for place in places]):
        for batch in (await consumer.getmany(timeout_ms=200)).values():
            found += batch
    await consumer.stop()
    return found


def _by_key(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
