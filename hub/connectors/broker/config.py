"""Settings of the embedded broker: one node that is broker and controller, on loopback, with small internal topics."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from hub.errors import ConfigurationFault

HOST: Final = "127.0.0.1"

# Below the range that Linux gives to outgoing connections: a port kept in the folder stays free while the hub is down.
_PORTS: Final = range(15_000, 32_000)
_TRIES: Final = 200

_FIXED: Final[Mapping[str, str]] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "BROKER",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # A topic that is not in the catalogue is an error, never made in passing.
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "message.max.bytes": "1048576",
    "log.cleaner.dedupe.buffer.size": "16777216",
    # One node has no replica to lean on: after a power cut at most this much may be missing.
    "log.flush.interval.ms": "1000",
    "log.flush.scheduler.interval.ms": "1000",
    # After a crash the node waits this long for its own former self to be given up (9 s by default).
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "num.network.threads": "2",
    "num.io.threads": "4",
}


@dataclass(frozen=True, slots=True)
class Ports:
    """The two loopback ports of one embedded broker."""

    broker: int
    controller: int


def keep_ports(file: Path) -> Ports:
    """Return the ports kept in the file; choose free ones and keep them when there is no file yet.

    Raises ConfigurationFault when a kept port is in use by something else, or no port is free.
    """
    if file.exists():
        ports = Ports(**json.loads(file.read_text(encoding="utf-8")))
        for port in (ports.broker, ports.controller):
            if not _is_free(port):
                raise ConfigurationFault.of(
                    "PORT_IN_USE",
                    f"port `{port}` is in use by another program",
                    place=str(file),
                    remedy="stop that program, or delete this file to have other ports chosen",
                )
        return ports
    ports = _choose()
    file.write_text(json.dumps(asdict(ports)), encoding="utf-8")
    return ports


def address_of(folder: Path) -> str:
    """Return the address that an embedded broker on this folder has or had, "" when none was ever started there."""
    file = folder / "ports.json"
    return f"{HOST}:{Ports(**json.loads(file.read_text(encoding='utf-8'))).broker}" if file.exists() else ""


def properties(ports: Ports, data: Path, overrides: Mapping[str, str]) -> str:
    """Return the text of `server.properties` for these ports and this data folder; overrides win."""
    rows = {
        **_FIXED,
        "listeners": f"BROKER://{HOST}:{ports.broker},CONTROLLER://{HOST}:{ports.controller}",
        "advertised.listeners": f"BROKER://{HOST}:{ports.broker}",
        "controller.quorum.voters": f"1@{HOST}:{ports.controller}",
        "log.dirs": str(data).replace("\\", "\\\\"),
        **overrides,
    }
    return "".join(f"{name}={value}\n" for name, value in rows.items())


def _choose() -> Ports:
    """Choose two free ports at random, so that two new hubs on one machine seldom meet."""
    # Not a secret: the choice only has to differ between hubs.
    candidates = random.sample(_PORTS, _TRIES)
    match [port for port in candidates if _is_free(port)]:
        case [broker, controller, *_]:
            return Ports(broker, controller)
    raise ConfigurationFault.of("NO_FREE_PORT", f"no free port between {_PORTS.start} and {_PORTS.stop}")


def _is_free(port: int) -> bool:
    """Say whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
