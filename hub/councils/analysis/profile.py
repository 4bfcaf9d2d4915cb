"""What reaches one recipient for one form and purpose, in a shape that two policies can be compared by: meaning, without a word of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from hub.councils.analysis.bits import OVERRIDES
from hub.councils.analysis.reach import Lane, Reach
from hub.councils.analysis.ways import Way
from hub.policy import state as s
from hub.policy.snapshot import Snapshot
from hub.policy.vocabulary import CATEGORIES, CRIMINAL, SPECIAL

ANY_SENDER = ""
IN_DUTY = "in_duty"
OUTSIDE_DUTY = "outside_duty"


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """On what terms a category goes: one way, as far as it concerns this category.

    needs: mask of opening bits. narrowed: only as far as a consent covers it. condition: of Article 9 or 10, "" for other data.
    stops: (closing bit, decision) of all that keeps it back. sender: "", or which side of the duty of s.16LA the senders are on.
    """

    needs: int
    basis: str
    limb: str = ""
    narrowed: bool = False
    condition: str = ""
    obligations: tuple[str, ...] = ()
    stops: tuple[tuple[int, str], ...] = ()
    sender: str = ANY_SENDER


Terms = frozenset[Term]
Profile = tuple[tuple[int, Terms], ...]
"""(mask of categories, the terms on which all of them go), by mask: each category in one of them at most."""

Place = tuple[str, str]
"""Form and purpose."""

NOTHING: Profile = ()
_WITH_BASIS: Final = s.CONSENT | s.CONTACT | s.S17 | s.S47 | s.PARA18 | OVERRIDES
"""What a basis or a condition asks for by itself."""


def profiles(reach: Reach, snapshot: Snapshot) -> dict[str, dict[str, dict[Place, Profile]]]:
    """Return by recipient class, agency, and form and purpose what reaches each; what nothing reaches is left out.

    That the policy may be past its review day is a matter of its settings and not looked at here.
    """
    lanes: dict[tuple[str, str, Place], list[Lane]] = {}
    for lane in reach.lanes(snapshot):
        if not lane.route.blocked:
            lanes.setdefault((lane.klass, lane.agency, (lane.form, lane.purpose)), []).append(lane)
    found: dict[str, dict[str, dict[Place, Profile]]] = {}
    for (klass, agency, place), both in lanes.items():
        profile = _profile(tuple((lane.duty, reach.ways(lane), lane.meets) for lane in both))
        if profile:
            found.setdefault(klass, {}).setdefault(agency, {})[place] = profile
    return found


def together(profile: Profile) -> int:
    """Return the mask of all categories of a profile."""
    mask = 0
    for part, _ in profile:
        mask |= part
    return mask


def terms_of(profile: Profile, category: int) -> Terms:
    """Return the terms of one category (a one-bit mask), none where it does not go."""
    return next((terms for mask, terms in profile if mask & category), frozenset())


@lru_cache(maxsize=4096)
def core(terms: Terms) -> Terms:
    """Return the terms without what stops them."""
    return frozenset(replace(term, stops=()) for term in terms)


@lru_cache(maxsize=4096)
def ordinary(terms: Terms) -> Terms:
    """Return the terms that need neither an override nor a person's ruling; all of them where there is no other."""
    plain = frozenset(term for term in core(terms) if not term.needs & (OVERRIDES | s.RULED_PERMIT))
    return plain or core(terms)


def by_purpose(spots: Mapping[Place, Profile]) -> dict[str, Profile]:
    """Return what reaches a recipient for each purpose by whatever form: on which bases, with what beside them, and no more."""
    found: dict[str, dict[int, Terms]] = {}
    for (_, purpose), profile in spots.items():
        own = found.setdefault(purpose, {})
        for category in CATEGORIES.values():
            terms = terms_of(profile, category.mask)
            if terms:
                own[category.mask] = own.get(category.mask, frozenset()) | ordinary(terms)
    return {
        purpose: _profile_of({c: coarse(ordinary(terms)) for c, terms in own.items()}) for purpose, own in found.items()
    }


@lru_cache(maxsize=4096)
def coarse(terms: Terms) -> Terms:
    """Return the terms cut down to basis, and to what is asked for beside any basis and condition."""
    cut = {Term(term.needs & ~_WITH_BASIS, term.basis) for term in terms}
    return frozenset(
        t for t in cut if not any(o.basis == t.basis and o.needs & t.needs == o.needs and o != t for o in cut)
    )


def folded(by_category: Mapping[int, tuple[Terms, ...]]) -> dict[tuple[Terms, ...], int]:
    """Return by what they have the mask of the categories that have it."""
    found: dict[tuple[Terms, ...], int] = {}
    for category, terms in by_category.items():
        found[terms] = found.get(terms, 0) | category
    return found


def joined(sides: Mapping[bool, Terms]) -> Terms:
    """Return the terms of both sides of the duty as one: those that hold on one side only say which.

    sides: by whether sender and recipient are both within the duty; one of them alone needs no telling apart.
    """
    if len(sides) == 1:
        return next(iter(sides.values()))
    inside, outside = sides[True], sides[False]
    only = ((inside - outside, IN_DUTY), (outside - inside, OUTSIDE_DUTY))
    return (inside & outside) | {_for(term, sender) for terms, sender in only for term in terms}


def term_of(way: Way, category: int, meets: int) -> Term:
    """Return on what terms a way lets one category (a one-bit mask) go. meets: closing bits that can be held against the recipient."""
    outcome = way.outcome
    conditions = [c for c in outcome.condition.split("+") if c]
    own = [c for c in conditions if category & (CRIMINAL if c == "criminal_offence" else SPECIAL)]
    return Term(
        way.needs,
        outcome.basis,
        outcome.limb,
        bool(way.narrowed & category),
        "+".join(own),
        tuple(sorted((*outcome.obligations, *_spans(way, category)))),
        tuple((stop.bit, stop.decision) for stop in way.stops if stop.takes & category and stop.bit & meets),
    )


# Private functions
# -----------------


@lru_cache(maxsize=4096)
def _profile(lanes: tuple[tuple[bool, tuple[Way, ...], int], ...]) -> Profile:
    sides = {duty: _terms(found, meets) for duty, found, meets in lanes}
    by_category: dict[int, Terms] = {}
    for category in CATEGORIES.values():
        terms = joined({duty: side.get(category.mask, frozenset()) for duty, side in sides.items()})
        if terms:
            by_category[category.mask] = terms
    return _profile_of(by_category)


def _profile_of(by_category: Mapping[int, Terms]) -> Profile:
    parts = folded({category: (terms,) for category, terms in by_category.items()})
    return tuple(sorted(((mask, terms) for (terms,), mask in parts.items()), key=lambda part: part[0]))


def _for(term: Term, sender: str) -> Term:
    return replace(term, sender=sender)


def _terms(found: tuple[Way, ...], meets: int) -> dict[int, Terms]:
    """Return the terms by category, of one side of the duty."""
    terms: dict[int, set[Term]] = {}
    for way in found:
        for category in CATEGORIES.values():
            if way.mask & category.mask:
                terms.setdefault(category.mask, set()).add(term_of(way, category.mask, meets))
    return {category: frozenset(each) for category, each in terms.items()}


def _spans(way: Way, category: int) -> set[str]:
    """Return for how long a category may be kept, without the row that says so."""
    return {duty.rpartition(":")[0] for mask, duty in way.keep if mask & category}
