"""How control messages change what is known: each kind by an example."""

from __future__ import annotations

from typing import Any

import pytest

from hub.policy import changes as c
from hub.policy import facts as f
from hub.policy.facts import NOTHING_KNOWN, Consent, Facts, Instruction, OpenRequest

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
