"""How the hub is: each part asked by itself, so that one that is down hides none of the others."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from hub.connectors import kafka_admin, kafka_log
from hub.errors import InputFault, PassingFault
from hub.flow.policies import Policies
from hub.schemas.topics import DEAD_LETTERS, DISCLOSURES, REVIEWS, SUBJECTS, Topic, inbox
from hub.settings import Settings
from hub.wiring.parts import bootstrap, topics
from hub.wiring.reading import existing_stores

T = TypeVar("T")

UP: Final = "up"
DOWN: Final = "down"
_ASK_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One worker as its state file and its own `/ready` tell it; state: `ready`, what is not ready, or `down`."""

    name: str
    address: str
    pid: int
    state: str


@dataclass(frozen=True, slots=True)
class Brokers:
    """The brokers: state `up`, or what is wrong. lag: messages that wait, by agent. letters: dead letters kept."""

    state: str
    address: str = ""
    cluster: str = ""
    topics: int = 0
    missing: tuple[str, ...] = ()
    lag: Mapping[str, int] = field(default_factory=dict)
    letters: int = 0


@dataclass(frozen=True, slots=True)
class Store:
    """The store: state `up`, or what is wrong. decided: records by decision; reviews: how many wait, the oldest since."""

    state: str
    kind: str = ""
    decided: Mapping[str, int] = field(default_factory=dict)
    reviews: int = 0
    oldest: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """All parts of a hub."""

    brokers: Brokers
    store: Store
    workers: tuple[WorkerState, ...]

    @property
    def well(self) -> bool:
        """Whether brokers, store and every worker answer, and no topic is missing."""
        parts = (self.brokers.state, self.store.state)
        return all(state == UP for state in parts) and not self.brokers.missing and self._workers_well

    @property
    def _workers_well(self) -> bool:
        return all(worker.state == "ready" for worker in self.workers)


async def look(settings: Settings, policies: Policies) -> Status:
    """Return how every part is; what does not answer says so in its state, and no error leaves here for it."""
    brokers, store, workers = await asyncio.gather(
        _or_else(_brokers(settings, policies), Brokers),
        _or_else(_store(settings), Store),
        asyncio.to_thread(_workers, settings),
    )
    return Status(brokers, store, workers)


# Private functions
# -----------------


async def _or_else(work: Awaitable[T], down: Callable[[str], T]) -> T:
    """Return what the work returns, or a part whose state is the text of the fault that ended it."""
    try:
        return await work
    except (PassingFault, InputFault) as error:
        return down(f"{DOWN}: {error.faults[0].text}")


async def _brokers(settings: Settings, policies: Policies) -> Brokers:
    address = bootstrap(settings)
    cluster = await kafka_admin.cluster_id(address)
    wanted = topics(settings, policies)
    found = await kafka_admin.describe(address, [topic.name for topic in wanted])
    missing = tuple(topic.name for topic in wanted if topic.name not in found)
    behind = await _lag(settings, address, policies, wanted) if not missing else {}
    letters = await kafka_log.kept(address, DEAD_LETTERS) if DEAD_LETTERS in found else 0
    return Brokers(UP, address, cluster, len(found), missing, behind, letters)


async def _lag(settings: Settings, address: str, policies: Policies, wanted: tuple[Topic, ...]) -> dict[str, int]:
    behind = await kafka_admin.lag(address, settings.group_id, [topic.name for topic in wanted])
    read = {
        "intake": [inbox(agency) for agency in policies.agencies()],
        "decide": [SUBJECTS],
        "record": [DISCLOSURES, REVIEWS],
    }
    return {agent: sum(behind.get(name, 0) for name in names) for agent, names in read.items()}


async def _store(settings: Settings) -> Store:
    async with existing_stores(settings) as stores:
        decided: dict[str, int] = {}
        for _, decision, number in await stores.register.counts():
            decided[decision] = decided.get(decision, 0) + number
        waiting, oldest = await stores.reviews.waiting()
    kind = "PostgreSQL" if settings.database.get_secret_value() else "SQLite"
    return Store(UP, kind, decided, waiting, oldest)


def _workers(settings: Settings) -> tuple[WorkerState, ...]:
    """Return the workers that left a state file: those of `hub up`, and the one that this environment names."""
    files = sorted((settings.data_folder / "workers").glob("*.json"))
    files += [settings.state_file] if settings.state_file and settings.state_file.exists() else []
    return tuple(_worker(file) for file in files)


def _worker(file: Path) -> WorkerState:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        name, address, pid = file.stem, str(said["address"]), int(said["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return WorkerState(file.stem, "", 0, f"{DOWN}: its state file cannot be read")
    return WorkerState(name, address, pid, _asked(address))


def _asked(address: str) -> str:
    try:
        with urllib.request.urlopen(f"http://{address}/ready", timeout=_ASK_SECONDS):
            return "ready"
    except urllib.error.HTTPError as error:
        return _wrong(error.read())
    except (OSError, ValueError):
        return f"{DOWN}: no answer"


def _wrong(body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
        return "not ready: " + "; ".join(f"{name} {answer}" for name, answer in checks.items() if answer != "ok")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "not ready"
