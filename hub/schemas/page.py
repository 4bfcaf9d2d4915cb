"""The page `docs/messages.md`, written from the schemas: every message, every field, what it is and what it holds.

Run `python -m hub.schemas.page > docs/messages.md` after a schema has changed; a test compares the two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

from hub.policy.vocabulary import CATEGORIES
from hub.schemas.classify import INHERIT, MIXED, OPAQUE
from hub.schemas.registry import Json, Registry, named_types, packaged

HEAD: Final = """# Messages

Written from the schemas in `hub/schemas/avsc` by `python -m hub.schemas.page`; do not edit by hand.

Each message is one Avro schema. On Kafka a value is a zero byte, the schema's id in four bytes, and the Avro body
(Confluent framing); headers carry the CloudEvents attributes `ce_specversion`, `ce_id`, `ce_type`, `ce_source`, `ce_time`,
and `traceparent` where there is one. `hub template NAME` prints a filled example of what an agency may send.

The schema is the classification: each field names its data category, and what goes to a recipient is decided by category.
`envelope` holds no personal data. `(section)` takes the category of the field that holds its record. `(parts)` holds
fields that name their own. `(sealed)` holds a whole message or ciphertext, and is never released field by field. A field
without a known category is always withheld. Days are written YYYY-MM-DD, moments YYYY-MM-DDTHH:MM:SSZ in UTC.
"""

_WORDS: Final = {INHERIT: "(section)", MIXED: "(parts)", OPAQUE: "(sealed)"}


def page(registry: Registry) -> str:
    """Return the page as Markdown: the messages by id, then the records they share, then the categories."""
    shared = _shared(registry)
    own = [_message(schema.schema_id, schema.raw, shared) for schema in registry.written()]
    common = ["## Records that messages share\n", *(_section(shared[name], shared, 3) for name in sorted(shared))]
    return "\n".join([HEAD, *own, *common, _categories()])


# Private functions
# -----------------


def _shared(registry: Registry) -> dict[str, Json]:
    """Return the records and enums that stand in more than one message."""
    found: dict[str, Json] = {}
    used: dict[str, set[str]] = {}
    for schema in registry.written():
        for name, node in named_types(schema.raw).items():
            found[name] = node
            used.setdefault(name, set()).add(schema.name)
    tops = set(registry.names())
    return {name: node for name, node in found.items() if len(used[name]) > 1 and name not in tops}


def _message(schema_id: int, raw: Json, shared: dict[str, Json]) -> str:
    return _section(raw, shared, 2, f" Schema id {schema_id}.")


def _section(node: Json, shared: dict[str, Json], level: int, note: str = "") -> str:
    title = f"{'#' * level} {node['name']}\n\n{node['doc']}{note}\n"
    if node["type"] == "enum":
        return f"{title}\nOne of {_codes(node['symbols'])}.\n"
    rows = "\n".join(_rows(node, "", shared, frozenset()))
    return f"{title}\n| field | type | category | what it is |\n|---|---|---|---|\n{rows}\n"


def _rows(record: Json, path: str, shared: dict[str, Json], above: frozenset[str]) -> Iterator[str]:
    for field in record["fields"]:
        inner = _inner(field["type"], shared)
        place = f"{path}{field['name']}"
        yield f"| `{place}` | {_type(field)} | {_category(field)} | {_text(field)} |"
        if inner is not None and inner["name"] not in above:
            step = "[]." if "list of" in _type(field) else "."
            yield from _rows(inner, place + step, shared, above | {inner["name"]})


def _inner(kind: Any, shared: dict[str, Json]) -> Json | None:
    """Return the record that a field defines in place; a shared one has a table of its own."""
    return next(
        (node for node in named_types(kind).values() if node["type"] == "record" and node["name"] not in shared), None
    )


def _type(field: Json) -> str:
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    kind = next(kind for kind in kinds if kind != "null")
    many = isinstance(kind, dict) and kind["type"] == "array"
    kind = kind["items"] if many else kind
    name = kind if isinstance(kind, str) else kind["name"]
    optional = "" if "default" not in field or many else ", optional"
    return f"{'list of ' if many else ''}{name}{optional}"


def _category(field: Json) -> str:
    known = CATEGORIES.get(field["category"])
    marks = [known.special] if known and known.special else []
    marks += ["identifier"] if known and known.identifier else []
    marks += ["narrative"] if field.get("narrative") else []
    return ", ".join([str(_WORDS.get(field["category"], field["category"])), *marks])


def _text(field: Json) -> str:
    codes = f" One of {_codes(field['codes'])}." if "codes" in field else ""
    return f"{field['doc']}{codes}"


def _codes(codes: list[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


def _categories() -> str:
    rows = [
        f"| `{known.name}` | {known.title} | {known.special} | {'yes' if known.shielded else ''} |"
        f" {'yes' if known.sensitive else ''} |"
        for known in CATEGORIES.values()
    ]
    head = "## Categories\n\n| category | what it is | special | never leaves a shielded record | sensitive service |"
    return "\n".join([head, "|---|---|---|---|---|", *rows, ""])


if __name__ == "__main__":
    sys.stdout.write(page(packaged()))
