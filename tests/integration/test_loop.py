"""The stream loop on a real broker: what arrives, in which order, and how each fault ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from hub.agents.endings import EXIT_CEILING, EXIT_FAULT, EXIT_OK
from tests.support.loop_worker import CANARY
from tests.support.loops import Line


@pytest.fixture
async def line(bootstrap: str, unique: str, tmp_path: Path) -> AsyncIterator[Line]:
    """Topics of the test's own; workers that still run at its end are killed."""
    line = Line(bootstrap, unique, tmp_path)
    await line.create()
    yield line
    line.close()


async def test_everything_arrives_in_order_and_is_acknowledged(line: Line) -> None:
    """Each message is emitted once per stage, in the order of its partition; a second worker finds nothing left to do.

    So is a message without value, key or text: Faust would drop and acknowledge what it cannot decode.
    """
    values = [f"{number:05}".encode() for number in range(3000)]
    await line.publish(values)
    await line.publish([None], key=b"tombstone")
    await line.publish([b"\xff\x00 no text"], key=b"\xfe\xff")
    worker = line.start()

    await line.until("releases", [*values, b"", b"\xff\x00 no text"])
    metrics = await worker.until("/metrics", 200, 'hub_received_total{agent="decide"} 3002.0')
    listening = {c.laddr.port for c in psutil.Process(worker.pid).net_connections() if c.status == "LISTEN"}

    assert EXIT_OK == await worker.stop()
    released = await line.read("releases")
    assert await line.read("records") == released
    assert [message._replace(value=message.value or b"") for message in await line.read("in")] == released
    assert f'hub_lag_messages{{partition="0",topic="{line.name}.in"}} 0.0' in metrics
    assert 1 == len(listening), "only its own metrics port, on loopback"

    again = line.start()
    await again.until("/ready", 200)
    assert EXIT_OK == await again.stop()
    assert len(released) == len(await line.read("releases"))


async def test_an_unknown_fault_ends_the_process_and_loses_nothing(line: Line) -> None:
    """The batch stays unacknowledged, the next worker handles it; the text of the fault is not logged."""
    values = [b"one", b"boom two", b"three"]
    await line.publish(values, key=b"same partition")

    worker = line.start()
    assert EXIT_FAULT == await worker.ended()
    assert [] == await line.read("records")
    assert CANARY not in worker.log()
    assert "KeyError" in worker.log()

    (line.folder / "calm").touch()
    second = line.start()
    await line.until("releases", values)
    assert EXIT_OK == await second.stop()


async def test_a_passing_fault_is_waited_out_in_place(line: Line) -> None:
    """While the store is down nothing is emitted, `/ready` says why, and SIGTERM still ends the worker cleanly.

    When the store is back all goes on where it was, and nothing is emitted twice.
    """
    (line.folder / "down").touch()
    values = [f"{number:03}".encode() for number in range(50)]
    await line.publish(values)
    patient = line.start(retry_min="30", retry_max="60")
    await patient.until("/ready", 503, "STORE_DOWN")
    assert EXIT_OK == await patient.stop()

    worker = line.start()
    await worker.until_logged('"attempt":2')
    await worker.until("/ready", 503, "STORE_DOWN")
    await worker.until("/metrics", 200, 'hub_retries_total{agent="decide",fault="store"}')
    await worker.until("/live", 200)
    assert [] == await line.read("records")

    (line.folder / "down").unlink()
    await line.until("releases", values)
    await worker.until("/ready", 200)

    assert EXIT_OK == await worker.stop()
    assert sorted(values) == sorted(await line.values("records")) == sorted(await line.values("releases"))


async def test_sigterm_ends_a_worker_whose_handler_hangs(line: Line) -> None:
    """A handler that does not come back holds the process no longer than the grace; its batch is handled again."""
    await line.publish([b"slow one"])
    worker = line.start(stop_grace="0.5", stall_after="1")
    await worker.until("/live", 503, "no progress: decide")

    assert EXIT_OK != await worker.stop()
    assert [] == await line.read("records")


async def test_a_bad_message_is_buried_and_the_rest_goes_on(line: Line) -> None:
    """What cannot be handled, and what asks for an emit that is too large, becomes a dead letter with its reason."""
    values = [b"one", b"bad two", b"large three", b"four"]
    await line.publish(values, key=b"same partition")
    worker = line.start()

    await line.until("releases", [b"one", b"four"])
    await line.until("dead", [b"bad two", b"large three"])

    assert EXIT_OK == await worker.stop()
    reasons = {message.value: dict(message.headers)["reason"] for message in await line.read("dead")}
    assert {b"bad two": b"BAD_BODY", b"large three": b"EMIT_TOO_LARGE"} == reasons
    assert [b"one", b"four"] == await line.values("records") == await line.values("releases")


async def test_the_ceiling_on_dead_letters_stops_the_worker(line: Line) -> None:
    """A worker that would bury message after message stops before it does, and stops again when it is started again."""
    values = [f"bad {number}".encode() for number in range(40)]
    await line.publish(values, key=b"same partition")

    for _ in range(2):
        worker = line.start(dead_letter_run="20")
        assert EXIT_CEILING == await worker.ended()

    assert len(await line.read("dead")) < len(values), "what is left stays unacknowledged, for a person to look at"
