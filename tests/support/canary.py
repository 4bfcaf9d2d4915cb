"""A message with a value of its own in every personal field, so that a leak can be seen wherever it appears."""

from __future__ import annotations

from typing import Any

from hub.policy.vocabulary import ENVELOPE
from hub.schemas.classify import INHERIT
from hub.schemas.registry import Registry

Json = dict[str, Any]

_VALID = {
    "nhs_number": "9990000018",
    "upn": "B801200005001",
    "postcode": "ZE1 9ZZ",
    "date_of_birth": "2019-02-03",
    "due_date": "2027-04-05",
    "date": "2026-10-11",
}
"""What must be valid to be taken at all; each value is found nowhere else in a message."""


class Canaries:
    """Fills bodies from their schema; `values` lists every personal value that was put in."""

    def __init__(self, registry: Registry, name: str) -> None:
        self._raw = registry.by_name(name).raw
        self._named: dict[str, Json] = {}
        self.values: list[bytes] = []

    def body(self) -> Json:
        """Return a body in which every personal field is filled and the rest is as the schema's defaults have it."""
        filled: Json = self._record(self._raw, ENVELOPE)
        return filled

    def _record(self, schema: Json, inherited: str) -> Json:
        self._named[schema["name"]] = schema
        return {field["name"]: self._field(field, inherited) for field in schema["fields"]}

    def _field(self, field: Json, inherited: str) -> Any:
        category = field.get("category", "")
        category = inherited if category == INHERIT else category
        kind = field["type"]
        kind = next(k for k in kind if k != "null") if isinstance(kind, list) else kind
        kind = self._named.get(kind, kind) if isinstance(kind, str) else kind
        if isinstance(kind, dict) and kind["type"] == "record":
            return self._record(kind, category)
        if isinstance(kind, dict) and kind["type"] == "array":
            return self._list(field, kind["items"], category)
        if isinstance(kind, dict):
            self._named[kind["name"]] = kind
            return kind["symbols"][0]
        return field.get("default") if category == ENVELOPE else self._value(field, kind)

    def _list(self, field: Json, item: Any, category: str) -> list[Any]:
        item = self._named.get(item, item) if isinstance(item, str) else item
        if isinstance(item, dict) and item["type"] == "record":
            return [self._record(item, category)]
        return [] if category == ENVELOPE else [self._value(field, item)]

    def _value(self, field: Json, kind: str) -> Any:
        name = field["name"]
        if "codes" in field:
            return field["codes"][0]
        if kind == "int":
            return 1
        if kind == "double":
            return 63.84317
        text = _VALID.get(name) or f"Canary{len(self.values)}x{name}"
        self.values.append(text.encode())
        return text.encode() if kind == "bytes" else text
