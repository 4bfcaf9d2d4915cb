"""The broker's time, the only time the flow knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from hub.errors import ConfigurationFault

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1024)
def moment_of(timestamp_ms: int) -> datetime:
    """Return a broker timestamp as a moment in UTC, to the millisecond.

    Raises ConfigurationFault when the broker gave none: the topic is not set to append time, and nothing can be judged.
    """
    if timestamp_ms < 0:
        remedy = "apply the topic catalogue"
        raise ConfigurationFault.of("NO_BROKER_TIME", "the broker gives its messages no time", "topics", remedy)
    return _EPOCH + timedelta(milliseconds=timestamp_ms)


@lru_cache(maxsize=1024)
def iso(moment: datetime) -> str:
    """Return a moment in UTC as `YYYY-MM-DDTHH:MM:SS.mmmZ`: always of one length, so that times sort as text."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
