"""What differs between two policies beside the ways of the data: settings, forms, the override, clocks; texts are no difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

from hub.policy.model import Policy

TEXTS: Final = frozenset({"id", "title", "facts", "reason", "name", "vacant"})
"""Fields of a row that carry words for people, or its name."""

ROWS: Final = ("purposes", "forms", "classes", "bases", "conditions", "retention", "rights")
"""Sections of rows with an id that are compared field by field. What a form or a class lets through is told with the ways."""

ELSEWHERE: Final = frozenset({"sharing", "groups", "agencies", "override", "settings", "controls", "districts"})
"""Sections that have a comparison of their own: the ways (`difference.py`), the register, or below."""

WORDS_ONLY: Final = frozenset(
    {
        *("id", "version", "council", "title", "notice", "controller", "service", "valid_from", "valid_to", "digest"),
        *("quotes", "roles", "legislation", "contacts", "choices", "setting_reasons", "row_facts", "informative", "silent"),
    }
)  # fmt: skip
"""Sections that say who, why and in what words, and change no decision."""


@dataclass(frozen=True, slots=True)
class Plain:
    """One difference. field: "" where the whole row is new or gone; before, after: as text, "" for what is not there."""

    section: str
    row: str
    field: str
    before: str
    after: str


def compare_structure(a: Policy, b: Policy) -> tuple[Plain, ...]:
    """Return the differences by section and row."""
    found = [*_fields("settings", "", a.settings, b.settings), *_fields("override", "", a.override, b.override)]
    for section in ROWS:
        found += _rows(section, getattr(a, section), getattr(b, section))
    found += _listed("controls", dict(a.controls), dict(b.controls))
    found += _listed("districts", dict(a.districts), dict(b.districts), names_only=True)
    return tuple(found)


# Private functions
# -----------------


def _rows(section: str, before: Iterable[Any], after: Iterable[Any]) -> Iterator[Plain]:
    was, now = {row.id: row for row in before}, {row.id: row for row in after}
    for name in sorted({*was, *now}):
        if name in was and name in now:
            yield from _fields(section, name, was[name], now[name])
        else:
            yield Plain(section, name, "", "there" if name in was else "", "there" if name in now else "")


def _fields(section: str, row: str, before: Any, after: Any) -> Iterator[Plain]:
    for field in fields(before):
        # What a kind of record is called (`retention.<row>.category`) is its title.
        text = field.name in TEXTS or (section == "retention" and field.name == "category")
        values = _said(getattr(before, field.name)), _said(getattr(after, field.name))
        if not text and values[0] != values[1]:
            yield Plain(section, row, field.name, *values)


def _listed(section: str, was: dict[str, Any], now: dict[str, Any], *, names_only: bool = False) -> Iterator[Plain]:
    for name in sorted({*was, *now}):
        if name not in was or name not in now:
            yield Plain(section, name, "", "there" if name in was else "", "there" if name in now else "")
        elif not names_only and _said(was[name]) != _said(now[name]):
            yield Plain(section, name, "sent by", _said(was[name]), _said(now[name]))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(str(v) for v in (sorted(value) if all(isinstance(v, str) for v in value) else value)) or "none"
    return str(value) if value != "" else "none"
