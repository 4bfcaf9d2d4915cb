"""Templates: what a newcomer copies must work, name nobody real, and show every field kind."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from hub.connectors.messages import parse_json
from hub.errors import InputFault
from hub.policy.vocabulary import CONTROL_KINDS
from hub.schemas.codec import decode, encode
from hub.schemas.identifiers import nhs_number, postcode, upn
from hub.schemas.templates import template, template_names

FORMS = (
    "adult_assessment",
    "adult_protection_referral",
    "community_offer",
    "early_help_assessment",
    "early_notification",
    "enquiry",
    "inspection",
    "looked_after_review",
    "mash_referral",
    "mini_membership",
    "participation_update",
    "programme_return",
    "public_referral",
    "registration",
    "request_for_support",
    "safeguarding_referral",
    "service_message",
    "statutory_return",
    "user_testing_survey",
    "youth_justice_record",
)


def values(node: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every leaf with the name of its field."""
    if isinstance(node, dict):
        return [leaf for key, inner in node.items() for leaf in values(inner, key)]
    if isinstance(node, list):
        return [leaf for inner in node for leaf in values(inner, name)]
    return [(name, node)]


def test_there_is_a_template_for_everything_an_agency_sends() -> None:
    """Each form, the request, the response and each kind of control message has one."""
    assert set(template_names()) == {*FORMS, "share_request", "share_response", *CONTROL_KINDS}


@pytest.mark.parametrize("name", template_names())
def test_each_template_can_be_published_as_it_is(name: str) -> None:
    """It parses without a fault, encodes, and comes back the same."""
    kind, body = parse_json(template(name))
    read = decode(encode(kind, body))

    assert (read.name, read.body) == (kind, body)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_names_itself(name: str) -> None:
    """The template of a form is a referral on that form."""
    assert parse_json(template(name))[1]["form"] == name


def test_no_two_templates_share_a_message_id() -> None:
    """All of them can be published one after the other."""
    ids = [json.loads(template(name))["message_id"] for name in template_names()]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", template_names())
def test_the_people_are_synthetic(name: str) -> None:
    """NHS numbers from the test range, drama telephone numbers, example addresses, valid check digits."""
    for field, value in values(json.loads(template(name))):
        if field == "nhs_number":
            assert value.startswith("999")
            assert nhs_number(value) == value
        elif field == "upn":
            assert upn(value) == value
        elif field == "postcode":
            assert postcode(value) == value
            assert value.endswith("0AA")
        elif field in ("phone", "mobile"):
            assert re.fullmatch(r"01632 960\d{3}|07700 900\d{3}", value)
        elif field == "email":
            assert value.endswith((".example", "@example.org"))


def test_an_unknown_template_is_named_with_its_remedy() -> None:
    """The names that exist are told, and nothing outside the folder can be read."""
    for name in ("", "nothing", "../ids"):
        with pytest.raises(InputFault, match="use one of access_grant, adult_assessment"):
            template(name)
