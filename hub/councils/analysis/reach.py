"""Whom a policy can reach on a day: every form, purpose and recipient, with the routes between them as the engine makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.councils.analysis.bits import ALWAYS, PLACE
from hub.councils.analysis.ways import Way, ways
from hub.policy import law
from hub.policy import state as s
from hub.policy.model import AgencyRow, Form, Policy
from hub.policy.route import NOBODY, Route
from hub.policy.snapshot import Snapshot
from hub.policy.state import Situation

_NOWHERE = "-"
"""A district and a school that no register holds."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One form and purpose to one agency, from senders that the engine treats alike.

    duty: the senders and the recipient are both within the duty of Children Act 2004 s.16LA, for this purpose and day. senders:
    agencies that may send the form, the recipient itself left out. meets: closing bits that can be held against this recipient.
    """

    form: str
    purpose: str
    klass: str
    agency: str
    duty: bool
    senders: tuple[str, ...]
    route: Route
    meets: int


class Reach:
    """One policy's lanes and their ways, by day."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def snapshot(self, day: str) -> Snapshot:
        """Return the policy on an ISO day, as if it were in force then."""
        return Snapshot(self.policy, day)

    def lanes(self, snapshot: Snapshot) -> Iterator[Lane]:
        """Yield every lane of a snapshot that a sender can use, blocked ones too, in the order of forms, purposes and agencies."""
        senders = _alike(snapshot)
        meets = {agency: _meets(snapshot, agency) for agency in snapshot.agencies}
        for form in self.policy.forms:
            able = _able(snapshot, form, senders)
            for purpose in form.purposes:
                for agency, row in snapshot.agencies.items():
                    for bound, names in able:
                        others = tuple(name for name in names if name != agency)
                        if others and row.recipient_class:
                            route = snapshot.route(form.id, purpose, others[0], agency)
                            yield Lane(
                                form.id, purpose, row.recipient_class, agency, bound and route.duty, others, route,
                                meets[agency],
                            )  # fmt: skip

    def ways(self, lane: Lane, *, stale: bool = False) -> tuple[Way, ...]:
        """Return the ways of a lane. stale: as they are once the policy is past its review day (`Snapshot.stale`)."""
        return ways(lane.route, s.STALE_POLICY if stale else 0)


# Private functions
# -----------------


def _alike(snapshot: Snapshot) -> dict[tuple[tuple[str, ...], bool], list[str]]:
    """Return the agencies by what the engine looks at in a sender: its roles, and whether the duty binds it."""
    found: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for row in snapshot.agencies.values():
        if row.roles:
            found.setdefault((row.roles, _bound(snapshot, row)), []).append(row.id)
    return found


def _bound(snapshot: Snapshot, row: AgencyRow) -> bool:
    return law.bound(row, snapshot.classes.get(row.recipient_class))


def _able(
    snapshot: Snapshot, form: Form, senders: dict[tuple[tuple[str, ...], bool], list[str]]
) -> list[tuple[bool, tuple[str, ...]]]:
    """Return (within the duty, agencies) for those that may send a form."""
    found: dict[bool, list[str]] = {}
    for (_, bound), names in senders.items():
        blocked = {reason for reason, _ in snapshot.route(form.id, "", names[0], NOBODY).blocked}
        if not blocked & {"SENDER_NOT_SOURCE", "SENDER_UNKNOWN"}:
            found.setdefault(bound, []).extend(names)
    return [(bound, tuple(sorted(names))) for bound, names in sorted(found.items(), reverse=True)]


def _meets(snapshot: Snapshot, agency: str) -> int:
    """Return the closing bits that a message may meet at this recipient: the engine is asked with and without place and school."""
    bits = 0
    for place in ("", _NOWHERE):
        schools = (place,) if place else ()
        asked = Situation("", "", "", "", district=place, schools=schools, requested=(agency,), ask_only=True)
        for _, found in snapshot.candidates(asked):
            bits |= found
    return (bits & PLACE) | ~(PLACE | ALWAYS)
