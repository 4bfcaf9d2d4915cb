"""The health server: true answers, and no more than a bad client is owed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from hub.errors import StoreUnavailable
from hub.flow.outcome import Count
from hub.telemetry.health import HealthServer, Probes
from hub.telemetry.metrics import Metrics


class Switches:
    """Checks whose answers a test sets: `""` is well, `raise` a store that is down, `hang` one that never answers."""

    def __init__(self) -> None:
        self.live = ""
        self.store = ""
        self.metrics = Metrics(strict=True)

    async def is_live(self) -> str:
        """The live check."""
        return self.live

    async def has_store(self) -> str:
        """The store's check."""
        if self.store == "raise":
            raise StoreUnavailable.of("STORE_DOWN", "the store does not answer")
        if self.store == "hang":
            await asyncio.sleep(3600)
        return self.store

    async def refresh(self) -> None:
        """Bring the reviews up to date."""
        await self.has_store()
        self.metrics.count(Count("hub_reviews_waiting", (), 3.0))


Get = Callable[[str], Awaitable[tuple[int, str]]]


@pytest.fixture
async def switches() -> Switches:
    """The checks of the server under test."""
    return Switches()


@pytest.fixture
async def port(switches: Switches) -> AsyncIterator[int]:
    """A server on a free port."""
    probes = Probes({"loops": switches.is_live}, {"store": switches.has_store}, (switches.refresh,))
    server = HealthServer(switches.metrics, probes)
    yield await server.start("127.0.0.1", 0)
    await server.stop()


async def send(port: int, request: bytes) -> bytes:
    """Send raw bytes and return what comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def get(port: int, path: str) -> tuple[int, str]:
    """Return status and body of a page."""
    head, _, body = (await send(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())).partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


async def test_metrics_are_fresh(port: int) -> None:
    """Gauges are brought up to date when they are asked for."""
    status, body = await get(port, "/metrics")

    assert 200 == status
    assert "hub_reviews_waiting 3.0" in body


async def test_ready_says_what_is_wrong(port: int, switches: Switches) -> None:
    """The first thing an operator asks is which part it is."""
    assert (200, {"ok": True, "checks": {"store": "ok"}}) == _parsed(await get(port, "/ready"))

    switches.store = "raise"
    assert (503, {"ok": False, "checks": {"store": "STORE_DOWN"}}) == _parsed(await get(port, "/ready"))

    switches.store = "no disk"
    assert (503, {"ok": False, "checks": {"store": "no disk"}}) == _parsed(await get(port, "/ready"))


async def test_a_check_that_hangs_is_an_answer(port: int, switches: Switches) -> None:
    """A store that does not answer makes the worker not ready; it does not make the probe hang."""
    switches.store = "hang"

    assert (503, {"ok": False, "checks": {"store": "no answer"}}) == _parsed(await get(port, "/ready"))


async def test_metrics_are_served_while_the_store_is_down(port: int, switches: Switches) -> None:
    """That is when they are needed most."""
    switches.store = "raise"

    status, body = await get(port, "/metrics")

    assert 200 == status
    assert "hub_metric_errors_total 0.0" in body


async def test_live_is_apart_from_ready(port: int, switches: Switches) -> None:
    """A worker that waits for its store must not be killed for it; one that hangs must."""
    switches.store = "raise"
    assert 200 == (await get(port, "/live"))[0]

    switches.live = "no progress: decide"
    assert (503, {"ok": False, "checks": {"loops": "no progress: decide"}}) == _parsed(await get(port, "/live"))


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /nothing HTTP/1.1", 404),
        (b"POST /metrics HTTP/1.1", 405),
        (b"GET /live?x=1 HTTP/1.1", 200),
        (b"\xff", 405),
    ],
)
async def test_other_requests_get_a_short_answer(port: int, request_line: bytes, status: int) -> None:
    """Nothing else is served, and nothing is changed by a request."""
    answer = await send(port, request_line + b"\r\n\r\n")

    assert status == int(answer.split()[1])


async def test_a_client_that_sends_too_much_is_cut_off(port: int) -> None:
    """A request has a bound, and the server goes on."""
    with pytest.raises((ConnectionError, AssertionError)):
        assert await send(port, b"GET /" + b"x" * 100_000)

    assert 200 == (await get(port, "/live"))[0]


def _parsed(answer: tuple[int, str]) -> tuple[int, object]:
    return answer[0], json.loads(answer[1])
