"""The schema is the classification: what every field of every schema must say about itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import hub
from hub.policy.vocabulary import CATEGORIES, ENVELOPE
from hub.schemas.classify import INHERIT, MIXED, OPAQUE, classify
from hub.schemas.page import page
from hub.schemas.registry import packaged
from tests.strategies.bodies import records

ALL_RECORDS = [
    (f"{schema.name}/{record['name']}", record, field)
    for schema in packaged().written()
    for record in records(schema.raw)
    for field in record["fields"]
]
ALL_FIELDS = {f"{place}.{field['name']}": (record, field) for place, record, field in ALL_RECORDS}
LEAVES = [
    (schema.name, spec) for schema in packaged().written() for spec in classify(packaged(), schema.schema_id).fields
]
SHARED = {"Statement", "OtherIdentifier", "Ethnicity", "AgencyInvolved"}
WORDS = {INHERIT, MIXED, OPAQUE, ENVELOPE}


def plain(kind: Any) -> Any:
    """The type of a field without its null."""
    branches = [branch for branch in kind if branch != "null"] if isinstance(kind, list) else [kind]
    return branches[0] if len(branches) == 1 else branches


def holds_record(kind: Any) -> bool:
    """Is the type a record, a list of records, or the name of a record?"""
    kind = plain(kind)
    if isinstance(kind, dict) and kind["type"] == "array":
        return holds_record(kind["items"])
    names = {record["name"] for _, record, _ in ALL_RECORDS}
    return kind in names if isinstance(kind, str) else kind["type"] == "record"


def test_every_field_says_what_it_is() -> None:
    """A field has a sentence and a category; `mixed` only where records are held, `inherit` only in shared records."""
    for place, (record, field) in ALL_FIELDS.items():
        category = field["category"]

        assert field["doc"].endswith((".", "?")), place
        assert category in WORDS | CATEGORIES.keys(), place
        assert (category == MIXED) <= holds_record(field["type"]), place
        assert (category == INHERIT) == (record["name"] in SHARED), place
        assert (category == OPAQUE) <= (plain(field["type"]) == "bytes"), place


def test_attributes_agree_with_the_vocabulary() -> None:
    """`special` and `identifier` stand exactly where the vocabulary says so, and `narrative` is true or absent."""
    for place, (_, field) in ALL_FIELDS.items():
        category = CATEGORIES.get(field["category"])
        expected = (category.special, category.identifier) if category else ("", "")

        assert (field.get("special", ""), field.get("identifier", "")) == expected, place
        assert field.get("narrative", True) is True, place


def test_a_personal_field_can_be_left_out() -> None:
    """A minimised copy fits the same schema, so what is personal is nullable, or a list that may be empty."""
    personal = {place: field for place, (_, field) in ALL_FIELDS.items() if field["category"] in {*CATEGORIES, INHERIT}}
    for place, field in personal.items():
        is_list = isinstance(field["type"], dict) and field["type"]["type"] == "array"

        assert field["default"] == ([] if is_list else None), place
        assert is_list or field["type"][0] == "null", place


def test_a_section_can_be_left_out() -> None:
    """A record that ends up empty is left out, unless nothing in it is personal."""
    for place, (_, field) in ALL_FIELDS.items():
        own = plain(field["type"]) if field["category"] == MIXED and "default" not in field else {"fields": []}

        assert all(inner["category"] == ENVELOPE for inner in own["fields"]), place


def test_only_sealed_bytes_are_unclassified() -> None:
    """Every leaf has its category; whole messages and ciphertext have none, so they are never released as fields."""
    unclassified = {(name, spec.path) for name, spec in LEAVES if spec.category is None}

    assert unclassified == {("Control", "ruling.held"), ("SubjectMessage", "payload"), ("Review", "held"),
                            ("DeadLetter", "held"), ("DeadLetter", "held_headers")}  # fmt: skip


def test_every_category_is_used() -> None:
    """A category without a field would be a promise in a policy that nothing keeps."""
    assert CATEGORIES.keys() == {spec.category for _, spec in LEAVES} - {ENVELOPE, None}


def test_every_category_of_a_referral_can_reach_a_recipient() -> None:
    """What a policy may release, the filtered record has a place for."""
    of = {name: {spec.category for owner, spec in LEAVES if owner == name} for name, _ in LEAVES}

    assert of["Referral"] <= of["FilteredRecord"]
    assert of["ShareResponse"] <= of["FilteredRecord"]


def test_disclosure_records_hold_no_personal_field() -> None:
    """Records, reviews, notices, acknowledgements and dead letters hold names, reasons and digests, never values."""
    silent = {"Disclosures", "Review", "Notice", "Acknowledgement", "DeadLetter", "SubjectMessage"}

    assert {spec.category for name, spec in LEAVES if name in silent} == {ENVELOPE, None}


def test_each_record_is_defined_once() -> None:
    """Two messages never mean different things by one name."""
    seen: dict[str, str] = {}
    for _, record, _ in ALL_RECORDS:
        names = json.dumps([(field["name"], field["category"]) for field in record["fields"]])
        assert seen.setdefault(record["name"], names) == names


def test_each_file_is_named_after_its_record() -> None:
    """One record a file, found by its name and version."""
    assert all(stem == snake(record["name"]) for stem, record in files())


def test_the_page_is_written_from_the_schemas() -> None:
    """`docs/messages.md` says of every field what the schema says; `python -m hub.schemas.page` writes it anew."""
    written = Path(hub.__file__).parent.parent.joinpath("docs/messages.md").read_text("utf-8")

    assert written == page(packaged())
    for place, (_, field) in ALL_FIELDS.items():
        assert f"{field['name']}` | " in written, place
        assert f" | {field['doc']}" in written, place


def files() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each schema file as its stem and content."""
    for file in resources.files("hub.schemas").joinpath("avsc").iterdir():
        yield file.name.removesuffix(".v1.avsc"), json.loads(file.read_text("utf-8"))


def snake(name: str) -> str:
    """`SubjectMessage` as `subject_message`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
