"""Keeps the parts of `hub up` running: starts them in order, starts again what dies, stops them in reverse order.

A part is any command. It runs in a session of its own, so that Ctrl-C reaches the supervisor alone and the order of stopping
is kept; and it dies when the supervisor dies, however that ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hub.agents.endings import EXIT_FAULT, EXIT_OK, HALTS

Probe = Callable[[int], Awaitable[bool]]
"""Given the process id of a part, says whether it is ready, or whether it lives. It does not raise."""

Say = Callable[[str], None]
"""Tells the person at the terminal, in one short line."""

_PR_SET_PDEATHSIG: Final = 1
_LOOK_EVERY_SECONDS: Final = 0.1
_STEADY_SECONDS: Final = 60.0
_MISSES: Final = 3
_CANNOT_START: Final = 127


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the hub.

    env: added to the supervisor's own. ready: true once the next part may start. live: asked every `live_every` seconds while
    it runs; three times false in a row and it is ended and started again. log: file its output is added to, None for the
    supervisor's own output. grace: seconds from SIGTERM to SIGKILL. halts: exit codes after which it is not started again.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Probe | None = None
    live: Probe | None = None
    live_every: float = 5.0
    log: Path | None = None
    grace: float = 15.0
    halts: frozenset[int] = HALTS


class Running:
    """A part and how it is. state: `stopped`, `starting`, `ready`, `waiting` (to be started again) or `halted`."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.state = "stopped"
        self.pid = 0
        self.restarts = 0
        self.exit_code: int | None = None
        self.settled = asyncio.Event()
        """Set once the part was ready for the first time, or has halted."""
        self.ending = asyncio.Event()
        """Set when the part is to stop."""


class Supervisor:
    """Runs parts until it is told to stop.

    backoff: seconds before a part is started again, the first time and at most; it doubles each time, and begins anew after
    a minute of running. ready_within: seconds that a part may take to become ready when the hub starts.
    """

    def __init__(
        self, parts: Sequence[Part], say: Say, *, backoff: tuple[float, float] = (0.5, 30.0), ready_within: float = 90.0
    ) -> None:
        self.parts = [Running(part) for part in parts]
        self._say = say
        self._backoff = backoff
        self._ready_within = ready_within

    async def run(self, stop: asyncio.Event) -> int:
        """Start the parts in order, keep them until `stop` is set, stop them in reverse order.

        Returns 0, the exit code of a part that has halted, or 70 when one did not become ready when the hub started. What
        halts leaves the others running: their work does not depend on it, and the reason can be read.
        """
        keepers: list[asyncio.Task[None]] = []
        late = False
        try:
            for running in self.parts:
                keepers.append(asyncio.create_task(self._keep(running)))
                late = not await _set_within(self._ready_within, running.settled, stop)
                if late or stop.is_set():
                    break
            if late:
                self._say(f"{running.part.name} is not ready after {self._ready_within:g} s; the hub stops")
            else:
                await stop.wait()
        finally:
            for running, keeper in reversed(list(zip(self.parts, keepers, strict=False))):
                running.ending.set()
                await keeper
        halted = [running.exit_code for running in self.parts if running.state == "halted"]
        return EXIT_FAULT if late else (halted[0] or EXIT_FAULT) if halted else EXIT_OK

    # Private functions
    # -----------------

    async def _keep(self, running: Running) -> None:
        least, most = self._backoff
        wait = least
        while not running.ending.is_set():
            started = time.monotonic()
            running.exit_code = code = await self._once(running)
            if running.ending.is_set():
                break
            if code in running.part.halts:
                running.state = "halted"
                running.settled.set()
                self._say(f"{running.part.name} has stopped for good (exit code {code}); its log says why")
                return
            wait = least if time.monotonic() - started > _STEADY_SECONDS else wait
            running.state = "waiting"
            running.restarts += 1
            self._say(f"{running.part.name} ended ({_how(code)}); it is started again in {wait:g} s")
            await _set_within(wait, running.ending)
            wait = min(wait * 2, most)
        running.state = "stopped"

    async def _once(self, running: Running) -> int:
        """Run the part once; return its exit code when it has ended, by itself or because it had to."""
        try:
            process = await _spawn(running.part)
        except OSError as error:
            self._say(f"{running.part.name} cannot be started: {error.strerror}")
            return _CANNOT_START
        running.state, running.pid = "starting", process.pid
        exited = asyncio.create_task(process.wait())
        watched = {exited, asyncio.create_task(self._look(running)), asyncio.create_task(running.ending.wait())}
        try:
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            if not exited.done():
                await _end(running.part, process, exited)
        finally:
            for task in watched - {exited}:
                task.cancel()
        return await exited

    async def _look(self, running: Running) -> None:
        """Return when the part runs but no longer lives."""
        part, pid = running.part, running.pid
        while part.ready is not None and not await part.ready(pid):  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
        running.state = "ready"
        running.settled.set()
        self._say(f"{part.name} is ready")
        misses = 0
        while misses < _MISSES:
            await asyncio.sleep(part.live_every)
            misses = 0 if part.live is None or await part.live(pid) else misses + 1
        self._say(f"{part.name} does not answer; it is ended")


# Private functions
# -----------------


async def _spawn(part: Part) -> Process:
    libc, parent = ctypes.CDLL(None), os.getpid()

    def tie_to_parent() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    with contextlib.ExitStack() as stack:
        log = stack.enter_context(part.log.open("ab")) if part.log is not None else None
        return await asyncio.create_subprocess_exec(
            *part.argv,
            env={**os.environ, **part.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=tie_to_parent,
        )


async def _end(part: Part, process: Process, exited: asyncio.Task[int]) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        done, _ = await asyncio.wait({exited}, timeout=part.grace)
        if not done:
            os.killpg(process.pid, signal.SIGKILL)


async def _set_within(seconds: float, *events: asyncio.Event) -> bool:
    """Return whether one of the events is set within that time."""
    tasks = {asyncio.create_task(event.wait()) for event in events}
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    return bool(done)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
