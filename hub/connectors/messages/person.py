"""A person of a message, in sections by data category."""

from __future__ import annotations

from typing import Literal

from hub.connectors.messages.base import Answer, Day, Edge
from hub.connectors.messages.parts import Statement


class Identity(Edge):
    """Who the person is."""

    family_name: str | None = None
    given_names: tuple[str, ...] = ()
    known_as: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    date_of_birth: Day | None = None
    due_date: Day | None = None
    gender: str | None = None


class OtherIdentifier(Edge):
    """An identifier of another scheme."""

    scheme: str | None = None
    value: str | None = None


class Identifiers(Edge):
    """Numbers that identify the person; each travels by its own rule (D-17)."""

    nhs_number: str | None = None
    nhs_number_status: Literal["traced", "untraced"] | None = None
    upn: str | None = None
    other: tuple[OtherIdentifier, ...] = ()


class Address(Edge):
    """Where the person lives."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    postcode: str | None = None
    uprn: str | None = None
    district: str | None = None


class Contact(Edge):
    """How to reach the person, and whether it is safe to."""

    phone: str | None = None
    mobile: str | None = None
    email: str | None = None
    safe_to_contact: Answer | None = None
    safe_contact_notes: str | None = None


class Ethnicity(Edge):
    """An ethnicity code in the set it was recorded in; never translated back and forth."""

    code_set: Literal["nhs_2001", "police_self_defined", "dfe"] | None = None
    code: str | None = None


class Characteristics(Edge):
    """Characteristics and circumstances (LN-22)."""

    ethnicity: Ethnicity | None = None
    religion: str | None = None
    first_language: str | None = None
    interpreter: Answer | None = None
    disability: Answer | None = None
    disability_detail: str | None = None
    employment_status: str | None = None
    pregnancy: Answer | None = None
    financial: str | None = None
    housing_needs: str | None = None
    lifestyle: str | None = None


class Health(Edge):
    """Health information (LN-22, LN-37)."""

    gp_practice: str | None = None
    medical: tuple[Statement, ...] = ()
    emergency_medical: str | None = None


class Education(Edge):
    """Education information (LN-24, LN-36)."""

    school_id: str | None = None
    school_name: str | None = None
    intended_school_id: str | None = None
    attendance_percent: float | None = None
    exclusions: tuple[Statement, ...] = ()
    status: str | None = None


class Send(Edge):
    """Special educational needs and disability (LN-23)."""

    support: Literal["none", "K", "E"] | None = None
    primary_need: str | None = None
    detail: tuple[Statement, ...] = ()


class AgencyInvolved(Edge):
    """An agency that works with the family."""

    agency: str | None = None
    role: str | None = None


class EarlyHelp(Edge):
    """Early help history, assessment and plan (LN-31..35)."""

    history: tuple[Statement, ...] = ()
    interventions: tuple[Statement, ...] = ()
    needs: tuple[Statement, ...] = ()
    actions: tuple[Statement, ...] = ()
    strengths: tuple[Statement, ...] = ()
    views_of_child: str | None = None
    views_of_parents: str | None = None
    worker_risks: tuple[Statement, ...] = ()
    agencies_involved: tuple[AgencyInvolved, ...] = ()


class Sensitive(Edge):
    """Information from sensitive services, sealed unless named (D-19)."""

    sexual_health: tuple[Statement, ...] = ()
    termination: tuple[Statement, ...] = ()
    substance_misuse: tuple[Statement, ...] = ()
    counselling: tuple[Statement, ...] = ()


class Justice(Edge):
    """Criminal offence data (UK GDPR Article 10)."""

    offences: tuple[Statement, ...] = ()
    victim: tuple[Statement, ...] = ()


class Person(Edge):
    """One person of a message, in sections by data category."""

    person_id: str
    role: Literal["child", "unborn", "parent", "carer", "other_adult", "sibling"] | None = None
    relationship: str | None = None
    lives_in_home: Answer | None = None
    parental_responsibility: Answer | None = None
    identity: Identity | None = None
    identifiers: Identifiers | None = None
    address: Address | None = None
    contact: Contact | None = None
    characteristics: Characteristics | None = None
    health: Health | None = None
    education: Education | None = None
    send: Send | None = None
    early_help: EarlyHelp | None = None
    sensitive: Sensitive | None = None
    justice: Justice | None = None
    photograph: bytes | None = None
    opinions: tuple[str, ...] = ()
