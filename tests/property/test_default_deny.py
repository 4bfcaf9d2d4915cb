"""No rule, no release; unknown is no; a rule that errs withholds (invariant 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.policy import state as s
from hub.policy.engine import CompiledFacts, Engine, decide_all
from hub.policy.facts import Facts
from hub.policy.outcomes import evaluate, work_out
from hub.policy.overrides import Rule, Trail
from hub.policy.route import Route
from hub.policy.rules import RULES
from tests.oracles.question import Question
from tests.property.draws import DAY, LANCASHIRE, cases, engine, open_routes, policy, routes, states

ERRORS: tuple[Callable[[], Exception], ...] = (
    lambda: ValueError("wrong"),
    lambda: KeyError("missing"),
    lambda: AssertionError("impossible"),
    lambda: ZeroDivisionError("nought"),
    lambda: RecursionError("too deep"),
)


def raising(error: Callable[[], Exception]) -> Rule:
    """A rule that raises, whatever it is asked."""

    def rule(_route: Route, _state: int, _trail: Trail) -> None:
        raise error()

    return rule


@given(case=cases())
def test_without_sharing_rules_nothing_is_ever_permitted(case: tuple[int, Question, Facts]) -> None:
    """A policy without sharing rules releases nothing, whatever it is asked and whoever overrides."""
    seed, question, facts = case
    bare = Engine([replace(policy(seed), sharing=())])

    assert all(d.outcome.decision != "PERMIT" for d in bare.decide(question.situation(), facts))


@given(route=routes(), state=states())
def test_a_route_without_a_rule_never_permits(route: Route, state: int) -> None:
    """The engine itself denies where no rule is found, even if nobody had blocked the route."""
    assert "PERMIT" != evaluate(replace(route, rule=None, bases=()), state).decision


@given(case=cases())
def test_without_a_policy_in_force_everything_waits(case: tuple[int, Question, Facts]) -> None:
    """On a day without a policy nothing is released and nothing is lost: a person decides."""
    seed, question, facts = case
    decisions = engine(seed).decide(replace(question, day="1999-12-31", flags=frozenset()).situation(), facts)

    assert [("REVIEW", ("NO_POLICY",))] == [(d.outcome.decision, d.outcome.reasons) for d in decisions]


@given(case=cases(), field=st.sampled_from(("form", "purpose", "sender", "recipient")))
def test_an_unknown_name_is_never_permitted(case: tuple[int, Question, Facts], field: str) -> None:
    """Unknown is its own value: a form, purpose, sender or recipient that the policy does not name is never released to."""
    seed, question, facts = case
    unknown = "not-a-name"
    asked = {
        "form": replace(question, form=unknown),
        "purpose": replace(question, purpose=unknown),
        "sender": replace(question, sender=unknown),
        "recipient": replace(question, requested=(unknown,), ask_only=True),
    }

    decisions = engine(seed).decide(asked[field].situation(), facts)

    assert all(d.outcome.decision != "PERMIT" for d in decisions)


def test_unknown_names_do_not_fill_the_tables() -> None:
    """A sender cannot make the engine grow by making names up: all unknown names share one route."""
    snapshot = Engine([policy(LANCASHIRE)]).at(DAY)
    assert snapshot is not None
    for number in range(50):
        name = f"name-{number}"
        question = Question(name, name, name, DAY, requested=(name,), ask_only=True)
        decide_all(snapshot, question.situation(), CompiledFacts(snapshot, Facts(), DAY))

    assert 1 == len(snapshot._routes)


@pytest.mark.parametrize("error", ERRORS, ids=[type(error()).__name__ for error in ERRORS])
@given(route=routes(), state=states(), place=st.integers(0, len(RULES)))
def test_a_rule_that_errs_never_discloses(error: Callable[[], Exception], route: Route, state: int, place: int) -> None:
    """Wherever in the order a rule raises, and whatever was ruled, nothing goes and a person is asked: RULE_ERROR."""
    outcome = work_out(route, state, (*RULES[:place], raising(error), *RULES[place:]))

    assert ("REVIEW", ("RULE_ERROR",)) == (outcome.decision, outcome.reasons)
    assert (0, 0) == (outcome.open, outcome.by_consent)
    assert ("REVIEW_POLICY",) == outcome.would_permit


@given(route=routes(), state=states())
def test_a_rule_that_errs_seldom_never_discloses_then(route: Route, state: int) -> None:
    """A forbid that raises only where it would bar does not let the rest go on without it."""

    def fragile(_route: Route, asked: int, _trail: Trail) -> None:
        if asked & s.INSTRUCTED:
            raise LookupError

    outcome = work_out(route, state | s.INSTRUCTED, (*RULES, fragile))

    assert "REVIEW" == outcome.decision


def test_a_route_that_is_damaged_never_discloses() -> None:
    """An error outside the rules, while fields are worked out, withholds as well."""
    route = next(r for r in open_routes(LANCASHIRE) if r.bases and r.bases[0].id == "consent")
    damaged = replace(route, why=(("name",),))  # type: ignore[arg-type]

    assert "PERMIT" == evaluate(route, s.CONSENT).decision
    assert ("REVIEW", ("RULE_ERROR",)) == (evaluate(damaged, s.CONSENT).decision, evaluate(damaged, s.CONSENT).reasons)


@given(case=cases(), data=st.data())
def test_the_order_of_rows_is_irrelevant(case: tuple[int, Question, Facts], data: st.DataObject) -> None:
    """Rows of a policy, and instructions and objections of a subject, may stand in any order."""
    seed, question, facts = case
    told = policy(seed)

    def shuffled(rows: tuple[object, ...]) -> object:
        return tuple(data.draw(st.permutations(rows)))

    names = ("groups", "purposes", "forms", "classes", "agencies", "bases", "sharing")
    other = replace(told, **{name: shuffled(getattr(told, name)) for name in names})  # type: ignore[arg-type]
    mixed = replace(facts, instructions=tuple(reversed(facts.instructions)), shields=tuple(reversed(facts.shields)))
    one = {d.recipient: (d.outcome, d.kept) for d in engine(seed).decide(question.situation(), facts)}
    two = {d.recipient: (d.outcome, d.kept) for d in Engine([other]).decide(question.situation(), mixed)}

    assert {n: (o.decision, o.reasons, kept) for n, (o, kept) in one.items()} == {
        n: (o.decision, o.reasons, kept) for n, (o, kept) in two.items()
    }


@given(route=routes(), state=states())
def test_the_order_of_test_names_the_failure_and_never_lets_more_go(route: Route, state: int) -> None:
    """The tests before the lawful basis may be asked in any order: whether it is permitted does not depend on it."""
    first, rest = RULES[:5], RULES[5:]
    expected = evaluate(route, state)
    for some in list(permutations(first))[::17]:
        found = evaluate(route, state, (*some, *rest))
        assert (expected.decision == "PERMIT") == (found.decision == "PERMIT")
        assert (expected.open, expected.by_consent) == (found.open, found.by_consent)


@given(asked=st.lists(cases(), min_size=2, max_size=6))
def test_what_was_asked_before_changes_nothing(asked: list[tuple[int, Question, Facts]]) -> None:
    """Invariant 5: the tables only remember; a fresh engine gives the same decisions as one that has seen much."""
    for seed, question, facts in asked:
        used = engine(seed).decide(question.situation(), facts)
        fresh = Engine([policy(seed)]).decide(question.situation(), facts)
        assert [(d.recipient, d.outcome, d.kept) for d in used] == [(d.recipient, d.outcome, d.kept) for d in fresh]
