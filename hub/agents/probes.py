"""Probes that ask a worker's health server, for the supervisor."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

_SECONDS: Final = 5.0


def http_probe(state_file: Path, page: str) -> Callable[[int], Awaitable[bool]]:
    """Return a probe that says whether `page` (`/ready`, `/live`) answers 200 at the address in the worker's state file.

    A file that another process wrote, such as the worker before, counts as no answer.
    """

    async def probe(pid: int) -> bool:
        address = _address(state_file, pid)
        if not address:
            return False
        host, _, port = address.rpartition(":")
        try:
            async with asyncio.timeout(_SECONDS):
                return await _asks(host, int(port), page)
        except (OSError, TimeoutError):
            return False

    return probe


# Private functions
# -----------------


def _address(state_file: Path, pid: int) -> str:
    try:
        state: Any = json.loads(state_file.read_text())
    except (OSError, ValueError):
        return ""
    return str(state["address"]) if state.get("pid") == pid else ""


async def _asks(host: str, port: int, page: str) -> bool:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {page} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return (await reader.readline()).split()[1:2] == [b"200"]
    finally:
        writer.close()
