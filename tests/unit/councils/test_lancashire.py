"""The first policy file says what its notice says, and what the rules S- and D- add: read from the file, not from the engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.policy.model import Policy, Sharing
from hub.policy.reasons import REASONS
from hub.policy.vocabulary import CRIMINAL, SENSITIVE, mask_of, names_of

SEED = " ".join((Path(__file__).parents[2] / "data" / "notices" / "LN.txt").read_text(encoding="utf-8").split())
NOTICE_FACTS = (
    *(
        f"LN-{n:02}"
        for n in (*range(1, 17), *range(20, 49), *range(50, 57), *range(60, 76), *range(80, 85), *range(90, 95))
    ),
    *(f"LN-57{letter}" for letter in "abcdefgh"),
    *(f"LN-{n}" for n in (*range(100, 112), *range(120, 128), *range(130, 147))),
)
"""Every fact of the notice, by its id: a fact that no row of the file enforces is `informative` there, with the reason."""
SHARED = ("personal", "characteristics", "education", "send", "dependent_children", "history", "interventions", "assessment",
          "worker_risk", "agencies_involved")  # fmt: skip
REDUCED = ("voluntary", "fire", "housing", "dwp")


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The policy as it comes with the hub."""
    return load(packaged()["lancashire-cfw-001"])


def categories(policy: Policy, rule: Sharing) -> set[str]:
    """Return the data categories that a rule may share."""
    groups = {group.id: group.categories for group in policy.groups}
    return set(rule.only) or {name for group in rule.groups for name in groups[group]}


def rules(policy: Policy, purpose: str = "", to: str = "", form: str = "") -> list[Sharing]:
    """Return the sharing rules for a purpose, a class, a form; an empty one means any."""
    allowed = {f.id: f.purposes for f in policy.forms}
    return [
        rule
        for rule in policy.sharing
        if (not purpose or purpose in rule.purposes)
        and (not to or to in rule.to)
        and (not form or form in rule.forms or (not rule.forms and set(rule.purposes) & set(allowed[form])))
    ]


def test_every_fact_of_the_notice_is_accounted_for(policy: Policy) -> None:
    """Each fact is cited by a row or explained under `informative`; there is no third kind, and none is left out."""
    quoted = {name for name, _ in policy.quotes if name.startswith("LN-")}

    assert set(NOTICE_FACTS) == quoted
    assert {"LN-16", "LN-38", "LN-121"} == {name for name, _ in policy.informative}


def test_every_quote_stands_in_the_notice(policy: Policy) -> None:
    """A sentence that the hub shows as the notice's own is found in the notice, word for word."""
    for name, quote in policy.quotes:
        if name.startswith("LN-"):
            assert quote.startswith("(not stated) ") or quote in SEED, name


def test_every_provision_is_printed_as_in_the_notice(policy: Policy) -> None:
    """Legislation `as printed` is what the notice prints."""
    for act in policy.legislation:
        assert act.printed in SEED, act.id


def test_every_rule_that_the_engine_names_has_its_text(policy: Policy) -> None:
    """A reason that cites a rule (S-, D-) can be explained from the file."""
    named = {reason.rule for reason in REASONS.values() if not reason.rule.startswith("INV-")}

    assert named <= {name for name, _ in policy.quotes}


def test_no_officer_is_named(policy: Policy) -> None:
    """Contacts are roles and mailboxes."""
    assert {"data_protection_officer", "service", "complaints", "regulator"} == {
        contact.id for contact in policy.contacts
    }


@pytest.mark.parametrize(
    ("form", "sources"),
    [
        ("early_notification", {"midwife"}),
        ("mini_membership", {"health_visitor"}),
        ("registration", {"service_user"}),
        ("request_for_support", {"partner"}),
        ("mash_referral", {"mash"}),
        ("early_help_assessment", {"cfw_staff"}),
        ("community_offer", {"school"}),
    ],
)
def test_each_form_has_its_source(policy: Policy, form: str, sources: set[str]) -> None:
    """Only the registered source may send a form (S-01, LN-04..13)."""
    assert sources == set(next(f for f in policy.forms if f.id == form).sources)


def test_a_screened_referral_before_consent_is_contact_only(policy: Policy) -> None:
    """S-08: to the service and nowhere else, contact data without any special category; the rest needs consent."""
    found = rules(policy, form="mash_referral")

    assert {("cfw",)} == {rule.to for rule in found}
    (contact,) = [rule for rule in found if "consent" not in rule.bases]
    assert {"name", "date_of_birth", "address", "district", "contact", "safe_contact", "household"} == categories(
        policy, contact
    )
    assert next(f for f in policy.forms if f.id == "mash_referral").before_consent


def test_permission_to_be_contacted_reaches_only_the_service(policy: Policy) -> None:
    """S-07: the two notification forms serve contact, and contact alone."""
    for form in ("early_notification", "mini_membership"):
        assert {("contact",)} == {rule.purposes for rule in rules(policy, form=form)}
        assert {("cfw",)} == {rule.to for rule in rules(policy, form=form)}


def test_the_ten_groups_are_the_shared_list(policy: Policy) -> None:
    """The notice's list has ten groups; all else is added only by a rule that cites it (S-06)."""
    assert set(SHARED) == {group.id for group in policy.groups if group.shared}


def test_listed_recipients_get_the_ten_groups_for_early_help_with_consent(policy: Policy) -> None:
    """LN-68: consent is the gate to every listed organisation for early help."""
    for rule in rules(policy, purpose="early_help"):
        assert ("consent",) == rule.bases
    (partners,) = rules(policy, "early_help", "constabulary", "early_help_assessment")
    assert set(SHARED) == set(partners.groups)


def test_a_partners_own_form_carries_a_limited_amount_onward(policy: Policy) -> None:
    """LN-72: beyond the service and those who screen and assess inside the council, three fields and no more."""
    onward = [
        rule
        for rule in rules(policy, "early_help", form="request_for_support")
        if not {"cfw", "mash", "childrens_social_care"} & set(rule.to)
    ]

    assert {("name", "date_of_birth", "address")} == {rule.only for rule in onward}


def test_nothing_goes_onward_for_a_family_that_left(policy: Policy) -> None:
    """LN-65, LN-66: beyond the service, every rule for early help waits where the family declined or left it."""
    onward = [rule for rule in rules(policy, "early_help") if "cfw" not in rule.to]

    assert onward
    assert all("service_not_declined" in rule.needs for rule in onward)


def test_referral_details_go_only_where_a_sentence_says_so(policy: Policy) -> None:
    """Type, reason, referrer and lead professional (LN-25, 27..30) reach the service, the screening hub and children's social care."""
    sealed = {"referral_type", "referral_reason", "referrer", "lead_professional"}
    receiving = {to for rule in policy.sharing if sealed & categories(policy, rule) for to in rule.to}

    assert {"cfw", "mash", "childrens_social_care"} == receiving


def test_the_duty_starts_on_its_day_and_binds_only_safeguarding(policy: Policy) -> None:
    """D-01: section 16LA from 30 September 2026, for safeguarding or promoting welfare."""
    assert "2026-09-30" == policy.settings.duty_16la_from
    assert {("safeguarding",)} == {rule.purposes for rule in policy.sharing if "duty_16la" in rule.bases}


def test_outside_the_council_there_is_the_duty_or_consent(policy: Policy) -> None:
    """Public task opens no road to an agency outside the council (D-11)."""
    internal = {c.id for c in policy.classes if c.internal}
    for rule in policy.sharing:
        if "public_task" in rule.bases:
            assert set(rule.to) <= internal, rule.id


@pytest.mark.parametrize("to", REDUCED)
def test_recipients_outside_the_duty_get_a_reduced_set_with_consent(policy: Policy, to: str) -> None:
    """D-26: consent, a closed list, and no special category data."""
    found = rules(policy, to=to)

    assert found
    for rule in found:
        assert ("consent",) == rule.bases
        assert rule.only
        assert not rule.conditions


def test_the_family_hubs_service_has_a_closed_list(policy: Policy) -> None:
    """LN-15 says `some elements`: the file names them, and nothing else goes."""
    assert [("name", "date_of_birth", "district", "school", "agencies_involved")] == [
        r.only for r in rules(policy, to="family_hubs")
    ]


def test_evaluation_releases_nothing_about_a_person(policy: Policy) -> None:
    """LN-80, S-14: the purpose exists so that it can be refused by name; no rule shares for it."""
    assert next(p for p in policy.purposes if p.id == "evaluation").anonymised_only
    assert not rules(policy, purpose="evaluation")


def test_the_audit_route_is_closed(policy: Policy) -> None:
    """Spot checks ended with the programme (March 2025); business intelligence and the ministry have no other route."""
    for to in ("housing_ministry", "business_intelligence"):
        assert ["2025-03-31"] == [rule.valid_to for rule in rules(policy, to=to)]


def test_sensitive_services_are_added_only_under_their_rule(policy: Policy) -> None:
    """D-19: only rules that cite it, only to professionals under a duty of confidence, never for early help."""
    confidential = {c.id for c in policy.classes if c.confidential}
    for rule in policy.sharing:
        if set(names_of(SENSITIVE)) & categories(policy, rule):
            assert "D-19" in rule.facts
            assert set(rule.to) <= confidential, rule.id
            assert "early_help" not in rule.purposes


def test_offence_and_victim_data_is_in_no_rule(policy: Policy) -> None:
    """S-27: the notice collects none, so no rule shares any."""
    assert not CRIMINAL & mask_of([name for group in policy.groups for name in group.categories])


def test_worker_risk_is_for_those_who_meet_the_family(policy: Policy) -> None:
    """S-23: screening, public health, government and other councils do not visit."""
    absent = {
        "mash",
        "public_health",
        "business_intelligence",
        "family_hubs",
        "dwp",
        "dfe",
        "housing_ministry",
        "local_authority",
    }

    assert absent == {c.id for c in policy.classes if not c.visits_family}


def test_identifiers_follow_their_rule(policy: Policy) -> None:
    """D-17: the pupil number to education, councils and the department; the NHS number to health and councils."""
    held = {kind: {c.id for c in policy.classes if kind in c.identifiers} for kind in ("upn", "nhs_number")}

    assert {"cfw", "mash", "childrens_social_care", "education", "dfe", "local_authority"} == held["upn"]
    health = {"school_nurse", "health_visitor", "camhs"}
    assert (
        health | {"cfw", "mash", "adult_social_care", "childrens_social_care", "local_authority"} == held["nhs_number"]
    )


def test_health_visitors_by_district(policy: Policy) -> None:
    """LN-104..106: nine districts to one trust, three to the other, each of the twelve once."""
    served = {
        row.id: set(row.districts)
        for row in policy.agencies
        if row.recipient_class == "health_visitor" and not row.valid_to
    }

    assert {"E07000119", "E07000121", "E07000128"} == served["blackpool-teaching-nhs-ft"]
    assert set(dict(policy.districts)) == set.union(*served.values())
    assert 12 == sum(len(districts) for districts in served.values())


def test_the_register_shows_what_it_must_be_able_to_refuse(policy: Policy) -> None:
    """A lapsed agreement, a recipient abroad, a body under contract, a renamed trust: each has its row."""
    rows = {row.id: row for row in policy.agencies if not row.valid_to}

    assert "2026-06-30" == rows["example-youth-club"].agreement_to
    assert not rows["example-overseas-school"].uk
    assert ("voluntary_contracted", "yes") == (
        rows["example-family-charity"].recipient_class,
        rows["example-family-charity"].in_duty,
    )
    assert "lscft-health-visiting" == next(
        row.successor for row in policy.agencies if row.id == "lancashire-care-nhs-ft"
    )


def test_every_agreement_is_marked_as_invented(policy: Policy) -> None:
    """Agreement numbers are synthetic, so that none is taken for a council's own."""
    assert all(re.fullmatch(r"SYN-\d{4}-\d{2}|", row.agreement_id) for row in policy.agencies)


def test_an_instruction_is_overridden_on_either_limb(policy: Policy) -> None:
    """LN-69, LN-70: law or harm, each enough; crime prevention is no limb of this notice; the person is informed (S-13)."""
    assert ("LAW_REQUIRES", "RISK_OF_HARM") == policy.override.limbs
    assert "either" == policy.override.connective
    assert policy.override.inform
    assert {"partner", "service_user"}.isdisjoint(policy.override.roles)


def test_only_information_governance_rules(policy: Policy) -> None:
    """A ruling and a restriction come from the Information Governance Team; it receives nothing and sends nothing else that shares."""
    controls = dict(policy.controls)

    assert ("information_governance",) == controls["ruling"] == controls["restriction"]
    assert all("information_governance" not in form.sources for form in policy.forms)


def test_nobody_reports_a_consent_that_only_serves_themselves(policy: Policy) -> None:
    """A partner may pass on an instruction not to share, but not a consent by control message."""
    controls = dict(policy.controls)

    assert "partner" in controls["instruct_not_to"]
    assert "partner" not in controls["consent"]
