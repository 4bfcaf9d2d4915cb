"""The whole log as the broker keeps it, read with another client than the hub's own."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from confluent_kafka import Consumer, Message, TopicPartition

ID_HEADER = "ce_id"

_TIMEOUT_SECONDS = 30.0
_WAIT_SECONDS = 0.3
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One message with its place and the broker's time, in milliseconds of the epoch."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def event_id(self) -> str:
        """The CloudEvents id that the hub gave it, "" when it has none."""
        return next((value.decode() for name, value in self.headers if name == ID_HEADER), "")

    @property
    def content(self) -> tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]:
        """What must be the same in every copy of a message."""
        return self.key, self.value, self.headers


Log = dict[str, list[Row]]
"""Rows by topic, ordered by partition and offset."""


def read_log(bootstrap: str, topics: Iterable[str]) -> Log:
    """Return every message that the topics hold now."""
    log: Log = {name: [] for name in topics}
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "enable.auto.commit": False})
    try:
        ends = _ends(consumer, log)
        consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in ends])
        wanted, deadline = sum(ends.values()), time.monotonic() + _TIMEOUT_SECONDS
        while wanted > 0:
            assert time.monotonic() < deadline, "the broker gives no more messages"
            for row in map(_row, consumer.consume(_AT_ONCE, timeout=_WAIT_SECONDS)):
                if row.offset < ends[row.topic, row.partition]:
                    log[row.topic].append(row)
                    wanted -= 1
    finally:
        consumer.close()
    return {topic: sorted(rows, key=lambda row: (row.partition, row.offset)) for topic, rows in log.items()}


# Private functions
# -----------------


def _ends(consumer: Consumer, topics: Iterable[str]) -> dict[tuple[str, int], int]:
    known = consumer.list_topics(timeout=_TIMEOUT_SECONDS).topics
    places = [TopicPartition(topic, partition) for topic in topics for partition in known[topic].partitions]
    ends = {}
    for place in places:
        low, high = consumer.get_watermark_offsets(place, timeout=_TIMEOUT_SECONDS)
        assert low == 0, "the beginning of the log is gone"
        if high:
            ends[place.topic, place.partition] = high
    return ends


def _row(message: Message) -> Row:
    error = message.error()
    assert error is None, str(error)
    # It is typed as whatever may be sent; what is read is pairs with bytes.
    headers = cast("list[tuple[str, bytes]]", message.headers() or [])
    return Row(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp_ms=message.timestamp()[1],
        key=message.key() or b"",
        value=message.value() or b"",
        headers=tuple(headers),
    )
