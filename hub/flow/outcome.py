"""What a use case takes from the log and what it gives back to the stream loop.

The loop alone emits, counts, buries and acknowledges; a use case only says what is to be done, in which order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hub.errors import MessageFault


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as the broker gave it. timestamp_ms is the broker's append time on partner topics."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Emit:
    """One message to produce. The key is pseudonymous; headers hold CloudEvents attributes, never personal data."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """One metric increment (or observation) by its catalogue name, with its closed labels in catalogue order."""

    metric: str
    labels: tuple[str, ...] = ()
    value: float = 1.0


@dataclass(frozen=True, slots=True)
class Result:
    """What handling a batch asks for.

    stages: emits in order; every emit of a stage is acknowledged by the broker before the next stage begins
    (record before release, invariant 2). buried: messages that cannot be handled, each with its reason.
    """

    stages: tuple[tuple[Emit, ...], ...] = ()
    buried: tuple[tuple[Incoming, MessageFault], ...] = ()
    counts: tuple[Count, ...] = field(default=())


class Handler(Protocol):
    """A use case that handles a batch, of one partition or several, in offset order within each.

    Raises PassingFault to have the batch tried again in place, StopFault to stop the worker; whatever else it raises
    stops the worker too, with the batch unacknowledged (invariant 6).
    """

    async def __call__(self, batch: Sequence[Incoming]) -> Result:
        """Handle the batch; calling it again with the same batch gives the same emits."""
