"""Short ways to write identity asks in tests."""

from __future__ import annotations

import hashlib

from hub.ledger.ports import Key, Origin, ResolveAsk


def key(kind: str, name: str) -> Key:
    """Return a key whose digest stands for a made-up name."""
    return Key(kind, hashlib.sha256(f"{kind}/{name}".encode()).hexdigest())


def nhs(name: str) -> Key:
    """Return the key of an NHS number."""
    return key("nhs_number", name)


def upn(name: str) -> Key:
    """Return the key of a unique pupil number."""
    return key("upn", name)


def named(name: str) -> Key:
    """Return the key of a name with date of birth and postcode."""
    return key("name_dob_postcode", name)


def unborn(name: str) -> Key:
    """Return a key of an unborn child."""
    return key("unborn", name)


def ask(
    message_id: str,
    *persons: tuple[Key, ...],
    agency: str = "trust",
    content: str = "as sent",
    offset: int = 0,
    forced: tuple[tuple[int, str], ...] = (),
    council: str = "lancashire",
) -> ResolveAsk:
    """Return the ask for one message of an agency."""
    return ResolveAsk(
        council, agency, message_id, content, Origin(f"partner.{agency}.in.v1", 0, offset), persons, forced
    )
