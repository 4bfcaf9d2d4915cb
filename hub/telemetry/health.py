"""A small HTTP server for `/metrics`, `/live` and `/ready`, on the worker's own event loop.

It shares the loop on purpose: a worker that is blocked cannot answer, which is the truth. `/live` is 200 while the stream
loops make progress; `/ready` is 200 while the worker can do its job now. Both say in JSON what is wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from hub.errors import HubError, PassingFault
from hub.telemetry.metrics import CONTENT_TYPE, Metrics

Check = Callable[[], Awaitable[str]]
"""Answers `""` when all is well, else in a few words what is not. May raise HubError, which counts as its first code."""

Refresh = Callable[[], Awaitable[None]]
"""Brings gauges up to date before they are shown. May raise PassingFault, which leaves the other metrics as they are."""

_CHECK_SECONDS: Final = 2.0
_READ_SECONDS: Final = 5.0
_LONGEST_REQUEST: Final = 8192
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Probes:
    """What the server asks: `live` and `ready` checks by name, and what to refresh before metrics are shown."""

    live: Mapping[str, Check] = field(default_factory=dict)
    ready: Mapping[str, Check] = field(default_factory=dict)
    refresh: Sequence[Refresh] = ()


class HealthServer:
    """Serves the metrics and the probes of one worker until stopped."""

    def __init__(self, metrics: Metrics, probes: Probes) -> None:
        self._metrics = metrics
        self._probes = probes
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen on host and port (0: a free one) and return the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_LONGEST_REQUEST)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening. Safe to call twice."""
        if self._server is not None:
            self._server.close()
            self._server = None

    # Private functions
    # -----------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
            writer.write(_response(*await self._answer(request)))
            await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            return  # a client that sends nothing, too much, or went away: there is nobody to answer
        finally:
            writer.close()

    async def _answer(self, request: bytes) -> tuple[int, str, bytes]:
        method, _, rest = request.partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0]
        if method != b"GET":
            return 405, _JSON, b'{"error":"only GET"}'
        if path == b"/metrics":
            await self._refresh()
            return 200, CONTENT_TYPE, self._metrics.exposition()
        if path == b"/live":
            return await _probe(self._probes.live)
        if path == b"/ready":
            return await _probe(self._probes.ready)
        return 404, _JSON, b'{"error":"try /metrics, /live or /ready"}'

    async def _refresh(self) -> None:
        for refresh in self._probes.refresh:
            try:
                async with asyncio.timeout(_CHECK_SECONDS):
                    await refresh()
            except (PassingFault, TimeoutError):
                continue  # the gauges it would have set show that they are not known


async def ask(check: Check) -> str:
    """Return the answer of one check within two seconds: `""`, or in a few words what is wrong."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return "no answer"
    except HubError as error:
        return error.faults[0].code


# Private functions
# -----------------


async def _probe(checks: Mapping[str, Check]) -> tuple[int, str, bytes]:
    answers = dict(zip(checks, await asyncio.gather(*map(ask, checks.values())), strict=True))
    wrong = {name: answer for name, answer in answers.items() if answer}
    body = {"ok": not wrong, "checks": {name: answer or "ok" for name, answer in answers.items()}}
    return (503 if wrong else 200), _JSON, orjson.dumps(body)


def _response(status: int, kind: str, body: bytes) -> bytes:
    phrase = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}[status]
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
