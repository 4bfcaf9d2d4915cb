"""Ways: the least that opens a route for a category, found by the engine's own rules and by no other reading of them."""

from __future__ import annotations

import random
from functools import cache

import pytest

from hub.councils.analysis import bits
from hub.councils.analysis.reach import Lane, Reach
from hub.councils.analysis.ways import Way, ways
from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.policy import state as s
from hub.policy.outcomes import evaluate
from hub.policy.vocabulary import CATEGORIES
from hub.policy.walk import shape

POLICIES = sorted(packaged())
DRAWS = 40


@cache
def lanes(name: str) -> tuple[Lane, ...]:
    """Some open lanes of a packaged policy, no two of one shape."""
    policy = load(packaged()[name])
    reach = Reach(policy)
    day = policy.valid_to or "2026-11-22"
    shapes = {shape(lane.route): lane for lane in reach.lanes(reach.snapshot(day)) if not lane.route.blocked}
    every = list(shapes.values())
    return tuple(random.Random(7).sample(every, min(len(every), 12)))


def test_each_bit_opens_or_closes_and_has_words() -> None:
    """A bit that is neither would be left out of every explanation without anybody noticing."""
    opening, closing = set(bits.OPENING), set(bits.CLOSING)

    assert set(s.NAMES.values()) == opening | closing
    assert not opening & closing
    assert not (bits.ALWAYS | bits.PLACE) & ~sum(closing)
    assert sum(s.LIMB_BITS.values()) == bits.OVERRIDES


@pytest.mark.parametrize("name", POLICIES)
def test_a_way_opens_what_it_says_and_nothing_less_does(name: str) -> None:
    """With exactly what the way needs its categories go; with any one of its needs less, none of them does."""
    found = [(lane, way) for lane in lanes(name) for way in ways(lane.route)]

    assert found
    for lane, way in found:
        outcome = evaluate(lane.route, way.needs)
        assert ("PERMIT", way.mask) == (outcome.decision, way.mask & (outcome.open | outcome.by_consent))
        for bit in bits.single(way.needs):
            less = evaluate(lane.route, way.needs & ~bit)
            goes = less.open | less.by_consent if less.decision == "PERMIT" else 0
            assert not goes & way.mask


@pytest.mark.parametrize("name", POLICIES)
def test_whatever_goes_has_a_way(name: str) -> None:
    """In any state without a closing bit, each category that goes has a way of which the state holds all needs."""
    draw = random.Random(11)
    for lane in lanes(name):
        known = ways(lane.route)
        for _ in range(DRAWS):
            state = sum(bit for bit in bits.OPENING if draw.random() < 0.4)
            outcome = evaluate(lane.route, state)
            goes = outcome.open | outcome.by_consent if outcome.decision == "PERMIT" else 0
            assert goes == goes & _opened(known, state)


@pytest.mark.parametrize("name", POLICIES)
def test_what_stops_a_way_is_what_the_engine_says(name: str) -> None:
    """Each closing bit takes from a way exactly what the engine withholds when the bit is set beside its needs."""
    for lane in lanes(name):
        for way in ways(lane.route):
            taken = {stop.bit: stop.takes for stop in way.stops}
            for bit in bits.CLOSING:
                outcome = evaluate(lane.route, way.needs | bit)
                goes = outcome.open | outcome.by_consent if outcome.decision == "PERMIT" else 0
                all_ = way.outcome.open | way.outcome.by_consent
                assert taken.get(bit, 0) == all_ & ~goes


def test_a_blocked_route_has_no_way() -> None:
    """What the register or the policy bars, nothing on record opens."""
    policy = load(packaged()["lancashire-cfw-001"])
    reach = Reach(policy)
    blocked = next(lane for lane in reach.lanes(reach.snapshot("2026-11-22")) if lane.route.blocked)

    assert () == ways(blocked.route)


def test_a_stale_policy_leaves_every_way_to_a_person() -> None:
    """After its review day a policy opens nothing without a ruling."""
    lane = lanes("lancashire-cfw-001")[0]

    assert all(way.needs & s.RULED_PERMIT for way in ways(lane.route, s.STALE_POLICY))


def _opened(known: tuple[Way, ...], state: int) -> int:
    mask = 0
    for way in known:
        mask |= way.mask if way.needs & state == way.needs else 0
    return mask & sum(category.mask for category in CATEGORIES.values())
