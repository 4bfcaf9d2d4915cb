"""Rulings come in by the front door: the held message is opened, and goes on only as the one under review."""

from __future__ import annotations

from typing import Any

import pytest

from hub.flow import ids
from hub.flow.intake import Intake
from hub.flow.records import REVIEW_SEAL
from hub.ledger.keys import Keyring
from hub.ledger.matching import person_ref
from hub.ledger.ports import Key
from hub.ledger.sealing import seal
from hub.schemas.codec import decode, encode
from tests.support.partner import CFW, GOVERNANCE, KEYRING, MASH, OTHER_KEYRING, REGISTRY, Body, filled, publish
from tests.unit.flow.test_intake import WITHDRAWAL, answers, codes, doubtful_query, named, subjects


def review(message: Body, keyring: Keyring = KEYRING) -> tuple[str, bytes]:
    """Return the id and the held message of a review, as decide opens one."""
    review_id = ids.review_id(message["subject_message_id"])
    return review_id, seal(keyring, REVIEW_SEAL, review_id, encode("SubjectMessage", message))


def ruling(message: Body, message_id: str = "ruling-1", **changes: Any) -> Body:
    """Return a ruling on a subject message."""
    review_id, held = review(message)
    record = {
        "review_id": review_id,
        "held": held,
        "decision": "permit",
        "by": "ig-1",
        "reason": "necessary",
        "recipients": ["lancashire-constabulary"],
        **changes,
    }
    return {**filled("ruling"), "message_id": message_id, "ruling": record}


async def held_referral(intake: Intake) -> Body:
    """Return the subject message of a person who was clearly told."""
    return subjects(await intake([publish(MASH, filled("mash_referral"))]))[0]


async def rule(intake: Intake, body: Body, offset: int = 0, agency: str = GOVERNANCE) -> tuple[list[Body], set[str]]:
    """Publish a ruling; return the subject messages and the fault codes."""
    result = await intake([publish(agency, body, offset)])
    return subjects(result), set().union(*(codes(answer) for answer in answers(result)))


async def test_ruling_goes_to_the_subject_of_the_held_message(intake: Intake) -> None:
    """A ruling is decided in the partition, and in the order, of the subject it is about."""
    message = await held_referral(intake)
    (found,), faults = await rule(intake, ruling(message))

    assert set() == faults
    assert (message["subject_ref"], "control", GOVERNANCE) == (found["subject_ref"], found["kind"], found["agency"])
    assert ruling(message)["ruling"]["held"] == decode(found["payload"], REGISTRY).body["ruling"]["held"]


async def test_ruling_sealed_elsewhere_is_refused(intake: Intake) -> None:
    """What this hub did not seal is not a held message, whoever sends it."""
    message = await held_referral(intake)
    review_id, held = review(message, OTHER_KEYRING)

    assert ([], {"SEAL_BROKEN"}) == await rule(intake, ruling(message, review_id=review_id, held=held))


async def test_held_message_of_another_review_is_refused(intake: Intake) -> None:
    """A ruling on one review cannot carry the message of another."""
    message = await held_referral(intake)
    other = {**message, "subject_message_id": "ab" * 16}

    assert ([], {"SEAL_BROKEN"}) == await rule(intake, ruling(message, held=review(other)[1]))
    assert ([], {"SEAL_BROKEN"}) == await rule(intake, ruling(message, review_id=review(other)[0]))


async def test_sealed_message_must_be_the_one_its_review_names(intake: Intake) -> None:
    """Even a true seal is refused when its content is not the message that the review id comes from."""
    message = await held_referral(intake)
    review_id = ids.review_id(message["subject_message_id"])
    for content in (
        encode("SubjectMessage", {**message, "subject_message_id": "ab" * 16}),
        encode("Control", filled("receipt")),
    ):
        held = seal(KEYRING, REVIEW_SEAL, review_id, content)
        assert ([], {"SEAL_BROKEN"}) == await rule(intake, ruling(message, held=held))


async def test_review_of_another_council_is_refused(intake: Intake) -> None:
    """A council rules on its own reviews."""
    message = {**await held_referral(intake), "council": "elsewhere"}

    assert ([], {"COUNCIL_MISMATCH"}) == await rule(intake, ruling(message))


async def test_only_information_governance_rules(intake: Intake) -> None:
    """Who may refer may not rule on it."""
    message = await held_referral(intake)

    assert ([], {"SENDER_NOT_ALLOWED"}) == await rule(intake, ruling(message), agency=MASH)


async def test_ruling_is_taken_once(intake: Intake) -> None:
    """A ruling that comes twice takes effect once, and gives the same bytes when it is read again."""
    body = ruling(await held_referral(intake))
    first = await intake([publish(GOVERNANCE, body, 1)])

    assert first == await intake([publish(GOVERNANCE, body, 1)])
    assert ([], set()) == await rule(intake, body, 2)


async def doubtful(intake: Intake) -> tuple[Body, list[str]]:
    """Return the subject message of a share request about a person who may be one of two, and these."""
    query, refs = await doubtful_query(intake)
    return subjects(await intake([publish(MASH, {**filled("share_request"), "query": query})]))[0], refs


async def test_ruling_says_who_the_person_is(intake: Intake) -> None:
    """The chosen subject is the one, now and the next time these identifiers come."""
    message, refs = await doubtful(intake)
    (found,), _ = await rule(intake, ruling(message, resolve_to=refs[1]))

    assert (refs[1], "exact") == (found["subject_ref"], found["resolution"])


async def test_ruling_may_say_that_the_person_is_new(intake: Intake) -> None:
    """None of the candidates: the subject gets a ref of its own."""
    message, refs = await doubtful(intake)
    (found,), _ = await rule(intake, ruling(message, resolve_to="new"))

    assert "new" == found["resolution"]
    assert found["subject_ref"] not in (*refs, message["subject_ref"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "RESOLVE_MISSING"),
        ({"resolve_to": "ab" * 16}, "RESOLVE_UNKNOWN"),
        ({"resolve_to": "the elder one"}, "RESOLVE_UNKNOWN"),
    ],
)
async def test_permit_needs_an_answer_among_the_candidates(intake: Intake, changes: dict[str, str], code: str) -> None:
    """Nothing is permitted about nobody, nor about somebody the review did not name."""
    message, _ = await doubtful(intake)

    assert ([], {code}) == await rule(intake, ruling(message, **changes))


async def test_refusal_needs_no_answer(intake: Intake) -> None:
    """That it must not go can be ruled without knowing who it is."""
    message, _ = await doubtful(intake)
    (found,), faults = await rule(intake, ruling(message, decision="refuse"))

    assert (set(), message["subject_ref"], "conflict") == (faults, found["subject_ref"], found["resolution"])


async def test_question_that_was_not_asked_takes_no_answer(intake: Intake) -> None:
    """A ruling cannot move a message to another subject."""
    message = await held_referral(intake)

    assert ([], {"RESOLVE_UNEXPECTED"}) == await rule(intake, ruling(message, resolve_to="new"))


async def held_withdrawal(intake: Intake) -> tuple[Body, list[str]]:
    """Return the first part of a withdrawal by a person who may be one of two, and these."""
    query, refs = await doubtful_query(intake)
    body = {**named(filled("consent"), "withdrawal"), **WITHDRAWAL, "subject": query}
    return subjects(await intake([publish(CFW, body, 9)]))[0], refs


def told(found: list[Body]) -> dict[str, str]:
    """What each subject hears of a ruling."""
    return {m["subject_ref"]: decode(m["payload"], REGISTRY).body["ruling"]["decision"] for m in found}


async def test_ruling_on_a_narrowing_control_ends_every_doubt(intake: Intake) -> None:
    """The subject named hears the ruling; every other candidate hears that it was not about it, and is held back no more."""
    message, refs = await held_withdrawal(intake)
    found, _ = await rule(intake, ruling(message, resolve_to=refs[0]))

    assert {refs[0]: "permit", refs[1]: "refuse"} == told(found)
    assert 2 == len({m["subject_message_id"] for m in found})


async def test_refused_narrowing_control_ends_every_doubt(intake: Intake) -> None:
    """A withdrawal that a person rules to be none leaves no candidate in doubt."""
    message, refs = await held_withdrawal(intake)
    found, _ = await rule(intake, ruling(message, decision="refuse"))

    assert {message["subject_ref"]: "refuse", refs[0]: "refuse", refs[1]: "refuse"} == told(found)


async def test_person_whom_nothing_identifies_may_be_named_by_ref(intake: Intake) -> None:
    """Where the index had no candidate, whoever rules may know the subject by other means."""
    body = {**filled("mash_referral")}
    body["persons"] = [{"person_id": "p1", "role": "child", "identity": {"given_names": ["Sam"]}}]
    body["awareness"]["covers"] = []
    (message,) = subjects(await intake([publish(MASH, body)]))
    assert ("unidentified", []) == (message["resolution"], message["candidates"])

    known = person_ref("lancashire", [Key("upn", "ab" * 16)])
    (found,), _ = await rule(intake, ruling(message, resolve_to=known))
    assert (known, "exact") == (found["subject_ref"], found["resolution"])


async def test_a_ruling_never_reaches_another_councils_subject(intake: Intake) -> None:
    """Whoever rules for one council cannot name a subject of another's, even where nobody else is a candidate."""
    body = {**filled("mash_referral")}
    body["persons"] = [{"person_id": "p1", "role": "child", "identity": {"given_names": ["Sam"]}}]
    body["awareness"]["covers"] = []
    (message,) = subjects(await intake([publish(MASH, body)]))
    theirs = person_ref("leicestershire", [Key("upn", "ab" * 16)])

    assert ([], {"RESOLVE_UNKNOWN"}) == await rule(intake, ruling(message, resolve_to=theirs))


async def test_ruling_names_whom_it_is_about(intake: Intake) -> None:
    """A ruling on a referral never stands for "everybody": it names the recipients of the review it is about."""
    message = await held_referral(intake)
    found, faults = await rule(intake, ruling(message, recipients=[]))

    assert ([], {"RECIPIENTS_MISSING"}) == (found, faults)
