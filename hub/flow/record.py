"""The record use case: disclosures into the register, reviews into the list of open cases. It emits nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from hub.errors import MessageFault, UnreadableMessage
from hub.flow.outcome import Incoming, Result
from hub.ledger.ports import RegisterQuery, RegisterRow, RegisterStore, ReviewRow, ReviewStore
from hub.schemas.codec import decode
from hub.schemas.registry import Registry
from hub.schemas.topics import REVIEWS

_MOST_RULED: Final = 10_000
"""Rows of one message that are looked at when a ruling on it is recorded."""


class Record:
    """The handler of `disclosures.v1` and `reviews.v1`. Idempotent: rows are kept by id, the first write wins."""

    def __init__(self, register: RegisterStore, reviews: ReviewStore, registry: Registry) -> None:
        self._register, self._reviews, self._registry = register, reviews, registry

    async def __call__(self, batch: Sequence[Incoming]) -> Result:
        """Write a batch's rows; see `Handler`."""
        rows: list[RegisterRow] = []
        opened: list[ReviewRow] = []
        ruled: list[dict[str, Any]] = []
        buried: list[tuple[Incoming, MessageFault]] = []
        for message in batch:
            try:
                body = self._body(message)
            except MessageFault as fault:
                buried.append((message, fault))
                continue
            if message.topic == REVIEWS:
                opened.append(_review_row(body, (message.partition, message.offset)))
            else:
                rows.extend(register_rows(body))
                ruled.extend([body] if body["ruled_review_id"] else [])
        if rows:
            await self._register.put(rows)
        if opened:
            await self._reviews.open(opened)
        for body in ruled:
            await self._close(body)
        return Result(buried=tuple(buried))

    async def _close(self, body: Mapping[str, Any]) -> None:
        """Close a review once every recipient under it has been ruled on; a ruling on some of them leaves it open."""
        review_id = body["ruled_review_id"]
        decisions = await self._ruled(body, review_id)
        review = await self._reviews.get(review_id)
        asked = set(orjson.loads(review.body)["recipients"]) if review else set(decisions)
        if "REVIEW" in decisions.values() or asked - decisions.keys():
            return
        permitted = "PERMIT" in decisions.values() or (not decisions and body["ruled_decision"] == "permit")
        await self._reviews.close([(review_id, "permitted" if permitted else "refused", body["received_at"])])

    async def _ruled(self, body: Mapping[str, Any], review_id: str) -> dict[str, str]:
        """Return the latest decision of each recipient that rulings on a review were about, from the register."""
        query = RegisterQuery(message_id=body["message_id"], agency=body["agency"], limit=_MOST_RULED)
        rows = await self._register.query(query)
        ruled = [row for row in reversed(rows) if orjson.loads(row.body)["ruled_review_id"] == review_id]
        return {row.recipient: row.decision for row in ruled}

    def _body(self, message: Incoming) -> dict[str, Any]:
        decoded = decode(message.value, self._registry)
        expected = "Review" if message.topic == REVIEWS else "Disclosures"
        if decoded.name != expected:
            raise UnreadableMessage.of("WRONG_SCHEMA", f"not a `{expected}`", message.topic)
        return decoded.body


def register_rows(body: Mapping[str, Any]) -> Iterator[RegisterRow]:
    """Return a row for each disclosure record of a Disclosures body; its JSON carries the message's context as well."""
    context = {name: value for name, value in body.items() if name != "records"}
    for record in body["records"]:
        yield RegisterRow(
            disclosure_id=record["disclosure_id"],
            disclosures_id=body["disclosures_id"],
            subject_ref=body["subject_ref"],
            message_id=body["message_id"],
            council=body["council"],
            agency=body["agency"],
            recipient=record["recipient"],
            decision=record["decision"],
            form=body["form"] or "",
            purpose=body["purpose"] or "",
            received_at=body["received_at"],
            record_id=record["record_id"] or "",
            review_id=record["review_id"] or "",
            body=_canonical({**context, **record}),
        )


# Private functions
# -----------------


def _review_row(body: Mapping[str, Any], held_at: tuple[int, int]) -> ReviewRow:
    return ReviewRow(
        review_id=body["review_id"],
        subject_ref=body["subject_ref"],
        message_id=body["message_id"],
        council=body["council"],
        opened_at=body["opened_at"],
        due_at=body["due_at"],
        needs_two=body["needs_two"],
        identity=body["identity"],
        status="open",
        held_at=held_at,
        body=_canonical({name: value for name, value in body.items() if name != "held"}),
    )


def _canonical(body: Mapping[str, Any]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
