"""The Faust app of a worker, built in a function: one agent for each stream loop, settings as measured.

No tables, no `exactly_once`, no web server, concurrency 1, raw bytes. Partitions are spread one by one over the workers
(round robin), so that topics with one partition, such as the partners', do not all land on the same worker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import faust

from hub.agents.loop import Loop
from hub.agents.quick import QuickApp
from hub.flow.outcome import Incoming
from hub.settings import Settings

Moved = Callable[[frozenset[tuple[str, int]]], None]
"""Told the (topic, partition) pairs that were taken from this worker, or that it has now."""

_DAY: Final = 86_400.0
_QUIET_TURNS: Final = 10
"""Turns of the event loop without a message after which none is at hand; Faust takes a few turns to hand one over."""


def build_app(settings: Settings, loops: Sequence[Loop], on_revoked: Moved, on_assigned: Moved) -> faust.App:
    """Return the app that runs the loops; it is not started.

    on_revoked is called before partitions go to another worker (drop what is cached), on_assigned with all that this
    worker has from then on.
    """
    app = QuickApp(settings.group_id, **_options(settings))
    for loop in loops:
        _add_agent(app, loop)

    app.on_partitions_revoked.connect(_telling(on_revoked), weak=False)
    app.on_partitions_assigned.connect(_telling(on_assigned), weak=False)
    return app


class FaustSource:
    """The messages of one Faust stream, read from its queue in whole batches.

    Reading the queue, and not the stream's iterator, leaves out what the iterator adds to each message, and its habit (in
    pure Python) of acknowledging messages of an earlier assignment that it skips: such messages are dropped here, and
    come again from the committed offset.
    """

    def __init__(self, app: faust.App, stream: Any) -> None:
        self._app = app
        self._queue = stream.channel.queue
        self._events: list[Any] = []

    async def take(self, limit: int) -> list[Incoming]:
        """Wait for messages and return those that are there, at most `limit`, in order within each partition."""
        while True:
            events = [await self._queue.get()]
            quiet = 0
            while len(events) < limit and quiet < _QUIET_TURNS:
                if self._queue.empty():
                    quiet += 1
                    await asyncio.sleep(0)
                else:
                    quiet = 0
                    events.append(self._queue.get_nowait())
            generation = self._app.consumer_generation_id
            self._events = [event for event in events if event.message.generation_id == generation]
            if self._events:
                return [_incoming(event.message) for event in self._events]

    def ack(self, batch: Sequence[Incoming]) -> None:
        """Acknowledge what `take` returned last: all of it, without giving way, so that no commit falls in between."""
        assert len(batch) == len(self._events)
        for event in self._events:
            event.ack()
        self._events = []


def committed(app: faust.App) -> dict[tuple[str, int], int]:
    """Return the next offset to handle, by (topic, partition), as the broker had it when the worker got the partition."""
    # faust has no public way to read it without a request to the broker
    offsets: Mapping[Any, int | None] = app.consumer._committed_offset  # type: ignore[attr-defined]  # noqa: SLF001
    return {(place.topic, place.partition): offset for place, offset in offsets.items() if offset is not None}


# Private functions
# -----------------


def _add_agent(app: faust.App, loop: Loop) -> None:
    topic = app.topic(
        *loop.route.topics, key_serializer="raw", value_serializer="raw", allow_empty=True, internal=False
    )

    async def agent(stream: Any) -> None:
        await loop.run(FaustSource(app, stream))

    app.agent(topic, name=loop.route.name, concurrency=1)(agent)


def _telling(tell: Moved) -> Callable[..., Awaitable[None]]:
    async def told(_: Any, *args: Any, **__: Any) -> None:
        tell(_pairs(args[0]))

    return told


def _options(settings: Settings) -> dict[str, Any]:
    folder = Path(settings.data_folder).absolute() / "faust"
    return {
        "broker": [f"kafka://{broker}" for broker in settings.bootstrap.split(",")],
        "datadir": folder,
        "store": "memory://",
        "web_enabled": False,
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "table_standby_replicas": 0,
        "stream_wait_empty": False,
        "stream_buffer_maxsize": 4 * settings.batch_limit,
        "broker_max_poll_records": settings.batch_limit,
        "broker_session_timeout": settings.session_timeout,
        "broker_heartbeat_interval": settings.heartbeat,
        "broker_commit_interval": settings.commit_interval,
        "broker_max_poll_interval": _DAY,
        "broker_commit_livelock_soft_timeout": _DAY,
        "stream_processing_timeout": _DAY,
        "consumer_auto_offset_reset": "earliest",
        "worker_redirect_stdouts": False,
    }


def _pairs(partitions: Iterable[Any]) -> frozenset[tuple[str, int]]:
    return frozenset((pair.topic, pair.partition) for pair in partitions)


def _incoming(message: Any) -> Incoming:
    return Incoming(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp_ms=round(message.timestamp * 1000),
        key=message.key,
        value=message.value or b"",
        headers=tuple(message.headers or ()),
    )
