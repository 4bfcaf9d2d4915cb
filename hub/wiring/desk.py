"""The information-governance desk: a ruling on a review, sent in by the front door, and what came of it.

The held message lies in `reviews.v1` alone; the ruling carries it back in as it lies there, sealed, and the hub decides it
again by today's rules. Nothing here can release anything.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from hub.connectors.kafka_log import read_at
from hub.connectors.messages import Control
from hub.connectors.messages.control import Ruling
from hub.connectors.partner import NotAcknowledged, PartnerClient, new_id, now
from hub.errors import Fault, InputFault, UnreadableMessage
from hub.flow.policies import Policies
from hub.ledger.ports import RegisterQuery, RegisterRow, ReviewRow, Stores
from hub.policy.route import NOBODY
from hub.schemas.codec import decode
from hub.schemas.topics import REVIEWS
from hub.wiring.senders import desks

NEW: Final = "new"
OPEN: Final = "open"
_PERMIT: Final = "permit"
_MOST_ROWS: Final = 1_000
_LOOK_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person rules. recipients: () is all that the review waits for. second: the second person of an override."""

    decision: str
    reason: str
    by: str
    second: str = ""
    limb: str = ""
    recipients: tuple[str, ...] = ()
    resolve_to: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a ruling: its message id, the review's status after it, and the records that it made."""

    message_id: str
    status: str
    rows: tuple[RegisterRow, ...]


def check(review: ReviewRow, answer: Answer) -> None:
    """Raise InputFault with everything for which the ruling could not stand: closed, one person, nobody chosen, a stranger."""
    body: dict[str, Any] = json.loads(review.body)
    faults = [*_status_faults(review), *_people_faults(review, answer), *_identity_faults(review, body, answer)]
    faults += _recipient_faults(body, answer)
    if faults:
        raise InputFault(*faults)


def desk_of(policies: Policies, council: str, named: str = "") -> str:
    """Return the agency that rulings on a council's reviews come from today; named: the one that was asked for.

    Raises InputFault when there is none, or several and none was named.
    """
    able = desks(policies, council, datetime.now(UTC).date().isoformat())
    if named in able or (not named and len(able) == 1):
        return named or able[0]
    listed = ", ".join(able)
    text = f"`{named}` may not rule" if named else "no single agency may rule"
    remedy = f"use one of {listed}" if able else f"give an agency of `{council}` the role information_governance"
    raise InputFault.of("NO_DESK", text, "--agency", remedy)


async def rule(
    stores: Stores, bootstrap: str, desk: str, review: ReviewRow, answer: Answer, patience: float
) -> Outcome:
    """Send a ruling in by the desk's own topic, wait until it has been decided and recorded, and return what came of it.

    patience: seconds to wait. Raises InputFault when the held message is no longer kept, RefusedMessage with every fault when
    the hub refuses the ruling, NotAcknowledged when it has not said its word in time, BrokerUnavailable, StoreUnavailable.
    """
    body: dict[str, Any] = json.loads(review.body)
    before = {row.disclosure_id for row in await _records(stores, review)}
    message = _ruling(review, body, answer, await _held(bootstrap, review))
    async with PartnerClient(desk, bootstrap) as client:
        await client.publish(message)
        await client.wait_for(message.message_id, status="accepted", timeout=patience)
    try:
        async with asyncio.timeout(patience):
            return await _decided(stores, review, message.message_id, before)
    except TimeoutError:
        text = f"the ruling was accepted, and has not been recorded within {patience:g} s"
        remedy = f"look again with `hub reviews show {review.review_id}`"
        raise NotAcknowledged.of("NOT_RECORDED", text, "", remedy) from None


# Private functions
# -----------------


def _status_faults(review: ReviewRow) -> list[Fault]:
    if review.status == OPEN:
        return []
    return [Fault("ALREADY_RULED", "REVIEW-ID", f"this review is closed: `{review.status}`", "see `hub reviews list`")]


def _people_faults(review: ReviewRow, answer: Answer) -> list[Fault]:
    same = answer.second.strip().casefold() == answer.by.strip().casefold()
    if answer.second and same:
        return [Fault("TWO_NEEDED", "--second", "the second person is the first", "name somebody else")]
    override = answer.decision == _PERMIT and (answer.limb or review.needs_two)
    if override and not answer.second:
        return [Fault("TWO_NEEDED", "--second", "this takes two people", "name the second one who decided")]
    return []


def _identity_faults(review: ReviewRow, body: Mapping[str, Any], answer: Answer) -> list[Fault]:
    place, candidates = "--resolve-to", tuple(body["candidates"])
    if not review.identity:
        text = "the review does not ask who the person is"
        return [Fault("RESOLVE_UNEXPECTED", place, text, "leave it out")] if answer.resolve_to else []
    choice = ", ".join((*candidates, NEW))
    if not answer.resolve_to:
        text = "the review asks who the person is"
        needed = answer.decision == _PERMIT
        return [Fault("RESOLVE_MISSING", place, text, f"give one of {choice}")] if needed else []
    if candidates and answer.resolve_to not in (*candidates, NEW):
        return [Fault("RESOLVE_UNKNOWN", place, "not one of the review's candidates", f"give one of {choice}")]
    return []


def _recipient_faults(body: Mapping[str, Any], answer: Answer) -> list[Fault]:
    waiting = tuple(body["recipients"])
    if NOBODY in waiting:
        return []
    strange = [agency for agency in answer.recipients if agency not in waiting]
    remedy = f"use one of {', '.join(waiting)}" if waiting else "leave it out"
    return [Fault("NOT_WAITING", "--to", f"nothing waits for `{agency}` here", remedy) for agency in strange]


async def _held(bootstrap: str, review: ReviewRow) -> bytes:
    """Return the sealed message from its place in `reviews.v1`."""
    partition, offset = review.held_at
    found = decode((await read_at(bootstrap, REVIEWS, partition, offset)).value)
    if found.name != "Review" or found.body["review_id"] != review.review_id:
        place = f"{REVIEWS}/{partition}/{offset}"
        text = "another message stands where the review should"
        raise UnreadableMessage.of("WRONG_REVIEW", text, place, "the log is not the one that the store was filled from")
    return bytes(found.body["held"])


def _ruling(review: ReviewRow, body: Mapping[str, Any], answer: Answer, held: bytes) -> Control:
    ruling = Ruling.model_validate(
        {
            "review_id": review.review_id,
            "decision": answer.decision,
            "limb": answer.limb or None,
            "reason": answer.reason,
            "by": answer.by,
            "second_by": answer.second or None,
            "resolve_to": answer.resolve_to or None,
            "recipients": answer.recipients or tuple(body["recipients"]),
            "held": held,
        }
    )
    return Control(message_id=new_id(), council=body["council"], kind="ruling", sent_at=now(), ruling=ruling)


async def _decided(stores: Stores, review: ReviewRow, message_id: str, before: set[str]) -> Outcome:
    while True:
        rows = tuple(row for row in await _records(stores, review) if row.disclosure_id not in before)
        current = await stores.reviews.get(review.review_id)
        status = current.status if current else OPEN
        if rows or status != OPEN:
            return Outcome(message_id, status, rows)
        await asyncio.sleep(_LOOK_SECONDS)


async def _records(stores: Stores, review: ReviewRow) -> list[RegisterRow]:
    """Return the records that rulings on this review have made so far."""
    found = await stores.register.query(RegisterQuery(message_id=review.message_id, limit=_MOST_ROWS))
    return [row for row in found if json.loads(row.body).get("ruled_review_id") == review.review_id]
