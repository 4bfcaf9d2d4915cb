"""Workers killed at every step of the loop, and brokers under them: nothing is lost, nothing is released unrecorded."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from pathlib import Path

from hub.agents.endings import EXIT_OK
from hub.agents.killpoints import POINTS
from hub.connectors.broker.process import EmbeddedBroker
from tests.support.loops import Line


def _values(label: str, count: int) -> list[bytes]:
    return [f"{label}-{number:05}".encode() for number in range(count)]


async def test_a_worker_killed_at_any_point_of_the_loop_loses_nothing(
    bootstrap: str, unique: str, tmp_path: Path
) -> None:
    """Killed at each named point, then started again: every input has its record and its release.

    At the moment of the kill no release exists without its record (invariant 2).
    """
    lines = [Line(bootstrap, f"{unique}-{point}", _folder(tmp_path, point)) for point in POINTS]
    values = _values("m", 200)
    try:
        for line in lines:
            await line.create()
            await line.publish(values)
        await asyncio.gather(*(_killed_at(line, point, values) for line, point in zip(lines, POINTS, strict=True)))
        await asyncio.gather(*(_reconciles(line, values) for line in lines))
    finally:
        for line in lines:
            line.close()


async def test_two_workers_share_partitions_and_one_is_killed(bootstrap: str, unique: str, tmp_path: Path) -> None:
    """The partitions of a killed worker go to the other one; every message has its record and its release."""
    line = Line(bootstrap, unique, tmp_path)
    await line.create()
    try:
        first, second = line.start(), line.start()
        for worker in (first, second):
            await worker.until("/metrics", 200, "hub_lag_messages{")
        batches = [_values(f"batch{number}", 300) for number in range(8)]
        for number, batch in enumerate(batches):
            await line.publish(batch)
            if number == len(batches) // 2:
                first.kill()
        await line.until("releases", [value for batch in batches for value in batch])
        assert EXIT_OK == await second.stop()
        assert set(await line.values("in")) == set(await line.values("records")) == set(await line.values("releases"))
    finally:
        line.close()


async def test_a_worker_outlives_its_broker(tmp_path: Path, unique: str) -> None:
    """The broker is killed and comes back: the worker says that it is not ready, then goes on, and nothing is lost."""
    broker = EmbeddedBroker(tmp_path / "broker")
    await asyncio.to_thread(broker.start)
    line = Line(broker.bootstrap, unique, _folder(tmp_path, "line"))
    try:
        await line.create()
        worker = line.start(emit_timeout="1")
        before, after = _values("before", 500), _values("after", 500)
        await line.publish(before)
        await line.until("releases", before)
        await asyncio.to_thread(broker.kill)
        await worker.until("/ready", 503, '"broker":"')
        await asyncio.to_thread(broker.start)
        await line.publish(after)
        await line.until("releases", [*before, *after])
        await worker.until("/ready", 200)
        assert EXIT_OK == await worker.stop()
        assert set(before + after) == set(await line.values("records")) == set(await line.values("releases"))
    finally:
        line.close()
        await asyncio.to_thread(broker.stop)


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


async def _killed_at(line: Line, point: str, values: list[bytes]) -> None:
    worker = line.start(fault_point=f"{point}:2", batch_limit="20")
    assert -signal.SIGKILL == await worker.ended(), worker.log()
    records, releases = Counter(await line.values("records")), Counter(await line.values("releases"))
    assert releases <= records, "a release without its record"
    assert len(records) < len(values), "the kill came too late to prove anything"


async def _reconciles(line: Line, values: list[bytes]) -> None:
    worker = line.start()
    await line.until("releases", values)
    assert EXIT_OK == await worker.stop()
    assert set(values) == set(await line.values("records")) == set(await line.values("releases"))
