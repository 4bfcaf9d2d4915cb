"""Control messages: what changes what may be shared, and what answers the hub."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import model_validator

from hub.connectors.messages.base import Day, Edge, Moment
from hub.connectors.messages.parts import PersonQuery
from hub.policy.vocabulary import CONTROL_KINDS

WITHOUT_SUBJECT: Final = ("ruling", "correction", "receipt")
"""Kinds that answer the hub about one of its own records; all others are about a person."""


class Consent(Edge):
    """Consent as a legal basis: given, refused, withdrawn or expired."""

    status: Literal["given", "refused", "withdrawn", "expired"]
    giver: Literal["self", "parent", "carer"] | None = None
    capacity: Literal["pr_holder", "young_person", "adult_self", "deputy"] | None = None
    method: Literal["signature", "verbal", "electronic", "other"] | None = None
    date: Day
    text_version: str | None = None
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    expires_on: Day | None = None


class ServiceAgreement(Edge):
    """Agreement to take up a service; never a basis for sharing."""

    status: Literal["given", "declined", "withdrawn"]
    date: Day


class ContactPermission(Edge):
    """Permission to be contacted (LN-62)."""

    status: Literal["given", "withdrawn"]
    date: Day


class InstructNotTo(Edge):
    """The service user's instruction not to share with organisations (LN-69)."""

    status: Literal["set", "lifted"]
    scope: Literal["all", "class", "agency"]
    target: str | None = None
    date: Day


class Objection(Edge):
    """Objection under UK GDPR Article 21 (LN-139)."""

    status: Literal["set", "lifted"]
    purposes: tuple[str, ...] = ()
    date: Day


class Restriction(Edge):
    """Restriction under UK GDPR Article 18 (LN-137)."""

    status: Literal["set", "lifted"]
    reason: Literal["accuracy_contested", "unlawful", "legal_claim", "objection_pending"] | None = None
    date: Day


class Threshold(Edge):
    """A decision that a statutory threshold is met or no longer met."""

    section: Literal["s17", "s47"]
    status: Literal["met", "ended"]
    date: Day
    decided_by: str | None = None


class Shield(Edge):
    """A record that must never be traced: shielded, adopted, refuge or witness."""

    status: Literal["set", "lifted"]
    kind: Literal["shielded", "adopted", "refuge", "witness"]
    date: Day
    authorised_by: tuple[str, ...] = ()


class Ruling(Edge):
    """A person's answer to a review."""

    review_id: str
    decision: Literal["permit", "refuse"]
    limb: Literal["LAW_REQUIRES", "RISK_OF_HARM", "CRIME_DISORDER", "RISK_TO_WELLBEING"] | None = None
    reason: str | None = None
    by: str
    second_by: str | None = None
    resolve_to: str | None = None
    recipients: tuple[str, ...] = ()
    held: bytes | None = None


class Correction(Edge):
    """Inaccurate data is to be corrected or marked as disputed (LN-135)."""

    record_id: str | None = None
    fields: tuple[str, ...] = ()
    statement: str | None = None


class Receipt(Edge):
    """A recipient's word on a record."""

    record_id: str
    status: Literal["arrived", "acted_on", "erased"]
    at: Moment


class Informed(Edge):
    """The person was told of sharing with these recipients for these purposes; never consent."""

    status: Literal["told", "retracted"]
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    date: Day


class CareStatus(Edge):
    """A child's status under the Children Act 1989, as the council records it."""

    status: Literal["set", "ended"]
    kind: Literal["child_in_need", "child_protection", "looked_after"]
    date: Day
    decided_by: str | None = None


class AccessGrant(Edge):
    """Access for one agency for a time; it ends by itself (S-15)."""

    status: Literal["given", "ended"]
    agency: str
    starts_on: Day | None = None
    until: Day | None = None
    reason: str | None = None
    decided_by: str | None = None


class Control(Edge):
    """Something that changes what may be shared, or answers the hub; only the record that `kind` names is filled."""

    message_id: str
    council: str
    kind: Literal[
        "consent",
        "service_agreement",
        "contact_permission",
        "instruct_not_to",
        "objection",
        "restriction",
        "threshold",
        "shield",
        "ruling",
        "correction",
        "receipt",
        "informed",
        "care_status",
        "access_grant",
    ]
    sent_at: Moment
    subject: PersonQuery | None = None
    consent: Consent | None = None
    service_agreement: ServiceAgreement | None = None
    contact_permission: ContactPermission | None = None
    instruct_not_to: InstructNotTo | None = None
    objection: Objection | None = None
    restriction: Restriction | None = None
    threshold: Threshold | None = None
    shield: Shield | None = None
    ruling: Ruling | None = None
    correction: Correction | None = None
    receipt: Receipt | None = None
    informed: Informed | None = None
    care_status: CareStatus | None = None
    access_grant: AccessGrant | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        """Check that the record that `kind` names is filled and no other, and that it says about whom it is."""
        filled = {name for name in CONTROL_KINDS if getattr(self, name) is not None}
        if filled != {self.kind}:
            message = f"must have the record `{self.kind}` and no other"
            raise ValueError(message)
        if self.subject is None and self.kind not in WITHOUT_SUBJECT:
            message = f"must have a `subject`: a message of kind `{self.kind}` is about a person"
            raise ValueError(message)
        return self
