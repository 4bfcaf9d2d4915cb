"""What must hold between the rows of a policy file, beyond each row being well formed.

Every check notes all it finds; none of them knows a council. Rows that were already faulty are left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import combinations
from typing import Final

from hub.councils.marks import Marks
from hub.policy.model import AgencyRow, Policy, Sharing
from hub.policy.vocabulary import SPECIAL, mask_of, names_of

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_GSS: Final = re.compile(r"[EWNS]\d{8}")


def check(policy: Policy, marks: Marks) -> None:
    """Note every fault between the rows of a policy that was read."""
    for one in _CHECKS:
        one(policy, marks)


def _names(policy: Policy, marks: Marks) -> None:
    for name in dict.fromkeys(row.id for row in policy.agencies):
        if not _SLUG.fullmatch(name):
            line = marks.line_of("agency", name)
            marks.fault(
                "WRONG_TYPE",
                line,
                f"agency `{name}` must be a slug",
                "use small letters, digits and `-`: it names topics",
            )
    for code, _ in policy.districts:
        if not _GSS.fullmatch(code):
            marks.fault(
                "WRONG_TYPE", marks.line_of("district", code), f"`{code}` is not a GSS code", "write it as `E07000123`"
            )


def _citations(policy: Policy, marks: Marks) -> None:
    cited = {name for kind, name, _ in marks.wanted if kind == "citation"}
    explained = dict(policy.informative)
    for name, line in marks.defined.get("facts", {}).items():
        if name in cited and name in explained:
            other = marks.line_of("informative", name)
            marks.fault(
                "CONTRADICTION",
                other,
                f"fact `{name}` is cited by a row and called informative",
                "drop it from `informative`",
            )
        elif name not in cited and name not in explained:
            marks.fault(
                "UNUSED_FACT",
                line,
                f"no row cites fact `{name}`",
                "cite it, or say under `informative` why nothing can",
            )


def _gateways(policy: Policy, marks: Marks) -> None:
    named = {name for kind, name, _ in marks.wanted if kind == "Act"}
    for act in policy.legislation:
        if act.used != (act.id in named):
            text = (
                "is marked as used, but no basis names it"
                if act.used
                else "is marked as not used, but a basis names it"
            )
            marks.fault("CONTRADICTION", marks.line_of("Act", act.id), f"Act `{act.id}` {text}")
    for basis in policy.bases:
        if basis.article in ("6(1)(c)", "6(1)(e)") and not basis.gateway:
            line = marks.line_of("basis", basis.id)
            marks.fault(
                "MISSING",
                line,
                f"basis `{basis.id}` names no legislation",
                "add `gateway:` with the Acts that it rests on",
            )


def _register(policy: Policy, marks: Marks) -> None:
    for one, other in combinations(policy.agencies, 2):
        if one.id == other.id and ("agency", one.id) not in marks.broken and _overlap(one, other):
            line = marks.line_of("agency", one.id)
            marks.fault(
                "OVERLAP",
                line,
                f"two rows of agency `{one.id}` overlap ({other.valid_from})",
                "end one the day before the next",
            )
    for row in policy.agencies:
        if row.successor == row.id:
            marks.fault("CONTRADICTION", marks.line_of("agency", row.id), f"agency `{row.id}` cannot succeed itself")


def _classes(policy: Policy, marks: Marks) -> None:
    peopled = {row.recipient_class for row in policy.agencies}
    receiving = {name for rule in policy.sharing for name in rule.to}
    for row in policy.classes:
        line = marks.line_of("recipient class", row.id)
        if row.id not in peopled and not row.vacant:
            remedy = "register one, or write `vacant: yes`"
            marks.fault("UNREACHABLE", line, f"no agency is of recipient class `{row.id}`", remedy)
        if row.id in peopled and row.vacant:
            marks.fault("CONTRADICTION", line, f"recipient class `{row.id}` is marked vacant, but has agencies")
        if row.id not in receiving:
            marks.fault(
                "UNREACHABLE",
                line,
                f"no sharing rule names recipient class `{row.id}`",
                "add a rule, or drop the class",
            )


def _purposes(policy: Policy, marks: Marks) -> None:
    formed = {name for form in policy.forms for name in form.purposes}
    ruled = {name for rule in policy.sharing for name in rule.purposes}
    for row in policy.purposes:
        line = marks.line_of("purpose", row.id)
        if row.id not in formed:
            marks.fault("UNREACHABLE", line, f"no form allows purpose `{row.id}`", "add it to a form, or drop it")
        if row.anonymised_only and row.id in ruled:
            marks.fault("CONTRADICTION", line, f"purpose `{row.id}` is anonymised only, but a sharing rule names it")
        if not row.anonymised_only and row.id not in ruled:
            marks.fault(
                "UNREACHABLE", line, f"no sharing rule names purpose `{row.id}`", "add a rule, or drop the purpose"
            )


def _forms(policy: Policy, marks: Marks) -> None:
    acting = {role for row in policy.agencies for role in row.roles}
    for form in policy.forms:
        line = marks.line_of("form", form.id)
        if not acting & set(form.sources):
            marks.fault("UNREACHABLE", line, f"no agency may send form `{form.id}`", "give an agency one of its roles")
        for name in form.recipients:
            if not any(name in rule.to and form.id in _reach(policy, rule)[0] for rule in policy.sharing):
                text = f"form `{form.id}` goes to `{name}`, but no sharing rule lets it"
                marks.fault("UNREACHABLE", line, text, "add a rule, or drop it from `goes_to`")


def _rules(policy: Policy, marks: Marks) -> None:
    safeguarding = {p.id for p in policy.purposes if p.safeguarding}
    contact = {p.id for p in policy.purposes if p.contact_only}
    for rule in policy.sharing:
        if ("sharing rule", rule.id) in marks.broken:
            continue
        line = marks.line_of("sharing rule", rule.id)
        if bool(rule.groups) == bool(rule.only):
            marks.fault(
                "CONTRADICTION",
                line,
                f"sharing rule `{rule.id}` must have either `groups` or `only`",
                "keep one of the two",
            )
        forms, purposes = _reach(policy, rule)
        for purpose in sorted(set(rule.purposes) - purposes):
            marks.fault("UNREACHABLE", line, f"no form of sharing rule `{rule.id}` allows purpose `{purpose}`")
        for form in sorted(set(rule.forms) - forms):
            marks.fault("UNREACHABLE", line, f"form `{form}` allows none of the purposes of sharing rule `{rule.id}`")
        if "duty_16la" in rule.bases and not safeguarding & set(rule.purposes):
            marks.fault(
                "UNREACHABLE", line, f"sharing rule `{rule.id}` names the duty for a purpose that is not safeguarding"
            )
        if "contact_permission" in rule.bases and not set(rule.purposes) <= contact:
            marks.fault(
                "CONTRADICTION",
                line,
                f"sharing rule `{rule.id}` lets permission to be contacted serve more than contact",
            )


def _fields(policy: Policy, marks: Marks) -> None:
    for rule in policy.sharing:
        if ("sharing rule", rule.id) in marks.broken:
            continue
        line = marks.line_of("sharing rule", rule.id)
        mask = _mask(policy, rule)
        special = names_of(mask & SPECIAL)
        if special and not rule.conditions:
            text = f"sharing rule `{rule.id}` shares special category data (`{special[0]}`) without a condition"
            marks.fault("MISSING", line, text, "add `conditions:`")
        for name in names_of(mask & ~_citable(policy, rule)):
            text = f"sharing rule `{rule.id}` adds `{name}`, which is not on the shared list, without citing where it comes from"
            marks.fault("NO_CITATION", line, text, "cite a fact of the group that holds it")


def _contradictions(policy: Policy, marks: Marks) -> None:
    sound = [rule for rule in policy.sharing if ("sharing rule", rule.id) not in marks.broken]
    for one, other in combinations(sound, 2):
        shared = sorted(set(one.to) & set(other.to))
        purposes = sorted(set(one.purposes) & set(other.purposes))
        # A rule that names forms goes before one for every form, so only rules of the same width can contradict each other.
        forms = sorted(set(one.forms) & set(other.forms)) if one.forms else ["all"]
        if bool(one.forms) == bool(other.forms) and shared and purposes and forms and _overlap(one, other):
            text = f"sharing rules `{one.id}` and `{other.id}` both decide form `{forms[0]}`, purpose `{purposes[0]}`, to `{shared[0]}`"
            line = max(marks.line_of("sharing rule", rule.id) for rule in (one, other))
            marks.fault("CONTRADICTION", line, text, "keep one, or give them dates that do not overlap")


def _geography(policy: Policy, marks: Marks) -> None:
    for row in policy.classes:
        if row.select != "district":
            continue
        if not policy.districts:
            marks.fault(
                "MISSING",
                marks.line_of("recipient class", row.id),
                "a class is chosen by district, but there are no `districts`",
            )
        rows = [a for a in policy.agencies if a.recipient_class == row.id]
        told: set[tuple[str, str]] = set()
        for day in _edges(policy, rows):
            serving = Counter(
                code for a in rows if _on(a, day) for code in (a.districts or tuple(dict(policy.districts)))
            )
            for code, name in policy.districts:
                kind = "DISTRICT_NONE" if not serving[code] else "DISTRICT_TWICE" if serving[code] > 1 else ""
                if kind and (kind, code) not in told:
                    told.add((kind, code))
                    served = "by none" if kind == "DISTRICT_NONE" else "twice"
                    text = f"district `{code}` ({name}) is served {served} by class `{row.id}` on {day}"
                    marks.fault(
                        kind, _blame(rows, code, day, marks, row.id), text, "give each district one agency on every day"
                    )


def _blame(rows: list[AgencyRow], code: str, day: str, marks: Marks, class_id: str) -> int:
    lines = [marks.line_of("agency", a.id) for a in rows if _on(a, day) and (code in a.districts or not a.districts)]
    return max(lines, default=marks.line_of("recipient class", class_id))


def _edges(policy: Policy, rows: Iterable[AgencyRow]) -> list[str]:
    """Return the days on which who serves whom may change, within the policy's own days."""
    days = {policy.valid_from}
    for row in rows:
        days.add(row.valid_from)
        if row.valid_to:
            days.add((date.fromisoformat(row.valid_to) + timedelta(days=1)).isoformat())
    return sorted(d for d in days if d and policy.valid_from <= d and (not policy.valid_to or d <= policy.valid_to))


def _reach(policy: Policy, rule: Sharing) -> tuple[set[str], set[str]]:
    """Return the forms and the purposes that a rule can really meet."""
    pairs = [
        (form.id, purpose)
        for form in policy.forms
        for purpose in form.purposes
        if purpose in rule.purposes and (not rule.forms or form.id in rule.forms)
    ]
    return {form for form, _ in pairs}, {purpose for _, purpose in pairs}


def _mask(policy: Policy, rule: Sharing) -> int:
    groups = {group.id: group for group in policy.groups}
    return mask_of(rule.only or [c for g in rule.groups if g in groups for c in groups[g].categories])


def _citable(policy: Policy, rule: Sharing) -> int:
    return mask_of([c for g in policy.groups if g.shared or set(g.facts) & set(rule.facts) for c in g.categories])


def _overlap(one: AgencyRow | Sharing, other: AgencyRow | Sharing) -> bool:
    starts_in_time = not one.valid_from or not other.valid_to or one.valid_from <= other.valid_to
    return starts_in_time and (not other.valid_from or not one.valid_to or other.valid_from <= one.valid_to)


def _on(row: AgencyRow, day: str) -> bool:
    return row.valid_from <= day and (not row.valid_to or day <= row.valid_to)


_CHECKS: Final[tuple[Callable[[Policy, Marks], None], ...]] = (
    _names,
    _citations,
    _gateways,
    _register,
    _classes,
    _purposes,
    _forms,
    _rules,
    _fields,
    _contradictions,
    _geography,
)
