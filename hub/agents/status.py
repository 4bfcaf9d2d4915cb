"""What a worker says of itself: its state, whether it lives, whether it is ready, and how far behind it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from hub.agents.emitter import Emitter
from hub.agents.lag import Pair
from hub.agents.loop import Loop
from hub.flow.outcome import Count
from hub.telemetry.health import Check, Probes, Refresh
from hub.telemetry.metrics import Metrics

Lag = Callable[[frozenset[Pair], Mapping[Pair, int]], Awaitable[Mapping[Pair, int]]]
"""Given partitions and what the loops have handled, returns how many messages wait in each."""


class Status:
    """The truth about one worker, from its loops, its broker connection and its assignment."""

    def __init__(self, loops: Sequence[Loop], metrics: Metrics, stall_after: float) -> None:
        self.stopping = False
        self.assigned: frozenset[Pair] | None = None
        """What the worker reads; None until the first assignment and between two."""
        self._loops = loops
        self._metrics = metrics
        self._stall_after = stall_after

    def state(self) -> str:
        """Return the state the worker is in: one of the catalogue's STATES."""
        if self.stopping:
            return "stopping"
        if any(loop.pulse.waiting for loop in self._loops):
            return "retrying"
        return "running" if self.assigned is not None else "starting"

    def probes(self, emitter: Emitter, lag: Lag, checks: Mapping[str, Check], refresh: Sequence[Refresh]) -> Probes:
        """Return what the health server asks. checks and refresh: those of the other parts, such as the store."""

        async def broker() -> str:
            await emitter.ping()
            return ""

        async def own() -> None:
            await self._refresh(lag)

        ready: dict[str, Check] = {"state": self._ready, "partitions": self._partitions, "broker": broker, **checks}
        return Probes(live={"loops": self._live}, ready=ready, refresh=(own, *refresh))

    # Private functions
    # -----------------

    async def _live(self) -> str:
        hung = [loop.route.name for loop in self._loops if loop.pulse.stalled(self._stall_after)]
        return f"no progress: {', '.join(hung)}" if hung else ""

    async def _ready(self) -> str:
        state = self.state()
        waiting = sorted({loop.pulse.waiting for loop in self._loops} - {""})
        return "" if state == "running" else " ".join([state, *waiting])

    async def _partitions(self) -> str:
        return "not assigned" if self.assigned is None else ""

    async def _refresh(self, lag: Lag) -> None:
        self._metrics.state(self.state())
        self._metrics.forget("hub_lag_messages")
        if not self.assigned:
            return
        done = {pair: offset for loop in self._loops for pair, offset in loop.done.items()}
        for (topic, partition), waiting in (await lag(self.assigned, done)).items():
            self._metrics.count(Count("hub_lag_messages", (topic, str(partition)), waiting))
