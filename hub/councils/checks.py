"""What must hold between the rows of a policy file, beyond each row being well formed.

Every check notes all it finds; none of them knows a council.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations
from typing import Final

from hub.councils.dates import overlap
from hub.councils.geography import check_geography
from hub.councils.law_checks import check_law
from hub.councils.marks import Marks
from hub.councils.rule_checks import check_rules, reach
from hub.policy.model import Policy

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSION: Final = re.compile(r"[A-Za-z0-9]+([.-][A-Za-z0-9]+)*")
_GSS: Final = re.compile(r"[EWNS]\d{8}")


def check(policy: Policy, marks: Marks) -> None:
    """Note every fault between the rows of a policy that was read."""
    for one in _CHECKS:
        one(policy, marks)


def _names(policy: Policy, marks: Marks) -> None:
    for name in sorted({row.id for row in policy.agencies}):
        if not _SLUG.fullmatch(name):
            remedy = "use small letters, digits and `-`: it becomes part of topic names"
            marks.at("agency", name, "WRONG_TYPE", f"agency `{name}` cannot be called that", remedy)
    for field, value, allowed in (
        ("id", policy.id, _SLUG),
        ("version", policy.version, _VERSION),
        ("council", policy.council, _SLUG),
    ):
        if value and not allowed.fullmatch(value):
            remedy = "use small letters, digits and `-`: it becomes part of file names"
            marks.at("section", "policy", "WRONG_TYPE", f"`{value}` cannot be the `{field}` of a policy", remedy)
    for code, _ in policy.districts:
        if not _GSS.fullmatch(code):
            marks.at("district", code, "WRONG_TYPE", f"`{code}` is not a GSS code", "write it as `E07000123`")


def _citations(policy: Policy, marks: Marks) -> None:
    cited = {name for kind, name, _ in marks.wanted if kind == "citation"}
    explained = dict(policy.informative)
    for name in marks.defined.get("facts", {}):
        if name in cited and name in explained:
            text = f"fact `{name}` is cited by a row and called informative"
            marks.at("informative", name, "CONTRADICTION", text, "drop it from `informative`")
        elif name not in cited and name not in explained:
            remedy = "cite it, or say under `informative` why nothing can enforce it"
            marks.at("facts", name, "UNUSED_FACT", f"no row cites fact `{name}`", remedy)


def _gateways(policy: Policy, marks: Marks) -> None:
    named = {name for kind, name, _ in marks.wanted if kind == "Act"}
    for act in policy.legislation:
        if act.used and act.id not in named:
            marks.at("Act", act.id, "CONTRADICTION", f"Act `{act.id}` is marked as used, but no basis names it")
        if not act.used and act.id in named:
            marks.at("Act", act.id, "CONTRADICTION", f"Act `{act.id}` is marked as not used, but a basis names it")
    for basis in policy.bases:
        if basis.article in ("6(1)(c)", "6(1)(e)") and not basis.gateway:
            remedy = "add `gateway:` with the Acts that it rests on"
            marks.at("basis", basis.id, "MISSING", f"basis `{basis.id}` names no legislation", remedy)


def _register(policy: Policy, marks: Marks) -> None:
    for one, other in combinations(policy.agencies, 2):
        if one.id == other.id and ("agency", one.id) not in marks.broken and overlap(one, other):
            row = f"{other.id} {other.valid_from}"
            text = f"two rows of agency `{one.id}` are in force on the same day ({other.valid_from})"
            marks.at("agency row", row, "OVERLAP", text, "end the one on the day before the other begins")
    for one in policy.agencies:
        if one.successor == one.id:
            marks.at("agency", one.id, "CONTRADICTION", f"agency `{one.id}` cannot succeed itself")


def _classes(policy: Policy, marks: Marks) -> None:
    peopled = {row.recipient_class for row in policy.agencies}
    receiving = {name for rule in policy.sharing for name in rule.to}
    for row in policy.classes:
        if row.id not in peopled and not row.vacant:
            text = f"no agency is of recipient class `{row.id}`"
            marks.at("recipient class", row.id, "UNREACHABLE", text, "register one, or write `vacant: yes`")
        if row.id in peopled and row.vacant:
            text = f"recipient class `{row.id}` is marked vacant, but has agencies"
            marks.at("recipient class", row.id, "CONTRADICTION", text, "drop `vacant`")
        if row.id not in receiving:
            text = f"no sharing rule names recipient class `{row.id}`"
            marks.at("recipient class", row.id, "UNREACHABLE", text, "add a rule, or drop the class")


def _purposes(policy: Policy, marks: Marks) -> None:
    formed = {name for form in policy.forms for name in form.purposes}
    ruled = {name for rule in policy.sharing for name in rule.purposes}
    for row in policy.purposes:
        if row.id not in formed:
            marks.at(
                "purpose", row.id, "UNREACHABLE", f"no form allows purpose `{row.id}`", "add it to a form, or drop it"
            )
        if row.anonymised_only and row.id in ruled:
            text = f"purpose `{row.id}` is anonymised only, but a sharing rule names it"
            marks.at("purpose", row.id, "CONTRADICTION", text, "drop it from the rule")
        if not row.anonymised_only and row.id not in ruled:
            text = f"no sharing rule names purpose `{row.id}`"
            marks.at("purpose", row.id, "UNREACHABLE", text, "add a rule, or drop the purpose")


def _forms(policy: Policy, marks: Marks) -> None:
    acting = {role for row in policy.agencies for role in row.roles}
    for form in policy.forms:
        if not acting & set(form.sources):
            text = f"no agency may send form `{form.id}`"
            marks.at("form", form.id, "UNREACHABLE", text, "give an agency one of the roles under `sent_by`")
        for name in form.recipients:
            if not any(name in rule.to and form.id in reach(policy, rule)[0] for rule in policy.sharing):
                text = f"form `{form.id}` goes to `{name}`, but no sharing rule lets it"
                marks.at("form", form.id, "UNREACHABLE", text, "add a rule, or drop it from `goes_to`")


def _override(policy: Policy, marks: Marks) -> None:
    if policy.override.connective == "both" and len(policy.override.limbs) == 1:
        text = "the override asks for both limbs, but names one"
        marks.at("section", "override", "CONTRADICTION", text, "write `connective: either`, or name the other limb")


_CHECKS: Final[tuple[Callable[[Policy, Marks], None], ...]] = (
    _names,
    _citations,
    _gateways,
    _register,
    _classes,
    _purposes,
    _forms,
    check_rules,
    check_geography,
    _override,
    check_law,
)
