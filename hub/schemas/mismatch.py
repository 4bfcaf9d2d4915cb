"""Says where a body does not match its schema, by field path, without quoting a value.

Only asked once the fast writer has refused a body; that writer's own errors quote the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hub.errors import Fault
from hub.schemas.registry import Schema

_PYTHON: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "bytes": (bytes, bytearray),
    "int": (int,),
    "long": (int,),
    "double": (float, int),
    "float": (float, int),
    "boolean": (bool,),
    "null": (type(None),),
}


def mismatches(schema: Schema, body: Any) -> tuple[Fault, ...]:
    """Return every fault of the body: unknown field, missing field, wrong type, unknown enum symbol."""
    named: dict[str, dict[str, Any]] = {}
    _collect(schema.raw, named)
    return tuple(_check(schema.raw, body, "", named))


# Private functions
# -----------------


def _collect(node: Any, named: dict[str, dict[str, Any]]) -> None:
    """Fill `named` with the named types of a schema."""
    if isinstance(node, list):
        for branch in node:
            _collect(branch, named)
    elif isinstance(node, dict):
        if "name" in node:
            named[node["name"]] = node
        for field in node.get("fields", ()):
            _collect(field["type"], named)
        _collect(node.get("items", node.get("values")), named)


def _check(node: Any, value: Any, path: str, named: dict[str, dict[str, Any]]) -> Iterator[Fault]:
    node = named.get(node, node) if isinstance(node, str) else node
    kind = node if isinstance(node, str) else "union" if isinstance(node, list) else node["type"]
    if kind == "union":
        yield from _check_union(node, value, path, named)
    elif kind == "record":
        yield from _check_record(node, value, path, named)
    elif kind == "array":
        yield from _check_array(node, value, path, named)
    elif kind == "enum":
        if value not in node["symbols"]:
            yield Fault("BAD_BODY", path, "not one of the answers", f"use one of {', '.join(node['symbols'])}")
    elif not isinstance(value, _PYTHON.get(kind, (object,))) or (isinstance(value, bool) and kind != "boolean"):
        yield Fault("BAD_BODY", path, f"not of type {kind}")


def _check_union(node: list[Any], value: Any, path: str, named: dict[str, dict[str, Any]]) -> Iterator[Fault]:
    if value is None and "null" in node:
        return
    found = [tuple(_check(branch, value, path, named)) for branch in node if branch != "null"]
    yield from min(found, key=len, default=())


def _check_record(node: dict[str, Any], value: Any, path: str, named: dict[str, dict[str, Any]]) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault("BAD_BODY", path, f"not a record of type {node['name']}")
        return
    fields = {field["name"]: field for field in node["fields"]}
    for name in value:
        if name not in fields:
            yield Fault("BAD_BODY", _join(path, str(name)), f"`{name}` is not a field of {node['name']}", "remove it")
    for name, field in fields.items():
        if name in value:
            yield from _check(field["type"], value[name], _join(path, name), named)
        elif "default" not in field:
            yield Fault("BAD_BODY", _join(path, name), f"`{name}` is missing", "fill it")


def _check_array(node: dict[str, Any], value: Any, path: str, named: dict[str, dict[str, Any]]) -> Iterator[Fault]:
    if not isinstance(value, list | tuple):
        yield Fault("BAD_BODY", path, "not a list")
        return
    for index, item in enumerate(value):
        yield from _check(node["items"], item, f"{path}[{index}]", named)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
