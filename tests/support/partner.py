"""Short ways to play a partner of the Lancashire hub in tests: filled messages, and the log as the broker gives it."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hub.councils
from hub.connectors.messages.convert import parse_json
from hub.councils.loader import load
from hub.flow.outcome import Emit, Incoming
from hub.flow.policies import Policies
from hub.ledger.keys import Keyring
from hub.policy.model import Policy
from hub.schemas.codec import decode, encode
from hub.schemas.registry import packaged
from hub.schemas.templates import template, template_names
from hub.schemas.topics import inbox

KEYRING = Keyring(*(bytes([n]) * 32 for n in range(1, 5)))
OTHER_KEYRING = Keyring(*(bytes([n]) * 32 for n in range(11, 15)))
REGISTRY = packaged()
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

MIDWIFE, CFW, MASH, GOVERNANCE = (
    "east-lancashire-midwifery",
    "lancashire-cfw",
    "lancashire-mash",
    "lcc-information-governance",
)
POLICE, SCHOOL, REGISTRATION = "lancashire-constabulary", "example-primary-school", "lancashire-cfw-registration"
PARTNER = "barnardos"

Body = dict[str, Any]


@functools.cache
def policies() -> Policies:
    """Return the policies in use: the Lancashire file."""
    file = Path(hub.councils.__file__).parent / "policies" / "lancashire-cfw-001.yaml"
    return Policies([load(file)])


def policy() -> Policy:
    """Return the Lancashire policy."""
    found = policies().at("lancashire", NOW.date().isoformat())
    assert found is not None
    return found


def filled(name: str) -> Body:
    """Return a fresh copy of a template's body."""
    return parse_json(template(name))[1]


def message_name(body: Body) -> str:
    """Return the name of the message that a body is one of."""
    if "kind" in body:
        return "Control"
    if "form" in body:
        return "Referral"
    return "ShareRequest" if "ask" in body else "ShareResponse"


def taken() -> list[str]:
    """Return the names of the templates that somebody may send under the Lancashire policy."""
    return [name for name in template_names() if _roles(filled(name))]


def sender_for(body: Body) -> str:
    """Return an agency that the Lancashire policy lets send this body."""
    able = (row.id for row in policy().agencies if set(row.roles) & set(_roles(body)) and not row.valid_to)
    return next(agency for agency in able if agency != body.get("ask"))


def _roles(body: Body) -> tuple[str, ...]:
    forms = {form.id: form.sources for form in policy().forms}
    form = {"ShareRequest": "share_request", "ShareResponse": "share_response"}.get(message_name(body))
    return dict(policy().controls)[body["kind"]] if "kind" in body else forms.get(form or body["form"], ())


def publish(agency: str, body: Body, offset: int = 0, at: datetime = NOW, **more: Any) -> Incoming:
    """Return a body as the broker gives it to intake; a `value` overrides its bytes."""
    value = more.pop("value", None) or encode(message_name(body), body)
    key = body["message_id"].encode()
    return Incoming(inbox(agency), 0, offset, int(at.timestamp() * 1000), key, value, **more)


def read(emit: Emit) -> Body:
    """Return the body of an emit."""
    return decode(emit.value, REGISTRY).body
