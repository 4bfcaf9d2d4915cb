"""The schemas the hub knows, by id and by name.

Each message is one `.avsc` under `avsc/`; records that several share (`Person`, `Statement`) have their own file and
are put into place on loading, so that each message is one self-contained schema, as a schema registry wants it. A schema that
changes takes a new id (`ids.json`); as it was released, under `released/`, it stays readable for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from fastavro import parse_schema
from fastavro.schema import SchemaParseException, UnknownType

from hub.errors import ConfigurationFault
from hub.schemas.writer import Write, compile_writer

Json = dict[str, Any]
"""A schema, or a message body, as plain data."""

IDS: Final = "ids.json"
"""The file beside a set of schemas that gives each message its id on the wire."""

_HERE: Final = resources.files(__package__)


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """One schema: its id on the wire, its record name, its self-contained JSON, and what reads and writes it.

    parsed: the form that fastavro works with. write: the compiled writer, None when fastavro writes. parts: the writers of
    its fields by path, for `hub.schemas.parts`.
    """

    schema_id: int
    name: str
    raw: Json
    parsed: Any
    write: Write | None
    parts: Mapping[str, Write]


class Registry:
    """Schemas by id, and for each name the one that is written today. Immutable; `plus` returns a new one."""

    def __init__(self, schemas: Mapping[int, Json]) -> None:
        """Take self-contained schemas by id; of two with the same name the later one is written.

        Raises ConfigurationFault (BAD_SCHEMA) when one is not an Avro record.
        """
        self._by_id = {schema_id: _schema(schema_id, raw) for schema_id, raw in schemas.items()}
        self._by_name = {schema.name: schema for schema in self._by_id.values()}

    def plus(self, schema_id: int, raw: Json) -> Registry:
        """Return a registry that also knows this schema and writes it for its name."""
        kept = {known.schema_id: known.raw for known in self if known.schema_id != schema_id}
        return Registry({**kept, schema_id: raw})

    def by_id(self, schema_id: int) -> Schema:
        """Return the schema with this id. Raises KeyError."""
        return self._by_id[schema_id]

    def by_name(self, name: str) -> Schema:
        """Return the schema written for this record name (`Referral`). Raises KeyError."""
        return self._by_name[name]

    def export(self, name: str) -> str:
        """Return the schema of a message as one self-contained JSON text, for a schema registry."""
        return json.dumps(self.by_name(name).raw, indent=2, ensure_ascii=False)

    def names(self) -> tuple[str, ...]:
        """Return the names of all messages, in the order of their first ids."""
        return tuple(self._by_name)

    def written(self) -> tuple[Schema, ...]:
        """Return the schema that is written for each name, in the order of `names`."""
        return tuple(self._by_name.values())

    def __iter__(self) -> Iterator[Schema]:
        return iter(self._by_id.values())


@cache
def packaged() -> Registry:
    """Return the registry of the schemas in the package: those that were released, then today's, with the ids of `ids.json`."""
    sources = {source["name"]: source for source in _sources()}
    today = {schema_id: _compose(sources[name], sources, set()) for name, schema_id in _ids(_HERE).items()}
    return Registry({schema_id: raw for schema_id, raw in _released() if schema_id not in today} | today)


def named_types(node: Any) -> dict[str, Json]:
    """Return the records and enums that a schema defines, by name, outermost first."""
    if isinstance(node, list):
        return {name: found for branch in node for name, found in named_types(branch).items()}
    if not isinstance(node, dict):
        return {}
    own = {node["name"]: node} if "name" in node else {}
    below = [field["type"] for field in node.get("fields", ())]
    return own | named_types(below) | named_types(node.get("items", node.get("values")))


# Private functions
# -----------------


def _ids(folder: Traversable) -> dict[str, int]:
    ids: dict[str, int] = json.loads(folder.joinpath(IDS).read_text("utf-8"))
    return ids


def _released() -> Iterator[tuple[int, Json]]:
    for folder in _HERE.joinpath("released").iterdir():
        for name, schema_id in _ids(folder).items():
            yield schema_id, json.loads(folder.joinpath(f"{name}.avsc").read_text("utf-8"))


def _sources() -> Iterator[Json]:
    for file in sorted(_HERE.joinpath("avsc").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".avsc"):
            yield json.loads(file.read_text("utf-8"))


def _compose(node: Any, shared: Mapping[str, Json], placed: set[str]) -> Any:
    """Return the schema with the first mention of each shared type replaced by its definition, as Avro demands."""
    if isinstance(node, str):
        return _compose(shared[node], shared, placed) if node in shared and node not in placed else node
    if isinstance(node, list):
        return [_compose(branch, shared, placed) for branch in node]
    if node["type"] in ("record", "enum"):
        placed.add(node["name"])
    if node["type"] == "record":
        fields = [{**field, "type": _compose(field["type"], shared, placed)} for field in node["fields"]]
        return {**node, "fields": fields}
    if node["type"] == "array":
        return {**node, "items": _compose(node["items"], shared, placed)}
    return node


def _schema(schema_id: int, raw: Json) -> Schema:
    try:
        parsed, (write, parts) = parse_schema(raw), compile_writer(raw, named_types(raw))
    except (SchemaParseException, UnknownType, KeyError, TypeError) as error:
        raise ConfigurationFault.of("BAD_SCHEMA", f"schema `{schema_id}` is not valid Avro") from error
    if raw.get("type") != "record" or "fields" not in raw:
        raise ConfigurationFault.of("BAD_SCHEMA", f"schema `{schema_id}` is not an Avro record")
    return Schema(schema_id, str(raw["name"]), raw, parsed, write, parts)
