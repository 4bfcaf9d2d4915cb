"""The schema for editors says what the reader says, no more and no less, and explains all that it names."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from hub.councils import editor, sections
from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.errors import PolicyFault
from hub.policy import vocabulary
from hub.policy.law import KINDS

Json = dict[str, Any]
Path_ = tuple[str | int, ...]

SMALL = Path(__file__).parents[2] / "data" / "small-policy.yaml"
SCHEMA = editor.as_schema()
VALIDATOR = Draft7Validator(SCHEMA)
PROMISED = {
    "recipient_classes.kind": tuple(KINDS),
    "sharing.needs": vocabulary.NEEDS,
    "sharing.bases": sections.BASES,
    "sharing.conditions": sections.CONDITIONS,
    "groups.categories": tuple(vocabulary.CATEGORIES),
    "sharing.only": tuple(vocabulary.CATEGORIES),
    "override.limbs": vocabulary.LIMBS,
    "forms.about_only": vocabulary.CARE_STATUSES,
    "sharing.obliges": vocabulary.OBLIGATIONS,
}
CLOSED_NAMES = {
    "settings": sections.SETTINGS,
    "bases": sections.BASES,
    "conditions": sections.CONDITIONS,
    "controls": vocabulary.CONTROL_KINDS,
}


def as_the_hub_reads(text: str) -> Any:
    """A file with every value as text."""
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  it makes text only


class _Editor(yaml.SafeLoader):
    """YAML 1.2 as editors read it: numbers are numbers, `yes` and days are text."""


_Editor.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag.endswith((":int", ":float", ":null"))]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def as_editors_read(text: str) -> Any:
    """A file as YAML 1.2 has it."""
    return yaml.load(text, Loader=_Editor)  # noqa: S506  a safe loader


@cache
def example() -> Json:
    """The small policy, which uses every section."""
    found: Json = as_the_hub_reads(SMALL.read_text("utf-8"))
    return found


def refused(document: Json) -> list[Path_]:
    """Where the schema finds faults."""
    return [tuple(error.absolute_path) for error in VALIDATOR.iter_errors(document)]


def faults(document: Json) -> list[str]:
    """What the hub's own check says of a document."""
    try:
        load(yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False))
    except PolicyFault as error:
        return [f"{fault.code}: {fault.text}" for fault in error.faults]
    return []


def places(node: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every key of every mapping."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*path, key)
            yield from places(value, (*path, key))
    if isinstance(node, list):
        for number, value in enumerate(node):
            yield from places(value, (*path, number))


def at(document: Any, path: Path_) -> Any:
    """What stands at a path."""
    for step in path:
        document = document[step]
    return document


def with_value(section: str, name: str, value: Any) -> Json:
    """The small policy with a value in a field of the first row of a section."""
    document = copy.deepcopy(example())
    row: Any = document[section] if section == "override" else next(iter(document[section].values()))
    inner = row[0] if isinstance(row, list) else row
    inner.pop(f"{name}_default", None)
    inner[name] = value
    return document


def field_of(section: str, name: str) -> Json:
    """What the schema says of one field."""
    node: Json = SCHEMA["properties"][section]
    node = node if section == "override" else node["additionalProperties"]
    fields: Json = (node.get("items") or node)["properties"]
    found: Json = fields[name]
    return found


def test_it_is_a_schema_that_editors_understand() -> None:
    """Draft 7 is the latest that the YAML language server reads."""
    Draft7Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"].startswith("http://json-schema.org/draft-07/")


@pytest.mark.parametrize("name", packaged())
def test_every_packaged_policy_is_valid(name: str) -> None:
    """What the hub takes, an editor does not mark: as the hub reads it, and as YAML 1.2."""
    text = packaged()[name].read_text("utf-8")

    assert [] == refused(as_the_hub_reads(text))
    assert [] == refused(as_editors_read(text))


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_closed_sets_are_those_of_the_code(name: str) -> None:
    """Kinds, needs, bases, conditions, categories, limbs and care statuses are offered whole."""
    assert PROMISED[name] == editor.closed_sets()[name]


@pytest.mark.parametrize("name", sorted(editor.closed_sets()))
def test_a_word_outside_a_closed_set_is_refused_and_each_word_of_it_is_not(name: str) -> None:
    """The editor marks exactly the words that the check would refuse."""
    section, key = name.split(".")
    listed = field_of(section, key)["type"] == "array"

    def put(word: str) -> Json:
        return with_value(section, key, [word] if listed else word)

    spot = refused(put("nonsense"))
    assert spot
    assert all(key in path for path in spot)
    assert faults(put("nonsense"))
    assert [] == [word for word in editor.closed_sets()[name] if refused(put(word))]


@pytest.mark.parametrize("section", sorted(CLOSED_NAMES))
def test_a_row_whose_name_the_hub_does_not_know_is_refused(section: str) -> None:
    """Settings, bases, conditions and controls have names that the hub must know."""
    document = copy.deepcopy(example())
    document[section]["nonsense"] = copy.deepcopy(next(iter(document[section].values())))

    assert set(CLOSED_NAMES[section]) == SCHEMA["properties"][section]["properties"].keys()
    assert [(section,)] == refused(document)
    assert faults(document)


@pytest.mark.parametrize("path", [*places(example())], ids=lambda path: ".".join(map(str, path)))
def test_the_schema_misses_what_the_check_misses(path: Path_) -> None:
    """Each field is required by the schema if, and only if, the reader asks for it."""
    document = copy.deepcopy(example())
    del at(document, path[:-1])[path[-1]]
    missing = (f"has no `{path[-1]}`", "cites nothing", "nothing says who may send")
    told = [line for line in faults(document) if any(words in line for words in missing)]

    assert bool(told) == bool(refused(document))


@pytest.mark.parametrize(
    "path",
    sorted({path[:-1] for path in places(example())} - {("informative",), ("facts",), ("districts",)}, key=str),
    ids=lambda path: ".".join(map(str, path)) or "top",
)
def test_a_field_that_nobody_knows_is_marked(path: Path_) -> None:
    """A mistyped field is told while it is written."""
    document = copy.deepcopy(example())
    at(document, path)["nonsense"] = "x"

    assert refused(document)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("retention", "maximum", "six years"),
        ("retention", "maximum", "6 weeks"),
        ("agencies", "from", "1 January 2026"),
        ("sharing", "until", "forever"),
        ("sharing", "purposes", "support"),
        ("sharing", "because", []),
        ("groups", "shared", "maybe"),
        ("override", "inform_days", "ten"),
        ("override", "instructions", "unknown"),
        ("override", "instructions_default", "always"),
    ],
)
def test_a_value_of_the_wrong_type_is_marked(section: str, key: str, value: Any) -> None:
    """Days, lengths of time, numbers and lists are told apart, and `unknown` needs its default."""
    document = with_value(section, key, value)

    assert refused(document)
    assert faults(document)


def test_each_section_each_field_and_each_word_is_explained() -> None:
    """Whoever points at something is told what it is."""
    silent = [key for key in places(SCHEMA) if key[-1] == "properties" for key in _silent(key)]

    assert [] == silent
    for name, words in editor.closed_sets().items():
        told = _enum(field_of(*name.split(".")))
        assert words == ("yes", "no") or all(told["enumDescriptions"][: len(words)])


def test_no_word_explains_what_is_not_there() -> None:
    """The file of words keeps no field or value that the reader no longer asks for."""
    words = editor.explained()
    assert words["sections"].keys() == SCHEMA["properties"].keys()
    asked = editor.closed_sets()
    for key, values in words["values"].items():
        known = CLOSED_NAMES.get(key) or next(words for name, words in asked.items() if name.split(".")[1] == key)
        assert set(values) <= set(known), key
    for section, fields in words["fields"].items():
        if section != "any":
            assert fields.keys() <= _fields_of(section), section


def _silent(path: Path_) -> list[Path_]:
    node = at(SCHEMA, path)
    return [(*path, key) for key, said in node.items() if "if" not in path and said and "description" not in said]


def _enum(field: Json) -> Json:
    return field["items"] if field["type"] == "array" else field


def _fields_of(section: str) -> set[str]:
    outer, _, inner = section.partition(".")
    node: Json = SCHEMA["properties"][outer]
    if isinstance(node.get("additionalProperties"), dict):
        node = node["additionalProperties"]
    elif outer in CLOSED_NAMES:
        node = next(iter(node["properties"].values()))
    node = node.get("items", node)
    return set((node["properties"][inner] if inner else node)["properties"])
