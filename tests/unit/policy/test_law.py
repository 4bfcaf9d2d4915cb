"""The law's table of kinds of bodies, pinned: a change of it is a change in what may be shared, and has to be made twice."""

from __future__ import annotations

import pytest

from hub.policy.law import DUTY_FROM, KINDS, UNKNOWN_KIND, clamp, clamp_form
from hub.policy.model import Form, RecipientClass

BOTH = ("nhs_number", "upn")
TABLE = {
    # kind: identifiers (D-17), duty of s.16LA (D-01, D-26), confidence (Article 9(2)(h)), criminal (S-27), adverse (Article 22A)
    "early_help": (BOTH, "yes", True, True, False),
    "social_care": (BOTH, "yes", True, True, False),
    "screening": (BOTH, "yes", True, True, False),
    "youth_justice": (BOTH, "yes", False, True, False),
    "public_health": (("nhs_number",), "yes", True, False, False),
    "council_service": (("upn",), "yes", False, False, False),
    "safeguarding_partnership": ((), "yes", False, True, False),
    "local_authority": (BOTH, "yes", False, False, False),
    "health": (("nhs_number",), "yes", True, False, False),
    "education": (("upn",), "yes", False, False, False),
    "education_department": (("upn",), "no", False, False, False),
    "government": ((), "no", False, False, False),
    "inspectorate": ((), "no", False, False, False),
    "police": ((), "yes", False, True, False),
    "probation": ((), "yes", False, True, False),
    "prison": ((), "yes", False, True, False),
    "court": ((), "no", False, True, False),
    "fire": ((), "no", False, False, False),
    "housing": ((), "no", False, False, False),
    "voluntary": ((), "no", False, False, False),
    "voluntary_contracted": ((), "contract", False, False, False),
    "contractor": ((), "no", False, False, False),
    "awarding_body": ((), "no", False, False, False),
    "funding_body": ((), "no", False, False, False),
    "elected_member": ((), "no", False, False, False),
    "fraud_prevention": ((), "no", False, False, True),
}


def test_the_table_of_kinds_is_the_one_that_was_agreed() -> None:
    """Who may hold which identifier, who is bound by the duty, who may hold offence data: as the rules D-01, D-17, D-26, S-27 say."""
    found = {k.id: (k.identifiers, k.duty, k.confidential, k.criminal, k.adverse) for k in KINDS.values()}

    assert TABLE == found
    assert "2026-09-30" == DUTY_FROM


@pytest.mark.parametrize("kind", [*TABLE, "", "made-up"])
def test_a_class_has_no_more_than_its_kind(kind: str) -> None:
    """Whatever a class claims, it ends with what the law leaves its kind; an unknown kind leaves nothing."""
    wide = RecipientClass("x", "x", (), in_duty=True, confidential=True, criminal=True, identifiers=BOTH, kind=kind)
    most = KINDS.get(kind, UNKNOWN_KIND)
    left = clamp(wide)

    assert most.identifiers == left.identifiers
    assert (most.duty == "yes", most.confidential, most.criminal) == (left.in_duty, left.confidential, left.criminal)
    assert left == clamp(left)


def test_no_form_can_ask_others_without_a_threshold() -> None:
    """R (AB) v Haringey [2013]: the question's form needs the decision first, whatever its file says; other forms keep their own word."""
    assert clamp_form(Form("share_request", "", (), (), (), ())).threshold_first
    assert not clamp_form(Form("registration", "", (), (), (), ())).threshold_first
