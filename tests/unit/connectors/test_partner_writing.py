"""What the partner client checks before it sends: everything the front door would refuse, all at once, without a value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.connectors.messages import Person, Referral, from_body
from hub.connectors.partner import Message, new_id, now
from hub.connectors.partner.writing import prepare, prepare_all
from hub.errors import Fault, InputFault
from hub.flow.validate import id_faults
from hub.schemas.codec import decode
from hub.schemas.events import attribute
from hub.schemas.registry import packaged
from hub.schemas.templates import template, template_names
from tests.support.client import record, referral

CANARY = "Canary-Okonjo"


def faults(*messages: Message) -> dict[str, Fault]:
    """The faults of some messages, by place."""
    with pytest.raises(InputFault) as caught:
        prepare_all("example-trust", messages, packaged())
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    return {fault.place: fault for fault in caught.value.faults}


def test_ids_never_look_like_a_number_of_a_person() -> None:
    """An id that the client makes is one that the hub takes: opaque, with no ten digits in it, and never the same twice."""
    made = [new_id() for _ in range(2000)]

    assert len(made) == len(set(made))
    assert not [each for each in made if id_faults(each) or any(sign.isdigit() for sign in each)]


@pytest.mark.parametrize("name", template_names())
def test_every_template_may_be_published(name: str) -> None:
    """What `hub template` prints passes the client as it stands, and comes out of the codec as it went in."""
    data = json.loads(template(name))

    ready = prepare("example-trust", data, packaged())

    assert data["message_id"] == ready.message_id == decode(ready.value).body["message_id"]
    assert data["type"] == decode(ready.value).name


def test_unreadable_fields_are_told_all_at_once() -> None:
    """A message that is not one is refused with every fault by place, and without the values."""
    found = faults(referral(sent_at=CANARY, persons=[{"person_id": 7, "rol": CANARY}], recipients=CANARY))

    assert {"[0].sent_at", "[0].persons[0].person_id", "[0].persons[0].rol", "[0].recipients"} == found.keys()
    assert "did you mean `role`?" == found["[0].persons[0].rol"].remedy


def test_what_the_front_door_would_refuse_is_refused_here() -> None:
    """Contents are checked by the hub's own rules: ids, clocks, unmarked statements, incomplete overrides."""
    details = {"reasons": [{"text": CANARY}]}
    found = faults(
        referral(message_id="9990000018", sent_at="2199-01-01T00:00:00Z", details=details, override={"reason": CANARY})
    )

    assert {
        "[0].message_id": "MESSAGE_ID_MALFORMED",
        "[0].sent_at": "CLOCK_SKEW",
        "[0].details.reasons[0].kind": "STATEMENT_UNMARKED",
        "[0].override.limb": "OVERRIDE_INCOMPLETE",
        "[0].override.decided_by": "OVERRIDE_INCOMPLETE",
    } == {place: fault.code for place, fault in found.items()}


def test_faults_of_many_messages_are_told_by_their_number() -> None:
    """One bad message in a list is found by its place in the list."""
    assert {"[1].council", "[2].form"} == faults(referral(), referral(council=None), referral(form=3)).keys()


@pytest.mark.parametrize(
    "message",
    [
        {"council": "lancashire"},
        {"type": "FilteredRecord", "record_id": "r1"},
        from_body("FilteredRecord", record("example-trust")),
        Person(person_id="p1"),
    ],
)
def test_only_messages_of_partners_are_published(message: Message) -> None:
    """What only the hub writes, and what is no message at all, is refused by name."""
    assert ["UNKNOWN_TYPE"] == [fault.code for fault in faults(message).values()]


@pytest.mark.parametrize("odd", [b"bytes", {1, 2}, CANARY.encode()])
def test_plain_data_is_what_json_can_hold(odd: Any) -> None:
    """Anything that JSON cannot hold is refused, not guessed at."""
    assert ["NOT_JSON"] == [fault.code for fault in faults(referral(case_ref=odd)).values()]


def test_a_model_and_its_plain_data_are_the_same_bytes() -> None:
    """However a message is written down, the hub sees one message: sent twice, it takes effect once."""
    data = referral()
    model = Referral.model_validate({name: value for name, value in data.items() if name != "type"})

    assert prepare("a", data, packaged()).value == prepare("a", model, packaged()).value


def test_a_model_made_without_validation_is_still_checked() -> None:
    """No way around the checks: the schema refuses what the model was not asked about."""
    message = Referral.model_construct(message_id=5, council="lancashire", form="x", purpose="y", sent_at=now())

    assert "[0].message_id" in faults(message)


def test_headers_are_cloudevents_and_hold_no_content() -> None:
    """Headers say what, who and when, by the message's own id; the trace context goes along when there is one."""
    data = referral(case_ref=CANARY)
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    pairs = prepare("example-trust", data, packaged(), trace).headers

    assert data["message_id"] == attribute(pairs, "ce_id")
    assert ["uk.hub.v1.Referral", "example-trust"] == [attribute(pairs, name) for name in ("ce_type", "ce_source")]
    assert data["sent_at"] == attribute(pairs, "ce_time")
    assert trace == attribute(pairs, "traceparent")
    assert not [value for _, value in pairs if CANARY.encode() in value or b"Haworth" in value]


def test_a_model_is_not_quoted_when_it_is_refused() -> None:
    """Pydantic's own error, raised where a developer makes a model, shows no value either: it ends up in logs."""
    with pytest.raises(ValueError, match="person_id") as caught:
        Person.model_validate({"person_id": [CANARY], "role": CANARY})

    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value)
