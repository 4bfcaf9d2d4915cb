"""Days and stretches of days, as the rows of a policy file use them: ISO text, both ends included, "" for open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Protocol

from hub.policy.snapshot import in_force


class Dated(Protocol):
    """A row that holds from one day to another."""

    @property
    def valid_from(self) -> str:
        """First day, or ""."""

    @property
    def valid_to(self) -> str:
        """Last day, or ""."""


def overlap(one: Dated, other: Dated) -> bool:
    """Whether two rows hold on a common day."""
    return _starts_in_time(one, other) and _starts_in_time(other, one)


def turning_days(policy: Dated, rows: Iterable[Dated]) -> list[str]:
    """Return the days of the policy on which some row begins, or is over for the first time; the policy's first day too."""
    days = {policy.valid_from}
    for row in rows:
        days.add(row.valid_from)
        if row.valid_to:
            days.add((date.fromisoformat(row.valid_to) + timedelta(days=1)).isoformat())
    return sorted(day for day in days if day and in_force(policy.valid_from, policy.valid_to, day))


def _starts_in_time(one: Dated, other: Dated) -> bool:
    return not one.valid_from or not other.valid_to or one.valid_from <= other.valid_to
