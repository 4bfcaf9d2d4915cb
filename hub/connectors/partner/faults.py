"""What the brokers and the network did, in the hub's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from hub.errors import BrokerUnavailable, ConfigurationFault

_DENIED: Final = (TopicAuthorizationFailedError, GroupAuthorizationFailedError, ClusterAuthorizationFailedError)


@contextmanager
def translated(topic: str, remedy: str) -> Iterator[None]:
    """Turn errors of Kafka, the network and `asyncio.timeout` into the hub's own.

    Raises ConfigurationFault where the agency has no right to the topic, BrokerUnavailable with this remedy for all else.
    """
    try:
        yield
    except _DENIED as error:
        raise ConfigurationFault.of(
            "NOT_ALLOWED",
            "the brokers do not let this agency use the topic",
            topic,
            "ask the council for the access right",
        ) from error
    except (KafkaError, OSError, TimeoutError) as error:
        text = f"the brokers did not answer as expected ({type(error).__name__})"
        raise BrokerUnavailable.of("BROKER_UNAVAILABLE", text, topic, remedy) from error


def require(topic: str, existing: set[str]) -> None:
    """Raise ConfigurationFault when the topic is not among those that the agency can see."""
    if topic not in existing:
        text = "there is no such topic for this agency"
        raise ConfigurationFault.of(
            "NO_TOPIC", text, topic, "ask the council to register the agency and to apply its topics"
        )
