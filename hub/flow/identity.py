"""From what a message says of a person to keyed hashes: what the identity index matches on, and all it ever holds.

Rules, exact and explainable (issue: identity). Each gives one key; a value that is absent gives none:

- NHS number and UPN, in normal form, check digit or letter verified.
- Family name, first given name, date of birth and postcode together; names without case, accents, spaces or punctuation.
- For an unborn child: the expected due date with each key of its mother. The mother is the person of the message with the
  role `parent`; of several, the only one recorded as pregnant; otherwise nobody can tell, and there is no key.

Every key is made for one council: a child whom two councils know is two subjects, and what one holds says nothing to the other.

A query (`PersonQuery`) with a due date is about an unborn child: whatever else it holds describes the mother.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hub.errors import Fault, RefusedMessage
from hub.flow.ids import keyed
from hub.ledger.keys import Keyring
from hub.ledger.ports import Key
from hub.schemas import identifiers

UNBORN: Final = "unborn"
PARENT: Final = "parent"

KEY_LABEL: Final = "council-key"
"""What keys are derived under; keys without a council had other labels, so that the two can never meet."""

Json = Mapping[str, Any]
"""A person or a query, as decoded."""

Make = Callable[..., Key]

_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_BETWEEN_NAMES: Final = re.compile(r"[\s\u2010-\u2015-]+")
_SCHEMES: Final = (("nhs_number", identifiers.nhs_number), ("upn", identifiers.upn))


@dataclass(frozen=True, slots=True, repr=False)
class Traits:
    """What identifies one person, as the message writes it; "" where it says nothing. Never shown: it has no text form."""

    nhs_number: str = ""
    upn: str = ""
    family_name: str = ""
    given_name: str = ""
    date_of_birth: str = ""
    postcode: str = ""


def traits_of(person: Json) -> Traits:
    """Return the identifying traits of a `Person`."""
    identity, numbers, address = (person.get(section) or {} for section in ("identity", "identifiers", "address"))
    return _traits(identity, numbers, address)


def traits_of_query(query: Json) -> Traits:
    """Return the identifying traits of a `PersonQuery`: the mother's, when it has a due date."""
    return _traits(query, query, query)


def keys_of_persons(keyring: Keyring, council: str, persons: Sequence[Json]) -> tuple[tuple[Key, ...], ...]:
    """Return the keys of each person of one message to a council, in its order.

    Raises RefusedMessage with every identifier that is not valid: a wrong number is never silently left out.
    """
    faults = [f for i, person in enumerate(persons) for f in person_faults(person, f"persons[{i}]")]
    if faults:
        raise RefusedMessage(*faults)
    mother, make = _mother(persons), _maker(keyring, council)
    return tuple(
        _unborn(make, mother, _due_date(person.get("identity") or {}))
        if person.get("role") == UNBORN
        else _born(make, traits_of(person))
        for person in persons
    )


def keys_of_query(keyring: Keyring, council: str, query: Json, place: str) -> tuple[Key, ...]:
    """Return the keys of the person a query to a council is about. Raises RefusedMessage with every identifier that is not valid."""
    faults = query_faults(query, place)
    if faults:
        raise RefusedMessage(*faults)
    traits, make = traits_of_query(query), _maker(keyring, council)
    return _unborn(make, traits, _due_date(query)) if query.get("due_date") else _born(make, traits)


def person_faults(person: Json, place: str) -> list[Fault]:
    """Return a fault for each identifier of a `Person` that is not valid; place is the person's path."""
    faults = _faults(person.get("identifiers") or {}, f"{place}.identifiers")
    return faults + _postcode_faults(person.get("address") or {}, f"{place}.address")


def query_faults(query: Json, place: str) -> list[Fault]:
    """Return a fault for each identifier of a `PersonQuery` that is not valid; place is the query's path."""
    return _faults(query, place) + _postcode_faults(query, place)


def plain_name(text: str) -> str:
    """Return a name as it is compared: no case, accents, spaces or punctuation."""
    return "".join(c for c in _ACCENTS.sub("", _decomposed(text)) if unicodedata.category(c)[0] in "LMN")


def first_name(given_names: Sequence[str]) -> str:
    """Return the first of the given names as it is compared; several in one text, or joined by a hyphen, are parted."""
    parts = (plain_name(part) for name in given_names for part in _BETWEEN_NAMES.split(name))
    return next((part for part in parts if part), "")


# Private functions
# -----------------


def _traits(identity: Json, numbers: Json, address: Json) -> Traits:
    return Traits(
        nhs_number=identifiers.nhs_number(numbers.get("nhs_number") or "") or "",
        upn=identifiers.upn(numbers.get("upn") or "") or "",
        family_name=plain_name(identity.get("family_name") or ""),
        given_name=first_name(identity.get("given_names") or ()),
        date_of_birth=identity.get("date_of_birth") or "",
        postcode=identifiers.postcode(address.get("postcode") or "") or "",
    )


def _maker(keyring: Keyring, council: str) -> Make:
    """Return what makes a key of a kind for a council out of its parts."""
    return lambda kind, *parts: Key(kind, keyed(keyring.identity, KEY_LABEL, council, kind, *parts))


def _born(make: Make, traits: Traits) -> tuple[Key, ...]:
    together = (traits.family_name, traits.given_name, traits.date_of_birth, traits.postcode)
    found = [
        ("nhs_number", (traits.nhs_number,)),
        ("upn", (traits.upn,)),
        ("name_dob_postcode", together),
    ]
    return tuple(make(kind, *parts) for kind, parts in found if all(parts))


def _unborn(make: Make, mother: Traits | None, due_date: str) -> tuple[Key, ...]:
    if mother is None or not due_date:
        return ()
    return tuple(make(UNBORN, key.kind, key.digest, due_date) for key in _born(make, mother))


def _mother(persons: Sequence[Json]) -> Traits | None:
    parents = [person for person in persons if person.get("role") == PARENT]
    pregnant = [p for p in parents if (p.get("characteristics") or {}).get("pregnancy") == "yes"]
    for group in (pregnant, parents):
        if group:
            return traits_of(group[0]) if len(group) == 1 else None
    return None


def _due_date(identity: Json) -> str:
    return identity.get("due_date") or ""


def _faults(numbers: Json, place: str) -> list[Fault]:
    faults = []
    for scheme, normal_form in _SCHEMES:
        written = numbers.get(scheme)
        if written is None:
            continue
        normal = normal_form(written)
        if normal is None:
            text = "the number is not valid: its length or its check digit is wrong"
            faults.append(Fault("IDENTIFIER_INVALID", f"{place}.{scheme}", text, "correct it, or leave it out"))
        elif _is_placeholder(normal):
            text = "the number is a filler that stands for nobody"
            faults.append(Fault("IDENTIFIER_INVALID", f"{place}.{scheme}", text, "leave it out"))
    return faults


def _is_placeholder(number: str) -> bool:
    """A run of one digit passes the check of NHS number and UPN alike, and would make strangers one subject."""
    return len(set(number.lstrip("ABCDEFGHJKLMNPQRTUVWXYZ"))) == 1


def _postcode_faults(address: Json, place: str) -> list[Fault]:
    written = address.get("postcode")
    if written is None or identifiers.postcode(written):
        return []
    text = "not a postcode of the United Kingdom"
    return [Fault("POSTCODE_INVALID", f"{place}.postcode", text, "correct it, or leave it out")]


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
