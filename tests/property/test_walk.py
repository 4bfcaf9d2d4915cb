"""The walk of all states is exact: every state is in one leaf, and the leaf says what the engine decides for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given

from hub.policy import state as s
from hub.policy.outcomes import evaluate
from hub.policy.route import Outcome, Route
from hub.policy.rules import RULES
from hub.policy.snapshot import Snapshot
from hub.policy.unknown import BITS, merged
from hub.policy.walk import Leaf, NotFollowed, essence, leaves, shape
from tests.property.draws import LANCASHIRE, open_routes, routes, states
from tests.support.policies import named, packaged_names

STATES_A_ROUTE = 3


@cache
def leaves_of(shaped: Route) -> tuple[Leaf, ...]:
    """The leaves of a shape, walked once."""
    return leaves(shaped)


def every_route(name: str, day: str) -> Iterator[Route]:
    """Every route of a policy on a day, blocked ones too; of the senders that could send a form, each third."""
    snapshot = Snapshot(named(name), day)
    for form in named(name).forms:
        able = [a for a, row in snapshot.agencies.items() if set(row.roles) & set(form.sources)]
        for purpose in form.purposes:
            for sender in (*able[::3], ""):
                for recipient in snapshot.agencies:
                    yield snapshot.route(form.id, purpose, sender, recipient)


def told(outcome: Outcome) -> Outcome:
    """The essence of an outcome without the sentences behind each withheld category, which no shape has."""
    bare = essence(outcome)
    return replace(bare, why=tuple((name, (reason, ())) for name, (reason, _) in bare.why))


@pytest.mark.parametrize("name", packaged_names())
def test_on_every_route_the_leaf_that_fits_says_what_the_engine_decides(name: str) -> None:
    """Thousands of random states over every route of each policy: exactly one leaf of its shape fits, and it is right."""
    rng, found = random.Random(name), named(name)
    for route in every_route(name, found.valid_to or "2026-11-22"):
        cut = leaves_of(shape(route))
        for _ in range(STATES_A_ROUTE):
            state = rng.getrandbits(BITS.bit_length()) & rng.getrandbits(BITS.bit_length()) & BITS
            (fitting,) = (leaf for leaf in cut if leaf.holds(state))
            assert told(fitting.outcome) == told(evaluate(route, state))


@pytest.mark.parametrize("name", packaged_names())
def test_the_leaves_of_every_shape_part_all_states(name: str) -> None:
    """No two leaves share a state, and their states add up to all there are."""
    found = named(name)
    for shaped in {shape(route) for route in every_route(name, found.valid_to or "2026-11-22")}:
        cut = leaves_of(shaped)
        assert 1 << BITS.bit_count() == sum(leaf.states for leaf in cut)
        for one, other in combinations(cut, 2):
            assert one.set & other.clear or one.clear & other.set


@given(route=routes(), state=states())
def test_made_up_policies_are_walked_exactly(route: Route, state: int) -> None:
    """On any route of any policy, unshaped: the leaf that fits gives the engine's outcome, sentences included."""
    (fitting,) = (leaf for leaf in leaves(route) if leaf.holds(state))

    assert essence(evaluate(route, state)) == fitting.outcome


def _any_route() -> Route:
    return next(route for route in open_routes(LANCASHIRE) if [b.id for b in route.bases] == ["consent"])


@pytest.mark.parametrize(
    "unheard_of",
    [
        lambda state: state | s.CONSENT,
        lambda state: state + 1,
        lambda state: ~state,
        lambda state: state == 0,
        lambda state: not state,
        lambda state: state in {0, 1},
        lambda state: (state & s.CONSENT) == s.CONSENT,
        lambda state: (state & s.CONSENT) | (state & s.S47),
        lambda state: int(state & s.CONSENT),
        lambda state: [0, 1][state & s.SHIELDED],
        lambda state: state & -1,
        lambda state: state & state,
        lambda state: state.bit_count(),
        lambda state: f"{state:b}",
        range,
    ],
)
def test_what_the_walk_cannot_follow_it_refuses(unheard_of: Callable[[Any], object]) -> None:
    """A rule that treats the state as a number is never followed by a guess."""

    def rule(_route: Route, state: Any, _trail: Any) -> None:
        unheard_of(state)

    with pytest.raises(NotFollowed):
        leaves(_any_route(), (*RULES, rule))


def test_a_rule_that_fails_is_refused() -> None:
    """Where a rule fails nothing is known, so nothing is proved."""

    def rule(_route: Route, state: int, _trail: Any) -> None:
        if state & s.S47:
            raise KeyError("S47")

    with pytest.raises(NotFollowed, match="a rule failed"):
        leaves(_any_route(), (*RULES, rule))


def test_a_rule_that_looks_at_what_others_found_is_refused() -> None:
    """The walk passes over reviews that a ruling lifts, so no rule may look at them."""

    def rule(_route: Route, _state: int, trail: Any) -> None:
        if trail.failures:
            trail.deny("NO_BASIS")

    with pytest.raises(NotFollowed):
        leaves(_any_route(), (*RULES, rule))


def test_a_rule_that_knows_it_is_walked_is_found_out() -> None:
    """Each leaf is held against the engine on real states, so a rule cannot behave in one way for the proof and in another later."""

    def rule(_route: Route, state: Any, trail: Any) -> None:
        if isinstance(state, int):
            trail.deny("NO_BASIS")

    with pytest.raises(NotFollowed, match="another way"):
        leaves(_any_route(), (*RULES, rule))


def test_a_rule_of_any_kind_is_walked() -> None:
    """A rule that asks for several bits at once, and for more on one side only, is cut where it asks."""

    def rule(_route: Route, state: int, trail: Any) -> None:
        if state & (s.S17 | s.S47) and not state & s.PARA18:
            trail.deny("NO_BASIS")

    cut = leaves(_any_route(), (rule,))

    assert {"DENY": "NO_BASIS"} == {leaf.outcome.decision: leaf.outcome.reasons[0] for leaf in cut}
    assert 1 << BITS.bit_count() == sum(leaf.states for leaf in cut)


def test_merging_keeps_every_state() -> None:
    """Four cubes that differ in two bits are one; what differs in more than one bit at once stays apart."""
    assert [(4, 0)] == merged([(5, 2), (7, 0), (4, 3), (6, 1)])
    assert {(5, 2), (6, 1)} == set(merged([(5, 2), (6, 1)]))
