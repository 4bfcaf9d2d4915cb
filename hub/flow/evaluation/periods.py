"""The only stretches of time that an extract is made for: whole calendar months and quarters that have ended.

A free stretch would let two extracts be subtracted, and the difference would be the days between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from hub.errors import InputFault

_NAME: Final = re.compile(r"(20\d\d)-(?:Q([1-4])|(0[1-9]|1[0-2]))").fullmatch
_REMEDY: Final = "write a month as `2026-10` or a quarter as `2026-Q3` (Q3 is July, August and September)"
_SETTLES: Final = timedelta(days=1)
"""How long after its last day a period is left alone, so that what came in its last minutes is in the register."""


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month or quarter. name: `2026-10` or `2026-Q3`. months: its months (`YYYY-MM`), in order."""

    name: str
    months: tuple[str, ...]

    @property
    def since(self) -> str:
        """Its first day (ISO, UTC)."""
        return f"{self.months[0]}-01"

    @property
    def until(self) -> str:
        """The first day after it (ISO, UTC)."""
        year, month = (int(part) for part in self.months[-1].split("-"))
        return date(year + month // 12, month % 12 + 1, 1).isoformat()

    @property
    def days(self) -> tuple[str, ...]:
        """Every day of it, in order."""
        first, end = date.fromisoformat(self.since), date.fromisoformat(self.until)
        return tuple((first + timedelta(days=number)).isoformat() for number in range((end - first).days))

    @property
    def ready_on(self) -> str:
        """The first day (ISO, UTC) on which it may be extracted: one whole day after its end."""
        return (date.fromisoformat(self.until) + _SETTLES).isoformat()


def period_named(name: str) -> Period:
    """Return the period of this name. Raises InputFault (`NO_PERIOD`) for anything but a calendar month or quarter."""
    found = _NAME(name)
    if found is None:
        raise InputFault.of("NO_PERIOD", f"`{name}` is no calendar month or quarter", "--period", _REMEDY)
    year, quarter, month = found.groups()
    if month:
        return Period(name, (name,))
    last = 3 * int(quarter)
    return Period(name, tuple(f"{year}-{number:02}" for number in range(last - 2, last + 1)))


def ended(period: Period, today: str) -> None:
    """Return when the period may be extracted on this day (ISO, UTC). Raises InputFault (`NOT_ENDED`) when it may not yet."""
    if today < period.ready_on:
        text = f"`{period.name}` has not ended, and what is not whole is never released"
        raise InputFault.of("NOT_ENDED", text, "--period", f"ask again on {period.ready_on} (UTC) or later")
