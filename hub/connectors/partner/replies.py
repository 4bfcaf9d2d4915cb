"""What a recipient sends back about a record: the answer to a share request, and receipts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from hub.connectors.messages import Control, FilteredRecord, Person, ShareResponse
from hub.connectors.messages.control import Receipt
from hub.connectors.partner.writing import new_id, now
from hub.errors import InputFault

Outcome = Literal["found", "not_known", "declined"]
ReceiptStatus = Literal["arrived", "acted_on", "erased"]


def response_to(
    record: FilteredRecord,
    persons: Iterable[Person] = (),
    *,
    outcome: Outcome = "found",
    period_of_involvement: str | None = None,
    how_known: str | None = None,
) -> ShareResponse:
    """Return the answer to a share request that this record brought, with a new message id.

    persons: who was found, when the outcome is `found`, otherwise nobody. Raises InputFault when the record is no request.
    """
    if record.kind != "share_request" or record.request_id is None:
        raise InputFault.of("NOT_A_REQUEST", "the record is not a share request", "kind", "answer share requests only")
    return ShareResponse(
        message_id=new_id(),
        council=record.council,
        request_id=record.request_id,
        sent_at=now(),
        outcome=outcome,
        period_of_involvement=period_of_involvement,
        how_known=how_known,
        persons=tuple(persons),
    )


def receipt_for(record: FilteredRecord, status: ReceiptStatus) -> Control:
    """Return the recipient's word that the record arrived, was acted on, or was erased now, with a new message id."""
    moment = now()
    receipt = Receipt(record_id=record.record_id, status=status, at=moment)
    return Control(message_id=new_id(), council=record.council, kind="receipt", sent_at=moment, receipt=receipt)
