"""Asks a broker, in one request of Kafka's own protocol, whether it can be used."""

from __future__ import annotations

import socket
import struct
from typing import Final

_TIMEOUT_SECONDS: Final = 2.0

# Header: api 3 (metadata), version 1, correlation 0, client `hub`; body: no topics asked for.
_REQUEST: Final = struct.pack(">hhih3si", 3, 1, 0, 3, b"hub", 0)


def is_ready(host: str, port: int) -> bool:
    """Say whether the broker answers and names at least one live broker, so that topics can be made and used."""
    try:
        with socket.create_connection((host, port), _TIMEOUT_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(_REQUEST)) + _REQUEST)
            (length,) = struct.unpack(">i", _read(connection, 4))
            _, brokers = struct.unpack_from(">ii", _read(connection, length))
    except OSError:
        return False
    return bool(brokers > 0)


def _read(connection: socket.socket, length: int) -> bytes:
    """Read exactly so many bytes. Raises ConnectionError if the other side ends first."""
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data
