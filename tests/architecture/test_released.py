"""Every schema that ever went out can still be read: backward and transitive, checked by Apache avro."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from hub.schemas import __file__ as schemas_file
from hub.schemas.classify import classify
from hub.schemas.codec import decode, encode_with
from hub.schemas.registry import IDS, Registry, named_types, packaged
from hub.schemas.release import release

RELEASED = sorted(Path(schemas_file).parent.joinpath("released").glob("*/*.avsc"))
READ_BY_AGENCIES = ("FilteredRecord", "Acknowledgement")
"""An agency upgrades later than the hub, so what it reads must stay readable with the older schema too."""


@cache
def parsed(text: str) -> avro.schema.Schema:
    """A schema in the reference implementation."""
    return avro.schema.parse(text)


def reads(reader: str, writer: str) -> bool:
    """Whether a reader with the first schema understands what was written with the second."""
    checker = ReaderWriterCompatibilityChecker()
    result = checker.get_compatibility(parsed(reader), parsed(writer))
    return bool(result.compatibility is SchemaCompatibilityType.compatible)


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """The referral's schema with one change."""
    raw = copy.deepcopy(packaged().by_name("Referral").raw)
    change(raw)
    return json.dumps(raw)


def ids_of(folder: Path) -> dict[str, int]:
    """The ids that a version gave its messages."""
    ids: dict[str, int] = json.loads(folder.joinpath(IDS).read_text("utf-8"))
    return ids


def field(raw: dict[str, Any], name: str) -> dict[str, Any]:
    """A field of a record."""
    return next(field for field in raw["fields"] if field["name"] == name)


def test_every_message_was_released() -> None:
    """Each version's folder holds each message there is."""
    for folder in {path.parent for path in RELEASED}:
        assert {path.stem for path in folder.glob("*.avsc")} <= set(packaged().names())
    assert {path.stem for path in RELEASED} == set(packaged().names())


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_todays_schema_reads_every_released_one(path: Path) -> None:
    """What stands on a topic for years stays readable, whichever version wrote it."""
    released, today = path.read_text("utf-8"), packaged().export(path.stem)

    assert reads(today, released)
    assert path.stem not in READ_BY_AGENCIES or reads(released, today)


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_released_field_keeps_its_category(path: Path) -> None:
    """A field that changed category would go to people it was never decided for."""
    before = dict(categories(path.stem, json.loads(path.read_text("utf-8"))))
    today = dict(categories(path.stem))

    assert {
        place: (before[place], today[place]) for place in before if today.get(place, before[place]) != before[place]
    } == {}


def categories(name: str, raw: dict[str, Any] | None = None) -> Iterator[tuple[str, str | None]]:
    """Each leaf's path and category, of a given schema or of today's."""
    registry = packaged() if raw is None else Registry({1: raw})
    yield from ((spec.path, spec.category) for spec in classify(registry, registry.by_name(name).schema_id).fields)


def test_a_release_is_a_copy_of_todays_schemas(tmp_path: Path) -> None:
    """Cutting a release writes each message as one self-contained file."""
    release(packaged(), tmp_path / "9.9.9")

    written = {path.stem: path.read_text("utf-8") for path in tmp_path.glob("9.9.9/*.avsc")}
    assert written == {name: packaged().export(name) + "\n" for name in packaged().names()}
    assert ids_of(tmp_path / "9.9.9") == {schema.name: schema.schema_id for schema in packaged().written()}


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_id_stands_for_one_schema_for_ever(path: Path) -> None:
    """Bytes on a topic name the schema by its id, so a schema that changes takes a new id and the old one stays known."""
    released = packaged().by_id(ids_of(path.parent)[path.stem])

    assert json.loads(path.read_text("utf-8")) == released.raw


def test_todays_schemas_are_on_record() -> None:
    """No schema changes without a version that says so; `python -m hub.schemas.release` records it."""
    newest = max((path.parent for path in RELEASED), key=lambda folder: [int(n) for n in folder.name.split(".")])

    assert {path.stem: path.read_text("utf-8") for path in newest.glob("*.avsc")} == {
        name: packaged().export(name) + "\n" for name in packaged().names()
    }
    assert ids_of(newest) == {schema.name: schema.schema_id for schema in packaged().written()}


def test_a_message_of_the_first_version_is_still_read() -> None:
    """A referral that an agency wrote with the schema of 0.1.0 is decoded as it stands, without what came later."""
    first = packaged().by_id(1)
    body = decode(encode_with(1, {**{f["name"]: "x" for f in first.raw["fields"] if "default" not in f}})).body

    assert (first.name, "need" in named_types(first.raw)["Awareness"]) == ("Referral", False)
    assert body["persons"] == []


@pytest.mark.parametrize(
    "broken",
    [
        changed(lambda raw: raw["fields"].append({"name": "extra", "type": "string"})),
        changed(lambda raw: field(raw, "case_ref").update(type="string", default="")),
        changed(lambda raw: field(raw, "message_id").update(type="int")),
        changed(lambda raw: raw.update(name="Reference")),
        changed(lambda raw: named_types(raw)["Answer"]["symbols"].remove("not_known")),
        changed(lambda raw: field(named_types(raw)["Statement"], "text").update(type=["null", "int"])),
    ],
    ids=["field without default", "no longer nullable", "other type", "renamed", "symbol removed", "deep inside"],
)
def test_the_checker_sees_a_broken_change(broken: str) -> None:
    """A check that never fails would hold nothing: each of these must be refused."""
    assert not reads(broken, packaged().export("Referral"))


@pytest.mark.parametrize(
    "sound",
    [
        changed(lambda raw: raw["fields"].append({"name": "extra", "type": ["null", "string"], "default": None})),
        changed(lambda raw: raw["fields"].remove(field(raw, "case_ref"))),
        changed(lambda raw: field(raw, "message_id").update(doc="Another sentence.")),
    ],
    ids=["nullable field added", "field dropped", "text"],
)
def test_the_checker_lets_a_sound_change_pass(sound: str) -> None:
    """Adding a nullable field, dropping a field or rewording is how schemas grow."""
    assert reads(sound, packaged().export("Referral"))
