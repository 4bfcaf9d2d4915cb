"""What an agency writes: a referral, a question, an answer."""

from __future__ import annotations

from typing import Literal

from hub.connectors.messages.base import Edge, Moment
from hub.connectors.messages.parts import Awareness, Details, OverrideClaim, PersonQuery
from hub.connectors.messages.person import Person


class Referral(Edge):
    """A partner tells the council about a family: one of the forms that the notice names."""

    message_id: str
    council: str
    form: str
    purpose: str
    sent_at: Moment
    case_ref: str | None = None
    phone_first_at: Moment | None = None
    recipients: tuple[str, ...] = ()
    awareness: Awareness | None = None
    override: OverrideClaim | None = None
    details: Details | None = None
    persons: tuple[Person, ...] = ()


class Requester(Edge):
    """The professional who asks."""

    name: str | None = None
    role: str | None = None


class ShareRequest(Edge):
    """A partner asks another for what it holds about a person (MAIS Request)."""

    message_id: str
    council: str
    purpose: str
    policy: str
    public_task_statement: str
    why_needed: str | None = None
    sent_at: Moment
    ask: str
    query: PersonQuery | None = None
    awareness: Awareness | None = None
    override: OverrideClaim | None = None
    requester: Requester | None = None


class ShareResponse(Edge):
    """The answer to a share request."""

    message_id: str
    council: str
    request_id: str
    sent_at: Moment
    outcome: Literal["found", "not_known", "declined"]
    period_of_involvement: str | None = None
    how_known: str | None = None
    awareness: Awareness | None = None
    persons: tuple[Person, ...] = ()
