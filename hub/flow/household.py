"""The schools of a household's children: they choose the school for the parents' parts of a message, and never leave the hub.

A parent's record names no school, so nobody could tell which school the parent's part may go to. The message's own children
tell it. A shielded child's school is not carried, nor that of a child who is in doubt: whoever reads the parent's record,
the parent first, must not learn from a recipient's name where that child goes (D-18).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hub.ledger.matching import EXACT, NEW
from hub.ledger.ports import PersonResolution, Position
from hub.policy.facts import from_json

CHILDREN: Final = frozenset({"child", "unborn", "sibling"})
ADULTS: Final = frozenset({"parent", "carer", "other_adult"})
"""Roles of those who may go by the children's schools; a role that is not stated is neither."""

LATEST: Final = Position("", 0, 0)
"""A place in a log that nobody has seen: all that is known comes before it."""

Json = Mapping[str, Any]


def schools_of(person: Json) -> tuple[str, ...]:
    """Return the schools that a person attends or is going to attend, as the message names them."""
    education = person.get("education") or {}
    named = (education.get("school_id"), education.get("intended_school_id"))
    return tuple(school for school in named if school)


def goes_by_household(person: Json) -> bool:
    """Whether a person's part is for the schools of the household's children: an adult who names no school."""
    return person.get("role") in ADULTS and not schools_of(person)


def schooled(persons: Sequence[Json], resolved: Sequence[PersonResolution]) -> dict[str, tuple[str, ...]]:
    """Return the schools of each child of a message by the child's ref; {} where nobody goes by them."""
    if not any(goes_by_household(person) for person in persons):
        return {}
    return {
        who.subject_ref: schools
        for person, who in zip(persons, resolved, strict=True)
        if person.get("role") in CHILDREN and who.status in (EXACT, NEW) and (schools := schools_of(person))
    }


def open_schools(children: Mapping[str, tuple[str, ...]], hidden: Iterable[str]) -> tuple[str, ...]:
    """Return the schools that may be carried, sorted. A school that a hidden child shares with another is not."""
    kept_back = {school for ref in hidden for school in children.get(ref, ())}
    return tuple(sorted({school for schools in children.values() for school in schools} - kept_back))


def hides(facts: bytes | None) -> bool:
    """Whether what is known of a child keeps its school back: a shield, or something that may be one."""
    if facts is None:
        return False
    try:
        known = from_json(facts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return True
    return bool(known.shields) or known.pending or known.unreadable
