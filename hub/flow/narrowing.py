"""Which control messages narrow what may be shared: they are measured, and where the person is in doubt they reach everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_ENDINGS: Final[Mapping[str, frozenset[str]]] = {
    "consent": frozenset({"refused", "withdrawn", "expired"}),
    "service_agreement": frozenset({"declined", "withdrawn"}),
    "contact_permission": frozenset({"withdrawn"}),
    "instruct_not_to": frozenset({"set"}),
    "objection": frozenset({"set"}),
    "restriction": frozenset({"set"}),
    "shield": frozenset({"set"}),
    "informed": frozenset({"retracted"}),
    "care_status": frozenset({"ended"}),
    "access_grant": frozenset({"ended"}),
}
"""Kind to the statuses after which less may go: a permission ended, a bar set, what a road depends on taken away."""


def narrows(body: Mapping[str, Any]) -> bool:
    """Whether a Control body narrows what may be shared."""
    kind = str(body["kind"])
    return (body.get(kind) or {}).get("status") in _ENDINGS.get(kind, ())
