"""Plain data to Avro bodies, with a writer compiled from the schema: closures that know each field's type beforehand.

Checks as it writes, once: every field is known, of its type, and present where it has no default. The general writer
validates an optional record again at every level, which costs four to six times as much on these schemas; it stays the
oracle in the tests, and writes whatever schema uses more of Avro than this one knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final

Write = Callable[[bytearray, Any], None]
"""Appends one value to the bytes."""

_Row = tuple[str, bytes | None, bytes | None, bytes, Write]
"""A field: its name, the bytes when it is left out, when it is null, before its value, and what writes the value."""

_DOUBLE: Final = Struct("<d")
_SMALL: Final = 64
_MORE: Final = 0x80
_INT: Final = 1 << 31
_LONG: Final = 1 << 63
_SIGN: Final = 63
_PAIR: Final = 2
_ABSENT: Final = object()


class BadValue(TypeError):
    """A value does not fit its field. Holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A record or list that was written before, as its bytes; it goes where `by` writes (of a list, its items), nowhere else."""

    data: bytes
    by: Write


def compile_writer(schema: Any, named: Mapping[str, Any]) -> tuple[Write | None, dict[str, Write]]:
    """Return a writer for a schema, None when it uses more of Avro than this writer knows, and the writers of its parts.

    named: the records and enums that the schema mentions by name. Parts are named by path, with `[]` for the items of a
    list. The writers raise BadValue on data that does not fit.
    """
    compiler = _Compiler(named)
    return compiler.of(schema, "", ()), compiler.parts


def listed(items: Sequence[bytes], by: Write) -> Encoded:
    """Return the list of these items, each in the bytes that `by` gave it."""
    start = (_varint(len(items)), *items) if items else ()
    return Encoded(b"".join((*start, b"\x00")), by)


# Private functions
# -----------------


class _Compiler:
    """Compiles a schema and keeps the writer of each of its fields by path."""

    def __init__(self, named: Mapping[str, Any]) -> None:
        self._named = named
        self.parts: dict[str, Write] = {}

    def of(self, schema: Any, path: str, above: tuple[str, ...]) -> Write | None:
        write = self._compiled(schema, path, above)
        if write is not None:
            self.parts[path] = write
        return write

    def _compiled(self, schema: Any, path: str, above: tuple[str, ...]) -> Write | None:
        schema = self._named.get(schema, schema) if isinstance(schema, str) else schema
        if isinstance(schema, str):
            return _PLAIN.get(schema)
        if isinstance(schema, list) or "logicalType" in schema or schema.get("name") in above:
            return None
        if schema["type"] == "enum":
            return _enum({symbol: _varint(index) for index, symbol in enumerate(schema["symbols"])})
        if schema["type"] == "array":
            item = self.of(schema["items"], f"{path}[]", above)
            return _array(item) if item else None
        return self._record(schema, path, (*above, schema["name"])) if schema["type"] == "record" else None

    def _record(self, schema: Any, path: str, above: tuple[str, ...]) -> Write | None:
        plan = tuple(self._field(field, f"{path}." if path else "", above) for field in schema["fields"])
        return _record_of(tuple(row for row in plan if row)) if all(plan) else None

    def _field(self, field: Any, prefix: str, above: tuple[str, ...]) -> _Row | None:
        null, kind = _optional(field["type"])
        write = self.of(kind, prefix + field["name"], above)
        if write is None:
            return None
        filled = b"" if null is None else bytes([_PAIR - null[0]])
        return field["name"], _default(field, null, filled, write), null, filled, write


def _record_of(plan: tuple[_Row, ...]) -> Write:
    def record(out: bytearray, value: Any) -> None:
        if not isinstance(value, dict):
            out += _written(value, record)
            return
        get, known = value.get, 0
        for name, default, null, filled, write in plan:
            inner = get(name, _ABSENT)
            if inner is _ABSENT:
                if default is None:
                    raise BadValue
                out += default
                continue
            known += 1
            if null is not None:
                if inner is None:
                    out += null
                    continue
                out += filled
            write(out, inner)
        if known != len(value):
            raise BadValue

    return record


def _optional(kind: Any) -> tuple[bytes | None, Any]:
    """Return the byte that stands for null in an optional type and the type beside it; None when it is not optional."""
    if isinstance(kind, list) and len(kind) == _PAIR and "null" in kind:
        place = kind.index("null")
        return bytes([_PAIR * place]), kind[1 - place]
    return None, kind


def _default(field: Any, null: bytes | None, filled: bytes, write: Write) -> bytes | None:
    """Return the bytes of a field that is left out, None when it may not be."""
    if "default" not in field:
        return None
    if null is not None and field["default"] is None:
        return null
    out = bytearray(filled)
    write(out, field["default"])
    return bytes(out)


def _array(item: Write) -> Write:
    def array(out: bytearray, value: Any) -> None:
        if not isinstance(value, list | tuple):
            out += _written(value, item)
            return
        if value:
            out += _varint(len(value))
            for inner in value:
                item(out, inner)
        out.append(0)

    return array


def _written(value: Any, by: Write) -> bytes:
    if not isinstance(value, Encoded) or value.by is not by:
        raise BadValue
    return value.data


def _enum(symbols: Mapping[str, bytes]) -> Write:
    def enum(out: bytearray, value: Any) -> None:
        if not isinstance(value, str) or value not in symbols:
            raise BadValue
        out += symbols[value]

    return enum


def _varint(number: int) -> bytes:
    number = (number << 1) ^ (number >> _SIGN)
    out = bytearray()
    while number >= _MORE:
        out.append((number & 0x7F) | _MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def _whole(limit: int) -> Write:
    def whole(out: bytearray, value: Any) -> None:
        if type(value) is not int or not -limit <= value < limit:
            raise BadValue
        out += _varint(value)

    return whole


def _bytes(out: bytearray, value: Any) -> None:
    if not isinstance(value, bytes | bytearray):
        raise BadValue
    out += _varint(len(value))
    out += value


def _string(out: bytearray, value: Any) -> None:
    if not isinstance(value, str):
        raise BadValue
    text = value.encode()
    size = len(text)
    if size < _SMALL:
        out.append(size << 1)
    else:
        out += _varint(size)
    out += text


def _double(out: bytearray, value: Any) -> None:
    if type(value) not in (float, int):
        raise BadValue
    out += _DOUBLE.pack(value)


def _boolean(out: bytearray, value: Any) -> None:
    if type(value) is not bool:
        raise BadValue
    out.append(value)


_PLAIN: Final[dict[str, Write]] = {
    "string": _string,
    "bytes": _bytes,
    "int": _whole(_INT),
    "long": _whole(_LONG),
    "double": _double,
    "boolean": _boolean,
}
