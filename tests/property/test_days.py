"""Days: a row holds from its first day to its last, both included, and engines agree whenever they are asked (D-25)."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.policy.engine import Engine
from hub.policy.facts import Facts
from hub.policy.model import AgencyRow, Sharing
from hub.policy.snapshot import boundaries
from tests.oracles.cases import Draw
from tests.oracles.days import shifted
from tests.oracles.question import Question
from tests.property.draws import LANCASHIRE, SEEDS, cases, engine, policy
from tests.support.policies import lancashire

ROWS = [row for row in lancashire().agencies if row.valid_from >= lancashire().valid_from]
AGREEMENTS = [row for row in lancashire().agencies if row.agreement_id and row.agreement_to]
DATED = [rule for rule in lancashire().sharing if rule.valid_to]


def reasons(agency: str, day: str) -> tuple[str, ...]:
    """Why a plain question to an agency is refused on a day."""
    question = Question(
        "early_help_assessment", "early_help", "lancashire-cfw", day, requested=(agency,), ask_only=True
    )
    return engine(LANCASHIRE).decide(question.situation(), Facts())[0].outcome.reasons


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.id} from {row.valid_from}")
def test_an_agency_is_registered_from_its_first_day_to_its_last(row: AgencyRow) -> None:
    """S-02: on the first and the last day it is there; the day before and the day after, only if another row says so."""
    inactive = {"RECIPIENT_INACTIVE", "NO_POLICY"}
    neighbours = {(r.valid_from, r.valid_to) for r in lancashire().agencies if r.id == row.id and r is not row}

    assert not inactive & set(reasons(row.id, row.valid_from))
    if row.valid_to:
        after = shifted(row.valid_to, 1)
        assert not inactive & set(reasons(row.id, row.valid_to))
        assert ("RECIPIENT_INACTIVE" in reasons(row.id, after)) == (not any(start == after for start, _ in neighbours))
    before = shifted(row.valid_from, -1)
    assert bool(inactive & set(reasons(row.id, before))) == (not any(end == before for _, end in neighbours))


@pytest.mark.parametrize("row", AGREEMENTS, ids=lambda row: f"{row.id} from {row.valid_from}")
def test_an_agreement_counts_on_its_last_day_and_not_after(row: AgencyRow) -> None:
    """S-05: the last day of an agreement still counts, the next does not."""
    if not row.valid_to or row.agreement_to <= row.valid_to:
        assert "NO_AGREEMENT" not in reasons(row.id, row.agreement_to)
        assert "NO_AGREEMENT" in reasons(row.id, shifted(row.agreement_to, 1))


@pytest.mark.parametrize("rule", DATED, ids=lambda rule: rule.id)
def test_a_sharing_rule_holds_on_its_last_day_and_not_after(rule: Sharing) -> None:
    """D-25: the closed road was open on its last day and is shut the day after."""

    def why(day: str) -> tuple[str, ...]:
        question = Question(rule.forms[0], rule.purposes[0], "lancashire-cfw", day, requested=("mhclg",), ask_only=True)
        return engine(LANCASHIRE).decide(question.situation(), Facts())[0].outcome.reasons

    assert "NO_RULE" not in why(rule.valid_to)
    assert "NO_RULE" in why(shifted(rule.valid_to, 1))


def test_the_duty_binds_from_its_first_day() -> None:
    """D-01: the day before it begins the sender needs consent; on the day itself the duty carries the referral."""
    start = lancashire().settings.duty_16la_from
    question = Question(
        *("early_help_assessment", "safeguarding", "lancashire-cfw", start),
        present=frozenset(("name",)),
        requested=("lancashire-constabulary",),
        ask_only=True,
    )
    first = engine(LANCASHIRE).decide(question.situation(), Facts())[0].outcome
    before = engine(LANCASHIRE).decide(replace(question, day=shifted(start, -1)).situation(), Facts())[0].outcome

    assert ("PERMIT", "duty_16la") == (first.decision, first.basis)
    assert ("DENY", ("CONSENT_MISSING",)) == (before.decision, before.reasons)


def test_a_policy_is_stale_the_day_after_its_review_date() -> None:
    """On the review date it still decides; from the next day every decision that would be made goes to a person."""
    last = lancashire().settings.review_by

    assert "STALE_POLICY" not in reasons("barnardos", last)
    assert "STALE_POLICY" in reasons("barnardos", shifted(last, 1))


@given(seed=SEEDS, order=st.randoms(use_true_random=False))
def test_the_day_asked_before_changes_nothing(seed: int, order: random.Random) -> None:
    """Snapshots are kept by stretch of days: an engine that saw many days decides as a fresh one does on each."""
    rng = random.Random(seed)
    draw = Draw(policy(seed), rng)
    question = draw.question()
    facts = draw.facts(question)
    days = [shifted(edge, by) for edge in boundaries(policy(seed)) for by in (-1, 0, 1)]
    used = Engine([policy(seed)])
    for day in order.sample(days, min(len(days), 6)):
        asked = replace(question, day=day).situation()
        expected = Engine([policy(seed)]).decide(asked, facts)
        assert [(d.recipient, d.outcome, d.kept) for d in expected] == [
            (d.recipient, d.outcome, d.kept) for d in used.decide(asked, facts)
        ]


@given(case=cases())
def test_the_latest_version_in_force_decides(case: tuple[int, Question, Facts]) -> None:
    """D-25: a later version governs from its first day, and only from then."""
    seed, question, facts = case
    old = policy(seed)
    later = replace(old, version="2", valid_from="2026-11-23", digest=f"{old.digest}-2", sharing=())
    both = Engine([later, old])

    on_the_eve = replace(question, day="2026-11-22").situation()
    assert both.decide(on_the_eve, facts) == engine(seed).decide(on_the_eve, facts)
    assert all(
        d.outcome.decision != "PERMIT" for d in both.decide(replace(question, day="2026-11-23").situation(), facts)
    )
