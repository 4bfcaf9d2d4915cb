"""What narrows: the controls whose effect is measured, and that reach everybody they may be about."""

from __future__ import annotations

import pytest

from hub.flow.narrowing import narrows
from hub.policy.vocabulary import CONTROL_KINDS
from hub.schemas.registry import named_types, packaged

NARROW = {
    *(("consent", status) for status in ("refused", "withdrawn", "expired")),
    *(("service_agreement", status) for status in ("declined", "withdrawn")),
    ("contact_permission", "withdrawn"),
    *((kind, "set") for kind in ("instruct_not_to", "objection", "restriction", "shield")),
    ("informed", "retracted"),
    *((kind, "ended") for kind in ("care_status", "access_grant")),
}
RECORDS = named_types(packaged().by_name("Control").raw)


def statuses(kind: str) -> list[str]:
    """The statuses that a kind of control may have."""
    record = RECORDS["".join(part.capitalize() for part in kind.split("_"))]
    codes = [field["codes"] for field in record["fields"] if field["name"] == "status"]
    return codes[0] if codes else []


@pytest.mark.parametrize("kind", CONTROL_KINDS)
def test_what_takes_away_narrows_and_nothing_else(kind: str) -> None:
    """A permission ended, a bar set, or what a road depends on taken away: each status of each kind is placed."""
    found = {(kind, status) for status in statuses(kind) if narrows({"kind": kind, kind: {"status": status}})}

    assert {pair for pair in NARROW if pair[0] == kind} == found


def test_an_empty_record_narrows_nothing() -> None:
    """A message that was refused for its missing record has nothing to measure."""
    assert not narrows({"kind": "consent", "consent": None})
