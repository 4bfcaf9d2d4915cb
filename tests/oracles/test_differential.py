"""The compiled engine agrees with a slow, obvious evaluator, with Rego and with Cedar, on generated cases.

One case is one message about one subject. Every recipient of it is judged by the engine and the naive evaluator; one of them,
and under made-up policies every one, also by Rego and Cedar, which read the policy as data. Seeds are fixed: a failure can be run again.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from hub.policy.engine import Decision, Engine
from hub.policy.facts import Facts
from hub.policy.model import Policy
from hub.policy.reasons import REASONS
from hub.policy.vocabulary import names_of
from tests.oracles.cases import cases
from tests.oracles.cedar import Cedar
from tests.oracles.naive import answers
from tests.oracles.question import Answer, Question
from tests.oracles.rego import Rego
from tests.oracles.worlds import world
from tests.support.policies import engine_of, lancashire, lancashire_engine, named, packaged_names

CHUNKS, EACH = 10, 500
"""5,000 cases, in parts so that they run beside each other."""
OTHERS = [name for name in packaged_names() if name != "lancashire-cfw-001"]

NOT_A_DECISION = {
    "NOT_COLLECTED",
    *("NOT_SHARED", "ALLOW_LIST", "IDENTIFIER_RULE", "CRIMINAL_ROUTE", "VISITORS_ONLY"),
    *("SENSITIVE_SERVICE", "NO_CONDITION", "CONSENT_SCOPE", "UNCLASSIFIED", "SHIELDED"),
}
"""Reasons of a withheld field, never of a whole decision."""
NOT_ON_THIS_WAY = {
    "RULE_ERROR": "no rule of the hub raises",
    "NO_RECIPIENT": "a question always names a recipient or finds some",
    "REQUEST_UNKNOWN": "the flow asks it, before the policy",
}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_four_evaluators_agree_on_the_lancashire_notice(chunk: int) -> None:
    """Compiled masks, plain sets, Rego and Cedar give the same decision and the same categories."""
    policy = lancashire()
    rego, cedar = Rego(policy), Cedar(policy)
    for number, (question, facts) in enumerate(cases(policy, chunk, EACH)):
        decisions = _agreed(lancashire_engine(), policy, question, facts)
        _others_agree(rego, cedar, question, facts, decisions[number % len(decisions)])


@pytest.mark.parametrize("name", OTHERS)
def test_four_evaluators_agree_on_every_packaged_notice(name: str) -> None:
    """They agree on each other file that comes with the hub, on days of its own time."""
    policy, engine = named(name), engine_of((name,))
    rego, cedar = Rego(policy), Cedar(policy)
    for number, (question, facts) in enumerate(cases(policy, 0, 400)):
        decisions = _agreed(engine, policy, question, facts)
        _others_agree(rego, cedar, question, facts, decisions[number % len(decisions)])


@pytest.mark.parametrize("seed", range(90))
def test_four_evaluators_agree_on_made_up_policies(seed: int) -> None:
    """They agree where a policy sets what Lancashire does not: both limbs, legal obligation, thresholds, no override."""
    policy = world(random.Random(seed))
    engine, rego, cedar = Engine([policy]), Rego(policy), Cedar(policy)
    for question, facts in cases(policy, seed, 20):
        for decision in _agreed(engine, policy, question, facts):
            _others_agree(rego, cedar, question, facts, decision)


@pytest.mark.parametrize("seed", range(1000, 1100))
def test_engine_and_naive_evaluator_agree_on_many_policies(seed: int) -> None:
    """The two that are quick agree on many more policies."""
    policy = world(random.Random(seed))
    engine = Engine([policy])
    for question, facts in cases(policy, seed, 30):
        _agreed(engine, policy, question, facts)


def test_the_cases_meet_every_reason() -> None:
    """Generated cases are worth comparing only if they reach every reason that can decide."""
    met: Counter[str] = Counter()
    drawn = [(lancashire(), chunk, EACH) for chunk in range(CHUNKS)]
    drawn += [(world(random.Random(seed)), seed, 30) for seed in range(1000, 1050)]
    for policy, seed, number in drawn:
        engine = lancashire_engine() if policy is lancashire() else Engine([policy])
        for question, facts in cases(policy, seed, number):
            for decision in engine.decide(question.situation(), facts):
                met[decision.outcome.reasons[0] if decision.outcome.reasons else "PERMIT"] += 1

    assert set(REASONS) - NOT_A_DECISION - set(NOT_ON_THIS_WAY) <= set(met)
    assert met["PERMIT"] > sum(met.values()) / 10


def _agreed(engine: Engine, policy: Policy, question: Question, facts: Facts) -> list[Decision]:
    """Return the engine's decisions, which are the naive evaluator's."""
    decisions = engine.decide(question.situation(), facts)
    expected = answers(policy, facts, question)

    assert sorted(expected) == sorted(d.recipient for d in decisions)
    for decision in decisions:
        assert expected[decision.recipient] == _answer(decision), (question, facts, decision.recipient)
    return decisions


def _others_agree(rego: Rego, cedar: Cedar, question: Question, facts: Facts, decision: Decision) -> None:
    expected = (decision.outcome.decision, frozenset(names_of(decision.kept)))

    assert expected == rego.answer(question, facts, decision.recipient), (question, facts, decision.recipient)
    assert expected == cedar.answer(question, facts, decision.recipient), (question, facts, decision.recipient)


def _answer(decision: Decision) -> Answer:
    outcome = decision.outcome
    return Answer(
        outcome.decision,
        "" if outcome.decision == "PERMIT" else outcome.reasons[0],
        outcome.basis,
        outcome.limb,
        frozenset(decision.obligations),
        frozenset(names_of(decision.kept)),
    )
