"""Every invariant against every road of a policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from hub.councils.proof import onestate
from hub.councils.proof.model import Excuse, Invariant
from hub.councils.proof.roads import Road, Stretch, roads
from hub.councils.proof.verdict import EXCUSED, FAILS, HOLDS, NO_ROAD, NOT_PROVED, Breach, Case, Undecided, Verdict
from hub.policy.model import Policy
from hub.policy.route import Route
from hub.policy.unknown import BITS
from hub.policy.walk import Leaf, leaves

if TYPE_CHECKING:
    from hub.councils.proof.twostates import Table

Tell = Callable[[int, int], None]
_Question = tuple[int, tuple[str, ...]]
"""Categories, and the grounds on which they may go."""


class Prover:
    """Proves policies one after the other; routes of one shape are walked and searched once, whatever policy they are from."""

    def __init__(self) -> None:
        self._leaves: dict[Route, tuple[Leaf, ...]] = {}
        self._answers: dict[tuple[str, Route, _Question], Breach | None] = {}
        self._tables: dict[tuple[Route, str], Table] = {}

    def prove(
        self, policy: Policy, invariants: Iterable[Invariant], days: tuple[Stretch, ...], tell: Tell
    ) -> tuple[Verdict, ...]:
        """Return the verdict on each invariant. tell: is told how many of how many steps are done. Raises NotFollowed."""
        found = roads(policy, days)
        shapes = list({road.shape: None for road in found})
        wanted = tuple(invariants)
        steps = len(shapes) + len(wanted)
        for done, shaped in enumerate(shapes, 1):
            self.leaves_of(shaped)
            tell(done, steps)
        verdicts = []
        for done, invariant in enumerate(wanted, len(shapes) + 1):
            verdicts.append(self._verdict(policy, invariant, found))
            tell(done, steps)
        return tuple(verdicts)

    def leaves_of(self, shaped: Route) -> tuple[Leaf, ...]:
        """Return the leaves of a shape, walked once. Raises NotFollowed."""
        found = self._leaves.get(shaped)
        if found is None:
            found = self._leaves[shaped] = leaves(shaped)
        return found

    def _verdict(self, policy: Policy, invariant: Invariant, found: tuple[Road, ...]) -> Verdict:
        excuses = tuple(e for e in invariant.excuses if e.policy == f"{policy.id}-{policy.version}")
        taken = [road for road in found if _concerns(invariant, road)]
        routes = sum(road.routes for road in taken)
        used: dict[Excuse, None] = {}
        cases = []
        for road in taken:
            try:
                breach = self._breach(invariant, road, excuses, used)
            except Undecided:
                return Verdict(invariant, NOT_PROVED, routes, routes << BITS.bit_count())
            if breach is not None:
                cases.append(Case(road, breach))
        status = FAILS if cases else EXCUSED if used else HOLDS if taken else NO_ROAD
        case = min(cases, key=_simplicity, default=None)
        return Verdict(invariant, status, routes, routes << BITS.bit_count(), tuple(used), case, len(cases))

    def _breach(
        self, invariant: Invariant, road: Road, excuses: tuple[Excuse, ...], used: dict[Excuse, None]
    ) -> Breach | None:
        """Return a breach that no excuse covers; excuses that were needed go to `used`."""
        data, grounds = invariant.selection.data, invariant.if_any
        breach = self._answer(invariant, road.shape, (data, grounds))
        for excuse in excuses:
            part = data & excuse.selection.data
            if breach is None or not part or not _takes(excuse, road):
                continue
            if self._answer(invariant, road.shape, (part, grounds)) is None:
                continue
            left = self._answer(invariant, road.shape, (part, (*grounds, *excuse.if_any))) if excuse.if_any else None
            if left is not None:
                return left
            used[excuse] = None
            data &= ~part
            breach = self._answer(invariant, road.shape, (data, grounds))
        return breach

    def _answer(self, invariant: Invariant, shaped: Route, question: _Question) -> Breach | None:
        key = (invariant.id, shaped, question)
        if key not in self._answers:
            self._answers[key] = self._examined(invariant, shaped, *question)
        return self._answers[key]

    def _examined(self, invariant: Invariant, shaped: Route, data: int, grounds: tuple[str, ...]) -> Breach | None:
        cut = self.leaves_of(shaped)
        if invariant.promise in ("never", "only_if"):
            return onestate.look(cut, data, invariant.given, grounds, invariant.rests_on)
        # z3 takes a moment to load, and most promises do not need it.
        from hub.councils.proof import twostates

        if invariant.promise == "duty_adds_nothing":
            asked, duty = self._table(_without_duty(shaped), "a"), self._table(shaped, "b")
            link = twostates.agreed(duty, asked, invariant.given)
            return twostates.search(asked, duty, link, data, grounds, ("duty",))
        before, after = self._table(shaped, "a"), self._table(shaped, "b")
        change = invariant.change
        if not before.looks_at(change.recorded | change.any_of | change.ended):
            return None
        less, more = (before, after) if invariant.promise == "never_more" else (after, before)
        link = twostates.linked(before, after, change, invariant.given)
        return twostates.search(less, more, link, data, grounds, invariant.rests_on)

    def _table(self, shaped: Route, prefix: str) -> Table:
        from hub.councils.proof.twostates import Table

        found = self._tables.get((shaped, prefix))
        if found is None:
            found = self._tables[(shaped, prefix)] = Table(self.leaves_of(shaped), prefix)
        return found


# Private functions
# -----------------


def _concerns(invariant: Invariant, road: Road) -> bool:
    by_duty = invariant.promise != "duty_adds_nothing" or road.shape.duty
    return by_duty and invariant.selection.takes(road.form, road.purpose, road.row, bound=road.bound)


def _without_duty(shaped: Route) -> Route:
    """Return the route as it would be outside the duty. The threshold before a question is no field, so it is left out (D-11)."""
    form = replace(shaped.form, threshold_first=False) if shaped.form is not None else None
    return replace(shaped, duty=False, form=form)


def _takes(excuse: Excuse, road: Road) -> bool:
    return excuse.selection.takes(road.form, road.purpose, road.row, bound=road.bound)


def _simplicity(case: Case) -> tuple[int, str, str, str]:
    return case.breach.state.bit_count(), case.road.form.id, case.road.purpose.id, case.road.recipient
