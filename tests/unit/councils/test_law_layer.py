"""The law above the notices cannot be weakened: a file that tries is refused, and a policy that skips the checker is cut down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from hub.councils.loader import load
from hub.errors import PolicyFault
from hub.policy import law
from hub.policy import state as s
from hub.policy.model import Policy, RecipientClass
from hub.policy.route import Route
from hub.policy.snapshot import Snapshot
from hub.policy.vocabulary import CATEGORIES, CRIMINAL, IDENTIFIERS, SPECIAL, names_of
from hub.policy.walk import Leaf, leaves

SMALL: Final = (Path(__file__).parents[2] / "data" / "small-policy.yaml").read_text(encoding="utf-8")
DAY: Final = "2026-11-22"

CLASS: Final = "    title: nurses\n    kind: health\n    in_duty: yes\n"
AGREED: Final = "      agreement: {id: A-3, from: 2025-01-01}\n"
SAFETY: Final = "    bases: [duty_16la, public_task]\n    only: [name, address]\n"
FORM: Final = "    title: assessment\n"
OFFENCES: Final = "    bases: [public_task]\n    conditions: [criminal_offence]\n    only: [name, offences]\n"
ARTICLE_10: Final = "  criminal_offence:\n    title: offences\n    article: 10\n    because: [SN-03]\n\npurposes:\n"


def as_kind(kind: str, *claims: str) -> tuple[str, str]:
    """The change that makes the nurses another kind of body, with claims."""
    return CLASS, f"    title: nurses\n    kind: {kind}\n" + "".join(f"    {claim}\n" for claim in claims)


ATTEMPTS: Final[dict[str, tuple[str, str, tuple[tuple[str, str], ...]]]] = {
    "a pupil number for a charity": ("WIDENS_LAW", "nurses:", (as_kind("voluntary", "identifiers: [upn]"),)),
    "an NHS number for the police": ("WIDENS_LAW", "nurses:", (as_kind("police", "identifiers: [nhs_number]"),)),
    "an NHS number for a school": ("WIDENS_LAW", "nurses:", (as_kind("education", "identifiers: [nhs_number]"),)),
    "a pupil number for a health body": ("WIDENS_LAW", "nurses:", (as_kind("health", "identifiers: [upn]"),)),
    "the duty for a charity": ("WIDENS_LAW", "nurses:", (as_kind("voluntary", "in_duty: yes"),)),
    "the duty for every body under contract": (
        "WIDENS_LAW",
        "nurses:",
        (as_kind("voluntary_contracted", "in_duty: yes"),),
    ),
    "the duty for a charity by its row in the register": (
        "WIDENS_LAW",
        "- name: Nurses of Lower Sample",
        (as_kind("voluntary"), (AGREED, AGREED + "      in_duty: yes\n")),
    ),
    "the duty before its first day": (
        "WIDENS_LAW",
        "duty_16la_from:",
        (("    value: 2026-09-30\n", "    value: 2026-01-01\n"),),
    ),
    "a question without a threshold first": (
        "WIDENS_LAW",
        "share_request:",
        (("  assessment:\n", "  share_request:\n"), ("forms: [assessment]", "forms: [share_request]")),
    ),
    "offences in an ordinary form": (
        "WIDENS_LAW",
        "safety:\n    title: safety\n    forms",
        (as_kind("police", "criminal: yes"), (SAFETY, OFFENCES), ("\npurposes:\n", ARTICLE_10)),
    ),
    "offences for a charity": (
        "WIDENS_LAW",
        "nurses:",
        (
            as_kind("voluntary", "criminal: yes"),
            (SAFETY, OFFENCES),
            (FORM, FORM + "    criminal: yes\n"),
            ("\npurposes:\n", ARTICLE_10),
        ),
    ),
    "offences without a condition of Article 10": (
        "WIDENS_LAW",
        "safety:\n    title: safety\n    forms",
        (
            as_kind("police", "criminal: yes"),
            (SAFETY, "    bases: [public_task]\n    only: [name, offences]\n"),
            (FORM, FORM + "    criminal: yes\n"),
        ),
    ),
    "a duty of confidence for a charity": ("WIDENS_LAW", "nurses:", (as_kind("voluntary", "confidential: yes"),)),
    "a body that may turn data against people, and is forbidden nothing": (
        "WIDENS_LAW",
        "safety:\n    title: safety\n    forms",
        (as_kind("fraud_prevention"),),
    ),
    "a kind of body that the law does not know": (
        "WRONG_TYPE",
        "kind: voluntary_friends",
        (as_kind("voluntary_friends"),),
    ),
    "no kind at all": ("MISSING", "nurses:", ((CLASS, "    title: nurses\n"),)),
    "a form that overrules the shield": (
        "UNKNOWN_KEY",
        "shielded: no",
        ((FORM, FORM + "    shielded: no\n"),),
    ),
    "a setting that switches sensitive services off": (
        "UNKNOWN_NAME",
        "sensitive_services:\n    value",
        (("settings:\n", "settings:\n  sensitive_services:\n    value: no\n    reason: none\n    because: [D-01]\n"),),
    ),
    "an override on a ground of its own": (
        "UNKNOWN_NAME",
        "limbs:",
        (("limbs: [LAW_REQUIRES, RISK_OF_HARM]", "limbs: [LAW_REQUIRES, CONVENIENCE]"),),
    ),
    "a lawful basis of its own": (
        "UNKNOWN_NAME",
        "legitimate_interest:",
        (
            (
                "bases:\n  public_task:",
                "bases:\n  legitimate_interest:\n    title: ours\n    article: 6(1)(f)\n    because: [SN-02]\n  public_task:",
            ),
        ),
    ),
    "permission to be contacted for more than contact": (
        "CONTRADICTION",
        "support:\n    title: support\n    forms",
        (("    bases: [consent]\n", "    bases: [contact_permission]\n"),),
    ),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_file_that_widens_the_law_is_refused(name: str) -> None:
    """Each attempt to have more than the law leaves is a fault at its line, and says what to do instead."""
    code, place, changes = ATTEMPTS[name]
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    line = text[: text.index(place)].count("\n") + 1
    with pytest.raises(PolicyFault) as caught:
        load(text, "file.yaml")

    told = [fault for fault in caught.value.faults if fault.code == code]
    assert f"file.yaml:{line}" in [fault.place for fault in told], caught.value.faults
    assert all(fault.remedy for fault in told)


def _claims() -> Iterator[tuple[str, str]]:
    for kind in law.KINDS.values():
        forbidden = [("in_duty: yes", kind.duty != "yes"), ("confidential: yes", not kind.confidential)]
        forbidden += [("criminal: yes", not kind.criminal)]
        forbidden += [(f"identifiers: [{name}]", name not in kind.identifiers) for name in names_of(IDENTIFIERS)]
        yield from ((kind.id, claim) for claim, wrong in forbidden if wrong)


@pytest.mark.parametrize(("kind", "claim"), tuple(_claims()))
def test_no_kind_of_body_claims_what_the_law_does_not_leave_it(kind: str, claim: str) -> None:
    """The whole table: for every kind, each thing that it may not have is refused."""
    with pytest.raises(PolicyFault) as caught:
        load(SMALL.replace(*as_kind(kind, claim), 1), "file.yaml")

    field = claim.partition(":")[0]
    assert any(f.code == "WIDENS_LAW" and f"`{field}`" in f.text for f in caught.value.faults)


# A policy that was made in code and never saw the checker.


def doctored(klass: dict[str, Any], rule: dict[str, Any], form: dict[str, Any] | None = None, **policy: Any) -> Policy:
    """The small policy with its nurses, its safety rule and its assessment changed, past the checker."""
    small = load(SMALL)
    return replace(
        small,
        classes=tuple(replace(row, **klass) if row.id == "nurses" else row for row in small.classes),
        sharing=tuple(replace(row, **rule) if row.id == "safety" else row for row in small.sharing),
        forms=tuple(replace(row, **(form or {})) if row.id == "assessment" else row for row in small.forms),
        **policy,
    )


def route_of(policy: Policy, form: str = "assessment", day: str = DAY) -> Route:
    """The route from the service to the nurses."""
    return Snapshot(policy, day).route(form, "safety", "sample-service", "lower-nurses")


def goes(leaf: Leaf) -> int:
    """The categories that may go in the states of a leaf."""
    return leaf.outcome.open | leaf.outcome.by_consent


def reaches(route: Route) -> int:
    """All categories that may go in any state at all."""
    mask = 0
    for leaf in leaves(route):
        mask |= goes(leaf)
    return mask


@pytest.mark.parametrize("kind", [*law.KINDS, "", "friends"])
def test_no_state_releases_an_identifier_beyond_the_kind(kind: str) -> None:
    """D-17: whatever the class claims, in no state does an identifier go to a kind of body that may not hold it."""
    every = names_of(IDENTIFIERS)
    policy = doctored({"kind": kind, "identifiers": every}, {"only": ("name", *every)})
    allowed = law.KINDS[kind].identifiers if kind in law.KINDS else ()

    assert {"name", *allowed} == set(names_of(reaches(route_of(policy))))


@pytest.mark.parametrize("kind", [*law.KINDS, "", "friends"])
def test_the_duty_binds_no_kind_beyond_the_law(kind: str) -> None:
    """D-01, D-26: a class that claims the duty has it only where its kind is within section 16LA."""
    policy = doctored({"kind": kind, "in_duty": True}, {})

    assert (kind in law.KINDS and law.KINDS[kind].duty == "yes") == route_of(policy).duty


def test_a_row_brings_only_a_contracted_body_within_the_duty() -> None:
    """s.16LA(4)(c): the register binds a body under contract, and no other that the law leaves out."""
    for kind, bound in (("voluntary_contracted", True), ("voluntary", False), ("housing", False), ("friends", False)):
        policy = doctored({"kind": kind, "in_duty": False}, {})
        rows = tuple(replace(row, in_duty="yes") if row.id == "lower-nurses" else row for row in policy.agencies)

        assert bound == route_of(replace(policy, agencies=rows)).duty


def test_the_duty_never_begins_early() -> None:
    """An earlier first day counts from the law's day; a policy without the duty stays without it."""
    early = doctored({}, {}, settings=replace(load(SMALL).settings, duty_16la_from="2026-01-01"))
    never = doctored({}, {}, settings=replace(load(SMALL).settings, duty_16la_from=""))

    assert not route_of(early, day="2026-09-29").duty
    assert route_of(early, day="2026-09-30").duty
    assert not route_of(never).duty


def test_a_question_always_waits_for_its_threshold() -> None:
    """D-11: a share request without `threshold_first` goes nowhere on the public task before a section 47 decision."""
    policy = doctored({}, {"bases": ("public_task",), "forms": ("share_request",)}, {"id": "share_request"})
    asked = [leaf for leaf in leaves(route_of(policy, "share_request")) if goes(leaf)]

    assert asked
    assert all(leaf.set & s.S47 or leaf.outcome.limb for leaf in asked)


CRIMINAL_RULE: Final[dict[str, Any]] = {"only": ("name", "offences", "victim"), "conditions": ("criminal_offence",)}


@pytest.mark.parametrize(
    ("klass", "form", "rule"),
    [
        ({"kind": "police", "criminal": True}, {}, CRIMINAL_RULE),
        ({"kind": "voluntary", "criminal": True}, {"criminal": True}, CRIMINAL_RULE),
        ({"kind": "friends", "criminal": True}, {"criminal": True}, CRIMINAL_RULE),
        ({"kind": "police"}, {"criminal": True}, CRIMINAL_RULE),
        ({"kind": "police", "criminal": True}, {"criminal": True}, {**CRIMINAL_RULE, "conditions": ()}),
    ],
    ids=["ordinary form", "charity", "unknown kind", "class without it", "no condition"],
)
def test_no_state_releases_offences_off_their_route(
    klass: dict[str, Any], form: dict[str, Any], rule: dict[str, Any]
) -> None:
    """S-27, Article 10: form, class, kind and condition must all allow it; where one does not, it goes in no state."""
    found = reaches(route_of(doctored(klass, rule, form)))

    assert found & CATEGORIES["name"].mask
    assert not found & CRIMINAL


def test_offences_do_go_by_their_own_route() -> None:
    """The other side of the rule: with form, class, kind and condition together they go, so the tests above prove something."""
    policy = doctored({"kind": "police", "criminal": True}, CRIMINAL_RULE, {"criminal": True})

    assert CRIMINAL == reaches(route_of(policy)) & CRIMINAL


@pytest.mark.parametrize("kind", ["voluntary", "police", "housing", "friends", ""])
def test_no_duty_of_confidence_by_claiming_one(kind: str) -> None:
    """Article 9(2)(h): health data goes on it to no kind of body that works under no duty of confidence."""
    policy = doctored(
        {"kind": kind, "confidential": True}, {"only": ("name", "medical"), "conditions": ("health_or_social_care",)}
    )

    assert not reaches(route_of(policy)) & SPECIAL


def test_a_body_that_may_turn_data_against_people_gets_nothing_without_a_person() -> None:
    """Articles 22A to 22D: to a fraud prevention agency every release has a ruling on record, whatever else is."""
    released = [leaf for leaf in leaves(route_of(doctored({"kind": "fraud_prevention"}, {}))) if goes(leaf)]

    assert released
    assert all(leaf.set & s.RULED_PERMIT for leaf in released)


def test_what_is_clamped_is_what_the_checker_refuses() -> None:
    """The checker and the engine read one table: a class has a widening exactly where the engine takes something from it."""
    for kind in [*law.KINDS, "friends"]:
        for name in names_of(IDENTIFIERS):
            for flags in ({"in_duty": True}, {"confidential": True}, {"criminal": True}, {"identifiers": (name,)}):
                row = replace(RecipientClass("x", "x", (), kind=kind), **flags)
                assert bool(law.widenings(row)) == (law.clamp(row) != row)
