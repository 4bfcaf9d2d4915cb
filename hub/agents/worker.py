"""One worker process: assembles its parts, runs the stream loops until told to stop, and ends with a true exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import NoReturn

from hub.agents.app import build_app, committed
from hub.agents.ceiling import Ceiling
from hub.agents.emitter import Emitter
from hub.agents.endings import EXIT_CLIENT, EXIT_FORCED, EXIT_OK, describe, end_process, exit_code
from hub.agents.killpoints import KillPoints
from hub.agents.lag import LogEnds, Pair
from hub.agents.loop import Bury, Loop, Route, Tools
from hub.agents.status import Status
from hub.errors import BrokerUnavailable, ConfigurationFault
from hub.flow.outcome import Count
from hub.schemas.topics import agency_of
from hub.settings import Settings
from hub.telemetry import logs
from hub.telemetry.health import Check, HealthServer, Refresh
from hub.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker is made of beside the broker.

    drop_caches: called when partitions move. checks: what `/ready` asks beside the worker's own state, such as the store.
    refresh: brings gauges up to date before they are shown.
    """

    routes: tuple[Route, ...]
    bury: Bury
    metrics: Metrics
    drop_caches: Callable[[], None] = lambda: None
    checks: Mapping[str, Check] = field(default_factory=dict)
    refresh: Sequence[Refresh] = ()


Assemble = Callable[[], AbstractAsyncContextManager[Parts]]
"""Opens the parts on the worker's event loop and closes them when it stops."""


def run_worker(settings: Settings, assemble: Assemble) -> NoReturn:
    """Run one worker until SIGTERM or SIGINT, then end the process; `endings` lists the exit codes.

    Logs go to stderr. The process is ended outright, so that no framework can hold it back.
    """
    logs.configure(settings.log_level)
    try:
        code = asyncio.run(_serve(settings, assemble))
    except Exception as error:  # noqa: BLE001 - whatever it is, the process ends with it
        logs.get().error("worker could not run", **describe(error))
        code = exit_code(error)
    end_process(code)


class Worker:
    """The running parts of one worker process."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        """Raises ConfigurationFault when there is no broker to connect to, or a setting names no kill point."""
        if not settings.bootstrap:
            raise ConfigurationFault.of(
                "NO_BROKER", "a worker needs a broker", "HUB_BOOTSTRAP", "set it, or use `hub up`"
            )
        self._settings = settings
        self._parts = parts
        self._log = logs.get()
        self._stop = asyncio.Event()
        self._emitter = Emitter(settings.bootstrap, limit=settings.max_message_bytes, patience=settings.emit_timeout)
        self._ends = LogEnds(settings.bootstrap)
        tools = self._tools()
        self._loops = [Loop(route, tools, _ceiling(settings, route.topics)) for route in parts.routes]
        self._app = build_app(settings, self._loops, self._revoked, self._assigned)
        self._status = Status(self._loops, parts.metrics, settings.stall_after)
        probes = self._status.probes(self._emitter, self._behind, parts.checks, parts.refresh)
        self._health = HealthServer(parts.metrics, probes)

    async def run(self) -> int:
        """Serve health, connect, handle messages until told to stop; return the exit code."""
        running = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            running.add_signal_handler(number, self.stop)
        self._announce(await self._health.start(self._settings.metrics_host, self._settings.metrics_port))
        await self._connect()
        if not self._stop.is_set():
            (self._settings.data_folder / "faust").mkdir(parents=True, exist_ok=True)
            await self._app.start()
            await self._app.wait(self._stop.wait())
        return await self._end()

    def stop(self) -> None:
        """Stop in good order: a batch in hand may be finished within the grace. Told twice: at once."""
        if self._stop.is_set():
            end_process(EXIT_FORCED)
        self._log.info("worker stops")
        self._wind_down()

    # Private functions
    # -----------------

    def _tools(self) -> Tools:
        return Tools(
            emitter=self._emitter,
            bury=self._parts.bury,
            metrics=self._parts.metrics,
            log=self._log,
            end=end_process,
            kill=KillPoints(self._settings.fault_point),
            limit=self._settings.batch_limit,
            retry_min=self._settings.retry_min,
            retry_max=self._settings.retry_max,
        )

    def _announce(self, port: int) -> None:
        address = f"{self._settings.metrics_host}:{port}"
        names = tuple(loop.route.name for loop in self._loops)
        self._log.info("worker serves", address=address, pid=os.getpid(), agents=names)
        path = self._settings.state_file
        if path is not None:
            draft = path.with_suffix(".new")
            draft.write_text(json.dumps({"pid": os.getpid(), "address": address}))
            draft.replace(path)

    async def _connect(self) -> None:
        wait = self._settings.retry_min
        while not self._stop.is_set():
            try:
                await self._emitter.start()
            except BrokerUnavailable as fault:
                self._log.warning("waits for the broker", seconds=wait, **describe(fault))
                await _first_of(self._stop.wait(), wait)
                wait = min(wait * 2, self._settings.retry_max)
            else:
                return

    def _revoked(self, pairs: frozenset[Pair]) -> None:
        self._status.assigned = None
        for loop in self._loops:
            loop.done.clear()
        self._parts.drop_caches()
        self._parts.metrics.count(Count("hub_rebalances_total"))
        self._log.info("partitions taken away", count=len(pairs))

    def _assigned(self, pairs: frozenset[Pair]) -> None:
        self._parts.drop_caches()
        self._status.assigned = pairs
        self._log.info("partitions assigned", partitions=tuple(f"{topic}/{number}" for topic, number in sorted(pairs)))

    async def _behind(self, pairs: frozenset[Pair], done: Mapping[Pair, int]) -> Mapping[Pair, int]:
        return await self._ends.behind(pairs, {**committed(self._app), **done})

    def _wind_down(self) -> None:
        self._status.stopping = True
        self._stop.set()
        for loop in self._loops:
            loop.pulse.stop()

    async def _end(self) -> int:
        crashed = self._app.crashed
        if crashed:
            self._log.error("the Kafka client gave up", **describe(self._app.crash_reason or RuntimeError()))
        self._wind_down()
        steps: list[Awaitable[object]] = [asyncio.gather(*(loop.pulse.idle() for loop in self._loops))]
        if self._app.started:
            steps.append(self._app.stop())
        steps += [self._emitter.stop(), self._ends.stop()]
        clean = all([await _first_of(step, self._settings.stop_grace) for step in steps])
        await self._health.stop()
        self._log.info("worker stopped", status="clean" if clean else "forced")
        if crashed:
            return EXIT_CLIENT
        return EXIT_OK if clean else EXIT_FORCED


# Private functions
# -----------------


async def _serve(settings: Settings, assemble: Assemble) -> int:
    async with assemble() as parts:
        return await Worker(settings, parts).run()


def _ceiling(settings: Settings, topics: Sequence[str]) -> Ceiling:
    """One partner's bytes must not stop the hub; what the hub itself wrote and cannot read must."""
    sources = 2 if sum(agency_of(topic) is not None for topic in topics) > 1 else 1
    return Ceiling(settings.dead_letter_run, settings.dead_letter_ratio, settings.dead_letter_window, sources)


async def _first_of(step: Awaitable[object], seconds: float) -> bool:
    """Return whether the step was done within that time; it is cancelled otherwise."""
    try:
        async with asyncio.timeout(seconds):
            await step
    except TimeoutError:
        return False
    return True
