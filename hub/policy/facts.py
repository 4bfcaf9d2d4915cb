"""Facts: what is known about one subject at one point of the log.

Facts are bounded: a later statement about the same scope replaces the earlier one, so their size follows the number of
agencies and purposes, never the number of past messages.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

EVERYTHING: Final = "*"


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent event's lasting effect on a scope (D-13). Each scope list is sorted; `*` means all of them.

    recipients: agency or class ids. expires_on: ISO day after which it no longer counts, or "". text_version: the text
    the person saw (S-26).
    """

    status: str
    recipients: tuple[str, ...]
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    date: str = ""
    expires_on: str = ""
    giver: str = ""
    text_version: str = ""

    @property
    def scope(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """What it is about; a later event of the same scope replaces this one."""
        return (self.recipients, self.purposes, self.categories)

    def covers(self, other: Consent) -> bool:
        """Whether this event's scope takes in the whole of another's."""
        pairs = zip(self.scope, other.scope, strict=True)
        return all(mine == (EVERYTHING,) or set(theirs) <= set(mine) for mine, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruct-not-to (S-11): scope `all`, `class` or `agency`; target is the class or agency id, "" for all."""

    scope: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Informed:
    """The person was told of sharing with these recipients for these purposes. Each list is sorted; `*` means all of them."""

    recipients: tuple[str, ...]
    purposes: tuple[str, ...]

    def covers(self, other: Informed) -> bool:
        """Whether this scope takes in the whole of another's."""
        pairs = ((self.recipients, other.recipients), (self.purposes, other.purposes))
        return all(mine == (EVERYTHING,) or set(theirs) <= set(mine) for mine, theirs in pairs)

    def touches(self, other: Informed) -> bool:
        """Whether some recipient and some purpose are in both scopes."""
        pairs = ((self.recipients, other.recipients), (self.purposes, other.purposes))
        return all(EVERYTHING in (*mine, *theirs) or bool(set(mine) & set(theirs)) for mine, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Grant:
    """Access for one agency for a time (S-15): first and last ISO day. It ends by itself."""

    agency: str
    starts_on: str
    until: str


@dataclass(frozen=True, slots=True)
class Returned:
    """The calendar month (`YYYY-MM`) of the latest statutory return to a recipient for a purpose (S-16)."""

    recipient: str
    purpose: str
    month: str


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A share request that was passed on and may be answered: who asked whom, and for what.

    request_id: what the agency asked sees; message_id: the requester's own id of it.
    """

    request_id: str
    message_id: str
    requester: str
    ask: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the engine may know about a subject. The default is a subject of whom nothing is known.

    Three meanings of consent are three fields (design section 2): consents (a legal basis), service (agreement to take up
    a service) and contact (permission to be contacted); each holds the latest status or "".
    pending: a control about this subject could not be resolved to one person, so everything is REVIEW until it is.
    unreadable: what was known could not be read; no message ends that, so that a bar nobody can see is never lifted.
    statuses: care statuses on record (`CARE_STATUSES`), sorted. grants, returns: one for each agency, and purpose.
    retracted: what the person was said to have been told, and was not; until it is told after all.
    """

    consents: tuple[Consent, ...] = ()
    contact: str = ""
    service: str = ""
    instructions: tuple[Instruction, ...] = ()
    objections: tuple[str, ...] = ()
    restricted: bool = False
    s17: bool = False
    s47: bool = False
    shields: tuple[str, ...] = ()
    requests: tuple[OpenRequest, ...] = ()
    pending: bool = False
    unreadable: bool = False
    informed: tuple[Informed, ...] = ()
    statuses: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    returns: tuple[Returned, ...] = ()
    retracted: tuple[Informed, ...] = ()

    def to_json(self) -> bytes:
        """Return the canonical JSON of the facts: equal facts give equal bytes."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


NOTHING_KNOWN: Final = Facts()


def from_json(data: bytes) -> Facts:
    """Return the facts that `to_json` wrote. Raises ValueError, KeyError, TypeError or AttributeError on anything else."""
    raw: dict[str, Any] = json.loads(data)
    return Facts(
        consents=tuple(_consent_from_json(c) for c in raw["consents"]),
        contact=str(raw["contact"]),
        service=str(raw["service"]),
        instructions=tuple(Instruction(**i) for i in raw["instructions"]),
        objections=tuple(raw["objections"]),
        restricted=raw["restricted"] is True,
        s17=raw["s17"] is True,
        s47=raw["s47"] is True,
        shields=tuple(raw["shields"]),
        requests=tuple(OpenRequest(**r) for r in raw["requests"]),
        pending=raw["pending"] is True,
        unreadable=raw["unreadable"] is True,
        informed=_informed(raw["informed"]),
        statuses=tuple(raw["statuses"]),
        grants=tuple(Grant(**g) for g in raw["grants"]),
        returns=tuple(Returned(**r) for r in raw["returns"]),
        retracted=_informed(raw["retracted"]),
    )


def _informed(raw: list[dict[str, Any]]) -> tuple[Informed, ...]:
    return tuple(Informed(tuple(each["recipients"]), tuple(each["purposes"])) for each in raw)


def _consent_from_json(raw: dict[str, Any]) -> Consent:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
    return Consent(**fields)
