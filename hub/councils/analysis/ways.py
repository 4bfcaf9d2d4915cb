"""The ways in which data can go on one route: the least that must hold, and what the release then rests on.

Everything comes from the engine's own rules: from the walk of them over all states (`hub.policy.walk`) and from single states
(`hub.policy.outcomes.evaluate`). No rule of the policy is read here a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hub.councils.analysis.bits import CLOSING, MAY_OPEN, OPENING
from hub.policy.outcomes import evaluate
from hub.policy.route import Outcome, Route
from hub.policy.walk import Leaf, leaves, shape

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
    keep: (mask of categories, obligation) for how long a copy that holds them may be kept.
    """

    needs: int
    mask: int
    narrowed: int
    outcome: Outcome
    stops: tuple[Stop, ...]
    keep: tuple[tuple[int, str], ...] = ()


def ways(route: Route, base: int = 0) -> tuple[Way, ...]:
    """Return every least way of a route, the ordinary ones first. base: bits that hold whatever happens (a stale policy).

    A blocked route has none. The outcomes are the route's own, facts included.
    """
    if route.blocked or route.rule is None:
        return ()
    return tuple(
        Way(needs, mask, narrowed, evaluate(route, base | needs), stops, route.keep)
        for needs, mask, narrowed, stops in _least(shape(route), base)
    )


# Private functions
# -----------------


@lru_cache(maxsize=4096)
def _least(route: Route, base: int) -> tuple[tuple[int, int, int, tuple[Stop, ...]], ...]:
    """Return (needs, categories, narrowed, stops) of each least way of a route's shape: routes of one shape share them."""
    least: list[tuple[int, int]] = []
    found = []
    for leaf in sorted(_opened(route, base), key=lambda leaf: _order(leaf.set & ~base)):
        needs, goes = leaf.set & ~base, leaf.outcome.open | leaf.outcome.by_consent
        for earlier, theirs in least:
            goes &= ~theirs if earlier & needs == earlier else -1
        if goes:
            least.append((needs, goes))
            narrowed = goes & leaf.outcome.by_consent
            found.append((needs, goes, narrowed, _stops(route, base | needs, leaf.outcome)))
    return tuple(found)


def _opened(route: Route, base: int) -> Iterator[Leaf]:
    """Yield the leaves that permit with no closing bit set beyond the base.

    What all states of a leaf need at least is what the leaf has set: a least state of anything is such a one.
    """
    for leaf in leaves(route):
        if leaf.outcome.decision == PERMIT and not leaf.set & ~(MAY_OPEN | base) and leaf.holds(leaf.set | base):
            yield leaf


def _order(needs: int) -> tuple[int, tuple[int, ...]]:
    """Fewer bits first, then by the order in which people are told of them."""
    places = tuple(place for place, bit in enumerate(_OPENING) if needs & bit)
    return len(places), places


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
