"""Which agencies may send a message: for whoever has to name one, and for the desk that rulings come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hub.flow.policies import Policies
from hub.flow.validate_sender import RULING_ROLE, sender_of
from hub.policy.snapshot import Snapshot

_FORMS: Final = {"ShareRequest": "share_request", "ShareResponse": "share_response"}


def senders(policies: Policies, name: str, body: Mapping[str, Any], day: str) -> tuple[str, ...]:
    """Return the agencies of the message's council that may send it on an ISO day, sorted; none without a policy.

    name and body: a message as `hub.connectors.messages.parse_json` gives it.
    """
    snapshot = sender_of(policies, str(body["council"]), "", day).snapshot
    if snapshot is None:
        return ()
    roles = _roles(snapshot, name, body)
    return tuple(sorted(row.id for row in snapshot.agencies.values() if roles & set(row.roles)))


def desks(policies: Policies, council: str, day: str) -> tuple[str, ...]:
    """Return the agencies from which rulings on a council's reviews may come on an ISO day, sorted."""
    return senders(policies, "Control", {"council": council, "kind": "ruling"}, day)


# Private functions
# -----------------


def _roles(snapshot: Snapshot, name: str, body: Mapping[str, Any]) -> set[str]:
    if name == "Control":
        allowed = set(dict(snapshot.policy.controls).get(body["kind"], ()))
        return allowed & {RULING_ROLE} if body["kind"] == "ruling" else allowed
    form = snapshot.form(_FORMS.get(name) or body["form"])
    return set(form.sources) if form else set()
