"""Households: the parts of one message put together again, as far as this recipient may see them.

The hub decides for every person of a message apart, and sends each as a record of its own: part i of n, under one case id.
A recipient may never get some of them, and is not told why.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, replace
from typing import Final

from hub.connectors.messages import FilteredRecord, Person

LIMIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Household:
    """What this recipient has of one message. records: the newest record of each part, in the order of the parts."""

    case_id: str
    parts: int
    records: tuple[FilteredRecord, ...] = ()
    seen: frozenset[str] = frozenset()

    @property
    def persons(self) -> tuple[Person, ...]:
        """The people, in the order in which the sender named them."""
        return tuple(record.person for record in self.records if record.person is not None)

    @property
    def present(self) -> tuple[int, ...]:
        """Numbers of the parts that are here, from 1."""
        return tuple(record.part for record in self.records)

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the parts that are not here: not yet arrived, or not allowed. Nothing tells the two apart."""
        return tuple(number for number in range(1, self.parts + 1) if number not in self.present)

    def plus(self, record: FilteredRecord) -> Household:
        """Return the household with this record in it; itself when the record is in already.

        A second record of the same part (a ruling, a replay) takes the place of the first. Raises ValueError on another case.
        """
        if record.case_id != self.case_id:
            raise ValueError("the record belongs to another case")
        if record.record_id in self.seen:
            return self
        kept = [other for other in self.records if other.part != record.part]
        records = tuple(sorted([*kept, record], key=lambda each: each.part))
        return replace(self, parts=max(self.parts, record.parts), records=records, seen=self.seen | {record.record_id})


class Households:
    """The newest households, by case id.

    limit: how many are kept. A part that arrives after its household was forgotten begins a new one, which shows the earlier
    parts as missing; so does a restart, unless the stored records are put in again with `add`.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._known: OrderedDict[str, Household] = OrderedDict()

    def add(self, record: FilteredRecord) -> Household | None:
        """Return the record's household as it is now; None when the record was in it already."""
        before = self._known.get(record.case_id) or Household(record.case_id, record.parts)
        after = before.plus(record)
        self._known[record.case_id] = after
        self._known.move_to_end(record.case_id)
        if len(self._known) > self._limit:
            self._known.popitem(last=False)
        return None if after is before else after


async def households(records: AsyncIterable[FilteredRecord], limit: int = LIMIT) -> AsyncIterator[Household]:
    """Yield for each record its household, as it has grown.

    Written `async for household in households(client.records())`. A record counts as handled when the next household is asked for, as in the feed itself.
    """
    known = Households(limit)
    async for record in records:
        household = known.add(record)
        if household is not None:
            yield household
