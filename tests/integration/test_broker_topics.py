"""Topics on a real broker become what the catalogue says, and stay so."""

from __future__ import annotations

import dataclasses

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from hub.connectors import kafka_admin
from hub.connectors.kafka_admin import Change
from hub.errors import BrokerUnavailable, ConfigurationFault
from hub.schemas.topics import Topic, catalogue, inbox

LONG_AGO_MS = 946_684_800_000


def topics_of(agency: str) -> list[Topic]:
    """The agency's own topics and, under a name of this test's own, the topic of subjects."""
    partner = [topic for topic in catalogue([agency]) if topic.name.startswith("partner.")]
    subjects = next(topic for topic in catalogue([]) if topic.name == "subjects.v1")
    return [*partner, dataclasses.replace(subjects, name=f"{agency}.subjects.v1")]


async def test_applying_twice_changes_nothing(bootstrap: str, unique: str) -> None:
    """The first apply creates every topic with its settings; the second finds nothing to do."""
    topics = topics_of(unique)

    first = await kafka_admin.apply(bootstrap, topics)
    second = await kafka_admin.apply(bootstrap, topics)

    found = await kafka_admin.describe(bootstrap, [topic.name for topic in topics])
    assert [Change(topic.name, "created") for topic in topics] == first
    assert [] == second
    for topic in topics:
        assert topic.partitions == found[topic.name].partitions
        assert topic.settings.items() <= found[topic.name].settings.items()


async def test_settings_that_differ_are_altered_and_others_kept(bootstrap: str, unique: str) -> None:
    """A changed retention is put right; a setting that an operator added and the catalogue does not name stays."""
    topic = topics_of(unique)[0]
    await kafka_admin.apply(bootstrap, [topic])
    await _set(bootstrap, topic.name, {**topic.settings, "retention.ms": "5", "segment.bytes": "5000000"})

    changes = await kafka_admin.apply(bootstrap, [topic])

    settings = (await kafka_admin.describe(bootstrap, [topic.name]))[topic.name].settings
    assert [Change(topic.name, "altered", (("retention.ms", "5", str(topic.retention_ms)),))] == changes
    assert "5000000" == settings["segment.bytes"]


async def test_another_partition_count_is_refused_before_anything_is_done(bootstrap: str, unique: str) -> None:
    """Keys stay in their partition for life: the change is refused, and nothing else of the same apply happens."""
    topics = topics_of(unique)
    subjects = topics.pop()
    await kafka_admin.apply(bootstrap, [subjects])

    with pytest.raises(ConfigurationFault) as refused:
        await kafka_admin.apply(bootstrap, [*topics, dataclasses.replace(subjects, partitions=8)])

    assert [("PARTITIONS_FIXED", subjects.name)] == [(fault.code, fault.place) for fault in refused.value.faults]
    assert {} == await kafka_admin.describe(bootstrap, [topic.name for topic in topics])


async def test_a_sender_cannot_backdate(bootstrap: str, unique: str) -> None:
    """The time of a message on a partner topic is the broker's, whatever the sender claims."""
    await kafka_admin.apply(bootstrap, topics_of(unique))
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(inbox(unique), b"value", timestamp_ms=LONG_AGO_MS)

    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(inbox(unique), 0)])
        message = await consumer.getone()

    assert 1 == message.timestamp_type
    assert message.timestamp > LONG_AGO_MS * 1.5


async def test_lag_is_what_a_group_has_not_acknowledged(bootstrap: str, unique: str) -> None:
    """Lag counts from the committed offset, and from the beginning for a group that committed nothing."""
    await kafka_admin.apply(bootstrap, topics_of(unique))
    topic = inbox(unique)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for _ in range(3):
            await producer.send_and_wait(topic, b"value")

    before = await kafka_admin.lag(bootstrap, unique, [topic, "no-such-topic"])
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=unique, enable_auto_commit=False) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.commit({TopicPartition(topic, 0): 2})

    assert {topic: 3} == before
    assert {(topic, 0): 2} == await kafka_admin.committed_offsets(bootstrap, unique)
    assert {topic: 1} == await kafka_admin.lag(bootstrap, unique, [topic])


async def test_the_cluster_has_one_id(bootstrap: str) -> None:
    """The id says which log the offsets in a store belong to."""
    assert 22 == len(await kafka_admin.cluster_id(bootstrap))


async def test_what_the_broker_refuses_is_a_fault_of_configuration(bootstrap: str, unique: str) -> None:
    """More copies than there are brokers can never work, and says so with the topic's name."""
    with pytest.raises(ConfigurationFault) as refused:
        await kafka_admin.apply(bootstrap, topics_of(unique)[:1], replication=3)

    assert [inbox(unique)] == [fault.place for fault in refused.value.faults]


async def test_no_broker_is_a_passing_fault() -> None:
    """Where nobody answers, the caller may try again."""
    with pytest.raises(BrokerUnavailable):
        await kafka_admin.cluster_id("127.0.0.1:1")


async def _set(bootstrap: str, name: str, settings: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, settings)])
    await admin.close()
