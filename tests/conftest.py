"""What tests of all kinds share: one real broker for the whole run, and names that no other test uses."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator

import pytest

from hub.connectors.broker.process import EmbeddedBroker


def pytest_configure() -> None:
    """Let Ctrl-C end what the tests start, as it would at a person's terminal.

    A shell makes whatever it runs in the background ignore SIGINT and SIGQUIT, and every process started from there inherits it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A real Apache Kafka, started when the first test needs it and shared by all.

    A test that stops or kills a broker starts its own `EmbeddedBroker` on its `tmp_path` instead.
    """
    embedded = EmbeddedBroker(tmp_path_factory.mktemp("broker"))
    embedded.start()
    yield embedded
    embedded.stop()


@pytest.fixture(scope="session")
def bootstrap(broker: EmbeddedBroker) -> str:
    """The address of the shared broker."""
    return broker.bootstrap


@pytest.fixture
def unique() -> str:
    """A short name that no other test of any run uses: for agencies, groups and topics on the shared broker."""
    return f"t{uuid.uuid4().hex[:10]}"
