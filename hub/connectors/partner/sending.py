"""Sending: one idempotent producer on the agency's own topic. A send ends when the broker has the message, or in an error."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from hub.connectors.kafka_producer import abandon, new_producer
from hub.connectors.partner.faults import require, translated
from hub.connectors.partner.writing import Outgoing

Progress = Callable[[int, int], None]
"""Told how many messages the broker has, of how many."""

_PARTITION: Final = 0
"""Partner topics have one partition each (hub/schemas/topics.py): the agency's own order is kept."""

_REMEDY: Final = "it may have arrived: publish it again under the same id, of which the hub takes one"


@dataclass(frozen=True, slots=True)
class Published:
    """Where the broker keeps a message. offset: -1 where the broker had it already from an attempt of the same client."""

    message_id: str
    topic: str
    partition: int
    offset: int


class Producer:
    """Sends to one topic, in order: a batch leaves when the broker has the one before.

    patience: seconds that the broker has for one answer.
    """

    def __init__(self, bootstrap: str, topic: str, patience: float) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._patience = patience
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, messages: Sequence[Outgoing], progress: Progress) -> list[Published]:
        """Send in order, and return where each message is once the broker has all of them.

        Raises BrokerUnavailable when it is not known whether the rest arrived, ConfigurationFault when the broker refuses.
        """
        waiting, published = deque(messages), list[Published]()
        while waiting:
            published += await self._send_some(waiting)
            progress(len(published), len(messages))
        return published

    async def close(self) -> None:
        """Close the connection; what the broker has not taken by now is given up, and its `send` raises."""
        if self._producer is not None:
            await self._drop(self._producer)

    # Private functions
    # -----------------

    async def _send_some(self, waiting: deque[Outgoing]) -> list[Published]:
        with translated(self._topic, _REMEDY):
            producer = await self._ready()
            batch, ids = producer.create_batch(), list[str]()
            while waiting and _append(batch, waiting[0]):
                ids.append(waiting.popleft().message_id)
            try:
                async with asyncio.timeout(self._patience):
                    sent = await (await producer.send_batch(batch, self._topic, partition=_PARTITION))
            except (KafkaError, OSError, TimeoutError):
                await self._drop(producer)
                raise
        first = sent.offset
        return [Published(id_, self._topic, _PARTITION, first + n if first >= 0 else -1) for n, id_ in enumerate(ids)]

    async def _ready(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                self._producer = await self._started()
            return self._producer

    async def _started(self) -> AIOKafkaProducer:
        producer = new_producer(self._bootstrap, self._patience)
        try:
            async with asyncio.timeout(self._patience):
                await producer.start()
                require(self._topic, (await producer.client.fetch_all_metadata()).topics())
        except BaseException:
            await abandon(producer)
            raise
        return producer

    async def _drop(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        await abandon(producer)


# Private functions
# -----------------


def _append(batch: Any, message: Outgoing) -> bool:
    """Add a message to a batch; False when it has no room, which an empty batch always has."""
    key = message.message_id.encode()
    added = batch.append(timestamp=None, key=key, value=message.value, headers=list(message.headers))
    return added is not None
