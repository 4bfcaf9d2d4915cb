"""The order of test, one rule at a time: what each one notes, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.policy import rules
from hub.policy import state as s
from hub.policy.model import Basis, Form, Override, Purpose, RecipientClass, Sharing
from hub.policy.outcomes import evaluate, nothing_left, work_out
from hub.policy.overrides import Rule, Trail
from hub.policy.route import CRIME_BASIS, HARM_BASIS, LAW_BASIS, Outcome, Route
from hub.policy.vocabulary import ALL, CATEGORIES, CRIMINAL, SPECIAL, mask_of

FACTS = ("X-1",)
FORM = Form("letter", "letter", ("sender",), ("welfare",), ("class",), FACTS)
PURPOSE = Purpose("welfare", "welfare", FACTS, safeguarding=True)
CLASS = RecipientClass("class", "class", FACTS)
RULE = Sharing("rule", "rule", ("welfare",), ("class",), ("consent",), ("group",), FACTS)
EITHER = Override(("LAW_REQUIRES", "RISK_OF_HARM"), "either", ("sender",), ("LN-70",))
BOTH = replace(EITHER, connective="both")
LIMBS = (("LAW_REQUIRES", LAW_BASIS), ("RISK_OF_HARM", HARM_BASIS), ("CRIME_DISORDER", CRIME_BASIS))


def route(*bases: str, override: Override = EITHER, conditions: tuple[str, ...] = (), duty: bool = False) -> Route:
    """A route that nothing blocks, on the bases named, which admits every category."""
    rule = replace(RULE, bases=bases, conditions=conditions)
    found = tuple(Basis(name, "6(1)", (), (f"fact of {name}",)) for name in bases)
    return Route(
        FORM, PURPOSE, "agency", CLASS, rule, override, bases=found, limb_bases=LIMBS, allow=ALL & ~CRIMINAL, duty=duty
    )


def noted(rule: Rule, asked: Route, state: int, trail: Trail | None = None) -> list[tuple[str, str]]:
    """The failures that one rule notes."""
    trail = trail or Trail()
    rule(asked, state, trail)
    return [(decision, reason) for decision, (reason, _) in trail.failures]


def test_a_blocked_route_denies_with_every_reason() -> None:
    """All reasons are kept, in order, so that the sender need not come back for each."""
    blocked = replace(route("consent"), blocked=(("NO_AGREEMENT", ("S-05",)), ("NOT_UK", ("S-18",))))

    assert [("DENY", "NO_AGREEMENT"), ("DENY", "NOT_UK")] == noted(rules.standing, blocked, 0)
    assert ("SIGN_AGREEMENT", "REGISTER_AGENCY") == work_out(blocked, 0).would_permit


def test_no_policy_is_for_a_person() -> None:
    """The one blocked route that denies nothing: without a policy nobody can say no either."""
    assert [("REVIEW", "NO_POLICY")] == noted(rules.standing, replace(route(), blocked=(("NO_POLICY", ()),)), 0)


@pytest.mark.parametrize(
    "bit",
    [
        "STALE_POLICY",
        "IDENTITY_UNSURE",
        "FACTS_UNSURE",
        "CLOCK_SKEW",
        "REQUEST_UNKNOWN",
        "DISTRICT_UNKNOWN",
        "SCHOOL_UNKNOWN",
    ],
)
def test_whatever_is_unsure_is_for_a_person(bit: str) -> None:
    """Unknown is its own value: each doubt is a REVIEW under its own name."""
    assert [("REVIEW", bit)] == noted(rules.certainty, route(), s.NAMES[bit])


def test_the_first_basis_that_holds_is_taken() -> None:
    """Bases are tried in the order of the rule."""
    asked = route("duty_16la", "public_task", "consent")
    for state, duty, expected in ((s.CONSENT, False, "public_task"), (0, True, "duty_16la")):
        trail = Trail()
        rules.basis(replace(asked, duty=duty), state, trail)
        assert trail.basis is not None
        assert expected == trail.basis.id


@pytest.mark.parametrize(
    ("bases", "state", "reason"),
    [
        (("consent",), 0, "CONSENT_MISSING"),
        (("consent",), s.CONSENT_BARRED, "CONSENT_ENDED"),
        (("contact_permission",), 0, "CONTACT_MISSING"),
        (("contact_permission",), s.CONTACT | s.CONTACT_BARRED, "CONTACT_MISSING"),
        (("contact_permission",), s.CONSENT, "CONTACT_MISSING"),
        (("consent",), s.CONTACT | s.SERVICE, "CONSENT_MISSING"),
        (("duty_16la",), s.CONSENT, "NO_BASIS"),
    ],
)
def test_what_is_missing_is_named(bases: tuple[str, ...], state: int, reason: str) -> None:
    """The reason says what the person could still say; the three consents never stand in for each other."""
    assert [("DENY", reason)] == noted(rules.basis, route(*bases), state)


@pytest.mark.parametrize(
    ("override", "state", "limb"),
    [
        (EITHER, s.OVERRIDE_LAW, "LAW_REQUIRES"),
        (EITHER, s.OVERRIDE_HARM, "RISK_OF_HARM"),
        (EITHER, s.OVERRIDE_LAW | s.OVERRIDE_HARM, "LAW_REQUIRES+RISK_OF_HARM"),
        (EITHER, s.OVERRIDE_HARM | s.OVERRIDE_CRIME, "RISK_OF_HARM"),
        (BOTH, s.OVERRIDE_LAW | s.OVERRIDE_HARM, "LAW_REQUIRES+RISK_OF_HARM"),
    ],
)
def test_an_override_that_suffices_is_recorded(override: Override, state: int, limb: str) -> None:
    """LN-70: under "either" one accepted limb is enough, under "both" each is needed; the record names those relied on."""
    outcome = evaluate(route("consent", override=override), state)

    assert ("PERMIT", limb) == (outcome.decision, outcome.limb)
    assert {"RECORD_LIMB", "INFORM_SUBJECT"} <= set(outcome.obligations)
    assert "LN-70" in outcome.facts


@pytest.mark.parametrize(
    ("override", "state", "reason"),
    [
        (EITHER, s.OVERRIDE_CRIME, "OVERRIDE_LIMB"),
        (BOTH, s.OVERRIDE_LAW, "OVERRIDE_LIMB"),
        (EITHER, s.OVERRIDE_INCOMPLETE, "OVERRIDE_INCOMPLETE"),
        (replace(EITHER, limbs=()), s.OVERRIDE_HARM, "OVERRIDE_LIMB"),
    ],
)
def test_an_override_that_does_not_suffice_is_a_question(override: Override, state: int, reason: str) -> None:
    """A claim that the policy does not accept is for a person, and a bare ruling does not answer it."""
    for ruled in (0, s.RULED_PERMIT):
        outcome = evaluate(route("consent", override=override), state | ruled)
        assert ("REVIEW", reason) == (outcome.decision, outcome.reasons[0])


def test_an_override_opens_no_task_to_inform_where_the_policy_opens_none() -> None:
    """S-13 is a choice of the council's file."""
    outcome = evaluate(route("consent", override=replace(EITHER, inform=False)), s.OVERRIDE_HARM)

    assert "INFORM_SUBJECT" not in outcome.obligations
    assert "RECORD_LIMB" in outcome.obligations


@pytest.mark.parametrize(("basis", "enough"), [("legal_obligation", True), ("public_task", False), ("consent", False)])
def test_only_a_law_overcomes_an_instruction_by_itself(basis: str, *, enough: bool) -> None:
    """LN-70: a basis that is a legal obligation is the first limb; a public task or a consent is not."""
    outcome = evaluate(route(basis), s.INSTRUCTED | s.CONSENT)

    assert ("PERMIT" if enough else "DENY") == outcome.decision


def test_a_law_alone_opens_no_special_category_data() -> None:
    """The limb that nobody claimed lifts the instruction, and is no reason why it is without consent."""
    asked = route("legal_obligation", conditions=("safeguarding",))
    free, instructed = evaluate(asked, 0), evaluate(asked, s.INSTRUCTED)

    assert not free.open & SPECIAL
    assert free.open == instructed.open


def test_a_law_alone_is_not_both() -> None:
    """Where the policy needs both limbs, a legal obligation is only one of them."""
    assert "INSTRUCTED" == evaluate(route("legal_obligation", override=BOTH), s.INSTRUCTED).reasons[0]


@pytest.mark.parametrize(
    ("asked", "state", "expected"),
    [
        (route("consent"), s.CONSENT, "DENY"),
        (route("public_task"), 0, "DENY"),
        (route("duty_16la", duty=True), 0, "REVIEW"),
        (route("legal_obligation"), 0, "REVIEW"),
        (route("consent"), s.OVERRIDE_HARM, "REVIEW"),
    ],
)
def test_a_restriction_denies_unless_something_compels(asked: Route, state: int, expected: str) -> None:
    """Article 18: what a duty, a law or an override compels is for a person to say; anything else is denied."""
    assert (expected, "RESTRICTED") == (
        evaluate(asked, state | s.RESTRICTED).decision,
        evaluate(asked, state | s.RESTRICTED).reasons[0],
    )


@pytest.mark.parametrize(
    ("asked", "state", "expected"),
    [
        (route("public_task"), 0, "REVIEW"),
        (route("public_task"), s.OVERRIDE_HARM, "PERMIT"),
        (route("public_task"), s.RULED_PERMIT, "PERMIT"),
        (route("consent"), s.CONSENT, "PERMIT"),
        (route("duty_16la", duty=True), 0, "PERMIT"),
        (route("legal_obligation"), 0, "PERMIT"),
    ],
)
def test_an_objection_is_against_a_public_task(asked: Route, state: int, expected: str) -> None:
    """Article 21: a person weighs it, unless a limb outweighs it; it is no withdrawal and stops no law."""
    assert expected == evaluate(asked, state | s.OBJECTED).decision


def threshold_first(*bases: str) -> Route:
    """A route of a form that asks for the threshold first."""
    return replace(route(*bases), form=replace(FORM, threshold_first=True))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (0, ("REVIEW", "")),
        (s.S17, ("REVIEW", "")),
        (s.S47, ("PERMIT", "public_task")),
        (s.CONSENT, ("PERMIT", "consent")),
        (s.S47 | s.CONSENT, ("PERMIT", "public_task")),
        (s.OVERRIDE_HARM, ("PERMIT", "public_task")),
        (s.RULED_PERMIT, ("REVIEW", "")),
        (s.CONSENT | s.OBJECTED, ("REVIEW", "")),
    ],
)
def test_a_public_task_waits_for_its_threshold(state: int, expected: tuple[str, str]) -> None:
    """D-11: a section 47 decision, consent or an override opens it; section 17 and a bare ruling do not."""
    outcome = evaluate(threshold_first("public_task", "consent"), state)

    assert expected == (outcome.decision, outcome.basis)


def test_consent_in_the_place_of_a_threshold_reaches_as_far_as_it_reaches() -> None:
    """What goes on consent goes by consent, field by field."""
    asked = threshold_first("public_task", "consent")

    assert (0, ALL & ~SPECIAL & ~CRIMINAL) == (
        evaluate(asked, s.CONSENT).open,
        evaluate(asked, s.CONSENT).by_consent & ~SPECIAL,
    )


@pytest.mark.parametrize(
    ("conditions", "state", "condition"),
    [
        ((), s.CONSENT | s.S47, ""),
        (("explicit_consent",), s.CONSENT, "explicit_consent"),
        (("explicit_consent",), 0, ""),
        (("safeguarding",), s.PARA18, "safeguarding"),
        (("safeguarding",), s.S47, "safeguarding"),
        (("safeguarding",), s.OVERRIDE_HARM, "safeguarding"),
        (("safeguarding",), 0, ""),
        (("health_or_social_care",), s.S47, ""),
    ],
)
def test_special_category_data_needs_a_condition_of_its_own(
    conditions: tuple[str, ...], state: int, condition: str
) -> None:
    """Article 9: without a condition nothing special goes, whatever the basis."""
    outcome = evaluate(route("public_task", conditions=conditions), state)

    assert condition == outcome.condition
    assert bool(condition) == bool((outcome.open | outcome.by_consent) & SPECIAL)


def test_an_override_is_not_taken_where_nothing_special_could_go() -> None:
    """A claim that carries nothing is not relied on: no limb on the record, nobody to inform (S-12, S-13)."""
    asked = replace(route("public_task", conditions=("safeguarding",)), allow=mask_of(("name",)))
    outcome = evaluate(asked, s.OVERRIDE_HARM)

    assert ("PERMIT", "", "") == (outcome.decision, outcome.limb, outcome.condition)
    assert "INFORM_SUBJECT" not in outcome.obligations


def test_health_and_social_care_is_a_condition_for_those_who_owe_confidence() -> None:
    """Article 9(2)(h) needs a professional under a duty of confidence."""
    asked = route("public_task", conditions=("health_or_social_care",))
    confidential = replace(asked, recipient_class=replace(CLASS, confidential=True))

    assert not evaluate(asked, 0).open & SPECIAL
    assert evaluate(confidential, 0).open & CATEGORIES["medical"].mask


def test_a_condition_does_not_widen_what_consent_covers() -> None:
    """D-13: on the basis of consent every category goes by consent, those with another condition too."""
    asked = replace(
        route("consent", conditions=("health_or_social_care",)), recipient_class=replace(CLASS, confidential=True)
    )

    assert 0 == evaluate(asked, s.CONSENT).open


def test_a_permit_that_leaves_nothing_is_a_denial_that_says_what_would_help() -> None:
    """S-06: an empty envelope is not sent; more consent helps only where consent is what keeps it shut."""
    permit = Outcome("PERMIT", open=mask_of(["name"]), by_consent=mask_of(["medical"]))

    assert ("GIVE_CONSENT",) == nothing_left(permit, mask_of(["medical"])).would_permit
    assert ("SEND_SHAREABLE",) == nothing_left(permit, mask_of(["gp"])).would_permit
    assert ("DENY", ("NOTHING_LEFT",)) == (nothing_left(permit, 0).decision, nothing_left(permit, 0).reasons)
