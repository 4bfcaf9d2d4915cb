"""How far behind a worker is: the end of each of its partitions, asked of the broker, against what it has handled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from hub.errors import BrokerUnavailable

Pair = tuple[str, int]


class LogEnds:
    """A connection of its own, outside every consumer group, that asks where partitions end; opened when first used."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap.split(",")
        self._consumer: AIOKafkaConsumer | None = None

    async def behind(self, pairs: Iterable[Pair], done: Mapping[Pair, int]) -> dict[Pair, int]:
        """Return how many messages wait in each partition. done: the next offset to handle, where known.

        Raises BrokerUnavailable when the broker does not answer.
        """
        places = [TopicPartition(topic, partition) for topic, partition in pairs]
        fresh = [place for place in places if tuple(place) not in done]
        try:
            consumer = await self._connected()
            ends = await consumer.end_offsets(places)
            starts = await consumer.beginning_offsets(fresh) if fresh else {}
        except KafkaError as error:
            name = type(error).__name__
            raise BrokerUnavailable.of("BROKER_SILENT", f"the end of the log is not known: `{name}`") from None
        return {
            (place.topic, place.partition): max(0, end - done.get((place.topic, place.partition), starts.get(place, 0)))
            for place, end in ends.items()
        }

    async def stop(self) -> None:
        """Close the connection."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    # Private functions
    # -----------------

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
            self._consumer = consumer
            try:
                await consumer.start()
            except BaseException:
                self._consumer = None
                await consumer.stop()
                raise
        return self._consumer
