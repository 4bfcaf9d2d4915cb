"""Every way by which one category of data can reach a recipient, and where there is none, why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hub.councils.analysis.bits import MAY_OPEN
from hub.councils.analysis.grouping import Recipient
from hub.councils.analysis.profile import ANY_SENDER, Place, Term, Terms, coarse, joined, ordinary, term_of
from hub.councils.analysis.reach import Lane, Reach
from hub.policy import state as s
from hub.policy.model import Policy
from hub.policy.outcomes import evaluate
from hub.policy.route import Outcome, Route, Why
from hub.policy.snapshot import Snapshot
from hub.policy.vocabulary import CATEGORIES

NO_AGENCY: Final = "NO_AGENCY"
NO_SENDER: Final = "NO_SENDER"
"""Reasons before any route: nobody of the class is in the register, nobody in it may send the form."""

TEXTS: Final = {
    NO_AGENCY: "no agency of this class is in the register on that day",
    NO_SENDER: "no agency in the register may send this form on that day",
}
"""What these two say; the engine's own reasons are in `hub.policy.reasons`."""


@dataclass(frozen=True, slots=True)
class Road:
    """Ways that one rule opens: to these recipients, for this purpose, by these forms, on these terms.

    outcomes: for each term what the engine decides, with article, gateway and facts. facts: all that the road rests on.
    """

    rule: str
    title: str
    purpose: str
    recipients: tuple[Recipient, ...]
    forms: tuple[str, ...]
    outcomes: tuple[tuple[Term, Outcome], ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wall:
    """No way: to these recipients, for these purposes, by these forms. inside: a rule lets the form go there, but not this category."""

    reason: str
    facts: tuple[str, ...]
    inside: bool
    recipients: tuple[Recipient, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All roads and walls for one category on one day. reached: the classes and agencies that a road leads to."""

    roads: tuple[Road, ...]
    walls: tuple[Wall, ...]
    reached: frozenset[str]


def explain_category(policy: Policy, category: str, day: str, *, to: str = "", form: str = "") -> Explanation:
    """Return every way of a category on a day. to: one class or agency of the policy; form: one form of it; "" for all."""
    reach = Reach(policy)
    snapshot = reach.snapshot(day)
    finding = _Finding(snapshot, CATEGORIES[category].mask, _facts_of(policy, category))
    lanes: dict[tuple[str, str, Place], list[Lane]] = {}
    for lane in reach.lanes(snapshot):
        if to in ("", lane.klass, lane.agency) and form in ("", lane.form):
            lanes.setdefault((lane.klass, lane.agency, (lane.form, lane.purpose)), []).append(lane)
    for (klass, agency, place), both in lanes.items():
        finding.take((klass, agency), place, both, reach)
    finding.absent(policy, lanes, to, form)
    return Explanation(finding.roads(), finding.walls(), frozenset(finding.reached))


@dataclass(frozen=True, slots=True)
class Summary:
    """What reaches whom for what, by whatever form: on which bases, with what beside them. roads: their numbers, from 1."""

    recipients: tuple[Recipient, ...]
    purposes: tuple[str, ...]
    terms: Terms
    roads: tuple[int, ...]


def overview(roads: Iterable[Road]) -> tuple[Summary, ...]:
    """Return the roads in short, those of the same bases as one."""
    cells: dict[tuple[Recipient, str], tuple[Terms, tuple[int, ...]]] = {}
    for number, road in enumerate(roads, start=1):
        terms = coarse(ordinary(frozenset(term for term, _ in road.outcomes)))
        for recipient in road.recipients:
            known, numbers = cells.get((recipient, road.purpose), (frozenset(), ()))
            cells[recipient, road.purpose] = known | terms, (*numbers, number)
    by_recipient: dict[tuple[Recipient, Terms], dict[str, tuple[int, ...]]] = {}
    for (recipient, purpose), (terms, numbers) in cells.items():
        by_recipient.setdefault((recipient, terms), {})[purpose] = numbers
    rows: dict[tuple[tuple[str, ...], Terms], tuple[list[Recipient], set[int]]] = {}
    for (recipient, terms), purposes in by_recipient.items():
        who, numbers_ = rows.setdefault((tuple(sorted(purposes)), terms), ([], set()))
        who.append(recipient)
        numbers_.update(number for each in purposes.values() for number in each)
    found = (Summary(tuple(sorted(who)), of[0], of[1], tuple(sorted(n))) for of, (who, n) in rows.items())
    return tuple(sorted(found, key=lambda one: (one.recipients, one.purposes)))


# Private functions
# -----------------

_RoadKey = tuple[str, str, Terms]


class _Finding:
    """What is found on the walk over the lanes, before it is put together."""

    def __init__(self, snapshot: Snapshot, category: int, facts: tuple[str, ...]) -> None:
        self._snapshot, self._category, self._own_facts = snapshot, category, facts
        self._roads: dict[_RoadKey, dict[Recipient, dict[str, None]]] = {}
        self._outcomes: dict[tuple[_RoadKey, Term], Outcome] = {}
        self._facts: dict[_RoadKey, dict[str, None]] = {}
        self._walls: dict[tuple[str, tuple[str, ...], bool], dict[Recipient, list[Place]]] = {}
        self.reached: set[str] = set()
        self._members: dict[str, set[str]] = {}
        for row in snapshot.agencies.values():
            self._members.setdefault(row.recipient_class, set()).add(row.id)

    def take(self, recipient: Recipient, place: Place, lanes: Sequence[Lane], reach: Reach) -> None:
        """Take the lanes of one recipient, form and purpose: what its ways are, or why there is none."""
        sides: dict[bool, Terms] = {}
        outcomes: dict[Term, Outcome] = {}
        for lane in lanes:
            ways = [way for way in reach.ways(lane, stale=self._snapshot.stale) if way.mask & self._category]
            terms = {term_of(way, self._category, lane.meets): way.outcome for way in ways}
            sides[lane.duty], outcomes = frozenset(terms), {**terms, **outcomes}
        together, route = joined(sides), lanes[0].route
        if not together or route.rule is None:
            reason, facts, inside = _why_not(route, self._category)
            self._wall(reason, facts, recipient, place, inside=inside)
            return
        key = (route.rule.id, place[1], together)
        self._roads.setdefault(key, {}).setdefault(recipient, {})[place[0]] = None
        self.reached |= set(recipient)
        for term in together:
            outcome = outcomes[replace(term, sender=ANY_SENDER)]
            self._outcomes.setdefault((key, term), outcome)
            self._facts.setdefault(key, {}).update(dict.fromkeys((*outcome.facts, *self._own_facts)))

    def absent(self, policy: Policy, lanes: Iterable[tuple[str, str, Place]], to: str, form: str) -> None:
        """Say of the forms and classes that no lane was found for why there is none."""
        met = {(klass, place[0]) for klass, _, place in lanes}
        for klass in policy.classes:
            own = self._members.get(klass.id, set())
            if to not in ("", klass.id, *own):
                continue
            for each in policy.forms:
                if form in ("", each.id) and (klass.id, each.id) not in met:
                    reason, facts = (NO_SENDER, each.facts) if own else (NO_AGENCY, klass.facts)
                    self._wall(reason, facts, (klass.id, to if to in own else ""), (each.id, "*"))
        row = self._snapshot.agencies.get(to)
        if row is not None and not row.recipient_class:
            self._wall("RECIPIENT_NEVER_RECEIVES", row.facts, ("", to), ("*", "*"))

    def roads(self) -> tuple[Road, ...]:
        """Return the roads, those of one rule, purpose and terms with the same forms as one."""
        titles = {rule.id: rule.title for rule in self._snapshot.policy.sharing}
        found = []
        for key, recipients in self._roads.items():
            by_forms: dict[tuple[str, ...], list[Recipient]] = {}
            for recipient, names in recipients.items():
                by_forms.setdefault(tuple(names), []).append(recipient)
            outcomes = tuple((term, self._outcomes[key, term]) for term in sorted(key[2]))
            for forms, who in by_forms.items():
                found.append(
                    Road(key[0], titles[key[0]], key[1], self._whole(who), forms, outcomes, tuple(self._facts[key]))
                )
        return tuple(sorted(found, key=lambda road: (road.recipients, road.purpose, road.forms)))

    def walls(self) -> tuple[Wall, ...]:
        """Return the walls, those of one reason and the same forms and purposes as one."""
        found = []
        for (reason, facts, inside), recipients in self._walls.items():
            by_places: dict[tuple[Place, ...], list[Recipient]] = {}
            for recipient, places in recipients.items():
                by_places.setdefault(tuple(places), []).append(recipient)
            found += [Wall(reason, facts, inside, self._whole(who), places) for places, who in by_places.items()]
        return tuple(sorted(found, key=lambda wall: (not wall.inside, wall.reason, wall.recipients)))

    def _wall(
        self, reason: str, facts: tuple[str, ...], recipient: Recipient, place: Place, *, inside: bool = False
    ) -> None:
        self._walls.setdefault((reason, facts, inside), {}).setdefault(recipient, []).append(place)

    def _whole(self, recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
        """Say the class where all its agencies are there."""
        by_class: dict[str, set[str]] = {}
        for klass, agency in recipients:
            by_class.setdefault(klass, set()).add(agency)
        return tuple(
            one
            for klass, agencies in sorted(by_class.items())
            for one in (
                [(klass, "")]
                if klass and agencies >= self._members.get(klass, set())
                else [(klass, agency) for agency in sorted(agencies)]
            )
        )


def _why_not(route: Route, category: int) -> tuple[str, tuple[str, ...], bool]:
    """Return (reason, facts, whether a rule lets the form go there): what the register says, what the fields say, what the rules say."""
    if route.blocked:
        return *route.blocked[0], False
    name = next(name for name, known in CATEGORIES.items() if known.mask == category)
    outcome = evaluate(route, MAY_OPEN & ~s.RULED_PERMIT)
    why: Mapping[str, Why] = dict(route.why) | dict(outcome.why)
    if name in why:
        return *why[name], True
    return outcome.reasons[0], outcome.facts, True


def _facts_of(policy: Policy, category: str) -> tuple[str, ...]:
    """Return the sentences that list a category among the data."""
    return tuple(dict.fromkeys(f for group in policy.groups if category in group.categories for f in group.facts))
