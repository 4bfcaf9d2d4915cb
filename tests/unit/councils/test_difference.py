"""The difference of two policies is one of meaning: who gets what for what on which terms, and not of words."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from hub.councils.analysis import structure
from hub.councils.analysis.days import Pair, pairs
from hub.councils.analysis.difference import Difference, compare
from hub.councils.analysis.grouping import Change
from hub.councils.loader import load
from hub.policy import state as s
from hub.policy.model import Policy, Sharing
from hub.policy.vocabulary import names_of

DATA = Path(__file__).parents[2] / "data"
SMALL = load((DATA / "small-policy.yaml").read_text(encoding="utf-8"))
TODAY = "2026-11-22"
NOW = (Pair(TODAY, TODAY, TODAY, TODAY),)


def with_rule(name: str, policy: Policy = SMALL, **changes: Any) -> Policy:
    """The small policy with one sharing rule changed."""
    return replace(policy, sharing=tuple(replace(r, **changes) if r.id == name else r for r in policy.sharing))


def with_class(name: str, **changes: Any) -> Policy:
    """The small policy with one class changed."""
    return replace(SMALL, classes=tuple(replace(c, **changes) if c.id == name else c for c in SMALL.classes))


def with_agency(agency: str, /, **changes: Any) -> Policy:
    """The small policy with the last row of one agency changed."""
    rows = list(SMALL.agencies)
    last = max(n for n, row in enumerate(rows) if row.id == agency)
    rows[last] = replace(rows[last], **changes)
    return replace(SMALL, agencies=tuple(rows))


def only(found: Difference, kind: str) -> Change:
    """The one change of a kind, when it is the only one."""
    (change,) = found.changes
    assert kind == change.kind
    return change


@pytest.mark.parametrize(
    "same",
    [
        SMALL,
        replace(SMALL, title="Other title", version="2", service="Other words", quotes=(("SN-01", "Other words."),)),
        with_rule("safety", title="other", facts=("SN-02",), id="renamed"),
        replace(SMALL, groups=tuple(replace(g, title="other", id=f"{g.id}") for g in SMALL.groups)),
        replace(SMALL, choices=(), contacts=(), informative=(), setting_reasons=()),
        with_agency("lower-nurses", name="Other name", agreement_id="A-9"),
        with_rule("safety", only=("address", "name")),
    ],
)
def test_words_are_no_difference(same: Policy) -> None:
    """Titles, reasons, sentences, names of rules and of papers, and the order of lists change no decision."""
    assert compare(SMALL, same, pairs(SMALL, same, TODAY)).none


def test_rules_split_in_two_are_no_difference() -> None:
    """Meaning is what goes, however many rules say so."""
    (rule,) = (r for r in SMALL.sharing if r.id == "first-contact")
    split = replace(SMALL, sharing=(*SMALL.sharing, replace(rule, id="again", forms=("nothing",))))

    assert compare(SMALL, split, NOW).none


def test_a_category_that_is_added_is_gained() -> None:
    """Told by recipient, purpose, form and category, with its basis."""
    change = only(compare(SMALL, with_rule("safety", only=("name", "address", "gender")), NOW), "gained")

    assert ((("nurses", ""),), ("safety",), ("assessment",)) == (change.recipients, change.purposes, change.forms)
    assert ("gender",) == names_of(change.mask)
    assert {"duty_16la"} == {term.basis for term in change.after}
    assert frozenset() == change.before


def test_a_category_that_is_taken_out_is_lost() -> None:
    """The mirror image of gained."""
    change = only(compare(SMALL, with_rule("safety", only=("name",)), NOW), "lost")

    assert ("address",) == names_of(change.mask)
    assert frozenset() == change.after


@pytest.mark.parametrize(
    ("other", "aspects"),
    [
        (with_rule("safety", bases=("public_task",)), ("basis", "obligations")),
        (with_rule("support", needs=("stated_reason",)), ("needs",)),
        (with_rule("support", obliges=("NO_DETRIMENT",)), ("obligations",)),
        (with_rule("support", every="month"), ("stops",)),
        (replace(SMALL, override=replace(SMALL.override, limbs=("RISK_OF_HARM",))), ("basis", "override")),
        (replace(SMALL, override=replace(SMALL.override, connective="both")), ("basis", "override")),
        (replace(SMALL, override=replace(SMALL.override, instructions="bar")), ("stops",)),
        (with_class("nurses", select="school"), ("stops",)),
    ],
)
def test_other_terms_are_told_by_what_changed(other: Policy, aspects: tuple[str, ...]) -> None:
    """Basis, needs, condition, override, obligations, stops: each is a difference, and each is named."""
    found = compare(SMALL, other, NOW)

    assert {"changed"} == {change.kind for change in found.changes}
    assert set(aspects) <= {aspect for change in found.changes for aspect in change.aspects}


def test_a_condition_less_is_told() -> None:
    """Without explicit consent as a condition, health data is lost, and nothing else is."""
    change = only(compare(SMALL, with_rule("support", conditions=()), NOW), "lost")

    assert ("medical",) == names_of(change.mask)


def test_an_agency_that_differs_from_its_class_is_told_by_itself() -> None:
    """Out of the duty, one agency gets on a public task what the others of its class get by the duty."""
    found = compare(SMALL, with_agency("lower-nurses", in_duty="no"), NOW)

    assert {(("nurses", "lower-nurses"),)} == {change.recipients for change in found.changes}


def test_a_new_agency_of_a_known_class_is_a_matter_of_the_register() -> None:
    """What it gets, its class got before."""
    row = replace(next(r for r in SMALL.agencies if r.id == "lower-nurses"), id="more-nurses")

    found = compare(SMALL, replace(SMALL, agencies=(*SMALL.agencies, row)), NOW)

    assert ((), [("new", "more-nurses", "nurses")]) == (
        found.changes,
        [(c.kind, c.agency, c.klass) for c in found.register],
    )


@pytest.mark.parametrize(
    ("other", "kind", "detail"),
    [
        (replace(SMALL, agencies=tuple(r for r in SMALL.agencies if r.id != "lower-nurses")), "gone", ()),
        (with_agency("lower-nurses", valid_to="2027-01-31"), "ended", (("until", "", "2027-01-31"),)),
        (
            with_agency("lower-nurses", valid_to="2027-01-31", successor="upper-nurses"),
            "replaced",
            (("until", "", "2027-01-31"), ("successor", "", "upper-nurses")),
        ),
        (with_agency("lower-nurses", districts=("E07999901",)), "changed", (("districts", "E07999902", "E07999901"),)),
    ],
)
def test_the_register_says_what_becomes_of_an_agency(other: Policy, kind: str, detail: tuple[Any, ...]) -> None:
    """Gone, ended, replaced by another, or with other words in its row."""
    (change,) = compare(SMALL, other, NOW).register

    assert ("lower-nurses", kind, detail) == (change.agency, change.kind, change.detail)


def test_a_rule_that_begins_later_is_told_with_its_days() -> None:
    """All days on which both are in force are compared from today on, so nothing waits unseen in the future."""
    rule = Sharing(
        "later",
        "later",
        ("contact",),
        ("nurses",),
        ("contact_permission",),
        ("who",),
        ("SN-03",),
        valid_from="2027-03-01",
    )

    other = replace(SMALL, sharing=(*SMALL.sharing, rule))
    found = compare(SMALL, other, pairs(SMALL, other, TODAY))

    assert {(("2027-03-01", ""),)} == {change.spans for change in found.changes}
    assert compare(SMALL, other, NOW).none


@pytest.mark.parametrize("promised", [True, False])
def test_a_new_kind_of_recipient_is_said_first_where_the_notice_promises_it(*, promised: bool) -> None:
    """LE-29, S-24: people are told before a new kind of recipient is added."""
    settings = replace(SMALL.settings, notify_new_recipients=promised)
    other = with_rule("support", to=("nurses", "service"), policy=replace(SMALL, settings=settings))
    before = replace(SMALL, sharing=tuple(r for r in SMALL.sharing if r.id != "first-contact"))

    found = compare(before, other, NOW)

    assert (("service",), promised) == (found.new_classes, found.must_tell)


def test_settings_and_rows_are_compared_field_by_field() -> None:
    """A clock, a lawful gateway, who may send a form: each is told with its value before and now."""
    other = replace(
        SMALL,
        settings=replace(SMALL.settings, review_hours=12),
        bases=tuple(replace(b, gateway=("Act C",)) if b.id == "public_task" else b for b in SMALL.bases),
        forms=tuple(replace(f, recipients=("nurses",)) if f.id == "assessment" else f for f in SMALL.forms),
        controls=tuple((kind, ("nurse",) if kind == "consent" else roles) for kind, roles in SMALL.controls),
    )

    told = {(p.section, p.row, p.field, p.before, p.after) for p in compare(SMALL, other, NOW).plain}

    assert {
        ("settings", "", "review_hours", "24", "12"),
        ("bases", "public_task", "gateway", "Act A 2004 s.10", "Act C"),
        ("forms", "assessment", "recipients", "none", "nurses"),
        ("controls", "consent", "sent by", "staff", "nurse"),
    } == told


def test_every_part_of_a_policy_is_compared_or_is_words() -> None:
    """A section that a later format adds must be placed before it can be forgotten."""
    assert {field.name for field in fields(Policy)} == {*structure.ROWS, *structure.ELSEWHERE, *structure.WORDS_ONLY}


def test_the_short_form_is_by_recipient_and_purpose() -> None:
    """Forms and exceptional ways are left to the long form, and are counted as finer differences."""
    other = replace(SMALL, override=replace(SMALL.override, connective="both"))

    found = compare(SMALL, other, NOW)

    assert found.changes
    assert found.finer
    assert () == found.short


def test_what_differs_only_where_things_come_together_is_a_difference() -> None:
    """The least ways are the same; with consent on record besides, another basis is relied on, and less goes."""
    one, other = (
        with_rule("support", bases=bases, conditions=())
        for bases in (("public_task", "consent"), ("consent", "public_task"))
    )

    found = compare(one, other, NOW)

    assert ((), False) == (found.changes, found.none)
    (told,) = found.rare
    assert ("nurses", "support", "assessment", s.CONSENT) == (told.klass, told.purpose, told.form, told.state)
    assert ("PERMIT (public_task)", "PERMIT (consent)") == (told.before, told.after)


def test_the_terms_that_stay_are_not_told() -> None:
    """Of a change, only what comes and what goes."""
    found = compare(SMALL, with_rule("support", bases=("public_task", "consent")), NOW)

    told = {term.needs for change in found.changes for term in change.before & change.after}
    assert set() == told
    assert any(term.needs == s.CONSENT for change in found.changes for term in change.before)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (("2018-01-01", "2020-12-31"), ("2021-01-01", ""), ("2020-12-31", TODAY)),
        (("2018-01-01", "2023-03-31"), ("2021-01-01", ""), ("2023-03-31", "2023-03-31")),
        (("2027-01-01", ""), ("2021-01-01", ""), ("2027-01-01", "2027-01-01")),
        (("2021-01-01", ""), ("2021-01-01", ""), (TODAY, TODAY)),
    ],
)
def test_the_days_are_those_on_which_both_are_in_force(
    a: tuple[str, str], b: tuple[str, str], expected: tuple[str, str]
) -> None:
    """From today on; in the past only, the last such day; never together, for each the day nearest to today."""
    one, other = (replace(SMALL, valid_from=start, valid_to=end) for start, end in (a, b))

    first = pairs(one, other, TODAY)[0]

    assert expected == (first.a, first.b)
    assert (("2025-05-01", "2026-05-01"),) == tuple(
        (p.a, p.b) for p in pairs(one, other, TODAY, ("2025-05-01", "2026-05-01"))
    )
