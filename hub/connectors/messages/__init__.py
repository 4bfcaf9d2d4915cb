"""Messages as typed records, for those who write and read them: partners' developers, the command line, examples."""

from __future__ import annotations

from hub.connectors.messages.base import Answer, Day, Edge, Moment
from hub.connectors.messages.control import Control
from hub.connectors.messages.convert import MODELS, WRITTEN, from_body, parse_json, to_body, to_json
from hub.connectors.messages.partner import Referral, ShareRequest, ShareResponse
from hub.connectors.messages.person import Person
from hub.connectors.messages.results import Acknowledgement, FilteredRecord

__all__ = [
    "MODELS",
    "WRITTEN",
    "Acknowledgement",
    "Answer",
    "Control",
    "Day",
    "Edge",
    "FilteredRecord",
    "Moment",
    "Person",
    "Referral",
    "ShareRequest",
    "ShareResponse",
    "from_body",
    "parse_json",
    "to_body",
    "to_json",
]
