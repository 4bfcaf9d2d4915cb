"""What the properties range over: routes and states of made-up policies and of the Lancashire notice, and whole cases."""

from __future__ import annotations

import random
from functools import cache

from hypothesis import strategies as st

from hub.policy import state as s
from hub.policy.engine import Engine
from hub.policy.facts import Facts
from hub.policy.model import Policy
from hub.policy.route import Route
from hub.policy.snapshot import Snapshot
from tests.oracles.cases import Draw
from tests.oracles.question import Question
from tests.oracles.worlds import world
from tests.support.policies import lancashire

DAY = "2026-11-22"
BEFORE_THE_DUTY = "2026-09-29"
LANCASHIRE = -1
SEEDS = st.integers(LANCASHIRE, 300)
"""Seed of a made-up policy; -1 is the Lancashire notice."""

_ODD = ("RULED_REFUSE", "DETRIMENT", "IDENTITY_UNSURE", "FACTS_UNSURE", "STALE_POLICY", "REQUEST_UNKNOWN")
_RARE = {name for name in s.NAMES if name in _ODD or "WRONG" in name or name.endswith("_UNKNOWN")}


@cache
def policy(seed: int) -> Policy:
    """The policy of a seed."""
    return lancashire() if seed == LANCASHIRE else world(random.Random(seed))


@cache
def engine(seed: int) -> Engine:
    """One engine for each seed, so that tables are filled once."""
    return Engine([policy(seed)])


@cache
def open_routes(seed: int) -> tuple[Route, ...]:
    """The routes that nothing blocks: the ones on which something may happen."""
    found = {}
    for day in (DAY, BEFORE_THE_DUTY):
        snapshot = engine(seed).at(day)
        assert snapshot is not None
        for route in _routes(snapshot):
            if not route.blocked:
                found[(day, route.form, route.purpose, route.recipient, route.duty)] = route
    return tuple(found.values())


def _routes(snapshot: Snapshot) -> list[Route]:
    policy = snapshot.policy
    return [
        snapshot.route(form.id, purpose, sender, recipient)
        for form in policy.forms
        for purpose in form.purposes
        for sender in [n for n, row in snapshot.agencies.items() if set(row.roles) & set(form.sources)][:5]
        for recipient in snapshot.agencies
    ]


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """A route that nothing blocks, of any policy that has one."""
    found = open_routes(draw(SEEDS)) or open_routes(LANCASHIRE)
    return found[draw(st.integers(0, len(found) - 1))]


@st.composite
def duty_routes(draw: st.DrawFn) -> Route:
    """A route on which the duty of section 16LA binds both sides and is a basis of the rule."""
    found = [r for r in open_routes(draw(SEEDS)) if _by_duty(r)] or [r for r in open_routes(LANCASHIRE) if _by_duty(r)]
    return found[draw(st.integers(0, len(found) - 1))]


def _by_duty(route: Route) -> bool:
    return route.duty and route.rule is not None and "duty_16la" in route.rule.bases


def states() -> st.SearchStrategy[int]:
    """A state: any of the bits, with those that end a case outright drawn seldom, so that much is permitted."""
    usual = [bit for name, bit in s.NAMES.items() if name not in _RARE]
    common = st.sets(st.sampled_from(usual)).map(sum)
    return common | st.integers(0, sum(s.NAMES.values()))


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, Question, Facts]:
    """A policy's seed, a question to it, and what is known."""
    seed = draw(SEEDS)
    drawn = Draw(policy(seed), random.Random(draw(st.integers(0, 2**32))))
    question = drawn.question()
    return seed, question, drawn.facts(question)
