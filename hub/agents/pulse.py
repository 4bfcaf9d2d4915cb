"""What a stream loop is doing: read by the health checks and by the worker when it stops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pulse:
    """The state of one loop: idle, busy since when, waiting for what, told to stop or not."""

    def __init__(self) -> None:
        self.waiting = ""
        """Code of the passing fault that the batch in hand waits out, or `""`."""
        self._stop = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._progress = time.monotonic()

    def stopping(self) -> bool:
        """Return whether `stop` was called."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Have the loop take no further batch, and give up waiting for a passing fault."""
        self._stop.set()

    async def stopped_within(self, seconds: float) -> bool:
        """Wait that long, or until told to stop; return whether that was it."""
        try:
            async with asyncio.timeout(seconds):
                await self._stop.wait()
        except TimeoutError:
            return False
        return True

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Around a batch: the loop is busy with it."""
        self._idle.clear()
        self._progress = time.monotonic()
        try:
            yield
        finally:
            self._idle.set()

    async def idle(self) -> None:
        """Wait until no batch is in hand."""
        await self._idle.wait()

    def waits_for(self, code: str) -> None:
        """Say that a passing fault keeps the batch from going on; that is waiting, not hanging."""
        self.waiting = code
        self._progress = time.monotonic()

    def went_well(self) -> None:
        """Say that a step of the batch is done."""
        self.waiting = ""
        self._progress = time.monotonic()

    def stalled(self, after: float) -> bool:
        """Return whether a batch has made no progress for so many seconds."""
        return not self._idle.is_set() and time.monotonic() - self._progress > after
