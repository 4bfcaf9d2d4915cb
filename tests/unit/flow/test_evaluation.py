"""Periods are whole and over; notices that do not promise anonymous figures open no road."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.errors import InputFault
from hub.flow.evaluation.extract import rounded
from hub.flow.evaluation.periods import Period, ended, period_named
from hub.flow.evaluation.tables import ALL, MOST_OF_ONE, OTHER, Counts, declared
from hub.flow.evaluation.warrant import EVALUATION, notices
from hub.flow.policies import Policies
from hub.ledger.ports import Tally
from hub.policy.model import Policy
from tests.support.policies import lancashire, named, packaged_names, policies_of

MAY = period_named("2024-05")
TODAY = "2024-07-01"


def code_of(*policies: Policy, period: Period = MAY, today: str = TODAY) -> list[str]:
    """The codes of the faults with which notices refuse."""
    with pytest.raises(InputFault) as caught:
        notices(Policies(policies), "lancashire", period, today)
    return [fault.code for fault in caught.value.faults]


def changed(name: str = EVALUATION) -> Policy:
    """The notice with its evaluation purpose under this name, and not promised to be anonymous."""
    policy = lancashire()
    rows = tuple(
        replace(row, id=name, anonymised_only=False) if row.id == EVALUATION else row for row in policy.purposes
    )
    return replace(policy, purposes=rows, digest="changed")


@pytest.mark.parametrize(
    ("name", "since", "until", "days"),
    [
        ("2024-02", "2024-02-01", "2024-03-01", 29),
        ("2023-12", "2023-12-01", "2024-01-01", 31),
        ("2024-Q1", "2024-01-01", "2024-04-01", 91),
        ("2024-Q4", "2024-10-01", "2025-01-01", 92),
    ],
)
def test_a_period_is_whole_months(name: str, since: str, until: str, days: int) -> None:
    """From the first day of its first month to the last of its last."""
    period = period_named(name)

    assert (since, until, days) == (period.since, period.until, len(period.days))
    assert period.months == tuple(sorted({day[:7] for day in period.days}))


def test_a_period_is_ready_a_whole_day_after_its_end() -> None:
    """What came in its last minutes is in the register by then; an extract is for ever."""
    for today in ("2024-05-31", "2024-06-01"):
        with pytest.raises(InputFault) as caught:
            ended(MAY, today)
        assert "NOT_ENDED" == caught.value.faults[0].code
    ended(MAY, "2024-06-02")


@pytest.mark.parametrize("name", packaged_names())
def test_every_packaged_notice_lets_evaluation_have_figures(name: str) -> None:
    """All five promise anonymous figures, or are silent and take that as the safe default."""
    policy = named(name)
    period = period_named(policy.valid_from[:4] + "-12" if policy.valid_from > "2020" else "2020-06")

    assert [policy.digest] == [found.digest for found in notices(Policies([policy]), policy.council, period, TODAY)]


def test_a_notice_that_does_not_promise_refuses() -> None:
    """The purpose missing or not `anonymised_only`, in the period or on the day of the release; and a day without a notice."""
    assert ["NOT_FOR_EVALUATION"] == code_of(changed())
    assert ["NOT_FOR_EVALUATION"] == code_of(changed("assessing"))
    assert ["NO_NOTICE"] == code_of(replace(lancashire(), valid_from="2024-05-02"))
    assert ["NO_NOTICE"] == code_of(replace(lancashire(), valid_to="2024-05-30"))
    later = replace(changed(), valid_from="2024-06-15", version="002")
    assert ["NOT_FOR_EVALUATION"] == code_of(replace(lancashire(), valid_to="2024-06-14"), later)


def test_a_period_under_two_notices_asks_both() -> None:
    """A quarter in which the notice changed is made under both; each is named."""
    first = replace(lancashire(), valid_to="2024-05-14", digest="first")
    second = replace(lancashire(), valid_from="2024-05-15", version="002", digest="second")

    assert ["first", "second"] == [row.digest for row in notices(Policies([first, second]), "lancashire", MAY, TODAY)]
    assert ["NOT_FOR_EVALUATION"] == code_of(first, replace(changed(), valid_from="2024-05-15"))


def test_a_council_that_has_ended_can_still_be_evaluated() -> None:
    """Nothing is in force today, and all that was in the period promised it."""
    cumbria = policies_of(("cumbria-strengthening-families-001",))

    assert 1 == len(notices(cumbria, "cumbria", period_named("2022-Q2"), TODAY))


def test_what_no_notice_names_is_other() -> None:
    """Rows are declared: words of a sender, unknown agencies and reasons count together, by no name of theirs."""
    tables = declared([lancashire()], lambda *_: "", MAY)
    counts = Counts(tables)
    counts.add([Tally("2024-05-01", "Ada's form", "Ada's aim", "ada", "DENY", "ADA", 500)])

    assert {OTHER, ALL, "2024-05"} == {row for _, row, _ in counts.persons}
    assert {1} == set(counts.persons.values())
    assert {MOST_OF_ONE} == set(counts.decisions.values())


def test_counts_are_rounded_to_the_nearest_step() -> None:
    """To the nearest five: 12 down, 13 up; from half up where there is a half."""
    assert [10, 10, 15, 15, 20] == [rounded(number, 5) for number in (10, 12, 13, 17, 18)]
    assert [0, 20, 20, 40] == [rounded(number, 20) for number in (9, 10, 29, 30)]
