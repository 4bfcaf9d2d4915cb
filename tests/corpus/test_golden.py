"""The golden decisions: what each notice means, case by case, as a policy officer would say it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from hub.policy.reasons import CHANGES, REASONS
from hub.policy.vocabulary import CATEGORIES
from tests.corpus.fragments import ABOUT, DETAILS, marks
from tests.corpus.golden import Golden, actual, expected, goldens, goldens_of, released
from tests.corpus.notice import LISTS, Notice, folders, notices
from tests.support.policies import packaged_names

CASES = goldens()
BY_TITLE = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.notice.name}: {case.title}")
BY_NOTICE = pytest.mark.parametrize("notice", notices(), ids=lambda notice: notice.name)
ENOUGH = 60
FIELD_REASONS = {
    *("NOT_SHARED", "ALLOW_LIST", "IDENTIFIER_RULE", "CRIMINAL_ROUTE", "VISITORS_ONLY"),
    *("SENSITIVE_SERVICE", "NO_CONDITION", "CONSENT_SCOPE", "SHIELDED", "NOT_COLLECTED"),
}
NOT_IN_A_FILE = {
    "RULE_ERROR": "no rule errs; the property tests inject one that does",
    "UNCLASSIFIED": "no packaged schema has an unclassified field; the schema tests add one",
    "ADVERSE_USE": "no notice has a road to such a body that is switched on; the policy tests open one",
}


@BY_TITLE
def test_golden(case: Golden) -> None:
    """The decision for each agency is the one in the file, and the front door says what the file says of it."""
    found, faults = actual(case)

    assert expected(case) == found
    assert set(case.front_door) == set(faults)


@BY_TITLE
def test_nothing_withheld_is_in_what_is_released(case: Golden) -> None:
    """Minimisation is by the bytes: no text of a withheld category is anywhere in the released content, every kept one is."""
    for kept, content in released(case):
        text = json.dumps(content, default=lambda raw: raw.decode())
        leaked = {name for name in {**ABOUT, **DETAILS}.keys() - kept for mark in marks(name) if mark in text}
        assert not leaked


@BY_NOTICE
def test_a_changed_expectation_fails(notice: Notice) -> None:
    """The harness can fail: turning any expectation of a case round is noticed."""
    for case in goldens_of(notice):
        found, _ = actual(case)
        for agency, told in case.expect.items():
            flipped = {**told, "decision": "DENY" if told["decision"] == "PERMIT" else "PERMIT"}
            other = replace(case, expect={**case.expect, agency: flipped})
            assert expected(other) != found
            if told["decision"] == "PERMIT":
                fewer = replace(case, expect={**case.expect, agency: {**told, "keeps": ["photograph"]}})
                assert expected(fewer) != found


def test_a_missing_or_extra_recipient_fails() -> None:
    """The harness looks at everybody who is decided: an agency too few or too many in a file is noticed."""
    case = next(c for c in CASES if len(c.expect) > 1)
    found, _ = actual(case)
    first = next(iter(case.expect))

    assert expected(replace(case, expect={first: case.expect[first]})) != found


def test_each_policy_file_has_a_folder_of_cases_and_each_folder_its_policy_file() -> None:
    """No notice is shipped without golden decisions, and no decisions are kept for a notice that is gone."""
    without_cases = [f"tests/corpus/{name} is missing" for name in packaged_names() if name not in folders()]
    without_policy = [f"policy file {name}.yaml is missing" for name in folders() if name not in packaged_names()]

    assert [*without_cases, *without_policy] == []


@BY_NOTICE
def test_there_are_enough_cases_and_each_has_a_title_of_its_own(notice: Notice) -> None:
    """At least 60 decisions a notice, each with a title by which it can be spoken of, and a reason in words."""
    cases = goldens_of(notice)
    twice = [title for title, number in Counter(case.title for case in cases).items() if number > 1]

    assert not twice
    assert len(cases) >= ENOUGH
    assert all(case.why.strip().endswith(".") for case in cases)


@BY_TITLE
def test_the_facts_of_a_case_are_facts_of_the_notice(case: Golden) -> None:
    """Each case names what it proves: sentences of the notice, rules of the policy file or of the hub."""
    known = dict(case.notice.policy.quotes).keys() | {reason.rule for reason in REASONS.values()}

    assert case.facts
    assert not set(case.facts) - known - LISTS["rules"].keys()


def test_every_reason_and_every_remedy_is_met() -> None:
    """Each reason that the hub can give has a case that gives it, and each change that a case names is one that the hub can name."""
    told = [told for case in CASES for told in case.expect.values()]
    reasons = {t["because"] for t in told if "because" in t}
    fields = {reason for t in told for reason in t.get("withholds", {}).values()}
    changes = {change for t in told for change in t.get("would_permit", ())}

    assert set(REASONS) - FIELD_REASONS - NOT_IN_A_FILE.keys() <= reasons
    assert FIELD_REASONS <= fields
    assert changes <= set(CHANGES)


@BY_NOTICE
def test_every_agency_form_and_purpose_is_met(notice: Notice) -> None:
    """No class of recipient (unless nobody is registered in it), form or purpose of a notice is left without a case."""
    cases, policy = goldens_of(notice), notice.policy
    named = {agency for case in cases for agency in case.expect}
    met = {row.recipient_class for row in policy.agencies if row.id in named}

    assert {row.id for row in policy.classes if not row.vacant} <= met
    assert {form.id for form in policy.forms} <= {case.given["form"] for case in cases}
    assert {purpose.id for purpose in policy.purposes} <= {case.given.get("purpose") for case in cases}


def test_the_sample_content_covers_the_vocabulary() -> None:
    """A case can hold any category: each has sample content, of synthetic people only."""
    assert CATEGORIES.keys() == ABOUT.keys() | DETAILS.keys()
