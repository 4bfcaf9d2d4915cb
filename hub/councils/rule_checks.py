"""What must hold for the sharing rules: each says one thing, can be met, and contradicts no other."""

from __future__ import annotations

from itertools import combinations

from hub.councils.dates import overlap
from hub.councils.marks import Marks
from hub.policy.model import Policy, Sharing
from hub.policy.vocabulary import SPECIAL, mask_of, names_of

_KIND = "sharing rule"


def check_rules(policy: Policy, marks: Marks) -> None:
    """Note every fault of the sharing rules; rows that were already faulty are left alone, so that one mistake is told once."""
    sound = [rule for rule in policy.sharing if (_KIND, rule.id) not in marks.broken]
    for rule in sound:
        _reachable(policy, rule, marks)
        _bases(policy, rule, marks)
        _fields(policy, rule, marks)
    for one, other in combinations(sound, 2):
        _contradiction(one, other, marks)


def reach(policy: Policy, rule: Sharing) -> tuple[set[str], set[str]]:
    """Return the forms and the purposes that a rule can really meet."""
    pairs = [
        (form.id, purpose)
        for form in policy.forms
        for purpose in form.purposes
        if purpose in rule.purposes and (not rule.forms or form.id in rule.forms)
    ]
    return {form for form, _ in pairs}, {purpose for _, purpose in pairs}


def _reachable(policy: Policy, rule: Sharing, marks: Marks) -> None:
    forms, purposes = reach(policy, rule)
    for purpose in sorted(set(rule.purposes) - purposes):
        text = f"no form of sharing rule `{rule.id}` allows purpose `{purpose}`"
        marks.at(_KIND, rule.id, "UNREACHABLE", text, "drop the purpose, or add it to a form")
    for form in sorted(set(rule.forms) - forms):
        text = f"form `{form}` allows none of the purposes of sharing rule `{rule.id}`"
        marks.at(_KIND, rule.id, "UNREACHABLE", text, "drop the form, or add a purpose to it")
    if not overlap(policy, rule):
        text = f"sharing rule `{rule.id}` is never in force while the policy is"
        marks.at(_KIND, rule.id, "UNREACHABLE", text, "correct its dates, or drop it")


def _bases(policy: Policy, rule: Sharing, marks: Marks) -> None:
    safeguarding = {p.id for p in policy.purposes if p.safeguarding}
    contact = {p.id for p in policy.purposes if p.contact_only}
    if "duty_16la" in rule.bases and not safeguarding & set(rule.purposes):
        text = f"sharing rule `{rule.id}` names the duty for a purpose that is not safeguarding"
        marks.at(_KIND, rule.id, "UNREACHABLE", text, "drop `duty_16la` from its bases")
    if "contact_permission" in rule.bases and not set(rule.purposes) <= contact:
        text = f"sharing rule `{rule.id}` lets permission to be contacted serve more than contact"
        marks.at(_KIND, rule.id, "CONTRADICTION", text, "name only purposes with `contact_only: yes`")
    if set(rule.needs) & {"consent", "informed_or_consent"} and set(rule.bases) <= {"consent", "contact_permission"}:
        text = f"sharing rule `{rule.id}` rests on consent and asks for consent besides"
        marks.at(_KIND, rule.id, "CONTRADICTION", text, "drop it from `needs`")
    asked = [basis for basis in rule.bases if basis in ("consent", "contact_permission")]
    if asked != list(rule.bases[len(rule.bases) - len(asked) :]):
        # Bases are tried in order: one behind a consent would open more when the person says no than when they say yes.
        text = f"sharing rule `{rule.id}` names another basis behind consent, so that a refusal would open more"
        marks.at(_KIND, rule.id, "CONTRADICTION", text, "name consent last")


def _fields(policy: Policy, rule: Sharing, marks: Marks) -> None:
    if bool(rule.groups) == bool(rule.only):
        text = f"sharing rule `{rule.id}` must have either `groups` or `only`"
        marks.at(_KIND, rule.id, "CONTRADICTION", text, "give one of the two")
        return
    shared = mask(policy, rule)
    special = names_of(shared & SPECIAL)
    if special and not rule.conditions:
        text = f"sharing rule `{rule.id}` shares special category data (`{special[0]}`) without a condition"
        marks.at(_KIND, rule.id, "MISSING", text, "add `conditions:`")
    for name in names_of(shared & ~_citable(policy, rule)):
        text = f"sharing rule `{rule.id}` adds `{name}`, which is not on the shared list, without citing where it comes from"
        remedy = "cite a sentence of the notice that its group cites; a rule counts only where a row of `choices` cites it too"
        marks.at(_KIND, rule.id, "NO_CITATION", text, remedy)


def _contradiction(one: Sharing, other: Sharing, marks: Marks) -> None:
    # A rule that names forms goes before one for every form, so only rules of the same width can contradict each other.
    if bool(one.forms) != bool(other.forms) or not overlap(one, other):
        return
    forms = sorted(set(one.forms) & set(other.forms)) if one.forms else ["all"]
    purposes = sorted(set(one.purposes) & set(other.purposes))
    classes = sorted(set(one.to) & set(other.to))
    if forms and purposes and classes:
        where = f"form `{forms[0]}`, purpose `{purposes[0]}`, to `{classes[0]}`"
        later = max(one, other, key=lambda rule: marks.line_of(_KIND, rule.id))
        text = f"sharing rules `{one.id}` and `{other.id}` both decide {where}"
        marks.at(_KIND, later.id, "CONTRADICTION", text, "keep one, or give them dates that do not overlap")


def mask(policy: Policy, rule: Sharing) -> int:
    """Return the categories that a rule shares, before the recipient's class takes away from them."""
    groups = {group.id: group.categories for group in policy.groups}
    return mask_of(rule.only or [name for group in rule.groups for name in groups.get(group, ())])


def _citable(policy: Policy, rule: Sharing) -> int:
    opening = set(rule.facts) & _opening(policy)
    return mask_of([c for g in policy.groups if g.shared or set(g.facts) & opening for c in g.categories])


def _opening(policy: Policy) -> set[str]:
    """What can open a group: a sentence of the notice, or a rule that a choice owns to. A rule by itself only limits."""
    chosen = {fact for choice in policy.choices for fact in choice.facts}
    return chosen | {fact for fact, _ in policy.quotes if fact.startswith(f"{policy.notice}-")}
