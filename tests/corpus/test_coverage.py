"""Every sentence of every notice has its rule and its case, and every sentence that a policy file quotes is in the notice."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from hub.councils.coverage import ENFORCED, OPEN, Case, coverage
from tests.corpus.golden import goldens_of
from tests.corpus.notice import Notice, notices
from tests.corpus.touched import touched

NOTICES: Final = Path(__file__).parents[1] / "data" / "notices"
FACT_IDS: Final = (NOTICES / "fact-ids.txt").read_text("utf-8").split()
NOBODY_GOES_THERE = {
    "CW-23": "a condition for offence data, which the notice does not collect: no rule names it, and its case shows that nothing goes",
    "LE-62": "an open class of recipients in which nobody is registered: its case shows that nobody is reached through it",
}
BY_NOTICE = pytest.mark.parametrize("notice", notices(), ids=lambda notice: notice.name)


def ids_of(prefix: str) -> set[str]:
    """The fact ids of one notice."""
    return {fact for fact in FACT_IDS if fact.startswith(f"{prefix}-")}


def text_of(prefix: str) -> str:
    """The notice as it was published, white space normalised."""
    return " ".join((NOTICES / f"{prefix}.txt").read_text("utf-8").split())


def test_every_notice_has_its_policy_file() -> None:
    """No fact id is left without a file that could enforce it."""
    assert {fact.partition("-")[0] for fact in FACT_IDS} == {notice.policy.notice for notice in notices()}


@BY_NOTICE
def test_the_file_knows_every_fact_of_its_notice_and_no_other(notice: Notice) -> None:
    """The list of facts was made from the notices, not from the policy files."""
    quoted = {fact for fact, _ in notice.policy.quotes if fact.startswith(f"{notice.policy.notice}-")}

    assert ids_of(notice.policy.notice) == quoted


@BY_NOTICE
def test_every_sentence_is_in_the_notice(notice: Notice) -> None:
    """Word for word, so that whoever reads a decision can find its sentence; what the notice leaves out says so."""
    text, facts = text_of(notice.policy.notice), ids_of(notice.policy.notice)
    quoted = {fact: sentence for fact, sentence in notice.policy.quotes if fact in facts}

    assert {} == {f: s for f, s in quoted.items() if not s.startswith("(not stated)") and s not in text}


@BY_NOTICE
def test_nothing_is_open(notice: Notice) -> None:
    """A fact that loses its rule, or its last case, is told here by its id."""
    cases = [Case(case.place, case.title, case.facts) for case in goldens_of(notice)]

    assert {} == {row.fact: row.reason for row in coverage(notice.policy, cases) if row.status == OPEN}


@BY_NOTICE
def test_what_is_enforced_is_proved_by_a_case_that_goes_through_it(notice: Notice) -> None:
    """Citing is no proof: of each fact, some case must go through a row that cites it."""
    cases = {case.title: case for case in goldens_of(notice)}
    rows = coverage(notice.policy, [Case(case.place, case.title, case.facts) for case in cases.values()])
    reached = {title: touched(case) for title, case in cases.items()}
    only_cited = [
        row.fact for row in rows if row.status == ENFORCED and not any(row.fact in reached[c.title] for c in row.cases)
    ]

    assert set(only_cited) <= NOBODY_GOES_THERE.keys()
