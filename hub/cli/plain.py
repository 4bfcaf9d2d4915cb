"""A decision in plain English, for people: the same words for one that is rehearsed and for one of the register."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hub.cli import show

if TYPE_CHECKING:
    from hub.wiring.explaining import Cited, Explained, Ground, Withheld


def decision(one: Explained) -> None:
    """Write one decision: what, why with the sentences behind it, what goes, what stays, what would change it."""
    show.paragraph(_sentence(one))
    if one.override_limb:
        by = f", decided by {one.override_by}" if one.override_by else ""
        show.paragraph(f"This is an override: {one.override_limb.text}{by}.")
    _grounds("Settled by a person" if one.decision == "PERMIT" else "Why", one.reasons)
    _cited("It rests on", one.facts)
    if one.fields:
        _list(f"What goes ({len(one.fields)} fields)", [", ".join(short(field) for field in one.fields)])
    if one.decision == "PERMIT" and one.withheld:
        _stays(one.withheld)
    _list("With it", [duty.text for duty in one.obligations])
    if one.decision != "PERMIT":
        _list("The smallest change that would permit it", [change.text for change in one.would_permit])
    if not one.known_policy:
        show.paragraph("The policy it was decided under is not loaded: its titles and sentences cannot be shown.")


def short(field: str) -> str:
    """Return a field's path without what all fields of a person share."""
    return field.removeprefix("persons[].")


# Private functions
# -----------------


def _sentence(one: Explained) -> str:
    to = one.recipient.text
    if one.decision == "PERMIT":
        basis = f" on the basis of {one.basis.text}" if one.basis else ""
        gateway = f" ({one.gateway})" if one.gateway else ""
        conditions = "; ".join(condition.text for condition in one.conditions)
        special = f" Special category data goes on the condition of {conditions}." if conditions else ""
        return f"It may go to {to}{basis}{gateway}.{special}"
    return f"It may not go to {to}." if one.decision == "DENY" else f"A person must decide whether it goes to {to}."


def _grounds(title: str, grounds: Iterable[Ground]) -> None:
    _list(title, [f"{ground.text} [{ground.id}, rule {ground.rule}]" for ground in grounds])


def _cited(title: str, facts: Iterable[Cited]) -> None:
    _list(title, [f"{fact.id}: {fact.quote}" if fact.quote else fact.id for fact in facts])


def _stays(withheld: Iterable[Withheld]) -> None:
    """Fields with the same reason and the same sentences behind it stand together."""
    alike: dict[Ground, list[str]] = {}
    for entry in withheld:
        alike.setdefault(entry.reason, []).append(short(entry.field))
    show.out(f"What stays ({sum(len(fields) for fields in alike.values())} fields)")
    for ground, fields in alike.items():
        show.item(f"{', '.join(fields)}: {ground.text} [{ground.id}, rule {ground.rule}]")
        for fact in ground.facts:
            show.item(f"{fact.id}: {fact.quote}" if fact.quote else fact.id, depth=2)


def _list(title: str, items: Iterable[str]) -> None:
    filled = list(items)
    if filled:
        show.out(title)
        for text in filled:
            show.item(text)
