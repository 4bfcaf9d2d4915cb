"""All roads of a policy: every route on every stretch of days, those that the engine treats alike taken together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from hub.councils import dates
from hub.policy import law
from hub.policy.model import AgencyRow, Form, Policy, Purpose, RecipientClass
from hub.policy.route import Route
from hub.policy.snapshot import Snapshot
from hub.policy.walk import shape

_TWO: Final = 2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which nothing in a policy changes: the first and the last, "" for no end."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Road:
    """Routes that are alike in all but names. day, sender, recipient: an example. bound: the duty binds the recipient.

    shape: the route without what names it. routes: how many of these roads there are, over all days and pairs of agencies.
    """

    day: str
    form: Form
    purpose: Purpose
    sender: str
    recipient: str
    row: RecipientClass
    bound: bool
    shape: Route
    routes: int


def stretches(policy: Policy) -> tuple[Stretch, ...]:
    """Return the stretches of days of a policy, in order, from its first day to its last."""
    found = dates.stretches((policy,), policy.valid_from, policy.valid_to or dates.OPEN)
    return tuple(Stretch(first, "" if last == dates.OPEN else last) for first, last in found)


def roads(policy: Policy, days: tuple[Stretch, ...]) -> tuple[Road, ...]:
    """Return the roads of a policy on some stretches of days, those included that the register or the policy closes for good."""
    found: dict[tuple[object, ...], Road] = {}
    for stretch in days:
        for road in _on(policy, stretch.first):
            key = (road.form.id, road.purpose.id, road.row.id, road.bound, road.shape)
            known = found.get(key)
            found[key] = replace(known, routes=known.routes + road.routes) if known else road
    return tuple(found.values())


# Private functions
# -----------------


def _on(policy: Policy, day: str) -> Iterator[Road]:
    snapshot = Snapshot(policy, day)
    recipients = _alike(snapshot)
    for form in policy.forms:
        able = _able(snapshot, form)
        for name in form.purposes:
            purpose = snapshot.purpose(name)
            for group in recipients:
                if purpose is not None:
                    yield from _between(snapshot, day, purpose, able, group)


def _between(
    snapshot: Snapshot, day: str, purpose: Purpose, able: tuple[Form, list[list[str]]], recipients: list[str]
) -> Iterator[Road]:
    form, senders = able
    agency = snapshot.agencies[recipients[0]]
    row = snapshot.classes[agency.recipient_class]
    for group in senders:
        pair = next(((a, b) for a in group[:_TWO] for b in recipients[:_TWO] if a != b), None)
        if pair is not None:
            route = snapshot.route(form.id, purpose.id, *pair)
            count = len(group) * len(recipients) - len(set(group) & set(recipients))
            yield Road(day, form, purpose, *pair, row, law.bound(agency, row), shape(route), count)


def _able(snapshot: Snapshot, form: Form) -> tuple[Form, list[list[str]]]:
    """Return a form as the snapshot has it, and who may send it: those within the duty, and those outside it."""
    found: dict[bool, list[str]] = {}
    for row in snapshot.agencies.values():
        if set(row.roles) & set(form.sources):
            found.setdefault(law.bound(row, snapshot.classes.get(row.recipient_class)), []).append(row.id)
    return snapshot.form(form.id) or form, list(found.values())


def _alike(snapshot: Snapshot) -> list[list[str]]:
    """Return the agencies that receive, in groups that differ in nothing but names and what a route does not look at."""
    found: dict[AgencyRow, list[str]] = {}
    for row in snapshot.agencies.values():
        if row.recipient_class:
            blank = {name: type(getattr(row, name))() for name in _NAMING}
            signed = "signed" if row.agreement_id else ""
            found.setdefault(replace(row, **blank, agreement_id=signed), []).append(row.id)
    return list(found.values())


_NAMING: Final = ("id", "name", "facts", "roles", "valid_from", "valid_to", "districts", "successor", "codes")
