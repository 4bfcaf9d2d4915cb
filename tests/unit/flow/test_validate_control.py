"""Control messages: exactly one record, whole, from a role that may send it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hub.flow.validate import validate
from hub.schemas.codec import decode, encode
from tests.support.partner import GOVERNANCE, MASH, PARTNER, POLICE, REGISTRATION, REGISTRY, filled, sender_for
from tests.support.policies import named, policies_of
from tests.unit.flow.test_validate import changed, faults_of, put, said

FAULTS: list[tuple[str, str, Any, str, str]] = [
    ("consent", "kind", "wish", "CODE_UNKNOWN", "kind"),
    ("consent", "consent", None, "RECORD_MISSING", "consent"),
    ("consent", "objection", {"status": "set", "date": "2026-11-01"}, "RECORD_UNEXPECTED", "objection"),
    ("consent", "subject", None, "SUBJECT_MISSING", "subject"),
    ("consent", "subject", {}, "SUBJECT_MISSING", "subject"),
    ("consent", "subject.nhs_number", "9990000019", "IDENTIFIER_INVALID", "subject.nhs_number"),
    ("consent", "consent.status", "maybe", "CODE_UNKNOWN", "consent.status"),
    ("consent", "consent.giver", None, "CONSENT_CAPTURE", "consent.giver"),
    ("consent", "consent.method", "", "CONSENT_CAPTURE", "consent.method"),
    ("consent", "consent.text_version", None, "CONSENT_CAPTURE", "consent.text_version"),
    ("consent", "consent.capacity", None, "FIELD_MISSING", "consent.capacity"),
    ("consent", "consent.date", "2026-12-24", "DATE_IN_FUTURE", "consent.date"),
    ("consent", "consent.date", "", "DATE_MALFORMED", "consent.date"),
    ("consent", "consent.expires_on", "2020-01-01", "DATES_CONTRADICT", "consent.expires_on"),
    ("consent", "consent.expires_on", "never", "DATE_MALFORMED", "consent.expires_on"),
    ("consent", "consent.recipients", [], "SCOPE_MISSING", "consent.recipients"),
    ("consent", "consent.purposes", ["fun"], "SCOPE_UNKNOWN", "consent.purposes[0]"),
    ("objection", "objection.purposes", ["fun"], "SCOPE_UNKNOWN", "objection.purposes[0]"),
    ("threshold", "threshold.decided_by", None, "FIELD_MISSING", "threshold.decided_by"),
    ("threshold", "threshold.section", "s99", "CODE_UNKNOWN", "threshold.section"),
    ("shield", "shield.kind", "secret", "CODE_UNKNOWN", "shield.kind"),
    ("restriction", "restriction.reason", "just because", "CODE_UNKNOWN", "restriction.reason"),
    ("correction", "correction", {"fields": []}, "FIELD_MISSING", "correction.fields"),
    ("receipt", "receipt.record_id", "the one of Tuesday", "ID_MALFORMED", "receipt.record_id"),
    ("receipt", "receipt.at", "2027-01-01T00:00:00Z", "CLOCK_SKEW", "receipt.at"),
    ("receipt", "receipt.status", "lost", "CODE_UNKNOWN", "receipt.status"),
    ("ruling", "ruling.review_id", "r1", "ID_MALFORMED", "ruling.review_id"),
    ("ruling", "ruling.held", None, "HELD_MISSING", "ruling.held"),
    ("ruling", "ruling.by", " ", "FIELD_MISSING", "ruling.by"),
    ("ruling", "ruling.reason", None, "FIELD_MISSING", "ruling.reason"),
    ("ruling", "ruling.decision", "perhaps", "CODE_UNKNOWN", "ruling.decision"),
    ("ruling", "ruling.limb", "BECAUSE", "CODE_UNKNOWN", "ruling.limb"),
    ("ruling", "ruling.second_by", " IG-Officer-3", "TWO_NEEDED", "ruling.second_by"),
    ("ruling", "ruling.second_by", None, "TWO_NEEDED", "ruling.second_by"),
]


@pytest.mark.parametrize(("name", "path", "value", "code", "place"), FAULTS)
def test_fault_is_found_with_its_place(name: str, path: str, value: Any, code: str, place: str) -> None:
    """Each way of being wrong has its own code, is named at its own field, and says what to do about it."""
    faults = faults_of(changed(name, put(path, value)), sender_for(filled(name)))

    assert (code, place) in said(faults)
    assert all(fault.text and fault.remedy for fault in faults)


def instruction(**record: Any) -> set[tuple[str, str]]:
    """Validate an instruct-not-to."""
    body = filled("instruct_not_to")
    body["instruct_not_to"] = {"status": "set", "date": "2026-11-20", **record}
    return said(faults_of(body, REGISTRATION))


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"scope": "all"}, None),
        ({"scope": "class", "target": "voluntary"}, None),
        ({"scope": "agency", "target": POLICE}, None),
        ({"scope": "all", "target": POLICE}, "TARGET_UNEXPECTED"),
        ({"scope": "class"}, "TARGET_MISSING"),
        ({"scope": "class", "target": POLICE}, "TARGET_UNKNOWN"),
        ({"scope": "agency", "target": "police"}, "TARGET_UNKNOWN"),
    ],
)
def test_instruction_bars_somebody(record: dict[str, Any], code: str | None) -> None:
    """An instruction whose target nobody knows would bar nobody, so it goes back (S-11)."""
    assert ({(code, "instruct_not_to.target")} if code else set()) == instruction(**record)


@pytest.mark.parametrize("status", ["refused", "withdrawn", "expired"])
def test_ending_a_consent_is_easy(status: str) -> None:
    """A withdrawal needs neither form nor scope: it is as easy as giving (UK GDPR Article 7)."""
    body = filled("consent")
    body["consent"] = {"status": status, "date": "2026-11-20"}

    assert [] == faults_of(body)


@pytest.mark.parametrize(
    ("status", "people", "right"),
    [
        ("set", [], True),
        ("lifted", [], False),
        ("lifted", ["a"], False),
        ("lifted", ["a", " A "], False),
        ("lifted", ["a", " "], False),
        ("lifted", ["a", "b"], True),
    ],
)
def test_lifting_a_shield_takes_two_people(status: str, people: list[str], right: bool) -> None:  # noqa: FBT001
    """Setting a shield is never held up; lifting it is decided by two different people (D-18)."""
    body = filled("shield")
    body["shield"] = {"status": status, "kind": "refuge", "date": "2026-11-20", "authorised_by": people}

    assert right == (not faults_of(body))


@pytest.mark.parametrize(
    ("name", "agency"),
    [("consent", PARTNER), ("threshold", PARTNER), ("shield", PARTNER), ("restriction", MASH), ("ruling", MASH), ("receipt", GOVERNANCE)],
)  # fmt: skip
def test_only_the_roles_of_the_policy_send_a_control(name: str, agency: str) -> None:
    """Who may change what is shared about a person is written in the policy, kind by kind."""
    assert ("SENDER_NOT_ALLOWED", "kind") in said(faults_of(filled(name), agency))


def test_ruling_without_an_override_takes_one_person() -> None:
    """Two people are needed to override, not to refuse or to permit what the law permits anyway."""
    for ruling in ({"limb": None, "second_by": None}, {"decision": "refuse", "second_by": None}):
        body = filled("ruling")
        body["ruling"].update(ruling)
        assert [] == faults_of(body)


LAST = date(2019, 6, 3) + timedelta(days=named("lancashire-cfw-000").settings.grant_days - 1)
"""The last day that the longest grant of that notice may have, its first day counted."""


def granted(**record: Any) -> set[tuple[str, str]]:
    """Validate an access grant under the notice that knows of them, on its own day."""
    body = filled("access_grant")
    body["access_grant"] |= record
    decoded = decode(encode("Control", body), REGISTRY)
    former = policies_of(("lancashire-cfw-000",))
    return said(validate(REGISTRY, former, decoded, "lcc-quality-and-review", datetime(2019, 6, 3, 10, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("record", "code", "field"),
    [
        ({}, None, ""),
        ({"until": LAST.isoformat()}, None, ""),
        ({"until": (LAST + timedelta(days=1)).isoformat()}, "GRANT_TOO_LONG", "until"),
        ({"starts_on": "2019-06-15"}, "DATES_CONTRADICT", "until"),
        ({"starts_on": "2019-06-14"}, None, ""),
        ({"until": None}, "FIELD_MISSING", "until"),
        ({"starts_on": None}, "FIELD_MISSING", "starts_on"),
        ({"until": "soon"}, "DATE_MALFORMED", "until"),
        ({"reason": " "}, "FIELD_MISSING", "reason"),
        ({"decided_by": None}, "FIELD_MISSING", "decided_by"),
        ({"agency": "inspectors"}, "TARGET_UNKNOWN", "agency"),
        ({"status": "lent"}, "CODE_UNKNOWN", "status"),
        ({"status": "ended", "starts_on": None, "until": None, "reason": None, "decided_by": None}, None, ""),
        ({"status": "ended", "agency": "inspectors"}, "TARGET_UNKNOWN", "agency"),
    ],
)
def test_access_is_a_known_agencys_for_a_reason_and_a_time(
    record: dict[str, Any], code: str | None, field: str
) -> None:
    """Whoever is let in is named, with a reason, from one day to another, and for no longer than the policy allows (S-15)."""
    assert ({(code, f"access_grant.{field}")} if code else set()) == granted(**record)


def test_where_nobody_may_grant_access_nobody_does() -> None:
    """A policy that lists the kind and no sender takes it from nobody."""
    body = {**filled("access_grant"), "sent_at": "2026-11-20T12:00:00Z"}

    assert ("SENDER_NOT_ALLOWED", "kind") in said(faults_of(body, GOVERNANCE))


@pytest.mark.parametrize(
    ("record", "code", "field"),
    [
        ({}, None, ""),
        ({"recipients": ["*"], "purposes": ["*"]}, None, ""),
        ({"recipients": []}, "SCOPE_MISSING", "recipients"),
        ({"purposes": []}, "SCOPE_MISSING", "purposes"),
        ({"recipients": ["the school"]}, "SCOPE_UNKNOWN", "recipients[0]"),
        ({"purposes": ["early_help", "fun"]}, "SCOPE_UNKNOWN", "purposes[1]"),
        ({"status": "retracted", "recipients": [], "purposes": []}, None, ""),
        ({"status": "retracted", "recipients": ["the school"]}, "SCOPE_UNKNOWN", "recipients[0]"),
    ],
)
def test_being_told_is_of_somebody_and_of_a_purpose(record: dict[str, Any], code: str | None, field: str) -> None:
    """A statement that names nobody would tell nothing; taking it back may name nobody, and takes back all."""
    body = filled("informed")
    body["informed"] |= record

    assert ({(code, f"informed.{field}")} if code else set()) == said(faults_of(body))


def test_a_charity_may_not_say_what_a_family_was_told() -> None:
    """Nobody widens what they themselves receive: the policy names who may."""
    assert {("SENDER_NOT_ALLOWED", "kind")} == said(faults_of(filled("informed"), PARTNER))
