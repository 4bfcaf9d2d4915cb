"""The people of a message: who they are must be said well enough to tell them apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hub.errors import Fault
from hub.flow.identity import UNBORN, person_faults, query_faults

MAX_PERSONS: Final = 100
"""More people in one message is a list, not a referral; each becomes a message of its own."""

_LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z")
_QUERY_FIELDS: Final = ("family_name", "given_names", "date_of_birth", "due_date", "postcode", "nhs_number", "upn")


def persons_faults(persons: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Return the faults of a message's people: none at all, too many, labels, names, due dates, identifiers."""
    if not persons:
        return [Fault("PERSONS_MISSING", "persons", "the message is about nobody", "name at least one person")]
    if len(persons) > MAX_PERSONS:
        text = f"the message is about more than {MAX_PERSONS} people"
        return [Fault("TOO_MANY_PERSONS", "persons", text, "send one message for each family")]
    faults = _label_faults(persons)
    for index, person in enumerate(persons):
        place = f"persons[{index}]"
        faults += _said_faults(person, place)
        faults += person_faults(person, place)
    return faults


def subject_faults(query: Mapping[str, Any] | None, place: str) -> list[Fault]:
    """Return the faults of a query: absent, empty, or with an identifier that is not valid."""
    if not query or not any(query.get(name) for name in _QUERY_FIELDS):
        return [Fault("SUBJECT_MISSING", place, "the message does not say whom it is about", "describe the person")]
    return query_faults(query, place)


# Private functions
# -----------------


def _label_faults(persons: Sequence[Mapping[str, Any]]) -> list[Fault]:
    faults, seen = [], set()
    for index, person in enumerate(persons):
        label, place = person["person_id"], f"persons[{index}].person_id"
        if not _LABEL.match(label):
            text = "not a plain label"
            faults.append(Fault("LABEL_MALFORMED", place, text, "use up to 32 letters and digits, such as p1"))
        elif label in seen:
            faults.append(Fault("LABEL_REPEATED", place, "two people have the same label", "give each its own"))
        seen.add(label)
    return faults


def _said_faults(person: Mapping[str, Any], place: str) -> list[Fault]:
    """An unborn child has a due date and no date of birth; whoever is born has a name."""
    identity = person.get("identity") or {}
    if person.get("role") != UNBORN:
        names = (identity.get("family_name"), *(identity.get("given_names") or ()))
        if any((name or "").strip() for name in names):
            return []
        where = f"{place}.identity.family_name"
        return [Fault("NAME_MISSING", where, "the person has no name", "give a name, or the role `unborn`")]
    faults = []
    if not identity.get("due_date"):
        where = f"{place}.identity.due_date"
        faults.append(Fault("DUE_DATE_MISSING", where, "an unborn child has no due date", "give the expected date"))
    if identity.get("date_of_birth"):
        where = f"{place}.identity.date_of_birth"
        faults.append(Fault("UNBORN_WITH_BIRTH", where, "an unborn child has a date of birth", "leave one of them out"))
    return faults
