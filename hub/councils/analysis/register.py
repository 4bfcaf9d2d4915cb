"""How the registers of two policies differ: agencies that are new, gone, ended or replaced, and rows that say something else."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

from hub.policy.model import AgencyRow, Policy

NEW: Final = "new"
GONE: Final = "gone"
ENDED: Final = "ended"
REPLACED: Final = "replaced"
CHANGED: Final = "changed"

_TEXTS: Final = frozenset({"id", "name", "facts", "agreement_id"})
"""What names an agency or a paper, and changes no decision."""


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """What becomes of one agency. detail: (field, before, after) of a change; the successor and the last day of an end."""

    agency: str
    klass: str
    kind: str
    detail: tuple[tuple[str, str, str], ...] = ()


def compare_registers(a: Policy, b: Policy) -> tuple[RegisterChange, ...]:
    """Return what becomes of each agency whose rows differ in more than its name, by kind and agency."""
    was, now = _rows(a), _rows(b)
    found = []
    for agency in sorted({*was, *now}):
        if agency not in was:
            found.append(RegisterChange(agency, now[agency][-1].recipient_class, NEW))
        elif agency not in now:
            found.append(_gone(agency, was[agency][-1]))
        else:
            found += _changed(agency, was[agency], now[agency])
    return tuple(sorted(found, key=lambda change: (change.kind, change.agency)))


# Private functions
# -----------------


def _rows(policy: Policy) -> dict[str, list[AgencyRow]]:
    """Return each agency's rows that can hold while the policy is in force; what begins with it or before has no first day."""
    found: dict[str, list[AgencyRow]] = {}
    for row in policy.agencies:
        if not row.valid_to or row.valid_to >= policy.valid_from:
            begins = [day if day > policy.valid_from else "" for day in (row.valid_from, row.agreement_from)]
            found.setdefault(row.id, []).append(replace(row, valid_from=begins[0], agreement_from=begins[1]))
    return found


def _gone(agency: str, row: AgencyRow) -> RegisterChange:
    detail = (("successor", "", row.successor),) if row.successor else ()
    return RegisterChange(agency, row.recipient_class, GONE, detail)


def _changed(agency: str, was: list[AgencyRow], now: list[AgencyRow]) -> list[RegisterChange]:
    last, klass = now[-1], now[-1].recipient_class
    if not was[-1].valid_to and last.valid_to:
        detail = [("until", "", last.valid_to)]
        if last.successor:
            detail.append(("successor", "", last.successor))
        return [RegisterChange(agency, klass, REPLACED if last.successor else ENDED, tuple(detail))]
    if len(was) != len(now):
        detail = [("rows", str(len(was)), str(len(now))), *_fields(was[-1], last)]
        return [RegisterChange(agency, klass, CHANGED, tuple(detail))]
    found = [one for before, after in zip(was, now, strict=True) for one in _fields(before, after)]
    return [RegisterChange(agency, klass, CHANGED, tuple(found))] if found else []


def _fields(before: AgencyRow, after: AgencyRow) -> list[tuple[str, str, str]]:
    found = []
    for field in fields(AgencyRow):
        values = _said(getattr(before, field.name)), _said(getattr(after, field.name))
        if field.name not in _TEXTS and values[0] != values[1]:
            found.append((field.name, *values))
    return found


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(sorted("=".join(v) if isinstance(v, tuple) else str(v) for v in value)) or "none"
    return (
        {True: "yes", False: "no", "": "none"}.get(value, str(value)) if isinstance(value, (bool, str)) else str(value)
    )
