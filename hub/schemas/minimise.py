"""Copies out of a body what may go, and nothing else.

A plan is compiled once for each schema and mask: the names to copy, record by record. What is not in the plan cannot be
copied, so a field that is new, unclassified or unknown is withheld without anybody having thought of it (invariant 10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from hub.policy.vocabulary import ENVELOPE
from hub.schemas.classify import FieldSpec, Node, classify
from hub.schemas.registry import Registry

Body = dict[str, Any]
Copy = Callable[[Body], Body]

PLANS: Final = 4096
"""How many compiled plans a process keeps; the least recently used goes first."""


@dataclass(frozen=True, slots=True)
class Present:
    """What a body holds: the categories as a mask, the paths of filled unclassified fields, and leaves as a bit set.

    `leaves` has bit i for field i of the schema's field table; it is what `split` takes.
    """

    mask: int
    unclassified: tuple[str, ...]
    leaves: int


@dataclass(frozen=True, slots=True)
class Split:
    """The filled personal fields of a body: paths that go under a mask, and the fields that stay."""

    kept: tuple[str, ...]
    withheld: tuple[FieldSpec, ...]


def minimise(registry: Registry, schema_id: int, body: Body, kept_mask: int) -> Body:
    """Return a copy with only envelope fields and the filled fields whose category is in the mask.

    Everything else is left out, and takes the schema's default when it is encoded. Lists lose the items that end up
    empty, and records that end up empty are left out too, so that a gap tells nothing. Lists of plain values are shared
    with `body`, not copied. Raises KeyError on an unknown schema id.
    """
    return _plan(registry, schema_id, kept_mask)(body)


def present(registry: Registry, schema_id: int, body: Body) -> Present:
    """Return what the body holds; a field counts when it is neither null, nor empty text, bytes or list."""
    table = classify(registry, schema_id)
    leaves = _leaves(table.tree, body)
    mask, unclassified = _summary(registry, schema_id, leaves)
    return Present(mask, unclassified, leaves)


@lru_cache(maxsize=PLANS)
def split(registry: Registry, schema_id: int, leaves: int, kept_mask: int) -> Split:
    """Return which filled fields (`Present.leaves`) go under the mask and which stay; envelope fields are neither.

    A withheld field with the category None is unclassified.
    """
    filled = _filled(registry, schema_id, leaves)
    kept = tuple(spec.path for spec in filled if spec.mask & kept_mask)
    return Split(kept, tuple(spec for spec in filled if not spec.mask & kept_mask))


def fields_of(registry: Registry, schema_id: int, mask: int) -> tuple[str, ...]:
    """Return the paths of the schema's personal fields in the mask, in schema order."""
    return tuple(spec.path for spec in classify(registry, schema_id).fields if spec.mask & mask)


# Private functions
# -----------------


@lru_cache(maxsize=PLANS)
def _plan(registry: Registry, schema_id: int, mask: int) -> Copy:
    return _compile(classify(registry, schema_id).tree, mask)


def _compile(nodes: tuple[Node, ...], mask: int) -> Copy:
    kept = [node for node in nodes if node.spec and _goes(node.spec, mask)]
    always = tuple(node.name for node in kept if node.required)
    optional = tuple(node.name for node in kept if not node.required)
    inner = [node for node in nodes if node.children and (node.required or _any_goes(node, mask))]
    one = tuple((node.name, node.required, _compile(node.children, mask)) for node in inner if not node.many)
    many = tuple((node.name, node.required, _compile(node.children, mask)) for node in inner if node.many)

    def copy(record: Body) -> Body:
        out: Body = {name: record[name] for name in always if name in record}
        get = record.get
        for name in optional:
            value = get(name)
            if value or value == 0:  # 0 and False are answers; null and empty text, bytes and lists are not
                out[name] = value
        for name, required, below in one:
            value = get(name)
            if (value and (part := below(value))) or required:
                out[name] = part if value else {}
        for name, required, below in many:
            items = [part for item in get(name) or () if (part := below(item))]
            if items or required:
                out[name] = items
        return out

    return copy


def _goes(spec: FieldSpec, mask: int) -> bool:
    return spec.category == ENVELOPE or bool(spec.mask & mask)


def _any_goes(node: Node, mask: int) -> bool:
    return _goes(node.spec, mask) if node.spec else any(_any_goes(child, mask) for child in node.children)


def _leaves(nodes: tuple[Node, ...], record: Body) -> int:
    found = 0
    for node in nodes:
        value = record.get(node.name)
        if not value and value != 0:
            continue
        if node.index >= 0:
            found |= 1 << node.index
        elif node.many:
            for item in value:
                found |= _leaves(node.children, item)
        else:
            found |= _leaves(node.children, value)
    return found


@lru_cache(maxsize=PLANS)
def _summary(registry: Registry, schema_id: int, leaves: int) -> tuple[int, tuple[str, ...]]:
    mask = 0
    filled = _filled(registry, schema_id, leaves)
    for spec in filled:
        mask |= spec.mask
    return mask, tuple(spec.path for spec in filled if spec.category is None)


@lru_cache(maxsize=PLANS)
def _filled(registry: Registry, schema_id: int, leaves: int) -> tuple[FieldSpec, ...]:
    """Return the filled fields that are not envelope: the same for every recipient of a message."""
    fields = classify(registry, schema_id).fields
    return tuple(spec for index, spec in enumerate(fields) if leaves >> index & 1 and not spec.envelope)
