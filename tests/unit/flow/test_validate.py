"""The front door: what is not whole goes back to its sender, every fault at once, and no value is ever quoted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.errors import Fault
from hub.flow.validate import validate
from hub.schemas.codec import decode, encode
from tests.support.partner import (
    CFW,
    MASH,
    MIDWIFE,
    NOW,
    PARTNER,
    POLICE,
    REGISTRY,
    Body,
    filled,
    message_name,
    policies,
    sender_for,
    taken,
)

Change = Callable[[Body], Any]


def faults_of(body: Body, agency: str = "", at: datetime = NOW) -> list[Fault]:
    """Validate a body as its own sender's, or as another's."""
    decoded = decode(encode(message_name(body), body), REGISTRY)
    return validate(REGISTRY, policies(), decoded, agency or sender_for(body), at)


def changed(name: str, change: Change) -> Body:
    """Return a template after a change in place."""
    body = filled(name)
    change(body)
    return body


def said(faults: list[Fault]) -> set[tuple[str, str]]:
    """Code and place of each fault."""
    return {(fault.code, fault.place) for fault in faults}


@pytest.mark.parametrize("name", taken())
def test_every_template_passes(name: str) -> None:
    """What the hub hands out as an example of a message is a message that it takes."""
    assert [] == faults_of(filled(name))


def put(path: str, value: Any) -> Change:
    """Return a change that sets a dotted path; numbers are places in lists."""
    *steps, last = path.split(".")

    def change(body: Body) -> None:
        at: Any = body
        for step in steps:
            at = at[int(step)] if step.isdigit() else at[step]
        at[int(last) if last.isdigit() else last] = value

    return change


REFERRAL_FAULTS: list[tuple[str, Change, str, str]] = [
    ("mash_referral", put("form", "no_such_form"), "FORM_UNKNOWN", "form"),
    ("mash_referral", put("purpose", "marketing"), "PURPOSE_UNKNOWN", "purpose"),
    ("mash_referral", put("council", "nowhere"), "NO_POLICY", "council"),
    ("mash_referral", put("persons", []), "PERSONS_MISSING", "persons"),
    ("mash_referral", put("sent_at", "2026-11-22T09:06:00Z"), "CLOCK_SKEW", "sent_at"),
    ("mash_referral", put("sent_at", "22 November"), "TIME_MALFORMED", "sent_at"),
    ("mash_referral", put("sent_at", "2026-11-22T09:00:00+01:00"), "TIME_MALFORMED", "sent_at"),
    ("mash_referral", put("phone_first_at", "2027-01-01T00:00:00Z"), "CLOCK_SKEW", "phone_first_at"),
    ("mash_referral", put("message_id", ""), "MESSAGE_ID_MALFORMED", "message_id"),
    ("mash_referral", put("message_id", "Nadia Ashworth"), "MESSAGE_ID_MALFORMED", "message_id"),
    ("mash_referral", put("message_id", "child-9990000018"), "MESSAGE_ID_MALFORMED", "message_id"),
    ("mash_referral", put("message_id", "a" * 65), "MESSAGE_ID_MALFORMED", "message_id"),
    ("mash_referral", put("awareness", None), "ANSWER_MISSING", "awareness.aware"),
    ("mash_referral", put("awareness", None), "ANSWER_MISSING", "awareness.consent"),
    ("mash_referral", put("awareness.consent", None), "ANSWER_MISSING", "awareness.consent"),
    ("mash_referral", put("awareness.no_consent_reason", "BUSY"), "CODE_UNKNOWN", "awareness.no_consent_reason"),
    ("mash_referral", put("awareness.para18_reason", "BUSY"), "CODE_UNKNOWN", "awareness.para18_reason"),
    ("mash_referral", put("awareness.detriment", "yes"), "REASON_MISSING", "awareness.detriment_reason"),
    ("mash_referral", put("persons.0.identity.date_of_birth", "2026-11-24"), "DATE_IN_FUTURE", "persons[0].identity.date_of_birth"),
    ("mash_referral", put("persons.0.identity.date_of_birth", "2026-02-30"), "DATE_MALFORMED", "persons[0].identity.date_of_birth"),
    ("mash_referral", put("persons.0.identity.date_of_birth", "20260230"), "DATE_MALFORMED", "persons[0].identity.date_of_birth"),
    ("mash_referral", put("persons.0.role", "dog"), "CODE_UNKNOWN", "persons[0].role"),
    ("mash_referral", put("persons.0.role", ""), "CODE_UNKNOWN", "persons[0].role"),
    ("mash_referral", put("persons.0.person_id", "Nadia Ashworth"), "LABEL_MALFORMED", "persons[0].person_id"),
    ("mash_referral", put("persons.0.identity", None), "NAME_MISSING", "persons[0].identity.family_name"),
    ("mash_referral", put("persons.0.address", {"postcode": "nowhere"}), "POSTCODE_INVALID", "persons[0].address.postcode"),
    ("mash_referral", put("persons.0.identifiers", {"upn": "A1"}), "IDENTIFIER_INVALID", "persons[0].identifiers.upn"),
    ("mash_referral", put("recipients", ["Police, Preston"]), "AGENCY_MALFORMED", "recipients"),
    ("mash_referral", put("recipients", ["x"] * 101), "TOO_MANY_RECIPIENTS", "recipients"),
    ("mash_referral", put("override", {"limb": "RISK_OF_HARM"}), "OVERRIDE_INCOMPLETE", "override.reason"),
    ("mash_referral", put("override", {"limb": "RISK_OF_HARM"}), "OVERRIDE_INCOMPLETE", "override.decided_by"),
    ("mash_referral", put("override", {"reason": "r", "decided_by": "d"}), "OVERRIDE_INCOMPLETE", "override.limb"),
    ("mash_referral", put("override", {"limb": "BECAUSE"}), "CODE_UNKNOWN", "override.limb"),
    ("mash_referral", put("details.reasons", [{"text": "x"}]), "STATEMENT_UNMARKED", "details.reasons[0].kind"),
    ("mash_referral", put("details.reasons", [{"text": "x", "kind": "rumour"}]), "CODE_UNKNOWN", "details.reasons[0].kind"),
    (
        "mash_referral",
        put("details.reasons", [{"text": "x", "kind": "fact", "about": "other_person"}]),
        "STATEMENT_REASON_MISSING",
        "details.reasons[0].relates_to_child_reason",
    ),
    ("early_notification", put("persons.1.identity", {}), "DUE_DATE_MISSING", "persons[1].identity.due_date"),
    ("early_notification", put("persons.1.identity.date_of_birth", "2026-01-01"), "UNBORN_WITH_BIRTH", "persons[1].identity.date_of_birth"),
    ("early_notification", put("persons.1.person_id", "p1"), "LABEL_REPEATED", "persons[1].person_id"),
    ("early_notification", put("awareness.signed", None), "ANSWER_MISSING", "awareness.signed"),
    ("early_notification", put("awareness.giver", None), "CONSENT_CAPTURE", "awareness.giver"),
    ("registration", put("awareness.consent", None), "ANSWER_MISSING", "awareness.consent"),
    ("registration", put("awareness.text_version", " "), "CONSENT_CAPTURE", "awareness.text_version"),
    ("registration", put("awareness.date", None), "CONSENT_CAPTURE", "awareness.date"),
    ("registration", put("awareness.recipients", []), "SCOPE_MISSING", "awareness.recipients"),
    ("registration", put("awareness.recipients", ["nobody"]), "SCOPE_UNKNOWN", "awareness.recipients[0]"),
    ("registration", put("awareness.purposes", ["early_help", "fun"]), "SCOPE_UNKNOWN", "awareness.purposes[1]"),
    ("registration", put("awareness.categories", ["shoe_size"]), "SCOPE_UNKNOWN", "awareness.categories[0]"),
    ("registration", put("awareness.covers", ["p9"]), "LABEL_UNKNOWN", "awareness.covers[0]"),
    ("registration", put("awareness.aware", "no"), "ANSWERS_CONTRADICT", "awareness.consent"),
    ("share_request", put("public_task_statement", " "), "REQUEST_INCOMPLETE", "public_task_statement"),
    ("share_request", put("why_needed", None), "REQUEST_INCOMPLETE", "why_needed"),
    ("share_request", put("policy", ""), "REQUEST_INCOMPLETE", "policy"),
    ("share_request", put("ask", ""), "REQUEST_INCOMPLETE", "ask"),
    ("share_request", put("ask", "School A"), "AGENCY_MALFORMED", "ask"),
    ("share_request", put("purpose", "marketing"), "PURPOSE_UNKNOWN", "purpose"),
    ("share_request", put("query", None), "SUBJECT_MISSING", "query"),
    ("share_request", put("query", {"given_names": []}), "SUBJECT_MISSING", "query"),
    ("share_request", put("query.nhs_number", "1"), "IDENTIFIER_INVALID", "query.nhs_number"),
    ("share_response", put("persons", []), "PERSONS_MISSING", "persons"),
    ("share_response", put("outcome", "declined"), "PERSONS_UNEXPECTED", "persons"),
    ("share_response", put("outcome", "maybe"), "CODE_UNKNOWN", "outcome"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change", "code", "place"), REFERRAL_FAULTS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_fault_is_found_with_its_place(name: str, change: Change, code: str, place: str) -> None:
    """Each way of being wrong has its own code, is named at its own field, and says what to do about it."""
    faults = faults_of(changed(name, change), sender_for(filled(name)))

    assert (code, place) in said(faults)
    assert all(fault.text and fault.remedy for fault in faults)


def test_all_faults_come_at_once() -> None:
    """A sender corrects a message once, not once for each fault."""
    body = filled("mash_referral")
    for path, value in {"purpose": "x", "persons.0.role": "x", "sent_at": "x", "message_id": " "}.items():
        put(path, value)(body)

    assert {"PURPOSE_UNKNOWN", "CODE_UNKNOWN", "TIME_MALFORMED", "MESSAGE_ID_MALFORMED"} <= {
        fault.code for fault in faults_of(body)
    }


@pytest.mark.parametrize(
    ("name", "agency"), [("early_notification", MASH), ("mash_referral", MIDWIFE), ("registration", PARTNER), ("share_request", MIDWIFE)]
)  # fmt: skip
def test_only_a_registered_source_may_send_a_form(name: str, agency: str) -> None:
    """A midwife's form comes from a midwife (S-01); the topic, not the message, says who sends."""
    codes = {fault.code for fault in faults_of(filled(name), agency)}

    assert ("SENDER_NOT_SOURCE" in codes) == (name != "share_request")


def test_agency_outside_the_register_may_send_nothing() -> None:
    """Whoever is not in this council's register on the day is not a sender, and every form of theirs is refused."""
    assert {("SENDER_UNKNOWN", "council"), ("SENDER_NOT_SOURCE", "form")} == said(
        faults_of(filled("mash_referral"), "some-stranger")
    )


def test_register_is_read_on_the_day_of_the_broker() -> None:
    """A row that has ended gives no right to send, whatever date the sender writes."""
    body = filled("mini_membership")
    before, after = (datetime.fromisoformat(f"{day}T12:00:00+00:00") for day in ("2019-10-02", "2021-06-01"))
    body["sent_at"] = "2018-01-01T00:00:00Z"

    assert ("NO_POLICY", "council") in said(faults_of(body, "lancashire-care-nhs-ft", before))
    assert ("SENDER_UNKNOWN", "council") in said(faults_of(body, "lancashire-care-nhs-ft", after))


def test_unknown_recipient_is_no_fault() -> None:
    """A recipient nobody knows is denied by the decision, on record, while the others get theirs."""
    assert [] == faults_of(changed("mash_referral", put("recipients", ["no-such-agency"])))


def test_old_message_is_no_fault() -> None:
    """A message that waited for a line is late, not wrong; only a clock that runs ahead is refused."""
    body = changed("mash_referral", put("sent_at", "2026-11-22T09:05:00Z"))

    assert [] == faults_of(body)
    assert ("CLOCK_SKEW", "sent_at") in said(faults_of(body, at=NOW - timedelta(seconds=1)))


def test_today_in_summer_time_is_not_the_future() -> None:
    """Half past midnight in British summer is still yesterday in UTC: a form dated today is dated rightly."""
    late = datetime.fromisoformat("2026-07-01T23:30:00+00:00")
    body = changed("mash_referral", put("sent_at", "2026-07-01T23:30:00Z"))
    body["persons"], body["details"] = body["persons"][:1], None
    put("persons.0.identity.date_of_birth", "2026-07-02")(body)

    assert not [fault for fault in faults_of(body, at=late) if fault.place.endswith("date_of_birth")]


def test_severe_referral_without_consent_gives_its_reason() -> None:
    """Section 47 needs no consent, but the reason for not having it (D-11)."""
    body = filled("mash_referral")
    body["details"]["referral_type"] = "s47"
    body["awareness"] = {"aware": "yes", "consent": "no"}

    assert ("REASON_MISSING", "awareness.no_consent_reason") in said(faults_of(body))
    body["awareness"]["no_consent_reason"] = "RISK_TO_CHILD"
    assert [] == faults_of(body)


def test_uninformed_family_gives_its_reason() -> None:
    """Who does not tell the family says why (reason codes of the forms)."""
    body = filled("mash_referral")
    body["awareness"] = {"aware": "no", "consent": "not_known"}

    assert {("REASON_MISSING", "awareness.no_consent_reason")} == said(faults_of(body))


def test_unsigned_form_answers_like_any_other() -> None:
    """Without the signature nothing is agreed, so awareness and consent must be answered."""
    body = changed("early_notification", put("awareness", {"signed": "no"}))

    assert {("ANSWER_MISSING", "awareness.aware"), ("ANSWER_MISSING", "awareness.consent")} == said(faults_of(body))


def test_consent_by_word_of_mouth_says_how() -> None:
    """A consent without a signature must say how it was given (S-26); a signature is a method."""
    body = changed("registration", put("awareness.method", None))
    assert [] == faults_of(body)

    body["awareness"]["signed"] = "no"
    assert ("CONSENT_CAPTURE", "awareness.method") in said(faults_of(body))


def test_list_of_a_hundred_people_is_no_referral() -> None:
    """Each person becomes a message with all the details, so their number has a bound."""
    body = filled("mash_referral")
    body["persons"] = [{**body["persons"][0], "person_id": f"p{n}"} for n in range(101)]

    assert {("TOO_MANY_PERSONS", "persons")} == said(faults_of(body))


def test_response_without_people_is_whole() -> None:
    """`not known` and `declined` are answers too."""
    for outcome in ("not_known", "declined"):
        body = changed("share_response", put("outcome", outcome))
        body["persons"] = []
        assert [] == faults_of(body)


def test_agency_does_not_ask_itself() -> None:
    """A share request goes to somebody else."""
    assert ("ASKS_ITSELF", "ask") in said(faults_of(changed("share_request", put("ask", POLICE)), POLICE))


def test_random_ids_are_opaque() -> None:
    """A UUID, with or without hyphens, is never taken for a number of a person."""
    for made in ("0f999000-0018-4abc-8def-999000001899", "9990000018990000001899900000189a"):
        assert [] == faults_of(changed("mash_referral", put("message_id", made)))


def test_faults_hold_no_value() -> None:
    """What is wrong is named, never quoted: faults go into acknowledgements and logs."""
    canary = "Canary-Zx9"
    body = filled("mash_referral")
    for path in ("form", "purpose", "message_id", "persons.0.role", "persons.0.person_id", "sent_at"):
        put(path, f"{canary} {path}")(body)
    put("persons.0.identifiers", {"nhs_number": canary, "upn": canary})(body)
    put("awareness.recipients", [canary])(body)

    faults = faults_of(body, MASH)
    assert len(faults) > 7
    assert canary not in "".join(str(fault) for fault in faults)


def test_cfw_may_send_for_a_family_that_agreed() -> None:
    """The service's own assessment is a message like any other."""
    assert [] == faults_of(filled("early_help_assessment"), CFW)
