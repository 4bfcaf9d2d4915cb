"""Tickets: how the answer to a share request finds its way back, without the hub keeping a table of open requests.

The agency asked gets the request under a ticket: the request's derived id, and the subject ref sealed for that agency and council. It
sends the ticket back with its response, found or not; nobody else can use it, and nobody can read it.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from hub.errors import MessageFault, RefusedMessage
from hub.flow import ids
from hub.ledger.keys import Keyring
from hub.ledger.sealing import open_sealed, seal

_SEAL: Final = "request"
_TICKET: Final = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]+)\Z")


@dataclass(frozen=True, slots=True)
class Ticket:
    """An opened ticket: the id under which the request was passed on, and the subject it was about."""

    request_id: str
    subject_ref: str


def issue(keyring: Keyring, council: str, subject_message: str, asked: str, subject_ref: str) -> str:
    """Return the ticket of a share request passed on to the agency asked; the same request gives the same ticket."""
    request_id = ids.request_id(subject_message, asked)
    sealed = seal(keyring, _SEAL, f"{council}/{asked}/{request_id}", subject_ref.encode())
    return f"{request_id}.{base64.urlsafe_b64encode(sealed).decode('ascii').rstrip('=')}"


def redeem(keyring: Keyring, ticket: str, council: str, agency: str) -> Ticket:
    """Return what a ticket says.

    Raises RefusedMessage `REQUEST_UNKNOWN` when it is not one, or was issued to another agency or under another council.
    """
    found = _TICKET.match(ticket)
    if found is None:
        raise _unknown()
    request_id, text = found.groups()
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        subject_ref = open_sealed(keyring, _SEAL, f"{council}/{agency}/{request_id}", sealed).decode()
    except (MessageFault, binascii.Error) as error:
        raise _unknown() from error
    return Ticket(request_id, subject_ref)


# Private functions
# -----------------


def _unknown() -> RefusedMessage:
    text = "no request that was passed on to this agency has this id"
    return RefusedMessage.of("REQUEST_UNKNOWN", text, "request_id", "copy it whole from the request")
