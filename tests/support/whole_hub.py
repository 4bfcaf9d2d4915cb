"""A whole hub of its own for a test: broker, store, keys, topics, and workers as processes that can be killed.

Waits are polls with a bound, made to fail loudly and never to measure.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Self

from hub.connectors import kafka_admin
from hub.connectors.broker.process import EmbeddedBroker
from hub.errors import BrokerUnavailable
from hub.flow.policies import Policies
from hub.ledger.keys import Keyring
from hub.ledger.ports import RegisterQuery, RegisterRow, ReviewRow
from hub.schemas.topics import DISCLOSURES, REVIEWS, SUBJECTS, Topic, inbox
from hub.settings import load
from hub.wiring.parts import load_policies, stores, topics

SERVE = "from hub.settings import load; from hub.wiring.worker import serve; serve(load())"
"""What a worker process runs: the worker that production runs."""

POLICY = "lancashire-cfw-001.yaml"
PATIENCE = 90.0
"""Seconds after which a wait is given up and the test fails."""

_LOOK_EVERY = 0.1
_BROKER = {"group.min.session.timeout.ms": "500"}
_QUICK = {
    "HUB_SESSION_TIMEOUT": "3",
    "HUB_HEARTBEAT": "0.7",
    "HUB_COMMIT_INTERVAL": "0.3",
    "HUB_BATCH_LIMIT": "100",
    "HUB_EMIT_TIMEOUT": "5",
    "HUB_RETRY_MAX": "1",
}
"""A killed worker is missed soon; batches are small, so that one is always in hand."""


def until(what: str, holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until it holds. Raises AssertionError, saying what was waited for, when it does not come to hold in time."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(_LOOK_EVERY)


class WorkerProcess:
    """One worker process. `out`: the file with all that it wrote to stdout and stderr."""

    def __init__(self, folder: Path, number: int, environment: dict[str, str], code: str = SERVE) -> None:
        self._state = folder / f"worker-{number}.json"
        self.out = folder / f"worker-{number}.log"
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                env={**environment, "HUB_STATE_FILE": str(self._state)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

    def get(self, path: str) -> str:
        """Return what the worker serves under a path, also where its answer is a no; "" while it does not serve."""
        return self._ask(path)[1]

    def wait_ready(self) -> None:
        """Wait until the worker says that it is ready."""
        until("a worker gets ready", lambda: not self.running or self._ask("/ready")[0] == HTTPStatus.OK)
        assert self.running, self.said()

    def wait_ended(self) -> int:
        """Wait until the process has ended; return its exit code, negative for a signal."""
        until("a worker ends", lambda: not self.running)
        return int(self.process.wait())

    def kill(self) -> None:
        """Kill it as a crash would, and see it gone."""
        self.process.send_signal(signal.SIGKILL)
        assert self.wait_ended() == -signal.SIGKILL

    def stop(self) -> int:
        """Tell it to stop; return its exit code."""
        self.process.terminate()
        return self.wait_ended()

    def said(self) -> str:
        """Return what it wrote to stdout and stderr."""
        return self.out.read_text(errors="replace")

    def _ask(self, path: str) -> tuple[int, str]:
        if not self._state.exists():
            return 0, ""
        address = json.loads(self._state.read_text())["address"]
        try:
            with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""


class WholeHub:
    """A hub on its own folder, broker and store. A context manager; nothing of it is left running.

    database: a PostgreSQL address; empty for SQLite. more: environment settings for every worker.
    """

    def __init__(self, folder: Path, database: str = "", more: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.broker = EmbeddedBroker(folder / "broker", overrides=_BROKER)
        self.workers: list[WorkerProcess] = []
        self._database = database
        self._more = more or {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        _write_policy(self.folder / "policies")
        self.keyring = Keyring.create(self.folder / "keys.json")
        self.broker.start()
        self.settings = load(
            data_folder=self.folder,
            bootstrap=self.broker.bootstrap,
            database=self._database,
            policy_folder=self.folder / "policies",
        )
        self.policies: Policies = load_policies(self.settings)
        self.topics: tuple[Topic, ...] = topics(self.settings, self.policies)
        asyncio.run(self._prepare())
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            if worker.running:
                worker.kill()
        self.broker.stop()

    @property
    def bootstrap(self) -> str:
        """The broker's address."""
        return self.broker.bootstrap

    def worker(self, code: str = SERVE, **settings: str) -> WorkerProcess:
        """Start a worker process; settings by their environment names."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        chosen = {
            "HUB_DATA_FOLDER": str(self.folder),
            "HUB_POLICY_FOLDER": str(self.folder / "policies"),
            "HUB_BOOTSTRAP": self.bootstrap,
            "HUB_DATABASE": self._database,
            **_QUICK,
            **self._more,
            **settings,
        }
        worker = WorkerProcess(self.folder, len(self.workers), environment | chosen, code)
        self.workers.append(worker)
        return worker

    def existing(self, topics: Iterable[str]) -> list[str]:
        """Return those of the topics that the broker has."""
        return sorted(asyncio.run(kafka_admin.describe(self.bootstrap, topics)))

    def drain(self) -> None:
        """Wait until everything is handled and acknowledged, and nothing more comes of it."""
        until("the hub has handled all", lambda: asyncio.run(self._drained()))

    def register(self) -> list[RegisterRow]:
        """Return every row of the register."""
        return asyncio.run(self._register())

    def reviews(self) -> list[ReviewRow]:
        """Return every review that the store knows."""
        return asyncio.run(self._reviews())

    # Private functions
    # -----------------

    async def _prepare(self) -> None:
        async with stores(self.settings) as opened:
            await opened.migrate()
        await kafka_admin.apply(self.bootstrap, self.topics)

    async def _drained(self) -> bool:
        read = [*(inbox(agency) for agency in self.policies.agencies()), SUBJECTS, DISCLOSURES, REVIEWS]
        every = [topic.name for topic in self.topics]
        try:
            before = await kafka_admin.end_offsets(self.bootstrap, every)
            waiting = await kafka_admin.lag(self.bootstrap, self.settings.group_id, read)
            return not any(waiting.values()) and before == await kafka_admin.end_offsets(self.bootstrap, every)
        except BrokerUnavailable:
            return False

    async def _register(self) -> list[RegisterRow]:
        async with stores(self.settings) as opened:
            return await opened.register.query(RegisterQuery(limit=10**9))

    async def _reviews(self) -> list[ReviewRow]:
        async with stores(self.settings) as opened:
            return await opened.reviews.query(status="", limit=10**9)


# Private functions
# -----------------


def _write_policy(folder: Path) -> None:
    """Copy the packaged policy, with its review date far ahead: after it every decision is a review, and nothing to prove."""
    text = resources.files("hub.councils").joinpath("policies", POLICY).read_text("utf-8")
    moved = text.replace("value: 2028-03-31", "value: 2099-12-31")
    assert moved != text
    folder.mkdir(exist_ok=True)
    (folder / POLICY).write_text(moved, "utf-8")
