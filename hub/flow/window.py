"""Facts as of an offset (design section 5): what a batch from one partition may know of its subjects, and what it adds.

Kept in memory per subject for as long as this worker owns the partition and sees it in order; anything else (a rebalance, a
redelivery) goes back to the store, which alone is the truth.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.ledger.ports import Position, SubjectEvent, SubjectEventStore
from hub.policy.engine import CompiledFacts
from hub.policy.facts import NOTHING_KNOWN, Facts, from_json
from hub.policy.snapshot import Snapshot

UNREADABLE: Final = Facts(unreadable=True)
"""What is assumed of a subject whose stored facts cannot be read: nothing, so every decision is REVIEW from then on."""


@dataclass(slots=True)
class _Kept:
    facts: Facts
    compiled: CompiledFacts | None = None
    snapshot: Snapshot | None = None


class FactsCache:
    """Facts of recently seen subjects, bounded (least recently used out first), for one worker."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[int, str], _Kept] = OrderedDict()
        self._high: dict[int, int] = {}
        self._nothing: tuple[Snapshot, str, CompiledFacts] | None = None

    def clear(self) -> None:
        """Forget everything; called whenever the partitions owned change."""
        self._kept.clear()
        self._high.clear()

    def begin(self, partition: int, first: int) -> None:
        """Note the first offset of a batch; one at or below what was seen is a redelivery, and memory is not trusted."""
        if first <= self._high.get(partition, -1):
            for key in [key for key in self._kept if key[0] == partition]:
                del self._kept[key]

    def end(self, partition: int, last: int) -> None:
        """Note the last offset whose controls are in the store."""
        self._high[partition] = last

    def get(self, partition: int, ref: str) -> Facts | None:
        """Return the facts kept for a subject, or None."""
        kept = self._kept.get((partition, ref))
        if kept is None:
            return None
        self._kept.move_to_end((partition, ref))
        return kept.facts

    def put(self, partition: int, ref: str, facts: Facts) -> None:
        """Keep a subject's facts, and drop what was compiled from older ones."""
        self._kept[(partition, ref)] = _Kept(facts)
        self._kept.move_to_end((partition, ref))
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def compiled(self, partition: int, ref: str, facts: Facts, snapshot: Snapshot, day: str) -> CompiledFacts:
        """Return the facts compiled for a snapshot and day, compiling only when one of the three has changed."""
        if facts == NOTHING_KNOWN:
            return self._compiled_nothing(snapshot, day)
        kept = self._kept.get((partition, ref))
        if kept is None or kept.facts is not facts:
            return CompiledFacts(snapshot, facts, day)
        if kept.compiled is None or kept.snapshot is not snapshot or kept.compiled.day != day:
            kept.compiled, kept.snapshot = CompiledFacts(snapshot, facts, day), snapshot
        return kept.compiled

    def _compiled_nothing(self, snapshot: Snapshot, day: str) -> CompiledFacts:
        if self._nothing is None or self._nothing[:2] != (snapshot, day):
            self._nothing = (snapshot, day, CompiledFacts(snapshot, NOTHING_KNOWN, day))
        return self._nothing[2]


class Window:
    """The facts of the subjects of one batch, in order: read once, changed as the batch is walked, written once."""

    def __init__(self, store: SubjectEventStore, cache: FactsCache, log_id: str, partition: int) -> None:
        self._store, self._cache = store, cache
        self._log_id, self._partition = log_id, partition
        self._facts: dict[str, Facts] = {}
        self._events: list[SubjectEvent] = []

    async def load(self, subjects: Sequence[tuple[str, int]]) -> None:
        """Read the facts of the batch's subjects as of each one's first offset, those in memory from memory."""
        self._cache.begin(self._partition, min(offset for _, offset in subjects))
        asks: dict[str, int] = {}
        for ref, offset in subjects:
            facts = self._cache.get(self._partition, ref)
            if facts is not None:
                self._facts[ref] = facts
            elif ref not in asks:
                asks[ref] = offset
        rows = await self._store.facts_before([(ref, self.position(offset)) for ref, offset in asks.items()])
        for ref, row in zip(asks, rows, strict=True):
            self._facts[ref] = _read(row)

    def position(self, offset: int) -> Position:
        """Return a place in this partition of the subjects log."""
        return Position(self._log_id, self._partition, offset)

    def facts(self, ref: str) -> Facts:
        """Return a subject's facts at this point of the walk."""
        return self._facts[ref]

    def change(self, ref: str, offset: int, event_id: str, kind: str, facts: Facts) -> None:
        """Set a subject's facts from this offset on; writes nothing when they are what they were."""
        if facts == self._facts[ref]:
            return
        self._facts[ref] = facts
        self._events.append(SubjectEvent(ref, self.position(offset), event_id, kind, facts.to_json()))

    async def save(self, last: int) -> None:
        """Write the batch's changes, then keep its facts in memory."""
        if self._events:
            await self._store.append(self._events)
        for ref, facts in self._facts.items():
            if self._cache.get(self._partition, ref) is not facts:
                self._cache.put(self._partition, ref, facts)
        self._cache.end(self._partition, last)


def _read(row: bytes | None) -> Facts:
    if row is None:
        return NOTHING_KNOWN
    try:
        return from_json(row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return UNREADABLE
