"""Parts of messages encoded beforehand: what recurs from record to record, or from message to message, is written once.

A part has the bytes that its value has at its place in the message, and the codec takes it there and at no other place.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from hub.errors import InputFault
from hub.schemas.registry import Registry
from hub.schemas.writer import BadValue, Encoded, compile_writer, listed

TEXT_LISTS: Final = 4096
"""How many lists of texts a process keeps encoded; the least recently used goes first."""


class Part:
    """One field of a message that holds a record or a list of records.

    Raises KeyError when the message has no such field (path, with `[]` for a step into the items of a list), or is written
    by the general writer.
    """

    def __init__(self, registry: Registry, name: str, path: str) -> None:
        self._write = registry.by_name(name).parts[path]
        self._place = f"{name}.{path}"

    def encoded(self, value: Any) -> Encoded:
        """Return a value of the field, encoded. Raises InputFault `BAD_BODY` when it does not fit."""
        return Encoded(self.data(value), self._write)

    def data(self, value: Any) -> bytes:
        """Return the bytes of a value of the field. Raises InputFault `BAD_BODY` when it does not fit."""
        out = bytearray()
        try:
            self._write(out, value)
        except (BadValue, ValueError):
            raise InputFault.of("BAD_BODY", "the part does not match its schema", self._place) from None
        return bytes(out)

    def listed(self, items: Sequence[bytes]) -> Encoded:
        """Return a list of values of the field from their bytes; the field is the items of a list."""
        return listed(items, self._write)


@lru_cache(maxsize=TEXT_LISTS)
def texts(values: tuple[str, ...]) -> Encoded:
    """Return a list of texts, encoded for any field that is one. Raises BadValue when one of them is no text."""
    write, _ = compile_writer("string", {})
    assert write is not None
    items = []
    for value in values:
        out = bytearray()
        write(out, value)
        items.append(bytes(out))
    return listed(items, write)
