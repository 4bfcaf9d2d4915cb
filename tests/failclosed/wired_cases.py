"""How each case on a real worker and broker is brought about; `CASES` holds them by their names in the matrix."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from confluent_kafka import Producer
from fastavro import schemaless_writer

from hub.connectors import kafka_admin
from hub.schemas.codec import PARTNER_LIMIT, decode
from hub.schemas.registry import packaged
from hub.schemas.topics import DISCLOSURES, MAX_MESSAGE_BYTES, inbox, outbox
from tests.failclosed.room import sound
from tests.support.load import MASH, SCHOOL, Load
from tests.support.whole_hub import WholeHub, WorkerProcess

Body = dict[str, Any]

_CLIENT_LIMIT: Final = 10_000_000
_WAIT: Final = 30


class Scene:
    """One case on a running hub, with a referral told from all others by the child's name. said: the client's last word."""

    def __init__(self, hub: WholeHub, name: str) -> None:
        self.hub = hub
        self.name = name
        self.said = ""
        self._load = Load(hash(name) & 0xFFFF)

    def body(self, **changes: Any) -> Body:
        """Return the case's referral, which would be released."""
        body = sound() | changes
        [child] = body["persons"]
        identity = {**child["identity"], "family_name": self.name}
        return {**body, "persons": [{**child, "identity": identity, "identifiers": None}]}

    def publish(self, value: bytes | None = None, agency: str = SCHOOL, **changes: Any) -> None:
        """Publish the referral, or other bytes in its place; what the broker says of it is kept in `said`."""
        one = self._load.plain("Referral", self.body(**changes), SCHOOL)
        settings = {
            "bootstrap.servers": self.hub.bootstrap,
            "message.max.bytes": _CLIENT_LIMIT,
            "compression.type": "lz4",
        }
        producer = Producer({**settings, "log_level": 0})
        producer.produce(inbox(agency), value or one.value, key=one.message_id, on_delivery=self._heard)
        assert not producer.flush(_WAIT)

    def _heard(self, error: Any, _: object) -> None:
        self.said = error.name() if error is not None else ""

    def large(self, size: int, text: str) -> bytes:
        """Return a referral of at least so many bytes, which the hub's own codec would not write."""
        statement = {"text": text * (size // len(text)), "kind": "fact", "about": "child"}
        body = self.body()
        body["details"] = {**body["details"], "reasons": [statement]}
        one = self._load.plain("Referral", self.body(), SCHOOL)
        stamped = decode(one.value).body | {"details": body["details"]}
        schema = packaged().by_name("Referral")
        out = BytesIO(b"\x00" + schema.schema_id.to_bytes(4, "big"))
        out.seek(5)
        schemaless_writer(out, schema.parsed, stamped)
        return out.getvalue()


Carry = Callable[[Scene], AbstractContextManager[WorkerProcess | None]]
"""Brings a case about and ends it: inside, the fault holds, and the worker that met it is given (None: none did)."""

CASES: Final[dict[str, Carry]] = {}


def carries_out(case: str) -> Callable[[Callable[[Scene], Iterator[WorkerProcess | None]]], Carry]:
    """Enter a function into `CASES`."""

    def enter(carry: Callable[[Scene], Iterator[WorkerProcess | None]]) -> Carry:
        CASES[case] = contextmanager(carry)
        return CASES[case]

    return enter


@carries_out("policy-not-there")
def _policy_not_there(scene: Scene) -> Iterator[WorkerProcess]:
    scene.publish()
    yield scene.hub.worker(HUB_COUNCILS="nowhere")


@carries_out("key-missing")
def _key_missing(scene: Scene) -> Iterator[WorkerProcess]:
    scene.publish()
    yield scene.hub.worker(HUB_KEYS_FILE=str(scene.hub.folder / "no-such-keys.json"))


@carries_out("key-too-open")
def _key_too_open(scene: Scene) -> Iterator[WorkerProcess]:
    scene.publish()
    keys = scene.hub.folder / "open-keys.json"
    shutil.copy(scene.hub.settings.keys_path, keys)
    keys.chmod(0o644)
    yield scene.hub.worker(HUB_KEYS_FILE=str(keys))


@carries_out("key-malformed")
def _key_malformed(scene: Scene) -> Iterator[WorkerProcess]:
    scene.publish()
    keys = scene.hub.folder / "half-keys.json"
    keys.touch(0o600)
    keys.write_bytes(scene.hub.settings.keys_path.read_bytes()[:100])
    yield scene.hub.worker(HUB_KEYS_FILE=str(keys))


@carries_out("store-not-one")
def _store_not_one(scene: Scene) -> Iterator[WorkerProcess]:
    scene.publish()
    folder = _other_folder(scene.hub, "not-one")
    (folder / "hub.sqlite").write_bytes(b"a letter to the editor " * 100)
    yield scene.hub.worker(HUB_DATA_FOLDER=str(folder))


@carries_out("store-empty")
def _store_empty(scene: Scene) -> Iterator[WorkerProcess]:
    scene.publish()
    yield scene.hub.worker(HUB_DATA_FOLDER=str(_other_folder(scene.hub, "empty")))


@carries_out("store-locked")
def _store_locked(scene: Scene) -> Iterator[WorkerProcess]:
    with closing(sqlite3.connect(scene.hub.settings.sqlite_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        scene.publish()
        yield scene.hub.worker()
        other.execute("ROLLBACK")


@carries_out("broker-lost-a-topic")
def _lost_a_topic(scene: Scene) -> Iterator[WorkerProcess]:
    asyncio.run(_delete(scene.hub.bootstrap, outbox(MASH)))
    scene.publish()
    yield scene.hub.worker()
    asyncio.run(kafka_admin.apply(scene.hub.bootstrap, scene.hub.topics))


@carries_out("broker-takes-less")
def _takes_less(scene: Scene) -> Iterator[WorkerProcess]:
    asyncio.run(_limit(scene.hub.bootstrap, DISCLOSURES, "200"))
    scene.publish()
    yield scene.hub.worker()
    asyncio.run(kafka_admin.apply(scene.hub.bootstrap, scene.hub.topics))


@carries_out("everything-buried")
def _everything_buried(scene: Scene) -> Iterator[WorkerProcess]:
    for number in range(6):
        scene.publish(b"garbage %d" % number)
        scene.publish(b"garbage %d" % number, agency="dwp")
    scene.publish()
    yield scene.hub.worker(HUB_DEAD_LETTER_RUN="3")


@carries_out("large-for-the-hub")
def _large_for_the_hub(scene: Scene) -> Iterator[WorkerProcess]:
    scene.publish(scene.large(PARTNER_LIMIT, "a long story. "))
    yield scene.hub.worker()


@carries_out("large-when-unpacked")
def _large_when_unpacked(scene: Scene) -> Iterator[WorkerProcess]:
    scene.publish(scene.large(3 * MAX_MESSAGE_BYTES, "a long story. "))
    yield scene.hub.worker()


@carries_out("large-for-the-broker")
def _large_for_the_broker(scene: Scene) -> Iterator[None]:
    noise = random.Random(1).randbytes(MAX_MESSAGE_BYTES).hex()
    scene.publish(scene.large(2 * MAX_MESSAGE_BYTES, noise))
    yield None


@carries_out("large-when-answered")
def _large_when_answered(scene: Scene) -> Iterator[WorkerProcess]:
    scene.publish(recipients=[f"an-agency-that-nobody-has-ever-heard-of-{number}" for number in range(90)])
    yield scene.hub.worker(HUB_MAX_MESSAGE_BYTES="10000")


# Private functions
# -----------------


def _other_folder(hub: WholeHub, name: str) -> Path:
    """Return a data folder with the hub's keys and nothing else."""
    folder = hub.folder / name
    folder.mkdir()
    shutil.copy(hub.settings.keys_path, folder / "keys.json")
    return folder


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _delete(bootstrap: str, topic: str) -> None:
    async with _admin(bootstrap) as admin:
        await admin.delete_topics([topic])


async def _limit(bootstrap: str, topic: str, size: str) -> None:
    settings = {"max.message.bytes": size, "message.timestamp.type": "LogAppendTime"}
    async with _admin(bootstrap) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, settings)])
