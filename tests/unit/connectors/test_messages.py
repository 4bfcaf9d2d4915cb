"""Messages that people write: every fault at once, at its place, with a remedy, and without the value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from hub.connectors.messages import Referral, from_body, parse_json, to_body, to_json
from hub.errors import Fault, InputFault
from hub.schemas.codec import decode, encode
from hub.schemas.templates import template, template_names

CANARY = "Canary-Okonjo"
HEAD = {
    "type": "Referral",
    "message_id": "m1",
    "council": "lancashire",
    "form": "registration",
    "purpose": "early_help",
    "sent_at": "2026-11-22T09:00:00Z",
}


def faults(data: Any) -> dict[str, Fault]:
    """The faults of some JSON, by place."""
    with pytest.raises(InputFault) as caught:
        parse_json(data if isinstance(data, str | bytes) else json.dumps(data))
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    return {fault.place: fault for fault in caught.value.faults}


def test_all_faults_are_told_at_once_with_their_places() -> None:
    """Whoever fills a form corrects it once, not ten times."""
    found = faults(
        {
            **HEAD,
            "sent_at": CANARY,
            "recipients": CANARY,
            "details": {"level": CANARY, "refferrer": {}},
            "persons": [
                {"person_id": "p1", "role": CANARY, "lives_in_home": "", "identity": {"date_of_birth": "1/2/2020"}},
                {"photograph": "!"},
                CANARY,
            ],
        }
    )

    assert {place: fault.code for place, fault in found.items()} == {
        "sent_at": "BAD_VALUE",
        "recipients": "BAD_TYPE",
        "details.level": "BAD_TYPE",
        "details.refferrer": "UNKNOWN_FIELD",
        "persons[0].role": "BAD_CODE",
        "persons[0].lives_in_home": "BAD_CODE",
        "persons[0].identity.date_of_birth": "BAD_VALUE",
        "persons[1].person_id": "MISSING_FIELD",
        "persons[1].photograph": "BAD_TYPE",
        "persons[2]": "BAD_TYPE",
    }
    assert found["details.refferrer"].remedy == "did you mean `referrer`?"
    assert found["persons[0].lives_in_home"].remedy == "use one of yes, no, not_known, not_applicable"
    assert found["persons[0].role"].remedy.startswith("use one of child, unborn,")


@pytest.mark.parametrize(
    ("data", "place", "code"),
    [
        ("{", "line 1, column 2", "NOT_JSON"),
        (b"\xff\xfe", "", "NOT_JSON"),
        ("[]", "", "NOT_JSON"),
        ("[" * 100_000, "", "NOT_JSON"),
        ('{"type": "Referral", "form": "a", "form": "b"}', "form", "DUPLICATE_KEY"),
        ('{"type": "Referral", "message_id": "\\ud800"}', "", "NOT_JSON"),
        ("{}", "type", "UNKNOWN_TYPE"),
        ('{"type": ["Referral"]}', "type", "UNKNOWN_TYPE"),
        ('{"type": "Disclosures"}', "type", "UNKNOWN_TYPE"),
        ({**HEAD, "persons": [{"person_id": "p", "education": {"attendance_percent": float("nan")}}]},
         "persons[0].education.attendance_percent", "BAD_VALUE"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_told_apart(data: Any, place: str, code: str) -> None:
    """Not JSON, a key that comes twice, a type nobody may publish: each is its own fault."""
    assert faults(data)[place].code == code


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"kind": "shield"}, "must have the record `shield` and no other"),
        ({"kind": "objection"}, "must have the record `objection` and no other"),
        ({"subject": None}, "must have a `subject`: a message of kind `service_agreement` is about a person"),
    ],
)
def test_a_control_message_has_the_record_that_its_kind_names(more: dict[str, Any], text: str) -> None:
    """One record and the right one, and a person it is about."""
    found = faults({**json.loads(template("service_agreement")), **more})

    assert found[""].text == text


@pytest.mark.parametrize("name", template_names())
def test_json_comes_back_as_it_was(name: str) -> None:
    """Reading and printing a message changes nothing."""
    kind, body = parse_json(template(name))

    assert parse_json(to_json(from_body(kind, body))) == (kind, body)


@pytest.mark.parametrize("name", template_names())
def test_a_model_goes_through_the_wire(name: str) -> None:
    """What the edge lets through, the codec takes, and the model comes back equal."""
    kind, body = parse_json(template(name))
    model = from_body(kind, body)

    assert from_body(kind, decode(encode(kind, to_body(model))).body) == model


def test_a_model_cannot_be_changed_or_stretched() -> None:
    """A record that was read stays what it was; an unknown field is an error where it is written."""
    body = json.loads(template("registration"))
    body.pop("type")
    model = Referral.model_validate(body)

    with pytest.raises(ValidationError):
        model.form = "other"
    with pytest.raises(ValidationError):
        Referral.model_validate({**body, "extra": 1})


def test_a_body_that_does_not_fit_is_refused_without_its_values() -> None:
    """A client that reads a record it does not understand stops with the places, not with the data."""
    with pytest.raises(InputFault) as caught:
        from_body("Referral", {"form": 7, "extra": CANARY})

    assert CANARY not in str(caught.value)
    assert {"form", "extra", "message_id"} <= {fault.place for fault in caught.value.faults}
