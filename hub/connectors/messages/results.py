"""What an agency reads: filtered records, and the hub's word on what it sent."""

from __future__ import annotations

from typing import Literal

from hub.connectors.messages.base import Edge, Moment
from hub.connectors.messages.parts import Details
from hub.connectors.messages.person import Person


class FilteredRecord(Edge):
    """The minimised copy for one recipient. Never says what was withheld."""

    record_id: str
    disclosure_id: str
    kind: Literal["referral", "share_request", "share_response"]
    council: str
    sender: str
    recipient: str
    subject_key: str
    case_id: str
    part: int
    parts: int
    form: str | None = None
    purpose: str | None = None
    basis: str | None = None
    issued_at: Moment
    obligations: tuple[str, ...] = ()
    request_id: str | None = None
    public_task_statement: str | None = None
    outcome: Literal["found", "not_known", "declined"] | None = None
    period_of_involvement: str | None = None
    how_known: str | None = None
    person: Person | None = None
    details: Details | None = None


class FaultEntry(Edge):
    """One thing that is wrong; holds no value from the message."""

    code: str
    place: str
    text: str
    remedy: str


class Acknowledgement(Edge):
    """The hub's word to the sender of a message."""

    ack_id: str
    message_id: str
    agency: str
    status: Literal["accepted", "refused", "held", "delivered"]
    faults: tuple[FaultEntry, ...] = ()
    delivered: int = 0
    withheld: int = 0
    held: int = 0
    note: Literal["duplicate"] | None = None
    at: Moment
