"""The whole hub on one machine: embedded broker, topics, keys, store, and workers that are kept running, until told to stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from hub.agents.endings import HALTS
from hub.connectors.broker import guard
from hub.connectors.broker.process import EmbeddedBroker
from hub.connectors.kafka_admin import apply
from hub.errors import ConfigurationFault, HubError
from hub.settings import PREFIX, Settings
from hub.wiring.parts import broker_folder, ensure_keyring, load_policies, stores, topics

Say = Callable[[str], None]
"""Takes one line of progress for a person."""

_LOOK_SECONDS: Final = 0.2
_LONGEST_WAIT: Final = 10.0
_GRACE_SECONDS: Final = 15.0


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
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    starting = asyncio.ensure_future(_serve(settings, workers, say, told))
    waiting = asyncio.ensure_future(told.wait())
    await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not starting.done():
        say("stopping")
        starting.cancel()
    with suppress(asyncio.CancelledError):
        await starting
    return 0


async def _serve(settings: Settings, workers: int, say: Say, told: asyncio.Event) -> None:
    async with running_hub(settings, workers, say) as running:
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
            await asyncio.sleep(_LONGEST_WAIT)
        else:
            say("the broker is back")


@asynccontextmanager
async def _workers(settings: Settings, bootstrap: str, number: int, say: Say) -> AsyncIterator[Running]:
    folder = settings.data_folder / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(folder / f"worker-{index}.json" for index in range(1, number + 1))
    for file in files:
        file.unlink(missing_ok=True)
    kept = [asyncio.create_task(_keep(settings, bootstrap, file, say)) for file in files]
    try:
        await _ready(files, kept)
        yield Running(bootstrap, files)
    finally:
        for task in kept:
            task.cancel()
        await asyncio.gather(*kept, return_exceptions=True)
        for file in files:
            file.unlink(missing_ok=True)


async def _ready(files: tuple[Path, ...], kept: list[asyncio.Task[None]]) -> None:
    """Wait until every worker says that it is ready; raise what ended one that gave up."""
    waiting = list(files)
    while waiting:
        for task in kept:
            if task.done():
                task.result()
        await asyncio.sleep(_LOOK_SECONDS)
        waiting = [file for file in waiting if not await asyncio.to_thread(_is_ready, _address(file))]


def _address(file: Path) -> str:
    return str(json.loads(file.read_text())["address"]) if file.exists() else ""


def _is_ready(address: str) -> bool:
    if not address:
        return False
    try:
        with urllib.request.urlopen(f"http://{address}/ready", timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


async def _keep(settings: Settings, bootstrap: str, file: Path, say: Say) -> None:
    """Keep one worker running: started again when it dies, each time after a longer wait, and told so.

    Raises ConfigurationFault when it ends in a way that starting again would not change.
    """
    wait, name = _LOOK_SECONDS, file.stem
    while True:
        started = asyncio.get_running_loop().time()
        code = await _run(settings, bootstrap, file)
        if code in HALTS:
            say(f"{name} ended with code {code} and needs a person: see {file.with_suffix('.log')}")
            raise ConfigurationFault.of(
                "WORKER_HALTED",
                f"`{name}` ended with code {code}",
                str(file.with_suffix(".log")),
                "read its last lines",
            )
        if asyncio.get_running_loop().time() - started > _LONGEST_WAIT:
            wait = _LOOK_SECONDS
        say(f"{name} ended with code {code}; starting it again")
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)


async def _run(settings: Settings, bootstrap: str, file: Path) -> int:
    command = [
        sys.executable,
        guard.__file__,
        str(os.getpid()),
        str(_GRACE_SECONDS),
        sys.executable,
        "-m",
        "hub.wiring.worker",
    ]
    with file.with_suffix(".log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(settings, bootstrap, file),
        )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def _environment(settings: Settings, bootstrap: str, file: Path) -> dict[str, str]:
    """Return the worker's environment: every setting of this hub, so that a choice on the command line reaches it too."""
    chosen = settings.model_copy(
        update={"bootstrap": bootstrap, "state_file": file.absolute(), "data_folder": settings.data_folder.absolute()}
    )
    return {**os.environ, **{f"{PREFIX}{name.upper()}": _text(value) for name, value in chosen}}


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return "" if value is None else str(value)
