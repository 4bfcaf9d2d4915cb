"""A Sender that keeps what it is given in a list, for tests of the loop that need no broker."""

from __future__ import annotations

from collections.abc import Iterable

from hub.agents.emitter import Stage
from hub.agents.endings import EmitTooLarge
from hub.errors import BrokerUnavailable
from hub.flow.outcome import Emit


class ListedEmitter:
    """Accepts every stage at once, unless told to fail; meets the same contract as `Emitter`.

    stages: what was accepted, stage by stage. failing: how many more sends find no broker. limit: bytes of the largest emit.
    """

    def __init__(self, limit: int = 1_000_000) -> None:
        self.stages: list[tuple[Emit, ...]] = []
        self.failing = 0
        self._limit = limit

    def check(self, emits: Iterable[Emit]) -> None:
        """Raise EmitTooLarge when one of them is larger than the limit."""
        if any(len(emit.value) > self._limit for emit in emits):
            raise EmitTooLarge.of("EMIT_TOO_LARGE", "too large")

    async def send(self, stage: Stage) -> None:
        """Accept the stage, or raise BrokerUnavailable while failing."""
        if self.failing > 0:
            self.failing -= 1
            raise BrokerUnavailable.of("BROKER_SILENT", "no broker answers")
        if stage.emits:
            self.stages.append(stage.emits)

    @property
    def emits(self) -> list[Emit]:
        """All that was accepted, in order."""
        return [emit for stage in self.stages for emit in stage]
