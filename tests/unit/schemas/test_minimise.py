"""Minimisation: only what the mask names goes, unaltered, and drift cannot widen (invariant 10)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.policy.vocabulary import ALL, CATEGORIES, ENVELOPE, mask_of
from hub.schemas.classify import classify
from hub.schemas.codec import decode, encode, encode_with
from hub.schemas.minimise import fields_of, minimise, present, split
from hub.schemas.registry import named_types, packaged
from tests.strategies.bodies import bodies, drifted, records

REGISTRY = packaged()
REFERRAL, FILTERED = (REGISTRY.by_name(name).schema_id for name in ("Referral", "FilteredRecord"))
CANARY = "Canary-Okonjo"
masks = st.integers(0, ALL)
whole = st.one_of(
    bodies("Referral").map(lambda body: (REFERRAL, decode(encode("Referral", body)).body)),
    bodies("FilteredRecord").map(lambda body: (FILTERED, decode(encode("FilteredRecord", body)).body)),
)
slow = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every filled leaf of a body with its path, found without the code under test."""
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, f"{path}.{name}" if path else name)]
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [leaf for item in value for leaf in leaves(item, f"{path}[]")]
    return [] if value is None or value in ("", b"", []) else [(path, value)]


def by_path(schema_id: int) -> dict[str, Any]:
    """The field table by path."""
    return {spec.path: spec for spec in classify(REGISTRY, schema_id).fields}


@slow
@given(whole, masks)
def test_exactly_the_fields_of_the_mask_go_and_none_is_altered(message: tuple[int, dict[str, Any]], mask: int) -> None:
    """The copy holds the envelope and each filled field whose category is in the mask, with its value, in its order."""
    schema_id, body = message
    specs = by_path(schema_id)
    expected = [(path, value) for path, value in leaves(body) if specs[path].envelope or specs[path].mask & mask]

    assert sorted(leaves(minimise(REGISTRY, schema_id, body, mask)), key=repr) == sorted(expected, key=repr)


@slow
@given(whole, masks)
def test_minimising_twice_changes_nothing(message: tuple[int, dict[str, Any]], mask: int) -> None:
    """A copy that is minimised again, after the wire too, stays as it is."""
    schema_id, body = message
    once = minimise(REGISTRY, schema_id, body, mask)

    assert minimise(REGISTRY, schema_id, once, mask) == once
    assert minimise(REGISTRY, schema_id, decode(encode_with(schema_id, once)).body, mask) == once


@slow
@given(whole)
def test_the_empty_mask_keeps_the_envelope_only(message: tuple[int, dict[str, Any]]) -> None:
    """Where nothing is permitted nothing personal goes, and no record or statement stays as a trace of it."""
    schema_id, body = message
    specs = by_path(schema_id)

    assert {specs[path].category for path, _ in leaves(minimise(REGISTRY, schema_id, body, 0))} <= {ENVELOPE}


@slow
@given(whole, masks)
def test_minimising_leaves_its_input_alone(message: tuple[int, dict[str, Any]], mask: int) -> None:
    """One body is minimised for many recipients."""
    schema_id, body = message
    before = copy.deepcopy(body)
    minimise(REGISTRY, schema_id, body, mask)

    assert before == body


@slow
@given(whole, masks)
def test_present_and_split_agree_with_the_copy(message: tuple[int, dict[str, Any]], mask: int) -> None:
    """What is said to go is what goes; what is said to stay is the rest."""
    schema_id, body = message
    specs = by_path(schema_id)
    personal = {path for path, _ in leaves(body) if not specs[path].envelope}
    went = {path for path, _ in leaves(minimise(REGISTRY, schema_id, body, mask)) if not specs[path].envelope}

    found = present(REGISTRY, schema_id, body)
    parts = split(REGISTRY, schema_id, found.leaves, mask)

    assert (found.mask, found.unclassified) == (mask_of([specs[path].category for path in personal]), ())
    assert (set(parts.kept), {spec.path for spec in parts.withheld}) == (went, personal - went)


@pytest.mark.parametrize("record", sorted({record["name"] for record in records(REGISTRY.by_name("Referral").raw)}))
@pytest.mark.parametrize("category", [None, "shoe_size", "mixed"])
def test_a_drifted_field_never_gets_out(record: str, category: str | None) -> None:
    """A sender adds a field without a known category, in any record: withheld under every mask, and reported."""
    field = {"name": "extra", "type": ["null", "string"], "default": None} | (
        {"category": category} if category else {}
    )
    registry = drifted("Referral", record, field)
    raw = registry.by_name("Referral").raw
    body = filled(raw, named_types(raw))
    read = decode(encode("Referral", body, registry), registry)

    found = present(registry, read.schema_id, read.body)

    assert any("extra" in path for path in found.unclassified)
    assert CANARY not in repr(minimise(registry, read.schema_id, read.body, ALL))


def test_a_key_that_no_schema_names_never_gets_out() -> None:
    """A body that was never decoded is held to the schema all the same."""
    body = {
        "message_id": "m1",
        CANARY: CANARY,
        "persons": [{"person_id": "p1", "extra": CANARY, "identity": {"x": CANARY}}],
    }

    assert minimise(REGISTRY, REFERRAL, body, ALL) == {"message_id": "m1", "persons": [{"person_id": "p1"}]}


def test_zero_and_no_are_answers() -> None:
    """An attendance of nought percent is information; an empty text is not."""
    body = {"person": {"person_id": "p1", "education": {"attendance_percent": 0.0, "school_name": ""}}}

    assert minimise(REGISTRY, FILTERED, body, ALL) == {
        "person": {"person_id": "p1", "education": {"attendance_percent": 0.0}}
    }
    assert present(REGISTRY, FILTERED, body).mask == CATEGORIES["attendance"].mask


def test_the_table_lists_the_fields_of_a_mask() -> None:
    """Documentation and explanations can name the fields of a category without a message at hand."""
    expected = ("query.family_name", "query.given_names")

    assert fields_of(REGISTRY, 2, mask_of(["name"])) == expected


def filled(node: Any, named: dict[str, Any]) -> Any:
    """A body with every field filled; the field `extra` holds the canary."""
    if isinstance(node, list):
        return filled(next(branch for branch in node if branch != "null"), named)
    node = named.get(node, node) if isinstance(node, str) else node
    if isinstance(node, str):
        return {"string": "x", "bytes": b"x", "int": 1, "double": 1.0}[node]
    if node["type"] == "array":
        return [filled(node["items"], named)]
    if node["type"] == "enum":
        return node["symbols"][0]
    return {
        field["name"]: CANARY if field["name"] == "extra" else filled(field["type"], named) for field in node["fields"]
    }
