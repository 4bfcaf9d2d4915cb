"""Validation at the front door: every fault of a message at once, each with its place and its remedy, none with a value.

What passes is well formed, from an agency that may send it, and complete enough to be decided. Whether anything may go to
anybody is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from hub.errors import Fault
from hub.flow.policies import Policies
from hub.flow.validate_control import control_message_faults
from hub.flow.validate_referral import referral_faults, share_request_faults, share_response_faults
from hub.flow.validate_sender import Sender, register_faults, sender_of
from hub.flow.validate_shape import Clock, shape_faults
from hub.policy.model import Settings
from hub.schemas.codec import Decoded
from hub.schemas.registry import Registry

MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z")
"""What a message id may be: it becomes a topic key, so it must be opaque."""

Check = Callable[[Mapping[str, Any], Sender], list[Fault]]

CHECKS: Final[dict[str, Check]] = {
    "Referral": referral_faults,
    "ShareRequest": share_request_faults,
    "ShareResponse": share_response_faults,
    "Control": control_message_faults,
}
"""What a partner may send, each with its own checks."""

_TEN_DIGITS: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{10}(?![0-9A-Za-z])")
"""Ten digits by themselves, as an NHS number is written; never part of a random hexadecimal id."""


def validate(registry: Registry, policies: Policies, decoded: Decoded, agency: str, received: datetime) -> list[Fault]:
    """Return every fault of a decoded message that an agency published; received: the broker's append time.

    Raises KeyError on a message that is not in `CHECKS`.
    """
    body, check = decoded.body, CHECKS[decoded.name]
    sender = sender_of(policies, body["council"], agency, received.date().isoformat())
    settings = sender.snapshot.policy.settings if sender.snapshot else Settings()
    clock = Clock(received, timedelta(seconds=settings.max_skew_seconds))
    faults = id_faults(body["message_id"]) + register_faults(sender)
    faults += shape_faults(registry, decoded.schema_id, body, clock)
    faults += check(body, sender)
    return list(dict.fromkeys(faults))


def id_faults(message_id: str) -> list[Fault]:
    """Return a fault when a message id cannot be a topic key: not plain, or with ten digits that may be an NHS number."""
    if MESSAGE_ID.match(message_id) and not _TEN_DIGITS.search(message_id):
        return []
    text = "not an opaque id"
    remedy = "use a random id of up to 64 letters, digits, dots and hyphens, with no number of a person in it"
    return [Fault("MESSAGE_ID_MALFORMED", "message_id", text, remedy)]
