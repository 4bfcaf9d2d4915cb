"""How control messages change what is known: each kind by an example."""

from __future__ import annotations

from typing import Any

import pytest

from hub.policy import changes as c
from hub.policy import facts as f
from hub.policy.facts import NOTHING_KNOWN, Consent, Facts, Grant, Informed, Instruction, OpenRequest, Returned

GIVEN = {"status": "given", "recipients": ["b", "a", "a"], "purposes": ["help"], "categories": ["*", "name"]}


def told(*controls: tuple[str, dict[str, Any]]) -> Facts:
    """The facts after controls, in order."""
    facts = NOTHING_KNOWN
    for kind, body in controls:
        facts = c.apply(facts, kind, body)
    return facts


def test_a_consent_is_kept_in_one_form() -> None:
    """Scopes are sorted, without repetition, and `*` swallows the rest: equal consents are equal."""
    assert (Consent("given", ("a", "b"), ("help",), ("*",)),) == told(("consent", GIVEN)).consents


def test_an_ending_takes_away_what_it_covers_and_stays_to_say_so() -> None:
    """The ended consent goes; the ending stays, so that "withdrawn" is told from "never asked"."""
    facts = told(("consent", GIVEN), ("consent", {"status": "withdrawn"}))

    assert (Consent("withdrawn", ("*",), ("*",), ("*",)),) == facts.consents


def test_an_ending_of_less_leaves_the_rest() -> None:
    """A withdrawal for one recipient does not take away the consent to two."""
    facts = told(("consent", GIVEN), ("consent", {"status": "withdrawn", "recipients": ["a"]}))

    assert ["given", "withdrawn"] == [c.status for c in facts.consents]


@pytest.mark.parametrize(
    ("kind", "body", "name", "value"),
    [
        ("contact_permission", {"status": "given"}, "contact", "given"),
        ("contact_permission", {"status": "withdrawn"}, "contact", "withdrawn"),
        ("service_agreement", {"status": "declined"}, "service", "declined"),
        ("instruct_not_to", {"status": "set", "scope": "all", "target": "x"}, "instructions", (Instruction("all"),)),
        (
            *("instruct_not_to", {"status": "set", "scope": "class", "target": "voluntary"}),
            *("instructions", (Instruction("class", "voluntary"),)),
        ),
        ("objection", {"status": "set", "purposes": ["help"]}, "objections", ("help",)),
        ("objection", {"status": "set", "purposes": []}, "objections", ("*",)),
        ("restriction", {"status": "set"}, "restricted", True),
        ("threshold", {"section": "s47", "status": "met"}, "s47", True),
        ("threshold", {"section": "s17", "status": "met"}, "s17", True),
        ("shield", {"status": "set", "kind": "refuge"}, "shields", ("refuge",)),
    ],
)
def test_a_control_changes_its_own_fact_and_no_other(kind: str, body: dict[str, Any], name: str, value: object) -> None:
    """Each kind speaks of one thing."""
    facts = told((kind, body))

    assert value == getattr(facts, name)
    assert [name] == [field for field in Facts.__slots__ if getattr(facts, field) != getattr(NOTHING_KNOWN, field)]


@pytest.mark.parametrize(
    "controls",
    [
        (("restriction", {"status": "set"}), ("restriction", {"status": "lifted"})),
        (("shield", {"status": "set", "kind": "refuge"}), ("shield", {"status": "lifted", "kind": "refuge"})),
        (("threshold", {"section": "s47", "status": "met"}), ("threshold", {"section": "s47", "status": "ended"})),
        (
            ("objection", {"status": "set", "purposes": ["help"]}),
            ("objection", {"status": "lifted", "purposes": ["*"]}),
        ),
        (
            ("instruct_not_to", {"status": "set", "scope": "agency", "target": "x"}),
            ("instruct_not_to", {"status": "lifted", "scope": "agency", "target": "x"}),
        ),
    ],
)
def test_what_was_set_can_be_lifted(controls: tuple[tuple[str, dict[str, Any]], ...]) -> None:
    """Afterwards nothing is left of it."""
    assert NOTHING_KNOWN == told(*controls)


def test_lifting_one_purpose_does_not_lift_an_objection_to_all() -> None:
    """Whoever objects to everything and takes one purpose back still objects to everything."""
    facts = told(
        ("objection", {"status": "set", "purposes": []}), ("objection", {"status": "lifted", "purposes": ["help"]})
    )

    assert ("*",) == facts.objections


def test_the_same_request_passed_on_again_is_one_request() -> None:
    """A repetition of a share request does not leave two to be answered."""
    one = OpenRequest("r", "m", "a", "b", "help")

    assert (one,) == c.with_request(c.with_request(NOTHING_KNOWN, one), one).requests


def test_what_is_not_facts_is_not_read() -> None:
    """Bytes that `to_json` did not write are an error, for the caller to fail closed on."""
    for data in (b"", b"{}", b"[]", b"null", NOTHING_KNOWN.to_json().replace(b'"shields":[]', b'"shields":3')):
        with pytest.raises((ValueError, KeyError, TypeError)):
            f.from_json(data)


def test_being_told_is_kept_by_scope_and_taken_back_by_what_it_touches() -> None:
    """The wider telling swallows the narrower; a retraction takes back whatever it touches, and is remembered until told anew."""
    first = {"status": "told", "recipients": ["a"], "purposes": ["help"]}
    wider = {"status": "told", "recipients": ["a", "b"], "purposes": ["*"]}
    back = {"status": "retracted", "recipients": ["b"], "purposes": []}

    assert (Informed(("a", "b"), ("*",)),) == told(("informed", first), ("informed", wider)).informed
    taken = told(("informed", first), ("informed", wider), ("informed", back))
    assert ((), (Informed(("b",), ("*",)),)) == (taken.informed, taken.retracted)
    assert () == c.apply(taken, "informed", wider).retracted


def test_access_ends_by_a_word_or_is_replaced() -> None:
    """One grant for an agency: the later one counts, and an ending leaves none (S-15)."""
    given = {"status": "given", "agency": "a", "starts_on": "2026-11-01", "until": "2026-11-14"}
    longer = {**given, "until": "2026-11-20"}

    assert (Grant("a", "2026-11-01", "2026-11-20"),) == told(("access_grant", given), ("access_grant", longer)).grants
    assert () == told(("access_grant", given), ("access_grant", {**given, "status": "ended"})).grants


def test_care_statuses_are_set_and_ended_each_by_itself() -> None:
    """A child may be looked after and on a plan at once."""
    statuses = [("care_status", {"status": "set", "kind": kind}) for kind in ("looked_after", "child_protection")]

    assert ("child_protection", "looked_after") == told(*statuses).statuses
    assert ("child_protection",) == told(
        *statuses, ("care_status", {"status": "ended", "kind": "looked_after"})
    ).statuses


def test_a_return_replaces_the_one_before() -> None:
    """What is kept does not grow with the months (S-16)."""
    facts = c.with_return(c.with_return(NOTHING_KNOWN, "a", "return", "2026-10"), "a", "return", "2026-11")

    assert (Returned("a", "return", "2026-11"),) == facts.returns
