"""Facts as of an offset (design section 5): what a batch may know of its subjects, and what it adds.

Kept in memory per subject for as long as this worker owns the partition and sees it in order; anything else (a rebalance, a
redelivery) goes back to the store, which alone is the truth.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.flow.outcome import Incoming
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
    """The facts of the subjects of one batch, in order: read once, changed as the batch is walked, written once.

    Every call of the store is for the whole batch, whatever its partitions: each waits for the disk.
    """

    def __init__(self, store: SubjectEventStore, cache: FactsCache, log_id: str) -> None:
        self._store, self._cache, self._log_id = store, cache, log_id
        self._facts: dict[tuple[int, str], Facts] = {}
        self._last: dict[int, int] = {}
        self._events: list[SubjectEvent] = []

    async def load(self, subjects: Sequence[tuple[str, Incoming]]) -> None:
        """Read the facts of the batch's subjects as of each one's first message, those in memory from memory."""
        for _, message in subjects:
            if message.partition not in self._last:
                self._cache.begin(message.partition, message.offset)
            self._last[message.partition] = message.offset
        asks: dict[tuple[int, str], Position] = {}
        for ref, message in subjects:
            facts = self._cache.get(message.partition, ref)
            if facts is not None:
                self._facts[message.partition, ref] = facts
            else:
                asks.setdefault((message.partition, ref), self.position(message))
        rows = await self._store.facts_before([(ref, position) for (_, ref), position in asks.items()])
        for place, row in zip(asks, rows, strict=True):
            self._facts[place] = read_facts(row)

    def position(self, message: Incoming) -> Position:
        """Return a message's place in the subjects log."""
        return Position(self._log_id, message.partition, message.offset)

    def facts(self, ref: str, message: Incoming) -> Facts:
        """Return a subject's facts at this message of the walk."""
        return self._facts[message.partition, ref]

    def change(self, ref: str, message: Incoming, event_id: str, kind: str, facts: Facts) -> None:
        """Set a subject's facts from this message on; writes nothing when they are what they were."""
        place = message.partition, ref
        if facts == self._facts[place]:
            return
        self._facts[place] = facts
        self._events.append(SubjectEvent(ref, self.position(message), event_id, kind, facts.to_json()))

    async def save(self) -> None:
        """Write the batch's changes, then keep its facts in memory."""
        if self._events:
            await self._store.append(self._events)
        for (partition, ref), facts in self._facts.items():
            if self._cache.get(partition, ref) is not facts:
                self._cache.put(partition, ref, facts)
        for partition, offset in self._last.items():
            self._cache.end(partition, offset)


def read_facts(row: bytes | None) -> Facts:
    """Return the facts of a row of the store; a row that cannot be read is `UNREADABLE`, so that a person decides."""
    if row is None:
        return NOTHING_KNOWN
    try:
        return from_json(row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return UNREADABLE
