"""Facts: what is known about one subject at one point of the log, and how a control message changes them.

Facts are bounded: a later statement about the same scope replaces the earlier one, so their size follows the number of
agencies and purposes, never the number of past messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

EVERYTHING: Final = "*"
MAX_OPEN_REQUESTS: Final = 64
_ENDING: Final = frozenset({"refused", "withdrawn", "expired"})


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
        informed=tuple(Informed(tuple(i["recipients"]), tuple(i["purposes"])) for i in raw["informed"]),
        statuses=tuple(raw["statuses"]),
        grants=tuple(Grant(**g) for g in raw["grants"]),
        returns=tuple(Returned(**r) for r in raw["returns"]),
    )


def _consent_from_json(raw: dict[str, Any]) -> Consent:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
    return Consent(**fields)


def apply(facts: Facts, kind: str, body: Mapping[str, Any], *, unresolved: bool = False) -> Facts:
    """Return the facts after a control message of a kind; `body` is that kind's record.

    unresolved: the message fits several subjects, so this one's facts are only marked pending: nobody guesses (the pending
    mark ends when the control arrives resolved). Kinds that say nothing lasting (receipt, correction, ruling) change nothing.
    """
    if unresolved:
        return replace(facts, pending=True)
    change = _CHANGES.get(kind)
    return change(facts, body) if change else facts


def settle(facts: Facts) -> Facts:
    """Return the facts without the pending mark: the control behind it has been resolved by a person."""
    return replace(facts, pending=False) if facts.pending else facts


def with_request(facts: Facts, request: OpenRequest) -> Facts:
    """Return the facts with a passed-on share request; the oldest of more than 64 falls out, its answer will be REVIEW."""
    others = tuple(r for r in facts.requests if r.request_id != request.request_id)
    return replace(facts, requests=(*others, request)[-MAX_OPEN_REQUESTS:])


def with_return(facts: Facts, recipient: str, purpose: str, month: str) -> Facts:
    """Return the facts after a statutory return to a recipient for a purpose in a month (`YYYY-MM`); it replaces the one before."""
    others = tuple(r for r in facts.returns if (r.recipient, r.purpose) != (recipient, purpose))
    return replace(facts, returns=(*others, Returned(recipient, purpose, month)))


def informed_from(body: Mapping[str, Any]) -> Informed:
    """Return what an `informed` record or a form's awareness section says the person was told; empty scopes cover nothing."""
    return Informed(_scope(body.get("recipients")), _scope(body.get("purposes")))


def add_informed(facts: Facts, informed: Informed) -> Facts:
    """Return the facts after the person was told of something."""
    kept = tuple(i for i in facts.informed if not informed.covers(i))
    return replace(facts, informed=(*kept, informed))


def consent_from(body: Mapping[str, Any]) -> Consent:
    """Return the consent that a `consent` record or a form's awareness section states; empty scopes cover nothing."""
    return Consent(
        status=str(body["status"]),
        recipients=_scope(body.get("recipients")),
        purposes=_scope(body.get("purposes")),
        categories=_scope(body.get("categories")),
        date=body.get("date") or "",
        expires_on=body.get("expires_on") or "",
        giver=body.get("giver") or "",
        text_version=body.get("text_version") or "",
    )


def add_consent(facts: Facts, consent: Consent) -> Facts:
    """Return the facts after a consent event: it replaces its own scope, and an ending one all that it covers."""
    ending = consent.status in _ENDING
    kept = tuple(c for c in facts.consents if c.scope != consent.scope and not (ending and consent.covers(c)))
    return replace(facts, consents=(*kept, consent))


def _scope(values: Any) -> tuple[str, ...]:
    names = tuple(sorted({str(v) for v in values or ()}))
    return (EVERYTHING,) if EVERYTHING in names else names


def _consent(facts: Facts, body: Mapping[str, Any]) -> Facts:
    consent = consent_from(body)
    if consent.status in _ENDING:
        # An ending that names no scope ends everything: consent narrows, silence never keeps it alive (LN-71).
        consent = replace(
            consent,
            recipients=consent.recipients or (EVERYTHING,),
            purposes=consent.purposes or (EVERYTHING,),
            categories=consent.categories or (EVERYTHING,),
        )
    return add_consent(facts, consent)


def _instruct(facts: Facts, body: Mapping[str, Any]) -> Facts:
    instruction = Instruction(body["scope"], "" if body["scope"] == "all" else str(body.get("target") or ""))
    others = tuple(i for i in facts.instructions if i != instruction)
    if body["status"] == "lifted":
        return replace(facts, instructions=() if instruction.scope == "all" else others)
    return replace(facts, instructions=(*others, instruction))


def _objection(facts: Facts, body: Mapping[str, Any]) -> Facts:
    named = set(_scope(body.get("purposes")) or (EVERYTHING,))
    if body["status"] == "lifted":
        left = set() if EVERYTHING in named else set(facts.objections) - named
        return replace(facts, objections=tuple(sorted(left)))
    return replace(facts, objections=tuple(sorted(set(facts.objections) | named)))


def _threshold(facts: Facts, body: Mapping[str, Any]) -> Facts:
    met = body["status"] == "met"
    return replace(facts, s47=met) if body["section"] == "s47" else replace(facts, s17=met)


def _shield(facts: Facts, body: Mapping[str, Any]) -> Facts:
    kinds = set(facts.shields) - {body["kind"]}
    if body["status"] == "set":
        kinds.add(body["kind"])
    return replace(facts, shields=tuple(sorted(kinds)))


def _informed(facts: Facts, body: Mapping[str, Any]) -> Facts:
    informed = informed_from(body)
    if body["status"] == "told":
        return add_informed(facts, informed)
    # A retraction that names no scope takes back everything; one that names some takes back whatever it touches.
    recipients, purposes = (set(scope or (EVERYTHING,)) for scope in (informed.recipients, informed.purposes))
    kept = (i for i in facts.informed if not (_touch(recipients, i.recipients) and _touch(purposes, i.purposes)))
    return replace(facts, informed=tuple(kept))


def _touch(some: set[str], scope: tuple[str, ...]) -> bool:
    return EVERYTHING in some or EVERYTHING in scope or bool(some & set(scope))


def _care_status(facts: Facts, body: Mapping[str, Any]) -> Facts:
    kinds = set(facts.statuses) - {body["kind"]}
    if body["status"] == "set":
        kinds.add(body["kind"])
    return replace(facts, statuses=tuple(sorted(kinds)))


def _access_grant(facts: Facts, body: Mapping[str, Any]) -> Facts:
    agency = str(body["agency"])
    others = tuple(g for g in facts.grants if g.agency != agency)
    if body["status"] == "ended":
        return replace(facts, grants=others)
    return replace(facts, grants=(*others, Grant(agency, str(body["starts_on"]), str(body["until"]))))


_CHANGES: Final = {
    "consent": _consent,
    "contact_permission": lambda facts, body: replace(facts, contact=str(body["status"])),
    "service_agreement": lambda facts, body: replace(facts, service=str(body["status"])),
    "instruct_not_to": _instruct,
    "objection": _objection,
    "restriction": lambda facts, body: replace(facts, restricted=body["status"] == "set"),
    "threshold": _threshold,
    "shield": _shield,
    "informed": _informed,
    "care_status": _care_status,
    "access_grant": _access_grant,
}
