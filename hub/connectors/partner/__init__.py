"""The partner client: what an agency's developer needs to publish to the hub and to take up its records.

The messages themselves are in `hub.connectors.messages`.
"""

from __future__ import annotations

from hub.connectors.partner.board import NotAcknowledged, Status
from hub.connectors.partner.client import PATIENCE, PartnerClient
from hub.connectors.partner.feed import Feed
from hub.connectors.partner.household import Household, Households, households
from hub.connectors.partner.replies import receipt_for, response_to
from hub.connectors.partner.seen import Seen, SeenFile, SeenInMemory
from hub.connectors.partner.sending import Progress, Published
from hub.connectors.partner.writing import Message, new_id, now

__all__ = [
    "PATIENCE",
    "Feed",
    "Household",
    "Households",
    "Message",
    "NotAcknowledged",
    "PartnerClient",
    "Progress",
    "Published",
    "Seen",
    "SeenFile",
    "SeenInMemory",
    "Status",
    "households",
    "new_id",
    "now",
    "receipt_for",
    "response_to",
]
