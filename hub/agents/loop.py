"""The one stream loop: take a batch, handle it, emit in order, count, acknowledge; every fault to its ending.

Nothing else emits, buries, counts or acknowledges. A batch is what waits in the queue (no timer), of whatever topics and
partitions; its stage i is accepted by the broker before stage i+1 begins (invariant 2), and the batch is acknowledged
only when all is accepted (invariant 6). Faust acknowledges a message even when its agent raises: so nothing is
raised out of `run`; a fault that is not foreseen ends the process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final, NoReturn, Protocol, TypeVar

from hub.agents.ceiling import Ceiling
from hub.agents.emitter import Stage
from hub.agents.endings import EmitTooLarge, End, burial_label, describe, exit_code, fault_label
from hub.agents.killpoints import KillPoints
from hub.agents.pulse import Pulse
from hub.errors import MessageFault, PassingFault
from hub.flow.outcome import Count, Emit, Handler, Incoming, Result
from hub.telemetry.logs import Log
from hub.telemetry.metrics import Metrics

Bury = Callable[[Incoming, MessageFault], Emit]
"""Makes the dead letter of a message: its bytes encrypted, with the reason and where it came from."""

T = TypeVar("T")

_END_OF_STREAM: Final = (asyncio.CancelledError, StopAsyncIteration)
"""How Faust ends the stream of a worker that stops."""


@dataclass(frozen=True, slots=True)
class Route:
    """One agent: its name (a metric label), the topics it reads, and the use case that handles them."""

    name: str
    topics: tuple[str, ...]
    handler: Handler


class Source(Protocol):
    """Where batches come from and where they are acknowledged: the Faust stream, or a list in a test."""

    async def take(self, limit: int) -> list[Incoming]:
        """Wait for messages and return those that are there, at most `limit`, in order within each partition."""

    def ack(self, batch: Sequence[Incoming]) -> None:
        """Acknowledge what `take` returned last."""


class Sender(Protocol):
    """What takes emits to the broker: the `Emitter`, or a list in a test."""

    def check(self, emits: Iterable[Emit]) -> None:
        """Raise EmitTooLarge when one of them is larger than the broker takes; nothing is sent."""

    async def send(self, stage: Stage) -> None:
        """Return when every emit of the stage is accepted; raise BrokerUnavailable to be called again with it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What all loops of a worker share."""

    emitter: Sender
    bury: Bury
    metrics: Metrics
    log: Log
    end: End
    kill: KillPoints
    limit: int
    retry_min: float
    retry_max: float


class Loop:
    """The stream loop of one route. `pulse` says what it is doing, for health checks and an orderly stop."""

    def __init__(self, route: Route, tools: Tools, ceiling: Ceiling) -> None:
        self.route = route
        self.pulse = Pulse()
        self.done: dict[tuple[str, int], int] = {}
        """The next offset to handle of each (topic, partition) it has acknowledged from."""
        self._tools = tools
        self._ceiling = ceiling

    async def run(self, source: Source) -> None:
        """Handle batches until the worker stops. Returns or is cancelled only then; a fault ends the process instead."""
        try:
            while not self.pulse.stopping():
                batch = await source.take(self._tools.limit)
                if self.pulse.stopping():
                    return
                with self.pulse.busy():
                    await self._batch(batch)
                    source.ack(batch)
                    self.done.update({(message.topic, message.partition): message.offset + 1 for message in batch})
                    self._passing("after-ack")
        except _Stopped:
            return
        except BaseException as error:
            if not (self.pulse.stopping() and isinstance(error, _END_OF_STREAM)):
                self._end(error)
            if isinstance(error, asyncio.CancelledError):
                raise

    # Private functions
    # -----------------

    def _end(self, error: BaseException) -> NoReturn:
        self._tools.log.error("worker ends, batch unacknowledged", agent=self.route.name, **describe(error))
        self._tools.end(exit_code(error))

    async def _batch(self, batch: Sequence[Incoming]) -> None:
        self._count("hub_received_total", len(batch))
        result = await self._handled(batch)
        lost = {_place(message) for message, _ in result.buried}
        self._ceiling.saw((message.topic, _place(message) in lost) for message in batch)
        await self._emit(_merged([result], [self._tools.bury(message, fault) for message, fault in result.buried]))
        for _, fault in result.buried:
            self._tools.metrics.count(Count("hub_dead_letters_total", (self.route.name, burial_label(fault))))
        self._tools.metrics.count_all(result.counts)

    async def _handled(self, batch: Sequence[Incoming]) -> Result:
        self._passing("before-handle")
        started = time.perf_counter()
        result = await self._persist(lambda: self.route.handler(batch))
        self._count("hub_decision_seconds", (time.perf_counter() - started) / len(batch))
        self._count("hub_batch_messages", len(batch))
        self._passing("after-store")
        try:
            for stage in result.stages:
                self._tools.emitter.check(stage)
        except EmitTooLarge as fault:
            return await self._without_large(batch, fault)
        return result

    async def _without_large(self, batch: Sequence[Incoming], fault: EmitTooLarge) -> Result:
        """Handle the messages one by one, so that the one that asks for too much is buried and the others go on."""
        if len(batch) == 1:
            return Result(buried=((batch[0], fault),))
        parts = [await self._handled([message]) for message in batch]
        return Result(
            stages=tuple(_merged(parts, [])),
            buried=tuple(entry for part in parts for entry in part.buried),
            counts=tuple(count for part in parts for count in part.counts),
        )

    async def _emit(self, stages: Sequence[Sequence[Emit]]) -> None:
        for number, emits in enumerate(stages):
            self._passing("between-stages" if number else "before-stage-0")
            stage = Stage(emits)
            started = time.perf_counter()
            await self._persist(lambda stage=stage: self._tools.emitter.send(stage))  # type: ignore[misc]
            self._count("hub_emit_seconds", time.perf_counter() - started)
        self._passing("after-stage-1-before-ack")

    async def _persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until it goes: a passing fault is waited out, in place, unless the worker is told to stop."""
        wait, tries = self._tools.retry_min, 0
        while True:
            try:
                result = await attempt()
            except PassingFault as fault:
                tries += 1
                self._note(fault, tries, wait)
            else:
                self.pulse.went_well()
                return result
            if await self.pulse.stopped_within(wait):
                raise _Stopped
            wait = min(wait * 2, self._tools.retry_max)

    def _note(self, fault: PassingFault, tries: int, wait: float) -> None:
        self.pulse.waits_for(fault.faults[0].code)
        self._tools.metrics.count(Count("hub_retries_total", (self.route.name, fault_label(fault))))
        self._tools.log.warning(
            "batch is tried again", agent=self.route.name, attempt=tries, seconds=wait, **describe(fault)
        )

    def _passing(self, point: str) -> None:
        self._tools.kill.passing(point, self.route.name)

    def _count(self, metric: str, value: float) -> None:
        self._tools.metrics.count(Count(metric, (self.route.name,), value))


class _Stopped(Exception):
    """The worker stops while a batch waits to be tried again; the batch stays unacknowledged."""


def _place(message: Incoming) -> tuple[str, int, int]:
    return message.topic, message.partition, message.offset


def _merged(results: Sequence[Result], letters: Sequence[Emit]) -> list[tuple[Emit, ...]]:
    """Return stage i of all results together, the dead letters first in stage 0."""
    levels = zip_longest(*(result.stages for result in results), fillvalue=())
    first, *later = [tuple(chain.from_iterable(level)) for level in levels] or [()]
    return [(*letters, *first), *later]
