"""The broker's time, the only time the flow knows."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from hub.errors import ConfigurationFault


def moment_of(timestamp_ms: int) -> datetime:
    """Return a broker timestamp as a moment in whole seconds of UTC.

    Raises ConfigurationFault when the broker gave none: the topic is not set to append time, and nothing can be judged.
    """
    if timestamp_ms < 0:
        remedy = "apply the topic catalogue"
        raise ConfigurationFault.of("NO_BROKER_TIME", "the broker gives its messages no time", "topics", remedy)
    return _moment(timestamp_ms // 1000)


@lru_cache(maxsize=1024)
def iso(moment: datetime) -> str:
    """Return a moment in UTC as `YYYY-MM-DDTHH:MM:SSZ`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# Private functions
# -----------------


@lru_cache(maxsize=1024)
def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
