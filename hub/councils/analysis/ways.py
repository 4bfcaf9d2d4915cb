"""The ways in which data can go on one route: the least that must hold, and what the release then rests on.

Everything comes from the engine's own rules (`hub.policy.outcomes.evaluate`), run on states and watched for the bits they ask for; no
rule of the policy is read here a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hub.councils.analysis.bits import CLOSING, MAY_OPEN, OPENING
from hub.policy.outcomes import evaluate
from hub.policy.route import Outcome, Route

PERMIT: Final = "PERMIT"
_OPENING: Final = tuple(OPENING)


@dataclass(frozen=True, slots=True)
class Stop:
    """What one closing bit does to a way. decision: `DENY`, `REVIEW`, or `PERMIT` where only fields are taken.

    reason: the deciding reason; "" where fields are taken. takes: mask of the categories that no longer go.
    """

    bit: int
    decision: str
    reason: str
    takes: int


@dataclass(frozen=True, slots=True)
class Way:
    """One way: nothing less than `needs` opens it for the categories of `mask`.

    needs: mask of opening bits. mask: categories that need no less than this. narrowed: those of them that go only as far as the
    consent covers them. outcome: what the engine decides with exactly these bits. stops: what closing bits do to it.
    """

    needs: int
    mask: int
    narrowed: int
    outcome: Outcome
    stops: tuple[Stop, ...]


def ways(route: Route, base: int = 0) -> tuple[Way, ...]:
    """Return every least way of a route, the ordinary ones first. base: bits that hold whatever happens (a stale policy).

    A blocked route has none.
    """
    if route.blocked:
        return ()
    least: list[tuple[int, int, Outcome]] = []
    for state, outcome in sorted(permitting(route, base), key=lambda leaf: _order(leaf[0])):
        needs, goes = state & ~base, outcome.open | outcome.by_consent
        for earlier, theirs, _ in least:
            goes &= ~theirs if earlier & needs == earlier else -1
        if goes:
            least.append((needs, goes, outcome))
    return tuple(
        Way(needs, mask, mask & outcome.by_consent, outcome, _stops(route, base | needs, outcome))
        for needs, mask, outcome in least
    )


def permitting(route: Route, base: int = 0) -> Iterator[tuple[int, Outcome]]:
    """Yield (state, outcome) for a state of each kind that permits, with no closing bit beyond the base.

    Two states that differ only in bits that the rules do not ask for are of one kind. Where all that the route can ever give goes
    already, states with still more set are left out: they are no least way for anything.
    """
    waiting = [(base, base)]
    while waiting:
        state, settled = waiting.pop()
        watched = Watched(state)
        outcome = evaluate(route, watched)
        if outcome.decision == PERMIT:
            yield state, outcome
            if outcome.open | outcome.by_consent == route.allow:
                continue
        for bit in _bits(watched.asked & MAY_OPEN & ~settled):
            settled |= bit
            waiting.append((state | bit, settled))


class Watched(int):
    """A state that notes in `asked` every bit that a rule asks it for."""

    asked: int = 0

    def __and__(self, mask: int) -> int:
        """Return the bits, as an int would."""
        self.asked |= mask
        return int(self).__and__(mask)

    __rand__ = __and__


# Private functions
# -----------------


def _order(state: int) -> tuple[int, tuple[int, ...]]:
    """Fewer bits first, then by the order in which people are told of them."""
    places = tuple(place for place, bit in enumerate(_OPENING) if state & bit)
    return len(places), places


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


def _stops(route: Route, state: int, open_: Outcome) -> tuple[Stop, ...]:
    found = []
    went = open_.open | open_.by_consent
    for bit in CLOSING:
        if state & bit:
            continue
        outcome = evaluate(route, state | bit)
        goes = outcome.open | outcome.by_consent if outcome.decision == PERMIT else 0
        if went & ~goes:
            reason = outcome.reasons[0] if outcome.decision != PERMIT else ""
            found.append(Stop(bit, outcome.decision, reason, went & ~goes))
    return tuple(found)
