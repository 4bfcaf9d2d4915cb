"""From a route and a state to an outcome; a rule that raises withholds (invariant 1)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Final

from hub.policy import state as s
from hub.policy.fields import allowed
from hub.policy.overrides import Rule, Trail
from hub.policy.reasons import STATIC_REMEDY
from hub.policy.route import Outcome, Route, Why
from hub.policy.rules import NEVER_RULED, RULES

Change = tuple[str, int, int]
"""A change code, the state bits it sets and those it clears."""

_CHANGES: Final[tuple[Change, ...]] = (
    ("GIVE_CONSENT", s.CONSENT, s.CONSENT_BARRED),
    ("GIVE_CONTACT_PERMISSION", s.CONTACT, s.CONTACT_BARRED),
    ("INFORM_PERSON", s.INFORMED, 0),
    ("STATE_REASON", s.STATED_REASON, 0),
    ("GRANT_ACCESS", s.GRANTED, s.GRANT_ENDED),
    ("RECORD_STATUS", s.IN_NEED | s.PROTECTED | s.LOOKED_AFTER, 0),
    ("LIFT_INSTRUCTION", 0, s.INSTRUCTED),
    ("LIFT_OBJECTION", 0, s.OBJECTED),
    ("LIFT_RESTRICTION", 0, s.RESTRICTED),
    ("AGREE_SERVICE", s.SERVICE, s.SERVICE_DECLINED),
    ("RESOLVE_IDENTITY", 0, s.IDENTITY_UNSURE),
    ("RESOLVE_FACTS", 0, s.FACTS_UNSURE),
    ("FIX_CLOCK", 0, s.CLOCK_SKEW),
    ("NAME_DISTRICT", 0, s.DISTRICT_UNKNOWN),
    ("NAME_SERVING_AGENCY", 0, s.WRONG_DISTRICT),
    ("NAME_SCHOOL", 0, s.WRONG_SCHOOL | s.SCHOOL_UNKNOWN),
    ("NAME_INVOLVED", 0, s.NOT_INVOLVED),
    ("WAIT_FOR_NEXT_MONTH", 0, s.RETURNED),
    ("RECORD_S47", s.S47, 0),
    ("REVIEW_POLICY", 0, s.STALE_POLICY),
    ("WITHDRAW_DETRIMENT", 0, s.DETRIMENT),
    ("ANSWER_A_REQUEST", 0, s.REQUEST_UNKNOWN),
    ("RULE_PERMIT", s.RULED_PERMIT, s.RULED_REFUSE),
)
_OVERRIDES: Final[tuple[Change, ...]] = (
    ("OVERRIDE_RISK_OF_HARM", s.OVERRIDE_HARM, s.OVERRIDE_INCOMPLETE),
    ("OVERRIDE_LAW_REQUIRES", s.OVERRIDE_LAW, s.OVERRIDE_INCOMPLETE),
    ("OVERRIDE_CRIME_DISORDER", s.OVERRIDE_CRIME, s.OVERRIDE_INCOMPLETE),
    ("OVERRIDE_RISK_TO_WELLBEING", s.OVERRIDE_WELLBEING, s.OVERRIDE_INCOMPLETE),
)


def work_out(route: Route, state: int, rules: tuple[Rule, ...] = RULES) -> Outcome:
    """Return the outcome, with the smallest change that would permit where it is not a PERMIT. Deterministic."""
    outcome = evaluate(route, state, rules)
    if outcome.decision == "PERMIT":
        return outcome
    return _with_change(outcome, _smallest_change(route, state, outcome, rules))


def evaluate(route: Route, state: int, rules: tuple[Rule, ...] = RULES) -> Outcome:
    """Return the outcome without the smallest change. Any error inside a rule becomes REVIEW with RULE_ERROR."""
    trail = Trail()
    try:
        for rule in rules:
            rule(route, state, trail)
        return _conclude(route, state, trail)
    except Exception:  # noqa: BLE001 - invariant 1: whatever a rule raises, nothing is released and a person is asked
        return Outcome("REVIEW", ("RULE_ERROR",), ("INV-1",))


def nothing_left(outcome: Outcome, present: int) -> Outcome:
    """Return the denial for a permitted decision that leaves no field to send (S-06); present: what the message holds."""
    change = "GIVE_CONSENT" if outcome.by_consent & present else "SEND_SHAREABLE"
    return Outcome("DENY", ("NOTHING_LEFT",), outcome.facts, why=outcome.why, would_permit=(change,))


def _conclude(route: Route, state: int, trail: Trail) -> Outcome:
    left = [f for f in trail.failures if not _ruled_away(f, state)]
    reasons = _unique(reason for _, (reason, _) in [*left, *(f for f in trail.failures if f not in left)])
    if left:
        return Outcome(left[0][0], reasons, _facts(route, trail))
    if trail.basis is None:
        return Outcome("DENY", ("NO_BASIS",), _facts(route, trail))
    open_, by_consent, condition, why = allowed(route, state, trail)
    duty = trail.basis.id == "duty_16la"
    return Outcome(
        "PERMIT",
        reasons,
        _facts(route, trail),
        basis=trail.basis.id,
        article=trail.basis.article,
        gateway=trail.basis.gateway,
        condition=condition,
        limb=trail.limb,
        open=open_,
        by_consent=by_consent,
        why=why,
        obligations=_obligations(route, trail, duty=duty),
    )


def _ruled_away(failure: tuple[str, Why], state: int) -> bool:
    decision, (reason, _) = failure
    return decision == "REVIEW" and bool(state & s.RULED_PERMIT) and reason not in NEVER_RULED


def _facts(route: Route, trail: Trail) -> tuple[str, ...]:
    failed = [fact for _, (_, facts) in trail.failures for fact in facts]
    rows = (route.rule, route.recipient_class, trail.basis)
    return _unique([*failed, *trail.facts, *(fact for row in rows if row is not None for fact in row.facts)])


def _obligations(route: Route, trail: Trail, *, duty: bool) -> tuple[str, ...]:
    always = ["NO_ONWARD_SHARING"]
    if route.purpose is not None and route.purpose.contact_only:
        always.append("CONTACT_ONLY")
    if duty:
        always.append("DUTY_NEGATIVE_TEST")
    return _unique([*trail.obligations, *always])


def _smallest_change(route: Route, state: int, outcome: Outcome, rules: tuple[Rule, ...]) -> tuple[str, ...]:
    if route.blocked:
        return _unique(STATIC_REMEDY[reason] for reason, _ in route.blocked)
    # An override is named only where nothing that the person or the council may properly do would be enough.
    for changes in (_CHANGES, (*_CHANGES, *_OVERRIDES)):
        useful = tuple(c for c in changes if (state | c[1]) & ~c[2] != state)
        found = _search(route, state, useful, rules)
        if found is not None:
            return tuple(code for code, _, _ in found)
    # Nothing about the case would help: a rule errs, or the policy's rule has no basis that could ever hold here.
    return (STATIC_REMEDY["RULE_ERROR"] if "RULE_ERROR" in outcome.reasons else STATIC_REMEDY["NO_RULE"],)


def _search(route: Route, state: int, useful: tuple[Change, ...], rules: tuple[Rule, ...]) -> tuple[Change, ...] | None:
    if not _permits(route, state, useful, rules):
        return None
    few = (c for size in (1, 2) for c in combinations(useful, size) if _permits(route, state, c, rules))
    return next(few, None) or _thinned(route, state, useful, rules)


def _permits(route: Route, state: int, changes: tuple[Change, ...], rules: tuple[Rule, ...]) -> bool:
    for _, sets, clears in changes:
        state = (state | sets) & ~clears
    return evaluate(route, state, rules).decision == "PERMIT"


def _thinned(route: Route, state: int, changes: tuple[Change, ...], rules: tuple[Rule, ...]) -> tuple[Change, ...]:
    """Leave out every change that is not needed, the most drastic first; what is left cannot be made smaller."""
    for change in reversed(changes):
        fewer = tuple(c for c in changes if c is not change)
        if _permits(route, state, fewer, rules):
            changes = fewer
    return changes


def _with_change(outcome: Outcome, change: tuple[str, ...]) -> Outcome:
    return Outcome(outcome.decision, outcome.reasons, outcome.facts, why=outcome.why, would_permit=change)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
