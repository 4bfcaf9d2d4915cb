"""The order of the loop's steps, and how each fault ends, without a broker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NoReturn

import pytest
import structlog

from hub.agents.ceiling import Ceiling
from hub.agents.endings import EXIT_CEILING, EXIT_CONFIGURATION, EXIT_FAULT
from hub.agents.killpoints import KillPoints
from hub.agents.loop import Loop, Route, Tools
from hub.errors import KeyMissing, MessageFault, StoreUnavailable, UnreadableMessage
from hub.flow.outcome import Count, Emit, Handler, Incoming, Result
from hub.telemetry.metrics import Metrics
from tests.fakes.emitter import ListedEmitter


class Ended(BaseException):
    """The process would have ended with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ListedSource:
    """Gives the batches it was made with, then stops the loop as a worker would; remembers what was acknowledged."""

    def __init__(self, *batches: Sequence[Incoming]) -> None:
        self.acked: list[Incoming] = []
        self.emitted_before_ack: list[int] = []
        self.emitter = ListedEmitter(limit=100)
        self.loop: Loop | None = None
        self._batches = [list(batch) for batch in batches]

    async def take(self, limit: int) -> list[Incoming]:
        """Return the next batch."""
        assert self.loop is not None
        if self._batches:
            assert len(self._batches[0]) <= limit
            return self._batches.pop(0)
        self.loop.pulse.stop()
        raise StopAsyncIteration

    def ack(self, batch: Sequence[Incoming]) -> None:
        """Remember the batch, and what had been emitted by then."""
        self.acked += batch
        self.emitted_before_ack.append(len(self.emitter.emits))


def incoming(offset: int, partition: int = 0, value: bytes = b"v") -> Incoming:
    """A message at a place in the log."""
    return Incoming("topic", partition, offset, 0, b"key", value)


def bury(message: Incoming, fault: MessageFault) -> Emit:
    """A dead letter that tells which message it is."""
    return Emit("dead", b"k", f"{message.offset} {fault.faults[0].code}".encode())


async def run(source: ListedSource, handler: Handler, ceiling: Ceiling | None = None) -> Metrics:
    """Run a loop over the source to its end; raises Ended where the process would have ended."""

    def end(code: int) -> NoReturn:
        raise Ended(code)

    metrics = Metrics({"recipient_class": ["nhs"]}, strict=True)
    tools = Tools(
        emitter=source.emitter,
        bury=bury,
        metrics=metrics,
        log=structlog.testing.CapturingLogger(),
        end=end,
        kill=KillPoints(),
        limit=100,
        retry_min=0.001,
        retry_max=0.002,
    )
    source.loop = Loop(Route("decide", ("topic",), handler), tools, ceiling or Ceiling(1000, 1.0, 1000))
    await source.loop.run(source)
    return metrics


async def echo(batch: Sequence[Incoming]) -> Result:
    """One record and one release for each message."""
    return Result(
        stages=(
            tuple(Emit("records", b"k", f"{m.partition}/{m.offset}".encode()) for m in batch),
            tuple(Emit("releases", b"k", f"{m.partition}/{m.offset}".encode()) for m in batch),
        )
    )


async def test_records_of_all_partitions_go_before_any_release_and_all_before_the_ack() -> None:
    """Invariant 2: stage 0 of the whole batch is accepted before stage 1 begins; then, and only then, the ack."""
    batch = [incoming(5), incoming(9, partition=1), incoming(6)]
    source = ListedSource(batch)

    await run(source, echo)

    assert [["0/5", "1/9", "0/6"]] * 2 == [[emit.value.decode() for emit in stage] for stage in source.emitter.stages]
    assert ["records", "releases"] == [stage[0].topic for stage in source.emitter.stages]
    assert batch == source.acked
    assert [6] == source.emitted_before_ack


async def test_a_handler_sees_the_whole_batch_each_partition_in_order() -> None:
    """A use case may rely on the order of each partition (invariant 4), and asks the store once for all of them."""
    seen: list[list[tuple[int, int]]] = []

    async def watch(batch: Sequence[Incoming]) -> Result:
        seen.append([(m.partition, m.offset) for m in batch])
        return Result()

    await run(ListedSource([incoming(1), incoming(4, 1), incoming(2), incoming(5, 1)]), watch)

    assert [[(0, 1), (1, 4), (0, 2), (1, 5)]] == seen


async def test_a_dead_letter_goes_with_the_records_and_is_counted() -> None:
    """Nothing is lost: the letter is accepted before the message is acknowledged (invariant 6)."""

    async def bad(batch: Sequence[Incoming]) -> Result:
        return Result(buried=tuple((m, UnreadableMessage.of("NOT_FRAMED", "no frame")) for m in batch))

    source = ListedSource([incoming(1)], [incoming(2)])
    metrics = await run(source, bad)

    assert [b"1 NOT_FRAMED", b"2 NOT_FRAMED"] == [emit.value for emit in source.emitter.emits]
    assert [1, 2] == source.emitted_before_ack
    assert b'hub_dead_letters_total{agent="decide",reason="unreadable"} 2.0' in metrics.exposition()


async def test_only_the_message_that_asks_for_too_much_is_buried() -> None:
    """One emit that is too large costs its own message and no other (fail closed, nothing of it leaves)."""

    async def grow(batch: Sequence[Incoming]) -> Result:
        return Result(stages=((), tuple(Emit("releases", b"k", m.value) for m in batch)))

    source = ListedSource([incoming(1), incoming(2, value=bytes(101)), incoming(3, value=b"w")])
    await run(source, grow)

    assert [b"2 EMIT_TOO_LARGE", b"v", b"w"] == [emit.value for emit in source.emitter.emits]
    assert [1, 2, 3] == [message.offset for message in source.acked]


async def test_passing_faults_are_retried_in_place() -> None:
    """The same batch is handled again after a store fault, the same stage sent again after a broker fault."""
    calls: list[int] = []

    async def flaky(batch: Sequence[Incoming]) -> Result:
        calls.append(len(batch))
        if len(calls) < 3:
            raise StoreUnavailable.of("STORE_DOWN", "down")
        return await echo(batch)

    source = ListedSource([incoming(1)])
    source.emitter.failing = 2
    metrics = await run(source, flaky)

    assert [1, 1, 1] == calls
    assert [1] == [message.offset for message in source.acked]
    assert 2 == len(source.emitter.emits)
    assert b'hub_retries_total{agent="decide",fault="store"} 2.0' in metrics.exposition()
    assert b'hub_retries_total{agent="decide",fault="broker"} 2.0' in metrics.exposition()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("unforeseen"), EXIT_FAULT),
        (asyncio.CancelledError(), EXIT_FAULT),
        (MessageFault.of("X", "raised, not returned"), EXIT_FAULT),
        (KeyMissing.of("NO_KEY", "no key"), EXIT_CONFIGURATION),
    ],
)
async def test_any_other_fault_ends_the_process_unacknowledged(error: BaseException, code: int) -> None:
    """An exception never leaves the loop: Faust would acknowledge the message and go on (invariant 6)."""

    async def fail(batch: Sequence[Incoming]) -> Result:
        assert batch
        raise error

    source = ListedSource([incoming(1)])

    with pytest.raises(Ended) as ended:
        await run(source, fail)

    assert code == ended.value.code
    assert [] == source.acked
    assert [] == source.emitter.emits


async def test_the_ceiling_ends_the_process_before_the_letters_leave() -> None:
    """A worker that cannot handle anything stops before it has buried the log."""

    async def bad(batch: Sequence[Incoming]) -> Result:
        return Result(buried=tuple((m, UnreadableMessage.of("NOT_FRAMED", "no frame")) for m in batch))

    source = ListedSource([incoming(1)], [incoming(2), incoming(3)])

    with pytest.raises(Ended) as ended:
        await run(source, bad, Ceiling(run=3, ratio=1.0, window=100))

    assert EXIT_CEILING == ended.value.code
    assert [1] == [message.offset for message in source.acked]
    assert 1 == len(source.emitter.emits)


async def test_counts_are_taken_once_the_emits_are_accepted() -> None:
    """What a metric says has happened has happened."""

    async def counting(batch: Sequence[Incoming]) -> Result:
        return Result(counts=tuple(Count("hub_releases_total", ("nhs",)) for _ in batch))

    metrics = await run(ListedSource([incoming(1), incoming(2)]), counting)

    assert b'hub_releases_total{recipient_class="nhs"} 2.0' in metrics.exposition()
    assert b'hub_received_total{agent="decide"} 2.0' in metrics.exposition()


async def test_a_loop_that_waits_for_the_store_stops_when_told() -> None:
    """SIGTERM ends a worker whose batch cannot go on; the batch stays unacknowledged."""

    async def down(batch: Sequence[Incoming]) -> Result:
        assert batch
        assert source.loop is not None
        source.loop.pulse.stop()
        raise StoreUnavailable.of("STORE_DOWN", "down")

    source = ListedSource([incoming(1)])
    await run(source, down)

    assert [] == source.acked
