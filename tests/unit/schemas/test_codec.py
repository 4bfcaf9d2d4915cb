"""The codec: nothing is lost or invented on the way to bytes and back, and no error quotes a message."""

from __future__ import annotations

import json
from typing import Any

import avro.schema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import ConfigurationFault, InputFault, UnreadableMessage
from hub.schemas.codec import CONTROL_LIMIT, PARTNER_LIMIT, decode, encode, encode_with
from hub.schemas.registry import Registry, packaged
from tests.strategies.bodies import bodies, drifted

CANARY = "Canary-Okonjo"
NAMES = packaged().names()


def referral(**more: Any) -> dict[str, Any]:
    """A referral with its mandatory fields."""
    return {"message_id": "m1", "council": "lancashire", "form": "registration", "purpose": "early_help",
            "sent_at": "2026-11-22T09:00:00Z", **more}  # fmt: skip


def code_of(data: bytes) -> str:
    """The fault code with which the bytes are refused."""
    with pytest.raises(UnreadableMessage) as caught:
        decode(data)
    return caught.value.faults[0].code


def within(given_value: Any, read: Any) -> bool:
    """Say whether what was read holds all that was given, with defaults for the rest."""
    if isinstance(given_value, dict):
        return all(within(value, read[name]) for name, value in given_value.items())
    if isinstance(given_value, list):
        return len(given_value) == len(read) and all(map(within, given_value, read))
    return bool(given_value == read)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_written_is_read(name: str, data: st.DataObject) -> None:
    """Every message comes back as it was, defaults filled, and re-encodes to the same bytes."""
    body = data.draw(bodies(name))

    framed = encode(name, body)
    read = decode(framed)

    assert (name, packaged().by_name(name).schema_id) == (read.name, read.schema_id)
    assert within(body, read.body)
    assert framed == encode_with(read.schema_id, read.body)


def test_every_message_has_a_fixed_id() -> None:
    """Ids never change: bytes on a topic are read for years. A schema that changed took a new one and kept the old."""
    expected = ["Referral", "ShareRequest", "ShareResponse", "Control", "SubjectMessage", "Disclosures",
                "FilteredRecord", "Acknowledgement", "Review", "Notice", "DeadLetter",
                "Referral", "ShareRequest", "ShareResponse", "Control", "SubjectMessage", "FilteredRecord",
                "Notice"]  # fmt: skip

    assert dict(enumerate(expected, 1)) == {schema.schema_id: schema.name for schema in packaged()}


@pytest.mark.parametrize("name", NAMES)
def test_each_message_exports_as_one_self_contained_schema(name: str) -> None:
    """A schema registry can take the export as it is: Apache avro parses it without any other file."""
    parsed = avro.schema.parse(packaged().export(name))

    assert f"uk.hub.v1.{name}" == parsed.fullname  # type: ignore[attr-defined]


def test_absent_fields_take_their_defaults() -> None:
    """A sender fills what it has: nullable fields become null, lists empty."""
    body = decode(encode("Referral", referral())).body

    assert (body["case_ref"], body["details"], body["persons"], body["recipients"]) == (None, None, [], [])


def test_every_fault_of_a_body_is_named_at_its_place() -> None:
    """An unknown field is never dropped silently; all faults are told at once, none quotes a value."""
    odd = {"person_id": "p1", "shoe_size": CANARY, "lives_in_home": CANARY, "identity": {"gender": 4}}
    body = referral(persons=[odd, CANARY], recipients=CANARY)
    del body["form"]

    with pytest.raises(InputFault) as caught:
        encode("Referral", body)

    places = {fault.place for fault in caught.value.faults}
    assert {"form", "recipients", "persons[0].shoe_size", "persons[0].lives_in_home", "persons[0].identity.gender",
            "persons[1]"} == places  # fmt: skip
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_number_out_of_range_is_refused() -> None:
    """What the writer alone can see wrong is a fault too."""
    with pytest.raises(InputFault):
        encode("Referral", referral(details={"level": 2**40}))


def test_bytes_without_the_frame_are_refused() -> None:
    """JSON, nothing, or a cut header is not framed."""
    assert [code_of(b'{"a": 1}'), code_of(b""), code_of(b"\x00\x00\x00")] == ["NOT_FRAMED"] * 3


def test_an_unknown_schema_id_is_refused() -> None:
    """The hub reads only schemas it knows; it never guesses."""
    assert code_of(b"\x00\x00\x00\xff\xff" + b"x") == "WRONG_SCHEMA"


def test_a_body_cut_short_is_refused_wherever_it_is_cut() -> None:
    """No prefix of a message passes for a message."""
    framed = encode("Referral", referral(persons=[{"person_id": "p1", "identity": {"family_name": CANARY}}]))

    assert {"BAD_BODY"} == {code_of(framed[:length]) for length in range(5, len(framed))}


def test_bytes_after_the_body_are_refused() -> None:
    """Nothing can be smuggled behind a message."""
    assert code_of(encode("Referral", referral()) + b"\x00") == "TRAILING_BYTES"


@pytest.mark.parametrize(("name", "limit"), [("Referral", PARTNER_LIMIT), ("Control", CONTROL_LIMIT)])
def test_an_oversized_message_is_refused(name: str, limit: int) -> None:
    """A message must still fit the broker when it is wrapped; the limit itself passes the size check."""
    frame = b"\x00" + packaged().by_name(name).schema_id.to_bytes(4, "big")

    assert code_of(frame + b"\xff" * (limit - 4)) == "OVERSIZED"
    assert code_of(frame + b"\xff" * (limit - 5)) != "OVERSIZED"


def test_an_oversized_message_is_not_published() -> None:
    """The sender is told before the hub would refuse it."""
    with pytest.raises(InputFault, match="more than 900000 bytes"):
        encode("Referral", referral(persons=[{"person_id": "p1", "photograph": b"x" * PARTNER_LIMIT}]))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(packaged())), st.binary(max_size=60))
def test_no_bytes_break_the_reader(schema: Any, noise: bytes) -> None:
    """Whatever a partner sends either decodes or is unreadable; there is no third way, and no error quotes it."""
    framed = b"\x00" + schema.schema_id.to_bytes(4, "big") + noise
    try:
        read = decode(framed)
    except UnreadableMessage as fault:
        quoted = fault.__cause__
    else:
        quoted = None
        assert read.schema_id == schema.schema_id
    assert quoted is None


def test_a_message_is_read_with_its_writers_schema() -> None:
    """A field the hub does not know is seen, not projected away, and can be written back as it came."""
    extra = {"name": "blood_type", "type": ["null", "string"], "default": None}
    registry = drifted("Referral", "Person", extra)
    framed = encode("Referral", referral(persons=[{"person_id": "p1", "blood_type": "0"}]), registry)

    read = decode(framed, registry)

    assert (read.schema_id, read.body["persons"][0]["blood_type"]) == (9001, "0")
    assert framed == encode_with(9001, read.body, registry)


def test_a_registry_takes_records_only() -> None:
    """A schema that is none stops the hub at its start, not at a message."""
    wrong_default = {"name": "a", "type": "string", "default": 1}
    records = [{"type": "record", "name": "X", "fields": [field]} for field in ({}, wrong_default)]
    for bad in ({"type": "string"}, {"type": "record", "name": "X"}, *records):
        with pytest.raises(ConfigurationFault):
            Registry({1: json.loads(json.dumps(bad))})
