"""How a message changes the facts about a subject: controls, own statements of a form, requests passed on, returns made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from hub.policy.facts import EVERYTHING, Consent, Facts, Grant, Informed, Instruction, OpenRequest, Returned

MAX_OPEN_REQUESTS: Final = 64
_ENDING: Final = frozenset({"refused", "withdrawn", "expired"})


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
        left = tuple(r for r in facts.retracted if not informed.covers(r))
        return replace(add_informed(facts, informed), retracted=left)
    # A retraction that names no scope takes back everything; one that names some takes back whatever it touches.
    back = Informed(informed.recipients or (EVERYTHING,), informed.purposes or (EVERYTHING,))
    kept = tuple(i for i in facts.informed if not i.touches(back))
    others = tuple(r for r in facts.retracted if not back.covers(r))
    return replace(facts, informed=kept, retracted=(*others, back))


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
