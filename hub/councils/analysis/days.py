"""On which days two policies are compared."""

from __future__ import annotations

from dataclasses import dataclass

from hub.councils.dates import OPEN, stretches
from hub.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Pair:
    """A day for each policy, standing for all days from `start` to `end` (`""`: open), on which nothing in either changes."""

    a: str
    b: str
    start: str
    end: str


def pairs(a: Policy, b: Policy, today: str, on: tuple[str, ...] = ()) -> tuple[Pair, ...]:
    """Return the days to compare, in order.

    on: the day for both, or one for each. Without it: from today on, every stretch of days on which both are in force; where they
    are in force together in the past only, the last such day; where never together, for each the day nearest to today.
    """
    if on:
        return (Pair(on[0], on[-1], on[0], on[-1]),)
    start, end = max(a.valid_from, b.valid_from), min(_end(a), _end(b))
    if start > end:
        return (Pair(nearest(a, today), nearest(b, today), "", ""),)
    first = min(max(start, today), end)
    return tuple(Pair(day, day, day, until if until < OPEN else "") for day, until in stretches((a, b), first, end))


def nearest(policy: Policy, today: str) -> str:
    """Return the day on which a policy is in force that is nearest to today."""
    return min(max(policy.valid_from, today), _end(policy))


# Private functions
# -----------------


def _end(policy: Policy) -> str:
    return policy.valid_to or OPEN
