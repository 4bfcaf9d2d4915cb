"""The embedded broker: durable on its folder, alone on it, and never left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from hub.connectors.broker.process import EmbeddedBroker
from hub.errors import BrokerUnavailable, ConfigurationFault

TOPIC = "kept"
PARENT = """
import sys, time
from pathlib import Path
from hub.connectors.broker.process import EmbeddedBroker
EmbeddedBroker(Path(sys.argv[1])).start()
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A broker of this test's own, not yet started."""
    embedded = EmbeddedBroker(tmp_path / "broker")
    yield embedded
    embedded.stop()


def processes_of(folder: Path) -> list[psutil.Process]:
    """All live processes whose command names the folder: guard, Java and tools."""
    named = psutil.process_iter(["cmdline", "status"])
    return [
        process
        for process in named
        if any(str(folder) in part for part in process.info["cmdline"] or ())
        and process.info["status"] != psutil.STATUS_ZOMBIE
        and process.pid != os.getpid()
    ]


async def publish(bootstrap: str, value: bytes) -> None:
    """Have one message acknowledged by the broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    if TOPIC not in await admin.list_topics():
        await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(TOPIC, value)


async def read(bootstrap: str, count: int) -> list[bytes | None]:
    """Return the first messages of the topic."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(TOPIC, 0)])
        return [(await consumer.getone()).value for _ in range(count)]


async def test_restarts_keep_data_and_address_and_leave_nothing(own: EmbeddedBroker, tmp_path: Path) -> None:
    """What was acknowledged is there after a stop and after a SIGKILL, at the same address; neither leaves a process."""
    own.start()
    first = own.bootstrap
    await publish(first, b"before the stop")
    assert processes_of(tmp_path)
    own.stop()
    assert [] == processes_of(tmp_path)
    own.start()
    await publish(own.bootstrap, b"before the kill")
    own.kill()
    assert not own.is_alive
    assert [] == processes_of(tmp_path)
    own.start()

    assert first == own.bootstrap
    assert [b"before the stop", b"before the kill"] == await read(own.bootstrap, 2)


def test_two_brokers_never_share_a_folder(broker: EmbeddedBroker) -> None:
    """A second broker on a folder in use is refused, and the first goes on."""
    with pytest.raises(ConfigurationFault) as refused:
        EmbeddedBroker(broker.folder).start()

    assert "FOLDER_IN_USE" == refused.value.faults[0].code
    assert broker.is_alive


def test_starting_a_running_broker_does_nothing(broker: EmbeddedBroker) -> None:
    """A broker that runs is left alone."""
    before = processes_of(broker.folder)

    broker.start()

    assert before == processes_of(broker.folder)


def test_a_killed_hub_leaves_no_broker(own: EmbeddedBroker, tmp_path: Path) -> None:
    """The broker ends with the process that started it, even by SIGKILL; the next start takes the folder over."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "broker")], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert "ready\n" == parent.stdout.readline()
        left = [process for process in processes_of(tmp_path) if process.pid != parent.pid]
        parent.send_signal(signal.SIGKILL)

    _, alive = psutil.wait_procs(left, timeout=30)
    assert left
    assert [] == alive
    own.start()
    assert own.is_alive


def test_a_killed_guard_leaves_no_broker(own: EmbeddedBroker, tmp_path: Path) -> None:
    """The guard that watches over the Java process takes it along when it is killed itself."""
    own.start()
    running = processes_of(tmp_path)
    guard = next(process for process in running if any("guard.py" in part for part in process.cmdline()))

    guard.kill()

    _, alive = psutil.wait_procs([process for process in running if process != guard], timeout=30)
    assert [] == alive
    assert not own.is_alive


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    """A start that fails shows the last lines of the broker's own log, and leaves nothing running."""
    embedded = EmbeddedBroker(tmp_path / "broker", overrides={"num.io.threads": "none"})

    with pytest.raises(BrokerUnavailable) as failed:
        embedded.start()

    assert "num.io.threads" in str(failed.value)
    assert [] == processes_of(tmp_path)


def test_the_address_is_loopback_only(broker: EmbeddedBroker) -> None:
    """The broker listens on 127.0.0.1 and nowhere else."""
    listening = {
        connection.laddr.ip.removeprefix("::ffff:")
        for process in processes_of(broker.folder)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }

    assert {"127.0.0.1"} == listening


def test_a_port_taken_by_another_program_is_named(broker: EmbeddedBroker, tmp_path: Path) -> None:
    """A kept port that is in use is refused with its number and the file that keeps it, not moved in silence."""
    shutil.copy(broker.folder / "ports.json", tmp_path / "ports.json")

    with pytest.raises(ConfigurationFault) as refused:
        EmbeddedBroker(tmp_path).start()

    assert "PORT_IN_USE" == refused.value.faults[0].code
    assert broker.bootstrap.split(":")[1] in str(refused.value)


def test_before_the_first_start_there_is_no_address(tmp_path: Path) -> None:
    """A broker that was not started has no address to give, and stopping it is nothing."""
    embedded = EmbeddedBroker(tmp_path)
    embedded.stop()
    embedded.kill()

    with pytest.raises(BrokerUnavailable):
        _ = embedded.bootstrap
