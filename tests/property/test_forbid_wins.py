"""One bar more never discloses more (invariants 1, 9, 11; style: forbid wins).

The legal exceptions, each a test of its own: a whole override (LN-70) carries what consent no longer carries; a person's ruling
answers a question. Neither is opened by the bar itself.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub.policy import state as s
from hub.policy.changes import apply
from hub.policy.engine import Decision
from hub.policy.facts import Facts
from hub.policy.outcomes import evaluate
from hub.policy.overrides import override_limbs
from hub.policy.route import Route
from tests.oracles.question import Question
from tests.property.draws import LANCASHIRE, cases, duty_routes, engine, open_routes, routes, states

BARS = (
    *("INSTRUCTED", "RESTRICTED", "OBJECTED", "SHIELDED", "DETRIMENT", "RULED_REFUSE", "SERVICE_DECLINED"),
    *("CONTACT_BARRED", "IDENTITY_UNSURE", "FACTS_UNSURE", "STALE_POLICY", "CLOCK_SKEW", "REQUEST_UNKNOWN"),
    *("DISTRICT_UNKNOWN", "SCHOOL_UNKNOWN", "WRONG_DISTRICT", "WRONG_SCHOOL", "OVERRIDE_INCOMPLETE"),
)
LEAVE = ("CONTACT", "S47", "PARA18", "OVERRIDE_LAW", "OVERRIDE_HARM", "OVERRIDE_CRIME", "RULED_PERMIT", "CONSENT")
"""What opens: without it there is never more."""

NARROWING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("instruct_not_to", {"status": "set", "scope": "all", "target": None}),
    ("instruct_not_to", {"status": "set", "scope": "class", "target": "alpha"}),
    ("instruct_not_to", {"status": "set", "scope": "class", "target": "constabulary"}),
    ("objection", {"status": "set", "purposes": ["*"]}),
    ("objection", {"status": "set", "purposes": ["welfare", "safeguarding"]}),
    ("restriction", {"status": "set"}),
    ("shield", {"status": "set", "kind": "refuge"}),
    ("service_agreement", {"status": "declined"}),
    ("contact_permission", {"status": "withdrawn"}),
    ("threshold", {"section": "s47", "status": "ended"}),
    *(("consent", {"status": status}) for status in ("withdrawn", "refused", "expired")),
    ("consent", {"status": "withdrawn", "categories": ["name", "medical", "substance_misuse"]}),
    ("consent", {"status": "refused", "purposes": ["help", "early_help"]}),
)


def reach(route: Route, state: int) -> tuple[bool, int, int]:
    """Whether it is permitted, what goes by itself, and what goes at most."""
    outcome = evaluate(route, state)
    return outcome.decision == "PERMIT", outcome.open, outcome.open | outcome.by_consent


@pytest.mark.parametrize("bar", BARS)
@given(route=routes(), state=states())
def test_a_bar_never_opens(bar: str, route: Route, state: int) -> None:
    """Adding a bar to any state turns nothing into a PERMIT and lets no category go that did not go."""
    before, after = reach(route, state), reach(route, state | s.NAMES[bar])

    assert after[0] <= before[0]
    assert not after[1] & ~before[1]
    assert not after[2] & ~before[2]


@pytest.mark.parametrize("leave", LEAVE)
@given(route=routes(), state=states())
def test_taking_leave_away_never_opens(leave: str, route: Route, state: int) -> None:
    """Taking consent, a threshold, a claim or a ruling away opens nothing, unless an override stands instead of consent."""
    bit = s.NAMES[leave]
    assume(leave != "CONSENT" or not override_limbs(route, state))
    barred = s.CONSENT_BARRED if leave == "CONSENT" else 0
    before, after = reach(route, state | bit), reach(route, (state & ~bit) | barred)

    assert after[0] <= before[0]
    assert not after[1] & ~before[1]
    assert not after[2] & ~before[2]


@given(case=cases(), change=st.sampled_from(NARROWING))
def test_a_control_that_narrows_never_opens(
    case: tuple[int, Question, Facts], change: tuple[str, dict[str, Any]]
) -> None:
    """On whole cases, from raw facts: no narrowing control gives any recipient a category more."""
    seed, question, facts = case
    assume(change[0] != "consent" or not any(flag.startswith("OVERRIDE") for flag in question.flags))
    before = {d.recipient: d for d in engine(seed).decide(question.situation(), facts)}
    for decision in engine(seed).decide(question.situation(), apply(facts, *change)):
        _no_more(before[decision.recipient], decision)


@given(case=cases())
def test_a_control_about_nobody_in_particular_stops_everything(case: tuple[int, Question, Facts]) -> None:
    """A control that fits several people leaves each of them pending: nothing is released until a person settles it."""
    seed, question, facts = case
    pending = apply(facts, "consent", {"status": "given"}, unresolved=True)

    assert all(d.outcome.decision != "PERMIT" for d in engine(seed).decide(question.situation(), pending))


@given(route=routes(), state=states())
def test_an_override_carries_what_consent_no_longer_carries(route: Route, state: int) -> None:
    """The exception to withdrawal (LN-70, S-12): if an ended consent lets more go, a whole override is named as the reason."""
    before, after = reach(route, state | s.CONSENT), reach(route, (state & ~s.CONSENT) | s.CONSENT_BARRED)
    if after[0] > before[0] or after[1] & ~before[1]:
        assert evaluate(route, (state & ~s.CONSENT) | s.CONSENT_BARRED).limb


@given(route=duty_routes(), state=states())
def test_missing_consent_never_blocks_a_duty(route: Route, state: int) -> None:
    """Invariant 9, D-04: where the duty binds both sides, neither consent nor instruction nor a declined service decides."""
    asked = s.CONSENT | s.CONSENT_BARRED | s.CONTACT | s.CONTACT_BARRED | s.SERVICE | s.SERVICE_DECLINED | s.INSTRUCTED
    without = evaluate(route, state & ~asked)
    for barred in (s.CONSENT_BARRED, s.SERVICE_DECLINED, s.INSTRUCTED, s.CONTACT_BARRED):
        assert without.decision == evaluate(route, (state & ~asked) | barred).decision


def test_an_instruction_under_the_duty_is_noted() -> None:
    """D-04: the duty overcomes an instruction, visibly: a note of the conflict, and the person is informed."""
    route = next(r for r in open_routes(LANCASHIRE) if r.duty and r.rule and r.rule.bases[0] == "duty_16la")

    assert {"CONFLICT_NOTE", "INFORM_SUBJECT"} <= set(evaluate(route, s.INSTRUCTED).obligations)


def _no_more(before: Decision, after: Decision) -> None:
    assert not after.kept & ~before.kept
    assert after.outcome.decision != "PERMIT" or before.outcome.decision == "PERMIT"
