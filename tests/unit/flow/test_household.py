"""The schools of a household choose the school for its adults, and tell nobody anything: least of all of a shielded child."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.flow.case import read_case, ruled, situation
from hub.flow.household import open_schools, wary
from hub.flow.outcome import Incoming
from hub.ledger.matching import hides
from hub.ledger.ports import PersonResolution
from hub.ledger.sqlite import open_sqlite
from hub.policy.facts import NOTHING_KNOWN, Facts
from hub.schemas.codec import decode
from hub.schemas.registry import packaged
from hub.schemas.topics import DISCLOSURES, REVIEWS, SUBJECTS, inbox, outbox
from tests.corpus.messages import subject_message
from tests.support.load import GOVERNANCE, Load, Sent
from tests.support.paper_hub import PaperHub
from tests.support.partner import CFW, SCHOOL, Body, filled
from tests.support.policies import lancashire_engine

HIGH, NURSERY = "example-high-school", "example-nursery"
FREYA = {"family_name": "Pilkington", "given_names": ["Freya"], "date_of_birth": "2017-08-23"}
TOBY = {"family_name": "Pilkington", "given_names": ["Toby"], "date_of_birth": "2013-02-11"}
DONNA = {"family_name": "Pilkington", "given_names": ["Donna"], "date_of_birth": "1991-04-05"}


def person(label: str, role: str, identity: Body, **education: Any) -> Body:
    """One person of the family."""
    where = {"postcode": "BB9 0AA", "district": "E07000122"}
    found = {"person_id": label, "role": role, "identity": identity, "address": where, "education": education or None}
    return found | ({"contact": {"mobile": "07700 900440"}} if role == "parent" else {})


def family(freya: str = SCHOOL, toby: str = "", donna: str = "") -> list[Body]:
    """A mother and two children, each with the school that the message names for them."""
    return [
        person("p1", "child", FREYA, school_id=freya or None),
        person("p2", "sibling", TOBY, intended_school_id=toby or None),
        person("p3", "parent", DONNA, school_id=donna or None),
    ]


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[PaperHub]:
    """A hub with an empty store."""
    stores = await open_sqlite(tmp_path / "hub.sqlite")
    await stores.migrate()
    yield PaperHub(stores)
    await stores.close()


LOAD = Load(1)


def assessment(persons: list[Body], recipients: tuple[str, ...] = (SCHOOL, HIGH), **awareness: Any) -> Sent:
    """An Early Help Assessment of the family with consent for all of it."""
    body = filled("early_help_assessment")
    scope = {"covers": ["p1", "p2", "p3"], "recipients": ["*"], "purposes": ["*"], "categories": ["*"], **awareness}
    body["awareness"] |= {"aware": "yes", "consent": "yes", **scope}
    return LOAD.plain("Referral", {**body, "persons": persons, "recipients": list(recipients)}, CFW)


def shield(status: str = "set") -> Sent:
    """Freya's record is shielded."""
    body = filled("shield")
    query = {**FREYA, "postcode": "BB9 0AA"}
    people = ["team-manager-12", "ig-officer-3"]
    said = {"status": status, "kind": "refuge", "date": "2026-11-20", "authorised_by": people}
    return LOAD.plain("Control", {**body, "subject": query, "shield": said}, GOVERNANCE)


async def told(hub: PaperHub, *messages: Sent) -> dict[str, list[str]]:
    """Publish messages in order; return the decisions on each person of the last one, by person, as `recipient decision`."""
    for message in messages:
        hub.publish(message)
        await hub.run()
    bodies = [decode(row.value).body for row in hub.log[DISCLOSURES]]
    return {
        f"p{body['part']}": [f"{record['recipient']} {record['decision']}" for record in body["records"]]
        for body in bodies
        if body["message_id"] == messages[-1].message_id
    }


def carried(hub: PaperHub, message: Sent) -> dict[int, list[str]]:
    """The schools that each part of a message carries."""
    bodies = [decode(row.value).body for row in hub.log[SUBJECTS]]
    return {body["part"]: body["household_schools"] for body in bodies if body["message_id"] == message.message_id}


async def test_a_parents_part_goes_to_the_childrens_schools(hub: PaperHub) -> None:
    """A mother's record names no school; her children's schools, attended or intended, are those her part may go to."""
    sent = assessment(family(SCHOOL, HIGH), (SCHOOL, HIGH, NURSERY))
    found = await told(hub, sent)

    assert {f"{SCHOOL} PERMIT", f"{HIGH} PERMIT", f"{NURSERY} DENY"} <= set(found["p3"])
    assert {1: [], 2: [], 3: sorted([SCHOOL, HIGH])} == carried(hub, sent)


async def test_a_childs_part_goes_by_the_childs_own_school(hub: PaperHub) -> None:
    """A sibling's school is not this child's: where a child's is not named, a person decides."""
    found = await told(hub, assessment(family(SCHOOL, "")))

    assert f"{HIGH} REVIEW" in found["p2"]
    assert f"{SCHOOL} REVIEW" in found["p2"]


async def test_an_adult_who_names_a_school_goes_by_it(hub: PaperHub) -> None:
    """What a record says of itself stands; the household only fills a gap."""
    sent = assessment(family(SCHOOL, "", HIGH))
    found = await told(hub, sent)

    assert {f"{HIGH} PERMIT", f"{SCHOOL} DENY"} <= set(found["p3"])
    assert [] == carried(hub, sent)[3]


async def test_a_shielded_childs_school_is_not_carried(hub: PaperHub) -> None:
    """After a shield the mother's part goes to the other child's school alone; the shielded child's would say where the child is (D-18)."""
    sent = assessment(family(SCHOOL, HIGH))
    await told(hub, assessment(family(SCHOOL, HIGH)), shield())
    found = await told(hub, sent)

    assert f"{HIGH} PERMIT" in found["p3"]
    assert f"{SCHOOL} PERMIT" not in found["p3"]
    assert [HIGH] == carried(hub, sent)[3]


async def test_a_school_shared_with_a_shielded_child_is_not_carried(hub: PaperHub) -> None:
    """Brother and sister at one school: the brother's would give hers away, so a person decides."""
    sent = assessment(family(SCHOOL, SCHOOL))
    found = await told(hub, assessment(family(SCHOOL, SCHOOL)), shield(), sent)

    assert f"{SCHOOL} REVIEW" in found["p3"]
    assert [] == carried(hub, sent)[3]


async def test_a_lifted_shield_carries_the_school_again(hub: PaperHub) -> None:
    """What was set is lifted by two people, and the message after it is as before."""
    sent = assessment(family(SCHOOL))
    found = await told(hub, assessment(family(SCHOOL)), shield(), shield("lifted"), sent)

    assert f"{SCHOOL} PERMIT" in found["p3"]


def schools_chosen_by(persons: list[Body], *, by_ruling: bool = False) -> tuple[str, ...]:
    """The schools by which the only part of a message is decided, which carries one school of the household."""
    body = {**filled("early_help_assessment"), "persons": persons}
    envelope = {**subject_message("Referral", body, CFW, "2026-11-22", packaged()), "household_schools": [SCHOOL]}
    case = read_case(envelope, packaged())
    if by_ruling:
        outer = {"subject_message_id": "f" * 32, "received_at": "2026-11-23T09:00:00Z", "part": 1}
        case = ruled(case, outer, {"decision": "permit", "recipients": [SCHOOL], "by": "officer"})
    snapshot = lancashire_engine().at("2026-11-22")
    assert snapshot is not None
    return situation(case, snapshot).schools


def test_a_ruling_does_not_go_by_the_household_of_its_day() -> None:
    """A shield may have been set while the mother's part waited: whoever rules names the school, the message no longer does."""
    assert (SCHOOL,) == schools_chosen_by(family()[2:])
    assert () == schools_chosen_by(family()[2:], by_ruling=True)
    assert (HIGH,) == schools_chosen_by(family(donna=HIGH)[2:], by_ruling=True)


def test_a_message_from_before_has_no_household() -> None:
    """What was taken in by an earlier version carries none, and is decided as it was: a person says which school."""
    envelope = subject_message(
        "Referral", {**filled("early_help_assessment"), "persons": family()[2:]}, CFW, "2026-11-22", packaged()
    )
    del envelope["household_schools"]
    snapshot = lancashire_engine().at("2026-11-22")
    assert snapshot is not None

    assert () == situation(read_case(envelope, packaged()), snapshot).schools


async def test_a_childs_school_reaches_no_recipient_of_the_parents_part(hub: PaperHub) -> None:
    """It chooses and is never released: no copy of the mother's part holds a school, nor does a record or review say one."""
    await told(hub, assessment(family(HIGH), (HIGH, "lscft-health-visiting")))
    copies = [decode(row.value).body for name in (HIGH, "lscft-health-visiting") for row in hub.log[outbox(name)]]
    mothers = [body for body in copies if (body["person"] or {}).get("person_id") == "p3"]

    assert mothers
    assert all(not (body["person"].get("education") or {}) for body in mothers)
    assert all(HIGH not in str(body) for body in mothers if body["recipient"] != HIGH)
    assert all(HIGH not in str(decode(row.value).body | {"recipients": [], "records": []}) for row in hub.log[REVIEWS])


@pytest.mark.parametrize(
    ("facts", "hidden"),
    [
        (None, False),
        (NOTHING_KNOWN.to_json(), False),
        (Facts(shields=("adopted",)).to_json(), True),
        (Facts(pending=True).to_json(), True),
        (Facts(unreadable=True).to_json(), True),
        (b"{", True),
        (b"[]", True),
    ],
)
def test_what_may_be_a_shield_keeps_the_school_back(facts: bytes | None, hidden: bool) -> None:  # noqa: FBT001
    """Every kind of shield, a control that may be one, and facts that cannot be read: unknown is withheld (invariant 1)."""
    assert hidden == hides(facts)


def test_a_child_in_doubt_carries_no_school() -> None:
    """Whose record it is decides whether it is shielded; as long as that is open, nothing is carried."""
    persons = family(SCHOOL, HIGH)
    sure = [PersonResolution(f"r{n}", "exact") for n in range(3)]
    doubtful = [PersonResolution("r0", "ambiguous", ("a", "b")), *sure[1:]]

    assert (HIGH, SCHOOL) == open_schools(persons, sure)
    assert (HIGH,) == open_schools(persons, doubtful)


def test_nobody_is_looked_up_where_nobody_goes_by_it() -> None:
    """Children alone need no household; nor does an adult of no stated role."""
    assert (0, 1) == wary(family(SCHOOL, HIGH))
    assert (0,) == wary(family(SCHOOL))
    assert () == wary(family()[:2])
    assert () == wary([*family()[:2], person("p3", "", DONNA)])


def test_a_hidden_childs_school_is_carried_for_nobody() -> None:
    """Schools are named once and in order, so that equal households give equal bytes; what a hidden child names is left out."""
    sure = [PersonResolution(f"r{n}", "exact") for n in range(3)]
    hidden = [PersonResolution("r0", "exact", (), hidden=True), *sure[1:]]

    assert (SCHOOL,) == open_schools(family(SCHOOL, SCHOOL), sure)
    assert (HIGH,) == open_schools(family(SCHOOL, HIGH), hidden)
    assert () == open_schools(family(SCHOOL, SCHOOL), hidden)


async def test_a_message_read_again_carries_what_it_carried(hub: PaperHub) -> None:
    """A shield that is set later changes no byte of what was taken in before, however often it is read again (invariant 5)."""
    sent = assessment(family(SCHOOL))
    await told(hub, sent)
    (row,) = (row for row in hub.log[inbox(CFW)] if row.key == sent.message_id.encode())
    again = Incoming(row.topic, row.partition, row.offset, row.timestamp_ms, row.key, row.value, row.headers)
    first = await hub.intake([again])
    await told(hub, shield())

    assert first == await hub.intake([again])
    assert [SCHOOL] == carried(hub, sent)[3]
