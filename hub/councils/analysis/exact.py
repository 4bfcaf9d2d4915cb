"""Differences that the least ways do not show: the same roads, and another decision where several things come together.

Routes of one shape decide alike in every state. Where shapes differ and the ways do not, the walks of both are held against each other,
state by state, so that "no difference" is said of all that can ever be on record.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from hub.councils.analysis.profile import Place
from hub.councils.analysis.reach import Reach
from hub.policy.route import Outcome, Route
from hub.policy.snapshot import Snapshot
from hub.policy.walk import leaves, shape

Shapes = dict[tuple[str, str, Place], tuple[tuple[bool, Route], ...]]
"""By class, agency, and form and purpose: the shape of the route on each side of the duty."""


@dataclass(frozen=True, slots=True, order=True)
class Rare:
    """A recipient class, form and purpose for which some states decide otherwise. state: one of them, with both decisions.

    before, after: the decision, and the basis of a PERMIT.
    """

    klass: str
    purpose: str
    form: str
    state: int
    before: str
    after: str


def shapes(reach: Reach, snapshot: Snapshot) -> Shapes:
    """Return the shapes of all open routes of a snapshot."""
    found: dict[tuple[str, str, Place], list[tuple[bool, Route]]] = {}
    for lane in reach.lanes(snapshot):
        if not lane.route.blocked:
            found.setdefault((lane.klass, lane.agency, (lane.form, lane.purpose)), []).append(
                (lane.duty, shape(lane.route))
            )
    return {key: tuple(sides) for key, sides in found.items()}


def rare(was: Shapes, now: Shapes, seen: AbstractSet[tuple[str, str, str]]) -> Iterator[Rare]:
    """Yield what is decided otherwise in some state, for every agency and place that both have, once for a class and place.

    seen: (class, purpose, form) of which a difference is known already; they are left out.
    """
    told = set(seen)
    for key in sorted(was.keys() & now.keys()):
        klass, _, (form, purpose) = key
        if was[key] == now[key] or (klass, purpose, form) in told:
            continue
        theirs, ours = dict(was[key]), dict(now[key])
        for side in sorted(theirs.keys() & ours.keys()):
            found = _otherwise(theirs[side], ours[side])
            if found is not None:
                told.add((klass, purpose, form))
                state, before, after = found
                yield Rare(klass, purpose, form, state, before, after)
                break


# Private functions
# -----------------


@lru_cache(maxsize=4096)
def _otherwise(one: Route, other: Route) -> tuple[int, str, str] | None:
    """Return a state that two routes decide otherwise, with both decisions, or None where there is none."""
    if one == other:
        return None
    theirs = [(leaf.set, leaf.clear, _essence(leaf.outcome), leaf.outcome) for leaf in leaves(one)]
    ours = [(leaf.set, leaf.clear, _essence(leaf.outcome), leaf.outcome) for leaf in leaves(other)]
    apart = (
        ((set_ | also).bit_count(), set_ | also, _said(before), _said(after))
        for set_, clear, mine, before in theirs
        for also, not_, yours, after in ours
        if mine != yours and not set_ & not_ and not also & clear
    )
    found = min(apart, default=None)
    return found[1:] if found else None


def _essence(outcome: Outcome) -> tuple[object, ...]:
    """Return what is compared of an outcome: of a refusal or review only that it is one; no names of rows, no Acts."""
    if outcome.decision != "PERMIT":
        return (outcome.decision,)
    obligations = tuple(sorted(":".join(name.split(":")[:2]) for name in outcome.obligations))
    return (
        outcome.decision,
        outcome.basis,
        outcome.condition,
        outcome.limb,
        outcome.open,
        outcome.by_consent,
        obligations,
    )


def _said(outcome: Outcome) -> str:
    return f"{outcome.decision} ({outcome.basis})" if outcome.basis else outcome.decision
