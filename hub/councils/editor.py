"""The JSON Schema of policy files, by which an editor completes, explains and checks while somebody writes.

Fields, types and closed sets come from the readers themselves (`editor_probe`); what each means, in plain words, from `editor_words.yaml`
and from the vocabularies. The schema sees one value at a time: what hangs together, `hub policy check` tells. JSON Schema draft 7, since
the YAML language server reads no later one.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from hub.councils import editor_probe as probe
from hub.councils import register, rights, sections
from hub.councils.editor_probe import Asked, Json, Probe
from hub.councils.marks import Marks
from hub.policy.law import KINDS, Kind
from hub.policy.vocabulary import ART9, ART10, CATEGORIES, CONTROL_KINDS

_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
_DAY: Final = r"^(\d{4}-\d{2}-\d{2}|open)$"
_SPAN: Final = r"^(\d+ (day|month|year)s?|unknown|none)$"
_CLOSED: Final = {
    "setting": sections.SETTINGS,
    "basis": sections.BASES,
    "condition": sections.CONDITIONS,
    "control": CONTROL_KINDS,
}


def as_text() -> str:
    """Return the schema as the file that is written for editors."""
    return json.dumps(as_schema(), indent=1, ensure_ascii=False) + "\n"


def as_schema() -> Json:
    """Return the schema of a policy file, as JSON."""
    top = _asked()
    body = _row(top, "")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Policy file of a council",
        "description": "A council's privacy notice as rules that the hub enforces. The guide: docs/write-your-policy.md.",
        **body,
    }


def closed_sets() -> dict[str, tuple[str, ...]]:
    """Return every closed set of words by the field that holds it (`section.field`), as the readers ask for it."""
    found: dict[str, tuple[str, ...]] = {}
    for section, asked in _asked().asked.items():
        for row in asked.below.values():
            found |= {
                f"{section}.{name}": a.allowed for name, a in row.asked.items() if a.allowed and a.type != probe.YES
            }
    return found


def explained() -> Json:
    """Return the words that explain sections, fields and values, as `editor_words.yaml` has them."""
    return dict(_words())


# Private functions
# -----------------


@cache
def _words() -> Json:
    text = resources.files(__package__).joinpath("editor_words.yaml").read_text("utf-8")
    found: Json = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes text only
    return found


def _asked() -> Probe:
    """Return a probe that every reader of a policy file has asked."""
    top = Probe(Marks("schema"), "file", "", _CLOSED)
    head = top.child("policy")
    if head is not None:
        for key in ("id", "version", "council", "title", "notice", "controller", "service"):
            head.text(key)
        head.days()
        head.because()
    sections.read_settings(top, {})
    sections.read_legislation(top)
    sections.read_bases(top, ())
    for read in (
        sections.read_conditions,
        sections.read_purposes,
        sections.read_groups,
        sections.read_roles,
        sections.read_forms,
        register.read_classes,
    ):
        read(top)
    top.pairs("districts", required=False)
    register.read_agencies(top)
    register.read_sharing(top)
    sections.read_controls(top, {})
    sections.read_override(top)
    for promise in (rights.read_retention, rights.read_rights, rights.read_contacts, rights.read_choices):
        promise(top)
    top.pairs("informative", required=False)
    top.pairs("facts")
    return top


def _row(row: Probe, section: str) -> Json:
    properties: Json = {}
    required = [key for key, asked in row.asked.items() if asked.required]
    conditions: list[Json] = []
    for key, asked in row.asked.items():
        described = _described(section, key)
        properties[key] = {**described, **_field(key, asked, section)}
        if asked.unknown:
            properties[f"{key}_default"] = {**_default_described(described), **_field(key, _known(asked), section)}
            conditions.append(_needs_default(key))
    found: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    if section == "agencies":
        # The one field that is asked for only where another is missing.
        required.remove("sends_as")
        conditions.append({"anyOf": [{"required": ["class"]}, {"required": ["sends_as"]}]})
    found |= {"required": required} if required else {}
    return found | ({"allOf": conditions} if conditions else {})


def _known(asked: Asked) -> Asked:
    return Asked(asked.type, required=False, allowed=asked.allowed, of=asked.of)


def _needs_default(key: str) -> Json:
    unknown = {"properties": {key: {"const": "unknown"}}, "required": [key]}
    return {"if": unknown, "then": {"required": [f"{key}_default"]}, "else": {"properties": {f"{key}_default": False}}}


def _field(key: str, asked: Asked, section: str) -> Json:
    inner = section or key
    if asked.type == probe.CHILD:
        return _row(asked.below[""], f"{section}.{key}" if section else key)
    if asked.type in (probe.ROWS, probe.DATED):
        return _rows(asked, inner)
    found = _PLAIN[asked.type](asked, key)
    return _or_unknown(found) if asked.unknown else found


def _or_unknown(found: Json) -> Json:
    if "enum" in found:
        told = found.get("enumDescriptions", [""] * len(found["enum"]))
        silent = "the notice does not say; a default must stand beside it"
        return {**found, "enum": [*found["enum"], "unknown"], "enumDescriptions": [*told, silent]}
    return {**found, "pattern": f"{found['pattern']}|^unknown$"}


def _rows(asked: Asked, section: str) -> Json:
    names = [name for name in asked.below if name]
    if names:
        found: Json = {name: {**_value(section, name), **_row(asked.below[name], section)} for name in names}
        every = {"required": names} if section == "controls" else {}
        return {"type": "object", "additionalProperties": False, "properties": found, **every}
    one = _row(asked.below[""], section)
    held = {"type": "array", "minItems": 1, "items": one} if asked.type == probe.DATED else one
    return {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": held}


def _text(_asked: Asked, _key: str) -> Json:
    # An editor reads `001` and `890` as numbers; the hub reads every value as text.
    return {"type": ["string", "number"], "minLength": 1}


def _number(_asked: Asked, _key: str) -> Json:
    return {"type": ["integer", "string"], "minimum": 0, "pattern": r"^\d+$"}


def _pattern(pattern: str) -> Json:
    return {"type": "string", "pattern": pattern}


def _choice(asked: Asked, key: str) -> Json:
    return _enum(asked.allowed, key)


def _list(asked: Asked, key: str) -> Json:
    items = _enum(asked.allowed, key) if asked.allowed else {"type": ["string", "number"], "minLength": 1}
    least = {"minItems": 1} if key == "because" else {}
    return {"type": "array", "uniqueItems": True, "items": items, **least}


def _all_or_list(asked: Asked, key: str) -> Json:
    return {"anyOf": [{"const": "all"}, {**_list(asked, key), "minItems": 1}]}


def _pairs(_asked: Asked, _key: str) -> Json:
    held = {"type": ["string", "number"], "minLength": 1}
    return {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": held}


_PLAIN: Final[dict[str, Any]] = {
    probe.TEXT: _text,
    probe.YES: _choice,
    probe.NUMBER: _number,
    probe.DAY: lambda _asked, _key: _pattern(_DAY),
    probe.SPAN: lambda _asked, _key: _pattern(_SPAN),
    probe.CHOICE: _choice,
    probe.WORDS: _list,
    probe.NAMES: _list,
    probe.ALL_OR_NAMES: _all_or_list,
    probe.PAIRS: _pairs,
}


def _enum(allowed: tuple[str, ...], key: str) -> Json:
    told = [_said(key, word) for word in allowed]
    return {"type": "string", "enum": list(allowed)} | ({"enumDescriptions": told} if any(told) else {})


def _said(key: str, word: str) -> str:
    if key == "kind":
        return _of_kind(KINDS[word])
    if word in CATEGORIES:
        return _of_category(word)
    values: dict[str, str] = _words()["values"].get(key, {})
    return values.get(word, "")


def _of_kind(kind: Kind) -> str:
    may = [f"may hold {' and '.join(kind.identifiers)}"] if kind.identifiers else []
    may += {"yes": ["may be in the duty"], "contract": ["in the duty by its own row in the register only"]}.get(
        kind.duty, []
    )
    may += ["may be confidential"] if kind.confidential else []
    may += ["may hold criminal data"] if kind.criminal else []
    may += ["a person always decides"] if kind.adverse else []
    return f"{kind.title}: {', '.join(may) or 'nothing that the law reserves'}"


def _of_category(word: str) -> str:
    row = CATEGORIES[word]
    notes = {ART9: ["special category: needs a condition"], ART10: ["criminal data: a route of its own"]}.get(
        row.special, []
    )
    notes += ["identifier: only for kinds that may hold it"] if row.identifier else []
    notes += ["sensitive service"] if row.sensitive else []
    notes += ["never leaves for a shielded person"] if row.shielded else []
    return f"{row.title} ({'; '.join(notes)})" if notes else row.title


def _described(section: str, key: str) -> Json:
    words = _words()
    if not section:
        return {"description": words["sections"][key]}
    fields: dict[str, dict[str, str]] = words["fields"]
    said = fields.get(section, {}).get(key) or fields["any"].get(key)
    return {"description": said} if said else {}


def _default_described(described: Json) -> Json:
    return {"description": f"What the hub does, the notice being silent. {described.get('description', '')}".strip()}


def _value(section: str, name: str) -> Json:
    said: str = _words()["values"].get(section, {}).get(name, "")
    return {"description": said} if said else {}
