"""What can reach whom by which rule, asked of the engine itself: the routes of a policy on a day, and what each lets through."""

from __future__ import annotations

from collections.abc import Mapping

from hub.policy import law
from hub.policy.model import Group, Policy, Sharing
from hub.policy.snapshot import Snapshot
from hub.policy.vocabulary import mask_of


def reach(policy: Policy, on: str) -> dict[tuple[str, str], int]:
    """Return the mask of categories by (rule, class of recipients) that may go on a day, if all that the rule asks for holds.

    A class of which no agency is registered gets nothing, nor does anybody by a rule that is switched off or not in force.
    """
    snapshot = Snapshot(policy, on)
    agency = {row.recipient_class: row.id for row in snapshot.agencies.values()}
    return {
        (rule.id, name): _mask(policy, snapshot, rule, agency.get(name, ""))
        for rule in policy.sharing
        for name in rule.to
    }


def bound(policy: Policy, on: str) -> frozenset[str]:
    """Return the classes with an agency that the duty to share binds on a day (Children Act 2004 s.16LA)."""
    start = law.duty_starts(policy)
    if not start or on < start:
        return frozenset()
    snapshot = Snapshot(policy, on)
    rows = [row for row in snapshot.agencies.values() if law.bound(row, snapshot.classes.get(row.recipient_class))]
    return frozenset(row.recipient_class for row in rows)


def letters(
    policy: Policy, reached: dict[tuple[str, str], int], group: Group, receiver: str, marks: Mapping[str, str]
) -> str:
    """Return the marks of the bases on which a group may reach a class, with a star where only part of it may; "" for never.

    reached: what `reach` returned; marks: a letter for each basis that may be relied on for this class.
    """
    wanted = mask_of(group.categories)
    found: dict[str, int] = {}
    for rule in policy.sharing:
        mask = reached.get((rule.id, receiver), 0) & wanted
        for basis in (name for name in rule.bases if mask and name in marks):
            found[marks[basis]] = found.get(marks[basis], 0) | mask
    return " ".join(mark if mask == wanted else f"{mark}*" for mark, mask in sorted(found.items()))


# Private functions
# -----------------


def _mask(policy: Policy, snapshot: Snapshot, rule: Sharing, agency: str) -> int:
    mask = 0
    if not agency or not rule.switched:
        return mask
    for form in policy.forms:
        for purpose in set(rule.purposes) & set(form.purposes):
            route = snapshot.route(form.id, purpose, "", agency)
            if route.rule is not None and route.rule.id == rule.id:
                mask |= route.allow
    return mask
