"""How each case without transport is brought about; `CASES` holds them by the id that the matrix gives them."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final, cast

from hub.flow import ids
from hub.flow.outcome import Emit
from hub.schemas.codec import decode, encode, encode_with
from hub.schemas.registry import Json, named_types, packaged
from hub.schemas.topics import DISCLOSURES, REVIEWS, SUBJECTS, inbox
from tests.failclosed.room import Body, Room, ended, sound, stale, the_child, with_override
from tests.support.load import GOVERNANCE, MASH, SCHOOL, Sent
from tests.support.paper_hub import PaperHub
from tests.support.partner import OTHER_KEYRING

Carry = Callable[[Room], Awaitable[PaperHub]]

CASES: Final[dict[str, Carry]] = {}
SECRET: Final = "Canary-Quillfeather"
"""What stands in a field that nobody may release."""

STRANGER: Final = {"nhs_number": "9990000042"}
"""Somebody else's number."""

_DRIFTED: Final = 9001
_HALF_FACTS: Final = b'{"consents":['
_OTHER_TYPES: Final = (
    b'{"consents":[["x"]],"contact":"","instructions":[],"objections":[],"pending":false,"requests":[],'
    b'"restricted":false,"s17":false,"s47":false,"service":"","shields":[],"unreadable":false}'
)


def carries_out(case: str) -> Callable[[Carry], Carry]:
    """Enter a function into `CASES`."""

    def enter(carry: Carry) -> Carry:
        CASES[case] = carry
        return carry

    return enter


@carries_out("policy-other-council")
async def _other_council(room: Room) -> PaperHub:
    return await room.handled(room.referral(council="nowhere"))


@carries_out("policy-not-that-day")
async def _not_that_day(room: Room) -> PaperHub:
    return await room.handled(room.referral(), council=ended())


@carries_out("policy-gone-meanwhile")
async def _gone_meanwhile(room: Room) -> PaperHub:
    return await room.past_the_door(dict, council=ended())


@carries_out("policy-stale")
async def _stale(room: Room) -> PaperHub:
    return await room.handled(room.referral(), council=stale())


@carries_out("field-of-another-version")
async def _another_version(room: Room) -> PaperHub:
    def drift(identity: Json) -> None:
        identity["fields"].append({"name": "nickname", "type": "string"})

    return await _drifted(room, drift, "nickname")


@carries_out("field-without-category")
async def _without_category(room: Room) -> PaperHub:
    def drift(identity: Json) -> None:
        del _field(identity, "family_name")["category"]

    return await _drifted(room, drift, "family_name")


@carries_out("field-with-made-up-category")
async def _made_up_category(room: Room) -> PaperHub:
    def drift(identity: Json) -> None:
        _field(identity, "family_name")["category"] = "nickname"

    return await _drifted(room, drift, "family_name")


@carries_out("recipient-unknown")
async def _recipient_unknown(room: Room) -> PaperHub:
    return await room.handled(room.assessment(recipients=["no-such-agency"]))


@carries_out("recipient-malformed")
async def _recipient_malformed(room: Room) -> PaperHub:
    return await room.handled(room.referral(recipients=["No such agency!"]))


@carries_out("recipient-none")
async def _recipient_none(room: Room) -> PaperHub:
    return await room.handled(room.assessment(recipients=[]))


@carries_out("purpose-unknown")
async def _purpose_unknown(room: Room) -> PaperHub:
    return await room.handled(room.referral(purpose="curiosity"))


@carries_out("purpose-unknown-later")
async def _purpose_unknown_later(room: Room) -> PaperHub:
    return await room.past_the_door(lambda body: body | {"purpose": "curiosity"})


@carries_out("form-unknown")
async def _form_unknown(room: Room) -> PaperHub:
    return await room.handled(room.referral(form="napkin"))


@carries_out("form-unknown-later")
async def _form_unknown_later(room: Room) -> PaperHub:
    return await room.past_the_door(lambda body: body | {"form": "napkin", "recipients": [MASH]})


@carries_out("rule-raises")
async def _rule_raises(room: Room) -> PaperHub:
    told = {"aware": "yes", "consent": "no"}
    one = room.assessment(awareness=told, recipients=["lscft-school-nursing"])
    return await room.handled(one, council=with_override(None))


@carries_out("clock-ahead")
async def _clock_ahead(room: Room) -> PaperHub:
    return await room.handled(_changed(room.referral(), sent_at="2999-01-01T00:00:00Z"))


@carries_out("clock-ahead-later")
async def _clock_ahead_later(room: Room) -> PaperHub:
    return await room.past_the_door(lambda body: body | {"sent_at": "2999-01-01T00:00:00Z"})


@carries_out("clock-unreadable")
async def _clock_unreadable(room: Room) -> PaperHub:
    return await room.past_the_door(lambda body: body | {"sent_at": "yesterday"})


@carries_out("clock-missing")
async def _clock_missing(room: Room) -> PaperHub:
    hub = PaperHub(room.stores)
    hub.publish(room.referral())
    hub.log[inbox(SCHOOL)] = [replace(row, timestamp_ms=-1) for row in hub.log[inbox(SCHOOL)]]
    return await room.run(hub)


@carries_out("facts-cut-short")
async def _facts_cut_short(room: Room) -> PaperHub:
    return await _unreadable(room, _HALF_FACTS)


@carries_out("facts-other-shape")
async def _facts_other_shape(room: Room) -> PaperHub:
    return await _unreadable(room, b"[1]")


@carries_out("facts-other-types")
async def _facts_other_types(room: Room) -> PaperHub:
    return await _unreadable(room, _OTHER_TYPES)


@carries_out("facts-no-text")
async def _facts_no_text(room: Room) -> PaperHub:
    return await _unreadable(room, b"\xff\xfe\x00")


@carries_out("facts-unsure-then-ruled")
async def _facts_unsure_then_ruled(room: Room) -> PaperHub:
    hub = await _with_damaged_facts(room, _HALF_FACTS)
    [child] = [row.key.decode() for row in hub.log[SUBJECTS]]
    await room.say(hub, room.control("instruct_not_to", subject=STRANGER))
    await room.say(hub, room.control("shield", MASH, subject=the_child() | STRANGER))
    [review] = [decode(row.value).body for row in hub.log[REVIEWS]]
    await room.say(hub, _ruling(room, review, resolve_to=child))
    return await room.say(hub, room.referral())


@carries_out("identity-conflict")
async def _identity_conflict(room: Room) -> PaperHub:
    [child] = sound()["persons"]
    both = {**child, "identifiers": {**child["identifiers"], **STRANGER}}
    known = (room.control("instruct_not_to"), room.control("instruct_not_to", subject=STRANGER))
    return await room.handled(*known, room.referral(persons=[both]))


@carries_out("identity-none")
async def _identity_none(room: Room) -> PaperHub:
    [child] = sound()["persons"]
    return await room.handled(room.referral(persons=[{**child, "identifiers": None, "address": None}]))


@carries_out("schema-unknown")
async def _schema_unknown(room: Room) -> PaperHub:
    one = room.referral()
    return await room.handled(replace(one, value=b"\x00\x00\x00\xff\xff" + one.value[5:]))


@carries_out("schema-not-a-partners")
async def _not_a_partners(room: Room) -> PaperHub:
    emit = await room.subject_message()
    return await room.handled(replace(room.referral(), value=emit.value))


@carries_out("schema-of-another-kind")
async def _another_kind(room: Room) -> PaperHub:
    return await _subject_message(room, kind="share_request")


@carries_out("schema-not-a-subject-message")
async def _not_a_subject_message(room: Room) -> PaperHub:
    hub = PaperHub(room.stores)
    hub.append(Emit(SUBJECTS, b"key", room.referral().value))
    return await room.run(hub)


@carries_out("schema-not-a-record")
async def _not_a_record(room: Room) -> PaperHub:
    hub = PaperHub(room.stores)
    hub.append(Emit(DISCLOSURES, b"key", room.referral().value))
    return await room.run(hub)


@carries_out("bytes-unframed")
async def _unframed(room: Room) -> PaperHub:
    return await room.handled(replace(room.referral(), value=b'{"form": "safeguarding_referral"}'))


@carries_out("bytes-cut-short")
async def _cut_short(room: Room) -> PaperHub:
    one = room.referral()
    return await room.handled(replace(one, value=one.value[: len(one.value) // 2]))


@carries_out("bytes-follow")
async def _bytes_follow(room: Room) -> PaperHub:
    one = room.referral()
    return await room.handled(replace(one, value=one.value + b"\x00"))


@carries_out("ruling-other-seal")
async def _other_seal(room: Room) -> PaperHub:
    theirs = await room.handled(room.referral(), council=stale(), keyring=OTHER_KEYRING)
    [review] = [decode(row.value).body for row in theirs.log[REVIEWS]]
    return await room.handled(_ruling(room, review))


@carries_out("ruling-past-the-door")
async def _past_the_door(room: Room) -> PaperHub:
    theirs = await room.handled(room.referral(), council=stale(), keyring=OTHER_KEYRING)
    [review] = [decode(row.value).body for row in theirs.log[REVIEWS]]
    return await _subject_message(room, kind="control", payload=_ruling(room, review).value)


@carries_out("store-closed")
async def _store_closed(room: Room) -> PaperHub:
    hub = PaperHub(room.stores)
    hub.publish(room.referral())
    await room.stores.close()
    return await room.run(hub)


# Private functions
# -----------------


async def _drifted(room: Room, drift: Callable[[Json], None], name: str) -> PaperHub:
    """Publish the sound referral in a schema whose Identity the sender changed, with a canary in the field."""
    raw = copy.deepcopy(packaged().by_name("Referral").raw)
    drift(named_types(raw)["Identity"])
    registry = packaged().plus(_DRIFTED, raw)
    body = decode(room.referral().value).body
    body["persons"][0]["identity"][name] = SECRET
    one = Sent(SCHOOL, body["message_id"], encode_with(_DRIFTED, body, registry), "accepted", 1)
    return await room.handled(one, registry=registry)


def _field(record: Json, name: str) -> Json:
    return next(cast("Json", field) for field in record["fields"] if field["name"] == name)


def _changed(one: Sent, **fields: Any) -> Sent:
    """Return a message with other values in its body, as it stands."""
    found = decode(one.value)
    return replace(one, value=encode(found.name, found.body | fields))


async def _unreadable(room: Room, facts: bytes) -> PaperHub:
    """Damage what is known of the child, and publish the referral."""
    return await room.say(await _with_damaged_facts(room, facts), room.referral())


async def _with_damaged_facts(room: Room, facts: bytes) -> PaperHub:
    """Return a hub that has taken note of the child's instruction, whose store was damaged, and whose worker is new."""
    hub = await room.handled(room.control("instruct_not_to"))
    room.overwrite_facts(facts)
    hub.decide.forget()
    return hub


def _ruling(room: Room, review: Body, resolve_to: str | None = None) -> Sent:
    ruling = {
        "review_id": review["review_id"],
        "decision": "permit",
        "reason": "seen",
        "by": "officer-1",
        "recipients": review["recipients"],
        "resolve_to": resolve_to,
        "held": review["held"],
    }
    body = {"council": "lancashire", "kind": "ruling", "ruling": ruling}
    return room.load.plain("Control", body, GOVERNANCE)


async def _subject_message(room: Room, **fields: Any) -> PaperHub:
    """Put the sound referral's subject message into the log with other fields."""
    emit = await room.subject_message()
    hub = PaperHub(room.stores)
    body = decode(emit.value).body
    unique = {"subject_message_id": ids.subject_message_id(SCHOOL, body["message_id"], 7)}
    hub.append(replace(emit, value=encode("SubjectMessage", {**body, **unique, **fields})))
    return await room.run(hub)
