"""The policies in use, by council: what intake validates against and decide compiles."""

from __future__ import annotations

from collections.abc import Iterable

from hub.policy.engine import Engine
from hub.policy.model import Policy


class Policies:
    """Every loaded policy version, by council; one engine per council, so that councils are kept apart."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        by_council: dict[str, list[Policy]] = {}
        for policy in policies:
            by_council.setdefault(policy.council, []).append(policy)
        self._engines = {council: Engine(versions) for council, versions in by_council.items()}

    def engine(self, council: str) -> Engine | None:
        """Return the council's engine, or None where no policy of it is loaded."""
        return self._engines.get(council)

    def at(self, council: str, day: str) -> Policy | None:
        """Return the policy in force for a council on an ISO day (or time), or None."""
        engine = self._engines.get(council)
        snapshot = engine.at(day[:10]) if engine else None
        return snapshot.policy if snapshot else None

    def all(self) -> tuple[Policy, ...]:
        """Return every loaded policy, ordered by council and start."""
        return tuple(p for council in sorted(self._engines) for p in self._engines[council].policies)

    def agencies(self) -> tuple[str, ...]:
        """Return every agency id of every register, sorted: the topics that must exist."""
        return tuple(sorted({row.id for policy in self.all() for row in policy.agencies}))
