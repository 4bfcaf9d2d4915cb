"""What both adapters do alike for evaluation: rows of the register into persons, and extracts to and from their columns.

Rows of a store come ordered by subject ref; the ref tells where one person ends and is dropped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from hub.ledger.ports import Extract, Tally
from hub.ledger.rows import plain

EXTRACT_COLUMNS: Final = ("council", "month", "period", "months", "released_at", "digest", "body")
_SEPARATOR: Final = " "


class Persons:
    """Gathers rows (subject ref, then the fields of Tally) and hands over each person once; `end` hands over the last."""

    def __init__(self, take: Callable[[Sequence[Tally]], None]) -> None:
        self._take = take
        self._ref: bytes | None = None
        self._tallies: list[Tally] = []

    def add(self, row: Iterable[Any]) -> None:
        """Take the next row in the order of subject refs."""
        ref, day, form, purpose, recipient, decision, reason, decisions = row
        if ref != self._ref:
            self.end()
            self._ref = ref
        self._tallies.append(Tally(day, form, purpose, recipient, decision, reason, decisions))

    def end(self) -> None:
        """Hand over who is in hand."""
        if self._tallies:
            self._take(self._tallies)
            self._tallies = []


def extract_values(extract: Extract) -> list[tuple[Any, ...]]:
    """Return the rows of an extract in the order of EXTRACT_COLUMNS, one for each of its months, in order."""
    months = _SEPARATOR.join(extract.months)
    return [
        (plain(extract.council), month, extract.period, months, extract.released_at, extract.digest, extract.body)
        for month in sorted(extract.months)
    ]


def extract_of(values: Iterable[Any]) -> Extract:
    """Return the extract that one row holds."""
    council, _, period, months, released_at, digest, body = values
    return Extract(council, period, tuple(months.split(_SEPARATOR)), released_at, digest, bytes(body))
