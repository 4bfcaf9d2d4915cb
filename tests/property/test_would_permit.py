"""The smallest change that would permit (invariant 8): it really would, and nothing less would."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given

from hub.policy import state as s
from hub.policy.facts import Facts
from hub.policy.outcomes import _CHANGES, _OVERRIDES, evaluate, work_out
from hub.policy.reasons import CHANGES, REASONS
from hub.policy.route import Route
from tests.oracles.question import Question
from tests.property.draws import cases, engine, routes, states

STATE_CHANGES = {code: (sets, clears) for code, sets, clears in (*_CHANGES, *_OVERRIDES)}
OVERRIDES = {code for code, _, _ in _OVERRIDES}


def permits(route: Route, state: int, codes: tuple[str, ...]) -> bool:
    """Whether it is permitted once the changes have been made."""
    for sets, clears in (STATE_CHANGES[code] for code in codes):
        state = (state | sets) & ~clears
    return evaluate(route, state).decision == "PERMIT"


@given(route=routes(), state=states())
def test_the_named_changes_permit_and_nothing_less_does(route: Route, state: int) -> None:
    """Making the changes permits; leaving any of them out does not. Where no change of the case would, none is named."""
    outcome = work_out(route, state)
    named = outcome.would_permit
    if outcome.decision == "PERMIT":
        assert named == ()
    elif set(named) <= set(STATE_CHANGES):
        assert permits(route, state, named)
        assert not any(permits(route, state, fewer) for n in range(len(named)) for fewer in combinations(named, n))
    else:
        assert not permits(route, state, tuple(STATE_CHANGES))


@given(route=routes(), state=states())
def test_an_override_is_named_only_as_the_last_resort(route: Route, state: int) -> None:
    """Nobody is told to override where the person or the council could properly open the way."""
    outcome = work_out(route, state)
    if set(outcome.would_permit) & OVERRIDES:
        assert not permits(route, state, tuple(code for code, _, _ in _CHANGES))


@given(case=cases())
def test_every_word_of_a_decision_is_from_a_closed_list(case: tuple[int, Question, Facts]) -> None:
    """Reasons, changes and obligations are known words; whatever is not permitted has a reason and a change."""
    seed, question, facts = case
    for decision in engine(seed).decide(question.situation(), facts):
        outcome = decision.outcome
        assert set(outcome.reasons) <= set(REASONS)
        assert set(outcome.would_permit) <= set(CHANGES)
        assert outcome.decision == "PERMIT" or (outcome.reasons and outcome.would_permit)
        assert {reason for _, (reason, _) in outcome.why} <= set(REASONS)


@given(route=routes(), state=states())
def test_a_refusal_by_a_person_closes_whatever_was_asked(route: Route, state: int) -> None:
    """A ruling to refuse is a DENY in every state: it never leaves the case waiting again."""
    outcome = evaluate(route, state | s.RULED_REFUSE)

    assert ("DENY", "RULED_REFUSE") == (outcome.decision, outcome.reasons[0])


@given(route=routes(), state=states())
def test_a_bare_ruling_to_permit_is_no_override(route: Route, state: int) -> None:
    """S-12: without a limb that suffices, a ruling does not lift an instruction, a missing basis or a missing threshold.

    Where the notice gives no right to bar, an instruction is weighed, and the ruling is the weighing.
    """
    limbs = s.OVERRIDE_LAW | s.OVERRIDE_HARM | s.OVERRIDE_CRIME | s.OVERRIDE_WELLBEING
    bare = (state & ~limbs) | s.RULED_PERMIT
    without = (state & ~limbs) & ~s.RULED_PERMIT
    asked = {
        "INSTRUCTED",
        "OVERRIDE_INCOMPLETE",
        "THRESHOLD_FIRST",
        "CONSENT_MISSING",
        "CONSENT_ENDED",
        "IDENTITY_UNSURE",
    }
    if route.override.instructions == "weigh":
        asked.remove("INSTRUCTED")
    if set(evaluate(route, without).reasons) & asked:
        assert evaluate(route, bare).decision != "PERMIT"
