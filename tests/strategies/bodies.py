"""Bodies that fit a schema, generated from the schema itself, so that a new field is tested from its first day."""

from __future__ import annotations

import copy
import random
from typing import Any

from hypothesis import strategies as st

from hub.schemas.registry import Json, Registry, named_types, packaged

_TEXT = st.text(max_size=6)
_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "string": _TEXT,
    "bytes": st.binary(max_size=6),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False),
    "boolean": st.booleans(),
}


def bodies(name: str, registry: Registry | None = None) -> st.SearchStrategy[Json]:
    """Bodies of the named message: sparse ones with odd values, and dense ones with most fields filled."""
    raw = (registry or packaged()).by_name(name).raw
    return _of(raw, {}) | st.integers(0, 2**32).map(lambda seed: _dense(raw, named_types(raw), random.Random(seed)))


def drifted(name: str, record: str, field: Json) -> Registry:
    """Return a registry whose message has one more field in the named record, under the id 9001."""
    raw = copy.deepcopy(packaged().by_name(name).raw)
    next(node for node in records(raw) if node["name"] == record)["fields"].append(field)
    return packaged().plus(9001, raw)


def records(raw: Json) -> list[Json]:
    """Return every record of a schema, outermost first."""
    return [node for node in named_types(raw).values() if node["type"] == "record"]


# Private functions
# -----------------


def _of(node: Any, named: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    if isinstance(node, str):
        return _PLAIN[node] if node in _PLAIN else named[node]
    if isinstance(node, list):
        return st.one_of([_of(branch, named) for branch in node])
    if node["type"] == "array":
        return st.lists(_of(node["items"], named), max_size=2)
    made = st.sampled_from(node["symbols"]) if node["type"] == "enum" else _record(node, named)
    named[node["name"]] = made
    return made


def _record(node: Json, named: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Json]:
    made = {field["name"]: (_of(field["type"], named), "default" in field) for field in node["fields"]}
    required = {name: strategy for name, (strategy, optional) in made.items() if not optional}
    return st.fixed_dictionaries(
        required, optional={name: strategy for name, (strategy, optional) in made.items() if optional}
    )


def _dense(node: Any, named: dict[str, Json], dice: random.Random) -> Any:
    """Return a value for a type, with four of five optional fields filled."""
    if isinstance(node, list):
        return _dense(dice.choice(node), named, dice)
    node = named.get(node, node) if isinstance(node, str) else node
    if isinstance(node, str):
        return _some(node, dice)
    if node["type"] == "array":
        return [_dense(node["items"], named, dice) for _ in range(dice.randrange(3))]
    if node["type"] == "enum":
        return dice.choice(node["symbols"])
    fields = [field for field in node["fields"] if "default" not in field or dice.random() < 0.8]
    return {field["name"]: _dense([b for b in _branches(field) if b != "null"], named, dice) for field in fields}


def _branches(field: Json) -> list[Any]:
    return field["type"] if isinstance(field["type"], list) else [field["type"]]


def _some(kind: str, dice: random.Random) -> Any:
    number = dice.randrange(100)
    return {"string": f"text {number}", "bytes": bytes([number]), "boolean": number % 2 == 0, "double": number / 2}.get(
        kind, number
    )
