"""Parts encoded beforehand: the bytes they would have had anyway, at their own place and at no other."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import InputFault
from hub.schemas.codec import decode, encode
from hub.schemas.parts import Part, texts
from hub.schemas.registry import packaged
from hub.schemas.writer import BadValue

Body = dict[str, Any]

RECORD: Body = {
    "disclosure_id": "d",
    "recipient": "r",
    "decision": "PERMIT",
    "reasons": ["CONSENT_SCOPE"],
    "fields": ["persons[].role", "details.level"],
    "withheld": [{"field": "persons[].photograph", "reason": "NOT_SHARED"}],
}
DISCLOSURES: Body = {
    **dict.fromkeys(
        ("disclosures_id", "subject_message_id", "message_id", "subject_ref", "council", "agency", "kind"), "x"
    ),
    **dict.fromkeys(("received_at", "policy_id", "policy_version", "policy_digest"), "y"),
    "facts_as_of": {"partition": 0, "offset": 0},
    "part": 1,
    "parts": 1,
    "records": [RECORD],
}


def part(path: str, name: str = "Disclosures") -> Part:
    """A part of the packaged schemas."""
    return Part(packaged(), name, path)


def with_record(**parts: Any) -> bytes:
    """The bytes of the message with some fields of its record replaced."""
    return encode("Disclosures", {**DISCLOSURES, "records": [{**RECORD, **parts}]})


def test_a_message_of_parts_has_the_bytes_it_would_have_had() -> None:
    """Lists put together from items, lists of texts, and whole records."""
    fields, withheld = part("records[].fields[]"), part("records[].withheld[]")

    made = with_record(
        reasons=texts(("CONSENT_SCOPE",)),
        fields=fields.listed([fields.data(path) for path in RECORD["fields"]]),
        withheld=withheld.listed([withheld.data(entry) for entry in RECORD["withheld"]]),
    )

    assert with_record() == made
    assert with_record() == encode("Disclosures", {**DISCLOSURES, "records": [part("records[]").encoded(RECORD)]})
    assert with_record(fields=[]) == with_record(fields=fields.listed([]))


def test_a_nullable_part_is_there() -> None:
    """What may be null is told apart by the message, not by the part."""
    person = {"person_id": "p1", "role": "child"}
    names = ("record_id", "disclosure_id", "kind", "council", "sender", "recipient", "subject_key", "case_id")
    release = {**dict.fromkeys((*names, "form", "purpose", "basis", "issued_at"), "x"), "part": 1, "parts": 1}

    made = encode("FilteredRecord", {**release, "person": part("person", "FilteredRecord").encoded(person)})

    assert encode("FilteredRecord", {**release, "person": person}) == made
    assert decode(made).body["details"] is None


@pytest.mark.parametrize("misplaced", ["withheld", "reasons"])
def test_a_part_goes_to_its_own_place_only(misplaced: str) -> None:
    """Bytes of another field's values would be read as something else: they are refused."""
    wrong = {"withheld": texts(("x",)), "reasons": part("records[].withheld[]").listed([])}

    with pytest.raises(InputFault) as refused:
        with_record(**{misplaced: wrong[misplaced]})

    assert "BAD_BODY" == refused.value.faults[0].code


def test_faults_beside_a_part_are_still_named() -> None:
    """A part was checked when it was made; the rest of the body is checked as ever."""
    with pytest.raises(InputFault) as refused:
        with_record(reasons=texts(("x",)), recipient=None)

    assert ["records[0].recipient"] == [fault.place for fault in refused.value.faults]


def test_a_part_that_does_not_fit_is_refused_without_its_value() -> None:
    """The fault names the field; what was in it may be anything."""
    with pytest.raises(InputFault) as refused:
        part("person", "FilteredRecord").encoded({"person_id": 7, "role": "canary"})

    assert "FilteredRecord.person" == refused.value.faults[0].place
    assert "canary" not in str(refused.value)
    with pytest.raises(BadValue):
        texts((7,))
