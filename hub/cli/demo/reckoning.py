"""The reckoning at the end: everything that came in has its word, and everything that went out has its record, or not.

Read from the topics and the store themselves, with the hub's keys, never from what the demo remembers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from hub.cli.demo.eyes import Seen
from hub.flow.ids import commitment
from hub.ledger.keys import Keyring
from hub.ledger.ports import RegisterRow


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Counts that must agree, and the ids of what does not.

    came: messages on the agencies' topics; accepted (of which duplicates), refused and buried: the front door's word on each.
    permitted: PERMIT records in the register; released: filtered records on the topics. unrecorded: releases without a PERMIT
    record; unreleased: PERMIT records without a release; altered: releases whose content is not the one committed to.
    """

    came: int
    accepted: int
    duplicates: int
    refused: int
    buried: int
    permitted: int
    released: int
    unrecorded: tuple[str, ...]
    unreleased: tuple[str, ...]
    altered: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every message has exactly one word, and releases and records are the same, one for one."""
        return self.difference_in == 0 and self.difference_out == 0 and not self.altered

    @property
    def difference_in(self) -> int:
        """Messages that came, less those that got the front door's word."""
        return self.came - self.accepted - self.refused - self.buried

    @property
    def difference_out(self) -> int:
        """Releases and PERMIT records that have no partner."""
        return len(self.unrecorded) + len(self.unreleased) + abs(self.released - self.permitted)


def reckon(seen: Seen, register: Iterable[RegisterRow], keyring: Keyring) -> Reckoning:
    """Return the reckoning of what lies on the topics and in the store."""
    permits = {row.record_id: json.loads(row.body) for row in register if row.decision == "PERMIT"}
    released = {str(release.body["record_id"]) for release in seen.releases}
    altered = [
        str(release.body["record_id"])
        for release in seen.releases
        if (permit := permits.get(str(release.body["record_id"])))
        and permit["commitment"] != commitment(keyring, permit["disclosure_id"], release.value)
    ]
    accepted = [ack for ack in seen.acks if ack["status"] == "accepted"]
    return Reckoning(
        came=len(seen.inbox),
        accepted=len(accepted),
        duplicates=sum(ack["note"] == "duplicate" for ack in accepted),
        refused=sum(ack["status"] == "refused" for ack in seen.acks) - _told_of(seen),
        buried=len(seen.letters),
        permitted=len(permits),
        released=len(seen.releases),
        unrecorded=_sorted(released - permits.keys()),
        unreleased=_sorted(permits.keys() - released),
        altered=_sorted(altered),
    )


# Private functions
# -----------------


def _told_of(seen: Seen) -> int:
    """Return how many refusals only tell a sender that its message was buried."""
    places = {f"{letter['topic']}/{letter['partition']}/{letter['offset']}" for letter in seen.letters}
    return sum(ack["status"] == "refused" and ack["message_id"] in places for ack in seen.acks)


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(values))
