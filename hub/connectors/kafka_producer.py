"""How every producer of the hub is made and given up: idempotent, all replicas, and never waiting for a broker for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer

BATCH_BYTES: Final = 512 * 1024
_CLOSE_SECONDS: Final = 1.0


def new_producer(bootstrap: str | Sequence[str], patience: float, **more: Any) -> AIOKafkaProducer:
    """Return a producer that is not started. patience: seconds that one request to a broker may take."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        max_batch_size=BATCH_BYTES,
        request_timeout_ms=int(patience * 1000),
        **more,
    )


async def abandon(producer: AIOKafkaProducer) -> None:
    """Close a producer at once: its own `stop` waits until all is sent, which is for ever when there is no broker."""
    # aiokafka 0.14 has no public way: end the sender, the second time without its last requests, then the connections.
    sender = producer._sender.sender_task  # noqa: SLF001
    for _ in range(2):
        if sender is not None and not sender.done():
            sender.cancel()
            await asyncio.wait({sender}, timeout=_CLOSE_SECONDS)
    producer._closed = True  # noqa: SLF001
    await producer.client.close()
