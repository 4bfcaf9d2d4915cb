"""The tables that evaluation gets, all of them, and the counting that fills them, one person after the other.

Rows are declared by the council's notices, never found in the data: what a sender wrote that no notice names counts as `other`,
so no word of a message can become a row, and a row that is there says nothing about who is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hub.flow.evaluation.periods import Period
from hub.ledger.ports import Tally
from hub.policy.model import Policy
from hub.policy.reasons import REASONS

DECISIONS: Final = ("PERMIT", "DENY", "REVIEW")
OTHER: Final = "other"
"""The row of whatever no notice names."""
ALL: Final = ""
"""As a row or a column: over all of them."""
MOST_OF_ONE: Final = 20
"""The most decisions about one person that any one figure counts."""

ClassOf = Callable[[str, str], str]
"""(agency, ISO day) -> its recipient class on that day, "" for none."""


@dataclass(frozen=True, slots=True)
class Table:
    """One declared table. rows: their labels, in order; row_of: the row of a tally, before `other` is put for what is not declared.

    only: the decisions that it counts. within_decision: whether each decision is a line of its own, without totals over decisions;
    a reason belongs to a decision, so such totals would say nothing more.
    """

    id: str
    title: str
    rows: tuple[str, ...]
    row_of: Callable[[Tally], str]
    only: tuple[str, ...] = DECISIONS
    by_decision: bool = True
    within_decision: bool = False


def declared(policies: Sequence[Policy], class_of: ClassOf, period: Period) -> tuple[Table, ...]:
    """Return the tables for the notices in force in a period: the only ones there are, and no caller can add one."""
    forms = _ids(row.id for policy in policies for row in policy.forms)
    purposes = _ids(row.id for policy in policies for row in policy.purposes)
    classes = _ids(row.id for policy in policies for row in policy.classes)
    groups = _ids(reason.group for reason in REASONS.values())
    return (
        Table("form", "By form", forms, lambda tally: tally.form),
        Table("purpose", "By purpose", purposes, lambda tally: tally.purpose),
        Table("recipient_class", "By class of recipient", classes, lambda tally: class_of(tally.recipient, tally.day)),
        Table("reason", "Why not permitted", groups, _reason_group, only=DECISIONS[1:], within_decision=True),
        Table("month", "By month", period.months, lambda tally: tally.day[:7], by_decision=False),
    )


class Counts:
    """True counts by (table, row, decision), `ALL` for over all; nothing else is kept of anybody. Never shown as they are."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = tuple((table, frozenset(table.rows)) for table in tables)
        self.persons: Counter[tuple[str, str, str]] = Counter()
        self.decisions: Counter[tuple[str, str, str]] = Counter()

    def add(self, tallies: Sequence[Tally]) -> None:
        """Count all that was decided about one person."""
        found: Counter[tuple[str, str, str]] = Counter()
        for tally in tallies:
            for place in self._places(tally):
                found[place] += tally.decisions
        for place, number in found.items():
            self.persons[place] += 1
            self.decisions[place] += min(number, MOST_OF_ONE)

    def _places(self, tally: Tally) -> Iterable[tuple[str, str, str]]:
        yield (ALL, ALL, ALL)
        yield (ALL, ALL, tally.decision)
        for table, rows in self._tables:
            if tally.decision in table.only:
                row = table.row_of(tally)
                row = row if row in rows else OTHER
                yield (table.id, row, ALL)
                yield (table.id, row, tally.decision)


# Private functions
# -----------------


def _ids(names: Iterable[str]) -> tuple[str, ...]:
    return (*sorted(set(names) - {OTHER}), OTHER)


def _reason_group(tally: Tally) -> str:
    reason = REASONS.get(tally.reason)
    return reason.group if reason else OTHER
