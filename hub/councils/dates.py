"""Days and stretches of days, as the rows of a policy file use them: ISO text, both ends included, "" for open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, Protocol

from hub.policy.model import Policy
from hub.policy.snapshot import boundaries, in_force

OPEN: Final = "9999-12-31"
"""What stands for "no end" where days are compared."""


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
            days.add(_shifted(row.valid_to, 1))
    return sorted(day for day in days if day and in_force(policy.valid_from, policy.valid_to, day))


def stretches(policies: Sequence[Policy], first: str, last: str) -> list[tuple[str, str]]:
    """Return (first day, last day) of each stretch from `first` to `last` (`OPEN`: no end) on which nothing in the policies changes.

    A boundary is a first day or a last one, so both sides of it begin a stretch.
    """
    edges = {edge for policy in policies for edge in boundaries(policy)}
    begins = {day for edge in edges for day in (edge, _shifted(edge, 1)) if first < day <= last}
    days = [first, *sorted(begins)]
    return list(zip(days, [*(_shifted(day, -1) for day in days[1:]), last], strict=True))


def _shifted(day: str, by: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=by)).isoformat() if day < OPEN else day


def _starts_in_time(one: Dated, other: Dated) -> bool:
    return not one.valid_from or not other.valid_to or one.valid_from <= other.valid_to
