"""What each field of a schema is: the schema is the classification (design section 6).

Every field names a `category`: a name of the vocabulary, or one of the words below. Whatever cannot be placed beyond
doubt has the category None, and is withheld (invariant 10).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from hub.policy.vocabulary import CATEGORIES, ENVELOPE
from hub.schemas.registry import Json, Registry

INHERIT: Final = "inherit"
"""Takes the category of the field that holds its record: a `Statement` under `medical` is medical."""

MIXED: Final = "mixed"
"""Holds a record whose fields name their own categories; says nothing for a field that names none."""

OPAQUE: Final = "opaque"
"""Holds a whole message or ciphertext: internal, and never released field by field."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One leaf field: where it is and what it holds.

    path: dotted, with `[]` for a step into the items of a list, as `persons[].identity.given_names`.
    category: a name of the vocabulary, `envelope`, or None for unclassified. mask: the category's bit, else 0. special:
    "" or `art9` or `art10`; identifier: "" or the scheme; narrative: free text.
    """

    path: str
    category: str | None
    mask: int = 0
    special: str = ""
    identifier: str = ""
    narrative: bool = False

    @property
    def envelope(self) -> bool:
        """Whether it carries no personal data."""
        return self.category == ENVELOPE


@dataclass(frozen=True, slots=True)
class Node:
    """One field of a record in the tree of a schema: a leaf, a record, or a list of records (`many`).

    index: place of a leaf in the field table, -1 for others. required: neither nullable nor with a default.
    """

    name: str
    required: bool
    index: int = -1
    spec: FieldSpec | None = None
    many: bool = False
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Classification:
    """A schema's fields twice: as a tree to walk a body with, and as the table of leaves in schema order."""

    tree: tuple[Node, ...]
    fields: tuple[FieldSpec, ...]


@lru_cache(maxsize=256)
def classify(registry: Registry, schema_id: int) -> Classification:
    """Return the classification of a schema. Raises KeyError on an unknown id."""
    reader = _Reader()
    tree = reader.record(registry.by_id(schema_id).raw, "", None)
    return Classification(tree, tuple(reader.fields))


# Private functions
# -----------------


class _Reader:
    """Walks a schema once, numbering its leaves; a record inside itself is an unclassified leaf."""

    def __init__(self) -> None:
        self.fields: list[FieldSpec] = []
        self._named: dict[str, Json] = {}
        self._open: list[str] = []

    def record(self, schema: Json, path: str, inherited: str | None) -> tuple[Node, ...]:
        self._named[schema["name"]] = schema
        self._open.append(schema["name"])
        nodes = tuple(self._node(field, path, inherited) for field in schema["fields"])
        self._open.pop()
        return nodes

    def _node(self, field: Json, path: str, inherited: str | None) -> Node:
        name, category = field["name"], _category(field, inherited)
        branches = [branch for branch in _branches(field["type"]) if branch != "null"]
        required = "default" not in field
        inner, many = self._inner(branches)
        if inner is not None:
            below = f"{path}{name}[]." if many else f"{path}{name}."
            return Node(name, required, many=many, children=self.record(inner, below, category))
        plain = len(branches) == 1 and self._is_plain(branches[0])
        self.fields.append(_spec(f"{path}{name}", category if plain else None, field))
        return Node(name, required, len(self.fields) - 1, self.fields[-1])

    def _inner(self, branches: list[Any]) -> tuple[Json | None, bool]:
        """Return the record in a field's type and whether there are many of it."""
        kind = self._resolve(branches[0]) if len(branches) == 1 else None
        many = isinstance(kind, dict) and kind["type"] == "array"
        if many and isinstance(kind, dict):
            kind = self._resolve(kind["items"])
        if isinstance(kind, dict) and kind["type"] == "record" and kind["name"] not in self._open:
            return kind, many
        return None, False

    def _is_plain(self, branch: Any) -> bool:
        """Say whether it is a primitive, an enum, or a list of these; nothing else can be classified as a whole."""
        kind = self._resolve(branch)
        if isinstance(kind, dict) and kind["type"] == "array":
            kind = self._resolve(kind["items"])
        return (isinstance(kind, str) and kind not in self._named) or (
            isinstance(kind, dict) and kind["type"] == "enum"
        )

    def _resolve(self, branch: Any) -> Any:
        """Return a named type's definition for its name, remembering definitions as they come."""
        if isinstance(branch, dict) and branch.get("name"):
            self._named[branch["name"]] = branch
        return self._named.get(branch, branch) if isinstance(branch, str) else branch


def _branches(kind: Any) -> list[Any]:
    return kind if isinstance(kind, list) else [kind]


def _category(field: Json, inherited: str | None) -> str | None:
    """Return the category in force for a field and, for a record, what its fields may inherit."""
    own = field.get("category")
    if own == INHERIT:
        return inherited
    known = isinstance(own, str) and (own == ENVELOPE or own in CATEGORIES)
    return own if known and _agrees(field, str(own)) else None


def _agrees(field: Json, name: str) -> bool:
    """Say whether the field's own `special` and `identifier`, where given, are those of the vocabulary."""
    category = CATEGORIES.get(name)
    special, identifier = (category.special, category.identifier) if category else ("", "")
    return bool(field.get("special", special) == special and field.get("identifier", identifier) == identifier)


def _spec(path: str, category: str | None, field: Json) -> FieldSpec:
    narrative = field.get("narrative", False) is True
    known = CATEGORIES.get(category) if category else None
    if known is None:
        return FieldSpec(path, category, narrative=narrative)
    return FieldSpec(path, category, known.mask, known.special, known.identifier, narrative)
