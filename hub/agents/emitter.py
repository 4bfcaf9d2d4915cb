"""The one producer of a worker: sends a stage and returns when the broker has accepted all of it.

Order: the emits of a stage that go to one partition leave in order, one batch after the other, the next only when the broker
has taken the one before. So nothing overtakes a withdrawal, not even when a send fails half-way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.partitioner import murmur2

from hub.agents.endings import EmitTooLarge
from hub.connectors.kafka_producer import abandon, new_producer
from hub.errors import BrokerUnavailable, ConfigurationFault, HubError
from hub.flow.outcome import Emit

_OVERHEAD: Final = 512
"""Bytes that Kafka's own record and batch headers may add to a message."""

_HASHES: Final = 8_192


class Stage:
    """Emits that are to be accepted before anything else goes on; remembers how far an unfinished send has come."""

    def __init__(self, emits: Sequence[Emit]) -> None:
        self.emits = tuple(emits)
        self.task: asyncio.Task[None] | None = None


class Emitter:
    """One idempotent Kafka producer (`acks=all`, lz4) for all agents of a worker.

    limit: bytes of the largest message it sends. patience: seconds after which an unanswered send counts as a passing fault.
    """

    def __init__(self, bootstrap: str, *, limit: int, patience: float) -> None:
        self._bootstrap = bootstrap.split(",")
        self._limit = limit
        self._patience = patience
        self._producer: AIOKafkaProducer | None = None
        self._partitions: dict[str, int] = {}
        self._starting = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect. Raises BrokerUnavailable when no broker answers."""
        await self._ready()

    def check(self, emits: Iterable[Emit]) -> None:
        """Raise EmitTooLarge when one of them is larger than the limit; nothing is sent."""
        for emit in emits:
            if _size(emit) > self._limit:
                raise EmitTooLarge.of("EMIT_TOO_LARGE", f"more than {self._limit} bytes for `{emit.topic}`")

    async def send(self, stage: Stage) -> None:
        """Send the stage and return when the broker has accepted every emit in it.

        Raises BrokerUnavailable when the broker gives no answer in time: call again with the same stage, and what was
        under way goes on, nothing is sent twice that need not be. Raises ConfigurationFault when the broker refuses.
        """
        if not stage.emits:
            return
        if stage.task is None:
            stage.task = asyncio.create_task(self._send(stage.emits))
            self._running.add(stage.task)
            stage.task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({stage.task}, timeout=self._patience)
        if not done:
            raise BrokerUnavailable.of("BROKER_SILENT", "the broker has not answered")
        task, stage.task = stage.task, None
        fault = await _fault_of(task)
        if fault is not None:
            await self._drop()
            raise fault

    async def ping(self) -> None:
        """Return when a broker answers; raise BrokerUnavailable when none does."""
        if self._producer is None or not await self._producer.client.force_metadata_update():
            raise BrokerUnavailable.of("BROKER_SILENT", "no broker answers")

    async def stop(self) -> None:
        """Close the connections. What is not accepted by now is given up; its input is unacknowledged."""
        for task in self._running:
            task.cancel()
        await self._drop()

    # Private functions
    # -----------------

    async def _ready(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                self._producer = await self._started()
            return self._producer

    async def _started(self) -> AIOKafkaProducer:
        producer = new_producer(self._bootstrap, self._patience, max_request_size=self._limit + _OVERHEAD)
        try:
            async with asyncio.timeout(self._patience):
                await producer.start()
        except (KafkaError, TimeoutError):
            await abandon(producer)
            raise BrokerUnavailable.of("BROKER_SILENT", "no broker answers") from None
        return producer

    async def _send(self, emits: Sequence[Emit]) -> None:
        producer = await self._ready()
        chains: dict[tuple[str, int], list[Emit]] = {}
        for emit in emits:
            place = emit.topic, await self._partition(producer, emit)
            chains.setdefault(place, []).append(emit)
        await _all([_chain(producer, place, chain) for place, chain in chains.items()])

    async def _partition(self, producer: AIOKafkaProducer, emit: Emit) -> int:
        count = self._partitions.get(emit.topic)
        if count is None:
            count = self._partitions[emit.topic] = len(await producer.partitions_for(emit.topic))
        return _hashed(emit.key) % count if count > 1 else 0

    async def _drop(self) -> None:
        producer, self._producer = self._producer, None
        self._partitions.clear()
        if producer is not None:
            await abandon(producer)


# Private functions
# -----------------


async def _chain(producer: AIOKafkaProducer, place: tuple[str, int], emits: list[Emit]) -> None:
    topic, partition = place
    waiting = iter(emits)
    emit = next(waiting, None)
    while emit is not None:
        batch = producer.create_batch()
        while emit is not None and _append(batch, emit):
            emit = next(waiting, None)
        await (await producer.send_batch(batch, topic, partition=partition))


def _append(batch: Any, emit: Emit) -> bool:
    added = batch.append(timestamp=None, key=emit.key, value=emit.value, headers=list(emit.headers))
    return added is not None


async def _all(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all; when one fails, end the others and raise its error."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in pending:
        task.cancel()
    for task in done:
        task.result()


async def _fault_of(task: asyncio.Task[None]) -> HubError | None:
    try:
        await task
    except HubError as fault:
        return fault
    except (MessageSizeTooLargeError, RecordListTooLargeError):
        return ConfigurationFault.of("BROKER_LIMIT", "the broker takes smaller messages than HUB_MAX_MESSAGE_BYTES")
    except KafkaError as error:
        name = type(error).__name__
        if error.retriable or not _is_refusal(error):
            return BrokerUnavailable.of("BROKER_FAULT", f"the broker answered `{name}`")
        return ConfigurationFault.of("BROKER_REFUSED", f"the broker answered `{name}`")
    return None


def _is_refusal(error: KafkaError) -> bool:
    return "Authorization" in type(error).__name__ or "Authentication" in type(error).__name__


@lru_cache(maxsize=_HASHES)
def _hashed(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF


def _size(emit: Emit) -> int:
    headers = sum(len(name) + len(value) for name, value in emit.headers)
    return len(emit.key) + len(emit.value) + headers + _OVERHEAD
