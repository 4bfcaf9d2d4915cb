"""Topics on the brokers, made and kept as the catalogue says; and what `hub status` asks of the brokers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from hub.errors import BrokerUnavailable, ConfigurationFault, Fault
from hub.schemas.topics import Topic

T = TypeVar("T")

_TIMEOUT_MS: Final = 15_000
_SETTLE_SECONDS: Final = 20.0
_LOOK_EVERY_SECONDS: Final = 0.05
_SET_ON_THE_TOPIC: Final = 1
"""Kafka's mark on a setting that was made on the topic itself, not a default."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that `apply` did: a topic `created`, or `altered` with (name, before, after) of each setting."""

    topic: str
    what: str
    settings: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One topic as it is on the brokers: partitions, copies of each, and the settings made on the topic itself."""

    name: str
    partitions: int
    replication: int
    settings: Mapping[str, str]


async def apply(bootstrap: str, topics: Sequence[Topic], replication: int = 1) -> list[Change]:
    """Create the topics that are missing, alter the settings that differ, and return what was changed, in order.

    Applying twice changes nothing; settings that the catalogue does not name are left as they are. `replication` is
    for new topics. Raises ConfigurationFault, before anything is changed, when a topic has another partition count:
    its keys would move to other partitions and lose their order. Raises BrokerUnavailable when the brokers do not answer.
    """
    async with _admin(bootstrap) as admin:
        found = await _describe(admin, [topic.name for topic in topics])
        _refuse_other_partitions(topics, found)
        missing = [topic for topic in topics if topic.name not in found]
        altered = [change for topic in topics if (change := _alteration(topic, found.get(topic.name)))]
        if missing:
            await _create(admin, missing, replication)
        if altered:
            await _alter(admin, altered, found)
        await _settle(admin, {topic.name for topic in missing})
    # Metadata names a leader before the leader takes writes; it answers for its offsets only when it does.
    await end_offsets(bootstrap, [topic.name for topic in missing])
    return [*(Change(topic.name, "created") for topic in missing), *altered]


async def describe(bootstrap: str, names: Iterable[str] | None = None) -> dict[str, Found]:
    """Return the topics that exist, by name: those named, or all. Raises BrokerUnavailable."""
    async with _admin(bootstrap) as admin:
        return await _describe(admin, list(names) if names is not None else await admin.list_topics())


async def cluster_id(bootstrap: str) -> str:
    """Return the id of the cluster; another id means another log. Raises BrokerUnavailable."""
    async with _admin(bootstrap) as admin:
        return str((await admin.describe_cluster())["cluster_id"])


async def end_offsets(bootstrap: str, names: Iterable[str]) -> dict[tuple[str, int], int]:
    """Return, by (topic, partition), the offset after the last message, for topics that exist. Raises BrokerUnavailable."""
    found = await describe(bootstrap, names)
    partitions = [TopicPartition(topic.name, number) for topic in found.values() for number in range(topic.partitions)]
    if not partitions:
        return {}
    async with _translated(), AIOKafkaConsumer(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS) as consumer:
        # Otherwise the client learns of one topic at a time, 0.1 s each.
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
    return {(partition.topic, partition.partition): offset for partition, offset in ends.items()}


async def committed_offsets(bootstrap: str, group: str) -> dict[tuple[str, int], int]:
    """Return, by (topic, partition), what the consumer group has acknowledged; nothing for an unknown group.

    Raises BrokerUnavailable.
    """
    async with _admin(bootstrap) as admin:
        offsets = await _patiently(lambda: admin.list_consumer_group_offsets(group))
    return {(partition.topic, partition.partition): found.offset for partition, found in offsets.items()}


async def lag(bootstrap: str, group: str, names: Iterable[str]) -> dict[str, int]:
    """Return, by topic, how many messages the group has not acknowledged yet. Raises BrokerUnavailable."""
    ends = await end_offsets(bootstrap, names)
    done = await committed_offsets(bootstrap, group)
    behind: dict[str, int] = {}
    for place, end in ends.items():
        behind[place[0]] = behind.get(place[0], 0) + max(0, end - done.get(place, 0))
    return behind


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[Any]:
    """An admin client that is closed afterwards; its errors come out as the hub's own."""
    async with _translated():
        client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS)
        try:
            await client.start()
            yield client
        finally:
            await client.close()


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn whatever the brokers or the network did into BrokerUnavailable."""
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable.of(
            "BROKER_UNAVAILABLE",
            f"the brokers did not answer as expected ({type(error).__name__})",
            remedy="check that the broker runs and that HUB_BOOTSTRAP names it",
        ) from error


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again while the brokers say that they are not ready yet, up to a bound."""
    async with asyncio.timeout(_SETTLE_SECONDS):
        while True:
            try:
                return await ask()
            except KafkaError as error:
                if not error.retriable:
                    raise
            await asyncio.sleep(_LOOK_EVERY_SECONDS)


async def _describe(admin: Any, names: Sequence[str]) -> dict[str, Found]:
    """Return those of the named topics that exist."""
    if not names:
        return {}
    rows = {row["topic"]: row["partitions"] for row in await admin.describe_topics(list(names)) if _exists(row)}
    settings = await _settings(admin, list(rows))
    return {
        name: Found(name, len(parts), min((len(part["replicas"]) for part in parts), default=0), settings[name])
        for name, parts in rows.items()
    }


def _exists(row: Mapping[str, Any]) -> bool:
    """Say whether a described topic exists. Raises the broker's error when it could not say."""
    error = for_code(row["error_code"])
    if error is UnknownTopicOrPartitionError:
        return False
    if row["error_code"]:
        raise error
    return True


async def _settings(admin: Any, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the settings made on each topic itself."""
    if not names:
        return {}
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names]):
        for code, _, _, name, entries in response.resources:
            if code:
                raise for_code(code)
            found[name] = {entry[0]: entry[1] for entry in entries if entry[3] == _SET_ON_THE_TOPIC}
    return found


def _refuse_other_partitions(topics: Sequence[Topic], found: Mapping[str, Found]) -> None:
    """Raise ConfigurationFault with every topic whose partition count is not the catalogue's."""
    faults = [
        Fault(
            "PARTITIONS_FIXED",
            topic.name,
            f"has `{found[topic.name].partitions}` partitions, not `{topic.partitions}`; the count is fixed for life",
            "set the partition count back, or start with a new cluster",
        )
        for topic in topics
        if topic.name in found and found[topic.name].partitions != topic.partitions
    ]
    if faults:
        raise ConfigurationFault(*faults)


def _alteration(topic: Topic, found: Found | None) -> Change | None:
    """Return what must be altered on a topic that exists, None when nothing is."""
    if found is None:
        return None
    wanted = topic.settings
    differs = tuple(
        (name, found.settings.get(name, ""), value)
        for name, value in sorted(wanted.items())
        if found.settings.get(name) != value
    )
    return Change(topic.name, "altered", differs) if differs else None


async def _create(admin: Any, missing: Sequence[Topic], replication: int) -> None:
    """Create the topics; one that another hub created meanwhile is as good."""
    extra = {"min.insync.replicas": str(max(1, replication - 1))}
    new = [
        NewTopic(topic.name, topic.partitions, replication, topic_configs={**topic.settings, **extra})
        for topic in missing
    ]
    response = await admin.create_topics(new, timeout_ms=_TIMEOUT_MS)
    _raise_refused((name, code) for name, code, _ in response.topic_errors)


async def _alter(admin: Any, changes: Sequence[Change], found: Mapping[str, Found]) -> None:
    """Alter settings. Kafka's request replaces them all, so those that the catalogue does not name are sent along."""
    resources = [
        ConfigResource(
            ConfigResourceType.TOPIC,
            change.topic,
            {**found[change.topic].settings, **{name: after for name, _, after in change.settings}},
        )
        for change in changes
    ]
    for response in await admin.alter_configs(resources):
        _raise_refused((name, code) for code, _, _, name in response.resources)


def _raise_refused(answers: Iterable[tuple[str, int]]) -> None:
    """Raise for what the brokers refused: BrokerUnavailable if it may pass, ConfigurationFault with all if not."""
    refused = [(name, for_code(code)) for name, code in answers if code and code != TopicAlreadyExistsError.errno]
    for _, error in refused:
        if error.retriable:
            raise error
    if refused:
        raise ConfigurationFault(
            *(Fault("TOPIC_REFUSED", name, f"refused by the broker ({error.__name__})") for name, error in refused)
        )


async def _settle(admin: Any, names: set[str]) -> None:
    """Wait until every new topic has a leader for each partition, so that it can be used at once."""

    async def ask() -> None:
        for row in await admin.describe_topics(sorted(names)):
            for code in (row["error_code"], *(part["error_code"] for part in row["partitions"])):
                if code:
                    raise for_code(code)

    if names:
        await _patiently(ask)
