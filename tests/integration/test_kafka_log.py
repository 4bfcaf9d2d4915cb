"""Looking into the log: all of a topic, one place of it, how much it keeps; and putting one message in."""

from __future__ import annotations

import pytest

from hub.connectors import kafka_admin, kafka_log
from hub.errors import BrokerUnavailable, ConfigurationFault, InputFault
from hub.schemas.topics import DAY_MS, Topic


@pytest.fixture
async def topic(bootstrap: str, unique: str) -> str:
    """A topic with three partitions."""
    wanted = Topic(unique, "anything", (), 3, DAY_MS, (), (), "a test's own")
    await kafka_admin.apply(bootstrap, [wanted])
    return unique


async def test_everything_that_is_kept_is_read_in_order(bootstrap: str, topic: str) -> None:
    """Each message once, with key, value and headers, oldest first in its partition."""
    places = [
        await kafka_log.put(bootstrap, topic, f"k{n}".encode(), f"v{n}".encode(), [("ce_id", b"%d" % n)])
        for n in range(8)
    ]

    found = await kafka_log.read_all(bootstrap, topic)

    assert sorted(places) == [(one.partition, one.offset) for one in found]
    assert {(f"k{n}".encode(), f"v{n}".encode(), (("ce_id", b"%d" % n),)) for n in range(8)} == {
        (one.key, one.value, one.headers) for one in found
    }
    assert 8 == await kafka_log.kept(bootstrap, topic)


async def test_one_place_is_read_alone(bootstrap: str, topic: str) -> None:
    """The message at an offset, and no other."""
    values = (b"first", b"second", b"third")
    places = [await kafka_log.put(bootstrap, topic, b"k", value, ()) for value in values]

    found = await kafka_log.read_at(bootstrap, topic, *places[1])

    assert b"second" == found.value


@pytest.mark.parametrize(("partition", "offset"), [(0, 99), (7, 0)])
async def test_a_place_that_is_not_kept_is_wrong_input(bootstrap: str, topic: str, partition: int, offset: int) -> None:
    """Past retention, or never there: told by its place."""
    with pytest.raises(InputFault, match=f"{topic}/{partition}/{offset}: the log no longer holds this message"):
        await kafka_log.read_at(bootstrap, topic, partition, offset)


async def test_an_empty_topic_holds_nothing(bootstrap: str, topic: str) -> None:
    """And is not waited for."""
    assert [] == await kafka_log.read_all(bootstrap, topic)
    assert 0 == await kafka_log.kept(bootstrap, topic)


async def test_a_topic_that_is_not_there_is_told(bootstrap: str, unique: str) -> None:
    """Nothing is made in passing."""
    with pytest.raises(ConfigurationFault, match="no such topic"):
        await kafka_log.read_all(bootstrap, unique)
    with pytest.raises(ConfigurationFault, match="no such topic"):
        await kafka_log.put(bootstrap, unique, b"k", b"v", ())


async def test_a_broker_that_is_not_there_is_unavailable() -> None:
    """A passing fault, for reading and for writing."""
    with pytest.raises(BrokerUnavailable):
        await kafka_log.read_all("127.0.0.1:1", "any")
    with pytest.raises(BrokerUnavailable):
        await kafka_log.put("127.0.0.1:1", "any", b"k", b"v", ())
