"""The record use case: disclosures into the register, reviews into the list of open cases. It emits nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from hub.errors import MessageFault, UnreadableMessage
from hub.flow.outcome import Incoming, Result
from hub.ledger.ports import RegisterRow, RegisterStore, ReviewRow, ReviewStore
from hub.schemas.codec import decode
from hub.schemas.registry import Registry
from hub.schemas.topics import REVIEWS


class Record:
    """The handler of `disclosures.v1` and `reviews.v1`. Idempotent: rows are kept by id, the first write wins."""

    def __init__(self, register: RegisterStore, reviews: ReviewStore, registry: Registry) -> None:
        self._register, self._reviews, self._registry = register, reviews, registry

    async def __call__(self, batch: Sequence[Incoming]) -> Result:
        """Write a batch's rows; see `Handler`."""
        rows: list[RegisterRow] = []
        opened: list[ReviewRow] = []
        closed: list[tuple[str, str, str]] = []
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
                closed.extend(_closing(body))
        if rows:
            await self._register.put(rows)
        if opened:
            await self._reviews.open(opened)
        if closed:
            await self._reviews.close(closed)
        return Result(buried=tuple(buried))

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


def _closing(body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """A ruling closes its review, unless something of it still waits for a person."""
    if not body["ruled_review_id"] or any(record["decision"] == "REVIEW" for record in body["records"]):
        return []
    status = "permitted" if body["ruled_decision"] == "permit" else "refused"
    return [(body["ruled_review_id"], status, body["received_at"])]


def _review_row(body: Mapping[str, Any], held_at: tuple[int, int]) -> ReviewRow:
    return ReviewRow(
        review_id=body["review_id"],
        subject_ref=body["subject_ref"],
        message_id=body["message_id"],
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
