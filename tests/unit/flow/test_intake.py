"""Intake: each message is taken once, cut by subject, and answered; nothing personal shows on the outside."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from hub.errors import ConfigurationFault
from hub.flow import ids, tickets
from hub.flow.intake import MAX_FAULTS, Intake
from hub.flow.outcome import Emit, Incoming, Result
from hub.schemas.codec import decode, encode, encode_with
from hub.schemas.events import attribute
from hub.schemas.registry import packaged
from hub.schemas.topics import SUBJECTS, acks, inbox, outbox
from tests.strategies.bodies import drifted
from tests.support.canary import Canaries
from tests.support.partner import (
    CFW,
    KEYRING,
    MASH,
    MIDWIFE,
    REGISTRATION,
    REGISTRY,
    SCHOOL,
    Body,
    filled,
    policies,
    publish,
    read,
    sender_for,
    taken,
)


def subjects(result: Result) -> list[Body]:
    """The bodies of a result's subject messages."""
    return [read(emit) for emit in result.stages[0]]


def answers(result: Result) -> list[Body]:
    """The bodies of a result's acknowledgements."""
    return [read(emit) for emit in result.stages[1]]


def codes(answer: Body) -> set[str]:
    """The fault codes of an acknowledgement."""
    return {fault["code"] for fault in answer["faults"]}


def named(body: Body, message_id: str) -> Body:
    """Return the body under another message id."""
    return {**body, "message_id": message_id}


async def test_referral_becomes_a_part_for_each_person(intake: Intake) -> None:
    """Everything about a person goes under that person's ref, and holds no other person of the message."""
    body = filled("early_notification")
    result = await intake([publish(MIDWIFE, body)])
    first, second = subjects(result)

    assert [(1, 2, 0), (2, 2, 1)] == [(m["part"], m["parts"], m["person_index"]) for m in (first, second)]
    assert first["subject_ref"] != second["subject_ref"]
    for message, person in zip((first, second), body["persons"], strict=True):
        payload = decode(message["payload"], REGISTRY)
        assert [person["person_id"]] == [p["person_id"] for p in payload.body["persons"]]
        assert body["message_id"] == payload.body["message_id"]


async def test_subject_message_says_where_it_comes_from(intake: Intake) -> None:
    """Sender, origin and time are the broker's word, not the sender's."""
    (emit, *_) = (await intake([publish(MIDWIFE, filled("early_notification"), offset=7)])).stages[0]
    body = read(emit)

    assert (SUBJECTS, body["subject_ref"].encode()) == (emit.topic, emit.key)
    assert (MIDWIFE, "2026-11-22T09:00:00.000Z") == (body["agency"], body["received_at"])
    assert {"topic": inbox(MIDWIFE), "partition": 0, "offset": 7} == body["origin"]
    assert body["subject_message_id"] == ids.subject_message_id(MIDWIFE, body["message_id"], 0)
    assert body["subject_message_id"] == attribute(emit.headers, "ce_id")
    assert ("uk.hub.v1.SubjectMessage", "2026-11-22T09:00:00.000Z") == (
        attribute(emit.headers, "ce_type"),
        attribute(emit.headers, "ce_time"),
    )


async def test_sender_is_told(intake: Intake) -> None:
    """What was taken is acknowledged, under the sender's own id, after it is safe on the subjects topic."""
    body = filled("early_notification")
    result = await intake([publish(MIDWIFE, body)])
    (answer,) = answers(result)

    assert ("accepted", [], None) == (answer["status"], answer["faults"], answer["note"])
    assert (acks(MIDWIFE), body["message_id"].encode()) == (result.stages[1][0].topic, result.stages[1][0].key)


@pytest.mark.parametrize("name", [n for n in taken() if n not in ("share_response", "ruling")])
async def test_every_form_is_taken(intake: Intake, name: str) -> None:
    """Every form and control that the hub hands out as an example goes through, once as its payload."""
    body = filled(name)
    result = await intake([publish(sender_for(body), body)])

    assert ["accepted"] == [answer["status"] for answer in answers(result)]
    assert max(1, len(body.get("persons", ()))) == len(subjects(result))


async def test_same_person_from_two_agencies_is_one_subject(intake: Intake) -> None:
    """A control message reaches the subject that a referral made, in the same partition."""
    referral = filled("share_request")["query"]
    consent = {**filled("consent"), "subject": referral}
    result = await intake([publish(CFW, consent), publish(MASH, filled("share_request"))])

    assert 1 == len({m["subject_ref"] for m in subjects(result)})
    assert ["new", "exact"] == [m["resolution"] for m in subjects(result)]


async def test_same_batch_twice_gives_the_same_bytes(intake: Intake) -> None:
    """After a crash the batch is read again, and nothing about its emits differs (invariant 5)."""
    bodies = [filled(name) for name in taken() if name != "ruling"]
    batch = [publish(sender_for(body), body) for body in bodies]

    assert await intake(batch) == await intake(batch)


async def test_redelivery_in_other_batches_gives_the_same_bytes(intake: Intake) -> None:
    """Where a batch begins and ends changes no message."""
    batch = [publish(sender_for(body), body) for body in map(filled, ("mash_referral", "registration", "consent"))]
    whole = await intake(batch)
    parts = [await intake([message]) for message in batch]

    assert list(whole.stages[0]) == [emit for part in parts for emit in part.stages[0]]
    assert list(whole.stages[1]) == [emit for part in parts for emit in part.stages[1]]


async def test_second_copy_goes_nowhere(intake: Intake) -> None:
    """A message published twice is taken once; its sender hears that it had come before."""
    body = filled("mash_referral")
    await intake([publish(MASH, body, offset=3)])
    result = await intake([publish(MASH, body, offset=9)])

    assert [] == subjects(result)
    assert [("accepted", "duplicate", [])] == [(a["status"], a["note"], a["faults"]) for a in answers(result)]


async def test_second_copy_in_the_same_batch_goes_nowhere(intake: Intake) -> None:
    """Two copies that arrive together are still two copies."""
    body = filled("mash_referral")
    result = await intake([publish(MASH, body, offset=3), publish(MASH, body, offset=4)])

    assert len(body["persons"]) == len(subjects(result))
    assert [None, "duplicate"] == [answer["note"] for answer in answers(result)]
    assert 2 == len({answer["ack_id"] for answer in answers(result)})


async def test_id_used_again_for_other_content_is_refused(intake: Intake) -> None:
    """An id stands for one content for ever; nothing of the second content goes anywhere."""
    body = filled("mash_referral")
    await intake([publish(MASH, body, offset=3)])
    result = await intake([publish(MASH, {**body, "case_ref": "other"}, offset=4)])

    assert [] == subjects(result)
    assert [{"MESSAGE_ID_REUSED"}] == [codes(answer) for answer in answers(result)]


async def test_a_reused_id_stops_nobody_however_many_people_it_is_about(intake: Intake) -> None:
    """An id that stands for a message about others is refused, whatever their number, and what comes with it goes on."""
    family = filled("mash_referral")
    alone = {**family, "persons": [{**family["persons"][1], "education": None}]}
    other = named(filled("registration"), "another")
    bodies = [named(family, "one-id"), named(alone, "one-id"), other]
    agencies = [MASH, MASH, sender_for(other)]
    result = await intake([publish(*pair, offset=n) for n, pair in enumerate(zip(agencies, bodies, strict=True))])
    again = await intake([publish(MASH, named(alone, "two-id"), 7), publish(MASH, named(family, "two-id"), 8)])

    assert ["accepted", "refused", "accepted"] == [answer["status"] for answer in answers(result)]
    assert [{"MESSAGE_ID_REUSED"}] == [codes(a) for a in answers(again) if a["status"] == "refused"]


async def test_two_agencies_may_use_the_same_id(intake: Intake) -> None:
    """Ids are each sender's own."""
    result = await intake(
        [publish(MASH, named(filled("mash_referral"), "m-1")), publish(CFW, named(filled("consent"), "m-1"))]
    )

    assert ["accepted", "accepted"] == [answer["status"] for answer in answers(result)]
    messages = [m["subject_message_id"] for m in subjects(result)]
    assert len(messages) == len(set(messages))


async def test_refused_message_leaves_no_trace(intake: Intake) -> None:
    """A message that is refused is not remembered: corrected, it is taken under the same id."""
    body = filled("mash_referral")
    result = await intake([publish(MASH, {**body, "purpose": "marketing"}, offset=1)])
    assert ([], ["refused"]) == (subjects(result), [answer["status"] for answer in answers(result)])

    result = await intake([publish(MASH, body, offset=2)])
    assert ["accepted"] == [answer["status"] for answer in answers(result)]


async def test_one_bad_message_holds_nobody_up(intake: Intake) -> None:
    """The rest of a batch is taken; every message has an answer, and the unreadable one is buried too."""
    good = filled("mash_referral")
    batch = [
        publish(MASH, named(good, "m-1"), 0),
        publish(MASH, named(good, "m-2"), 1, value=b"no avro"),
        publish(MASH, {**named(good, "m-3"), "purpose": "x"}, 2),
        publish(MASH, named(good, "m-4"), 3),
    ]
    result = await intake(batch)

    assert {"m-1", "m-4"} == {m["message_id"] for m in subjects(result)}
    assert [batch[1]] == [message for message, _ in result.buried]
    assert ["refused", "refused", "accepted", "accepted"] == [answer["status"] for answer in answers(result)]
    assert sorted(("hub_acks_total", (a["status"],)) for a in answers(result)) == sorted(
        (count.metric, count.labels) for count in result.counts
    )


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", "NOT_FRAMED"),
        (b"\x00\x00\x00\x03\xe7rest", "WRONG_SCHEMA"),
        (b"\x00\x00\x00\x00\x01rest", "BAD_BODY"),
        (encode("Acknowledgement", {"ack_id": "a", "message_id": "m", "agency": "x", "status": "s", "at": "t"}), "WRONG_SCHEMA"),
    ],
)  # fmt: skip
async def test_unreadable_message_is_buried_and_answered(intake: Intake, value: bytes, code: str) -> None:
    """What cannot be read is a dead letter; its sender is told by the place that it published to."""
    message = publish(MASH, filled("mash_referral"), 12, value=value or b" ")
    result = await intake([message])
    (answer,) = answers(result)

    assert [(message, code)] == [(buried, fault.faults[0].code) for buried, fault in result.buried]
    assert (f"{inbox(MASH)}/0/12", {code}) == (answer["message_id"], codes(answer))


async def test_id_that_may_name_a_person_is_not_repeated(intake: Intake) -> None:
    """An id that is not opaque becomes no key: the sender is answered by the place in the log."""
    result = await intake([publish(MASH, named(filled("mash_referral"), "Nadia Ashworth"), 4)])

    assert [f"{inbox(MASH)}/0/4".encode()] == [emit.key for emit in result.stages[1]]
    assert b"Ashworth" not in result.stages[1][0].value


async def test_answer_has_a_bound(intake: Intake) -> None:
    """However much is wrong, the answer fits the broker."""
    body = filled("mash_referral")
    body["details"]["reasons"] = [{"text": "x"}] * 5000
    (answer,) = answers(await intake([publish(MASH, body)]))

    assert MAX_FAULTS + 1 == len(answer["faults"])
    assert "MORE_FAULTS" == answer["faults"][-1]["code"]


@pytest.mark.parametrize("topic", [outbox(MASH), acks(MASH), SUBJECTS, "stray"])
async def test_other_topics_stop_the_worker(intake: Intake, topic: str) -> None:
    """What is not a partner's own topic proves no sender; reading it is a fault of the set-up."""
    message = dataclasses.replace(publish(MASH, filled("mash_referral")), topic=topic)
    with pytest.raises(ConfigurationFault):
        await intake([message])


async def test_broker_without_a_time_stops_the_worker(intake: Intake) -> None:
    """Without the broker's time no message can be judged."""
    message = dataclasses.replace(publish(MASH, filled("mash_referral")), timestamp_ms=-1)
    with pytest.raises(ConfigurationFault):
        await intake([message])


@pytest.mark.parametrize(
    ("header", "passed"),
    [(b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01", True), (b"Nadia Ashworth", False), (b"\xff", False)],
)
async def test_only_a_trace_context_is_passed_on(intake: Intake, header: bytes, passed: bool) -> None:  # noqa: FBT001
    """A header may hold anything; nothing but a W3C trace context goes on."""
    pairs = (("traceparent", header), ("x-name", b"Nadia Ashworth"))
    result = await intake([publish(MASH, filled("mash_referral"), headers=pairs)])
    emits = [*result.stages[0], *result.stages[1]]

    assert all((attribute(emit.headers, "traceparent") == header.decode("latin-1")) == passed for emit in emits)
    assert not any(b"Ashworth" in value for emit in emits for _, value in emit.headers)


async def test_unknown_field_stays_visible(intake: Intake) -> None:
    """A field that this hub does not know goes on to the decision, which withholds and counts it (invariant 10)."""
    registry = drifted("Referral", "Person", {"name": "shoe_size", "type": ["null", "string"], "default": None})
    body = filled("mash_referral")
    body["persons"] = [{**person, "shoe_size": "nine"} for person in body["persons"] * 2]
    for number, person in enumerate(body["persons"]):
        person["person_id"] = f"p{number}"
    taking = Intake(policies(), intake._identity, KEYRING, registry)
    result = await taking([publish(MASH, body, value=encode_with(9001, body, registry))])

    payloads = [decode(decode(emit.value, registry).body["payload"], registry) for emit in result.stages[0]]
    assert {(9001, "nine")} == {(p.schema_id, p.body["persons"][0]["shoe_size"]) for p in payloads}


async def doubtful_query(intake: Intake) -> tuple[Body, list[str]]:
    """Make two subjects, and a query that names both: one by NHS number, one by UPN; return it and their refs."""
    numbers = {"nhs_number": "9990000018"}, {"upn": "B801200005001"}
    batch = [
        publish(CFW, {**named(filled("consent"), f"known-{n}"), "subject": number}, n)
        for n, number in enumerate(numbers)
    ]
    refs = [m["subject_ref"] for m in subjects(await intake(batch))]
    assert 2 == len(set(refs))
    return {**numbers[0], **numbers[1]}, sorted(refs)


async def test_doubtful_person_goes_to_review_under_a_ref_of_its_own(intake: Intake) -> None:
    """Nobody guesses: the candidates go along, and no candidate is told anything."""
    query, refs = await doubtful_query(intake)
    result = await intake([publish(MASH, {**filled("share_request"), "query": query})])
    (message,) = subjects(result)

    assert ("conflict", refs) == (message["resolution"], message["candidates"])
    assert message["subject_ref"] not in refs


WITHDRAWAL = {"consent": {"status": "withdrawn", "date": "2026-11-20"}}


async def test_narrowing_control_reaches_every_candidate(intake: Intake) -> None:
    """A withdrawal that may be any of several people's holds all of them back until a person knows."""
    query, refs = await doubtful_query(intake)
    result = await intake([publish(CFW, {**filled("consent"), **WITHDRAWAL, "subject": query}, 9)])
    first, *copies = subjects(result)

    assert first["subject_ref"] not in refs
    assert refs == [copy["subject_ref"] for copy in copies]
    assert {("conflict", 3)} == {(m["resolution"], m["parts"]) for m in (first, *copies)}
    assert [1, 2, 3] == [m["part"] for m in (first, *copies)]
    assert 3 == len({m["subject_message_id"] for m in (first, *copies)})


async def test_widening_control_reaches_no_candidate(intake: Intake) -> None:
    """A consent that may be any of several people's is nobody's until a person knows."""
    query, _ = await doubtful_query(intake)

    assert 1 == len(subjects(await intake([publish(CFW, {**filled("consent"), "subject": query}, 9)])))


async def test_receipt_names_no_subject(intake: Intake) -> None:
    """A receipt is about a record; all receipts of one record are in one order."""
    body = filled("receipt")
    agency = sender_for(body)
    result = await intake([publish(agency, named(body, f"r-{n}"), n) for n in range(2)])

    assert {ids.receipt_ref(agency, body["receipt"]["record_id"])} == {m["subject_ref"] for m in subjects(result)}


async def asked(intake: Intake) -> tuple[str, Body]:
    """Pass on a share request about one child, as decide would; return the subject ref and the ticketed response."""
    result = await intake([publish(MASH, {**filled("share_request"), "ask": SCHOOL})])
    (message,) = subjects(result)
    ref = message["subject_ref"]
    ticket = tickets.issue(KEYRING, "lancashire", message["subject_message_id"], SCHOOL, ref)
    response = {**filled("share_response"), "request_id": ticket}
    response["persons"][0]["address"] = {"postcode": "BB9 0AA"}
    return ref, response


async def test_answer_comes_back_to_the_subject_asked_about(intake: Intake) -> None:
    """A response reaches the subject of its request, where the request is known."""
    ref, response = await asked(intake)
    (message,) = subjects(await intake([publish(SCHOOL, response)]))

    assert (ref, "exact", "share_response") == (message["subject_ref"], message["resolution"], message["kind"])


@pytest.mark.parametrize("outcome", ["not_known", "declined"])
async def test_answer_about_nobody_comes_back_too(intake: Intake, outcome: str) -> None:
    """That nobody was found is an answer; the ticket alone knows whom it is about."""
    ref, response = await asked(intake)
    (message,) = subjects(await intake([publish(SCHOOL, {**response, "outcome": outcome, "persons": []})]))

    assert (ref, "exact", None) == (message["subject_ref"], message["resolution"], message["person_index"])


async def test_answer_about_somebody_else_is_a_conflict(intake: Intake) -> None:
    """A response that holds other people than the one asked about goes to a person, with both to choose from."""
    ref, response = await asked(intake)
    response["persons"][0]["identity"]["given_names"] = ["Another"]
    (message,) = subjects(await intake([publish(SCHOOL, response)]))

    assert "conflict" == message["resolution"]
    assert sorted({ref, message["subject_ref"]}) == message["candidates"]


async def test_household_of_the_person_asked_about_is_no_conflict(intake: Intake) -> None:
    """A response may hold the family of the child it is about."""
    ref, response = await asked(intake)
    mother = {"person_id": "p2", "role": "parent", "identity": {"family_name": "Pilkington", "given_names": ["Jo"]}}
    response["persons"].append(mother)
    first, second = subjects(await intake([publish(SCHOOL, response)]))

    assert (ref, "exact", "unidentified") == (first["subject_ref"], first["resolution"], second["resolution"])


async def test_ticket_of_another_agency_is_refused(intake: Intake) -> None:
    """Only the agency that was asked may answer."""
    _, response = await asked(intake)
    result = await intake([publish("example-nursery", response)])

    assert ([], [{"REQUEST_UNKNOWN"}]) == (subjects(result), [codes(answer) for answer in answers(result)])


def outside(emit: Emit) -> bytes:
    """All of an emit that anybody may see: topic, key, headers."""
    return b"\n".join((emit.topic.encode(), emit.key, *(name.encode() + b"=" + value for name, value in emit.headers)))


def canary_referral() -> tuple[Body, list[bytes]]:
    """Return a valid referral with a value of its own in every personal field, and these values."""
    canaries = Canaries(packaged(), "Referral")
    body = canaries.body()
    template = filled("mash_referral")
    body |= {name: template[name] for name in ("message_id", "council", "form", "purpose", "sent_at")}
    body["awareness"] = {**body["awareness"], **template["awareness"], "detriment": "no"}
    body["override"] |= {"limb": "RISK_OF_HARM", "decided_by": "role-1"}
    body["persons"][0]["person_id"] = "p1"
    return body, [value for value in canaries.values if value in encode("Referral", body)]


async def test_no_personal_value_shows_on_the_outside(intake: Intake) -> None:
    """No value of any personal field is in a topic, key or header, nor anywhere in what the sender is told (invariant 7)."""
    body, canaries = canary_referral()
    result = await intake([publish(MASH, body)])
    assert ["accepted"] == [answer["status"] for answer in answers(result)], answers(result)

    seen = b"\n".join([*map(outside, result.stages[0]), *(outside(e) + e.value for e in result.stages[1])])
    assert len(canaries) > 60
    assert all(value in result.stages[0][0].value for value in canaries)
    assert not [value for value in canaries if value.lower() in seen.lower()]


@pytest.mark.parametrize("agency", [MASH, REGISTRATION])
async def test_no_personal_value_shows_in_a_refusal(intake: Intake, agency: str) -> None:
    """A refusal names fields: no value of any personal field is in it, whichever field was wrong."""
    body, canaries = canary_referral()
    wrong: dict[str, Any] = {"nhs_number": "Canary1", "upn": "Canary2"}
    body["persons"][0]["identifiers"] |= wrong
    body["persons"][0]["address"]["postcode"] = "Canary3"
    body["persons"][0]["identity"]["date_of_birth"] = "Canary4"
    body["persons"][0]["health"]["medical"][0]["kind"] = "Canary5"
    result = await intake([publish(agency, body)])

    assert ["refused"] == [answer["status"] for answer in answers(result)]
    seen = b"\n".join(outside(e) + e.value for e in result.stages[1])
    assert not [value for value in (*canaries, b"Canary") if value.lower() in seen.lower()]


async def test_nothing_personal_shows_when_a_message_is_buried(intake: Intake) -> None:
    """The fault that a dead letter carries quotes nothing of the bytes that could not be read."""
    message = Incoming(inbox(MASH), 0, 0, 0, b"Canary-key", b"\x00\x00\x00\x00\x01Canary-body")
    result = await intake([message])

    assert "Canary" not in "".join(str(fault) for _, fault in result.buried)
    assert not any(b"Canary" in outside(e) + e.value for e in result.stages[1])
