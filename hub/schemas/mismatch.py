"""Says where a body does not match its schema, by field path, without quoting a value.

Only asked once the fast writer has refused a body; that writer's own errors quote the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hub.errors import Fault
from hub.schemas.registry import Schema, named_types
from hub.schemas.writer import Encoded

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

_LIMITS: Final = {"int": 1 << 31, "long": 1 << 63}


def mismatches(schema: Schema, body: Any) -> tuple[Fault, ...]:
    """Return every fault of the body: unknown field, missing field, wrong type, unknown enum symbol."""
    return tuple(_check(schema.raw, body, "", named_types(schema.raw)))


# Private functions
# -----------------


def _check(node: Any, value: Any, path: str, named: dict[str, dict[str, Any]]) -> Iterator[Fault]:
    if isinstance(value, Encoded):
        return  # it was checked when it was made; one that is out of place is refused without a path
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
    elif not _in_range(kind, value):
        yield Fault("BAD_BODY", path, f"out of the range of {kind}")


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


def _in_range(kind: str, value: Any) -> bool:
    limit = _LIMITS.get(kind)
    return limit is None or -limit <= value < limit


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
