"""Every way of a category is told, with its sentences; where there is none, the engine's own reason stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.councils.analysis.explanation import NO_AGENCY, NO_SENDER, Explanation, explain_category, overview
from hub.councils.loader import load
from hub.councils.packaged import packaged
from hub.policy import state as s
from hub.policy.model import Policy
from hub.policy.outcomes import evaluate
from hub.policy.route import Route
from hub.policy.snapshot import Snapshot
from hub.policy.vocabulary import CATEGORIES

DATA = Path(__file__).parents[2] / "data"
SMALL = load((DATA / "small-policy.yaml").read_text(encoding="utf-8"))
TODAY = "2026-11-22"


def told(category: str, policy: Policy = SMALL, *, to: str = "", form: str = "") -> Explanation:
    """What is told of a category today."""
    return explain_category(policy, category, TODAY, to=to, form=form)


def reasons(found: Explanation) -> set[str]:
    """Why there is no way."""
    return {wall.reason for wall in found.walls}


def test_a_way_has_rule_form_basis_needs_and_sentences() -> None:
    """Health data goes to the nurses for support, with consent, as far as it reaches; or by an override, without any condition, not."""
    (road,) = told("medical").roads

    assert ("support", "support", (("nurses", ""),), ("assessment",)) == (
        road.rule,
        road.purpose,
        road.recipients,
        road.forms,
    )
    ((term, outcome),) = road.outcomes
    assert (s.CONSENT, "consent", "explicit_consent", True) == (term.needs, term.basis, term.condition, term.narrowed)
    assert "6(1)(a)" == outcome.article
    assert {"SN-03", "SN-04", "SN-06"} <= set(road.facts)


def test_what_keeps_it_back_is_told() -> None:
    """An instruction is weighed here; the district decides which nurses."""
    ((term, _),) = told("medical").roads[0].outcomes

    assert {(s.INSTRUCTED, "REVIEW"), (s.WRONG_DISTRICT, "DENY"), (s.DISTRICT_UNKNOWN, "REVIEW")} <= set(term.stops)
    assert s.WRONG_SCHOOL not in {bit for bit, _ in term.stops}


@pytest.mark.parametrize(
    ("category", "to", "form", "reason"),
    [
        ("medical", "service", "", "NOT_SHARED"),
        ("ethnicity", "nurses", "", "ALLOW_LIST"),
        ("ethnicity", "nurses", "", "ANONYMISED_ONLY"),
        ("nhs_number", "nurses", "", "IDENTIFIER_RULE"),
        ("offences", "nurses", "", "CRIMINAL_ROUTE"),
        ("name", "nurses", "hello", "NO_RULE"),
    ],
)
def test_no_way_has_the_reason_of_the_engine(category: str, to: str, form: str, reason: str) -> None:
    """What the fields, the register or the purpose say."""
    found = told(category, to=to, form=form)

    assert () == found.roads or reason == "NO_RULE"
    assert reason in reasons(found)


def test_nobody_there_and_nobody_to_send_are_told() -> None:
    """A class without an agency, a form without a source: there is no route of which the engine could speak."""
    nobody = replace(SMALL, agencies=tuple(r for r in SMALL.agencies if r.recipient_class != "service"))

    found = told("name", nobody)

    assert {NO_AGENCY, NO_SENDER} <= reasons(found)
    assert "service" not in found.reached


def test_one_agency_may_be_asked_about() -> None:
    """An agency whose agreement has ended is kept apart from its class."""
    rows = tuple(replace(r, agreement_id="") if r.id == "lower-nurses" else r for r in SMALL.agencies)
    policy = replace(SMALL, agencies=rows)

    assert {(("nurses", "upper-nurses"),)} == {road.recipients for road in told("name", policy, to="nurses").roads}
    alone = told("name", policy, to="lower-nurses")
    assert () == alone.roads
    assert "NO_AGREEMENT" in reasons(alone)


def test_the_overview_holds_every_recipient_and_purpose_once() -> None:
    """It is short, and leaves nobody out."""
    found = explain_category(load(packaged()["lancashire-cfw-001"]), "medical", TODAY)

    rows = [
        (recipient, purpose)
        for one in overview(found.roads)
        for recipient in one.recipients
        for purpose in one.purposes
    ]

    assert sorted(set(rows)) == sorted(rows)
    assert set(rows) == {(recipient, road.purpose) for road in found.roads for recipient in road.recipients}


@pytest.mark.parametrize("name", sorted(packaged()))
@pytest.mark.parametrize("category", ["medical", "address", "offences", "upn"])
def test_what_is_told_is_what_the_engine_decides(name: str, category: str) -> None:
    """Whoever a way leads to gets the category in the state that the way asks for, under the engine's own routes."""
    policy = load(packaged()[name])
    day = policy.valid_to or TODAY
    snapshot = Snapshot(policy, day)
    for road in explain_category(policy, category, day).roads:
        for klass, agency in road.recipients:
            someone = agency or next(a for a, row in snapshot.agencies.items() if row.recipient_class == klass)
            senders = [a for a in snapshot.agencies if a != someone]
            for form in road.forms:
                routes = [snapshot.route(form, road.purpose, sender, someone) for sender in senders]
                for term, outcome in road.outcomes:
                    assert any(_goes(route, term.needs, category, outcome.basis) for route in routes)


def _goes(route: Route, state: int, category: str, basis: str) -> bool:
    outcome = evaluate(route, state)
    goes = outcome.open | outcome.by_consent
    return outcome.decision == "PERMIT" and outcome.basis == basis and bool(goes & CATEGORIES[category].mask)
