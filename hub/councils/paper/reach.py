"""What can reach whom on which basis, asked of the engine itself: every way on a day that needs no override and no ruling."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from hub.councils.analysis.bits import OVERRIDES
from hub.councils.analysis.reach import Reach
from hub.policy import state as s
from hub.policy.model import Group, Policy, Sharing
from hub.policy.vocabulary import mask_of

Reached = Mapping[tuple[str, str, str], int]
"""Mask of categories by (rule, class of recipients, basis)."""


@lru_cache(maxsize=16)
def reach(policy: Policy, on: str) -> Reached:
    """Return which categories may reach each class of recipients on a day, by the rule and the basis that the engine then relies on.

    All that a rule asks for is taken to hold. What is not in force, switched off or without an agreement is not there.
    """
    analysis, found = Reach(policy), dict[tuple[str, str, str], int]()
    for lane in analysis.lanes(analysis.snapshot(on)):
        for way in analysis.ways(lane):
            if lane.route.rule is not None and not way.needs & (OVERRIDES | s.RULED_PERMIT):
                key = (lane.route.rule.id, lane.klass, way.outcome.basis)
                found[key] = found.get(key, 0) | way.mask
    return found


def served(policy: Policy, on: str) -> frozenset[str]:
    """Return the classes of recipients that anything may reach on a day."""
    return frozenset(receiver for _, receiver, _ in reach(policy, on))


def letters(policy: Policy, reached: Reached, group: Group, receiver: str, marks: Mapping[str, str]) -> str:
    """Return the marks of the bases on which a group may reach a class, with a star where only part of it may; "" for never.

    marks: a letter for each basis.
    """
    wanted, found = mask_of(group.categories), dict[str, int]()
    naming = {rule.id for rule in policy.sharing if group.id in groups_of_rule(policy, rule)}
    for (rule, klass, basis), mask in reached.items():
        if klass == receiver and rule in naming:
            found[marks[basis]] = found.get(marks[basis], 0) | mask & wanted
    return " ".join(mark if mask == wanted else f"{mark}*" for mark, mask in sorted(found.items()) if mask)


def groups_of_rule(policy: Policy, rule: Sharing) -> tuple[str, ...]:
    """Return the groups whose data a rule shares: those it names, or the fewest that hold its closed list, the fullest first."""
    if not rule.only:
        return rule.groups
    found, left = [], set(rule.only)
    while left:
        best = max(policy.groups, key=lambda group: len(left & set(group.categories)))
        if not left & set(best.categories):
            break
        found.append(best.id)
        left -= set(best.categories)
    return tuple(found)
