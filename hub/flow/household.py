"""The schools of a household's children: they choose the school for the parents' parts of a message, and never leave the hub.

A parent's record names no school, so nobody could tell which school the parent's part may go to. The message's own children
tell it, as it stood when the message was first taken in. A shielded child's school is not carried, nor that of a child who is in doubt: whoever reads the parent's record,
the parent first, must not learn from a recipient's name where that child goes (D-18).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hub.ledger.matching import EXACT, NEW
from hub.ledger.ports import PersonResolution

CHILDREN: Final = frozenset({"child", "unborn", "sibling"})
ADULTS: Final = frozenset({"parent", "carer", "other_adult"})
"""Roles of those who may go by the children's schools; a role that is not stated is neither."""

Json = Mapping[str, Any]


def people_of(body: Json) -> Sequence[Json]:
    """Return the people of a referral or share response; other messages hold none."""
    persons: Sequence[Json] = body.get("persons") or ()
    return persons


def schools_of(person: Json) -> tuple[str, ...]:
    """Return the schools that a person attends or is going to attend, as the message names them."""
    education = person.get("education") or {}
    named = (education.get("school_id"), education.get("intended_school_id"))
    return tuple(school for school in named if school)


def goes_by_household(person: Json) -> bool:
    """Whether a person's part is for the schools of the household's children: an adult who names no school."""
    return person.get("role") in ADULTS and not schools_of(person)


def wary(persons: Sequence[Json]) -> tuple[int, ...]:
    """Return the indices of the children by whose schools an adult of the message goes: a shield on one of them matters."""
    if not any(goes_by_household(person) for person in persons):
        return ()
    return tuple(n for n, person in enumerate(persons) if person.get("role") in CHILDREN and schools_of(person))


def open_schools(persons: Sequence[Json], resolved: Sequence[PersonResolution]) -> tuple[str, ...]:
    """Return the schools that the adults' parts may carry, sorted. A school that a hidden child shares with another is not one."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for number in wary(persons):
        who = resolved[number]
        if who.status in (EXACT, NEW):
            found[who.hidden].update(schools_of(persons[number]))
    return tuple(sorted(found[False] - found[True]))
