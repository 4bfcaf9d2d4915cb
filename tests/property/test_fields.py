"""What goes stays within what may go: the rule, the class of recipient, the message, the shield."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given

from hub.policy import state as s
from hub.policy.facts import Facts
from hub.policy.outcomes import evaluate
from hub.policy.reasons import REASONS
from hub.policy.route import Route
from hub.policy.vocabulary import ALL, CATEGORIES, CRIMINAL, IDENTIFIERS, SHIELDED, mask_of, names_of
from tests.oracles.question import Question
from tests.property.draws import LANCASHIRE, cases, engine, open_routes, routes, states

OPENERS = (
    *("RESTRICTED", "OBJECTED", "INSTRUCTED", "CONSENT", "CONSENT_BARRED", "CONTACT", "SERVICE_DECLINED", "S47"),
    *("OVERRIDE_LAW", "OVERRIDE_HARM", "OVERRIDE_CRIME", "PARA18", "RULED_PERMIT"),
)
"""Every bit that can play a part in a PERMIT; the others only ever take away (`test_forbid_wins`)."""


@given(route=routes(), state=states())
def test_what_goes_is_within_the_rule(route: Route, state: int) -> None:
    """Invariants 1 and 9: whatever the state, the duty included, nothing goes that the rule and the class do not admit."""
    outcome = evaluate(route, state)

    assert not (outcome.open | outcome.by_consent) & ~route.allow


@given(case=cases())
def test_what_goes_is_in_the_message_and_only_on_permit(case: tuple[int, Question, Facts]) -> None:
    """Nothing is kept that the message does not hold; nothing at all where the decision is not PERMIT, something where it is."""
    seed, question, facts = case
    for decision in engine(seed).decide(question.situation(), facts):
        assert not decision.kept & ~mask_of(sorted(question.present))
        assert bool(decision.kept) == (decision.outcome.decision == "PERMIT")


@given(route=routes(), state=states())
def test_every_withheld_category_has_its_reason(route: Route, state: int) -> None:
    """Invariant 8: each category that stays behind names why; one that consent does not reach needs no other reason."""
    outcome = evaluate(route, state)
    if outcome.decision == "PERMIT":
        named = mask_of([name for name, _ in outcome.why])
        assert ALL == named | outcome.open | outcome.by_consent
        assert not named & outcome.open
    assert {reason for _, (reason, _) in outcome.why} <= set(REASONS)


def test_shielded_categories_never_go_in_any_state() -> None:
    """Invariant 11, exhaustively: every state of every kind of Lancashire route, with the shield up."""
    seen = {}
    for route in open_routes(LANCASHIRE):
        assert route.rule is not None
        assert route.recipient_class is not None
        seen[(route.rule.id, route.recipient_class.id, route.duty, route.form)] = route
    kinds = {
        (r.allow, r.duty, r.rule.bases, r.rule.conditions, _confidential(r), _form(r)): r
        for r in seen.values()
        if r.rule
    }
    bits = [s.NAMES[name] for name in OPENERS]
    states_ = [sum(some) for some in chain.from_iterable(combinations(bits, n) for n in range(len(bits) + 1))]
    for route in kinds.values():
        if route.allow & SHIELDED:
            for state in states_:
                outcome = evaluate(route, state | s.SHIELDED)
                assert not (outcome.open | outcome.by_consent) & SHIELDED


@given(route=routes(), state=states())
def test_shielded_categories_never_go_under_any_policy(route: Route, state: int) -> None:
    """Invariant 11 on made-up policies and all bits, those that only take away included."""
    outcome = evaluate(route, state | s.SHIELDED)

    assert not (outcome.open | outcome.by_consent) & SHIELDED


@given(case=cases())
def test_a_shielded_subject_reveals_nothing_shielded(case: tuple[int, Question, Facts]) -> None:
    """Invariant 11 from raw facts, whatever kind of shield."""
    seed, question, facts = case
    if facts.shields:
        assert all(not d.kept & SHIELDED for d in engine(seed).decide(question.situation(), facts))


@given(route=routes(), state=states())
def test_identifiers_and_criminal_data_go_only_to_classes_that_may_hold_them(route: Route, state: int) -> None:
    """D-17 and S-27 hold in every state, whatever consents or overrides."""
    outcome, klass = evaluate(route, state), route.recipient_class
    assert klass is not None
    goes = outcome.open | outcome.by_consent

    assert set(names_of(goes & IDENTIFIERS)) <= set(klass.identifiers)
    assert klass.criminal or not goes & CRIMINAL
    assert klass.visits_family or not goes & CATEGORIES["worker_risk"].mask


@pytest.mark.parametrize("name", ["offences", "victim", "religion", "photograph", "former_name", "gp", "financial"])
def test_what_the_notice_never_shares_never_goes(name: str) -> None:
    """S-06: a category in no shared group and no rule is on no Lancashire route at all."""
    assert all(not route.allow & CATEGORIES[name].mask for route in open_routes(LANCASHIRE))


def _confidential(route: Route) -> bool:
    return route.recipient_class is not None and route.recipient_class.confidential


def _form(route: Route) -> tuple[bool, bool]:
    return (route.form is not None and route.form.before_consent, route.form is not None and route.form.threshold_first)
