"""Classification: what cannot be placed beyond doubt is unclassified."""

from __future__ import annotations

from typing import Any

import pytest

from hub.schemas.classify import FieldSpec, classify
from hub.schemas.registry import Registry, packaged
from tests.strategies.bodies import drifted

REFERRAL = packaged().by_name("Referral").schema_id


def spec_of(registry: Registry, schema_id: int, path: str) -> FieldSpec:
    """The row of one field."""
    return next(spec for spec in classify(registry, schema_id).fields if spec.path == path)


def drift(record: str, **field: Any) -> FieldSpec:
    """The row of a field `extra` that a sender added to a record of the referral."""
    registry = drifted("Referral", record, {"type": ["null", "string"], "default": None, "name": "extra", **field})
    return next(spec for spec in classify(registry, 9001).fields if ".extra" in f".{spec.path}")


def test_a_leaf_names_its_path_category_and_attributes() -> None:
    """The table says where a field is and everything the vocabulary says about it."""
    spec = spec_of(packaged(), REFERRAL, "persons[].characteristics.ethnicity.code")

    assert (spec.category, spec.special, spec.identifier) == ("ethnicity", "art9", "")
    assert spec_of(packaged(), REFERRAL, "persons[].identifiers.upn").identifier == "upn"
    assert spec_of(packaged(), REFERRAL, "message_id").envelope


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("persons[].health.medical[].text", "medical"),
        ("persons[].sensitive.termination[].text", "termination"),
        ("details.reasons[].text", "referral_reason"),
        ("persons[].identifiers.other[].value", "other_identifier"),
    ],
)
def test_a_shared_record_takes_the_category_of_its_section(path: str, category: str) -> None:
    """A statement under medical is medical; the same record elsewhere is what that section is."""
    assert spec_of(packaged(), REFERRAL, path).category == category


@pytest.mark.parametrize("category", [None, "", "shoe_size", "mixed", "opaque", 7, ["name"], "Name"])
@pytest.mark.parametrize("record", ["Referral", "Identity", "Statement"])
def test_a_field_without_a_known_category_is_unclassified(record: str, category: Any) -> None:
    """Absent, unknown or malformed: None, wherever the field stands, also inside a classified section."""
    named = {} if category is None else {"category": category}

    assert drift(record, **named).category is None


def test_inheriting_from_nothing_is_unclassified() -> None:
    """`inherit` needs a section with a category of its own above it."""
    assert drift("Referral", category="inherit").category is None
    assert drift("Identity", category="inherit").category is None
    assert drift("Statement", category="inherit").category is not None


@pytest.mark.parametrize("attributes", [{"special": "art9"}, {"identifier": "upn"}])
def test_a_field_that_contradicts_the_vocabulary_is_unclassified(attributes: dict[str, str]) -> None:
    """A sender that calls a field a name and special-category data at once is not believed in either."""
    assert drift("Identity", category="name", **attributes).category is None
    assert drift("Referral", category="envelope", **attributes).category is None


@pytest.mark.parametrize(
    "kind",
    [
        ["null", "string", {"type": "record", "name": "Odd", "fields": [{"name": "x", "type": "string"}]}],
        ["null", "string", "int"],
        ["null", {"type": "map", "values": "string"}],
        ["null", {"type": "array", "items": {"type": "array", "items": "string"}}],
        ["null", {"type": "array", "items": ["null", "string"]}],
        ["null", "Person"],
    ],
)
def test_a_type_that_can_hold_anything_is_unclassified(kind: Any) -> None:
    """Unions, maps, lists of lists and a record inside itself have no single meaning, whatever category they claim."""
    assert drift("Person", type=kind, category="name").category is None


@pytest.mark.parametrize("kind", ["string", "Answer", {"type": "array", "items": "string"}])
def test_a_plain_field_has_the_category_it_names(kind: Any) -> None:
    """A new field of a plain type with a known category is usable from the day its schema is registered."""
    assert drift("Person", type=["null", kind], category="gender").category == "gender"
