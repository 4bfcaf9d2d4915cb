"""The whole hub on one machine: embedded broker, topics, keys, store, and workers that are kept running, until told to stop."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from hub.agents.probes import http_probe
from hub.agents.supervisor import Part, Supervisor
from hub.connectors.broker.process import EmbeddedBroker
from hub.connectors.kafka_admin import apply
from hub.errors import ConfigurationFault, HubError
from hub.settings import PREFIX, Settings
from hub.wiring.parts import broker_folder, ensure_keyring, load_policies, stores, topics

Say = Callable[[str], None]
"""Takes one line of progress for a person."""

_LOOK_SECONDS: Final = 0.2
_BROKER_WAIT_SECONDS: Final = 10.0
_GRACE_SECONDS: Final = 5.0
"""Beside the time that a batch in hand has to finish."""


@dataclass(frozen=True, slots=True)
class Running:
    """A hub that is ready: the brokers' address, and where each worker serves its metrics and health."""

    bootstrap: str
    state_files: tuple[Path, ...]

    def addresses(self) -> tuple[str, ...]:
        """Return the metrics address (`host:port`) of each worker that has said it."""
        return tuple(found for file in self.state_files if (found := _address(file)))


def run_up(settings: Settings, *, workers: int, say: Say) -> int:
    """Run the hub until SIGINT or SIGTERM; return the exit code. Whatever ends it, nothing is left running."""
    return asyncio.run(_until_told(settings, workers, say))


@asynccontextmanager
async def running_hub(settings: Settings, workers: int, say: Say) -> AsyncIterator[Running]:
    """Start the hub, yield once every worker is ready, and stop everything on the way out.

    Raises ConfigurationFault, KeyMissing, PolicyFault, BrokerUnavailable or StoreUnavailable when it cannot start.
    """
    policies = load_policies(settings)
    ensure_keyring(settings)
    async with stores(settings) as opened:
        await opened.migrate()
    async with _broker(settings, say) as bootstrap:
        say("applying the topic catalogue")
        await apply(bootstrap, topics(settings, policies), settings.replication)
        say(f"starting {workers} worker{'s' if workers > 1 else ''}")
        async with _workers(settings, bootstrap, workers, say) as running:
            yield running


# Private functions
# -----------------


async def _until_told(settings: Settings, workers: int, say: Say) -> int:
    told, ready = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    serving = asyncio.ensure_future(_serve(settings, workers, say, told, ready))
    waiting = asyncio.ensure_future(told.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not serving.done():
        say("stopping")
        # Once it is ready it stops by itself, in good order; a start is broken off.
        if not ready.is_set():
            serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    return 0


async def _serve(settings: Settings, workers: int, say: Say, told: asyncio.Event, ready: asyncio.Event) -> None:
    async with running_hub(settings, workers, say) as running:
        ready.set()
        say(f"ready: brokers at {running.bootstrap}, metrics at {', '.join(running.addresses())}")
        await told.wait()


@asynccontextmanager
async def _broker(settings: Settings, say: Say) -> AsyncIterator[str]:
    """Yield the brokers' address: the configured ones, or an embedded broker that is started, watched and stopped."""
    if settings.bootstrap:
        yield settings.bootstrap
        return
    broker = EmbeddedBroker(broker_folder(settings))
    starting = asyncio.ensure_future(asyncio.to_thread(broker.start, say))
    watch: asyncio.Task[None] | None = None
    try:
        await asyncio.shield(starting)
        watch = asyncio.create_task(_watch(broker, say))
        yield broker.bootstrap
    finally:
        if watch is not None:
            watch.cancel()
        # Told to stop half-way through the start: the thread that starts it must be done before it can be stopped.
        await asyncio.wait({starting})
        await asyncio.to_thread(broker.stop)


async def _watch(broker: EmbeddedBroker, say: Say) -> None:
    """Start the broker again whenever it has died, for as long as it takes; the workers wait for it meanwhile."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if broker.is_alive:
            continue
        say("the broker has died; starting it again")
        try:
            await asyncio.to_thread(broker.start, say)
        except HubError as fault:
            say(f"the broker does not start: {fault}")
            await asyncio.sleep(_BROKER_WAIT_SECONDS)
        else:
            say("the broker is back")


@asynccontextmanager
async def _workers(settings: Settings, bootstrap: str, number: int, say: Say) -> AsyncIterator[Running]:
    """Yield once every worker is ready; they are kept running meanwhile, and stopped in good order on the way out."""
    folder = settings.data_folder / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(folder / f"worker-{index}.json" for index in range(1, number + 1))
    for file in files:
        file.unlink(missing_ok=True)
    supervisor = Supervisor([_part(settings, bootstrap, file) for file in files], say)
    stop = asyncio.Event()
    kept = asyncio.create_task(supervisor.run(stop))
    try:
        await _settled(supervisor, kept)
        yield Running(bootstrap, files)
    finally:
        stop.set()
        await asyncio.wait({kept})
        for file in files:
            file.unlink(missing_ok=True)


async def _settled(supervisor: Supervisor, kept: asyncio.Task[int]) -> None:
    """Wait until every worker is ready. Raises ConfigurationFault when one has halted, or does not become ready."""
    all_settled = asyncio.gather(*(running.settled.wait() for running in supervisor.parts))
    either: set[asyncio.Future[Any]] = {kept, all_settled}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    all_settled.cancel()
    for running in supervisor.parts:
        if running.state == "halted" or kept.done():
            text = f"`{running.part.name}` does not run (exit code {running.exit_code})"
            raise ConfigurationFault.of("WORKER_HALTED", text, str(running.part.log), "read its last lines")


def _part(settings: Settings, bootstrap: str, file: Path) -> Part:
    return Part(
        name=file.stem,
        argv=(sys.executable, "-m", "hub.wiring.worker"),
        env=_environment(settings, bootstrap, file),
        ready=http_probe(file, "/ready"),
        live=http_probe(file, "/live"),
        log=file.with_suffix(".log"),
        grace=settings.stop_grace + _GRACE_SECONDS,
    )


def _address(file: Path) -> str:
    return str(json.loads(file.read_text())["address"]) if file.exists() else ""


def _environment(settings: Settings, bootstrap: str, file: Path) -> dict[str, str]:
    """Return the worker's environment: every setting of this hub, so that a choice on the command line reaches it too."""
    chosen = settings.model_copy(
        update={"bootstrap": bootstrap, "state_file": file.absolute(), "data_folder": settings.data_folder.absolute()}
    )
    return {f"{PREFIX}{name.upper()}": _text(value) for name, value in chosen}


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return "" if value is None else str(value)
