"""Coverage: which rule enforces each sentence of a notice, and which case proves it."""

from __future__ import annotations

from dataclasses import replace

from hub.councils.coverage import INFORMATIVE, OPEN, STATED, Case, Row, Rule, coverage, fact_order, tally
from hub.policy.model import Policy
from hub.policy.promises import Retention
from tests.support.policies import lancashire


def row(policy: Policy, fact: str, *cases: Case) -> Row:
    """The row of one fact."""
    return next(found for found in coverage(policy, cases) if found.fact == fact)


def test_a_fact_that_decides_is_open_until_a_case_proves_it() -> None:
    """A rule that no case has tried is no proof that the sentence is kept."""
    case = Case("05.yaml", "An instruction bars", ("LN-69",))

    assert (OPEN, "no golden case proves it") == (
        (found := row(lancashire(), "LN-69")).status,
        found.reason,
    )
    proved = row(lancashire(), "LN-69", case, Case("06.yaml", "Another", ("LN-70",)))
    assert ("enforced", (case,), "") == (proved.status, proved.cases, proved.reason)
    assert Rule("controls", "instruct_not_to") in proved.rules
    assert Rule("override", "override") in proved.rules


def test_a_fact_that_no_row_cites_is_open() -> None:
    """Neither a rule nor an explanation: the notice says it and the file ignores it."""
    policy = replace(lancashire(), informative=())

    assert (OPEN, "no row cites it") == ((found := row(policy, "LN-16")).status, found.reason)
    assert (INFORMATIVE, "where the service keeps its records; the hub keeps no body of a message") == (
        (found := row(lancashire(), "LN-16")).status,
        found.reason,
    )


def test_rows_that_decide_nothing_only_state() -> None:
    """Acts, rights, contacts and the head of the file are shown in the paper; no case could prove them by a decision."""
    case = Case("01.yaml", "Whatever", ("LN-57c", "LN-146", "LN-01", "LN-126"))

    for fact, sections in (
        ("LN-57c", {"legislation", "choices"}),
        ("LN-146", {"contacts"}),
        ("LN-01", {"policy"}),
        ("LN-126", {"retention"}),
    ):
        found = row(lancashire(), fact, case)
        assert (STATED, sections) == (found.status, {rule.section for rule in found.rules}), fact
        assert not any(rule.decides for rule in found.rules)


def test_a_retention_row_decides_once_it_says_what_it_is_about() -> None:
    """With categories or forms its maximum travels with releases, so a case can prove it."""
    policy = lancashire()
    kept = Retention("paper", "creation", "", "12 months", ("LN-126",), "paper", forms=("registration",))

    assert OPEN == row(replace(policy, retention=(kept,)), "LN-126").status


def test_every_fact_has_one_row_in_the_order_of_the_notice() -> None:
    """LN-57a stands between LN-56 and LN-60, LN-100 after LN-94; rules of law and of the hub are no facts of a notice."""
    policy = lancashire()
    found = [row.fact for row in coverage(policy, ())]

    assert sorted((name for name, _ in policy.quotes if name.startswith("LN-")), key=fact_order) == found
    assert ["LN-56", "LN-57a"] == found[found.index("LN-56") :][:2]
    assert ["LN-94", "LN-100"] == found[found.index("LN-94") :][:2]
    assert len(found) == sum(tally(coverage(policy, ())).values())
