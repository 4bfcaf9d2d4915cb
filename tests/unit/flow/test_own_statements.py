"""What a message says for itself: why it is needed, who works with the family, what the family was told, and what lasts of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hub.flow.case import Case, own_information, read_case, ruled, situation
from hub.flow.judge import Judgement, judge
from hub.policy import state as s
from hub.policy.changes import apply
from hub.policy.engine import Engine
from hub.policy.facts import NOTHING_KNOWN, Facts, Informed, OpenRequest, Returned
from hub.policy.model import Policy
from hub.schemas.registry import packaged
from tests.corpus.messages import subject_message
from tests.support.partner import CFW, SCHOOL, Body, filled
from tests.support.policies import lancashire, lancashire_engine

DAY, LATER = "2026-11-22", "2026-12-01"
FORM = "early_help_assessment"
TOLD = {"aware": "yes", "recipients": [SCHOOL], "purposes": ["early_help"]}


def case_of(body: Body, name: str = "Referral", sender: str = CFW, parts: int = 1, day: str = DAY) -> Case:
    """A body as the decide agent opens it."""
    return read_case(subject_message(name, body, sender, day, packaged(), (parts, "exact")), packaged())


def assessment(awareness: Body | None = None, role: str = "child", **person: Any) -> Body:
    """An Early Help Assessment about one person, for the school."""
    body = filled(FORM)
    body["persons"] = [{**body["persons"][0], "role": role, **person}]
    unsaid = {"covers": [], "recipients": [], "purposes": [], "consent": "no"}
    body["awareness"] = {**body["awareness"], **unsaid, **(awareness or {})}
    return {**body, "recipients": [SCHOOL]}


def bits_of(case: Case) -> int:
    """The message's own bits under the Lancashire policy."""
    snapshot = lancashire_engine().at(DAY)
    assert snapshot is not None
    return situation(case, snapshot).bits


@pytest.mark.parametrize(("need", "stated"), [("To plan support in class.", True), (" ", False), (None, False)])
def test_a_need_in_words_is_a_stated_reason(need: str | None, stated: bool) -> None:  # noqa: FBT001
    """Access with a stated reason takes a reason: an empty one is none (S-20)."""
    assert stated == bool(bits_of(case_of(assessment({"need": need}))) & s.STATED_REASON)


def test_a_question_states_its_reason_and_the_answer_inherits_it() -> None:
    """A request says why; the answer to one that was passed on needs no reason of its own, and any other answer has none."""
    request = filled("share_request")
    response = filled("share_response")
    ticket = response["request_id"].partition(".")[0]
    asked = OpenRequest(ticket, "m1", CFW, SCHOOL, "early_help")
    answered = judge(case_of(response, "ShareResponse", SCHOOL), Facts(requests=(asked,)), lancashire_engine())
    unasked = judge(case_of(response, "ShareResponse", SCHOOL), NOTHING_KNOWN, lancashire_engine())

    assert bits_of(case_of(request, "ShareRequest")) & s.STATED_REASON
    assert bits_of(answered.case) & s.STATED_REASON
    assert not bits_of(unasked.case) & s.STATED_REASON


def test_agencies_that_work_with_the_family_are_those_the_message_names() -> None:
    """Only the person's own list counts, by the agency's id; an entry without one names nobody."""
    involved = [{"agency": SCHOOL, "role": "teacher"}, {"role": "somebody"}, {"agency": "homestart"}]
    snapshot = lancashire_engine().at(DAY)
    assert snapshot is not None

    assert (SCHOOL, "homestart") == situation(
        case_of(assessment(early_help={"agencies_involved": involved})), snapshot
    ).involved
    assert () == situation(case_of(assessment(early_help=None)), snapshot).involved


@pytest.mark.parametrize(
    ("awareness", "role", "parts", "told"),
    [
        (TOLD, "child", 2, True),
        (TOLD, "parent", 1, True),
        (TOLD, "parent", 2, False),
        ({**TOLD, "covers": ["p1"]}, "parent", 2, True),
        ({**TOLD, "covers": ["p2"]}, "child", 2, False),
        ({**TOLD, "aware": "no"}, "child", 1, False),
        ({**TOLD, "aware": "not_known"}, "child", 1, False),
        ({**TOLD, "recipients": []}, "child", 1, False),
        ({**TOLD, "purposes": []}, "child", 1, False),
    ],
)
def test_telling_reaches_no_further_than_a_consent(awareness: Body, role: str, parts: int, told: bool) -> None:  # noqa: FBT001
    """One person's being told is never another adult's (D-14), and knowing of the form is not being told of a recipient."""
    found = own_information(case_of(assessment(awareness, role), parts=parts))

    assert (Informed((SCHOOL,), ("early_help",)) if told else None) == found


def changed(change: Callable[[Any], Any]) -> Engine:
    """The Lancashire policy with every sharing rule changed."""
    policy: Policy = lancashire()
    return Engine([replace(policy, sharing=tuple(change(rule) for rule in policy.sharing))])


def decided(judgement: Judgement) -> list[str]:
    """What was decided about the school."""
    return [d.outcome.decision for d in judgement.decisions if d.recipient == SCHOOL]


def test_what_the_form_says_of_being_told_counts_for_that_form_alone() -> None:
    """A rule that needs the person to be told is met by the message's own word; nothing lasts of it."""
    engine = changed(lambda rule: replace(rule, bases=("public_task",), needs=("informed",)))
    told = judge(case_of(assessment(TOLD)), NOTHING_KNOWN, engine)
    untold = judge(case_of(assessment({"aware": "yes"})), NOTHING_KNOWN, engine)

    assert (["PERMIT"], NOTHING_KNOWN) == (decided(told), told.lasting)
    assert ["DENY"] == decided(untold)
    assert ["PERMIT"] == decided(
        judge(
            case_of(assessment({"aware": "yes"})), apply(NOTHING_KNOWN, "informed", {**TOLD, "status": "told"}), engine
        )
    )


def test_a_monthly_return_goes_once_a_month() -> None:
    """The second return to the same recipient for the same purpose in a month is refused, and the next month's goes (S-16)."""
    engine = changed(lambda rule: replace(rule, bases=("public_task",), every="month"))
    first = judge(case_of(assessment()), NOTHING_KNOWN, engine)
    again = judge(case_of(assessment()), first.lasting, engine)
    later = judge(case_of(assessment(), day=LATER), again.lasting, engine)

    assert (Returned(SCHOOL, "early_help", "2026-11"),) == tuple(
        r for r in first.lasting.returns if r.recipient == SCHOOL
    )
    assert (["PERMIT"], ["DENY"], ["PERMIT"]) == (decided(first), decided(again), decided(later))
    assert again.lasting == first.lasting
    assert "2026-12" in {r.month for r in later.lasting.returns}


def test_what_is_refused_is_no_return() -> None:
    """Only what went counts, so that a refusal does not use up the month."""
    engine = changed(lambda rule: replace(rule, bases=("consent",), every="month"))

    assert () == judge(case_of(assessment()), NOTHING_KNOWN, engine).lasting.returns


def test_a_ruling_returns_in_its_own_month() -> None:
    """What a person permits later goes in the month in which it goes (D-25)."""
    engine = changed(lambda rule: replace(rule, bases=("public_task",), every="month"))
    outer = {"subject_message_id": "f" * 32, "received_at": f"{LATER}T09:00:00Z", "part": 1}
    ruling = {"decision": "permit", "recipients": [SCHOOL], "by": "officer"}
    done = judge(ruled(case_of(assessment()), outer, ruling), NOTHING_KNOWN, engine)

    assert (Returned(SCHOOL, "early_help", "2026-12"),) == done.lasting.returns


def test_a_ruling_does_not_revive_what_was_taken_back() -> None:
    """A family that was said to have been told, and was not, is not told by the form that waits; told after all, it is."""
    engine = changed(lambda rule: replace(rule, bases=("public_task",), needs=("informed",)))
    outer = {"subject_message_id": "f" * 32, "received_at": f"{LATER}T09:00:00Z", "part": 1}
    held = ruled(case_of(assessment(TOLD)), outer, {"decision": "permit", "recipients": [SCHOOL], "by": "officer"})
    back = apply(NOTHING_KNOWN, "informed", {"status": "retracted", "recipients": [SCHOOL], "purposes": []})
    after_all = apply(back, "informed", {**TOLD, "status": "told", "purposes": ["*"]})

    assert ["PERMIT"] == decided(judge(held, NOTHING_KNOWN, engine))
    assert ["DENY"] == decided(judge(held, back, engine))
    assert ["PERMIT"] == decided(judge(held, after_all, engine))
