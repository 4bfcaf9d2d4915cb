"""Records that several messages share."""

from __future__ import annotations

from typing import Literal

from hub.connectors.messages.base import Answer, Day, Edge


class Statement(Edge):
    """Something that somebody said or recorded, marked as what it is. Its fields belong to its section."""

    text: str | None = None
    kind: Literal["fact", "opinion", "allegation"] | None = None
    source: str | None = None
    date: Day | None = None
    about: Literal["child", "other_person"] | None = None
    relates_to_child_reason: str | None = None


class Awareness(Edge):
    """Whether the family knows of the referral and what it agreed to."""

    aware: Answer | None = None
    told_by: str | None = None
    consent: Answer | None = None
    giver: Literal["self", "parent", "carer"] | None = None
    capacity: Literal["pr_holder", "young_person", "adult_self", "deputy"] | None = None
    method: Literal["signature", "verbal", "electronic", "other"] | None = None
    date: Day | None = None
    text_version: str | None = None
    covers: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    expires_on: Day | None = None
    no_consent_reason: (
        Literal[
            "RISK_TO_CHILD",
            "RISK_TO_OTHER",
            "PREJUDICE_INVESTIGATION",
            "EVIDENCE_LOSS",
            "UNDUE_DELAY",
            "CANNOT_CONTACT",
            "LACKS_CAPACITY",
        ]
        | None
    ) = None
    para18_reason: Literal["CANNOT_BE_GIVEN", "CANNOT_BE_OBTAINED", "WOULD_PREJUDICE"] | None = None
    signed: Answer | None = None
    detriment: Answer | None = None
    detriment_reason: str | None = None
    need: str | None = None


class OverrideClaim(Edge):
    """The sender's claim that a bar or a missing consent must give way (LN-70)."""

    limb: Literal["LAW_REQUIRES", "RISK_OF_HARM", "CRIME_DISORDER", "RISK_TO_WELLBEING"] | None = None
    reason: str | None = None
    decided_by: str | None = None
    authorised_by: str | None = None


class Referrer(Edge):
    """The professional who makes the referral (LN-27)."""

    name: str | None = None
    role: str | None = None
    organisation: str | None = None
    phone: str | None = None
    email: str | None = None
    relationship: str | None = None


class LeadProfessional(Edge):
    """The lead professional working with the family (LN-29)."""

    name: str | None = None
    role: str | None = None
    organisation: str | None = None
    phone: str | None = None


class Details(Edge):
    """What the referral itself says: type, reasons, who refers, who leads."""

    referral_type: Literal["s17", "s47", "early_help", "none"] | None = None
    level: int | None = None
    reasons: tuple[Statement, ...] = ()
    outcome_wanted: str | None = None
    referrer: Referrer | None = None
    lead_professional: LeadProfessional | None = None


class PersonQuery(Edge):
    """Enough about a person to find them; what is not known stays empty."""

    family_name: str | None = None
    given_names: tuple[str, ...] = ()
    date_of_birth: Day | None = None
    due_date: Day | None = None
    postcode: str | None = None
    nhs_number: str | None = None
    upn: str | None = None
    school_id: str | None = None
    district: str | None = None
