"""Messages with a value of its own in every personal field, and where each value was put.

A value that may be any text begins with MARK, so that a part of it anywhere gives it away; one that has to be valid (a number,
a postcode, a day) is found nowhere else in the test. Fields with a list of codes hold a code, which is nobody's.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from hub.policy.vocabulary import CONTROL_KINDS
from hub.schemas import identifiers
from hub.schemas.classify import Node, classify
from hub.schemas.registry import Json, named_types, packaged
from tests.support.partner import filled

Body = dict[str, Any]
Value = str | bytes | float

MARK: Final = "Quillfeather"

_FIRST_DAY: Final = date(1901, 1, 1)
_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True, slots=True)
class Planted:
    """One value in one field. person: index of the person it says something of, None outside `persons`."""

    path: str
    value: Value
    person: int | None


@dataclass(slots=True)
class Plant:
    """A body with planted values, and the list of them."""

    name: str
    body: Body
    planted: list[Planted] = field(default_factory=list)


class Planter:
    """Plants values; no two fields of any message get the same."""

    def __init__(self) -> None:
        self.plants: list[Plant] = []
        self._numbers = itertools.count(1)

    def template(self, name: str, kind: str, keep: tuple[str, ...] = ()) -> Plant:
        """Return a template with every personal field planted. kind: the message's name. keep: paths left as they are."""
        return self.body(kind, filled(name), keep)

    def body(self, kind: str, body: Body, keep: tuple[str, ...] = ()) -> Plant:
        """Return a message of a kind, its envelope from a body and every personal field planted."""
        plant = Plant(kind, {})
        schema = packaged().by_name(kind)
        tree = classify(packaged(), schema.schema_id).tree
        plant.body = _Filler(plant, keep, dict(_leaves(schema.raw)), self._value).record(tree, body, "", None)
        self.plants.append(plant)
        return plant

    def value(self) -> str:
        """Return a new value that may be any text."""
        return str(self._value("text"))

    def _value(self, name: str) -> Value:
        number = next(self._numbers)
        make = _VALID.get(name)
        return make(number) if make else f"{MARK}{number:05}"


class _Filler:
    """Fills one body along its schema's tree."""

    def __init__(
        self, plant: Plant, keep: tuple[str, ...], fields: dict[str, Json], value: Callable[[str], Value]
    ) -> None:
        self._plant, self._keep, self._fields, self._value = plant, keep, fields, value

    def record(self, tree: tuple[Node, ...], given: Body, path: str, person: int | None) -> Body:
        filled = {node.name: self._node(node, given.get(node.name), f"{path}{node.name}", person) for node in tree}
        if given.get("role") == "unborn":
            self._forget(filled["identity"], "date_of_birth", person)
        return filled

    def _node(self, node: Node, given: Any, path: str, person: int | None) -> Any:
        if node.children and node.many:
            items = given or [{}]
            inside = path == "persons"
            return [
                self.record(node.children, item, f"{path}[].", number if inside else person)
                for number, item in enumerate(items if inside else items[:1])
            ]
        if node.children:
            absent = given is None and path in _OPTIONAL
            return None if absent else self.record(node.children, given or {}, f"{path}.", person)
        assert node.spec is not None
        if node.spec.envelope or path in self._keep:
            return self._fields[path].get("default") if given is None else given
        return self._leaf(node, given, path, person)

    def _leaf(self, node: Node, given: Any, path: str, person: int | None) -> Any:
        field_, kind = self._fields[path], _kind(self._fields[path])
        chosen = field_.get("codes") or (kind["symbols"] if isinstance(kind, dict) and "symbols" in kind else ())
        if chosen or kind == "int":
            return given or (chosen or [2])[0]
        value = self._value(node.name)
        value = str(value).encode() if kind == "bytes" else value
        self._plant.planted.append(Planted(path, value, person))
        return [value] if isinstance(kind, dict) else value

    def _forget(self, section: Body, name: str, person: int | None) -> None:
        gone = section.pop(name)
        self._plant.planted = [one for one in self._plant.planted if (one.value, one.person) != (gone, person)]


def needles(plants: list[Plant]) -> Iterator[bytes]:
    """Yield what must be found nowhere, in lower case: the mark, and every value that does not begin with it."""
    yield MARK.lower().encode()
    for one in (one for plant in plants for one in plant.planted):
        text = one.value if isinstance(one.value, bytes) else str(one.value).encode()
        if MARK.encode() not in text:
            yield text.lower()
            yield text.lower().replace(b" ", b"")


# Private functions
# -----------------


def _day(number: int) -> str:
    return (_FIRST_DAY + timedelta(days=number)).isoformat()


def _nhs_number(number: int) -> str:
    stems = (f"999{stem:06}" for stem in range(500_000 + 20 * number, 500_020 + 20 * number))
    return next(s + str(d) for s in stems for d in range(10) if identifiers.nhs_number(s + str(d)))


def _upn(number: int) -> str:
    digits = f"{777_000_000_000 + number * 7919 % 999_999_999:012}"
    return next(letter + digits for letter in "ABCDEFGHJKLMNPQRTUVWXYZ" if identifiers.upn(letter + digits))


def _postcode(number: int) -> str:
    first, second = _LETTERS[number // len(_LETTERS) % len(_LETTERS)], _LETTERS[number % len(_LETTERS)]
    return f"ZE{number // 400 % 90 + 10} 0{first}{second}"


_VALID: Final[dict[str, Callable[[int], Value]]] = {
    "nhs_number": _nhs_number,
    "upn": _upn,
    "postcode": _postcode,
    "date_of_birth": _day,
    "due_date": _day,
    "date": _day,
    "attendance_percent": lambda number: 60 + number / 7_919,
}
_OPTIONAL: Final = frozenset(
    {
        *("override", "awareness", "query", "subject", "details", "requester"),
        *CONTROL_KINDS,
    }
)
"""Records that are absent where the given body has none."""


def _leaves(record: Json) -> Iterator[tuple[str, Json]]:
    """Yield (path, field) for each leaf of a schema, with paths as the classification writes them."""
    named = named_types(record)

    def walk(node: Json, path: str) -> Iterator[tuple[str, Json]]:
        for one in node["fields"]:
            kind = _kind(one)
            kind = named.get(kind, kind) if isinstance(kind, str) else kind
            many = isinstance(kind, dict) and kind["type"] == "array"
            item = kind["items"] if many else kind
            item = named.get(item, item) if isinstance(item, str) else item
            if isinstance(item, dict) and item["type"] == "record":
                yield from walk(item, f"{path}{one['name']}{'[]' if many else ''}.")
            else:
                yield f"{path}{one['name']}", {**one, "type": kind}

    return walk(record, "")


def _kind(one: Json) -> Any:
    """Return the type of a field that may be null."""
    kind = one["type"]
    return next(branch for branch in kind if branch != "null") if isinstance(kind, list) else kind
