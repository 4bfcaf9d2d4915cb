"""A whole hub to measure: the embedded broker, its topics, a store, and worker processes, all in one temporary folder."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from hub.connectors.broker.process import EmbeddedBroker
from hub.connectors.kafka_admin import apply
from hub.ledger.keys import Keyring
from hub.schemas.topics import Topic
from hub.settings import Settings, load
from hub.wiring.parts import load_policies, stores, topics
from tests.bench.traffic import Sent

BARE = "bare."
"""Before the names of the topics that the bare loop uses instead of the hub's."""

READY_SECONDS = 60.0
SETTLE_SECONDS = 1.0
LOOK_SECONDS = 0.02

Offsets = dict[TopicPartition, int]


@dataclass(frozen=True)
class Message:
    """One message of the log. at: the broker's time, in seconds."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    at: float


@dataclass
class Rig:
    """The running parts. `workers` are the processes started so far that were not stopped."""

    settings: Settings
    catalogue: tuple[Topic, ...]
    keyring: Keyring
    watcher: AIOKafkaConsumer
    producer: AIOKafkaProducer
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    async def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker and return when all workers have their partitions."""
        number = len(self.workers)
        state = self.settings.data_folder / f"worker-{number}-{time.monotonic_ns()}.json"
        chosen = {
            "HUB_DATA_FOLDER": str(self.settings.data_folder),
            "HUB_BOOTSTRAP": self.settings.bootstrap,
            "HUB_STATE_FILE": str(state),
            "HUB_LOG_LEVEL": "warning",
        }
        code = "from hub.settings import load; from hub.wiring.worker import serve; serve(load())"
        log = (self.settings.data_folder / f"worker-{number}.log").open("ab")
        process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, **chosen}, stdout=log, stderr=log)
        self.workers.append(process)
        await self._ready(process, state)
        await asyncio.sleep(SETTLE_SECONDS)
        return process

    def stop_workers(self) -> None:
        """Stop all workers in good order; one that does not stop is killed."""
        for process in self.workers:
            process.send_signal(signal.SIGTERM)
        for process in self.workers:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.workers.clear()

    async def publish(self, messages: Sequence[Sent], prefix: str = "") -> None:
        """Publish messages as fast as the broker takes them, each topic's in order."""
        by_topic: dict[str, list[Sent]] = {}
        for message in messages:
            by_topic.setdefault(prefix + message.topic, []).append(message)
        await asyncio.gather(*(self._publish(topic, sent) for topic, sent in by_topic.items()))

    async def ends(self, names: Iterable[str], prefix: str = "") -> Offsets:
        """Return the end of every partition of these topics."""
        wanted = {prefix + name for name in names}
        places = [place for place in self._places(prefix) if place.topic in wanted]
        found: Offsets = await self.watcher.end_offsets(places)
        return found

    async def read(self, start: Offsets, end: Offsets) -> list[Message]:
        """Return what lies between two ends of partitions, in order within each."""
        places = [place for place, offset in end.items() if offset > start.get(place, 0)]
        if not places:
            return []
        found: list[Message] = []
        left = sum(end[place] - start.get(place, 0) for place in places)
        async with AIOKafkaConsumer(bootstrap_servers=self.settings.bootstrap) as reader:
            reader.assign(places)
            for place in places:
                reader.seek(place, start.get(place, 0))
            while left > 0:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    found += [Message(r.topic, r.key, r.value, tuple(r.headers), r.timestamp / 1000) for r in records]
                    left -= len(records)
        return found

    def watch(self) -> None:
        """Have the watcher know every partition, and fetch nothing: it answers for their ends alone."""
        places = [*self._places(""), *self._places(BARE)]
        self.watcher.assign(places)
        self.watcher.pause(*places)

    def rows(self) -> int:
        """Return how many rows the register holds; cheap enough to be asked all the time."""
        return self._ask("SELECT coalesce(max(rowid), 0) FROM register")

    def store(self) -> int:
        """Return the bytes that the store holds, its write-ahead log counted in."""
        return self._ask("PRAGMA page_count") * self._ask("PRAGMA page_size")

    def count(self, table: str) -> int:
        """Return how many rows a table of the store holds."""
        return self._ask(f"SELECT count(*) FROM {table}")

    def cpu(self) -> float:
        """Return the processor seconds that the workers have used so far, over all of them."""
        return sum(sum(psutil.Process(worker.pid).cpu_times()[:2]) for worker in self.workers)

    def _ask(self, query: str) -> int:
        connection = sqlite3.connect(f"file:{self.settings.sqlite_path}?mode=ro", uri=True)
        try:
            return int(connection.execute(query).fetchone()[0])
        finally:
            connection.close()

    def _places(self, prefix: str) -> list[TopicPartition]:
        return [
            TopicPartition(prefix + topic.name, number)
            for topic in self.catalogue
            for number in range(topic.partitions)
        ]

    async def _publish(self, topic: str, sent: list[Sent]) -> None:
        batch = self.producer.create_batch()
        for message in sent:
            pair: dict[str, Any] = {"key": message.key, "value": message.value, "timestamp": None}
            if batch.append(**pair) is None:
                await (await self.producer.send_batch(batch, topic, partition=0))
                batch = self.producer.create_batch()
                batch.append(**pair)
        await (await self.producer.send_batch(batch, topic, partition=0))

    async def _ready(self, process: subprocess.Popen[bytes], state: Path) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not (state.exists() and all(map(_is_ready, self._addresses()))):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("a worker did not become ready; see its log")
            await asyncio.sleep(LOOK_SECONDS)

    def _addresses(self) -> list[str]:
        running = {worker.pid for worker in self.workers}
        said = [json.loads(file.read_text()) for file in self.settings.data_folder.glob("worker-*.json")]
        return [entry["address"] for entry in said if entry["pid"] in running]


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    """Start a hub without workers in a temporary folder; stop and remove all of it in the end."""
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    broker = EmbeddedBroker(folder / "broker")
    try:
        await asyncio.to_thread(broker.start)
        settings = load(data_folder=folder, bootstrap=broker.bootstrap)
        names = topics(settings, load_policies(settings))
        await apply(broker.bootstrap, [*names, *(replace(topic, name=BARE + topic.name) for topic in names)])
        async with stores(settings) as store:
            await store.migrate()
        async with (
            AIOKafkaConsumer(bootstrap_servers=broker.bootstrap) as watcher,
            AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", max_batch_size=1 << 18) as producer,
        ):
            made = Rig(settings, names, Keyring.create(settings.keys_path), watcher, producer)
            made.watch()
            try:
                yield made
            finally:
                made.stop_workers()
    finally:
        await asyncio.to_thread(broker.stop)
        shutil.rmtree(folder, ignore_errors=True)


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
