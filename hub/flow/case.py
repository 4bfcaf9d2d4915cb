"""A case: one subject message, opened and read once, as the engine and the records need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from hub.errors import UnreadableMessage
from hub.flow.household import goes_by_household, schools_of
from hub.policy import state as s
from hub.policy.changes import consent_from, informed_from
from hub.policy.facts import EVERYTHING, Consent, Facts, Informed, OpenRequest
from hub.policy.route import NOBODY
from hub.policy.snapshot import Snapshot
from hub.policy.state import LIMB_BITS, Situation
from hub.policy.vocabulary import PARA18_REASONS
from hub.schemas.codec import Decoded, decode
from hub.schemas.minimise import Present, present
from hub.schemas.registry import Registry

_STATEMENTS: Final = frozenset({"awareness", "override"})
"""Parts of a message that speak to the hub alone: they have no place in a filtered record."""
_KINDS: Final = {
    "referral": "Referral",
    "share_request": "ShareRequest",
    "share_response": "ShareResponse",
    "control": "Control",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One subject message and what it carries.

    envelope: the SubjectMessage body. payload: the partner's message cut down to this person, with its writer's schema.
    form and purpose are those the policy is asked for; for a share response the purpose is the request's. request_id: the
    request that a response says it answers; answers: the requester's own id of it, once found. ruled_*: the ruling's id and
    time where a ruling re-decides the case; ruled_part above 1: it only tells another candidate that the case was not theirs.
    """

    envelope: Mapping[str, Any]
    payload: Decoded
    present: Present
    form: str
    purpose: str
    requested: tuple[str, ...] = ()
    ask_only: bool = False
    request_id: str = ""
    answers: str = ""
    ruling: Mapping[str, Any] | None = None
    ruled_id: str = ""
    ruled_at: str = ""
    ruled_part: int = 1
    extra_bits: int = field(default=0)

    @property
    def kind(self) -> str:
        """`referral`, `share_request`, `share_response` or `control`."""
        return str(self.envelope["kind"])

    @property
    def day(self) -> str:
        """The ISO day whose rules are in force: that of receipt, or of the ruling for a re-decided case (D-25)."""
        return self.decided_at[:10]

    @property
    def decided_at(self) -> str:
        """When the broker received what is decided now: the message, or the ruling on it."""
        return self.ruled_at or str(self.envelope["received_at"])

    @property
    def person(self) -> Mapping[str, Any]:
        """The person of a referral or share response, {} for other kinds."""
        persons = self.payload.body.get("persons") or ()
        return persons[0] if persons else {}

    @property
    def source_id(self) -> str:
        """The id that records of this decision derive from: the subject message, or the ruling that re-decides it."""
        return self.ruled_id or str(self.envelope["subject_message_id"])


def read_case(envelope: Mapping[str, Any], registry: Registry) -> Case:
    """Open a SubjectMessage body. Raises UnreadableMessage when its payload is not what its kind says."""
    payload = decode(envelope["payload"], registry)
    if _KINDS.get(envelope["kind"]) != payload.name:
        raise UnreadableMessage.of("WRONG_PAYLOAD", "the payload is not of the kind that its envelope names", "payload")
    held = present(registry, payload.schema_id, {k: v for k, v in payload.body.items() if k not in _STATEMENTS})
    body = payload.body
    if payload.name == "Referral":
        return Case(envelope, payload, held, body["form"], body["purpose"], tuple(body["recipients"]))
    if payload.name == "ShareRequest":
        return Case(envelope, payload, held, "share_request", body["purpose"], (body["ask"],), ask_only=True)
    request_id = body["request_id"].partition(".")[0] if payload.name == "ShareResponse" else ""
    form = "share_response" if payload.name == "ShareResponse" else ""
    return Case(envelope, payload, held, form, "", ask_only=True, request_id=request_id)


def answering(case: Case, facts: Facts) -> Case:
    """Return a share response's case with the requester and purpose of the request it answers.

    A response that answers no request which was passed on to its sender stays without a recipient (REQUEST_UNKNOWN). A ruling
    on it is about the requester, or about nobody.
    """
    request = next((r for r in facts.requests if r.request_id == case.request_id), None)
    if request is None or request.ask != case.envelope["agency"]:
        return replace(case, requested=(NOBODY,), extra_bits=case.extra_bits | s.REQUEST_UNKNOWN)
    requested = tuple(agency for agency in case.requested or (request.requester,) if agency == request.requester)
    return replace(case, requested=requested, purpose=request.purpose, answers=request.message_id)


def ruled(case: Case, outer: Mapping[str, Any], ruling: Mapping[str, Any]) -> Case:
    """Return a held case as a ruling re-decides it: the recipients ruled on, by today's rules (D-25).

    outer: the SubjectMessage body that brought the ruling.

    An override needs a limb and two different people (S-12); without the second it stays a question.
    """
    bits = s.RULED_PERMIT if ruling["decision"] == "permit" else s.RULED_REFUSE
    if ruling.get("limb"):
        two = bool(ruling.get("second_by")) and ruling["second_by"] != ruling["by"]
        bits |= LIMB_BITS.get(ruling["limb"], s.OVERRIDE_INCOMPLETE) if two else s.OVERRIDE_INCOMPLETE
    return replace(
        case,
        requested=tuple(ruling["recipients"]),
        ask_only=True,
        ruling=ruling,
        ruled_id=str(outer["subject_message_id"]),
        ruled_at=str(outer["received_at"]),
        ruled_part=int(outer["part"]),
        extra_bits=case.extra_bits | bits,
    )


def situation(case: Case, snapshot: Snapshot) -> Situation:
    """Return what the case contributes to its decisions under a snapshot."""
    address = case.person.get("address") or {}
    query = case.payload.body.get("query") or {}
    return Situation(
        form=case.form,
        purpose=case.purpose,
        sender=str(case.envelope["agency"]),
        day=case.day,
        bits=case.extra_bits | _message_bits(case, snapshot),
        present=case.present.mask,
        district=address.get("district") or query.get("district") or "",
        schools=_schools(case, query),
        requested=case.requested,
        ask_only=case.ask_only,
        involved=_involved(case.person),
    )


def own_consent(case: Case) -> Consent | None:
    """Return the consent that the message itself states for this person, or None.

    D-14: one person's consent never covers another adult: without a list of whom it covers, it covers the children of the
    message, and an adult only where the message is about that person alone.
    """
    awareness = case.payload.body.get("awareness") or {}
    if awareness.get("consent") != "yes" or not _covers(awareness, case):
        return None
    return consent_from({**awareness, "status": "given"})


def own_information(case: Case) -> Informed | None:
    """Return what the message itself says that this person was told (who gets what for which purpose), or None.

    It reaches no further than a consent would (D-14); a family that knows of the message, and of no recipient, was told nothing.
    Where the form states a consent to some data only, the recipients are those of the consent: being told opens no more than it.
    """
    awareness = case.payload.body.get("awareness") or {}
    if awareness.get("aware") != "yes" or not _covers(awareness, case):
        return None
    if awareness.get("consent") == "yes" and EVERYTHING not in (awareness.get("categories") or ()):
        return None
    told = informed_from(awareness)
    return told if told.recipients and told.purposes else None


def own_agreement(case: Case, snapshot: Snapshot) -> str:
    """Return what the signature on the form gives for this person: "", `contact_permission` or `consent` (LN-07, LN-62)."""
    awareness = case.payload.body.get("awareness") or {}
    form = snapshot.form(case.form)
    if form is None or not form.agreement or awareness.get("signed") != "yes" or not _covers(awareness, case):
        return ""
    return form.agreement


def open_request(case: Case, request_id: str) -> OpenRequest:
    """Return the request that is on its way once a share request was permitted."""
    agency, message_id = str(case.envelope["agency"]), str(case.envelope["message_id"])
    return OpenRequest(request_id, message_id, agency, case.requested[0], case.purpose)


# Private functions
# -----------------


def _schools(case: Case, query: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the schools by which a school is chosen: the person's own, else for an adult those of the message's children.

    Under a ruling the children's schools do not count: a shield may have been set since, and whoever rules names the recipients.
    """
    own = (*schools_of(case.person), *filter(None, (query.get("school_id"),)))
    if own or case.ruling or not goes_by_household(case.person):
        return own
    return tuple(case.envelope.get("household_schools") or ())


def _involved(person: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the agencies that the message names as working with the family."""
    named = (person.get("early_help") or {}).get("agencies_involved") or ()
    return tuple(agency for one in named if (agency := one.get("agency")))


def _covers(awareness: Mapping[str, Any], case: Case) -> bool:
    covers = awareness.get("covers") or ()
    if covers:
        return case.person.get("person_id") in covers
    return case.person.get("role") in ("child", "unborn") or case.envelope["parts"] == 1


def _message_bits(case: Case, snapshot: Snapshot) -> int:
    body = case.payload.body
    awareness = body.get("awareness") or {}
    bits = 0
    if case.envelope["resolution"] not in ("exact", "new"):
        bits |= s.IDENTITY_UNSURE
    if awareness.get("para18_reason") in PARA18_REASONS:
        bits |= s.PARA18
    if awareness.get("detriment") == "yes":
        bits |= s.DETRIMENT
    if _stated_reason(case):
        bits |= s.STATED_REASON
    if _skewed(str(body["sent_at"]), str(case.envelope["received_at"]), snapshot.policy.settings.max_skew_seconds):
        bits |= s.CLOCK_SKEW
    return bits | _override_bits(body.get("override"), case, snapshot)


def _stated_reason(case: Case) -> bool:
    """Whether it says why the recipient needs it; an answer has the reason of the request that was passed on."""
    body = case.payload.body
    said = ((body.get("awareness") or {}).get("need"), body.get("why_needed"))
    return bool(case.answers) or any((text or "").strip() for text in said)


def _override_bits(claim: Mapping[str, Any] | None, case: Case, snapshot: Snapshot) -> int:
    """A claim counts when it is whole and its sender has the standing the policy asks for; else a person decides."""
    if not claim:
        return 0
    standing = set(snapshot.roles_of(str(case.envelope["agency"]))) & set(snapshot.policy.override.roles)
    whole = claim.get("limb") in LIMB_BITS and claim.get("reason") and claim.get("decided_by")
    return LIMB_BITS[claim["limb"]] if whole and standing else s.OVERRIDE_INCOMPLETE


def _skewed(sent_at: str, received_at: str, most: int) -> bool:
    """Whether the sender's clock is ahead of the broker's by more than the setting; an unreadable time counts as skewed."""
    try:
        ahead = _time(sent_at) - _time(received_at)
    except ValueError:
        return True
    return ahead.total_seconds() > most


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
