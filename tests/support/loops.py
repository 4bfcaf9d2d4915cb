"""Workers of the stream loop as real processes on a real broker, and the topics around them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

PARTITIONS = 4
_ROOT = Path(__file__).parent.parent.parent
_PATIENCE = 60.0


class Message(NamedTuple):
    """A message as a test compares it."""

    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Line:
    """One input topic, the worker's three output topics, and workers between them. Its files are the handler's switches."""

    def __init__(self, bootstrap: str, name: str, folder: Path) -> None:
        self.bootstrap = bootstrap
        self.name = name
        self.folder = folder
        self.workers: list[LoopWorker] = []

    async def create(self) -> None:
        """Make the topics."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            names = [f"{self.name}.{kind}" for kind in ("in", "records", "releases", "dead")]
            await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names])
        finally:
            await admin.close()

    async def publish(self, values: Iterable[bytes | None], key: bytes | None = None) -> None:
        """Put values into the input topic and wait until the broker has them; the key is the value unless given."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        try:
            headers = [("ce_id", b"1")]
            sent = [await producer.send(f"{self.name}.in", v, key or v, headers=headers) for v in values]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def read(self, kind: str) -> list[Message]:
        """Return all that the topic `records`, `releases`, `dead` or `in` holds now, by partition, in its order."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            places = [TopicPartition(f"{self.name}.{kind}", number) for number in range(PARTITIONS)]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            found: list[Message] = []
            while any([await consumer.position(place) < ends[place] for place in places]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    found += [Message(m.partition, m.key, m.value, tuple(m.headers)) for m in batch]
        finally:
            await consumer.stop()
        return sorted(found, key=lambda message: message.partition)

    async def values(self, kind: str) -> list[bytes]:
        """Return the values of a topic, `b""` for a null."""
        return [message.value or b"" for message in await self.read(kind)]

    async def until(self, kind: str, wanted: Sequence[bytes]) -> list[bytes]:
        """Wait until the topic holds all wanted values, and return what it holds; fail when that takes too long."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                found = await self.values(kind)
                if set(wanted) <= set(found):
                    return found
                await asyncio.sleep(0.2)

    def start(self, **settings: str) -> LoopWorker:
        """Start a worker with these settings (lower case, without prefix)."""
        worker = LoopWorker(self, len(self.workers), settings)
        self.workers.append(worker)
        return worker

    def close(self) -> None:
        """End what still runs."""
        for worker in self.workers:
            worker.kill()


class LoopWorker:
    """One worker process; its log lies beside the line's switches."""

    def __init__(self, line: Line, number: int, settings: dict[str, str]) -> None:
        self._state = line.folder / f"worker-{number}.json"
        self._log = line.folder / f"worker-{number}.log"
        chosen = {
            "bootstrap": line.bootstrap,
            "group_id": line.name,
            "data_folder": str(line.folder / f"data-{number}"),
            "state_file": str(self._state),
            "session_timeout": "6",
            "heartbeat": "1",
            "commit_interval": "0.2",
            "retry_max": "0.5",
            **settings,
        }
        environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        environ |= {f"HUB_{name.upper()}": value for name, value in chosen.items()}
        command = [sys.executable, "-m", "tests.support.loop_worker", "--topic", f"{line.name}.in", "--out", line.name]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "--folder", str(line.folder)], env=environ, cwd=_ROOT, stdout=log, stderr=log
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ended(self) -> int:
        """Wait until it has ended and return its exit code (negative: the signal that ended it)."""
        return await asyncio.wait_for(asyncio.to_thread(self._process.wait), _PATIENCE)

    async def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return await self.ended()

    def kill(self) -> None:
        """Send SIGKILL."""
        self._process.kill()
        self._process.wait()

    def log(self) -> str:
        """Return what it has logged."""
        return self._log.read_text()

    async def ask(self, path: str) -> tuple[int, str]:
        """Return the status and body of `/live`, `/ready` or `/metrics`; (0, "") while it does not serve."""
        return await asyncio.to_thread(self._get, path)

    async def until(self, path: str, status: int, text: str = "") -> str:
        """Wait until the page answers with this status and holds this text, and return it."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                code, body = await self.ask(path)
                if code == status and text in body:
                    return body
                await asyncio.sleep(0.1)

    async def until_logged(self, text: str) -> None:
        """Wait until the log holds this text."""
        async with asyncio.timeout(_PATIENCE):
            while text not in self.log():
                await asyncio.sleep(0.1)

    def _get(self, path: str) -> tuple[int, str]:
        try:
            address: Any = json.loads(self._state.read_text())["address"]
            with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""
